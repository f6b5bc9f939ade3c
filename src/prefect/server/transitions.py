"""The table of moves: which state may follow which, under what condition, with what consequence.

Pure. `decide` answers a proposal from the facts that were read under the run's lock; operations/states.py applies the
answer in the same transaction. The picture in docs/states.md is drawn from the same table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

import msgspec

from prefect.engine.state import (
    Cached,
    Cancelled,
    Cancelling,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Retrying,
    Running,
    Submitted,
    Success,
)
from prefect.server import states
from prefect.server.states import CLOSED, FAILED, FINISHED, GOES_ON, PENDING, QUEUED, RUNNING, SUBMITTED, UNFINISHED

Run = Literal["flow run", "task run"]
FLOW: Final = "flow run"
TASK: Final = "task run"


class Effect(Enum):
    """What a move of a flow run brings with it, in the same transaction."""

    SET_AGENT = "remember the agent that submitted it"
    SET_OWNER = "remember the process that executes it"
    BEAT = "touch its heartbeat"
    CANCEL_TASK_RUNS = "cancel its unfinished task runs"
    MAKE_TASK_RUNS = "make the task runs of a run that a schedule has planned"


class Need(Enum):
    """What must hold besides the run's own state."""

    FLOW_IS_RUNNING = "its flow run is exactly Running"
    SLOT = "a free slot of each concurrency limit on its labels or tags; without one it waits"


@dataclass(frozen=True, slots=True)
class Transition:
    """A named move.

    Args:
        name: the verb.
        run: whose move it is.
        sources: the names of the states it starts from.
        destinations: the names of the states it leads to.
        needs: what must hold besides.
        effects: what it brings with it.
        by_name: only the operation of that name makes this move; a proposed state never does.
    """

    name: str
    run: Run
    sources: frozenset[str]
    destinations: frozenset[str]
    needs: tuple[Need, ...] = ()
    effects: tuple[Effect, ...] = ()
    by_name: bool = False


def _one(*classes: type) -> frozenset[str]:
    return frozenset(kind.__name__ for kind in classes)


_WAITING = PENDING | SUBMITTED | QUEUED
_READY = PENDING - _one(Paused, Retrying)
_TAKEN_BY_AGENT = (Effect.MAKE_TASK_RUNS, Effect.SET_AGENT, Effect.BEAT)
_TAKEN_BY_PROCESS = (Effect.MAKE_TASK_RUNS, Effect.SET_OWNER, Effect.BEAT)
_OUTCOMES = FINISHED - GOES_ON - _one(Cancelled)

FLOW_RUN_MOVES = (
    Transition("schedule", FLOW, _WAITING | RUNNING, _READY),
    Transition("pause", FLOW, _WAITING | RUNNING, _one(Paused)),
    Transition("queue", FLOW, _WAITING, _one(Queued)),
    Transition(
        "submit",
        FLOW,
        PENDING | QUEUED,
        _one(Submitted),
        effects=_TAKEN_BY_AGENT,
    ),
    Transition(
        "start",
        FLOW,
        _WAITING,
        _one(Running),
        needs=(Need.SLOT,),
        effects=_TAKEN_BY_PROCESS,
    ),
    Transition("finish", FLOW, UNFINISHED, _OUTCOMES),
    Transition("cancelling", FLOW, _WAITING | _one(Running), _one(Cancelling)),
    Transition("cancel", FLOW, UNFINISHED, _one(Cancelled), effects=(Effect.CANCEL_TASK_RUNS,)),
    Transition("restart", FLOW, CLOSED, _READY),
    Transition(
        "resume",
        FLOW,
        _WAITING | FAILED,
        _one(Running),
        needs=(Need.SLOT,),
        effects=_TAKEN_BY_PROCESS,
        by_name=True,
    ),
    Transition("rescue", FLOW, RUNNING | SUBMITTED, _one(Failed), by_name=True),
)

TASK_RUN_MOVES = (
    Transition("schedule", TASK, _WAITING | RUNNING, _READY),
    Transition("pause", TASK, _WAITING | RUNNING, _one(Paused)),
    Transition("queue", TASK, _WAITING, _one(Queued)),
    Transition("submit", TASK, PENDING | QUEUED, _one(Submitted)),
    Transition("start", TASK, _WAITING, _one(Running), needs=(Need.FLOW_IS_RUNNING, Need.SLOT)),
    Transition("finish", TASK, UNFINISHED, _OUTCOMES),
    Transition("retry", TASK, FAILED | _WAITING | RUNNING, _one(Retrying)),
    Transition("cache", TASK, _one(Success), _one(Cached)),
    Transition("loop", TASK, RUNNING, _one(Looped)),
    Transition("loop", TASK, _one(Looped), _one(Running), needs=(Need.FLOW_IS_RUNNING,)),
    Transition("map", TASK, _WAITING | RUNNING | _one(Mapped), _one(Mapped)),
    Transition("cancelling", TASK, _one(Running), _one(Cancelling)),
    Transition("cancel", TASK, UNFINISHED, _one(Cancelled)),
    Transition("restart", TASK, CLOSED | GOES_ON, _READY),
    Transition("resume", TASK, FAILED | RUNNING | SUBMITTED | QUEUED | GOES_ON, _one(Pending), by_name=True),
    Transition("rescue", TASK, RUNNING | SUBMITTED, _one(Failed), by_name=True),
)

