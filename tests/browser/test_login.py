"""Where the server needs keys: logging in and out, what a role may not do, and a session that ends meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.asking import ask
from tests.browser.conftest import THEMES
from tests.serving import Serving


@pytest.fixture
def guarded(site: Serving) -> Iterator[Serving]:
    """The server, which answers nobody without a key."""
    endpoint = site.served.endpoint
    endpoint.requires_keys = True
    try:
        yield site
    finally:
        endpoint.requires_keys = False


@pytest.fixture
def key(site: Serving) -> Callable[[str], dict[str, str]]:
    """Makes a key of a role: its `id` and `key`."""

    def make(role: str) -> dict[str, str]:
        endpoint = site.served.endpoint
        before, endpoint.requires_keys = endpoint.requires_keys, False
        made = ask(
            site,
            "mutation($input: create_api_key_input!) { create_api_key(input: $input) { id key } }",
            input={"name": f"{role} key", "role": role},
        )
        endpoint.requires_keys = before
        found: dict[str, str] = made["create_api_key"]
        return found

    return make


def log_in(page: Any, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", THEMES)
def test_the_login_page_in_both_themes(
    theme: str,
    guarded: Serving,
    open_page: Any,
    picture: Callable[..., None],
    check_accessibility: Callable[[Any], None],
) -> None:
    page = open_page("/", theme=theme)
    page.get_by_role("heading", name="Log in").wait_for()
    picture(page, f"login-{theme}")
    check_accessibility(page)


def test_a_key_opens_the_address_that_was_asked_for(
    guarded: Serving, open_page: Any, key: Any, complaints: list[str]
) -> None:
    page = open_page("/flow-runs?state=Failed&project=sales")
    assert page.get_by_label("API key").evaluate("node => node === document.activeElement")
    log_in(page, "qk_this_is_none")
    page.get_by_text("That key opens nothing").wait_for()
    # The browser itself reports the answer 401.
    complaints.clear()
    log_in(page, key("user")["key"])
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    assert page.url.endswith("/flow-runs?state=Failed&project=sales")


def test_the_browser_keeps_nothing_but_a_cookie_that_no_script_reads(
    guarded: Serving, open_page: Any, key: Any
) -> None:
    page = open_page("/")
    secret = key("user")["key"]
    log_in(page, secret)
    page.get_by_role("region", name="Failed").wait_for()
    kept = page.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    assert secret not in kept
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert secret not in cookie["value"]
    page.reload()
    page.get_by_role("region", name="Failed").wait_for()


def test_who_one_is_is_shown_and_one_can_log_out(
    guarded: Serving, open_page: Any, key: Any, picture: Callable[..., None], check_accessibility: Callable[[Any], None]
) -> None:
    page = open_page("/")
    log_in(page, key("admin")["key"])
    page.get_by_role("button", name="admin key admin").click()
    page.get_by_text("Tenant Default").wait_for()
    picture(page, "who")
    check_accessibility(page)
    page.get_by_role("menuitem", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    page.reload()
    page.get_by_role("heading", name="Log in").wait_for()


def test_another_key_is_another_person(guarded: Serving, open_page: Any, key: Any) -> None:
    page = open_page("/")
    log_in(page, key("admin")["key"])
    page.get_by_role("button", name="admin key admin").click()
    page.get_by_role("menuitem", name="Another key or tenant").click()
    log_in(page, key("read-only")["key"])
    page.get_by_role("button", name="read-only key read-only").wait_for()


def test_what_a_role_may_not_do_is_told(guarded: Serving, open_page: Any, key: Any) -> None:
    page = open_page("/flow-runs?project=sales")
    log_in(page, key("read-only")["key"])
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    page.get_by_label("Choose row 1").check()
    group = page.get_by_role("group", name="Chosen runs")
    assert group.get_by_role("button", name="Delete").is_disabled()
    assert "It takes an API key with the role user, and yours has read-only." in group.inner_text()


def test_a_reader_changes_no_flow_and_no_project(guarded: Serving, open_page: Any, key: Any) -> None:
    page = open_page("/flows?name=nightly")
    log_in(page, key("read-only")["key"])
    page.get_by_role("table").get_by_role("link", name="nightly report").click()
    schedule = page.get_by_role("region", name="Schedule")
    schedule.get_by_text("It takes an API key with the role user").wait_for()
    assert schedule.get_by_role("button").is_disabled()
    page.keyboard.press("r")
    page.get_by_text("It takes an API key with the role user").wait_for()
    assert page.get_by_role("button", name="Run now").is_disabled()
    page.keyboard.press(",")
    page.get_by_role("region", name="The end").wait_for()
    assert page.get_by_role("button", name="Delete the flow").is_disabled()
    assert page.get_by_role("switch", name="Heartbeat").is_disabled()
    page.goto("/projects")
    page.get_by_text("It takes an API key with the role user").wait_for()
    assert page.get_by_role("button", name="New project").is_disabled()


def test_a_session_that_ends_meanwhile_is_told_and_the_place_is_kept(
    guarded: Serving, open_page: Any, key: Any, complaints: list[str], picture: Callable[..., None]
) -> None:
    page = open_page("/flow-runs?project=sales")
    made = key("user")
    log_in(page, made["key"])
    page.get_by_role("table").get_by_text("fierce-crane").wait_for()
    endpoint = guarded.served.endpoint
    endpoint.requires_keys = False
    ask(
        guarded,
        "mutation($input: delete_api_key_input!) { delete_api_key(input: $input) { success } }",
        input={"key_id": made["id"]},
    )
    endpoint.requires_keys = True
    page.get_by_label("Name contains").first.fill("otter")
    page.get_by_role("dialog", name="Your session has ended").wait_for()
    picture(page, "session-ended")
    log_in(page, key("user")["key"])
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("table").get_by_text("brave-otter").wait_for()
    assert page.url.endswith("/flow-runs?project=sales&name=otter")
    complaints.clear()
