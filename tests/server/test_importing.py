"""A database of Prefect Server 1 comes in whole and once, its history in order, and nothing is changed there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from prefect.server.endpoint import Endpoint
from prefect.server.errors import StoreError
from prefect.server.importing import import_server
from prefect.server.store import interface
from prefect.server.store.opening import open_store

if TYPE_CHECKING:
    from tests.support.postgres import Server

TABLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "graphql" / "tables.json").read_text(encoding="utf-8")
)
KINDS = {"String": "varchar", "Int": "int4", "Boolean": "bool"}
BEGIN = datetime(2022, 5, 1, 12, tzinfo=UTC)
RUNS = 7

Json = dict[str, Any]


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat()


class Theirs:
    """A database with the tables of Prefect Server 1, as far as what they hold matters."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        for name, table in TABLES.items():
            if name.startswith("utility"):
                continue
            columns = [
                f'"{column}" {KINDS.get(kind.rstrip("!"), kind.rstrip("!"))}{" NOT NULL" * kind.endswith("!")}'
                for column, kind in table["columns"].items()
            ]
            key = [f"PRIMARY KEY ({', '.join(table['primary_key'])})"] if table["primary_key"] else []
            self.connection.execute(f"CREATE TABLE {name} ({', '.join(columns + key)})".encode())

    def add(self, name: str, /, **values: Any) -> str:
        row = {"id": str(uuid4()), "created": at(0), "updated": at(0), **values}
        row = {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()}
        for column, kind in TABLES[name]["columns"].items():
            if kind.endswith("!") and column not in row:
                row[column] = {"Boolean!": False, "Int!": 0, "jsonb!": "{}", "timestamptz!": at(0)}[kind]
        marks = ", ".join(["%s"] * len(row))
        names = ", ".join(f'"{column}"' for column in row)
        self.connection.execute(f"INSERT INTO {name} ({names}) VALUES ({marks})".encode(), list(row.values()))  # noqa: S608  names of columns
        return str(row["id"])

    def dump(self) -> Json:
        return {
            name: sorted(
                row[0]
                for row in self.connection.execute(f"SELECT to_jsonb(t)::text FROM {name} AS t".encode())  # noqa: S608  a table of ours
            )
            for name in TABLES
            if not name.startswith("utility")
        }


def state(kind: str, message: str = "") -> Json:
    return {"type": kind, "message": message, "context": {}, "cached_inputs": {}, "__version__": "0.15.13"}


@pytest.fixture
def theirs(postgres_server: Server) -> Iterator[Theirs]:
    with postgres_server.database() as url:
        database = Theirs(url)
        with database.connection:
            fill(database)
            yield database


def fill(theirs: Theirs) -> None:
    tenant = theirs.add("tenant", name="default", slug="default", settings={})
    other = theirs.add("tenant", name="Others", slug="others", settings={"a": 1})
    for owner in (tenant, other):
        project = theirs.add("project", tenant_id=owner, name="Demo")
        group = theirs.add("flow_group", tenant_id=owner, name=str(uuid4()), labels=["x"], settings={"heartbeat": True})
        flow = theirs.add(
            "flow",
            tenant_id=owner,
            name="etl",
            version=3,
            project_id=project,
            flow_group_id=group,
            settings={},
            is_schedule_active=owner == tenant,
            parameters=[{"name": "n", "default": 1, "slug": "n", "required": False}],
            serialized_flow={"type": "prefect.core.flow.Flow", "name": "etl"},
        )
        task = theirs.add(
            "task",
            tenant_id=owner,
            flow_id=flow,
            name="load",
            slug="load-1",
            max_retries=2,
            retry_delay="00:01:30",
            tags=["a"],
        )
        theirs.add("edge", tenant_id=owner, flow_id=flow, upstream_task_id=task, downstream_task_id=task)
        agent = theirs.add("agent", tenant_id=owner, name="one", type="LocalAgent", labels=["x"])
        if owner == tenant:
            for number in range(RUNS):
                add_run(theirs, owner, flow, task, agent, number)
    theirs.add("log", timestamp=at(1), message="of nobody", level="INFO", name="prefect")


