"""Whatever is proposed in whatever order, the store and a small model of it agree."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from prefect.server import states
from prefect.server.identifiers import stamp
from prefect.server.operations import OPERATIONS, Caller
from prefect.server.operations.logs import events_after
from prefect.server.operations.states import Proposed, propose, read_state
from prefect.server.store.opening import open_store
from prefect.server.transitions import FLOW, FLOW_RUN_MOVES, TASK, TASK_RUN_MOVES, Run, Transition

NAMES = sorted(states.EVERY - {"_MetaState", "State", "ClientFailed"})
BOTH: tuple[tuple[Run, tuple[Transition, ...]], ...] = ((FLOW, FLOW_RUN_MOVES), (TASK, TASK_RUN_MOVES))
ALLOWED: dict[Run, set[tuple[str, str]]] = {
    run: {(source, to) for move in moves if not move.by_name for source in move.sources for to in move.destinations}
    for run, moves in BOTH
}


class Known:
    """What the model knows of a run."""

    def __init__(self, run: Run, flow_run: str, state: str) -> None:
        self.run = run
        self.flow_run = flow_run
        self.history = [state]
        self.texts = [""]

    @property
    def version(self) -> int:
        return len(self.history)

    @property
    def state(self) -> str:
        return self.history[-1]


class StoreAgreesWithModel(RuleBasedStateMachine):
    flow_runs = Bundle("flow_runs")
    task_runs = Bundle("task_runs")

    def __init__(self, emptied: AbstractContextManager[str] | None = None) -> None:
        super().__init__()
        self.stack = ExitStack()
        if emptied is None:
            directory = self.stack.enter_context(tempfile.TemporaryDirectory())
            place = str(Path(directory) / "quaestor.db")
        else:
            place = self.stack.enter_context(emptied)
        self.store = open_store(place, synchronous="OFF")
        self.known: dict[str, Known] = {}
        self.lengths: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.clock = 0

    def teardown(self) -> None:
        self.store.close()
        self.stack.close()

    def call(self, name: str, /, **values: Any) -> Any:
        operation = OPERATIONS[name]
        with self.store.transaction() as transaction:
            return operation.answer(transaction, operation.input_type(**values), Caller())

    @initialize()
    def register(self) -> None:
        with self.store.snapshot() as snapshot:
            tenant = snapshot.fetch_one("SELECT id FROM tenant")
        assert tenant is not None
        project = self.call("create_project", tenant_id=tenant[0], name="p").id
        tasks = [{"name": slug, "slug": slug} for slug in ("a", "b")]
        self.flow = self.call("create_flow", project_id=project, serialized_flow={"name": "f", "tasks": tasks}).id

    @rule(target=flow_runs)
    def create(self) -> str:
        run: str = self.call("create_flow_run", flow_id=self.flow, flow_run_name="r").id
        self.known[run] = Known(FLOW, run, "Scheduled")
        self.lengths[run] = 3
        return run

    @rule(target=task_runs, flow_run=flow_runs)
    def look_at_task_runs(self, flow_run: str) -> Any:
        with self.store.snapshot() as snapshot:
            rows = snapshot.fetch_all("SELECT id FROM task_run WHERE flow_run_id = ?", (flow_run,))
        if flow_run in self.deleted:
            return multiple()
        for (task_run,) in rows:
            self.known.setdefault(task_run, Known(TASK, flow_run, "Pending"))
        return multiple(*(row[0] for row in rows))

    def propose(self, run_id: str, kind: Run, name: str, version: int | None) -> None:
        """Propose a state as a new request of a client whose clock never shows the same time twice."""
        self.clock += 1
        state = {"type": name, "message": f"at {self.clock}"}
        moment = stamp(datetime(2024, 1, 1) + timedelta(seconds=self.clock))
        proposed = Proposed(run_id, *read_state(state), version, None, moment)
        self.send(run_id, kind, proposed)

    def send(self, run_id: str, kind: Run, proposed: Proposed) -> None:
        caller = Caller()
        with self.store.transaction() as transaction:
            answer = propose(transaction, kind, [proposed], caller)[0]
        if run_id in self.deleted or run_id not in self.known:
            assert answer.status == "REFUSED"
            return
        known = self.known[run_id]
        expected = self.is_allowed(known, proposed)
        assert (answer.status == "SUCCESS") == expected, (known.state, proposed, answer)
        assert bool(caller.errors) != expected
        if expected:
            known.history.append(proposed.name)
            known.texts.append(proposed.text)
            self.lengths[known.flow_run] += 1
            assert answer.sequence == self.lengths[known.flow_run]
            if kind is FLOW and proposed.name == "Cancelled":
                self.cancel_task_runs(run_id)
        assert answer.version == known.version or kind is FLOW
        self.last = (run_id, kind, proposed, expected)

    def is_allowed(self, known: Known, proposed: Proposed) -> bool:
        if proposed.version is not None and proposed.version != known.version:
            return False
        if (known.state, proposed.name) not in ALLOWED[known.run]:
            return False
        return not (known.run is TASK and proposed.name == "Running") or self.known[known.flow_run].state == "Running"

    def cancel_task_runs(self, flow_run: str) -> None:
        with self.store.snapshot() as snapshot:
            rows = snapshot.fetch_all("SELECT id FROM task_run WHERE flow_run_id = ?", (flow_run,))
        for (task_run,) in rows:
            known = self.known.setdefault(task_run, Known(TASK, flow_run, "Pending"))
            if known.state not in states.CLOSED:
                known.history.append("Cancelled")
                known.texts.append("")
                self.lengths[flow_run] += 1

    @rule(run=flow_runs, name=st.sampled_from(NAMES), offset=st.sampled_from([None, 0, 0, -1, 1]))
    def propose_for_a_flow_run(self, run: str, name: str, offset: int | None) -> None:
        self.propose(run, FLOW, name, None if offset is None else self.known[run].version + offset)

    @rule(run=task_runs, name=st.sampled_from(NAMES), offset=st.sampled_from([None, 0, 0, -1, 1]))
    def propose_for_a_task_run(self, run: str, name: str, offset: int | None) -> None:
        self.propose(run, TASK, name, None if offset is None else self.known[run].version + offset)

    @rule(run=flow_runs)
    def start(self, run: str) -> None:
        self.propose(run, FLOW, "Running", None)

    @rule(run=task_runs, name=st.sampled_from(["Running", "Success", "Failed", "Retrying"]))
    def work(self, run: str, name: str) -> None:
        self.propose(run, TASK, name, self.known[run].version)

    @rule()
    def send_the_last_request_again(self) -> None:
        """What was accepted is answered like the first time and writes nothing, unless the run has moved on since."""
        if not hasattr(self, "last"):
            return
        run_id, kind, proposed, accepted = self.last
        if run_id in self.deleted or not accepted or self.known[run_id].texts[-1] != proposed.text:
            return
        caller = Caller()
        with self.store.transaction() as transaction:
            answer = propose(transaction, kind, [proposed], caller)[0]
        known = self.known[run_id]
        assert caller.errors == []
        assert answer.version == known.version

    @rule(run=flow_runs, count=st.integers(1, 3))
    def log(self, run: str, count: int) -> None:
        self.call("write_run_logs", logs=[self.line(run) for _ in range(count)])
        if run not in self.deleted:
            self.lengths[run] += count

    def line(self, run: str) -> Any:
        from prefect.server.operations.logs import WriteRunLogInput

        return WriteRunLogInput(flow_run_id=run, message="m")

    @rule(run=flow_runs, count=st.integers(0, 4))
    def map(self, run: str, count: int) -> None:
        if run in self.deleted:
            return
        with self.store.snapshot() as snapshot:
            task = snapshot.fetch_all("SELECT id FROM task ORDER BY rowid LIMIT 1")[0][0]
            before = snapshot.fetch_all("SELECT id FROM task_run WHERE flow_run_id = ? AND map_index >= 0", (run,))
        children = self.call("get_or_create_mapped_task_runs", flow_run_id=run, task_id=task, count=count).task_runs
        assert len(children) == count
        self.lengths[run] += max(0, count - len(before))

    @rule(run=consumes(flow_runs))
    def delete(self, run: str) -> None:
        if run in self.deleted:
            return
        self.call("delete_flow_run", flow_run_id=run)
        self.deleted |= {run} | {name for name, known in self.known.items() if known.flow_run == run}

    @invariant()
    def feeds_have_no_holes(self) -> None:
        with self.store.snapshot() as snapshot:
            for run, length in self.lengths.items():
                if run not in self.deleted:
                    assert [row[0] for row in events_after(snapshot, run, 0)] == list(range(1, length + 1))
                    assert snapshot.fetch_one(
                        "SELECT sequence FROM flow_run_sequence WHERE flow_run_id = ?", (run,)
                    ) == (length,)

    @invariant()
    def histories_are_those_of_the_model_and_projections_their_last_rows(self) -> None:
        with self.store.snapshot() as snapshot:
            for run_id, known in self.known.items():
                if run_id in self.deleted:
                    continue
                kind = "flow_run" if known.run is FLOW else "task_run"
                rows = snapshot.fetch_all(
                    f"SELECT version, state, serialized_state, timestamp, message FROM {kind}_state "  # noqa: S608
                    f"WHERE {kind}_id = ? ORDER BY sequence",
                    (run_id,),
                )
                assert [(row[0], row[1]) for row in rows] == list(enumerate(known.history, 1))
                times = [row[3] for row in rows]
                assert times == sorted(times)
                projection = snapshot.fetch_one(
                    "SELECT version, state, serialized_state, state_timestamp, state_message "  # noqa: S608
                    f"FROM {kind} WHERE id = ?",
                    (run_id,),
                )
                assert projection == rows[-1]


def test_postgresql_agrees_with_the_model(postgres_emptied: Mapping[str, AbstractContextManager[str]]) -> None:
    class OnPostgres(StoreAgreesWithModel):
        def __init__(self) -> None:
            super().__init__(postgres_emptied["C"])

    run_state_machine_as_test(
        OnPostgres,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )


TestStoreAgreesWithModel = StoreAgreesWithModel.TestCase
TestStoreAgreesWithModel.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
