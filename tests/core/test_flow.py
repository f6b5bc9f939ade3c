"""A flow: building it in a block, running it, keeping it in files, and the doors to other rooms."""

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, Task, task
from prefect.configuration import config
from prefect.core.edge import Edge
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.results import LocalResult
from prefect.engine.state import State, Success
from prefect.exceptions import FlowStorageError
from prefect.run_configs import LocalRun, UniversalRun
from prefect.schedules import Schedule
from prefect.schedules.clocks import DatesClock
from prefect.storage import Local
from prefect.utilities.configuration import set_temporary_config


@task
def inc(x: int) -> int:
    return x + 1


def with_parameter(name: str = "f") -> tuple[Flow, Task]:
    with Flow(name) as flow:
        result = inc(Parameter("p"))
    return flow, result


class TestConstructor:
    def test_a_name_is_required(self) -> None:
        with pytest.raises(TypeError):
            Flow()  # type: ignore[call-arg]
        for name in ("", None):
            with pytest.raises(ValueError, match="A name must be provided for the flow"):
                Flow(name)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="must be a string"):
            Flow(3)  # type: ignore[arg-type]

    def test_defaults(self) -> None:
        flow = Flow("x")
        assert repr(flow) == '<Flow: name="x">'
        assert (flow.schedule, flow.executor, flow.run_config, flow.storage, flow.result) == (None,) * 5
        assert (flow.state_handlers, flow.terminal_state_handler) == ([], None)
        assert flow.logger.name == "prefect.x"

    def test_tasks_edges_and_reference_tasks(self) -> None:
        first, second, third = Task(name="1"), Task(name="2"), Task(name="3")
        flow = Flow("f", tasks=[third], edges=[Edge(first, second)], reference_tasks=[first])
        assert flow.tasks == {first, second, third}
        assert flow.reference_tasks() == {first}
        with pytest.raises(ValueError, match="Cycle found"):
            Flow("f", edges=[Edge(first, second), Edge(second, first)], validate=True)
        Flow("f", edges=[Edge(first, second), Edge(second, first)])

    def test_state_handlers_are_several(self) -> None:
        with pytest.raises(TypeError, match="state_handlers should be iterable"):
            Flow("f", state_handlers=print)  # type: ignore[arg-type]
        assert len(Flow("f", state_handlers=[print], on_failure=print).state_handlers) == 2

    def test_equality_is_by_name_and_graph(self) -> None:
        flow, other = Flow("f", tasks=[inc]), Flow("f", tasks=[inc])
        assert flow == other
        assert flow != Flow("g", tasks=[inc])
        assert flow != Flow("f")
        assert flow != 3
        with pytest.raises(TypeError, match="unhashable"):
            hash(flow)


class TestBlock:
    def test_the_flow_is_in_the_context(self) -> None:
        with Flow("f") as outer:
            with Flow("g") as inner:
                assert prefect.context.flow is inner
                inc(1)
            assert prefect.context.flow is outer
        assert prefect.context.get("flow") is None
        assert len(inner.tasks) == 1
        assert not outer.tasks

    def test_forgotten_tasks_are_named(self) -> None:
        def forget() -> None:
            with Flow("f"):
                Parameter("lost")
                inc(inc.copy())

        with pytest.warns(UserWarning, match="Tasks were created but not added to the flow: {<Parameter: lost>}"):
            forget()

    def test_an_error_in_the_block_is_not_hidden_by_a_warning(self) -> None:
        def fail() -> None:
            with Flow("f"):
                Parameter("lost")
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert prefect.context.get("flow") is None

    def test_a_block_may_be_entered_again(self) -> None:
        flow = Flow("f")
        for _ in range(2):
            with flow:
                inc(1)
        assert list(flow.slugs.values()) == ["inc-1", "inc-2"]

    def test_nothing_is_run_or_registered_inside_the_block(self) -> None:
        with Flow("f") as flow:
            with pytest.raises(RuntimeError, match=r"Don't call `flow.run\(\)` from within a `Flow` context manager"):
                flow.run()
            with pytest.raises(ValueError, match=r"Don't call `flow.register\(\)` from within"):
                flow.register("p")


