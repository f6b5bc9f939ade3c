"""A task that takes too long is interrupted, and what comes after it can tell."""

import time

from prefect import Flow, task
from prefect.engine.state import TimedOut
from prefect.triggers import any_failed


@task(timeout=1)
def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@task(trigger=any_failed)
def give_up() -> str:
    return "it took too long"


with Flow("timeouts") as flow:
    waited = wait(600)
    gave_up = give_up(upstream_tasks=[waited])

state = flow.run()
assert state is not None
print(type(state.result[waited]).__name__, "->", state.result[gave_up].result)
assert isinstance(state.result[waited], TimedOut)
assert state.is_successful()