MOVES = FLOW_RUN_MOVES + TASK_RUN_MOVES


def _by_ends(moves: tuple[Transition, ...]) -> dict[tuple[str, str], Transition]:
    """Source and destination to the move between them; the table may not name two."""
    found: dict[tuple[str, str], Transition] = {}
    for move in moves:
        if move.by_name:
            continue
        for ends in _pairs(move):
            if ends in found:
                raise AssertionError(f"{ends} is both {found[ends].name} and {move.name}")
            found[ends] = move
    return found


def _pairs(move: Transition) -> Iterator[tuple[str, str]]:
    for source in sorted(move.sources):
        for destination in sorted(move.destinations):
            yield source, destination


_PROPOSED: dict[Run, dict[tuple[str, str], Transition]] = {
    FLOW: _by_ends(FLOW_RUN_MOVES),
    TASK: _by_ends(TASK_RUN_MOVES),
}
_NAMED: dict[tuple[Run, str], Transition] = {(move.run, move.name): move for move in MOVES if move.by_name}


# The process that executes a flow run: its host, its id, and when it started.
Process = tuple[str | None, int | None, str | None]
NOBODY: Final[Process] = (None, None, None)


class RunFacts(msgspec.Struct, frozen=True):
    """What is known of a run under its lock.

    `flow_run_state` is that of a task run's flow run, `full` in words a concurrency limit that has no slot left for it,
    `owner` the process that executes the flow run.
    """

    run: Run
    id: str
    state: str
    version: int
    text: str
    flow_run_id: str
    flow_run_state: str
    full: str | None = None
    owner: Process = NOBODY


class Proposal(msgspec.Struct, frozen=True):
    """A state that somebody proposes.

    Args:
        state: its name.
        text: it as JSON, in the form in which it would be stored.
        version: the version that the caller saw; None takes the current one.
        unguarded: the caller holds the run and reports a failure: its version does not count.
        move: the name of the move, where only its operation may make it.
        holder: the process that proposes it, as far as it says so: it must be the one that executes the flow run.
    """

    state: str
    text: str
    version: int | None = None
    unguarded: bool = False
    move: str | None = None
    holder: Process | None = None


class Refusal(Enum):
    """Why a proposal is refused."""

    VERSION = "the run has moved"
    MOVE = "no move leads there"
    FLOW_RUN = "the flow run is not running"


class Decision(msgspec.Struct, frozen=True):
    """The answer to a proposal: accepted (a move), a repetition of one accepted before, to wait, or refused and why.

    With both a move and `repeated` it is a repetition if it comes from whoever made the last one, else a move: a state
    without a version may follow itself.
    """

    move: Transition | None = None
    repeated: bool = False
    waits: bool = False
    refusal: Refusal | None = None
    message: str = ""


_REPEATED = Decision(repeated=True)
_ACCEPTED = {id(move): Decision(move) for move in MOVES}
_REPEATED_OR_ACCEPTED = {id(move): Decision(move, repeated=True) for move in MOVES}
_FLOW_MUST_BE = Running.__name__


def decide(current: RunFacts, proposal: Proposal) -> Decision:
    """Answer a proposed state. Pure: the operation applies what this returns, in one transaction."""
    version = proposal.version
    if proposal.holder is not None and proposal.holder != current.owner:
        return Decision(refusal=Refusal.VERSION, message=_taken(current, proposal.state, proposal.holder))
    if version is not None and version != current.version and not proposal.unguarded:
        if version + 1 == current.version and _is_same(proposal.text, current.text):
            return _REPEATED
        return Decision(
            refusal=Refusal.VERSION,
            message=(
                f"The {current.run} {current.id} has moved: {proposal.state} was proposed for version {version}, it is "
                f"now at version {current.version} ({current.state}). Another process holds it; stop working on it."
            ),
        )
    if proposal.move is not None:
        move = _NAMED.get((current.run, proposal.move))
        if move is not None and (current.state not in move.sources or proposal.state not in move.destinations):
            move = None
    else:
        move = _PROPOSED[current.run].get((current.state, proposal.state))
    if move is None:
        if version is None and _is_same(proposal.text, current.text):
            return _REPEATED
        return _refuse_move(current, proposal)
    if Need.FLOW_IS_RUNNING in move.needs and current.flow_run_state != _FLOW_MUST_BE:
        return Decision(
            refusal=Refusal.FLOW_RUN,
            message=(
                f"The task run {current.id} cannot enter {proposal.state}: its flow run {current.flow_run_id} is "
                f"{current.flow_run_state}, not {_FLOW_MUST_BE}."
            ),
        )
    if proposal.holder is not None and current.run is TASK and current.flow_run_state in CLOSED:
        return Decision(
            refusal=Refusal.FLOW_RUN,
            message=(
                f"The task run {current.id} cannot become {proposal.state} any more: its flow run "
                f"{current.flow_run_id} is {current.flow_run_state}."
            ),
        )
    if current.full is not None and Need.SLOT in move.needs:
        return Decision(
            waits=True,
            message=f"The {current.run} waits: every slot of the concurrency limit on the {current.full} is taken.",
        )
    if version is None and _is_same(proposal.text, current.text):
        return _REPEATED_OR_ACCEPTED[id(move)]
    return _ACCEPTED[id(move)]


