"""Who may come in: keys where others could ask, names in the Host header, and sessions of browsers."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from prefect.server import metrics
from prefect.server.access import Access, access_at, check_keys
from prefect.server.catalog import EVERYONE
from prefect.server.errors import CannotServe, DatabaseAway
from prefect.server.identifiers import stamp
from prefect.server.logs import TURNED_AWAY, Sparing
from prefect.server.metrics import METRICS
from prefect.server.over_http import THIS_MACHINE, Names, Refused, check_sender
from tests.server.conftest import Backend, mutation
from tests.server.test_app import Answer, Caller
from tests.server.test_following import NAMES, SHORT, Socket, socket
from tests.serving import Serving, serving

Json = dict[str, Any]

# -- when keys are required --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_a_server_of_one_machine_asks_for_no_keys(host: str) -> None:
    assert access_at(host) == Access(False, THIS_MACHINE)
    assert access_at(host, require_keys=True) == Access(True, THIS_MACHINE)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.com", ""])
def test_a_server_that_others_reach_asks_for_keys(host: str) -> None:
    assert access_at(host).requires_keys
    assert access_at(host, require_keys=False).requires_keys


def test_a_server_with_a_name_of_its_own_asks_for_keys() -> None:
    """Behind a proxy it listens to this machine alone, and everybody asks."""
    found = access_at("127.0.0.1", allowed_hosts=["Runs.Example.com."])
    assert found == Access(True, Names(False, frozenset({"runs.example.com"})))
    assert access_at("127.0.0.1", allowed_hosts="runs.example.com, ") == found
    assert access_at("127.0.0.1", allowed_hosts="a.example.com,b").names.hosts == {"a.example.com", "b"}
    assert access_at("127.0.0.1", allowed_hosts="") == access_at("127.0.0.1", allowed_hosts=None) == Access()


def test_it_does_not_start_without_a_key_of_an_administrator(backend: Backend) -> None:
    outside = access_at("0.0.0.0")
    check_keys(backend.endpoint, access_at("127.0.0.1"), "127.0.0.1")
    with pytest.raises(CannotServe, match=r"other machines at 0\.0\.0\.0.*prefect server create-key --role admin"):
        check_keys(backend.endpoint, outside, "0.0.0.0")
    with pytest.raises(CannotServe, match="requires API keys"):
        check_keys(backend.endpoint, access_at("127.0.0.1", require_keys=True), "127.0.0.1")
    backend.do("create_api_key", name="k", role="user")
    soon = stamp(datetime.now(UTC) + timedelta(hours=1))
    expiring = backend.do("create_api_key", name="k", role="admin", expires_at=soon)["id"]
    check_keys(backend.endpoint, outside, "0.0.0.0")
    with backend.store.transaction() as transaction:
        past = stamp(datetime.now(UTC) - timedelta(hours=1))
        transaction.execute("UPDATE auth_api_key SET expires_at = ?1 WHERE id = ?2", (past, expiring))
    with pytest.raises(CannotServe):
        check_keys(backend.endpoint, outside, "0.0.0.0")


# -- names -------------------------------------------------------------------------------------------------------------

REACHABLE = access_at("0.0.0.0", allowed_hosts=["runs.example.com"]).names


@pytest.mark.parametrize(
    "host", ["192.168.1.5:4200", "[fe80::1]:4200", "runs.example.com", "RUNS.example.com:443", "localhost:4200"]
)
def test_a_reachable_server_answers_to_addresses_and_its_names(host: str) -> None:
    check_sender(host, None, None, REACHABLE)
    check_sender(host, f"https://{host}", "same-origin", REACHABLE)


@pytest.mark.parametrize("host", ["rebound.example.com", "runs.example.com.evil.org", "", None, "a@runs.example.com"])
def test_it_answers_to_no_other_name(host: str | None) -> None:
    with pytest.raises(Refused, match="allowed_hosts"):
        check_sender(host, None, None, REACHABLE)


def test_a_server_behind_a_proxy_answers_to_its_name_and_to_no_address() -> None:
    names = access_at("127.0.0.1", allowed_hosts=["runs.example.com"]).names
    check_sender("runs.example.com", "https://runs.example.com", None, names)
    with pytest.raises(Refused):
        check_sender("192.168.1.5", None, None, names)
    with pytest.raises(Refused, match="Pages of"):
        check_sender("runs.example.com", "https://evil.example.com", None, names)


# -- a server that requires keys ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded() -> Iterator[Serving]:
    with serving() as server:
        yield server


@pytest.fixture
def url(backend: Backend, guarded: Serving) -> Iterator[str]:
    backend.endpoint.requires_keys = True
    with guarded.serve(backend.endpoint):
        yield guarded.url


@pytest.fixture
def caller(url: str) -> Iterator[Caller]:
    with Caller(url) as caller:
        yield caller


def key_of(backend: Backend, role: str = "user", **more: Any) -> Json:
    document = mutation("create_api_key", "id key")
    given = {"input": {"name": role, "role": role, **more}}
    made: Json = json.loads(backend.endpoint.answer(document, given, role=EVERYONE))["data"]["create_api_key"]
    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


HELLO = {"data": {"hello": "hi"}}


def test_nobody_is_answered_without_a_key(caller: Caller, backend: Backend) -> None:
    assert caller.ask("{ hello }").code == "UNAUTHENTICATED"
    assert caller.ask("{ __schema { types { name } } }").code == "UNAUTHENTICATED"
    assert caller.ask("{ hello }", Authorization="Bearer of-another-service").code == "UNAUTHENTICATED"
    assert caller.ask("{ hello }", Authorization="Basic eDp5").code == "UNAUTHENTICATED"
    assert caller.send("GET", "/graphql?query={hello}").code == "UNAUTHENTICATED"
    batch = caller.post([{"query": "{ hello }"}, {"query": "{ tenant { id } }"}]).json
    assert [reply["errors"][0]["extensions"]["code"] for reply in batch] == ["UNAUTHENTICATED"] * 2
    # What keeps it alive needs to ask.
    assert caller.send("GET", "/health").status == 200
    made = key_of(backend)
    assert caller.ask("{ hello }", **bearer(made["key"])).json == HELLO


def test_a_key_is_revoked_at_once(caller: Caller, backend: Backend) -> None:
    admin, made = key_of(backend, "admin")["key"], key_of(backend)
    assert caller.ask("{ hello }", **bearer(made["key"])).json == HELLO
    caller.ask(mutation("delete_api_key", "success"), {"input": {"key_id": made["id"]}}, **bearer(admin))
    assert caller.ask("{ hello }", **bearer(made["key"])).code == "UNAUTHENTICATED"


def test_a_subscription_needs_a_key(url: str, backend: Backend) -> None:
    made = key_of(backend)["key"]
    with socket(url) as client:
        opened(client)
        client.subscribe(NAMES)
        assert client.hear()["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        client.say(type="subscribe", id="2", payload={"query": "{ tenant { id } }"})
        assert "UNAUTHENTICATED" in json.dumps(client.hear())
    with socket(url, additional_headers=bearer(made)) as client:
        opened(client)
        client.subscribe(NAMES)
        assert client.next() == {"project": []}
    for query in (NAMES, SHORT):
        assert b"UNAUTHENTICATED" in first_event(url, query, {})


def opened(client: Socket) -> None:
    client.say(type="connection_init")
    assert client.hear()["type"] == "connection_ack"


def first_event(url: str, query: str, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    try:
        body = json.dumps({"query": query, "variables": {"id": "00000000-0000-4000-8000-000000000404"}})
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **headers}
        connection.request("POST", "/graphql", body, headers)
        response = connection.getresponse()
        lines = b""
        while b"data:" not in lines:
            lines += response.fp.readline()
        return lines
    finally:
        connection.close()


# -- sessions of browsers ----------------------------------------------------------------------------------------------


class Browser:
    """Keeps a cookie and says where its page is from, as browsers do."""

    def __init__(self, caller: Caller, origin: str | None = None) -> None:
        self.caller = caller
        self.origin = origin or caller.url
        self.cookie = ""
        self.attributes: set[str] = set()

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": self.origin, **({"Cookie": self.cookie} if self.cookie else {})}

    def post(self, path: str, content: Any) -> Answer:
        answer = self.caller.post(content, path, **self.headers)
        if "set-cookie" in answer.headers:
            self.cookie, *attributes = answer.headers["set-cookie"].split("; ")
            self.attributes = set(attributes)
        return answer

    def ask(self, query: str, variables: Any = None) -> Answer:
        return self.post("/graphql", {"query": query, "variables": variables})

    def session(self) -> Answer:
        headers = {"Sec-Fetch-Site": "same-origin", **self.headers}
        del headers["Origin"]
        return self.caller.send("GET", "/auth/session", **headers)


@pytest.fixture
def browser(caller: Caller) -> Browser:
    return Browser(caller)


def test_a_page_logs_in_asks_and_logs_out(browser: Browser, backend: Backend) -> None:
    made = key_of(backend, "user")
    before = browser.session()
    assert before.status == 200
    assert before.json | {"version": ""} == {
        "requires_keys": True,
        "authenticated": False,
        "role": None,
        "key": None,
        "tenant_id": None,
        "tenants": [],
        "version": "",
    }
    answer = browser.post("/auth/login", {"key": f" {made['key']}\n"})
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    port = browser.caller.connection.port
    assert browser.cookie.startswith(f"quaestor_session_{port}=qs_")
    assert browser.attributes == {"HttpOnly", "Max-Age=604800", "Path=/", "SameSite=strict"}
    described = answer.json
    assert (described["role"], described["authenticated"], described["key"]) == (
        "user",
        True,
        {"id": made["id"], "name": "user"},
    )
    assert [tenant["slug"] for tenant in described["tenants"]] == ["default"]
    assert made["key"] not in browser.cookie
    assert made["key"] not in answer.body.decode()
    assert browser.session().json == described
    assert browser.ask("{ hello }").json == HELLO
    assert browser.ask("{ auth_api_key { id } }").code == "FORBIDDEN"
    kept = browser.cookie
    assert browser.post("/auth/logout", {}).json == {"authenticated": False}
    assert "Max-Age=0" in browser.attributes
    browser.cookie = kept
    assert browser.ask("{ hello }").code == "UNAUTHENTICATED"
    gone = browser.session()
    assert gone.json["authenticated"] is False
    assert "Max-Age=0" in gone.headers["set-cookie"]


def test_a_session_ends_with_its_key(browser: Browser, backend: Backend) -> None:
    made = key_of(backend)
    browser.post("/auth/login", {"key": made["key"]})
    assert browser.ask("{ hello }").json == HELLO
    admin = key_of(backend, "admin")["key"]
    backend.endpoint.answer(
        mutation("delete_api_key", "success"), {"input": {"key_id": made["id"]}}, headers=bearer(admin)
    )
    assert browser.ask("{ hello }").code == "UNAUTHENTICATED"
    with backend.store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT id FROM auth_session") == []


@pytest.mark.parametrize("table", ["auth_session", "auth_api_key"])
def test_a_session_ends_in_time(browser: Browser, backend: Backend, table: str) -> None:
    soon = stamp(datetime.now(UTC) + timedelta(hours=1))
    browser.post("/auth/login", {"key": key_of(backend, expires_at=soon)["key"]})
    assert browser.ask("{ hello }").json == HELLO
    past = stamp(datetime.now(UTC) - timedelta(seconds=1))
    with backend.store.transaction() as transaction:
        transaction.execute(f"UPDATE {table} SET expires_at = ?1", (past,))  # noqa: S608
    assert browser.ask("{ hello }").code == "UNAUTHENTICATED"


def test_logging_in_is_written_down(browser: Browser, backend: Backend) -> None:
    made = key_of(backend, "admin")
    browser.post("/auth/login", {"key": made["key"]})
    browser.post("/auth/logout", {})
    found = json.loads(
        backend.endpoint.answer("{ audit { operation key_id address outcome } }", headers=bearer(made["key"]))
    )["data"]["audit"]
    rest = {"key_id": made["id"], "address": "127.0.0.1", "outcome": "success"}
    assert sorted(found, key=lambda row: str(row["operation"])) == [
        {"operation": "login", **rest},
        {"operation": "logout", **rest},
    ]


def test_a_wrong_key_logs_nobody_in_and_is_not_repeated(browser: Browser, backend: Backend) -> None:
    key = key_of(backend)["key"]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    messages = set()
    for given in (wrong, "qk_" + "0" * 32 + key[35:]):
        answer = browser.post("/auth/login", {"key": given})
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert given not in answer.body.decode()
        messages.add(answer.json["errors"][0]["message"])
    # Whether there is a key of that id is not told.
    assert len(messages) == 1
    for body in ({"key": "my-password"}, {"key": 5}, {"password": wrong}, [wrong], {"key": "x" * 5000}):
        answer = browser.post("/auth/login", body)
        assert answer.status in (400, 401, 413)
        assert "password" not in answer.body.decode()
        assert wrong not in answer.body.decode()
    assert browser.cookie == ""


def test_behind_tls_the_cookie_is_for_tls_alone(caller: Caller, backend: Backend) -> None:
    origin = caller.url.replace("http:", "https:")
    browser = Browser(caller, origin)
    browser.post("/auth/login", {"key": key_of(backend)["key"]})
    assert "Secure" in browser.attributes


def test_a_cookie_counts_for_pages_of_this_server_alone(browser: Browser, backend: Backend) -> None:
    browser.post("/auth/login", {"key": key_of(backend)["key"]})
    cookie = {"Cookie": browser.cookie}
    caller = browser.caller
    for headers in (
        cookie,
        {**cookie, "Sec_Fetch_Site": "none"},
        {**cookie, "Origin": "http://evil.example.com"},
        {**cookie, "Origin": "http://127.0.0.1:1"},
        {**cookie, "Origin": "null"},
        {**cookie, "Origin": caller.url, "Sec_Fetch_Site": "cross-site"},
        {**cookie, "Sec_Fetch_Site": "same-site"},
    ):
        assert caller.ask("{ hello }", **headers).code == "FORBIDDEN_ORIGIN", headers
        assert caller.send("GET", "/graphql?query={hello}", **headers).code == "FORBIDDEN_ORIGIN", headers
    assert caller.send("GET", "/graphql?query={hello}", **cookie, Sec_Fetch_Site="same-origin").json == HELLO
    # Who has a key as well is known by it.
    assert caller.ask("{ hello }", **cookie, **bearer(key_of(backend)["key"])).json == HELLO
    for path in ("/auth/login", "/auth/logout"):
        assert caller.post({"key": "x"}, path).status == 403
        assert caller.post({"key": "x"}, path, Origin="http://evil.example.com").status == 403
        plain = caller.send("POST", path, b"key=x", Content_Type="text/plain", Origin=caller.url)
        assert plain.status == 415
    assert browser.ask("{ hello }").json == HELLO


def test_a_page_subscribes_with_its_cookie(browser: Browser, url: str, backend: Backend) -> None:
    browser.post("/auth/login", {"key": key_of(backend)["key"]})
    with socket(url, origin=browser.origin, additional_headers={"Cookie": browser.cookie}) as client:
        opened(client)
        client.subscribe(NAMES)
        assert client.next() == {"project": []}
    for headers in ({}, {"origin": "http://evil.example.com"}):
        with (
            pytest.raises(InvalidStatus) as refused,
            socket(url, **headers, additional_headers={"Cookie": browser.cookie}),
        ):
            pass
        assert refused.value.response.status_code == 403


def test_odd_cookies_are_nobody_s(caller: Caller, backend: Backend) -> None:
    port = caller.connection.port
    for cookie in (
        f"quaestor_session_{port}=",
        "quaestor_session",
        "quaestor_session_1=qs_x; a=b",
        "=;=,quaestor_session;",
    ):
        assert caller.ask("{ hello }", Cookie=cookie, Origin=caller.url).code == "UNAUTHENTICATED", cookie
    # A key is for programs: as a cookie it would be one that scripts could have set.
    wrong = f"quaestor_session_{port}={key_of(backend)['key']}"
    assert caller.ask("{ hello }", Cookie=wrong, Origin=caller.url).code == "UNAUTHENTICATED"


def test_an_open_server_tells_a_page_that_it_needs_no_login(backend: Backend, guarded: Serving) -> None:
    with guarded.serve(backend.endpoint), Caller(guarded.url) as caller:
        found = Browser(caller).session().json
        assert (found["requires_keys"], found["authenticated"], found["role"]) == (False, False, "admin")
        assert [tenant["slug"] for tenant in found["tenants"]] == ["default"]
        assert caller.send("GET", "/auth/session", Host="rebound.example.com").status == 403


# -- who is turned away ------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, float]]:
    """How many were turned away since, by reason; every one of them has a line in the log."""
    monkeypatch.setattr(Sparing, "SECONDS", -1.0)
    monkeypatch.setattr(TURNED_AWAY, "_sparing", Sparing())
    (_, reasons), *_ = metrics.TURNED_AWAY.labels
    before = {reason: METRICS.value(metrics.TURNED_AWAY, reason) for reason in reasons}

    def since() -> dict[str, float]:
        now = {reason: METRICS.value(metrics.TURNED_AWAY, reason) - before[reason] for reason in reasons}
        return {reason: count for reason, count in now.items() if count}

    return since


def test_a_wrong_key_is_logged_without_it_and_counted(
    caller: Caller,
    browser: Browser,
    backend: Backend,
    counted: Callable[[], dict[str, float]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = key_of(backend)
    expired = key_of(backend, expires_at=stamp(datetime.now(UTC) + timedelta(hours=1)))
    with backend.store.transaction() as transaction:
        past = stamp(datetime.now(UTC) - timedelta(hours=1))
        transaction.execute("UPDATE auth_api_key SET expires_at = ?1 WHERE id = ?2", (past, expired["id"]))
    wrong = made["key"][:-1] + ("A" if made["key"][-1] != "A" else "B")
    caplog.clear()
    caller.ask("{ hello }", Authorization=f"Bearer {wrong}")
    caller.send("POST", "/wait", b"{}", Content_Type="application/json", Authorization=f"Bearer {expired['key']}")
    caller.send("GET", "/metrics", Authorization="Bearer no-key-at-all")
    browser.post("/auth/login", {"key": wrong})
    browser.post("/auth/login", {"key": "my-password"})
    caller.ask("{ hello }", Authorization=f"Bearer {made['key']}", X_PREFECT_TENANT_ID=str(uuid.uuid4()))
    caller.ask("{ hello }")
    assert counted() == {"unknown": 2, "expired": 1, "foreign": 2, "other_tenant": 1, "missing": 1}
    lines = [record for record in caplog.records if record.name == "prefect.server.access"]
    assert [record.getMessage().removeprefix("Turned away at 127.0.0.1: ") for record in lines] == [
        f"the key is not known here, or not any more (id {made['id']}).",
        f"the key has expired (id {expired['id']}).",
        "what was sent is no key of this server.",
        f"the key is not known here, or not any more (id {made['id']}).",
        "what was sent is no key of this server.",
        f"the key is of another tenant than the one asked for (id {made['id']}).",
    ]
    assert {record.levelname for record in lines} == {"WARNING"}
    for given in (wrong, wrong[-43:], expired["key"][-43:], "no-key-at-all", "my-password"):
        assert given not in caplog.text


def test_who_cannot_be_looked_up_is_not_told_that_the_key_is_wrong(
    backend_in_file: Backend, guarded: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    """Else pages would log themselves out, and agents end, whenever the database is away for a moment."""
    backend = backend_in_file
    backend.endpoint.requires_keys = backend.endpoint.discreet = True
    key = key_of(backend)["key"]

    def away(*_: Any, **__: Any) -> None:
        raise DatabaseAway("There is no server at db.intern.example.org.")

    with guarded.serve(backend.endpoint), Caller(guarded.url) as caller:
        browser = Browser(caller)
        browser.post("/auth/login", {"key": key})
        assert browser.cookie
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(backend.store, "snapshot", away)
            waiting = caller.send("POST", "/wait", b"{}", Content_Type="application/json", **bearer(key))
            answers = {
                "wait": waiting,
                "login": browser.post("/auth/login", {"key": key}),
                "metrics": caller.send("GET", "/metrics", **bearer(key)),
                "session": browser.session(),
                "logout": browser.post("/auth/logout", {}),
                "query": caller.ask("{ hello }", **bearer(key)),
            }
        assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(answers, 503)
        for name, answer in answers.items():
            assert answer.code == "DATABASE_ERROR", name
            assert "intern" not in answer.body.decode()
            assert "set-cookie" not in answer.headers
        assert "db.intern.example.org" in caplog.text
        assert browser.session().json["authenticated"]


def test_a_project_that_is_not_there_is_told_to_the_log_too(
    caller: Caller, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    key, gone = key_of(backend), str(uuid.uuid4())
    given = {"project_id": gone, "serialized_flow": {"name": "f", "tasks": [], "edges": []}}
    for _ in range(3):
        answer = caller.ask(mutation("create_flow", "id"), {"input": given}, **bearer(key["key"]))
        assert answer.code == "NOT_FOUND"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "prefect.server"]
    assert line == f"create_flow by key user ({key['id']}) was refused: There is no project {gone}."
