"""What a request names belongs to the tenant of who sent it.

Checked before an operation begins, for every id in its input, by the table that the id is of; the operations themselves
need not think of it. Only the three that take many runs at once, and do what they can, look themselves: they read the
tenant of each run anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin

import msgspec

from prefect.server.catalog import CATALOG
from prefect.server.errors import NotFound
from prefect.server.operations.base import Caller, Input
from prefect.server.operations.values import canonical_id
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement


def check_input(transaction: Transaction, given: Input, caller: Caller) -> None:
    """Refuse an input that names what is not the caller's tenant's, as if it were not there."""
    if caller.tenant_id is not None:
        _check(transaction, caller.tenant_id, ((name, table, getattr(given, name)) for name, table in ids(type(given))))


def check_arguments(snapshot: Snapshot, arguments: Mapping[str, Any], caller: Caller) -> None:
    """The same for the arguments of a question."""
    if caller.tenant_id is not None:
        found = ((name, named_table(name), value) for name, value in arguments.items())
        _check(snapshot, caller.tenant_id, ((name, table, value) for name, table, value in found if table))


def _check(reader: Transaction | Snapshot, tenant_id: str, found: Iterable[tuple[str, str, str | None]]) -> None:
    for name, table, value in found:
        if value is None:
            continue
        row_id = canonical_id(value, name)
        if table == "tenant":
            owner: str | None = row_id
        else:
            row = reader.fetch_one(statement(f"owner_of_{table}"), (row_id,))
            owner = None if row is None else row[0]
        if owner != tenant_id:
            raise NotFound(f"There is no {table.replace('_', ' ')} {row_id}.", id=row_id)


@lru_cache(maxsize=256)
def ids(kind: type[Input]) -> tuple[tuple[str, str], ...]:
    """The fields of an input that name a row, each with its table."""
    found = []
    for field in msgspec.structs.fields(kind):
        for extra in marks(field.type):
            table = extra.get("table", named_table(field.name))
            if extra.get("graphql") == "UUID" and table is not None:
                found.append((field.name, table))
    return tuple(found)


def named_table(name: str) -> str | None:
    """The table whose rows' ids are called so."""
    table = name.removesuffix("_id")
    return table if table != name and table in CATALOG.tables else None


def marks(kind: Any) -> Iterable[dict[str, Any]]:
    """What annotations say of a type, and of the types in it."""
    if get_origin(kind) is Annotated:
        for mark in get_args(kind)[1:]:
            if getattr(mark, "extra", None):
                yield mark.extra
    for inner in get_args(kind):
        yield from marks(inner)
