"""What a subscription asks for: a query that answers again when what it reads has changed, or the feed of a flow run.

Pure; who waits for changes and who is told of them is decided in `app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from prefect.server import scalars
from prefect.server.errors import did_you_mean
from prefect.server.graphql import payload
from prefect.server.graphql.document import DocumentError, Field, Operation, Request
from prefect.server.graphql.payload import Projection
from prefect.server.graphql.selections import check_twins, chosen, one_field
from prefect.server.graphql.variables import arguments

FEED: Final = "flow_run_events"
# No run comes this far; sums with it still fit into 64 bits.
_FARTHEST: Final = 2**62
FEED_ARGUMENTS: Final = {"flow_run_id": "uuid!", "after_sequence": "bigint", "until_finished": "Boolean"}


@dataclass(frozen=True, eq=False)
class Live:
    """A query to be answered again and again. Subscriptions with equal keys have equal answers."""

    request: Request
    operation: Operation
    values: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        return self.operation, msgspec.json.encode(self.values), msgspec.json.encode(self.request.literals)


@dataclass(frozen=True)
class Feed:
    """What happens in a flow run after a sequence. `shown` is what of each event is wanted, `name` its response key."""

    name: str
    flow_run_id: str
    after: int
    until_finished: bool
    shown: Projection

    @property
    def key(self) -> tuple[Any, ...]:
        """Subscriptions with equal keys have equal answers wherever they are at the same sequence."""
        return self.name, self.flow_run_id, self.until_finished, self.shown


Subscription: TypeAlias = Live | Feed


def read(request: Request, operation: Operation, values: dict[str, Any], event: type[msgspec.Struct]) -> Subscription:
    """The subscription of a document; `event` is the structure of a feed's entries."""
    field = root_field(operation, values)
    return _feed(request, operation, field, values, event) if field.name == FEED else Live(request, operation, values)


def root_field(operation: Operation, values: Mapping[str, Any]) -> Field:
    """The one thing that a subscription subscribes to."""
    twins: list[tuple[int, int]] = []
    fields = [
        one_field(fields, twins)
        for fields in chosen(operation, operation.selections, "subscription_root", values).values()
    ]
    if len(fields) != 1:
        name = f'Subscription "{operation.name}"' if operation.name else "Anonymous Subscription"
        raise DocumentError(f"{name} must select only one top level field.", at=operation.at)
    return fields[0]


def _feed(
    request: Request, operation: Operation, field: Field, values: dict[str, Any], event: type[msgspec.Struct]
) -> Feed:
    for name, _ in field.arguments:
        if name not in FEED_ARGUMENTS:
            raise DocumentError(
                f'Unknown argument "{name}" on field "{FEED}".{did_you_mean(name, FEED_ARGUMENTS)}',
                path=(field.key,),
                at=field.at,
            )
    twins: list[tuple[int, int]] = []
    shown = payload.projection(operation, field, event, values, twins, (field.key,))
    check_twins(twins, request.literals)
    given = arguments(field, values, request.literals)
    if given.get("flow_run_id") is None:
        raise DocumentError(
            f'Field "{FEED}" argument "flow_run_id" of type "uuid!" is required.', path=(field.key,), at=field.at
        )
    try:
        run = scalars.uuid(given["flow_run_id"])
        after = scalars.bigint(given.get("after_sequence") or 0)
        until_finished = scalars.boolean(given.get("until_finished") or False)
    except ValueError as error:
        raise DocumentError(
            f'An argument of "{FEED}" {error}.', code="BAD_USER_INPUT", path=(field.key,), at=field.at
        ) from None
    return Feed(field.key, run, min(max(after, 0), _FARTHEST), until_finished, shown)
