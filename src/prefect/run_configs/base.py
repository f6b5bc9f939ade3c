"""The base of the run configurations, and the one that fits every agent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.exceptions import ValidationError


class RunConfig:
    """What a run needs around it, whatever starts it.

    Args:
        env: environment variables to set for the run.
        labels: labels that an agent must have to pick the run up.
    """

    def __init__(self, env: dict[str, str] | None = None, labels: Iterable[str] | None = None) -> None:
        self.env = env
        self.labels: set[str] = set(labels) if labels is not None else set()

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        if self.__dict__ == other.__dict__:
            return True
        # A number and its text, a tuple and a list, are the same to whoever starts the run.
        assert isinstance(other, RunConfig)
        try:
            return self.serialize() == other.serialize()
        except ValidationError:
            return False

    # Its attributes may change, so two equal ones need not stay equal.
    __hash__ = None  # type: ignore[assignment]

    def serialize(self) -> dict[str, Any]:
        """The configuration in the wire format."""
        from prefect.serialization.run_config import dump_run_config

        return dump_run_config(self)


class UniversalRun(RunConfig):
    """A run that any agent can start."""


def read_template(path: str | None) -> tuple[str | None, Any]:
    """Where a template is kept and, if that is on this machine, the template in place of its path.

    A path on this machine would mean nothing to the agent; `agent://` and remote paths are left for the agent to read.
    """
    if path is None:
        return None, None
    scheme, separator, rest = path.partition("://")
    if separator and scheme != "file":
        return path, None
    with open(rest if separator else path, encoding="utf-8") as file:
        return None, parse_yaml(file.read())


def parse_yaml(text: str) -> Any:
    """The value that a YAML document describes."""
    from prefect.utilities.importtools import import_optional

    return import_optional("yaml", "yaml", "A template in YAML").safe_load(text)
