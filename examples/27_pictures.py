"""A flow as a picture, coloured by the states of a run. Without graphviz it is drawn as SVG."""

import tempfile
from pathlib import Path

from prefect import Flow, task


@task
def numbers() -> list[int]:
    return [1, 2, 0]


@task
def invert(number: int) -> float:
    return 1 / number


@task
def total(inverted: list[float]) -> float:
    return sum(inverted)


with Flow("pictures") as flow:
    inverted = invert.map(numbers())
    total(inverted)

state = flow.run()
with tempfile.TemporaryDirectory() as directory:
    flow.visualize(flow_state=state, filename=str(Path(directory) / "flow"), format="svg")
    picture = (Path(directory) / "flow.svg").read_text()

assert state is not None
print(len(picture), "characters of SVG")
assert picture.count("invert") >= 3
assert state.result[inverted].map_states[2].color.lower() in picture.lower()