class TestRun:
    def test_it_returns_a_state_that_maps_tasks_to_states(self) -> None:
        flow, result = with_parameter()
        state = flow.run(p=1)
        assert state is not None
        assert state.is_successful()
        assert state.result[result].result == 2
        assert set(state.result) == flow.tasks

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({}, ValueError, "Flow.run did not receive the following required parameters: p"),
            ({"z": 2}, ValueError, "Flow.run did not receive the following required parameters: p"),
            ({"parameters": {"q": 1}}, ValueError, "Flow.run received the following unexpected parameters: q"),
            ({"parameters": {"p": 1}, "return_tasks": []}, ValueError, "The `return_tasks` keyword cannot be provided"),
            ({"parameters": {"p": 1}, "foo": 3}, TypeError, "foo"),
        ],
    )
    def test_wrong_arguments(self, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
        flow, _ = with_parameter()
        with pytest.raises(error, match=message):
            flow.run(**arguments)

    def test_keywords_win_over_parameters(self) -> None:
        flow, result = with_parameter()
        given = {"p": 5}
        state = flow.run(parameters=given, p=7)
        assert state is not None
        assert state.result[result].result == 8
        assert given == {"p": 5}

    def test_the_runner_class_may_be_given(self) -> None:
        class Runner(FlowRunner):
            asked = 0

            def run(self, *args: Any, **kwargs: Any) -> State:
                Runner.asked += 1
                return super().run(*args, **kwargs)

        flow, _ = with_parameter()
        state = flow.run(p=1, runner_cls=Runner)
        assert isinstance(state, Success)
        assert Runner.asked == 1

    def test_a_clock_may_bring_the_parameters(self) -> None:
        flow, _ = with_parameter()
        flow.schedule = Schedule(clocks=[DatesClock([pendulum.datetime(2020, 1, 1)], parameter_defaults={"p": 7})])
        with pytest.raises(ValueError, match="no more scheduled runs"):
            flow.run()
        with pytest.raises(ValueError, match="required parameters: p"):
            flow.run(run_on_schedule=False)


class TestCopiesAndFiles:
    def test_a_copy_grows_alone(self) -> None:
        flow, _ = with_parameter()
        copy = flow.copy()
        assert copy == flow
        with copy:
            inc(2)
        copy.state_handlers.append(print)
        assert len(flow.tasks) == 2
        assert len(flow.constants) == 0
        assert flow.state_handlers == []

    def test_a_flow_survives_pickling(self) -> None:
        flow, result = with_parameter()
        flow.set_reference_tasks([result])
        loaded = cloudpickle.loads(cloudpickle.dumps(flow))
        assert [loaded.slugs[task] for task in loaded.sorted_tasks()] == ["p", "inc-1"]
        assert {loaded.slugs[task] for task in loaded.reference_tasks()} == {"inc-1"}
        with loaded:
            inc(1)
        assert "inc-2" in loaded.slugs.values()
        state = loaded.run(p=1)
        assert state.is_successful()

    def test_a_flow_can_be_pickled_inside_its_block(self) -> None:
        with Flow("f") as flow:
            inc(1)
            assert len(cloudpickle.loads(cloudpickle.dumps(flow)).tasks) == 1

    def test_saved_flows_are_found_by_name_slug_and_path(self, tmp_path: Path) -> None:
        flow, _ = with_parameter("My Flow")
        with set_temporary_config({"home_dir": str(tmp_path)}):
            assert flow.save() == str(tmp_path / "flows" / "my-flow.prefect")
            for name in ("My Flow", "my-flow", str(tmp_path / "flows" / "my-flow.prefect")):
                assert Flow.load(name).name == "My Flow"
            with pytest.raises(FileNotFoundError):
                Flow.load("nope")

    def test_relative_paths(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        path = os.path.join("new", "a.prefect")
        assert Flow("f").save(path) == path
        assert Flow.load(path).name == "f"

    @pytest.mark.parametrize(
        ("content", "message"), [(b"xx", "An error occurred while unpickling the flow"), (None, "holds no flow")]
    )
    def test_a_file_that_is_no_flow(self, tmp_path: Path, content: bytes | None, message: str) -> None:
        path = tmp_path / "bad"
        path.write_bytes(cloudpickle.dumps(3) if content is None else content)
        with pytest.raises(FlowStorageError, match=message):
            Flow.load(str(path))


class TestWireFormat:
    def test_building_needs_a_storage(self) -> None:
        with pytest.raises(ValueError, match="This flow has no storage to build"):
            Flow("f").serialize(build=True)

    def test_building_storage_changes_the_hash_and_is_kept(self, tmp_path: Path) -> None:
        flow, _ = with_parameter()
        flow.storage = Local(directory=str(tmp_path))
        before = flow.serialized_hash()
        built = flow.serialize(build=True)
        assert list(built["storage"]["flows"]) == ["f"]
        assert flow.serialized_hash() != before
        assert flow.serialize() == built
        with pytest.warns(UserWarning, match="already contained in storage"):
            flow.serialize(build=True)

    def test_the_hash_does_not_depend_on_the_order_of_building(self) -> None:
        first, second = Task(name="a"), Task(name="b")
        flow, other = Flow("f", tasks=[first, second]), Flow("f", tasks=[second, first])
        assert flow.serialized_hash() == other.serialized_hash()
        assert flow.serialized_hash() != Flow("f", tasks=[first]).serialized_hash()


class Registering:
    """Stands in for the client: remembers what it was asked to register."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def __call__(self) -> "Registering":
        return self

    def register(self, **kwargs: Any) -> str:
        self.asked = kwargs
        return "id"


class TestRegister:
    @pytest.fixture
    def client(self, monkeypatch: pytest.MonkeyPatch) -> Registering:
        client = Registering()
        monkeypatch.setattr("prefect.client.client.Client", client)
        return client

    def test_what_is_missing_is_filled_in(self, client: Registering, tmp_path: Path) -> None:
        flow, _ = with_parameter()
        assert flow.register("project", labels=["x"], directory=str(tmp_path), add_default_labels=False) == "id"
        assert client.asked["flow"] is flow
        assert (client.asked["project_name"], client.asked["build"], client.asked["no_url"]) == ("project", True, False)
        assert isinstance(flow.storage, Local)
        assert isinstance(flow.run_config, UniversalRun)
        assert isinstance(flow.result, LocalResult)
        assert flow.run_config.labels == {"x"}

    def test_labels_of_the_storage_are_added(self, client: Registering, tmp_path: Path) -> None:
        flow, _ = with_parameter()
        flow.run_config = LocalRun(labels=["own"])
        flow.storage = Local(directory=str(tmp_path), add_default_labels=False, labels=["storage"])
        flow.register("project", idempotency_key="k", set_schedule_active=False)
        assert flow.run_config.labels == {"own", "storage"}
        assert (client.asked["idempotency_key"], client.asked["set_schedule_active"]) == ("k", False)
        with pytest.raises(TypeError, match="directory"):
            flow.register("project", directory=str(tmp_path))


def test_without_agents_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect.agent.local", None)
    with pytest.raises(NotImplementedError, match="prefect run --id"):
        Flow("f").run_agent()


def test_an_agent_takes_the_labels_and_settings_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []

    class Agent:
        def __init__(self, **given: Any) -> None:
            self.given = given

        def start(self) -> None:
            cloud = config.cloud
            told.append((self.given, cloud.api_key, cloud.send_flow_run_logs, cloud.agent.auth_token))

    module = ModuleType("prefect.agent.local")
    monkeypatch.setattr(module, "LocalAgent", Agent, raising=False)
    monkeypatch.setitem(sys.modules, "prefect.agent.local", module)
    monkeypatch.setitem(sys.modules, "prefect.agent", ModuleType("prefect.agent"))
    Flow("f").run_agent()
    Flow("f", run_config=LocalRun(labels=["b", "a"])).run_agent(
        token="token", show_flow_logs=True, log_to_cloud=False, api_key="key"
    )
    assert told == [
        ({"labels": [], "show_flow_logs": False}, "", True, ""),
        ({"labels": ["a", "b"], "show_flow_logs": True}, "key", False, "token"),
    ]
    assert (config.cloud.api_key, config.cloud.send_flow_run_logs) == ("", True)


def test_building_costs_the_same_for_every_task() -> None:
    def calls_of(count: int) -> int:
        calls = 0

        def count_calls(frame: Any, event: str, argument: Any) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count_calls)
        try:
            with Flow("f") as flow:
                result = inc(1)
                for _ in range(count):
                    result = inc(result)
        finally:
            sys.setprofile(None)
        assert len(flow.tasks) == count + 1
        return calls

    calls_of(10)
    few, many = calls_of(100), calls_of(400)
    assert many - few < 3.2 * few


def test_a_long_chain_is_sorted_without_recursion() -> None:
    with Flow("f") as flow:
        result = inc(1)
        for _ in range(5_000):
            result = inc(result)
    assert flow.sorted_tasks()[-1] is result
