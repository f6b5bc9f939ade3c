"""What `flow.run()` does: states, messages, handlers, mapping, retries, loops, timeouts, caching, results.

The expected values were observed on the published 1.4.1 package.
"""

import datetime
import logging
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, Task, case, flatten, task, unmapped
from prefect.engine import signals
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.results import LocalResult
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
    TimedOut,
    TriggerFailed,
)
from prefect.engine.task_runner import TaskRunner
from prefect.engine.until_finished import run_until_finished
from prefect.tasks.control_flow import merge
from prefect.tasks.secrets import EnvVarSecret
from prefect.triggers import all_finished, manual_only
from prefect.utilities.debug import raise_on_exception

Changes = list[tuple[str, str]]
SKIPPED_UPSTREAM = (
    "Upstream task was skipped; if this was not the intended behavior, consider changing "
    "`skip_on_upstream_skip=False` for this task."
)


@pytest.fixture
def changes() -> Changes:
    return []


@pytest.fixture
def handler(changes: Changes) -> Any:
    def record(_: Any, old: State, new: State) -> None:
        changes.append((repr(old), repr(new)))

    return record


@pytest.fixture(autouse=True)
def _own_context() -> Iterator[None]:
    with prefect.context(caches={}):
        yield


def run(flow: Flow, **kwargs: Any) -> State:
    state = flow.run(**kwargs)
    assert isinstance(state, State)
    return state


def by_slug(flow: Flow, state: State) -> dict[str, State]:
    return {flow.slugs[done]: each for done, each in state.result.items()}


@task
def add(x: int, y: int = 1) -> int:
    return x + y


@task
def fail(x: Any = None) -> None:
    raise ValueError("boo")


def test_a_flow_returns_the_states_of_its_tasks(handler: Any, changes: Changes) -> None:
    with Flow("basic", state_handlers=[handler]) as flow:
        three = add(1, y=2)
        four = add(three)
    state = run(flow)
    assert state == Success(result=state.result)
    assert state.message == "All reference tasks succeeded."
    assert (state.result[three].result, state.result[four].result) == (3, 4)
    assert state.result[three].message == "Task run succeeded."
    assert state.result[three].context == {"tags": []}
    assert changes == [
        ("<Scheduled>", '<Running: "Running flow.">'),
        ('<Running: "Running flow.">', '<Success: "All reference tasks succeeded.">'),
    ]


def test_a_failure_and_what_is_downstream_of_it() -> None:
    with Flow("failing") as flow:
        failed = fail()
        after = add(failed)
    state = run(flow)
    assert repr(state) == '<Failed: "Some reference tasks failed.">'
    first, second = state.result[failed], state.result[after]
    assert repr(first) == "<Failed: \"Error during execution of task: ValueError('boo')\">"
    assert isinstance(first.result, ValueError)
    assert type(second) is TriggerFailed
    assert second.message == 'Trigger was "all_successful" but some of the upstream tasks failed.'
    assert isinstance(second.result, signals.TRIGGERFAIL)


def test_a_retry_is_three_changes(handler: Any, changes: Changes) -> None:
    tries: list[int] = []

    @task(max_retries=2, retry_delay=datetime.timedelta(0), state_handlers=[handler])
    def flaky() -> int:
        tries.append(prefect.context.task_run_count)
        if len(tries) < 3:
            raise ValueError("x")
        return 5

    with Flow("retry") as flow:
        done = flaky()
    state = run(flow)
    assert state.result[done].result == 5
    assert tries == [1, 2, 3]
    error = "<Failed: \"Error during execution of task: ValueError('x')\">"
    running = '<Running: "Starting task run.">'
    first, second = (f'<Retrying: "Retrying Task (after attempt {n} of 3)">' for n in (1, 2))
    assert changes == [
        ("<Pending>", running),
        (running, error),
        (error, first),
        (first, running),
        (running, error),
        (error, second),
        (second, running),
        (running, '<Success: "Task run succeeded.">'),
    ]


def test_retries_wait_for_their_time_without_a_clock_of_their_own() -> None:
    naps: list[float] = []
    clock = [pendulum.now("UTC")]

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky() -> int:
        if prefect.context.task_run_count == 1:
            raise signals.RETRY("later", start_time=pendulum.now("UTC").add(seconds=0.2))
        return 5

    with Flow("later") as flow:
        done = flaky()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) > 1000:
            raise AssertionError("waits for ever")

    state = run_until_finished(flow, {}, FlowRunner, False, sleep=sleep, now=lambda: clock[0])
    assert state is not None
    assert state.result[done].result == 5
    assert naps
    assert all(0 < nap <= 1 for nap in naps)


