"""The server, asked through a real socket."""

import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from prefect.server import app, endpoint
from prefect.server.errors import CannotServe, DiskFull
from prefect.server.graphql.limits import Limits
from prefect.utilities.version import VERSION
from tests.server.conftest import Backend
from tests.serving import Serving, serving

Json = dict[str, Any]


class Answer:
    """What came back: status, headers, and the body, unpacked if it was packed."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read()
        packed = self.headers.get("content-encoding") == "gzip"
        self.body = gzip.decompress(self.raw) if packed else self.raw

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        code: str = self.json["errors"][0]["extensions"]["code"]
        return code


class Caller:
    """Sends requests byte for byte as it is told."""

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.url = url
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port)

    def send(self, method: str, path: str, body: bytes | None = None, /, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, named)
        return Answer(self.connection.getresponse())

    def post(self, content: Any, path: str = "/graphql", /, **headers: str) -> Answer:
        return self.send("POST", path, json.dumps(content).encode(), **{"Content_Type": "application/json", **headers})

    def ask(self, query: str, variables: Any = None, /, **headers: str) -> Answer:
        return self.post({"query": query, "variables": variables}, **headers)


@pytest.fixture
def caller(backend: Backend, server: Serving) -> Iterator[Caller]:
    with server.serve(backend.endpoint), Caller(server.url) as caller:
        yield caller


GRAPHQL = "application/graphql-response+json"
PROJECTS = "query($name: String) { project(where: {name: {_eq: $name}}) { name } }"
CREATE = "mutation($input: create_project_input!) { create_project(input: $input) { id } }"


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphql/", "/any/other/path", "/?x=1"])
def test_the_api_is_on_every_path(caller: Caller, path: str) -> None:
    answer = caller.post({"query": "{ hello }"}, path)
    assert (answer.status, answer.json) == (200, {"data": {"hello": "hi"}})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("variables", [{"name": "p"}, '{"name": "p"}'])
def test_variables_are_an_object_or_text(caller: Caller, backend: Backend, variables: Any) -> None:
    backend.project("p")
    assert caller.ask(PROJECTS, variables).json == {"data": {"project": [{"name": "p"}]}}


@pytest.mark.parametrize("variables", [None, "null", "", {}])
def test_there_may_be_no_variables(caller: Caller, variables: Any) -> None:
    assert caller.ask("{ project { name } }", variables).json == {"data": {"project": []}}


def test_the_bytes_of_an_answer_are_those_of_the_endpoint(caller: Caller, backend: Backend) -> None:
    backend.project('with "quotes", \u2028 and 👋')
    question = "{ project { name created } tenant { id } }"
    assert caller.ask(question).body == backend.endpoint.answer(question)


def test_a_mutation_is_carried_out(caller: Caller, backend: Backend) -> None:
    answer = caller.ask(CREATE, {"input": {"tenant_id": backend.tenant, "name": "made"}})
    assert list(answer.json["data"]["create_project"]) == ["id"]
    assert backend.ask("{ project { name } }") == {"project": [{"name": "made"}]}


def test_a_mutation_that_hides_its_name_is_carried_out(caller: Caller, backend: Backend) -> None:
    body = json.dumps({"query": CREATE, "variables": {"input": {"tenant_id": backend.tenant, "name": "made"}}})
    hidden = body.replace("mutation", "mutati\\u006fn").encode()
    assert "data" in caller.send("POST", "/", hidden, Content_Type="application/json").json
    assert backend.ask("{ project { name } }") == {"project": [{"name": "made"}]}


def test_a_batch_is_answered_in_order(caller: Caller, backend: Backend) -> None:
    make = {"query": CREATE, "variables": {"input": {"tenant_id": backend.tenant, "name": "made"}}}
    answer = caller.post([{"query": "{ nothing }"}, make, {"query": "{ project { name } }"}])
    refused, made, found = answer.json
    assert answer.status == 200
    assert refused["data"] is None
    assert "errors" not in made
    assert found == {"data": {"project": [{"name": "made"}]}}


def test_the_operation_is_named(caller: Caller) -> None:
    document = "query a { hello } query b { project { name } }"
    assert caller.post({"query": document, "operationName": "b"}).json == {"data": {"project": []}}


# -- GET


def test_a_query_may_come_by_get(caller: Caller, backend: Backend) -> None:
    backend.project("p")
    variables = quote('{"name": "p"}')
    answer = caller.send("GET", f"/graphql?query={quote(PROJECTS)}&variables={variables}")
    assert (answer.status, answer.json) == (200, {"data": {"project": [{"name": "p"}]}})


@pytest.mark.parametrize("form", ["{}", "query a {{ hello }} {} "])
def test_a_mutation_may_not_come_by_get(caller: Caller, backend: Backend, form: str) -> None:
    mutation = f'mutation m {{ create_project(input: {{tenant_id: "{backend.tenant}", name: "made"}}) {{ id }} }}'
    answer = caller.send("GET", f"/graphql?query={quote(form.format(mutation))}&operationName=m")
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")
    assert backend.ask("{ project { name } }") == {"project": []}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(caller: Caller, method: str) -> None:
    answer = caller.send(method, "/graphql", b"{}", Content_Type="application/json")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_a_get_without_a_question_is_told_how_to_ask(caller: Caller) -> None:
    answer = caller.send("GET", "/")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


# -- health


def test_the_server_says_that_it_is_well(caller: Caller) -> None:
    assert caller.send("GET", "/health").json == {"status": "ok", "version": VERSION}
    assert caller.send("GET", "/.well-known/apollo/server-health").json == {"status": "pass"}


# -- statuses


def test_1x_clients_get_the_statuses_of_1x(caller: Caller, backend: Backend) -> None:
    name = {"tenant_id": backend.tenant, "name": "p"}
    statuses = {
        "{ hello }": 200,
        "{ nothing }": 400,
        "{": 400,
        "query($a: Int!) { hello }": 400,
    }
    assert {question: caller.ask(question).status for question in statuses} == statuses
    assert caller.ask(CREATE, {"input": name}).status == 200
    twice = caller.ask(CREATE, {"input": name})
    assert (twice.status, twice.json["data"]) == (200, None)


def test_who_asks_by_the_specification_is_answered_by_it(caller: Caller) -> None:
    answered = caller.ask("{ hello }", Accept=GRAPHQL)
    assert (answered.status, answered.headers["content-type"]) == (200, f"{GRAPHQL}; charset=utf-8")
    for question in ("{ nothing }", "{", "query($a: Int!) { hello }"):
        refused = caller.ask(question, Accept=f"{GRAPHQL}, application/json;q=0.9")
        assert (refused.status, list(refused.json)) == (400, ["errors"])


def test_a_lost_race_is_always_200(caller: Caller, backend: Backend) -> None:
    run = backend.run(running=False)
    document = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    states = [{"flow_run_id": run, "version": 99, "state": {"type": "Running"}}]
    for accept in ("application/json", GRAPHQL):
        answer = caller.ask(document, {"input": {"states": states}}, Accept=accept)
        assert (answer.status, answer.code) == (200, "VERSION_LOCKING_ERROR")


# -- what is refused


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_can_send_is_refused(caller: Caller, kind: str) -> None:
    answer = caller.post({"query": "{ hello }"}, Content_Type=kind)
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_of_no_kind_is_refused(caller: Caller) -> None:
    assert caller.send("POST", "/", b'{"query": "{ hello }"}').status == 415


def test_pages_of_others_may_not_ask(caller: Caller) -> None:
    assert caller.post({"query": "{ hello }"}, Host="rebound.example.com").code == "FORBIDDEN_HOST"
    assert caller.post({"query": "{ hello }"}, Origin="http://example.com").code == "FORBIDDEN_ORIGIN"
    assert caller.send("GET", "/?query={hello}", Sec_Fetch_Site="cross-site").code == "FORBIDDEN_ORIGIN"
    assert caller.post({"query": "{ hello }"}, Origin=caller.url).status == 200


def test_no_other_site_is_ever_allowed_to_read(caller: Caller) -> None:
    for answer in (caller.ask("{ hello }"), caller.send("OPTIONS", "/", Origin="http://example.com")):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\x00\xff", b'{"query": "{ hello }", "variables": 1}', b"[" * 50_000],
)
def test_a_broken_body_is_a_bad_request(caller: Caller, body: bytes) -> None:
    answer = caller.send("POST", "/", body, Content_Type="application/json")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert answer.json["data"] is None


@pytest.mark.parametrize("variables", ["{", "[]", "1", "[" * 50_000, '{"a": 1e999}', "\ud800"])
def test_broken_variables_are_bad_input(caller: Caller, variables: str) -> None:
    answer = caller.ask("query($a: Int) { hello }", variables)
    assert answer.status == 400
    assert answer.code in ("BAD_USER_INPUT", "BAD_REQUEST")


def test_a_body_has_a_limit_whatever_it_says_of_its_length(backend: Backend) -> None:
    backend.endpoint.limits = Limits(body_bytes=1000)
    with serving(backend.endpoint) as server:
        body = json.dumps({"query": "{ hello }", "variables": {"a": "x" * 2000}}).encode()
        json_type = {"Content_Type": "application/json"}
        with Caller(server.url) as caller:
            declared = caller.send("POST", "/", body, **json_type)
            see = "docs/reference/limits.md#body_bytes"
            facts = {"code": "BODY_TOO_LARGE", "limit": 1000, "actual": len(body), "see": see}
            assert (declared.status, declared.json["errors"][0]["extensions"]) == (413, facts)
        with Caller(server.url) as caller:
            parts = iter([body[:600], body[600:]])
            caller.connection.request("POST", "/", parts, {"Content-Type": "application/json"}, encode_chunked=True)
            assert Answer(caller.connection.getresponse()).status == 413
        with Caller(server.url) as caller:
            assert caller.send("POST", "/", gzip.compress(body), Content_Encoding="gzip", **json_type).status == 413
            assert caller.ask("{ hello }").status == 200


# -- gzip


def test_a_packed_question_is_answered(caller: Caller) -> None:
    packed = gzip.compress(b'{"query": "{ hello }"}')
    answer = caller.send("POST", "/", packed, Content_Type="application/json", Content_Encoding="gzip")
    assert answer.json == {"data": {"hello": "hi"}}


def test_a_long_answer_is_packed_for_those_who_can_unpack_it(caller: Caller, backend: Backend) -> None:
    for number in range(50):
        backend.project(f"a project with quite a long name, number {number}")
    plain = caller.ask("{ project { name } }")
    packed = caller.ask("{ project { name } }", Accept_Encoding="gzip, deflate")
    short = caller.ask("{ hello }", Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers | short.headers
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    assert packed.body == plain.body
    assert len(packed.raw) < len(plain.raw) / 4


# -- threads


def test_many_at_once_are_all_answered(caller: Caller, backend: Backend) -> None:
    tenant, answers, started = backend.tenant, list[Answer](), threading.Barrier(12)

    def work(number: int) -> None:
        mine = Caller(caller.url)
        started.wait()
        for turn in range(5):
            answers.append(mine.ask(CREATE, {"input": {"tenant_id": tenant, "name": f"{number}-{turn}"}}))
            answers.append(mine.ask("{ project { name } }"))
        mine.connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [200] * 120
    assert not [answer for answer in answers if "errors" in answer.json]
    assert len(backend.ask("{ project { name } }")["project"]) == 60


def test_a_fault_tells_the_log_everything_and_the_client_nothing(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: Any) -> None:
        raise RuntimeError("SELECT secret FROM /home/somebody")

    monkeypatch.setattr(endpoint.Endpoint, "reply", broken)
    answer = caller.ask("{ hello }")
    assert (answer.status, answer.code) == (500, "INTERNAL_SERVER_ERROR")
    assert b"secret" not in answer.body
    assert "SELECT secret" in caplog.text


def test_what_is_wrong_with_the_database_is_told_to_the_log_alone(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*arguments: Any, **settings: Any) -> None:
        raise DiskFull(f"There is no room left to write to the database {backend.store.place}.")

    monkeypatch.setattr(backend.store, "snapshot", away)
    assert backend.store.place in backend.reply("{ tenant { id } }")["errors"][0]["message"]
    backend.endpoint.discreet = True
    answer = backend.endpoint.reply("{ tenant { id } }")
    assert answer.status == 503, "which clients take for a server that is away"
    error = json.loads(answer.body)["errors"][0]
    assert error["message"] == "The database cannot be used at the moment; the log of the server says why."
    assert error["extensions"] == {"code": "DATABASE_ERROR"}
    assert backend.store.place in caplog.text


# -- listening


def test_a_taken_port_is_told_in_one_line() -> None:
    with app.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=f"Port {port} on 127.0.0.1 is taken"):
            app.listen("127.0.0.1", port)
