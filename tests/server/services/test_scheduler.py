"""The scheduler: each event becomes one run, whatever happens to servers, schedules and clocks."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
import pytest

from prefect.schedules import CronSchedule, IntervalSchedule, Schedule, adjustments, clocks, filters
from prefect.serialization.schedule import dump_schedule
from prefect.server.identifiers import stamp
from prefect.server.operations import schedules
from prefect.server.operations.runs import insert_flow_runs
from prefect.server.services import remove_deleted_runs, scheduler
from prefect.server.services.scheduler import Outlook, Policy, key_of, look_ahead, plan
from prefect.server.store.statements import statement

if TYPE_CHECKING:
    from prefect.server.store.interface import Row, Transaction
    from tests.server.conftest import Backend

START = datetime(2030, 3, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Clock:
    """Shows what it is told."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


def hourly() -> Schedule:
    return IntervalSchedule(start_date=pendulum.datetime(2020, 1, 1), interval=HOUR)


def scheduled(backend: Backend, schedule: Schedule, clock: Clock, **attributes: Any) -> str:
    """A flow whose schedule is active since now, by the clock."""
    flow = backend.flow(schedule=dump_schedule(schedule), **attributes)
    begin_at(backend, flow, clock.moment)
    return flow


def begin_at(backend: Backend, flow: str, moment: datetime) -> None:
    """Operations know the real time only: let an activation have happened at this one."""
    with backend.store.transaction() as transaction:
        transaction.execute(
            "UPDATE flow_schedule SET planned_until = ?2, looked_at = ?2, due = ?2 WHERE flow_id = ?1",
            (flow, stamp(moment)),
        )


def plan_all(backend: Backend, clock: Clock, policy: Policy | None = None) -> None:
    while plan(backend.store, clock, policy).more:
        pass


