"""Commands as tasks, in a real shell."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, task
from prefect.engine import signals
from prefect.exceptions import TaskTimeoutSignal
from prefect.executors import LocalDaskExecutor
from prefect.tasks.shell import ShellTask
from prefect.utilities.timeouts import run_task_with_timeout
from tests.waiting import is_alive, wait_until

Logged = list[tuple[str, str]]


def test_the_result_is_the_last_line() -> None:
    assert ShellTask(command="echo one; echo two").run() == "two"
    assert ShellTask(command="true").run() is None


def test_the_result_may_be_all_lines() -> None:
    assert ShellTask(command="echo one; echo two >&2", return_all=True).run() == ["one", "two"]
    assert ShellTask(command="true", return_all=True).run() == []


def test_only_the_end_of_a_line_is_cut() -> None:
    assert ShellTask(command=r"printf ' a \nb\n\n'", return_all=True).run() == [" a ", "b", ""]


def test_output_that_is_no_text_is_kept_as_far_as_it_is() -> None:
    assert ShellTask(command=r"printf 'caf\xff\n'").run() == "caf\ufffd"


def test_the_command_may_be_given_when_it_is_called() -> None:
    assert ShellTask().run(command="for i in 1 2; do\necho $i\ndone") == "2"
    assert ShellTask(command="echo no").run("echo yes") == "yes"
    with pytest.raises(TypeError, match="missing required argument: 'command'"):
        ShellTask().run()


def test_variables_are_added_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INHERITED", "1")
    assert ShellTask(command="echo $INHERITED $OWN", env={"OWN": "2"}).run() == "1 2"
    assert ShellTask(command="echo $OWN", env={"OWN": "2"}).run(env={"OWN": "3"}) == "3"
    assert "OWN" not in os.environ


def test_a_helper_script_runs_first_in_the_same_shell(tmp_path: Path) -> None:
    helper = f"cd {tmp_path}\ngreet() {{ echo hello $1; }}"
    assert ShellTask(command="greet $(pwd)", helper_script=helper).run() == f"hello {tmp_path}"


def test_another_shell_may_run_it() -> None:
    assert ShellTask(command="print(6 * 7)", shell=sys.executable).run() == "42"
    with pytest.raises(FileNotFoundError, match="nosuchshell"):
        ShellTask(command="true", shell="nosuchshell").run()


@pytest.mark.parametrize(
    ("options", "result"), [({}, "why"), ({"return_all": True}, ["what", "why"])], ids=["last", "all"]
)
def test_a_failing_command_fails_the_task(options: dict[str, Any], result: Any, logged: Logged) -> None:
    with pytest.raises(signals.FAIL, match=r"^Command failed with exit code 3$") as raised:
        ShellTask(command="echo what; echo why >&2; exit 3", **options).run()
    assert raised.value.state.result == result
    assert logged == [("ERROR", "Command failed with exit code 3")]


def test_what_a_failing_command_wrote_can_be_logged(logged: Logged) -> None:
    with pytest.raises(signals.FAIL):
        ShellTask(command="echo what; echo why >&2; exit 3", log_stderr=True).run()
    assert logged == [("ERROR", "Command failed with exit code 3"), ("ERROR", "what\nwhy")]


@pytest.mark.parametrize(("stream_output", "level"), [(True, "INFO"), (logging.WARNING, "WARNING"), ("ERROR", "ERROR")])
def test_lines_are_logged_as_they_come(stream_output: Any, level: str, logged: Logged) -> None:
    ShellTask(command="echo a; echo b", stream_output=stream_output).run()
    assert logged == [(level, "a"), (level, "b")]


def test_a_level_must_exist() -> None:
    with pytest.raises(TypeError, match="'stream_output': Level LOUD is not a valid log level"):
        ShellTask(stream_output="LOUD")


def test_in_a_flow() -> None:
    listing = ShellTask(command="echo b; echo a", return_all=True)
    count = ShellTask(name="count")

    @task
    def command(lines: list[str]) -> str:
        return f"echo {len(lines)} lines"

    with Flow("shell") as flow:
        counted = count(command=command(listing()))
    state = flow.run()
    assert state is not None
    assert state.result[counted].result == "2 lines"


def test_on_the_wire_it_looks_as_it_did() -> None:
    serialized = ShellTask(command="true").serialize()
    assert serialized["type"] == "prefect.tasks.shell.ShellTask"
    assert serialized["inputs"] == {
        name: {"required": False, "type": f"<class '{kind}'>"}
        for name, kind in {"command": "str", "env": "dict", "helper_script": "str"}.items()
    }
    assert serialized["outputs"] == "typing.Union[str, typing.List[str], NoneType]"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX processes")
class TestInterrupted:
    """What a command started ends when its task is interrupted."""

    COMMAND = "sleep 600 & echo $! > child; echo $$ > shell; sleep 600"

    def processes(self, directory: Path) -> list[int]:
        wait_until(lambda: all((directory / name).exists() for name in ("shell", "child")))
        return [int((directory / name).read_text()) for name in ("shell", "child")]

    def test_in_the_main_thread(self, tmp_path: Path) -> None:
        sleeping = ShellTask(command=self.COMMAND, helper_script=f"cd {tmp_path}", timeout=1)
        with pytest.raises(TaskTimeoutSignal):
            run_task_with_timeout(sleeping)
        wait_until(lambda: not any(map(is_alive, self.processes(tmp_path))))

    def test_in_a_thread(self, tmp_path: Path) -> None:
        sleeping = ShellTask(command=self.COMMAND, helper_script=f"cd {tmp_path}", timeout=2)
        with Flow("interrupted") as flow:
            slept = sleeping()
        state = flow.run(executor=LocalDaskExecutor(scheduler="threads", num_workers=1))
        assert state is not None
        assert type(state.result[slept]).__name__ == "TimedOut"
        wait_until(lambda: not any(map(is_alive, self.processes(tmp_path))))
