"""The list of flow runs: filters in the address, order, and the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.asking import ask, make_run
from tests.browser.conftest import THEMES
from tests.browser.world import MARKUP, World
from tests.serving import Serving

FAR_AWAY = "2999-01-01T00:00:00+00:00"


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


def test_label_and_time_filter_and_are_in_the_address(open_page: Any) -> None:
    page = open_page("/flow-runs?label=nightly")
    page.get_by_role("table").get_by_text("steady-heron").wait_for()
    assert page.get_by_role("table").get_by_role("row").count() == 2
    page.goto("/flow-runs?until=2001-01-01T00:00:00Z")
    page.get_by_text("No run is like that").wait_for()
    page.get_by_role("button", name="Due before Jan 1 2001 01:00:00; press to clear").click()
    page.wait_for_url("**/flow-runs")
    page.get_by_role("table").get_by_text("steady-heron").wait_for()


def test_chosen_runs_are_cancelled_marked_and_deleted(
    open_page: Any, site: Serving, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    for number in range(3):
        make_run(site, "square all numbers", flow_run_name=f"bulk-{number}", scheduled_start_time=FAR_AWAY)
    page = open_page("/flow-runs?name=bulk-")
    table = page.get_by_role("table")
    table.get_by_text("bulk-2").wait_for()
    page.get_by_label("Choose row 1").check()
    page.get_by_label("Choose row 2").click(modifiers=["Shift"])
    group = page.get_by_role("group", name="Chosen runs")
    group.get_by_text("2 chosen").wait_for()
    group.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel 2 runs").click()
    page.get_by_role("button", name="2 Cancelled").wait_for()
    page.get_by_label("Choose every row that has been read").check()
    group.get_by_role("button", name="Mark as").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("2: A run that is Cancelled cannot become Failed.").wait_for()
    picture(page, "bulk")
    check_accessibility(page)
    dialog.get_by_role("button", name="Mark as Failed").click()
    page.get_by_role("button", name="1 Failed").wait_for()
    page.get_by_label("Choose every row that has been read").check()
    group.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete 3 runs").click()
    page.get_by_text("No run is like that").wait_for()
    assert ask(site, '{ flow_run(where: {name: {_like: "bulk-%"}}) { id } }') == {"flow_run": []}


def test_the_keyboard_chooses_and_cancels(open_page: Any, site: Serving) -> None:
    make_run(site, "square all numbers", flow_run_name="keyed-run", scheduled_start_time=FAR_AWAY)
    page = open_page("/flow-runs?name=keyed-run")
    page.get_by_role("table").get_by_text("keyed-run").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_text("1 chosen").wait_for()
    cancel = page.get_by_role("group", name="Chosen runs").get_by_role("button", name="Cancel")
    for _ in range(40):
        if cancel.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    sure = page.get_by_role("dialog").get_by_role("button", name="Cancel 1 run")
    sure.wait_for()
    for _ in range(10):
        if sure.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="1 Cancelled").wait_for()
