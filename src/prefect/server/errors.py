"""Every error of the backend, drawn as a tree; each has a code that travels to the client.

::

    PrefectException
    └── BackendError
        ├── RequestError                  the request cannot be carried out; nothing was written for it
        │   ├── BadInput                  an argument has the wrong shape or value
        │   ├── NotFound                  what the request names does not exist
        │   ├── AlreadyExists             a name or key that must be unique is taken
        │   ├── LimitExceeded             one request asks for more than one may
        │   ├── VersionConflict           the run has moved since the caller looked
        │   ├── LimitReached              a concurrency limit has no slot left; try again later
        │   ├── MoveRefused               no move leads from the run's state to the proposed one
        │   │   └── FlowRunNotRunning     a task run may start only while its flow run is Running
        │   ├── SecretsUnavailable        there is no key, or not the right one, to encrypt secrets with
        │   ├── Forbidden                 it may not be done with this API key
        │   └── Unauthenticated           the API key that came with the request opens nothing
        ├── CannotServe                   the server cannot start: its address is taken, or open to others
        └── StoreError                    the database cannot be used; the message says what to do
            ├── SQLiteTooOld
            ├── NetworkFileSystem
            ├── NotOurDatabase            the file is no database, or one of another program
            ├── DatabaseTooNew            made by a newer version of this package
            ├── DatabaseReadOnly
            ├── DiskFull
            ├── DatabaseDamaged
            ├── DatabaseBusy              another program holds the database's lock
            ├── StatementTooLarge         too many parts, or nested too deeply, for the database
            ├── DriverMissing             the library for PostgreSQL is not installed
            ├── PostgreSQLTooOld
            ├── DatabaseAway              the database's server cannot be reached
            ├── DatabaseMissing           the server has no database of this name
            ├── AccessRefused             wrong user or password, or rights that are missing
            ├── TookTooLong               a question took longer than it was given
            ├── TooManyRows               a list of an answer is longer than it may be
            └── AnswerTooLarge            an answer has more bytes than it may have
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from prefect.exceptions import PrefectException


class BackendError(PrefectException):
    """The base of every error of the backend. `details` are facts for the caller's program, JSON-able."""

    code = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class RequestError(BackendError):
    """The request cannot be carried out; nothing was written for it."""


class BadInput(RequestError):
    """An argument has the wrong shape or value."""

    code = "BAD_USER_INPUT"


class NotFound(RequestError):
    """What the request names does not exist."""

    code = "NOT_FOUND"


class AlreadyExists(RequestError):
    """A name or key that must be unique is taken. The 1.x client looks for the first two words of the message."""

    def __init__(self, message: str = "Uniqueness violation.", **details: Any) -> None:
        super().__init__(message, **details)


class LimitExceeded(RequestError):
    """One request asks for more than one may. The details are the limit, the figure, and where to read about it."""

    def __init__(self, message: str, code: str, **details: Any) -> None:
        super().__init__(message, **details)
        self.code = code


class VersionConflict(RequestError):
    """The run has moved since the caller looked at it: somebody else holds it now."""

    code = "VERSION_LOCKING_ERROR"


class LimitReached(RequestError):
    """Every slot of a concurrency limit is taken; the same request may be granted later."""

    code = "CONCURRENCY_LIMIT_REACHED"


class MoveRefused(RequestError):
    """No move leads from the state the run is in to the one that was proposed."""

    code = "STATE_TRANSITION_REFUSED"


class FlowRunNotRunning(MoveRefused):
    """A task run may start only while its flow run is exactly Running."""

    code = "FLOW_RUN_NOT_RUNNING"


class SecretsUnavailable(RequestError):
    """There is no key, or not the right one, to encrypt secrets with; the message says where it is looked for."""

    code = "SECRETS_UNAVAILABLE"


class Forbidden(RequestError):
    """It may not be done with the API key that came with the request."""

    code = "FORBIDDEN"


class Unauthenticated(RequestError):
    """The API key that came with the request is unknown, expired, or another tenant's.

    `reason` is one of a few words for who counts, `key_id` the id that the key says to have. The caller learns neither.
    """

    code = "UNAUTHENTICATED"

    def __init__(self, message: str, reason: str, key_id: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.key_id = key_id


class CannotServe(BackendError):
    """The server cannot start: its address is taken, or open to others."""


class StoreError(BackendError):
    """The database cannot be used; the message says what to do."""

    code = "DATABASE_ERROR"


class SQLiteTooOld(StoreError):
    """The SQLite library that Python was built with lacks what the store needs."""


class NetworkFileSystem(StoreError):
    """The database lies on a file system whose locks cannot be trusted."""


class NotOurDatabase(StoreError):
    """The file is no SQLite database, or it is the database of another program."""


class DatabaseTooNew(StoreError):
    """A newer version of this package made the database."""


class DatabaseReadOnly(StoreError):
    """The file or its directory cannot be written."""


class DiskFull(StoreError):
    """There is no room left; nothing of the request was kept."""


class DatabaseDamaged(StoreError):
    """SQLite finds the file malformed."""


class DatabaseBusy(StoreError):
    """Another program holds the database's lock for longer than we wait."""


class TookTooLong(StoreError):
    """A question took longer than it was given; it was ended, and nothing else was touched."""


class StatementTooLarge(StoreError):
    """A request has too many parts for the database, or is nested too deeply."""

    code = "validation-failed"


class DriverMissing(StoreError):
    """The library that speaks to PostgreSQL is not installed."""


class PostgreSQLTooOld(StoreError):
    """The PostgreSQL server lacks what the store needs."""


class DatabaseAway(StoreError):
    """The database's server cannot be reached, or went away in between."""


class DatabaseMissing(StoreError):
    """The database's server has no database of this name."""


class AccessRefused(StoreError):
    """The database's server does not let the user in, or not do what is needed."""


class TooManyRows(StoreError):
    """A list of an answer is longer than it may be. `rows` says how long.

    A compiled query makes a function fail whose message repeats what it was given: `too many rows: 1234`.
    """

    def __init__(self, rows: int) -> None:
        super().__init__(f"A list of the answer has {rows:,} rows. Read it in pages.")
        self.rows = rows

    @classmethod
    def said(cls, message: str) -> TooManyRows | None:
        """What the message of a database says; None where it is about something else."""
        found = re.search("too many rows: ([0-9]+)", message)
        return None if found is None else cls(int(found[1]))


class AnswerTooLarge(StoreError):
    """An answer, or a value on the way to it, has more bytes than it may have: `limit`."""

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


# Longer names are no slips of the pen, and comparing them takes its time.
_LONGEST_GUESSED = 100


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, as the end of a message."""
    import difflib

    if len(name) > _LONGEST_GUESSED:
        return ""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""
