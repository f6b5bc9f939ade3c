"""Processes, by what they started."""

import subprocess
import sys
from pathlib import Path

import pytest

from prefect.utilities.processes import kill_tree
from tests.waiting import is_alive, wait_until


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")
def test_a_process_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = "(sleep 600 & echo $! >> pids; (sleep 600 & echo $! >> pids; sleep 600)) & echo $! >> pids; sleep 600"
    other = subprocess.Popen(["sleep", "600"])
    process = subprocess.Popen(["sh", "-c", script], cwd=tmp_path)
    wait_until(lambda: (tmp_path / "pids").exists() and len((tmp_path / "pids").read_text().split()) == 3)
    kill_tree(process.pid)
    process.wait()
    wait_until(lambda: not any(is_alive(int(pid)) for pid in (tmp_path / "pids").read_text().split()))
    assert other.poll() is None
    other.kill()
    other.wait()


def test_one_that_is_gone_is_no_error() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    kill_tree(process.pid)
