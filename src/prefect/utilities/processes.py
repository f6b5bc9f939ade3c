"""Whether a process is still the one it was: its id alone does not tell, since ids are used again."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
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


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started, which may have started more."""
    if not hasattr(signal, "SIGKILL"):
        os.kill(pid, signal.SIGTERM)
        return
    # Parents first: a dead one starts nothing more.
    doomed, seen = [pid], {pid}
    while doomed:
        process = doomed.pop()
        # Looked up before the death of the parent, which gives its children to another.
        _signal(process, signal.SIGSTOP)
        children = [child for child, parent in parents() if parent == process and child not in seen]
        _signal(process, signal.SIGKILL)
        seen.update(children)
        doomed.extend(children)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def parents() -> list[tuple[int, int]]:
    """The processes of this machine, each with its parent."""
    if not Path("/proc/self/stat").exists():
        told = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return [(int(pid), int(parent)) for pid, parent in (line.split() for line in told.splitlines())]
    pairs = []
    for directory in os.listdir("/proc"):
        if directory.isdecimal():
            # It may be gone by now.
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{directory}/stat").read_text().rpartition(")")[2].split()
                pairs.append((int(directory), int(fields[1])))
    return pairs
