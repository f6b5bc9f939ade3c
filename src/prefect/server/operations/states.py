"""States are proposed, decided and written: the path that every transition of every run takes.

One batch, one transaction: facts are read under the run's lock, `transitions.decide` answers, and what it accepts goes
into history and projection together. This is the only module that moves a run.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from prefect.engine.state import Paused
from prefect.server import states
from prefect.server.errors import (
    BadInput,
    FlowRunNotRunning,
    LimitReached,
    MoveRefused,
    NotFound,
    RequestError,
    VersionConflict,
)
from prefect.server.identifiers import new_ids, now, stamp
from prefect.server.operations.base import Caller, Input, Payload
from prefect.server.operations.hooks import set_off
from prefect.server.operations.limits import flow_slots, take_task_slots, task_limits, task_slots
from prefect.server.operations.new_task_runs import insert_task_runs
from prefect.server.operations.values import (
    JSON,
    UUID,
    DateTime,
    canonical_id,
    canonical_moment,
    clean_text,
    decode_json,
    encode_json,
    object_of,
)
from prefect.server.store.interface import Row, Transaction
from prefect.server.store.statements import statement
from prefect.server.transitions import (
    FLOW,
    NOBODY,
    TASK,
    Decision,
    Effect,
    Process,
    Proposal,
    Refusal,
    Run,
    RunFacts,
    Transition,
    decide,
)
from prefect.utilities.version import VERSION

SUCCESS: Final = "SUCCESS"
REFUSED: Final = "REFUSED"
WAITS: Final = "QUEUED"
# By whom a state was set that nobody proposed.
RESCUE: Final = "service rescue"
# Seconds. Who announces more has mistaken the unit.
LONGEST_HEARTBEAT_INTERVAL: Final = 7 * 24 * 3600
# When a run that has to wait for a slot of a limit shall ask again.
WAITING_SECONDS: Final = 30


class Owner(msgspec.Struct, forbid_unknown_fields=True):
    """The process that executes a run."""

    host: str
    pid: int
    started: str | None = None


class SetFlowRunState(Input):
    """A state proposed for a flow run. `timestamp` is the client's clock.

    `owner` is the process that will execute the run, with signs of life every `interval_seconds`. `holder` is the
    process that proposes: where another one executes the run by now, or none, the proposal is refused.
    """

    flow_run_id: UUID
    state: JSON
    version: int | None = None
    idempotency_id: str | None = None
    timestamp: DateTime | None = None
    owner: Owner | None = None
    interval_seconds: int | None = None
    holder: Owner | None = None


class SetFlowRunStatesInput(Input):
    states: list[SetFlowRunState]


class SetFlowRunStateInput(SetFlowRunState):
    """The form for one state, as old documentation has it."""


class SetTaskRunState(Input):
    """A state proposed for a task run. `timestamp` is the client's clock; `flow_run_version` is not looked at.

    `holder` is the process that proposes: where another one executes the flow run by now, or none, it is refused.
    """

    task_run_id: UUID
    state: JSON
    version: int | None = None
    flow_run_version: int | None = None
    idempotency_id: str | None = None
    timestamp: DateTime | None = None
    holder: Owner | None = None


class SetTaskRunStatesInput(Input):
    states: list[SetTaskRunState]


class SetTaskRunStateInput(SetTaskRunState):
    """The form for one state, as old documentation has it."""


class SetFlowRunStatePayload(Payload):
    """The run's version, sequence and state after the answer, whether it moved or not.

    With the status QUEUED a concurrency limit is full: the run stays as it is, and `state` is what it waits in before
    it asks again.
    """

    graphql = "set_flow_run_state_payload"
    row = "flow_run"
    id: UUID | None = None
    status: str | None = SUCCESS
    message: str | None = None
    version: int | None = None
    sequence: int | None = None
    state: JSON | None = None


class SetTaskRunStatePayload(SetFlowRunStatePayload):
    graphql = "set_task_run_state_payload"
    row = "task_run"


class SetFlowRunStatesPayload(Payload):
    graphql = "set_flow_run_states_payload"
    states: list[SetFlowRunStatePayload] | None = None


class SetTaskRunStatesPayload(Payload):
    graphql = "set_task_run_states_payload"
    states: list[SetTaskRunStatePayload] | None = None


class _Kind(NamedTuple):
    run: Run
    id: str
    facts: str
    by_idempotency_id: str
    last: str
    history: str
    move: str
    payload: type[SetFlowRunStatePayload]


_FLOW = _Kind(
    FLOW,
    "flow_run_id",
    statement("flow_run_facts"),
    statement("flow_run_state_by_idempotency_id"),
    statement("last_flow_run_state"),
    statement("insert_flow_run_state"),
    statement("move_flow_run"),
    SetFlowRunStatePayload,
)
_TASK = _Kind(
    TASK,
    "task_run_id",
    statement("task_run_facts"),
    statement("task_run_state_by_idempotency_id"),
    statement("last_task_run_state"),
    statement("insert_task_run_state"),
    statement("move_task_run"),
    SetTaskRunStatePayload,
)
_INTERRUPTED = states.RUNNING | states.SUBMITTED
_PAUSED = states.names(Paused)
_ADVANCE_FEED = statement("advance_feed")
_CACHED_INPUTS = '"cached_inputs":{"'
_CANCELLED_WITH_FLOW = "The flow run was cancelled."


class Proposed(NamedTuple):
    """A state on its way in, cleaned: its name, its JSON text and what columns are taken from it."""

    run_id: str
    name: str
    text: str
    message: str | None
    start_time: str | None
    has_cached_inputs: bool
    version: int | None = None
    idempotency_id: str | None = None
    client_timestamp: str | None = None
    owner: Owner | None = None
    move: str | None = None
    interval_seconds: int | None = None
    holder: Process | None = None


class _Feed(msgspec.Struct):
    """How far the feed of one flow run has come, within this transaction."""

    flow_run_id: str
    sequence: int
    timestamp: str
    flow_run_state: str
    owner: Process
    moved: bool = False


class _Held(msgspec.Struct):
    """A run under its lock: read once, then carried along from one proposal for it to the next."""

    id: str
    feed: _Feed
    tenant_id: Any
    version: int
    state: str
    text: str
    agent_id: str | None
    # What the proposals that follow in the batch are answered as well: they were made for a state it did not reach.
    refusal: RequestError | None = None
    waiting: SetFlowRunStatePayload | None = None


# Without a time they mean now; only what is paused waits for ever.
_STARTS_BY_ITSELF: Final = states.SCHEDULED - {Paused.__name__}


def read_state(value: Any) -> tuple[str, str, str | None, str | None, bool]:
    """Name, JSON text, message, start time and whether it has cached inputs, of a state as it came."""
    state = value if value.__class__ is dict else object_of(value, "A state")
    name = state.get("type")
    if name.__class__ is not str or name not in states.EVERY:
        raise BadInput(f"The type of a state must be the name of one, not {name!r}.")
    text = encode_json(state, "A state")
    message = state.get("message")
    if message is not None:
        message = clean_text(message if message.__class__ is str else str(message))
    start_time = state.get("start_time")
    if start_time is not None:
        start_time = canonical_moment(start_time, "The start_time of a state")
    elif name in _STARTS_BY_ITSELF:
        start_time = now()
    return name, text, message, start_time, bool(state.get("cached_inputs"))


def plain_state(name: str, message: str, **attributes: Any) -> Proposed:
    """A state that the backend itself proposes; `run_id` is to be set with `_replace`."""
    state = {
        "type": name,
        "message": message,
        "context": {},
        "cached_inputs": {},
        "_result": {"type": "NoResultType", "__version__": VERSION},
        **attributes,
        "__version__": VERSION,
    }
    return Proposed("", *read_state(state))


def set_flow_run_states(
    transaction: Transaction, input: SetFlowRunStatesInput, caller: Caller
) -> SetFlowRunStatesPayload:
    """Propose states for flow runs."""
    return SetFlowRunStatesPayload(propose(transaction, FLOW, [_flow_run(item) for item in input.states], caller))


def set_flow_run_state(transaction: Transaction, input: SetFlowRunStateInput, caller: Caller) -> SetFlowRunStatePayload:
    """Propose a state for a flow run; a refusal is an error of the whole."""
    return _propose_alone(transaction, FLOW, _flow_run(input), caller)


def _flow_run(item: SetFlowRunState) -> Proposed:
    return Proposed(
        item.flow_run_id,
        *read_state(item.state),
        item.version,
        item.idempotency_id,
        None if item.timestamp is None else canonical_moment(item.timestamp, "timestamp"),
        item.owner,
        None,
        checked_interval(item.interval_seconds),
        None if item.holder is None else msgspec.structs.astuple(item.holder),
    )


def set_task_run_states(
    transaction: Transaction, input: SetTaskRunStatesInput, caller: Caller
) -> SetTaskRunStatesPayload:
    """Propose states for task runs."""
    proposals = [_task_run(item) for item in input.states]
    return SetTaskRunStatesPayload(propose(transaction, TASK, proposals, caller))  # type: ignore[arg-type]


def set_task_run_state(transaction: Transaction, input: SetTaskRunStateInput, caller: Caller) -> SetTaskRunStatePayload:
    """Propose a state for a task run; a refusal is an error of the whole."""
    return _propose_alone(transaction, TASK, _task_run(input), caller)  # type: ignore[return-value]


def _task_run(item: SetTaskRunState) -> Proposed:
    timestamp = item.timestamp
    return Proposed(
        item.task_run_id,
        *read_state(item.state),
        item.version,
        item.idempotency_id,
        None if timestamp is None else canonical_moment(timestamp, "timestamp"),
        holder=None if item.holder is None else msgspec.structs.astuple(item.holder),
    )


def checked_interval(seconds: int | None) -> int | None:
    """The interval in which a process announces signs of life."""
    if seconds is not None and not 0 < seconds <= LONGEST_HEARTBEAT_INTERVAL:
        raise BadInput(f"interval_seconds must lie between 1 and {LONGEST_HEARTBEAT_INTERVAL}, not {seconds}.")
    return seconds


def propose(
    transaction: Transaction, run: Run, proposals: list[Proposed], caller: Caller
) -> list[SetFlowRunStatePayload]:
    """Decide each proposal and write what is accepted; what is refused is reported to the caller, in its place.

    Once a proposal for a run is refused, later ones of the batch for the same run are refused with it: they were made
    for a state that it did not reach.
    """
    return _Batch(transaction, _TASK if run is TASK else _FLOW, caller).propose(proposals)


class _Batch:
    """Proposals for runs of one kind, decided one by one and written together."""

    __slots__ = ("caller", "feeds", "held", "history", "ids", "kind", "limits", "moves", "transaction")

    def __init__(self, transaction: Transaction, kind: _Kind, caller: Caller) -> None:
        self.transaction = transaction
        self.kind = kind
        self.caller = caller
        self.held: dict[str, _Held | None] = {}
        self.feeds: dict[str, _Feed] = {}
        self.limits: dict[str | None, dict[str, int]] = {}
        # What is accepted and not written yet: of each move the line of history and what the row becomes.
        self.history: list[tuple[Any, ...]] = []
        self.moves: list[tuple[Any, ...]] = []

    def propose(self, proposals: list[Proposed]) -> list[SetFlowRunStatePayload]:
        moment = now()
        self.ids = iter(new_ids(len(proposals)))
        run_ids = [canonical_id(proposed.run_id, self.kind.id) for proposed in proposals]
        self.hold(run_ids, moment)
        answers = [
            self.answer(place, run_id, proposed)
            for place, (run_id, proposed) in enumerate(zip(run_ids, proposals, strict=True))
        ]
        self.write()
        for feed in self.feeds.values():
            if feed.moved:
                self.transaction.execute(_ADVANCE_FEED, (feed.flow_run_id, feed.sequence, feed.timestamp))
        return answers

    def hold(self, run_ids: list[str], moment: str) -> None:
        """Lock the runs, and read what the rules must know of each; None of one that is not there for the caller."""
        transaction, tenant_id = self.transaction, self.caller.tenant_id
        if self.kind.run is TASK:
            transaction.lock_task_runs(run_ids)
        else:
            transaction.lock_flow_runs(run_ids)
        asked = list(dict.fromkeys(run_ids))
        rows = transaction.fetch_each(self.kind.facts, [(run_id,) for run_id in asked])
        for run_id, row in zip(asked, rows, strict=True):
            if row is None or (tenant_id is not None and row[1] != tenant_id):
                self.held[run_id] = None
                continue
            flow_run_id, owner, version, state, text, sequence, stamped, flow_run_state, agent_id, *process = row
            feed = self.feeds.get(flow_run_id)
            if feed is None:
                # The server's clock may have been set back; the stamps of a feed never decrease.
                feed = _Feed(flow_run_id, sequence, max(stamped, moment), flow_run_state, tuple(process))
                self.feeds[flow_run_id] = feed
            self.held[run_id] = _Held(run_id, feed, owner, version, state, text, agent_id)

    def answer(self, place: int, run_id: str, proposed: Proposed) -> SetFlowRunStatePayload:
        """What becomes of one proposal."""
        held = self.held[run_id]
        if held is None:
            return self.not_found(place, run_id)
        if proposed.idempotency_id is not None:
            before = self.answered_before(held, proposed.idempotency_id)
            if before is not None:
                return before
        if held.waiting is not None:
            return held.waiting
        if held.refusal is not None:
            return self.refuse(place, held, held.refusal)
        text = proposed.text
        if _CACHED_INPUTS in held.text and not proposed.has_cached_inputs:
            text = _with_cached_inputs(text, held.text)
        tags, full = self.slots(held) if proposed.name in states.STARTS else (None, None)
        decision = self.decide(held, proposed, text, full)
        if decision.refusal is not None:
            error = _error(decision.refusal, decision.message, held)
            return self.refuse(place, held, error)
        if decision.waits:
            return self.wait(held, decision.message)
        if decision.repeated and self.is_from_sender(held, proposed):
            return self.as_it_is(held)
        if decision.move is None:
            return self.refuse(place, held, self.too_late(held))
        if tags:
            take_task_slots(self.transaction, held.tenant_id, run_id, tags)
        return self.move(held, proposed, text, decision.move)

    # -- what a proposal is held against

    def answered_before(self, held: _Held, idempotency_id: str) -> SetFlowRunStatePayload | None:
        """The answer to the same proposal, where it was accepted before."""
        row = self.transaction.execute(self.kind.by_idempotency_id, (idempotency_id,)).fetchone()
        if row is None:
            return None
        run_id, version, sequence, text = row
        if run_id != held.id:
            raise BadInput(
                f"The idempotency_id of the proposal for the {self.kind.run} {held.id} was used for another run before."
            )
        return self.kind.payload(run_id, SUCCESS, None, version, sequence, msgspec.Raw(text.encode()))

    def slots(self, held: _Held) -> tuple[list[str] | None, str | None]:
        """The tags whose slots a run takes when it starts, and in words a limit that has none left for it."""
        tenant_id = held.tenant_id
        if self.kind.run is FLOW:
            return None, flow_slots(self.transaction, tenant_id, held.id)
        limits = self.limits.get(tenant_id)
        if limits is None:
            limits = self.limits[tenant_id] = task_limits(self.transaction, tenant_id)
        if not limits:
            return None, None
        # Who has ended in this very batch holds no slot any more.
        self.write()
        return task_slots(self.transaction, tenant_id, held.id, limits)

    def decide(self, held: _Held, proposed: Proposed, text: str, full: str | None) -> Decision:
        feed, agent_id = held.feed, self.caller.agent_id
        is_told_by_agent = agent_id is not None and proposed.name in states.FAILED and agent_id == held.agent_id
        return decide(
            RunFacts(
                self.kind.run,
                held.id,
                held.state,
                held.version,
                held.text,
                feed.flow_run_id,
                feed.flow_run_state,
                full,
                feed.owner,
            ),
            Proposal(proposed.name, text, proposed.version, is_told_by_agent, proposed.move, proposed.holder),
        )

    def is_from_sender(self, held: _Held, proposed: Proposed) -> bool:
        """Whether a proposal equal to the stored state comes from whoever stored it, as far as that can be told.

        A request that is sent again carries the same ids and clock; two agents or processes that race do not.
        """
        last = self.transaction.fetch_one(self.kind.last, (held.id, held.version))
        if last is None:
            return False
        idempotency_id, client_timestamp = last
        if proposed.idempotency_id != idempotency_id or proposed.client_timestamp != client_timestamp:
            return False
        if self.kind.run is FLOW and held.state in states.SUBMITTED:
            return held.agent_id == self.caller.agent_id
        if self.kind.run is FLOW and proposed.owner is not None:
            owner = self.transaction.fetch_one(statement("flow_run_owner"), (held.id,))
            return owner is not None and owner[1:4] == msgspec.structs.astuple(proposed.owner)
        return True

    # -- answers that move nothing

    def not_found(self, place: int, run_id: str) -> SetFlowRunStatePayload:
        run = self.kind.run
        error = NotFound(f"There is no {run} {run_id}; it may have been deleted.", id=run_id, run=run)
        self.caller.report(error, "states", place)
        return self.kind.payload(run_id, REFUSED, error.message)

    def refuse(self, place: int, held: _Held, refusal: RequestError) -> SetFlowRunStatePayload:
        held.refusal = refusal
        self.caller.report(refusal, "states", place)
        text = msgspec.Raw(held.text.encode())
        return self.kind.payload(held.id, REFUSED, refusal.message, held.version, held.feed.sequence, text)

    def too_late(self, held: _Held) -> RequestError:
        message = (
            f"The {self.kind.run} {held.id} was moved to {held.state} by somebody who was faster. Stop working on it."
        )
        return _error(Refusal.VERSION, message, held)

    def wait(self, held: _Held, message: str) -> SetFlowRunStatePayload:
        start = stamp(datetime.now(UTC) + timedelta(seconds=WAITING_SECONDS))
        queued = msgspec.Raw(plain_state("Queued", message, start_time=start).text.encode())
        held.waiting = self.kind.payload(held.id, WAITS, message, held.version, held.feed.sequence, queued)
        return held.waiting

    def as_it_is(self, held: _Held) -> SetFlowRunStatePayload:
        text = msgspec.Raw(held.text.encode())
        return self.kind.payload(held.id, SUCCESS, None, held.version, held.feed.sequence, text)

    # -- moves

    def move(self, held: _Held, proposed: Proposed, text: str, move: Transition) -> SetFlowRunStatePayload:
        """Take the next number of the feed and the next version of the run, and what follows for a flow run."""
        feed, name, caller = held.feed, proposed.name, self.caller
        feed.sequence += 1
        feed.moved = True
        self.collect(held, proposed, text)
        held.version += 1
        held.state = name
        held.text = text
        caller.moves.append((self.kind.payload.row, name))
        answer = self.as_it_is(held)
        if self.kind.run is FLOW:
            feed.flow_run_state = name
            # Its consequences belong behind it in the feed, so what is collected is written first.
            self.write()
            set_off(self.transaction, caller, held.tenant_id, held.id, name, held.version)
            _take_effect(self.transaction, move, proposed, held, caller)
        return answer

    def collect(self, held: _Held, proposed: Proposed, text: str) -> None:
        feed, name, author = held.feed, proposed.name, self.caller.author
        timestamp = feed.timestamp
        if proposed.client_timestamp is not None and self.caller.agent_id is None:
            # Whoever reports with a clock of its own is the process of the run, unless it is an agent.
            author = None
        self.history.append(
            (
                next(self.ids),
                held.tenant_id,
                feed.flow_run_id,
                held.id,
                feed.sequence,
                held.version + 1,
                timestamp,
                proposed.client_timestamp,
                name,
                proposed.message,
                proposed.start_time,
                text,
                proposed.idempotency_id,
                author,
            )
        )
        self.moves.append(
            (
                held.id,
                held.version,
                name,
                timestamp,
                proposed.message,
                proposed.start_time,
                text,
                timestamp if name in states.STARTS else None,
                timestamp if name in states.ENDS else None,
            )
        )

    def write(self) -> None:
        """Projection and history, together. The guard cannot fail under the lock; if it does, nothing is kept."""
        if not self.moves:
            return
        if self.transaction.execute_many(self.kind.move, self.moves).rowcount != len(self.moves):
            raise VersionConflict(
                f"A {self.kind.run} moved although its lock was held; nothing of the request was kept."
            )
        self.transaction.execute_many(self.kind.history, self.history)
        self.moves, self.history = [], []


def _error(refusal: Refusal, message: str, held: _Held) -> RequestError:
    kind: type[RequestError] = MoveRefused
    if refusal is Refusal.VERSION:
        kind = VersionConflict
    elif refusal is Refusal.FLOW_RUN:
        kind = FlowRunNotRunning
    return kind(message, id=held.id, state=held.state, version=held.version)


def _with_cached_inputs(text: str, former: str) -> str:
    """A state's text with the cached inputs of the former one, which it does not have itself."""
    inputs = decode_json(former, "The stored state").get("cached_inputs")
    if not inputs:
        return text
    state = decode_json(text, "The proposed state")
    state["cached_inputs"] = inputs
    return encode_json(state, "A state")


