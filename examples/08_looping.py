"""A task may ask to run again with what it has so far."""

from prefect import Flow, context, task
from prefect.engine.signals import LOOP


@task
def greatest_common_divisor(left: int, right: int) -> int:
    left, right = context.get("task_loop_result") or (left, right)
    if right:
        raise LOOP(message=f"{left}, {right}", result=(right, left % right))
    return left


with Flow("euclid") as flow:
    divisor = greatest_common_divisor(1071, 462)

state = flow.run()
assert state is not None
print(state.result[divisor].result)
assert state.result[divisor].result == 21
