"""Secrets: kept encrypted, given to who asks for one by its name, shown in no list."""

from __future__ import annotations

from typing import Any

import msgspec

from prefect.server.errors import NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, Input, SuccessPayload
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import JSON, clean_text, encode_json
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement


class SetSecretPayload(SuccessPayload):
    graphql = "set_secret_payload"


class DeleteSecretPayload(SuccessPayload):
    graphql = "delete_secret_payload"


class SetSecretInput(Input):
    name: str
    value: JSON


class DeleteSecretInput(Input):
    name: str


def set_secret(transaction: Transaction, input: SetSecretInput, caller: Caller) -> SetSecretPayload:
    """Keep a secret; the one that was there under the same name is gone."""
    tenant_id, name = tenant_of(transaction, caller), clean_text(input.name)
    first = transaction.fetch_one(statement("any_sealed")) is None
    sealed = caller.vault.seal(encode_json(input.value, "value"), _owner(tenant_id, name), first=first)
    row = transaction.fetch_one(statement("secret_by_name"), (tenant_id, name))
    if row is not None:
        transaction.execute(statement("set_secret"), (row[0], sealed, now()))
    else:
        transaction.execute(statement("insert_secret"), (new_id(), tenant_id, now(), name, sealed))
    return SetSecretPayload()


def delete_secret(transaction: Transaction, input: DeleteSecretInput, caller: Caller) -> DeleteSecretPayload:
    """Forget a secret."""
    tenant_id, name = tenant_of(transaction, caller), clean_text(input.name)
    if transaction.execute(statement("delete_secret"), (tenant_id, name)).rowcount == 0:
        raise _no_secret(name)
    return DeleteSecretPayload()


def secret_value(snapshot: Snapshot, caller: Caller, name: str) -> Any:
    """The value of a secret."""
    tenant_id, name = tenant_of(snapshot, caller), clean_text(name)
    row = snapshot.fetch_one(statement("secret_by_name"), (tenant_id, name))
    if row is None:
        raise _no_secret(name)
    return msgspec.Raw(caller.vault.open(row[1], _owner(tenant_id, name)).encode())


def secret_names(snapshot: Snapshot, caller: Caller) -> list[str]:
    """Which secrets there are."""
    return [name for (name,) in snapshot.fetch_all(statement("secret_names"), (tenant_of(snapshot, caller),))]


def _owner(tenant_id: str, name: str) -> str:
    """What a sealed value is bound to: moved to another row, it cannot be opened."""
    return f"{tenant_id}/{name}"


def _no_secret(name: str) -> NotFound:
    # The client of 1.x looks for the first words.
    return NotFound(f"No value found for the requested key: there is no secret {name!r}.", name=name)
