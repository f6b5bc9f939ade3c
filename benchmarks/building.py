"""Promise: building a flow and serializing it is cheap, and each task costs the same however many there are."""

import json
from collections.abc import Callable, Iterator

from benchmarks.measure import Measurement, cpu_seconds, report
from benchmarks.shapes import SHAPES, chained

COUNT = 1_000


def build_and_serialize(count: int) -> Callable[[], object]:
    return lambda: chained(count).serialize()


def measure() -> Iterator[Measurement]:
    seconds = cpu_seconds(build_and_serialize(COUNT))
    document = chained(COUNT).serialize()
    copying = cpu_seconds(lambda: json.loads(json.dumps(document)))
    yield Measurement("building.chain", seconds * 1000, "json dumps and loads of the same", seconds / copying)
    serializing = max(cpu_seconds(shape(COUNT).serialize) for shape in SHAPES.values())
    yield Measurement("building.serialize", serializing * 1000)
    growth = cpu_seconds(build_and_serialize(10 * COUNT), repeats=3) / 10 / seconds
    yield Measurement("building.growth", growth)


if __name__ == "__main__":
    report(measure())