def _take_effect(transaction: Transaction, move: Transition, proposed: Proposed, held: _Held, caller: Caller) -> None:
    run_id, feed = held.id, held.feed
    for effect in move.effects:
        if effect is Effect.SET_AGENT:
            if caller.agent_id is not None:
                transaction.execute(statement("set_flow_run_agent"), (run_id, caller.agent_id, feed.timestamp))
        elif effect is Effect.SET_OWNER:
            owner = proposed.owner
            feed.owner = NOBODY if owner is None else (owner.host, owner.pid, owner.started)
            transaction.execute(statement("set_flow_run_owner"), (run_id, *feed.owner, proposed.interval_seconds))
        elif effect is Effect.BEAT:
            transaction.execute(statement("beat_flow_run"), (run_id, feed.timestamp))
        elif effect is Effect.MAKE_TASK_RUNS:
            missing = transaction.fetch_all(statement("tasks_without_task_run"), (run_id,))
            if missing:
                tasks = [(task_id, -1, cache_key) for task_id, cache_key in missing]
                insert_task_runs(transaction, run_id, held.tenant_id, tasks, feed.sequence, feed.timestamp)
                feed.sequence += len(tasks)
        else:
            cancelled = plain_state("Cancelled", _CANCELLED_WITH_FLOW)
            _move_task_runs(transaction, feed, states.UNFINISHED, cancelled, caller.author)


