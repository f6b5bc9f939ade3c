"""Where a run's states are read and proposed: in memory here, or in a backend (`engine/cloud`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from prefect.engine.state import Cached, State
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.task import Task
    from prefect.executors.base import Executor


class TaskRunFacts(msgspec.Struct, frozen=True):
    """What a store knows of one task run: its id, the version of its state, and the state (None: nothing yet)."""

    task_run_id: str
    version: int | None = None
    state: State | None = None


class RunStore(Protocol):
    """Where the states of one flow run and of its task runs live.

    A `propose_*` answers with the state that the run now has: the proposed one, or another one that the store puts
    in its place, and raises `ENDRUN` where the run must end here.
    """

    def task_run(self, slug: str) -> TaskRunFacts | None:
        """What is known of the task run of a task; None where the store keeps no task runs."""

    def mapped_task_runs(self, slug: str, count: int) -> list[TaskRunFacts] | None:
        """What is known of the first `count` children of a mapped task, creating those that are missing."""

    def propose_flow_state(self, old_state: State, new_state: State) -> State:
        """Propose a state for the flow run."""

    def propose_task_state(self, old_state: State, new_state: State) -> State:
        """Propose a state for the task run that this thread is in, as `prefect.context` tells."""

    def set_task_run_name(self, name: str) -> None:
        """Name the task run that this thread is in."""

    def find_cached(self, task: Task) -> list[Cached]:
        """States whose values might serve again for the task, newest first; validity is not this store's business."""

    def share(self, sequential: bool) -> None:
        """Say whether the task runs of a walk follow each other in one thread; called before each walk."""

    def check_executor(self, executor: Executor) -> None:
        """Raise an error where tasks could not reach this store from where a started executor runs them."""

    def task_run_ended(self) -> None:
        """Called where a task run is over for now, in the process and thread in which it ran."""

    def settle(self) -> None:
        """Make everything proposed so far durable; called before the run waits, calls handlers or ends."""

    def refresh(self) -> None:
        """Forget what is known and read it again; called before a flow run is walked another time."""


class MemoryRuns:
    """States that live as long as the process: everything proposed is accepted."""

    def task_run(self, slug: str) -> TaskRunFacts | None:
        return None

    def mapped_task_runs(self, slug: str, count: int) -> list[TaskRunFacts] | None:
        return None

    def propose_flow_state(self, old_state: State, new_state: State) -> State:
        return new_state

    def propose_task_state(self, old_state: State, new_state: State) -> State:
        return new_state

    def set_task_run_name(self, name: str) -> None:
        return None

    def find_cached(self, task: Task) -> list[Cached]:
        caches: dict[str, list[Any]] = context.__dict__.get("caches") or {}
        return list(caches.get(task.cache_key or task.name, []))

    def share(self, sequential: bool) -> None:
        return None

    def check_executor(self, executor: Executor) -> None:
        return None

    def task_run_ended(self) -> None:
        return None

    def settle(self) -> None:
        return None

    def refresh(self) -> None:
        return None


MEMORY_RUNS = MemoryRuns()
