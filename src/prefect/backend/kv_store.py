"""Key-value pairs kept in the backend."""

from __future__ import annotations

from typing import Any

from prefect.client.client import Client
from prefect.exceptions import ObjectNotFoundError

# In 1.x the open server kept no pairs. Every backend here does; the name is left for programs that import it.
NON_CLOUD_BACKEND_ERROR_MESSAGE = "KV Store operations are only supported while using Prefect Cloud as a backend."

SET = "mutation($input: set_key_value_input!) { set_key_value(input: $input) { id } }"
VALUE = "query($key: String!) { key_value(where: {key: {_eq: $key}}) { value } }"
ID = "query($key: String!) { key_value(where: {key: {_eq: $key}}) { id } }"
KEYS = "query { key_value { key } }"
DELETE = "mutation($input: delete_key_value_input!) { delete_key_value(input: $input) { success } }"


def set_key_value(key: str, value: Any) -> str:
    """Keep a value that JSON can hold under a key; the id of the pair."""
    pair: dict[str, Any] = Client().graphql_fast(SET, {"input": {"key": key, "value": value}})["set_key_value"]
    return str(pair["id"])


def get_key_value(key: str) -> Any:
    """The value under a key; ValueError where there is none."""
    found = Client().graphql_fast(VALUE, {"key": key})["key_value"]
    if not found:
        raise _no_such(key)
    return found[0]["value"]


def delete_key(key: str) -> bool:
    """Delete a pair; ValueError where there is none."""
    client = Client()
    found = client.graphql_fast(ID, {"key": key})["key_value"]
    if not found:
        raise _no_such(key)
    deleted = client.graphql_fast(DELETE, {"input": {"key_value_id": found[0]["id"]}})["delete_key_value"]
    return bool(deleted["success"])


def list_keys() -> list[str]:
    """All keys, sorted."""
    return sorted(pair["key"] for pair in Client().graphql_fast(KEYS)["key_value"])


class _NoSuchKey(ObjectNotFoundError, ValueError):
    """There is no pair with this key; a ValueError too, as 1.x raised."""


def _no_such(key: str) -> _NoSuchKey:
    return _NoSuchKey(f"No value found for key: {key!r}")
