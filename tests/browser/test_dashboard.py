"""The dashboard: what failed and why, what runs, what is late, what comes next."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from prefect.server.services import turns
from prefect.server.services.service import Work
from tests.browser.asking import ask
from tests.browser.conftest import THEMES
from tests.browser.world import World
from tests.serving import Serving


@pytest.fixture(scope="module", autouse=True)
def healthy(site: Serving) -> None:
    """Agents and services: one of each does well, one does not."""
    endpoint = site.served.endpoint
    register = "mutation($input: register_agent_input!) { register_agent(input: $input) { id } }"
    given = {"type": "LocalAgent", "name": "harvester", "labels": ["eu"]}
    agent = ask(site, register, input=given)["register_agent"]["id"]
    ask(site, register, input={"type": "DockerAgent", "name": "sleeper"})
    tenant = ask(site, "{ tenant { id } }")["tenant"][0]["id"]
    queue = {"tenant_id": tenant, "labels": ["eu"], "before": "2001-01-01T00:00:00+00:00"}
    asked = endpoint.reply(
        "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }",
        {"input": queue},
        None,
        {"X-PREFECT-AGENT-ID": agent},
    )
    assert b"errors" not in asked.body
    now = datetime.now(UTC)
    for name in ("scheduler", "retention"):
        assert turns.take(endpoint.store, name, "here", "this machine", now, now)
    turns.finish(endpoint.store, "scheduler", "here", now, 0.02, Work("planned 10 runs of 1 flow"))
    turns.fail(endpoint.store, "retention", "here", now, RuntimeError("the disk is full"))


@pytest.mark.parametrize("theme", THEMES)
def test_the_dashboard_in_both_themes(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/", theme=theme)
    page.get_by_role("region", name="Failed").get_by_text("fierce-crane").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    page.get_by_role("region", name="Services").get_by_text("scheduler").wait_for()
    picture(page, f"dashboard-{theme}", full_page=True)
    check_accessibility(page)


def test_a_failure_is_told_with_its_first_cause(open_page: Any) -> None:
    page = open_page("/")
    failed = page.get_by_role("region", name="Failed")
    failed.get_by_text("transform[7]").wait_for()
    assert "row 7 of the source has no divisor" in failed.inner_text()


def test_running_late_and_upcoming_runs_are_shown(open_page: Any) -> None:
    page = open_page("/")
    running = page.get_by_role("region", name="Running")
    running.get_by_text("live-one").wait_for()
    assert "1 of 2 task runs have ended" in running.inner_text()
    assert "tardy-snail" in page.get_by_role("region", name="Late").inner_text()
    assert "early-bird" in page.get_by_role("region", name="Upcoming").inner_text()


def test_a_run_that_is_made_appears_by_itself(open_page: Any, site: Any, runs: World) -> None:
    page = open_page("/")
    page.locator(".fresh[data-freshness=live]").wait_for()
    endpoint = site.served.endpoint
    flow = endpoint.reply('{ flow(where: {name: {_eq: "count rows"}}) { id } }', None, None, {}).body
    id = flow.split(b'"id":"')[1][:36].decode()
    made = (
        'mutation($flow: UUID!) { create_flow_run(input: {flow_id: $flow, flow_run_name: "fresh-wind", '
        'scheduled_start_time: "2999-01-01T00:00:00+00:00"}) { id } }'
    )
    endpoint.reply(made, {"flow": id}, None, {})
    page.get_by_role("region", name="Upcoming").get_by_text("fresh-wind").wait_for()


def test_the_window_is_in_the_address(open_page: Any) -> None:
    page = open_page("/?window=7d&project=science")
    page.get_by_role("radio", name="7d").wait_for(state="attached")
    assert page.get_by_role("radio", name="7d").is_checked()
    page.get_by_text("Nothing failed").wait_for()
    page.get_by_text("30d", exact=True).click()
    page.wait_for_url("**/?window=30d&project=science")


def test_runs_are_counted_over_time_and_each_stretch_leads_to_its_runs(open_page: Any) -> None:
    page = open_page("/?window=1h")
    figure = page.get_by_role("figure", name="Runs by state over time")
    bars = figure.get_by_role("link")
    bars.last.wait_for()
    counted = {"Success": 0, "Failed": 0}
    for said in bars.evaluate_all("nodes => nodes.map((node) => node.ariaLabel)"):
        for part in said.split(": ", 1)[1].split(", "):
            number, _, state = part.partition(" ")
            if state in counted:
                counted[state] += int(number.replace(",", ""))
    strip = page.get_by_role("group", name="Runs by state")
    for state, count in counted.items():
        assert count > 0
        strip.get_by_role("button", name=f"{count} {state}", exact=True).wait_for()
    with_runs = bars.filter(has=page.locator("[data-failed]")).first
    with_runs.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/flow-runs?since=*until=*")
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()


def test_the_arrows_go_along_the_stretches(open_page: Any) -> None:
    page = open_page("/")
    bars = page.get_by_role("figure", name="Runs by state over time").get_by_role("link")
    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    assert bars.nth(bars.count() - 2).evaluate("node => node === document.activeElement")


def test_every_filter_is_in_the_address_and_holds_for_everything(open_page: Any) -> None:
    page = open_page("/?label=nightly&flow=count")
    page.get_by_text("Nothing failed").wait_for()
    strip = page.get_by_role("group", name="Runs by state")
    assert strip.inner_text().split() == ["1", "Success"]
    strip.get_by_role("button").click()
    page.wait_for_url(lambda url: "label=nightly" in url and "state=Success" in url)
    page.reload()
    assert strip.get_by_role("button").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Clear", exact=True).click()
    page.get_by_role("region", name="Failed").get_by_text("fierce-crane").wait_for()


def test_a_late_run_says_why(open_page: Any) -> None:
    page = open_page("/")
    late = page.get_by_role("region", name="Late")
    late.get_by_text("tardy-snail").wait_for()
    late.get_by_text("a run without labels waits for an agent without any").first.wait_for()


def test_agents_and_services_say_how_they_are(open_page: Any) -> None:
    page = open_page("/")
    agents = page.get_by_role("region", name="Agents")
    agents.get_by_text("Looks for runs").wait_for()
    assert "Has never asked for runs" in agents.inner_text()
    services = page.get_by_role("region", name="Services").get_by_role("listitem")
    services.filter(has_text="planned 10 runs of 1 flow, in 0.02 s").wait_for()
    services.filter(has_text="RuntimeError: the disk is full").wait_for()
