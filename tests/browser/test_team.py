"""The pages of a team: agents, limits, key-value pairs, secrets, hooks, API keys, the audit log, settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import MARKUP
from tests.serving import Serving


def tell(site: Serving, document: str, **variables: Any) -> dict[str, Any]:
    """What the server answers, asked apart from the page."""
    answer = json.loads(site.served.endpoint.answer(document, variables))
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def fill(page: Any, label: str, value: str) -> None:
    page.get_by_role("dialog").get_by_label(label, exact=True).fill(value)


def press(page: Any, name: str) -> None:
    """Press a button of the dialog, and wait until it is gone."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")


@pytest.fixture
def team(site: Serving) -> Iterator[Serving]:
    """A server on which something is on every page."""
    tenant = tell(site, "{ tenant { id } }")["tenant"][0]["id"]
    register = "mutation($i: register_agent_input!) { register_agent(input: $i) { id } }"
    for name, labels in (("otter", ["eu", "nightly"]), ("lynx", []), (MARKUP, ["gpu"])):
        given = {"type": "LocalAgent", "labels": labels, "name": name}
        agent = tell(site, register, i=given)["register_agent"]["id"]
        if name == "otter":
            queue = "mutation($i: get_runs_in_queue_input!) { get_runs_in_queue(input: $i) { flow_run_ids } }"
            given = {"tenant_id": tenant, "labels": ["of no run"]}
            site.served.endpoint.answer(queue, {"i": given}, headers={"X-PREFECT-AGENT-ID": agent})
    tell(site, 'mutation { update_flow_concurrency_limit(input: {label: "eu", limit: 3}) { id } }')
    tell(site, 'mutation { update_task_tag_limit(input: {tag: "database", limit: 0}) { id } }')
    for key in ("last_date", MARKUP):
        given = {"key": key, "value": {"date": "2026-11-28", "rows": 41}}
        tell(site, "mutation($i: set_key_value_input!) { set_key_value(input: $i) { id } }", i=given)
    secret = {"name": "warehouse", "value": "hunter2"}
    tell(site, "mutation($i: set_secret_input!) { set_secret(input: $i) { success } }", i=secret)
    yield site
    for row in tell(site, "{ agent { id } }")["agent"]:
        tell(site, "mutation($i: UUID!) { delete_agent(input: {agent_id: $i}) { success } }", i=row["id"])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("path", "title", "shows"),
    [
        ("agents", "Agents", "otter"),
        ("limits", "Concurrency limits", "database"),
        ("key-values", "Key-value pairs", "last_date"),
        ("secrets", "Secrets", "warehouse"),
        ("hooks", "Hooks", "Nobody is told"),
        ("keys", "API keys", "this machine"),
        ("audit", "Audit log", ""),
        ("settings", "Settings", "SQLite"),
    ],
)
def test_each_page_in_both_themes(
    path: str,
    title: str,
    shows: str,
    theme: str,
    team: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page(f"/team/{path}", theme=theme)
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
    page.get_by_text(shows).first.wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    assert page.locator("img[src=x]").count() == 0
    assert "hunter2" not in page.content()
    picture(page, f"team-{path}-{theme}")
    check_accessibility(page)
