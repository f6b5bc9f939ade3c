"""The server: the endpoint over HTTP. The only asynchronous file; imported by `prefect server start` alone.

The event loop reads requests and writes answers, and never touches the database: every question is answered by a
thread, queries by a pool of readers, mutations by one writer, so that they queue here and not at the database's lock.
The bytes that the database built for an answer go to the socket as they are.

Who subscribes pulls: an answer is fetched when the one before has been handed to the socket, so that a slow subscriber
holds nothing in memory but its place. Subscribers of the same thing share what is read for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import logging
import signal
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from prefect.server import over_http, over_websocket
from prefect.server.catalog import EVERYONE, Role
from prefect.server.endpoint import Endpoint, Reply
from prefect.server.errors import CannotServe
from prefect.server.graphql.subscriptions import Feed, Live
from prefect.server.over_http import Question, Refused, Style
from prefect.server.over_websocket import Answer, Conversation, Start, Stop, Violation
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from prefect.server.store.interface import Changes

# More than there are processors: a few slow questions must not keep the quick ones waiting.
READERS: Final = 16
# Many commits that come this close together are one change.
CHANGE_SECONDS: Final = 0.02
# A live query is not asked again before this long, nor before this many times the time that it took.
LEAST_PAUSE_SECONDS: Final = 0.1
LEAST_PAUSE_RATIO: Final = 4
# What a feed keeps of what it has read, for those of its subscribers that come after.
KEPT_BYTES: Final = 16 * 1024 * 1024
# Proxies close streams on which nothing moves.
KEEP_ALIVE_SECONDS: Final = 12.0
# A client that asks now and then need not connect anew each time.
KEPT_CONNECTION_SECONDS: Final = 75
# Files and connections that the process may have open at once, where the system lets it.
MOST_FILES: Final = 65_536
# Connections that wait to be accepted.
BACKLOG: Final = 2048
# A stopping server waits this long for answers that are on their way.
GRACE_SECONDS: Final = 5

Outcome = TypeVar("Outcome")

# The name of the setting in glibc's malloc.h.
_M_ARENA_MAX: Final = -8

_logger = logging.getLogger("prefect.server")
_FAULT = b'{"errors":[{"message":"The server failed to answer; its log says why.","path":[],' + (
    b'"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}'
)


class Served:
    """An endpoint and the threads that ask it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.stopping = asyncio.Event()
        self._hub: Hub | None = None
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="prefect-reader")
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="prefect-writer")

    @property
    def hub(self) -> Hub:
        """What is followed of the endpoint; for the event loop."""
        if self._hub is None or self._hub.endpoint is not self.endpoint:
            self._hub = Hub(self, self.endpoint)
        return self._hub

    def is_followed(self) -> bool:
        """Whether anybody is subscribed to anything."""
        return self._hub is not None and self._hub.is_followed()

    async def read(self, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """What a function gives that only reads the database."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, function, *arguments)

    def close(self) -> None:
        """End the threads once they have answered what they were asked."""
        self.readers.shutdown()
        self.writer.shutdown()

    async def answer(
        self, questions: over_http.Questions, headers: Mapping[str, str], *, may_write: bool = True
    ) -> Reply:
        """The answer to what one request asks."""
        # A hint for which thread it shall be: a reader answers a mutation that hides its name just as well.
        asked = questions if isinstance(questions, list) else [questions]
        writes = may_write and any("mutation" in (question.query or "") for question in asked)
        pool = self.writer if writes else self.readers
        return await asyncio.get_running_loop().run_in_executor(pool, self._answer, questions, headers, may_write)

    def may_not_get(self, question: Question) -> bool:
        """Whether a question would change something, and so must not come by GET."""
        return self.endpoint.kind(question.query or "", question.operation_name) == "mutation"

    def _answer(self, questions: over_http.Questions, headers: Mapping[str, str], may_write: bool) -> Reply:
        if isinstance(questions, list):
            bodies = [self._answer_one(question, headers, may_write).body for question in questions]
            return Reply(200, b"[" + b",".join(bodies) + b"]")
        return self._answer_one(questions, headers, may_write)

    def _answer_one(self, question: Question, headers: Mapping[str, str], may_write: bool) -> Reply:
        text, name = question.query or "", question.operation_name
        if not may_write and self.may_not_get(question):
            refused = over_http.not_by_get()
            return Reply(refused.status, refused.body)
        try:
            return self.endpoint.reply(text, question.variables, name, headers)
        except Exception:  # the client must learn nothing of it, and the log everything
            _logger.exception("A question could not be answered.")
            return Reply(500, _FAULT)


# -- following ---------------------------------------------------------------------------------------------------------


class Piece:
    """An answer on its way to subscribers; `last` is how far a feed has come with it."""

    def __init__(self, body: bytes, last: int | None = None) -> None:
        self.body = body
        self.last = last

    @cached_property
    def text(self) -> str:
        """The same as text, made once for all who share it."""
        return self.body.decode()


class Follower(Protocol):
    """What a subscriber pulls from."""

    async def next(self) -> Piece | None:
        """The next answer, when there is one; None when there will be no more."""
        ...

    def close(self) -> None:
        """Stop following."""
        ...


class Once:
    """One answer: to a query or mutation, or the refusal of a subscription."""

    def __init__(self, reply: Reply) -> None:
        self._reply: Reply | None = reply
        self.is_refusal = reply.body.startswith(b'{"errors":') and reply.body.endswith(b'"data":null}')

    async def next(self) -> Piece | None:
        reply, self._reply = self._reply, None
        return None if reply is None else Piece(reply.body)

    def close(self) -> None:
        self._reply = None


class Keyed:
    """What is followed with an API key, which is looked at again before each answer: one may be revoked meanwhile."""

    def __init__(self, served: Served, headers: Mapping[str, str], follower: Follower) -> None:
        self._served = served
        self._headers = headers
        self._follower = follower
        self._is_over = False

    async def next(self) -> Piece | None:
        piece = None if self._is_over else await self._follower.next()
        if piece is None:
            return None
        role = await self._served.read(self._served.endpoint.identify, self._headers)
        if not isinstance(role, Reply):
            return piece
        self._is_over = True
        return Piece(role.body)

    def close(self) -> None:
        self._follower.close()


class Watch:
    """Tells the event loop that the database has changed: one thread, as long as anybody waits."""

    LINGER_SECONDS = 0.5

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lock = threading.Lock()
        self._waiting = 0
        self._is_looking = False

    @property
    def count(self) -> int:
        """Read it before looking at the data, then wait for more."""
        return self._changes.count

    async def wait(self, seen: int) -> None:
        """Return when something has changed since `seen`."""
        with self._lock:
            self._waiting += 1
            if not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look, name="prefect-watch", daemon=True).start()
        try:
            while self._changes.count <= seen:
                await self._changed.wait()
        finally:
            with self._lock:
                self._waiting -= 1

    def _look(self) -> None:
        seen = self._changes.count
        while True:
            changed = self._changes.wait(seen, self.LINGER_SECONDS)
            with self._lock:
                if not changed and not self._waiting:
                    self._is_looking = False
                    return
            if changed:
                seen = self._changes.count
                try:
                    self._loop.call_soon_threadsafe(self._tell)
                except RuntimeError:  # the loop has ended, and with it everybody who waited
                    return
                time.sleep(CHANGE_SECONDS)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class LiveAnswers:
    """A live query and its latest answer, for everybody who asks it."""

    def __init__(self, hub: Hub, key: Hashable, live: Live, role: Role) -> None:
        self.hub = hub
        self.key = key
        self.live = live
        self.role = role
        self.followers = 0
        self.number = 0
        self.latest = Piece(b"")
        self._new = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    def join(self) -> LiveFollower:
        self.followers += 1
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        return LiveFollower(self)

    def leave(self) -> None:
        self.followers -= 1
        if not self.followers:
            self.hub.forget(self.key)
            if self._asking is not None:
                self._asking.cancel()

    async def after(self, number: int) -> Piece:
        """The latest answer, when there has been another one than the one of this number."""
        while self.number <= number:
            await self._new.wait()
        return self.latest

    async def _ask(self) -> None:
        loop, watch = asyncio.get_running_loop(), self.hub.watch
        while True:
            seen, started = watch.count, loop.time()
            try:
                body = await self.hub.served.read(self.hub.endpoint.again, self.live, self.role)
            except Exception:  # the subscribers must learn nothing of it, and the log everything
                _logger.exception("A live query could not be answered.")
                body = _FAULT
            if body != self.latest.body:
                self.latest = Piece(body)
                self.number += 1
                self._new.set()
                self._new = asyncio.Event()
            ended = loop.time()
            await watch.wait(seen)
            pause = ended + max(LEAST_PAUSE_SECONDS, LEAST_PAUSE_RATIO * (ended - started)) - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)


class LiveFollower:
    """A subscriber's place in a live query. Answers that were overtaken before they could be sent are left out."""

    def __init__(self, answers: LiveAnswers) -> None:
        self._answers = answers
        self._number = 0
        self._has_left = False

    async def next(self) -> Piece | None:
        piece = await self._answers.after(self._number)
        self._number = self._answers.number
        return piece

    def close(self) -> None:
        if not self._has_left:
            self._has_left = True
            self._answers.leave()


class Stretch:
    """What was read of a feed after some sequence: up to where, and whether that is the end of it."""

    def __init__(self, seen: int, body: bytes | None, last: int, is_over: bool) -> None:
        self.seen = seen
        self.piece = None if body is None else Piece(body, last)
        self.last = last
        self.is_over = is_over


class FeedAnswers:
    """The feed of a run, as read for everybody who follows it in the same way, wherever they are."""

    def __init__(self, hub: Hub, key: Hashable, feed: Feed) -> None:
        self.hub = hub
        self.key = key
        self.feed = feed
        self.followers = 0
        self._kept: OrderedDict[int, Stretch] = OrderedDict()
        self._kept_bytes = 0
        self._reading: dict[int, tuple[int, asyncio.Task[Stretch]]] = {}

    def join(self, after: int) -> FeedFollower:
        self.followers += 1
        return FeedFollower(self, after)

    def leave(self) -> None:
        self.followers -= 1
        if not self.followers:
            self.hub.forget(self.key)

    async def after(self, sequence: int, seen: int) -> Stretch:
        """What follows a sequence; nothing only if there was nothing when the changes had been counted to `seen`."""
        kept = self._kept.get(sequence)
        if kept is not None and (kept.piece is not None or kept.is_over or kept.seen >= seen):
            return kept
        reading = self._reading.get(sequence)
        if reading is None or reading[0] < seen:
            count = self.hub.watch.count
            reading = (count, asyncio.get_running_loop().create_task(self._read(sequence, count)))
            self._reading[sequence] = reading
        # Whoever leaves while waiting must not end the reading for the others.
        return await asyncio.shield(reading[1])

    async def _read(self, sequence: int, seen: int) -> Stretch:
        try:
            body, batch = await self.hub.served.read(self.hub.endpoint.events, self.feed, sequence)
        finally:
            self._reading.pop(sequence, None)
        stretch = Stretch(seen, body, batch.last, batch.is_over)
        former = self._kept.pop(sequence, None)
        self._kept_bytes -= 0 if former is None else _size(former)
        self._kept[sequence] = stretch
        self._kept_bytes += _size(stretch)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= _size(self._kept.popitem(last=False)[1])
        return stretch


def _size(stretch: Stretch) -> int:
    return 200 + (0 if stretch.piece is None else len(stretch.piece.body))


class FeedFollower:
    """A subscriber's place in a feed."""

    def __init__(self, answers: FeedAnswers, after: int) -> None:
        self._answers = answers
        self._after = after
        self._is_over = False
        self._has_left = False

    async def next(self) -> Piece | None:
        watch = self._answers.hub.watch
        while not self._is_over:
            seen = watch.count
            stretch = await self._answers.after(self._after, seen)
            self._after, self._is_over = stretch.last, stretch.is_over
            if stretch.piece is not None:
                return stretch.piece
            if not self._is_over:
                await watch.wait(seen)
        return None

    def close(self) -> None:
        if not self._has_left:
            self._has_left = True
            self._answers.leave()


class Hub:
    """Everything that is followed, each once."""

    def __init__(self, served: Served, endpoint: Endpoint) -> None:
        self.served = served
        self.endpoint = endpoint
        self.watch = Watch(endpoint.store.changes)
        self._followed: dict[Hashable, LiveAnswers | FeedAnswers] = {}

    async def follow(self, question: Question, headers: Mapping[str, str], resume_after: int | None = None) -> Follower:
        """Whatever was asked, to be pulled from; `resume_after` is where a feed was left."""
        found, role = await self.served.read(self._subscribe, question, headers)
        if found is None:
            return Once(await self.served.answer(question, headers))
        if isinstance(found, Reply):
            return Once(found)
        if isinstance(found, Live):
            # Whoever has a key of the same tenant is answered alike.
            key = (found.key, role)
            live = self._followed.get(key)
            if not isinstance(live, LiveAnswers):
                live = self._followed[key] = LiveAnswers(self, key, found, role)
            return self._keyed(headers, role, live.join())
        feed = self._followed.get(found.key)
        if not isinstance(feed, FeedAnswers):
            feed = self._followed[found.key] = FeedAnswers(self, found.key, found)
        return self._keyed(headers, role, feed.join(max(found.after, resume_after or 0)))

    def _keyed(self, headers: Mapping[str, str], role: Role, follower: Follower) -> Follower:
        return follower if role == EVERYONE else Keyed(self.served, headers, follower)

    def _subscribe(self, question: Question, headers: Mapping[str, str]) -> tuple[Live | Feed | Reply | None, Role]:
        text, name = question.query or "", question.operation_name
        if self.endpoint.kind(text, name) != "subscription":
            return None, EVERYONE
        role = self.endpoint.identify(headers)
        if isinstance(role, Reply):
            return role, EVERYONE
        return self.endpoint.subscribe(text, question.variables, name, role), role

    def is_followed(self) -> bool:
        """Whether anybody follows anything."""
        return bool(self._followed)

    def forget(self, key: Hashable) -> None:
        """Nobody follows this any more."""
        self._followed.pop(key, None)


# -- the edge ----------------------------------------------------------------------------------------------------------


class Gateway:
    """The API, on every path: 1.x clients ask at the root, others at /graphql."""

    def __init__(self, served: Served) -> None:
        self.served = served

    @property
    def largest_body_bytes(self) -> int:
        return self.served.endpoint.limits.body_bytes or over_http.UNLIMITED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["type"] == "websocket":
            await Connection(self.served, headers, receive, send).run(scope["subprotocols"])
            return
        style = over_http.style(headers.get("accept"))
        try:
            questions = await self._questions(scope, receive, headers)
            if style is Style.EVENTS:
                if isinstance(questions, list):
                    raise Refused(400, "BAD_REQUEST", "A stream of events answers one request, not a batch.")
                await self._stream(scope, questions, headers, receive, send)
                return
            reply = await self.served.answer(questions, headers, may_write=scope["method"] == "POST")
        except Refused as refused:
            reply = Reply(refused.status, refused.body)
        await self._send(scope, headers, style, reply, send)

    async def _questions(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> over_http.Questions:
        over_http.check_sender(headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"))
        method = scope["method"]
        if method == "POST":
            over_http.check_content_type(headers.get("content-type"))
            over_http.check_length(headers.get("content-length"), self.largest_body_bytes)
            body = await self._body(receive)
            body = over_http.unpack(body, headers.get("content-encoding"), self.largest_body_bytes)
            return over_http.read_body(body, self.served.endpoint.limits.batch or over_http.UNLIMITED)
        if method == "GET":
            return over_http.read_url(scope["query_string"])
        raise Refused(405, "METHOD_NOT_ALLOWED", "Ask by POST, or by GET with ?query=.")

    async def _body(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
            size += len(parts[-1])
            if size > self.largest_body_bytes:
                raise over_http.too_large(size, self.largest_body_bytes)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _send(self, scope: Scope, headers: Mapping[str, str], style: Style, reply: Reply, send: Send) -> None:
        body = over_http.strictly(reply.status, reply.body) if style is Style.GRAPHQL else reply.body
        kind = Style.CLASSIC if style is Style.EVENTS else style
        answer = [(b"content-type", kind.value.encode())]
        if len(body) >= over_http.SHORTEST_COMPRESSED_BYTES and over_http.accepts_gzip(headers.get("accept-encoding")):
            body = await self.served.read(over_http.pack, body)
            answer += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        answer.append((b"content-length", b"%d" % len(body)))
        if reply.status == 405:
            answer.append((b"allow", b"POST" if scope["method"] == "GET" else b"GET, POST"))
        await send({"type": "http.response.start", "status": reply.status, "headers": answer})
        await send({"type": "http.response.body", "body": body})

    # Server-sent events, each operation on a connection of its own, as graphql-sse describes them.

    async def _stream(
        self, scope: Scope, question: Question, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        if scope["method"] == "GET" and await self.served.read(self.served.may_not_get, question):
            raise over_http.not_by_get()
        follower = await self.served.hub.follow(question, headers, over_http.last_event(headers.get("last-event-id")))
        head = [(b"content-type", Style.EVENTS.value.encode()), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        gone = asyncio.ensure_future(self._disconnect(receive))
        stopping = asyncio.ensure_future(self.served.stopping.wait())
        try:
            while True:
                piece = asyncio.ensure_future(follower.next())
                try:
                    while not piece.done():
                        ended = {gone, stopping}
                        await asyncio.wait(
                            {piece, *ended}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                        )
                        if any(task.done() for task in ended):
                            # Without the event `complete`: who wants more connects again, and says what came last.
                            await send({"type": "http.response.body", "body": b""})
                            return
                        if not piece.done():
                            await _event(send, b":\n\n")
                finally:
                    piece.cancel()
                found = piece.result()
                if found is None:
                    await _event(send, over_http.event("complete"), more=False)
                    return
                await _event(send, over_http.event("next", found.body, found.last))
        except Exception:  # the client must learn nothing of it, and the log everything
            _logger.exception("A subscription could not be answered.")
            await _event(send, over_http.event("next", _FAULT) + over_http.event("complete"), more=False)
        finally:
            gone.cancel()
            stopping.cancel()
            follower.close()

    async def _disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


async def _event(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


class Connection:
    """A WebSocket on which graphql-transport-ws is spoken."""

    def __init__(self, served: Served, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        self.served = served
        self.headers = headers
        self.receive = receive
        self.send = send
        self.conversation = Conversation()
        self.answering: dict[str, asyncio.Task[None]] = {}

    async def run(self, offered: list[str]) -> None:
        """Accept the connection, and talk until either side closes it."""
        await self.receive()
        try:
            over_http.check_sender(self.headers.get("host"), self.headers.get("origin"))
        except Refused as refused:
            await self._refuse(refused)
            return
        if over_websocket.SUBPROTOCOL not in offered:
            await self.send({"type": "websocket.accept"})
            await self._close(4406, "Subprotocol not acceptable")
            return
        await self.send({"type": "websocket.accept", "subprotocol": over_websocket.SUBPROTOCOL})
        timer = asyncio.get_running_loop().call_later(over_websocket.INITIALISATION_SECONDS, self._expire)
        try:
            await self._talk()
        except Violation as violation:
            await self._close(violation.code, violation.reason)
        finally:
            timer.cancel()
            for task in self.answering.values():
                task.cancel()
            await asyncio.gather(*self.answering.values(), return_exceptions=True)

    async def _talk(self) -> None:
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return
            action = self.conversation.hear(message.get("text"))
            if isinstance(action, Answer):
                await self._say(action.text)
            elif isinstance(action, Start):
                self.answering[action.id] = asyncio.get_running_loop().create_task(self._answer(action))
            elif isinstance(action, Stop):
                self.answering.pop(action.id).cancel()

    async def _answer(self, start: Start) -> None:
        id = start.id
        try:
            await self._follow(id, await self.served.hub.follow(start.question, self.headers))
        except Exception:  # the client must learn nothing of it, and the log everything
            _logger.exception("A subscription could not be answered.")
            await self._say(over_websocket.error_of(id, _FAULT))
            self.conversation.ended(id)
        # The client may have used the id again as soon as it was told of the end.
        if self.answering.get(id) is asyncio.current_task():
            del self.answering[id]

    async def _follow(self, id: str, follower: Follower) -> None:
        try:
            while (piece := await follower.next()) is not None:
                if isinstance(follower, Once) and follower.is_refusal:
                    if self.conversation.ended(id):
                        await self._say(over_websocket.error_of(id, piece.body))
                    return
                await self._say(over_websocket.next_answer(id, piece.text))
            if self.conversation.ended(id):
                await self._say(over_websocket.complete(id))
        finally:
            follower.close()

    async def _say(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int, reason: str) -> None:
        # The frame that carries the reason has room for 123 bytes of it.
        short = reason.encode()[:123].decode(errors="ignore")
        await self.send({"type": "websocket.close", "code": code, "reason": short})

    def _expire(self) -> None:
        if not self.conversation.is_initialised:
            self._expiring = asyncio.get_running_loop().create_task(
                self._close(4408, "Connection initialisation timeout")
            )

    async def _refuse(self, refused: Refused) -> None:
        head: list[tuple[bytes, bytes]] = [(b"content-type", Style.CLASSIC.value.encode())]
        await self.send({"type": "websocket.http.response.start", "status": refused.status, "headers": head})
        await self.send({"type": "websocket.http.response.body", "body": refused.body})


async def _health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": VERSION})


async def _gateway_health(request: Request) -> JSONResponse:
    # What the gateway of 1.x answered to its load balancers.
    return JSONResponse({"status": "pass"})


def create_app(served: Served) -> Starlette:
    """The server as an ASGI application."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        served.close()

    return Starlette(
        routes=[
            Route("/health", _health, methods=["GET"]),
            Route("/.well-known/apollo/server-health", _gateway_health, methods=["GET"]),
            Mount("/", Gateway(served)),
        ],
        lifespan=lifespan,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket of this machine that nobody else reaches; port 0 takes a free one.

    Raises:
        CannotServe: the address is not of this machine alone, or is taken.
    """
    if not over_http.is_loopback(host):
        raise CannotServe(
            f"The server would be reachable from other machines at {host}, and nobody needs a key to use it. Listen on "
            "127.0.0.1 (--host 127.0.0.1) and let others in by a tunnel (ssh -L) or a proxy that asks who they are."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is said, because asyncio turns Nagle's delay off only for sockets that say it: 40 ms an answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Room for a long answer at once, which otherwise goes in parts, each after another turn of the loop.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotServe(_cannot_listen(host, port, error)) from error
    return listening


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken, perhaps by a server that runs already. End it, or choose another port "
            "(--port)."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Choose one above 1023 (--port)."
    return f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another address (--host, --port)."


class Server(uvicorn.Server):
    """uvicorn with our settings. Told to stop, it answers what it was asked before, and ends."""

    def __init__(self, served: Served, *, started: Callable[[], None] | None = None) -> None:
        self._served = served
        super().__init__(
            uvicorn.Config(
                create_app(served),
                http="httptools",
                # Feeds are compressed by nobody: a thousand subscribers would each pay for it.
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                # Whoever connects is believed to be who connects.
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEPT_CONNECTION_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_start is not None:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams go on for ever unless they are told.
        self._served.stopping.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would send itself the signal again after its end, and what ended in order would look killed.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(endpoint: Endpoint, listening: socket.socket, *, started: Callable[[], None] | None = None) -> None:
    """Answer requests until the process is told to stop (SIGINT, SIGTERM)."""
    _share_one_heap()
    _allow_many_connections()
    endpoint.discreet = True
    Server(Served(endpoint), started=started).run(sockets=[listening])


def _share_one_heap() -> None:
    """Let all threads allocate from one heap.

    glibc gives threads heaps of their own, and returns what a long answer took from one to the system after each:
    giving 120 kB back and taking them again costs 0.25 ms a time. There is little to contend for: one thread runs at
    a time.
    """
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (OSError, AttributeError):  # another C library, which has no such heaps
        return


def _allow_many_connections() -> None:
    """Raise the number of connections from what a shell gives its programs, often 1,024, to what the system allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