def runs(backend: Backend, flow: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.ask(
        "query($id: uuid!) { flow_run(where: {flow_id: {_eq: $id}}, order_by: {scheduled_start_time: asc}) {"
        " id state version scheduled_start_time auto_scheduled parameters labels idempotency_key name sequence"
        " task_runs { id } } }",
        id=flow,
    )["flow_run"]
    return found


def starts(backend: Backend, flow: str) -> list[datetime]:
    return [datetime.fromisoformat(run["scheduled_start_time"]) for run in runs(backend, flow)]


def hours(*numbers: int) -> list[datetime]:
    return [START + number * HOUR for number in numbers]


def test_the_next_ten_events_have_runs_without_task_runs(backend: Backend) -> None:
    clock = Clock()
    flow = scheduled(backend, hourly(), clock)
    assert plan(backend.store, clock).text == "10 runs planned"
    found = runs(backend, flow)
    assert starts(backend, flow) == hours(*range(1, 11))
    first = found[0]
    assert (first["state"], first["version"], first["auto_scheduled"], first["sequence"]) == ("Scheduled", 1, True, 1)
    assert first["idempotency_key"] == "auto-scheduled:2030-03-01T01:00:00+00:00"
    assert first["name"]
    assert first["task_runs"] == []
    assert backend.history(first["id"]) == [(1, "Scheduled")]
    # A second pass, or another server, has nothing to do.
    assert plan(backend.store, clock).text == ""
    assert len(runs(backend, flow)) == 10


def test_a_schedule_is_looked_at_again_when_half_of_its_runs_have_passed(backend: Backend) -> None:
    clock = Clock()
    flow = scheduled(backend, hourly(), clock)
    plan(backend.store, clock)
    clock.advance(4 * HOUR)
    assert plan(backend.store, clock).text == ""
    clock.advance(HOUR)
    assert plan(backend.store, clock).text == "5 runs planned"
    assert starts(backend, flow) == hours(*range(1, 16))


@pytest.mark.parametrize("state", ["Submitted", "Running"])
def test_whoever_takes_a_run_gets_its_task_runs(backend: Backend, state: str) -> None:
    clock = Clock()
    flow = scheduled(backend, hourly(), clock, tasks=3)
    plan(backend.store, clock)
    run = runs(backend, flow)[0]["id"]
    assert backend.move_flow_run(run, state, version=1)["status"] == "SUCCESS"
    task_runs = backend.task_runs(run)
    assert [task_run["state"] for task_run in task_runs] == ["Pending"] * 3
    assert backend.history(run) == [(1, "Scheduled"), (2, state), (3, "Pending"), (4, "Pending"), (5, "Pending")]
    if state == "Submitted":
        backend.move_flow_run(run, "Running", version=2)
    assert len(backend.task_runs(run)) == 3
    backend.move_task_run(task_runs[0]["id"], "Running", version=1)
    assert [number for number, _ in backend.history(run)] == list(range(1, len(backend.history(run)) + 1))


def test_clocks_bring_their_own_parameters_and_labels(backend: Backend) -> None:
    clock = Clock()
    start = pendulum.datetime(2030, 1, 1)
    schedule = Schedule(
        clocks=[
            clocks.IntervalClock(HOUR, start, parameter_defaults={"x": 1}, labels=["b", "a"]),
            clocks.IntervalClock(HOUR, start, parameter_defaults={"x": 2}),
            clocks.IntervalClock(HOUR, start, labels=[]),
        ]
    )
    flow = scheduled(
        backend,
        schedule,
        clock,
        parameters=[{"name": "x", "default": 5}, {"name": "y", "default": 7}],
        run_config={"type": "UniversalRun", "labels": ["flow"]},
    )
    plan(backend.store, clock, Policy(runs_ahead=1))
    found = sorted((run["parameters"]["x"], run["parameters"]["y"], run["labels"]) for run in runs(backend, flow))
    assert found == [(1, 7, ["a", "b"]), (2, 7, ["flow"]), (5, 7, [])]
    assert len({run["idempotency_key"] for run in runs(backend, flow)}) == 3


def test_the_schedule_of_the_group_wins_and_replaces_what_was_planned(backend: Backend) -> None:
    clock = Clock(datetime.now(UTC) + timedelta(seconds=30))
    flow = backend.flow(schedule=dump_schedule(hourly()))
    plan_all(backend, clock)
    assert len(runs(backend, flow)) == 10
    group = backend.ask("query($id: uuid!) { flow_by_pk(id: $id) { flow_group_id } }", id=flow)["flow_by_pk"]
    values = {"flow_group_id": group["flow_group_id"], "cron_clocks": [{"cron": "17 3 * * *"}]}
    backend.do("set_flow_group_schedule", "success", **values)
    assert runs(backend, flow) == []
    plan_all(backend, clock)
    assert {(start.hour, start.minute) for start in starts(backend, flow)} == {(3, 17)}
    backend.do("delete_flow_group_schedule", "success", flow_group_id=group["flow_group_id"])
    plan_all(backend, clock)
    # The same events as at first, although their first runs may still wait to be removed.
    assert len({start.hour for start in starts(backend, flow)}) == 10


def test_pausing_removes_what_is_pending_and_going_on_plans_it_again(backend: Backend) -> None:
    clock = Clock(datetime.now(UTC) + timedelta(seconds=30))
    flow = backend.flow(schedule=dump_schedule(hourly()))
    plan_all(backend, clock)
    before = starts(backend, flow)
    taken = runs(backend, flow)[0]["id"]
    backend.move_flow_run(taken, "Submitted")
    backend.do("set_schedule_inactive", "success", flow_id=flow)
    assert [run["id"] for run in runs(backend, flow)] == [taken]
    plan_all(backend, clock)
    assert [run["id"] for run in runs(backend, flow)] == [taken]
    backend.do("set_schedule_active", "success", flow_id=flow)
    plan_all(backend, clock)
    # What was taken already, ahead of its time, does not come twice.
    assert starts(backend, flow)[:10] == before
    assert runs(backend, flow)[0]["id"] == taken


def test_a_new_version_takes_over_and_an_archived_one_plans_nothing(backend: Backend) -> None:
    clock = Clock(datetime.now(UTC) + timedelta(seconds=30))
    project = backend.project()
    first = backend.flow(project, schedule=dump_schedule(hourly()))
    plan_all(backend, clock)
    before = starts(backend, first)
    taken = runs(backend, first)[0]["id"]
    backend.move_flow_run(taken, "Submitted")
    second = backend.flow(project, schedule=dump_schedule(hourly()))
    plan_all(backend, clock)
    assert [run["id"] for run in runs(backend, first)] == [taken]
    assert starts(backend, second)[:9] == before[1:]
    backend.do("archive_flow", "success", flow_id=second)
    assert runs(backend, second) == []
    # An archived version cannot be woken up.
    backend.do("set_schedule_active", "success", flow_id=first)
    plan_all(backend, clock)
    assert len(runs(backend, first)) == 1
    assert runs(backend, second) == []


def test_a_planned_run_that_somebody_deletes_does_not_come_back(backend: Backend) -> None:
    clock = Clock()
    flow = scheduled(backend, hourly(), clock)
    plan(backend.store, clock)
    backend.do("delete_flow_run", "success", flow_run_id=runs(backend, flow)[2]["id"])
    remove_deleted_runs(backend.store)
    clock.advance(5 * HOUR)
    plan(backend.store, clock)
    assert starts(backend, flow) == hours(1, 2, *range(4, 16))


@pytest.mark.parametrize(
    ("missed", "expected"),
    [("none", [*range(1, 11)]), ("latest", [*range(1, 11), 100]), ("all", [*range(1, 11), *range(78, 101)])],
)
def test_what_a_server_missed_while_it_was_away_is_run_as_the_setting_says(
    backend: Backend, missed: str, expected: list[int]
) -> None:
    clock = Clock()
    flow = scheduled(backend, hourly(), clock)
    policy = Policy(missed=missed, missed_within=23 * HOUR)
    plan(backend.store, clock, policy)
    clock.advance(100 * HOUR + 30 * MINUTE)
    plan(backend.store, clock, policy)
    assert starts(backend, flow) == hours(*expected, *range(101, 111))


def test_nothing_is_planned_beyond_the_horizon_nor_after_the_end(backend: Backend) -> None:
    clock = Clock()
    yearly = CronSchedule("0 0 1 6 *", start_date=pendulum.datetime(2030, 1, 1))
    project = backend.project()
    flow = scheduled(backend, yearly, clock, project=project)
    plan(backend.store, clock)
    assert [start.year for start in starts(backend, flow)] == [2030]
    clock.advance(DAY)
    assert plan(backend.store, clock).text == ""
    clock.advance(366 * DAY)
    plan(backend.store, clock)
    assert [start.year for start in starts(backend, flow)] == [2030, 2031]
    ending = IntervalSchedule(
        pendulum.instance(clock.moment), HOUR, end_date=pendulum.instance(clock.moment + 2 * HOUR)
    )
    over = scheduled(backend, ending, clock, project=project, name="over")
    plan_all(backend, clock)
    assert len(runs(backend, over)) == 2
    clock.advance(3000 * DAY)
    plan_all(backend, clock)
    assert len(runs(backend, over)) == 2


def test_a_schedule_that_cannot_be_planned_leaves_the_others_alone(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    project = backend.project()
    broken = backend.flow(project, name="broken", schedule={"clocks": [{"type": "SundialClock"}]})
    begin_at(backend, broken, clock.moment)
    good = backend.flow(project, name="good", schedule=dump_schedule(hourly()))
    begin_at(backend, good, clock.moment)
    assert plan(backend.store, clock).text == "10 runs planned"
    assert runs(backend, broken) == []
    assert "broken" in caplog.text
    assert "SundialClock" in caplog.text
    caplog.clear()
    plan(backend.store, clock)
    assert caplog.text == ""


def test_what_was_worked_out_for_a_schedule_that_changed_meanwhile_is_thrown_away(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime.now(UTC) + timedelta(seconds=30))
    flow = backend.flow(schedule=dump_schedule(hourly()))
    real = scheduler.look_ahead

    def meanwhile(*arguments: Any) -> Outlook:
        backend.do("set_schedule_inactive", "success", flow_id=flow)
        return real(*arguments)

    monkeypatch.setattr(scheduler, "look_ahead", meanwhile)
    assert plan(backend.store, clock).text == ""
    assert runs(backend, flow) == []


def test_many_schedules_are_planned_in_short_transactions(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    project = backend.project()
    for number in range(7):
        flow = backend.flow(project, name=f"flow-{number}", schedule=dump_schedule(hourly()))
        begin_at(backend, flow, clock.moment)
    monkeypatch.setattr(scheduler, "EXAMINED", 5)
    monkeypatch.setattr(scheduler, "WRITTEN", 21)
    sizes: list[int] = []
    real = insert_flow_runs
    monkeypatch.setattr(
        scheduler,
        "insert_flow_runs",
        lambda *given: (sizes.append(len(given[1])), real(*given)),  # type: ignore[func-returns-value]
    )
    assert plan(backend.store, clock).more
    assert not plan(backend.store, clock).more
    assert sizes == [20, 20, 10, 20]


def test_events_that_adjustments_move_to_one_time_are_one_run_and_none_is_lost(backend: Backend) -> None:
    clock = Clock()
    schedule = Schedule(
        clocks=[clocks.IntervalClock(HOUR, pendulum.datetime(2030, 1, 1))],
        filters=[filters.at_time(datetime(2030, 1, 1, 8).time())],
        adjustments=[adjustments.next_weekday],
    )
    flow = scheduled(backend, schedule, clock)
    for _ in range(30):
        plan_all(backend, clock, Policy(runs_ahead=3))
        clock.advance(DAY)
    found = starts(backend, flow)
    assert len(set(found)) == len(found)
    days = [START + timedelta(days=number, hours=8) for number in range(30)]
    assert set(found) >= {day for day in days if day.weekday() < 5}
    assert all(day.weekday() < 5 for day in found)


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


@pytest.mark.parametrize("seed", range(12))
def test_each_event_is_run_exactly_once(backend_in_file: Backend, seed: int) -> None:
    """Servers that die anywhere in a pass, two at once, clocks that are set, pauses; against a list of all events."""
    backend = backend_in_file
    chance = random.Random(seed)
    zone = ZONES[seed % len(ZONES)]
    # Two weeks around the end of March, and around the end of October: clocks change in one of them everywhere.
    start = datetime(2030, 3, 25, tzinfo=UTC) if seed % 2 else datetime(2030, 10, 20, tzinfo=UTC)
    kind = chance.choice(["interval", "cron", "daily"])
    local = pendulum.datetime(2030, 1, 1, tz=zone)
    if kind == "interval":
        schedule = IntervalSchedule(local, timedelta(minutes=chance.choice([7, 30, 90])))
    else:
        schedule = CronSchedule("30 */2 * * *" if kind == "cron" else "30 2 * * *", local)
    policy = Policy(runs_ahead=chance.choice([1, 3, 10]), missed="all", missed_within=timedelta(days=30))
    clock = Clock(start)
    flow = scheduled(backend, schedule, clock)
    pauses: list[tuple[datetime, datetime]] = []
    true = start
    for _ in range(60):
        true += timedelta(minutes=chance.uniform(1, 400))
        skew = chance.choice([timedelta(0)] * 6 + [timedelta(minutes=3), -HOUR, HOUR, -5 * MINUTE])
        clock.moment = true + skew
        what = chance.random()
        if what < 0.05:
            clock.moment = true
            plan_all(backend, clock, policy)
            until = true + timedelta(minutes=chance.uniform(1, 900))
            with backend.store.transaction() as transaction:
                # Agents have taken what was due.
                transaction.execute(
                    "UPDATE flow_run SET start_time = scheduled_start_time WHERE scheduled_start_time <= ?1",
                    (stamp(true),),
                )
                schedules.end_schedule(transaction, flow, stamp(true))
            clock.moment = true + (until - true) / 2
            plan_all(backend, clock, policy)
            with backend.store.transaction() as transaction:
                schedules.begin_schedule(transaction, flow, None, stamp(until))
            pauses.append((true, until))
            true = until
        elif what < 0.15:
            # Planned by two servers from one look: the one that is slower finds that its look is out of date.
            with backend.store.snapshot() as snapshot:
                row = next(iter(snapshot.fetch_all(statement("due_schedules"), due(clock))), None)
            plan_all(backend, clock, policy)
            if row is not None:
                with backend.store.transaction() as transaction:
                    write(transaction, row, clock, policy)
        elif what < 0.25:
            with pytest.raises(KeyboardInterrupt):
                die_writing(backend, clock, policy)
        else:
            plan_all(backend, clock, policy)
    clock.moment = true
    plan_all(backend, clock, policy)
    expected = []
    for when, event in schedule.adjusted_events(after=start):
        if when > true:
            break
        moment = event.start_time.astimezone(UTC)
        if not any(since < moment <= until for since, until in pauses):
            expected.append((moment, key_of(event)))
    found = [
        (datetime.fromisoformat(run["scheduled_start_time"]), run["idempotency_key"]) for run in runs(backend, flow)
    ]
    assert len({key for _, key in found}) == len(found)
    assert [each for each in found if each[0] <= true] == expected


def die_writing(backend: Backend, clock: Clock, policy: Policy) -> None:
    with backend.store.transaction() as transaction:
        for row in transaction.fetch_all(statement("due_schedules"), due(clock)):
            write(transaction, row, clock, policy)
        raise KeyboardInterrupt


def write(transaction: Transaction, row: Row, clock: Clock, policy: Policy) -> None:
    scheduler._write(transaction, [scheduler._plan(row, clock.moment, policy)], stamp(clock.moment))


def due(clock: Clock) -> tuple[str, str, int]:
    return stamp(clock.moment), stamp(clock.moment + scheduler.TOLERANCE), 10


def test_looking_ahead_is_pure_and_says_when_to_look_again() -> None:
    outlook = look_ahead(hourly(), START, START, Policy(runs_ahead=4))
    assert [event.start_time for event in outlook.events] == hours(1, 2, 3, 4)
    assert (outlook.planned_until, outlook.look_again) == (START + 4 * HOUR, START + 2 * HOUR)
    again = look_ahead(hourly(), outlook.planned_until, START + 2 * HOUR, Policy(runs_ahead=4))
    assert [event.start_time for event in again.events] == hours(5, 6)
    with pytest.raises(ValueError, match="none, latest, all"):
        Policy(missed="sometimes")
    with pytest.raises(ValueError, match="1 or more"):
        Policy(runs_ahead=0)
