"""The server: the endpoint over HTTP. The only asynchronous file; imported by `prefect server start` alone.

The event loop reads requests and writes answers, and never touches the database: every question is answered by a
thread, queries by a pool of readers, mutations by one writer, so that they queue here and not at the database's lock.
The bytes that the database built for an answer go to the socket as they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from prefect.server import over_http
from prefect.server.endpoint import Endpoint, Reply
from prefect.server.errors import CannotServe
from prefect.server.over_http import Question, Refused, Style
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

# More than there are processors: a few slow questions must not keep the quick ones waiting.
READERS: Final = 16
# Connections that wait to be accepted.
BACKLOG: Final = 2048
# A stopping server waits this long for answers that are on their way.
GRACE_SECONDS: Final = 5

_logger = logging.getLogger("prefect.server")
_FAULT = b'{"errors":[{"message":"The server failed to answer; its log says why.","path":[],' + (
    b'"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}'
)


class Served:
    """An endpoint and the threads that ask it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="prefect-reader")
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="prefect-writer")

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

    def _answer(self, questions: over_http.Questions, headers: Mapping[str, str], may_write: bool) -> Reply:
        if isinstance(questions, list):
            bodies = [self._answer_one(question, headers, may_write).body for question in questions]
            return Reply(200, b"[" + b",".join(bodies) + b"]")
        return self._answer_one(questions, headers, may_write)

    def _answer_one(self, question: Question, headers: Mapping[str, str], may_write: bool) -> Reply:
        text, name = question.query or "", question.operation_name
        if not may_write and self.endpoint.kind(text, name) == "mutation":
            refused = over_http.not_by_get()
            return Reply(refused.status, refused.body)
        try:
            return self.endpoint.reply(text, question.variables, name, headers)
        except Exception:  # the client must learn nothing of it, and the log everything
            _logger.exception("A question could not be answered.")
            return Reply(500, _FAULT)


class Gateway:
    """The API, on every path: 1.x clients ask at the root, others at /graphql."""

    def __init__(self, served: Served, *, largest_body_bytes: int = over_http.LARGEST_BODY_BYTES) -> None:
        self.served = served
        self.largest_body_bytes = largest_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        style = over_http.style(headers.get("accept"))
        try:
            reply = await self._reply(scope, receive, headers)
        except Refused as refused:
            reply = Reply(refused.status, refused.body)
        body = over_http.strictly(reply.status, reply.body) if style is Style.GRAPHQL else reply.body
        answer = [(b"content-type", style.value.encode())]
        if len(body) >= over_http.SHORTEST_COMPRESSED_BYTES and over_http.accepts_gzip(headers.get("accept-encoding")):
            body = await asyncio.get_running_loop().run_in_executor(self.served.readers, over_http.pack, body)
            answer += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        answer.append((b"content-length", b"%d" % len(body)))
        if reply.status == 405:
            answer.append((b"allow", b"POST" if scope["method"] == "GET" else b"GET, POST"))
        await send({"type": "http.response.start", "status": reply.status, "headers": answer})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> Reply:
        over_http.check_sender(headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"))
        method = scope["method"]
        if method == "POST":
            over_http.check_content_type(headers.get("content-type"))
            over_http.check_length(headers.get("content-length"), self.largest_body_bytes)
            body = await self._body(receive)
            body = over_http.unpack(body, headers.get("content-encoding"), self.largest_body_bytes)
            return await self.served.answer(over_http.read_body(body), headers)
        if method == "GET":
            question = over_http.read_url(scope["query_string"])
            return await self.served.answer(question, headers, may_write=False)
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


async def _health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": VERSION})


async def _gateway_health(request: Request) -> JSONResponse:
    # What the gateway of 1.x answered to its load balancers.
    return JSONResponse({"status": "pass"})


def create_app(served: Served, *, largest_body_bytes: int = over_http.LARGEST_BODY_BYTES) -> Starlette:
    """The server as an ASGI application."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        served.close()

    return Starlette(
        routes=[
            Route("/health", _health, methods=["GET"]),
            Route("/.well-known/apollo/server-health", _gateway_health, methods=["GET"]),
            Mount("/", Gateway(served, largest_body_bytes=largest_body_bytes)),
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

    def __init__(self, app: Starlette, *, started: Callable[[], None] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
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
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_start is not None:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would send itself the signal again after its end, and what ended in order would look killed.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(endpoint: Endpoint, listening: socket.socket, *, started: Callable[[], None] | None = None) -> None:
    """Answer requests until the process is told to stop (SIGINT, SIGTERM)."""
    Server(create_app(Served(endpoint)), started=started).run(sockets=[listening])
