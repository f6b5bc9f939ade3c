"""Runs that are busy are left alone, runs that slept are not: real processes, a real server, real heartbeats."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prefect.client.client import Client
from prefect.configuration import config
from prefect.server.services.silent_runs import INTERVALS, SHORTEST_SECONDS, rescue_silent_runs
from prefect.server.store.opening import open_store
from prefect.utilities.processes import parents
from tests.agent.running import register, until
from tests.server_process import SOURCE, Json, Server

# Longer than anybody may be silent who announces a short interval.
SILENCE = timedelta(seconds=INTERVALS * SHORTEST_SECONDS + 1)
# For a thousand task runs on a busy machine.
PATIENCE_SECONDS = 1200.0

# On which machine a process believes to be: the server's own sees whether its processes live.
NAMED = """
import os, socket
if "MACHINE" in os.environ:
    socket.gethostname = lambda: os.environ["MACHINE"]
"""

RECORD = """query($id: uuid!) { flow_run_by_pk(id: $id) { state state_message heartbeat heartbeat_interval owner_host
  states(order_by: {version: asc}) { state } logs(order_by: {sequence: asc}) { message }
  task_runs(where: {map_index: {_neq: -1}}) { task { name } state states(order_by: {version: asc}) { state } }
  plain: task_runs(where: {map_index: {_eq: -1}}) {
    task { name } state serialized_state states(order_by: {version: asc}) { state } } } }"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that looks for silent runs all the time; this program is its client."""
    server = Server(tmp_path / "served.db", home=tmp_path / "home of the server")
    server.environment["PREFECT__SERVER__SERVICES__SILENT_RUNS__SECONDS"] = "0.2"
    server.start()
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config.cloud, "api", server.url)
    yield server
    server.kill()


class Execution:
    """A process that executes a run, as an agent starts one."""

    def __init__(self, server: Server, directory: Path, run: str, machine: str | None = None, **more: str) -> None:
        (directory / "sitecustomize.py").write_text(NAMED)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "execute", "flow-run"],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(directory), str(SOURCE)]),
                "PREFECT__BACKEND": "server",
                "PREFECT__CLOUD__API": server.url,
                "PREFECT__CONTEXT__FLOW_RUN_ID": run,
                "PREFECT__HOME_DIR": str(directory / f"home of {machine}"),
                "PREFECT__CLOUD__LOGGING_HEARTBEAT": "0.05",
                "PREFECT__CLOUD__HEARTBEAT_INTERVAL": "1",
                "PREFECT__CLOUD__CHECK_CANCELLATION_INTERVAL": "0.3",
                **({} if machine is None else {"MACHINE": machine}),
                **more,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.asleep: list[int] = []

    def sleep(self) -> None:
        """Stop it with all that it has started, as a machine that sleeps does."""
        family = [self.process.pid]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
            family += [child for child, parent in parents() if parent == pid]
        self.asleep = family

    def wake(self) -> None:
        for pid in self.asleep:
            os.kill(pid, signal.SIGCONT)

    def said(self) -> str:
        """What it has written, once it has ended."""
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]

    def end(self) -> None:
        if self.process.poll() is None:
            for pid in [self.process.pid, *(child for child, parent in parents() if parent == self.process.pid)]:
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@contextlib.contextmanager
def executing(*args: object, **more: str) -> Iterator[Execution]:
    execution = Execution(*args, **more)  # type: ignore[arg-type]
    try:
        yield execution
    finally:
        execution.end()


def record(server: Server, run: str) -> Json:
    found: Json = server.ask(RECORD, {"id": run})["flow_run_by_pk"]
    return found


def history(found: Json) -> list[str]:
    return [each["state"] for each in found["states"]]


def rescued(server: Server, after: timedelta) -> list[str]:
    """What a pass does so long after now, in a database that is served meanwhile."""
    store = open_store(server.database)
    try:
        return rescue_silent_runs(store, lambda: datetime.now(UTC) + after)
    finally:
        store.close()


# --- busy ------------------------------------------------------------------------------------------------------------

BUSY = """
import ctypes
import os
import re

from prefect import Flow, task

# What is called through it keeps the interpreter's lock until it returns.
KEEPING_THE_LOCK = ctypes.PyDLL(None)

@task
def numbers():
    return list(range(int(os.environ["COUNT"])))

@task
def work(number):
    kind = number % int(os.environ["EVERY"])
    if kind == 0 and "PIPE" in os.environ:
        with open(os.environ["PIPE"], "rb", buffering=0) as pipe:
            KEEPING_THE_LOCK.read(pipe.fileno(), ctypes.create_string_buffer(1), 1)
    elif kind == 0:
        KEEPING_THE_LOCK.sleep(int(os.environ["HELD"]))
    elif kind % 3 == 0:
        return sum(range(100_000))
    elif kind % 3 == 1:
        return re.match(r"(a|aa)+$", "a" * 24 + "b")
    else:
        return pow(3, 20_000) % 7

with Flow("busy") as flow:
    work.map(numbers())
"""


