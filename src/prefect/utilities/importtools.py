"""Finding objects by their dotted names."""

import importlib
from types import ModuleType
from typing import Any


def import_object(name: str) -> Any:
    """The module, or the attribute of a module, that `name` spells: `import_object("os.path.join")`."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A module that is there but misses one of its own imports must say so itself.
        if not _is_part_of(error.name, name):
            raise
    module_name, _, attribute = name.rpartition(".")
    if not module_name:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module: ModuleType = importlib.import_module(module_name)
    return getattr(module, attribute)


def import_optional(name: str, extra: str, purpose: str) -> Any:
    """A module that comes with an extra; ImportError, saying what needs it and what to install, where it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs the module {name}, which cannot be imported here ({error}). "
            f"Run `pip install 'quaestor[{extra}]'`."
        ) from error


def _is_part_of(missing: str | None, name: str) -> bool:
    return missing is not None and (name == missing or name.startswith(missing + "."))