def test_a_run_that_waits_for_a_person_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            raise KeyboardInterrupt

    with Flow("gate") as flow:
        Task(name="publish", trigger=manual_only)()
    with pytest.raises(KeyboardInterrupt):
        run_until_finished(flow, {}, FlowRunner, False, sleep=sleep)
    told = [line for line in caplog.messages if "waits for a person" in line]
    assert len(told) == 1
    assert told[0].startswith("Flow 'gate' waits for a person: publish-1 is paused.")


@pytest.mark.parametrize(("retry_on", "tries"), [(ValueError, 2), ([KeyError, ValueError], 2), (KeyError, 1)])
def test_retry_on(retry_on: Any, tries: int) -> None:
    seen: list[int] = []

    @task(max_retries=1, retry_delay=datetime.timedelta(0), retry_on=retry_on)
    def flaky() -> None:
        seen.append(1)
        raise ValueError("x")

    with Flow("retry on") as flow:
        flaky()
    assert run(flow).is_failed()
    assert len(seen) == tries


def test_a_loop_calls_handlers_for_every_iteration(handler: Any, changes: Changes) -> None:
    seen: list[tuple[int, Any]] = []

    @task(state_handlers=[handler])
    def loop() -> Any:
        count, last = prefect.context.get("task_loop_count", 1), prefect.context.get("task_loop_result")
        seen.append((count, last))
        if count < 3:
            raise signals.LOOP("m1" if count == 1 else None, result=count * 10)
        return last

    with Flow("loop") as flow:
        done = loop()
    state = run(flow)
    assert state.result[done].result == 20
    assert seen == [(1, None), (2, 10), (3, 20)]
    running = '<Running: "Starting task run.">'
    assert changes == [
        ("<Pending>", running),
        (running, '<Looped: "m1">'),
        ('<Pending: "Looping task (on loop index 1)">', running),
        (running, '<Looped: "Task is looping (2)">'),
        ('<Pending: "Looping task (on loop index 2)">', running),
        (running, '<Success: "Task run succeeded.">'),
    ]


def test_a_loop_goes_on_after_a_retry() -> None:
    failures: list[int] = []
    counts: list[tuple[int, int]] = []

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def loop() -> int:
        count = prefect.context.get("task_loop_count", 1)
        counts.append((count, prefect.context.task_run_count))
        if count == 2 and not failures:
            failures.append(1)
            raise ValueError("once")
        if count < 4:
            raise signals.LOOP(result=count)
        return int(prefect.context.task_loop_result)

    with Flow("loop and retry") as flow:
        done = loop()
    state = run(flow)
    assert state.result[done].result == 3
    assert counts == [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1)]


def test_a_loop_starts_where_the_context_says() -> None:
    @task
    def loop() -> int:
        count: int = prefect.context.get("task_loop_count", 1)
        if count < 21:
            raise signals.LOOP(result=count)
        return count

    with Flow("late loop") as flow:
        done = loop()
    assert run(flow, context={"task_loop_count": 20}).result[done].result == 21


def test_mapped_children_and_what_follows() -> None:
    @task
    def each(x: int) -> int:
        if x == 2:
            raise ValueError("two")
        if x == 3:
            raise signals.SKIP("three")
        return x * 10

    @task(trigger=all_finished, skip_on_upstream_skip=False)
    def gather(xs: list[Any]) -> list[str]:
        return [repr(x) for x in xs]

    with Flow("map") as flow:
        mapped = each.map([1, 2, 3])
        then = add.map(mapped)
        all_of_them = gather(mapped)
        skipped = add(mapped)
    state = run(flow)
    parent = state.result[mapped]
    assert repr(parent) == '<Mapped: "Ready to proceed with mapping.">'
    assert [type(child) for child in parent.map_states] == [Success, Failed, Skipped]
    assert parent.result[0] == 10
    assert [repr(value) for value in parent.result[1:]] == ["ValueError('two')", "SKIP('three')"]
    following = state.result[then]
    assert [type(child) for child in following.map_states] == [Success, TriggerFailed, Skipped]
    assert following.result[0] == 11
    assert following.result[2] is None
    assert isinstance(following.result[1], signals.TRIGGERFAIL)
    assert state.result[all_of_them].result == ["10", "ValueError('two')", "SKIP('three')"]
    assert state.result[skipped].message == SKIPPED_UPSTREAM
    assert state.is_failed()


