"""The page of a flow run: why it is as it is, what can be done, its task runs, logs, history and details."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import LONG, MARKUP, World
from tests.waiting import wait_until


def rows(page: Any) -> Any:
    return page.get_by_role("table", name="Task runs").get_by_role("row")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tab", ["tasks", "logs", "history", "details"])
def test_each_tab_in_both_themes(
    tab: str,
    theme: str,
    open_page: Any,
    runs: World,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab={tab}", theme=theme)
    page.get_by_role("heading", name="fierce-crane").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    signs = {
        "tasks": "extract",
        "logs": "cannot be divided",
        "history": "Set by",
        "details": "s3://warehouse/orders.csv",
    }
    page.get_by_role("tabpanel").get_by_text(signs[tab]).first.wait_for()
    picture(page, f"flow-run-{tab}-{theme}")
    check_accessibility(page)


def test_the_headline_says_why_in_a_sentence(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    headline = page.locator(".headline")
    headline.get_by_role("button", name="transform[7]").wait_for()
    said = " ".join(headline.inner_text().split())
    assert said == (
        "transform[7] failed: ZeroDivisionError('row 7 of the source has no divisor') 2 task runs were not run for it."
    )


def test_a_count_filters_and_a_task_run_is_selected_for_every_tab(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("button", name="1 Failed", exact=True).click()
    page.wait_for_url("**?state=Failed")
    page.get_by_role("table", name="Task runs").get_by_text("extract").wait_for(state="detached")
    assert rows(page).count() == 2
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    selected = page.get_by_role("complementary", name="The selected task run")
    selected.get_by_role("heading", name="transform[7]").wait_for()
    page.keyboard.press("l")
    page.get_by_role("log").get_by_text("cannot be divided").wait_for()
    assert page.locator(".log-line").count() < 6
    picture(page, "flow-run-selected")
    check_accessibility(page)
    page.keyboard.press("Escape")
    selected.wait_for(state="detached")


def test_task_runs_of_a_wide_map_are_read_as_they_are_looked_at(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.mapped}")
    table = page.get_by_role("table", name="Task runs")
    table.get_by_text("square[0]", exact=True).wait_for()
    assert rows(page).count() < 80
    assert table.get_attribute("aria-rowcount") == "303"
    page.get_by_label("Task name contains").first.fill("square")
    page.wait_for_url("**?task=square")
    page.get_by_role("button", name="Task run", exact=True).click()
    table.get_by_text("square[299]", exact=True).wait_for()
    table.evaluate("table => table.scrollTo(0, table.scrollHeight)")
    table.get_by_text("square[100]", exact=True).wait_for()

    def is_at_the_end() -> bool:
        # The table grows while one scrolls in it.
        table.evaluate("table => table.scrollTo(0, table.scrollHeight)")
        return bool(table.get_by_text("square[0]", exact=True).is_visible())

    wait_until(is_at_the_end)


def test_log_lines_are_searched_by_the_server_and_linked(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=logs")
    log = page.get_by_role("log")
    log.get_by_text("cannot be divided").first.wait_for()
    page.get_by_label("Words in log lines").first.fill('"cannot be divided"')
    page.get_by_text("1 line", exact=True).wait_for()
    log.locator(".log-time").click()
    page.wait_for_url("**line=*")
    linked = log.locator("[data-linked=true]")
    linked.wait_for()
    page.reload()
    linked.wait_for()
    assert "cannot be divided" in linked.inner_text()


def test_levels_are_filtered_from_one_upwards(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=logs&level=ERROR")
    page.get_by_role("log").get_by_text("cannot be divided").first.wait_for()
    levels = page.locator(".log-level").all_inner_texts()
    assert levels
    assert set(levels) == {"ERROR"}


def test_colours_of_terminals_are_shown_and_not_written(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.succeeded}?tab=logs&level=WARNING")
    page.locator(".ansi-2", has_text="12 rows").wait_for()
    assert "\x1b" not in page.get_by_role("log").inner_text()


def test_all_lines_are_downloaded(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.failed}?tab=logs")
    page.get_by_role("log").get_by_text("cannot be divided").first.wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    lines = waiting.value.path().read_text().splitlines()
    assert waiting.value.suggested_filename == "fierce-crane.log"
    assert any("Row 7 cannot be divided" in line for line in lines)


def test_what_cannot_be_done_says_why(
    open_page: Any, runs: World, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.failed}")
    page.get_by_role("heading", name="fierce-crane").wait_for()
    page.keyboard.press(".")
    page.get_by_role("menuitem", name="Cancel").get_by_text("It has ended: Failed.").wait_for()
    picture(page, "flow-run-actions")
    check_accessibility(page)


def test_a_run_is_renamed_labelled_and_cancelled(open_page: Any, runs: World) -> None:
    page = open_page(f"/flow-run/{runs.late}")

    def act(name: str) -> None:
        page.get_by_role("button", name="Actions").click()
        page.get_by_role("menuitem", name=name).first.click()

    act("Rename")
    page.get_by_role("textbox", name="Name", exact=True).fill("swift-hare")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_role("heading", name="swift-hare").wait_for()
    act("Labels")
    page.get_by_role("combobox", name="Labels").fill("gpu")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Labels", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("d")
    page.get_by_role("tabpanel").get_by_text("gpu", exact=True).wait_for()
    act("Cancel")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.locator(".run-state", has_text="Cancelled").wait_for()
    page.keyboard.press("h")
    page.get_by_role("tabpanel").get_by_text("Cancelled", exact=True).wait_for()


def test_names_of_every_kind_are_only_names(open_page: Any, runs: World, picture: Callable[..., None]) -> None:
    page = open_page(f"/flow-run/{runs.odd}")
    page.get_by_role("heading", name=MARKUP).wait_for()
    page.get_by_role("table", name="Task runs").get_by_text(LONG).wait_for()
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "flow-run-odd")


@pytest.mark.parametrize("id", ["0f3d0b9e-6f0a-4a83-9a2e-0a1b2c3d4e5f", "nonsense"])
def test_a_run_that_does_not_exist(id: str, open_page: Any) -> None:
    page = open_page(f"/flow-run/{id}")
    page.get_by_role("heading", name="There is no such run").wait_for()


def test_a_run_that_goes_on_is_followed(open_page: Any, runs: World, site: Any, picture: Callable[..., None]) -> None:
    page = open_page(f"/flow-run/{runs.running}?tab=logs")
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.get_by_role("log").get_by_text("Waiting to be told").wait_for()
    page.get_by_role("button", name="following the end").wait_for()
    picture(page, "flow-run-live")
    written = (
        'mutation($run: UUID!) { write_run_logs(input: {logs: [{flow_run_id: $run, level: "INFO", '
        'name: "prefect.test", message: "a line that comes later"}]}) { success } }'
    )
    site.served.endpoint.reply(written, {"run": runs.running}, None, {})
    page.get_by_role("log").get_by_text("a line that comes later").wait_for()


def test_a_run_is_restarted_from_what_failed_and_what_succeeded_is_not_run_again(
    open_page: Any, runs: World, check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page(f"/flow-run/{runs.bitten}")
    page.get_by_role("button", name="bite", exact=True).wait_for()
    page.get_by_role("button", name="Restart from what failed").click()
    page.get_by_role("dialog").get_by_text("What succeeded is not run again").wait_for()
    check_accessibility(page)
    page.get_by_role("dialog").get_by_role("button", name="Restart from what failed").click()
    page.locator(".run-state", has_text="Scheduled").wait_for()
    page.get_by_role("button", name="2 Pending").wait_for()
    assert runs.execute(runs.bitten) == "Success"
    page.locator(".run-state", has_text="Success").wait_for()
    page.get_by_role("button", name="4 Success").wait_for()
    page.get_by_role("table", name="Task runs").get_by_text("bite", exact=True).click()
    attempts = page.get_by_role("list", name="States it went through").get_by_role("listitem")
    attempts.nth(4).wait_for()
    states = [line.split()[0] for line in attempts.all_inner_texts()]
    assert states == ["Pending", "Running", "Failed", "Pending", "Running", "Success"]
    page.get_by_role("table", name="Task runs").get_by_text("extract", exact=True).click()
    page.get_by_role("complementary").get_by_role("heading", name="extract").wait_for()
    assert [line.split()[0] for line in attempts.all_inner_texts()] == ["Pending", "Running", "Success"]
