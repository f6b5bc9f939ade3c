"""Arguments of a field as places of values: each looked at where its type is known, and refused where it is another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from prefect.server import scalars
from prefect.server.catalog import Scalar
from prefect.server.errors import did_you_mean
from prefect.server.graphql.document import (
    Boolean,
    DocumentError,
    Enum,
    Field,
    Lifted,
    ListValue,
    Node,
    Null,
    ObjectValue,
    Operation,
    Value,
    Variable,
)
from prefect.server.graphql.plan import (
    ABSENT,
    Absent,
    ConstantOrigin,
    Form,
    ListOrigin,
    LiteralOrigin,
    ObjectOrigin,
    Origin,
    Slot,
    VariableOrigin,
)


class Handed(Node, frozen=True):
    """What a variable holds at `path`, seen while binding."""

    name: str
    path: tuple[str | int, ...]
    value: Any


Given: TypeAlias = Value | Handed


class ArgumentReader:
    """Reads the arguments of one operation's fields. `path` and `at` say where it is, for messages."""

    def __init__(self, operation: Operation, values: Mapping[str, Any]) -> None:
        self.operation = operation
        self.values = values
        self.types = {definition.name: definition.type for definition in operation.variables}
        self.path: list[str] = []
        self.at = operation.at

    def fail(self, message: str, *, code: str = "GRAPHQL_VALIDATION_FAILED") -> NoReturn:
        raise DocumentError(message, code=code, path=tuple(self.path), at=self.at)

    def _arguments(self, field: Field, kinds: Mapping[str, str]) -> dict[str, Given]:
        found: dict[str, Given] = {}
        for name, value in field.arguments:
            kind = kinds.get(name)
            if kind is None:
                self.fail(f'Unknown argument "{name}" on field "{field.name}".{did_you_mean(name, kinds)}')
            opened = self._opened(value, kind, name)
            if opened is not ABSENT:
                found[name] = opened
        return found

    def _opened(self, given: Given, kind: str, what: str) -> Given | Absent:
        """A variable's value in place of the variable, after a look at its type."""
        if not isinstance(given, Variable):
            return given
        declared = self.types.get(given.name)
        if declared is None:
            self.fail(f'Variable "${given.name}" is not defined by operation "{self.operation.name or "anonymous"}".')
        wanted = kind.strip("[]!")
        base = scalars.EQUIVALENT.get(declared.base, declared.base)
        # A whole number fits where a larger one or a fraction is allowed, as it would written as a literal.
        # as_of is either of two types; which one decides what it means.
        fits = base == wanted or (base == "Int" and wanted in ("bigint", "Float"))
        fits = fits or (what == "as_of" and base in ("moment", "Int", "bigint", "timestamptz", "String"))
        if not fits or (declared.of is not None and not kind.startswith("[")):
            self.fail(f'Variable "${given.name}" of type "{declared}" used in position expecting type "{kind}".')
        if given.name not in self.values:
            return ABSENT
        return self._handed(given.name, (), self.values[given.name])

    def _handed(self, name: str, path: tuple[str | int, ...], value: Any) -> Given:
        return Null() if value is None else Handed(name, path, value)

    def _present(self, given: Given, kind: str, what: str) -> Given | None:
        """The same where null and left out mean the same: that nothing is asked for."""
        opened = self._opened(given, kind, what)
        return None if opened is ABSENT or isinstance(opened, Null) else opened

    def _object(self, given: Given, kind: str, what: str) -> list[tuple[str, Given]]:
        """The fields of an object; of null, none."""
        opened = self._opened(given, kind, what)
        if opened is ABSENT or isinstance(opened, Null):
            return []
        if isinstance(opened, ObjectValue):
            # The values may be variables still; each is opened where its type is known.
            return list(opened.fields)
        if isinstance(opened, Handed) and isinstance(opened.value, dict):
            return [(key, self._handed(opened.name, (*opened.path, key), value)) for key, value in opened.value.items()]
        self._wrong(opened, kind, what)

    def _list(self, given: Given, kind: str) -> list[Given]:
        """The items of a list; anything else but null is a list of one."""
        opened = self._opened(given, kind, "")
        if opened is ABSENT or isinstance(opened, Null):
            return []
        if isinstance(opened, ListValue):
            return list(opened.items)
        if isinstance(opened, Handed) and isinstance(opened.value, list | tuple):
            return [self._handed(opened.name, (*opened.path, index), item) for index, item in enumerate(opened.value)]
        return [opened]

    def _boolean(self, given: Given, what: str) -> bool | None:
        opened = self._opened(given, "Boolean", what)
        if opened is ABSENT or isinstance(opened, Null):
            return None
        if isinstance(opened, Boolean):
            return opened.value
        if isinstance(opened, Handed) and isinstance(opened.value, bool):
            return opened.value
        self._wrong(opened, "Boolean", what)

    def _enum(self, given: Given, kind: str, known: Iterable[str]) -> str:
        opened = self._opened(given, kind, "")
        name = None
        if isinstance(opened, Enum):
            name = opened.name
        elif isinstance(opened, Handed) and isinstance(opened.value, str):
            name = opened.value
        if name is None or name not in known:
            if name is None and opened is not ABSENT:
                self.fail(f'A value of the enum "{kind}" is expected, not {_written(opened)}.')
            written = name if name is not None else "null"
            self.fail(f'Value "{written}" does not exist in "{kind}" enum.{did_you_mean(written, known)}')
        return name

    def _slot(self, given: Given, kind: Scalar, form: Form, what: str, *, checked: bool = False) -> Slot | None:
        """The place of a value in the request; None where null stands, or a variable that was left out."""
        many = form in ("list", "texts")
        wanted = f"[{kind}!]" if many else kind
        opened = given if checked else self._opened(given, wanted, what)
        if opened is ABSENT or isinstance(opened, Null):
            return None
        items = opened.items if many and isinstance(opened, ListValue) else (opened,)
        for item in items:
            if not isinstance(item, Variable | Handed):
                self._check_literal(item, kind, wanted, what)
        return Slot(self._origin(opened, kind, what), kind, form, what)

    def _check_literal(self, given: Given, kind: Scalar, wanted: str, what: str) -> None:
        written = given.kind if isinstance(given, Lifted) else type(given).__name__
        if kind == "jsonb" or written in scalars.LITERALS[kind]:
            return
        self._wrong(given, wanted, what)

    def _wrong(self, given: Given, kind: str, what: str) -> NoReturn:
        code = "BAD_USER_INPUT" if isinstance(given, Handed) else "GRAPHQL_VALIDATION_FAILED"
        self.fail(f'{what} expects a value of type "{kind}", not {_written(given)}.', code=code)

    def _origin(self, given: Given, kind: Scalar, what: str) -> Origin:
        match given:
            case Handed(name=name, path=path):
                return VariableOrigin(name, path)
            case Variable(name=name):
                opened = self._opened(given, kind, what)
                return ConstantOrigin(None) if opened is ABSENT else VariableOrigin(name)
            case Lifted(index=index):
                return LiteralOrigin(index)
            case Null():
                return ConstantOrigin(None)
            case Boolean(value=value):
                return ConstantOrigin(value)
            case Enum(name=name):
                return ConstantOrigin(name)
            case ListValue(items=items):
                return ListOrigin(tuple(self._origin(item, kind, what) for item in items))
            case ObjectValue(fields=fields):
                return ObjectOrigin(tuple((name, self._origin(value, kind, what)) for name, value in fields))


def _written(given: Given) -> str:
    """A value in a message."""
    match given:
        case Handed(value=value):
            return scalars.shown(value)
        case Lifted(kind=kind):
            return f"a literal of type {kind}"
        case Boolean(value=value):
            return "true" if value else "false"
        case Enum(name=name):
            return name
        case ObjectValue():
            return "an object"
        case ListValue():
            return "a list"
        case Null():
            return "null"
        case Variable(name=name):
            return f"${name}"
