"""Questions that nobody asks in good faith: malformed, absurd, or made to hurt. The same ones for the same seed."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from prefect.server.catalog import CATALOG, Table
from prefect.server.operations import OPERATIONS

GOLDEN = Path(__file__).parents[1] / "graphql"


class Hostile(NamedTuple):
    """A request. `kind` says how it came about."""

    kind: str
    text: str
    variables: Any = None
    operation_name: str | None = None


_PUNCTUATION = (
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "$",
    "@",
    "...",
    "=",
    "|",
    "&",
    ",",
    "#",
    '"',
    '"""',
    "\\",
    "\n",
)
_WORDS = (
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "true",
    "false",
    "null",
    "flow_run",
    "id",
    "where",
    "_eq",
)
_ODD_TEXT = (
    *(
        "",
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff\ud800",
        "\ufeff",
        "\u202e",
        "ÄΩЖ",
        "💥",
        "' OR 1=1 --",
        "'; DROP TABLE flow_run",
    ),
    *("%_%", "\\", "\\u0000", "$.a.b", '["', "{}", "NaN", "Infinity", "1970-01-01", "0000-00-00T99:99:99Z", "a" * 5000),
)
_ODD_NUMBERS = (0, -1, 2**31, -(2**31) - 1, 2**63, 2**64, -(2**63) - 1, 10**99, 10**400, 0.5, -0.0, 1e308)
_ODD_LITERALS = (
    *(
        "1" * 50,
        "1" * 5000,
        "-" + "9" * 99,
        "1e999",
        "-1e-999",
        "0x1F",
        "01",
        "1.",
        ".5",
        "1e",
        "null",
        "true",
        "$nope",
    ),
    *(
        '"\\u0000"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"\\u{110000}"',
        '"\\q"',
        '"a\nb"',
        '"""a\\"""b"""',
        '"',
        '"""',
        "nope",
    ),
    *(
        "{}",
        "[]",
        "[[[]]]",
        "[null]",
        "{a: {a: {a: 1}}}",
        "[1, {a: $x}]",
        "{a: 1, a: 2}",
        "[" * 99 + "]" * 99,
        "[" * 200,
    ),
)


