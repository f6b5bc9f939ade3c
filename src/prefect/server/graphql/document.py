"""GraphQL text to a parsed document, kept under the text and under the text with its literals lifted out.

Clients write ids and times into the text of their queries, so the text alone hardly ever repeats. Therefore strings and
numbers are cut out first (one regular expression, no parsing), and what is left, the document's *shape*, is what gets
parsed and kept. A `Request` is a shape's document together with the literals of one text.

The parser is our own: the grammar of queries is small and settled, the general parser's import alone costs a quarter
of a second of CPU, which a process that asks one question cannot afford, and literals can be lifted on the way. A test
holds it against graphql-core's parser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Generic, Literal, NoReturn, TypeAlias, TypeVar

import msgspec

from prefect.server.errors import RequestError

TOO_LARGE = "DOCUMENT_TOO_LARGE"
DEEPEST = 100  # selection sets or values inside each other; deeper text is refused before it can exhaust the stack
MOST_TOKENS = 40_000  # names, punctuation and literals; more would take a tenth of a second to look at
LONGEST_KEPT = 20_000  # characters; longer texts are rare and parsed each time instead of held in memory
# Characters of the documents that are kept. A parsed document takes up to 60 times the room of its text.
_KEPT_SHAPES = 400_000
_KEPT_TEXTS = 4_000_000


class DocumentError(RequestError):
    """What was asked cannot be understood. `path` leads to the field by response keys, `locations` into the text."""

    code = "GRAPHQL_VALIDATION_FAILED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        path: tuple[str, ...] = (),
        location: tuple[int, int] | None = None,
        at: int | None = None,
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.path = path
        self.location = location
        self.at = at  # number of the token in the text; becomes the location once the text is at hand


class Node(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A part of a document; compared by identity, so that what was worked out about it can be kept beside it."""


class Lifted(Node, frozen=True):
    """A string or number of the text: the `index`th literal. Its value belongs to the request, not to the document."""

    kind: Literal["String", "Int", "Float"]
    index: int


class Null(Node, frozen=True):
    """`null`, which is not the same as leaving something out."""


class Boolean(Node, frozen=True):
    value: bool


class Enum(Node, frozen=True):
    name: str


class Variable(Node, frozen=True):
    name: str


class ListValue(Node, frozen=True):
    items: tuple[Value, ...]


class ObjectValue(Node, frozen=True):
    fields: tuple[tuple[str, Value], ...]


Value: TypeAlias = Lifted | Null | Boolean | Enum | Variable | ListValue | ObjectValue

Arguments: TypeAlias = tuple[tuple[str, Value], ...]


class Directive(Node, frozen=True):
    name: str
    arguments: Arguments


class Field(Node, frozen=True):
    """A field; `at` is the number of its token in the text, for the location of an error."""

    name: str
    alias: str | None
    arguments: Arguments
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    at: int

    @property
    def key(self) -> str:
        """The name under which the answer carries the field."""
        return self.alias or self.name


class Spread(Node, frozen=True):
    name: str
    directives: tuple[Directive, ...]
    at: int


class Inline(Node, frozen=True):
    on: str | None
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    at: int


Selection: TypeAlias = Field | Spread | Inline


class Type(Node, frozen=True):
    """The type of a variable: a name, or a list of `of`."""

    name: str
    required: bool
    of: Type | None = None

    def __str__(self) -> str:
        return (f"[{self.of}]" if self.of is not None else self.name) + ("!" if self.required else "")

    @property
    def base(self) -> str:
        """The name inside every list."""
        return self.name if self.of is None else self.of.base


class VariableDefinition(Node, frozen=True):
    name: str
    type: Type
    default: Value | None


class Operation(Node, frozen=True):
    kind: Literal["query", "mutation", "subscription"]
    name: str | None
    variables: tuple[VariableDefinition, ...]
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    fragments: Mapping[str, Fragment]
    at: int


