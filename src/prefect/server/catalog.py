"""What can be asked about: tables, columns, relationships and who may see which row, as data.

Everything that names a table or a column starts here: the compiler takes every SQL name from it, the GraphQL
schema is made from it, and a test compares the database's schema with it. The tables are those of the 1.x
interface; columns under `ours` are what the contracts on history, snapshots and embedded runs add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Literal

Scalar = Literal["uuid", "String", "Int", "Boolean", "timestamptz", "jsonb", "interval", "bigint", "Float"]


class Level(IntEnum):
    """What the role of an API key allows: each all that the ones before it do."""

    READ_ONLY = 1
    USER = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """What people and the database call it."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def called(cls, word: str) -> Level:
        """The level of this name."""
        return _LEVELS[word]


_LEVELS = {level.word: level for level in Level}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `computed` is SQL in which `{row}` stands for the row's alias; such a column is not stored."""

    name: str
    type: Scalar
    nullable: bool
    ours: bool = False
    computed: str | None = None


_RESERVED = frozenset({"limit"})


def sql_name(name: str) -> str:
    """A column's name in SQL: quoted where SQL has a meaning of its own for the word."""
    return f'"{name}"' if name in _RESERVED else name


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way from a row to the rows of `target` whose column `theirs` equals this row's column `mine`."""

    name: str
    target: str
    many: bool
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class History:
    """Where the states that a row went through are kept, so that the row can be shown as it stood.

    `columns` says which column of a history row each versioned column of the run takes its value from. `started`
    and `ended` are columns that keep the earliest Running and the latest closing timestamp. `first` is the column with
    the sequence from which on the row exists.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    started: str = "start_time"
    ended: str = "end_time"
    first: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A table whose rows take numbers of their flow run's sequence: its number, and the server's stamp of it."""

    sequence: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    `tenant` is the column that names the owning tenant, or the relationship through which it is found; None on a
    table that is never asked about. `run` is the column that names the flow run a row belongs to: such rows
    disappear as soon as the run's deletion is requested. `needs` is what it takes to read it.
    """

    name: str
    columns: Mapping[str, Column]
    relationships: Mapping[str, Relationship]
    primary_key: tuple[str, ...]
    tenant: str | None
    run: str | None = None
    history: History | None = None
    feed: Feed | None = None
    exposed: bool = True
    stored: bool = True
    aggregates: Mapping[str, str] = field(default_factory=dict)
    # Columns that tell every row from every other, where there is no primary key.
    told_apart_by: tuple[str, ...] = ()
    # The column that is searched by words, and the one that says when a row was written.
    searched: str | None = None
    written: str | None = None
    needs: Level = Level.READ_ONLY

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that tell every row from every other."""
        return self.told_apart_by or self.primary_key


@dataclass(frozen=True, slots=True)
class Walk:
    """A function that is asked like a table: every task that is reached from some tasks by following edges.

    It answers rows of utility_traversal. `here` and `there` are the columns of an edge that name the task where a step
    begins and ends; the greatest number of steps at which a task was reached is its depth.
    """

    name: str
    here: str
    there: str
    table: str = "utility_traversal"
    most_steps: int = 50


@dataclass(frozen=True, slots=True)
class Role:
    """Who asks, and what they may. A role without a tenant sees every tenant's rows, as the open server's callers do.

    Roles that are equal are answered alike; with which key they came is for the record only.
    """

    tenant_id: str | None = None
    user_id: str | None = None
    level: Level = Level.ADMIN
    key_id: str | None = field(default=None, compare=False)
    key_name: str | None = field(default=None, compare=False)


EVERYONE = Role()


def _columns(text: str, *, ours: bool) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for item in text.split(","):
        if not item.strip():
            continue
        name, kind = item.split()
        nullable = not kind.endswith("!")
        columns[name] = Column(name, kind.rstrip("!"), nullable, ours)  # type: ignore[arg-type]
    return columns


