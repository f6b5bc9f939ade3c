"""What 1.x programs call: a class with `dump` and `load` over a pair of plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.exceptions import ValidationError


class Schema:
    """Turns objects of one kind into JSON values and back.

    Unknown fields are ignored and the input is never changed. `many` handles a list of them; `only` and `exclude`
    choose among the fields that `dump` gives; `context` is kept for callers that read it back.
    """

    __slots__ = ("context", "exclude", "many", "only")

    @staticmethod
    def dump_one(obj: Any, /) -> dict[str, Any]:
        """One object as a dict of JSON values."""
        raise NotImplementedError

    @staticmethod
    def load_one(data: Any, /) -> Any:
        """The one object that the data describes."""
        raise NotImplementedError

    def __init__(
        self,
        *,
        only: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        many: bool = False,
        context: dict[str, Any] | None = None,
    ) -> None:
        self.only = only
        self.exclude = exclude
        self.many = many
        self.context = {} if context is None else context

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The object as a dict of JSON values; a list of them for many."""
        if self.many if many is None else many:
            return [self.dump(item, many=False) for item in obj]
        dumped = self.dump_one(obj)
        if self.only is not None or self.exclude:
            wanted = dumped.keys() if self.only is None else {*self.only, "__version__"}
            hidden = set(self.exclude)
            return {name: value for name, value in dumped.items() if name in wanted and name not in hidden}
        return dumped

    def load(self, data: Any, *, many: bool | None = None) -> Any:
        """The object that the data describes; a list of them for many."""
        if self.many if many is None else many:
            return [self.load_one(item) for item in data]
        return self.load_one(data)


def mapping_of(data: Any, owner: str) -> Mapping[str, Any]:
    """`data` itself, if it is an object as JSON knows it."""
    if isinstance(data, Mapping):
        return data
    raise ValidationError(f"A {owner} must be a JSON object, not {data!r}.")


def type_of(data: Mapping[str, Any], owner: str) -> str:
    """The name in the field `type`, which says what kind of object this is."""
    name = data.get("type")
    if isinstance(name, str):
        return name
    if name is None:
        raise ValidationError(f"A {owner} must say its type: the field is missing in {dict(data)!r}.")
    raise ValidationError(f"The type of a {owner} must be text, not {name!r}.")
