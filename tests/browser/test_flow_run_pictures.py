"""The timeline and the schematic of a run: looked at, used by keyboard and pointer, and read as a table."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import World


def said(chart: Any) -> Any:
    """What a picture says to those who do not see it."""
    return chart.get_by_role("status")


def timeline(page: Any) -> Any:
    return page.locator(".timeline")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tab", ["timeline", "schematic"])
def test_each_picture_in_both_themes(
    tab: str,
    theme: str,
    open_page: Any,
    runs: World,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab={tab}", theme=theme)
    page.get_by_role("application").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.keyboard.press("j" if tab == "timeline" else "ArrowRight")
    page.get_by_role("tabpanel").get_by_role("status").filter(has_text=":").wait_for()
    picture(page, f"flow-run-{tab}-{theme}")
    check_accessibility(page)


def test_the_timeline_is_walked_by_keyboard_and_mapped_tasks_open(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("heading", name="fierce-crane").wait_for()
    page.keyboard.press("t")
    page.wait_for_url("**tab=timeline")
    page.get_by_role("application").wait_for()
    told = said(timeline(page))
    for _ in range(6):
        page.keyboard.press("j")
        if "transform, mapped" in told.inner_text():
            break
    assert "11 Success" in told.inner_text()
    assert "1 Failed" in told.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**opened=*")
    for _ in range(8):
        page.keyboard.press("j")
    assert told.inner_text().startswith("transform[7]: Failed, ran from ")
    page.keyboard.press("Enter")
    selected = page.get_by_role("complementary", name="The selected task run")
    selected.get_by_role("heading", name="transform[7]").wait_for()
    picture(page, "flow-run-timeline-opened")
    check_accessibility(page)
    page.keyboard.press("s")
    page.get_by_role("application", name="Schematic").wait_for()
    selected.get_by_role("heading", name="transform[7]").wait_for()
    page.locator(".schematic").get_by_role("status").filter(has_text="transform: Mapped; children:").wait_for()


def test_time_is_zoomed_by_key_wheel_and_brush_and_kept_in_the_address(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.succeeded}?tab=timeline")
    chart = page.get_by_role("application")
    chart.wait_for()
    page.keyboard.press("+")
    page.wait_for_url("**from=*")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    page.wait_for_url(lambda url: "from=" not in url)
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 700, box["y"] + 150)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_url("**from=*")
    page.get_by_role("button", name="Whole run").click()
    page.wait_for_url(lambda url: "from=" not in url)
    over = page.locator(".timeline-overview").bounding_box()
    page.mouse.move(over["x"] + 400, over["y"] + 10)
    page.mouse.down()
    page.mouse.move(over["x"] + 600, over["y"] + 10)
    page.mouse.up()
    page.wait_for_url("**from=*")
    page.reload()
    page.get_by_role("button", name="Whole run").wait_for()


def test_a_click_on_a_line_selects_its_task_run(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.succeeded}?tab=timeline")
    chart = page.get_by_role("application")
    chart.wait_for()
    page.wait_for_function("document.querySelector('.timeline-canvas').width > 0")
    box = chart.bounding_box()
    page.mouse.click(box["x"] + 80, box["y"] + 68 + 11)
    page.wait_for_url("**task_run=*")
    page.get_by_role("complementary", name="The selected task run").get_by_role("heading").wait_for()


def test_attempts_are_told_in_the_table_of_the_timeline(
    open_page: Any, runs: World, check_accessibility: Callable[[Any], None], picture: Callable[..., None]
) -> None:
    page = open_page(f"/flow-run/{runs.succeeded}?tab=timeline")
    page.get_by_role("button", name="As a table").click()
    table = page.get_by_role("table", name="Timeline as a table")
    row = table.get_by_role("row").filter(has_text="unsteady")
    row.wait_for()
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells[0] == "unsteady"
    assert cells[5] == "3"
    assert table.get_by_text("on the path").count() >= 1
    picture(page, "flow-run-timeline-table")
    check_accessibility(page)


def test_counts_filter_the_timeline(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=timeline&view=table")
    table = page.get_by_role("table", name="Timeline as a table")
    table.get_by_text("extract").wait_for()
    page.get_by_role("button", name="1 Failed", exact=True).click()
    table.get_by_text("extract").wait_for(state="detached")
    assert table.get_by_role("row").count() == 2


def test_the_schematic_is_searched_and_narrowed_to_what_is_around(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=schematic")
    page.get_by_role("application", name="Schematic of 5 tasks").wait_for()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.get_by_label("Task name contains").first.fill("repo")
    page.get_by_text("1 found").wait_for()
    page.get_by_role("button", name="Next").click()
    told = page.locator(".schematic").get_by_role("status")
    told.filter(has_text="report: TriggerFailed").wait_for()
    page.locator(".schematic").focus()
    page.keyboard.press("ArrowLeft")
    told.filter(has_text="load: TriggerFailed").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("complementary", name="The selected task run").get_by_role("heading", name="load").wait_for()
    page.keyboard.press("f")
    page.get_by_text("3 of 5 tasks").wait_for()
    picture(page, "flow-run-schematic-near")
    check_accessibility(page)
    page.keyboard.press("f")
    page.get_by_text("5 of 5 tasks").wait_for()


def test_a_run_that_goes_on_is_drawn_as_it_goes(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.running}?tab=timeline&view=table")
    table = page.get_by_role("table", name="Timeline as a table")
    table.get_by_role("row").filter(has_text="wait").get_by_text("Running").wait_for()
    page.keyboard.press("s")
    page.get_by_role("application", name="Schematic").wait_for()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.keyboard.press("ArrowRight")
    page.locator(".schematic").get_by_role("status").filter(has_text=":").wait_for()
