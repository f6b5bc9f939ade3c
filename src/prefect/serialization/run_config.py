"""Run configurations on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import json_value
from prefect.serialization.schemas import Schema, mapping_of, type_of

if TYPE_CHECKING:
    from prefect.run_configs.base import RunConfig


def _as_is(value: Any, owner: str) -> Any:
    return None if value is None else json_value(value, owner)


def _as_text(value: Any, owner: str) -> Any:
    return None if value is None else str(value)


def _as_list(value: Any, owner: str) -> Any:
    return None if value is None else json_value(list(value), owner)


# The fields of each kind besides `env` and `labels`, with how each is written.
_FIELDS: dict[str, dict[str, Callable[[Any, str], Any]]] = {
    "UniversalRun": {},
    "LocalRun": {"working_dir": _as_text},
    "DockerRun": {"image": _as_text, "ports": _as_list, "host_config": _as_is},
    "KubernetesRun": {
        "job_template_path": _as_text,
        "job_template": _as_is,
        "image": _as_text,
        "cpu_limit": _as_text,
        "cpu_request": _as_text,
        "memory_limit": _as_text,
        "memory_request": _as_text,
        "service_account_name": _as_text,
        "image_pull_secrets": _as_list,
        "image_pull_policy": _as_text,
    },
    "ECSRun": {
        "task_definition": _as_is,
        "task_definition_path": _as_text,
        "task_definition_arn": _as_text,
        "image": _as_text,
        "cpu": _as_text,
        "memory": _as_text,
        "task_role_arn": _as_text,
        "execution_role_arn": _as_text,
        "run_task_kwargs": _as_is,
    },
    "VertexRun": {
        "image": _as_text,
        "machine_type": _as_text,
        "scheduling": _as_is,
        "service_account": _as_text,
        "network": _as_text,
        "worker_pool_specs": _as_list,
    },
}


def dump_run_config(run_config: RunConfig) -> dict[str, Any]:
    """A run configuration as JSON values; a subclass is written as the kind that it extends."""
    for kind in type(run_config).__mro__:
        fields = _FIELDS.get(kind.__name__)
        if fields is not None and kind.__module__.startswith("prefect.run_configs."):
            break
    else:
        raise ValidationError(f"A {type(run_config).__name__} has no place on the wire: use one of {sorted(_FIELDS)}.")
    name = kind.__name__
    dumped: dict[str, Any] = {
        "labels": sorted(run_config.labels),
        "env": _as_is(run_config.env, f"env of {name}"),
    }
    for field, write in fields.items():
        dumped[field] = write(getattr(run_config, field), f"{field} of {name}")
    dumped["__version__"] = versioned.current
    dumped["type"] = name
    return dumped


def load_run_config(data: Any) -> RunConfig:
    """The run configuration that the data describes."""
    import prefect.run_configs as run_configs

    data = mapping_of(data, "run config")
    name = type_of(data, "run config")
    fields = _FIELDS.get(name)
    if fields is None:
        raise ValidationError(f"Unsupported value: {name} is no kind of run config; known are {sorted(_FIELDS)}.")
    given = {field: data[field] for field in ("env", "labels", *fields) if data.get(field) is not None}
    labels = given.get("labels", [])
    if not isinstance(labels, list):
        raise ValidationError(f"The labels of a {name} must be a list, not {labels!r}.")
    loaded: RunConfig = getattr(run_configs, name)(**json_value(given, name))
    return loaded


class RunConfigSchema(Schema):
    """Any run configuration, told apart by `type`."""

    __slots__ = ()
    dump_one = staticmethod(dump_run_config)
    load_one = staticmethod(load_run_config)
