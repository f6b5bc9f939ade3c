"""One of several branches, and results without those that failed."""

from prefect import Flow, Parameter, task
from prefect.tasks.control_flow import FilterTask, ifelse, merge, switch


@task
def parse(text: str) -> int:
    return int(text)


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@task
def size(number: int) -> str:
    return "large" if number > 9 else "small"


@task
def shout() -> str:
    return "LARGE"


@task
def whisper() -> str:
    return "small"


@task
def yes() -> str:
    return "yes"


@task
def no() -> str:
    return "no"


keep = FilterTask(filter_func=lambda number: not isinstance(number, Exception))

with Flow("switch-and-filter") as flow:
    parsed = parse.map(Parameter("texts"))
    summed = total(keep(parsed))
    said_large, said_small = shout(), whisper()
    switch(size(summed), {"large": said_large, "small": said_small})
    said = merge(said_large, said_small)
    is_odd, is_not = yes(), no()
    ifelse((summed % 2).is_equal(1), is_odd, is_not)
    flow.set_reference_tasks([said])

for texts, expected in ((["1", "x", "3"], "small"), (["7", "", "8"], "LARGE")):
    state = flow.run(texts=texts)
    assert state is not None
    print(texts, "->", state.result[summed].result, state.result[said].result)
    assert state.result[said].result == expected
    assert [child.is_failed() for child in state.result[parsed].map_states] == [False, True, False]
