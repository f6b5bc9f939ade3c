"""Values as structures, whichever thread is the first to ask."""

from __future__ import annotations

import os
import threading
from typing import Any, TypeVar, overload

import msgspec

Kind = TypeVar("Kind")

_lock = threading.Lock()
_known: set[Any] = set()


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


# A child that is forked while another thread holds the lock would wait for ever.
os.register_at_fork(after_in_child=_renew_lock)


@overload
def convert(value: Any, kind: type[Kind]) -> Kind: ...
@overload
def convert(value: Any, kind: Any) -> Any: ...
def convert(value: Any, kind: Any) -> Any:
    """A plain value as this kind; raises `msgspec.ValidationError`.

    msgspec finds out what a structure is made of when it is first used, and shows what it has found so far to every
    other thread: one that uses it then ends the process. So the first use of each kind is made alone.
    """
    if kind not in _known:
        with _lock:
            msgspec.json.Decoder(kind)
            _known.add(kind)
    return msgspec.convert(value, kind)
