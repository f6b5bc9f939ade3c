"""Servers for tests that take what is sent to them: HTTP requests and mails, on free ports of this machine."""

import contextlib
import email
import email.policy
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Http:
    """An HTTP server: its address, what it was sent, and what it answers; nothing while it is not `answering`."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"ok"
    answering: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answering.set()


@contextmanager
def http(context: ssl.SSLContext | None = None) -> Iterator[Http]:
    """A server that takes every request, as long as the block lasts; with `context` it encrypts."""
    received = Http()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever sent it is gone, and it did not arrive
            received.requests.append(Request(self.command, self.path, dict(self.headers), body))
            received.answering.wait()
            # Whoever asked may be gone.
            with contextlib.suppress(ConnectionError):
                self.send_response(received.status)
                self.send_header("Content-Length", str(len(received.answer)))
                self.end_headers()
                self.wfile.write(received.answer)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_port}"
    if context is not None:
        # The handshake is left to the thread that answers.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        received.url = received.url.replace("http:", "https:")
    with _running(server):
        try:
            yield received
        finally:
            received.answering.set()


@dataclass
class Mail:
    sender: str
    receivers: list[str]
    content: EmailMessage
    login: str | None
    encrypted: bool


@dataclass
class Smtp:
    """A mail server: its port, and the mails that it took."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as `smtplib` speaks."""

    received: Smtp
    context: ssl.SSLContext | None
    encrypted: bool

    def handle(self) -> None:
        self.login: str | None = None
        self.begin()
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            if not self.answer(verb.upper(), rest):
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def begin(self) -> None:
        self.sender, self.receivers = "", list[str]()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def answer(self, verb: str, rest: str) -> bool:
        """Answer a command; False when the conversation is over."""
        if verb == "EHLO":
            can_encrypt = self.context is not None and not self.encrypted
            self.say("250-here", *(["250-STARTTLS"] if can_encrypt else []), "250 AUTH PLAIN")
        elif verb == "STARTTLS":
            self.say("220 go ahead")
            assert self.context is not None
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = cast(Any, self.connection.makefile("wb", 0))
            self.encrypted = True
        elif verb == "AUTH":
            self.login = rest
            self.say("235 welcome")
        elif verb == "MAIL":
            self.sender = rest.partition("<")[2].partition(">")[0]
            self.say("250 ok")
        elif verb == "RCPT":
            self.receivers.append(rest.partition("<")[2].partition(">")[0])
            self.say("250 ok")
        elif verb == "DATA":
            self.say("354 go ahead")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            content = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            mail = Mail(self.sender, self.receivers, content, self.login, self.encrypted)
            self.received.mails.append(mail)
            self.begin()
            self.say("250 taken")
        else:
            self.say("221 bye" if verb == "QUIT" else "250 ok")
        return verb != "QUIT"


@contextmanager
def smtp(context: ssl.SSLContext | None = None, encrypted_from_the_start: bool = False) -> Iterator[Smtp]:
    """A mail server, as long as the block lasts; with `context` it encrypts, when asked or from the start."""
    received = Smtp()

    class Conversation(_Conversation):
        pass

    Conversation.received = received
    Conversation.context = context
    Conversation.encrypted = encrypted_from_the_start

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            connection, address = super().get_request()
            if encrypted_from_the_start and context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            return connection, address

    server = Server(("127.0.0.1", 0), Conversation)
    received.port = server.server_address[1]
    with _running(server):
        yield received


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="receiving")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
