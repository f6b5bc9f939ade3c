"""Promise: what is refused is refused at once; the schema is there when a tool asks for it."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Measurement, report
from prefect.server.endpoint import Endpoint
from prefect.server.store.database import Store
from tests.support.hostile import absurd, hostile

REQUESTS = 10_000


def cpu_ms(function: Callable[[], object], tries: int) -> float:
    """The least CPU time of that many calls: what the others took longer was not ours."""
    least = float("inf")
    for _ in range(tries):
        started = time.process_time()
        function()
        least = min(least, time.process_time() - started)
    return least * 1000


def measure() -> Iterator[Measurement]:
    from graphql import get_introspection_query

    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory) / "refusals.db")
        endpoint = Endpoint(store)
        question = get_introspection_query()
        yield Measurement("refusals.first_introspection", cpu_ms(lambda: endpoint.answer(question), 1))
        heavy = list(absurd())
        slowest = max(cpu_ms(lambda: endpoint.reply(one.text, one.variables), 3) for one in heavy)  # noqa: B023
        yield Measurement("refusals.slowest", slowest)
        requests = [one for one in hostile(REQUESTS) if one.kind != "absurd"]
        started = time.process_time()
        for one in requests:
            endpoint.reply(one.text, one.variables, one.operation_name)
        yield Measurement("refusals.usual", (time.process_time() - started) / len(requests) * 1000)
        store.close()


if __name__ == "__main__":
    report(measure())