def _move_task_runs(
    transaction: Transaction, feed: _Feed, sources: frozenset[str], proposed: Proposed, author: str | None
) -> None:
    """Move every task run of a flow run that is in one of these states, as a consequence of a move of the flow run."""
    rows = transaction.fetch_all(statement("task_runs_in_states"), (feed.flow_run_id, _group(sources)))
    if not rows:
        return
    inner = Caller(author=author)
    # The answer does not matter, only that nothing is refused: the states were read under the same lock.
    transaction.execute(_ADVANCE_FEED, (feed.flow_run_id, feed.sequence, feed.timestamp))
    propose(transaction, TASK, [proposed._replace(run_id=row[0]) for row in rows], inner)
    if inner.errors:
        raise inner.errors[0][0]
    feed.sequence += len(rows)


def _group(names: frozenset[str]) -> str:
    return encode_json(sorted(names), "states")


class CancelFlowRunInput(Input):
    flow_run_id: UUID


class CancelFlowRunPayload(Payload):
    graphql = "cancel_flow_run_payload"
    state: str | None = None


def cancel_flow_run(transaction: Transaction, input: CancelFlowRunInput, caller: Caller) -> CancelFlowRunPayload:
    """Stop a run: one that runs is asked to stop, one that waits is stopped, one that has ended stays as it is."""
    run_id = canonical_id(input.flow_run_id, "flow_run_id")
    transaction.lock_flow_runs((run_id,))
    row = transaction.fetch_one(statement("flow_run_facts"), (run_id,))
    if row is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    state = row[3]
    if state in states.CLOSED:
        return CancelFlowRunPayload(state)
    if state in states.RUNNING:
        if state not in states.STARTS:
            return CancelFlowRunPayload(state)
        target = plain_state("Cancelling", "The flow run is being cancelled.")
    else:
        target = plain_state("Cancelled", "The flow run was cancelled before it began.")
    propose_one(transaction, FLOW, target._replace(run_id=run_id), caller)
    return CancelFlowRunPayload(target.name)


