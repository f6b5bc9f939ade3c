"""GraphQL documents written as Python values, and answers read with dots.

A field is a key, its selection the value: `{"query": {"flow": {"id", "name"}}}`. A set, a list or a nested dictionary
selects several fields; `True` or `...` select nothing beneath.
"""

import base64
import datetime
import gzip
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from prefect.utilities.collections import AttributeDict

if TYPE_CHECKING:
    import requests

INDENT = 4


class GraphQLResult(AttributeDict):
    """An answer whose fields are attributes: `result.data.flow[0].id`. Printed as indented JSON."""

    __slots__ = ()

    def __repr__(self) -> str:
        try:
            return json.dumps(self, indent=4)
        except TypeError:
            return repr(self.to_dict())


class EnumValue:
    """A word written without quotes, as GraphQL writes the values of an enum."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"EnumValue({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumValue) and self.value == other.value

    def __hash__(self) -> int:
        return hash((EnumValue, self.value))


def lowercase_first_letter(s: str) -> str:
    """`s` with a small first letter."""
    return s[:1].lower() + s[1:]


class GQLObject:
    """A field by name, with arguments when called: `GQLObject("flow")({"limit": 3})` prints as `flow(limit: 3)`.

    Subclasses may hold their fields as attributes; without a name, the class lends its own.
    """

    def __init__(self, name: str | None = None, _arguments: Any = None) -> None:
        self.__name = name or lowercase_first_letter(type(self).__name__)
        self.__arguments = _arguments

    def __call__(self, arguments: Any) -> "GQLObject":
        return type(self)(name=self.__name, _arguments=arguments)

    def __repr__(self) -> str:
        return f'<GQL: "{self.__name}">'

    def __str__(self) -> str:
        return with_args(self.__name, self.__arguments) if self.__arguments else self.__name


def multiline_indent(string: str, spaces: int) -> str:
    """`string` with every line but the first indented."""
    return string.replace("\n", "\n" + " " * spaces)


def with_args(field: Any, arguments: Any) -> str:
    """The field with its arguments: `flow(where: { name: { _eq: "a" } })`."""
    return f"{parse_graphql(field)}({parse_graphql_arguments(arguments)})"


def LiteralSetValue(value: Iterable[str]) -> str:
    """`{a, b}`: the literal PostgreSQL wants for an array."""
    return "{" + ", ".join(value) + "}"


def parse_graphql(document: Any) -> str:
    """The GraphQL text of a document made of dictionaries, lists, sets, names and field objects."""
    return _selection(document).strip()


def _selection(document: Any) -> str:
    if isinstance(document, Mapping):
        return "\n".join(_field(name, beneath) for name, beneath in document.items())
    if isinstance(document, list | tuple | set | frozenset):
        return "\n".join(_selection(item) for item in document)
    return str(document)


def _field(name: Any, beneath: Any) -> str:
    if beneath in (True, ...):  # 1 counts as True
        return str(name)
    lines = "\n".join(" " * INDENT + line if line else line for line in _selection(beneath).split("\n"))
    return f"{name} {{\n{lines}\n}}"


def parse_graphql_arguments(arguments: Any) -> str:
    """The GraphQL text of arguments given as a dictionary; text is taken as it is."""
    if isinstance(arguments, Mapping):
        return ", ".join(f"{name}: {_value(value)}" for name, value in arguments.items())
    if isinstance(arguments, str):
        return arguments
    return _value(arguments)


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return f"{{ {parse_graphql_arguments(value)} }}" if value else "{}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, uuid.UUID):
        return json.dumps(str(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value)


def compress(input: Any) -> str:
    """A JSON-able value as base64 of its gzipped JSON text."""
    return base64.b64encode(gzip.compress(json.dumps(input).encode())).decode()


def decompress(string: str) -> Any:
    """The value that `compress` packed."""
    return json.loads(gzip.decompress(base64.b64decode(string)))


def format_graphql_request_error(response: "requests.Response") -> str:
    """For people: the errors of a refused request, its query and its variables."""
    body = response.request.body
    request = json.loads(body) if body else {}
    query = request.get("query", "")
    variables = request.get("variables")
    if isinstance(variables, str):
        variables = json.loads(variables)
    try:
        errors = response.json().get("errors", [])
    except ValueError:
        errors = []
    lines = [
        f"{(error.get('extensions') or {}).get('code', 'UNKNOWN_ERROR')}: {error.get('message', error)}"
        for error in errors
    ]
    sections = (
        ("The following error messages were provided by the GraphQL server:", "\n".join(lines)),
        ("The GraphQL query was:", parse_graphql(query)),
        ("The passed variables were:", json.dumps(variables)),
    )
    indent = " " * INDENT
    return (
        "\n"
        + "\n\n".join(f"{title}\n\n{indent}{multiline_indent(content, INDENT)}" for title, content in sections)
        + "\n"
    )
