"""A thousand strings that mean something to SQL, GraphQL, JSON or a pattern, in every place that takes a value.

They are stored by mutations and found again as what they are; everywhere else they are answered or refused with a
reason. Questions change neither rows nor tables, and no statement's text depends on them.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.server.endpoint import Endpoint, Reply
from prefect.server.graphql.template import Statement, Template
from prefect.server.operations import OPERATIONS
from prefect.server.store.interface import Store
from prefect.server.store.opening import open_store
from tests.support.injections import HALVES, injections
from tests.support.odd import Pools, odd_value

STRINGS = injections()
BATCHES = [STRINGS[start : start + 50] for start in range(0, len(STRINGS), 50)]
REFUSALS = {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
REFUSALS |= {"parse-failed", "validation-failed", "data-exception"}
NEVER_TOLD = ("Traceback", "sqlite3.", "psycopg", "syntax error at or near", "refused a statement", 'File "')


def literal(text: str, number: int = 0) -> str:
    """The text as GraphQL writes it: as it is, escaped, or as a block where a block keeps it."""
    plain = re.fullmatch(r"[^\s\"\\\x00-\x1f][^\x00-\x1f\r\n]*[^\s\"\\\x00-\x1f]", text)
    if number % 3 == 2 and plain and '"""' not in text:
        return f'"""{text}"""'
    return json.dumps(text, ensure_ascii=number % 3 == 1)


def kept(text: str) -> str:
    """What is kept of the text, and found by it: no database has NUL."""
    return text.replace("\x00", "\ufffd")


