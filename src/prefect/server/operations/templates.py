"""Texts with fields in braces, filled in from an event: names from a list, nothing that is looked up on an object.

    The run {flow_run.name} of {flow.name} is {flow_run.state}.

`{{` and `}}` stand for braces themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from prefect.server.errors import BadInput

# What a text may say, and the name of the field in the event as it is sent.
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event": "event",
        "timestamp": "timestamp",
        "text": "text",
        "flow_run.id": "flow_run_id",
        "flow_run.name": "flow_run_name",
        "flow_run.state": "state",
        "flow_run.state_message": "state_message",
        "flow_run.scheduled_start_time": "scheduled_start_time",
        "flow_run.start_time": "start_time",
        "flow_run.end_time": "end_time",
        "flow.id": "flow_id",
        "flow.name": "flow_name",
        "flow.version": "flow_version",
        "project.name": "project_name",
        "agent.id": "agent_id",
        "agent.name": "agent_name",
        "automation.name": "automation_name",
        "seconds": "seconds",
    }
)
LONGEST: Final = 10_000
# What texts may grow to when their fields are filled in: one, and all of a value together.
LONGEST_FILLED: Final = 40_000
MOST_FILLED: Final = 1_000_000

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def check(text: str, what: str) -> str:
    """The text, if every field in it can be filled in."""
    if len(text) > LONGEST:
        raise BadInput(f"{what} has {len(text)} characters; at most {LONGEST} are possible.")
    for part in _PART.finditer(text):
        name = part.group(1)
        if part.group() in ("{", "}"):
            raise BadInput(
                f"{what} has a brace {part.group()!r} without its other half; write it twice to mean itself."
            )
        if name is not None and name not in FIELDS:
            raise BadInput(f"{what} has the field {{{name}}}, which there is not. There are {', '.join(FIELDS)}.")
    return text


def fill(text: str, event: Mapping[str, Any]) -> str:
    """The text with its fields filled in, each as it is: what is filled in is not looked at again.

    It ends where it is too long: the message of a state, said a thousand times, would fill the memory.
    """
    left = LONGEST_FILLED

    def value(part: re.Match[str]) -> str:
        nonlocal left
        name = part.group(1)
        if name is None:
            return part.group()[0]
        found = event.get(FIELDS.get(name, ""))
        text = "" if found is None else str(found)[: max(0, left)]
        left -= len(text)
        return text

    return _PART.sub(value, text)[:LONGEST_FILLED]


def fill_all(value: Any, event: Mapping[str, Any]) -> Any:
    """A JSON value with the fields of every text in it filled in; names stay as they are.

    Raises:
        BadInput: all together they become too long.
    """
    size = 0

    def filled(part: Any) -> Any:
        nonlocal size
        if isinstance(part, str):
            text = fill(part, event)
            size += len(text)
            if size > MOST_FILLED:
                raise BadInput(f"The texts have more than {MOST_FILLED:,} characters once their fields are filled in.")
            return text
        if isinstance(part, list):
            return [filled(item) for item in part]
        if isinstance(part, dict):
            return {key: filled(item) for key, item in part.items()}
        return part

    return filled(value)


def check_all(value: Any, what: str) -> Any:
    """The same value, if every text in it can be filled in."""
    if isinstance(value, str):
        check(value, what)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            check_all(item, what)
    return value
