"""Each element of a map goes on as soon as it can, whatever its neighbours do; a worker that dies costs another try."""

import os
import signal
import tempfile
from pathlib import Path

from prefect import Flow, task, unmapped
from prefect.executors import LocalDaskExecutor


@task
def fetch(number: int, directory: str) -> int:
    mark = Path(directory, "killed")
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)  # as if the machine had run out of memory
    return 10 * number


@task
def clean(number: int) -> int:
    return number + 1


@task
def store(numbers: list[int]) -> int:
    return sum(numbers)


with Flow("parallel maps") as flow:
    stored = store(clean.map(fetch.map([1, 2, 3], directory=unmapped(tempfile.mkdtemp()))))

if __name__ == "__main__":
    state = flow.run(executor=LocalDaskExecutor("processes", num_workers=2))
    assert state is not None
    print(state, state.result[stored].result)
    assert state.result[stored].result == 63
