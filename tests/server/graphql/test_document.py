"""The parser agrees with the reference implementation, and texts of one shape share one document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import graphql
import pytest
from graphql.language import ast
from hypothesis import given, settings
from hypothesis import strategies as some

from prefect.server.graphql import document
from prefect.server.graphql.document import DocumentError, parse
from prefect.server.graphql.variables import evaluate

GOLDEN = Path(__file__).parents[2] / "graphql"

ACCEPTED = [
    "{a}",
    "query{a}",
    "query Q{a b:c}",
    "mutation M($a: [Int!]! = [1, 2,3] $b: T = {x: {y: null}}) @d { a(x: $a, y: $b) @include(if: true) { b } }",
    "subscription { a }",
    "{ ...F ... on T @x { a } ... { b } ... @skip(if: $s) { c } } fragment F on T { a }",
    "{ fragment query mutation subscription on true false null }",
    '{ a(s: "", t: "x\\n\\"\\\\\\/\\b\\f\\r\\t\\u00e9\\u{1F600}", u: """block""") }',
    '{ a(s: """\n    indented\n      more\n    \n  """, t: """a \\""" b""", u: """""") }',
    '{ a(s: ["x""y" "z"]) }',
    "{ a(n: [0, -0, 1, -12, 1.5, -0.25e10, 1E3, 2e-2]) }",
    "{ a(x: ENUM, y: $v, z: [], w: {}) }",
    '# comment "with quotes" 1 2 3\n{ a # } { "\n }',
    "\ufeff{ a, , b,\tc\r\n}",
    "{ a(x: {a: 1 b: [2 {c: 3}]}) }",
    '{ a1b2(c3: $d4) { e5(f: "6") } }',
    "query($a:Int){x}",
    "{ a(b: [-1-2]) }",
    '{ a(b: "😀 \u2028") }',
]

REFUSED = [
    "",
    "   # nothing",
    "{",
    "}",
    "{}",
    "{ a",
    "{ a( }",
    "{ a() }",
    "{ a(b) }",
    "{ a(b:) }",
    "{ a(b: $) }",
    "{ a(b: 01) }",
    "{ a(b: 1.) }",
    "{ a(b: .5) }",
    "{ a(b: 1e) }",
    "{ a(b: 1x) }",
    "{ a(b: -) }",
    "{ a(b: 1.5.2) }",
    "{ a(b: 0xF) }",
    '{ a(b: "x) }',
    '{ a(b: "x\ny") }',
    '{ a(b: "\\q") }',
    '{ a(b: "\\u12") }',
    '{ a(b: """x") }',
    '{ a(b: """x\\""") }',
    "{ a(b: 'x') }",
    "{ a { } }",
    "{ a } }",
    "query { a } extra",
    "query ($a) { a }",
    "query ($a:) { a }",
    "query () { a }",
    "query ($a: Int = $b) { a }",
    "query ($a: [Int) { a }",
    "{ .. a }",
    "{ ... }",
    "{ ... on { a } }",
    "fragment on on T { a }",
    "fragment F { a }",
    "{ a @ }",
    "{ a ? }",
    "{ a: }",
    "{ a: b: c }",
    "type T { a: Int }",
    "{ a(b: {c}) }",
    "{ a(b: [1) }",
    '{ a(b: "\\ud800") }',
]

# A definition of a type is no question; empty selections are no GraphQL, though the reference lets them pass.
ONLY_OURS = ["{}", "{ a { } }", "type T { a: Int }"]


