"""Requests reach a server as 1.x sends them, are sent again when they should be, and fail in one clear sentence."""

import http.server
import json
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from prefect.client import transport
from prefect.client.transport import (
    EmbeddedTransport,
    HTTPTransport,
    NoTransport,
    wait_for_change,
    waiting_for_server,
)
from prefect.exceptions import ClientError, HostedServiceError, ServerAway
from prefect.server.embedded import open_endpoint

Answer = tuple[int, Any]


class Server:
    """A real HTTP server on a free port that answers from a list, and keeps what it was asked.

    One that `keeps` its connections closes each after so many answers, without a word of it.
    """

    def __init__(self, answers: list[Answer], keeps: int | None = None) -> None:
        self.answers = answers
        self.requests: list[dict[str, Any]] = []
        self.connections = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0" if keeps is None else "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections += 1
                self.answered = 0

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append({"path": self.path, "headers": dict(self.headers), "json": json.loads(body)})
                self._answer()

            def do_GET(self) -> None:
                outer.requests.append({"path": self.path, "headers": dict(self.headers), "json": None})
                self._answer()

            def _answer(self) -> None:
                if self.answered == keeps:
                    self.close_connection = True
                    return
                self.answered += 1
                status, content = outer.answers.pop(0)
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Set-Cookie", "sent=back")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[list[Answer]], Server]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda answers: stack.enter_context(Server(answers).serving())


Serve = Callable[[list[Answer]], Server]
HELLO = {"data": {"hello": "hi"}}


def test_the_address_is_used_as_it_is_and_the_variables_travel_as_text(serve: Serve) -> None:
    server = serve([(200, HELLO)])
    reply = HTTPTransport(server.url).send("query($a: Int) { hello }", {"a": 1}, {"X-PREFECT-CORE-VERSION": "1.5"})
    assert (reply.status, json.loads(reply.body)) == (200, HELLO)
    (request,) = server.requests
    assert request["path"] == "/"
    assert request["json"] == {"query": "query($a: Int) { hello }", "variables": '{"a": 1}'}
    assert request["headers"]["Content-Type"] == "application/json"
    assert request["headers"]["X-PREFECT-CORE-VERSION"] == "1.5"


def test_without_variables_the_text_null_is_sent(serve: Serve) -> None:
    server = serve([(200, HELLO)])
    HTTPTransport(server.url).send("query { hello }", None, {})
    assert server.requests[0]["json"]["variables"] == "null"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(serve: Serve, status: int) -> None:
    server = serve([(status, {"errors": []}), (200, HELLO)])
    reply = HTTPTransport(server.url).send("query { hello }", None, {})
    assert reply.status == 200
    assert len(server.requests) == 2


def test_a_server_that_goes_on_being_in_trouble_is_quoted(serve: Serve) -> None:
    server = serve([(503, {"errors": [{"message": "There is no room left."}]}), (503, {"errors": []})])
    transport = HTTPTransport(server.url, retries=0)
    with pytest.raises(ServerAway, match=r"is not ready to answer \(status 503\): There is no room left\.$"):
        transport.send("query { hello }", None, {})
    with pytest.raises(ServerAway, match=r"\(status 503\)\.$"):
        transport.send("query { hello }", None, {})


def test_a_request_that_is_refused_is_not_sent_again(serve: Serve) -> None:
    server = serve([(400, {"errors": [{"message": "no"}]})])
    assert HTTPTransport(server.url).send("query { x }", None, {}).status == 400
    assert len(server.requests) == 1


def test_api_error_is_waited_out_with_growing_pauses(serve: Serve) -> None:
    trouble = {"errors": [{"message": "x", "extensions": {"code": "API_ERROR"}}], "data": None}
    server = serve([(200, trouble), (200, trouble), (200, HELLO)])
    pauses: list[float] = []
    reply = HTTPTransport(server.url, sleep=pauses.append).send("query { hello }", None, {})
    assert json.loads(reply.body) == HELLO
    assert pauses == [0.25, 0.5]


def test_api_error_ends_after_six_more_requests_and_at_once_where_nothing_may_happen_twice(serve: Serve) -> None:
    trouble = {"errors": [{"message": "x", "extensions": {"code": "API_ERROR"}}], "data": None}
    server = serve([(200, trouble)] * 8)
    transport = HTTPTransport(server.url, sleep=lambda seconds: None)
    transport.send("query { hello }", None, {})
    assert len(server.requests) == 7
    transport.once().send("query { hello }", None, {})
    assert len(server.requests) == 8


def test_too_many_requests_are_waited_out(serve: Serve) -> None:
    server = serve([(429, {"errors": []}), (200, HELLO)])
    pauses: list[float] = []
    assert HTTPTransport(server.url, sleep=pauses.append).send("query { hello }", None, {}).status == 200
    assert len(pauses) == 1
    assert 180 <= pauses[0] <= 180 + 10 * 2


