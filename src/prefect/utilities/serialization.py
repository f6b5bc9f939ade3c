"""Names that stand for objects on the wire."""

import sys
from typing import Any


def to_qualified_name(obj: Any) -> str:
    """The module and name of a class or function: `prefect.core.flow.Flow`."""
    return f"{obj.__module__}.{obj.__qualname__}"


def from_qualified_name(obj_str: str) -> Any:
    """What `to_qualified_name` named, in the modules imported so far; ValueError where it is in none of them.

    Nothing is imported: a name that came over the wire must not run code.
    """
    parts = obj_str.split(".")
    for length in range(len(parts), 0, -1):
        found: Any = sys.modules.get(".".join(parts[:length]))
        if found is None:
            continue
        try:
            for name in parts[length:]:
                found = getattr(found, name)
        except AttributeError:
            continue
        return found
    raise ValueError(f"Couldn't load \"{obj_str}\"; maybe it hasn't been imported yet?")


# What described to marshmallow the things that travel; docs/compatibility.md says why it is left out.
_LEFT_OUT = frozenset({
    "Bytes", "DateTimeTZ", "FunctionReference", "JSONCompatible", "Nested", "ObjectSchema", "ObjectSchemaOptions",
    "OneOfSchema", "SortedList", "StatefulFunctionReference", "UUID",
})  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LEFT_OUT:
        raise ImportError(
            f"{name} of Prefect 1.x is left out on purpose: it described objects to marshmallow, which is not used "
            "here. Use the schemas in prefect.serialization, or write and read your objects yourself; "
            "docs/compatibility.md says more."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
