"""Who may come in: whether keys are required, what the server may be called, and how a browser logs in.

A browser cannot keep a key safe, so a page gives it away once, at /auth/login, for a cookie that no script reads. Here
the cookie becomes the `Authorization` header that everybody else sends; behind this nobody knows of cookies.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from prefect.server import over_http
from prefect.server.catalog import Role
from prefect.server.endpoint import Endpoint
from prefect.server.errors import CannotServe, StoreError, Unauthenticated
from prefect.server.logs import TURNED_AWAY
from prefect.server.metrics import DATABASE_ERRORS, FOREIGN, METRICS
from prefect.server.operations import audit, keys
from prefect.server.over_http import ADDRESS, Names, Refused
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from prefect.server.app import Served

COOKIE: Final = "quaestor_session"
# A key and some white space.
_LONGEST_LOGIN_BYTES: Final = 4096
_BEARER: Final = "Bearer "

_logger = logging.getLogger("prefect.server")

_TENANTS: Final = "{ tenant(order_by: {slug: asc}) { id name slug } }"


class Access(msgspec.Struct, frozen=True):
    """Whether nobody is answered without a key, and by which names the server may be called."""

    requires_keys: bool = False
    names: Names = over_http.THIS_MACHINE


OPEN: Final = Access()


def access_at(host: str, *, require_keys: bool = False, allowed_hosts: Any = ()) -> Access:
    """How a server that listens at `host` is to be entered.

    Keys are required as soon as anybody from another machine could ask: when the address is not of this machine alone,
    and when the server has names that others use, as behind a proxy.
    """
    # From the environment several names come as one text.
    hosts = allowed_hosts.split(",") if isinstance(allowed_hosts, str) else list(allowed_hosts or ())
    known = frozenset(str(name).strip().lower().rstrip(".") for name in hosts) - {""}
    names = Names(not over_http.is_loopback(host), known)
    return Access(require_keys or names != over_http.THIS_MACHINE, names)


def check_keys(endpoint: Endpoint, access: Access, host: str) -> None:
    """Refuse to serve where keys are required and there is none with which others could be made.

    Raises:
        CannotServe: with the command that makes the first.
    """
    if not access.requires_keys:
        return
    with endpoint.store.snapshot() as snapshot:
        if keys.has_admin(snapshot):
            return
    why = f"would be reachable from other machines at {host}" if access.names.is_reachable else "requires API keys"
    raise CannotServe(
        f"The server {why}, and there is no API key of an administrator yet. Make the first one on this machine, in "
        "the same database: prefect server create-key --role admin"
    )


def database_away(error: StoreError) -> Refused:
    """The refusal of what cannot be answered without the database; the log is told what is wrong with it."""
    _logger.error("%s", error.message)
    METRICS.add(DATABASE_ERRORS)
    return Refused(503, error.code, "The database cannot be used at the moment; the log of the server says why.")


# -- requests ----------------------------------------------------------------------------------------------------------


def headers_of(scope: Scope) -> tuple[dict[str, str], Refused | None]:
    """The headers of a request, with where it came from, and with the session of its cookie as everybody sends a key.

    And a refusal, where the cookie came with a request that no page of this server has sent.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    client = scope.get("client")
    headers[ADDRESS] = client[0] if client else ""
    cookie = headers.get("cookie")
    if cookie is not None and COOKIE in cookie and "authorization" not in headers:
        token = _token(headers)
        if token is not None:
            headers["authorization"] = _BEARER + token
            if not _is_page(headers):
                return headers, _no_page()
    return headers, None


def _is_page(headers: Mapping[str, str]) -> bool:
    """Whether a page sent this; `check_sender` looks whether it is one of this server.

    Browsers leave the origin out of a page's GETs to its own server, and say so in another header.
    """
    return headers.get("origin") is not None or headers.get("sec-fetch-site") == "same-origin"


def _no_page() -> Refused:
    return Refused(403, "FORBIDDEN_ORIGIN", "A session counts only for pages of this server; programs send a key.")


def _cookie_name(headers: Mapping[str, str]) -> str:
    # Cookies know no ports: two servers on one machine would log each other's people out.
    try:
        port = urlsplit(f"//{headers.get('host', '')}").port
    except ValueError:
        port = None
    return COOKIE if port is None else f"{COOKIE}_{port}"


def _token(headers: Mapping[str, str]) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(_cookie_name(headers))
    except CookieError:
        return None
    return found.value if found is not None and keys.is_session(found.value) else None


# -- logging in --------------------------------------------------------------------------------------------------------


