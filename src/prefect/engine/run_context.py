"""Everything a running flow or task may know, and the only writer of `prefect.context` during a run.

The engine itself reads the frozen, typed `RunContext`; user code reads the same facts in `prefect.context`.
"""

from __future__ import annotations

import datetime
import os
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec
import pendulum

from prefect.configuration import Config, config
from prefect.utilities import context as _context
from prefect.utilities.collections import merge_dicts
from prefect.utilities.datetimes import utc_now

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task


class RunContext(msgspec.Struct, frozen=True):
    """What the steps of one task run may know.

    Args:
        task: the task that runs.
        run_count: which try this is, from 1.
        loop_count: which iteration of a loop this is, or None outside of a loop.
        map_index: the child's place in its map, or None.
        parameters: the flow run's parameters by name.
        checkpointing: whether results are written to where they are kept.
        raise_on_exception: whether errors of user code leave the engine, for debugging.
    """

    task: Any
    run_count: int = 1
    loop_count: int | None = None
    map_index: int | None = None
    parameters: Mapping[str, Any] = {}
    checkpointing: bool = False
    raise_on_exception: bool = False

    @classmethod
    def current(cls, task: Task) -> RunContext:
        """The facts about the task run that this thread is in, read from `prefect.context`."""
        values = _context.context.__dict__
        return cls(
            task,
            values.get("task_run_count", 1),
            values.get("task_loop_count"),
            values.get("map_index"),
            values.get("parameters") or {},
            bool(values.get("checkpointing")),
            bool(values.get("raise_on_exception")),
        )


class entered:
    """A block inside which `prefect.context` also holds the values; all is restored on exit.

    A `config` among them is laid over the settings of the block outside, unless it is such a whole already.
    """

    __slots__ = ("previous", "values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def __enter__(self) -> None:
        items = _context.context.__dict__
        self.previous = items.copy()
        items.update(self.values)
        settings = self.values.get("config")
        if settings and not isinstance(settings, Config):
            items["config"] = merge_dicts(self.previous.get("config", config), settings)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _context.restore(self.previous)


def current_values() -> dict[str, Any]:
    """A copy of this thread's context, as handed to task runs wherever they run."""
    return _context.snapshot()


def date_values(given: Any, now: datetime.datetime) -> dict[str, Any]:
    """The date keys of a run's context: today, yesterday, tomorrow, each also without dashes, and `date`.

    Args:
        given: a date that the user put into the context, as datetime or text, or None.
        now: the time at which the run started (UTC).

    Raises:
        ValueError: the given date cannot be read; the text says so, and the caller warns with it.
    """
    date: Any = given if given is not None else now
    if isinstance(date, str):
        date = pendulum.parse(date)
    moment = pendulum.instance(date) if isinstance(date, datetime.datetime) else date
    days = {
        "today": moment,
        "yesterday": moment - datetime.timedelta(days=1),
        "tomorrow": moment + datetime.timedelta(days=1),
    }
    values: dict[str, Any] = {"date": moment}
    for name, day in days.items():
        values[name] = day.strftime("%Y-%m-%d")
        values[f"{name}_nodash"] = day.strftime("%Y%m%d")
    return values


def checkpointing_wanted() -> bool:
    """Whether this thread's context, or else the settings in it, ask for results to be kept."""
    known = _context.context.__dict__
    return bool(known.get("checkpointing", known.get("config", config).flows.checkpointing))


def flow_values(flow: Flow, given: Mapping[str, Any], now: datetime.datetime | None = None) -> dict[str, Any]:
    """The flow run's keys of the context; what the caller gave wins where both name a key.

    Without a backend there are no ids, so the flow's name stands in for its id and random ones for the run's. A log
    level among the settings that are given as `config` becomes the run's own, `log_level`.
    """
    moment = now or utc_now()
    values: dict[str, Any] = {
        "flow_name": flow.name,
        "flow_id": flow.name,
        "scheduled_start_time": moment,
    }
    known = _context.context.__dict__
    values["checkpointing"] = checkpointing_wanted()
    for name in ("flow_run_id", "flow_run_name"):
        if name not in given and name not in known:
            values[name] = str(uuid.uuid4())
    values.update(given)
    level = ((given.get("config") or {}).get("logging") or {}).get("level")
    if level is not None:
        values["log_level"] = level
    return values


def random_ids(count: int) -> list[str]:
    """So many random UUIDs; all at once, since one by one they would take as long as the rest of a task's context."""
    digits = os.urandom(16 * count).hex()
    ids = (digits[start : start + 32] for start in range(0, len(digits), 32))
    return [f"{id[:8]}-{id[8:12]}-4{id[13:16]}-8{id[17:20]}-{id[20:]}" for id in ids]


def task_values(task: Task, slug: str) -> dict[str, Any]:
    """The keys of the context that are the same for every run of a task in a flow."""
    return {
        "task_name": task.name,
        "task_full_name": task.name,
        "task_slug": slug,
        "task_id": slug,
        "task_tags": task.tags,
        "map_index": None,
        "logger": task.logger,
    }
