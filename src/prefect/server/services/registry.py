"""What the server does without being asked. A new service is a module with `service(settings)`, an entry here, and its
table below server.services in config.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from prefect.server.services import (
    automations,
    dead_runs,
    deletion,
    delivery,
    log_words,
    retention,
    scheduler,
    silent_runs,
)
from prefect.server.services.service import Service, Settings

# By the name of its settings.
SERVICES: Final[Mapping[str, Callable[[Settings], Service]]] = MappingProxyType(
    {
        "scheduler": scheduler.service,
        "dead_runs": dead_runs.service,
        "silent_runs": silent_runs.service,
        "deletion": deletion.service,
        "log_words": log_words.service,
        "retention": retention.service,
        "hooks": delivery.service,
        "automations": automations.service,
    }
)


def configured(settings: Mapping[str, Any]) -> list[Service]:
    """The services that the settings below server.services ask for."""
    if not settings["enabled"]:
        return []
    chosen = ((make, Settings(settings[name])) for name, make in SERVICES.items())
    return [make(values) for make, values in chosen if values.enabled]