def theirs(node: Any) -> Any:
    """The reference parser's tree as plain values."""
    match node:
        case ast.DocumentNode():
            return [theirs(item) for item in node.definitions]
        case ast.OperationDefinitionNode():
            variables = [
                (v.variable.name.value, graphql.print_ast(v.type), theirs(v.default_value))
                for v in node.variable_definitions or ()
            ]
            return (
                node.operation.value,
                node.name.value if node.name else None,
                variables,
                theirs_directives(node),
                [theirs(item) for item in node.selection_set.selections],
            )
        case ast.FragmentDefinitionNode():
            return (
                "fragment",
                node.name.value,
                node.type_condition.name.value,
                [theirs(item) for item in node.selection_set.selections],
            )
        case ast.FieldNode():
            return (
                node.name.value,
                node.alias.value if node.alias else None,
                [(a.name.value, theirs(a.value)) for a in node.arguments or ()],
                theirs_directives(node),
                [theirs(item) for item in node.selection_set.selections] if node.selection_set else [],
            )
        case ast.FragmentSpreadNode():
            return ("...", node.name.value, theirs_directives(node))
        case ast.InlineFragmentNode():
            on = node.type_condition.name.value if node.type_condition else None
            return ("... on", on, theirs_directives(node), [theirs(item) for item in node.selection_set.selections])
        case ast.IntValueNode():
            return int(node.value)
        case ast.FloatValueNode():
            return float(node.value)
        case ast.StringValueNode() | ast.BooleanValueNode():
            return node.value
        case ast.EnumValueNode():
            return ("enum", node.value)
        case ast.VariableNode():
            return ("$", node.name.value)
        case ast.ListValueNode():
            return [theirs(item) for item in node.values]
        case ast.ObjectValueNode():
            return {field.name.value: theirs(field.value) for field in node.fields}
        case _:
            return None


def theirs_directives(node: Any) -> Any:
    return [(d.name.value, [(a.name.value, theirs(a.value)) for a in d.arguments or ()]) for d in node.directives or ()]


def ours(node: Any, literals: tuple[Any, ...]) -> Any:
    """Our tree as plain values."""

    def each(nodes: Any) -> list[Any]:
        return [ours(item, literals) for item in nodes]

    def pairs(arguments: Any) -> list[Any]:
        return [(name, ours(value, literals)) for name, value in arguments]

    def directives(found: Any) -> Any:
        return [(directive.name, pairs(directive.arguments)) for directive in found]

    match node:
        case document.Operation():
            variables = [(v.name, str(v.type), ours(v.default, literals)) for v in node.variables]
            return (node.kind, node.name, variables, directives(node.directives), each(node.selections))
        case document.Fragment():
            return ("fragment", node.name, node.on, each(node.selections))
        case document.Field():
            arguments, found = pairs(node.arguments), directives(node.directives)
            return (node.name, node.alias, arguments, found, each(node.selections))
        case document.Spread():
            return ("...", node.name, directives(node.directives))
        case document.Inline():
            return ("... on", node.on, directives(node.directives), each(node.selections))
        case document.Enum():
            return ("enum", node.name)
        case document.Variable():
            return ("$", node.name)
        case document.ListValue():
            return each(node.items)
        case document.ObjectValue():
            return dict(pairs(node.fields))
        case None:
            return None
        case _:
            return evaluate(node, {}, literals)


def read(text: str) -> Any:
    request = parse(text)
    found = request.document
    operations = [ours(item, request.literals) for item in found.operations]
    fragments = [ours(item, request.literals) for item in found.fragments.values()]
    return operations, fragments


def expected(text: str) -> Any:
    definitions = theirs(graphql.parse(text, no_location=True))
    fragments = [item for item in definitions if item[0] == "fragment"]
    return [item for item in definitions if item[0] != "fragment"], fragments


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_graphql_is_read_as_the_reference_reads_it(text: str) -> None:
    assert read(text) == expected(text)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.graphql")), ids=lambda path: path.stem)
