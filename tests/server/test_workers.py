"""Several processes that do the same work: real ones."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Each worker is ready for what it will be told, and then says its number and process.
PROGRAM = """
import os, signal, sys
from prefect.server.workers import Crew

def say(line):
    # At once: several write to this pipe.
    os.write(1, line.encode() + b"\\n")

def work(number, again):
    # What is told from now on waits until it is asked for.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    say(f"worker {{number}} {{os.getpid()}} {{int(again)}}")
    {then}
    while True:
        signal.sigwait([signal.SIGTERM])
        {told}

say(f"crew {{os.getpid()}}")
sys.exit(Crew({count}, work).run())
"""


@contextmanager
def crew(told: str = "sys.exit(0)", then: str = "pass", count: int = 2) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    program = PROGRAM.format(told=told, then=then, count=count)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def says(process: "subprocess.Popen[str]") -> list[str]:
    """The next line of a worker; what the log says in between is passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(("worker ", "crew ")):
            return line.split()
    return []


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_they_are_told_to_stop_and_the_exit_code_is_0(stop: signal.Signals) -> None:
    with crew(count=3) as process:
        assert says(process)[0] == "crew"
        assert {says(process)[1] for _ in range(3)} == {"0", "1", "2"}
        process.send_signal(stop)
        assert process.wait(30) == 0


def test_one_that_is_killed_is_replaced() -> None:
    with crew() as process:
        says(process)
        begun = {line[1]: int(line[2]) for line in (says(process), says(process))}
        os.kill(begun["1"], signal.SIGKILL)
        line = says(process)
        assert line[1] == "1"
        assert int(line[2]) not in begun.values()
        assert line[3] == "1"
        process.terminate()
        assert process.wait(30) == 0


def test_one_that_ends_by_itself_is_replaced_too() -> None:
    with crew(then="again or sys.exit(3)", count=1) as process:
        says(process)
        assert says(process)[3] == "0"
        assert says(process)[3] == "1"
        process.terminate()
        assert process.wait(30) == 0


def test_when_none_can_live_the_crew_ends_with_1() -> None:
    with crew(then="raise RuntimeError('cannot begin')", count=1) as process:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "RuntimeError: cannot begin" in output
        assert "No worker lives for longer than a moment" in output


def test_workers_end_when_their_crew_is_killed() -> None:
    if sys.platform != "linux":
        pytest.skip("Only Linux tells children that their parent is gone.")
    with crew(told="say('worker ended'); os._exit(0)") as process:
        says(process), says(process), says(process)
        process.kill()
        assert says(process) == ["worker", "ended"]
        assert says(process) == ["worker", "ended"]
        assert says(process) == []


def test_one_that_does_not_stop_is_killed_at_the_second_interrupt() -> None:
    with crew(told="say('worker deaf')", count=1) as process:
        says(process), says(process)
        process.send_signal(signal.SIGINT)
        assert says(process) == ["worker", "deaf"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 1