def test_mapping_zips_to_the_shortest_and_repeats_what_is_unmapped() -> None:
    with Flow("zip") as flow:
        zipped = add.map([1, 2, 3], y=[10, 20])
        repeated = add.map([1, 2], y=unmapped(5))
        empty = add.map([])
        after = gather_all(empty)
    state = run(flow)
    assert state.result[zipped].result == [11, 22]
    assert state.result[repeated].result == [6, 7]
    assert (state.result[empty].map_states, state.result[empty].result) == ([], [])
    assert state.result[after].result == []


def test_what_was_mapped_may_be_passed_whole_to_each_child() -> None:
    @task
    def pair(x: int, ys: list[int]) -> tuple[int, list[int]]:
        return x, ys

    with Flow("whole") as flow:
        above = add.map([1, 2])
        whole = pair.map([5, 6], ys=unmapped(above))
        flat = pair.map([7], ys=unmapped(flatten(nested_lists())))
    state = run(flow)
    assert state.result[whole].result == [(5, [2, 3]), (6, [2, 3])]
    assert state.result[flat].result == [(7, [1, 2, 3])]


@task
def gather_all(xs: list[Any]) -> list[Any]:
    return xs


@task
def one() -> int:
    return 1


@task
def nothing() -> None:
    return None


@task
def skip() -> None:
    raise signals.SKIP("sk")


@pytest.mark.parametrize(
    ("upstream", "kind", "message"),
    [
        (one, Failed, "At least one upstream state has an unmappable result."),
        (nothing, Failed, "At least one upstream state has an unmappable result."),
        (fail, Failed, "No upstream states can be mapped over."),
        (skip, Skipped, SKIPPED_UPSTREAM),
    ],
)
def test_what_cannot_be_mapped(upstream: Task, kind: type[State], message: str) -> None:
    with Flow("unmappable") as flow:
        mapped = add.map(upstream())
    state = run(flow).result[mapped]
    assert (type(state), state.message) == (kind, message)


def test_a_parent_restored_with_a_number_regenerates_its_children() -> None:
    with Flow("restored") as flow:
        mapped = add.map([1, 2, 3])
    state = run(flow, task_states={mapped: Mapped(n_map_states=3)})
    assert state.result[mapped].result == [2, 3, 4]


def test_finished_children_are_not_run_again() -> None:
    ran: list[int] = []

    @task
    def note(x: int) -> int:
        ran.append(x)
        return x

    with Flow("reused") as flow:
        mapped = note.map([1, 2, 3])
    given = Mapped(map_states=[Success(result=100), Pending(), Failed("no")])
    state = run(flow, task_states={mapped: given})
    assert ran == [2]
    assert [child.result for child in state.result[mapped].map_states] == [100, 2, None]


def test_retrying_children_keep_their_siblings() -> None:
    ran: list[int] = []

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def note(x: int) -> int:
        ran.append(x)
        if x == 2 and prefect.context.task_run_count == 1:
            raise ValueError("once")
        return x

    with Flow("children retry") as flow:
        mapped = note.map([1, 2, 3])
        total = gather_all(mapped)
    state = run(flow)
    assert sorted(ran) == [1, 2, 2, 3]
    assert state.result[total].result == [1, 2, 3]


def test_what_is_flattened_and_not_mapped_over_is_flattened_once() -> None:
    @task
    def deep() -> list[list[list[int]]]:
        return [[[1], [2]], [[3]]]

    @task
    def each(x: int) -> list[list[int]]:
        return [[x], [x + 1]]

    @task
    def pair(x: int, y: Any) -> Any:
        return x, y

    with Flow("flatten") as flow:
        one = pair.map([7, 8], y=unmapped(flatten(deep())))
        many = pair.map([7, 8], y=unmapped(flatten(each.map([1, 5]))))
    state = run(flow)
    assert state.result[one].result == [(7, [[1], [2], [3]]), (8, [[1], [2], [3]])]
    assert state.result[many].result == [(7, [[1], [2], [5], [6]]), (8, [[1], [2], [5], [6]])]


def test_an_error_of_the_runner_is_told_by_the_flow(caplog: pytest.LogCaptureFixture) -> None:
    @task
    def show(x: Any) -> str:
        return str(x)

    with Flow("unmappable") as flow:
        show.map({"a": 1})
    logger = prefect.utilities.logging.get_logger()
    logger.addHandler(caplog.handler)
    try:
        assert run(flow).is_failed()
    finally:
        logger.removeHandler(caplog.handler)
    told = [r.getMessage() for r in caplog.records if r.name == "prefect.unmappable"]
    assert "Unexpected error occured in FlowRunner: KeyError(0)" in told


