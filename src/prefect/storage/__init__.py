"""Where the code of a flow is kept."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.storage.base import Storage
    from prefect.storage.local import Local
    from prefect.storage.module import Module

_HOMES = {
    "Azure": "azure",
    "Bitbucket": "bitbucket",
    "CodeCommit": "codecommit",
    "Docker": "docker",
    "GCS": "gcs",
    "Git": "git",
    "GitHub": "github",
    "GitLab": "gitlab",
    "Local": "local",
    "Module": "module",
    "S3": "s3",
    "Storage": "base",
    "Webhook": "webhook",
}
_SUBMODULES = frozenset(_HOMES.values())

__all__ = [
    "Azure",
    "Bitbucket",
    "CodeCommit",
    "Docker",
    "GCS",
    "Git",
    "GitHub",
    "GitLab",
    "Local",
    "Module",
    "S3",
    "Storage",
    "Webhook",
    "get_default_storage_class",
]

DEFAULT_STORAGE = "prefect.storage.Local"


def get_default_storage_class() -> type[Storage]:
    """The class that the setting `flows.defaults.storage.default_class` names; Local where it can not be imported."""
    from prefect.configuration import config

    chosen = config["flows"]["defaults"]["storage"]["default_class"]
    if not isinstance(chosen, str):
        return chosen  # type: ignore[no-any-return]
    module, _, name = chosen.rpartition(".")
    try:
        found: type[Storage] = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        warnings.warn(f"Could not import {chosen}; using {DEFAULT_STORAGE} instead.", stacklevel=2)
        from prefect.storage.local import Local

        return Local
    return found


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
