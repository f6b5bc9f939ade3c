"""graphql-transport-ws, message by message."""

import json
from typing import Any

import pytest

from prefect.server import over_websocket
from prefect.server.over_http import Question
from prefect.server.over_websocket import Answer, Conversation, Start, Stop, Violation


def say(kind: str, id: Any = None, payload: Any = None) -> str:
    return json.dumps({"type": kind, "id": id, "payload": payload})


@pytest.fixture
def conversation() -> Conversation:
    conversation = Conversation()
    conversation.hear(say("connection_init"))
    return conversation


def subscribe(id: str = "1") -> str:
    return say("subscribe", id, {"query": "{ a }", "variables": {"x": 1}, "operationName": "b", "extensions": {}})


def test_a_client_says_that_it_is_there_once() -> None:
    conversation = Conversation()
    assert conversation.hear('{"type": "connection_init", "payload": {"any": "thing"}}') == Answer(
        '{"type":"connection_ack"}'
    )
    with pytest.raises(Violation) as violation:
        conversation.hear(say("connection_init"))
    assert violation.value.code == 4429


def test_nothing_is_answered_before() -> None:
    with pytest.raises(Violation) as violation:
        Conversation().hear(subscribe())
    assert violation.value.code == 4401


def test_a_ping_is_answered(conversation: Conversation) -> None:
    assert Conversation().hear(say("ping")) == conversation.hear(say("ping")) == Answer('{"type":"pong"}')
    assert conversation.hear(say("pong")) is None


def test_a_subscription_starts_and_is_stopped(conversation: Conversation) -> None:
    assert conversation.hear(subscribe()) == Start("1", Question("{ a }", {"x": 1}, "b"))
    assert conversation.hear(say("complete", "1")) == Stop("1")
    assert conversation.hear(say("complete", "1")) is None
    assert isinstance(conversation.hear(subscribe()), Start)


def test_an_id_is_free_again_when_its_end_was_told(conversation: Conversation) -> None:
    conversation.hear(subscribe())
    with pytest.raises(Violation) as violation:
        conversation.hear(subscribe())
    assert (violation.value.code, violation.value.reason) == (4409, "Subscriber for 1 already exists")
    assert conversation.ended("1")
    assert not conversation.ended("1")
    assert isinstance(conversation.hear(subscribe()), Start)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "[" * 50_000,
        "\ud800",
        '{"type": "start"}',
        '{"id": "1"}',
        say("subscribe"),
        say("subscribe", ""),
        say("subscribe", 1, {"query": "{ a }"}),
        say("subscribe", "1"),
        say("subscribe", "1", {}),
        say("subscribe", "1", {"query": 1}),
        say("subscribe", "1", {"query": "{ a }", "variables": 1}),
        say("complete"),
    ],
)
def test_what_is_no_message_ends_the_conversation(conversation: Conversation, text: str | None) -> None:
    with pytest.raises(Violation) as violation:
        conversation.hear(text)
    assert violation.value.code == 4400


def test_one_connection_has_so_many_subscriptions_and_no_more(conversation: Conversation) -> None:
    for number in range(over_websocket.MOST_SUBSCRIPTIONS):
        assert isinstance(conversation.hear(subscribe(str(number))), Start)
    refused = conversation.hear(subscribe("more"))
    assert isinstance(refused, Answer)
    answer = json.loads(refused.text)
    assert (answer["type"], answer["id"]) == ("error", "more")
    assert answer["payload"][0]["extensions"] == {"code": "TOO_MANY_SUBSCRIPTIONS", "limit": 200, "actual": 201}


def test_answers_are_written() -> None:
    assert json.loads(over_websocket.next_answer('a"b', '{"data":1}')) == {
        "id": 'a"b',
        "type": "next",
        "payload": {"data": 1},
    }
    assert json.loads(over_websocket.complete("x")) == {"id": "x", "type": "complete"}
    refusal = b'{"errors":[{"message":"no"}],"data":null}'
    assert json.loads(over_websocket.error_of("x", refusal)) == {
        "id": "x",
        "type": "error",
        "payload": [{"message": "no"}],
    }