@pytest.fixture
def keep() -> Iterator[Callable[[list[Answer], int], Server]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda answers, answers_each: stack.enter_context(Server(answers, answers_each).serving())
    transport._sessions.kept.clear()


Keep = Callable[[list[Answer], int], Server]


def test_a_thread_keeps_its_connection_and_no_cookie(keep: Keep) -> None:
    server = keep([(200, HELLO)] * 7, 100)
    client = HTTPTransport(server.url)
    # A server that has answered is asked by another session, which waits for it longer.
    client.send("query { hello }", None, {})
    for _ in range(3):
        client.send("query { hello }", None, {})
    assert server.connections == 2
    threads = [threading.Thread(target=client.send, args=("query { hello }", None, {})) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    assert (server.connections, len(server.requests)) == (5, 7)
    assert not any("Cookie" in request["headers"] for request in server.requests)


@pytest.mark.parametrize("choose", [lambda client: client, HTTPTransport.impatient])
def test_a_connection_that_the_server_closes_as_it_is_used_again_is_opened_anew(
    keep: Keep, choose: Callable[[HTTPTransport], HTTPTransport]
) -> None:
    server = keep([(200, HELLO)] * 6, 2)
    client = choose(HTTPTransport(server.url))
    for _ in range(6):
        assert json.loads(client.send("query { hello }", None, {}).body) == HELLO
    # Those that met the end of a connection came twice, and were answered once.
    assert (len(server.requests), server.answers) == (8, [])


def test_who_sends_once_is_told_when_a_new_connection_ends_without_an_answer(keep: Keep) -> None:
    server = keep([], 0)
    with pytest.raises(ClientError, match="Is the server running"):
        HTTPTransport(server.url).impatient().send("query { hello }", None, {})
    assert len(server.requests) == 1


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_process_uses_no_connection_of_its_parent(keep: Keep) -> None:
    server = keep([(200, HELLO)] * 4, 100)
    client = HTTPTransport(server.url)
    for _ in range(2):
        client.send("query { hello }", None, {})
    process = multiprocessing.get_context("fork").Process(target=client.send, args=("query { hello }", None, {}))
    process.start()
    process.join()
    client.send("query { hello }", None, {})
    assert (process.exitcode, server.connections, len(server.requests)) == (0, 3, 4)


def test_a_session_that_a_program_replaces_is_used(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    server = keep([(200, HELLO)] * 2, 100)
    client = HTTPTransport(server.url)
    for _ in range(2):
        client.send("query { hello }", None, {})

    class Session(requests.Session):
        def post(self, *arguments: Any, **named: Any) -> Any:
            return SimpleNamespace(status_code=200, content=b"replaced")

    with monkeypatch.context() as patch:
        patch.setattr(requests, "Session", Session)
        assert client.send("query { hello }", None, {}).body == b"replaced"
    monkeypatch.setattr(requests.Session, "post", Session.post)
    assert client.send("query { hello }", None, {}).body == b"replaced"


def test_a_server_that_has_answered_and_is_away_is_waited_for_by_who_says_so(serve: Serve) -> None:
    away: Answer = (503, {"errors": []})
    server = serve([(200, HELLO), *[away] * 7, (200, HELLO), *[away] * 7])
    pauses: list[float] = []
    client = replace(HTTPTransport(server.url, sleep=pauses.append), retries=1)
    client.send("query { hello }", None, {})
    with waiting_for_server(60):
        assert json.loads(client.send("query { hello }", None, {}).body) == HELLO
        # Two attempts each: the last of four found it back.
        assert pauses == [5.0] * 3
        with pytest.raises(ServerAway):
            client.impatient().send("query { hello }", None, {})
    with pytest.raises(ServerAway):
        client.send("query { hello }", None, {})
    assert len(pauses) == 3


def test_a_server_that_never_answered_is_not_waited_for() -> None:
    server = Server([])
    server._http.server_close()
    with waiting_for_server(60), pytest.raises(ServerAway):
        HTTPTransport(server.url, sleep=lambda _: pytest.fail("It was waited for.")).send("query { hello }", None, {})


def test_plain_requests_go_below_the_address(serve: Serve) -> None:
    server = serve([(200, {"status": "ok"}), (200, {"status": "ok"})])
    transport = HTTPTransport(server.url)
    transport.request("GET", "health", None, {})
    transport.request("POST", "/anything", {"a": 1}, {})
    assert [(request["path"], request["json"]) for request in server.requests] == [
        ("/health", None),
        ("/anything", {"a": 1}),
    ]


def test_a_server_that_is_not_there_is_told_in_one_line_with_the_way_out() -> None:
    server = Server([])
    server._http.server_close()
    with pytest.raises(ClientError, match=r"Is the server running.*prefect backend embedded") as caught:
        HTTPTransport(server.url).send("query { hello }", None, {})
    assert "\n" not in str(caught.value)


def test_the_hosted_service_is_refused_at_once() -> None:
    with pytest.raises(HostedServiceError, match="gone"):
        NoTransport("It is gone.").send("query { hello }", None, {})


def test_an_embedded_transport_travels_as_path_and_host_and_is_refused_on_another_host() -> None:
    here = EmbeddedTransport("/tmp/runs.db")
    assert pickle.loads(pickle.dumps(here)) == here
    elsewhere = EmbeddedTransport("/tmp/runs.db", host="another-machine")
    with pytest.raises(ClientError, match=r"another-machine.*prefect server start"):
        elsewhere.send("query { hello }", None, {})


def test_waiting_for_a_change_ends_when_something_is_recorded(database: Path) -> None:
    endpoint = open_endpoint(database)
    # Longer than any test may take.
    waiter = threading.Thread(target=wait_for_change, args=(str(database), 10_000), daemon=True)
    waiter.start()
    while waiter.is_alive():
        with endpoint.store.transaction() as transaction:
            transaction.execute("UPDATE tenant SET slug = 'changed'")
        waiter.join(0.01)


@pytest.mark.parametrize("address", ["localhost:4200", "localhost", "ftp://localhost:4200", "http://"])
def test_what_is_no_address_is_not_a_server_that_is_away(address: str) -> None:
    with pytest.raises(ClientError, match=f"'{address}' is not the address of a server") as caught:
        HTTPTransport(address).send("query { hello }", None, {})
    assert not isinstance(caught.value, ServerAway)
