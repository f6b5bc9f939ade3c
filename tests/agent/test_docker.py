"""The Docker agent, with an engine in this process in place of a real one."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from prefect.agent.docker import DockerAgent
from prefect.agent.docker.agent import from_a_container
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.state import Cancelled, Failed
from prefect.exceptions import ConfigurationError
from prefect.run_configs import DockerRun, LocalRun, RunConfig
from tests.agent.running import finished, register, started, until

docker = pytest.importorskip("docker", reason="The Docker agent is not tested: the library docker is not installed")


class Engine(docker.APIClient):  # type: ignore[misc, name-defined]
    """What an engine does, without one: containers end when a test says so, or a signal comes."""

    def __init__(self, **_: Any) -> None:
        super().__init__(base_url="http://127.0.0.1:1", version="1.44")
        self.pulled: list[str] = []
        self.created: list[dict[str, Any]] = []
        self.taken_names: set[str] = set()
        self.signals: list[str] = []
        self.removed: list[str] = []
        self.exit_code = 0
        self.out_of_memory = False
        self.ends = threading.Event()

    def ping(self) -> bool:
        return True

    def pull(self, image: str) -> str:
        self.pulled.append(image)
        return "pulled"

    def create_container(self, **arguments: Any) -> dict[str, str]:
        if arguments["name"] in self.taken_names:
            raise docker.errors.APIError("taken", response=SimpleNamespace(status_code=409, reason="", text=""))
        self.created.append(arguments)
        return {"Id": f"c{len(self.created)}"}

    def connect_container_to_network(self, container: str, net_id: str) -> None:
        self.created[-1].setdefault("joined", []).append(net_id)

    def start(self, container: str) -> None:
        self.created[-1]["started"] = True

    def wait(self, container: str, timeout: float | None) -> dict[str, int]:
        self.ends.wait()
        return {"StatusCode": self.exit_code}

    def logs(self, container: str, **_: Any) -> bytes:
        return b"the last words\n"

    def inspect_container(self, container: str) -> dict[str, Any]:
        return {"State": {"OOMKilled": self.out_of_memory}}

    def kill(self, container: str, signal: str) -> None:
        self.signals.append(signal)
        if signal == "SIGKILL":
            self.exit_code = 137
            self.ends.set()

    def remove_container(self, container: str) -> None:
        self.removed.append(container)


pytestmark = [pytest.mark.served, pytest.mark.usefixtures("database")]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    made = Engine()
    monkeypatch.setattr(docker, "APIClient", lambda **_: made)
    yield made
    made.ends.set()


def agent(**options: Any) -> DockerAgent:
    return DockerAgent(labels=["here"], **options)


def deployed(tmp_path: Path, engine: Engine, run_config: RunConfig, **options: Any) -> tuple[str, dict[str, Any]]:
    """The run, and what the engine was told to make of it; the container has ended by then."""
    run = Client().create_flow_run(register(tmp_path, run_config))
    with started(agent(**options)):
        until(lambda: bool(engine.created and engine.created[-1].get("started")), "a container")
        engine.ends.set()
        until(lambda: bool(engine.removed), "the removal of the container")
    return run, engine.created[-1]


def test_a_run_becomes_a_container_as_its_config_and_the_agent_say(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_config = DockerRun(
        image="registry.example/flows:1", env={"A": "run"}, labels=["here"], ports=[80], host_config={"mem_limit": "1g"}
    )
    run, made = deployed(
        tmp_path,
        engine,
        run_config,
        env_vars={"A": "agent", "B": "agent"},
        volumes=["data:/data:ro", f"{tmp_path}:/here"],
        networks=["one", "two"],
    )
    assert engine.pulled == ["registry.example/flows:1"]
    assert made["image"] == "registry.example/flows:1"
    assert made["command"] == "prefect execute flow-run"
    environment = made["environment"]
    assert (environment["A"], environment["B"]) == ("run", "agent")
    assert environment["PREFECT__CONTEXT__FLOW_RUN_ID"] == run
    assert environment["PREFECT__CLOUD__API"] == from_a_container(str(config.cloud.api))
    assert made["volumes"] == ["/data", "/here"]
    host = made["host_config"]
    assert host["Memory"] == 2**30
    assert sorted(host["Binds"]) == sorted(["data:/data:ro", f"{tmp_path}:/here:rw"])
    assert host["ExtraHosts"] == ["host.docker.internal:host-gateway"]
    assert list(made["networking_config"]["EndpointsConfig"]) == ["one"]
    assert (made["joined"], made["ports"]) == (["two"], [80])
    assert made["labels"]["io.prefect.flow-run-id"] == run


def test_the_image_of_runs_that_name_none_is_a_setting(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config.cloud.agent, "image", "ours:2")
    _, made = deployed(tmp_path, engine, DockerRun(labels=["here"]), no_pull=True)
    assert (made["image"], engine.pulled) == ("ours:2", [])


def test_a_run_without_any_image_fails_and_says_what_to_set(tmp_path: Path, engine: Engine) -> None:
    run = Client().create_flow_run(register(tmp_path, DockerRun(labels=["here"])))
    with started(agent()):
        assert "cloud.agent.image" in str(finished(run).state.message)
    assert engine.created == []


def test_an_image_of_another_registry_is_refused(tmp_path: Path, engine: Engine) -> None:
    run = Client().create_flow_run(register(tmp_path, DockerRun(labels=["here"], image="elsewhere.example/x")))
    with started(agent(reg_allow_list=["registry.example"])):
        assert "only of registry.example" in str(finished(run).state.message)


def test_a_run_for_another_kind_of_agent_is_refused(tmp_path: Path, engine: Engine) -> None:
    run = Client().create_flow_run(register(tmp_path, LocalRun(labels=["here"])))
    with started(agent()):
        assert "only `DockerRun` is supported" in str(finished(run).state.message)


def test_a_name_that_is_taken_gets_something_behind_it(tmp_path: Path, engine: Engine) -> None:
    run = Client().create_flow_run(register(tmp_path, DockerRun(labels=["here"], image="i")), run_name="a name")
    engine.taken_names = {"a-name"}
    with started(agent()):
        until(lambda: bool(engine.created), "a container")
        engine.ends.set()
    assert engine.created[0]["name"] == f"a-name-{run[-12:]}"


@pytest.mark.parametrize(
    ("exit_code", "out_of_memory", "said"),
    [(3, False, "exit code 3"), (137, True, "had used all the memory")],
)
def test_a_container_that_ends_before_its_run_is_reported(
    tmp_path: Path, engine: Engine, exit_code: int, out_of_memory: bool, said: str
) -> None:
    engine.exit_code, engine.out_of_memory = exit_code, out_of_memory
    run, _ = deployed(tmp_path, engine, DockerRun(labels=["here"], image="i"))
    state = finished(run).state
    assert isinstance(state, Failed)
    assert said in str(state.message)
    assert "the last words" in str(state.message)


def test_a_cancelled_run_ends_its_container(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.cloud.agent, "terminate_after", 0.05)
    monkeypatch.setitem(config.cloud.agent, "kill_after", 0.05)
    run = Client().create_flow_run(register(tmp_path, DockerRun(labels=["here"], image="i")))
    set_states = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    with started(agent()):
        until(lambda: bool(engine.created and engine.created[-1].get("started")), "a container")
        running = {"flow_run_id": run, "state": {"type": "Running", "message": "as the container would"}}
        Client().graphql_fast(set_states, {"input": {"states": [running]}})
        Client().cancel_flow_run(run)
        assert isinstance(finished(run).state, Cancelled)
    assert engine.signals == ["SIGTERM", "SIGKILL"]


def test_a_container_sees_a_server_of_this_machine_under_another_name() -> None:
    assert from_a_container("http://localhost:4200") == "http://host.docker.internal:4200"
    assert from_a_container("http://127.0.0.1:4200/graphql") == "http://host.docker.internal:4200/graphql"
    assert from_a_container("https://prefect.example") == "https://prefect.example"


@pytest.mark.parametrize("volume", ["a:b:c:d", "a:relative", ":/x"])
def test_a_volume_that_is_none_is_refused(engine: Engine, volume: str) -> None:
    with pytest.raises(ValueError, match=r"volume|absolute"):
        agent(volumes=[volume])


def test_an_embedded_database_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "embedded")
    with pytest.raises(ConfigurationError, match="prefect server start"):
        agent()
