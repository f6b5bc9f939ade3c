"""`prefect run`: the lines that a person sees, the exit codes, and one line for whatever goes wrong."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.backend.flow_run import FlowRunView, why_no_agent_takes
from prefect.cli import cli
from prefect.client.client import Client
from prefect.configuration import config
from prefect.core.flow import Flow
from prefect.exceptions import ClientError
from prefect.server import embedded
from tests.serving import Serving

MISSING = "00000000-0000-4000-8000-000000000404"

ONE = """
from prefect import Flow, Parameter, task
import os

@task
def say(x):
    if x == "fail" and not os.environ.get("MENDED"):
        raise ValueError("boo")
    return x

with Flow("one") as flow:
    say(Parameter("x", default=1))
"""
TWO = """
from prefect import Flow, Parameter, task

with Flow("a") as a:
    Parameter("x") + 1
with Flow("b") as b:
    Parameter("y", default=1) + 1
if __name__ == "__main__":
    raise SystemExit("the file must not be run as a program")
"""

FILES = {"one": ONE, "two": TWO, "none": "x = 1\n", "broken": "import nothing_here\n"}

Prefect = Callable[..., Result]


@pytest.fixture
def prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefect:
    """Call the command in a directory with some flows."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in FILES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


def fails_with(result: Result, line: str) -> None:
    """One line on stderr, a non-zero exit code, no traceback."""
    assert result.exit_code == 1, result.output
    assert result.stderr == line + "\n"
    assert "Traceback" not in result.output


# Here


def test_a_flow_in_a_file_is_run(prefect: Prefect) -> None:
    result = prefect("run", "--path", "one.py")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Retrieving local flow... Done",
        "Running flow locally...",
        "Flow run succeeded!",
    ]


def test_a_flow_in_a_module_is_run(prefect: Prefect) -> None:
    for name in ("one", "one.flow"):
        assert "Flow run succeeded!" in prefect("run", "--module", name).stdout


def test_a_failed_flow_gives_a_failed_command(prefect: Prefect) -> None:
    result = prefect("run", "-p", "one.py", "--param", "x=fail")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "Flow run failed!"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("x=foo", "foo"),
        ("x=0foo", "0foo"),
        ("x=3", 3),
        ("x", ""),
        ('x="3"', "3"),
        ('x={"a": [1]}', {"a": [1]}),
        ("x=true", True),
        ("x=a=b", "a=b"),
    ],
)
def test_a_parameter_is_json_or_else_text(prefect: Prefect, given: str, value: Any) -> None:
    result = prefect("run", "-p", "one.py", "--param", given)
    assert result.stdout.splitlines()[:4] == [
        "Retrieving local flow... Done",
        "Configured local flow run",
        f"└── Parameters: {{'x': {value!r}}}",
        "Running flow locally...",
    ]


def test_parameters_come_from_a_file_and_the_command_wins(prefect: Prefect, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"x": "from the file"}))
    assert "{'x': 'from the file'}" in prefect("run", "-p", "one.py", "--param-file", "p.json").stdout
    assert "{'x': 2}" in prefect("run", "-p", "one.py", "--param-file", "p.json", "--param", "x=2").stdout
    result = prefect("run", "-p", "one.py", "--param-file", "no.json")
    fails_with(result, f"Parameter file does not exist: {str(tmp_path / 'no.json')!r}")
    (tmp_path / "p.json").write_text("[1]")
    assert "must hold a JSON object" in prefect("run", "-p", "one.py", "--param-file", "p.json").stderr


def test_context_is_shown_and_given(prefect: Prefect) -> None:
    assert "└── Context: {'a': 1}" in prefect("run", "-p", "one.py", "--context", "a=1").stdout


def test_a_parameter_without_a_name_is_one_line(prefect: Prefect) -> None:
    fails_with(
        prefect("run", "-p", "one.py", "--param", "=5"), "--param wants a name and a value, name=value, not '=5'."
    )


def test_quiet_prints_nothing_of_its_own(prefect: Prefect) -> None:
    assert prefect("run", "-p", "one.py", "--quiet", "--no-logs").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-p", "two.py"], "Found multiple flows at 'two.py': 'a', 'b' Specify a flow name to run."),
        (["-p", "two.py", "--name", "c"], "Did not find 'c' in flows at two.py. Found 'a', 'b'"),
        (["-p", "none.py"], "Found no flows at none.py."),
        (
            ["-p", "broken.py"],
            "broken.py cannot be run: ModuleNotFoundError: No module named 'nothing_here' (line 1)",
        ),
        (["-m", "no_such_module"], "No module named 'no_such_module'"),
    ],
)
def test_a_flow_that_cannot_be_found_is_one_line(prefect: Prefect, arguments: list[str], line: str) -> None:
    result = prefect("run", *arguments)
    fails_with(result, line)
    assert result.stdout == "Retrieving local flow... Error\n"


