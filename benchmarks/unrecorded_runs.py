"""Promise: the engine costs little for each task run, and the same for each however many there are."""

import logging
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import dask

from benchmarks.measure import Measurement, cpu_seconds, report
from benchmarks.shapes import SHAPES
from prefect import Flow
from prefect.utilities.logging import ConsoleHandler, get_logger

COUNT = 1_000


def run(flow: Flow) -> None:
    state = flow.run()
    if state is None or not state.is_successful():
        raise RuntimeError(f"The run to be measured ended as {state!r}")


def dask_per_task() -> float:
    """CPU seconds that dask's synchronous scheduler takes for one trivial task."""
    increment = dask.delayed(lambda number: number + 1)
    tasks = [increment(number) for number in range(COUNT)]
    return cpu_seconds(lambda: dask.compute(*tasks, scheduler="synchronous")) / COUNT


@contextmanager
def logging_to_a_file() -> Iterator[None]:
    """The lines that a run prints unless told otherwise, as they are with standard output redirected to a file."""
    logger = get_logger()
    level = logger.level
    [handler] = [each for each in logger.handlers if isinstance(each, ConsoleHandler)]
    with tempfile.TemporaryFile("w") as file:
        before = handler.setStream(file)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.setLevel(level)
            handler.setStream(before)


def added_by_logs(flow: Flow, repeats: int = 9) -> float:
    """CPU seconds that the lines add to one run; both in turns, so that a busy minute hits both."""
    added = []
    for _ in range(repeats):
        silent = cpu_seconds(lambda: run(flow), repeats=1)
        with logging_to_a_file():
            added.append(cpu_seconds(lambda: run(flow), repeats=1) - silent)
    return statistics.median(added)


def measure() -> Iterator[Measurement]:
    reference = dask_per_task()
    growths, logs = [], []
    for name, shape in SHAPES.items():
        small, large = shape(COUNT), shape(10 * COUNT)
        per_task = cpu_seconds(lambda flow=small: run(flow)) / COUNT  # type: ignore[misc]
        per_task_of_many = cpu_seconds(lambda flow=large: run(flow), repeats=3) / (10 * COUNT)  # type: ignore[misc]
        growths.append(per_task_of_many / per_task)
        logs.append(added_by_logs(small) / COUNT)
        yield Measurement(f"unrecorded.{name}", per_task * 1e6, "dask, synchronous", per_task / reference)
    yield Measurement("unrecorded.growth", max(growths))
    yield Measurement("unrecorded.logs", max(logs) * 1e6)


if __name__ == "__main__":
    report(measure())