def _relationships(text: str) -> dict[str, Relationship]:
    relationships: dict[str, Relationship] = {}
    for line in text.strip().splitlines():
        name, rest = line.strip().split(": ")
        target, condition = rest.split(" on ")
        mine, theirs = condition.split(" = ")
        relationships[name] = Relationship(name, target.strip("[]"), target.startswith("["), mine, theirs)
    return relationships


def _table(
    name: str,
    columns: str,
    *,
    ours: str = "",
    computed: Mapping[str, tuple[Scalar, str]] | None = None,
    relationships: str = "",
    primary_key: str = "id",
    tenant: str | None = "tenant_id",
    run: str | None = None,
    history: History | None = None,
    feed: Feed | None = None,
    exposed: bool = True,
    stored: bool = True,
    told_apart_by: str = "",
    searched: str | None = None,
    written: str | None = None,
    needs: Level = Level.READ_ONLY,
) -> Table:
    every = _columns(columns, ours=not exposed) | _columns(ours, ours=True)
    for key, (kind, sql) in (computed or {}).items():
        every[key] = Column(key, kind, True, ours=True, computed=sql)
    ways = _relationships(relationships)
    return Table(
        name=name,
        columns=MappingProxyType(every),
        relationships=MappingProxyType(ways),
        primary_key=tuple(primary_key.split()),
        tenant=tenant,
        run=run,
        history=history,
        feed=feed,
        exposed=exposed,
        stored=stored,
        aggregates=MappingProxyType({f"{way.name}_aggregate": way.name for way in ways.values() if way.many}),
        told_apart_by=tuple(told_apart_by.split()),
        searched=searched,
        written=written,
        needs=needs,
    )


_VERSIONED = MappingProxyType(
    {
        "version": "version",
        "state": "state",
        "serialized_state": "serialized_state",
        "state_timestamp": "timestamp",
        "state_message": "message",
        "state_result": "result",
        "state_start_time": "start_time",
    }
)

_SEQUENCE = "(SELECT n.sequence FROM flow_run_sequence AS n WHERE n.flow_run_id = {row}.id)"

