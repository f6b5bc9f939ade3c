"""Request to answer: the whole journey on one page.

The text becomes a document, the document with its variables plans, plans statements, and the database builds the JSON
that is framed here and sent as it is. Mutations go to the operations, all of one request in one transaction. Whatever
is wrong comes back in the same envelope: `{"errors": [{"message", "path", "extensions": {"code"}}], "data": null}`.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from prefect.server.catalog import CATALOG, EVERYONE, Catalog, Level, Role
from prefect.server.errors import (
    AnswerTooLarge,
    BackendError,
    BadInput,
    DatabaseAway,
    DatabaseBusy,
    DatabaseReadOnly,
    DiskFull,
    Forbidden,
    NotFound,
    RequestError,
    StatementTooLarge,
    StoreError,
    TookTooLong,
    TooManyRows,
    Unauthenticated,
    did_you_mean,
)
from prefect.server.graphql import bind, cursor, document, limits, payload, subscriptions
from prefect.server.graphql.dialect import SQLITE, SQLITE_BEFORE_3_39, Dialect
from prefect.server.graphql.document import DocumentError, Field, Kept, Operation, Request
from prefect.server.graphql.limits import Cost, Limits
from prefect.server.graphql.plan import ABSENT
from prefect.server.graphql.render import render
from prefect.server.graphql.selections import check_twins, chosen, has_directives, one_field
from prefect.server.graphql.template import Statement, Template
from prefect.server.graphql.variables import arguments, check_variable_types, evaluate, read_variables, shape
from prefect.server.logs import TURNED_AWAY, Sparing
from prefect.server.metrics import DATABASE_ERRORS, FOREIGN, METRICS, MISSING, QUERY, UNKNOWN
from prefect.server.over_http import ADDRESS
from prefect.server.vault import Vault

if TYPE_CHECKING:
    from prefect.server.graphql.introspection import Introspection
    from prefect.server.graphql.schema import Schema
    from prefect.server.graphql.subscriptions import Feed, Live, Subscription
    from prefect.server.operations.audit import Sender
    from prefect.server.operations.base import About, Caller
    from prefect.server.operations.feed import Batch
    from prefect.server.store.interface import Snapshot, Store, Transaction

_encode = msgspec.json.Encoder().encode
_logger = logging.getLogger("prefect.server")

# The gateway of 1.x answered these with status 400, everything else with 200.
_BAD_REQUEST = frozenset({"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"} | limits.BEFOREHAND)
_CONFLICT = "VERSION_LOCKING_ERROR"
# What passes by itself or by somebody's help. Clients send such a request again, those of 1.x too, and a run keeps what
# it has to tell on disk.
_PASSING = (DatabaseAway, DatabaseBusy, DiskFull)
_NOT_NOW = 503
# Characters of the statements of queries that are kept, and what else a kept query is reckoned to take.
_KEPT_STATEMENTS = 8_000_000
_KEPT_QUERY = 1_000
_KEPT_MUTATIONS = 4096
# A message repeats what it is about, which may be of any length.
_LONGEST_MESSAGE = 1_000
# Who sends this header, or knows answers of this type, is told what a question costs.
_SHOW_COST = "x-prefect-show-cost"
_MODERN = "application/graphql-response+json"
# Who sends this header is told how a question would be answered, in place of the answer.
_EXPLAIN = "x-prefect-explain"
# How SQLite words its limits on one statement.
_TOO_LARGE = ("parser stack overflow", "Expression tree is too large", "too many", "query too big", "at most 64 tables")
# How long a search brings the index of words up to date before it begins.
_INDEXING_SECONDS = 0.2
_UNFOUND = Sparing()
# How long a deletion goes on before its request is answered; the rows are hidden already.
_DELETION_SECONDS = 0.2


class Reply(msgspec.Struct, frozen=True):
    """The bytes of an answer, and the HTTP status that goes with them.

    For who watches the server also what was asked (query, subscription or the name of a mutation), who asked, where
    that is known, and which error of the database was in the way.
    """

    status: int
    body: bytes
    operation: str = UNKNOWN
    role: Role | None = None
    trouble: str | None = None


class _Asked(msgspec.Struct, frozen=True):
    """A root field of a query that no table answers: what answers it, and what of the answer is shown."""

    field: Field
    query: Any
    shown: payload.Projection | None

    def begun(self, values: Mapping[str, Any], literals: tuple[Any, ...]) -> _Begun:
        """The same with the request's arguments."""
        kinds = _argument_types(self.query.answer)
        path = (self.field.key,)
        given = {
            name: payload.read_argument(value, kinds[name], name, path)
            for name, value in arguments(self.field, values, literals).items()
        }
        return _Begun(self, given)


