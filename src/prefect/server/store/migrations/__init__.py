"""The way of an older file to the current schema.

A fresh file never comes here: it starts from schema.sqlite.sql, whose version is `USER_VERSION` in store/sqlite.py.
When that number is raised, a file named `versions/NNNN_what.py` beside this one brings files of the version before up
to it (Alembic runs them and is imported only then), and a test compares its outcome with the schema file.
"""

from __future__ import annotations

from typing import Any

from prefect.server.errors import StoreError


def upgrade(connection: Any, version: int, target: int) -> None:
    """Bring a database of an older version up to the target; the caller holds the lock of who makes tables."""
    raise StoreError(
        f"The database has schema version {version} and no way from it to {target} is known. "
        "It was made by an unfinished version of this package: start with a new one."
    )