def test_flatten(caplog: pytest.LogCaptureFixture) -> None:
    @task(trigger=all_finished, skip_on_upstream_skip=False)
    def each(x: int) -> Any:
        if x == 2:
            raise ValueError("two")
        if x == 3:
            raise signals.SKIP("three")
        return 7 if x == 4 else [x * 10, x * 10 + 1]

    @task(trigger=all_finished, skip_on_upstream_skip=False)
    def show(x: Any) -> str:
        return repr(x)

    with Flow("flatten") as flow:
        mapped = each.map([1, 2, 3, 4])
        reduced = show(flatten(mapped))
        again = show.map(flatten(mapped))
        nested = show(flatten(nested_lists()))
        mapped_nested = add.map(flatten(nested_lists()))
    state = run(flow)
    assert state.result[reduced].result == "[10, 11, ValueError('two'), SKIP('three'), 7]"
    assert state.result[again].result == ["10", "11", "ValueError('two')", "SKIP('three')", "7"]
    assert state.result[nested].result == "[1, 2, 3]"
    assert state.result[mapped_nested].result == [2, 3, 4]


@task
def nested_lists() -> list[list[int]]:
    return [[1, 2], [3]]


def test_case_and_merge() -> None:
    @task
    def choose(x: int) -> bool:
        return x > 1

    with Flow("case") as flow:
        x = Parameter("x")
        condition = choose(x)
        with case(condition, True):
            high = add(x, 100)
        with case(condition, False):
            low = add(x, -100)
        merged = merge(high, low)
    assert run(flow, parameters={"x": 5}).result[merged].result == 105
    state = run(flow, parameters={"x": 0})
    assert state.result[merged].result == -100
    assert state.result[high].is_skipped()


def test_timeouts_interrupt(handler: Any, changes: Changes) -> None:
    @task(timeout=1, state_handlers=[handler])
    def slow() -> None:
        moment = datetime.datetime.now() + datetime.timedelta(seconds=20)
        while datetime.datetime.now() < moment:
            pass

    with Flow("timeout") as flow:
        done = slow()
    before = datetime.datetime.now()
    state = run(flow)
    assert datetime.datetime.now() - before < datetime.timedelta(seconds=15)
    assert type(state.result[done]) is TimedOut
    assert state.result[done].message == "Task timed out during execution."
    assert repr(state.result[done].result) == "TaskTimeoutSignal('Execution timed out.')"


def test_parameters() -> None:
    with Flow("parameters") as flow:
        p = Parameter("p", default=3)
        q = add(p)
    assert run(flow).result[q].result == 4
    state = run(flow, parameters={"p": 4})
    assert state.result[q].result == 5
    assert repr(state.result[p]._result) == "<PrefectResult: 4>"


def test_a_parameter_with_a_state_of_its_own_keeps_it_and_a_secret_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUSH", "looked up")
    with Flow("given") as flow:
        p, hush = Parameter("p", default=3), EnvVarSecret("HUSH")
        q, heard = add(p), task(lambda x: x, name="hear")(hush)
    state = run(flow, task_states={p: Success(result=5), hush: Success(result="old")})
    assert (state.result[q].result, state.result[heard].result) == (6, "looked up")


def test_missing_and_unknown_parameters() -> None:
    with Flow("missing") as flow:
        z = Parameter("z")
        after = add(z)
    with pytest.raises(ValueError, match=r"Flow\.run did not receive the following required parameters: z"):
        flow.run()
    with pytest.raises(ValueError, match=r"Flow\.run received the following unexpected parameters: q"):
        flow.run(parameters={"z": 1, "q": 2})
    with pytest.raises(TypeError):
        flow.run(z=1, q=2)
    state = FlowRunner(flow).run(return_tasks=flow.tasks)
    assert state.result[z].message == 'Parameter "z" was required but not provided.'
    assert type(state.result[after]) is TriggerFailed


