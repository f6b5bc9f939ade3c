"""Live queries and the feed of a run, over WebSockets and as server-sent events."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.server.conftest import Backend, mutation
from tests.serving import Serving, serving

Json = dict[str, Any]
EVENTS = (
    "subscription($id: uuid!, $after: bigint, $until: Boolean)"
    " { flow_run_events(flow_run_id: $id, after_sequence: $after, until_finished: $until)"
    " { sequence kind id flow_run_id task_run_id timestamp name message data __typename } }"
)
SHORT = (
    "subscription($id: uuid!, $after: bigint)"
    " { flow_run_events(flow_run_id: $id, after_sequence: $after) { sequence } }"
)
NAMES = "subscription { project(order_by: {name: asc}) { name } }"
MISSING = "00000000-0000-4000-8000-000000000404"


@pytest.fixture
def url(backend: Backend, server: Serving) -> Iterator[str]:
    with server.serve(backend.endpoint):
        yield server.url


class Socket:
    """A client that speaks graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def hear(self) -> Json:
        message: Json = json.loads(self.connection.recv(timeout=30))
        return message

    def subscribe(self, query: str, **variables: Any) -> None:
        self.say(type="subscribe", id="1", payload={"query": query, "variables": variables})

    def next(self) -> Json:
        message = self.hear()
        assert (message["type"], message["id"]) == ("next", "1"), message
        data: Json = message["payload"]["data"]
        return data

    def events(self, until: int) -> list[Json]:
        """The events of a feed up to a sequence."""
        found: list[Json] = []
        while not found or found[-1]["sequence"] < until:
            found += self.next()["flow_run_events"]
        return found

    def closed_with(self) -> int:
        with suppress(ConnectionClosed):
            while True:
                self.connection.recv(timeout=30)
        assert self.connection.close_code is not None
        return self.connection.close_code


@contextmanager
def socket(url: str, **settings: Any) -> Iterator[Socket]:
    address = url.replace("http://", "ws://") + "/graphql"
    with connect(address, subprotocols=["graphql-transport-ws"], **settings) as connection:  # type: ignore[list-item]
        yield Socket(connection)


@contextmanager
def talking(url: str, **settings: Any) -> Iterator[Socket]:
    with socket(url, **settings) as talking:
        talking.say(type="connection_init")
        assert talking.hear() == {"type": "connection_ack"}
        yield talking


class Stream:
    """Reads server-sent events."""

    def __init__(
        self, url: str, query: str, *, get: bool = False, last_event: int | None = None, **variables: Any
    ) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {"Accept": "text/event-stream"}
        if last_event is not None:
            headers["Last-Event-ID"] = str(last_event)
        if get:
            path = f"/graphql?query={quote(query)}&variables={quote(json.dumps(variables))}"
            self.connection.request("GET", path, headers=headers)
        else:
            body = json.dumps({"query": query, "variables": variables})
            self.connection.request("POST", "/graphql", body, {**headers, "Content-Type": "application/json"})
        self.response = self.connection.getresponse()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *error: object) -> None:
        self.response.close()
        self.connection.close()

    def next(self) -> dict[str, str]:
        """The fields of the next event; none at the end of the stream."""
        fields: dict[str, str] = {}
        while (line := self.response.readline().decode().rstrip("\n")) or not fields:
            if not line and self.response.isclosed():
                break
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
        return fields

    def data(self) -> Json:
        fields = self.next()
        assert fields["event"] == "next"
        data: Json = json.loads(fields["data"])["data"]
        return data


def log(backend: Backend, run: str, *messages: str) -> None:
    backend.do(
        "write_run_logs", "success", logs=[{"flow_run_id": run, "level": "INFO", "message": text} for text in messages]
    )


def sequences(events: list[Json]) -> list[int]:
    return [event["sequence"] for event in events]


# -- live queries


def test_a_live_query_answers_again_when_what_it_reads_has_changed(url: str, backend: Backend) -> None:
    with talking(url) as client:
        client.subscribe(NAMES)
        assert client.next() == {"project": []}
        backend.project("b")
        assert client.next() == {"project": [{"name": "b"}]}
        backend.project("a")
        assert client.next() == {"project": [{"name": "a"}, {"name": "b"}]}


def test_a_live_query_is_silent_about_what_it_does_not_read(url: str, backend: Backend) -> None:
    run = backend.run()
    with talking(url) as client:
        client.subscribe("subscription { project_aggregate { aggregate { count } } }")
        assert client.next() == {"project_aggregate": {"aggregate": {"count": 1}}}
        log(backend, run, "something else")
        backend.project("another")
        assert client.next() == {"project_aggregate": {"aggregate": {"count": 2}}}