def routes(served: Served) -> list[Route]:
    """What a page asks to log in and out, and to know who it is."""
    return [
        Route("/auth/login", _answering(served, _login), methods=["POST"]),
        Route("/auth/logout", _answering(served, _logout), methods=["POST"]),
        Route("/auth/session", _answering(served, _session), methods=["GET"]),
    ]


_Work = Callable[[Endpoint, dict[str, str], bytes], Response]


def _answering(served: Served, work: _Work) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            headers, refused = headers_of(request.scope)
            over_http.check_sender(
                headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"), served.access.names
            )
            body = b""
            if request.method == "POST":
                if not _is_page(headers):
                    raise _no_page()
                over_http.check_content_type(headers.get("content-type"))
                async for part in request.stream():
                    body += part
                    if len(body) > _LONGEST_LOGIN_BYTES:
                        raise over_http.too_large(len(body), _LONGEST_LOGIN_BYTES)
            elif refused is not None:
                raise refused
            return await served.read(work, served.endpoint, headers, body)
        except StoreError as error:
            # Not that the key opens nothing: a page would log itself out.
            refused = database_away(error)
            return _json(refused.body, refused.status)
        except Refused as error:
            return _json(error.body, error.status)

    return answer


class _Login(msgspec.Struct):
    key: str


_read_login = msgspec.json.Decoder(_Login).decode


def _login(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Response:
    """A cookie for a key."""
    try:
        key = _read_login(body).key.strip()
    except (msgspec.DecodeError, UnicodeDecodeError):
        # What was sent is not repeated: it may be a key.
        raise Refused(400, "BAD_REQUEST", 'Send {"key": "..."} as JSON.') from None
    if not keys.is_key(key):
        TURNED_AWAY.note(headers[ADDRESS], FOREIGN)
        raise Refused(401, "UNAUTHENTICATED", "This is no API key of this server.")
    headers["authorization"] = _BEARER + key
    headers.pop("x-prefect-tenant-id", None)
    try:
        role = endpoint.role(headers)
    except Unauthenticated as error:
        raise Refused(401, error.code, error.message) from None
    sender = endpoint.sender(headers, role)
    with endpoint.store.transaction() as transaction:
        token, seconds = keys.begin_session(transaction, role)
        if sender is not None:
            audit.record(transaction, sender, "login", role.tenant_id)
    response = _json(_described(endpoint, role))
    _set_cookie(response, headers, token, seconds)
    return response


def _logout(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Response:
    """The cookie means nothing any more."""
    token = _token(headers)
    if token is not None:
        headers["authorization"] = _BEARER + token
        role = _role(endpoint, headers)
        if role is not None and role.key_id is not None:
            sender = endpoint.sender(headers, role)
            with endpoint.store.transaction() as transaction:
                keys.end_session(transaction, token)
                if sender is not None:
                    audit.record(transaction, sender, "logout", role.tenant_id)
    response = _json(msgspec.json.encode({"authenticated": False}))
    _set_cookie(response, headers, "", 0)
    return response


def _session(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Response:
    """Who asks, for a page that has just been opened."""
    role = _role(endpoint, headers)
    if role is not None:
        return _json(_described(endpoint, role))
    response = _json(_described(endpoint, None))
    if _token(headers) is not None:
        _set_cookie(response, headers, "", 0)
    return response


def _role(endpoint: Endpoint, headers: Mapping[str, str]) -> Role | None:
    """Who asks; None where what was sent opens nothing.

    Raises:
        StoreError: that cannot be looked up at the moment.
    """
    try:
        return endpoint.role(headers)
    except Unauthenticated:
        return None


def _described(endpoint: Endpoint, role: Role | None) -> bytes:
    """Role, key and tenants of who asks; None for who may ask for nothing."""
    tenants: list[dict[str, str]] = []
    if role is not None:
        answer = msgspec.json.decode(endpoint.answer(_TENANTS, role=role))
        tenants = (answer.get("data") or {}).get("tenant") or []
    has_key = role is not None and role.key_id is not None
    return msgspec.json.encode(
        {
            "requires_keys": endpoint.requires_keys,
            "authenticated": has_key,
            "role": None if role is None else role.level.word,
            "key": {"id": role.key_id, "name": role.key_name} if role is not None and has_key else None,
            "tenant_id": None if role is None else role.tenant_id,
            "tenants": tenants,
            "version": VERSION,
        }
    )


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


def _set_cookie(response: Response, headers: Mapping[str, str], value: str, seconds: int) -> None:
    # A browser that came by TLS, through whatever proxy, says so in the page's origin.
    is_tls = headers.get("origin", "").startswith("https://")
    response.set_cookie(
        _cookie_name(headers), value, max_age=seconds, path="/", secure=is_tls, httponly=True, samesite="strict"
    )
