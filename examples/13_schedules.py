"""Schedules: clocks say when, filters which of that, adjustments move it; a flow with one runs when it is due."""

from datetime import datetime, time, timedelta

import pendulum

from prefect import Flow, Parameter, task
from prefect.schedules import Schedule, adjustments, clocks, filters

working_mornings = Schedule(
    clocks=[clocks.CronClock("0 */6 * * *", start_date=pendulum.datetime(2021, 1, 1, tz="UTC"))],
    filters=[filters.is_weekday],
    or_filters=[filters.between_times(time(5), time(7))],
    adjustments=[adjustments.add(timedelta(minutes=5))],
)
after = pendulum.datetime(2021, 1, 1, 12, tz="UTC")  # a Friday
mornings = working_mornings.next(3, after=after)
for morning in mornings:
    print(morning.isoformat())
assert [morning.day for morning in mornings] == [4, 5, 6]
assert {(morning.hour, morning.minute) for morning in mornings} == {(6, 5)}

ran: list[tuple[str, datetime]] = []


@task
def note(who: str) -> str:
    ran.append((who, pendulum.now("UTC")))
    return who


soon = [pendulum.now("UTC").add(seconds=seconds) for seconds in (2, 4)]
dated = [clocks.DatesClock([date], {"who": who}) for date, who in zip(soon, ("Ada", "Bo"), strict=True)]
with Flow("scheduled", schedule=Schedule(clocks=dated)) as flow:
    note(Parameter("who", default="nobody"))

state = flow.run()
assert state is not None
print("ran for", [who for who, _ in ran])
assert [who for who, _ in ran] == ["Ada", "Bo"]
assert all(when >= due for (_, when), due in zip(ran, soon, strict=True))
