"""API keys: shown once, known by their hash, ended at once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.errors import Unauthenticated
from prefect.server.identifiers import new_id, stamp
from prefect.server.operations.keys import role_of

if TYPE_CHECKING:
    from tests.server.conftest import Backend

AUTH = "{ auth_info { tenant_id user_id role_id permissions license } }"


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **more}


def code(reply: dict[str, Any]) -> str:
    found: str = reply["errors"][0]["extensions"]["code"]
    return found


def test_a_key_is_shown_once_and_kept_as_a_hash(backend: Backend) -> None:
    user = new_id()
    made = backend.do("create_api_key", "id key", name="ci", user_id=user, expires_at="2100-01-01T00:00:00Z")
    asked = "{ auth_api_key { id name user_id default_tenant_id tenant_id expires_at role } }"
    rows = backend.ask(asked)["auth_api_key"]
    assert rows == [
        {
            "id": made["id"],
            "name": "ci",
            "user_id": user,
            "default_tenant_id": backend.tenant,
            "tenant_id": backend.tenant,
            "expires_at": "2100-01-01T00:00:00+00:00",
            "role": "user",
        }
    ]
    with backend.store.snapshot() as snapshot:
        hashes = snapshot.fetch_all("SELECT id, hash FROM api_key_hash")
    assert hashes == [(made["id"], hashlib.sha256(made["key"].encode()).hexdigest())]
    # 256 random bits, in base64 without its padding.
    assert len(made["key"].rpartition("_")[2]) >= 43 or made["key"].count("_") > 2
    other = backend.do("create_api_key", "key", name="ci")["key"]
    assert other != made["key"]
    for asked in ("api_key_hash { hash }", "auth_api_key { hash }", "auth_api_key { key }"):
        assert "errors" in backend.reply(f"{{ {asked} }}")


def test_a_key_makes_of_its_bearer_a_member_of_its_tenant(backend: Backend) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    user = new_id()
    key = backend.do("create_api_key", "key", name="k", default_tenant_id=other, user_id=user)["key"]
    for headers in (bearer(key), {"authorization": f"bearer  {key} "}, bearer(key, **{"X-PREFECT-TENANT-ID": other})):
        info = backend.reply(AUTH, headers)["data"]["auth_info"]
        assert (info["tenant_id"], info["user_id"]) == (other, user)
        assert backend.reply("{ tenant { slug } }", headers)["data"] == {"tenant": [{"slug": "other"}]}
    # What it makes is its tenant's.
    document = "mutation($input: set_key_value_input!) { set_key_value(input: $input) { id } }"
    backend.reply(document, bearer(key), input={"key": "a", "value": 1})
    assert backend.ask("{ key_value { key tenant_id } }")["key_value"] == [{"key": "a", "tenant_id": other}]
    assert backend.ask(AUTH)["auth_info"]["tenant_id"] == backend.tenant


def test_a_key_of_somebody_else_s_service_means_nothing_here(backend: Backend) -> None:
    """Clients of 1.x send the key that they have to whatever server they are pointed at, and no key is needed here."""
    for headers in (bearer("my-key", **{"X-PREFECT-TENANT-ID": new_id()}), {"Authorization": "Basic eDp5"}):
        assert backend.reply("{ hello }", headers) == {"data": {"hello": "hi"}}


def test_a_key_that_is_not_right_opens_nothing(backend: Backend) -> None:
    made = backend.do("create_api_key", "id key", name="k")
    key: str = made["key"]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    for presented in (wrong, key[:-1], key + "x", "qk_", f"qk_{new_id().replace('-', '')}_{key[-43:]}"):
        reply = backend.reply("{ hello }", bearer(presented))
        assert code(reply) == "UNAUTHENTICATED"
        assert reply["data"] is None
        assert presented not in str(reply)
    foreign = backend.reply("{ hello }", bearer(key, **{"X-PREFECT-TENANT-ID": new_id()}))
    assert code(foreign) == "UNAUTHENTICATED"


def test_a_key_that_is_revoked_or_has_expired_opens_nothing_from_then_on(backend: Backend) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = backend.do("create_api_key", "id key", name="k", expires_at=stamp(soon))
    assert backend.reply("{ hello }", bearer(made["key"])) == {"data": {"hello": "hi"}}
    with backend.store.snapshot() as snapshot:
        assert role_of(snapshot, made["key"], None, soon - timedelta(seconds=1)) is not None
        with pytest.raises(Unauthenticated, match="expired"):
            role_of(snapshot, made["key"], None, soon)
    backend.do("delete_api_key", "success", key_id=made["id"])
    assert code(backend.reply("{ hello }", bearer(made["key"]))) == "UNAUTHENTICATED"
    assert backend.refused("delete_api_key", "success", key_id=made["id"])["extensions"]["code"] == "NOT_FOUND"


def test_bad_keys_are_not_made(backend: Backend) -> None:
    for values, expected in (
        ({"expires_at": "2001-01-01T00:00:00Z"}, "BAD_USER_INPUT"),
        ({"expires_at": "soon"}, "BAD_USER_INPUT"),
        ({"user_id": "me"}, "BAD_USER_INPUT"),
        ({"role": "owner"}, "BAD_USER_INPUT"),
        ({"role": "ADMIN"}, "BAD_USER_INPUT"),
        ({"default_tenant_id": new_id()}, "NOT_FOUND"),
    ):
        assert backend.refused("create_api_key", name="k", **values)["extensions"]["code"] == expected
    assert backend.ask("{ auth_api_key { id } }") == {"auth_api_key": []}


def test_a_key_of_one_tenant_makes_no_tenants_and_no_keys_of_others(backend: Backend) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    key = backend.do("create_api_key", "key", name="k", role="admin")["key"]
    document = "mutation($input: create_tenant_input!) { create_tenant(input: $input) { id } }"
    assert code(backend.reply(document, bearer(key), input={"name": "n", "slug": "s"})) == "FORBIDDEN"
    document = "mutation($input: create_api_key_input!) { create_api_key(input: $input) { id } }"
    reply = backend.reply(document, bearer(key), input={"name": "n", "default_tenant_id": other})
    assert code(reply) == "NOT_FOUND"
