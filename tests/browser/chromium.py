"""The browser of this machine, for tests and for measurements."""

from __future__ import annotations

import os
import shutil

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


def program() -> str | None:
    """The path of Chromium: what CHROMIUM names, else the first that is installed; None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), None)


def options() -> list[str]:
    """How it is started."""
    return [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
