"""A small database that every query test reads: two tenants, three flows, runs in several states, one being deleted."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.catalog import sql_name
from prefect.server.endpoint import Endpoint
from prefect.server.scalars import interval_text
from prefect.server.store.interface import Store
from prefect.server.store.opening import open_store

if TYPE_CHECKING:
    from tests.support.postgres import Server

DEFAULT = "00000000-0000-4000-8000-00000000d001"
OTHER = "00000000-0000-4000-8000-00000000d002"


def uid(kind: int, number: int) -> str:
    """An id that says what it is of: 1 project, 2 group, 3 flow, 4 task, 5 edge, 6 flow run, 7 task run, ..."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def moment(second: int, fraction: str = "") -> str:
    """A time of the story, in seconds from its beginning."""
    return f"2021-05-12T{17 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{fraction}+00:00"


class Story:
    """Rows by table, written in the order of a feed."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.sequences: dict[str, int] = {}
        self.pictures: dict[int, dict[str, list[dict[str, Any]]]] = {}
        self.pictured: str | None = None

    def picture(self) -> None:
        """Keep what all rows are now, under the last sequence of the run that is being pictured."""
        if self.pictured is not None and self.sequences.get(self.pictured):
            self.pictures[self.sequences[self.pictured]] = copy.deepcopy(self.rows)

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        row = {
            key: json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) else value
            for key, value in values.items()
        }
        self.rows.setdefault(table, []).append(row)
        return row

    def next(self, run: str) -> int:
        # What the number before stands for is complete.
        self.picture()
        self.sequences[run] = self.sequences.get(run, 0) + 1
        return self.sequences[run]

    def state(self, table: str, row: dict[str, Any], run: str, state: str, message: str, second: int) -> None:
        """A state takes hold: a row of history, and the projection moves with it."""
        stamp = moment(second)
        sequence = self.next(run)
        version = row.get("version", -1) + 1
        serialized = {"message": message, "type": state}
        own = {"task_run_id": row["id"]} if table == "task_run" else {}
        self.add(
            f"{table}_state",
            id=uid(8 if table == "flow_run" else 9, len(self.rows.get(f"{table}_state", ())) + 1),
            tenant_id=row["tenant_id"],
            flow_run_id=run,
            **own,
            sequence=sequence,
            version=version,
            timestamp=stamp,
            state=state,
            message=message,
            serialized_state=serialized,
            created=stamp,
            updated=stamp,
        )
        row.update(
            version=version,
            state=state,
            state_timestamp=stamp,
            state_message=message,
            serialized_state=json.dumps(serialized, separators=(",", ":")),
            updated=stamp,
        )
        if state == "Running":
            row.setdefault("start_time", stamp)
        if state in ("Success", "Failed"):
            row["end_time"] = stamp
        if table == "task_run":
            row.setdefault("first_sequence", sequence)


def tell() -> dict[str, list[dict[str, Any]]]:
    """The rows of the database."""
    story = Story()
    stamp = moment(0)
    both = {"created": stamp, "updated": stamp}
    for tenant, slug in ((DEFAULT, "default"), (OTHER, "other")):
        story.add("tenant", id=tenant, name=slug.title(), slug=slug, info={"seats": 3}, settings={}, **both)
    for number, (tenant, title, description) in enumerate(
        [(DEFAULT, "default", None), (DEFAULT, "Zürich", 'said "yes"\nand\\no'), (OTHER, "default", "theirs")], 1
    ):
        story.add("project", id=uid(1, number), tenant_id=tenant, name=title, description=description, **both)
    flows = [
        (1, DEFAULT, "hello-world", 1, 1, True),
        (2, DEFAULT, "hello-world", 2, 1, False),
        (3, DEFAULT, "100%_done", 1, 2, False),
        (4, OTHER, "secret-flow", 1, 3, False),
    ]
    for number, tenant, name, version, project, archived in flows:
        group = uid(2, 1 if name == "hello-world" else number)
        if version == 1:
            story.add(
                "flow_group", id=group, tenant_id=tenant, name=name, labels=["b", "a"] if number == 1 else None, **both
            )
        story.add(
            "flow",
            id=uid(3, number),
            tenant_id=tenant,
            name=name,
            version=version,
            project_id=uid(1, project),
            flow_group_id=group,
            archived=archived,
            version_group_id=name,
            core_version="1.4.1",
            storage={"type": "Module", "labels": [], "deep list": [{"x": 1}, {"x": 2.5}]},
            parameters=[{"name": "n", "required": number == 1}],
            **{**both, "created": moment(number)},
        )
    for number, (flow, name, retries, delay) in enumerate(
        [(2, "say_hello", 0, None), (2, "mapped", 3, 90_061_500_000), (2, "say_bye", None, 5_000_000)], 1
    ):
        story.add(
            "task",
            id=uid(4, number),
            tenant_id=DEFAULT,
            flow_id=uid(3, flow),
            name=name,
            slug=f"{name}-1",
            max_retries=retries,
            retry_delay=delay,
            trigger="prefect.triggers.all_successful",
            mapped=name == "mapped",
            tags=["etl", "ü"] if number == 2 else [],
            **both,
        )
    for number, (upstream, downstream, key) in enumerate([(1, 2, "x"), (2, 3, None)], 1):
        story.add(
            "edge",
            id=uid(5, number),
            tenant_id=DEFAULT,
            flow_id=uid(3, 2),
            upstream_task_id=uid(4, upstream),
            downstream_task_id=uid(4, downstream),
            key=key,
            mapped=key is not None,
            **both,
        )
    # The flow of another project is a lattice: a leads to e at most by a - b - c - d - e, and to d directly too.
    for number, name in enumerate("abcde", 11):
        story.add("task", id=uid(4, number), tenant_id=DEFAULT, flow_id=uid(3, 3), name=name, slug=f"{name}-1", **both)
    for number, ends in enumerate(["ab", "ac", "bc", "bd", "cd", "ad", "de"], 11):
        story.add(
            "edge",
            id=uid(5, number),
            tenant_id=DEFAULT,
            flow_id=uid(3, 3),
            upstream_task_id=uid(4, 11 + "abcde".index(ends[0])),
            downstream_task_id=uid(4, 11 + "abcde".index(ends[1])),
            **both,
        )
    story.add("agent_config", id=uid(12, 1), tenant_id=DEFAULT, name="config", settings={"a": [1]}, **both)
    story.add("agent", id=uid(11, 1), tenant_id=DEFAULT, name="agent", agent_config_id=uid(12, 1), labels=["a"], **both)
    _first_run(story)
    runs = [
        (2, DEFAULT, 2, "brave-otter", "Failed", 100, True),
        (3, DEFAULT, 1, "Ärger-im-Bau", "Failed", 200, False),
        (4, DEFAULT, 3, "a_b%c", "Scheduled", None, False),
        (5, OTHER, 4, "hidden-by-tenant", "Running", 300, False),
        (6, DEFAULT, 2, "being-deleted", "Failed", 400, False),
        (7, DEFAULT, 2, None, None, None, False),
    ]
    for number, tenant, flow, called, state, second, auto in runs:
        run = story.add(
            "flow_run",
            id=uid(6, number),
            tenant_id=tenant,
            flow_id=uid(3, flow),
            name=called,
            scheduled_start_time=moment(1000 + number),
            auto_scheduled=auto,
            labels=["x"] * (number % 3),
            parameters={"n": number, "unit": {"b": 1, "a": [True, None]}},
            agent_id=uid(11, 1) if number == 2 else None,
            **{**both, "created": moment(10 + number)},
        )
        if state is not None:
            story.state("flow_run", run, run["id"], "Scheduled", "Flow run scheduled.", 20 + number)
        if second is not None and state is not None:
            story.state("flow_run", run, run["id"], "Running", "Running flow.", second)
            story.state("flow_run", run, run["id"], state, f"{state}.", second + 5)
    story.add("flow_run_deletion", flow_run_id=uid(6, 6), requested_at=moment(500))
    story.add(
        "message",
        id=uid(13, 1),
        tenant_id=DEFAULT,
        read=False,
        type="T",
        text="line\u2028end \u0001",
        content={},
        **both,
    )
    story.add("cloud_hook", id=uid(14, 1), tenant_id=DEFAULT, type="WEBHOOK", states=["Failed"], active=True, **both)
    story.add("key_value", id=uid(15, 1), tenant_id=DEFAULT, key="k", value={"a": [1]}, **both)
    story.add("task_tag_limit", id=uid(16, 1), tenant_id=DEFAULT, tag="t", limit=3, **both)
    story.add("flow_concurrency_limit", id=uid(17, 1), tenant_id=DEFAULT, name="l", limit=0, **both)
    story.add("auth_api_key", id=uid(18, 1), tenant_id=DEFAULT, name="key", default_tenant_id=DEFAULT, **both)
    story.add(
        "audit",
        id=uid(19, 1),
        tenant_id=DEFAULT,
        created=both["created"],
        who="local",
        role="admin",
        operation="create_project",
        ids=[],
        input={"name": "p"},
        outcome="done",
    )
    story.add(
        "hook_delivery", id=uid(20, 1), tenant_id=DEFAULT, cloud_hook_id=uid(14, 1), content={"text": "t"}, **both
    )
    story.add(
        "automation",
        id=uid(21, 1),
        tenant_id=DEFAULT,
        name="a",
        active_since=both["created"],
        trigger={"type": "STATE_CHANGE"},
        actions=[],
        **both,
    )
    story.add(
        "automation_event",
        id=uid(22, 1),
        tenant_id=DEFAULT,
        automation_id=uid(21, 1),
        subject="s",
        content={"text": "t"},
        **both,
    )
    for run_id, sequence in story.sequences.items():
        story.add("flow_run_sequence", flow_run_id=run_id, sequence=sequence, timestamp=moment(3000))
    return story.rows


def retell() -> dict[int, dict[str, list[dict[str, Any]]]]:
    """The rows as they were after each event of the first run, by its sequence."""
    story = Story()
    story.pictured = uid(6, 1)
    _first_run(story)
    story.picture()
    return story.pictures


def _first_run(story: Story) -> None:
    """woodoo-leopard: scheduled, run, one task retried, two mapped children, success."""
    run_id = uid(6, 1)
    both = {"created": moment(11), "updated": moment(11)}
    run = story.add(
        "flow_run",
        id=run_id,
        tenant_id=DEFAULT,
        flow_id=uid(3, 2),
        name="woodoo-leopard",
        scheduled_start_time=moment(30),
        labels=["x", "y"],
        parameters={"n": 1},
        context={},
        run_config={"type": "UniversalRun"},
        owner_host="here",
        owner_pid=42,
        **both,
    )
    story.state("flow_run", run, run_id, "Scheduled", "Flow run scheduled.", 12)
    tasks = {}
    for number, task, index in ((1, 1, -1), (2, 2, -1), (3, 3, -1), (4, 2, 0), (5, 2, 1)):
        tasks[number] = {
            "id": uid(7, number),
            "tenant_id": DEFAULT,
            "flow_run_id": run_id,
            "task_id": uid(4, task),
            "map_index": index,
            "cache_key": "key" if number == 1 else None,
            **both,
        }

    def move(number: int, state: str, message: str, second: int) -> None:
        row = tasks[number]
        new = "first_sequence" not in row
        story.state("task_run", row, run_id, state, message, second)
        if new:
            story.rows.setdefault("task_run", []).append(row)

    def line(second: int, message: str, task_run: str | None = None) -> None:
        story.add(
            "log",
            id=uid(10, len(story.rows.get("log", ())) + 1),
            tenant_id=None,
            flow_run_id=run_id,
            task_run_id=task_run,
            sequence=story.next(run_id),
            timestamp=moment(second, ".25"),
            name="prefect.run",
            level="INFO",
            message=message,
            info={"thread": 1},
            client_id="client",
            client_sequence=len(story.rows.get("log", ())) + 1,
            created=moment(second),
            updated=moment(second),
        )

    for number in (1, 2, 3):
        move(number, "Pending", "Task run created", 12)
    story.state("flow_run", run, run_id, "Running", "Running flow.", 31)
    line(31, "Beginning Flow run for 'hello-world'")
    move(1, "Running", "Starting task run.", 32)
    move(1, "Failed", "Unexpected error: ValueError('…')", 33)
    move(1, "Running", "Starting task run.", 34)
    line(34, 'tab\there, "quoted", back\\slash, é, 😀', uid(7, 1))
    move(1, "Success", "Task run succeeded.", 35)
    move(2, "Running", "Starting task run.", 36)
    move(2, "Mapped", "Mapped.", 37)
    for number in (4, 5):
        move(number, "Pending", "Task run created", 37)
    move(4, "Running", "Starting task run.", 38)
    move(4, "Success", "Task run succeeded.", 39)
    move(5, "Running", "Starting task run.", 39)
    move(5, "Failed", "Failed.", 40)
    story.add(
        "task_run_artifact",
        id=uid(15, 1),
        tenant_id=DEFAULT,
        flow_run_id=run_id,
        task_run_id=uid(7, 1),
        sequence=story.next(run_id),
        kind="markdown",
        data={"markdown": "# hi"},
        created=moment(40),
        updated=moment(40),
    )
    move(3, "Running", "Starting task run.", 41)
    move(3, "Success", "Task run succeeded.", 42)
    line(43, "Flow run SUCCESS: all reference tasks succeeded")
    story.state("flow_run", run, run_id, "Success", "All reference tasks succeeded.", 44)


def fill(store: Store, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows into a fresh database, in place of the tenant that it begins with."""
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM tenant")
        for table, every in rows.items():
            for row in every:
                names = ", ".join(map(sql_name, row))
                places = ", ".join("?" * len(row))
                values = [
                    interval_text(value)
                    if name == "retry_delay" and value is not None and store.kind == "postgresql"
                    else value
                    for name, value in row.items()
                ]
                transaction.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608


