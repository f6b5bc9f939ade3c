"""A run that a server records is killed (SIGKILL) at its transitions: nothing acknowledged is lost, and it is finished.

Before a request is sent, while it is on its way, and as soon as it was answered; and at random moments where tasks
run beside each other.
"""

import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from prefect.backend import FlowRunView
from prefect.backend.execution import execute_flow_run
from prefect.configuration import config
from tests.agent.running import until
from tests.journeys import killed_run
from tests.journeys.killing import (
    Killed,
    Query,
    check_kept,
    durable,
    executions,
    query_of_file,
    query_of_url,
    run_and_kill,
)
from tests.server_process import Server

# So many requests that write does a run make whose tasks follow each other; one more where its log takes two.
WRITES = 36
POSITIONS = ("before", "sent", "acknowledged")


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, and a way to ask its database."""

    server: Server
    query: Query


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("served")

    def serve(database: Path | str, query: Query) -> Iterator[Served]:
        server = Server(database, home=place / "home of the server")
        # Whoever waits for the rescue does not wait long.
        server.environment["PREFECT__SERVER__SERVICES__DEAD_RUNS__SECONDS"] = "0.2"
        server.start()
        yield Served(server, query)
        server.kill()

    if request.param == "sqlite":
        yield from serve(place / "served.db", query_of_file(place / "served.db"))
        return
    templates: dict[str, str] = request.getfixturevalue("postgres_templates")
    with request.getfixturevalue("postgres_server").database(templates["C"]) as url:
        yield from serve(url, query_of_url(url))


@pytest.fixture
def home(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config.cloud, "api", served.server.url)
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return tmp_path


def run_there(served: Served, home: Path, executor: str, **when: str | int | float | None) -> Killed:
    environment = {"PREFECT__BACKEND": "server", "PREFECT__CLOUD__API": served.server.url}
    return run_and_kill(home, environment, executor, **when)  # type: ignore[arg-type]


def check_database(served: Served, killed: Killed) -> None:
    if isinstance(served.server.database, Path):
        assert served.query("PRAGMA integrity_check") == [("ok",)]
    check_kept(served.query, killed)


def state(served: Served, flow_run_id: str) -> str:
    [(found,)] = served.query(f"SELECT state FROM flow_run WHERE CAST(id AS text) = '{flow_run_id}'")  # noqa: S608
    assert isinstance(found, str)
    return found


def finish(served: Served, home: Path, killed: Killed, *, is_rescued: bool) -> None:
    """The rest of the story: the run is rescued, or not waited for, and taken up by another process."""
    check_database(served, killed)
    run = killed.flow_run_id
    if is_rescued and state(served, run) in ("Running", "Failed"):
        until(lambda: state(served, run) == "Failed", "the rescue by the server")
        rescued = FlowRunView.from_flow_run_id(run)
        assert f"process {killed.pid}" in str(rescued.state.message)
        assert rescued.state.context["rescued"] is True
    stays, before = durable(served.query, run), executions(home)
    finished = execute_flow_run(run, flow=killed_run.make_flow())
    assert finished.state.is_successful(), finished.state
    assert finished.get_task_run(task_slug="unsteady-1").get_result() == killed_run.RESULT
    again = executions(home) - before
    assert [each for each in stays if again[each]] == []
    check_database(served, killed)


def kill_and_finish(served: Served, home: Path, position: str, number: int) -> None:
    killed = run_there(served, home, "local", moment=f"{position}:{number}")
    assert killed.exit_code == -signal.SIGKILL
    finish(served, home, killed, is_rescued=number % 2 == 0)


# The first request makes the run; whoever is killed before its answer has nothing to go on with.
@pytest.mark.parametrize(("position", "number"), [("sent", 12), ("acknowledged", 27)])
def test_a_run_that_is_killed_at_a_transition_is_kept_and_finished(
    served: Served, home: Path, position: str, number: int
) -> None:
    kill_and_finish(served, home, position, number)


@pytest.mark.chaos
@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("number", range(2, WRITES + 1))
def test_runs_that_are_killed_at_every_transition_are_kept_and_finished(
    served: Served, home: Path, position: str, number: int
) -> None:
    kill_and_finish(served, home, position, number)


def kill_at_random_and_finish(served: Served, home: Path, executor: str, number: int) -> None:
    choose = random.Random(f"{executor} {number}")
    # The program tells about 80 lines; where processes run the tasks, they tell the most of it.
    lines = 26 if executor == "processes" else 80
    after, delay = choose.randint(1, lines), choose.choice([0, 0.002, 0.01, 0.05])
    killed = run_there(served, home, executor, after=after, delay=delay)
    assert killed.exit_code == -signal.SIGKILL
    finish(served, home, killed, is_rescued=number % 2 == 0)


def test_a_run_in_threads_is_killed_and_finished(served: Served, home: Path) -> None:
    kill_at_random_and_finish(served, home, "threads", 4)


@pytest.mark.chaos
@pytest.mark.parametrize("number", range(30))
def test_runs_in_threads_are_killed_at_random_and_finished(served: Served, home: Path, number: int) -> None:
    kill_at_random_and_finish(served, home, "threads", number)


@pytest.mark.chaos
@pytest.mark.parametrize("number", range(10))
def test_runs_in_processes_are_killed_at_random_and_finished(served: Served, home: Path, number: int) -> None:
    kill_at_random_and_finish(served, home, "processes", number)


def test_a_run_that_is_not_killed_reaches_all_these_moments(served: Served, home: Path) -> None:
    killed = run_there(served, home, "local", moment=f"acknowledged:{WRITES + 2}")
    assert killed.exit_code == 0
    check_database(served, killed)
    assert len(killed.told) >= 80
    assert state(served, killed.flow_run_id) == "Success"
    assert set(executions(home).values()) == {1, 2}