def test_a_file_that_is_not_there_is_one_line(prefect: Prefect, tmp_path: Path) -> None:
    fails_with(prefect("run", "-p", "nofile.py"), f"File does not exist: {str(tmp_path / 'nofile.py')!r}")


def test_a_missing_parameter_is_one_line(prefect: Prefect) -> None:
    result = prefect("run", "-p", "two.py", "-n", "a")
    fails_with(result, "ValueError: Flow.run did not receive the following required parameters: x")
    assert result.stdout.splitlines()[-2:] == ["Flow runner encountered an exception!", "Flow run failed!"]


def test_the_flow_must_be_named_in_one_way(prefect: Prefect) -> None:
    for arguments, start in (
        ([], "Error: Received no options to look up the flow."),
        (
            ["--id", MISSING, "--name", "x"],
            "Error: Received too many options to look up the flow; cannot specifiy both",
        ),
        (["-p", "a.py", "--project", "x"], "Error: Received too many options to look up the flow: --path, --project"),
        (["--name", "x", "--schedule"], "Error: `--schedule` can only be specified for local flow runs"),
    ):
        result = prefect("run", *arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith(start)


# Registered flows


@pytest.fixture
def registered(database: Path, prefect: Prefect) -> str:
    """The id of the flow `one`, registered in the project `proj`."""
    prefect("create", "project", "proj")
    assert prefect("register", "--project", "proj", "--path", "one.py").exit_code == 0
    (flow,) = Client().graphql_fast("query { flow { id } }")["flow"]
    return str(flow["id"])


def runs() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Client().graphql_fast(
        "query { flow_run(order_by: {created: asc}) { id name state parameters labels context idempotency_key } }"
    )["flow_run"]
    return found


def test_a_run_of_a_registered_flow_is_created(prefect: Prefect, registered: str) -> None:
    arguments = ["--param", "x=3", "--context", "k=v", "--label", "l1", "--run-name", "rn", "--idempotency-key", "ik"]
    result = prefect("run", "--name", "one", "--project", "proj", *arguments)
    (run,) = runs()
    assert result.stdout.splitlines() == [
        "Looking up flow metadata... Done",
        "Creating run for flow 'one'... Done",
        "└── Name: rn",
        f"└── UUID: {run['id']}",
        "└── Labels: ['l1']",
        "└── Parameters: {'x': 3}",
        "└── Context: {'k': 'v'}",
        f"└── Run it here with: prefect run --id {run['id']} --execute",
    ]
    assert (run["state"], run["idempotency_key"]) == ("Scheduled", "ik")


def test_a_parameter_that_the_flow_does_not_have_makes_no_run(prefect: Prefect, registered: str) -> None:
    result = prefect("run", "--name", "one", "--param", "y=3", "--param", "x=3")
    assert result.stderr == "The flow 'one' has no parameter 'y'; it has: x.\n"
    assert (result.exit_code, runs()) == (1, [])


def test_quietly_only_the_id_is_printed(prefect: Prefect, registered: str) -> None:
    result = prefect("run", "--id", registered, "--quiet")
    assert result.stdout == f"{runs()[0]['id']}\n"


def test_a_run_may_be_executed_here_at_once(prefect: Prefect, registered: str) -> None:
    result = prefect("run", "--name", "one", "--execute", "--param", "x=5", "--no-logs")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == ["Executing flow run...", "Flow run succeeded!"]
    assert FlowRunView.from_flow_run_id(runs()[0]["id"]).get_task_run("say-1").get_result() == 5


def test_a_scheduled_run_is_executed_and_a_finished_one_left_alone(prefect: Prefect, registered: str) -> None:
    flow_run_id = prefect("run", "--name", "one", "--quiet").stdout.strip()
    first = prefect("run", "--id", flow_run_id, "--execute", "--no-logs")
    assert first.stdout.splitlines() == ["Executing flow run...", "Flow run succeeded!"]
    again = prefect("run", "--id", flow_run_id, "--execute", "--no-logs")
    assert again.stdout.splitlines()[0].startswith("The flow run is finished already: <Success")
    assert again.exit_code == 0


def test_a_run_may_have_a_log_level_of_its_own(prefect: Prefect, registered: str) -> None:
    flow_run_id = prefect("run", "--name", "one", "--log-level", "debug", "--quiet").stdout.strip()
    view = FlowRunView.from_flow_run_id(flow_run_id)
    assert view.run_config is not None
    assert view.run_config.env == {"PREFECT__LOGGING__LEVEL": "DEBUG"}
    prefect("run", "--id", flow_run_id, "--execute", "--no-logs")
    assert logging.DEBUG in {line.level for line in FlowRunView.from_flow_run_id(flow_run_id).get_logs()}


def test_a_failed_run_goes_on(prefect: Prefect, registered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flow_run_id = prefect("run", "--name", "one", "--param", "x=fail", "--quiet").stdout.strip()
    assert prefect("run", "--id", flow_run_id, "--execute", "--no-logs").exit_code == 1
    view = FlowRunView.from_flow_run_id(flow_run_id)
    assert view.state.is_failed()


def test_a_run_may_be_watched(prefect: Prefect, registered: str) -> None:
    flow_run_id = prefect("run", "--name", "one", "--quiet").stdout.strip()
    prefect("run", "--id", flow_run_id, "--execute", "--no-logs")
    result = prefect("run", "--id", flow_run_id, "--watch", "--no-logs")
    lines = result.stdout.splitlines()
    assert lines[0] == "Watching flow run execution..."
    assert [line.split(" | ")[2] for line in lines[1:-1]] == [
        "Entered state <Scheduled>: Flow run scheduled.",
        "Entered state <Running>: Running flow.",
        "Entered state <Success>: All reference tasks succeeded.",
    ]
    assert lines[-1] == "Flow run succeeded!"
    assert result.exit_code == 0
    with_logs = prefect("run", "--id", flow_run_id, "--watch", "--log-level", "info").stdout
    assert "INFO    | Task 'say': Starting task run..." in with_logs


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--name", "nope"], "No flow found with name 'nope' in {database}. `prefect get flows` lists the flows"),
        (["--id", "abc"], "No flow, flow group or flow run found with id 'abc': that is no id."),
        (["--id", MISSING, "--execute"], "No flow or flow group found with id"),
    ],
)
def test_what_does_not_exist_is_one_line(prefect: Prefect, database: Path, arguments: list[str], line: str) -> None:
    result = prefect("run", *arguments)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(line.format(database=database))


