"""Tasks and parameters on the wire: how they run and what they take, not what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import prefect.engine.cache_validators as cache_validators
import prefect.triggers as triggers
from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import (
    function_to_reference,
    json_value,
    public_functions,
    reference_to_function,
    text_or_none,
)
from prefect.serialization.schemas import Schema, mapping_of

TRIGGERS = public_functions(triggers)
CACHE_VALIDATORS = public_functions(cache_validators)


# --- writing ---------------------------------------------------------------------------------------------------------


def dump_task(task: Task, slug: str | None = None) -> dict[str, Any]:
    """A task as JSON values; in a flow the `slug` is the one that the flow gave it."""
    kind = type(task)
    tags = task.tags
    return {
        "name": task.name,
        "slug": task.slug if slug is None else slug,
        "type": _QUALIFIED_NAMES.get(kind) or qualified_name(kind),
        "tags": sorted(tags) if tags else [],
        "inputs": {
            name: {"required": facts["required"], "type": _text_of_type(facts["type"])}
            for name, facts in task.inputs().items()
        },
        "outputs": _text_of_type(task.outputs()),
        "trigger": _dump_function(task.trigger, TRIGGERS, task, "trigger"),
        "max_retries": task.max_retries,
        "retry_delay": _dump_seconds(task.retry_delay),
        "timeout": task.timeout,
        "skip_on_upstream_skip": task.skip_on_upstream_skip,
        "cache_for": _dump_seconds(task.cache_for),
        "cache_key": task.cache_key,
        "cache_validator": _dump_function(task.cache_validator, CACHE_VALIDATORS, task, "cache_validator"),
        "auto_generated": task.auto_generated,
        "__version__": versioned.current,
    }


def dump_parameter(parameter: Parameter) -> dict[str, Any]:
    """A parameter as JSON values, its default included."""
    name = parameter.name
    return {
        "name": name,
        "slug": parameter.slug,
        "type": qualified_name(type(parameter)),
        "tags": sorted(parameter.tags),
        "required": parameter.required,
        "default": json_value(parameter.default, f"default of parameter {name!r}"),
        "outputs": _text_of_type(parameter.outputs()),
        "__version__": versioned.current,
    }


def qualified_name(kind: type) -> str:
    """Module and name of a class, as it is imported."""
    name = _QUALIFIED_NAMES.get(kind)
    if name is None:
        name = _QUALIFIED_NAMES[kind] = f"{kind.__module__}.{kind.__qualname__}"
    return name


_QUALIFIED_NAMES: dict[type, str] = {}


def _text(annotation: Any) -> str:
    # Python 3.13 calls pathlib.Path by the name of a module inside: the hash of a flow must not depend on who reads it.
    return str(annotation).replace("pathlib._local.", "pathlib.")


def _text_of_type(annotation: Any) -> str:
    """An annotation as people write it; text, as postponed annotations are, stands for itself."""
    try:
        return _TEXTS[annotation]
    except KeyError:
        text = _TEXTS[annotation] = _text(annotation)
        return text
    except TypeError:  # not hashable, so not worth keeping
        return _text(annotation)


_TEXTS: dict[Any, str] = {}


def _dump_function(
    function: Callable[..., Any], known: Mapping[str, Callable[..., Any]], task: Task, field: str
) -> dict[str, Any]:
    # Nearly every task has a trigger and a validator that take no arguments; these cost one look-up.
    name = _PLAIN_FUNCTIONS.get(function)
    if name is not None:
        return {"fn": name, "kwargs": {}}
    return function_to_reference(function, known, f"{field} of task {task.name!r}")


_PLAIN_FUNCTIONS: dict[Any, str] = {
    function: f"{function.__module__}.{function.__qualname__}"
    for function in (*TRIGGERS.values(), *CACHE_VALIDATORS.values())
}


def _dump_seconds(length: timedelta | None) -> int | None:
    # Not by division: a pendulum.Duration cannot be divided by a timedelta.
    return None if length is None else int(length.total_seconds())


# --- reading ---------------------------------------------------------------------------------------------------------


def load_task(data: Any) -> Task:
    """The plain Task that the data describes: whatever its class was, it has no run method here."""
    data = mapping_of(data, "task")
    name = text_or_none(data, "name", "task")
    task = Task(
        name=name,
        slug=text_or_none(data, "slug", "task"),
        tags=_tags(data, name),
        max_retries=_number(data, "max_retries", name),
        retry_delay=_load_seconds(data, "retry_delay", name),
        timeout=_number(data, "timeout", name),
        trigger=_load_function(data, "trigger", TRIGGERS),
        skip_on_upstream_skip=data.get("skip_on_upstream_skip") is not False,
        cache_for=_load_seconds(data, "cache_for", name),
        cache_validator=_load_function(data, "cache_validator", CACHE_VALIDATORS),
        cache_key=text_or_none(data, "cache_key", "task"),
    )
    task.auto_generated = data.get("auto_generated") is True
    return task


def load_parameter(data: Any) -> Parameter:
    """The plain Parameter that the data describes."""
    data = mapping_of(data, "parameter")
    name = text_or_none(data, "name", "parameter")
    if not name:
        raise ValidationError(f"A parameter must have a name: it is missing in {dict(data)!r}.")
    required = data.get("required")
    parameter = Parameter(name=name, required=True if required is None else bool(required), tags=_tags(data, name))
    parameter.default = json_value(data.get("default"), f"default of parameter {name!r}")
    return parameter


def _tags(data: Mapping[str, Any], name: str | None) -> Iterable[str]:
    tags = data.get("tags", [])
    if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
        return tags
    raise ValidationError(f"The tags of task {name!r} must be a list of texts, not {tags!r}.")


def _number(data: Mapping[str, Any], field: str, name: str | None) -> int | None:
    value = data.get(field)
    if value is None:
        return None
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise ValidationError(f"The {field} of task {name!r} must be a whole number, not {value!r}.")


def _load_seconds(data: Mapping[str, Any], field: str, name: str | None) -> timedelta | None:
    seconds = _number(data, field, name)
    return None if seconds is None else timedelta(seconds=seconds)


def _load_function(
    data: Mapping[str, Any], field: str, known: Mapping[str, Callable[..., Any]]
) -> Callable[..., Any] | None:
    """A known function; one that was the author's own is not here, and the default stands in for it."""
    reference = data.get(field)
    return None if reference is None else reference_to_function(reference, known)


class TaskSchema(Schema):
    """A task."""

    __slots__ = ()
    dump_one = staticmethod(dump_task)
    load_one = staticmethod(load_task)


class ParameterSchema(Schema):
    """A parameter, with its default."""

    __slots__ = ()
    dump_one = staticmethod(dump_parameter)
    load_one = staticmethod(load_parameter)
