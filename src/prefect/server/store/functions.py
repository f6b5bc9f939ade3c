"""The SQL functions that compiled queries use and SQLite does not have."""

from __future__ import annotations

import sqlite3


def install(connection: sqlite3.Connection) -> None:
    """Give a connection our functions."""