def is_undisturbed(found: Json, count: int) -> None:
    assert history(found) == ["Scheduled", "Running", "Success"], found["state_message"]
    assert Counter(tuple(history(each)) for each in found["task_runs"]) == {("Pending", "Running", "Success"): count}


@pytest.mark.parametrize("mode", ["process", "thread"])
def test_task_runs_that_never_let_go_of_the_interpreter_are_not_taken_for_dead(
    server: Server, tmp_path: Path, mode: str
) -> None:
    """A process beats for them, from before their first; a thread cannot, but on one's own machine one can look."""
    run = Client().create_flow_run(register(tmp_path, program=BUSY))
    os.mkfifo(tmp_path / "pipe")
    more = {"COUNT": "20", "EVERY": "20", "PIPE": str(tmp_path / "pipe"), "PREFECT__CLOUD__HEARTBEAT_MODE": mode}
    with executing(server, tmp_path, run, "elsewhere" if mode == "process" else None, **more) as execution:
        # The task holds the lock from here until something is written.
        with open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            if mode == "process":
                beats = {record(server, run)["heartbeat"]}

                def beaten() -> bool:
                    beats.add(record(server, run)["heartbeat"])
                    return len(beats) > 3

                until(beaten, "three heartbeats of a process that is in one long call")
                assert rescued(server, timedelta(0)) == []
            else:
                assert rescued(server, timedelta(days=1)) == []
            assert record(server, run)["heartbeat_interval"] == 1
            pipe.write(b"!")
        execution.said()
    is_undisturbed(record(server, run), 20)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("mode", "machine", "interval", "held"),
    [("process", "elsewhere", 1, 25), ("thread", "elsewhere", 5, 8), ("thread", None, 1, 25)],
    ids=["process elsewhere", "thread elsewhere", "thread here"],
)
def test_a_thousand_busy_task_runs(
    server: Server, tmp_path: Path, mode: str, machine: str | None, interval: int, held: int
) -> None:
    """Calls of `held` seconds among them: of a heartbeat process and on the server's machine more than the silence."""
    run = Client().create_flow_run(register(tmp_path, program=BUSY))
    more = {"COUNT": "1000", "EVERY": "200", "HELD": str(held), "PREFECT__CLOUD__HEARTBEAT_MODE": mode}
    more["PREFECT__CLOUD__HEARTBEAT_INTERVAL"] = str(interval)
    with executing(server, tmp_path, run, machine, **more) as execution:
        execution.said()
    is_undisturbed(record(server, run), 1000)


# --- asleep ----------------------------------------------------------------------------------------------------------

SLEPT = """
import os
import sys
import time
from datetime import timedelta

import prefect
from prefect import Flow, task

def say(what):
    with open(os.environ["SAID"], "a") as file:
        print(what, os.environ["MACHINE"], file=file)

retries = {"max_retries": 1, "retry_delay": timedelta(0)} if "RETRIES" in os.environ else {}

@task(**retries)
def first():
    say("first")
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.02)
    return 1

@task
def second(value):
    say("second")

with Flow("slept") as flow:
    second(first())
"""


class Slept:
    """A run whose machine slept in its first task, until the run was rescued."""

    def __init__(self, server: Server, directory: Path, retries: bool, more: Mapping[str, str]) -> None:
        self.server, self.directory = server, directory
        self.go = directory / "go"
        self.environment = {"SAID": str(directory / "said"), "GO": str(self.go)}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.environment, **({"RETRIES": "1"} if retries else {})}.items():
                patch.setenv(name, value)
            self.run = Client().create_flow_run(register(directory, program=SLEPT))
        if retries:
            self.environment["RETRIES"] = "1"
        self.first = Execution(server, directory, self.run, "asleep", **self.environment, **more)

    def fall_asleep(self) -> None:
        def has_begun() -> bool:
            found = record(self.server, self.run)
            return found["heartbeat_interval"] == 1 and "first" in self.said()

        until(has_begun, "the first task")
        self.first.sleep()
        assert rescued(self.server, SILENCE) == [self.run]

    def go_on_elsewhere(self) -> None:
        self.go.touch()
        with executing(self.server, self.directory, self.run, "awake", **self.environment) as other:
            other.said()

    def said(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.directory / "said").read_text().split()
        return []

    def record(self) -> Json:
        return record(self.server, self.run)

    def history_of(self, name: str) -> list[str]:
        (found,) = [each for each in self.record()["plain"] if each["task"]["name"] == name]
        return history(found)


