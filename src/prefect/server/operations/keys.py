"""API keys: each belongs to a tenant and allows what its role does, is shown once, and is kept as a hash only.

Whoever logs in with one in a browser gets a session, which is kept the same way and ends with the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec

from prefect.server.catalog import Level, Role
from prefect.server.errors import BadInput, NotFound, Unauthenticated
from prefect.server.identifiers import new_id, now, stamp
from prefect.server.metrics import EXPIRED, LOGGED_OUT, NOT_KNOWN, OTHER_TENANT
from prefect.server.operations.base import Caller, Input, Payload, SuccessPayload
from prefect.server.operations.tenants import existing_tenant, tenant_of
from prefect.server.operations.values import UUID, DateTime, canonical_id, canonical_moment, clean_text
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement

# Ours can be told from others': clients of 1.x may send a key of the hosted service to any server.
_KEY = re.compile(r"q[ks]_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_PREFIX = "qk_"
_SESSION_PREFIX = "qs_"
# How long somebody stays logged in who does not log out.
SESSION_DAYS: Final = 7
_RANDOM_BYTES = 32

ROLES: Final = tuple(level.word for level in Level)

ApiKeyId = Annotated[str, msgspec.Meta(extra={"graphql": "UUID", "table": "auth_api_key"})]
UserId = Annotated[str, msgspec.Meta(extra={"graphql": "UUID", "table": None})]
TenantId = Annotated[str, msgspec.Meta(extra={"graphql": "UUID", "table": "tenant"})]


class CreateApiKeyInput(Input):
    """`role` is read-only, user or admin."""

    name: str
    user_id: UserId | None = None
    expires_at: DateTime | None = None
    default_tenant_id: TenantId | None = None
    role: str = Level.USER.word


class DeleteApiKeyInput(Input):
    key_id: ApiKeyId


class CreateApiKeyPayload(Payload):
    """`key` is shown here and never again."""

    graphql = "create_api_key_payload"
    row = "auth_api_key"
    id: UUID | None = None
    key: str | None = None


class DeleteApiKeyPayload(SuccessPayload):
    graphql = "delete_api_key_payload"


class AuthInfo(Payload):
    graphql = "auth_info"
    tenant_id: UUID | None = None
    user_id: UUID | None = None
    role_id: UUID | None = None
    permissions: list[str] | None = None
    license: Any = None
    role: str | None = None


def create_api_key(transaction: Transaction, input: CreateApiKeyInput, caller: Caller) -> CreateApiKeyPayload:
    """A key for a tenant: the named one, or the caller's."""
    if input.default_tenant_id is None:
        tenant_id = tenant_of(transaction, caller)
    else:
        tenant_id = existing_tenant(transaction, input.default_tenant_id)
    expires_at = canonical_moment(input.expires_at, "expires_at")
    if expires_at is not None and expires_at <= now():
        raise BadInput(f"A key that expires at {expires_at} could not be used: that time has passed.")
    if input.role not in ROLES:
        raise BadInput(f"The role of a key is one of {', '.join(ROLES)}, not {input.role!r}.")
    user_id = None if input.user_id is None else canonical_id(input.user_id, "user_id")
    key_id = new_id()
    key = _new_key(_PREFIX, key_id)
    transaction.execute(
        statement("insert_api_key"),
        (key_id, tenant_id, now(), clean_text(input.name), user_id, expires_at, input.role),
    )
    transaction.execute(statement("insert_api_key_hash"), (key_id, _hash(key)))
    return CreateApiKeyPayload(key_id, key)


def delete_api_key(transaction: Transaction, input: DeleteApiKeyInput, caller: Caller) -> DeleteApiKeyPayload:
    """From now on the key opens nothing, and whoever logged in with it is out."""
    key_id = canonical_id(input.key_id, "key_id")
    transaction.execute(statement("delete_sessions_of_key"), (key_id,))
    transaction.execute(statement("delete_api_key_hash"), (key_id,))
    if transaction.execute(statement("delete_api_key"), (key_id,)).rowcount == 0:
        raise NotFound(f"There is no API key {key_id}.", id=key_id)
    return DeleteApiKeyPayload()


