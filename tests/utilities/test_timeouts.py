import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from prefect.configuration import config
from prefect.exceptions import PrefectSignal, TaskTimeoutSignal
from prefect.utilities import timeouts
from prefect.utilities.context import context
from prefect.utilities.timeouts import (
    multiprocessing_safe_run_and_retrieve,
    run_task_with_timeout,
    run_with_multiprocess_timeout,
    run_with_thread_timeout,
)
from tests.waiting import is_alive, wait_until

LONG = 120  # seconds; nothing here takes that long unless it is broken


def task(run: Callable[..., Any], timeout: int | None, name: str = "tired") -> Any:
    return SimpleNamespace(run=run, timeout=timeout, name=name)


def wait_in_c() -> None:
    threading.Event().wait(LONG)


def spin() -> None:
    while True:
        pass


def look_up_colour() -> Any:
    return context["colour"]


def where_am_i() -> tuple[int, bool]:
    return os.getpid(), threading.current_thread() is threading.main_thread()


def fail() -> None:
    raise ValueError("no such luck")


def in_another_thread(fn: Callable[[], Any]) -> Any:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(fn).result()


@pytest.fixture
def no_alarm() -> Iterator[None]:
    """No alarm is set, not even the one of pytest-timeout."""
    remaining, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    signal.setitimer(signal.ITIMER_REAL, remaining)


class TestMainThread:
    @pytest.mark.parametrize("fn", [wait_in_c, spin])
    def test_an_alarm_interrupts(self, fn: Callable[[], None]) -> None:
        with pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out\.$"):
            run_with_thread_timeout(fn, timeout=0.05)

    def test_values_and_errors_come_through_and_no_alarm_is_left(self, no_alarm: None) -> None:
        before = signal.getsignal(signal.SIGALRM)
        assert run_with_thread_timeout(where_am_i, timeout=LONG) == (os.getpid(), True)
        with pytest.raises(ValueError, match="no such luck"):
            run_with_thread_timeout(fail, timeout=LONG)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is before

    def test_code_that_catches_exceptions_is_interrupted_all_the_same(self) -> None:
        def stubborn() -> None:
            while True:
                try:
                    wait_in_c()
                except Exception:  # noqa: BLE001  as users write it
                    continue

        with pytest.raises(TaskTimeoutSignal):
            run_with_thread_timeout(stubborn, timeout=0.05)

    def test_limits_nest(self) -> None:
        def inner_in_time() -> str:
            assert run_with_thread_timeout(where_am_i, timeout=LONG)
            wait_in_c()
            return "never"

        with pytest.raises(TaskTimeoutSignal):
            run_with_thread_timeout(inner_in_time, timeout=0.1)

        def inner_too_slow() -> str:
            with pytest.raises(TaskTimeoutSignal):
                run_with_thread_timeout(wait_in_c, timeout=0.05)
            return "goes on"

        assert run_with_thread_timeout(inner_too_slow, timeout=LONG) == "goes on"

    def test_an_alarm_that_was_set_before_is_left_as_it_was(self, no_alarm: None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 1000)
        run_with_thread_timeout(where_am_i, timeout=LONG)
        remaining, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 900 < remaining <= 1000

    def test_without_a_limit_nothing_is_set_up(self, no_alarm: None) -> None:
        assert run_with_thread_timeout(signal.getitimer, (signal.ITIMER_REAL,)) == (0.0, 0.0)
        assert run_task_with_timeout(task(where_am_i, None)) == (os.getpid(), True)

    def test_a_task_runs_in_this_thread(self) -> None:
        assert run_task_with_timeout(task(where_am_i, LONG)) == (os.getpid(), True)
        assert run_task_with_timeout(task(divmod, LONG), (17, 5)) == (3, 2)
        with pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out\.$"):
            run_task_with_timeout(task(spin, 1))


def leave_children(path: str) -> None:
    """Writes the ids of this process and one that it started, and never ends."""
    child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    Path(path + ".new").write_text(f"{os.getpid()} {child.pid}")
    os.replace(path + ".new", path)
    wait_in_c()


class Stubborn:
    """Does not end when asked to."""

    def __call__(self) -> None:
        while True:
            try:
                wait_in_c()
            except BaseException:  # noqa: BLE001  worse
                continue


