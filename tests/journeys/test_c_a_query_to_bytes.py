"""Journey (c): a query to bytes, through `Client().graphql` and `prefect graphql`; one statement a root field."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prefect import Flow, Parameter, task, unmapped
from prefect.backend import FlowRunView
from prefect.backend.execution import run_flow
from prefect.cli import cli
from prefect.client.client import Client
from prefect.exceptions import ClientError


@task
def double(x: int) -> int:
    if x == 2:
        raise ValueError("two")
    return 2 * x


@pytest.fixture
def view(database: Path) -> FlowRunView:
    with Flow("queried") as flow:
        p = Parameter("p", default=1)
        double.map([1, 2, 3], upstream_tasks=[unmapped(p)])
    return run_flow(flow, run_name="woodoo-leopard")


NESTED = """
query($name: String!, $limit: Int = 10) {
  runs: flow_run(where: {name: {_eq: $name}, flow: {name: {_ilike: "QUER%"}}}, limit: $limit) {
    ...facts
    flow { name tasks_aggregate { aggregate { count } } project { name } }
    task_runs(where: {map_index: {_gte: 0}}, order_by: {map_index: desc}) {
      map_index state task { slug flow { name } } states(order_by: {sequence: asc}) { state }
    }
  }
  failed: flow_run_aggregate(where: {state: {_eq: "Failed"}}) { aggregate { count } }
  none: flow_run(where: {id: {_in: []}}) { id }
}
fragment facts on flow_run { id state parameters }
"""


def test_nested_questions_are_answered_in_one_go(view: FlowRunView) -> None:
    data = Client().graphql(NESTED, variables={"name": "woodoo-leopard"}).data
    (run,) = data.runs
    assert (run.id, run.state, run.parameters) == (view.flow_run_id, "Failed", {"p": 1})
    assert run.flow.name == "queried"
    assert run.flow.project.name == "default"
    assert run.flow.tasks_aggregate.aggregate.count == 3
    assert [(child.map_index, child.state) for child in run.task_runs] == [
        (2, "Success"),
        (1, "Failed"),
        (0, "Success"),
    ]
    assert [state.state for state in run.task_runs[1].states] == ["Pending", "Running", "Failed"]
    assert {child.task.slug for child in run.task_runs} == {"double-1"}
    assert (data.failed.aggregate.count, data.none) == (1, [])


def test_one_root_field_is_one_statement(view: FlowRunView, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.server.embedded import open_endpoint
    from prefect.server.store.database import Snapshot

    asked: list[str] = []
    fetch: Any = Snapshot.fetch_json

    def counted(self: Snapshot, statement: Any) -> str:
        asked.append(statement.sql)
        answer: str = fetch(self, statement)
        return answer

    monkeypatch.setattr(Snapshot, "fetch_json", counted)
    body = open_endpoint().answer(NESTED, {"name": "woodoo-leopard"})
    assert json.loads(body)["data"]["failed"] == {"aggregate": {"count": 1}}
    assert len(asked) == 3
    assert not any("woodoo-leopard" in sql or "QUER" in sql for sql in asked)


def test_the_run_as_it_stood_at_its_start(view: FlowRunView) -> None:
    then = Client().graphql(
        "query($id: uuid!) { flow_run_by_pk(id: $id, as_of: 1) { state task_runs_aggregate { aggregate { count } } } }",
        variables={"id": view.flow_run_id},
    )
    assert then.data.flow_run_by_pk.state == "Scheduled"


def test_the_command_line_prints_the_answer_and_one_line_for_what_is_wrong(view: FlowRunView) -> None:
    runner = CliRunner()
    good = runner.invoke(cli, ["graphql", '{ flow_run(where: {name: {_eq: "woodoo-leopard"}}) { state } }'])
    assert (good.exit_code, json.loads(good.stdout)) == (0, {"data": {"flow_run": [{"state": "Failed"}]}})
    bad = runner.invoke(cli, ["graphql", "{ flow_run(where: {state: {_eq: 5}}) { state } }"])
    assert bad.exit_code == 1
    assert len(bad.stderr.strip().splitlines()) == 1
    assert "Traceback" not in bad.output


@pytest.mark.parametrize(
    "query",
    ["{ flow_run { nope } }", "{ flow_run(where: {id: {_eq: 7}}) { id } }", "{ flow_run ", "{ nope { id } }"],
)
def test_a_question_that_cannot_be_answered_is_told(view: FlowRunView, query: str) -> None:
    with pytest.raises(ClientError) as refused:
        Client().graphql(query)
    assert "SELECT" not in str(refused.value)


def test_the_file_is_a_sound_database(view: FlowRunView, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
