"""What each role allows: every root field and every mutation of the schema, asked with a key of each role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect.server.catalog import CATALOG, Level, Role
from prefect.server.endpoint import schema
from prefect.server.graphql.subscriptions import FEED
from prefect.server.operations import OPERATIONS, QUERIES
from tests.server.conftest import Backend

TYPES = schema(CATALOG).types

# Said once more, apart from the code: what is only for some. Everything else that reads is for all, and everything
# else that writes for users.
READ_BY_ADMINS = {
    "auth_api_key",
    "auth_api_key_aggregate",
    "auth_api_key_by_pk",
    "audit",
    "audit_aggregate",
    "audit_by_pk",
    "server_info",
}
READ_BY_USERS = {"secret_value"}
WRITTEN_BY_ADMINS = {
    *("create_api_key", "delete_api_key", "create_tenant", "delete_tenant"),
    *("update_tenant_name", "update_tenant_settings", "update_tenant_slug"),
}


def fields(root: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = TYPES[root]["fields"]
    return found


def needed(root: str, name: str) -> Level:
    if root == "mutation_root":
        return Level.ADMIN if name in WRITTEN_BY_ADMINS else Level.USER
    if name in READ_BY_ADMINS:
        return Level.ADMIN
    return Level.USER if name in READ_BY_USERS else Level.READ_ONLY


def innermost(kind: dict[str, Any]) -> dict[str, Any]:
    while kind.get("ofType"):
        kind = kind["ofType"]
    return kind


# Something of each type that an argument must have.
VALUES = {"uuid!": '"11111111-1111-4111-8111-111111111111"', "UUID!": '"11111111-1111-4111-8111-111111111111"'}


def asked(field: dict[str, Any]) -> str:
    """The field with what it must be given, and its type's name as all that is wanted of it."""
    given = []
    for argument in field["args"]:
        if argument["type"]["kind"] == "NON_NULL":
            name = innermost(argument["type"])["name"]
            if argument["name"] == "input":
                given.append("input: {}")
            else:
                given.append(f"{argument['name']}: {VALUES.get(name + '!', json.dumps('name'))}")
    selection = "" if innermost(field["type"])["kind"] in ("SCALAR", "ENUM") else " { __typename }"
    return f"{field['name']}{'(' + ', '.join(given) + ')' if given else ''}{selection}"


MATRIX = [(root, field["name"]) for root in ("query_root", "mutation_root") for field in fields(root)]


@pytest.fixture
def roles(backend: Backend) -> list[Role]:
    return [Role(backend.tenant, None, level) for level in Level]


def codes(reply: bytes) -> set[str]:
    return {error["extensions"]["code"] for error in json.loads(reply).get("errors", ())}


@pytest.mark.parametrize("root", ["query_root", "mutation_root", "subscription_root"])
def test_every_root_field_is_for_the_roles_that_it_is_for(backend: Backend, roles: list[Role], root: str) -> None:
    for field in fields(root):
        name = field["name"]
        for role in roles:
            document = f"{root.removesuffix('_root')} {{ {asked(field)} }}"
            if root == "subscription_root":
                found = backend.endpoint.subscribe(document, role=role)
                reply = getattr(found, "body", b"{}")
            else:
                reply = backend.endpoint.answer(document, role=role)
            allowed = role.level >= needed(root, name)
            assert ("FORBIDDEN" not in codes(reply)) is allowed, (name, role.level, reply)


def test_the_matrix_is_of_the_whole_schema() -> None:
    assert {name for root, name in MATRIX if root == "mutation_root"} == set(OPERATIONS)
    queries = {name for root, name in MATRIX if root == "query_root"}
    assert set(QUERIES) < queries
    assert {name for name, table in CATALOG.tables.items() if table.exposed and table.stored} < queries
    assert {field["name"] for field in fields("subscription_root")} >= {FEED, "flow_run"}
    assert queries > READ_BY_ADMINS | READ_BY_USERS
    assert set(OPERATIONS) > WRITTEN_BY_ADMINS


def test_who_may_only_look_writes_nothing(backend: Backend) -> None:
    """Every mutation, with an input that is otherwise all right or not: not even whether it is, is said."""
    role = Role(backend.tenant, None, Level.READ_ONLY)
    for name in OPERATIONS:
        document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ __typename }} }}"
        reply = json.loads(backend.endpoint.answer(document, {"input": {}}, role=role))
        assert reply["data"] is None, name


def test_nothing_leads_from_what_all_may_read_to_what_some_may() -> None:
    """The roots are looked at, and nothing below them."""
    for table in CATALOG.tables.values():
        for way in table.relationships.values():
            assert CATALOG.tables[way.target].needs <= table.needs, f"{table.name}.{way.name}"


def test_one_field_too_many_refuses_the_whole(backend: Backend) -> None:
    role = Role(backend.tenant, None, Level.USER)
    for document in (
        "{ hello auth_api_key { id } }",
        "{ a: tenant { id } b: audit_aggregate { aggregate { count } } }",
        'mutation { set_key_value(input: {key: "a", value: "1"}) { id } create_api_key(input: {name: "k"}) { key } }',
        "fragment all on query_root { x: auth_api_key { id } } { ...all }",
    ):
        reply = json.loads(backend.endpoint.answer(document, role=role))
        (error,) = reply["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN", document
        assert error["extensions"]["role"] == "user"
        assert error["extensions"]["needs"] == "admin"
        assert reply["data"] is None
    assert backend.ask("{ key_value { id } }") == {"key_value": []}
    # Whoever may, is answered from the same compiled question.
    admin = Role(backend.tenant, None, Level.ADMIN)
    assert "errors" not in json.loads(backend.endpoint.answer("{ hello auth_api_key { id } }", role=admin))


@pytest.mark.parametrize("level", Level)
def test_a_key_has_the_role_that_it_was_made_with(backend: Backend, level: Level) -> None:
    key = backend.do("create_api_key", "key", name="k", role=level.word)["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert backend.endpoint.role(headers).level is level
    info = backend.reply("{ auth_info { role } }", headers)["data"]["auth_info"]
    assert info == {"role": level.word}
