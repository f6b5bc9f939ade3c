"""Every method that the client of 1.4.1 had does its work on a real backend, in this process and over HTTP."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pendulum
import pytest

from prefect.client.client import Client, FlowRunInfoResult
from prefect.client.secrets import Secret
from prefect.client.transport import HTTPTransport
from prefect.core.flow import Flow
from prefect.core.task import Task
from prefect.engine.results import PrefectResult
from prefect.engine.state import Cached, Cancelled, Cancelling, Pending, Running, Scheduled, Success
from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.run_configs import LocalRun
from prefect.storage import Module
from prefect.utilities.configuration import set_temporary_config
from tests.backend.by_hand import Recorded

OF_1_X = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "python_api.json").read_text())
METHODS = OF_1_X["prefect.client.client"]["classes"]["Client"]["methods"]
ABSENT = "00000000-0000-4000-8000-000000000404"

Exercise = Callable[[Recorded], None]


@pytest.fixture
def recorded(database: Path) -> Recorded:
    """A registered flow and one run of it, in a database of this test's own."""
    return Recorded()


def rows(client: Client, question: str) -> Any:
    """The rows that a query with one root field gives."""
    (answer,) = client.graphql_fast(f"query {{ {question} }}").values()
    return answer


def graphql(made: Recorded) -> None:
    answer = made.client.graphql({"query": {"flow_run": {"id", "name"}}})
    assert answer.data.flow_run[0].name == "run-one"
    with pytest.raises(ClientError, match="nonsense"):
        made.client.graphql("query { nonsense }")
    assert made.client.graphql("query { nonsense }", raise_on_error=False).errors


def attach_headers(made: Recorded) -> None:
    agent = made.client.register_agent("LocalAgent")
    made.client.attach_headers({"X-PREFECT-AGENT-ID": agent})
    made.client.set_flow_run_state(made.flow_run_id, Running())
    assert rows(made.client, "agent { id }") == [{"id": agent}]


def get(made: Recorded) -> None:
    if isinstance(made.client._transport, HTTPTransport):
        assert made.client.get("health")["status"] == "ok"
        return
    with pytest.raises(ClientError, match="is no server"):
        made.client.get("health")


def post(made: Recorded) -> None:
    if isinstance(made.client._transport, HTTPTransport):
        answer = made.client.post("/", params={"query": "query { hello }"})
        assert list(answer["data"]) == ["hello"]
        return
    with pytest.raises(ClientError, match="is no server"):
        made.client.post("/", params={"query": "query { hello }"})


def auth_on_disk(made: Recorded) -> None:
    server = Client(api_server="http://127.0.0.1:1", api_key="a key")
    server.save_auth_to_disk()
    assert server.load_auth_from_disk() == {"api_key": "a key", "tenant_id": ""}
    assert Client(api_server="http://127.0.0.1:1").api_key == "a key"


def tenants(made: Recorded) -> None:
    (first,) = made.client.get_available_tenants()
    assert (made.client.tenant_id, made.client.get_default_tenant_slug()) == (first["id"], first["slug"])
    second = made.client.create_tenant("My Other Team")
    assert {"id": second, "name": "My Other Team", "slug": "my-other-team"} in made.client.get_available_tenants()
    with pytest.raises(ValueError, match="Tenants are chosen by API key"):
        made.client.switch_tenant("my-other-team")
    with pytest.raises(ValueError, match="tenant_slug"):
        made.client.switch_tenant()
    base = made.client.api_server if "://" in made.client.api_server else "http://localhost:8080"
    url = f"{base}/{first['slug']}/flow-run/{made.flow_run_id}"
    assert made.client.get_cloud_url("flow-run", made.flow_run_id) == url