def test_what_a_task_finds_in_the_context() -> None:
    found: dict[str, Any] = {}

    @task(tags=["t"])
    def look() -> None:
        found.update(prefect.context)

    with Flow("context") as flow:
        look()
    run(flow, parameters={})
    today = pendulum.now("UTC").strftime("%Y-%m-%d")
    expected: dict[str, Any] = {
        "flow_name": "context",
        "flow_id": "context",
        "map_index": None,
        "parameters": {},
        "task_full_name": "look",
        "task_id": "look-t-1",
        "task_name": "look",
        "task_run_count": 1,
        "task_slug": "look-t-1",
        "task_tags": {"t"},
        "checkpointing": False,
    }
    assert {key: found[key] for key in expected} == expected
    assert found["today"] in (today, pendulum.now("UTC").strftime("%Y-%m-%d"))
    following = datetime.date.fromisoformat(found["today"]) + datetime.timedelta(days=1)
    assert found["tomorrow_nodash"] == following.strftime("%Y%m%d")
    assert found["logger"].name == "prefect.look"
    assert isinstance(found["date"], pendulum.DateTime)
    assert isinstance(found["scheduled_start_time"], pendulum.DateTime)
    assert "task_name" not in prefect.context


def looking() -> tuple[Flow, dict[str, Any]]:
    """A flow, and the context that its task will have found."""
    found: dict[str, Any] = {}

    @task
    def look() -> None:
        found.update(prefect.context)

    with Flow("date") as flow:
        look()
    return flow, found


def test_a_date_of_ones_own_is_parsed() -> None:
    flow, found = looking()
    run(flow, context={"date": "1999-12-31"})
    assert (found["today"], found["tomorrow"]) == ("1999-12-31", "2000-01-01")


def test_a_date_that_cannot_be_read_stays_and_the_others_are_those_of_now(caplog: pytest.LogCaptureFixture) -> None:
    flow, found = looking()
    run(flow, context={"date": "no date"})
    assert "could not be parsed" in caplog.text
    assert found["date"] == "no date"
    following = datetime.date.fromisoformat(found["today"]) + datetime.timedelta(days=1)
    assert found["tomorrow"] == following.isoformat()


def test_dates_that_were_set_stay_as_they_are() -> None:
    flow, found = looking()
    with prefect.context(yesterday_nodash="outside"):
        run(flow, context={"date": "2019-05-06", "today": "mine"})
    assert (found["today"], found["today_nodash"], found["yesterday_nodash"]) == ("mine", "20190506", "outside")


def test_a_value_is_cached_for_later_runs(handler: Any, changes: Changes) -> None:
    calls: list[int] = []

    @task(cache_for=datetime.timedelta(days=1), state_handlers=[handler])
    def cached() -> int:
        calls.append(1)
        return 3

    with Flow("cache") as flow:
        done = cached()
    assert type(run(flow).result[done]) is Cached
    state = run(flow).result[done]
    assert (type(state), state.result, calls) == (Cached, 3, [1])
    assert changes == [
        ("<Pending>", '<Running: "Starting task run.">'),
        ('<Running: "Starting task run.">', '<Success: "Task run succeeded.">'),
        ('<Success: "Task run succeeded.">', '<Cached: "Task run succeeded.">'),
        ("<Pending>", '<Cached: "Task run succeeded.">'),
    ]


def test_handlers_may_pause_fail_succeed_or_break_a_run(handler: Any, changes: Changes) -> None:
    def pause(_: Any, __: State, new: State) -> None:
        if new.is_running():
            raise signals.PAUSE("pp")

    def break_down(_: Any, __: State, new: State) -> None:
        if new.is_running():
            raise ValueError("hh")

    def refuse(_: Any, __: State, new: State) -> State | None:
        return Failed("no") if new.is_successful() else None

    def bless(_: Any, __: State, new: State) -> None:
        if new.is_successful():
            raise signals.SUCCESS("x", result=9)

    def last(kind: Any, **options: Any) -> State:
        with Flow("handlers") as flow:
            done = Task(name="t", state_handlers=[kind], **options)
            flow.add_task(done)
        state: State = FlowRunner(flow).run(return_tasks=flow.tasks).result[done]
        return state

    assert repr(last(pause)) == '<Paused: "pp">'
    broken = last(break_down)
    assert repr(broken) == "<Failed: \"Unexpected error while calling state handlers: ValueError('hh')\">"
    assert isinstance(broken.result, ValueError)
    assert repr(last(refuse)) == '<Failed: "no">'
    assert repr(last(refuse, max_retries=1, retry_delay=datetime.timedelta(0))).startswith("<Retrying")
    blessed = last(bless)
    assert (repr(blessed), blessed.result) == ('<Success: "x">', 9)