def propose_one(transaction: Transaction, run: Run, proposed: Proposed, caller: Caller) -> SetFlowRunStatePayload:
    """Propose one state; a refusal is raised, also that it would have to wait."""
    answer = _propose_alone(transaction, run, proposed, caller)
    if answer.status == WAITS:
        raise LimitReached(answer.message or "", id=proposed.run_id, version=answer.version)
    return answer


def _propose_alone(transaction: Transaction, run: Run, proposed: Proposed, caller: Caller) -> SetFlowRunStatePayload:
    inner = caller.alike(caller.author)
    answer = propose(transaction, run, [proposed], inner)[0]
    if inner.errors:
        raise inner.errors[0][0]
    return answer


class ResumeFlowRunInput(Input):
    """`owner` is the process that will execute the run, with signs of life every `interval_seconds`."""

    flow_run_id: UUID
    owner: Owner | None = None
    interval_seconds: int | None = None


class ResumedTaskRun(Payload):
    graphql = "resumed_task_run"
    id: UUID | None = None
    task_id: UUID | None = None
    map_index: int | None = None
    version: int | None = None
    state: str | None = None
    serialized_state: JSON | None = None


class ResumeFlowRunPayload(Payload):
    graphql = "resume_flow_run_payload"
    id: UUID | None = None
    status: str | None = SUCCESS
    version: int | None = None
    sequence: int | None = None
    task_runs: list[ResumedTaskRun] | None = None


