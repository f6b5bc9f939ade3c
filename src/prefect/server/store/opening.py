"""A store by what names it: the path of a file, or the URL of a PostgreSQL database."""

from __future__ import annotations

import os
from typing import TypeAlias

from prefect.server.errors import DriverMissing, StoreError
from prefect.server.store.database import Store as SQLiteStore
from prefect.server.store.interface import Store

Place: TypeAlias = "str | os.PathLike[str]"

_SCHEMES = ("postgresql://", "postgres://")


def is_url(place: Place) -> bool:
    """Whether this names a PostgreSQL database and no file."""
    return isinstance(place, str) and place.startswith(_SCHEMES)


def canonical(place: Place) -> str:
    """The one name of all that name the same file; a URL as it is."""
    return str(place) if is_url(place) else os.path.realpath(os.path.expanduser(place))


def open_store(place: Place, *, synchronous: str = "NORMAL") -> Store:
    """The store at this path or URL; a file or an empty database is laid out.

    Args:
        place: a path, or postgresql://user:password@host:port/name.
        synchronous: of a file only: NORMAL survives the death of the process, FULL that of the machine too.

    Raises:
        StoreError: it cannot be used; the message says why and what to do.
    """
    if not is_url(place):
        if "://" in str(place):
            scheme = str(place).partition("://")[0]
            raise StoreError(f"A database is named by the path of a file or by postgresql://..., not by {scheme}://...")
        return SQLiteStore(place, synchronous=synchronous)
    try:
        from prefect.server.store.postgres_store import PostgresStore
    except ImportError as error:
        # Without libpq psycopg is there and cannot be imported: its words say what to install.
        raise DriverMissing(
            f"PostgreSQL needs more than is installed ({error}): pip install 'quaestor[postgres]'."
        ) from error
    return PostgresStore(str(place))
