"""The server: the endpoint over HTTP. Imported by `prefect server start` alone.

The event loop reads requests and writes answers, and never touches the database: every question is answered by a
thread, queries by a pool of readers, mutations by another of writers, so that neither keeps the others waiting.
The bytes that the database built for an answer go to the socket as they are. With `following.py`, whose subscribers
share what is read for them, and `waiting.py` this is all the asynchronous code there is.
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
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from prefect.server import access, logs, metrics, observing, over_http, over_websocket, page
from prefect.server.access import Access
from prefect.server.endpoint import Endpoint, Reply
from prefect.server.errors import CannotServe, RequestError, StoreError, Unauthenticated
from prefect.server.following import FAULT, Follower, Hub, Once
from prefect.server.hands import Hands
from prefect.server.logs import REQUEST_ID, RequestLog
from prefect.server.metrics import METRICS
from prefect.server.operations import OPERATIONS, audit
from prefect.server.operations.waits import Request as WaitRequest
from prefect.server.over_http import ADDRESS, Question, Refused, Style
from prefect.server.over_websocket import Answer, Conversation, Start, Stop, Violation
from prefect.server.services import registry, runner
from prefect.server.services.runner import Runner
from prefect.server.waiting import WaitingRoom
from prefect.server.workers import Crew

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


# More than there are processors: a few slow questions must not keep the quick ones waiting.
READERS: Final = 16
# Those that wait together are written together.
WRITERS: Final = 16
# Proxies close streams on which nothing moves.
KEEP_ALIVE_SECONDS: Final = 12.0
# A client that asks now and then need not connect anew each time.
KEPT_CONNECTION_SECONDS: Final = 75
# Files and connections that the process may have open at once, where the system lets it.
MOST_FILES: Final = 65_536
# Connections that wait to be accepted.
BACKLOG: Final = 2048
# The memory of answers up to this long is kept; that of longer ones goes back to the system after each.
LONGEST_KEPT_BYTES: Final = 4 * 2**20
# Labels and ids, no more.
LONGEST_WAIT_BYTES: Final = 1 << 20
_read_wait_request: Final = msgspec.json.Decoder(WaitRequest).decode
# A stopping server waits this long for answers that are on their way.
GRACE_SECONDS: Final = 5

# Beside the headers of a request: its id. No header that is sent can have this name.
REQUEST: Final = ":request"

Outcome = TypeVar("Outcome")

# The names of the settings in glibc's malloc.h.
_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1

_logger = logging.getLogger("prefect.server")


class Served:
    """An endpoint and the threads that ask it."""

    def __init__(
        self,
        endpoint: Endpoint,
        access: Access = access.OPEN,
        request_log: RequestLog = RequestLog(),  # noqa: B008
    ) -> None:
        self.endpoint = endpoint
        self.access = access
        self.request_log = request_log
        self.services: Runner | None = None
        self.stopping = asyncio.Event()
        self._hub: Hub | None = None
        self._waiting_room: WaitingRoom | None = None
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="prefect-reader")
        self.writers = Hands(WRITERS, "prefect-writer")

    @property
    def hub(self) -> Hub:
        """What is followed of the endpoint; for the event loop."""
        if self._hub is None or self._hub.endpoint is not self.endpoint:
            self._hub = Hub(self, self.endpoint)
        return self._hub

    @property
    def waiting_room(self) -> WaitingRoom:
        """Who waits for something of the endpoint; for the event loop."""
        if self._waiting_room is None or self._waiting_room.endpoint is not self.endpoint:
            self._waiting_room = WaitingRoom(self, self.endpoint, self.hub.watch)
        return self._waiting_room

    def ended_services(self) -> list[str]:
        """The services that should work and do not any more."""
        return [] if self.services is None else self.services.ended()

    def is_followed(self) -> bool:
        """Whether anybody is subscribed to anything, or waits for it."""
        waits = self._waiting_room is not None and self._waiting_room.is_used()
        return waits or (self._hub is not None and self._hub.is_followed())

    def dismiss(self) -> None:
        """Let go who waits; for another thread than the event loop's."""
        room = self._waiting_room
        if room is not None:
            room.loop.call_soon_threadsafe(room.dismiss)

    async def read(self, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """What a function gives that only reads the database."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, function, *arguments)

    def close(self) -> None:
        """End the threads once they have answered what they were asked."""
        self.readers.shutdown()
        self.writers.close()

    async def answer(
        self, questions: over_http.Questions, headers: Mapping[str, str], *, may_write: bool = True
    ) -> Reply:
        """The answer to what one request asks."""
        # A hint for which thread it shall be: a reader answers a mutation that hides its name just as well.
        asked = questions if isinstance(questions, list) else [questions]
        writes = may_write and any("mutation" in (question.query or "") for question in asked)
        if writes:
            return await self.writers.do(self._answer, questions, headers, may_write)
        return await self.read(self._answer, questions, headers, may_write)

    def may_not_get(self, question: Question) -> bool:
        """Whether a question would change something, and so must not come by GET."""
        return self.endpoint.kind(question.query or "", question.operation_name) == "mutation"

    def _answer(self, questions: over_http.Questions, headers: Mapping[str, str], may_write: bool) -> Reply:
        REQUEST_ID.set(headers.get(REQUEST, ""))
        if isinstance(questions, list):
            bodies = [self._answer_one(question, headers, may_write).body for question in questions]
            return Reply(200, b"[" + b",".join(bodies) + b"]", metrics.BATCH)
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
            return Reply(500, FAULT, self.endpoint.kind(text, name) or metrics.UNKNOWN)


async def read_body(receive: Receive, most: int) -> bytes:
    """The body of a request, if it has not more bytes than this."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        size += len(parts[-1])
        if size > most:
            raise over_http.too_large(size, most)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def note(served: Served, id: str, headers: Mapping[str, str], reply: Reply, seconds: float) -> None:
    """Count a request that was answered, and log it where that is wanted."""
    if reply.status >= 500 or reply.trouble is not None:
        outcome = metrics.FAULT
    else:
        outcome = metrics.REFUSED if reply.body.startswith(b'{"errors"') else metrics.OK
    METRICS.answered(reply.operation, outcome, seconds)
    log, failed, waited = served.request_log, outcome == metrics.FAULT, reply.operation == metrics.WAIT
    if log.wants(failed, 0.0 if waited else seconds):
        role = reply.role
        log.write(
            id=id,
            operation=reply.operation if METRICS.knows(reply.operation) else metrics.UNKNOWN,
            outcome=outcome if reply.trouble is None else f"{outcome} ({reply.trouble})",
            status=reply.status,
            seconds=seconds,
            who="nobody" if role is None else audit.author(role, headers.get("x-prefect-agent-id")),
            address=headers[ADDRESS],
            failed=failed,
            waited=waited,
        )


async def disconnect(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Gateway:
    """The API, on every path: 1.x clients ask at the root, others at /graphql. Browsers get the page."""

    def __init__(self, served: Served) -> None:
        self.served = served

    @property
    def largest_body_bytes(self) -> int:
        return self.served.endpoint.limits.body_bytes or over_http.UNLIMITED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, refused = access.headers_of(scope)
        if scope["type"] == "websocket":
            await Connection(self.served, headers, receive, send).run(scope["subprotocols"], refused)
            return
        started = time.perf_counter()
        id = headers[REQUEST] = logs.request_id(headers.get(logs.REQUEST_HEADER))
        if page.is_for_people(scope["method"], scope["path"], scope["query_string"], headers.get("accept")):
            await self._show(scope, headers, send)
            return
        style = over_http.style(headers.get("accept"))
        METRICS.add(metrics.WAITING)
        try:
            try:
                if refused is not None:
                    raise refused
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
        finally:
            METRICS.add(metrics.WAITING, by=-1.0)
        note(self.served, id, headers, reply, time.perf_counter() - started)

    async def _show(self, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        try:
            # A link on another site may lead here: the page shows nothing that it does not ask for itself.
            over_http.check_sender(headers.get("host"), None, names=self.served.access.names)
        except Refused as refused:
            await self._send(scope, headers, Style.CLASSIC, Reply(refused.status, refused.body), send)
            return
        shown = await self.served.read(page.answer, scope["path"])
        status, body, head = shown.status, shown.body, {**shown.headers(), "vary": "accept, accept-encoding"}
        if shown.tag and headers.get("if-none-match") == shown.tag:
            status, body = 304, b""
        elif shown.packed is not None and over_http.accepts_gzip(headers.get("accept-encoding")):
            body, head["content-encoding"] = shown.packed, "gzip"
        if status != 304:
            head["content-length"] = str(len(body))
        lines = [(name.encode(), value.encode()) for name, value in head.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _questions(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> over_http.Questions:
        over_http.check_sender(
            headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"), self.served.access.names
        )
        method = scope["method"]
        if method == "POST":
            over_http.check_content_type(headers.get("content-type"))
            over_http.check_length(headers.get("content-length"), self.largest_body_bytes)
            body = await read_body(receive, self.largest_body_bytes)
            body = over_http.unpack(body, headers.get("content-encoding"), self.largest_body_bytes)
            return over_http.read_body(body, self.served.endpoint.limits.batch or over_http.UNLIMITED)
        if method == "GET":
            return over_http.read_url(scope["query_string"])
        raise Refused(405, "METHOD_NOT_ALLOWED", "Ask by POST, or by GET with ?query=.")

    async def _send(self, scope: Scope, headers: Mapping[str, str], style: Style, reply: Reply, send: Send) -> None:
        body = over_http.strictly(reply.status, reply.body) if style is Style.GRAPHQL else reply.body
        kind = Style.CLASSIC if style is Style.EVENTS else style
        answer = [(b"content-type", kind.value.encode())]
        if len(body) >= over_http.SHORTEST_COMPRESSED_BYTES and over_http.accepts_gzip(headers.get("accept-encoding")):
            body = await self.served.read(over_http.pack, body)
            answer += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        answer.append((b"content-length", b"%d" % len(body)))
        answer.append((b"x-request-id", headers[REQUEST].encode()))
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
        METRICS.subscribed(isinstance(follower, Once))
        head = [(b"content-type", Style.EVENTS.value.encode()), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        gone = asyncio.ensure_future(disconnect(receive))
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
            await _event(send, over_http.event("next", FAULT) + over_http.event("complete"), more=False)
        finally:
            gone.cancel()
            stopping.cancel()
            follower.close()
            METRICS.unsubscribed(isinstance(follower, Once))


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

    async def run(self, offered: list[str], refused: Refused | None = None) -> None:
        """Accept the connection, and talk until either side closes it."""
        await self.receive()
        try:
            over_http.check_sender(self.headers.get("host"), self.headers.get("origin"), names=self.served.access.names)
            if refused is not None:
                raise refused
        except Refused as error:
            await self._refuse(error)
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
            await self._say(over_websocket.error_of(id, FAULT))
            self.conversation.ended(id)
        # The client may have used the id again as soon as it was told of the end.
        if self.answering.get(id) is asyncio.current_task():
            del self.answering[id]

    async def _follow(self, id: str, follower: Follower) -> None:
        METRICS.subscribed(isinstance(follower, Once))
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
            METRICS.unsubscribed(isinstance(follower, Once))

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


class Shortcut:
    """The way to the API past the routes: to be led by them takes longer than most questions do.

    The innermost middleware, so that what stands in front of the routes stands in front of it too.
    """

    PATHS: Final = frozenset({"/", "/graphql"})

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self.app = app
        self.gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in self.PATHS
        await (self.gateway if asks else self.app)(scope, receive, send)


class Waiting:
    """Long polling: the answer comes when there is something, else after half a minute at most."""

    def __init__(self, served: Served) -> None:
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers, refusal = access.headers_of(scope)
        id = headers[REQUEST] = logs.request_id(headers.get(logs.REQUEST_HEADER))
        METRICS.add(metrics.LONG_POLLS)
        try:
            try:
                if refusal is not None:
                    raise refusal
                reply = await self._wait(receive, headers)
            except Refused as refused:
                reply = Reply(refused.status, refused.body, metrics.WAIT)
            except Exception:  # the client must learn nothing of it, and the log everything
                _logger.exception("A request to be told could not be answered.")
                reply = Reply(500, FAULT, metrics.WAIT)
            head = [(b"content-type", Style.CLASSIC.value.encode()), (b"content-length", b"%d" % len(reply.body))]
            head.append((b"x-request-id", id.encode()))
            await send({"type": "http.response.start", "status": reply.status, "headers": head})
            await send({"type": "http.response.body", "body": reply.body})
        finally:
            METRICS.add(metrics.LONG_POLLS, by=-1.0)
        note(self.served, id, headers, reply, time.perf_counter() - started)

    async def _wait(self, receive: Receive, headers: Mapping[str, str]) -> Reply:
        over_http.check_sender(
            headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"), self.served.access.names
        )
        over_http.check_content_type(headers.get("content-type"))
        over_http.check_length(headers.get("content-length"), LONGEST_WAIT_BYTES)
        try:
            request = _read_wait_request(await read_body(receive, LONGEST_WAIT_BYTES))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(400, "BAD_REQUEST", f"It is not said what is waited for: {error}.") from None
        gone = asyncio.ensure_future(disconnect(receive))
        stopping = asyncio.ensure_future(self.served.stopping.wait())
        try:
            role = await self.served.read(self.served.endpoint.role, headers)
            room = self.served.waiting_room
            answer = await room.wait(request, headers.get("x-prefect-agent-id"), role, (gone, stopping))
            return Reply(200, msgspec.json.encode(answer), metrics.WAIT, role)
        except StoreError as error:
            # Not that the key opens nothing: an agent would end.
            raise access.database_away(error) from None
        except Unauthenticated as error:
            raise Refused(401, error.code, error.message) from None
        except RequestError as error:
            raise Refused(400, error.code, error.message) from None
        finally:
            gone.cancel()
            stopping.cancel()


def create_app(served: Served) -> Starlette:
    """The server as an ASGI application."""

    gateway = Gateway(served)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        served.close()

    return Starlette(
        routes=[
            *observing.routes(served),
            Route("/wait", Waiting(served), methods=["POST"]),
            Route("/graphql/wait", Waiting(served), methods=["POST"]),
            *access.routes(served),
            Mount("/", gateway),
        ],
        middleware=[Middleware(Shortcut, gateway=gateway)],
        lifespan=lifespan,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket of this machine; port 0 takes a free one. Who may come in is said by the `Access` that is served.

    Raises:
        CannotServe: the address is not of this machine, or is taken.
    """
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


def serve(
    endpoint: Endpoint,
    listening: socket.socket,
    *,
    access: Access = access.OPEN,
    request_log: RequestLog = RequestLog(),  # noqa: B008
    started: Callable[[], None] | None = None,
) -> None:
    """Answer requests until the process is told to stop (SIGINT, SIGTERM)."""
    from prefect.configuration import config

    _share_one_heap()
    _allow_many_connections()
    endpoint.discreet = True
    endpoint.requires_keys = access.requires_keys
    if METRICS.requests is None:
        METRICS.serve(OPERATIONS)
    served = Served(endpoint, access, request_log)
    with runner.running(endpoint.store, registry.configured(config.server.services)) as served.services:
        Server(served, started=started).run(sockets=[listening])


def serve_together(
    workers: int,
    endpoint: Endpoint,
    listening: socket.socket,
    *,
    access: Access = access.OPEN,
    request_log: RequestLog = RequestLog(),  # noqa: B008
    started: Callable[[], None] | None = None,
) -> int:
    """The same with several processes that listen at one address; the exit code.

    Raises:
        CannotServe: the database is a file.
    """
    if endpoint.store.kind != "postgresql":
        raise CannotServe(
            "Several workers need PostgreSQL (--database-url): a file of SQLite is written by one process at a time, "
            "and the others would only wait for it. Leave out --workers; one process answers about as much."
        )
    # Connections are for one process.
    endpoint.store.close()
    METRICS.serve(OPERATIONS, workers)

    def work(number: int, again: bool) -> None:
        METRICS.be(number)
        told = started if number == 0 and not again else None
        serve(endpoint, listening, access=access, request_log=request_log, started=told)

    return Crew(workers, work).run()


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, and keep what a long answer took of it for the next one.

    glibc gives threads heaps of their own, and gives what is freed at the end of a heap back to the system: giving
    120 kB back and taking them again costs 0.25 ms a time. There is little to contend for: one thread runs at a time.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, which has no such heaps
        return
    mallopt(_M_ARENA_MAX, 1)
    mallopt(_M_MMAP_THRESHOLD, LONGEST_KEPT_BYTES)
    mallopt(_M_TRIM_THRESHOLD, 4 * LONGEST_KEPT_BYTES)


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