class TestProcess:
    def test_the_process_and_its_children_are_killed(self, tmp_path: Path) -> None:
        ids = tmp_path / "ids"
        with pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out for Function 'leave_children'\.$"):
            run_with_multiprocess_timeout(leave_children, (str(ids),), {}, 4)
        process, child = map(int, ids.read_text().split())
        assert not is_alive(process)
        assert not is_alive(child)

    def test_even_if_it_refuses_to_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timeouts, "GRACE_SECONDS", 0.2)
        with pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out for Function 'Stubborn'\.$"):
            run_with_multiprocess_timeout(Stubborn(), timeout=2)

    def test_values_come_back_from_another_process(self) -> None:
        pid, in_main_thread = run_with_multiprocess_timeout(where_am_i, timeout=LONG)
        assert pid != os.getpid()
        assert in_main_thread

    def test_errors_are_raised_here_with_their_traceback(self) -> None:
        with pytest.raises(ValueError, match="no such luck") as caught:
            run_with_multiprocess_timeout(fail, timeout=LONG)
        assert "in fail" in "".join(caught.value.__notes__)

    def test_signals_are_raised_here(self) -> None:
        def steer() -> None:
            raise PrefectSignal("elsewhere")

        with pytest.raises(PrefectSignal, match="elsewhere"):
            run_with_multiprocess_timeout(steer, timeout=LONG)

    def test_a_process_that_dies_is_no_timeout(self) -> None:
        with pytest.raises(RuntimeError, match=r"Function '_exit': its process ended with exit code 3 before"):
            run_with_multiprocess_timeout(os._exit, (3,), {}, LONG)

    def test_what_cannot_be_pickled_is_named(self) -> None:
        with pytest.raises(TypeError, match=r"'lock'.*cannot be pickled"):
            run_with_multiprocess_timeout(lambda: threading.Lock(), timeout=LONG, name="Task 'lock'")

    def test_context_and_settings_are_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(config, "made_up", "setting")

        def look() -> tuple[Any, Any, Any]:
            from prefect.configuration import config
            from prefect.utilities.context import context

            return context["colour"], config.made_up, context.get("lock")

        with context(colour="blue", lock=threading.Lock()):
            assert run_with_multiprocess_timeout(look, timeout=LONG) == ("blue", "setting", None)

    def test_without_a_limit_it_is_a_plain_call(self) -> None:
        assert run_with_multiprocess_timeout(where_am_i) == (os.getpid(), True)

    def test_a_task_in_a_thread_runs_there(self) -> None:
        pid, _ = in_another_thread(lambda: run_task_with_timeout(task(where_am_i, LONG)))
        assert pid != os.getpid()

    def test_a_task_in_a_thread_is_interrupted(self) -> None:
        def run() -> None:
            with context(task_full_name="tired[3]"):
                run_task_with_timeout(task(wait_in_c, 1))

        with pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out for Task 'tired\[3\]'\.$"):
            in_another_thread(run)

    def test_programs_without_a_guard_are_not_run_again(self, tmp_path: Path) -> None:
        program = tmp_path / "program.py"
        program.write_text(
            "from prefect.utilities.timeouts import run_with_multiprocess_timeout\n"
            "def double(x): return 2 * x\n"
            f"print(run_with_multiprocess_timeout(double, (21,), {{}}, {LONG}))\n"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment, check=True)
        assert done.stdout == "42\n"

    def test_it_does_not_outlive_who_asked(self, tmp_path: Path) -> None:
        ids = tmp_path / "ids"
        asking = subprocess.Popen(
            [sys.executable, "-c", ASKING, str(ids), str(LONG)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            wait_until(ids.exists)
        finally:
            asking.kill()
            asking.wait()
        process, child = map(int, ids.read_text().split())
        wait_until(lambda: not is_alive(process) and not is_alive(child))


ASKING = """
import sys
from prefect.utilities.timeouts import run_with_multiprocess_timeout
from tests.utilities.test_timeouts import leave_children
run_with_multiprocess_timeout(leave_children, (sys.argv[1],), {}, int(sys.argv[2]))
"""


class TestDaemonicProcess:
    def test_one_stops_waiting_and_says_that_the_task_goes_on(self, tmp_path: Path) -> None:
        assert in_a_daemon(time_out_in_a_thread, str(tmp_path / "went on")) == (
            "Execution timed out but was executed in a daemonic subprocess and will continue to run in the background."
        )
        assert (tmp_path / "went on").exists()

    def test_values_errors_and_context_come_through(self) -> None:
        assert in_a_daemon(all_well_in_a_thread, "") == "blue; ValueError('no such luck')"

    def test_the_main_thread_is_really_interrupted(self) -> None:
        assert in_a_daemon(time_out_here, "") == "Execution timed out."


def in_a_daemon(fn: Callable[[str], str], argument: str) -> str:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=answer_through, args=(fn, argument, theirs), daemon=True)
    process.start()
    try:
        assert ours.poll(60)
        return str(ours.recv())
    finally:
        process.join()
        process.close()
        ours.close()
        theirs.close()


def answer_through(fn: Callable[[str], str], argument: str, pipe: Any) -> None:
    pipe.send(fn(argument))


def time_out_in_a_thread(path: str) -> str:
    go_on, done = threading.Event(), threading.Event()

    def slow() -> None:
        go_on.wait(LONG)
        Path(path).touch()
        done.set()

    with pytest.raises(TaskTimeoutSignal) as caught:
        in_another_thread(lambda: run_task_with_timeout(task(slow, 1)))
    go_on.set()
    assert done.wait(60)
    return str(caught.value)


def all_well_in_a_thread(_: str) -> str:
    def run() -> str:
        with context(colour="blue"):
            colour = run_task_with_timeout(task(lambda: context["colour"], LONG))
            with pytest.raises(ValueError, match="no such luck") as caught:
                run_task_with_timeout(task(fail, LONG))
            return f"{colour}; {caught.value!r}"

    return str(in_another_thread(run))


def time_out_here(_: str) -> str:
    with pytest.raises(TaskTimeoutSignal) as caught:
        run_task_with_timeout(task(wait_in_c, 1))
    return str(caught.value)


class Mailbox:
    def __init__(self) -> None:
        self.items: list[Any] = []

    def put(self, item: bytes) -> None:
        self.items.append(cloudpickle.loads(item))


def test_a_payload_is_answered_on_the_queue() -> None:
    queue = Mailbox()
    for call in (
        {"fn": look_up_colour, "args": (), "kwargs": {}, "context": {"colour": "blue"}},
        {"fn": divmod, "args": (17, 5), "kwargs": {}, "context": {}, "name": "Task 'x'"},
        {"fn": fail, "args": (), "kwargs": {}, "context": {}},
    ):
        multiprocessing_safe_run_and_retrieve(queue, cloudpickle.dumps(call))
    assert queue.items[:2] == ["blue", (3, 2)]
    assert repr(queue.items[2]) == "ValueError('no such luck')"