def test_what_a_handler_returns_must_be_a_state() -> None:
    def last(**options: Any) -> State:
        with Flow("handlers") as flow:
            done = Task(name="t", **options)
            flow.add_task(done)
        ran = flow.run()
        assert ran is not None
        state: State = ran.result[done]
        return state

    wrong = last(state_handlers=[lambda *_: 5])
    assert isinstance(wrong, Failed)
    assert isinstance(wrong.result, AttributeError)
    assert "A state handler of <Task: t> returned 5, which is no state." in str(wrong.message)
    assert last(state_handlers=[lambda *_: False]).is_successful()

    flow = Flow("f", tasks=[Task()], state_handlers=[lambda *_: "x"])
    told = flow.run()
    assert told is not None
    assert isinstance(told.result, AttributeError)
    assert str(told.result).startswith("A state handler of <Flow: name=\"f\"> returned 'x', which is no state.")


def test_an_error_before_the_run_names_the_task() -> None:
    with Flow("names") as flow:
        wrong = Task(name="t", task_run_name="{nope}")
        flow.add_task(wrong)
    state = FlowRunner(flow).run(return_tasks=[wrong])
    assert state.result[wrong].message == "Task 't': Unexpected error while running task: KeyError('nope')"


def test_a_trigger_that_breaks_down_has_failed(caplog: pytest.LogCaptureFixture) -> None:
    def break_down(_: Any) -> bool:
        raise ValueError("tt")

    with Flow("triggers") as flow:
        never = Task(name="t", trigger=break_down)
        flow.add_task(never)
    state = FlowRunner(flow).run(return_tasks=[never]).result[never]
    assert repr(state) == "<TriggerFailed: \"Unexpected error while checking task trigger: ValueError('tt')\">"
    assert isinstance(state.result, ValueError)
    assert "Task 't': Unexpected error while evaluating task trigger: ValueError('tt')" in caplog.messages


def test_on_failure_fires_for_trigger_failures_too() -> None:
    told: list[str] = []

    def tell(_: Any, state: State) -> None:
        told.append(type(state).__name__)

    with Flow("on failure", on_failure=tell) as flow:
        first = Task(name="first", on_failure=tell)
        first.run = lambda: 1 / 0
        second = Task(name="second", on_failure=tell)
        flow.add_edge(first, second)
    run(flow)
    assert told == ["Failed", "TriggerFailed", "Failed"]


def test_runs_that_do_not_start() -> None:
    with Flow("waits") as flow:
        t = add(1)
    tasks: dict[str, Any] = {"return_tasks": flow.tasks}
    assert FlowRunner(flow).run(state=Failed("q"), **tasks) == Failed("q")
    later = pendulum.now("UTC").add(hours=1)
    assert type(FlowRunner(flow).run(state=Scheduled(start_time=later), **tasks)) is Scheduled
    state = FlowRunner(flow).run(task_states={t: Paused("p")}, **tasks)
    assert repr(state) == '<Running: "Running flow.">'
    assert repr(state.result[t]) == '<Paused: "p">'
    assert FlowRunner(flow).run(task_states={t: Success(result=7)}, **tasks).result[t].result == 7
    assert FlowRunner(flow).run().result == {}
    assert type(FlowRunner(flow).run(state=Running())) is Success


def test_manual_tasks_pause() -> None:
    with Flow("manual") as flow:
        t = Task(name="man", trigger=manual_only)
        flow.add_task(t)
    state = FlowRunner(flow).run(return_tasks=flow.tasks)
    assert repr(state.result[t]) == '<Paused: "Trigger function is "manual_only"">'


def test_reference_tasks_decide_once_terminal_tasks_are_over() -> None:
    with Flow("reference") as flow:
        good = add(1)
        bad = fail(upstream_tasks=[good])
        flow.set_reference_tasks([good])
    assert run(flow).is_successful()
    flow.set_reference_tasks([bad])
    assert run(flow).is_failed()


def test_a_terminal_state_handler_has_the_last_word() -> None:
    def judge(flow: Flow, state: State, references: set[State]) -> State | None:
        assert len(references) == 1
        return Failed("judged")

    with Flow("judged", terminal_state_handler=judge) as flow:
        add(1)
    assert run(flow).message == "judged"


def test_targets_and_kept_results(tmp_path: Path) -> None:
    @task(target="{task_name}-{map_index}-{x}.txt", result=LocalResult(dir=str(tmp_path)))
    def kept(x: int) -> int:
        return x

    with Flow("target") as flow:
        mapped = kept.map([1, 2])
        single = kept(5)
    with prefect.context(checkpointing=True):
        run(flow)
        state = run(flow)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept-0-1.txt", "kept-1-2.txt", "kept-None-5.txt"]
    assert repr(state.result[single]) == '<Cached: "Result found at task target kept-None-5.txt">'
    assert [repr(child._result) for child in state.result[mapped].map_states] == [
        "<LocalResult: 1>",
        "<LocalResult: 2>",
    ]


