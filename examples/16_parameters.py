"""Parameters: required or with a default, of any JSON type, or a date and time."""

import pendulum

from prefect import Flow, Parameter, task
from prefect.core.parameter import DateTimeParameter


@task
def describe(what: str, times: int, since: pendulum.DateTime | None) -> str:
    when = since.format("YYYY-MM-DD") if since else "ever"
    return f"{what} x {times} since {when}"


with Flow("parameters") as flow:
    described = describe(Parameter("what"), Parameter("times", default=1), DateTimeParameter("since", required=False))

for values in ({"what": "tea"}, {"what": "tea", "times": 3, "since": "2021-02-03T04:05:06"}):
    state = flow.run(parameters=values)
    assert state is not None
    print(state.result[described].result)

assert state is not None
assert state.result[described].result == "tea x 3 since 2021-02-03"

for wrong in ({}, {"what": "tea", "sugar": True}):
    try:
        flow.run(parameters=wrong)
    except ValueError as error:
        print(error)
    else:
        raise AssertionError("a flow must be given what it requires, and nothing else")
