"""Flows: the list, and the page of one with its runs, schedule, form, grid, versions and settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prefect import Flow, Parameter, task
from prefect.core.parameter import DateTimeParameter
from prefect.schedules import CronSchedule, IntervalSchedule
from tests.browser.asking import ask
from tests.browser.conftest import THEMES
from tests.browser.world import LONG, MARKUP, World
from tests.serving import Serving


@task
def take(source: str, rows: int, since: Any, options: dict[str, Any], dry: bool) -> None:
    """Takes what it is given."""


def register(site: Serving, flow: Flow, project: str = "planning") -> str:
    """The id of a new version of the flow, in a project that is made where there is none."""
    found = ask(
        site, "query($name: String!) { project(where: {name: {_eq: $name}}) { id } tenant { id } }", name=project
    )
    if not found["project"]:
        given = {"name": project, "tenant_id": found["tenant"][0]["id"]}
        made = ask(site, "mutation($i: create_project_input!) { create_project(input: $i) { id } }", i=given)
        found["project"] = [made["create_project"]]
    given = {"serialized_flow": flow.serialize(), "project_id": found["project"][0]["id"]}
    made = ask(site, "mutation($i: create_flow_input!) { create_flow(input: $i) { id } }", i=given)
    id: str = made["create_flow"]["id"]
    return id


def parametrized(name: str = "take orders", **more: Any) -> Flow:
    with Flow(name, **more) as flow:
        take(
            Parameter("source"),
            Parameter("rows", default=10),
            DateTimeParameter("since", required=False),
            Parameter("options", default={"depth": [1, 2]}),
            Parameter("dry", default=False),
        )
    return flow


@pytest.fixture(scope="module")
def planned(site: Serving) -> str:
    """A flow with a schedule, in its second version."""

    def made(version: int) -> Flow:
        flow = Flow("morning round", schedule=CronSchedule("30 6 * * 1-5"))
        flow.add_task(Parameter("beds", default=12 + version))
        return flow

    register(site, made(1))
    return register(site, made(2))


def flow_id(site: Serving, name: str) -> str:
    found = ask(
        site,
        "query($n: String!) { flow(where: {name: {_eq: $n}, archived: {_eq: false}}) { id } }",
        n=name,
    )
    id: str = found["flow"][0]["id"]
    return id


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_in_both_themes(
    theme: str,
    planned: str,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page("/flows", theme=theme)
    page.get_by_role("table").get_by_text("nightly report").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"flows-{theme}")
    check_accessibility(page)


def test_the_list_is_filtered_and_each_flow_shows_how_it_went(planned: str, open_page: Any) -> None:
    page = open_page("/flows?schedule=active")
    table = page.get_by_role("table")
    table.get_by_text("At 06:30, Monday through Friday (UTC)").wait_for()
    assert table.get_by_role("row").count() == 2
    page.goto("/flows?project=sales&name=nightly")
    table.get_by_text("nightly report").wait_for()
    assert table.get_by_role("link", name="fierce-crane: Failed").count() == 1
    page.get_by_label("Name contains").first.fill("there is none")
    page.get_by_text("No flow is like that").wait_for()


def test_the_keyboard_opens_a_flow(open_page: Any, site: Serving) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.get_by_role("table").get_by_text("nightly report").wait_for()
    page.goto("/flows?name=nightly+report")
    page.get_by_role("table").get_by_text("nightly report").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/flow/{flow_id(site, 'nightly report')}")
    page.get_by_role("heading", name="nightly report").wait_for()
    page.keyboard.press("t")
    page.wait_for_url("**tab=tasks")
    page.keyboard.press("o")
    page.get_by_role("tab", name="Overview", selected=True).wait_for()


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_in_both_themes(
    theme: str,
    site: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow/{flow_id(site, 'count rows')}", theme=theme)
    page.get_by_role("figure", name="How long the newest runs took").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"flow-{theme}")
    check_accessibility(page)


def test_durations_lead_to_runs_by_mouse_and_keyboard(open_page: Any, site: Serving, runs: World) -> None:
    page = open_page(f"/flow/{flow_id(site, 'count rows')}")
    bars = page.get_by_role("figure", name="How long the newest runs took").get_by_role("link")
    bars.last.wait_for()
    assert bars.count() == 3
    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/flow-run/{runs.succeeded}*")


def test_a_flow_is_found_by_the_id_of_its_group_and_by_addresses_of_1x(
    planned: str, open_page: Any, site: Serving
) -> None:
    group = ask(site, "query($id: uuid!) { flow_by_pk(id: $id) { flow_group_id } }", id=planned)
    page = open_page(f"/default/flow/{group['flow_by_pk']['flow_group_id']}")
    page.get_by_role("heading", name="morning round").wait_for()
    page.get_by_text("version 2").wait_for()


@pytest.mark.parametrize("id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_leads_nowhere_says_so(id: str, open_page: Any) -> None:
    open_page(f"/flow/{id}").get_by_role("heading", name="There is no such flow").wait_for()


def test_a_schedule_is_paused_resumed_and_changed(planned: str, open_page: Any, picture: Callable[..., None]) -> None:
    page = open_page(f"/flow/{planned}")
    schedule = page.get_by_role("region", name="Schedule")
    schedule.get_by_text("At 06:30, Monday through Friday (UTC)").wait_for()
    schedule.get_by_role("button", name="Pause").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    schedule.get_by_text("paused").wait_for()
    schedule.get_by_role("button", name="Resume").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    schedule.get_by_text("active", exact=True).wait_for()
    schedule.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cron expression").fill("not a cron")
    dialog.get_by_text("This is no cron expression.").wait_for()
    assert dialog.get_by_role("button", name="Set and start it").is_disabled()
    dialog.get_by_label("Cron expression").fill("15 7 * * *")
    dialog.get_by_text("At 07:15").wait_for()
    picture(page, "schedule")
    dialog.get_by_role("button", name="Set and start it").click()
    schedule.get_by_text("At 07:15 (Europe/Rome)").wait_for()
    schedule.get_by_role("button", name="Use the one of its code").click()
    page.get_by_role("dialog").get_by_role("button", name="Use it").click()
    schedule.get_by_text("At 06:30, Monday through Friday (UTC)").wait_for()


def test_an_interval_without_a_schedule_before(open_page: Any, site: Serving) -> None:
    flow = Flow("tidy up")
    flow.add_task(Parameter("deep", default=True))
    page = open_page(f"/flow/{register(site, flow)}")
    schedule = page.get_by_role("region", name="Schedule")
    schedule.get_by_text("It has no schedule").wait_for()
    schedule.get_by_role("button", name="Give it one").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Every so often").click()
    dialog.get_by_label("Every", exact=True).fill("6")
    dialog.get_by_text("6 h from one to the next").wait_for()
    dialog.get_by_role("button", name="Set and start it").click()
    schedule.get_by_text("Every 6 h").wait_for()
    schedule.get_by_text("active", exact=True).wait_for()


# -- the form ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_the_form_in_both_themes(
    theme: str,
    site: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    id = register(site, parametrized(f"take orders {theme}"))
    page = open_page(f"/flow/{id}?tab=run", theme=theme)
    page.get_by_role("button", name="Run now").click()
    page.get_by_text("This one has to be given.").wait_for()
    assert page.get_by_label("source", exact=True).evaluate("node => node === document.activeElement")
    page.get_by_label("rows", exact=True).fill("many")
    page.get_by_label("options", exact=True).fill("{")
    page.get_by_text("This is no number.").wait_for()
    page.get_by_text("This is no JSON").wait_for()
    page.get_by_text("3 parameters are not as they have to be.").wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    picture(page, f"run-form-{theme}", full_page=True)
    check_accessibility(page)


def test_a_run_is_made_of_what_was_filled_in(open_page: Any, site: Serving) -> None:
    id = register(site, parametrized("fill in"))
    page = open_page(f"/flow/{id}?tab=run")
    page.get_by_label("source", exact=True).fill("12")
    page.get_by_label("options", exact=True).fill('{"depth": []}')
    page.get_by_label("since", exact=True).fill("2026-11-29T12:00:00")
    page.get_by_label("Name", exact=True).fill("filled-in")
    page.get_by_label("Start", exact=True).fill("2998-12-31T13:00:00")
    page.get_by_label("Labels").first.fill("eu")
    page.keyboard.press("Enter")
    page.get_by_label("Context", exact=True).fill('{"who": "me"}')
    page.get_by_role("button", name="Schedule the run").click()
    page.wait_for_url("**/flow-run/*")
    made = ask(
        site,
        '{ flow_run(where: {name: {_eq: "filled-in"}}) { id parameters labels context scheduled_start_time state } }',
    )["flow_run"][0]
    assert page.url.endswith(f"/flow-run/{made['id']}")
    # A default that counts as false is left to the flow.
    assert made["parameters"] == {
        "source": "12",
        "rows": 10,
        "since": "2026-11-29T11:00:00.000Z",
        "options": {"depth": []},
    }
    assert made["labels"] == ["eu"]
    assert made["context"] == {"who": "me"}
    assert made["scheduled_start_time"].startswith("2998-12-31T12:00:00")
    assert made["state"] == "Scheduled"
    # And once more like that one.
    page.goto(f"/flow/{id}?tab=run&like={made['id']}")
    page.get_by_text("As filled-in was given them.").wait_for()
    assert page.get_by_label("source", exact=True).input_value() == "12"
    assert page.get_by_label("Context", exact=True).input_value() == '{\n  "who": "me"\n}'
    page.get_by_role("button", name="Default of options").click()
    assert '"depth": [\n    1,\n    2\n  ]' in page.get_by_label("options", exact=True).input_value()


def test_a_value_may_be_given_as_another_type(open_page: Any, site: Serving) -> None:
    id = register(site, parametrized("of types"))
    page = open_page(f"/flow/{id}?tab=run")
    page.get_by_role("combobox", name="source is").click()
    page.get_by_role("option", name="Number").click()
    page.get_by_label("source", exact=True).fill("12.5")
    page.get_by_label("Name", exact=True).fill("typed-run")
    page.get_by_label("Start", exact=True).fill("2998-12-31T13:00:00")
    page.keyboard.press("Enter")
    page.wait_for_url("**/flow-run/*")
    made = ask(site, '{ flow_run(where: {name: {_eq: "typed-run"}}) { parameters } }')
    assert made["flow_run"][0]["parameters"]["source"] == 12.5


def test_a_run_is_made_by_keyboard_alone(open_page: Any, site: Serving) -> None:
    register(site, parametrized("by keyboard"))
    page = open_page("/flows?name=by+keyboard")
    page.get_by_role("table").get_by_text("by keyboard").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="by keyboard").wait_for()
    page.keyboard.press("r")
    page.get_by_role("form", name="Run by keyboard").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("s3://keys")
    page.keyboard.press("Enter")
    page.wait_for_url("**/flow-run/*")
    made = ask(site, '{ flow_run(where: {flow: {name: {_eq: "by keyboard"}}}) { parameters } }')["flow_run"]
    assert [run["parameters"]["source"] for run in made] == ["s3://keys"]


# -- the grid ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_the_grid_in_both_themes(
    theme: str,
    site: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow/{flow_id(site, 'nightly report')}?tab=tasks", theme=theme)
    page.get_by_role("table", name="Tasks by runs").get_by_role("row", name="transform").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"grid-{theme}")
    check_accessibility(page)


def test_a_cell_of_the_grid_leads_to_its_task_run(open_page: Any, site: Serving, runs: World) -> None:
    page = open_page(f"/flow/{flow_id(site, 'nightly report')}?tab=tasks")
    table = page.get_by_role("table", name="Tasks by runs")
    table.get_by_role("link", name="transform in fierce-crane: mapped, 1 Failed, 11 Success").wait_for()
    table.get_by_role("link", name="load in fierce-crane: TriggerFailed").click()
    page.wait_for_url(f"**/flow-run/{runs.failed}?task_run=*")


def test_the_arrows_go_through_the_grid(open_page: Any, site: Serving, runs: World) -> None:
    page = open_page(f"/flow/{flow_id(site, 'nightly report')}?tab=tasks&task=ex")
    table = page.get_by_role("table", name="Tasks by runs")
    table.get_by_role("row", name="extract").wait_for()
    assert table.get_by_role("row").count() == 2
    table.get_by_role("columnheader").get_by_role("link", name="fierce-crane").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/flow-run/{runs.failed}?task_run=*")


def test_names_with_markup_are_names(open_page: Any, site: Serving) -> None:
    page = open_page(f"/flow/{flow_id(site, MARKUP)}?tab=tasks")
    page.get_by_role("heading", name=MARKUP).wait_for()
    page.get_by_role("row", name=LONG).wait_for()
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# -- versions and settings ---------------------------------------------------------------------------------------------


def test_versions_lead_to_each_other(planned: str, open_page: Any, check_accessibility: Callable[[Any], None]) -> None:
    page = open_page(f"/flow/{planned}?tab=versions")
    page.get_by_role("link", name="version 1").wait_for()
    check_accessibility(page)
    page.get_by_role("link", name="version 1").click()
    page.get_by_text("archived").first.wait_for()
    page.keyboard.press("r")
    page.get_by_text("This version is archived").wait_for()


@pytest.mark.parametrize("theme", THEMES)
def test_the_schematic_in_both_themes(
    theme: str,
    planned: str,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow/{planned}", theme=theme)
    page.get_by_role("tab", name="Overview").wait_for()
    page.keyboard.press("s")
    page.wait_for_url("**tab=schematic*")
    page.get_by_role("application").wait_for()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    picture(page, f"flow-schematic-{theme}")
    check_accessibility(page)


def test_a_task_of_the_schematic_is_shown_run_by_run(planned: str, open_page: Any) -> None:
    page = open_page(f"/flow/{planned}?tab=schematic")
    page.get_by_role("application").focus()
    page.locator("[aria-busy=true]").wait_for(state="detached")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**tab=tasks*task=*")


@pytest.mark.parametrize("theme", THEMES)
def test_settings_in_both_themes(
    theme: str,
    planned: str,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/flow/{planned}?tab=settings", theme=theme)
    page.get_by_role("region", name="The end").wait_for()
    picture(page, f"flow-settings-{theme}")
    check_accessibility(page)


def test_settings_are_saved(open_page: Any, site: Serving) -> None:
    id = register(site, parametrized("to be set"))
    page = open_page(f"/flow/{id}?tab=settings")
    region = page.get_by_role("region", name="Description")
    region.get_by_role("textbox").fill("Takes orders.")
    region.get_by_role("button", name="Save").click()
    region.get_by_text("saved").wait_for()
    region = page.get_by_role("region", name="Labels")
    region.get_by_label("Labels").first.fill("eu")
    page.keyboard.press("Enter")
    region.get_by_role("button", name="Save").click()
    region.get_by_text("saved").wait_for()
    region = page.get_by_role("region", name="Default parameters")
    region.get_by_role("textbox").fill('{"sauce": 1}')
    region.get_by_text('The flow has no parameter "sauce".').wait_for()
    assert region.get_by_role("button", name="Save").is_disabled()
    region.get_by_role("textbox").fill('{"source": "s3://x"}')
    region.get_by_role("button", name="Save").click()
    region.get_by_text("saved").wait_for()
    page.get_by_role("switch", name="Heartbeat").click()
    page.get_by_role("switch", name="Heartbeat", checked=False).wait_for()
    asked = (
        "query($id: uuid!) { flow_by_pk(id: $id) { flow_group { description labels default_parameters settings } } }"
    )
    group = ask(site, asked, id=id)["flow_by_pk"]["flow_group"]
    assert group["description"] == "Takes orders."
    assert group["labels"] == ["eu"]
    assert group["default_parameters"] == {"source": "s3://x"}
    assert group["settings"]["heartbeat_enabled"] is False
    # What has a default now need not be given any more.
    page.goto(f"/flow/{id}?tab=run")
    page.get_by_label("source", exact=True).wait_for()
    assert page.get_by_label("source", exact=True).input_value() == "s3://x"


def test_a_version_is_archived_and_the_flow_deleted(open_page: Any, site: Serving) -> None:
    flow = Flow("short lived", schedule=IntervalSchedule(interval=timedelta(hours=1)))
    flow.add_task(Parameter("x", default=1))
    page = open_page(f"/flow/{register(site, flow)}?tab=settings")
    page.get_by_role("button", name="Archive version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    page.get_by_text("archived", exact=True).wait_for()
    page.get_by_role("button", name="Delete the flow").click()
    dialog = page.get_by_role("dialog")
    sure = dialog.get_by_role("button", name="Delete")
    assert sure.is_disabled()
    dialog.get_by_role("textbox").fill("short lived")
    sure.click()
    page.wait_for_url("**/flows")
    assert ask(site, '{ flow(where: {name: {_eq: "short lived"}}) { id } }') == {"flow": []}