def resume_flow_run(transaction: Transaction, input: ResumeFlowRunInput, caller: Caller) -> ResumeFlowRunPayload:
    """Take a run up again that waits, has failed, or whose process is gone.

    What has durably ended stays; task runs that were interrupted, or rescued for the process that is gone, wait again.
    """
    from prefect.utilities.processes import is_alive, this_host

    run_id = canonical_id(input.flow_run_id, "flow_run_id")
    transaction.lock_flow_runs((run_id,))
    row = transaction.fetch_one(statement("flow_run_facts"), (run_id,))
    if row is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    free = transaction.fetch_one(statement("is_flow_run_free"), (run_id,))
    if row[3] in states.STARTS and free is not None and free[0]:
        return _take_up(transaction, run_id, row, input)
    if row[3] in states.RUNNING | states.SUBMITTED:
        owner = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
        assert owner is not None
        _, host, pid, started, _, _ = owner
        if host is None or host != this_host() or is_alive(pid, started):
            where = "by an agent" if host is None else f"by process {pid} on {host}"
            raise VersionConflict(
                f"The flow run {run_id} is being executed {where}. Wait until it has ended, or cancel it.",
                id=run_id,
                state=row[3],
                version=row[2],
            )
        rescue_flow_run(transaction, run_id, caller.alike(RESCUE))
    proposed = plain_state("Running", "The flow run was resumed.")
    proposed = proposed._replace(
        run_id=run_id, owner=input.owner, interval_seconds=checked_interval(input.interval_seconds)
    )
    answer = propose_one(transaction, FLOW, proposed._replace(move="resume"), caller)
    again = [
        task_run
        for task_run in transaction.fetch_all(statement("task_runs_in_states"), (run_id, _group(states.EVERY)))
        if task_run[4] in states.RUNNING | states.SUBMITTED | states.QUEUED or _is_rescued(task_run[4], task_run[5])
    ]
    if again:
        waiting = plain_state("Pending", "Interrupted; waits to run again.")._replace(move="resume")
        inner = Caller(author=caller.author)
        propose(transaction, TASK, [waiting._replace(run_id=task_run[0]) for task_run in again], inner)
        if inner.errors:
            raise inner.errors[0][0]
    assert answer.version is not None
    return _resumed(transaction, run_id, answer.version)


