"""The list of flow runs: filters in the address, order, and the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import MARKUP, World


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_in_both_themes(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/flow-runs", theme=theme)
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"flow-runs-{theme}")
    check_accessibility(page)


def test_a_state_filters_and_is_in_the_address(open_page: Any) -> None:
    page = open_page("/flow-runs?project=sales")
    page.get_by_role("button", name="1 Failed").click()
    page.wait_for_url("**/flow-runs?project=sales&state=Failed")
    page.get_by_role("table").get_by_text("steady-heron").wait_for(state="detached")
    assert page.get_by_role("table").get_by_role("row").count() == 2
    page.reload()
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    assert page.get_by_role("button", name="1 Failed").get_attribute("aria-pressed") == "true"


def test_a_name_is_searched_on_the_server(open_page: Any) -> None:
    page = open_page("/flow-runs?name=OTTER")
    page.get_by_role("table").get_by_text("brave-otter").wait_for()
    assert page.get_by_role("table").get_by_role("row").count() == 2
    page.get_by_label("Name contains").first.fill("there is none")
    page.get_by_text("No run is like that").wait_for()


def test_names_with_markup_are_names(open_page: Any) -> None:
    page = open_page("/flow-runs")
    page.get_by_role("link", name=MARKUP).wait_for()
    assert page.locator("img").count() == 0


def test_the_keyboard_opens_a_run(open_page: Any, runs: World) -> None:
    page = open_page("/flow-runs?project=sales&state=Failed")
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/flow-run/{runs.failed}*")


def test_it_is_sorted_by_a_head(open_page: Any) -> None:
    page = open_page("/flow-runs")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/flow-runs?sort=name&direction=desc")
    names = page.get_by_role("table").get_by_role("link")
    names.first.filter(has_text="wide-swan").wait_for()
