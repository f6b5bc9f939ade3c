"""Programs written for 1.x find every module, class, method, function and argument where they import it from."""

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

NAMES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[1] / "fixtures" / "public_names.json").read_text()
)

# Parts of the 1.x library that are still to come; a module that arrives must leave this list.
LATER = {
    name
    for name in NAMES
    if name.startswith(
        (
            "prefect.agent",
            "prefect.utilities.kubernetes",
        )
    )
}

# What 1.x had and we refuse, each with its reason in docs/compatibility.md: a module, a class or a method by its path.
MARSHMALLOW_FIELDS = (
    "Bytes DateTimeTZ FunctionReference JSONCompatible Nested ObjectSchema ObjectSchemaOptions OneOfSchema SortedList "
    "StatefulFunctionReference UUID"
)
REFUSED = {
    *(f"prefect.utilities.serialization.{name}" for name in MARSHMALLOW_FIELDS.split()),
    "prefect.utilities.notifications.jira_notification",
    "prefect.utilities.notifications.jira_notifier",
    "prefect.utilities.notifications.snowflake_logger",
    "prefect.utilities.notifications.snowflake_message_formatter",
    "prefect.utilities.notifications.notifications.snowflake_logger",
    "prefect.utilities.notifications.notifications.snowflake_message_formatter",
}

PRESENT = sorted(set(NAMES) - LATER - REFUSED)


def parameters_of(thing: Any) -> list[inspect.Parameter]:
    parameters = list(inspect.signature(thing).parameters.values())
    return [p for p in parameters if p.name not in ("self", "cls")]


def missing_parameters(thing: Any, expected: list[str]) -> list[str]:
    """Which of the expected parameters a caller of 1.x could not give, by position or by name."""
    ours = parameters_of(thing)
    kinds = {parameter.kind for parameter in ours}
    by_position = [p.name for p in ours if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    by_name = {p.name for p in ours if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    takes_any_name = inspect.Parameter.VAR_KEYWORD in kinds
    takes_any_position = inspect.Parameter.VAR_POSITIONAL in kinds
    missing = []
    position = 0
    for name in expected:
        if name.startswith("**"):
            missing += [] if takes_any_name else [name]
        elif name.startswith("*"):
            missing += [] if takes_any_position else [name]
        elif name.startswith("="):
            missing += [] if name[1:] in by_name or takes_any_name else [name]
        else:
            given = by_position[position] if position < len(by_position) else None
            anonymous = given is None and takes_any_position
            if given != name.lstrip("/") and not anonymous:
                missing.append(f"{name} (position {position + 1} is {given})")
            position += 1
    return missing


def has(module: Any, name: str) -> bool:
    """Whether a module has a name; the import of one that is refused may say why."""
    try:
        return hasattr(module, name)
    except ImportError:
        return False


def differences(module_name: str) -> list[str]:
    module = importlib.import_module(module_name)
    names = NAMES[module_name]
    found = [name for name in names.get("all", ()) if not has(module, name)]
    for name, expected in names.get("functions", {}).items():
        if not has(module, name):
            found.append(name)
        elif expected is not None:
            found += [f"{name}({missing})" for missing in missing_parameters(getattr(module, name), expected)]
    for name, described in names.get("classes", {}).items():
        found += differences_of_class(getattr(module, name, None), name, described)
    return [where for where in found if f"{module_name}.{where}" not in REFUSED]


def differences_of_class(ours: Any, name: str, described: dict[str, Any]) -> list[str]:
    if ours is None:
        return [name]
    found = []
    for method, expected in described["methods"].items():
        if not hasattr(ours, method):
            found.append(f"{name}.{method}")
        elif expected is not None and callable(getattr(ours, method)):
            found += [f"{name}.{method}({missing})" for missing in missing_parameters(getattr(ours, method), expected)]
    found += [f"{name}.{attribute}" for attribute in described.get("properties", ()) if not hasattr(ours, attribute)]
    return found


@pytest.mark.parametrize("module_name", PRESENT)
def test_a_module_has_the_names_and_arguments_of_1_x(module_name: str) -> None:
    assert differences(module_name) == []


@pytest.mark.parametrize("module_name", sorted(LATER))
def test_a_module_that_is_still_to_come_is_not_there_by_halves(module_name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(module_name)


def test_what_is_refused_is_really_absent_and_explained() -> None:
    explained = (Path(__file__).resolve().parents[2] / "docs" / "compatibility.md").read_text()
    named = set(re.findall(r"`([\w.]+)`", explained))
    assert {name for name in REFUSED if not {name, name.rpartition(".")[2]} & named} == set()
    for name in REFUSED:
        module, _, attribute = name.rpartition(".")
        with pytest.raises((AttributeError, ImportError)):
            getattr(importlib.import_module(module), attribute)
