"""The protocol graphql-transport-ws: what a client's message means, and how ours are written.

Pure; `app.py` carries the messages. The protocol is described in the repository of graphql-ws. Queries and mutations
can be asked over it too.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from prefect.server.over_http import Question
from prefect.utilities.conversion import convert

SUBPROTOCOL: Final = "graphql-transport-ws"
# How long a client may take to say that it is there.
INITIALISATION_SECONDS: Final = 10.0
# What one connection may be subscribed to at once.
MOST_SUBSCRIPTIONS: Final = 200

ACKNOWLEDGED: Final = '{"type":"connection_ack"}'
PONG: Final = '{"type":"pong"}'


class Violation(Exception):
    """The client does not keep to the protocol: the code and the reason to close the connection with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Answer(NamedTuple):
    """Something is to be sent back at once."""

    text: str


class Start(NamedTuple):
    """The client asks, or subscribes."""

    id: str
    question: Question


class Stop(NamedTuple):
    """The client wants no more answers to this."""

    id: str


Action: TypeAlias = Answer | Start | Stop | None


class _Message(msgspec.Struct):
    type: Literal["connection_init", "ping", "pong", "subscribe", "complete"]
    id: str | None = None
    payload: Any = None


_decode = msgspec.json.Decoder(_Message).decode
_encode = msgspec.json.Encoder().encode


class Conversation:
    """What was said on one connection so far."""

    def __init__(self) -> None:
        self.is_initialised = False
        self.running: set[str] = set()

    def hear(self, text: str | None) -> Action:
        """What to do about a message; None is one that is not text. Raises Violation."""
        try:
            message = _decode(text or "")
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Violation(4400, f"Invalid message: {error}") from None
        if message.type == "connection_init":
            if self.is_initialised:
                raise Violation(4429, "Too many initialisation requests")
            self.is_initialised = True
            return Answer(ACKNOWLEDGED)
        if message.type == "ping":
            return Answer(PONG)
        if message.type == "pong":
            return None
        if message.id is None or not message.id:
            raise Violation(4400, "Invalid message: it has no id")
        if message.type == "complete":
            if message.id in self.running:
                self.running.discard(message.id)
                return Stop(message.id)
            return None  # it crossed the end that we told
        return self._start(message.id, message.payload)

    def _start(self, id: str, payload: Any) -> Action:
        if not self.is_initialised:
            raise Violation(4401, "Unauthorized")
        if id in self.running:
            raise Violation(4409, f"Subscriber for {id} already exists")
        if len(self.running) >= MOST_SUBSCRIPTIONS:
            limit, actual = MOST_SUBSCRIPTIONS, len(self.running) + 1
            message = f"A connection may have {limit} subscriptions at once. Open another one."
            facts = {"code": "TOO_MANY_SUBSCRIPTIONS", "limit": limit, "actual": actual}
            return Answer(error(id, [{"message": message, "path": [], "extensions": facts}]))
        try:
            question = convert(payload, Question)
        except msgspec.ValidationError as failure:
            raise Violation(4400, f"Invalid message: {failure}") from None
        if question.query is None:
            raise Violation(4400, "Invalid message: it has no query")
        self.running.add(id)
        return Start(id, question)

    def ended(self, id: str) -> bool:
        """Note that there are no more answers; whether the client has to be told."""
        was_running = id in self.running
        self.running.discard(id)
        return was_running


def next_answer(id: str, body: str) -> str:
    """An answer to what runs under this id."""
    return f'{{"id":{_encode(id).decode()},"type":"next","payload":{body}}}'


def error(id: str, errors: list[Any]) -> str:
    """The request under this id cannot be carried out, and is over."""
    return _encode({"id": id, "type": "error", "payload": errors}).decode()


def error_of(id: str, body: bytes) -> str:
    """The same, from the envelope of a refusal."""
    return error(id, msgspec.json.decode(body)["errors"])


def complete(id: str) -> str:
    """There are no more answers under this id."""
    return _encode({"id": id, "type": "complete"}).decode()
