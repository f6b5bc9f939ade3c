"""Request in, reply out: how a client reaches its backend, in this process or over HTTP.

`Transport` is the whole edge. `EmbeddedTransport` is the door to the backend that lives in this process and keeps
its data in one file; `HTTPTransport` talks to a server, and is the one home of the rules on sending again.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from prefect.exceptions import AuthorizationError, ClientError, HostedServiceError, PrefectException, ServerAway

if TYPE_CHECKING:
    from prefect.server.endpoint import Endpoint

# What the 1.x client does, and so what servers are used to (wire protocol of 1.4.1).
TRANSPORT_RETRIES = 6
RETRIED_STATUSES = (500, 502, 503, 504)
# Answered in place of a server that is away.
AWAY_STATUSES = (502, 503, 504)
API_ERROR_RETRIES = 6
API_ERROR_FIRST_PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Reply:
    """What the backend answered: the HTTP status (200 where there is no HTTP) and the JSON text."""

    status: int
    body: bytes


class Transport(Protocol):
    """Request in, reply out."""

    def send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None = None,
    ) -> Reply:
        """The reply to one GraphQL request; `ClientError` where there can be none."""
        ...

    def wait(
        self, asked: Mapping[str, Any], headers: Mapping[str, str], is_over: Callable[[], bool]
    ) -> dict[str, Any] | None:
        """The answer to what is waited for, when there is one; None where the backend lets nobody wait.

        `asked` is a `prefect.server.operations.waits.Request`, the answer holds `due` and `stop`. Once `is_over` says
        so, there is no more need to wait; over a network it may take until the time has passed to notice.
        """
        ...

    def __str__(self) -> str:
        """Where the requests go, for messages."""
        ...


# Servers that have answered this process. One that never did is probably not running, which a person wants to know at
# once; one that did is waited for.
_reached: set[str] = set()

# Until when, by the monotonic clock, requests of this thread wait for a server that is away.
_waits_until: ContextVar[float | None] = ContextVar("waits_until", default=None)
LONGEST_PAUSE_SECONDS = 5.0


@contextmanager
def waiting_for_server(seconds: float) -> Iterator[None]:
    """While inside, requests wait so long for a server that has answered this process before and is away now."""
    token = _waits_until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _waits_until.reset(token)


# One endpoint per database path and process. A forked child starts with none: no connection crosses a fork.
_endpoints: dict[str, Endpoint] = {}
_endpoints_of: list[int] = [os.getpid()]


def _endpoint(path: str) -> Endpoint:
    pid = os.getpid()
    if _endpoints_of[0] != pid:
        _endpoints.clear()
        _endpoints_of[0] = pid
    endpoint = _endpoints.get(path)
    if endpoint is None:
        from prefect.server.embedded import open_endpoint

        endpoint = open_endpoint(path)
        _endpoints[path] = endpoint
    return endpoint


# Between two looks at a run there is at least this pause, however much is being recorded meanwhile.
_BREATH_SECONDS = 0.05


def wait_for_change(path: str, seconds: float) -> None:
    """Wait until anything is recorded in the database at `path`, by any process, but at most this long."""
    changes = _endpoint(path).store.changes
    seen = changes.count
    time.sleep(min(seconds, _BREATH_SECONDS))
    if seconds > _BREATH_SECONDS:
        changes.wait(seen, seconds - _BREATH_SECONDS)


def rescue_dead_runs(path: str) -> None:
    """Fail the runs recorded in the database at `path` whose process on this machine is gone."""
    from prefect.server import embedded

    embedded.rescue_dead_runs(_endpoint(path))


def forget_endpoints() -> None:
    """Open the database anew at the next request, as a new process would."""
    _endpoints.clear()


@dataclass(frozen=True, slots=True)
class EmbeddedTransport:
    """The backend in this process, its data in the file at `path`.

    It may be pickled: what travels is the path and the name of the host. On another host the same path would be
    another file, so requests are refused there.
    """

    path: str
    host: str = field(default_factory=socket.gethostname)

    def send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None = None,
    ) -> Reply:
        endpoint = _endpoints.get(self.path) if _endpoints_of[0] == os.getpid() else None
        if endpoint is None:
            endpoint = self._open()
        try:
            return Reply(200, endpoint.answer(document, variables, operation_name, headers))
        except ClientError:
            raise
        except PrefectException as error:
            raise ClientError(str(error)) from error

    def _open(self) -> Endpoint:
        self.check_host(socket.gethostname())
        try:
            return _endpoint(self.path)
        except ClientError:
            raise
        except PrefectException as error:
            raise ClientError(str(error)) from error

    def wait(
        self, asked: Mapping[str, Any], headers: Mapping[str, str], is_over: Callable[[], bool]
    ) -> dict[str, Any] | None:
        from prefect.server import embedded

        try:
            return embedded.wait(self._open(), asked, headers.get("X-PREFECT-AGENT-ID"), is_over)
        except ClientError:
            raise
        except PrefectException as error:
            raise ClientError(str(error)) from error

    def check_host(self, host: str) -> None:
        """Raises `ClientError` unless `host` is the machine whose file this is."""
        if host != self.host:
            raise ClientError(
                f"The runs are recorded in {self.path} on the machine {self.host!r}, and tasks cannot run on "
                f"{host!r}: the file cannot be used from there. Start a server that both machines reach, with "
                "`prefect server start`, and set `backend` to 'server'."
            )

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class HTTPTransport:
    """A server at `url`, which is the whole address: nothing is added to it.

    A reply of 500, 502, 503 or 504 is waited out and the request sent again, six times; so is a reply whose errors
    speak of API_ERROR (unless `retry_on_api_error` is off, as for requests that must not happen twice), and one that
    says that too many requests came (429).
    """

    url: str
    timeout_seconds: float = 15.0
    retry_on_api_error: bool = True
    retries: int = TRANSPORT_RETRIES
    sleep: Callable[[float], None] = time.sleep

    def send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None = None,
    ) -> Reply:
        is_told = False
        while True:
            try:
                return self._send(document, variables, headers, operation_name)
            except ServerAway as error:
                until = _waits_until.get()
                left = 0 if until is None else until - time.monotonic()
                if left <= 0 or not self.retries or self.url not in _reached:
                    raise
                if not is_told:
                    from prefect.utilities.logging import get_logger

                    get_logger("Client").warning("%s It is waited for, up to %d seconds.", error, left)
                    is_told = True
                self.sleep(min(LONGEST_PAUSE_SECONDS, left))

    def _send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None,
    ) -> Reply:
        # The 1.x protocol carries the variables as text inside the JSON body.
        body: dict[str, Any] = {"query": document, "variables": json.dumps(variables, default=str)}
        if operation_name is not None:
            body["operationName"] = operation_name
        reply = self.request("POST", "", body, headers)
        attempts = 0
        while self.retry_on_api_error and attempts < API_ERROR_RETRIES and _is_api_error(reply):
            self.sleep(API_ERROR_FIRST_PAUSE_SECONDS * 2**attempts)
            attempts += 1
            reply = self.request("POST", "", body, headers)
        if reply.status in AWAY_STATUSES:
            why = _said(reply)
            raise ServerAway(f"{self.url} is not ready to answer (status {reply.status}){f': {why}' if why else '.'}")
        return reply

    def request(
        self, method: str, path: str, parameters: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Reply:
        """The reply to a plain HTTP request below the address."""
        import requests

        from prefect.configuration import config

        url = f"{self.url.rstrip('/')}/{path.lstrip('/')}" if path else self.url
        limits = config.cloud.rate_limiting
        attempt = 0
        session, is_kept = _session(self.retries, known=self.url in _reached)
        while True:
            try:
                if method == "GET":
                    response = session.get(
                        url, headers=dict(headers), params=dict(parameters or {}), timeout=self.timeout_seconds
                    )
                else:
                    response = session.post(
                        url, headers=dict(headers), json=dict(parameters or {}), timeout=self.timeout_seconds
                    )
            except (
                requests.exceptions.MissingSchema,
                requests.exceptions.InvalidSchema,
                requests.exceptions.InvalidURL,
            ) as error:
                # Nobody is away: waiting would help nothing.
                raise ClientError(
                    f"{self.url!r} is not the address of a server (`cloud.api`), which is like http://localhost:4200."
                ) from error
            except requests.exceptions.RequestException as error:
                if is_kept and not self.retries and _was_closed(error):
                    # That says nothing of whether the server is there.
                    session, is_kept = _session(self.retries, known=True, anew=True)
                    continue
                raise ServerAway(
                    f"No answer from {url} ({type(error).__name__}). Is the server running? "
                    "`prefect backend embedded` records runs without a server."
                ) from error
            _reached.add(self.url)
            if response.status_code != 429 or attempt >= limits.max_retries:
                return Reply(response.status_code, response.content)
            attempt += 1
            self.sleep(
                limits.backoff_s + random.random() * limits.backoff_multiplier * limits.backoff_exponent**attempt
            )

    def wait(
        self, asked: Mapping[str, Any], headers: Mapping[str, str], is_over: Callable[[], bool]
    ) -> dict[str, Any] | None:
        # Sent once: whoever waits asks again anyway, and knows better how soon.
        import requests

        url = f"{self.url.rstrip('/')}/wait"
        patience = (self.timeout_seconds, float(asked["seconds"]) + self.timeout_seconds)
        try:
            response = requests.post(url, json=dict(asked), headers=dict(headers), timeout=patience)
        except requests.exceptions.RequestException as error:
            raise ServerAway(f"No answer from {url} ({type(error).__name__}).") from error
        if response.status_code in RETRIED_STATUSES:
            raise ServerAway(f"{url} answered with status {response.status_code}.")
        try:
            answer = response.json() if response.status_code == 200 else None
        except ValueError:
            answer = None
        return answer if isinstance(answer, dict) and {"due", "stop"} <= answer.keys() else None

    def once(self) -> HTTPTransport:
        """The same, for a request that is not sent again on API_ERROR."""
        return replace(self, retry_on_api_error=False)

    def impatient(self) -> HTTPTransport:
        """The same, for who does not want to wait for a server that is away: a request is sent once."""
        return replace(self, retries=0)

    def __str__(self) -> str:
        return self.url


class _Sessions(threading.local):
    """The sessions of one thread, with the connections that they keep open; `pid` is the process that opened them."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.kept: dict[tuple[type, int, bool], Any] = {}