@contextlib.contextmanager
def slept(
    server: Server, directory: Path, retries: bool = True, more: Mapping[str, str] | None = None
) -> Iterator[Slept]:
    made = Slept(server, directory, retries, more or {})
    try:
        made.fall_asleep()
        yield made
    finally:
        made.first.end()


@pytest.mark.parametrize("when", ["at once", "after its first heartbeat"])
def test_the_death_of_a_process_is_told_by_its_heartbeat_process_without_waiting(
    server: Server, tmp_path: Path, when: str
) -> None:
    """Where no agent sees it, on another machine than the server's, and long before its silence would count."""
    made = Slept(server, tmp_path, retries=False, more={})
    try:
        until(lambda: "first" in made.said(), "the first task")
        if when != "at once":
            before = made.record()["heartbeat"]
            until(lambda: made.record()["heartbeat"] != before, "a heartbeat")
        os.kill(made.first.process.pid, signal.SIGKILL)
        # Whoever has started a process collects it, or it would look as if it were there.
        made.first.process.wait()
        until(lambda: made.record()["state"] == "Failed", "the word of the heartbeat process")
        message = made.record()["state_message"]
        assert f"Process {made.first.process.pid}, which executed this run, on asleep" in message
        assert "first" in message
        assert made.history_of("first") == ["Pending", "Running", "Failed"]
    finally:
        made.first.end()


NOBODY_LOOKS = {"PREFECT__CLOUD__CHECK_CANCELLATION_INTERVAL": "0"}
TAKEN = re.compile(r"has taken flow run \S+ from process \d+ on asleep, of which it had heard nothing for too long")


def went_on_elsewhere(run: Slept) -> None:
    """Its history is that of one rescue, and of what the other process did."""
    assert run.history_of("first") == ["Pending", "Running", "Retrying", "Running", "Success"]
    assert run.history_of("second") == ["Pending", "Running", "Success"]
    assert history(run.record()) == ["Scheduled", "Running", "Success"]


def test_a_process_that_slept_and_is_awake_again_is_told_and_leaves_its_task(server: Server, tmp_path: Path) -> None:
    with slept(server, tmp_path) as run:
        (first,) = [each for each in run.record()["plain"] if each["task"]["name"] == "first"]
        message = first["serialized_state"]["message"]
        assert "the task first" in message
        assert "on asleep, last sign of life 2" in message
        # It is in its task still, and would be for ever.
        run.first.wake()
        said = run.first.said()
        assert TAKEN.search(said), said
        run.go_on_elsewhere()
        went_on_elsewhere(run)
        assert run.said() == ["first", "asleep", "first", "awake", "second", "awake"]
        assert any(TAKEN.search(line["message"]) for line in run.record()["logs"])


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_process_that_slept_proposes_late_is_refused(server: Server, tmp_path: Path, when: str) -> None:
    """Before or after another one has taken the run; here it learns of it by its proposals alone."""
    with slept(server, tmp_path, more=NOBODY_LOOKS) as run:
        if when == "after":
            run.go_on_elsewhere()
        run.go.touch()
        run.first.wake()
        said = run.first.said()
        assert TAKEN.search(said), said
        assert "second asleep" not in " ".join(run.said())
        if when == "before":
            assert run.history_of("first") == ["Pending", "Running", "Retrying"]
            run.go_on_elsewhere()
        went_on_elsewhere(run)
        assert run.said() == ["first", "asleep", "first", "awake", "second", "awake"]


def test_a_process_that_slept_and_finds_its_server_away_has_its_record_refused(server: Server, tmp_path: Path) -> None:
    with slept(server, tmp_path, more=NOBODY_LOOKS) as run:
        server.kill()
        run.go.touch()
        run.first.wake()
        # It cannot know, and goes on: what it does waits on its disk.
        until(lambda: "second" in run.said(), "the second task, without a server")
        server.start()
        said = run.first.said()
        assert "has become Running there, and it ends here" in said, said
        assert run.history_of("first") == ["Pending", "Running", "Retrying"]
        assert run.history_of("second") == ["Pending"]
        run.go_on_elsewhere()
        went_on_elsewhere(run)


def test_a_process_that_slept_finds_its_run_failed_where_no_try_was_left(server: Server, tmp_path: Path) -> None:
    with slept(server, tmp_path, retries=False) as run:
        found = run.record()
        assert found["state"] == "Failed"
        assert re.search(
            r"process \d+ on asleep, last sign of life 2\S+; running: first-1\)", found["state_message"]
        ), found["state_message"]
        run.first.wake()
        said = run.first.said()
        assert TAKEN.search(said), said
        assert run.history_of("first") == ["Pending", "Running", "Failed"]
        assert run.history_of("second") == ["Pending"]
        assert history(run.record()) == ["Scheduled", "Running", "Failed"]
        assert run.said() == ["first", "asleep"]
