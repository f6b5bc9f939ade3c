"""An environment with the released client of 1.4.1, made once and kept in this user's cache."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
# Minor releases that it runs on, the most wanted first.
VERSIONS: Final = ("3.10", "3.9", "3.11")
INSTALL_SECONDS: Final = 240


class NoReleasedClient(Exception):
    """The environment cannot be made here; says why."""


def interpreters() -> list[str]:
    """Programs that may be a Python it runs on."""
    found = []
    for version in VERSIONS:
        on_path = shutil.which(f"python{version}")
        found += sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")), reverse=True)
        found += [on_path] if on_path is not None else []
    return found


def released_client(run: str) -> Path:
    """The directory of the environment; of the processes of one `run` of the tests, the first one makes it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "quaestor-tests"
    cache.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    place, refused = cache / f"prefect-1.4.1-{digest}", cache / f"prefect-1.4.1-{digest}.refused"
    with open(cache / f"prefect-1.4.1-{digest}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / "made").exists() and (place / "bin" / "python").exists():
            return place
        if refused.exists():
            told, _, why = refused.read_text().partition("\n")
            if told == run:
                raise NoReleasedClient(why)
        try:
            _make(place)
        except NoReleasedClient as error:
            refused.write_text(f"{run}\n{error}")
            raise
        refused.unlink(missing_ok=True)
    return place


def _make(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    why = "there is no Python 3.9, 3.10 or 3.11"
    for interpreter in interpreters():
        made = _run([interpreter, "-m", "venv", str(place)])
        if made is None:
            break
        why = f"{interpreter} makes no environment: {made}"
    else:
        raise NoReleasedClient(why)
    pip = [str(place / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    # Its agent asks setuptools for pkg_resources, which later releases have not.
    failed = _run([*pip, "install", "--retries", "1", "--timeout", "10", "-r", str(REQUIREMENTS), "setuptools<70"])
    if failed is not None:
        shutil.rmtree(place, ignore_errors=True)
        raise NoReleasedClient(f"prefect 1.4.1 cannot be installed: {failed}")
    (place / "made").touch()


def _run(command: list[str]) -> str | None:
    """Run a program; None where it went well, else its last words."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