def test_a_change_made_by_another_process_is_seen(url: str, backend: Backend, in_child: Any) -> None:
    with talking(url) as client:
        client.subscribe(NAMES)
        assert client.next() == {"project": []}
        assert in_child(lambda: backend.project("theirs") and None) == 0
        assert client.next() == {"project": [{"name": "theirs"}]}


@pytest.mark.parametrize(
    "field",
    ["tenant { id }", "flow_run_by_pk(id: $id) { id state }", "flow_run_aggregate { aggregate { count } }", "hello"],
)
def test_every_root_field_of_a_query_can_be_subscribed_to(url: str, backend: Backend, field: str) -> None:
    run = backend.run()
    variables, values = ("($id: uuid!)", {"id": run}) if "$id" in field else ("", {})
    with talking(url) as client:
        client.subscribe(f"subscription{variables} {{ {field} }}", **values)
        assert client.next() == backend.ask(f"query{variables} {{ {field} }}", **values)


def test_subscribers_of_one_query_share_its_answers(url: str, backend: Backend, server: Serving) -> None:
    with talking(url) as one, talking(url) as other:
        for client in (one, other):
            client.subscribe(NAMES)
            assert client.next() == {"project": []}
        assert len(server.served.hub._followed) == 1
        backend.project("p")
        assert one.next() == other.next() == {"project": [{"name": "p"}]}


def test_nothing_is_asked_for_those_who_have_left(url: str, backend: Backend, server: Serving) -> None:
    with talking(url) as client:
        client.subscribe(NAMES)
        client.next()
        client.say(type="complete", id="1")
        client.say(type="ping")
        assert client.hear() == {"type": "pong"}
        assert wait_until(lambda: not server.served.is_followed())
        client.subscribe(NAMES)
        assert client.next() == {"project": []}
    assert wait_until(lambda: not server.served.is_followed())


def wait_until(condition: Any) -> bool:
    """Whether something comes true soon."""
    pause = threading.Event()
    return any(condition() or pause.wait(0.02) for _ in range(500))


# -- the feed of a run


def test_a_feed_tells_everything_of_a_run_in_order(url: str, backend: Backend) -> None:
    run = backend.run()
    (first, second) = backend.task_runs(run)
    backend.move_task_run(first["id"], "Running", version=1)
    log(backend, run, "a line")
    backend.do("create_task_run_artifact", task_run_id=first["id"], kind="markdown", data={"markdown": "# x"})
    with talking(url) as client:
        follow(client, run)
        events = client.events(7)
    assert sequences(events) == list(range(1, 8))
    assert [(event["kind"], event["name"]) for event in events] == [
        ("flow_run_state", "Scheduled"),
        ("task_run_state", "Pending"),
        ("task_run_state", "Pending"),
        ("flow_run_state", "Running"),
        ("task_run_state", "Running"),
        ("log", "INFO"),
        ("artifact", "markdown"),
    ]
    assert {event["task_run_id"] for event in events} == {None, first["id"], second["id"]}
    assert {(event["flow_run_id"], event["__typename"]) for event in events} == {(run, "flow_run_event")}
    assert events[3]["message"] == "now Running"
    assert events[3]["data"]["type"] == "Running"
    assert events[5]["message"] == "a line"
    assert events[6]["data"] == {"markdown": "# x"}


def test_a_feed_goes_on_while_the_run_does(url: str, backend: Backend) -> None:
    run = backend.run()
    with talking(url) as client:
        follow(client, run, after=4)
        log(backend, run, "one")
        assert [event["message"] for event in client.events(5)] == ["one"]
        log(backend, run, "two", "three")
        backend.move_flow_run(run, "Success")
        assert [event["message"] for event in client.events(8)] == ["two", "three", "now Success"]


def follow(client: Socket, run: str, after: int | None = None, until: bool | None = None, query: str = EVENTS) -> None:
    client.subscribe(query, id=run, after=after, **({"until": until} if query is EVENTS else {}))


def test_a_feed_is_resumed_where_it_was_left(url: str, backend: Backend) -> None:
    run = backend.run()
    log(backend, run, *map(str, range(1200)))
    with talking(url) as client:
        follow(client, run)
        seen = client.events(500)
    with talking(url) as client:
        follow(client, run, after=seen[-1]["sequence"])
        seen += client.events(1204)
    assert sequences(seen) == list(range(1, 1205))