_TABLES = (
    _table(
        "agent",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, agent_config_id uuid, name String,
        type String, core_version String, labels jsonb!, last_queried timestamptz
        """,
        relationships="""
        agent_config: agent_config on agent_config_id = id
        flow_runs: [flow_run] on id = agent_id
        """,
    ),
    _table(
        "agent_config",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, name String, settings jsonb!
        """,
        relationships="""
        agents: [agent] on id = agent_config_id
        """,
    ),
    _table(
        "cloud_hook",
        """
        id uuid!, tenant_id uuid, created timestamptz!, updated timestamptz!, name String, states jsonb,
        type String!, config jsonb!, active Boolean!, version_group_id String
        """,
        ours="run_filter jsonb, template jsonb",
    ),
    _table(
        "edge",
        """
        id uuid!, tenant_id uuid, created timestamptz!, flow_id uuid!, upstream_task_id uuid!,
        downstream_task_id uuid!, key String, mapped Boolean!, updated timestamptz!
        """,
        relationships="""
        downstream_task: task on downstream_task_id = id
        flow: flow on flow_id = id
        upstream_task: task on upstream_task_id = id
        """,
    ),
    _table(
        "flow",
        """
        id uuid!, tenant_id uuid, created timestamptz!, version Int, name String!, description String,
        environment jsonb, parameters jsonb, project_id uuid!, archived Boolean!, version_group_id String,
        storage jsonb, core_version String, updated timestamptz!, settings jsonb!, serialized_flow jsonb,
        schedule jsonb, is_schedule_active Boolean!, flow_group_id uuid!, run_config jsonb
        """,
        relationships="""
        edges: [edge] on id = flow_id
        flow_group: flow_group on flow_group_id = id
        flow_runs: [flow_run] on id = flow_id
        project: project on project_id = id
        tasks: [task] on id = flow_id
        tenant: tenant on tenant_id = id
        """,
    ),
    _table(
        "flow_group",
        """
        id uuid!, tenant_id uuid, created timestamptz!, updated timestamptz!, name String, labels jsonb,
        schedule jsonb, settings jsonb!, default_parameters jsonb!, run_config jsonb, description String
        """,
        relationships="""
        flows: [flow] on id = flow_group_id
        tenant: tenant on tenant_id = id
        """,
    ),
    _table(
        "flow_run",
        """
        id uuid!, tenant_id uuid, created timestamptz!, flow_id uuid!, parameters jsonb,
        scheduled_start_time timestamptz!, auto_scheduled Boolean!, heartbeat timestamptz, start_time timestamptz,
        end_time timestamptz, version Int!, state String, state_timestamp timestamptz, state_message String,
        state_result jsonb, state_start_time timestamptz, serialized_state jsonb, name String, context jsonb,
        times_resurrected Int, updated timestamptz!, idempotency_key String, agent_id uuid, labels jsonb!,
        run_config jsonb
        """,
        ours="owner_host String, owner_pid Int, owner_started String, heartbeat_interval Int",
        relationships="""
        agent: agent on agent_id = id
        flow: flow on flow_id = id
        logs: [log] on id = flow_run_id
        states: [flow_run_state] on id = flow_run_id
        task_runs: [task_run] on id = flow_run_id
        tenant: tenant on tenant_id = id
        """,
        computed={"sequence": ("bigint", _SEQUENCE)},
        run="id",
        history=History("flow_run_state", "flow_run_id", _VERSIONED),
    ),
    _table(
        "flow_run_state",
        """
        id uuid!, tenant_id uuid, flow_run_id uuid!, timestamp timestamptz!, state String!, message String,
        result jsonb, start_time timestamptz, serialized_state jsonb!, created timestamptz!, updated timestamptz!,
        version Int
        """,
        ours="sequence bigint!, client_timestamp timestamptz, idempotency_id String, set_by String",
        relationships="""
        flow_run: flow_run on flow_run_id = id
        """,
        run="flow_run_id",
        feed=Feed("sequence", "timestamp"),
    ),
    _table(
        "log",
        """
        flow_run_id uuid, tenant_id uuid, task_run_id uuid, timestamp timestamptz!, name String, level String,
        message String, info jsonb, id uuid!, created timestamptz!, updated timestamptz!,
        is_loaded_from_archive Boolean
        """,
        ours="sequence bigint!, client_id String, client_sequence bigint",
        relationships="flow_run: flow_run on flow_run_id = id",
        primary_key="",
        told_apart_by="flow_run_id sequence",
        searched="message",
        written="timestamp",
        tenant="flow_run",
        run="flow_run_id",
        feed=Feed("sequence", "created"),
    ),
    _table(
        "message",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, read Boolean!, type String,
        text String, content jsonb!
        """,
    ),
    _table(
        "project",
        """
        id uuid!, tenant_id uuid, created timestamptz!, name String!, description String, updated timestamptz!
        """,
        ours="retention_days Int",
        relationships="""
        flows: [flow] on id = project_id
        tenant: tenant on tenant_id = id
        """,
    ),
    _table(
        "task",
        """
        id uuid!, tenant_id uuid, created timestamptz!, flow_id uuid!, name String, slug String, description String,
        type String, max_retries Int, retry_delay interval, trigger String, mapped Boolean!,
        auto_generated Boolean!, cache_key String, is_root_task Boolean!, is_terminal_task Boolean!,
        is_reference_task Boolean!, tags jsonb!, updated timestamptz!
        """,
        relationships="""
        downstream_edges: [edge] on id = upstream_task_id
        flow: flow on flow_id = id
        task_runs: [task_run] on id = task_id
        upstream_edges: [edge] on id = downstream_task_id
        """,
    ),
    _table(
        "task_run",
        """
        id uuid!, tenant_id uuid, created timestamptz!, flow_run_id uuid!, task_id uuid!, map_index Int!,
        version Int!, heartbeat timestamptz, start_time timestamptz, end_time timestamptz, state String,
        state_timestamp timestamptz, state_message String, state_result jsonb, state_start_time timestamptz,
        serialized_state jsonb, cache_key String, updated timestamptz!, name String
        """,
        ours="first_sequence bigint!",
        relationships="""
        flow_run: flow_run on flow_run_id = id
        logs: [log] on id = task_run_id
        states: [task_run_state] on id = task_run_id
        task: task on task_id = id
        tenant: tenant on tenant_id = id
        """,
        run="flow_run_id",
        history=History("task_run_state", "task_run_id", _VERSIONED, first="first_sequence"),
    ),
    _table(
        "task_run_artifact",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, task_run_id uuid!, kind String!,
        data jsonb!
        """,
        ours="flow_run_id uuid!, sequence bigint!",
        relationships="""
        task_run: task_run on task_run_id = id
        """,
        run="flow_run_id",
        feed=Feed("sequence", "created"),
    ),
    _table(
        "task_run_state",
        """
        id uuid!, tenant_id uuid, task_run_id uuid!, timestamp timestamptz!, state String!, message String,
        result jsonb, start_time timestamptz, serialized_state jsonb!, created timestamptz!, updated timestamptz!,
        version Int
        """,
        ours="""
        flow_run_id uuid!, sequence bigint!, client_timestamp timestamptz, idempotency_id String, set_by String
        """,
        relationships="""
        task_run: task_run on task_run_id = id
        """,
        run="flow_run_id",
        feed=Feed("sequence", "timestamp"),
    ),
    _table(
        "tenant",
        """
        id uuid!, created timestamptz!, name String!, slug String!, info jsonb, settings jsonb!,
        updated timestamptz!
        """,
        relationships="""
        flow_groups: [flow_group] on id = tenant_id
        flows: [flow] on id = tenant_id
        projects: [project] on id = tenant_id
        """,
        tenant="id",
    ),
    _table(
        "utility_traversal",
        """
        tenant_id uuid, task_id uuid, depth Int
        """,
        relationships="""
        task: task on task_id = id
        """,
        primary_key="",
        told_apart_by="task_id",
        stored=False,
    ),
    _table(
        "key_value",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, key String!, value jsonb
        """,
    ),
    _table(
        "task_tag_limit",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, tag String!, limit Int!
        """,
    ),
    # The same limits as the user interface of 1.x asked for them.
    _table(
        "task_concurrency_limit",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, name String!, limit Int!
        """,
    ),
    _table(
        "flow_concurrency_limit",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, name String!, limit Int!
        """,
    ),
    _table(
        "auth_api_key",
        """
        id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, name String!, user_id uuid,
        default_tenant_id uuid!, expires_at timestamptz
        """,
        ours="role String!",
        needs=Level.ADMIN,
    ),
    # Who changed what, as far as it came over HTTP.
    _table(
        "audit",
        """
        id uuid!, tenant_id uuid, created timestamptz!, who String!, key_id uuid, key_name String, role String!,
        agent_id String, operation String!, ids jsonb!, input jsonb!, outcome String!, address String,
        user_agent String, core_version String
        """,
        needs=Level.ADMIN,
    ),
    # Somebody who logged in with a key in a browser; ends with the key.
    _table(
        "auth_session",
        "id uuid!, tenant_id uuid!, created timestamptz!, api_key_id uuid!, hash String!, expires_at timestamptz!",
        exposed=False,
    ),
    _table(
        "api_key_hash",
        "id uuid!, hash String!",
        tenant=None,
        exposed=False,
    ),
    _table(
        "secret",
        "id uuid!, created timestamptz!, updated timestamptz!, tenant_id uuid!, name String!, sealed String!",
        exposed=False,
    ),
    _table(
        "task_tag_slot",
        "tenant_id uuid!, tag String!, task_run_id uuid!",
        primary_key="tenant_id tag task_run_id",
        exposed=False,
    ),
    _table(
        "flow_run_sequence",
        "flow_run_id uuid!, sequence bigint!, timestamp timestamptz!",
        primary_key="flow_run_id",
        tenant=None,
        run="flow_run_id",
        exposed=False,
    ),
    _table(
        "log_client",
        "flow_run_id uuid!, client_id String!, sequence bigint!",
        primary_key="flow_run_id client_id",
        tenant=None,
        run="flow_run_id",
        exposed=False,
    ),
    _table(
        "flow_run_deletion",
        "flow_run_id uuid!, requested_at timestamptz!",
        primary_key="flow_run_id",
        tenant=None,
        exposed=False,
    ),
    _table(
        "flow_schedule",
        """
        flow_id uuid!, tenant_id uuid, revision String!, planned_until timestamptz!, looked_at timestamptz!,
        due timestamptz, error String
        """,
        primary_key="flow_id",
        exposed=False,
    ),
    _table(
        "hook_delivery",
        "",
        ours="""
        id uuid!, tenant_id uuid, created timestamptz!, updated timestamptz!, cloud_hook_id uuid!, flow_run_id uuid,
        content jsonb!, status String!, attempts Int!, due timestamptz, claimed_by String, finished timestamptz,
        last_error String
        """,
        relationships="""
        cloud_hook: cloud_hook on cloud_hook_id = id
        flow_run: flow_run on flow_run_id = id
        """,
        run="flow_run_id",
    ),
    _table(
        "automation",
        "",
        ours="""
        id uuid!, tenant_id uuid!, created timestamptz!, updated timestamptz!, name String!, active Boolean!,
        active_since timestamptz!, trigger jsonb!, actions jsonb!
        """,
        relationships="""
        events: [automation_event] on id = automation_id
        """,
    ),
    _table(
        "automation_event",
        "",
        ours="""
        id uuid!, tenant_id uuid!, created timestamptz!, updated timestamptz!, automation_id uuid!, subject String!,
        flow_run_id uuid, content jsonb!, depth Int!, actions_done Int!, finished timestamptz, last_error String
        """,
        relationships="""
        automation: automation on automation_id = id
        flow_run: flow_run on flow_run_id = id
        """,
        run="flow_run_id",
    ),
    _table(
        "cloud_hook_config",
        "cloud_hook_id uuid!, tenant_id uuid, config jsonb!",
        primary_key="cloud_hook_id",
        exposed=False,
    ),
    _table(
        "cloud_hook_secret",
        "cloud_hook_id uuid!, tenant_id uuid, sealed String!",
        primary_key="cloud_hook_id",
        exposed=False,
    ),
    _table(
        "automation_run",
        "flow_run_id uuid!, tenant_id uuid!, automation_id uuid!, automation_event_id uuid!, depth Int!",
        primary_key="flow_run_id",
        run="flow_run_id",
        exposed=False,
    ),
    _table(
        "service",
        """
        name String!, holder String, held_until timestamptz, host String, started timestamptz, finished timestamptz,
        duration Float, passes Int!, failures Int!, last_work String, last_work_at timestamptz, last_error String,
        last_error_at timestamptz
        """,
        primary_key="name",
        tenant=None,
        exposed=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table and function by name, and where rows of a run in deletion are listed."""

    tables: Mapping[str, Table]
    walks: Mapping[str, Walk] = field(default_factory=dict)
    deletions: str = "flow_run_deletion"


_WALKS = (
    Walk("utility_downstream_tasks", "upstream_task_id", "downstream_task_id"),
    Walk("utility_upstream_tasks", "downstream_task_id", "upstream_task_id"),
)

CATALOG = Catalog(
    MappingProxyType({table.name: table for table in _TABLES}),
    MappingProxyType({walk.name: walk for walk in _WALKS}),
)
