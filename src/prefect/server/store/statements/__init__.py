"""Every fixed statement, by name. A file holds those of one subject; each begins with a line that says what it is for.

    -- task_run_facts: what the rules must know of a task run.
    SELECT ...;

Parameters are numbered (`?1`), so that one value can be used twice. The files are written for SQLite; `postgresql()`
says the same to PostgreSQL. Where it takes other words, they stand in a comment: `/*words*/`, in place of the parameter
behind it if there is one.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import NamedTuple

_HEAD = re.compile(r"^-- ([a-z_]+): (.+)$", re.MULTILINE)


def _read() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        heads = list(_HEAD.finditer(text))
        for head, following in zip(heads, [*heads[1:], None], strict=True):
            name = head.group(1)
            if name in found:
                raise ValueError(f"The statement {name} in {path.name} exists twice.")
            body = text[head.end() : following.start() if following else len(text)]
            found[name] = " ".join(line.strip() for line in body.strip().rstrip(";").splitlines())
    return found


_WRITTEN = _read()
_OTHER_WORDS = re.compile(r"/\*(.+?)\*/(?: \?\d+)?")

STATEMENTS = {name: re.sub(r"/\*.+?\*/ ?", "", text).strip() for name, text in _WRITTEN.items()}

_DIFFERENT = (
    (
        re.compile(r"IN \(SELECT value FROM json_each\((\?\d+)\)\)"),
        r"= ANY (ARRAY(SELECT jsonb_array_elements_text(\1)))",
    ),
    (re.compile(r"json_each\((\w+\.\w+)\) AS (\w+)"), r"jsonb_array_elements_text(\1) AS \2 (value)"),
    (re.compile(r"\bCROSS JOIN\b"), "JOIN"),
    (re.compile(r"\bIS (\?\d+)"), r"IS NOT DISTINCT FROM \1"),
    (re.compile(r"\browid\b"), "ctid"),
)
_NUMBERED = re.compile(r"\?(\d+)")


class Translated(NamedTuple):
    """A statement for PostgreSQL; `picked` are the places of its parameters among those of the original, if not all."""

    sql: str
    picked: tuple[int, ...] | None


def postgresql(sql: str) -> Translated:
    """A statement written for SQLite as PostgreSQL understands it."""
    sql = _OTHER_WORDS.sub(r"\1", _COMMENTED.get(sql, sql))
    for pattern, replacement in _DIFFERENT:
        sql = pattern.sub(replacement, sql)
    if not _NUMBERED.search(sql):
        count = itertools.count(1)
        return Translated(re.sub(r"\?", lambda mark: f"${next(count)}", sql), None)
    # PostgreSQL wants to know the type of every parameter, and cannot of one that is used nowhere.
    used = sorted({int(number) for number in _NUMBERED.findall(sql)})
    places = {number: place for place, number in enumerate(used, 1)}
    sql = _NUMBERED.sub(lambda mark: f"${places[int(mark.group(1))]}", sql)
    return Translated(sql, None if used[-1] == len(used) else tuple(number - 1 for number in used))


# The text that operations hold has lost its comments: back to the one that has them.
_COMMENTED = {STATEMENTS[name]: text for name, text in _WRITTEN.items() if STATEMENTS[name] != text}


def statement(name: str) -> str:
    """The text of this statement."""
    return STATEMENTS[name]
