"""A backfill: runs that take the date of another day, in names, in targets and in what tasks compute."""

import os
import tempfile
from typing import Any

import prefect
from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult

directory = tempfile.mkdtemp()


@task(target="{flow_name}/{today_nodash}-{table}.txt", task_run_name="{table} of {yesterday}")
def extract(table: str) -> str:
    return f"{table} from {prefect.context.yesterday} to {prefect.context.today}"


@task
def weekday() -> Any:
    return prefect.context.date.strftime("%A")


with Flow("nightly", result=LocalResult(directory)) as flow:
    table = Parameter("table", default="orders")
    extracted = extract(table)
    day = weekday()

with prefect.context(checkpointing=True):
    for date in ("2019-02-28", "2019-03-01", "2019-02-28"):
        state = flow.run(context={"date": date})
        assert state is not None
        print(type(state.result[extracted]).__name__, state.result[extracted].result, "|", state.result[day].result)

    # What is set by name stays; what cannot be read as a date is logged, and the other names are those of now.
    state = flow.run(context={"date": "2019-03-02", "yesterday": "the day before"}, table="customers")
    assert state is not None
    print(state.result[extracted].result)
    state = flow.run(context={"date": "some day", "today": "today", "yesterday": "yesterday", "today_nodash": "now"})
    assert state is not None
    print(state.result[extracted].result, "|", isinstance(state.result[day].result, AttributeError))

print(sorted(os.listdir(os.path.join(directory, "nightly"))))
assert len(os.listdir(os.path.join(directory, "nightly"))) == 4
