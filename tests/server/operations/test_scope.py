"""Two tenants: nothing of one is seen, found, changed or even admitted to exist for who has a key of the other."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from prefect.configuration import config
from prefect.server.catalog import CATALOG, Role, sql_name
from prefect.server.endpoint import Reply, schema
from prefect.server.graphql.payload import type_name
from prefect.server.graphql.subscriptions import Live
from prefect.server.operations import OPERATIONS, QUERIES
from prefect.server.operations.scope import ids
from prefect.server.store import interface
from prefect.server.store.database import Store
from tests.server.conftest import Backend
from tests.server.operations.test_secrets import KEY
from tests.server.operations.test_tenants import fill

Json = dict[str, Any]
Rows = dict[str, list[Json]]

MINE, THEIRS = "mine", "theirs"
EXPOSED = [table for table in CATALOG.tables.values() if table.exposed and table.stored]


def read(store: interface.Store, tenant: str) -> Rows:
    """Every row of a tenant."""
    found: Rows = {}
    with store.snapshot() as snapshot:
        for table in CATALOG.tables.values():
            if not table.stored or table.name in ("task_concurrency_limit",):
                continue
            columns = [column.name for column in table.columns.values() if column.computed is None]
            sql = f"SELECT {', '.join(map(sql_name, columns))} FROM {table.name}"  # noqa: S608
            rows = [dict(zip(columns, row, strict=True)) for row in snapshot.fetch_all(sql)]
            key = "id" if table.name == "tenant" else "tenant_id"
            if key in columns:
                found[table.name] = [row for row in rows if row[key] == tenant]
    return found


class Pair:
    """A database with everything twice, and the ids of both."""

    def __init__(self, path: Path) -> None:
        self.backend = Backend(Store(path))
        slugs = {row["slug"]: row["id"] for row in self.backend.ask("{ tenant { id slug } }")["tenant"]}
        self.tenants = {MINE: slugs["default"], THEIRS: slugs["other"]}
        self.rows = {who: read(self.backend.store, tenant) for who, tenant in self.tenants.items()}
        self.role = Role(self.tenants[MINE])

    def id(self, who: str, table: str) -> str:
        table = {"task_concurrency_limit": "task_tag_limit"}.get(table, table)
        found: str = self.rows[who][table][0]["id"]
        return found

    def ask(self, document: str, **variables: Any) -> Json:
        """As somebody with a key of mine."""
        reply: Json = json.loads(self.backend.endpoint.answer(document, variables, role=self.role))
        return reply

    @property
    def secret_of_theirs(self) -> set[str]:
        """What must never be answered: the ids of their rows, and their tenant."""
        return {row["id"] for rows in self.rows[THEIRS].values() for row in rows if "id" in row}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("scope") / "template.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config.server.secrets, "key", KEY)
        backend = Backend(Store(path))
        other = backend.do("create_tenant", name="Other", slug="other")["id"]
        for tenant in (backend.tenant, other):
            fill(backend, tenant)
        backend.store.close()
        yield path


@pytest.fixture
def pair(template: Path, tmp_path: Path) -> Iterator[Pair]:
    path = tmp_path / "copy.db"
    shutil.copy(template, path)
    pair = Pair(path)
    yield pair
    pair.backend.store.close()


# -- questions ---------------------------------------------------------------------------------------------------------


def selection(table: str, depth: int) -> str:
    """Whatever leads somewhere from a row, and the ids of the rows there."""
    found = ["__typename"] + (["id"] if "id" in CATALOG.tables[table].columns else [])
    if depth:
        for way in CATALOG.tables[table].relationships.values():
            inner = selection(way.target, depth - 1)
            found.append(f"{way.name} {{ {inner} }}")
            if way.many:
                found.append(f"{way.name}_aggregate {{ aggregate {{ count }} nodes {{ {selection(way.target, 0)} }} }}")
    return " ".join(found)


def test_no_root_field_and_no_relationship_leads_to_theirs(pair: Pair) -> None:
    entangle(pair)
    secret = pair.secret_of_theirs
    for table in EXPOSED:
        inner = selection(table.name, 2)
        counted = f"{table.name}_aggregate {{ aggregate {{ count }} nodes {{ {inner} }} }}"
        reply = pair.ask(f"{{ all: {table.name} {{ {inner} }} {counted} }}")
        assert "errors" not in reply, reply["errors"]
        told = json.dumps(reply)
        assert not [one for one in secret if one in told], table.name
        if table.name in pair.rows[MINE]:
            mine = len(pair.rows[MINE][table.name])
            assert len(reply["data"]["all"]) == mine, table.name
            assert reply["data"][f"{table.name}_aggregate"]["aggregate"]["count"] == mine
        # Everything that there is twice is seen without a key.
        assert len(pair.backend.ask(f"{{ {table.name} {{ __typename }} }}")[table.name]) >= 2


def entangle(pair: Pair) -> None:
    """Let rows of each tenant point at rows of the other, wherever a relationship could lead across."""
    with pair.backend.store.transaction() as transaction:
        for table in EXPOSED:
            for way in table.relationships.values():
                first, second = (way.mine, table.name), (way.theirs, way.target)
                # The column that is no key of its own row is the one that points.
                (column, name), (_, target) = (second, first) if way.many else (first, second)
                # A line of a log belongs to whom its run belongs to.
                if column in ("id", "tenant_id") or name == "log":
                    continue
                for own, other in ((MINE, THEIRS), (THEIRS, MINE)):
                    for row in pair.rows[own].get(name, [])[-1:]:
                        sql = f"UPDATE {name} SET {column} = ? WHERE id = ?"  # noqa: S608
                        with suppress(sqlite3.IntegrityError):
                            transaction.execute(sql, (pair.id(other, target), row["id"]))


def columns(table: str) -> set[str]:
    return set(CATALOG.tables[table].columns)


@pytest.mark.parametrize("table", [table.name for table in EXPOSED if table.primary_key])
def test_an_id_of_theirs_is_an_id_of_nothing(pair: Pair, table: str) -> None:
    one, two = pair.id(MINE, table), pair.id(THEIRS, table)
    asked = f"query($id: uuid!) {{ {table}_by_pk(id: $id) {{ id }} {table}(where: {{id: {{_eq: $id}}}}) {{ id }} }}"
    assert pair.ask(asked, id=one)["data"] == {f"{table}_by_pk": {"id": one}, table: [{"id": one}]}
    assert pair.ask(asked, id=two)["data"] == {f"{table}_by_pk": None, table: []}


def test_filters_and_orders_through_relationships_tell_nothing_of_theirs(pair: Pair) -> None:
    """A row of mine that points at one of theirs is not found by what theirs holds."""
    entangle(pair)
    for table in EXPOSED:
        for way in table.relationships.values():
            key = "id" if "id" in columns(way.target) else None
            if key is None:
                continue
            found = pair.id(THEIRS, way.target) if way.target in pair.rows[THEIRS] else None
            if found is None:
                continue
            reply = pair.ask(f'{{ {table.name}(where: {{{way.name}: {{id: {{_eq: "{found}"}}}}}}) {{ __typename }} }}')
            assert reply["data"][table.name] == [], f"{table.name}.{way.name}"


def test_questions_that_no_table_answers_are_about_mine(pair: Pair) -> None:
    with pair.backend.store.transaction() as transaction:
        for table, column in (("secret", "name"), ("task_tag_limit", "tag"), ("flow_concurrency_limit", "name")):
            sql = f"UPDATE {table} SET {column} = ? WHERE tenant_id = ?"  # noqa: S608
            transaction.execute(sql, ("their own", pair.tenants[THEIRS]))
        transaction.execute("INSERT INTO service (name, last_work) VALUES ('s', 'of theirs')")
        late = "UPDATE flow_run SET state = 'Scheduled', state_start_time = ?2 WHERE tenant_id = ?1"
        transaction.execute(late, (pair.tenants[THEIRS], "2020-01-01T00:00:00+00:00"))
    task_run = pair.id(THEIRS, "task_run")
    asked: dict[str, str] = {
        "auth_info": "auth_info { tenant_id }",
        "flow_concurrency": "flow_concurrency { label usage }",
        "task_concurrency": "task_concurrency { name usage }",
        "secret_names": "secret_names",
        "secret_value": 'secret_value(name: "their own")',
        "get_task_run_info": f'get_task_run_info(task_run_id: "{task_run}") {{ id state }}',
        "flow_run_matching": f'flow_run_matching(flow_run_id: "{pair.id(THEIRS, "flow_run")}") {{ labels }}',
        "mapped_children": f'mapped_children(task_run_id: "{task_run}") {{ state_counts }}',
        "late_flow_runs": "late_flow_runs { id }",
        "services": "services { last_work }",
    }
    assert set(asked) == set(QUERIES) - {"hello", "api", "reference_data", "server_info"}
    answers = {name: pair.ask(f"{{ {text} }}") for name, text in asked.items()}
    assert answers["auth_info"]["data"]["auth_info"] == {"tenant_id": pair.tenants[MINE]}
    assert answers["flow_concurrency"]["data"]["flow_concurrency"] == [{"label": "l", "usage": 1}]
    assert answers["task_concurrency"]["data"]["task_concurrency"] == [{"name": "t", "usage": 1}]
    assert answers["secret_names"]["data"]["secret_names"] == ["s"]
    assert answers["late_flow_runs"]["data"]["late_flow_runs"] == []
    assert answers["services"]["data"]["services"] == [{"last_work": None}]
    for name in ("secret_value", "get_task_run_info", "mapped_children", "flow_run_matching"):
        assert answers[name]["errors"][0]["extensions"]["code"] == "NOT_FOUND", name


# -- subscriptions -----------------------------------------------------------------------------------------------------


def subscribed(pair: Pair, document: str, **variables: Any) -> Json:
    """What somebody with a key of mine is first told who subscribes to this."""
    endpoint = pair.backend.endpoint
    found = endpoint.subscribe(document, variables, role=pair.role)
    if isinstance(found, Reply):
        body = found.body
    elif isinstance(found, Live):
        body = endpoint.again(found, pair.role)
    else:
        body = endpoint.events(found, 0)[0] or b"null"
    told: Json = json.loads(body)
    return told


def test_no_subscription_leads_to_theirs(pair: Pair) -> None:
    """Every root field that can be subscribed to; those by id with an id of theirs."""
    entangle(pair)
    secret = pair.secret_of_theirs
    asked = set()
    for field in schema().types["subscription_root"]["fields"]:
        name = field["name"]
        table = name.removesuffix("_by_pk").removesuffix("_aggregate")
        if table not in {found.name for found in EXPOSED}:
            continue
        asked.add(name)
        inner = selection(table, 1)
        if name.endswith("_by_pk"):
            told = subscribed(
                pair, f"subscription($id: uuid!) {{ {name}(id: $id) {{ {inner} }} }}", id=pair.id(THEIRS, table)
            )
            assert told["data"] == {name: None}, name
            continue
        shown = f"aggregate {{ count }} nodes {{ {inner} }}" if name.endswith("_aggregate") else inner
        told = subscribed(pair, f"subscription {{ {name} {{ {shown} }} }}")
        assert "errors" not in told, told
        text = json.dumps(told)
        assert not [one for one in secret if one in text], name
    assert len(asked) >= 3 * len([table for table in EXPOSED if table.primary_key])


def test_the_feed_of_a_run_of_theirs_is_that_of_no_run(pair: Pair) -> None:
    document = "subscription($id: uuid!) { flow_run_events(flow_run_id: $id) { id } }"
    assert subscribed(pair, document, id=pair.id(MINE, "flow_run"))["data"]["flow_run_events"]
    theirs = subscribed(pair, document, id=pair.id(THEIRS, "flow_run"))
    nobodys = str(uuid.uuid4())
    unknown = json.dumps(subscribed(pair, document, id=nobodys)).replace(nobodys, pair.id(THEIRS, "flow_run"))
    assert theirs["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert json.loads(unknown) == theirs


def test_what_is_counted_and_grouped_is_mine(pair: Pair) -> None:
    for table in EXPOSED:
        if "tenant_id" in columns(table.name):
            counted = "groups { key { tenant_id } aggregate { count } }"
            groups = pair.ask(f"{{ {table.name}_aggregate(group_by: [tenant_id]) {{ {counted} }} }}")["data"]
            found = [group["key"]["tenant_id"] for group in groups[f"{table.name}_aggregate"]["groups"]]
            assert found == [pair.tenants[MINE]], table.name


# -- mutations ---------------------------------------------------------------------------------------------------------

RUNNING = {"type": "Running"}
SPECIAL: dict[str, Callable[[Pair, str], Json]] = {
    "create_api_key": lambda pair, who: {"name": "k", "default_tenant_id": pair.tenants[who]},
    "create_cloud_hook": lambda pair, who: {
        "tenant_id": pair.tenants[who],
        "type": "PREFECT_MESSAGE",
        "states": ["Failed"],
    },
    "create_automation": lambda pair, who: {
        "tenant_id": pair.tenants[who],
        "name": "a",
        "trigger": {"type": "STATE_CHANGE", "states": ["Failed"]},
        "actions": [{"type": "CANCEL_FLOW_RUN"}],
    },
    "create_flow_from_compressed_string": lambda pair, who: {
        "project_id": pair.id(who, "project"),
        "serialized_flow": base64.b64encode(gzip.compress(b'{"name": "f"}')).decode(),
    },
    "create_tenant": lambda pair, who: {"name": "n", "slug": "s"},
    "delete_secret": lambda pair, who: {"name": "s"},
    "delete_tenant": lambda pair, who: {"tenant_id": pair.tenants[who], "confirm": True},
    "get_or_create_mapped_task_runs": lambda pair, who: {**run_and_task(pair, who), "count": 1},
    "get_or_create_task_run": lambda pair, who: run_and_task(pair, who),
    "get_or_create_task_run_info": lambda pair, who: run_and_task(pair, who),
    "register_agent": lambda pair, who: {"type": "LocalAgent", "agent_config_id": pair.id(who, "agent_config")},
    "set_flow_group_schedule": lambda pair, who: {
        "flow_group_id": pair.id(who, "flow_group"),
        "interval_clocks": [{"interval": 60}],
    },
    "set_flow_run_state": lambda pair, who: {"flow_run_id": pair.id(who, "flow_run"), "state": {"type": "Failed"}},
    "set_flow_run_states": lambda pair, who: {
        "states": [{"flow_run_id": pair.id(who, "flow_run"), "state": {"type": "Failed"}}]
    },
    "set_secret": lambda pair, who: {"name": "s", "value": 2},
    "set_task_run_states": lambda pair, who: {
        "states": [{"task_run_id": pair.id(who, "task_run"), "state": {"type": "Failed"}}]
    },
    "set_task_run_state": lambda pair, who: {"task_run_id": pair.id(who, "task_run"), "state": {"type": "Failed"}},
    "write_run_logs": lambda pair, who: {
        "logs": [
            {"flow_run_id": pair.id(who, "flow_run"), "message": "m"},
            {"task_run_id": pair.id(who, "task_run"), "message": "m"},
        ]
    },
}
# Plain values by the name of the field; ids are taken from the rows.
VALUES: Json = {
    "key": "k", "value": 2, "tag": "t", "limit": 1, "label": "l", "name": "n", "slug": "new", "labels": ["x"],
    "description": "d", "parameters": {}, "run_config": {}, "settings": {}, "data": {}, "kind": "link",
    "serialized_flow": {"name": "f", "tasks": []}, "serialized_tasks": [], "serialized_edges": [],
    "retention_days": 1, "before": None,
}  # fmt: skip
# What a mutation answers although it names nothing of ours: it takes no id.
WITHOUT_IDS = {
    *("create_tenant", "set_key_value", "set_secret", "delete_secret"),
    *("update_task_tag_limit", "update_task_concurrency_limit", "update_flow_concurrency_limit"),
}


def run_and_task(pair: Pair, who: str) -> Json:
    return {"flow_run_id": pair.id(who, "flow_run"), "task_id": pair.id(who, "task")}


def given(pair: Pair, name: str, who: str) -> Json:
    """An input of a mutation that is all right for a tenant."""
    if name in SPECIAL:
        return SPECIAL[name](pair, who)
    operation = OPERATIONS[name]
    found = {field: pair.id(who, table) for field, table in ids(operation.input_type)}
    for field in operation.input_type.__struct_fields__:
        if field not in found and field in VALUES:
            found[field] = VALUES[field]
    return found


def carry_out(pair: Pair, name: str, values: Json) -> Json:
    shown = "states { status }" if name.endswith("run_states") else "__typename"
    document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {shown} }} }}"
    return pair.ask(document, input=values)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_mutation_changes_nothing_of_theirs(pair: Pair, name: str) -> None:
    store = pair.backend.store
    if name in WITHOUT_IDS:
        carry_out(pair, name, given(pair, name, MINE))
        assert read(store, pair.tenants[THEIRS]) == pair.rows[THEIRS]
        return
    reply = carry_out(pair, name, given(pair, name, THEIRS))
    assert read(store, pair.tenants[THEIRS]) == pair.rows[THEIRS]
    if name == "write_run_logs":
        # Whoever ships lines of a run that is not there could not do anything about it.
        assert "errors" not in reply
        return
    assert reply["errors"][0]["extensions"]["code"] == "NOT_FOUND", reply
    unknown = json.loads(json.dumps(given(pair, name, THEIRS)))
    # It is answered like an id of nothing.
    swapped = json.dumps(unknown)
    fresh = {}
    for one in pair.secret_of_theirs:
        if one in swapped:
            fresh[one] = str(uuid.uuid4())
            swapped = swapped.replace(one, fresh[one])
    nothing = json.dumps(carry_out(pair, name, json.loads(swapped)))
    for one, other in fresh.items():
        nothing = nothing.replace(other, one)
    assert json.loads(nothing) == reply


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"create_tenant"}))
def test_the_same_of_mine_is_done(pair: Pair, name: str) -> None:
    reply = carry_out(pair, name, given(pair, name, MINE))
    assert "errors" not in reply or reply["errors"][0]["extensions"]["code"] in (
        "STATE_TRANSITION_REFUSED",
        "VERSION_LOCKING_ERROR",
    ), reply
    assert read(pair.backend.store, pair.tenants[THEIRS]) == pair.rows[THEIRS]


def test_one_id_of_theirs_among_mine_is_enough(pair: Pair) -> None:
    for name, operation in OPERATIONS.items():
        fields = [field for field, _ in ids(operation.input_type)]
        mine, theirs = given(pair, name, MINE), given(pair, name, THEIRS)
        for field in fields:
            if field in theirs and len([one for one in fields if one in mine]) > 1:
                reply = carry_out(pair, name, {**mine, field: theirs[field]})
                assert reply["errors"][0]["extensions"]["code"] == "NOT_FOUND", (name, field)
    assert read(pair.backend.store, pair.tenants[THEIRS]) == pair.rows[THEIRS]


def test_what_was_sent_twice_is_not_answered_with_what_they_sent(pair: Pair) -> None:
    """An id of a proposal that another tenant used before gives nothing of that proposal away."""
    state = {"type": "Failed", "message": "their business"}
    theirs = {"flow_run_id": pair.id(THEIRS, "flow_run"), "state": state, "idempotency_id": "chosen"}
    pair.backend.do("set_flow_run_states", "states { status }", states=[theirs])
    reply = carry_out(pair, "set_flow_run_states", {"states": [{**theirs, "flow_run_id": pair.id(MINE, "flow_run")}]})
    assert reply["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "their business" not in json.dumps(reply)


def test_the_matrix_covers_every_input() -> None:
    assert {type_name(operation.input_type) for operation in OPERATIONS.values()}
    assert set(SPECIAL) | WITHOUT_IDS <= set(OPERATIONS)
