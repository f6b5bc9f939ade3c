"""Flows run here, recorded; runs that were broken off go on; what is in the way is said."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest

import prefect.backend.execution as execution
from prefect.backend import run_flow
from prefect.backend.flow_run import FlowRunView
from prefect.client.client import Client
from prefect.client.secrets import Secret
from prefect.configuration import config
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.core.parameter import DateTimeParameter, Parameter
from prefect.engine.cloud import CloudFlowRunner
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.state import Failed, State, Success
from prefect.exceptions import ClientError, FlowStorageError
from prefect.run_configs import UniversalRun
from prefect.schedules import Schedule
from prefect.schedules.clocks import ClockEvent, DatesClock
from prefect.storage import GCS, Local, Module
from prefect.utilities.context import context
from prefect.utilities.storage import extract_flow_from_file
from tests.object_stores import Stores

MISSING = "00000000-0000-4000-8000-000000000404"


def doubling(calls: list[int] | None = None, fail: list[bool] | None = None) -> Flow:
    @task
    def double(x: int) -> int:
        if calls is not None:
            calls.append(x)
        return 2 * x

    @task
    def last(x: int) -> int:
        if fail and fail[0]:
            raise ValueError("not yet")
        return x + 1

    with Flow("doubling") as flow:
        last(double(Parameter("x", default=1)))
    return flow


def flows_in(database: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Client().graphql_fast(
        "query { flow(order_by: {version: asc}) { id version archived storage project { name } } }"
    )["flow"]
    return found


# run_flow


def test_a_run_config_gives_its_run_a_log_level(database: Path) -> None:
    @task
    def speak() -> None:
        context.logger.debug("quietly")

    with Flow("speaks", run_config=UniversalRun(env={"PREFECT__LOGGING__LEVEL": "DEBUG"})) as flow:
        speak()
    assert "quietly" in [line.message for line in run_flow(flow).get_logs()]
    flow.name, flow.run_config = "hushes", UniversalRun()
    assert "quietly" not in [line.message for line in run_flow(flow).get_logs()]


def test_a_flow_is_registered_run_and_shown(database: Path) -> None:
    view = run_flow(doubling(), parameters={"x": 20}, run_name="my-run")
    assert view.state.is_successful()
    assert (view.name, view.parameters, view.flow.project_name) == ("my-run", {"x": 20}, "default")
    assert view.get_task_run("last-1").get_result() == 41
    assert {line.message for line in view.get_logs()} >= {"Beginning Flow run for 'doubling'"}


def test_a_flow_that_has_not_changed_keeps_its_version(database: Path) -> None:
    first = run_flow(doubling())
    second = run_flow(doubling(), parameters={"x": 3})
    assert first.flow_id == second.flow_id
    assert first.flow_run_id != second.flow_run_id
    with Flow("doubling") as other:
        other.add_task(Parameter("y", default=1))
    third = run_flow(other)
    assert third.flow_id != first.flow_id
    assert [(row["version"], row["archived"]) for row in flows_in(database)] == [(1, True), (2, False)]


def test_a_flow_that_was_registered_by_hand_keeps_its_version_too(database: Path) -> None:
    flow = doubling()
    Client().create_project("mine")
    flow.storage = Module("a_module")
    with pytest.warns(UserWarning, match="result handler"):
        flow_id = flow.register(project_name="mine", no_url=True)
    assert run_flow(doubling(), project_name="mine").flow_id == flow_id


def test_a_flow_without_edges_keeps_its_version_too(database: Path) -> None:
    with Flow("lonely") as flow:
        flow.add_task(Parameter("x", default=1))
    assert run_flow(flow).flow_id == run_flow(flow).flow_id


def test_parameters_are_checked_before_anything_is_recorded(database: Path) -> None:
    with pytest.raises(ValueError, match="unexpected parameters: y"):
        run_flow(doubling(), parameters={"y": 1})
    with Flow("needy") as flow:
        flow.add_task(Parameter("x"))
    with pytest.raises(ValueError, match="required parameters: x"):
        run_flow(flow)
    assert not database.exists() or flows_in(database) == []


@pytest.mark.embedded
def test_a_parameter_that_json_cannot_hold_is_refused_by_name(database: Path) -> None:
    with pytest.raises(ValueError, match=r"The parameter 'x' cannot be recorded.*Object of type object is not JSON"):
        run_flow(doubling(), parameters={"x": object()})
    assert not database.exists()


def test_a_time_is_recorded_as_text(database: Path) -> None:
    moment = pendulum.datetime(2022, 1, 1)
    with Flow("dated") as flow:
        flow.add_task(DateTimeParameter("when"))
    view = run_flow(flow, parameters={"when": moment})
    assert view.parameters == {"when": "2022-01-01T00:00:00+00:00"}
    assert view.get_task_run("when").get_result() == moment


def test_a_failed_run_is_shown_and_not_raised(database: Path) -> None:
    view = run_flow(doubling(fail=[True]))
    assert view.state.is_failed()
    failed = view.get_task_run("last-1").state
    assert failed.message == "Error during execution of task: ValueError('not yet')"
    (line,) = [line for line in view.get_logs() if line.level >= 40]
    assert "ValueError: not yet" in line.message
    assert "Traceback" in line.message


def test_a_flow_whose_code_cannot_be_stored_is_recorded_all_the_same(database: Path) -> None:
    flow = doubling()

    class Unpicklable:
        def __reduce__(self) -> str:
            raise TypeError("never")

    flow.odd = Unpicklable()  # type: ignore[attr-defined]
    view = run_flow(flow)
    assert view.state.is_successful()
    assert flows_in(database)[0]["storage"] is None


def test_running_leaves_the_flow_as_it_was(database: Path) -> None:
    flow = doubling()
    run_flow(flow)
    assert flow.storage is None
    assert flow.run_config is None
    assert flow.result is None


def test_a_programs_own_runner_is_recorded_and_keeps_what_it_overrides(database: Path) -> None:
    seen: list[str] = []

    class MyRunner(FlowRunner):
        def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
            seen.append(type(new_state).__name__)
            return super().call_runner_target_handlers(old_state, new_state)

    view = run_flow(doubling(), runner_cls=MyRunner)
    assert view.state.is_successful()
    assert seen == ["Running", "Success"]


# Runs that exist


def test_a_scheduled_run_is_executed_from_its_id_alone(database: Path) -> None:
    flow_id = run_flow(doubling()).flow_id
    flow_run_id = Client().create_flow_run(flow_id, parameters={"x": 5})
    view = execution.execute_flow_run(flow_run_id)
    assert view.state.is_successful()
    assert view.get_task_run("last-1").get_result() == 11


def test_a_failed_run_goes_on_and_repeats_nothing_that_is_done(database: Path) -> None:
    calls: list[int] = []
    fail = [True]
    flow = doubling(calls, fail)
    failed = run_flow(flow, parameters={"x": 4})
    assert (failed.state.is_failed(), calls) == (True, [4])
    fail[0] = False
    again = execution.execute_flow_run(failed.flow_run_id, flow=flow)
    assert again.flow_run_id == failed.flow_run_id
    assert calls == [4]


def test_a_finished_run_is_left_as_it_is(database: Path, requests: list[str]) -> None:
    done = run_flow(doubling())
    requests.clear()
    again = execution.execute_flow_run(done.flow_run_id)
    assert again.sequence == done.sequence
    assert len(requests) == 1


def test_a_run_that_does_not_exist_is_named(database: Path) -> None:
    with pytest.raises(ValueError, match=f"No flow run found with id '{MISSING}'"):
        execution.execute_flow_run(MISSING)


def test_a_flow_that_cannot_be_loaded_fails_its_run_and_says_why(database: Path) -> None:
    flow = doubling()
    flow.storage = Module("no_such_module")
    flow.storage.add_flow(flow)
    client = Client()
    client.create_project("default")
    with pytest.warns(UserWarning, match="result handler"):
        flow_id = client.register(flow, project_name="default", build=False, no_url=True)
    flow_run_id = client.create_flow_run(flow_id)
    with pytest.raises(FlowStorageError, match="could not be loaded: ModuleNotFoundError: No module named"):
        execution.execute_flow_run(flow_run_id)
    view = FlowRunView.from_flow_run_id(flow_run_id)
    message = "Failed to load and execute flow run: ModuleNotFoundError(\"No module named 'no_such_module'\")"
    assert (type(view.state), view.state.message) == (Failed, message)
    (line,) = view.get_logs()
    said, place = line.message.split("\n")
    assert said == message
    assert "was registered as kept by Module storage" in place
    assert f"on {socket.gethostname()}, with" in place


def test_a_flow_whose_file_is_gone_or_broken_says_which_and_where(database: Path, tmp_path: Path) -> None:
    client = Client()
    project = client.create_project("default")
    program = tmp_path / "program.py"
    flow = Flow("f", storage=Local(path=str(program), stored_as_script=True))
    flow.storage.add_flow(flow)  # type: ignore[union-attr]
    flow_id = client.create_flow(flow.serialize(), project, set_schedule_active=False)

    gone = client.create_flow_run(flow_id)
    with pytest.raises(FlowStorageError, match="No such file or directory"):
        execution.execute_flow_run(gone)
    assert str(program) in str(FlowRunView.from_flow_run_id(gone).state.message)

    program.write_text("x = 1\nimport no_such_module")
    broken = client.create_flow_run(flow_id)
    with pytest.raises(FlowStorageError, match="no_such_module"):
        execution.execute_flow_run(broken)
    (line,) = FlowRunView.from_flow_run_id(broken).get_logs()
    assert f'File "{program}", line 2, in <module>' in line.message
    assert "execution.py" not in line.message


def test_a_run_that_another_process_executes_is_not_taken_over(database: Path) -> None:
    program = "\n".join(
        [
            "import sys",
            "from prefect import Flow, task",
            "from prefect.backend import run_flow",
            "@task",
            "def wait():",
            "    print('started', flush=True)",
            "    sys.stdin.readline()",
            "with Flow('waits') as flow:",
            "    wait()",
            "print(run_flow(flow).flow_run_id, flush=True)",
        ]
    )
    environment = {
        **os.environ,
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PREFECT__HOME_DIR": config.home_dir,
        "PREFECT__LOGGING__LEVEL": "CRITICAL",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "started\n"
        (row,) = Client().graphql_fast("query { flow_run { id } }")["flow_run"]
        with pytest.raises(ClientError, match=rf"is being executed by process {other.pid} on "):
            execution.execute_flow_run(row["id"])
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline().strip() == row["id"]
    assert FlowRunView.from_flow_run_id(row["id"]).state.is_successful()


# flows.record


def test_with_the_setting_a_plain_run_is_recorded_and_returns_its_state(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config.flows, "record", True)
    flow = doubling()
    state = flow.run(x=4)
    assert state is not None
    assert state.is_successful()
    (double,) = flow.get_tasks("double")
    assert state.result[double].result == 8
    (row,) = Client().graphql_fast("query { flow_run { id parameters } }")["flow_run"]
    view = FlowRunView.from_flow_run_id(row["id"])
    assert (view.state.is_successful(), view.parameters) == (True, {"x": 4})
    assert view.get_task_run("double-1").get_result() == 8


@pytest.mark.embedded
def test_without_the_setting_nothing_is_recorded(database: Path) -> None:
    state = doubling().run()
    assert isinstance(state, Success)
    assert not database.exists()


# Environments


@pytest.mark.embedded
def test_the_environment_of_a_run_names_it_and_its_backend(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VARIABLE", "here")
    run_config = UniversalRun(env={"E": "1", "PREFECT__LOGGING__LEVEL": "ERROR"})
    environment = execution.generate_flow_run_environ("run-id", "flow-id", run_config)
    assert environment | {"PREFECT__LOGGING__FORMAT": "", "PREFECT__LOGGING__DATEFMT": ""} == {
        "E": "1",
        "PREFECT__BACKEND": "embedded",
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PREFECT__HOME_DIR": config.home_dir,
        "PREFECT__CLOUD__API": config.cloud.api,
        "PREFECT__CLOUD__TENANT_ID": "",
        "PREFECT__CLOUD__API_KEY": "",
        "PREFECT__CLOUD__AUTH_TOKEN": "",
        "PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": "True",
        "PREFECT__LOGGING__LEVEL": "ERROR",
        "PREFECT__LOGGING__FORMAT": "",
        "PREFECT__LOGGING__DATEFMT": "",
        "PREFECT__CONTEXT__FLOW_RUN_ID": "run-id",
        "PREFECT__CONTEXT__FLOW_ID": "flow-id",
        "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
    }
    with_ours = execution.generate_flow_run_environ("run-id", "flow-id", run_config, "key", include_local_env=True)
    assert with_ours["SOME_VARIABLE"] == "here"
    assert with_ours["PREFECT__CLOUD__API_KEY"] == with_ours["PREFECT__CLOUD__AUTH_TOKEN"] == "key"


def test_a_run_may_be_executed_in_a_process_of_its_own_with_its_own_environment(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @task
    def variable() -> str | None:
        import os

        return os.environ.get("FROM_THE_RUN_CONFIG")

    with Flow("environment") as flow:
        variable()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setitem(config.logging, "level", "CRITICAL")
    flow_id = run_flow(flow).flow_id
    run_config = UniversalRun(env={"FROM_THE_RUN_CONFIG": "yes"})
    flow_run_id = Client().create_flow_run(flow_id, run_config=run_config)
    view = execution.execute_flow_run_in_subprocess(flow_run_id)
    assert view.state.is_successful()
    assert view.get_task_run("variable-1").get_result() == "yes"


def test_a_directory_that_cannot_be_written_is_one_clear_error(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setitem(config, "home_dir", str(in_the_way))
    with pytest.raises(ClientError, match="The code of the flow cannot be stored at"):
        run_flow(doubling())


def test_each_scheduled_run_becomes_a_run_of_its_own(database: Path) -> None:
    dates = [pendulum.datetime(2022, 1, 1), pendulum.datetime(2022, 1, 2)]
    clocks = [DatesClock([date], {"x": number}) for number, date in enumerate(dates, start=2)]
    events = [ClockEvent(clock.dates[0], clock.parameter_defaults) for clock in clocks]

    class Past(Schedule):
        """A schedule whose dates are over, so that nothing has to be waited for."""

        def next(self, n: int, after: Any = None, return_events: bool = False) -> Any:
            return [event for event in events if after is None or event.start_time > after][:n]

    flow = doubling()
    flow.schedule = Past(clocks=clocks)
    state = execution.record_flow_run(flow, {}, None, True)
    assert state is not None
    assert state.is_successful()
    found = Client().graphql_fast(
        "query { flow_run(order_by: {scheduled_start_time: asc}) { state parameters scheduled_start_time } }"
    )["flow_run"]
    assert [(run["state"], run["parameters"]) for run in found] == [("Success", {"x": 2}), ("Success", {"x": 3})]
    assert [pendulum.parse(run["scheduled_start_time"]) for run in found] == dates


def test_a_recorded_run_gives_back_what_an_unrecorded_one_does(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @task
    def numbers() -> list[int]:
        return [1, 0]

    @task
    def invert(x: int) -> float:
        return 1 / x

    with Flow("inverting") as flow:
        inverted = invert.map(numbers())
    plain = flow.run()
    monkeypatch.setitem(config.flows, "record", True)
    recorded = flow.run()
    assert plain is not None
    assert recorded is not None
    assert (type(plain), plain.message) == (type(recorded), recorded.message)
    assert set(plain.result) == set(recorded.result)
    assert [type(value) for value in recorded.result[inverted].result] == [float, ZeroDivisionError]
    assert recorded.result[inverted].result[0] == plain.result[inverted].result[0]
    assert [type(child) for child in recorded.result[inverted].map_states] == [Success, Failed]


def test_a_context_is_recorded_and_seen_by_tasks(database: Path) -> None:
    seen: list[Any] = []

    @task
    def look() -> None:
        seen.append((context.get("a"), context.get("flow_run_id"), context.get("running_with_backend")))

    with Flow("looks") as flow:
        look()
    view = run_flow(flow, context={"a": 1})
    assert view.context == {"a": 1}
    assert seen == [(1, view.flow_run_id, True)]


def test_a_retry_is_waited_for_and_recorded(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CloudFlowRunner, "sleep", staticmethod(lambda seconds: None))
    tries: list[int] = []

    @task(max_retries=1, retry_delay=timedelta(0))
    def sometimes() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return 5

    with Flow("retries") as flow:
        sometimes()
    view = run_flow(flow)
    assert view.state.is_successful()
    assert view.get_task_run("sometimes-1").get_result() == 5
    query = "query { task_run_state(order_by: {sequence: asc}) { state } }"
    states = [row["state"] for row in Client().graphql_fast(query)["task_run_state"]]
    assert states == ["Pending", "Running", "Failed", "Retrying", "Running", "Success"]


def numbers() -> Flow:
    with Flow("numbers") as flow:
        flow.add_task(Parameter("x", default=1))
    return flow


def test_a_flow_that_names_a_bucket_is_uploaded_when_it_has_changed(database: Path, in_memory: Stores) -> None:
    runs = []
    for _ in range(2):
        flow = numbers()
        flow.storage = GCS("flows")
        runs.append(run_flow(flow))
    assert runs[0].flow_id == runs[1].flow_id
    assert len(in_memory.writes["gcs"]) == 1
    # Whoever has the id alone runs what is in the bucket.
    flow_run_id = Client().create_flow_run(runs[0].flow_id, parameters={"x": 5})
    view = execution.execute_flow_run(flow_run_id)
    assert view.state.is_successful()
    assert view.get_task_run("x").get_result() == 5


def test_a_bucket_out_of_reach_costs_the_storage_and_not_the_run(
    database: Path, in_memory: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    in_memory.refusal = PermissionError("no")
    flow = numbers()
    flow.storage = GCS("flows")
    assert run_flow(flow).state.is_successful()
    assert flows_in(database)[0]["storage"] is None
    assert "The code of flow 'numbers' cannot be stored (FlowStorageError: The flow 'numbers' could not" in caplog.text


def test_the_secrets_that_a_storage_names_are_in_the_context_of_its_runs(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "secretive.py"
    script.write_text(
        "import prefect\n"
        "assert prefect.context.secrets['KEY'] == 'value of KEY'\n"
        "@prefect.task\n"
        "def reveal(): return prefect.context.secrets['KEY']\n"
        "with prefect.Flow('secretive') as flow: reveal()\n"
    )
    monkeypatch.setattr(Secret, "get", lambda self: f"value of {self.name}")
    storage = Local(path=str(script), stored_as_script=True, secrets=["KEY"], add_default_labels=False)
    with context(secrets={"KEY": "value of KEY"}):
        flow = extract_flow_from_file(str(script))
    flow.storage = storage
    client = Client()
    client.create_project("default")
    flow_run_id = client.create_flow_run(str(flow.register(project_name="default", no_url=True)))
    view = execution.execute_flow_run(flow_run_id)
    assert view.state.is_successful()
    assert view.get_task_run("reveal-1").get_result() == "value of KEY"
    assert "KEY" not in context.get("secrets", {})
