"""Dictionaries with dots, nested dictionaries made flat and back, and sequences made flat."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Self


class DotDict(MutableMapping[Any, Any]):
    """A dictionary whose items are also its attributes: `d.a` is `d["a"]`.

    The items live in the instance's own `__dict__`, so reading `d.a` costs what any attribute costs, and an item
    named like a method (`items`, `get`) shadows that method on this instance.
    """

    def __init__(self, init_dict: Mapping[Any, Any] | Iterable[tuple[Any, Any]] | None = None, **kwargs: Any) -> None:
        if init_dict:
            self.update(init_dict)
        if kwargs:
            self.update(kwargs)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over the items of a mapping or of pairs, and the keywords."""
        self.__dict__.update(*(source.__dict__ if isinstance(source, DotDict) else source for source in args), **kwargs)

    def get(self, key: Any, default: Any = None) -> Any:
        """The item, or `default` where there is none."""
        return self.__dict__.get(key, default)

    if TYPE_CHECKING:  # at run time an item is an ordinary attribute, and no method stands in between

        def __getattr__(self, name: str) -> Any: ...

    def __getitem__(self, key: Any) -> Any:
        return self.__dict__[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.__dict__[key] = value

    def __setattr__(self, attr: str, value: Any) -> None:
        self[attr] = value

    def __delitem__(self, key: Any) -> None:
        del self.__dict__[key]

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __repr__(self) -> str:
        if not self:
            return f"<{type(self).__name__}>"
        return f"<{type(self).__name__}: {', '.join(sorted(map(repr, self.__dict__)))}>"

    def copy(self) -> Self:
        """A shallow copy of the same class."""
        return type(self)(self.__dict__)

    def to_dict(self) -> dict[Any, Any]:
        """Plain dictionaries all the way down."""
        plain: dict[Any, Any] = as_nested_dict(self, dict)
        return plain


class AttributeDict(dict[str, Any]):
    """A dictionary whose items are also its attributes, all the way down, through lists too: `d.a[0].b`.

    Dictionaries put into it become part of it as copies of its own class. Where an item is named like a method, the
    attribute is the method and the item is reached by its key.
    """

    __slots__ = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.update(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, _dotted(value, type(self)))

    def __or__(self, other: Any) -> Self:  # type: ignore[override]
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: Any) -> Self:  # type: ignore[override]
        self.update(other)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.to_dict()!r})"

    def __str__(self) -> str:
        return repr(self.to_dict())

    def __copy__(self) -> Self:
        return self.copy()

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self]

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over the items of a mapping or of pairs, and the keywords; sections are replaced, not merged."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The item, set to `default` first where there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> Self:
        """A copy with sections of its own: changing it leaves this one as it is."""
        return type(self)(
            {key: value.copy() if isinstance(value, AttributeDict) else value for key, value in self.items()}
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists all the way down."""
        return {key: _plain(value) for key, value in self.items()}


def _dotted(value: Any, kind: type[AttributeDict]) -> Any:
    if type(value) is list:
        return [_dotted(item, kind) for item in value]
    if isinstance(value, dict) and not isinstance(value, kind):
        return kind(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, AttributeDict):
        return value.to_dict()
    if type(value) is list:
        return [_plain(item) for item in value]
    return value


class CompoundKey(tuple[Any, ...]):
    """The path to a leaf of a nested dictionary; told apart from a tuple that is itself a key."""

    __slots__ = ()


def merge_dicts(d1: Any, d2: Any) -> Any:
    """A new mapping of the class of `d1` with the items of `d2` over it, merged wherever both hold a mapping."""
    merged = d1.copy()
    for key, value in d2.items():
        if isinstance(value, MutableMapping):
            below = merged.get(key)
            if isinstance(below, MutableMapping):
                value = merge_dicts(below, value)
        merged[key] = value
    return merged


def as_nested_dict(obj: Any, dct_class: Callable[[Any], Any] = DotDict) -> Any:
    """`obj` with every mapping inside it, in lists, tuples and sets too, turned into a `dct_class`."""
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return type(obj)(*[as_nested_dict(item, dct_class) for item in obj])
    if isinstance(obj, list | tuple | set):
        return type(obj)([as_nested_dict(item, dct_class) for item in obj])
    if isinstance(obj, dict | DotDict):
        source: Mapping[Any, Any] = obj.__dict__ if isinstance(obj, DotDict) else obj
        return dct_class({key: as_nested_dict(value, dct_class) for key, value in source.items()})
    return obj


def dict_to_flatdict(dct: Mapping[Any, Any], parent: CompoundKey | None = None) -> dict[CompoundKey, Any]:
    """`{"a": {"b": 1}}` as `{CompoundKey(("a", "b")): 1}`; empty dictionaries leave no trace."""
    above = parent or ()
    flat: dict[CompoundKey, Any] = {}
    for key, value in dct.items():
        path = CompoundKey((*above, key))
        if isinstance(value, dict):
            flat.update(dict_to_flatdict(value, parent=path))
        else:
            flat[path] = value
    return flat


def flatdict_to_dict(dct: Mapping[CompoundKey, Any], dct_class: Callable[[], Any] | None = None) -> Any:
    """`{CompoundKey(("a", "b")): 1}` as `{"a": {"b": 1}}`, of `dct_class` where one is given."""
    make = dct_class or dict
    nested: Any = make()
    for path, value in dct.items():
        if not isinstance(path, CompoundKey):
            nested[path] = value
            continue
        level = nested
        for key in path[:-1]:
            if key not in level:
                level[key] = make()
            level = level[key]
        level[path[-1]] = value
    return nested


def flatten_seq(seq: Iterable[Any]) -> Generator[Any]:
    """The items of `seq` in order, with the items of every nested iterable in its place; text and bytes stay whole."""
    for item in seq:
        if isinstance(item, Iterable) and not isinstance(item, str | bytes):
            yield from flatten_seq(item)
        else:
            yield item
