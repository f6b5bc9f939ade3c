"""A whole piece of a flow, branches included, mapped over many values."""

from prefect import Flow, Task, apply_map, case, task, unmapped
from prefect.tasks.control_flow import merge


@task
def is_even(number: int) -> bool:
    return number % 2 == 0


@task
def divide(number: int, by: int) -> int:
    return number // by


@task
def triple_and_one(number: int) -> int:
    return 3 * number + 1


def following(number: Task, two: Task) -> Task:
    even = is_even(number)
    with case(even, True):
        half = divide(number, two)
    with case(even, False):
        more = triple_and_one(number)
    return merge(half, more)


with Flow("apply-map") as flow:
    result = apply_map(following, [1, 2, 3, 4], unmapped(2))

state = flow.run()
assert state is not None
print(state.result[result].result)
assert state.result[result].result == [4, 1, 10, 2]
