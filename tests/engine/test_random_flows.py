"""Random flows, random outcomes, random triggers: the final states are those of a model of a hundred lines."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect import Flow, Task, triggers
from prefect.engine import signals
from prefect.engine.state import State
from prefect.executors import Executor, LocalDaskExecutor, LocalExecutor

TRIGGERS: dict[str, Callable[..., Any]] = {
    name: getattr(triggers, name)
    for name in (
        "all_successful",
        "all_failed",
        "all_finished",
        "any_successful",
        "any_failed",
        "not_all_skipped",
    )
}
OUTCOMES = ("succeed", "fail", "skip", "retry", "loop")


@dataclass
class Node:
    """One task of a random flow."""

    outcome: str
    trigger: str
    upstream: list[int]
    skips: bool
    width: int | None = None  # of a mapped task
    bad_children: set[int] = field(default_factory=set)


class Scripted(Task):
    """Does what its node says, and counts how often it was asked."""

    def __init__(self, node: Node, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.node = node

    def run(self, item: Any = None) -> int:
        import prefect

        node = self.node
        if node.width is not None:
            if item in node.bad_children:
                raise ValueError(item)
            return int(item)
        context = prefect.context
        if node.outcome == "fail":
            raise ValueError("fails")
        if node.outcome == "skip":
            raise signals.SKIP("skips")
        if node.outcome == "retry" and context.task_run_count < 2:
            raise ValueError("once")
        if node.outcome == "loop" and context.get("task_loop_count", 1) < 3:
            raise signals.LOOP(result=context.get("task_loop_count", 1))
        return 1


# --- the model: kinds of final states, and nothing of how they come about ---------------------------------------------

SUCCESSFUL = ("Success", "Skipped", "Mapped")


def kinds_seen(kind: str, children: list[str]) -> list[str]:
    """What a trigger sees of an upstream task: its children where it was mapped."""
    return children if kind == "Mapped" else [kind]


def refusal(trigger: str, seen: list[str], has_upstream: bool) -> str | None:
    """How a task ends that its trigger does not let run; None where it runs."""
    good = [kind in SUCCESSFUL for kind in seen]
    if trigger == "not_all_skipped" and all(kind == "Skipped" for kind in seen):
        return "Skipped"
    runs = {
        "all_successful": all(good),
        "all_failed": not any(good),
        "all_finished": True,
        "any_successful": not has_upstream or any(good),
        "any_failed": not has_upstream or not all(good),
        "not_all_skipped": all(good),
    }
    return None if runs[trigger] else "TriggerFailed"


def expected(nodes: list[Node]) -> list[tuple[str, list[str]]]:
    """The kind of each task's final state, and of its children."""
    ends: list[tuple[str, list[str]]] = []
    for node in nodes:
        seen = [kind for index in node.upstream for kind in kinds_seen(*ends[index])]
        if node.skips and "Skipped" in seen:
            ends.append(("Skipped", []))
        elif node.width is not None:
            # What a child is mapped over is upstream of it too, and has succeeded.
            refused = refusal(node.trigger, [*seen, "Success"], True)
            ran = ["Failed" if number in node.bad_children else "Success" for number in range(node.width)]
            ends.append(("Mapped", [refused or kind for kind in ran]))
        else:
            kind = {"fail": "Failed", "skip": "Skipped"}.get(node.outcome, "Success")
            ends.append((refusal(node.trigger, seen, bool(node.upstream)) or kind, []))
    return ends


def flow_end(nodes: list[Node], ends: list[tuple[str, list[str]]]) -> str:
    used = {index for node in nodes for index in node.upstream}
    last = [kind for index, end in enumerate(ends) if index not in used for kind in (end[0], *end[1])]
    return "Success" if all(kind in SUCCESSFUL for kind in last) else "Failed"


# --- random flows -----------------------------------------------------------------------------------------------------


@st.composite
def random_nodes(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for index in range(draw(st.integers(1, 8))):
        width = draw(st.one_of(st.none(), st.none(), st.integers(0, 3)))
        nodes.append(
            Node(
                outcome=draw(st.sampled_from(OUTCOMES)),
                trigger=draw(st.sampled_from(sorted(TRIGGERS))),
                upstream=sorted(draw(st.sets(st.integers(0, index - 1), max_size=3))) if index else [],
                skips=draw(st.booleans()),
                width=width,
                bad_children=draw(st.sets(st.integers(0, 2), max_size=2)) if width else set(),
            )
        )
    return nodes


def build(nodes: list[Node]) -> tuple[Flow, list[Task]]:
    from prefect import unmapped

    tasks: list[Task] = []
    with Flow("random") as flow:
        for index, node in enumerate(nodes):
            task = Scripted(
                node,
                name=f"t{index}",
                trigger=TRIGGERS[node.trigger],
                skip_on_upstream_skip=node.skips,
                max_retries=1 if node.outcome == "retry" else 0,
                retry_delay=NO_DELAY if node.outcome == "retry" else None,
            )
            upstream = [tasks[number] for number in node.upstream]
            if node.width is None:
                tasks.append(task.bind(upstream_tasks=upstream, flow=flow))
            else:
                above = [unmapped(each) for each in upstream]
                tasks.append(task.map(list(range(node.width)), upstream_tasks=above, flow=flow))
    return flow, tasks


NO_DELAY = datetime.timedelta(0)


def check(nodes: list[Node], executor: Executor) -> None:
    flow, tasks = build(nodes)
    state = flow.run(executor=executor)
    assert isinstance(state, State)
    ends = expected(nodes)
    actual = [
        (type(state.result[task]).__name__, [type(c).__name__ for c in getattr(state.result[task], "map_states", [])])
        for task in tasks
    ]
    assert actual == ends
    assert type(state).__name__ == flow_end(nodes, ends)


@given(random_nodes())
@settings(deadline=None, max_examples=200)
def test_final_states_are_those_of_the_model(nodes: list[Node]) -> None:
    check(nodes, LocalExecutor())


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
@given(nodes=random_nodes())
@settings(deadline=None, max_examples=25)
def test_so_they_are_on_dask(scheduler: str, nodes: list[Node]) -> None:
    check(nodes, LocalDaskExecutor(scheduler=scheduler))