class _Begun(msgspec.Struct, frozen=True):
    asked: _Asked
    given: dict[str, Any]

    def answer(self, snapshot: Snapshot, caller: Caller) -> bytes:
        try:
            if caller.tenant_id is not None:
                from prefect.server.operations.scope import check_arguments

                check_arguments(snapshot, self.given, caller)
            answer = self.asked.query.answer(snapshot, caller, **self.given)
        except BackendError as error:
            raise _at(error, self.asked.field.key) from error
        shown = self.asked.shown
        return _encode(answer if shown is None else payload.project(answer, shown))


@lru_cache(maxsize=64)
def _argument_types(answer: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(answer, include_extras=True)


# Answers a root field from the request alone.
_Known = Callable[[Mapping[str, Any], Sequence[Any]], bytes]

# For each root field of a mutation: its key, its operation, the field, and what of the answer is shown.
_Wanted = tuple[str, Any, Field, payload.Projection]


class _Compiled(msgspec.Struct, frozen=True):
    """A query of one shape: for each root field its key, the bytes before its value, and its statement or value."""

    fields: tuple[tuple[str, bytes, Template | bytes | _Asked | _Known], ...]
    twins: tuple[tuple[int, int], ...]
    # Cursors whose nulls decide how the statements look.
    peeks: tuple[cursor.Peek, ...]
    costs: tuple[Cost, ...]
    # Whether anything looks for words.
    searches: bool
    # What it takes to ask, and which root field takes it.
    needs: Level
    needs_for: str


class Endpoint:
    """Answers GraphQL requests from a store. May be used by several threads at once.

    `limits` are those of one request. A `discreet` endpoint tells its log what is wrong with the database, and callers
    only that something is: paths are none of theirs. One that `requires_keys` answers nobody without one.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog = CATALOG,
        *,
        limits: Limits = Limits(),  # noqa: B008
        discreet: bool = False,
        requires_keys: bool = False,
    ) -> None:
        self.requires_keys = requires_keys
        self.store = store
        self.catalog = catalog
        self.limits = limits
        self.discreet = discreet
        # Which error the last request met that could not be written; None when one was written since.
        self.trouble: str | None = None
        self._dialect = _dialect(store)
        # A key beside the file: whoever has only the file, or a copy of it, reads no secret.
        self.vault = Vault.beside(store)
        self._roots = bind.roots(catalog)
        self._compiled: Kept[_Compiled] = Kept(_KEPT_STATEMENTS)
        self._wanted: dict[Operation, list[_Wanted]] = {}

    def answer(
        self,
        text: str,
        variables: Mapping[str, Any] | str | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        role: Role | None = None,
    ) -> bytes:
        """The JSON envelope that answers a document; without a role, for who the headers say that it is."""
        return self.reply(text, variables, operation_name, headers, role).body

    def reply(
        self,
        text: str,
        variables: Mapping[str, Any] | str | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        role: Role | None = None,
    ) -> Reply:
        """The same with its HTTP status. Variables may come as JSON text, which is how the 1.x client sends them."""
        named = UNKNOWN
        try:
            request, operation, values = self._read(text, variables, operation_name)
            named = _named(operation)
            if role is None:
                role = self.role(headers or {})
            if headers and _header(headers, _EXPLAIN) is not None:
                return Reply(200, self._explain(request, operation, values, role))
            if operation.kind == "query":
                return Reply(200, self._query(request, operation, values, headers or {}, role), QUERY, role)
            if operation.kind == "mutation":
                return Reply(200, self._mutation(request, operation, values, headers or {}, role), named, role)
            raise DocumentError(
                "A subscription is answered over a WebSocket (graphql-transport-ws) or as a stream of events "
                "(Accept: text/event-stream). Ask with a query.",
                at=operation.at,
            )
        except BackendError as error:
            refusal = self._refuse(error, text)
        except RecursionError:
            refusal = _refusal(_too_deep(), text)
        except (OverflowError, UnicodeEncodeError) as error:
            # What no database takes: a number of more than 64 bits, half of a surrogate pair.
            refusal = _refusal(BadInput(f"A value does not fit its place: {error}."), text)
        return Reply(refusal.status, refusal.body, named, role, refusal.trouble)

    def kind(self, text: str, operation_name: str | None = None) -> str | None:
        """Query, mutation or subscription; None for a document that cannot be understood, which `reply` explains."""
        try:
            limits.check_text(self.limits, text)
            return document.parse(text).document.operation(operation_name).kind
        except RequestError:
            return None

    def _read(
        self, text: str, variables: Mapping[str, Any] | str | None, operation_name: str | None
    ) -> tuple[Request, Operation, dict[str, Any]]:
        limits.check_text(self.limits, text)
        request = document.parse(text)
        operation = request.document.operation(operation_name)
        limits.check_operation(self.limits, operation)
        given = _object(variables) if isinstance(variables, str) else variables or {}
        return request, operation, read_variables(operation, given, request.literals)

    def role(self, headers: Mapping[str, str]) -> Role:
        """Whom the request's API key makes of who sent it. Without a key of ours, everyone, where none is required.

        Raises:
            Unauthenticated: the key is missing, unknown, expired, or one of another tenant than the request names.
        """
        try:
            return self._role(headers)
        except Unauthenticated as error:
            if ADDRESS in headers:
                TURNED_AWAY.note(headers[ADDRESS], error.reason, error.key_id)
            raise

    def _role(self, headers: Mapping[str, str]) -> Role:
        authorization = _header(headers, "authorization") if headers else None
        if authorization is not None:
            scheme, _, key = authorization.strip().partition(" ")
            if scheme.lower() == "bearer":
                from prefect.server.operations.keys import role_of

                with self.store.snapshot(single=True) as snapshot:
                    found = role_of(snapshot, key.strip(), _header(headers, "x-prefect-tenant-id"))
                if found is not None:
                    return found
        if self.requires_keys and authorization is not None:
            raise Unauthenticated(
                "What was sent is no API key of this server. Log in with `prefect auth login`, or set another "
                "`cloud.api_key`; who has none asks an administrator of the server for one.",
                FOREIGN,
            )
        if self.requires_keys:
            raise Unauthenticated(
                "This server answers nobody without one of its API keys. Log in with `prefect auth login`, or set "
                "`cloud.api_key`; who has none asks an administrator of the server for one.",
                MISSING,
            )
        return EVERYONE

    def identify(self, headers: Mapping[str, str]) -> Role | Reply:
        """The same, or the refusal of a request whose key opens nothing, or cannot be looked up at the moment."""
        try:
            return self.role(headers)
        except BackendError as error:
            return self._refuse(error, "")

    def _caller(self, headers: Mapping[str, str], role: Role) -> Caller:
        from prefect.server.operations import audit
        from prefect.server.operations.base import Caller

        agent_id = _header(headers, "x-prefect-agent-id")
        is_named = ADDRESS in headers or agent_id is not None or role.key_id is not None
        return Caller(
            agent_id,
            role.tenant_id,
            user_id=role.user_id,
            core_version=_header(headers, "x-prefect-core-version"),
            vault=self.vault,
            server=self._about,
            author=audit.author(role, agent_id) if is_named else None,
            level=role.level,
        )

    def sender(self, headers: Mapping[str, str], role: Role) -> Sender | None:
        """Who is to be written down for what a request changes; None for programs that use the database themselves."""
        if ADDRESS not in headers:
            return None
        from prefect.server.operations.audit import Sender

        return Sender(
            role,
            _header(headers, "x-prefect-agent-id"),
            headers[ADDRESS],
            _header(headers, "user-agent"),
            _header(headers, "x-prefect-core-version"),
        )

    @cached_property
    def _about(self) -> About:
        from prefect.server.operations.base import About

        return About(self.store.kind, self.store.place, msgspec.structs.asdict(self.limits), self.requires_keys)

    @cached_property
    def _introspection(self) -> Introspection:
        from prefect.server.graphql.introspection import Introspection

        return Introspection(schema(self.catalog))

    def _refuse(self, error: BackendError, text: str) -> Reply:
        if self.discreet and isinstance(error, StoreError) and not isinstance(error, TookTooLong | StatementTooLarge):
            _logger.error("%s", error.message)
            told = StoreError("The database cannot be used at the moment; the log of the server says why.")
            told.code = error.code
            METRICS.add(DATABASE_ERRORS)
            refusal = _refusal(told, text)
            status = _NOT_NOW if isinstance(error, _PASSING) else refusal.status
            return Reply(status, refusal.body, trouble=type(error).__name__)
        return _refusal(error, text)

    # -- subscriptions

    def subscribe(
        self,
        text: str,
        variables: Mapping[str, Any] | str | None = None,
        operation_name: str | None = None,
        role: Role = EVERYONE,
    ) -> Subscription | Reply:
        """What a document subscribes to; the refusal where it cannot be understood."""
        from prefect.server.operations.feed import FlowRunEvent

        try:
            request, operation, values = self._read(text, variables, operation_name)
            if operation.kind != "subscription":
                raise DocumentError(f"This is a {operation.kind}, not a subscription.", at=operation.at)
            found = subscriptions.read(request, operation, values, FlowRunEvent)
            if isinstance(found, subscriptions.Live):
                self._prepare(request, operation, values, role)
            else:
                self._check_run(found, role)
            return found
        except BackendError as error:
            return self._refuse(error, text)
        except RecursionError:
            return _refusal(_too_deep(), text)

    def _check_run(self, feed: Feed, role: Role) -> None:
        from prefect.server.operations.feed import tenant_of

        with self.store.snapshot() as snapshot:
            tenant_id = tenant_of(snapshot, feed.flow_run_id)
        if tenant_id is None or role.tenant_id not in (None, tenant_id):
            error = NotFound(f"There is no flow run {feed.flow_run_id}; it may have been deleted.", id=feed.flow_run_id)
            raise _at(error, feed.name)

    def again(self, live: Live, role: Role = EVERYONE) -> bytes:
        """The JSON envelope that answers a live query now."""
        try:
            return self._query(live.request, live.operation, live.values, {}, role)
        except BackendError as error:
            return self._refuse(error, "").body

    def events(self, feed: Feed, after: int) -> tuple[bytes | None, Batch]:
        """The JSON envelope with the events of a run that follow a sequence, or None, and the events themselves."""
        from prefect.server.operations.feed import read_feed

        with self.store.snapshot() as snapshot:
            batch = read_feed(snapshot, feed.flow_run_id, after, until_finished=feed.until_finished)
        if not batch.events:
            return None, batch
        return _encode({"data": {feed.name: payload.project(batch.events, feed.shown)}}), batch

    # -- queries

    def _prepare(self, request: Request, operation: Operation, values: dict[str, Any], role: Role) -> _Compiled:
        limits.check_variables(self.limits, values)
        key = (operation, role.tenant_id is not None, shape(operation, values))
        compiled = self._compiled.get(key)
        if compiled is not None and compiled.peeks:
            compiled = self._compiled.get((*key, cursor.nulls(compiled.peeks, values, request.literals)))
        if compiled is None:
            compiled = self._compile(request, operation, values, role)
            written = sum(len(answer.sql) for _, _, answer in compiled.fields if isinstance(answer, Template))
            self._compiled.keep(key, compiled, written + _KEPT_QUERY)
            if compiled.peeks:
                shaped = (*key, cursor.nulls(compiled.peeks, values, request.literals))
                self._compiled.keep(shaped, compiled, written + _KEPT_QUERY)
        if compiled.twins:
            check_twins(compiled.twins, request.literals)
        if role.level < compiled.needs:
            raise _too_little(role, compiled.needs, compiled.needs_for)
        return compiled

    def _query(
        self,
        request: Request,
        operation: Operation,
        values: dict[str, Any],
        headers: Mapping[str, str],
        role: Role,
    ) -> bytes:
        compiled = self._prepare(request, operation, values, role)
        most = self.limits.rows
        cost = sum([part.of(values, request.literals, most) for part in compiled.costs])
        if cost > self.limits.cost > 0:
            raise limits.refusal("cost", self.limits.cost, cost)
        parts = [b'{"data":{']
        answers = [
            (start, _begun(name, answer, values, request.literals, role)) for name, start, answer in compiled.fields
        ]
        if all(isinstance(answer, bytes) for _, answer in answers):
            parts.extend(part for answer in answers for part in answer if isinstance(part, bytes))
            parts.append(_end(cost, headers))
            return b"".join(parts)
        size, started = 0, time.monotonic()
        if compiled.searches:
            self._index_words()
        try:
            single = len(answers) == 1 and isinstance(answers[0][1], Statement)
            with self.store.snapshot(self.limits.seconds or None, single=single) as snapshot:
                for start, answer in answers:
                    parts.append(start)
                    if isinstance(answer, Statement):
                        parts.append(snapshot.fetch_json(answer))
                    elif isinstance(answer, bytes):
                        parts.append(answer)
                    else:
                        parts.append(answer.answer(snapshot, self._caller(headers, role)))
                    size += len(parts[-1])
                    if size > self.limits.answer_bytes > 0:
                        raise limits.refusal("answer_bytes", self.limits.answer_bytes, size)
        except StoreError as error:
            raise self._exceeded(error, time.monotonic() - started) from error
        finally:
            METRICS.used("read", time.monotonic() - started)
        parts.append(_end(cost, headers))
        return b"".join(parts)

    def _explain(self, request: Request, operation: Operation, values: dict[str, Any], role: Role) -> bytes:
        """For each root field of a query its statement, its cost and the plan of the database; nothing is carried out.

        Of what is bound to a statement the types alone are told. A field that no statement answers has none.
        """
        if operation.kind != "query":
            raise DocumentError(f"Only a query can be explained; this is a {operation.kind}.", at=operation.at)
        if role.level < Level.ADMIN:
            raise _too_little(role, Level.ADMIN, "explain")
        compiled = self._prepare(request, operation, values, role)
        costs = iter(part.of(values, request.literals, self.limits.rows) for part in compiled.costs)
        explained: list[dict[str, Any]] = []
        with self.store.snapshot(self.limits.seconds or None) as snapshot:
            for key, _, answer in compiled.fields:
                if not isinstance(answer, Template):
                    explained.append({"field": key, "cost": 0, "sql": None, "parameters": [], "plan": []})
                    continue
                filled = _fill(key, answer, values, request.literals, role)
                kinds = ["null" if value is None else type(value).__name__ for value in filled.parameters]
                plan = snapshot.explain(filled)
                part = {"field": key, "cost": next(costs), "sql": filled.sql, "parameters": kinds, "plan": plan}
                explained.append(part)
        cost = sum(part["cost"] for part in explained)
        told = {"cost": cost, "database": self.store.kind, "explain": explained}
        return _encode({"data": None, "extensions": told})

    def _index_words(self) -> None:
        from prefect.server.services import index_log_words

        # Whoever searches only reads. Where nothing can be written, lines outside the index are searched one by one.
        with contextlib.suppress(DatabaseReadOnly, DatabaseBusy, DiskFull):
            index_log_words(self.store, at_most_seconds=_INDEXING_SECONDS)

    def _exceeded(self, error: StoreError, seconds: float) -> BackendError:
        """What a question ran into while it was answered: a limit of ours or of the database, or trouble."""
        if isinstance(error, TookTooLong):
            return limits.refusal("seconds", self.limits.seconds, round(seconds, 3))
        if isinstance(error, TooManyRows):
            return limits.refusal("rows", self.limits.rows, error.rows)
        if isinstance(error, AnswerTooLarge):
            return limits.refusal("answer_bytes", error.limit, error.limit + 1)
        if any(limit in error.message for limit in _TOO_LARGE):
            return DocumentError(
                "The question is nested too deeply, or has too many parts, for the database. Ask it in several.",
                code="validation-failed",
            )
        return error

    def _compile(self, request: Request, operation: Operation, values: dict[str, Any], role: Role) -> _Compiled:
        check_variable_types(operation, self.catalog)
        binder = bind.Binder(
            operation, values, self.catalog, scoped=role.tenant_id is not None, literals=request.literals
        )
        binder.most_conditions = self.limits.conditions
        costs: list[Cost] = []
        found: list[tuple[str, bytes, Template | bytes | _Asked | _Known]] = []
        from prefect.server.operations import QUERIES

        needs, needs_for = Level.READ_ONLY, ""
        root = f"{operation.kind}_root"
        for key, fields in chosen(operation, operation.selections, root, values).items():
            field = one_field(fields, binder.twins)
            start = f'{"," if found else ""}"{key}":'.encode()
            if field.name in self._roots:
                table, answer = self._roots[field.name]
                plan = binder.root(field, table, answer)
                costs.append(limits.cost(plan))
                template = render(plan, self.catalog, self._dialect, most_rows=self.limits.rows)
                found.append((key, start, template))
                if table.needs > needs:
                    needs, needs_for = table.needs, key
            elif field.name in QUERIES:
                if QUERIES[field.name].needs > needs:
                    needs, needs_for = QUERIES[field.name].needs, key
                found.append((key, start, _asked(operation, field, values, binder.twins)))
            elif field.name == "__typename":
                found.append((key, start, f'"{root}"'.encode()))
            elif field.name in ("__schema", "__type"):
                found.append((key, start, self._introspection.asked(operation, field, values, binder.twins).answer))
            else:
                raise _unknown(field, root, {*self._roots, *QUERIES})
        return _Compiled(
            tuple(found), tuple(binder.twins), tuple(binder.peeks), tuple(costs), binder.searches, needs, needs_for
        )

    # -- mutations

    def _mutation(
        self,
        request: Request,
        operation: Operation,
        values: dict[str, Any],
        headers: Mapping[str, str],
        role: Role,
    ) -> bytes:
        from prefect.server.operations.base import DEFINITIONS

        wanted = self._wanted.get(operation)
        if wanted is None:
            twins: list[tuple[int, int]] = []
            wanted = _wanted(operation, values, twins, self._looking(request, operation, values, role, twins))
            check_twins(twins, request.literals)
            looks = any(payload.looks(shown) for _, _, _, shown in wanted)
            if not twins and not looks and not has_directives(operation):
                if len(self._wanted) >= _KEPT_MUTATIONS:
                    self._wanted.clear()
                self._wanted[operation] = wanted
        caller = self._caller(headers, role)
        # What runs report all day pays nothing for what is not written down of it.
        sender = None if all(known.is_routine for _, known, _, _ in wanted) else self.sender(headers, role)
        for key, known, field, _ in wanted:
            if role.level < known.needs:
                error = _too_little(role, known.needs, key)
                given = None
                with contextlib.suppress(BackendError):
                    given = _input(field, known, values, request)
                self._record_refusal(known, given, sender, caller, error)
                raise error
        calls = [(key, known, _input(field, known, values, request), shown) for key, known, field, shown in wanted]
        answers: dict[str, Any] = {}
        errors: list[tuple[BackendError, tuple[str | int, ...]]] = []
        key = ""

        def write(transaction: Transaction) -> None:
            nonlocal key
            errors.clear()
            caller.begin_again()
            for key, known, given, _ in calls:
                if not known.locks:
                    # It expects to be alone: nobody else defines flows, projects and the like meanwhile.
                    transaction.lock(DEFINITIONS)
                if caller.tenant_id is not None:
                    from prefect.server.operations.scope import check_input

                    check_input(transaction, given, caller)
                if sender is None or known.is_routine:
                    answers[key] = known.answer(transaction, given, caller)
                else:
                    answers[key] = _on_record(transaction, known, given, caller, sender)
                if caller.errors:
                    errors.extend((error, (key, *path)) for error, path in caller.errors)
                    caller.errors.clear()

        started = time.monotonic()
        try:
            self.store.write(write)
            self.trouble = None
        except BackendError as error:
            if isinstance(error, StoreError):
                self.trouble = type(error).__name__
            for name, known, given, _ in calls:
                if name == key:
                    self._record_refusal(known, given, sender, caller, error)
            raise _at(error, key) from error
        finally:
            METRICS.used("write", time.monotonic() - started)
        METRICS.moved(caller.moves, caller.log_lines)
        caller.moves.clear()
        if caller.deliveries:
            from prefect.server.services import tell

            tell(self.store, caller)
        if caller.has_deleted:
            from prefect.server.services import remove_deleted_runs

            # What is left goes on with the next deletion, or when the file is opened again.
            remove_deleted_runs(self.store, at_most_seconds=_DELETION_SECONDS)
        data = self._shown(calls, answers, values, request.literals, role)
        if not errors:
            return _encode({"data": data})
        # A client that looks at the first error only must see that it lost a race.
        errors.sort(key=lambda item: item[0].code != _CONFLICT)
        return _encode({"errors": [_error(error, path) for error, path in errors], "data": data})

    def _record_refusal(
        self, known: Any, given: Any, sender: Sender | None, caller: Caller, error: BackendError
    ) -> None:
        """Write down what somebody wanted and did not get. The transaction in which it was tried is gone."""
        if sender is None or known.is_routine or not isinstance(error, RequestError):
            return
        from prefect.server.operations import audit

        with self.store.transaction() as transaction:
            tenant_id = caller.tenant_id if given is None else audit.owner(transaction, given, caller)
            audit.record(transaction, sender, known, tenant_id, given, error.code)
        # What is to be registered or run, and cannot be since a project or a flow is gone.
        is_unfound = isinstance(error, NotFound) and known.name.startswith("create_flow")
        if is_unfound and (more := _UNFOUND.admit(error.message)) is not None:
            _logger.warning("%s by %s was refused: %s%s", known.name, sender.name, error.message, more)

    def _looking(
        self,
        request: Request,
        operation: Operation,
        values: Mapping[str, Any],
        role: Role,
        twins: list[tuple[int, int]],
    ) -> payload.Looking:
        """Compiles what reads the row that a mutation's answer is about; its id will be one more literal."""

        def looking(field: Field, table: str, path: tuple[str, ...]) -> Template:
            # Its columns only: what a question costs is weighed where questions are answered.
            for fields in chosen(operation, field.selections, table, values).values():
                if fields[0].selections:
                    raise DocumentError(
                        f'The answer of a mutation shows the columns of "{table}" alone; ask for '
                        f'"{fields[0].name}" with a query.',
                        path=(*path, fields[0].key),
                        at=fields[0].at,
                    )
            binder = bind.Binder(
                operation, values, self.catalog, scoped=role.tenant_id is not None, literals=request.literals
            )
            place = document.Lifted("String", len(request.literals))
            asked = Field(f"{table}_by_pk", field.key, (("id", place),), (), field.selections, field.at)
            plan = binder.root(asked, self.catalog.tables[table], "one")
            twins.extend(binder.twins)
            return render(plan, self.catalog, self._dialect)

        return looking

    def _shown(
        self,
        calls: list[tuple[str, Any, Any, payload.Projection]],
        answers: Mapping[str, Any],
        values: Mapping[str, Any],
        literals: tuple[Any, ...],
        role: Role,
    ) -> dict[str, Any]:
        """What of the answers is selected."""
        if not any(payload.looks(shown) for _, _, _, shown in calls):
            return {key: payload.project(answers[key], shown) for key, _, _, shown in calls}
        with self.store.snapshot() as snapshot:

            def look(template: Template, row_id: str) -> msgspec.Raw:
                return msgspec.Raw(snapshot.fetch_json(_fill("", template, values, (*literals, row_id), role)))

            return {key: payload.project(answers[key], shown, look) for key, _, _, shown in calls}


def _named(operation: Operation) -> str:
    """What an operation is called where operations are counted: a mutation by its first field."""
    if operation.kind == "mutation" and isinstance(operation.selections[0], Field):
        return operation.selections[0].name
    return operation.kind


def _too_little(role: Role, needs: Level, key: str) -> BackendError:
    """What takes more than the role of a key is refused."""
    error = Forbidden(
        f'"{key}" takes an API key with the role {needs.word}, and this one has {role.level.word}.',
        role=role.level.word,
        needs=needs.word,
    )
    return _at(error, key)


def _on_record(transaction: Transaction, known: Any, given: Any, caller: Caller, sender: Sender) -> Any:
    """Carry out a mutation, and write down who did."""
    from prefect.server.operations import audit

    # Before, since it may delete what it names.
    tenant_id = audit.owner(transaction, given, caller)
    answer = known.answer(transaction, given, caller)
    audit.record(transaction, sender, known, tenant_id, given)
    return answer


def schema(catalog: Catalog = CATALOG) -> Schema:
    """Everything that can be asked of an endpoint."""
    from prefect.server.graphql.schema import build
    from prefect.server.operations import OPERATIONS, QUERIES
    from prefect.server.operations.feed import FlowRunEvent

    feed = (subscriptions.FEED, subscriptions.FEED_ARGUMENTS, FlowRunEvent)
    return build(catalog, OPERATIONS.values(), QUERIES.values(), [feed])


def _dialect(store: Store) -> Dialect:
    if store.kind == "postgresql":
        from prefect.server.graphql.render_postgres import postgresql

        return postgresql(store.folding)
    return SQLITE if sqlite3.sqlite_version_info >= (3, 39) else SQLITE_BEFORE_3_39


def _wanted(
    operation: Operation, values: Mapping[str, Any], twins: list[tuple[int, int]], looking: payload.Looking
) -> list[_Wanted]:
    from prefect.server.operations import OPERATIONS

    wanted: list[_Wanted] = []
    for key, fields in chosen(operation, operation.selections, "mutation_root", values).items():
        field = one_field(fields, twins)
        known = OPERATIONS.get(field.name)
        if known is None:
            raise _unknown(field, "mutation_root", OPERATIONS)
        shown = payload.projection(operation, field, known.payload_type, values, twins, (key,), looking)
        wanted.append((key, known, field, shown))
    return wanted


def _asked(operation: Operation, field: Field, values: Mapping[str, Any], twins: list[tuple[int, int]]) -> _Asked:
    """How to answer a root field that no table answers."""
    from prefect.server.operations import QUERIES

    query = QUERIES[field.name]
    given = {name for name, _ in field.arguments}
    if given - set(query.arguments) or set(query.arguments) - query.optional - given:
        raise DocumentError(
            f'Field "{field.name}" takes these arguments and no others: {", ".join(query.arguments) or "none"}.',
            path=(field.key,),
            at=field.at,
        )
    if query.payload_type is None:
        return _Asked(field, query, None)
    return _Asked(field, query, payload.projection(operation, field, query.payload_type, values, twins, (field.key,)))


def _fill(key: str, template: Template, values: Mapping[str, Any], literals: tuple[Any, ...], role: Role) -> Statement:
    try:
        return template.fill(values, literals, role)
    except DocumentError as error:
        raise _at(error, key) from None


def _begun(
    key: str,
    answer: Template | bytes | _Asked | _Known,
    values: Mapping[str, Any],
    literals: tuple[Any, ...],
    role: Role,
) -> Statement | bytes | _Begun:
    """What is left to be done once the database is asked."""
    if isinstance(answer, Template):
        return _fill(key, answer, values, literals, role)
    if isinstance(answer, _Asked):
        return answer.begun(values, literals)
    return answer if isinstance(answer, bytes) else answer(values, literals)


def _input(field: Field, known: Any, values: Mapping[str, Any], request: Request) -> Any:
    if [name for name, _ in field.arguments] != ["input"]:
        raise DocumentError(
            f'Field "{field.name}" takes one argument, "input" of type "{known.input_name}!".',
            path=(field.key,),
            at=field.at,
        )
    value = field.arguments[0][1]
    given = evaluate(value, values, request.literals)
    if given is ABSENT:
        given = None
    return payload.read_input(given, known.input_type, field.key, inline=not isinstance(value, document.Variable))


def _too_deep() -> DocumentError:
    return DocumentError("The request is nested too deeply.", code="BAD_USER_INPUT")


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(text or "null")
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DocumentError(f"The variables are not JSON: {error}.", code="BAD_USER_INPUT") from None
    except RecursionError:
        raise DocumentError("The variables are nested too deeply.", code="BAD_USER_INPUT") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise DocumentError("The variables must be an object of names and values.", code="BAD_USER_INPUT")
    return found


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _end(cost: int, headers: Mapping[str, str]) -> bytes:
    """The end of an answer, with what it cost for who wants to know. Programs of 1.x compare answers as a whole."""
    for name, value in headers.items():
        name = name.lower()
        if name == _SHOW_COST or (name == "accept" and _MODERN in value):
            return b'},"extensions":{"cost":%d}}' % cost
    return b"}}"


def _unknown(field: Field, kind: str, known: Any) -> DocumentError:
    return DocumentError(
        f'Cannot query field "{field.name}" on type "{kind}".{did_you_mean(field.name, known)}',
        path=(field.key,),
        at=field.at,
    )


def _at(error: BackendError, key: str) -> BackendError:
    if not getattr(error, "path", ()):
        error.path = (key,)  # type: ignore[attr-defined]
    return error


def _error(error: BackendError, path: tuple[str | int, ...]) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code, **error.details}
    message = error.message
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + "..."
    if not message.isascii():
        # Halves of surrogate pairs, which a message may repeat, cannot be written.
        message = message.encode("utf-8", "replace").decode()
    return {"message": message, "path": list(path), "extensions": extensions}


def _refusal(error: BackendError, text: str) -> Reply:
    written = _error(error, getattr(error, "path", ()))
    place = None
    if isinstance(error, DocumentError):
        place = error.location
        if place is None and error.at is not None:
            place = document.location(text, error.at)
    if place is not None:
        written["locations"] = [{"line": place[0], "column": place[1]}]
    return Reply(400 if error.code in _BAD_REQUEST else 200, _encode({"errors": [written], "data": None}))
