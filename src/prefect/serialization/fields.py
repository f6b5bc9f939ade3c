"""Single values on the wire: plain JSON, times, lengths of time, and references to functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ValidationError
from prefect.utilities.datetimes import ensure_utc

if TYPE_CHECKING:
    from pendulum import DateTime

__all__ = [
    "function_to_reference",
    "json_value",
    "public_functions",
    "reference_to_function",
    "text_or_none",
    "time_from_wire",
    "time_to_wire",
]


def json_value(value: Any, owner: str) -> Any:
    """A copy of `value` made of JSON values only: tuples become lists, keys text, NaN and infinities null.

    What has no place in JSON is a ValidationError that names the `owner`, as in "the context of <Failed>".
    """
    try:
        return _json_value(value, owner)
    except RecursionError:
        raise ValidationError(f"The {owner} cannot be written as JSON: it contains itself.") from None


_SCALARS = frozenset({str, int, bool, type(None)})


def _json_value(value: Any, owner: str) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_json_key(key, owner): _json_value(item, owner) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(item, owner) for item in value]
    # Subclasses, enumerations among them, as the json module writes them.
    for plain in (str, int, float):
        if isinstance(value, plain):
            return _json_value(plain.__str__(value) if plain is str else plain(value), owner)
    raise ValidationError(
        f"The {owner} must be JSON compatible, and {value!r} of type {kind.__name__} is not: "
        "use text, numbers, true, false, null, lists and dicts."
    )


def _json_key(key: Any, owner: str) -> str:
    if isinstance(key, str):
        return str(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int | float):
        return str(key)
    raise ValidationError(f"The {owner} must be JSON compatible, and the key {key!r} is not text.")


def text_or_none(data: Mapping[str, Any], name: str, owner: str) -> str | None:
    """A field that is text or null, or absent."""
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise ValidationError(f"The {name} of a {owner} must be text or null, not {value!r}.")
    return value


def time_to_wire(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 with an offset; a naive one is UTC."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()


def time_from_wire(data: Mapping[str, Any], name: str, owner: str) -> DateTime | None:
    """The moment in a field, null or absent being None; a naive one is UTC."""
    value = data.get(name)
    if value is None:
        return None
    # A date alone is no moment, though Python would read it as one.
    if isinstance(value, str) and len(value) > 10:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return ensure_utc(moment)
    raise ValidationError(f"The {name} of a {owner} must be a time as 2022-01-02T03:04:05+00:00, not {value!r}.")


# --- references to functions -----------------------------------------------------------------------------------------
#
# A trigger, a cache validator, a filter or an adjustment travels as its qualified name and, where a factory made it,
# the arguments of the factory. The factory keeps them all in the closure of the function that it returns.


def function_to_reference(
    function: Callable[..., Any], known: Mapping[str, Callable[..., Any]], owner: str
) -> dict[str, Any]:
    """`{"fn": qualified name, "kwargs": the arguments of the factory that made it}`.

    A function that is not one of the known ones is named, so that people can see it; nobody can load it again.
    """
    name = getattr(function, "__qualname__", None)
    if name is None:
        kind = type(function)
        return {"fn": f"{kind.__module__}.{kind.__qualname__}", "kwargs": {}}
    module = function.__module__
    factory_name = f"{module}.{name.partition('.<locals>.')[0]}"
    factory = known.get(factory_name)
    if factory is None or factory is function:
        return {"fn": f"{module}.{name}", "kwargs": {}}
    if factory_name == f"{module}.{name}":
        # An alias or a reloaded module: the name is what counts.
        return {"fn": factory_name, "kwargs": {}}
    kept = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    kwargs = {}
    for parameter in factory.__code__.co_varnames[: factory.__code__.co_argcount]:
        if parameter not in kept:
            raise ValidationError(f"The {owner} cannot be written: {factory_name} does not keep its {parameter!r}.")
        kwargs[parameter] = argument_to_wire(kept[parameter].cell_contents, owner)
    return {"fn": factory_name, "kwargs": kwargs}


def reference_to_function(reference: Any, known: Mapping[str, Callable[..., Any]]) -> Callable[..., Any] | None:
    """The function that a reference means, None where it is none of the known ones."""
    if not isinstance(reference, Mapping):
        raise ValidationError(f'A function must be given as {{"fn": name, "kwargs": {{...}}}}, not as {reference!r}.')
    function = known.get(str(reference.get("fn")))
    if function is None:
        return None
    kwargs = reference.get("kwargs") or {}
    if not kwargs:
        return function
    made: Callable[..., Any] = function(**{name: argument_from_wire(value) for name, value in kwargs.items()})
    return made


def public_functions(*modules: ModuleType) -> dict[str, Callable[..., Any]]:
    """The functions that modules define, by qualified name; an alias counts."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def argument_to_wire(value: Any, owner: str) -> Any:
    """An argument of a factory: JSON, or a time marked as such."""
    if isinstance(value, datetime):
        return f"//datetime:{value.isoformat()}"
    if isinstance(value, time):
        return f"//time:{value.isoformat()}"
    if isinstance(value, timedelta):
        return f"//timedelta:{value.total_seconds()}"
    return json_value(value, owner)


def argument_from_wire(value: Any) -> Any:
    """The argument that `argument_to_wire` wrote."""
    if not isinstance(value, str):
        return value
    try:
        if value.startswith("//datetime:"):
            return datetime.fromisoformat(value.removeprefix("//datetime:"))
        if value.startswith("//time:"):
            return time.fromisoformat(value.removeprefix("//time:"))
        if value.startswith("//timedelta:"):
            return timedelta(seconds=float(value.removeprefix("//timedelta:")))
    except ValueError as error:
        raise ValidationError(f"The argument {value!r} of a function cannot be read: {error}.") from error
    return value