class Hit:
    """An endpoint with a row for each string; the text of every statement it renders is kept."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.endpoint = Endpoint(store)
        self.flows: list[str] = []
        self.tenant: str = self.ask("{ tenant { id } }")["tenant"][0]["id"]
        self.statements: set[str] = set()

    def reply(self, text: str, **variables: Any) -> Reply:
        reply = self.endpoint.reply(text, variables)
        assert reply.status in (200, 400)
        return reply

    def ask(self, text: str, **variables: Any) -> Any:
        answer = json.loads(self.reply(text, **variables).body)
        assert "errors" not in answer, (answer["errors"], text[:300])
        return answer["data"]

    def outcome(self, text: str, **variables: Any) -> Any:
        """The data, or the code of the refusal."""
        answer = json.loads(self.reply(text, **variables).body)
        if "errors" not in answer:
            return answer["data"]
        [error] = answer["errors"]
        code: str = error["extensions"]["code"]
        assert code in REFUSALS, (error, text[:500], variables)
        assert not any(word in error["message"] for word in NEVER_TOLD), error
        return code

    def digest(self) -> tuple[str, str]:
        """Of all tables, and of all rows."""
        with self.store.snapshot() as snapshot:
            if self.store.kind == "sqlite":
                schema = snapshot.fetch_all("SELECT type, name, sql FROM sqlite_master ORDER BY name")
                tables = [name for kind, name, sql in schema if kind == "table" and "VIRTUAL" not in (sql or "")]
            else:
                schema = snapshot.fetch_all(
                    "SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod) "
                    "FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid "
                    "WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum"
                )
                tables = sorted({name for name, kind, *_ in schema if kind == "r"})
            # What the index of words keeps is brought up to date by whoever searches.
            tables = [name for name in tables if not name.startswith("log_word")]
            rows = [sorted(map(repr, snapshot.fetch_all(f'SELECT * FROM "{name}"'))) for name in tables]  # noqa: S608
        return tuple(hashlib.sha256(repr(part).encode("utf-8", "replace")).hexdigest() for part in (schema, rows))  # type: ignore[return-value]

    def register(self, tenant: str) -> None:
        make = "mutation ($t: UUID!, $n: String!) { create_project(input: {tenant_id: $t, name: $n}) { id } }"
        self.project = self.ask(make, t=tenant, n="p")["create_project"]["id"]
        for number in range(len(BATCHES)):
            create = (
                "mutation ($p: UUID!, $f: JSON!) { create_flow(input: {project_id: $p, serialized_flow: $f}) {id} }"
            )
            described = {"name": f"f{number}", "tasks": []}
            self.flows.append(self.ask(create, p=self.project, f=described)["create_flow"]["id"])

    def bystanders(self) -> None:
        """A tenant, a project, a flow and a run that nobody names."""
        self.other = self.ask('mutation { create_tenant(input: {name: "o", slug: "o"}) { id } }')["create_tenant"]["id"]
        self.register(self.other)
        make = "mutation ($f: UUID!) { create_flow_run(input: {flow_id: $f}) { id } }"
        self.ask(make, f=self.flows[0])
        self.flows = []

    def of_the_bystander(self) -> Any:
        tables = self.endpoint.catalog.tables
        names = [
            name for name in ("tenant", "project", "flow", "flow_group", "flow_run", "flow_run_state") if name in tables
        ]
        asked = []
        for name in names:
            where = f'{{{"id" if name == "tenant" else "tenant_id"}: {{_eq: "{self.other}"}}}}'
            asked.append(f"{name}(where: {where}, order_by: {{id: asc}}) {{ {' '.join(tables[name].columns)} }}")
        found = self.ask(f"{{ {' '.join(asked)} }}")
        assert all(found.values())
        return found

    def store_strings(self) -> None:
        """Each string as name, key, JSON key, JSON value and label of a run, in turns in the text and by variable."""
        for flow, strings in zip(self.flows, BATCHES, strict=True):
            fields: list[str] = []
            variables: dict[str, Any] = {}
            for number, text in enumerate(strings):
                if number % 2:
                    given = literal(text, number)
                    described = literal(json.dumps({text: [text]}), number)
                    inner = f"flow_run_name: {given}, idempotency_key: {given}, labels: [{given}], context: {described}"
                else:
                    variables |= {f"s{number}": text, f"j{number}": {text: [text]}}
                    inner = f"flow_run_name: $s{number}, idempotency_key: $s{number}, labels: [$s{number}],"
                    inner += f" context: $j{number}"
                fields.append(f'r{number}: create_flow_run(input: {{flow_id: "{flow}", {inner}}}) {{ id }}')
            kinds = ", ".join(f"${name}: {'String' if name[0] == 's' else 'JSON'}" for name in variables)
            assert len(self.ask(f"mutation ({kinds}) {{ {' '.join(fields)} }}", **variables)) == len(strings)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hit]:
    if request.param == "sqlite":
        yield from filled(str(tmp_path_factory.mktemp("injections") / "quaestor.db"))
        return
    server = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("postgres_templates")["C"]) as url:
        yield from filled(url)


def filled(place: str) -> Iterator[Hit]:
    store = open_store(place)
    found = Hit(store)
    fill = Template.fill

    def noting(self: Template, *arguments: Any) -> Statement:
        found.statements.add(self.sql)
        return fill(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "fill", noting)
        found.register(found.tenant)
        found.store_strings()
        yield found
    store.close()


@pytest.fixture
def unchanged(hit: Hit) -> Iterator[Hit]:
    """Whatever is asked: the rows and tables afterwards are those of before, and no statement has a string in it."""
    before = hit.digest()
    hit.statements.clear()
    yield hit
    assert hit.digest() == before
    telling = [text for text in STRINGS if len(text) > 11]
    for sql in hit.statements:
        assert not [text for text in telling if text in sql]


def test_there_are_a_thousand_of_them() -> None:
    assert len(STRINGS) == len(set(STRINGS)) >= 1_000


def escaped(text: str, characters: str) -> str:
    return "".join(f"\\{character}" if character in characters else character for character in text)


def expression(text: str) -> str:
    return "^" + escaped(text, "\\^$.[]|()*+?{}") + "$"


def in_path(text: str) -> str:
    return '["' + escaped(text, '\\"') + '"]'


def exactly(value: Callable[[Any, str], str], text: str) -> tuple[str, str]:
    """Conditions that hold for the row of the text and no other, and conditions that hold for every other row."""
    plain, listed, wrapped = value(text, "String"), value([text], "[String!]"), value({text: [text]}, "jsonb")
    items = value([text], "jsonb")
    like = value(escaped(text, "\\%_"), "String")
    similar = value(escaped(text, "\\%_|*+?{}()[]^$."), "String")
    regular = value(expression(text), "String")
    cast = value("%" + escaped(json.dumps(kept(text), ensure_ascii=False)[1:-1], "\\%_") + "%", "String")
    of_name = f"_eq: {plain}, _in: {listed}, _gte: {plain}, _lte: {plain}, _like: {like}, _ilike: {like}"
    of_name += f", _similar: {similar}, _regex: {regular}, _iregex: {regular}"
    of_context = f"_eq: {wrapped}, _in: [{wrapped}], _contains: {wrapped}, _contained_in: {wrapped}, _has_key: {plain}"
    of_context += f", _has_keys_any: {listed}, _has_keys_all: {listed}, _gte: {wrapped}, _lte: {wrapped}"
    if "\x7f" not in text:  # shown as it is by one database, escaped by the other
        of_context += f", _cast: {{String: {{_like: {cast}}}}}"
    only = f"name: {{{of_name}}}, idempotency_key: {{_eq: {plain}}}, context: {{{of_context}}}"
    only += f", labels: {{_contains: {items}, _has_key: {plain}}}"
    others = f"name: {{_neq: {plain}, _nin: {listed}, _nlike: {like}, _nsimilar: {similar}, _nregex: {regular}}}"
    others += f", context: {{_neq: {wrapped}, _nin: [{wrapped}]}}, _or: [{{name: {{_gt: {plain}}}}},"
    others += f" {{name: {{_lt: {plain}}}}}], _not: {{_or: [{{context: {{_contains: {wrapped}}}}},"
    others += f" {{context: {{_has_key: {plain}}}}}, {{labels: {{_has_key: {plain}}}}}]}}"
    return only, others


def graphql(value: Any, number: int) -> str:
    if isinstance(value, str):
        return literal(value, number)
    if isinstance(value, list):
        return "[" + ", ".join(graphql(item, number) for item in value) + "]"
    return json.dumps(value)


@pytest.mark.parametrize("form", ["in the text", "by variable"])
def test_each_string_is_found_as_what_it_is(unchanged: Hit, form: str) -> None:
    """By every operator of text and JSON at once, and by the opposite of each everything else is."""
    for flow, strings in zip(unchanged.flows, BATCHES, strict=True):
        fields: list[str] = []
        variables: dict[str, Any] = {}
        kinds: list[str] = []

        def bound(value: Any, kind: str, kinds: list[str] = kinds, variables: dict[str, Any] = variables) -> str:
            name = f"v{len(variables)}"
            variables[name] = value
            kinds.append(f"${name}: {kind}")
            return f"${name}"

        for number, text in enumerate(strings):

            def written(value: Any, kind: str, number: int = number) -> str:
                # An object's keys are names in GraphQL text; only a variable brings others.
                return (
                    bound(value, kind) if form == "by variable" or isinstance(value, dict) else graphql(value, number)
                )

            only, others = exactly(written, text)
            path = f"at: context(path: {written(in_path(text), 'String')})" if '"' not in text else ""
            within = f'flow_id: {{_eq: "{flow}"}}'
            fields.append(
                f"o{number}: flow_run(where: {{{within}, {only}}}) {{ name idempotency_key context labels {path} }}"
            )
            fields.append(f"a{number}: flow_run_aggregate(where: {{{within}, {others}}}) {{ aggregate {{ count }} }}")
        asked = f"query ({', '.join(kinds)}) {{ {' '.join(fields)} }}" if kinds else f"{{ {' '.join(fields)} }}"
        data = unchanged.ask(asked, **variables)
        for number, text in enumerate(strings):
            same = kept(text)
            wanted = {"name": same, "idempotency_key": same, "context": {same: [same]}, "labels": [same]}
            if '"' not in text:
                wanted["at"] = [same]
            assert data[f"o{number}"] == [wanted], repr(text)
            assert data[f"a{number}"]["aggregate"]["count"] == len(strings) - 1, repr(text)
    # As many shapes as there are ways to write the question, not as many as strings.
    assert len(unchanged.statements) <= 8


def test_lists_groups_orders_and_cursors_hold_them_all(unchanged: Hit) -> None:
    wanted = sorted((kept(text) for text in STRINGS), key=str.encode)
    data = unchanged.ask(
        "query ($s: [String!]) { by_name: flow_run(where: {name: {_in: $s}}, order_by: {name: asc}) { name }"
        " distinct: flow_run(distinct_on: name, order_by: [{name: desc}]) { name }"
        " flow_run_aggregate(group_by: [name]) {"
        " groups(order_by: {key: {name: asc}}) { key { name } aggregate { count } } }"
        " by_key: flow_run_aggregate(where: {context: {_has_keys_any: $s}}, group_by: [context]) {"
        " groups { key { context } } } }",
        s=list(STRINGS),
    )
    assert [row["name"] for row in data["by_name"]] == wanted
    assert [row["name"] for row in data["distinct"]] == wanted[::-1]
    groups = data["flow_run_aggregate"]["groups"]
    assert [(group["key"]["name"], group["aggregate"]["count"]) for group in groups] == [(text, 1) for text in wanted]
    keys = sorted((next(iter(group["key"]["context"])) for group in data["by_key"]["groups"]), key=str.encode)
    assert keys == wanted
    found: list[str] = []
    after: str | None = None
    page = "query ($after: String) { flow_run(order_by: [{name: asc}, {context: desc}], limit: 40, after: $after)"
    page += " { name cursor } }"
    while rows := unchanged.ask(page, after=after)["flow_run"]:
        found.extend(row["name"] for row in rows)
        after = rows[-1]["cursor"]
    assert found == wanted


PLACE = re.compile(r"\bS\b")
# Places that take text with rules of its own: a string is answered, or refused as it would be by variable.
RULED = {
    "like": "flow_run(where: {name: {_like: S}, _not: {name: {_nlike: S}}}) { id }",
    "ilike": "flow_run(where: {name: {_ilike: S}, _not: {name: {_nilike: S}}}) { id }",
    "similar": "flow(where: {name: {_similar: S}, _not: {name: {_nsimilar: S}}}) { id }",
    "regex": "flow(where: {name: {_regex: S, _iregex: S}, _not: {name: {_nregex: S, _niregex: S}}}) { id }",
    "path": "flow_run(limit: 1, order_by: {name: asc}) { context(path: S) }",
    "search": "log(search: S) { id }",
    "after": "flow_run(after: S, order_by: {name: asc}) { id }",
    "type": "__type(name: S) { name }",
}
# Places of another type: nearly every string is refused.
TYPED = {
    "uuid": "flow_run(where: {id: {_eq: S, _in: [S]}}) { id }",
    "timestamptz": "flow_run(where: {created: {_gt: S, _nin: [S]}}) { id }",
    "interval": "task(where: {retry_delay: {_eq: S}}) { id }",
    "Int": "flow_run(where: {version: {_eq: S}}) { id }",
    "bigint": "task_run(where: {first_sequence: {_eq: S}}) { id }",
    "Boolean": "flow(where: {archived: {_eq: S}}) { id }",
    "key": "flow_run_by_pk(id: S) { id }",
    "limit": "flow_run(limit: S) { id }",
    "moment": "flow_run(as_of: S) { id }",
    "direction": "flow_run(order_by: {name: S}, limit: 1) { id }",
    "distinct": "flow_run(distinct_on: [S], limit: 1) { id }",
    "group": "flow_run_aggregate(group_by: [S]) { groups(limit: 1) { aggregate { count } } }",
    "columns": "flow_run_aggregate { aggregate { count(columns: [S], distinct: true) } }",
    "table": "reference_data(S: 1)",
    "where": "flow_run(where: S, limit: 1) { id }",
    "order": "flow_run(order_by: S, limit: 1) { id }",
}
KINDS = {
    **{name: name for name in ("uuid", "timestamptz", "interval", "Int", "bigint", "Boolean")},
    **{"key": "uuid!", "limit": "Int", "moment": "String", "direction": "order_by", "type": "String!"},
    **{"distinct": "flow_run_select_column!", "group": "flow_run_select_column!", "columns": "flow_run_select_column!"},
    **{"where": "flow_run_bool_exp", "order": "[flow_run_order_by!]", "table": "String"},
}


@pytest.mark.parametrize("place", RULED)
def test_patterns_paths_searches_and_cursors_are_answered_or_refused(unchanged: Hit, place: str) -> None:
    def asked(written: str) -> str:
        return PLACE.sub(lambda _: written, RULED[place])

    by_variable = f"query ($s: {KINDS.get(place, 'String')}) {{ {asked('$s')} }}"
    refused = 0
    for number, text in enumerate(STRINGS):
        found = unchanged.outcome(f"{{ {asked(literal(text, number))} }}")
        same = unchanged.outcome(by_variable, s=text)
        # A variable that does not fit is refused as the request's, a literal as the document's.
        assert found == same or {found, same} <= REFUSALS, (text, found, same)
        refused += isinstance(found, str)
    if place in ("like", "ilike"):
        assert refused < 100
    assert len(unchanged.statements) <= 2


@pytest.mark.parametrize("place", TYPED)
def test_strings_where_none_belong_are_refused(unchanged: Hit, place: str) -> None:
    def asked(written: str) -> str:
        return PLACE.sub(lambda _: written, TYPED[place])

    by_variable = f"query ($s: {KINDS[place]}) {{ {asked('$s')} }}"
    answered = 0
    for number, text in enumerate(STRINGS):
        quoted = unchanged.outcome(f"{{ {asked(literal(text, number))} }}")
        # Without quotes the string may end the question and begin another: of the same document, and no more.
        unchanged.outcome(f"{{ {asked(text)} }}")
        bound = unchanged.outcome(by_variable, s=text)
        answered += not (isinstance(quoted, str) and isinstance(bound, str))
    assert answered < 20


def test_names_of_things_that_are_not_there_are_refused(unchanged: Hit) -> None:
    where = (
        "query ($w: flow_run_bool_exp, $o: [flow_run_order_by!]) { flow_run(where: $w, order_by: $o, limit: 1) { id } }"
    )
    columns = set(unchanged.endpoint.catalog.tables["flow_run"].columns)
    for text in STRINGS:
        if text in columns or text in ("flow", "tenant", "agent"):
            continue
        wrong: tuple[dict[str, Any], ...] = (
            {"w": {text: {"_eq": 1}}},
            {"w": {"name": {text: 1}}},
            {"w": {"flow": {text: {}}}},
            {"o": [{text: "asc"}]},
        )
        for variables in wrong:
            assert unchanged.outcome(where, **variables) in REFUSALS
        unchanged.outcome("{ hello }", **{text: text})
        reply = unchanged.endpoint.reply("query a { hello } query b { hello }", {}, text)
        assert reply.status == 400
        headers = {"authorization": f"Bearer {text}", "x-prefect-tenant-id": text}
        assert unchanged.endpoint.reply("{ tenant { id } }", headers=headers).status in (200, 401)


def test_halves_of_characters_are_refused(unchanged: Hit) -> None:
    for text in HALVES:
        for question in (
            "flow_run(where: {name: {_eq: $s}}) { id }",
            "flow_run(where: {context: {_has_key: $s}}) { id }",
        ):
            assert unchanged.outcome(f"query ($s: String!) {{ {question} }}", s=text) == "BAD_USER_INPUT"
        data = unchanged.outcome(f"{{ flow_run(where: {{name: {{_eq: {json.dumps(text)}}}}}) {{ id }} }}")
        assert data in REFUSALS


ENDS = ("delete_tenant", "delete_project", "delete_flow", "delete_flow_group", "delete_flow_run")


def mutate(hit: Hit, rounds: int) -> None:
    """Each string in the inputs of so many mutations, in turns."""
    chance = random.Random(5)
    operations = [operation for operation in OPERATIONS.values() if operation.name not in ENDS]
    make = "mutation ($f: UUID!) { create_flow_run(input: {flow_id: $f}) { id } }"
    run = hit.ask(make, f=hit.flows[0])["create_flow_run"]["id"]
    good = {"flow_id": hit.flows[0], "project_id": hit.project, "flow_run_id": run, "tenant_id": hit.tenant}
    for number, text in enumerate(STRINGS):
        for turn in range(rounds):
            operation = operations[(number * rounds + turn) % len(operations)]
            state = {"type": "Running", "message": text, "result": {"type": text, "location": text}}
            values: tuple[Any, ...] = (text, {text: text}, [text], {"type": text}, state)
            given = odd_value(chance, "", operation.input_type, good, Pools((text,), (text,), (1,), values))
            document = f"mutation ($i: {operation.input_name}!) {{ {operation.name}(input: $i) {{ __typename }} }}"
            reply = hit.endpoint.reply(document, {"i": given})
            assert reply.status in (200, 400), (operation.name, given)
            for error in json.loads(reply.body).get("errors", ()):
                code = error["extensions"]["code"]
                assert code not in ("DATABASE_ERROR", "API_ERROR"), (operation.name, given, error)
                assert code != "INTERNAL_SERVER_ERROR" or error["message"].startswith("Uniqueness violation.")
                assert not any(word in error["message"] for word in NEVER_TOLD), error


@pytest.fixture(params=["sqlite", "postgresql"])
def changing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hit]:
    place = str(tmp_path / "quaestor.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = open_store(place)
    found = Hit(store)
    found.bystanders()
    found.register(found.tenant)
    yield found
    store.close()


def test_mutations_leave_tables_and_what_they_do_not_name(changing: Hit) -> None:
    before = changing.digest()[0], changing.of_the_bystander()
    mutate(changing, 3)
    assert (changing.digest()[0], changing.of_the_bystander()) == before


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_every_mutation_with_every_string_leaves_tables_and_what_it_does_not_name(changing: Hit) -> None:
    before = changing.digest()[0], changing.of_the_bystander()
    mutate(changing, len(OPERATIONS))
    assert (changing.digest()[0], changing.of_the_bystander()) == before


def test_mutations_keep_what_they_are_given(changing: Hit) -> None:
    make = "mutation ($f: UUID!) { create_flow_run(input: {flow_id: $f}) { id } }"
    run = changing.ask(make, f=changing.flows[0])["create_flow_run"]["id"]
    for number, strings in enumerate(BATCHES):
        lines = [{"flow_run_id": run, "message": text, "name": text, "info": {text: text}} for text in strings]
        fields: list[str] = []
        variables: dict[str, Any] = {"l": lines, "t": changing.tenant}
        for place, text in enumerate(strings):
            variables |= {f"s{place}": text, f"j{place}": {text: [text]}}
            projects = f"name: {literal(text, number + place)}, description: $s{place}"
            fields.append(f"p{place}: create_project(input: {{tenant_id: $t, {projects}}}) {{ id }}")
            fields.append(f"k{place}: set_key_value(input: {{key: $s{place}, value: $j{place}}}) {{ id }}")
        kinds = " ".join(
            f"${name}: {'String!' if name[0] == 's' else 'JSON!'}" for name in variables if name not in "lt"
        )
        logs = "write_run_logs(input: {logs: $l}) { success }"
        changing.ask(
            f"mutation ($t: UUID!, $l: [write_run_log_input!]! {kinds}) {{ {logs} {' '.join(fields)} }}", **variables
        )
    data = changing.ask(
        "{ log(order_by: {sequence: asc}) { message name info } key_value { key value } project { name description } }"
    )
    same = [kept(text) for text in STRINGS]
    assert [(row["message"], row["name"], row["info"]) for row in data["log"]] == [
        (text, text, {text: text}) for text in same
    ]
    assert {row["key"]: row["value"] for row in data["key_value"]} == {text: {text: [text]} for text in same}
    assert {(row["name"], row["description"]) for row in data["project"]} >= {(text, text) for text in same}