class Fragment(Node, frozen=True):
    name: str
    on: str
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    at: int


class Document(Node, frozen=True):
    operations: tuple[Operation, ...]
    fragments: Mapping[str, Fragment]

    def operation(self, name: str | None) -> Operation:
        """The operation to carry out; a document with several needs the name of one."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise DocumentError(
                "The document has several operations: say which one to run in operationName, one of "
                + ", ".join(f'"{operation.name}"' for operation in self.operations)
                + "."
            )
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise DocumentError(f'The document has no operation named "{name}".')


class Request(msgspec.Struct, frozen=True, eq=False):
    """A document and the values of the literals that its text carried."""

    document: Document
    literals: tuple[Any, ...]


# The quantifiers give nothing back (`*+`), so that no text makes them try twice.
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![_0-9A-Za-z.])"
_BLOCK = r'"""[^"\\]*+(?:(?:\\"""|\\(?!""")|"(?!""))[^"\\]*+)*+"""'
_STRING = r'"(?!"")[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+"'

# A comment matches without a group and leaves None among the pieces: quotes inside it are no strings. What a quote
# opens and nothing closes is caught too, up to where it would have to be closed.
_LITERAL = re.compile(rf"""#[^\n\r]*+|({_BLOCK}|{_STRING})|(?<![_0-9A-Za-z.])({_NUMBER})|("(?:""[\s\S]*+|[^\n\r]*+))""")

_TOKEN = re.compile(
    rf"""[\ufeff\s,]+|\#[^\n\r]*
    |(?P<name>[_A-Za-z][_0-9A-Za-z]*)
    |(?P<punctuation>\.\.\.|[!$&()\[\]{{}}:=@|])
    |(?P<string>{_BLOCK}|{_STRING})
    |(?P<number>{_NUMBER})
    """,
    re.VERBOSE,
)


Kind = TypeVar("Kind")


class Kept(Generic[Kind]):
    """Values by key, up to a sum of weights; forgotten all together when they have become too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.weight = 0
        self.values: dict[Any, Kind] = {}
        self.get = self.values.get

    def __len__(self) -> int:
        return len(self.values)

    def keep(self, key: Any, value: Kind, weight: int) -> Kind:
        """The value itself. One that weighs more than a tenth of everything is not kept."""
        if weight * 10 > self.most:
            return value
        if self.weight + weight > self.most:
            self.values.clear()
            self.weight = 0
        self.weight += weight
        self.values[key] = value
        return value


_texts: Kept[Request] = Kept(_KEPT_TEXTS)
_shapes: Kept[tuple[Document, int]] = Kept(_KEPT_SHAPES)


def parse(text: str) -> Request:
    """The document that `text` writes, with its literals; raises DocumentError where the text is no GraphQL."""
    found = _texts.get(text)
    if found is None:
        found = _read(text)
        if len(text) <= LONGEST_KEPT:
            _texts.keep(text, found, len(text))
    return found


def _read(text: str) -> Request:
    pieces = _LITERAL.split(text)
    if len(pieces) > 4 * MOST_TOKENS:
        raise _too_many_tokens()
    literals: list[Any] = []
    shape = [pieces[0]]
    try:
        for position in range(1, len(pieces), 4):
            string, number = pieces[position], pieces[position + 1]
            if string is not None:
                literals.append(_string(string))
                shape.append(' "" ')
            elif number is not None:
                value = _number(number)
                literals.append(value)
                shape.append(" 0 " if value.__class__ is int else " 0.0 ")
            elif pieces[position + 2] is not None:
                raise DocumentError("Syntax Error: Unterminated string.", code="GRAPHQL_PARSE_FAILED")
            shape.append(pieces[position + 3])
        document, count = _shape("".join(shape))
    except DocumentError as error:
        if error.code == TOO_LARGE:
            raise
        # Its location lies in the shape, not in the text that the caller knows.
        count = -1
    if count == len(literals):
        return Request(document, tuple(literals))
    return _Parser(text).request()


def _shape(text: str) -> tuple[Document, int]:
    found = _shapes.get(text)
    if found is None:
        found = _parse_shape(text)
        if len(text) <= LONGEST_KEPT:
            _shapes.keep(text, found, len(text))
    return found


def _parse_shape(text: str) -> tuple[Document, int]:
    request = _Parser(text).request()
    return request.document, len(request.literals)


def location(text: str, at: int) -> tuple[int, int] | None:
    """Line and column of the `at`th token of `text`, both counted from 1."""
    for number, (_, _, offset) in enumerate(_tokens(text)):
        if number == at:
            return _line_and_column(text, offset)
    return None


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _syntax(text: str, offset: int, message: str) -> DocumentError:
    return DocumentError(
        f"Syntax Error: {message}", code="GRAPHQL_PARSE_FAILED", location=_line_and_column(text, offset)
    )


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    offset, length, match = 0, len(text), _TOKEN.match
    while offset < length:
        found = match(text, offset)
        if found is None:
            raise _stray(text, offset)
        if found.lastgroup is not None:
            yield found.lastgroup, found.group(), offset
        offset = found.end()
    yield "end", "<EOF>", length


def _too_many_tokens() -> DocumentError:
    error = DocumentError(
        f"The document has more than {MOST_TOKENS:,} names, literals and punctuation marks. Ask for less at a time, "
        "and send long lists as variables.",
        code=TOO_LARGE,
    )
    error.details = {"limit": MOST_TOKENS, "actual": MOST_TOKENS + 1, "see": "docs/reference/limits.md#tokens"}
    return error


def _stray(text: str, offset: int) -> DocumentError:
    character = text[offset]
    if character == '"':
        return _syntax(text, offset, "Unterminated string.")
    if character == "'":
        return _syntax(text, offset, "Unexpected single quote character ('), did you mean to use a double quote (\")?")
    if character in "-0123456789":
        number = re.compile(r"[-+.0-9A-Za-z_]+").match(text, offset)
        return _syntax(text, offset, f'Invalid number "{number.group() if number else character}".')
    if character == ".":
        return _syntax(text, offset, 'Unexpected ".", did you mean "..."?')
    return _syntax(text, offset, f"Unexpected character: {character!r}.")


_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]+)\}|(.?))", re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _string(token: str) -> str:
    if token.startswith('"""'):
        return _block(token[3:-3].replace('\\"""', '"""'))
    value = token[1:-1]
    if "\\" not in value:
        return value
    value = _ESCAPE.sub(_unescape, value)
    if max(value) >= "\ud800" and any("\ud800" <= character <= "\udfff" for character in value):
        # Two \u escapes may write one character outside the basic plane; what is left alone is no character.
        try:
            value = value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise DocumentError(
                "Syntax Error: a string holds half of a surrogate pair.", code="GRAPHQL_PARSE_FAILED"
            ) from None
    return value


def _unescape(found: re.Match[str]) -> str:
    four, braced, simple = found.groups()
    if four is not None:
        return chr(int(four, 16))
    if braced is not None and int(braced, 16) <= 0x10FFFF:
        return chr(int(braced, 16))
    if simple in _ESCAPED:
        return _ESCAPED[simple]
    raise DocumentError(
        f"Syntax Error: Invalid character escape sequence: '{found.group()}'.", code="GRAPHQL_PARSE_FAILED"
    )


def _block(raw: str) -> str:
    """A block string's value: the indentation common to all lines but the first, and blank ends, taken away."""
    lines = re.split(r"\r\n|\n|\r", raw)
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines[1:] if line.strip(" \t")]
    margin = min(margins, default=0)
    lines = [lines[0], *(line[margin:] for line in lines[1:])]
    while lines and not lines[0].strip(" \t"):
        lines.pop(0)
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    return "\n".join(lines)


def _number(token: str) -> int | float:
    # A number of a thousand digits is legal GraphQL and of no type; int() refuses it, and so do we.
    if token.lstrip("-").isdigit():
        if len(token) > 100:
            raise DocumentError("Syntax Error: a number has too many digits.", code="GRAPHQL_PARSE_FAILED")
        return int(token)
    return float(token)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(islice(_tokens(text), MOST_TOKENS + 1))
        if len(self.tokens) > MOST_TOKENS:
            raise _too_many_tokens()
        self.at = 0
        self.depth = 0
        self.literals: list[Any] = []

    def request(self) -> Request:
        operations: list[Operation] = []
        fragments: dict[str, Fragment] = {}
        # The document's fragments are handed out before all of them are read, so that an operation can hold them.
        shared = MappingProxyType(fragments)
        while True:
            value = self.tokens[self.at][1]
            if value == "{" or value in ("query", "mutation", "subscription"):
                operations.append(self.operation(shared))
            elif value == "fragment":
                fragment = self.fragment()
                if fragment.name in fragments:
                    raise DocumentError(f'There can be only one fragment named "{fragment.name}".', at=fragment.at)
                fragments[fragment.name] = fragment
            else:
                self.unexpected()
            if self.tokens[self.at][0] == "end":
                break
        if not operations:
            raise DocumentError("The document has fragments but no operation to run.")
        names = Counter(operation.name for operation in operations)
        if len(operations) > 1 and None in names:
            raise DocumentError("An operation without a name must be the only one of its document.")
        if len(names) < len(operations):
            twice = names.most_common(1)[0][0]
            raise DocumentError(f'There can be only one operation named "{twice}".')
        return Request(Document(tuple(operations), shared), tuple(self.literals))

    def unexpected(self, wanted: str = "") -> NoReturn:
        kind, value, offset = self.tokens[self.at]
        found = f'Name "{value}"' if kind == "name" else f"'{value}'" if kind == "punctuation" else value
        raise _syntax(self.text, offset, f"Expected {wanted}, found {found}." if wanted else f"Unexpected {found}.")

    def peek(self) -> str:
        kind, value, _ = self.tokens[self.at]
        return value if kind in ("name", "punctuation") else ""

    def name(self) -> str:
        kind, value, _ = self.tokens[self.at]
        if kind != "name":
            self.unexpected("Name")
        self.at += 1
        return value

    def take(self, punctuation: str) -> bool:
        kind, value, _ = self.tokens[self.at]
        if kind == "punctuation" and value == punctuation:
            self.at += 1
            return True
        return False

    def expect(self, punctuation: str) -> None:
        if not self.take(punctuation):
            self.unexpected(f"'{punctuation}'")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            error = _syntax(
                self.text, self.tokens[self.at][2], f"More than {DEEPEST} levels of nesting; split the query."
            )
            error.details = {"limit": DEEPEST, "actual": self.depth, "see": "docs/reference/limits.md#nesting"}
            raise error

    def operation(self, fragments: Mapping[str, Fragment]) -> Operation:
        at = self.at
        if self.peek() == "{":
            return Operation("query", None, (), (), self.selections(), fragments, at)
        kind = self.name()
        name = self.name() if self.tokens[self.at][0] == "name" else None
        variables = self.variables() if self.peek() == "(" else ()
        directives = self.directives()
        selections = self.selections()
        return Operation(kind, name, variables, directives, selections, fragments, at)  # type: ignore[arg-type]

    def fragment(self) -> Fragment:
        at = self.at
        self.at += 1
        if self.peek() == "on":
            self.unexpected()
        name = self.name()
        if self.peek() != "on":
            self.unexpected('"on"')
        self.at += 1
        on = self.name()
        directives = self.directives()
        return Fragment(name, on, directives, self.selections(), at)

    def variables(self) -> tuple[VariableDefinition, ...]:
        self.expect("(")
        found: list[VariableDefinition] = []
        names: set[str] = set()
        while not self.take(")"):
            self.expect("$")
            name = self.name()
            if name in names:
                raise DocumentError(f'There can be only one variable named "${name}".', at=self.at - 1)
            names.add(name)
            self.expect(":")
            kind = self.type()
            default = self.value(constant=True) if self.take("=") else None
            self.directives()
            found.append(VariableDefinition(name, kind, default))
        if not found:
            self.at -= 1
            self.unexpected("'$'")
        return tuple(found)

    def type(self) -> Type:
        if self.take("["):
            self.deeper()
            inner = self.type()
            self.depth -= 1
            self.expect("]")
            return Type("", self.take("!"), inner)
        name = self.name()
        return Type(name, self.take("!"))

    def selections(self) -> tuple[Selection, ...]:
        self.expect("{")
        self.deeper()
        found: list[Selection] = []
        while not self.take("}"):
            found.append(self.selection())
        if not found:
            self.at -= 1
            self.unexpected("Name")
        self.depth -= 1
        return tuple(found)

    def selection(self) -> Selection:
        at = self.at
        if self.take("..."):
            if self.peek() == "on":
                self.at += 1
                on = self.name()
                directives = self.directives()
                return Inline(on, directives, self.selections(), at)
            if self.tokens[self.at][0] == "name":
                name = self.name()
                return Spread(name, self.directives(), at)
            directives = self.directives()
            return Inline(None, directives, self.selections(), at)
        name = self.name()
        alias = None
        if self.take(":"):
            alias, name = name, self.name()
        arguments = self.arguments() if self.peek() == "(" else ()
        directives = self.directives()
        selections = self.selections() if self.peek() == "{" else ()
        return Field(name, alias, arguments, directives, selections, at)

    def arguments(self) -> Arguments:
        self.expect("(")
        found: list[tuple[str, Value]] = []
        names: set[str] = set()
        while not self.take(")"):
            found.append(self.pair(names, "argument"))
        if not found:
            self.at -= 1
            self.unexpected("Name")
        return tuple(found)

    def pair(self, before: set[str], what: str, *, constant: bool = False) -> tuple[str, Value]:
        name = self.name()
        if name in before:
            raise DocumentError(f'There can be only one {what} named "{name}".', at=self.at - 1)
        before.add(name)
        self.expect(":")
        return name, self.value(constant=constant)

    def directives(self) -> tuple[Directive, ...]:
        if self.peek() != "@":
            return ()
        found: list[Directive] = []
        while self.take("@"):
            name = self.name()
            found.append(Directive(name, self.arguments() if self.peek() == "(" else ()))
        return tuple(found)

    def value(self, *, constant: bool = False) -> Value:
        kind, value, offset = self.tokens[self.at]
        self.at += 1
        if kind in ("string", "number"):
            try:
                literal = _string(value) if kind == "string" else _number(value)
            except DocumentError as error:
                error.location = _line_and_column(self.text, offset)
                raise
            if kind == "string":
                return self.lift("String", literal)
            return self.lift("Int" if literal.__class__ is int else "Float", literal)
        if kind == "name":
            if value in ("true", "false"):
                return Boolean(value == "true")
            return Null() if value == "null" else Enum(value)
        if value == "$" and not constant:
            return Variable(self.name())
        if value == "[":
            self.deeper()
            items: list[Value] = []
            while not self.take("]"):
                items.append(self.value(constant=constant))
            self.depth -= 1
            return ListValue(tuple(items))
        if value == "{":
            self.deeper()
            fields: list[tuple[str, Value]] = []
            names: set[str] = set()
            while not self.take("}"):
                fields.append(self.pair(names, "field", constant=constant))
            self.depth -= 1
            return ObjectValue(tuple(fields))
        self.at -= 1
        self.unexpected()

    def lift(self, kind: Literal["String", "Int", "Float"], value: Any) -> Lifted:
        self.literals.append(value)
        return Lifted(kind, len(self.literals) - 1)
