"""Which state may follow which: the table, the rule that reads it, and its picture."""

from pathlib import Path

import msgspec
import pytest

from prefect.server import states
from prefect.server.transitions import (
    FLOW,
    FLOW_RUN_MOVES,
    MOVES,
    NOBODY,
    TASK,
    TASK_RUN_MOVES,
    Process,
    Proposal,
    Refusal,
    Run,
    RunFacts,
    Transition,
    decide,
    picture,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "states.md"


def facts(state: str, run: Run = TASK, version: int = 3, flow_run_state: str = "Running") -> RunFacts:
    return RunFacts(run, "the-run", state, version, f'{{"type":"{state}"}}', "the-flow-run", flow_run_state)


def proposal(state: str, version: int | None = None, **others: object) -> Proposal:
    return Proposal(state, f'{{"type":"{state}"}}', version, **others)  # type: ignore[arg-type]


def ends(moves: tuple[Transition, ...]) -> set[tuple[str, str, str]]:
    return {(move.name, source, to) for move in moves for source in move.sources for to in move.destinations}


PROPOSED = [move for move in MOVES if not move.by_name]


@pytest.mark.parametrize("move", PROPOSED, ids=lambda move: f"{move.run} {move.name}")
def test_each_move_of_the_table_is_accepted_under_its_name(move: Transition) -> None:
    for source in move.sources:
        for destination in move.destinations:
            decision = decide(facts(source, move.run), proposal(destination))
            assert decision.move is move


@pytest.mark.parametrize("run", [FLOW, TASK])
def test_what_the_table_does_not_name_is_refused(run: Run) -> None:
    moves = FLOW_RUN_MOVES if run == FLOW else TASK_RUN_MOVES
    named = {(source, to) for _, source, to in ends(tuple(move for move in moves if not move.by_name))}
    for source in states.EVERY:
        for destination in states.EVERY:
            if (source, destination) not in named and source != destination:
                assert decide(facts(source, run), proposal(destination)).refusal is Refusal.MOVE


@pytest.mark.parametrize("run", [FLOW, TASK])
def test_a_closed_state_is_left_only_by_the_named_moves(run: Run) -> None:
    moves = FLOW_RUN_MOVES if run == FLOW else TASK_RUN_MOVES
    leaving = {name for name, source, _ in ends(moves) if source in states.CLOSED}
    assert leaving == {"restart", "resume"} | ({"retry", "cache"} if run == TASK else set())


def test_a_looped_or_mapped_run_goes_on() -> None:
    assert not states.GOES_ON & states.CLOSED
    assert decide(facts("Looped"), proposal("Running")).move is not None
    assert decide(facts("Mapped"), proposal("Success")).move is not None


def test_an_unfinished_run_can_always_be_cancelled() -> None:
    for run in (FLOW, TASK):
        for state in states.UNFINISHED:
            decision = decide(facts(state, run), proposal("Cancelled"))
            assert decision.move is not None
            assert decision.move.name == "cancel"


@pytest.mark.parametrize("flow_run_state", ["Scheduled", "Cancelling", "Cancelled", "Success"])
def test_a_task_run_starts_only_while_its_flow_run_is_exactly_running(flow_run_state: str) -> None:
    for source in ("Pending", "Retrying", "Looped"):
        decision = decide(facts(source, flow_run_state=flow_run_state), proposal("Running"))
        assert decision.refusal is Refusal.FLOW_RUN
        assert flow_run_state in decision.message


def test_a_stale_version_is_refused_and_the_current_one_is_not() -> None:
    assert decide(facts("Pending"), proposal("Running", 3)).move is not None
    refused = decide(facts("Pending"), proposal("Running", 2))
    assert refused.refusal is Refusal.VERSION
    assert "the-run" in refused.message
    assert "version 3" in refused.message


def test_a_repetition_of_the_last_move_is_answered_as_one() -> None:
    assert decide(facts("Success"), proposal("Success", 2)).repeated
    assert decide(facts("Success"), proposal("Success")).repeated
    # Two versions back is no repetition of the last move.
    assert decide(facts("Success"), proposal("Success", 1)).refusal is Refusal.VERSION


def test_a_failure_told_by_the_holder_is_not_guarded() -> None:
    assert decide(facts("Submitted", FLOW), proposal("Failed", 1, unguarded=True)).move is not None


def test_moves_of_operations_are_not_made_by_proposals() -> None:
    assert decide(facts("Failed", FLOW), proposal("Running")).refusal is Refusal.MOVE
    assert decide(facts("Failed", FLOW), proposal("Running", move="resume")).move is not None
    assert decide(facts("Success", FLOW), proposal("Running", move="resume")).refusal is Refusal.MOVE


def test_a_state_that_does_not_exist_is_refused_by_name() -> None:
    assert "no state has this name" in decide(facts("Running"), proposal("Sleeping")).message


def test_the_picture_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == picture(), "draw it again: make generate"


def test_every_state_that_is_stored_can_be_left_or_is_closed() -> None:
    left = {source for _, source, _ in ends(TASK_RUN_MOVES)}
    assert left >= states.UNFINISHED
    assert left >= states.CLOSED


MINE = ("here", 17, "then")


@pytest.mark.parametrize("run", [FLOW, TASK])
@pytest.mark.parametrize("owner", [NOBODY, ("elsewhere", 17, "then"), ("here", 18, "then"), ("here", 17, "later")])
def test_a_process_that_has_the_run_no_more_is_refused_whatever_it_proposes(run: Run, owner: Process) -> None:
    held = msgspec.structs.replace(facts("Running", run), owner=owner)
    for state in states.EVERY:
        decision = decide(held, proposal(state, holder=MINE))
        assert decision.refusal is Refusal.VERSION
        assert "process 17 on here" in decision.message
    assert ("no process has it" in decision.message) == (owner == NOBODY)
    mine = msgspec.structs.replace(held, owner=MINE)
    assert decide(mine, proposal("Success", holder=MINE)).refusal is None
    assert decide(held, proposal("Success")).refusal is None, "clients of 1.x do not say who they are"


def test_a_process_says_nothing_more_of_tasks_once_its_flow_run_is_over() -> None:
    held = msgspec.structs.replace(facts("Pending", flow_run_state="Failed"), owner=MINE)
    assert decide(held, proposal("TriggerFailed", holder=MINE)).refusal is Refusal.FLOW_RUN
    assert decide(held, proposal("TriggerFailed")).refusal is None
