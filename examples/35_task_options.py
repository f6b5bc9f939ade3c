"""What a task may be told: what it retries, what its runs are called, where its value goes, how long it lasts."""

import tempfile
from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, task
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer
from prefect.engine.state import Cached, Failed

directory = tempfile.mkdtemp()


def place(**values: Any) -> str:
    return f"{values['flow_name']}/{values['city']}.json"


@task(max_retries=3, retry_delay=timedelta(0), retry_on=ConnectionError, task_run_name="weather of {city}")
def weather(city: str) -> str:
    count = prefect.context.task_run_count
    if count < 2:
        raise ConnectionError("try again")
    if city == "Atlantis":
        raise LookupError(city)
    return f"sunny, asked {count} times"


@task(target=place, result=LocalResult(directory, serializer=JSONSerializer()), checkpoint=True)
def population(city: str) -> dict[str, int]:
    return {city: 1000 * len(city)}


@task(cache_for=timedelta(hours=1), cache_key="expensive")
def expensive() -> int:
    return 42


@task
def closed() -> None:
    raise signals.SKIP("closed today")


@task(skip_on_upstream_skip=False)
def go_on() -> str:
    return "went on"


with Flow("options") as flow:
    cities = weather.map(["Lisbon", "Atlantis"])
    people = population("Lisbon")
    answer = expensive()
    went_on = go_on(upstream_tasks=[closed()])
    flow.set_reference_tasks([people, answer, went_on])

with prefect.context(checkpointing=True):
    first, second = flow.run(), flow.run()
assert first is not None
assert second is not None
assert second.is_successful()
lisbon, atlantis = second.result[cities].map_states
print(lisbon.result, "|", repr(atlantis.result), "|", second.result[went_on].result)
assert lisbon.result == "sunny, asked 2 times"
assert isinstance(atlantis, Failed)
assert isinstance(second.result[people], Cached)
assert isinstance(second.result[answer], Cached)
