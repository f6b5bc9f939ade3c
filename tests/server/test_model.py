"""Whatever clients send in whatever order, what they read afterwards is what a small model of the backend says.

Everything goes through GraphQL, as several clients of one database. The store's own test of this kind
(store/test_model) knows one caller; this one knows several, what they do when they run, retry, cache, loop, map, cancel
and restart, and that they send things twice, late, or all at once.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from prefect.server import states
from prefect.server.endpoint import Endpoint
from prefect.server.store.opening import open_store
from prefect.server.transitions import FLOW_RUN_MOVES, TASK_RUN_MOVES

CLIENTS = 3
NAMES = sorted(states.EVERY - {"_MetaState", "State", "ClientFailed"})
USUAL = (
    "Scheduled",
    "Submitted",
    "Running",
    "Success",
    "Failed",
    "Retrying",
    "Cached",
    "Looped",
    "Mapped",
    "Cancelled",
)
ALLOWED = {
    kind: {(source, to) for move in moves if not move.by_name for source in move.sources for to in move.destinations}
    for kind, moves in (("flow_run", FLOW_RUN_MOVES), ("task_run", TASK_RUN_MOVES))
}
SCRIPTS = (
    ("Running", "Success", "Cached"),
    ("Running", "Failed", "Retrying", "Running", "Success"),
    ("Running", "Looped", "Running", "Looped", "Running", "Success"),
    ("Running", "Mapped", "Mapped"),
    ("Submitted", "Running", "Retrying", "Running", "TimedOut"),
    ("Running", "Success", "Scheduled", "Running", "Failed", "Pending"),
)
READ = """query ($id: uuid!) {
  flow_run_by_pk(id: $id) {
    id version state sequence start_time end_time
    states(order_by: {sequence: asc}) { sequence version state timestamp }
    task_runs(order_by: {id: asc}) {
      id version state start_time end_time
      states(order_by: {sequence: asc}) { sequence version state timestamp }
    }
    logs(order_by: {sequence: asc}) { sequence message }
  }
}"""
REASONS = {"VERSION_LOCKING_ERROR", "FLOW_RUN_NOT_RUNNING", "STATE_TRANSITION_REFUSED"}
Json = dict[str, Any]
_steps: Counter[str] = Counter()


class Known:
    """What the model knows of a run: the states that it was in, and whose feed they are in."""

    def __init__(self, kind: str, feed: str, first: str) -> None:
        self.kind, self.feed, self.history = kind, feed, [first]

    def may(self, name: str, version: int | None, flow_run: Known) -> bool:
        fits = version in (None, len(self.history)) and (self.history[-1], name) in ALLOWED[self.kind]
        starts = self.kind == "task_run" and name == "Running"
        return fits and (not starts or flow_run.history[-1] == "Running")


class BackendAgreesWithModel(RuleBasedStateMachine):
    place = "SQLite"

    def __init__(self, emptied: AbstractContextManager[str] | None = None) -> None:
        super().__init__()
        self.stack = ExitStack()
        if emptied is None:
            place = str(Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / "quaestor.db")
        else:
            place = self.stack.enter_context(emptied)
        stores = [open_store(place, synchronous="OFF") for _ in range(CLIENTS)]
        for store in stores:
            self.stack.callback(store.close)
        self.clients = [Endpoint(store) for store in stores]
        self.threads = self.stack.enter_context(ThreadPoolExecutor(CLIENTS))
        self.known: dict[str, Known] = {}
        self.lines: dict[str, list[str]] = {}
        self.by_key: dict[str, str] = {}
        self.touched: set[str] = set()
        self.sent: list[tuple[str, Json, int]] = []
        self.count = 0

    def teardown(self) -> None:
        with self.stack:
            self.touched = set(self.lines)
            self.what_is_read_is_what_the_model_says(counted=False)

    # -- what clients do

    def reply(self, document: str, client: int = 0, **variables: Any) -> Json:
        reply: Json = json.loads(self.clients[client % CLIENTS].answer(document, variables))
        return reply

    def do(self, name: str, selection: str = "id", client: int = 0, /, **values: Any) -> Any:
        reply = self.reply(f"mutation ($i: {name}_input!) {{ {name}(input: $i) {{ {selection} }} }}", client, i=values)
        assert "errors" not in reply, reply
        return reply["data"][name]

    def proposal(self, run: str, name: str, version: int | None) -> Json:
        self.count += 1
        state = {"type": name, "message": f"number {self.count}"}
        wanted = {f"{self.known[run].kind}_id": run, "state": state, "idempotency_id": f"request {self.count}"}
        return wanted if version is None else {**wanted, "version": version}

    def send(self, kind: str, proposals: list[Json], client: int = 0) -> list[Json]:
        """The answers to a batch; a refusal comes with an error that says why."""
        name = f"set_{kind}_states"
        document = f"mutation ($i: {name}_input!) {{ {name}(input: $i) {{ states {{ id status version }} }} }}"
        reply = self.reply(document, client, i={"states": proposals})
        answers: list[Json] = reply["data"][name]["states"] if reply.get("data") else []
        refused = [answer for answer in answers if answer["status"] == "REFUSED"]
        assert len(reply.get("errors", ())) == len(refused), reply
        for error in reply.get("errors", ()):
            assert error["extensions"]["code"] in REASONS, error
        return answers

    def propose(self, *proposals: Json, client: int = 0) -> None:
        """Send a batch for runs of one kind, and see that just what the model allows is accepted."""
        kind = "task_run" if "task_run_id" in proposals[0] else "flow_run"
        refused: set[str] = set()
        answers = self.send(kind, list(proposals), client)
        for proposed, answer in zip(proposals, answers, strict=True):
            run, name = proposed[f"{kind}_id"], proposed["state"]["type"]
            known = self.known[run]
            allowed = run not in refused and known.may(name, proposed.get("version"), self.known[known.feed])
            assert (answer["status"] == "SUCCESS") == allowed, (known.history, proposed, answer)
            self.touched.add(known.feed)
            if not allowed:
                refused.add(run)
                continue
            known.history.append(name)
            assert answer["version"] == len(known.history) or kind == "flow_run"
            if kind == "flow_run" and name == "Cancelled":
                self.cancelled(run)
            self.sent.append((kind, proposed, answer["version"]))

    def cancelled(self, flow_run: str) -> None:
        for known in self.known.values():
            if known.feed == flow_run and known.kind == "task_run" and known.history[-1] not in states.CLOSED:
                known.history.append("Cancelled")

    def a(self, kind: str, number: int) -> str:
        runs = [run for run, known in self.known.items() if known.kind == kind]
        return runs[number % len(runs)]

    @initialize()
    def register(self) -> None:
        tenant = self.reply("{ tenant { id } }")["data"]["tenant"][0]["id"]
        project = self.do("create_project", tenant_id=tenant, name="p")["id"]
        tasks = [{"name": slug, "slug": slug} for slug in ("a", "b")]
        self.flow = self.do("create_flow", project_id=project, serialized_flow={"name": "f", "tasks": tasks})["id"]
        self.tasks = [row["id"] for row in self.reply("{ task(order_by: {slug: asc}) { id } }")["data"]["task"]]
        self.create(None, 0)

    @rule(key=some.sampled_from([None, None, "k", "l"]), client=some.integers(0, 2))
    def create(self, key: str | None, client: int) -> None:
        named = {} if key is None else {"idempotency_key": key}
        run = self.do("create_flow_run", "id", client, flow_id=self.flow, **named)["id"]
        assert (run in self.known) == (key in self.by_key)
        if key is not None:
            assert self.by_key.setdefault(key, run) == run
        if run not in self.known:
            self.known[run], self.lines[run] = Known("flow_run", run, "Scheduled"), []
            for task in self.tasks:
                self.join(run, task, -1)
        self.touched.add(run)

    def join(self, run: str, task: str, index: int, client: int = 0) -> str:
        values = {"flow_run_id": run, "task_id": task, "map_index": index}
        found: str = self.do("get_or_create_task_run", "id", client, **values)["id"]
        self.known.setdefault(found, Known("task_run", run, "Pending"))
        self.touched.add(run)
        return found

    @rule(run=some.integers(0), task=some.integers(0, 1), index=some.integers(-1, 2), client=some.integers(0, 2))
    def another_task_run(self, run: int, task: int, index: int, client: int) -> None:
        """Asked for twice, by two clients at once, it is one."""
        found = self.a("flow_run", run)
        ask: Callable[[int], str] = lambda n: self.join(found, self.tasks[task], index, client + n)  # noqa: E731
        assert len(set(self.threads.map(ask, range(2)))) == 1

    @rule(run=some.integers(0), name=some.sampled_from(NAMES), offset=some.sampled_from([None, 0, 0, -1, 1]))
    def propose_for_a_flow_run(self, run: int, name: str, offset: int | None) -> None:
        found = self.a("flow_run", run)
        self.propose(self.proposal(found, name, None if offset is None else len(self.known[found].history) + offset))

    @rule(run=some.integers(0), name=some.sampled_from(NAMES), offset=some.sampled_from([None, 0, 0, -1, 1]))
    def propose_for_a_task_run(self, run: int, name: str, offset: int | None) -> None:
        found = self.a("task_run", run)
        self.propose(self.proposal(found, name, None if offset is None else len(self.known[found].history) + offset))

    @rule(run=some.integers(0), name=some.sampled_from(["Running", "Running", "Scheduled", "Success"]))
    def move_the_flow_run(self, run: int, name: str) -> None:
        found = self.a("flow_run", run)
        self.propose(self.proposal(found, name, len(self.known[found].history)))

    @rule(run=some.integers(0), script=some.sampled_from(SCRIPTS), cut=some.integers(0, 5), client=some.integers(0, 2))
    def work_in_one_request(self, run: int, script: tuple[str, ...], cut: int, client: int) -> None:
        """Several states of one task run, as a runner that was cut off sends them: up to the first that is refused."""
        found = self.a("task_run", run)
        first = len(self.known[found].history)
        states_of = enumerate(script[cut:] or script)
        self.propose(*(self.proposal(found, name, first + n) for n, name in states_of), client=client)

    @rule(runs=some.lists(some.integers(0), min_size=2, max_size=4), name=some.sampled_from(USUAL))
    def several_task_runs_in_one_request(self, runs: list[int], name: str) -> None:
        found = [self.a("task_run", run) for run in runs]
        self.propose(*(self.proposal(run, name, len(self.known[run].history)) for run in dict.fromkeys(found)))

    @rule(run=some.integers(0), script=some.sampled_from(SCRIPTS))
    def requests_in_the_wrong_order(self, run: int, script: tuple[str, ...]) -> None:
        found = self.a("task_run", run)
        now = len(self.known[found].history)
        first, second = (self.proposal(found, name, now + n) for n, name in enumerate(script[:2]))
        for proposed in (second, first, second):
            self.propose(proposed)

    @rule(
        run=some.integers(0),
        kind=some.sampled_from(["flow_run", "task_run"]),
        names=some.lists(some.sampled_from(USUAL), min_size=CLIENTS, max_size=CLIENTS),
    )
    def race(self, run: int, kind: str, names: list[str]) -> None:
        """All clients at once, for one version: one of those that may wins, whichever it is."""
        found = self.a(kind, run)
        known, now = self.known[found], len(self.known[found].history)
        proposals = [self.proposal(found, name, now) for name in names]
        answers = list(self.threads.map(lambda n: self.send(kind, [proposals[n]], n)[0], range(CLIENTS)))
        won = [name for name, answer in zip(names, answers, strict=True) if answer["status"] == "SUCCESS"]
        possible = [name for name in names if known.may(name, now, self.known[known.feed])]
        assert len(won) == bool(possible)
        assert set(won) <= set(possible)
        self.touched.add(known.feed)
        for name in won:
            known.history.append(name)
            if kind == "flow_run" and name == "Cancelled":
                self.cancelled(found)

    @rule(number=some.integers(0), client=some.integers(0, 2), times=some.integers(1, 3))
    def send_again(self, number: int, client: int, times: int) -> None:
        """What was accepted is answered as it was then, however late and through whomever, and moves nothing."""
        if self.sent:
            kind, proposed, version = self.sent[-1 - number % len(self.sent)]
            for turn in range(times):
                [answer] = self.send(kind, [proposed], client + turn)
                assert (answer["status"], answer["version"]) == ("SUCCESS", version)
            self.touched.add(self.known[proposed[f"{kind}_id"]].feed)

    @rule(run=some.integers(0), count=some.integers(1, 3), again=some.booleans(), client=some.integers(0, 2))
    def log(self, run: int, count: int, again: bool, client: int) -> None:
        found = self.a("flow_run", run)
        texts = [f"line {len(self.lines[found]) + n}" for n in range(count)]
        first = len(self.lines[found]) + 1
        lines = [
            {"flow_run_id": found, "message": text, "client_id": found, "client_sequence": first + n}
            for n, text in enumerate(texts)
        ]
        for turn in range(1 + again):
            self.do("write_run_logs", "success", client + turn, logs=lines)
        self.lines[found] += texts
        self.touched.add(found)

    @rule(run=some.integers(0), client=some.integers(0, 2))
    def cancel(self, run: int, client: int) -> None:
        found = self.a("flow_run", run)
        known = self.known[found]
        self.do("cancel_flow_run", "state", client, flow_run_id=found)
        rows = self.reply(READ, id=found)["data"]["flow_run_by_pk"]
        now = [row["state"] for row in rows["states"]]
        # A run that executes is asked to cancel, one that waits is cancelled, one that has ended stays as it is.
        assert now[: len(known.history)] == known.history
        assert now[len(known.history) :] in ([], ["Cancelling"], ["Cancelled"])
        assert (now == known.history) == (known.history[-1] in states.CLOSED or known.history[-1] == "Cancelling")
        if now != known.history and now[-1] == "Cancelled":
            self.cancelled(found)
        known.history = now
        self.touched.add(found)

    @rule(run=some.integers(0), client=some.integers(0, 2))
    def resume(self, run: int, client: int) -> None:
        """Taken up again: the run goes on, and what was interrupted of it waits again."""
        found = self.a("flow_run", run)
        document = "mutation ($i: resume_flow_run_input!) { resume_flow_run(input: $i) { id } }"
        reply = self.reply(document, client, i={"flow_run_id": found})
        state, waiting = self.known[found].history[-1], states.PENDING | states.QUEUED - states.SUBMITTED
        assert ("errors" not in reply) == (state in waiting | states.FAILED), (state, reply)
        self.touched.add(found)
        if "errors" in reply:
            assert reply["errors"][0]["extensions"]["code"] in REASONS
            return
        self.known[found].history.append("Running")
        for known in self.known.values():
            interrupted = states.RUNNING | states.SUBMITTED | states.QUEUED
            if known.feed == found and known.kind == "task_run" and known.history[-1] in interrupted:
                known.history.append("Pending")

    # -- what everybody reads

    @invariant()
    def what_is_read_is_what_the_model_says(self, counted: bool = True) -> None:
        _steps[self.place] += counted
        for flow_run in sorted(self.touched):
            row = self.reply(READ, self.count, id=flow_run)["data"]["flow_run_by_pk"]
            feed = [line["sequence"] for line in row["logs"]]
            assert [line["message"] for line in row["logs"]] == self.lines[flow_run]
            assert {task_run["id"] for task_run in row["task_runs"]} == {
                run for run, known in self.known.items() if known.feed == flow_run and run != flow_run
            }
            for run in (row, *row["task_runs"]):
                history = run["states"]
                names = [state["state"] for state in history]
                assert names == self.known[run["id"]].history
                assert [state["version"] for state in history] == list(range(1, len(history) + 1))
                assert (run["version"], run["state"]) == (len(history), names[-1])
                for before, after in pairwise(names):
                    # Closed is closed, but for a restart, a retry, a resume, or a result that goes to the cache.
                    reopened = after in states.PENDING or (before in states.FAILED and after == "Running")
                    assert before not in states.CLOSED or reopened or (before, after) == ("Success", "Cached")
                times = [state["timestamp"] for state in history]
                assert times == sorted(times)
                began = [time for time, name in zip(times, names, strict=True) if name in states.STARTS]
                ended = [time for time, name in zip(times, names, strict=True) if name in states.ENDS]
                # The earliest beginning, the latest end: a run that was restarted may have ended before it began.
                assert run["start_time"] == next(iter(began), None)
                assert run["end_time"] == next(reversed(ended), None)
                assert not began or names[-1] not in states.ENDS or run["end_time"] >= run["start_time"]
                feed += [state["sequence"] for state in history]
            assert sorted(feed) == list(range(1, len(feed) + 1))
            assert row["sequence"] == len(feed)
        self.touched.clear()


def walk(machine: type[RuleBasedStateMachine], examples: int, length: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def machine(request: pytest.FixtureRequest) -> type[BackendAgreesWithModel]:
    if request.param == "SQLite":
        return BackendAgreesWithModel
    emptied: Mapping[str, AbstractContextManager[str]] = request.getfixturevalue("postgres_emptied")

    class OnPostgres(BackendAgreesWithModel):
        place = "PostgreSQL"

        def __init__(self) -> None:
            super().__init__(emptied["C"])

    return OnPostgres


def test_the_backend_agrees_with_the_model(machine: type[BackendAgreesWithModel]) -> None:
    walk(machine, 15, 20)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_the_backend_agrees_with_the_model_for_ten_thousand_steps(machine: type[BackendAgreesWithModel]) -> None:
    _steps.clear()
    while _steps[machine.place] < 10_000:
        walk(machine, 100, 50)
    print(f"{_steps[machine.place]} steps on {machine.place}")