def _is_same(text: str, stored: str) -> bool:
    """Whether two JSON texts are of one value: PostgreSQL keeps values, and writes them in its own way."""
    if text == stored:
        return True
    # The keys may come in another order, and that is all: what is not as long is not the same.
    return len(text) == len(stored) and bool(msgspec.json.decode(text) == msgspec.json.decode(stored))


def _taken(current: RunFacts, state: str, holder: Process) -> str:
    """Why a process that was asleep, or cut off, has nothing more to say."""
    now = "no process has it" if current.owner == NOBODY else f"process {current.owner[1]} on {current.owner[0]} has it"
    return (
        f"{state} was proposed for the {current.run} {current.id} by process {holder[1]} on {holder[0]}, from which "
        f"the flow run {current.flow_run_id} was taken; {now} now. Stop working on it."
    )


def _refuse_move(current: RunFacts, proposal: Proposal) -> Decision:
    if proposal.state in states.EVERY:
        why = (
            "it is closed, and is left only by a retry, a restart or a resume"
            if current.state in CLOSED
            else "no move leads there"
        )
        message = f"The {current.run} {current.id} is {current.state} and cannot become {proposal.state}: {why}."
    else:
        message = f"The {current.run} {current.id} cannot become {proposal.state}: no state has this name."
    return Decision(refusal=Refusal.MOVE, message=message)


def picture() -> str:
    """The table as the page docs/states.md."""
    lines = [
        "# States and moves",
        "",
        "Drawn from the table in `src/prefect/server/transitions.py`, which decides every proposed state and guards",
        "every write. `make generate` draws it again; a test compares.",
        "",
        "A run is at some version; a move takes it to the next one or, when somebody else was faster, nowhere.",
        "*Family* means a state with everything below it in `src/prefect/engine/state.py`. A run in a closed state",
        f"({states.label(CLOSED)}) is left only by *retry*, *cache*, *restart* and *resume*.",
    ]
    for title, moves in (("Flow runs", FLOW_RUN_MOVES), ("Task runs", TASK_RUN_MOVES)):
        lines += ["", f"## {title}", "", "```mermaid", "stateDiagram-v2", *_arrows(moves), "```", ""]
        lines += ["| move | from | to | needs | brings with it |", "| --- | --- | --- | --- | --- |"]
        for move in moves:
            name = f"{move.name} (only by its own operation)" if move.by_name else move.name
            needs = "; ".join(need.value for need in move.needs)
            effects = "; ".join(effect.value for effect in move.effects)
            lines.append(
                f"| {name} | {states.label(move.sources)} | {states.label(move.destinations)} | {needs} | {effects} |"
            )
    return "\n".join(lines) + "\n"


# What the picture draws as one box: the ten or so situations that people tell apart.
_BOXES: tuple[tuple[str, frozenset[str]], ...] = (
    ("Waiting", PENDING - _one(Paused, Retrying)),
    ("Paused", _one(Paused)),
    ("Retrying", _one(Retrying)),
    ("Queued", QUEUED),
    ("Submitted", SUBMITTED),
    ("Running", _one(Running)),
    ("Cancelling", _one(Cancelling)),
    ("Looped", _one(Looped)),
    ("Mapped", _one(Mapped)),
    ("Succeeded", states.SUCCESSFUL - GOES_ON),
    ("Failed", FAILED),
    ("Cancelled", _one(Cancelled)),
)


def _arrows(moves: tuple[Transition, ...]) -> list[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in moves:
        for source, sources in _BOXES:
            for destination, destinations in _BOXES:
                if sources & move.sources and destinations & move.destinations:
                    told = arrows.setdefault((source, destination), [])
                    if move.name not in told:
                        told.append(move.name)
    return [f"    {source} --> {destination}: {', '.join(told)}" for (source, destination), told in arrows.items()]