def add_run(theirs: Theirs, tenant: str, flow: str, task: str, agent: str, number: int) -> None:
    last = state("Success", "All reference tasks succeeded.")
    run = theirs.add(
        "flow_run",
        tenant_id=tenant,
        flow_id=flow,
        name=f"run-{number}",
        parameters={"n": number, "text": "żółć 🐝"},
        scheduled_start_time=at(number * 100),
        start_time=at(number * 100 + 1),
        end_time=at(number * 100 + 9),
        version=3,
        state="Success",
        state_timestamp=at(number * 100 + 9),
        state_message=last["message"],
        serialized_state=last,
        labels=["x"],
        agent_id=agent,
        idempotency_key=f"key-{number}",
    )
    base = number * 100
    for version, (second, kind) in enumerate(((0, "Scheduled"), (1, "Running"), (9, "Success")), 1):
        told = last if kind == "Success" else state(kind)
        theirs.add(
            "flow_run_state",
            tenant_id=tenant,
            flow_run_id=run,
            timestamp=at(base + second),
            version=version,
            state=kind,
            message=told["message"],
            serialized_state=told,
        )
    task_run = theirs.add(
        "task_run",
        tenant_id=tenant,
        flow_run_id=run,
        task_id=task,
        map_index=-1,
        version=3,
        state="Success",
        serialized_state=state("Success", "Task run succeeded."),
        start_time=at(base + 2),
        end_time=at(base + 5),
    )
    for version, (moment, kind) in enumerate(((0.5, "Pending"), (2.0, "Running"), (5.0, "Success")), 1):
        theirs.add(
            "task_run_state",
            tenant_id=tenant,
            task_run_id=task_run,
            timestamp=at(base + moment),
            version=version,
            state=kind,
            serialized_state=state(kind),
        )
    theirs.add(
        "task_run_artifact",
        tenant_id=tenant,
        task_run_id=task_run,
        kind="link",
        created=at(base + 4),
        data={"link": "x"},
    )
    # Written by a clock that goes wrong, in one batch that arrived late.
    for line in range(5):
        theirs.add(
            "log",
            tenant_id=tenant,
            flow_run_id=run,
            task_run_id=task_run,
            created=at(base + 6),
            timestamp=at(base - 3600 + line),
            name="prefect.load",
            level="INFO",
            message=f"line {line} of {number}",
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[interface.Store]:
    place = tmp_path / "ours.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(place)
    yield opened
    opened.close()


def ask(store: interface.Store, query: str) -> Any:
    answer = json.loads(Endpoint(store).answer(query))
    assert "errors" not in answer, answer
    return answer["data"]


RUN = """{ flow_run(where: {name: {_eq: "run-3"}}) {
  id version state labels parameters idempotency_key flow { name version project { name tenant { slug } } }
  agent { name } states(order_by: {sequence: asc}) { state version sequence timestamp }
  task_runs { map_index state first_sequence task { slug retry_delay max_retries tags }
    states(order_by: {sequence: asc}) { state sequence } }
  logs(order_by: {sequence: asc}) { message sequence timestamp } } }"""


def test_everything_comes_in_with_its_history_in_order(theirs: Theirs, store: interface.Store) -> None:
    before = theirs.dump()
    told: dict[str, int] = {}

    def tell(table: str, rows: int) -> None:
        told[table] = told.get(table, 0) + rows

    done = import_server(theirs.url, store, tell, rows_at_once=1, runs_at_once=3)
    assert theirs.dump() == before
    assert done.came == {
        "tenant": 1,
        "project": 2,
        "flow_group": 2,
        "flow": 2,
        "task": 2,
        "edge": 2,
        "agent": 2,
        "flow_run": RUNS,
        "flow_run_state": 3 * RUNS,
        "task_run": RUNS,
        "task_run_state": 3 * RUNS,
        "task_run_artifact": RUNS,
        "log": 5 * RUNS,
    }
    assert done.were_there["tenant"] == 1, "the tenant of that slug is here already"
    assert done.homeless_log_lines == 1
    assert told["flow_run"] == RUNS
    with store.snapshot() as snapshot:
        active = "SELECT id FROM flow WHERE is_schedule_active = TRUE AND archived = FALSE ORDER BY id"
        scheduled = snapshot.fetch_all("SELECT flow_id FROM flow_schedule ORDER BY flow_id")
        assert scheduled == snapshot.fetch_all(active)
        assert len(scheduled) == 1
    (run,) = ask(store, RUN)["flow_run"]
    assert run["flow"] == {"name": "etl", "version": 3, "project": {"name": "Demo", "tenant": {"slug": "default"}}}
    assert run["parameters"] == {"n": 3, "text": "żółć 🐝"}
    assert (run["version"], run["state"], run["labels"], run["idempotency_key"]) == (3, "Success", ["x"], "key-3")
    assert run["agent"] == {"name": "one"}
    assert [each["state"] for each in run["states"]] == ["Scheduled", "Running", "Success"]
    (task_run,) = run["task_runs"]
    assert task_run["task"] == {"slug": "load-1", "retry_delay": "00:01:30", "max_retries": 2, "tags": ["a"]}
    assert [each["state"] for each in task_run["states"]] == ["Pending", "Running", "Success"]
    assert [each["message"] for each in run["logs"]] == [f"line {line} of 3" for line in range(5)]
    # 1 Scheduled, 2 Pending, 3 Running, 4 Running, 5 the artifact, 6 Success of the task, 7 to 11 the lines, 12 the end
    assert [each["sequence"] for each in run["states"]] == [1, 3, 12]
    assert [each["sequence"] for each in task_run["states"]] == [2, 4, 6]
    assert task_run["first_sequence"] == 2
    assert [each["sequence"] for each in run["logs"]] == [7, 8, 9, 10, 11]


def test_of_a_hook_that_comes_in_nobody_reads_the_key(theirs: Theirs, store: interface.Store) -> None:
    (tenant,) = theirs.connection.execute("SELECT id::text FROM tenant LIMIT 1").fetchone() or ("",)
    configs: list[Json] = [{"url": "https://hooks.slack.com/services/key"}, {"auth_token": "key"}]
    for kind, config in zip(("SLACK_WEBHOOK", "TWILIO"), configs, strict=True):
        theirs.add("cloud_hook", tenant_id=tenant, type=kind, states=["Failed"], config=config)
    assert import_server(theirs.url, store).came["cloud_hook"] == 2
    import_server(theirs.url, store)
    found = ask(store, "{ cloud_hook(order_by: {type: asc}) { config } }")["cloud_hook"]
    assert found == [{"config": {"url": "https://hooks.slack.com/…"}}, {"config": {}}]
    with store.snapshot() as snapshot:
        sql = (
            "SELECT c.config FROM cloud_hook_config AS c JOIN cloud_hook AS h ON h.id = c.cloud_hook_id ORDER BY h.type"
        )
        assert [json.loads(row[0]) for row in snapshot.fetch_all(sql)] == configs


def test_a_second_import_takes_what_is_new_and_leaves_the_rest(theirs: Theirs, store: interface.Store) -> None:
    import_server(theirs.url, store)
    flow, task = (
        theirs.connection.execute(f"SELECT id::text FROM {name} ORDER BY created, id LIMIT 1".encode()).fetchone()  # noqa: S608  a table of ours
        for name in ("flow", "task")
    )
    assert flow is not None
    assert task is not None
    (tenant,) = theirs.connection.execute("SELECT tenant_id::text FROM flow WHERE id = %s", flow).fetchone() or ("",)
    add_run(theirs, tenant, flow[0], task[0], str(uuid4()), RUNS)
    done = import_server(theirs.url, store)
    assert {table: rows for table, rows in done.came.items() if rows} == {
        "flow_run": 1,
        "flow_run_state": 3,
        "task_run": 1,
        "task_run_state": 3,
        "task_run_artifact": 1,
        "log": 5,
    }
    assert done.were_there["flow_run"] == RUNS


def test_an_import_that_was_broken_off_goes_on(theirs: Theirs, store: interface.Store) -> None:
    class Broken(Exception):
        pass

    seen = 0

    def tell(table: str, rows: int) -> None:
        nonlocal seen
        seen += table == "flow_run"
        if seen == 2:
            raise Broken

    with pytest.raises(Broken):
        import_server(theirs.url, store, tell, runs_at_once=2)
    runs = ask(store, "{ flow_run { states { sequence } task_runs { id } logs { sequence } } }")["flow_run"]
    assert [len(run["states"]) for run in runs] == [3] * 4
    assert [len(run["logs"]) for run in runs] == [5] * 4
    import_server(theirs.url, store, runs_at_once=2)
    count = ask(store, "{ flow_run_aggregate { aggregate { count } } log_aggregate { aggregate { count } } }")
    assert count["flow_run_aggregate"]["aggregate"]["count"] == RUNS
    assert count["log_aggregate"]["aggregate"]["count"] == 5 * RUNS


def test_a_run_that_came_in_can_be_seen_as_it_stood(theirs: Theirs, store: interface.Store) -> None:
    import_server(theirs.url, store)
    run = ask(store, '{ flow_run(where: {name: {_eq: "run-0"}}) { id } }')["flow_run"][0]["id"]
    assert UUID(run)
    answer = ask(store, f'{{ flow_run_by_pk(id: "{run}", as_of: "{at(2.5)}") {{ state task_runs {{ state }} }} }}')
    assert answer["flow_run_by_pk"] == {"state": "Running", "task_runs": [{"state": "Running"}]}


@pytest.mark.parametrize("what", ["nothing", "ours"])
def test_what_is_no_such_database_is_refused(what: str, postgres_server: Server, store: interface.Store) -> None:
    with postgres_server.database() as url:
        if what == "ours":
            open_store(url).close()
        with pytest.raises(StoreError, match="ours already" if what == "ours" else "none of Prefect Server 1"):
            import_server(url, store)


def test_a_database_that_does_not_answer_is_told_in_a_sentence(postgres_server: Server, store: interface.Store) -> None:
    with pytest.raises(StoreError, match="goes on where this one stopped"):
        import_server(postgres_server.url("no_such_database"), store)


@pytest.mark.parametrize("url", ["me:geheim@localhost/runs", "postgresql://me:p@geheim@localhost/runs"])
def test_a_url_that_cannot_be_read_is_not_repeated(url: str, store: interface.Store) -> None:
    with pytest.raises(StoreError, match="URL of the database") as caught:
        import_server(url, store)
    assert "geheim" not in str(caught.value)
