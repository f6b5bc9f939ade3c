"""The other commands: what they print, and one line with a non-zero exit code for whatever goes wrong."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.backend import run_flow
from prefect.cli import cli
from prefect.cli.group import LazyGroup
from prefect.cli.output import table
from prefect.client.client import Client
from prefect.configuration import config
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.utilities.version import VERSION

Prefect = Callable[..., Result]
MISSING = "00000000-0000-4000-8000-000000000404"


@pytest.fixture
def prefect() -> Prefect:
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


@pytest.fixture
def run_id(database: Path) -> str:
    """The id of a finished run, called `a-run`, of the flow `tiny` in the project `default`."""

    @task
    def one() -> int:
        return 1

    with Flow("tiny") as flow:
        one()
    return run_flow(flow, run_name="a-run").flow_run_id


def fails_with(result: Result, start: str) -> None:
    """One line on stderr, a non-zero exit code, no traceback."""
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start)
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def commands(group: LazyGroup) -> list[str]:
    import click

    return group.list_commands(click.Context(group))


def test_every_command_can_explain_itself(prefect: Prefect) -> None:
    for name in commands(cli):
        for flag in ("-h", "--help"):
            assert prefect(name, flag).exit_code == 0, name


def test_nothing_is_loaded_for_a_command_that_is_not_called() -> None:
    import subprocess

    program = "import sys; from prefect.cli import cli; print([m for m in sys.modules if m.startswith('prefect.cli.')])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['prefect.cli.group']"


def test_version(prefect: Prefect) -> None:
    assert prefect("version").stdout == f"{VERSION}\n"


def test_diagnostics_name_variables_and_never_their_values(prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__TOKEN", "hush")
    monkeypatch.setenv("PREFECT__SOMETHING", "hush")
    result = prefect("diagnostics")
    report = json.loads(result.stdout)
    assert "PREFECT__SOMETHING" in report["env_vars"]
    assert "PREFECT__CONTEXT__SECRETS__TOKEN" not in report["env_vars"]
    assert report["system_information"]["prefect_version"] == VERSION
    assert "hush" not in result.stdout


def test_diagnostics_name_the_settings_that_were_made(
    prefect: Prefect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('[logging]\nlevel = "hush"\n[context.secrets]\nTOKEN = "hush"\n')
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(tmp_path / "config.toml"))
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__OTHER", "hush")
    overrides = json.loads(prefect("diagnostics").stdout)["config_overrides"]
    assert overrides == {"logging": {"level": True}, "context": {"secrets": False}}
    named = prefect("diagnostics", "--include-secret-names").stdout
    assert json.loads(named)["config_overrides"]["context"] == {"secrets": {"TOKEN": True}}
    assert "PREFECT__CONTEXT__SECRETS__OTHER" in json.loads(named)["env_vars"]
    assert "hush" not in named


def test_a_backend_is_chosen_by_name(prefect: Prefect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__BACKEND_CONFIG_PATH", str(tmp_path / "backend.toml"))
    assert prefect("backend", "server").stdout == "Backend switched to server\n"
    assert (tmp_path / "backend.toml").read_text() == 'backend = "server"\n'
    fails_with(prefect("backend", "foo"), "foo is not a valid backend API")
    fails_with(prefect("backend", "cloud"), "The hosted service no longer exists. `prefect backend embedded`")


# Projects


def test_projects_are_created_and_deleted(prefect: Prefect, database: Path) -> None:
    assert prefect("create", "project", "p", "-d", "mine").stdout == "p created\n"
    assert prefect("create", "project", "p", "--skip-if-exists").stdout == "p already exists\n"
    assert prefect("create", "project", "q", "--skip-if-exists").stdout == "q created\n"
    lines = prefect("get", "projects").stdout.splitlines()
    assert lines[0].split() == ["NAME", "FLOW", "COUNT", "AGE", "DESCRIPTION"]
    assert (lines[1].split()[:2], lines[1].split()[-1]) == (["p", "0"], "mine")
    assert prefect("delete", "project", "p").stdout == "p deleted\n"
    fails_with(prefect("delete", "project", "p"), "Project p not found.")


# Lists


def rows(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()[1:]]


def test_flows_are_listed(prefect: Prefect, run_id: str) -> None:
    (row,) = rows(prefect("get", "flows"))
    assert (row[0], row[1], row[-1]) == ("tiny", "1", "default")
    assert rows(prefect("get", "flows", "--name", "nope")) == []
    assert len(rows(prefect("get", "flows", "-v", "1", "-p", "default", "--all-versions"))) == 1


def test_archived_versions_are_listed_when_asked_for(prefect: Prefect, run_id: str) -> None:
    with Flow("tiny") as other:
        task(lambda: 1, name="other")()
    run_flow(other)
    assert [row[1] for row in rows(prefect("get", "flows"))] == ["2"]
    assert [row[1] for row in rows(prefect("get", "flows", "--all-versions"))] == ["2", "1"]
    assert [row[1] for row in rows(prefect("get", "flows", "--version", "1"))] == ["1"]


def test_flow_runs_are_listed(prefect: Prefect, run_id: str) -> None:
    (row,) = rows(prefect("get", "flow-runs"))
    assert (row[:3], row[-1]) == (["a-run", "tiny", "Success"], run_id)
    assert len(rows(prefect("get", "flow-runs", "--started", "--flow", "tiny", "--project", "default"))) == 1
    assert rows(prefect("get", "flow-runs", "--flow", "nope")) == []


def test_tasks_are_listed(prefect: Prefect, run_id: str) -> None:
    (row,) = rows(prefect("get", "tasks", "--flow-name", "tiny", "-fv", "1"))
    assert row[:3] == ["one", "tiny", "1"]
    assert row[-1] == "prefect.tasks.core.function.FunctionTask"


def test_the_log_of_a_run_is_printed(prefect: Prefect, run_id: str) -> None:
    by_id, by_name = prefect("get", "logs", "--id", run_id), prefect("get", "logs", "--name", "a-run")
    assert by_id.stdout == by_name.stdout
    lines = by_id.stdout.splitlines()
    assert lines[0].split() == ["TIMESTAMP", "LEVEL", "MESSAGE"]
    assert lines[1].endswith("Beginning Flow run for 'tiny'")
    assert prefect("get", "logs", "--id", run_id, "--info").stdout.splitlines()[0].split() == ["TIMESTAMP", "INFO"]
    fails_with(prefect("get", "logs"), "Either --name or --id must be provided")
    fails_with(prefect("get", "logs", "--name", "nope"), "No flow run found with name 'nope'")
    fails_with(prefect("get", "logs", "--id", "abc"), "No flow run found with id 'abc': that is no id.")


def test_things_are_described(prefect: Prefect, run_id: str) -> None:
    assert json.loads(prefect("describe", "flows", "-n", "tiny").stdout)["project"] == {"name": "default"}
    assert [task["slug"] for task in json.loads(prefect("describe", "tasks", "-n", "tiny").stdout)] == ["one-1"]
    described = json.loads(prefect("describe", "flow-runs", "-n", "a-run").stdout)
    assert (described["id"], described["serialized_state"]["type"]) == (run_id, "Success")
    for noun in ("flows", "tasks", "flow-runs"):
        result = prefect("describe", noun, "-n", "nope")
        assert result.exit_code == 1
        assert "'nope' not found." in result.stderr


def test_a_run_is_deleted(prefect: Prefect, run_id: str) -> None:
    assert prefect("delete", "flow-run", run_id).stdout == "a-run deleted\n"
    assert rows(prefect("get", "flow-runs")) == []
    fails_with(prefect("delete", "flow-run", run_id), f"No flow run has the id '{run_id}'")


def test_a_heartbeat_is_told_as_often_as_asked(prefect: Prefect, run_id: str) -> None:
    client = Client()
    flow_run_id = client.create_flow_run(client.graphql_fast("query { flow { id } }")["flow"][0]["id"])
    query = "query($id: uuid!) { flow_run_by_pk(id: $id) { heartbeat } }"
    assert client.graphql_fast(query, {"id": flow_run_id})["flow_run_by_pk"]["heartbeat"] is None
    assert prefect("heartbeat", "flow-run", "-i", flow_run_id, "-n", "1").exit_code == 0
    assert client.graphql_fast(query, {"id": flow_run_id})["flow_run_by_pk"]["heartbeat"] is not None


def test_a_run_to_execute_must_be_named_by_the_environment(prefect: Prefect) -> None:
    fails_with(prefect("execute", "flow-run"), "Not currently executing a flow within a backend")


def test_key_value_pairs(prefect: Prefect) -> None:
    assert prefect("kv", "list").output == "No keys found\n"
    assert prefect("kv", "set", "a", '{"x": 1}').exit_code == 0
    assert prefect("kv", "set", "b", "text").exit_code == 0
    assert prefect("kv", "list").output == "a\nb\n"
    assert prefect("kv", "get", "a").output == "Key 'a' has value {'x': 1}\n"
    assert json.loads(prefect("kv", "get", "a", "-o", "json").stdout) == {"x": 1}
    assert json.loads(prefect("kv", "list", "-o", "json").stdout) == ["a", "b"]
    assert prefect("kv", "delete", "a").output == "Key 'a' has been deleted\n"
    for command in ("get", "delete"):
        fails_with(prefect("kv", command, "a"), "No value found for key: 'a'")


# GraphQL


def test_a_query_is_answered_as_json(prefect: Prefect, run_id: str) -> None:
    query = "query { flow_run { id state } }"
    expected = {"data": {"flow_run": [{"id": run_id, "state": "Success"}]}}
    result = prefect("graphql", query)
    assert json.loads(result.stdout) == expected
    assert result.stdout.count("\n") > 1
    assert prefect("graphql", query, "--compact").stdout == json.dumps(expected) + "\n"


def test_a_query_comes_from_standard_input_or_a_file(prefect: Prefect, run_id: str, tmp_path: Path) -> None:
    query = "query { flow_run { state } }"
    expected = {"data": {"flow_run": [{"state": "Success"}]}}
    (tmp_path / "query.graphql").write_text(query)
    for arguments in ([], ["-"], ["--file", "-"]):
        assert json.loads(prefect("graphql", *arguments, input=query).stdout) == expected
    assert json.loads(prefect("graphql", "--file", str(tmp_path / "query.graphql")).stdout) == expected
    fails_with(prefect("graphql", "-f", "no.graphql"), "The query cannot be read from no.graphql: No such file")


def test_a_query_takes_variables(prefect: Prefect, run_id: str) -> None:
    query = "query($name: String!) { flow_run(where: {name: {_eq: $name}}) { id } }"
    result = prefect("graphql", query, "--variables", '{"name": "a-run"}', "--compact")
    assert json.loads(result.stdout)["data"]["flow_run"] == [{"id": run_id}]
    fails_with(prefect("graphql", query, "--variables", "{"), "--variables is not JSON")
    fails_with(prefect("graphql", query, "--variables", "[1]"), "--variables must be a JSON object.")


@pytest.mark.parametrize(
    "query",
    [
        "query { flow_run(limit 1) { id } }",
        "query { nope { id } }",
        "query { flow_run { nope } }",
        'query { flow_run(where: {version: {_eq: "many"}}) { id } }',
        'query { flow_run(where: {id: {_eq: "abc"}}) { id } }',
        "mutation { nope }",
        "",
    ],
)
def test_a_query_that_cannot_be_answered_is_one_line(prefect: Prefect, database: Path, query: str) -> None:
    fails_with(prefect("graphql", query), "")


# Errors


def test_a_database_that_is_none_is_one_line(prefect: Prefect, database: Path) -> None:
    database.write_text("This is not a database. " * 100)
    before = database.read_bytes()
    result = prefect("get", "flow-runs")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert str(database) in result.stderr
    assert database.read_bytes() == before


def test_the_hosted_service_is_one_line(prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "cloud")
    monkeypatch.setitem(config.cloud, "api", config.cloud.endpoint)
    result = prefect("get", "projects")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "no longer exists" in result.stderr


def test_with_debug_the_error_itself_is_raised(
    prefect: Prefect, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "debug", True)
    result = prefect("graphql", "query { nope }")
    assert result.exception is not None
    assert not isinstance(result.exception, SystemExit)


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    cells: list[list[Any]] = [["a-long-name", 1], ["b", None]]
    assert table(["name", "n"], cells) == "NAME         N\na-long-name  1\nb"
    assert table(["name", "n"], []) == "NAME    N"


# Retention


def test_a_project_keeps_its_runs_as_long_as_it_is_told(prefect: Prefect, run_id: str) -> None:
    from prefect.server.embedded import open_endpoint
    from prefect.server.services import apply_retention

    assert prefect("retention", "default", "--forever").stdout == "default keeps finished runs forever\n"
    store = open_endpoint(config.embedded.database).store
    apply_retention(store)
    assert len(rows(prefect("get", "flow-runs"))) == 1
    assert prefect("retention", "default", "--days", "0").stdout == "default keeps finished runs for 0 days\n"
    apply_retention(store)
    assert rows(prefect("get", "flow-runs")) == []
    fails_with(prefect("retention", "default"), "Give --days, or --forever.")
    fails_with(prefect("retention", "nope", "--forever"), "Project 'nope' does not exist.")


def test_graphql_prints_the_schema_without_a_database(prefect: Prefect, tmp_path: Path) -> None:
    result = prefect("graphql", "--schema")
    assert result.exit_code == 0, result.output
    assert "type flow_run_aggregate {" in result.stdout
    assert list(tmp_path.iterdir()) == []
