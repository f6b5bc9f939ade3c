"""A task that fails twice is tried again; a state handler sees every change."""

from datetime import timedelta
from typing import Any

from prefect import Flow, context, task
from prefect.engine.state import State

changes: list[str] = []


def note(task: Any, old_state: State, new_state: State) -> State:
    changes.append(type(new_state).__name__)
    return new_state


@task(max_retries=2, retry_delay=timedelta(0), state_handlers=[note])
def unreliable() -> int:
    attempt = int(context.task_run_count)
    if attempt < 3:
        raise ConnectionError(f"attempt {attempt} was refused")
    return attempt


with Flow("retries") as flow:
    attempt = unreliable()

state = flow.run()
assert state is not None
assert state.is_successful()
print(" -> ".join(changes))
assert state.result[attempt].result == 3
assert changes.count("Retrying") == 2