def test_golden_questions_are_read_as_the_reference_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        wanted = expected(text)
    except graphql.GraphQLSyntaxError:
        with pytest.raises(DocumentError):
            parse(text)
    else:
        if path.stem != "error_several_operations":
            assert read(text) == wanted


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_graphql_is_refused(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(text)
    assert caught.value.code == "GRAPHQL_PARSE_FAILED"
    assert caught.value.message.startswith("Syntax Error: ")
    if text not in ONLY_OURS:
        with pytest.raises(graphql.GraphQLSyntaxError):
            graphql.parse(text)


PIECES = ['"', '""', '"""', "\\", "\\u00e9", "1", "-", ".", "e", "a", "$a", "{", "}", "(", ")", ":", "[", "]"]
PIECES += [" ", "\n", "#", "...", "on", "query", "fragment", "@", "!", "=", '"x"', "1.5", "null", "true", "{ a", "}"]


@settings(max_examples=1500, deadline=None)
@given(some.lists(some.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_read_or_refused_as_the_reference_does(middle: str) -> None:
    text = "{ a(b: [" + middle + "]) }"
    try:
        wanted = expected(text)
    except graphql.GraphQLSyntaxError:
        with pytest.raises(DocumentError):
            parse(text)
        return
    # What the reference finds only later, when it validates.
    assert refusal(text) == "GRAPHQL_VALIDATION_FAILED" or re.search(r"\{\s*\}", text) or read(text) == wanted


def refusal(text: str) -> str | None:
    try:
        parse(text)
    except DocumentError as error:
        return error.code
    return None


def test_texts_that_differ_in_literals_share_a_document() -> None:
    first = parse('{ flow_run(where: {id: {_eq: "a"}}, limit: 1) { id } }')
    second = parse('{ flow_run(where: {id: {_eq: "b\\n"}}, limit: 25) { id } }')
    assert first.document is second.document
    assert (first.literals, second.literals) == (("a", 1), ("b\n", 25))


def test_kinds_of_literals_are_part_of_the_shape() -> None:
    whole = parse("{ a(x: 1) }")
    assert parse("{ a(x: 1.0) }").document is not whole.document
    assert parse('{ a(x: "1") }').document is not whole.document


def test_names_with_digits_are_no_literals() -> None:
    assert parse("{ task1(x2: $y3) }").document is not parse("{ task2(x2: $y3) }").document


def test_the_same_text_is_found_again() -> None:
    assert parse("{ again }") is parse("{ again }")


def test_a_syntax_error_tells_line_and_column_of_the_text_as_written() -> None:
    with pytest.raises(DocumentError) as caught:
        parse('{\n  a(b: "a long literal") {\n    c(: 1)\n  }\n}')
    assert caught.value.location == (3, 7)


def test_nesting_has_an_end() -> None:
    with pytest.raises(DocumentError, match="levels of nesting"):
        parse("{a" * 5000 + "}" * 5000)
    with pytest.raises(DocumentError, match="levels of nesting"):
        parse("{a(b:" + "[" * 5000 + "]" * 5000 + ")}")


def test_a_long_text_is_read_without_being_kept() -> None:
    text = "{ a(x: [" + "1 " * document.LONGEST_KEPT + "]) }"
    request = parse(text)
    assert len(request.literals) == document.LONGEST_KEPT
    assert parse(text) is not request


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("query A { a } { b }", "without a name"),
        ("query A { a } query A { b }", "only one operation"),
        ("fragment F on T { a } fragment F on T { b } { a }", "only one fragment"),
        ("fragment F on T { a }", "no operation"),
        ("{ a(x: 1, x: 2) }", "only one argument"),
        ("{ a(x: {y: 1, y: 2}) }", "only one field"),
        ("query ($a: Int, $a: Int) { a }", "only one variable"),
    ],
)
def test_names_given_twice_are_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        parse(text)
    assert caught.value.code == "GRAPHQL_VALIDATION_FAILED"


def test_one_of_several_operations_is_chosen_by_name() -> None:
    found = parse("query A { a } query B { b }").document
    assert found.operation("B").name == "B"
    with pytest.raises(DocumentError, match="operationName"):
        found.operation(None)
    with pytest.raises(DocumentError, match='no operation named "C"'):
        found.operation("C")