def test_results_are_kept_only_where_asked(tmp_path: Path) -> None:
    with Flow("kept", result=LocalResult(dir=str(tmp_path))) as flow:
        value = add(1)
        empty = nothing()
    state = run(flow)
    assert list(tmp_path.iterdir()) == []
    with prefect.context(checkpointing=True):
        state = run(flow)
    assert LocalResult(dir=str(tmp_path)).read(state.result[value]._result.location).value == 2
    assert state.result[empty]._result.location is None


def test_a_place_that_cannot_keep_fails_the_task(tmp_path: Path) -> None:
    class Full(LocalResult):
        def write(self, *args: Any, **kwargs: Any) -> Any:
            raise ValueError("cannot write")

    with Flow("full", result=Full(dir=str(tmp_path))) as flow:
        value = add(1)
    with prefect.context(checkpointing=True):
        state = run(flow)
    assert repr(state.result[value]) == "<Failed: \"Unexpected error: ValueError('cannot write')\">"


def test_a_value_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    @task
    def lock() -> Any:
        return threading.Lock()

    with Flow("lock", result=LocalResult(dir=str(tmp_path))) as flow:
        value = lock()
    with prefect.context(checkpointing=True):
        state = run(flow).result[value]
    assert isinstance(state, Failed)
    assert "Task 'lock' returned a lock, which cannot be kept" in str(state.message)
    assert "checkpoint=False" in str(state.message)
    assert list(tmp_path.iterdir()) == []


def test_run_names_are_made_from_the_inputs() -> None:
    seen: list[str] = []

    @task(task_run_name="n-{x}-{flow_name}")
    def named(x: int) -> None:
        seen.append(prefect.context.task_run_name)

    with Flow("named") as flow:
        named.map([1, 2])
    run(flow)
    assert seen == ["n-1-named", "n-2-named"]


def test_stdout_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    @task(log_stdout=True)
    def talk() -> None:
        print("hello there")

    with Flow("talk") as flow:
        talk()
    logger = prefect.utilities.logging.get_logger()
    logger.addHandler(caplog.handler)
    try:
        run(flow)
    finally:
        logger.removeHandler(caplog.handler)
    assert ("prefect.TaskRunner", "hello there") in [(r.name, r.getMessage()) for r in caplog.records]


def test_a_mapped_child_logs_under_its_own_name(caplog: pytest.LogCaptureFixture) -> None:
    @task
    def talk(x: int) -> None:
        prefect.context.logger.info("said %s", x)
        again = pickle.loads(cloudpickle.dumps(prefect.context.logger))
        again.info("said again %s", x)

    with Flow("talk") as flow:
        talk.map([1])
        talk(2)
    logger = prefect.utilities.logging.get_logger()
    logger.addHandler(caplog.handler)
    try:
        run(flow)
    finally:
        logger.removeHandler(caplog.handler)
    said = {(r.name, r.getMessage()) for r in caplog.records if "said" in r.getMessage()}
    assert said == {
        (name, f"said {text}")
        for name, number in (("prefect.talk[0]", 1), ("prefect.talk", 2))
        for text in (number, f"again {number}")
    }
    assert "prefect.talk[0]" not in logging.Logger.manager.loggerDict


def test_raise_on_exception_lets_errors_escape() -> None:
    with Flow("raises") as flow:
        fail()
    with raise_on_exception(), pytest.raises(ValueError, match="boo"):
        flow.run()


@pytest.mark.parametrize("raised", [signals.SKIP("s"), signals.FAIL("f"), signals.SUCCESS("done", result=1)])
def test_raise_on_exception_lets_no_signals_escape(raised: signals.PrefectStateSignal) -> None:
    def raises(*_: Any) -> Any:
        raise raised

    def raises_at_the_end(_: Any, old: State, new: State) -> None:
        if new.is_finished():
            raise raised

    with Flow("signals") as flow:
        task(lambda: raises(), name="in a task")()
        task(lambda: 1, name="in a trigger", trigger=raises)()
        task(lambda: 1, name="in a handler", state_handlers=[raises_at_the_end])()
    with raise_on_exception():
        state = run(flow)
    assert {type(each) for each in state.result.values()} == {type(raised.state)}