def test_a_feed_ends_with_the_run_where_that_is_asked_for(url: str, backend: Backend) -> None:
    run = backend.run()
    with talking(url) as client:
        follow(client, run, until=True)
        assert len(client.events(4)) == 4
        backend.move_flow_run(run, "Failed")
        assert sequences(client.events(5)) == [5]
        assert client.hear() == {"id": "1", "type": "complete"}
        follow(client, run, after=5, until=True)
        assert client.hear() == {"id": "1", "type": "complete"}


def test_a_feed_ends_when_the_run_is_deleted(url: str, backend: Backend) -> None:
    run = backend.run()
    with talking(url) as client:
        follow(client, run, after=3)
        assert sequences(client.events(4)) == [4]
        backend.do("delete_flow_run", "success", flow_run_id=run)
        assert client.hear() == {"id": "1", "type": "complete"}


def test_a_feed_gets_over_stretches_whose_artifacts_are_gone(url: str, backend: Backend) -> None:
    run = backend.run()
    (task_run, _) = backend.task_runs(run)
    made = [
        backend.do("create_task_run_artifact", task_run_id=task_run["id"], kind="link", data={})["id"]
        for _ in range(1100)
    ]
    for artifact in made:
        backend.do("delete_task_run_artifact", "success", task_run_artifact_id=artifact)
    log(backend, run, "after them")
    with talking(url) as client:
        follow(client, run, after=4)
        assert sequences(client.events(1105)) == [1105]


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (EVENTS, {"id": MISSING}, "NOT_FOUND"),
        (EVENTS, {"id": "nonsense"}, "BAD_USER_INPUT"),
        (EVENTS, {}, "BAD_USER_INPUT"),
        (EVENTS, {"id": MISSING, "after": "x"}, "BAD_USER_INPUT"),
        ("subscription { flow_run_events { sequence } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { tenant { id } project { id } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (f'subscription {{ flow_run_events(flow_run_id: "{MISSING}") }}', {}, "GRAPHQL_VALIDATION_FAILED"),
        (
            f'subscription {{ flow_run_events(flow_run_id: "{MISSING}", x: 1) {{ id }} }}',
            {},
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (f'subscription {{ flow_run_events(flow_run_id: "{MISSING}") {{ x }} }}', {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_cannot_be_subscribed_to_is_an_error(url: str, query: str, variables: Json, code: str) -> None:
    with talking(url) as client:
        client.subscribe(query, **variables)
        message = client.hear()
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == code
        client.subscribe(NAMES)
        assert client.next() == {"project": []}


def test_queries_and_mutations_may_be_asked_too(url: str, backend: Backend) -> None:
    with talking(url) as client:
        client.subscribe(mutation("create_project", "id"), input={"tenant_id": backend.tenant, "name": "made"})
        assert list(client.next()) == ["create_project"]
        assert client.hear() == {"id": "1", "type": "complete"}
        client.subscribe("{ project { name } }")
        assert client.next() == {"project": [{"name": "made"}]}
        assert client.hear() == {"id": "1", "type": "complete"}


# -- the protocol, on the wire


def test_pages_of_others_may_not_connect(url: str) -> None:
    with pytest.raises(InvalidStatus) as refused, socket(url, origin="http://example.com"):
        pass
    assert refused.value.response.status_code == 403
    assert b"FORBIDDEN_ORIGIN" in (refused.value.response.body or b"")
    with socket(url, origin=url) as client:
        client.say(type="ping")
        assert client.hear() == {"type": "pong"}


def test_another_protocol_is_not_spoken(url: str) -> None:
    with connect(url.replace("http://", "ws://")) as connection:
        assert Socket(connection).closed_with() == 4406


def test_a_client_that_breaks_the_protocol_is_told_by_the_code(url: str) -> None:
    with socket(url) as client:
        client.connection.send("nonsense")
        assert client.closed_with() == 4400
    with socket(url) as client:
        client.connection.send(b"\x00")
        assert client.closed_with() == 4400
    with socket(url) as client:
        client.subscribe(NAMES)
        assert client.closed_with() == 4401
    with talking(url) as client:
        client.subscribe(NAMES)
        client.subscribe(NAMES)
        assert client.closed_with() == 4409


def test_a_client_that_says_nothing_is_sent_away(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefect.server.over_websocket.INITIALISATION_SECONDS", 0.05)
    with socket(url) as client:
        assert client.closed_with() == 4408


# -- server-sent events


@pytest.mark.parametrize("get", [False, True])
def test_a_live_query_as_a_stream_of_events(url: str, backend: Backend, get: bool) -> None:
    with Stream(url, NAMES, get=get) as stream:
        assert stream.response.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert stream.data() == {"project": []}
        backend.project("p")
        assert stream.data() == {"project": [{"name": "p"}]}


def test_a_feed_as_a_stream_of_events_is_resumed_after_the_last_event(url: str, backend: Backend) -> None:
    run = backend.run()
    log(backend, run, *map(str, range(600)))
    with Stream(url, SHORT, get=True, id=run) as stream:
        fields = stream.next()
        assert (fields["event"], fields["id"]) == ("next", "500")
    with Stream(url, SHORT, get=True, last_event=500, id=run) as stream:
        assert sequences(stream.data()["flow_run_events"]) == list(range(501, 605))


def test_a_stream_ends_with_the_event_complete(url: str, backend: Backend) -> None:
    run = backend.run()
    backend.move_flow_run(run, "Success")
    with Stream(url, EVENTS, id=run, until=True) as stream:
        assert sequences(stream.data()["flow_run_events"]) == [1, 2, 3, 4, 5]
        assert stream.next()["event"] == "complete"
        assert stream.response.read() == b""


def test_a_query_as_a_stream_is_one_event(url: str) -> None:
    with Stream(url, "{ hello }") as stream:
        assert stream.data() == {"hello": "hi"}
        assert stream.next()["event"] == "complete"


def test_a_refusal_as_a_stream_is_one_event(url: str) -> None:
    with Stream(url, "subscription { nothing }") as stream:
        assert stream.response.status == 200
        assert "errors" in json.loads(stream.next()["data"])
        assert stream.next()["event"] == "complete"


def test_a_mutation_is_not_made_by_a_get_that_wants_events(url: str, backend: Backend) -> None:
    made = f'mutation {{ create_project(input: {{tenant_id: "{backend.tenant}", name: "made"}}) {{ id }} }}'
    with Stream(url, made, get=True) as stream:
        assert stream.response.status == 405
    assert backend.ask("{ project { name } }") == {"project": []}


def test_a_subscription_without_a_stream_is_refused_with_the_way_out(backend: Backend) -> None:
    assert "text/event-stream" in backend.reply(NAMES)["errors"][0]["message"]


def test_a_stopping_server_ends_its_streams(backend: Backend) -> None:
    with serving(backend.endpoint) as server:
        stream = Stream(server.url, NAMES)
        assert stream.data() == {"project": []}
        client = connect(server.url.replace("http", "ws"), subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
    with stream:
        assert stream.response.read() == b""
    with client:
        assert Socket(client).closed_with() == 1012


# -- many


def test_fifty_subscribers_receive_the_same_feed_without_gaps(url: str, backend: Backend) -> None:
    """500 lines a second for two seconds, in ten batches a second."""
    run = backend.run()
    last = 4 + 1000
    received: list[list[int]] = [[] for _ in range(50)]
    ready = threading.Barrier(51, timeout=30)

    def listen(number: int) -> None:
        with talking(url) as client:
            follow(client, run, after=4, query=SHORT)
            ready.wait()
            received[number] = sequences(client.events(last))

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    ready.wait()
    pace = threading.Event()
    for batch in range(20):
        log(backend, run, *(f"line {batch * 50 + line}" for line in range(50)))
        pace.wait(0.1)
    for thread in threads:
        thread.join(30)
    assert received == [list(range(5, last + 1))] * 50


# -- keys --------------------------------------------------------------------------------------------------------------


def test_who_has_a_key_follows_what_is_their_tenant_s_until_the_key_is_revoked(backend: Backend, url: str) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    key = backend.do("create_api_key", "id key", name="k", default_tenant_id=other)
    backend.project("not theirs")
    run = backend.run()
    bearer = {"additional_headers": {"Authorization": f"Bearer {key['key']}"}}
    with talking(url) as everyone, talking(url, **bearer) as keyed, talking(url, **bearer) as second:
        everyone.subscribe(NAMES)
        assert everyone.next() == {"project": [{"name": "default"}, {"name": "not theirs"}]}
        keyed.subscribe(NAMES)
        assert keyed.next() == {"project": []}
        second.subscribe(SHORT, id=run)
        refused = second.hear()
        assert refused["type"] == "error"
        assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        backend.do("create_project", tenant_id=other, name="theirs")
        assert keyed.next() == {"project": [{"name": "theirs"}]}
        backend.do("delete_api_key", "success", key_id=key["id"])
        backend.do("create_project", tenant_id=other, name="too late")
        ended = keyed.hear()
        assert (ended["type"], ended["payload"]["data"]) == ("next", None)
        assert ended["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert keyed.hear()["type"] == "complete"
        keyed.subscribe(NAMES)
        assert keyed.hear()["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