def projects(made: Recorded) -> None:
    first = made.client.create_project("other", "what it is for")
    assert made.client.create_project("other") == first
    asked = 'project(where: {name: {_eq: "other"}}) { id description }'
    assert rows(made.client, asked) == [{"id": first, "description": "what it is for"}]
    assert made.client.delete_project("other") is True
    assert rows(made.client, asked) == []
    with pytest.raises(ValueError, match="Project other not found"):
        made.client.delete_project("other")


def register(made: Recorded) -> None:
    flow = Flow("registered", tasks=[Task(name="only")], run_config=LocalRun(env={"A": "1"}), storage=Module("m"))
    assert flow.storage is not None
    flow.storage.add_flow(flow)
    first = made.client.register(flow, "default", build=False, no_url=True, idempotency_key="one")
    assert made.client.register(flow, "default", build=False, no_url=True, idempotency_key="one") == first
    second = made.client.register(flow, "default", build=False, no_url=True, compressed=False)
    versions = rows(made.client, 'flow(where: {name: {_eq: "registered"}}, order_by: {version: asc}) { id version }')
    assert versions == [{"id": first, "version": 1}, {"id": second, "version": 2}]


def create_flow_run(made: Recorded) -> None:
    later = pendulum.datetime(2100, 1, 1)
    given: dict[str, Any] = {"flow_id": made.flow_id, "idempotency_key": "one", "labels": ["a"], "run_name": "mine"}
    first = made.client.create_flow_run(
        **given, context={"c": 1}, parameters={"x": 5}, run_config=LocalRun(), scheduled_start_time=later
    )
    assert made.client.create_flow_run(**given) == first
    info = made.client.get_flow_run_info(first)
    assert isinstance(info, FlowRunInfoResult)
    assert (info.name, info.context, info.parameters) == ("mine", {"c": 1}, {"x": 5})
    assert isinstance(info.state, Scheduled)
    assert (info.scheduled_start_time, info.state.start_time) == (later, later)
    assert (info.project.name, info.flow_id) == ("default", made.flow_id)
    assert sorted(str(run.task_slug) for run in info.task_runs) == ["first-1", "second-1", "x"]
    with pytest.raises(ValueError, match="One of flow_id or version_group_id"):
        made.client.create_flow_run()
    with pytest.raises(ObjectNotFoundError, match=ABSENT):
        made.client.get_flow_run_info(ABSENT)


def flow_run_states(made: Recorded) -> None:
    client, run = made.client, made.flow_run_id
    assert isinstance(client.set_flow_run_state(run, Running("now"), version=1), Running)
    state = client.get_flow_run_state(run)
    assert (type(state), state.message) == (Running, "now")
    client.update_flow_run_heartbeat(run)
    assert rows(client, "flow_run { heartbeat }")[0]["heartbeat"] is not None
    assert client.set_flow_run_name(run, "renamed") is True
    assert client.cancel_flow_run(run) is True
    assert isinstance(client.get_flow_run_state(run), Cancelling | Cancelled)
    assert client.get_flow_run_info(run).name == "renamed"
    with pytest.raises(ObjectNotFoundError, match=ABSENT):
        client.get_flow_run_state(ABSENT)


def task_run_states(made: Recorded) -> None:
    client, run = made.client, made.flow_run_id
    client.set_flow_run_state(run, Running())
    info = client.get_task_run_info(run, made.task_ids["first-1"])
    assert (info.id, type(info.state)) == (made.task_runs["first-1"], Pending)
    child = client.get_task_run_info(run, made.task_ids["first-1"], map_index=3)
    assert child.id != info.id
    assert client.get_task_run_info(run, made.task_ids["first-1"], map_index=3).id == child.id
    assert client.set_task_run_name(info.id, "a name") is True
    assert rows(client, f'task_run_by_pk(id: "{info.id}") {{ name }}') == {"name": "a name"}
    client.set_task_run_state(info.id, Running(), version=info.version)
    done = Success("done", result=PrefectResult(value=1).write(1))
    assert client.set_task_run_state(info.id, done) is done
    kept = Cached("kept", result=done._result, cached_result_expiration=pendulum.datetime(2100, 1, 1))
    client.set_task_run_state(info.id, kept, cache_for=pendulum.duration(days=1))
    state = client.get_task_run_state(info.id)
    assert (type(state), state.message, state._result.location) == (Cached, "kept", "1")
    before = pendulum.datetime(2020, 1, 1)
    assert client.get_latest_cached_states(made.task_ids["first-1"], None, before) == [state]
    assert client.get_latest_cached_states(made.task_ids["first-1"], "no such key", before) == []
    with pytest.raises(ObjectNotFoundError, match=ABSENT):
        client.get_task_run_state(ABSENT)


