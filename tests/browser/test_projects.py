"""Projects: what they are for, how their runs went, and making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.asking import ask
from tests.browser.conftest import THEMES
from tests.serving import Serving


@pytest.mark.parametrize("theme", THEMES)
def test_the_projects_in_both_themes(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/projects", theme=theme)
    page.get_by_role("table", name="Projects").get_by_text("sales").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"projects-{theme}")
    check_accessibility(page)


def test_a_project_leads_to_its_flows_and_runs(open_page: Any) -> None:
    page = open_page("/projects?name=sales")
    table = page.get_by_role("table", name="Projects")
    table.get_by_role("link", name="runs of sales in the last day").click()
    page.wait_for_url("**/?project=sales")
    page.go_back()
    table.get_by_role("link", name="sales", exact=True).click()
    page.wait_for_url("**/flows?project=sales")
    page.get_by_role("table").get_by_text("nightly report").wait_for()


def test_a_project_is_made_changed_and_deleted(open_page: Any, site: Serving) -> None:
    page = open_page("/projects?name=harbour")
    page.get_by_text("No project is called so").wait_for()
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("harbour")
    dialog.get_by_label("Description").fill("Ships that come and go")
    dialog.get_by_role("button", name="Make it").click()
    table = page.get_by_role("table", name="Projects")
    table.get_by_text("Ships that come and go").wait_for()
    page.get_by_role("button", name="What can be done to harbour").click()
    page.get_by_role("menuitem", name="Change").click()
    dialog.get_by_label("Name").fill("harbour east")
    dialog.get_by_label("Days that runs are kept").fill("30")
    dialog.get_by_role("button", name="Save").click()
    table.get_by_text("30 days").wait_for()
    asked = '{ project(where: {name: {_like: "harbour%"}}) { name description retention_days } }'
    assert ask(site, asked)["project"] == [
        {"name": "harbour east", "description": "Ships that come and go", "retention_days": 30}
    ]
    page.get_by_role("button", name="What can be done to harbour east").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog.get_by_role("textbox").fill("harbour east")
    dialog.get_by_role("button", name="Delete").click()
    page.get_by_text("No project is called so").wait_for()
    assert ask(site, asked) == {"project": []}


def test_a_name_that_is_taken_is_told(open_page: Any) -> None:
    page = open_page("/projects")
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("sales")
    dialog.get_by_role("button", name="Make it").click()
    dialog.get_by_text("This was not done").wait_for()