def test_the_id_of_a_flow_run_needs_a_word_on_what_to_do(prefect: Prefect, registered: str) -> None:
    flow_run_id = prefect("run", "--name", "one", "--quiet").stdout.strip()
    result = prefect("run", "--id", flow_run_id)
    fails_with(
        result,
        f"{flow_run_id} is a flow run, not a flow. Add --execute to run it here, or --watch to follow it.",
    )


def test_the_logs_are_printed_as_the_flow_runs(prefect: Prefect, tmp_path: Path, database: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PREFECT__HOME_DIR": config.home_dir}
    command = [sys.executable, "-m", "prefect", "run", "--path", "one.py", "--log-level", "debug"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    messages = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("└── ")]
    assert ["INFO   ", "Task 'say': Starting task run..."] in [message[1:] for message in messages]
    assert "DEBUG  " in [message[1] for message in messages]
    assert done.stderr == ""


def test_a_run_that_no_agent_takes_says_which_label_is_in_the_way(
    tmp_path: Path, server: Serving, prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = embedded.open_endpoint(tmp_path / "served.db")
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config.cloud, "api", server.url)
    with server.serve(endpoint):
        client = Client()
        flow_id = client.create_flow(Flow("f").serialize(), client.create_project("proj"), set_schedule_active=False)
        agent = client.register_agent("LocalAgent", name="near", labels=["gpu"])
        asking = Client()
        asking.attach_headers({"X-PREFECT-AGENT-ID": agent})
        asking.graphql(
            "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }",
            variables={"input": {"tenant_id": client.tenant_id, "labels": ["gpu"]}},
        )
        typo = prefect("run", "--id", flow_id, "--label", "GPU").stdout.splitlines()
        right = prefect("run", "--id", flow_id, "--label", "gpu").stdout
        (notice,) = {why_no_agent_takes(run["id"]) for run in runs() if run["labels"] == ["GPU"]}
    embedded._endpoints.pop(os.path.realpath(tmp_path / "served.db"), None)
    endpoint.store.close()
    assert typo[-2].startswith(f"└── URL: {server.url}/default/flow-run/")
    assert typo[-1] == f"└── Waits: {notice}"
    assert notice == (
        "1 agent is looking for runs, and none has the labels 'GPU'. "
        "The nearest is 'near', which has 'gpu' and lacks 'GPU'."
    )
    assert "Waits" not in right


def test_a_server_of_1x_is_not_asked_for_the_reason_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise ClientError('Cannot query field "flow_run_matching" on type "Query".')

    monkeypatch.setattr(Client, "graphql_fast", refuse)
    assert why_no_agent_takes("00000000-0000-4000-8000-000000000404") is None