def auth_info(snapshot: Snapshot, caller: Caller) -> AuthInfo:
    """Who asks: the tenant of the key, or the first where none is needed."""
    return AuthInfo(tenant_of(snapshot, caller), caller.user_id, role=caller.level.word)


def role_of(snapshot: Snapshot, key: str, tenant_id: str | None, moment: datetime | None = None) -> Role | None:
    """Whom a key makes of its bearer; None for what is no key of ours. `tenant_id` is the one the bearer asks for.

    Raises:
        Unauthenticated: the key is not known, no longer, or not any more, or is one of another tenant.
    """
    if not key.startswith((_PREFIX, _SESSION_PREFIX)):
        return None
    is_session = key.startswith(_SESSION_PREFIX)
    found = _KEY.fullmatch(key)
    known = statement("auth_session" if is_session else "api_key")
    given_id = None if found is None else canonical_id(found[1], "key")
    row = None if given_id is None else snapshot.fetch_one(known, (given_id,))
    # Compared in the same time whether or not there is such a key, and wherever they differ.
    same = hmac.compare_digest(_hash(key), row[0] if row is not None else _hash(""))
    if row is None or not same:
        if is_session:
            raise Unauthenticated("You are not logged in any more. Log in again.", LOGGED_OUT)
        raise Unauthenticated(
            "This API key is not known here; it may have been revoked. Log in again with `prefect auth login`, or set "
            "another `cloud.api_key`.",
            NOT_KNOWN,
            given_id,
        )
    _, owner, expires_at, user_id, role, key_id, name, session_expires_at = row
    moment = moment or datetime.now(UTC)
    if expires_at is not None and expires_at <= stamp(moment):
        raise Unauthenticated(f"This API key has expired at {expires_at}.", EXPIRED, key_id)
    if session_expires_at is not None and session_expires_at <= stamp(moment):
        raise Unauthenticated("You were logged in for a long time. Log in again.", LOGGED_OUT, key_id)
    if tenant_id and tenant_id.lower() != owner:
        raise Unauthenticated(
            "This API key belongs to another tenant than the one asked for (X-PREFECT-TENANT-ID).",
            OTHER_TENANT,
            key_id,
        )
    return Role(owner, user_id, Level.called(role), key_id, name)


def is_key(key: str) -> bool:
    """Whether this is written as a key of ours is."""
    return key.startswith(_PREFIX) and _KEY.fullmatch(key) is not None


def is_session(token: str) -> bool:
    """Whether this is written as what the browser keeps of a session."""
    return token.startswith(_SESSION_PREFIX) and _KEY.fullmatch(token) is not None


def begin_session(transaction: Transaction, role: Role) -> tuple[str, int]:
    """Log in whoever has this role by a key: what the browser shall keep, and for how many seconds."""
    moment = datetime.now(UTC)
    transaction.execute(statement("delete_old_sessions"), (stamp(moment),))
    session_id = new_id()
    token = _new_key(_SESSION_PREFIX, session_id)
    lasting = timedelta(days=SESSION_DAYS)
    transaction.execute(
        statement("insert_session"),
        (session_id, role.tenant_id, stamp(moment), role.key_id, _hash(token), stamp(moment + lasting)),
    )
    return token, int(lasting.total_seconds())


def end_session(transaction: Transaction, token: str) -> None:
    """Log out; only the token itself does it, which `role_of` has accepted before."""
    found = _KEY.fullmatch(token)
    if found is not None:
        transaction.execute(statement("delete_session"), (canonical_id(found[1], "session"),))


def has_admin(snapshot: Snapshot) -> bool:
    """Whether there is a key that manages keys, and has not expired."""
    return snapshot.fetch_one(statement("any_admin_key"), (now(),)) is not None


def _new_key(prefix: str, id: str) -> str:
    return f"{prefix}{id.replace('-', '')}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def _hash(key: str) -> str:
    # 256 random bits cannot be guessed, so a quick hash is as good as a slow one.
    return hashlib.sha256(key.encode()).hexdigest()
