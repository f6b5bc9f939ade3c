"""What a report of a problem should say about a system and a flow: names and yes or no, never a value."""

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.flow import Flow


def system_information() -> dict[str, Any]:
    """The platform, the versions and the backend."""
    import platform

    from prefect.configuration import config
    from prefect.utilities.version import VERSION

    return {
        "system_information": {
            "platform": platform.platform(),
            "python_version": platform.python_version(),
            "prefect_version": VERSION,
            "prefect_backend": config.backend,
        }
    }


def config_overrides(include_secret_names: bool = False) -> dict[str, Any]:
    """The settings that the user file sets, by name; the names of secrets only if asked for."""
    from prefect.configuration import load_toml, user_config_path

    path = os.path.expanduser(os.path.expandvars(user_config_path()))
    overrides = _truths(load_toml(path)) if os.path.isfile(path) else {}
    context = overrides.get("context")
    if not include_secret_names and isinstance(context, dict) and "secrets" in context:
        context["secrets"] = False
    return {"config_overrides": overrides}


def environment_variables() -> dict[str, Any]:
    """The names of the environment variables that change settings."""
    return {"env_vars": sorted(name for name in os.environ if name.startswith("PREFECT__"))}


def flow_information(flow: "Flow") -> dict[str, Any]:
    """What kind of storage, run config, result and schedule a flow has, and how many tasks."""
    return {
        "flow_information": {
            "environment": False,
            "run_config": _attributes(flow.run_config),
            "storage": _attributes(flow.storage),
            "result": _attributes(flow.result),
            "schedule": _attributes(flow.schedule),
            "task_count": len(flow.tasks),
        }
    }


def diagnostic_info(flow: "Flow | None" = None, include_secret_names: bool = False) -> str:
    """All of it, as JSON."""
    report = {
        **system_information(),
        **config_overrides(include_secret_names=include_secret_names),
        **environment_variables(),
        **(flow_information(flow) if flow is not None else {}),
    }
    return json.dumps(report, sort_keys=True, indent=2)


def _truths(section: dict[str, Any]) -> dict[str, Any]:
    return {name: _truths(value) if isinstance(value, dict) else True for name, value in section.items()}


def _attributes(holder: Any) -> Any:
    if holder is None:
        return False
    return {"type": type(holder).__name__} | {name: bool(value) for name, value in vars(holder).items()}
