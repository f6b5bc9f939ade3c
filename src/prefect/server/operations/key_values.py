"""A value under a key, for whatever a team wants its runs to remember."""

from __future__ import annotations

from prefect.server.errors import NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import JSON, UUID, canonical_id, clean_text, encode_json
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement


class SetKeyValuePayload(IdPayload):
    graphql = "set_key_value_payload"
    row = "key_value"


class DeleteKeyValuePayload(SuccessPayload):
    graphql = "delete_key_value_payload"


class SetKeyValueInput(Input):
    key: str
    value: JSON


class DeleteKeyValueInput(Input):
    key_value_id: UUID


def set_key_value(transaction: Transaction, input: SetKeyValueInput, caller: Caller) -> SetKeyValuePayload:
    """Keep a value; the one that was there under the same key is gone."""
    tenant_id, key = tenant_of(transaction, caller), clean_text(input.key)
    value = encode_json(input.value, "value")
    row = transaction.fetch_one(statement("key_value_by_key"), (tenant_id, key))
    if row is not None:
        transaction.execute(statement("set_key_value"), (row[0], value, now()))
        return SetKeyValuePayload(row[0])
    key_value_id = new_id()
    transaction.execute(statement("insert_key_value"), (key_value_id, tenant_id, now(), key, value))
    return SetKeyValuePayload(key_value_id)


def delete_key_value(transaction: Transaction, input: DeleteKeyValueInput, caller: Caller) -> DeleteKeyValuePayload:
    """Forget a key and its value."""
    key_value_id = canonical_id(input.key_value_id, "key_value_id")
    if transaction.execute(statement("delete_key_value"), (key_value_id,)).rowcount == 0:
        raise NotFound(f"There is no key value {key_value_id}.", id=key_value_id)
    return DeleteKeyValuePayload()
