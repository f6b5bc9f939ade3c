"""What every operation is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec

from prefect.server.catalog import Level
from prefect.server.errors import RequestError
from prefect.server.operations.values import UUID
from prefect.server.store.interface import Transaction
from prefect.server.vault import Vault


class Input(msgspec.Struct, forbid_unknown_fields=True):
    """The `input` of a mutation; its GraphQL type is named after the mutation."""


class Payload(msgspec.Struct):
    """What a mutation answers.

    `graphql` names its GraphQL type; `row` the table of the row whose id it answers as `id`, which is shown in a field
    of that name.
    """

    graphql: ClassVar[str] = ""
    row: ClassVar[str] = ""


class SuccessPayload(Payload):
    graphql = "success_payload"
    success: bool | None = True
    error: str | None = None


class About(msgspec.Struct, frozen=True):
    """The server that is asked: its kind of database and where that is, its limits, and whether it requires keys."""

    database: str
    place: str
    limits: dict[str, float]
    requires_keys: bool


class Caller:
    """Who asks, and what could not be done for them although the rest of the request was.

    A batch of states is answered one by one: what was accepted stays, what was refused is reported here and becomes an
    error of the answer.
    """

    __slots__ = (
        "agent_id",
        "author",
        "core_version",
        "deliveries",
        "errors",
        "has_deleted",
        "level",
        "log_lines",
        "moves",
        "server",
        "tenant_id",
        "user_id",
        "vault",
    )

    def __init__(
        self,
        agent_id: str | None = None,
        tenant_id: str | None = None,
        *,
        user_id: str | None = None,
        core_version: str | None = None,
        vault: Vault | None = None,
        server: About | None = None,
        author: str | None = None,
        level: Level = Level.ADMIN,
    ) -> None:
        self.agent_id = agent_id
        # None for who may ask about every tenant.
        self.tenant_id = tenant_id
        self.user_id = user_id
        self.core_version = core_version
        # What history says of who set a state: a key, an agent, a service; None for programs that use the file itself.
        self.author = author
        self.level = level
        self.vault = vault or Vault(None)
        # What hooks are to tell, once it is kept: the ids of rows in hook_delivery.
        self.deliveries: list[str] = []
        # None for services, which ask nobody.
        self.server = server
        # What is kept with it, for who counts: moves, as the table of the run and its new state, and log lines.
        self.moves: list[tuple[str, str]] = []
        self.log_lines = 0
        # Rows are hidden and wait for their deletion in batches.
        self.has_deleted = False
        self.errors: list[tuple[RequestError, tuple[str | int, ...]]] = []

    def begin_again(self) -> None:
        """Forget what was collected in a transaction that is done again from its start."""
        self.has_deleted = False
        self.errors.clear()
        self.deliveries.clear()
        self.moves.clear()
        self.log_lines = 0

    def alike(self, author: str | None) -> Caller:
        """One more for the same tenant and to the same end, under another name; its errors are its own."""
        caller = Caller(self.agent_id, self.tenant_id, author=author)
        caller.deliveries = self.deliveries
        caller.moves = self.moves
        return caller

    def report(self, error: RequestError, *path: str | int) -> None:
        """Tell the caller of an error; `path` leads to its place in the payload."""
        self.errors.append((error, path))


# The lock of whoever changes what is not beneath a run: flows, projects, tenants ...; shared by who only relies on it.
DEFINITIONS: Final = "definitions"


class Operation(msgspec.Struct, frozen=True):
    """A mutation: its name, what it does, and the shapes of its `input` and of its answer.

    `answer` is a module-level function `(transaction, input, caller) -> payload`. `input_name` is the GraphQL name of
    the input's type. `locks` says that the function takes the locks it needs; the others run one at a time. `needs` is
    what it takes to call it; `is_routine` says that runs and agents call it all day, so that the record of who did what
    leaves it out.
    """

    name: str
    answer: Callable[[Transaction, Any, Caller], Payload]
    input_type: type[Input]
    payload_type: type[Payload]
    locks: bool = False
    needs: Level = Level.USER
    is_routine: bool = False

    @property
    def input_name(self) -> str:
        return f"{self.name}_input"


class Query(msgspec.Struct, frozen=True):
    """A question that is about no table's rows: its name, what answers it, and the shape of the answer.

    `answer` is a function `(snapshot, caller, **arguments)`; without a payload type it answers a plain value. Arguments
    that have defaults in it may be left out.
    """

    name: str
    answer: Callable[..., Any]
    arguments: tuple[str, ...] = ()
    payload_type: type[Payload] | None = None
    optional: frozenset[str] = frozenset()
    needs: Level = Level.READ_ONLY


class IdPayload(Payload):
    id: UUID | None = None
