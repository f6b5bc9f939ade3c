"""Tasks may be coroutines: each runs in an event loop of its own."""

import asyncio

from prefect import Flow, task


@task
async def fetch(number: int) -> int:
    """Stands for three requests at once."""
    answers = await asyncio.gather(*(asyncio.sleep(0, number * factor) for factor in (1, 10, 100)))
    return sum(answers)


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


with Flow("asynchronous") as flow:
    summed = total(fetch.map([1, 2]))

state = flow.run()
assert state is not None
print(state.result[summed].result)
assert state.result[summed].result == 333