_sessions = _Sessions()


def _session(retries: int, known: bool, anew: bool = False) -> tuple[Any, bool]:
    """A session of this thread that asks so often, and whether it was used before.

    A forked child starts with none: two processes on one connection would read each other's answers.
    """
    import requests

    pid = os.getpid()
    if _sessions.pid != pid:
        _sessions.kept.clear()
        _sessions.pid = pid
    # The class too, which programs replace in their tests.
    key = requests.Session, retries, known
    kept = None if anew else _sessions.kept.get(key)
    if kept is not None:
        return kept, True
    session = _sessions.kept[key] = _new_session(retries, known)
    return session, False


def _said(reply: Reply) -> str | None:
    """What a server says of why it does not answer; None where a proxy answers in its place."""
    try:
        return str(json.loads(reply.body)["errors"][0]["message"])
    except (ValueError, LookupError, TypeError):
        return None


def _was_closed(error: Exception) -> bool:
    """Whether a connection ended before the answer came, as one does that the server closes while it is used again."""
    from urllib3.exceptions import ProtocolError

    reason = error.args[0] if error.args else None
    return isinstance(getattr(reason, "reason", reason), ProtocolError)


def _new_session(retries: int, known: bool) -> Any:
    from http.cookiejar import DefaultCookiePolicy

    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry

    retry = Retry(
        total=retries,
        connect=retries if known else min(1, retries),
        backoff_factor=1,
        status_forcelist=list(RETRIED_STATUSES),
        allowed_methods=["DELETE", "GET", "POST"],
        raise_on_status=False,
    )
    session = requests.Session()
    # What a server sets is sent to it by nobody: each request stands for itself.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session


