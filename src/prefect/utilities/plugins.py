"""Names under which programs make functions and classes of theirs known: `prefect.api`, `.models`, `.plugins`."""

from collections.abc import Callable
from typing import Any, TypeVar

from prefect.utilities.collections import DotDict

API = DotDict()
MODELS = DotDict()
PLUGINS = DotDict()

REGISTRY = DotDict(api=API, models=MODELS, plugins=PLUGINS)

Registered = TypeVar("Registered", bound=Callable[..., Any])


def register_api(name: str) -> Callable[[Registered], Registered]:
    """A decorator that makes a function known as `prefect.api.<name>`; the name may be dotted."""
    return _register(API, name)


def register_model(name: str) -> Callable[[Registered], Registered]:
    """A decorator that makes a class known as `prefect.models.<name>`; the name may be dotted."""
    return _register(MODELS, name)


def register_plugin(name: str) -> Callable[[Registered], Registered]:
    """A decorator that makes anything callable known as `prefect.plugins.<name>`; the name may be dotted."""
    return _register(PLUGINS, name)


def _register(registry: DotDict, name: str) -> Callable[[Registered], Registered]:
    def register(registered: Registered) -> Registered:
        *above, last = name.split(".")
        section = registry
        for part in above:
            if not isinstance(section.get(part), DotDict):
                section[part] = DotDict()
            section = section[part]
        section[last] = registered
        return registered

    return register
