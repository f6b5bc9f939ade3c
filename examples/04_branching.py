"""Only one branch of a case runs; merge takes whichever did."""

from prefect import Flow, Parameter, case, task
from prefect.tasks.control_flow import merge


@task
def is_even(number: int) -> bool:
    return number % 2 == 0


@task
def halve(number: int) -> int:
    return number // 2


@task
def triple_and_one(number: int) -> int:
    return 3 * number + 1


with Flow("collatz") as flow:
    number = Parameter("number")
    even = is_even(number)
    with case(even, True):
        half = halve(number)
    with case(even, False):
        more = triple_and_one(number)
    following = merge(half, more)

for start, expected in ((6, 3), (7, 22)):
    state = flow.run(number=start)
    assert state is not None
    print(start, "->", state.result[following].result)
    assert state.result[following].result == expected
    assert state.result[half].is_skipped() is (start % 2 == 1)
