"""Fetch one, fetch many, and the three ways that fails; what every view has in common."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import FrozenInstanceError
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from prefect.client.client import Client
from prefect.exceptions import ClientError, ObjectNotFoundError

if TYPE_CHECKING:
    import pendulum

# How many rows one request of a long list asks for; the lists themselves have no limit.
PAGE = 5000

# The type of a moment in the history of a flow run, in our documents: a number of its sequence.
AS_OF = "bigint"

# In a document, where the number that a given time turns out to mean is asked for.
MOMENT = "# moment"

AsOf = int | str | datetime
Row = dict[str, Any]


class NotFound(ObjectNotFoundError, ValueError):
    """What a view was asked for does not exist; a ValueError too, as 1.x raised."""


class FoundSeveral(ClientError, ValueError):
    """A view was asked for in words that fit several things; a ValueError too, as 1.x raised."""


class Frozen:
    """A picture of something at one moment: its attributes are set once."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(
            f"cannot assign to field {name!r}: a {type(self).__name__} is a picture of one moment. "
            "Ask `get_latest()` for a new one."
        )

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __setstate__(self, state: tuple[Any, dict[str, Any]]) -> None:
        for name, value in state[1].items():
            object.__setattr__(self, name, value)


def fetch(document: str, variables: Mapping[str, Any]) -> Row:
    """The data that a constant document asks for."""
    return Client().graphql_fast(document, variables)


def only(rows: Sequence[Row], kind: str, described: str, hint: str = "") -> Row:
    """The one row that there must be. `kind` is what was looked for, `described` how, `hint` what to do without."""
    if len(rows) == 1:
        return rows[0]
    if not rows:
        where = Client().api_server
        raise NotFound(f"No {kind} found with {described} in {where}.{' ' + hint if hint else ''}")
    ids = ", ".join(str(row.get("id")) for row in rows[:3]) + (", ..." if len(rows) > 3 else "")
    raise FoundSeveral(
        f"Found multiple ({len(rows)}) {kind}s with {described}: {ids}. {hint or 'Ask for one of them by its id.'}"
    )


def pages(ask: Callable[[Any], list[Row]], start: Any, cursor: str) -> Iterator[list[Row]]:
    """The pages of a list, each asked for after the value of `cursor` in the last row of the page before."""
    after = start
    while True:
        page = ask(after)
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1][cursor]


def identifier(value: Any, name: str, kind: str) -> str:
    """An id as the backend writes it; TypeError for what is no text, `NotFound` for text that is no id."""
    if not isinstance(value, str):
        raise TypeError(f"Unexpected type {type(value)!r} for `{name}`, expected 'str'.")
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise NotFound(
            f"No {kind} found with id {value!r}: that is no id. Ids look like 4c0101af-c6bb-4b96-8661-63a5bbfb5596."
        ) from None


def moment(text: str) -> pendulum.DateTime:
    """A time as the backend writes it."""
    import pendulum

    return cast("pendulum.DateTime", pendulum.parse(text))


def as_of_argument(as_of: AsOf) -> int | str:
    """A sequence number or a time, as the backend takes it."""
    if isinstance(as_of, datetime):
        from prefect.utilities.datetimes import ensure_utc

        return ensure_utc(as_of).isoformat()
    return as_of


def fetch_as_of(document: str, variables: Mapping[str, Any], as_of: AsOf) -> Row:
    """The data that a document with the variable `$as_of` asks for, at a sequence number or a time."""
    if not isinstance(as_of, int):
        document = _by_time(document)
    return fetch(document, {**variables, "as_of": as_of_argument(as_of)})


@cache
def _by_time(document: str) -> str:
    return document.replace(f"$as_of: {AS_OF}!", "$as_of: timestamptz!").replace(MOMENT, "flow_run { sequence }")