def write_run_logs(made: Recorded) -> None:
    line = {"flow_run_id": made.flow_run_id, "name": "prefect.x", "message": "said", "level": "INFO"}
    made.client.write_run_logs([line])
    assert rows(made.client, "log { message level }") == [{"message": "said", "level": "INFO"}]


def artifacts(made: Recorded) -> None:
    client = made.client
    asked = "task_run_artifact { kind data }"
    artifact = client.create_task_run_artifact(made.task_runs["first-1"], "markdown", {"markdown": "# x"})
    client.update_task_run_artifact(artifact, {"markdown": "y"})
    assert rows(client, asked) == [{"kind": "markdown", "data": {"markdown": "y"}}]
    client.delete_task_run_artifact(artifact)
    assert rows(client, asked) == []
    with pytest.raises(ValueError, match="id of an artifact"):
        client.update_task_run_artifact(None, {})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="id of an artifact"):
        client.delete_task_run_artifact(None)  # type: ignore[arg-type]


def agents(made: Recorded) -> None:
    client = made.client
    client.register_agent("LocalAgent", name="one", labels=["a"])
    assert rows(client, "agent { name type labels }") == [{"name": "one", "type": "LocalAgent", "labels": ["a"]}]
    made_config = client.graphql(
        "mutation($input: create_agent_config_input!) { create_agent_config(input: $input) { id } }",
        variables={"input": {"tenant_id": client.tenant_id, "settings": {"a": 1}}},
    )
    assert client.get_agent_config(made_config.data.create_agent_config.id) == {"a": 1}
    with pytest.raises(ObjectNotFoundError, match=ABSENT):
        client.get_agent_config(ABSENT)


def secrets(made: Recorded) -> None:
    made.client.set_secret("A_SECRET", {"a": 1})
    with set_temporary_config({"cloud.use_local_secrets": False}):
        assert Secret("A_SECRET").get() == {"a": 1}


def limits(made: Recorded) -> None:
    client = made.client
    assert client.get_task_tag_limit("tag") is None
    client.update_task_tag_limit("tag", 3)
    client.update_task_tag_limit("tag", 2)
    assert client.get_task_tag_limit("tag") == 2
    with pytest.raises(ValueError, match="must be >= 0"):
        client.update_task_tag_limit("tag", -1)
    (limit,) = rows(client, "task_tag_limit { id }")
    client.delete_task_tag_limit(limit["id"])
    assert client.get_task_tag_limit("tag") is None
    with pytest.raises(ValueError, match="id of a limit"):
        client.delete_task_tag_limit(None)  # type: ignore[arg-type]


EXERCISES: tuple[Exercise, ...] = (
    *(graphql, attach_headers, get, post, auth_on_disk, tenants, projects, register, create_flow_run),
    *(flow_run_states, task_run_states, write_run_logs, artifacts, agents, secrets, limits),
)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.__name__)
def test_the_client_does_what_it_says(exercise: Exercise, recorded: Recorded) -> None:
    exercise(recorded)


def test_no_method_of_1_x_is_left_out() -> None:
    called = set(re.findall(r"\.(\w+)\(", Path(__file__).read_text()))
    assert set(METHODS) - called == set()
