"""A task that cleans up runs whatever happened before, and a task may say itself how it ended."""

from prefect import Flow, task
from prefect.engine import signals
from prefect.triggers import all_finished

steps: list[str] = []


@task
def open_shop() -> str:
    steps.append("open")
    return "open"


@task
def sell(shop: str) -> None:
    raise signals.FAIL(f"nobody came, though we were {shop}")


@task
def count_money() -> None:
    steps.append("count")


@task(trigger=all_finished)
def close_shop() -> None:
    steps.append("close")


with Flow("shop") as flow:
    shop = open_shop()
    sold = sell(shop)
    counted = count_money(upstream_tasks=[sold])
    closed = close_shop(upstream_tasks=[counted])
flow.set_reference_tasks([sold])

state = flow.run()
assert state is not None
print(state.result[sold].message)
print(state.result[counted])
assert state.is_failed()
assert steps == ["open", "close"]
