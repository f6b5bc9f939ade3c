"""The client says what 1.x says (recorded from 1.4.1), and turns answers and errors into what 1.x gives back."""

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pendulum
import pytest

from prefect.client.client import Client, ProjectInfo
from prefect.client.transport import EmbeddedTransport, HTTPTransport, NoTransport, Reply
from prefect.configuration import config
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.core.parameter import Parameter
from prefect.engine.results import PrefectResult
from prefect.engine.state import Queued, Running, Scheduled, Success
from prefect.exceptions import (
    AuthorizationError,
    ClientError,
    HostedServiceError,
    ObjectNotFoundError,
    VersionLockMismatchSignal,
)
from prefect.run_configs import UniversalRun
from prefect.schedules import IntervalSchedule
from prefect.storage import Module
from prefect.utilities.graphql import decompress
from prefect.utilities.version import VERSION

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).resolve().parents[1] / "fixtures" / "client" / "requests.json").read_text()
)


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


class Fake:
    """A backend that answers from a list, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any, dict[str, str]]] = []

    def send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None = None,
    ) -> Reply:
        self.asked.append((document, variables, dict(headers)))
        answer = self.answers.pop(0)
        if isinstance(answer, Reply):
            return answer
        return Reply(200, msgspec.json.encode(answer))

    def wait(
        self, asked: Mapping[str, Any], headers: Mapping[str, str], is_over: Callable[[], bool]
    ) -> dict[str, Any] | None:
        return None

    def __str__(self) -> str:
        return "the fake"


def client_of(*answers: Any) -> tuple[Client, Fake]:
    fake = Fake(*answers)
    return Client(transport=fake), fake


SAID: dict[str, Callable[[Client], Any]] = {
    "Client.create_tenant(name)": lambda client: client.create_tenant("My Team"),
    "Client.create_tenant(name, slug)": lambda client: client.create_tenant("My Team", "team"),
    "Client.create_project": lambda client: client.create_project("new", "desc"),
    "Client.delete_project": lambda client: client.delete_project("new"),
    "Client.create_flow_run(all arguments)": lambda client: client.create_flow_run(
        flow_id=uid(1021),
        context={"a": 1},
        parameters={"x": 5},
        run_config=UniversalRun(env={"E": "1"}, labels=["b", "a"]),
        labels=["l"],
        scheduled_start_time=pendulum.datetime(2022, 1, 1, 12),
        idempotency_key="key",
        run_name="named",
    ),
    "Client.set_flow_run_state(version)": lambda client: client.set_flow_run_state(uid(1024), Running("r"), version=1),
    "Client.set_flow_run_state": lambda client: client.set_flow_run_state(
        uid(1024), Scheduled("s", start_time=pendulum.datetime(2022, 1, 1))
    ),
    "Client.set_flow_run_name": lambda client: client.set_flow_run_name(uid(1024), "renamed"),
    "Client.set_task_run_state(version)": lambda client: client.set_task_run_state(
        uid(1028), Success("done", result=PrefectResult(value=1, location="1")), version=1
    ),
    "Client.set_task_run_name": lambda client: client.set_task_run_name(uid(1028), "tn"),
    "Client.cancel_flow_run": lambda client: client.cancel_flow_run(uid(1024)),
    "Client.write_run_logs": lambda client: client.write_run_logs(
        [
            {
                "flow_run_id": uid(1024),
                "task_run_id": None,
                "timestamp": "2022-01-01T00:00:00+00:00",
                "name": "prefect.x",
                "message": "m",
                "level": "INFO",
                "info": {"k": 1},
            }
        ]
    ),
    "Client.create_task_run_artifact": lambda client: client.create_task_run_artifact(
        uid(1028), "markdown", {"markdown": "# x"}
    ),
    "Client.update_task_run_artifact": lambda client: client.update_task_run_artifact(uid(70), {"markdown": "y"}),
    "Client.delete_task_run_artifact": lambda client: client.delete_task_run_artifact(uid(70)),
}


def without_versions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_versions(item) for key, item in value.items() if key != "__version__"}
    if isinstance(value, list):
        return [without_versions(item) for item in value]
    return value


@pytest.mark.parametrize("label", SAID)
def test_what_is_told_to_the_backend_is_what_1_x_told(label: str) -> None:
    recorded = RECORDED[label]
    client, fake = client_of(*(request["answer"] for request in recorded))
    SAID[label](client)
    assert len(fake.asked) == len(recorded)
    for (document, variables, _), request in zip(fake.asked, recorded, strict=True):
        assert f"{request['fields'][0]}(" in document or request["operation"] == "query"
        if "input" in request:
            said = without_versions(json.loads(msgspec.json.encode(variables)))["input"]
            assert said == without_versions(request["input"])


def test_a_run_without_an_idempotency_key_gets_one_of_its_own() -> None:
    client, fake = client_of(*[{"data": {"create_flow_run": {"id": uid(1)}}}] * 2)
    assert client.create_flow_run(flow_id=uid(2)) == uid(1)
    assert client.create_flow_run(version_group_id="group") == uid(1)
    first, second = (variables["input"] for _, variables, _ in fake.asked)
    assert set(first) == {"flow_id", "idempotency_key"}
    assert set(second) == {"version_group_id", "idempotency_key"}
    assert len(first["idempotency_key"]) == 32
    assert first["idempotency_key"] != second["idempotency_key"]


def test_a_run_of_nothing_is_refused() -> None:
    client, _ = client_of()
    with pytest.raises(ValueError, match="One of flow_id or version_group_id must be provided"):
        client.create_flow_run()


def test_the_version_header_cannot_be_overridden_and_attached_headers_go_with_every_request() -> None:
    client, fake = client_of({"data": {"hello": "hi"}})
    client.attach_headers({"X-PREFECT-AGENT-ID": uid(8), "X-PREFECT-CORE-VERSION": "0"})
    client.graphql("query { hello }", headers={"X-PREFECT-EXTRA": "1", "X-PREFECT-CORE-VERSION": "1"})
    assert fake.asked[0][2] == {
        "X-PREFECT-EXTRA": "1",
        "X-PREFECT-AGENT-ID": uid(8),
        "X-PREFECT-CORE-VERSION": VERSION,
    }


def test_key_and_tenant_are_sent_where_they_are_known() -> None:
    fake = Fake({"data": {"hello": "hi"}})
    Client(transport=fake, api_key="my-key", tenant_id=uid(1)).graphql("query { hello }")
    headers = fake.asked[0][2]
    assert (headers["Authorization"], headers["X-PREFECT-TENANT-ID"]) == ("Bearer my-key", uid(1))
    fake = Fake({"data": {"hello": "hi"}})
    Client(transport=fake, tenant_id=uid(1)).graphql("query { hello }")
    assert set(fake.asked[0][2]) == {"X-PREFECT-CORE-VERSION"}


def test_a_heartbeat_names_the_run_in_a_header_too() -> None:
    client, fake = client_of({"data": {"update_flow_run_heartbeat": {"success": True}}})
    client.update_flow_run_heartbeat(uid(3))
    _, variables, headers = fake.asked[0]
    assert variables == {"input": {"flow_run_id": uid(3)}}
    assert headers["X-PREFECT-HEARTBEAT-ID"] == uid(3)


def test_answers_are_read_with_dots_and_queries_may_be_python_values() -> None:
    client, fake = client_of({"data": {"flow": [{"id": uid(1)}]}})
    assert client.graphql({"query": {"flow": {"id"}}}).data.flow[0].id == uid(1)
    assert fake.asked[0][0].split() == ["query", "{", "flow", "{", "id", "}", "}"]


def test_errors_are_raised_unless_they_are_wanted_as_data() -> None:
    answer = {"errors": [{"message": "Invalid input", "path": ["create_flow_run"], "extensions": {"code": "X"}}]}
    client, _ = client_of(answer | {"data": None}, answer | {"data": None})
    with pytest.raises(ClientError, match=r"^Invalid input \(X, at create_flow_run\)$"):
        client.graphql("query { hello }")
    assert client.graphql("query { hello }", raise_on_error=False).errors[0].message == "Invalid input"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("VERSION_LOCKING_ERROR", VersionLockMismatchSignal),
        ("UNAUTHENTICATED", AuthorizationError),
        ("INTERNAL_SERVER_ERROR", ClientError),
    ],
)
def test_the_code_of_the_first_error_decides_what_is_raised(code: str, kind: type[BaseException]) -> None:
    client, _ = client_of({"errors": [{"message": "x", "extensions": {"code": code}}], "data": None})
    with pytest.raises(kind):
        client.graphql_fast("query { hello }")


def test_an_answer_that_is_no_json_is_shown_with_the_address() -> None:
    client, _ = client_of(Reply(200, b"<html>welcome</html>"))
    with pytest.raises(ClientError, match=r"the fake answered with something that is not JSON .*welcome"):
        client.graphql("query { hello }")


def test_a_status_without_data_is_an_error() -> None:
    client, _ = client_of(Reply(503, b'{"errors": []}'))
    with pytest.raises(ClientError, match="status 503"):
        client.graphql("query { hello }")


def test_a_project_that_exists_is_answered_by_its_id() -> None:
    client, _ = client_of(*(request["answer"] for request in RECORDED["Client.create_project [name exists]"]))
    client.tenant_id = uid(1)
    _, fake = client_of()
    fake.answers = [request["answer"] for request in RECORDED["Client.create_project [name exists]"]]
    again = Client(transport=fake, tenant_id=uid(1))
    assert again.create_project("new") == uid(1004)


def test_a_missing_project_is_a_value_error() -> None:
    client, _ = client_of({"data": {"project": []}})
    with pytest.raises(ValueError, match="Project nope not found"):
        client.delete_project("nope")


def test_queued_answers_make_the_run_wait() -> None:
    answer = {"states": [{"id": uid(1), "status": "QUEUED", "message": "Queued by the backend"}]}
    client, _ = client_of({"data": {"set_flow_run_states": answer}}, {"data": {"set_task_run_states": answer}})
    before = pendulum.now("UTC")
    for state in (client.set_flow_run_state(uid(1), Running()), client.set_task_run_state(uid(1), Running())):
        assert isinstance(state, Queued)
        assert state.message == "Queued by the backend"
        waits = state.start_time - before
        assert datetime.timedelta(seconds=30) <= waits < datetime.timedelta(seconds=35)


def test_an_accepted_state_is_the_one_that_was_proposed() -> None:
    answer = {"states": [{"id": uid(1), "status": "SUCCESS", "message": None}]}
    client, _ = client_of({"data": {"set_flow_run_states": answer}})
    state = Running("r")
    assert client.set_flow_run_state(uid(1), state) is state


def test_what_a_runner_needs_of_a_flow_run() -> None:
    client, fake = client_of(*(request["answer"] for request in RECORDED["Client.get_flow_run_info"]))
    info = client.get_flow_run_info(uid(1024))
    assert fake.asked[0][1] == {"id": uid(1024)}
    assert info.project == ProjectInfo(uid(2), "proj")
    assert isinstance(info.state, Scheduled)
    assert info.version == 1
    assert {run.task_slug for run in info.task_runs} >= {"inc-1", "cached-1"}
    assert info.scheduled_start_time.tzinfo is not None


def test_runs_that_do_not_exist_are_named() -> None:
    client, _ = client_of(*[{"data": {"flow_run_by_pk": None}}] * 2)
    with pytest.raises(ClientError, match=f'Flow run ID not found: "{uid(404)}"'):
        client.get_flow_run_info(uid(404))
    with pytest.raises(ObjectNotFoundError, match=f"Flow run '{uid(404)}' not found."):
        client.get_flow_run_state(uid(404))


def test_a_task_run_is_asked_for_by_task_and_map_index() -> None:
    answer = {"id": uid(1), "version": 3, "serialized_state": {"type": "Pending", "message": "Task run created"}}
    client, fake = client_of(*[{"data": {"get_or_create_task_run_info": answer}}] * 2)
    assert client.get_task_run_info(uid(2), uid(3)).version == 3
    client.get_task_run_info(uid(2), uid(3), map_index=2)
    assert [variables["input"]["map_index"] for _, variables, _ in fake.asked] == [-1, 2]


def test_cached_states_are_looked_up_by_key_or_by_task() -> None:
    cached = {"task_run": [{"serialized_state": {"type": "Cached", "message": "c"}}]}
    client, fake = client_of({"data": cached}, {"data": cached})
    since = datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC)
    (state,) = client.get_latest_cached_states(uid(1), "k", since)
    assert state.is_cached()
    client.get_latest_cached_states(uid(1), None, since)
    by_key, by_task = (variables for _, variables, _ in fake.asked)
    assert by_key == {"after": "2022-01-01T00:00:00+00:00", "limit": 100, "key": "k"}
    assert by_task == {"after": "2022-01-01T00:00:00+00:00", "limit": 100, "task_id": uid(1)}


def test_the_tenant_is_asked_for_once() -> None:
    client, fake = client_of({"data": {"tenant": [{"id": uid(1)}]}})
    assert client.tenant_id == client.tenant_id == uid(1)
    assert len(fake.asked) == 1
    client, _ = client_of({"data": {"tenant": []}})
    with pytest.raises(ClientError, match="no tenant yet"):
        client.tenant_id  # noqa: B018


def test_limits_are_not_negative() -> None:
    client, _ = client_of()
    with pytest.raises(ValueError, match="Concurrency limits must be >= 0"):
        client.update_task_tag_limit("tag", -1)


@pytest.mark.parametrize(
    ("backend", "kind"), [("embedded", EmbeddedTransport), ("server", HTTPTransport), ("cloud", NoTransport)]
)
def test_the_settings_choose_the_transport(backend: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", backend)
    if backend == "cloud":
        monkeypatch.setitem(config.cloud, "api", config.cloud.endpoint)
    if backend == "server":
        monkeypatch.setitem(config.cloud, "api", config.server.endpoint)
    assert isinstance(Client()._transport, kind)


def test_the_hosted_service_gets_one_line_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "cloud")
    monkeypatch.setitem(config.cloud, "api", config.cloud.endpoint)
    with pytest.raises(HostedServiceError, match=r"no longer exists.*prefect backend embedded") as caught:
        Client().graphql("query { hello }")
    assert "\n" not in str(caught.value)


def test_keys_are_kept_in_a_file_that_only_the_owner_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    one = Client(api_server="http://127.0.0.1:36041", api_key="k", tenant_id=uid(3))
    one.save_auth_to_disk()
    Client(api_server="http://elsewhere:1", api_key="other").save_auth_to_disk()
    path = tmp_path / "auth.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert '["127.0.0.1-36041"]' in path.read_text()
    again = Client(api_server="http://127.0.0.1:36041")
    assert (again.api_key, again._tenant_id) == ("k", uid(3))
    assert Client(api_server="http://nowhere:1").api_key is None


def test_plain_requests_need_a_server() -> None:
    client, _ = client_of()
    with pytest.raises(ClientError, match="the fake is no server"):
        client.get("health")


def flow_with(schedule: Any = None, result: Any = None) -> Flow:
    @task
    def double(x: int) -> int:
        return 2 * x

    with Flow("tiny", schedule=schedule, result=result) as flow:
        double(Parameter("x", default=1))
    flow.storage = Module("a_module")
    flow.storage.add_flow(flow)
    return flow


def registering(fake: Fake) -> Client:
    client = Client(transport=fake, tenant_id=uid(1))
    return client


def test_registering_sends_the_flow_without_tasks_and_edges_and_then_those() -> None:
    flow = flow_with(result=PrefectResult())
    fake = Fake(
        {"data": {"project": [{"id": uid(2)}]}},
        {"data": {"create_flow": {"id": uid(3)}}},
        {"data": {"register_tasks": {"success": True}}},
        {"data": {"register_edges": {"success": True}}},
        {"data": {"set_schedule_active": {"success": True}}},
    )
    registered = registering(fake).register(
        flow, project_name="proj", build=False, compressed=False, no_url=True, version_group_id="g", idempotency_key="k"
    )
    assert registered == uid(3)
    head, tasks, edges, active = (variables["input"] for _, variables, _ in fake.asked[1:])
    assert {"tasks", "edges"} & set(head["serialized_flow"]) == set()
    assert head | {"serialized_flow": ...} == {
        "project_id": uid(2),
        "serialized_flow": ...,
        "set_schedule_active": False,
        "version_group_id": "g",
        "idempotency_key": "k",
    }
    assert [task["slug"] for task in tasks["serialized_tasks"]] == ["double-1", "x"]
    assert [edge["key"] for edge in edges["serialized_edges"]] == ["x"]
    assert active == {"flow_id": uid(3)}


def test_a_flow_is_compressed_unless_asked_otherwise() -> None:
    flow = flow_with(result=PrefectResult())
    fake = Fake(
        {"data": {"project": [{"id": uid(2)}]}},
        {"data": {"create_flow_from_compressed_string": {"id": uid(3)}}},
        {"data": {"register_tasks": {"success": True}}},
        {"data": {"register_edges": {"success": True}}},
    )
    registering(fake).register(flow, project_name="proj", build=False, set_schedule_active=False, no_url=True)
    compressed = fake.asked[1][1]["input"]["serialized_flow"]
    assert decompress(compressed)["name"] == "tiny"


def test_registering_prints_where_the_flow_is(capsys: pytest.CaptureFixture[str]) -> None:
    flow = flow_with(result=PrefectResult())
    flow.run_config = UniversalRun(labels=["z", "a"])
    fake = Fake(
        {"data": {"project": [{"id": uid(2)}]}},
        {"data": {"create_flow_from_compressed_string": {"id": uid(3)}}},
        {"data": {"register_tasks": {"success": True}}},
        {"data": {"register_edges": {"success": True}}},
        {"data": {"set_schedule_active": {"success": True}}},
        {"data": {"flow_by_pk": {"flow_group_id": uid(4)}}},
        {"data": {"tenant": [{"id": uid(1), "slug": "default", "name": "d"}]}},
    )
    registering(fake).register(flow, project_name="proj", build=False)
    assert capsys.readouterr().out.splitlines() == [
        f"Flow URL: http://localhost:8080/default/flow/{uid(4)}",
        f" └── ID: {uid(3)}",
        " └── Project: proj",
        " └── Labels: ['a', 'z']",
    ]


def test_an_unknown_project_names_the_command_that_makes_it() -> None:
    client, _ = client_of({"data": {"project": []}})
    flow = flow_with(result=PrefectResult())
    with pytest.raises(ValueError, match=r"Project nope not found. Run `prefect create project 'nope'` to create it."):
        client.register(flow, project_name="nope")
    with pytest.raises(TypeError, match=r"'project_name' is a required field when registering a flow."):
        client.register(flow)


def test_values_that_flow_between_tasks_without_a_result_are_worth_a_warning() -> None:
    client, _ = client_of({"data": {"project": []}})
    with pytest.warns(UserWarning, match="result handler"), pytest.raises(ValueError, match="not found"):
        client.register(flow_with(), project_name="nope")


def test_a_schedule_needs_every_required_parameter() -> None:
    @task
    def double(x: int) -> int:
        return 2 * x

    with Flow("tiny", schedule=IntervalSchedule(interval=datetime.timedelta(hours=1))) as flow:
        double(Parameter("x"))
    client, _ = client_of()
    with pytest.raises(ClientError, match="Flows with required parameters can not be scheduled automatically"):
        client.register(flow, project_name="proj")


def test_a_flow_that_cannot_be_loaded_back_is_not_registered() -> None:
    client, fake = client_of({"data": {"project": [{"id": uid(2)}]}})
    flow = flow_with(result=PrefectResult())
    serialize = flow.serialize
    flow.serialize = lambda build=False: serialize() | {"schedule": {"type": "NoSuchSchedule"}}  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="Flow could not be deserialized"):
        client.register(flow, project_name="proj", build=False)
    assert len(fake.asked) == 1


def test_the_hosted_service_is_refused_when_it_is_named_by_the_program_too() -> None:
    with pytest.raises(HostedServiceError, match="no longer exists"):
        Client(api_server="https://api.prefect.io").graphql("query { hello }")


def test_a_heartbeat_announces_when_the_next_one_comes_unless_the_server_is_of_1x() -> None:
    unknown = {"errors": [{"message": 'Field "interval_seconds" is not defined by type.'}], "data": None}
    done = {"data": {"update_flow_run_heartbeat": {"success": True}}}
    client, fake = client_of(done, unknown, done, done)
    for _ in range(3):
        client.update_flow_run_heartbeat("run", interval_seconds=29.5)
    plain = {"input": {"flow_run_id": "run"}}
    announced = {"input": {"flow_run_id": "run", "interval_seconds": 30}}
    assert [variables for _, variables, _ in fake.asked] == [announced, announced, plain, plain]
