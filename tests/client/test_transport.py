"""Requests reach a server as 1.x sends them, are sent again when they should be, and fail in one clear sentence."""

import http.server
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from prefect.client.transport import EmbeddedTransport, HTTPTransport, NoTransport, wait_for_change
from prefect.exceptions import ClientError, HostedServiceError
from prefect.server.embedded import open_endpoint

Answer = tuple[int, Any]


class Server:
    """A real HTTP server on a free port that answers from a list, and keeps what it was asked."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = answers
        self.requests: list[dict[str, Any]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append({"path": self.path, "headers": dict(self.headers), "json": json.loads(body)})
                self._answer()

            def do_GET(self) -> None:
                outer.requests.append({"path": self.path, "headers": dict(self.headers), "json": None})
                self._answer()

            def _answer(self) -> None:
                status, content = outer.answers.pop(0)
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
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
