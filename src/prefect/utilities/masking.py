"""Secrets that this process knows, and texts without them.

Whatever hands out a secret remembers it here (`prefect.client.secrets.Secret`, secret tasks); what is logged, what is
said in a state and what is recorded of a run goes through `mask`. As long as no secret is known that costs nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any

MASK = "********"
# What is shorter would be found in every other word.
SHORTEST = 4
# A number, or a line of a longer text, is only a secret if nobody meets it by chance.
SHORTEST_PART = 6
# Fewer characters of base64 are found by chance.
SHORTEST_ENCODED = 8


class _Known:
    """The secrets as they came, and every text that gives one away, the longest first."""

    __slots__ = ("lock", "needles", "values")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: tuple[str, ...] = ()
        self.needles: tuple[str, ...] = ()


_known = _Known()


def _renew_lock() -> None:
    _known.lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def remember(value: Any) -> None:
    """Mask this value from now on: a text, or the texts in a structure; texts of fewer than four letters are not."""
    found = [text for text in _texts(value) if text not in _known.values]
    if not found:
        return
    with _known.lock:
        _known.values = (*_known.values, *dict.fromkeys(found))
        needles = {needle for text in _known.values for needle in _disguises(text)}
        # A longer one may hold a shorter one, whose mask would hide it from being found.
        _known.needles = tuple(sorted(needles, key=len, reverse=True))


def known() -> tuple[str, ...]:
    """The secrets, for another process of the same run to remember."""
    return _known.values


def forget() -> None:
    """Know no secret."""
    with _known.lock:
        _known.values = _known.needles = ()


def knows_any() -> bool:
    """Whether there is anything to mask."""
    return bool(_known.needles)


def mask(text: str) -> str:
    """The text with every secret replaced."""
    for needle in _known.needles:
        if needle in text:
            text = text.replace(needle, MASK)
    return text


def mask_json(value: Any) -> Any:
    """The same for all texts in a JSON value, keys included."""
    if not _known.needles:
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(key) if isinstance(key, str) else key: mask_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mask_json(inner) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and mask(str(value)) != str(value):
        return MASK
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, bytes | bytearray):
        value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, str):
        if len(value.strip()) >= SHORTEST:
            yield value
            if value.strip() != value:
                yield value.strip()
        # Of a key in many lines, each may be shown alone.
        lines = value.splitlines()
        if len(lines) > 1:
            yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST_PART)
        yield from _spelled(value)
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for inner in value for text in _texts(inner))
    elif isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) >= SHORTEST_PART:
        yield str(value)


def _spelled(text: str) -> Iterator[str]:
    """The texts in a value that is JSON written out, as secrets often are kept."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except ValueError:
            return
        yield from _texts(value)


def _disguises(text: str) -> Iterator[str]:
    """A secret as it is, and as others write it: in Python, in JSON, in an address, in base64."""
    # Loaded by who knows a secret.
    import base64
    from urllib.parse import quote, quote_plus

    yield text
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    data = text.encode("utf-8", "surrogatepass")
    yield quote(data, safe="")
    yield quote(data)
    yield quote_plus(data)
    # What stands before it, as in `user:password`, shifts the letters of base64; the ends depend on its neighbours.
    for shift, skipped in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * shift + data).decode()
        over = (shift + len(data)) % 3
        core = encoded[skipped : len(encoded) - (4 - over if over else 0)]
        if len(core) >= SHORTEST_ENCODED:
            yield core
            yield core.replace("+", "-").replace("/", "_")