def _take_up(transaction: Transaction, run_id: str, facts: Row, input: ResumeFlowRunInput) -> ResumeFlowRunPayload:
    """Go on with a run that waited, without a process, for a time or a person: what waits has not been interrupted."""
    if input.owner is not None:
        owner = msgspec.structs.astuple(input.owner)
        interval = checked_interval(input.interval_seconds)
        transaction.execute(statement("set_flow_run_owner"), (run_id, *owner, interval))
    transaction.execute(statement("beat_flow_run"), (run_id, now()))
    return _resumed(transaction, run_id, facts[2])


def _resumed(transaction: Transaction, run_id: str, version: int) -> ResumeFlowRunPayload:
    end = transaction.fetch_one(statement("feed"), (run_id,))
    assert end is not None
    return ResumeFlowRunPayload(
        id=run_id,
        version=version,
        sequence=end[0],
        task_runs=[
            ResumedTaskRun(row[0], row[1], row[2], row[3], row[4], msgspec.Raw(row[5].encode()))
            for row in transaction.fetch_all(statement("task_runs_in_states"), (run_id, _group(states.EVERY)))
        ],
    )


def _is_rescued(state: str, text: str) -> bool:
    if state not in states.FAILED or '"rescued":true' not in text:
        return False
    return (decode_json(text, "The stored state").get("context") or {}).get("rescued") is True


