"""Waiting for what other processes do, without sleeping longer than needed."""

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} seconds.")
        pause.wait(0.01)


def is_alive(pid: int) -> bool:
    """False for processes that are gone, or dead and not yet collected by whoever adopted them."""
    if Path("/proc/self/stat").exists():
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        except FileNotFoundError:
            return False
    else:
        status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return not status.strip().startswith("Z") and bool(status.strip())
