"""The rules of the checklist, one by one."""

import datetime
from typing import Any

import pendulum
import pytest

from prefect.core.edge import Edge
from prefect.core.task import Task
from prefect.engine import task_steps
from prefect.engine.result import Result
from prefect.engine.run_context import RunContext
from prefect.engine.state import (
    Cached,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Success,
)
from prefect.engine.task_runner import TaskRunner

NOW = pendulum.datetime(2021, 5, 12, 12)


def test_every_line_of_the_checklist_is_a_method_that_subclasses_may_override() -> None:
    names = [check.method for check in task_steps.CHECKLIST]
    assert len(set(names)) == len(names)
    for name in names:
        assert callable(getattr(TaskRunner, name))


@pytest.mark.parametrize(
    ("state", "reached"),
    [
        (Pending(), True),
        (Scheduled(start_time=NOW), True),
        (Scheduled(start_time=NOW.add(seconds=1)), False),
        (Retrying(start_time=NOW.subtract(hours=1)), True),
        (Paused(), False),
        (Paused(start_time=NOW), True),
    ],
)
def test_start_times(state: State, reached: bool) -> None:
    assert task_steps.reached_start_time(state, NOW) is reached


def upstream(*states: State) -> dict[Edge, State]:
    return {Edge(Task(name=f"t{n}"), Task(), key=f"k{n}"): state for n, state in enumerate(states)}


@pytest.mark.parametrize(
    ("states", "finished"),
    [
        ([], True),
        ([Success(), Failed()], True),
        ([Success(), Running()], False),
        ([Mapped(map_states=[Success(), Retrying()])], False),
        ([Mapped(map_states=[Success(), Failed()])], True),
        ([Mapped(n_map_states=2)], True),
    ],
)
def test_upstream_is_finished_when_its_children_are(states: list[State], finished: bool) -> None:
    assert task_steps.upstream_finished(upstream(*states)) is finished


@pytest.mark.parametrize(
    ("states", "skips"),
    [([Success()], False), ([Success(), Skipped()], True), ([Mapped(map_states=[Success(), Skipped()])], True)],
)
def test_skips_spread_unless_the_task_says_no(states: list[State], skips: bool) -> None:
    state = Pending()
    following = task_steps.upstream_skipped(state, upstream(*states), Task())
    assert isinstance(following, Skipped) is skips
    assert task_steps.upstream_skipped(state, upstream(*states), Task(skip_on_upstream_skip=False)) is state


def retry(state: State, run_count: int = 1, **options: Any) -> State:
    options = {"max_retries": 2, "retry_delay": datetime.timedelta(minutes=1), **options}
    return task_steps.retry(state, RunContext(Task(**options), run_count=run_count), NOW, {})


def test_retries_are_counted_and_delayed() -> None:
    following = retry(Failed(), run_count=2)
    assert isinstance(following, Retrying)
    assert (following.run_count, following.start_time) == (2, NOW.add(minutes=1))
    assert following.message == "Retrying Task (after attempt 2 of 3)"
    last, fine = Failed(), Success()
    assert retry(last, run_count=3) is last
    assert retry(fine) is fine


def test_a_delay_may_depend_on_the_try() -> None:
    following = retry(Failed(), run_count=2, retry_delay=lambda attempt: datetime.timedelta(hours=attempt))
    assert isinstance(following, Retrying)
    assert following.start_time == NOW.add(hours=2)


def test_tries_are_counted_across_runs() -> None:
    assert task_steps.run_count_after(Pending()) == 1
    assert task_steps.run_count_after(Retrying(run_count=3)) == 4
    assert task_steps.run_count_after(Scheduled(context={"task_run_count": 5})) == 5


def test_what_a_loop_hands_on() -> None:
    following = task_steps.next_iteration(Looped(result=5, loop_count=3))
    assert following is not None
    state, values = following
    assert repr(state) == '<Pending: "Looping task (on loop index 3)">'
    assert values == {"task_loop_result": 5, "task_loop_count": 4, "task_run_count": 1}
    assert task_steps.next_iteration(Success()) is None
    kept = task_steps.loop_kept(values)
    assert task_steps.loop_values(Retrying(cached_inputs=kept)) == {"task_loop_result": 5, "task_loop_count": 4}


def accept(state: Any, inputs: Any, parameters: Any) -> bool:
    return bool(inputs == {"x": 1} and parameters == {"p": 2})


def test_the_first_valid_cached_state_is_chosen() -> None:
    task = Task(cache_for=datetime.timedelta(hours=1), cache_validator=accept)
    run = RunContext(task, parameters={"p": 2})
    old = Cached(result=1, cached_result_expiration=NOW.subtract(seconds=1))
    good, better = Cached(result=2, cached_result_expiration=NOW.add(seconds=1)), Cached(result=3)
    assert task_steps.choose_cached([old, good, better], run, {"x": 1}, NOW) is good
    assert task_steps.choose_cached([old], run, {"x": 1}, NOW) is None
    assert task_steps.choose_cached([good], run, {"x": 2}, NOW) is None


def test_a_success_is_cached_until_its_time_is_over() -> None:
    run = RunContext(Task(cache_for=datetime.timedelta(hours=1)), parameters={"p": 2})
    cached = task_steps.cache(Success("s", result=7), run, {"x": Result(1)}, NOW)
    assert isinstance(cached, Cached)
    assert (cached.result, cached.message, cached.cached_parameters) == (7, "s", {"p": 2})
    assert cached.cached_result_expiration == NOW.add(hours=1)
    assert cached.hashed_inputs is not None
    assert set(cached.hashed_inputs) == {"x"}
    for state in (Failed(), Skipped()):
        assert task_steps.cache(state, run, {}, NOW) is state


def test_none_and_unchecked_values_are_not_kept() -> None:
    place = Result()
    run = RunContext(Task(), checkpointing=True)
    assert task_steps.is_checkpointed(Task(), place, 1, run)
    assert not task_steps.is_checkpointed(Task(), place, None, run)
    assert not task_steps.is_checkpointed(Task(checkpoint=False), place, 1, run)
    assert not task_steps.is_checkpointed(Task(), place, 1, RunContext(Task()))
    assert not task_steps.is_checkpointed(Task(), None, 1, run)
