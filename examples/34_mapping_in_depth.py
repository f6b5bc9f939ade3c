"""Mapping over several values at once, nested, flattened, skipped, and mapped again as far as each has come."""

from prefect import Flow, flatten, mapped, task, unmapped
from prefect.engine.signals import SKIP


@task
def words(line: str) -> list[str]:
    if not line:
        raise SKIP("nothing in this line")
    return line.split()


@task
def join(left: str, right: str, between: str) -> str:
    return f"{left}{between}{right}"


@task
def count(items: list[str | None]) -> int:
    return len([item for item in items if item])


with Flow("mapping-in-depth") as flow:
    split = words.map(["a b", "", "c"])
    flat = join.map(flatten(words.map(["a b", "c"])), ["x", "y", "z"], between=unmapped("-"))
    again = join(left=mapped(flat), right="!", between="")
    counted = count(flat)

state = flow.run()
assert state is not None
print([type(child).__name__ for child in state.result[split].map_states])
print(state.result[flat].result, state.result[again].result, state.result[counted].result)
assert state.result[split].result == [["a", "b"], None, ["c"]] or state.result[split].map_states[1].is_skipped()
assert state.result[again].result == ["a-x!", "b-y!", "c-z!"]
assert state.result[counted].result == 3