def test_overridden_checks_are_what_the_engine_calls() -> None:
    called: list[str] = []

    class Mine(TaskRunner):
        def check_task_trigger(self, state: State, upstream_states: Any) -> State:
            called.append("trigger")
            return super().check_task_trigger(state, upstream_states)

        def get_task_run_state(self, state: State, inputs: Any) -> State:
            called.append("run")
            return Success("mine", result=42)

    class MyFlowRunner(FlowRunner):
        def determine_final_state(self, *args: Any, **kwargs: Any) -> State:
            called.append("final")
            return super().determine_final_state(*args, **kwargs)

    with Flow("overridden") as flow:
        t = add(1)
    state = MyFlowRunner(flow, task_runner_cls=Mine).run(return_tasks=flow.tasks)
    assert state.result[t].result == 42
    assert called == ["trigger", "run", "final"]
    assert run(flow, runner_cls=MyFlowRunner).is_successful()


def test_runner_handlers_see_runners() -> None:
    seen: list[str] = []

    def handler(runner: Any, old: State, new: State) -> None:
        seen.append(f"{type(runner).__name__} {type(new).__name__}")

    with Flow("runner handlers") as flow:
        add(1)
    FlowRunner(flow, state_handlers=[handler]).run(task_runner_state_handlers=[handler])
    assert seen == ["FlowRunner Running", "TaskRunner Running", "TaskRunner Success", "FlowRunner Success"]


def test_a_state_with_its_results_can_be_pickled() -> None:
    with Flow("pickled") as flow:
        mapped = add.map([1, 2])
    state = run(flow).result[mapped]
    assert pickle.loads(pickle.dumps(state)).result == [2, 3]


def test_a_cyclic_flow_fails_as_a_whole() -> None:
    flow = Flow("cyclic")
    first, second = Task(name="first"), Task(name="second")
    flow.add_edge(first, second)
    flow.add_edge(second, first)
    state = run(flow)
    assert repr(state) == "<Failed: \"Unexpected error: ValueError('Cycle found; flows must be acyclic!')\">"


def test_looped_states_are_not_final() -> None:
    assert isinstance(Looped(), Looped)
    assert type(Retrying(run_count=2)) is Retrying


def test_a_map_over_a_map_that_is_retried_waits_for_the_children_of_this_walk() -> None:
    """The states that children had in the walk before once kept what is mapped over them, and the flow, unfinished."""

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def unsteady(number: int) -> int:
        if prefect.context.task_run_count < 2:
            raise ValueError("once")
        return number

    @task
    def add(left: int, right: list[int]) -> int:
        return left + sum(right)

    with Flow("retried maps") as flow:
        first = unsteady.map([1, 2])
        second = add.map(first, unmapped([0]))
        third = add.map(first, unmapped(second))
    state = flow.run()
    assert state is not None
    assert state.is_successful(), state
    assert state.result[third].result == [4, 5]


def test_a_loop_that_is_retried_does_not_start_again(caplog: pytest.LogCaptureFixture) -> None:
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def loop() -> int:
        count: int = prefect.context.get("task_loop_count", 1)
        if count == 2 and prefect.context.task_run_count == 1:
            raise ValueError("flaky")
        if count < 3:
            raise signals.LOOP(result=count)
        return count

    with Flow("loop") as flow:
        looped = loop()
    assert run(flow).result[looped].result == 3
    assert caplog.text.count("Task 'loop': Starting task run...") == 1


def test_tasks_to_return_that_are_unknown_fail_the_run() -> None:
    with Flow("unknown") as flow:
        fail()
    state = FlowRunner(flow).run(return_tasks=[Task()])
    assert isinstance(state, Failed)
    assert "Some tasks in return_tasks were not found in the flow." in str(state.message)


def test_a_task_runner_of_its_own_keeps_results_where_the_settings_say_so(tmp_path: Path) -> None:
    @task(result=LocalResult(str(tmp_path), location="one"))
    def one() -> int:
        return 1

    TaskRunner(one).run()
    assert not (tmp_path / "one").exists()
    with prefect.context(config={"flows": {"checkpointing": True}}):
        TaskRunner(one).run()
    assert (tmp_path / "one").exists()


def test_settings_of_the_surrounding_context_say_whether_results_are_kept(tmp_path: Path) -> None:
    @task(result=LocalResult(str(tmp_path), location="one"))
    def one() -> int:
        return 1

    with Flow("kept") as flow:
        one()
    with prefect.context(config={"flows": {"checkpointing": True}}):
        run(flow)
    assert (tmp_path / "one").exists()
