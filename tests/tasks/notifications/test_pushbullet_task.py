"""Notes to a server that stands for Pushbullet."""

from collections.abc import Iterator

import pytest
import requests

from prefect import context
from prefect.tasks.notifications import PushbulletTask, pushbullet_task
from tests.receiving import Http, http


@pytest.fixture
def pushbullet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Http]:
    with http() as server:
        monkeypatch.setattr(pushbullet_task, "ADDRESS", f"{server.url}/v2/pushes")
        yield server


def test_a_note(pushbullet: Http) -> None:
    PushbulletTask(msg="hello").run(access_token="token")
    (request,) = pushbullet.requests
    assert request.path == "/v2/pushes"
    assert request.headers["Access-Token"] == "token"
    assert request.json == {"type": "note", "title": "Flow Notification", "body": "hello"}


def test_the_token_is_kept_in_a_secret(pushbullet: Http) -> None:
    with context(secrets={"PUSHBULLET_TOKEN": "kept"}):
        PushbulletTask().run(msg="hello")
    assert pushbullet.requests[0].headers["Access-Token"] == "kept"


def test_what_is_needed(pushbullet: Http) -> None:
    with pytest.raises(ValueError, match='Local Secret "PUSHBULLET_TOKEN" was not found'):
        PushbulletTask(msg="hello").run()
    with pytest.raises(ValueError, match="A message must be provided"):
        PushbulletTask().run(access_token="token")
    assert pushbullet.requests == []


def test_a_refusal(pushbullet: Http) -> None:
    pushbullet.status = 401
    with pytest.raises(requests.HTTPError, match="401"):
        PushbulletTask(msg="hello").run(access_token="wrong")
