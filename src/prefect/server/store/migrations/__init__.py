"""The way of an older database to the current schema.

A fresh database never comes here: it starts from the schema file of its kind. When the number of the schema is raised,
files named `versions/NNNN_topic.sqlite.sql` and `.postgres.sql` beside this one bring a database of the version before
up to version NNNN. All files of a version run in one transaction, in the order of their names. A test brings the
schema of every released version up and compares the outcome with the schema file.

Plain SQL, because whoever opens an embedded file may have to upgrade it: a library for this would be installed and
imported by everybody (docs/decisions/0029).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from prefect.server.errors import StoreError

Dialect = Literal["sqlite", "postgres"]

VERSIONS: Final = Path(__file__).parent / "versions"

_NAME: Final = re.compile(r"(\d{4})_[a-z_]+\.(sqlite|postgres)\.sql")
# What comes before was never released.
OLDEST: Final = 3


def scripts(dialect: Dialect, version: int, target: int) -> list[str]:
    """The SQL scripts that lead from a version to a later one, in order.

    Raises:
        StoreError: the version is so old that no way from it is known.
    """
    if version < OLDEST:
        raise StoreError(
            f"The database has schema version {version} and no way from it to {target} is known. "
            "It was made by an unfinished version of this package: start with a new one."
        )
    by_version: dict[int, list[str]] = {number: [] for number in range(version + 1, target + 1)}
    for path in sorted(VERSIONS.iterdir()):
        found = _NAME.fullmatch(path.name)
        if found is not None and found[2] == dialect and int(found[1]) in by_version:
            by_version[int(found[1])].append(path.read_text(encoding="utf-8"))
    for number, texts in by_version.items():
        if not texts:
            raise StoreError(f"The way of a database to schema version {number} is not known to this package.")
    return [text for texts in by_version.values() for text in texts]


def statements(script: str) -> Iterator[str]:
    """The statements of a script for SQLite, one at a time: `executescript` would end the transaction around them."""
    statement = ""
    for line in script.splitlines():
        if not statement and (not line.strip() or line.lstrip().startswith("--")):
            continue
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise StoreError(f"A step to the new schema does not end: {statement.strip()[:80]!r}.")
