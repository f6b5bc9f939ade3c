"""Regular expressions that nobody can hold the server up with.

They run in RE2, which takes time proportional to the text whatever the pattern. In exchange it has no back references
and no look-around: a pattern with those is refused, on every database, before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Search = Callable[[str], Any]

# Signs that repeat, leave out or choose. PostgreSQL reads a pattern in time that grows with their cube: 400 of them
# take a second, 1,000 more than half a minute, whatever the text.
MOST_SIGNS = 100
_SIGN = re.compile(r"\\.|([*?+|])|\)\{(?:\d{1,4},)?(\d{1,4})\}", re.DOTALL)

# What a compiled pattern may take; `(a{1000}){1000}` would need a billion steps.
_BYTES = 4 * 2**20


@lru_cache(maxsize=256)
def search(pattern: str, *, fold: bool) -> Search:
    """Whether a text holds the pattern, as a function; with `fold`, in upper or lower case. Raises ValueError.

    As in PostgreSQL, a dot stands for a line break too, `^` and `$` for the ends of the text.
    """
    import re2

    if _signs(pattern) > MOST_SIGNS:
        raise ValueError(f"is no regular expression for us: more than {MOST_SIGNS} signs of it repeat or choose")
    options = re2.Options()
    options.dot_nl = True
    options.case_sensitive = not fold
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _BYTES
    try:
        found: Search = re2.compile(pattern, options).search
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else "RE2 cannot read it"
        raise ValueError(f"is no regular expression: {reason}") from None
    return found


def _signs(pattern: str) -> int:
    """How often a pattern repeats, leaves out or chooses, with what stands in groups as often as the groups do."""
    signs, times = 0, 1
    for sign, often in _SIGN.findall(pattern):
        signs += bool(sign)
        times *= max(int(often or 1), 1)
    return signs * times


@lru_cache(maxsize=256)
def similar(pattern: str) -> str:
    """The regular expression for a pattern of SQL's SIMILAR TO, which has to match a text from end to end."""
    found, position, in_class = [r"\A(?:"], 0, False
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "\\":
            if position == len(pattern):
                raise ValueError("is a pattern that ends with its escape character")
            character = pattern[position]
            position += 1
            # A letter may be a class, such as \d; anything else stands for itself.
            found.append(f"\\{character}" if character.isascii() and character != "\n" else character)
        elif in_class:
            found.append(character)
            if character == "]":
                in_class = False
            elif character == "[":
                # A class of characters by name, such as [:alpha:].
                end = pattern.find(":]", position) if pattern.startswith(":", position) else -1
                if end >= 0:
                    found.append(pattern[position : end + 2])
                    position = end + 2
                else:
                    found[-1] = r"\["
        elif character == "[":
            in_class = True
            found.append(character)
            # A bracket that comes first is one of the characters.
            for first in ("^", "]"):
                if pattern.startswith(first, position):
                    found.append(first if first == "^" else r"\]")
                    position += 1
        elif character == "(":
            found.append("(?:")
        else:
            found.append({"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}.get(character, character))
    found.append(r")\z")
    return "".join(found)
