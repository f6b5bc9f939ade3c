"""Commands as tasks."""

import logging
import os
import subprocess
import tempfile
from typing import Any, List, Union

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task
from prefect.engine import signals
from prefect.utilities.processes import kill_tree

__all__ = ["ShellTask"]


class ShellTask(Task):
    """Runs a command in a shell; its result is the last line that the command wrote, None where it wrote none.

    The command may be given when the task is made or when it is called, and may be many lines. What it writes to
    standard output and to standard error counts alike. A command that ends with another status than 0 fails the task.

    Args:
        - command: what to run
        - env: variables to set, on top of the environment of this process
        - helper_script: lines to run before the command, in the same shell: functions, `cd`, `source`
        - shell: the program that runs it
        - return_all: whether the result is a list of all lines
        - log_stderr: whether what a failing command wrote is logged
        - stream_output: whether lines are logged as they come, at INFO or at the level named here
        - kwargs: those of `Task`
    """

    def __init__(
        self,
        command: str = None,
        env: dict[str, str] = None,
        helper_script: str = None,
        shell: str = "bash",
        return_all: bool = False,
        log_stderr: bool = False,
        stream_output: Union[bool, int, str] = False,
        **kwargs: Any,
    ) -> None:
        self.command = command
        self.env = env
        self.helper_script = helper_script
        self.shell = shell
        self.return_all = return_all
        self.log_stderr = log_stderr
        self.stream_output = _level(stream_output)
        super().__init__(**kwargs)

    @defaults_from_attrs("command", "env", "helper_script")
    def run(
        self,
        command: str = None,
        env: dict = None,
        helper_script: str = None,
    ) -> Union[str, List[str], None]:
        if command is None:
            raise TypeError("run() missing required argument: 'command'")
        lines = []
        with tempfile.NamedTemporaryFile("w", prefix="prefect-", encoding="utf-8") as script:
            script.write(f"{helper_script}\n{command}" if helper_script else command)
            script.flush()
            process = subprocess.Popen(
                [self.shell, script.name],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                encoding="utf-8",
                errors="replace",
            )
            try:
                assert process.stdout is not None
                for text in process.stdout:
                    line = text.rstrip("\r\n")
                    lines.append(line)
                    if self.stream_output:
                        self.logger.log(self.stream_output, line)
                status = process.wait()
            finally:
                # When the task is interrupted, by its time limit or by hand, what it started ends with it.
                if process.poll() is None:
                    kill_tree(process.pid)
                    process.wait()
                assert process.stdout is not None
                process.stdout.close()
        result = lines if self.return_all else lines[-1] if lines else None
        if status != 0:
            self._fail(status, lines, result)
        return result

    def _fail(self, status: int, lines: list[str], result: Any) -> None:
        message = f"Command failed with exit code {status}"
        self.logger.error(message)
        if self.log_stderr and lines:
            self.logger.error("\n".join(lines))
        raise signals.FAIL(message, result=result)


def _level(stream_output: Union[bool, int, str]) -> int:
    """The level at which lines are logged, 0 for not at all."""
    if isinstance(stream_output, str):
        level = logging.getLevelNamesMapping().get(stream_output)
        if level is None:
            raise TypeError(f"'stream_output': Level {stream_output} is not a valid log level")
        return level
    return logging.INFO if stream_output is True else int(stream_output)