def hostile(count: int, seed: int = 0) -> Iterator[Hostile]:
    """That many requests; the heavy ones of `absurd` are among them once."""
    chance = random.Random(seed)
    heavy = list(absurd())
    makers = (_soup, _mangled, _unknown, _wrong_values, _wrong_variables, _wrong_inputs, _shapes)
    questions = [path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("*.graphql"))]
    pause = max(1, count // len(heavy))
    for number in range(count):
        if number % pause == 0 and heavy:
            yield heavy.pop()
        else:
            yield makers[number % len(makers)](chance, questions)


def absurd() -> Iterator[Hostile]:
    """Requests that are large or deep or expensive beyond reason, each in another way."""

    def one(text: str, variables: Any = None) -> Hostile:
        return Hostile("absurd", text, variables)

    many = range(10_000)
    yield one("{" + " ".join(f"a{number}: hello" for number in many) + "}")
    yield one("{" + " ".join(f"a{number}: flow_run {{ id }}" for number in many) + "}")
    yield one("{ flow_run {" + " ".join(f"a{number}: id" for number in many) + "} }")
    yield one("{ flow_run(where: {" + " ".join(f"a{number}: 1" for number in many) + "}) { id } }")
    yield one("query (" + " ".join(f"$a{number}: Int" for number in many) + ") { nothing }")
    yield one("{ nothing " + " ".join(f"@include(if: {flag})" for flag in ("true", "false") for _ in many) + "}")
    for pair in ("{}", "()", "[]"):
        yield one(pair[0] * 100_000)
        yield one("{ a" + pair[0] * 100_000 + pair[1] * 100_000 + "}")
    yield one("{ flow_run { " + "flow { flow_runs { " * 5_000 + "id" + " } }" * 5_000 + " } }")
    yield one("{ flow_run(where: " + "{_not: " * 5_000 + "{}" + "}" * 5_000 + ") { id } }")
    yield one("{ flow_run(where: {_or: [" + '{name: {_eq: "a"}}, ' * 5_000 + "]}) { id } }")
    for text in ("!", "1 ", '"', '"""', "#\n", "-", "1e", "a ", "...", "$", "\x00", "\n", ",", "é", "{a}"):
        yield one(text * (900_000 // len(text)))
    yield one('"' + "\\" * 900_000)
    yield one('"""' + '\\"""' * 200_000)
    yield one('"""' + '"" ' * 200_000)
    yield one("{ a(b: " + "9" * 500_000 + ") }")
    yield one("{ " + "a" * 500_000 + " }")
    yield one("{ flow_run { " + "a" * 500_000 + " } }")
    yield one('{ flow_run(where: {name: {_ilike: "' + "%a" * 100_000 + '"}}) { nothing } }')
    yield one("{ ...f0 } " + " ".join(f"fragment f{n} on query_root {{ ...f{n + 1} ...f{n + 1} }}" for n in range(40)))
    yield one("{ ...f0 } " + " ".join(f"fragment f{n} on query_root {{ ...f{n + 1} }}" for n in many))
    yield one("{ ...f0 } " + " ".join(f"fragment f{n} on query_root {{ ...f{(n + 1) % 500} }}" for n in range(500)))
    yield one("{ ...f } fragment f on query_root { hello ...f }")
    yield one("{ flow_run { ...f } } fragment f on flow_run { flow { flow_runs { ...f } } }")
    yield one(" ".join(f"query q{number} {{ hello }}" for number in many))
    yield one(" ".join("query q { hello }" for _ in many))
    yield one("{ hello }" + " fragment f on flow_run { id }" * 5_000)
    yield one("{ " + "hello " * 16_000 + "}")
    yield one("{ __schema { " + "types { fields { type { " * 30 + "name" + " } } }" * 30 + " } }")
    inside = "types { fields { type { fields { name } } } }"
    yield one("{ __schema {" + " ".join(f"a{number}: {inside}" for number in range(500)) + "} }")
    yield one("{ flow_run(limit: 1000000) { task_runs(limit: 1000000) { states(limit: 1000000) { id } } } }")
    where = "query ($w: flow_run_bool_exp) { flow_run(where: $w) { id } }"
    yield one(where, json.loads('{"w": ' + '{"_not": ' * 900 + "{}" + "}" * 900 + "}"))
    yield one(where, '{"w": ' + '{"_not": ' * 100_000 + "{}" + "}" * 100_000 + "}")
    yield one(where, {"w": {"_or": [{"name": {"_eq": "a"}}] * 200_000}})
    yield one(where, {"w": {"id": {"_in": ["a"] * 200_000}}})
    yield one(
        "query ($v: jsonb) { flow_run(where: {context: {_eq: $v}}) { id } }",
        json.loads('{"v": ' + "[" * 900 + "]" * 900 + "}"),
    )
    yield one("query ($o: [flow_run_order_by!]) { flow_run(order_by: $o) { id } }", {"o": [{"id": "asc"}] * 50_000})
    deep = json.loads('{"context": ' + "[" * 900 + "]" * 900 + ', "flow_id": 1}')
    yield one("mutation ($i: create_flow_run_input!) { create_flow_run(input: $i) { id } }", {"i": deep})


def _soup(chance: random.Random, questions: list[str]) -> Hostile:
    """Words and punctuation in no order; bytes in no order."""
    if chance.random() < 0.2:
        return Hostile("soup", "".join(chr(chance.randrange(0x250)) for _ in range(chance.randrange(200))))
    pieces = (*_PUNCTUATION, *_WORDS, *_ODD_LITERALS[:30])
    return Hostile("soup", " ".join(chance.choice(pieces) for _ in range(chance.randrange(1, 60))))


def _mangled(chance: random.Random, questions: list[str]) -> Hostile:
    """A good question with pieces cut out, doubled, moved or written over."""
    text = chance.choice(questions)
    for _ in range(chance.randrange(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randrange(1, 12))
        change = chance.randrange(4)
        if change == 0:
            text = text[:start] + text[end:]
        elif change == 1:
            text = text[:end] + text[start:end] * chance.randrange(1, 5) + text[end:]
        elif change == 2:
            text = text[:start] + chance.choice((*_PUNCTUATION, *_ODD_LITERALS)) + text[end:]
        else:
            text = text[:start] + chance.choice(string.printable) + text[start:]
    return Hostile("mangled", text)


def _table(chance: random.Random) -> Table:
    return chance.choice([table for table in CATALOG.tables.values() if table.exposed])


def _unknown(chance: random.Random, questions: list[str]) -> Hostile:
    """Names that do not exist, where there are fields, arguments, types, directives, fragments and operations."""
    table = _table(chance)
    column = chance.choice(list(table.columns))
    nothing = chance.choice(("nope", "__nope", column + "s", "", "_", "type", "on", "select", "rowid", "pg_class"))
    text = chance.choice(
        (
            f"{{ {nothing or 'x'} }}",
            f"{{ {table.name} {{ {column} {nothing or 'x'} {{ id }} }} }}",
            f"{{ {table.name} {{ {column} {{ id }} }} }}",
            f"{{ {table.name} }}",
            f"{{ {table.name}({nothing}: 1) {{ {column} }} }}",
            f"{{ {table.name}(where: {{{nothing or 'x'}: {{_eq: 1}}}}) {{ {column} }} }}",
            f"{{ {table.name}(where: {{{column}: {{_{nothing}: 1}}}}) {{ {column} }} }}",
            f"{{ {table.name}(order_by: {{{column}: {nothing or 'up'}}}) {{ {column} }} }}",
            f"{{ {table.name}(distinct_on: {nothing or '[x]'}) {{ {column} }} }}",
            f"{{ {table.name}_aggregate {{ aggregate {{ sum {{ {nothing or 'x'} }} }} }} }}",
            f"query ($a: {nothing or 'x'}) {{ {table.name} {{ {column} }} }}",
            f"{{ {table.name} @{nothing or 'x'} {{ {column} }} }}",
            f"{{ {table.name} {{ ... on {nothing or 'x'} {{ {column} }} }} }}",
            f"{{ {table.name} {{ ...{nothing or 'x'} }} }}",
            f"mutation {{ {nothing or 'x'}(input: {{}}) {{ id }} }}",
            f"subscription {{ {nothing or 'x'} }}",
        )
    )
    return Hostile("unknown", text, None, chance.choice((None, None, nothing)))


def _wrong_values(chance: random.Random, questions: list[str]) -> Hostile:
    """Literals where they do not belong."""
    table = _table(chance)
    column = chance.choice(list(table.columns.values()))
    value = chance.choice((*_ODD_LITERALS, *(json.dumps(text) for text in _ODD_TEXT)))
    operator = chance.choice(("_eq", "_in", "_gt", "_like", "_regex", "_contains", "_has_key", "_is_null", "_cast"))
    key = table.primary_key[0] if table.primary_key else "id"
    text = chance.choice(
        (
            f"{{ {table.name}(where: {{{column.name}: {{{operator}: {value}}}}}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}(where: {value}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}(where: {{_or: {value}}}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}(limit: {value}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}(offset: {value}, order_by: {value}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}(as_of: {value}) {{ {column.name} nothing }} }}",
            f"{{ {table.name}_by_pk({key}: {value}) {{ {column.name} nothing }} }}",
            f"{{ {table.name} {{ {column.name}(path: {value}) nothing }} }}",
            f"{{ {table.name} {{ {column.name} @include(if: {value}) nothing }} }}",
            f"{{ __type(name: {value}) {{ name nothing }} }}",
        )
    )
    return Hostile("values", text)


def _wrong_variables(chance: random.Random, questions: list[str]) -> Hostile:
    """Variables of the wrong type, too many, too few, or none that JSON knows."""
    table = _table(chance)
    column = chance.choice(list(table.columns.values()))
    kind = chance.choice(
        (column.type, f"{column.type}!", "String!", "Int!", "[uuid!]!", "jsonb", f"{table.name}_bool_exp")
    )
    text = (
        f"query q($a: {kind}, $b: {table.name}_bool_exp, $c: [{table.name}_order_by!], $d: Int!)"
        f" {{ {table.name}(where: {{_and: [$b, {{{column.name}: {{_eq: $a}}}}]}}, order_by: $c, limit: $d)"
        f" {{ {column.name} nothing }} }}"
    )
    odd: tuple[Any, ...] = (*_ODD_TEXT, *_ODD_NUMBERS, None, True, [], {}, [[]], {"": 1}, {"_or": 1}, {"_and": [[]]})
    if chance.random() < 0.2:
        broken = (
            "{",
            "[]",
            "1",
            "null",
            '"a"',
            '{"a": NaN}',
            '{"a": 1e999}',
            "[" * 50_000,
            '{"a": "\\ud800"}',
            "\x00",
            "",
        )
        return Hostile("variables", text, chance.choice(broken))
    names = chance.sample(("a", "b", "c", "d", "e"), chance.randrange(6))
    return Hostile("variables", text, {name: chance.choice(odd) for name in names})


def _wrong_inputs(chance: random.Random, questions: list[str]) -> Hostile:
    """Mutations whose input has the wrong shape, or that ask for what their payload does not have."""
    operation = chance.choice(list(OPERATIONS.values()))
    fields = operation.input_type.__struct_fields__
    odd: tuple[Any, ...] = (*_ODD_TEXT, *_ODD_NUMBERS, None, True, [], {}, [[]], {"": 1})
    given = {name: chance.choice(odd) for name in fields}
    given[chance.choice(("nope", "", "id "))] = 1
    value = chance.choice(_ODD_LITERALS)
    if chance.random() < 0.5:
        # What is given may be nearly right, so that only the selection is wrong.
        text = f"mutation ($i: {operation.input_name}!) {{ {operation.name}(input: $i) {{ nothing }} }}"
        return Hostile("inputs", text, {"i": given})
    text = chance.choice(
        (
            f"mutation {{ {operation.name}(input: {value}) {{ nothing }} }}",
            f"mutation {{ {operation.name}(input: {{nope: {value}}}) {{ __typename }} }}",
            f"mutation {{ {operation.name}(nope: {value}) {{ __typename }} }}",
            f"mutation {{ {operation.name} {{ __typename }} }}",
            f"mutation {{ {operation.name}(input: {{}}) }}",
            f"mutation {{ {operation.name}(input: {{}}) {{ __typename {{ a }} }} }}",
            f"{{ {operation.name}(input: {{}}) {{ __typename }} }}",
        )
    )
    return Hostile("inputs", text)


def _shapes(chance: random.Random, questions: list[str]) -> Hostile:
    """Documents that are wrong as a whole: conflicts, cycles, several operations, missing or doubled definitions."""
    table = _table(chance)
    first, second = chance.sample(list(table.columns), 2)
    name = table.name
    text = chance.choice(
        (
            f"{{ {name} {{ a: {first} a: {second} }} }}",
            f"{{ {name}(limit: 1) {{ {first} }} {name}(limit: 2) {{ {first} }} }}",
            f"{{ {name} {{ ...f }} }} fragment f on {name} {{ {first} ...g }} fragment g on {name} {{ ...f }}",
            f"{{ {name} {{ ...f }} }} fragment f on {name} {{ {first} }} fragment f on {name} {{ {second} }}",
            f"{{ {name} {{ ...f }} }} fragment f on project_aggregate {{ nodes {{ id }} }}",
            f"query a {{ {name} {{ {first} }} }} query b {{ {name} {{ {first} }} }}",
            f"query a {{ {name} {{ {first} }} }} query a {{ {name} {{ {second} }} }}",
            f"query a {{ {name} {{ {first} }} }} {{ {name} {{ {first} }} }}",
            f"fragment f on {name} {{ {first} }}",
            f"query ($a: Int, $a: Int) {{ {name}(limit: $a) {{ {first} }} }}",
            f"query ($a: Int = $b) {{ {name}(limit: $a) {{ {first} }} }}",
            f"{{ {name}(limit: $a) {{ {first} }} }}",
            f"{{ {name}(limit: 1, limit: 1) {{ {first} }} }}",
            f"type {name} {{ {first}: Int }}",
            f"subscription {{ {name} {{ {first} }} hello }}",
            f"{{ {name} {{ {first} }} }} mutation {{ delete_flow(input: {{}}) {{ success }} }}",
            "",
            "   ",
            "{}",
            "query",
            "{ }",
        )
    )
    return Hostile("shapes", text, None, chance.choice((None, "", "c")))
