"""Messages to a server that stands for Slack."""

from collections.abc import Iterator

import pytest
import requests

from prefect import context
from prefect.tasks.notifications import SlackTask
from tests.receiving import Http, http


@pytest.fixture
def slack() -> Iterator[Http]:
    with http() as server:
        yield server


def test_a_text(slack: Http) -> None:
    SlackTask(message="hello").run(webhook_url=f"{slack.url}/hook")
    (request,) = slack.requests
    assert (request.method, request.path, request.json) == ("POST", "/hook", {"text": "hello"})
    assert request.headers["Content-Type"] == "application/json"


def test_more_than_a_text(slack: Http) -> None:
    SlackTask().run(message={"blocks": [{"type": "divider"}]}, webhook_url=slack.url)
    assert slack.requests[0].json == {"blocks": [{"type": "divider"}]}


def test_the_address_is_kept_in_a_secret(slack: Http) -> None:
    with context(secrets={"SLACK_WEBHOOK_URL": f"{slack.url}/default", "OTHER": f"{slack.url}/other"}):
        SlackTask(message="a").run()
        SlackTask(message="b", webhook_secret="OTHER").run()
        SlackTask(message="c").run(webhook_secret="OTHER")
    assert [(r.path, r.json["text"]) for r in slack.requests] == [("/default", "a"), ("/other", "b"), ("/other", "c")]


def test_a_refusal(slack: Http) -> None:
    slack.status = 404
    with pytest.raises(requests.HTTPError, match="404"):
        SlackTask(message="hello").run(webhook_url=slack.url)
