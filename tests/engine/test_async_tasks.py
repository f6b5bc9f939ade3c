"""Tasks written as `async def`."""

import asyncio
import threading
from typing import Any

import pytest

import prefect
from prefect import Flow, Task, task
from prefect.engine.state import TimedOut
from prefect.executors import LocalDaskExecutor


@task
async def fetch(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


@task
def plain(x: int) -> int:
    return 10 * x


def test_an_async_task_mixes_with_plain_ones() -> None:
    with Flow("async") as flow:
        mapped = fetch.map([1, 2, 3])
        after = plain.map(mapped)
        again = fetch(4)
    state = flow.run()
    assert state is not None
    assert state.result[after].result == [20, 30, 40]
    assert state.result[again].result == 5


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_async_tasks_run_in_threads(scheduler: str) -> None:
    with Flow("threads") as flow:
        mapped = fetch.map(list(range(8)))
    state = flow.run(executor=LocalDaskExecutor(scheduler=scheduler))
    assert state is not None
    assert state.result[mapped].result == list(range(1, 9))


def test_errors_and_the_context_are_those_of_any_task() -> None:
    seen: dict[str, Any] = {}

    @task
    async def look() -> None:
        seen.update(prefect.context)
        raise ValueError("in the loop")

    with Flow("errors") as flow:
        done = look()
    state = flow.run()
    assert state is not None
    assert repr(state.result[done].result) == "ValueError('in the loop')"
    assert seen["task_name"] == "look"


def test_a_method_may_be_async_too() -> None:
    class Fetch(Task):
        async def run(self, x: int) -> int:
            await asyncio.sleep(0)
            return x

    with Flow("method") as flow:
        done = Fetch()(5)
    state = flow.run()
    assert state is not None
    assert state.result[done].result == 5


def test_a_timeout_interrupts_a_loop() -> None:
    @task(timeout=1)
    async def wait() -> None:
        await asyncio.Event().wait()

    with Flow("timeout") as flow:
        done = wait()
    state = flow.run()
    assert state is not None
    assert type(state.result[done]) is TimedOut


def test_a_flow_may_run_inside_a_loop() -> None:
    threads: list[str] = []

    @task
    async def look() -> str:
        threads.append(threading.current_thread().name)
        return str(prefect.context.task_name)

    async def main() -> Any:
        with Flow("inside") as flow:
            done = look()
        state = flow.run()
        assert state is not None
        return state.result[done].result

    assert asyncio.run(main()) == "look"
    assert threads == ["prefect-async-task"]
