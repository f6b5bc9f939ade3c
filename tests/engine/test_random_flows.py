"""Random flows, random outcomes, random triggers: the final states are those of a model of a hundred lines.

Tasks fail, skip, are retried, loop and are cached; some are mapped, over lists and over each other; any may decide how
the flow ends. The model also says how often each task is called.
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prefect
from prefect import Flow, Task, triggers, unmapped
from prefect.engine import signals
from prefect.engine.cache_validators import all_inputs
from prefect.engine.state import State
from prefect.executors import Executor, LocalDaskExecutor, LocalExecutor

TRIGGERS: dict[str, Callable[..., Any]] = {
    "all_successful": triggers.all_successful,
    "all_failed": triggers.all_failed,
    "all_finished": triggers.all_finished,
    "any_successful": triggers.any_successful,
    "any_failed": triggers.any_failed,
    "not_all_skipped": triggers.not_all_skipped,
    "two_successful": triggers.some_successful(at_least=2),
    "half_failed": triggers.some_failed(at_least=0.5),
    "at_most_one_failed": triggers.some_failed(at_most=1),
}
OUTCOMES = ("succeed", "fail", "signal failure", "signal success", "skip", "fail once", "loop")
WIDEST = 3
AN_HOUR = datetime.timedelta(hours=1)
NO_DELAY = datetime.timedelta(0)


@dataclass
class Node:
    """One task of a random flow."""

    outcomes: list[str]  # by the number of the child; the first where the task is not mapped
    trigger: str
    upstream: list[int]
    skips: bool
    retries: int
    cached: bool
    width: int | None = None  # of a task that is mapped over a list
    over: int | None = None  # the task that it is mapped over


class Scripted(Task):
    """Does what its node says, and counts how often it was asked."""

    def __init__(self, node: Node, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.node = node
        self.calls: list[int] = []

    def run(self, item: Any = None) -> int:
        context = prefect.context
        index = context.map_index or 0
        self.calls.append(index)
        outcome = self.node.outcomes[index]
        if outcome == "fail" or (outcome == "fail once" and context.task_run_count < 2):
            raise ValueError("fails")
        if outcome == "signal failure":
            raise signals.FAIL("fails")
        if outcome == "signal success":
            raise signals.SUCCESS("succeeds", result=index)
        if outcome == "skip":
            raise signals.SKIP("skips")
        if outcome == "loop" and context.get("task_loop_count", 1) < 3:
            raise signals.LOOP(result=context.get("task_loop_count", 1))
        return index


# --- the model: kinds of final states, and nothing of how they come about ---------------------------------------------

SUCCESSFUL = ("Success", "Cached", "Skipped", "Mapped")


@dataclass
class End:
    """How a task ends: its own kind of state, and those of its children; and how often each of them was called."""

    kind: str
    children: list[str]
    calls: dict[int, int]

    def seen(self) -> list[str]:
        """What a trigger sees of it: its children where it was mapped."""
        return self.children if self.kind == "Mapped" else [self.kind]


def refusal(trigger: str, seen: list[str], has_upstream: bool) -> str | None:
    """How a task ends that its trigger does not let run; None where it runs."""
    good = sum(kind in SUCCESSFUL for kind in seen)
    bad = len(seen) - good
    if trigger == "not_all_skipped" and all(kind == "Skipped" for kind in seen):
        return "Skipped"
    runs = {
        "all_successful": bad == 0,
        "all_failed": good == 0,
        "all_finished": True,
        "any_successful": not has_upstream or good > 0,
        "any_failed": not has_upstream or bad > 0,
        "not_all_skipped": bad == 0,
        "two_successful": not has_upstream or good >= 2,
        "half_failed": not has_upstream or bad >= len(seen) / 2,
        "at_most_one_failed": not has_upstream or bad <= 1,
    }
    return None if runs[trigger] else "TriggerFailed"


def outcome_of(node: Node, index: int) -> tuple[str, int]:
    """How a run ends that its trigger lets run, and after how many calls."""
    success = "Cached" if node.cached else "Success"
    return {
        "succeed": (success, 1),
        "signal success": (success, 1),
        "skip": ("Skipped", 1),
        "loop": (success, 3),
        "fail": ("Failed", 1 + node.retries),
        "signal failure": ("Failed", 1 + node.retries),
        "fail once": (success, 2) if node.retries else ("Failed", 1),
    }[node.outcomes[index]]


def run_of(node: Node, index: int, seen: list[str], has_upstream: bool) -> tuple[str, int]:
    if node.skips and "Skipped" in seen:
        return "Skipped", 0
    refused = refusal(node.trigger, seen, has_upstream)
    return (refused, 0) if refused else outcome_of(node, index)


def end_of(node: Node, ends: list[End]) -> End:
    seen = [kind for index in node.upstream for kind in ends[index].seen()]
    if node.width is None and node.over is None:
        kind, calls = run_of(node, 0, seen, bool(node.upstream))
        return End(kind, [], {0: calls})
    # What each child is mapped over is upstream of it too; an element of a list has succeeded.
    above = End("Mapped", ["Success"] * (node.width or 0), {}) if node.over is None else ends[node.over]
    if node.skips and "Skipped" in [*seen, above.kind]:
        return End("Skipped", [], {})
    if above.kind != "Mapped":
        return End("Failed", [], {})  # there is nothing to map over
    children = [run_of(node, index, [*seen, kind], True) for index, kind in enumerate(above.children)]
    return End("Mapped", [kind for kind, _ in children], {index: calls for index, (_, calls) in enumerate(children)})


def expected(nodes: list[Node]) -> list[End]:
    ends: list[End] = []
    for node in nodes:
        ends.append(end_of(node, ends))
    return ends


def flow_end(nodes: list[Node], reference: set[int], ends: list[End]) -> str:
    used = {index for node in nodes for index in (*node.upstream, node.over)}
    deciding = reference or set(range(len(nodes))) - used
    return "Success" if all(kind in SUCCESSFUL for index in deciding for kind in ends[index].seen()) else "Failed"


# --- random flows -----------------------------------------------------------------------------------------------------


@st.composite
def random_nodes(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for index in range(draw(st.integers(1, 8))):
        mapped: list[int] = [
            number for number, node in enumerate(nodes) if node.width is not None or node.over is not None
        ]
        maps_over_a_map = draw(st.booleans())
        over = draw(st.sampled_from(mapped)) if mapped and maps_over_a_map else None
        width = draw(st.one_of(st.none(), st.none(), st.integers(0, WIDEST))) if over is None else None
        upstream: set[int] = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        nodes.append(
            Node(
                outcomes=[draw(st.sampled_from(OUTCOMES)) for _ in range(1 if over is width is None else WIDEST)],
                trigger=draw(st.sampled_from(sorted(TRIGGERS))),
                upstream=sorted(upstream - {over}),
                # As in 1.x, a task that is skipped whole does not wait for retries of what it would be mapped over, so
                # that a flow may end before them: how many of them ran is then a matter of chance.
                skips=draw(st.booleans()) and (over is None or not upstream - {over}),
                retries=draw(st.sampled_from([0, 0, 1, 2])),
                # What children have for an input must tell them apart, or one would be the cache of another.
                cached=over is None and draw(st.booleans()),
                width=width,
                over=over,
            )
        )
    return nodes


def build(nodes: list[Node], reference: set[int]) -> tuple[Flow, list[Scripted], list[Task]]:
    scripted: list[Scripted] = []
    tasks: list[Task] = []
    with Flow("random") as flow:
        for index, node in enumerate(nodes):
            task = Scripted(
                node,
                name=f"t{index}",
                trigger=TRIGGERS[node.trigger],
                skip_on_upstream_skip=node.skips,
                max_retries=node.retries,
                retry_delay=NO_DELAY if node.retries else None,
                cache_for=AN_HOUR if node.cached else None,
                cache_validator=all_inputs if node.cached else None,
                cache_key=str(uuid.uuid4()) if node.cached else None,
            )
            scripted.append(task)
            upstream = [tasks[number] for number in node.upstream]
            if node.over is None and node.width is None:
                tasks.append(task.bind(upstream_tasks=upstream, flow=flow))
            else:
                elements: Any = tasks[node.over] if node.over is not None else list(range(node.width or 0))
                # `map` adds a copy, which shares the list of calls.
                above = [unmapped(each) for each in upstream]
                tasks.append(task.map(elements, upstream_tasks=above, flow=flow))
    if reference:
        flow.set_reference_tasks([tasks[index] for index in reference])
    return flow, scripted, tasks


def check(nodes: list[Node], reference: set[int], executor: Executor) -> None:
    flow, scripted, tasks = build(nodes, reference)
    ends = expected(nodes)
    for again in (False, True):
        state = flow.run(executor=executor)
        assert isinstance(state, State)
        for task, end in zip(tasks, ends, strict=True):
            final = state.result[task]
            children = [type(child).__name__ for child in getattr(final, "map_states", [])]
            assert (type(final).__name__, children) == (end.kind, end.children), task.name
        assert type(state).__name__ == flow_end(nodes, reference, ends)
        for node, asked, end in zip(nodes, scripted, ends, strict=True):
            kinds = end.children if end.kind == "Mapped" else [end.kind]
            # What is cached is not called again; everything else does the same again.
            calls = {
                index: count
                for index, count in end.calls.items()
                if count and not (again and node.cached and kinds[index] == "Cached")
            }
            assert Counter(asked.calls) == calls
            asked.calls.clear()


def references(nodes: list[Node]) -> st.SearchStrategy[tuple[list[Node], set[int]]]:
    return st.tuples(st.just(nodes), st.sets(st.integers(0, len(nodes) - 1), max_size=2))


random_flows = random_nodes().flatmap(references)


@given(random_flows)
@settings(deadline=None, max_examples=200)
def test_final_states_are_those_of_the_model(flow: tuple[list[Node], set[int]]) -> None:
    check(*flow, LocalExecutor())


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
@given(flow=random_flows)
@settings(deadline=None, max_examples=25)
def test_so_they_are_on_dask(scheduler: str, flow: tuple[list[Node], set[int]]) -> None:
    check(*flow, LocalDaskExecutor(scheduler=scheduler))
