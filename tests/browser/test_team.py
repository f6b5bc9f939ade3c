"""The pages of a team: agents, limits, key-value pairs, secrets, hooks, API keys, the audit log, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prefect.server.catalog import EVERYONE
from tests.browser.conftest import THEMES
from tests.browser.world import MARKUP, World
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
        given: dict[str, Any] = {"type": "LocalAgent", "labels": labels, "name": name}
        agent = tell(site, register, i=given)["register_agent"]["id"]
        if name == "otter":
            queue = "mutation($i: get_runs_in_queue_input!) { get_runs_in_queue(input: $i) { flow_run_ids } }"
            asked = {"tenant_id": tenant, "labels": ["of no run"]}
            site.served.endpoint.answer(queue, {"i": asked}, headers={"X-PREFECT-AGENT-ID": agent})
    tell(site, 'mutation { update_flow_concurrency_limit(input: {label: "eu", limit: 3}) { id } }')
    tell(site, 'mutation { update_task_tag_limit(input: {tag: "database", limit: 0}) { id } }')
    for key in ("last_date", MARKUP):
        pair = {"key": key, "value": {"date": "2026-11-28", "rows": 41}}
        tell(site, "mutation($i: set_key_value_input!) { set_key_value(input: $i) { id } }", i=pair)
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
        ("automations", "Automations", "Nothing follows"),
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


def test_an_agent_is_looking_or_not_and_is_forgotten(team: Serving, open_page: Any) -> None:
    page = open_page("/team/agents")
    agents = page.get_by_role("table", name="Agents")
    otter = agents.get_by_role("row").filter(has_text="otter")
    otter.get_by_text("looking").wait_for()
    agents.get_by_role("row").filter(has_text="lynx").get_by_text("never asked").wait_for()
    page.get_by_role("button", name="Forget otter").click()
    press(page, "Forget")
    otter.wait_for(state="detached")
    assert "otter" not in str(tell(team, "{ agent { name } }"))


def test_a_run_that_nobody_takes_says_why(
    team: Serving,
    open_page: Any,
    runs: World,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    # One of its own: other tests let the late run of this world begin.
    flow = tell(team, "query($id: uuid!) { flow_run_by_pk(id: $id) { flow_id } }", id=runs.late)["flow_run_by_pk"]
    begin = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    given = {**flow, "flow_run_name": "tardy-toad", "scheduled_start_time": begin}
    made = tell(team, "mutation($i: create_flow_run_input!) { create_flow_run(input: $i) { id } }", i=given)
    waiting = made["create_flow_run"]["id"]
    page = open_page("/team/agents")
    late = page.get_by_role("region", name="Runs that nobody has taken")
    late.get_by_text("tardy-toad").wait_for()
    late.get_by_text("a run without labels waits for an agent without any").first.wait_for()
    late.get_by_role("row").filter(has_text="tardy-toad").get_by_role("link", name="Which agents could?").click()
    page.wait_for_url(f"**/team/agents?run={waiting}")
    who = page.get_by_role("region", name="Who would take tardy-toad")
    who.get_by_role("row").filter(has_text="otter").get_by_text("takes no run without labels").wait_for()
    who.get_by_role("row").filter(has_text="lynx").get_by_text("is not looking for runs").wait_for()
    picture(page, "team-agents-matching")
    check_accessibility(page)
    who.get_by_role("link", name="Close").click()
    who.wait_for(state="detached")
    late.get_by_role("link", name="tardy-toad").click()
    page.wait_for_url(f"**/flow-run/{waiting}*")
    tell(team, "mutation($i: UUID!) { delete_flow_run(input: {flow_run_id: $i}) { success } }", i=waiting)


def test_a_limit_is_made_changed_and_deleted_and_shows_its_use(team: Serving, open_page: Any) -> None:
    page = open_page("/team/limits")
    page.get_by_role("button", name="Limit a label").click()
    fill(page, "Label", "warehouse")
    fill(page, "Flow runs at once", "2")
    press(page, "Limit")
    row = page.get_by_role("table", name="Flow runs, by label").get_by_role("row").filter(has_text="warehouse")
    row.wait_for()
    page.get_by_role("button", name="Change the limit of warehouse").click()
    fill(page, "Flow runs at once", "0")
    press(page, "Change")
    row.get_by_text("full").wait_for()
    page.get_by_role("button", name="Delete the limit of warehouse").click()
    press(page, "Delete")
    row.wait_for(state="detached")
    page.get_by_role("button", name="Limit a tag").click()
    fill(page, "Tag", "gpu")
    fill(page, "Task runs at once", "7")
    page.keyboard.press("Enter")
    page.get_by_role("table", name="Task runs, by tag").get_by_text("gpu").wait_for()
    assert {"tag": "gpu", "limit": 7} in tell(team, "{ task_tag_limit { tag limit } }")["task_tag_limit"]


def test_a_key_value_pair_is_kept_changed_searched_and_deleted(team: Serving, open_page: Any) -> None:
    page = open_page("/team/key-values")
    page.get_by_role("button", name="New pair").click()
    fill(page, "Key", "cursor")
    fill(page, "Value, as JSON", "plain words")
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    page.get_by_role("alert").get_by_text("This is no JSON").wait_for()
    fill(page, "Value, as JSON", '["a", 1]')
    press(page, "Keep")
    table = page.get_by_role("table", name="Key-value pairs")
    table.get_by_text('["a",1]').wait_for()
    page.get_by_label("Key contains").first.fill("curs")
    page.wait_for_url("**/key-values?key=curs")
    table.get_by_text("last_date").wait_for(state="detached")
    page.get_by_role("button", name="Change cursor").click()
    fill(page, "Value, as JSON", "null")
    press(page, "Keep")
    table.get_by_text("null").wait_for()
    page.get_by_role("button", name="Delete cursor").click()
    press(page, "Delete")
    page.get_by_text("No key is like that").wait_for()


def test_a_pair_that_a_run_keeps_appears_by_itself(team: Serving, open_page: Any) -> None:
    page = open_page("/team/key-values")
    page.locator(".fresh[data-freshness=live]").wait_for()
    kept = {"key": "by a run", "value": 1}
    tell(team, "mutation($i: set_key_value_input!) { set_key_value(input: $i) { id } }", i=kept)
    page.get_by_role("table").get_by_text("by a run").wait_for()


def test_a_secret_goes_in_and_never_comes_out(team: Serving, open_page: Any) -> None:
    page = open_page("/team/secrets")
    bodies: list[str] = []
    page.on("response", lambda response: bodies.append(response.text()) if "json" in str(response.headers) else None)
    page.get_by_role("button", name="New secret").click()
    fill(page, "Name", "vault")
    fill(page, "Value", "correct horse")
    press(page, "Set")
    page.get_by_role("table", name="Secrets").get_by_text("vault").wait_for()
    assert tell(team, '{ secret_value(name: "vault") }') == {"secret_value": "correct horse"}
    page.get_by_role("button", name="Set anew: vault").click()
    assert page.get_by_role("dialog").get_by_label("Value", exact=True).input_value() == ""
    fill(page, "Value", '{"user": "battery staple"}')
    page.get_by_label("The value is JSON").check()
    press(page, "Set")
    assert tell(team, '{ secret_value(name: "vault") }') == {"secret_value": {"user": "battery staple"}}
    said = page.content() + page.url + page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    for secret in ("correct horse", "battery staple"):
        assert secret not in said
        assert not any(secret in body for body in bodies)
    page.get_by_role("button", name="Delete vault").click()
    press(page, "Delete")
    page.get_by_role("table", name="Secrets").get_by_text("vault").wait_for(state="detached")


def test_a_hook_is_made_tested_stopped_and_deleted(
    team: Serving, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/team/hooks")
    page.get_by_role("button", name="New hook").click()
    fill(page, "Name", "tell the team")
    picture(page, "team-hook-new")
    check_accessibility(page)
    press(page, "Make the hook")
    page.get_by_role("button", name="Test tell the team").click()
    press(page, "Set it off")
    page.get_by_role("status").get_by_text("tell the team was set off").wait_for()
    messages = page.get_by_role("region", name="Messages")
    messages.get_by_text("is Failed").wait_for()
    picture(page, "team-hooks")
    check_accessibility(page)
    messages.get_by_role("button", name="Read", exact=True).click()
    messages.get_by_role("button", name="Unread").wait_for()
    messages.get_by_role("button", name="Delete message").click()
    messages.get_by_text("There is no message").wait_for()
    page.get_by_role("button", name="Stop tell the team").click()
    page.get_by_role("button", name="Start tell the team").wait_for()
    assert tell(team, "{ cloud_hook { active } }") == {"cloud_hook": [{"active": False}]}
    page.get_by_role("button", name="Delete tell the team").click()
    press(page, "Delete")
    page.get_by_text("Nobody is told anything yet").wait_for()


def test_the_address_of_a_hook_is_shown_without_its_key(team: Serving, open_page: Any) -> None:
    page = open_page("/team/hooks")
    page.get_by_role("button", name="New hook").click()
    fill(page, "Name", "chat")
    page.get_by_role("combobox", name="Tells by").click()
    page.get_by_role("option", name="message in a chat (Slack)").click()
    fill(page, "Address", "https://hooks.invalid/services/T0/opensesame")
    press(page, "Make the hook")
    page.get_by_role("table", name="Hooks").get_by_text("https://hooks.invalid/…").wait_for()
    assert "opensesame" not in page.content()
    page.get_by_role("button", name="Test chat").click()
    press(page, "Set it off")
    # Nothing leaves the machine of the tests: whatever becomes of the request, it is told.
    page.get_by_role("table", name="Deliveries").get_by_role("row").filter(has_text="chat").wait_for()
    assert "opensesame" not in page.content()
    page.get_by_role("button", name="Delete chat").click()
    press(page, "Delete")


def test_an_automation_is_made_stopped_and_deleted(
    team: Serving, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/team/automations")
    page.get_by_role("button", name="New automation").click()
    fill(page, "Name", "takes too long")
    fill(page, "Minutes", "90")
    page.get_by_role("dialog").get_by_text("Only some runs").click()
    page.get_by_role("combobox", name="Of the flows").click()
    page.get_by_role("option", name="nightly report").click()
    page.keyboard.press("Escape")
    picture(page, "team-automation-new")
    check_accessibility(page)
    press(page, "Make it")
    row = page.get_by_role("table", name="Automations").get_by_role("row").filter(has_text="takes too long")
    row.get_by_text("a run has not ended after 1 h 30 min").wait_for()
    row.get_by_text("cancel the run").wait_for()
    picture(page, "team-automations")
    check_accessibility(page)
    made = tell(team, "{ automation { trigger actions } }")["automation"][0]
    assert made["trigger"]["seconds"] == 5400
    assert len(made["trigger"]["run_filter"]["flow_group_ids"]) == 1
    assert made["actions"][0]["type"] == "CANCEL_FLOW_RUN"
    page.get_by_role("button", name="Stop takes too long").click()
    page.get_by_role("button", name="Start takes too long").wait_for()
    assert tell(team, "{ automation { active } }") == {"automation": [{"active": False}]}
    page.get_by_role("button", name="Delete takes too long").click()
    press(page, "Delete")
    page.get_by_text("Nothing follows by itself yet").wait_for()


def make_hook(site: Serving, **values: Any) -> str:
    tenant = tell(site, "{ tenant { id } }")["tenant"][0]["id"]
    given = {"tenant_id": tenant, "type": "PREFECT_MESSAGE", "states": ["Failed"], **values}
    made = tell(site, "mutation($i: create_cloud_hook_input!) { create_cloud_hook(input: $i) { id } }", i=given)
    return str(made["create_cloud_hook"]["id"])


@pytest.fixture
def hooks(team: Serving) -> Iterator[dict[str, str]]:
    """A hook that asks an address with a key in it and signs, and one that leaves messages; by name."""
    address = {"url": "https://hooks.invalid/opensesame"}
    yield {
        "chat": make_hook(team, name="chat", type="WEBHOOK", config=address, secret="s3cret"),
        "note": make_hook(team, name="note"),
    }
    for row in tell(team, "{ cloud_hook { id } }")["cloud_hook"]:
        tell(team, "mutation($i: UUID!) { delete_cloud_hook(input: {cloud_hook_id: $i}) { success } }", i=row["id"])
    for row in tell(team, "{ automation { id } }")["automation"]:
        tell(team, "mutation($i: UUID!) { delete_automation(input: {automation_id: $i}) { success } }", i=row["id"])


@pytest.fixture
def slow(hooks: dict[str, str], team: Serving) -> None:
    """An automation beside the hooks."""
    given = {
        "tenant_id": tell(team, "{ tenant { id } }")["tenant"][0]["id"],
        "name": "slow",
        "trigger": {"type": "LATE_FINISH", "seconds": 60},
        "actions": [{"type": "CANCEL_FLOW_RUN"}],
    }
    tell(team, "mutation($i: create_automation_input!) { create_automation(input: $i) { id } }", i=given)


def kept(site: Serving, hook: str) -> tuple[Any, str | None]:
    """Whom the database has a hook tell, and its sealed secret."""
    with site.served.endpoint.store.snapshot() as snapshot:
        row = snapshot.fetch_one(
            "SELECT c.config, s.sealed FROM cloud_hook_config AS c LEFT JOIN cloud_hook_secret AS s "
            "ON s.cloud_hook_id = c.cloud_hook_id WHERE c.cloud_hook_id = ?1",
            (hook,),
        )
    assert row is not None
    return json.loads(row[0]), row[1]


@pytest.mark.parametrize("theme", THEMES)
def test_a_hook_is_changed_in_place_and_its_secrets_stay_unless_others_are_given(
    theme: str,
    hooks: dict[str, str],
    team: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
    complaints: list[str],
) -> None:
    page = open_page("/team/hooks", theme=theme)
    bodies: list[str] = []
    page.on("response", lambda response: bodies.append(response.text()) if "json" in str(response.headers) else None)
    before = kept(team, hooks["chat"])
    assert before[1] is not None
    page.get_by_role("button", name="Change chat").click()
    dialog = page.get_by_role("dialog", name="Change hook")
    assert dialog.get_by_label("Name", exact=True).input_value() == "chat"
    dialog.get_by_text("request with the facts as JSON to https://hooks.invalid/…").wait_for()
    assert dialog.get_by_role("combobox", name="Tells by").count() == 0
    address = dialog.get_by_label("Another address")
    assert address.input_value() == ""
    fill(page, "Name", "talk")
    dialog.get_by_role("combobox", name="Of the flow", exact=True).click()
    page.get_by_role("option", name="nightly report").click()
    dialog.get_by_text("In words of your own").click()
    fill(page, "Text", "{no.such.field}")
    picture(page, f"team-hook-change-{theme}", full_page=True)
    check_accessibility(page)
    dialog.get_by_role("button", name="Keep").click()
    wrong = dialog.get_by_role("alert").get_by_text("no.such.field")
    wrong.wait_for()
    where, around = wrong.bounding_box(), dialog.bounding_box()
    assert where["y"] + where["height"] <= around["y"] + around["height"], "it is in view"
    picture(page, f"team-hook-refused-{theme}", full_page=True)
    # The browser says so too.
    assert [line for line in complaints if "400 (Bad Request)" not in line] == []
    complaints.clear()
    fill(page, "Text", "{flow.name}!")
    press(page, "Keep")
    page.get_by_role("table", name="Hooks").get_by_role("row").filter(has_text="talk").get_by_text("nightly").wait_for()
    assert kept(team, hooks["chat"]) == before
    found = tell(team, "query($i: uuid!) { cloud_hook_by_pk(id: $i) { name states template } }", i=hooks["chat"])
    assert found["cloud_hook_by_pk"] == {"name": "talk", "states": ["Failed"], "template": {"text": "{flow.name}!"}}

    page.get_by_role("button", name="Change talk").click()
    address.fill("https://other.invalid/letmein")
    dialog.get_by_label("Another secret, to sign requests with").fill("an0ther")
    press(page, "Keep")
    page.get_by_role("table", name="Hooks").get_by_text("https://other.invalid/…").wait_for()
    config, sealed = kept(team, hooks["chat"])
    assert config == {"url": "https://other.invalid/letmein"}
    assert sealed not in (None, before[1])
    page.get_by_role("button", name="Change talk").click()
    assert address.input_value() == ""
    dialog.get_by_label("Sign requests no longer").check()
    press(page, "Keep")
    assert kept(team, hooks["chat"]) == (config, None)
    said = page.content() + "".join(bodies)
    for secret in ("opensesame", "letmein", "s3cret", "an0ther"):
        assert secret not in said


def places(page: Any) -> list[str]:
    """The actions of the form, in order."""
    return [
        page.get_by_role("combobox", name=f"Action {number}", exact=True).input_value()
        for number in range(1, page.get_by_role("dialog").locator("li[data-action]").count() + 1)
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_an_automation_takes_several_actions_of_every_kind_and_is_changed_in_place(
    theme: str,
    hooks: dict[str, str],
    team: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page("/team/automations", theme=theme)
    page.get_by_role("button", name="New automation").click()
    dialog = page.get_by_role("dialog")
    fill(page, "Name", "all at once")
    picked = ("pause the schedule of a flow", "start a flow", "let a hook tell")
    for number, kind in enumerate(picked, start=2):
        dialog.get_by_role("button", name="Add an action").click()
        dialog.get_by_role("combobox", name=f"Action {number}", exact=True).click()
        page.get_by_role("option", name=kind).click()
    assert dialog.get_by_role("button", name="Make it").is_disabled()
    dialog.get_by_role("combobox", name="The flow to start").click()
    page.get_by_role("option", name="nightly report").click()
    fill(page, "Name of the run", "after {flow_run.name}")
    fill(page, "Parameters, as JSON", "{n: 1}")
    dialog.get_by_text("This is no JSON").wait_for()
    assert dialog.get_by_role("button", name="Make it").is_disabled()
    fill(page, "Parameters, as JSON", '{"n": "{flow_run.id}"}')
    dialog.get_by_role("combobox", name="The hook").click()
    page.get_by_role("option", name="chat").click()
    dialog.get_by_role("button", name="Make it").scroll_into_view_if_needed()
    picture(page, f"team-automation-actions-{theme}")
    check_accessibility(page)
    press(page, "Make it")
    row = page.get_by_role("table", name="Automations").get_by_role("row").filter(has_text="all at once")
    row.get_by_text("cancel the run, and pause the schedule of its flow, and start nightly report").wait_for()
    asked = "{ automation { id name trigger actions active_since } }"
    (made,) = tell(team, asked)["automation"]
    kinds = [action["type"] for action in made["actions"]]
    assert kinds == ["CANCEL_FLOW_RUN", "PAUSE_SCHEDULE", "START_FLOW_RUN", "NOTIFY"]
    assert made["actions"][2]["parameters"] == {"n": "{flow_run.id}"}
    assert made["actions"][3]["cloud_hook_id"] == hooks["chat"]

    page.get_by_role("button", name="Change all at once").click()
    dialog = page.get_by_role("dialog", name="Change automation")
    assert dialog.get_by_label("Minutes").input_value() == "60"
    assert dialog.get_by_label("Name of the run").input_value() == "after {flow_run.name}"
    # By keys alone: the last one goes first, and the second one then goes away.
    up = dialog.get_by_role("button", name="Move action 4 up")
    up.focus()
    for place in (3, 2, 1):
        page.keyboard.press("Enter")
        dialog.get_by_text(f"Moved to place {place} of 4").wait_for(state="attached")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Move action {place} up"
    page.keyboard.press("Enter")
    assert places(page) == [
        "let a hook tell",
        "cancel the run",
        "pause the schedule of a flow",
        "start a flow",
    ]
    dialog.get_by_role("button", name="Take away action 2").focus()
    page.keyboard.press("Space")
    dialog.get_by_text("Action 2 is taken away").wait_for(state="attached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Take away action 2"
    assert dialog.locator("li[data-action]").count() == 3
    fill(page, "Name", "in order")
    picture(page, f"team-automation-change-{theme}")
    check_accessibility(page)
    press(page, "Keep")
    page.get_by_role("table", name="Automations").get_by_text("in order").wait_for()
    (changed,) = tell(team, asked)["automation"]
    assert changed == {
        **made,
        "name": "in order",
        "actions": [made["actions"][index] for index in (3, 1, 2)],
    }, "and with the same trigger it has not begun anew"

    page.get_by_role("button", name="Change in order").click()
    dialog.get_by_role("combobox", name="When").click()
    page.get_by_role("option", name="an agent goes silent").click()
    fill(page, "Agents called", "gpu-*")
    assert dialog.get_by_role("button", name="Keep").is_disabled()
    dialog.get_by_role("combobox", name="The flow whose schedule is paused").click()
    page.get_by_role("option", name="nightly report").click()
    press(page, "Keep")
    page.get_by_role("table", name="Automations").get_by_text("gpu-* has not asked for").wait_for()
    (silent,) = tell(team, asked)["automation"]
    assert silent["trigger"] == {"type": "AGENT_UNHEALTHY", "seconds": 3600, "agent_name": "gpu-*"}
    assert silent["active_since"] > made["active_since"]


def test_what_the_server_refuses_is_said_at_the_form_of_an_automation(
    hooks: dict[str, str], team: Serving, open_page: Any
) -> None:
    page = open_page("/team/automations")
    page.get_by_text("Nothing follows by itself yet").wait_for()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New automation")
    fill(page, "Name", "tells")
    dialog.get_by_role("combobox", name="Action 1").click()
    page.get_by_role("option", name="let a hook tell").click()
    dialog.get_by_role("combobox", name="The hook").click()
    page.get_by_role("option", name="note").click()
    delete = "mutation($i: UUID!) { delete_cloud_hook(input: {cloud_hook_id: $i}) { success } }"
    tell(team, delete, i=hooks["note"])
    dialog.get_by_role("button", name="Make it").click()
    dialog.get_by_role("alert").get_by_text(f"There is no cloud hook {hooks['note']}").wait_for()
    assert tell(team, "{ automation { id } }") == {"automation": []}


def test_an_api_key_is_shown_once_and_revoked(
    team: Serving, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/team/keys", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="New key").click()
    fill(page, "Name", "nightly agent")
    page.get_by_role("dialog").get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="The key, this once")
    shown.get_by_role("button", name="Copy").click()
    shown.get_by_text("Copied.").wait_for()
    key = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"qk_[0-9a-f]{32}_[\w-]{43}", key)
    assert key in page.content()
    check_accessibility(page)
    shown.get_by_role("button", name="I have it").click()
    row = page.get_by_role("table", name="API keys").get_by_role("row").filter(has_text="nightly agent")
    row.wait_for()
    assert "user" in row.inner_text()
    said = page.content() + page.url + page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert key not in said
    assert key[-43:] not in said
    picture(page, "team-keys")
    check_accessibility(page)
    page.get_by_role("button", name="Revoke nightly agent").click()
    press(page, "Revoke")
    row.wait_for(state="detached")


def test_the_audit_log_is_filtered_in_the_address(
    team: Serving, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/team/secrets")
    page.get_by_role("button", name="New secret").click()
    fill(page, "Name", "audited")
    fill(page, "Value", "open sesame")
    press(page, "Set")
    page.get_by_role("button", name="Delete audited").click()
    press(page, "Delete")
    page.goto("/team/audit")
    table = page.get_by_role("table", name="Audit log")
    table.get_by_text("set_secret").first.wait_for()
    picture(page, "team-audit")
    page.get_by_role("combobox", name="Operation").click()
    page.get_by_role("option", name="delete_secret").click()
    page.wait_for_url("**/audit?operation=delete_secret")
    table.get_by_text("set_secret", exact=True).first.wait_for(state="detached")
    table.get_by_text("delete_secret").first.click()
    entry = page.get_by_role("dialog", name="delete_secret")
    entry.get_by_text('"name": "audited"').wait_for()
    assert "open sesame" not in page.content()
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Outcome").click()
    page.get_by_role("option", name="refused").click()
    page.get_by_text("Nothing is like that").wait_for()


def test_by_keys_alone(team: Serving, open_page: Any) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/team/agents")
    page.keyboard.press("Control+k")
    page.keyboard.type("key-v")
    page.get_by_role("option", name="Key-value pairs").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("table", name="Key-value pairs").wait_for()
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_label("Key", exact=True).wait_for()
    page.keyboard.type("by keys")
    page.keyboard.press("Tab")
    page.keyboard.type("41")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("table", name="Key-value pairs").get_by_text("by keys").wait_for()
    page.get_by_role("dialog").wait_for(state="detached")


@pytest.fixture
def keyed(team: Serving) -> Iterator[Callable[[str], str]]:
    """The server answers nobody without a key; gives a key with a role."""
    endpoint = team.served.endpoint
    made: list[str] = []

    def key(role: str) -> str:
        given = {"name": f"the {role}", "role": role}
        create = "mutation($i: create_api_key_input!) { create_api_key(input: $i) { id key } }"
        answer = json.loads(endpoint.answer(create, {"i": given}, role=EVERYONE))["data"]["create_api_key"]
        made.append(answer["id"])
        return str(answer["key"])

    endpoint.requires_keys = True
    endpoint.__dict__.pop("_about", None)
    yield key
    endpoint.requires_keys = False
    endpoint.__dict__.pop("_about", None)
    for id in made:
        tell(team, "mutation($i: UUID!) { delete_api_key(input: {key_id: $i}) { success } }", i=id)


def log_in(page: Any, site: Serving, key: str) -> None:
    answer = page.request.post("/auth/login", data={"key": key}, headers={"origin": site.url})
    assert answer.ok, answer.text()


def test_what_a_role_may_not_do_says_why(
    slow: None,
    keyed: Callable[[str], str],
    team: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
    complaints: list[str],
) -> None:
    page = open_page("/no/such/page")
    log_in(page, team, keyed("read-only"))
    complaints.clear()
    page.goto("/team/key-values")
    button = page.get_by_role("button", name="New pair")
    button.wait_for()
    page.locator("button[aria-disabled=true]", has_text="New pair").wait_for()
    button.focus()
    page.get_by_role("tooltip", name="It takes an API key with the role user, and yours has read-only.").wait_for()
    picture(page, "team-read-only")
    check_accessibility(page)
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog").count() == 0
    for path, row in (("hooks", "chat"), ("automations", "slow")):
        page.goto(f"/team/{path}")
        page.get_by_role("table").get_by_text(row).first.wait_for()
        button = page.locator(f"button[aria-disabled=true][aria-label='Change {row}']")
        button.focus()
        page.get_by_role("tooltip", name="with the role user, and yours has read-only").wait_for()
        page.keyboard.press("Enter")
        assert page.get_by_role("dialog").count() == 0
        page.locator("h1").click()
        page.keyboard.press("n")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("with the role user, and yours has read-only").wait_for()
        fill(page, "Name", "n")
        assert dialog.locator("button[type=submit]").is_disabled()
        picture(page, f"team-{path}-read-only")
        check_accessibility(page)
        assert "opensesame" not in page.content()
        page.keyboard.press("Escape")
    for path, what in (("keys", "the API keys"), ("audit", "the audit log")):
        page.goto(f"/team/{path}")
        page.get_by_text(f"You may not see {what}").wait_for()
        page.get_by_text("with the role admin, and yours has read-only").wait_for()
    page.goto("/team/settings")
    page.get_by_text("You may not see how the server is set up").wait_for()
    page.goto("/console")
    page.locator("button[aria-disabled=true]", has_text="Explain").wait_for()


def test_an_administrator_from_elsewhere_is_not_told_the_paths_of_the_machine(
    keyed: Callable[[str], str], team: Serving, open_page: Any, complaints: list[str]
) -> None:
    page = open_page("/no/such/page")
    log_in(page, team, keyed("admin"))
    complaints.clear()
    page.goto("/team/settings")
    page.get_by_text("told only on the machine itself").wait_for()
    assert "quaestor.db" not in page.content()
    page.goto("/team/keys")
    page.get_by_role("row").filter(has_text="the admin").get_by_text("yours").wait_for()