def rescue_flow_run(
    transaction: Transaction, run_id: str, caller: Caller | None = None, *, reason: str | None = None
) -> bool:
    """Fail a run whose process is gone, saying which process that was and what it was doing.

    False if it has ended, or was left to wait without a process. `reason` is what is known of the end of the process,
    in a sentence.
    """
    transaction.lock_flow_runs((run_id,))
    row = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
    if row is None or row[0] not in states.RUNNING | states.SUBMITTED:
        return False
    _, host, pid, _, heartbeat, _ = row
    interrupted = states.RUNNING | states.SUBMITTED
    if row[0] in states.STARTS and leave_to_wait(transaction, run_id):
        return False
    most = 5
    names = transaction.fetch_all(statement("running_task_names"), (run_id, _group(interrupted), most + 1))
    doing = [clean_text(name if index < 0 else f"{name}[{index}]") for name, index in names]
    if not doing:
        work = "no task was running"
    else:
        more = " and others" if len(doing) > most else ""
        work = f"running: {', '.join(doing[:most])}{more}"
    beat = f", last sign of life {heartbeat}" if heartbeat else ""
    if reason is None:
        message = f"The process that executed this run is gone (process {pid} on {host}{beat}; {work})."
    else:
        message = f"{reason} ({work.capitalize()}{beat}.)"
    caller = caller or Caller(author=RESCUE)
    failed = plain_state("Failed", message, context={"rescued": True})
    rows = transaction.fetch_all(statement("task_runs_in_states"), (run_id, _group(interrupted)))
    propose(transaction, TASK, [failed._replace(run_id=task_run[0], move="rescue") for task_run in rows], caller)
    propose(transaction, FLOW, [failed._replace(run_id=run_id, move="rescue")], caller)
    if caller.errors:
        raise caller.errors[0][0]
    return True


def leave_to_wait(transaction: Transaction, run_id: str) -> bool:
    """Let a run that goes on wait without a process, if nothing was interrupted and something waits.

    What waits for a person does so wherever the run is; what waits for a time is handed out where there are agents.
    """
    waiting = _group(states.SCHEDULED | states.QUEUED | _INTERRUPTED)
    found = {row[0] for row in transaction.fetch_all(statement("waiting_task_states"), (run_id, waiting))}
    free = transaction.fetch_one(statement("is_flow_run_free"), (run_id,))
    has_agent = free is not None and free[1] is not None
    if not found or found & _INTERRUPTED or not (found & _PAUSED or has_agent):
        return False
    transaction.execute(statement("free_flow_run"), (run_id,))
    return True
