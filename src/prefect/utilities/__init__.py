"""Tools that have never heard of a flow; each submodule is loaded when it is first asked for."""

import importlib
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    # `prefect.utilities.logging` worked without an import of its own in 1.x.
    full_name = f"{__name__}.{name}"
    try:
        return importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise  # the submodule is there, and misses something of its own
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
