"""The backend file: which backend `prefect backend <name>` has chosen."""

import os
from pathlib import Path
from typing import Any

from prefect.configuration import backend_config_path, load_toml


def backend_path() -> Path:
    """Where the backend file is, or would be."""
    return Path(os.path.expanduser(os.path.expandvars(backend_config_path())))


def load_backend() -> dict[str, Any]:
    """The content of the backend file; nothing where there is none."""
    path = backend_path()
    return load_toml(str(path)) if path.exists() else {}


def save_backend(backend: str) -> None:
    """Choose a backend for the processes that start from now on."""
    import json

    path = backend_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    # A JSON string is a TOML string too.
    unfinished.write_text(f"backend = {json.dumps(backend)}\n", encoding="utf-8")
    os.replace(unfinished, path)
