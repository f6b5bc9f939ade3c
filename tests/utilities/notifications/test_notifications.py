import email
import email.policy
import pickle
import smtplib
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from prefect.engine.state import Failed, Finished, Running, State, Success
from prefect.utilities.context import context
from prefect.utilities.notifications import (
    callback_factory,
    gmail_notifier,
    slack_message_formatter,
    slack_notifier,
)
from prefect.utilities.notifications.notifications import email_message_formatter


def test_the_callback_hears_of_the_states_it_asks_for() -> None:
    heard: list[tuple[Any, State]] = []
    handler = callback_factory(lambda obj, state: heard.append((obj, state)), check=lambda state: state.is_failed())
    success, failed = Success(), Failed()
    assert handler("task", success, failed) is failed
    assert handler("task", failed, success) is success
    assert heard == [("task", failed)]


def test_what_the_callback_returns_changes_nothing() -> None:
    success = Success()
    assert callback_factory(lambda obj, state: Failed(), check=lambda state: True)("t", success, success) is success


TASK = SimpleNamespace(name="t")
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hook",
    "OTHER": "https://other",
    "EMAIL_USERNAME": "u@x",
    "EMAIL_PASSWORD": "p",
}


class Outside:
    """Stands for the network: keeps what would have left this machine."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.mails: list[tuple[str, str, str]] = []
        self.ok = True

    def post(self, address: str, **options: Any) -> Any:
        self.posts.append((address, options))
        return SimpleNamespace(ok=self.ok, status_code=200 if self.ok else 500)

    def smtp(self, *args: Any, **kwargs: Any) -> Any:
        return SimpleNamespace(
            login=lambda *args: None, sendmail=lambda *mail: self.mails.append(mail), quit=lambda: None
        )


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    outside = Outside()
    monkeypatch.setitem(sys.modules, "requests", outside)
    monkeypatch.setattr(smtplib, "SMTP_SSL", outside.smtp)
    with context(secrets=SECRETS):
        yield outside


class TestSlack:
    def test_the_message(self) -> None:
        (attachment,) = slack_message_formatter(TASK, Failed("it broke"))["attachments"]
        assert (attachment["title"], attachment["color"]) == ("Failed", Failed.color)
        assert attachment["text"] == "t is now in a Failed state"
        assert attachment["fields"] == [{"title": "Message", "value": "it broke", "short": False}]
        (error,) = slack_message_formatter(TASK, Failed("it broke", result=ValueError("x")))["attachments"]
        assert error["fields"][0]["value"] == "```ValueError('x')```"
        assert slack_message_formatter(TASK, Running())["attachments"][0]["fields"] == []

    def test_a_recorded_run_is_named(self) -> None:
        with context(flow_run_id="F", task_run_id="T"):
            (attachment,) = slack_message_formatter(TASK, Running())["attachments"]
            assert [field["value"] for field in attachment["fields"]] == ["F", "T"]
            (attachment,) = slack_message_formatter(TASK, Running(), backend_info=False)["attachments"]
            assert attachment["fields"] == []

    def test_as_a_handler(self, outside: Outside) -> None:
        new = Success()
        assert slack_notifier(TASK, Running(), new) is new
        ((address, options),) = outside.posts
        assert address == "https://hook"
        assert options["json"]["attachments"][0]["title"] == "Success"

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"ignore_states": [Success]}, False),
            ({"ignore_states": [Finished]}, False),
            ({"only_states": [Failed]}, False),
            ({"only_states": [Finished]}, True),
            ({"only_states": [Finished], "ignore_states": [Success]}, False),
            ({"webhook_secret": "OTHER"}, True),
        ],
    )
    def test_as_a_maker_of_handlers(self, outside: Outside, options: dict[str, Any], told: bool) -> None:
        handler = pickle.loads(cloudpickle.dumps(slack_notifier(**options)))
        new = Success()
        assert handler(TASK, Running(), new) is new
        assert len(outside.posts) == told
        if "webhook_secret" in options:
            assert outside.posts[0][0] == "https://other"

    def test_a_refusal_names_the_secret_and_not_the_address(self, outside: Outside) -> None:
        outside.ok = False
        with pytest.raises(ValueError, match=r"status 500.*SLACK_WEBHOOK_URL") as raised:
            slack_notifier(TASK, Running(), Success())
        assert "https://hook" not in str(raised.value)


class TestMail:
    def test_the_message_escapes_what_it_shows(self) -> None:
        text = email_message_formatter(TASK, Failed("<b>", result=ValueError("<i>")), "a@b.c")
        mail = email.message_from_string(text, policy=email.policy.default)
        plain, html = mail.iter_parts()
        assert mail["To"] == "a@b.c"
        assert "t is now in a Failed state" in plain.get_content()
        assert "ValueError('<i>')" in plain.get_content()
        assert "<i>" not in html.get_content()

    def test_as_a_handler_and_a_maker(self, outside: Outside) -> None:
        new = Success()
        assert gmail_notifier(TASK, Running(), new) is new
        assert gmail_notifier(ignore_states=[Success])(TASK, Running(), new) is new
        ((_, to, _),) = outside.mails
        assert to == "u@x"
