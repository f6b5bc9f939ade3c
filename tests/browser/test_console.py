"""The API console: asks anything, with completion, documentation, history, subscriptions and explanation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import THEMES
from tests.browser.world import World

QUESTION = "query late($name: String!) { flow_run(where: {name: {_eq: $name}}) { id name state } }"


def write(page: Any, text: str, label: str = "Question in GraphQL") -> None:
    """Put a text in an editor in place of what was there, as somebody does who pastes it."""
    field = page.get_by_role("textbox", name=label)
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def answer(page: Any) -> str:
    field = page.get_by_role("textbox", name="Answer in JSON")
    field.wait_for()
    return str(field.inner_text())


@pytest.mark.parametrize("theme", THEMES)
def test_a_question_is_asked_by_key_and_answered(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None], runs: World
) -> None:
    page = open_page("/console", theme=theme)
    page.get_by_role("region", name="Documentation").wait_for()
    write(page, QUESTION)
    write(page, '{"name": "fierce-crane"}', "Variables in JSON")
    page.keyboard.press("Control+Enter")
    page.get_by_text("answered").wait_for()
    said = answer(page)
    assert runs.failed in said
    assert '"state": "Failed"' in said
    page.get_by_text(re.compile(r"^cost \d+")).wait_for()
    page.get_by_role("textbox", name="Search the schema").fill("flow_run_by")
    page.get_by_role("button", name="flow_run_by_pk").first.wait_for()
    picture(page, f"console-{theme}")
    check_accessibility(page)


def test_fields_are_completed_from_the_schema(open_page: Any, picture: Callable[..., None]) -> None:
    page = open_page("/console")
    page.get_by_role("region", name="Documentation").wait_for()
    write(page, "{ flow_run { sta")
    page.keyboard.press("Control+Space")
    options = page.locator(".cm-tooltip-autocomplete li")
    options.filter(has_text="state_message").first.wait_for()
    picture(page, "console-completion")
    page.keyboard.press("Escape")


def test_the_documentation_is_searched_and_followed(open_page: Any) -> None:
    page = open_page("/console")
    docs = page.get_by_role("region", name="Documentation")
    docs.get_by_role("textbox", name="Search the schema").fill("task_run_artifact")
    page.keyboard.press("Enter")
    docs.get_by_role("heading", name="task_run_artifact").wait_for()
    docs.get_by_role("button", name="uuid").first.click()
    docs.get_by_role("heading", name="uuid").wait_for()
    docs.get_by_role("button", name="task_run_artifact").click()
    docs.get_by_role("heading", name="task_run_artifact").wait_for()
    docs.get_by_role("button", name="schema").click()
    docs.get_by_role("button", name="mutation_root").wait_for()


def test_an_error_is_shown_at_its_place(open_page: Any, complaints: list[str], picture: Callable[..., None]) -> None:
    page = open_page("/console")
    page.get_by_role("region", name="Documentation").wait_for()
    write(page, "{\n  flow_run(limit: 1) {\n    nane\n  }\n}")
    page.keyboard.press("Control+Enter")
    page.get_by_text("refused · GRAPHQL_VALIDATION_FAILED").wait_for()
    page.locator(".cm-lintRange-error", has_text="nane").first.wait_for()
    picture(page, "console-error")
    # The browser itself reports each answer with status 400.
    complaints.clear()


def test_wrong_variables_are_told_before_anything_is_asked(open_page: Any) -> None:
    page = open_page("/console")
    write(page, "[1", "Variables in JSON")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").get_by_text("The variables are no JSON").wait_for()


def test_an_answer_is_folded(open_page: Any) -> None:
    page = open_page("/console")
    write(page, "{ flow_run(limit: 3) { name flow { name } } }")
    page.keyboard.press("Control+Enter")
    assert '"flow"' in answer(page)
    page.get_by_role("textbox", name="Answer in JSON").focus()
    page.keyboard.press("Control+Alt+[")
    page.locator(".console-answer .cm-foldPlaceholder").wait_for()
    assert '"flow"' not in answer(page)


@pytest.mark.parametrize("theme", THEMES)
def test_a_question_is_explained_and_not_carried_out(
    theme: str, open_page: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/console", theme=theme)
    write(page, QUESTION)
    write(page, '{"name": "fierce-crane"}', "Variables in JSON")
    page.get_by_role("button", name="Explain").click()
    part = page.get_by_role("region", name="flow_run", exact=True)
    part.get_by_text("Plan of SQLite").wait_for()
    said = part.inner_text()
    assert "SELECT" in said
    assert "flow_run_by_name" in said
    assert "fierce-crane" not in said
    picture(page, f"console-explained-{theme}")
    check_accessibility(page)


def test_a_subscription_is_followed_and_stopped(open_page: Any, site: Any, picture: Callable[..., None]) -> None:
    page = open_page("/console")
    write(page, 'subscription { key_value(where: {key: {_eq: "console"}}) { value } }')
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 answer", exact=True).wait_for()
    page.locator(".fresh[data-freshness=live]").wait_for()
    site.served.endpoint.answer('mutation { set_key_value(input: {key: "console", value: 41}) { id } }')
    page.get_by_text("2 answers").wait_for()
    assert "41" in answer(page)
    picture(page, "console-subscription")
    page.get_by_role("button", name="Before", exact=True).click()
    assert "41" not in answer(page)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("stopped").wait_for()
    assert page.locator(".fresh").count() == 0


def test_a_refused_subscription_says_why(open_page: Any, complaints: list[str]) -> None:
    page = open_page("/console")
    write(page, "subscription { key_value { id } flow { id } }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").get_by_text("must select only one top level field").wait_for()
    complaints.clear()


def test_what_was_asked_is_in_the_history_and_no_secret(open_page: Any, site: Any) -> None:
    page = open_page("/console")
    write(page, QUESTION)
    write(page, '{"name": "brave-otter"}', "Variables in JSON")
    page.keyboard.press("Control+Enter")
    page.get_by_text("answered").wait_for()
    write(page, "mutation m($input: set_secret_input!) { set_secret(input: $input) { success } }")
    write(page, '{"input": {"name": "of-the-console", "value": "hunter2"}}', "Variables in JSON")
    page.keyboard.press("Control+Enter")
    page.get_by_text('"success": true').wait_for()
    page.get_by_role("button", name="Copy as").click()
    page.get_by_role("menuitem", name="an address to share").click()
    page.wait_for_url("**/console#query=**")
    assert "hunter2" not in page.url
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "brave-otter" in kept
    assert "set_secret" in kept
    assert "hunter2" not in kept
    page.reload()
    page.get_by_role("button", name="History").click()
    page.get_by_role("menuitem", name=re.compile("query late")).click()
    assert "brave-otter" in page.get_by_role("textbox", name="Variables in JSON").inner_text()
    page.get_by_role("button", name="History").click()
    page.get_by_role("menuitem", name="Forget all").click()
    assert json.loads(page.evaluate('localStorage.getItem("quaestor.console.history")')) == []
    site.served.endpoint.answer('mutation { delete_secret(input: {name: "of-the-console"}) { success } }')


def test_a_question_is_shared_and_copied(open_page: Any) -> None:
    page = open_page("/console", permissions=["clipboard-read", "clipboard-write"])
    write(page, QUESTION)
    write(page, '{"name": "it\'s"}', "Variables in JSON")
    copied = {}
    for what in ("curl", "Python", "an address to share"):
        page.get_by_role("button", name="Copy as").click()
        page.get_by_role("menuitem", name=what).click()
        page.get_by_role("status").get_by_text("copied").wait_for()
        copied[what] = page.evaluate("navigator.clipboard.readText()")
    assert copied["curl"].startswith("curl 'http://127.0.0.1:")
    assert "it'\\''s" in copied["curl"]
    assert 'variables={"name": "it\'s"}' in copied["Python"]
    other = open_page(copied["an address to share"])
    assert other.get_by_role("textbox", name="Question in GraphQL").inner_text() == QUESTION
    assert "it's" in other.get_by_role("textbox", name="Variables in JSON").inner_text()


def test_several_operations_the_one_at_the_cursor_is_asked(open_page: Any) -> None:
    page = open_page("/console")
    write(page, "query one { hello }\nquery two { api { version } }")
    page.keyboard.press("Control+Enter")
    page.get_by_text('"version"').wait_for()
    page.get_by_role("textbox", name="Question in GraphQL").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Enter")
    page.get_by_text('"hello": "hi"').wait_for()


def test_by_keys_alone(open_page: Any) -> None:
    page = open_page("/")
    page.get_by_role("heading", name="Dashboard").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/console")
    page.get_by_role("region", name="Documentation").wait_for()
    page.keyboard.press("i")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("{ hello }")
    page.keyboard.press("Control+Enter")
    page.get_by_text('"hello": "hi"').wait_for()
    # Tab leaves the text, as it leaves any field.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") != "Question in GraphQL"


def test_the_console_is_no_part_of_the_first_load(browser: Any, site: Any) -> None:
    page = browser.new_page(base_url=site.url)
    scripts: list[str] = []
    page.on("response", lambda response: scripts.append(response.text()) if response.url.endswith(".js") else None)
    page.goto("/")
    page.get_by_role("region", name="Failed").wait_for()
    page.close()
    assert scripts
    assert not any("cm-scroller" in script for script in scripts)