@pytest.fixture(scope="session")
def story() -> dict[str, list[dict[str, Any]]]:
    return tell()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, story: dict[str, list[dict[str, Any]]]) -> Iterator[Store]:
    store = open_store(Path(tmp_path_factory.mktemp("graphql")) / "story.db")
    fill(store, story)
    yield store
    store.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Endpoint]]:
    """A database for each event of the first run, ending with it."""
    found = {}
    for sequence, rows in retell().items():
        store = open_store(Path(tmp_path_factory.mktemp("pictures")) / f"{sequence}.db")
        fill(store, rows)
        with store.transaction() as transaction:
            transaction.execute("INSERT INTO flow_run_sequence VALUES (?, ?, ?)", (uid(6, 1), sequence, moment(3000)))
        found[sequence] = Endpoint(store)
    yield found
    for endpoint in found.values():
        endpoint.store.close()


@pytest.fixture(scope="session")
def endpoint(store: Store) -> Endpoint:
    return Endpoint(store)


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "postgresql of another locale"])
def any_endpoint(request: pytest.FixtureRequest, story: dict[str, list[dict[str, Any]]]) -> Iterator[Endpoint]:
    """The same rows in each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("endpoint")
        return
    server: Server = request.getfixturevalue("postgres_server")
    templates = request.getfixturevalue("postgres_templates")
    with server.database(templates["another" if "another" in request.param else "C"]) as url:
        store = open_store(url)
        fill(store, story)
        yield Endpoint(store)
        store.close()
