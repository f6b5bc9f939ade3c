"""Flows can be copied, joined, changed, written out, saved and loaded."""

import tempfile
from pathlib import Path

from prefect import Flow, Parameter, Task, task


@task
def double(x: int) -> int:
    return 2 * x


@task
def triple(x: int) -> int:
    return 3 * x


class AddOne(Task):
    def run(self, x: int) -> int:
        return x + 1


with Flow("doubling") as doubling:
    doubled = double(Parameter("x"))

with Flow("adding") as adding:
    AddOne()(Parameter("y", default=1))

tripling = doubling.copy()
tripling.name = "tripling"
tripled = triple.copy()
tripling.replace(doubled, tripled)
tripling.update(adding)

state = tripling.run(x=5)
assert state is not None
print(sorted(tripling.slugs.values()), state.result[tripled].result)
assert state.result[tripled].result == 15
assert len(doubling.tasks) == 2

with tempfile.TemporaryDirectory() as directory:
    path = tripling.save(str(Path(directory) / "tripling.prefect"))
    loaded = Flow.load(path)
assert loaded.serialize() == tripling.serialize()
assert loaded.serialized_hash() == tripling.serialized_hash() != doubling.serialized_hash()
print([task["slug"] for task in loaded.serialize()["tasks"]])
