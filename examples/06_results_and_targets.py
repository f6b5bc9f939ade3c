"""A result that is kept under a name is not computed again while it is there."""

import tempfile

from prefect import Flow, task
from prefect.engine.results import LocalResult
from prefect.engine.state import Cached
from prefect.utilities.configuration import set_temporary_config

calls: list[int] = []


@task(target="squares-{limit}.bin")
def squares(limit: int) -> list[int]:
    calls.append(limit)
    return [number * number for number in range(limit)]


with tempfile.TemporaryDirectory() as directory, set_temporary_config({"flows.checkpointing": True}):
    with Flow("squares", result=LocalResult(dir=directory)) as flow:
        found = squares(5)
    first = flow.run()
    second = flow.run()

assert first is not None
assert second is not None
print(first.result[found])
print(second.result[found])
assert isinstance(second.result[found], Cached)
assert second.result[found].result == [0, 1, 4, 9, 16]
assert calls == [5]
