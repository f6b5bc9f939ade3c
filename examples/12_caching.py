"""A result may be used again for a while, as long as the task is given the same."""

from datetime import timedelta

from prefect import Flow, Parameter, task
from prefect.engine.cache_validators import all_inputs

looked_up: list[str] = []


@task(cache_for=timedelta(hours=1), cache_validator=all_inputs)
def look_up(word: str) -> int:
    looked_up.append(word)
    return len(word)


with Flow("caching") as flow:
    length = look_up(Parameter("word"))

for word in ("alpha", "alpha", "beta"):
    state = flow.run(word=word)
    assert state is not None
    print(word, "->", state.result[length].result, f"({type(state.result[length]).__name__})")

assert looked_up == ["alpha", "beta"]
