"""`prefect archive`, `schedule`, `labels`: a registered flow by its id or name; and `prefect completion`."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.cli import cli
from prefect.client.client import Client
from prefect.core.flow import Flow
from prefect.schedules import IntervalSchedule

Prefect = Callable[..., Result]


@pytest.fixture
def prefect() -> Prefect:
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


@pytest.fixture
def flow_id(database: Path) -> str:
    """The id of the second version of `daily`, which has a schedule, in the project `proj`."""
    client = Client()
    client.create_project("proj")
    flow = Flow("daily", schedule=IntervalSchedule(interval=timedelta(days=1)))
    client.register(flow, "proj", build=False, no_url=True)
    return client.register(flow, "proj", build=False, no_url=True)


def only_row(flow_id: str, columns: str) -> dict[str, Any]:
    (row,) = Client().graphql_fast(
        f"query($id: uuid!) {{ flow(where: {{id: {{_eq: $id}}}}) {{ {columns} }} }}", {"id": flow_id}
    )["flow"]
    return dict(row)


def fails_with(result: Result, start: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start), result.stderr
    assert result.stderr.count("\n") == 1


def test_a_schedule_is_switched(prefect: Prefect, flow_id: str) -> None:
    told = "The schedule of daily (version 2, project proj) is "
    assert prefect("schedule", "off", "daily").stdout == f"{told}off\n"
    assert only_row(flow_id, "is_schedule_active") == {"is_schedule_active": False}
    assert prefect("schedule", "on", flow_id).stdout == f"{told}on\n"
    assert only_row(flow_id, "is_schedule_active") == {"is_schedule_active": True}


def test_a_flow_without_a_schedule_has_none_to_switch_on(prefect: Prefect, flow_id: str) -> None:
    Client().register(Flow("plain"), "proj", build=False, no_url=True)
    fails_with(prefect("schedule", "on", "plain"), "plain (version 1, project proj) has no schedule.")
    assert prefect("schedule", "off", "plain").exit_code == 0


def test_a_version_is_archived(prefect: Prefect, flow_id: str) -> None:
    assert prefect("archive", "daily").stdout == "daily (version 2, project proj) archived\n"
    assert only_row(flow_id, "archived is_schedule_active") == {"archived": True, "is_schedule_active": False}
    fails_with(prefect("archive", "daily"), "No flow is called 'daily'. `prefect get flows --all-versions` lists them.")
    assert prefect("archive", "daily", "-v", "2").stdout == "daily (version 2, project proj) is archived already\n"


def test_labels_of_runs_are_set(prefect: Prefect, flow_id: str) -> None:
    registered = "Runs of daily have the labels that it was registered with: none\n"
    assert prefect("labels", "daily").stdout == registered
    told = "Runs of daily have the labels: gpu, night\n"
    assert prefect("labels", "daily", "-s", "night", "--set", "gpu").stdout == told
    assert prefect("labels", flow_id).stdout == told
    run_id = Client().create_flow_run(flow_id)
    (run,) = Client().graphql_fast(
        "query($id: uuid!) { flow_run(where: {id: {_eq: $id}}) { labels } }", {"id": run_id}
    )["flow_run"]
    assert run == {"labels": ["gpu", "night"]}
    assert prefect("labels", "daily", "--reset").stdout == registered
    fails_with(prefect("labels", "daily", "--reset", "--set", "x"), "Give --set, or --reset.")


def test_of_flows_with_one_name_in_two_projects_none_is_taken(prefect: Prefect, flow_id: str) -> None:
    Client().create_project("other")
    other = Client().register(Flow("daily"), "other", build=False, no_url=True)
    result = prefect("archive", "daily")
    fails_with(result, f"Several flows are called 'daily': {other} (project other, version 1), {flow_id} (project proj")
    assert prefect("archive", "daily", "--project", "other").exit_code == 0
    assert only_row(flow_id, "archived") == {"archived": False}
    fails_with(prefect("archive", "daily", "-p", "nope"), "No flow is called 'daily' in the project 'nope'.")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(prefect: Prefect, shell: str) -> None:
    result = prefect("completion", shell)
    assert result.exit_code == 0
    assert f"_PREFECT_COMPLETE={shell}_complete" in result.stdout


def test_bash_takes_the_script(prefect: Prefect, tmp_path: Path) -> None:
    (tmp_path / "prefect.bash").write_text(prefect("completion", "bash").stdout)
    done = subprocess.run(
        ["bash", "-c", "source prefect.bash && complete -p prefect"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "_prefect_completion prefect" in done.stdout


def test_commands_and_options_are_completed() -> None:
    from click.shell_completion import ShellComplete

    complete = ShellComplete(cli, {}, "prefect", "_PREFECT_COMPLETE")

    def completed(arguments: list[str], incomplete: str) -> list[str]:
        return [item.value for item in complete.get_completions(arguments, incomplete)]

    assert completed([], "can") == ["cancel"]
    assert completed(["get"], "flow") == ["flow-runs", "flows"]
    assert completed(["completion"], "b") == ["bash"]
    assert completed(["register"], "--sch") == ["--schedule"]
    assert completed(["server"], "st") == ["start", "stop"]