def _is_api_error(reply: Reply) -> bool:
    if b"API_ERROR" not in reply.body:
        return False
    try:
        envelope = json.loads(reply.body)
    except ValueError:
        return False
    return isinstance(envelope, dict) and "API_ERROR" in str(envelope.get("errors"))


@dataclass(frozen=True, slots=True)
class NoTransport:
    """Stands where the configuration names the hosted service, which is gone; every request says so at once."""

    problem: str

    def send(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        operation_name: str | None = None,
    ) -> Reply:
        raise HostedServiceError(self.problem)

    def wait(
        self, asked: Mapping[str, Any], headers: Mapping[str, str], is_over: Callable[[], bool]
    ) -> dict[str, Any] | None:
        raise HostedServiceError(self.problem)

    def __str__(self) -> str:
        return "nowhere"


def not_json(reply: Reply, where: str, authorized: bool) -> ClientError:
    """The error for a reply that is no JSON: most often something else than the backend answers at that address."""
    if reply.status in (401, 403) or not authorized:
        return AuthorizationError(
            f"{where} did not accept the request (status {reply.status}). Check the API key (`cloud.api_key`)."
        )
    start = reply.body[:80].decode(errors="replace").replace("\n", " ")
    return ClientError(
        f"{where} answered with something that is not JSON (status {reply.status}: {start!r}). "
        "Check the address of the server (`cloud.api`)."
    )
