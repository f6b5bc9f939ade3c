"""The dashboard: what failed and why, what runs, what is late, what comes next."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import World


@pytest.mark.parametrize("theme", THEMES)
def test_the_dashboard_in_both_themes(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/", theme=theme)
    page.get_by_role("region", name="Failed").get_by_text("fierce-crane").wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    picture(page, f"dashboard-{theme}")
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
