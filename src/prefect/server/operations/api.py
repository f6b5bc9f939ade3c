"""What the backend says about itself."""

from __future__ import annotations

from prefect.engine import state as home
from prefect.server import states
from prefect.server.operations.base import Caller, Payload
from prefect.server.operations.values import JSON
from prefect.server.store.interface import Snapshot
from prefect.utilities.version import VERSION


class ApiInfo(Payload):
    graphql = "api_info"
    backend: str | None = "SERVER"
    mode: str | None = "normal"
    version: str | None = VERSION
    core_version: str | None = VERSION
    release_timestamp: str | None = None


class ServerInfo(Payload):
    """`database` is sqlite or postgresql; `limits` are those of one request, as docs/reference/limits.md names them."""

    graphql = "server_info"
    version: str | None = VERSION
    database: str | None = None
    place: str | None = None
    requires_keys: bool | None = None
    limits: JSON = None


class ReferenceData(Payload):
    graphql = "reference_data"
    state_hierarchy: JSON = None
    state_info: JSON = None


def hello(snapshot: Snapshot, caller: Caller) -> str:
    """A sign of life."""
    return "hi"


def api(snapshot: Snapshot, caller: Caller) -> ApiInfo:
    """Which backend this is, and its version."""
    return ApiInfo()


def server_info(snapshot: Snapshot, caller: Caller) -> ServerInfo:
    """How this server is set up, for who looks after it."""
    about = caller.server
    if about is None:
        return ServerInfo()
    # Whoever asks for one tenant does not learn the paths of the machine.
    place = about.place if caller.tenant_id is None else None
    return ServerInfo(VERSION, about.database, place, about.requires_keys, about.limits)


def reference_data(snapshot: Snapshot, caller: Caller) -> ReferenceData:
    """The states there are: which is a kind of which, and their colours."""
    kinds = [getattr(home, name) for name in sorted(states.EVERY) if not name.startswith("_")]
    return ReferenceData(
        {kind.__name__: [parent.__name__ for parent in kind.__mro__[1:-1]] for kind in kinds},
        {kind.__name__: {"color": kind.color} for kind in kinds},
    )
