"""Services take turns, survive their failures, and end with the server."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server.identifiers import stamp
from prefect.server.services import registry, scheduler, turns
from prefect.server.services.runner import RETRY_SECONDS, Runner, running
from prefect.server.services.service import Service, Work
from prefect.server.store.opening import open_store

if TYPE_CHECKING:
    from prefect.server.store.interface import Store
    from tests.server.conftest import Backend

START = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Counted:
    """A service that counts its passes, and does in each what it is told."""

    def __init__(self, *does: Any, seconds: float = 10.0, needed: bool | None = None) -> None:
        self.passes = 0
        self.does = list(does)
        self.needed = needed
        asks = None if needed is None else lambda snapshot, moment: bool(self.needed)
        self.service = Service("counting", seconds, self.work, asks)

    def work(self, store: Store, clock: Any) -> Work:
        self.passes += 1
        does = self.does.pop(0) if self.does else ""
        if isinstance(does, BaseException):
            raise does
        return does if isinstance(does, Work) else Work(does)


NAMES = [
    *("name", "host", "started", "finished", "duration", "passes", "failures"),
    *("last_work", "last_work_at", "last_error", "last_error_at", "held_until"),
]


def status(backend: Backend, name: str = "counting") -> dict[str, Any]:
    return next(dict(zip(NAMES, row, strict=True)) for row in turns.every(backend.store) if row[0] == name)


def test_servers_take_turns(backend: Backend) -> None:
    clock = Clock()
    counted = Counted("three things", "")
    one, two = (Runner(backend.store, [counted.service], clock) for _ in range(2))
    assert one.turn(counted.service) == 10.0
    clock.advance(4)
    # The other server has the same to do, and comes again when it is time.
    assert two.turn(counted.service) == 6.0
    assert counted.passes == 1
    clock.advance(6)
    two.turn(counted.service)
    one.turn(counted.service)
    assert counted.passes == 2
    found = status(backend)
    assert (found["passes"], found["failures"], found["last_work"]) == (2, 0, "three things")
    assert (found["started"], found["last_work_at"]) == (stamp(START + timedelta(seconds=10)), stamp(START))
    assert found["duration"] >= 0
    assert found["held_until"] is None
    assert found["host"] == one.host


def test_the_turn_of_a_server_that_died_is_over_after_a_while(backend: Backend) -> None:
    clock = Clock()
    counted = Counted()
    assert turns.take(backend.store, "counting", "dead", "elsewhere", clock.moment, clock.moment)
    clock.advance(turns.HELD_SECONDS - 1)
    runner = Runner(backend.store, [counted.service], clock)
    runner.turn(counted.service)
    assert counted.passes == 0
    clock.advance(1)
    runner.turn(counted.service)
    assert counted.passes == 1
    # Whoever comes back from the dead has lost it.
    assert not turns.prolong(backend.store, "counting", "dead", clock.moment)


def test_nobody_waits_for_a_server_of_this_machine_that_is_gone(backend: Backend) -> None:
    clock = Clock()
    counted = Counted()
    gone = str(turns.this_process()._replace(pid=2**22 + 1))
    alive = str(turns.this_process())
    runner = Runner(backend.store, [counted.service], clock)
    for holder, passes in ((alive, 0), (gone, 1)):
        turns.take(backend.store, "counting", holder, "here", clock.moment, clock.moment)
        runner.turn(counted.service)
        assert counted.passes == passes
        turns.give_back(backend.store, "counting", holder)


def test_a_turn_given_by_a_clock_that_was_put_back_holds_nobody_up(backend: Backend) -> None:
    clock = Clock()
    counted = Counted()
    assert turns.take(backend.store, "counting", "dead", "elsewhere", clock.moment, clock.moment)
    clock.advance(-7200)
    Runner(backend.store, [counted.service], clock).turn(counted.service)
    assert counted.passes == 1


def test_a_pass_that_fails_is_noted_and_tried_again(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    counted = Counted(ZeroDivisionError("no luck"), "luck", seconds=3600.0)
    runner = Runner(backend.store, [counted.service], clock)
    assert runner.turn(counted.service) == RETRY_SECONDS
    assert "no luck" in caplog.text
    found = status(backend)
    assert (found["failures"], found["last_error"], found["held_until"]) == (1, "ZeroDivisionError: no luck", None)
    clock.advance(RETRY_SECONDS)
    assert runner.turn(counted.service) == 3600.0
    found = status(backend)
    assert (found["passes"], found["failures"], found["last_work"]) == (1, 1, "luck")


def test_who_asks_for_one_tenant_is_told_nothing_about_others(backend: Backend) -> None:
    clock = Clock()
    counted = Counted("work for somebody", ZeroDivisionError("somebody's run"))
    runner = Runner(backend.store, [counted.service], clock)
    runner.turn(counted.service)
    clock.advance(10)
    runner.turn(counted.service)
    asked = "{ services { last_work last_error failures } }"
    key = backend.do("create_api_key", "key", name="k", default_tenant_id=backend.tenant)["key"]
    told = backend.reply(asked, {"Authorization": f"Bearer {key}"})["data"]["services"]
    assert told == [{"last_work": None, "last_error": "ZeroDivisionError", "failures": 1}]


def test_a_pass_that_has_more_to_do_goes_on_at_once(backend: Backend) -> None:
    counted = Counted(Work("some", more=True), Work("rest"))
    Runner(backend.store, [counted.service], Clock()).turn(counted.service)
    assert counted.passes == 2
    assert status(backend)["passes"] == 1


def test_what_is_needed_is_done_before_its_time(backend: Backend) -> None:
    counted = Counted(seconds=3600.0, needed=False)
    clock = Clock()
    runner = Runner(backend.store, [counted.service], clock)
    runner.turn(counted.service)
    clock.advance(1)
    runner.turn(counted.service)
    assert counted.passes == 1
    counted.needed = True
    runner.turn(counted.service)
    assert counted.passes == 2


def test_a_change_wakes_who_waits_for_one_and_the_end_comes_at_once(backend: Backend) -> None:
    done = threading.Event()
    woken = threading.Event()

    def work(store: Store, clock: Any) -> Work:
        (woken if done.is_set() else done).set()
        return Work()

    def needed(snapshot: Any, moment: str) -> bool:
        return snapshot.fetch_one("SELECT 1 FROM project WHERE name = 'new'") is not None and not woken.is_set()

    service = Service("waiting", 3600.0, work, needed)
    with running(backend.store, [service]) as runner:
        assert done.wait(30)
        backend.project("new")
        assert woken.wait(30)
    assert not any(thread.is_alive() for thread in runner._threads)


def test_a_database_that_is_away_does_not_end_a_service(
    backend_in_file: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from prefect.server.errors import DatabaseBusy

    def away(*given: Any) -> Any:
        raise DatabaseBusy("away")

    counted = Counted()
    runner = Runner(backend_in_file.store, [counted.service], Clock())
    with monkeypatch.context() as patch:
        patch.setattr(turns, "began", away)
        assert runner.turn(counted.service) == 10.0
    assert "away" in caplog.text
    runner.turn(counted.service)
    assert counted.passes == 1


def test_two_servers_of_one_postgresql_do_everything_once(postgres_url: str) -> None:
    stores = [open_store(postgres_url) for _ in range(2)]
    clock = Clock()
    counted = Counted()
    runners = [Runner(store, [counted.service], clock) for store in stores]
    for _ in range(5):
        threads = [threading.Thread(target=runner.turn, args=(counted.service,)) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        clock.advance(10)
    assert counted.passes == 5
    for store in stores:
        store.close()


def test_two_servers_that_plan_at_once_plan_everything_once(postgres_url: str) -> None:
    from tests.server.conftest import Backend as Asking

    stores = [open_store(postgres_url) for _ in range(2)]
    backend = Asking(stores[0])
    described = {"clocks": [{"type": "IntervalClock", "interval": 3_600_000_000}]}
    project = backend.project()
    flows = [backend.flow(project, name=f"flow-{number}", schedule=described) for number in range(20)]
    moment = datetime.now(UTC) + timedelta(seconds=30)
    # Both have the turn at once, as when one was given up for dead and was not.
    threads = [threading.Thread(target=scheduler.plan, args=(store, lambda: moment)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for flow in flows:
        found = backend.ask("query($id: uuid!) { flow_run(where: {flow_id: {_eq: $id}}) { idempotency_key } }", id=flow)
        assert len({run["idempotency_key"] for run in found["flow_run"]}) == len(found["flow_run"]) == 10
    for store in stores:
        store.close()


def test_every_service_has_settings_and_does_a_pass(backend: Backend) -> None:
    services = registry.configured(config.server.services)
    assert len(services) == len(registry.SERVICES)
    runner = Runner(backend.store, services)
    for service in services:
        runner.turn(service)
        assert status(backend, service.name)["failures"] == 0, status(backend, service.name)
        assert status(backend, service.name)["passes"] == 1
    asked = "{ services { name host passes failures last_error is_running started duration } }"
    shown = backend.ask(asked)["services"]
    assert [row["name"] for row in shown] == sorted(service.name for service in services)
    assert all(row["passes"] == 1 and not row["is_running"] and row["duration"] >= 0 for row in shown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config.server.services, "enabled", False)
        assert registry.configured(config.server.services) == []
