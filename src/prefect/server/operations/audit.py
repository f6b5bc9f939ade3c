"""Who changed what, when and from where: a row for each mutation that came over HTTP, in the same transaction.

What the row keeps of the input is what cannot be secret: ids, names, numbers, labels. Of everything else it says only
that it was given.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum
from typing import Any, Final, NamedTuple

import msgspec

from prefect.server.catalog import Role
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now, stamp
from prefect.server.operations.base import Caller, Input, Operation
from prefect.server.operations.scope import ids, marks
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import canonical_id, clean_optional, clean_text, encode_json
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

DONE: Final = "success"
# Who needs no key: programs of the machine that the server listens to alone.
LOCAL: Final = "local"

_NOT_KEPT: Final = "(not kept)"
# Texts that may hold a secret or a whole flow, beside all that is declared to be JSON.
_UNKEPT: Final = frozenset({"value", "serialized_flow", "idempotency_key", "secret"})
_LONGEST_TEXT: Final = 200
_MOST_ITEMS: Final = 50
# Somebody may have put a key where a name belongs.
_KEY: Final = re.compile(r"q[ks]_[0-9a-f]{8,}_[A-Za-z0-9_-]+")
# Rows forgotten in one transaction: few enough not to keep other writers waiting.


class Sender(NamedTuple):
    """Who sent a request over HTTP, and from where."""

    role: Role
    agent_id: str | None
    address: str | None
    user_agent: str | None
    core_version: str | None

    @property
    def name(self) -> str:
        """What rows that this sender wrote say of who it was."""
        return author(self.role, self.agent_id)


def author(role: Role, agent_id: str | None) -> str:
    """Who that is, in a word or two; an agent before the key that it came with."""
    if agent_id is not None:
        return f"agent {short(agent_id)}"
    return LOCAL if role.key_id is None else f"key {role.key_name} ({role.key_id})"


def short(text: str) -> str:
    """Somebody's text as a row keeps it: not endless, and no key of ours."""
    text = clean_text(_KEY.sub("(key)", text))
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "..."


def owner(transaction: Transaction, given: Input, caller: Caller) -> str | None:
    """Whose rows a mutation is about: found before it, since it may delete them; None where there is no tenant yet."""
    if caller.tenant_id is not None:
        return caller.tenant_id
    for field, table in ids(type(given)):
        if getattr(given, field) is None:
            continue
        try:
            row_id = canonical_id(getattr(given, field), field)
        except BadInput:  # which the mutation itself will say
            continue
        if table == "tenant":
            return row_id
        row = transaction.fetch_one(statement(f"owner_of_{table}"), (row_id,))
        if row is not None and row[0] is not None:
            found: str = row[0]
            return found
    try:
        return tenant_of(transaction, caller)
    except NotFound:
        return None


def record(
    transaction: Transaction,
    sender: Sender,
    operation: Operation | str,
    tenant_id: str | None,
    given: Input | None = None,
    outcome: str = DONE,
) -> None:
    """Write down what was done, or refused: a mutation with its input, or what only has a name."""
    role = sender.role
    name, named, kept = operation, {}, {}
    if isinstance(operation, Operation):
        name = operation.name
        if given is not None:
            named, kept = named_in(operation, given), kept_of(operation, given)
    transaction.execute(
        statement("insert_audit"),
        (
            new_id(),
            tenant_id,
            now(),
            sender.name,
            role.key_id,
            role.key_name,
            role.level.word,
            None if sender.agent_id is None else short(sender.agent_id),
            name,
            encode_json(named, "ids"),
            encode_json(kept, "input"),
            outcome,
            clean_optional(sender.address),
            None if sender.user_agent is None else short(sender.user_agent),
            None if sender.core_version is None else short(sender.core_version),
        ),
    )


def named_in(operation: Operation, given: Input) -> dict[str, Any]:
    """The ids that an input names."""
    found = {field: getattr(given, field) for field, _ in ids(operation.input_type)}
    return {field: short(str(value)) for field, value in found.items() if value is not None}


def kept_of(operation: Operation, given: Input) -> dict[str, Any]:
    """What of an input may be written down."""
    named = {field for field, _ in ids(operation.input_type)}
    return {
        field.name: _kept(field, getattr(given, field.name))
        for field in msgspec.structs.fields(operation.input_type)
        if field.name not in named and getattr(given, field.name) is not None
    }


def _kept(field: msgspec.structs.FieldInfo, value: Any) -> Any:
    if field.name in _UNKEPT or any(mark.get("graphql") == "JSON" for mark in marks(field.type)):
        return _NOT_KEPT
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return short(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, list) and len(value) <= _MOST_ITEMS and all(isinstance(item, str | Enum) for item in value):
        return [_plain(item) for item in value]
    return _NOT_KEPT
