"""Flows of n trivial tasks, in the three shapes that runs have: wide, deep, and both.

Their results are not kept, which recorded runs would otherwise do; that has a measurement of its own.
"""

from typing import Any

from prefect import Flow, task

LAYERS = 20


@task(checkpoint=False)
def numbers(count: int) -> list[int]:
    return list(range(count))


@task(checkpoint=False)
def increment(number: int) -> int:
    return number + 1


@task(checkpoint=False)
def add(left: int, right: int) -> int:
    return left + right


def mapped(count: int, *, checkpoint: bool = False) -> Flow:
    with Flow("mapped") as flow:
        increment.map(numbers(count), task_args={"checkpoint": checkpoint})
    return flow


def chained(count: int) -> Flow:
    with Flow("chained") as flow:
        last: Any = 0
        for _ in range(count):
            last = increment(last)
    return flow


def layered(count: int) -> Flow:
    """Layers as wide as it takes; each task is fed by two of the layer above."""
    width = max(count // LAYERS, 1)
    with Flow("layered") as flow:
        layer: list[Any] = list(range(width))
        for _ in range(LAYERS):
            layer = [add(layer[index], layer[(index + 1) % width]) for index in range(width)]
    return flow


SHAPES = {"mapped": mapped, "chained": chained, "layered": layered}
