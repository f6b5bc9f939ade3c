"""What a running task or flow can look up: `prefect.context`, one mapping per thread.

`context` behaves like a dictionary whose keys are also attributes. `with context(a=1):` adds keys for the length of
the block and restores everything on exit, assignments made inside the block included.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from prefect.configuration import config
from prefect.utilities.collections import DotDict, merge_dicts

_clear = dict.clear
_update = dict.update


class Context(DotDict, threading.local):
    """A thread-local mapping, filled in each thread from the `context` section of the configuration.

    Its items live in the instance dictionary, which `threading.local` keeps apart for each thread, so entering and
    leaving a block is a copy of one small dictionary.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "context" in config:
            self.update(config.context.to_dict())
        _update(self.__dict__, {"config": config})

    def __getstate__(self) -> None:
        """Refuse to be pickled: a context belongs to one thread of one process."""
        raise TypeError(
            "Pickling context objects is explicitly not supported. You should always access context as an attribute "
            "of the `prefect` module, as in `prefect.context`"
        )

    def __repr__(self) -> str:
        return "<Context>"

    @contextmanager
    def __call__(self, *args: MutableMapping[str, Any] | None, **kwargs: Any) -> Iterator[Context]:
        """Add keys for the length of a block; `config` is merged deeply, other values replace what was there."""
        items = self.__dict__
        previous = items.copy()
        try:
            new = dict(*args, **kwargs) if args != (None,) else dict(**kwargs)
            if "config" in new:
                new["config"] = merge_dicts(items.get("config", {}), new["config"])
            self.update(new)
            yield self
        finally:
            restore(previous)


context = Context()


def snapshot() -> dict[str, Any]:
    """The current thread's context as a plain dictionary that a later `restore` can bring back."""
    return context.__dict__.copy()


def extend(values: Mapping[str, Any]) -> None:
    """Add trusted keys without the checks of item assignment; the engine uses it for each task run."""
    context.__dict__.update(values)


def restore(previous: dict[str, Any]) -> None:
    """Put back what `snapshot` returned, dropping everything added since."""
    items = context.__dict__
    items.clear()
    items.update(previous)
