"""Whether a process is still the one it was: its id alone does not tell, since ids are used again."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
from pathlib import Path


def process_start(pid: int) -> str | None:
    """When a process started, as text that is equal for equal starts; None where it is gone or nothing can tell.

    On Linux it is the boot's id and the start in clock ticks since then, elsewhere what `ps` prints.
    """
    stat = Path(f"/proc/{pid}/stat")
    try:
        text = stat.read_text()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _start_told_by_ps(pid)
    except OSError:
        return None
    # The command's name stands in parentheses and may hold anything, so the fields are counted from its end:
    # field 3 is the state (a zombie is gone but for its exit code), field 22 the start time. Source: proc(5).
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{_boot_id()}:{fields[19]}"


@functools.cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _start_told_by_ps(pid: int) -> str | None:
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def is_alive(pid: int, started: str | None) -> bool:
    """Whether the process with that id that started then is still there; without a start the id alone decides."""
    if started is not None:
        return process_start(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@functools.cache
def this_host() -> str:
    """The name of this machine."""
    return socket.gethostname()
