"""A task over many values: mapped, with a value for all of them, flattened, and reduced again."""

from prefect import Flow, flatten, task, unmapped


@task
def lines() -> list[str]:
    return ["one two", "three", "four five six"]


@task
def split(line: str) -> list[str]:
    return line.split()


@task
def pad(word: str, width: int) -> str:
    return word.rjust(width)


@task
def join(words: list[str]) -> str:
    return "|".join(words)


with Flow("mapping") as flow:
    words = split.map(lines())
    padded = pad.map(flatten(words), width=unmapped(6))
    joined = join(padded)

state = flow.run()
assert state is not None
print(state.result[joined].result)
assert state.result[padded].is_mapped()
assert state.result[joined].result == "   one|   two| three|  four|  five|   six"
