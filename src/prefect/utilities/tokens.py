"""A short text that is equal for equal values, in every process: what a cached state remembers of its inputs."""

from __future__ import annotations

import hashlib
from typing import Any

import cloudpickle

_PLAIN = (str, int, float, bool, bytes, complex, type(None))


def token(value: Any) -> str:
    """32 hexadecimal digits that are the same for equal values.

    Built-in collections are looked into, dictionaries and sets without regard to order; anything else is pickled, so
    two equal objects of a class whose pickles differ count as different, which costs a run but never a wrong value.
    """
    return hashlib.blake2b(_canonical(value), digest_size=16).hexdigest()


def _canonical(value: Any) -> bytes:
    kind = type(value)
    if kind in _PLAIN:
        return f"{kind.__name__}:{value!r}".encode("utf-8", "surrogatepass")
    if kind in (list, tuple):
        return kind.__name__.encode() + _joined(_canonical(item) for item in value)
    if kind in (set, frozenset):
        return kind.__name__.encode() + _joined(sorted(_canonical(item) for item in value))
    if kind is dict:
        return b"dict" + _joined(sorted(_canonical(key) + b"=" + _canonical(item) for key, item in value.items()))
    pickled: bytes = cloudpickle.dumps(value)
    return f"{kind.__module__}.{kind.__qualname__}:".encode() + pickled


def _joined(parts: Any) -> bytes:
    # Each part is preceded by its length, so that no two different collections look the same when joined.
    return b"(" + b"".join(str(len(part)).encode() + b":" + part for part in parts) + b")"
