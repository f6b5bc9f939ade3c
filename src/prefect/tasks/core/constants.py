"""A value as a task."""

from typing import Any

from prefect.core.task import Task
from prefect.utilities.context import context

# A longer representation would make names, slugs and logs unreadable.
LONGEST_REPRESENTATION = 8


class Constant(Task):
    """Returns the value that it was made with. Flows make these; values bound by name need no task at all."""

    def __init__(self, value: Any, name: str | None = None, **kwargs: Any) -> None:
        self.value = value
        super().__init__(name=name or _name_of(value), **kwargs)
        # Flows turn constants into plain values, so one that is not in the flow was not forgotten.
        unused = context.__dict__.get("_unused_task_tracker")
        if unused is not None:
            unused.discard(self)

    def run(self) -> Any:
        return self.value


def _name_of(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST_REPRESENTATION else f"Constant[{type(value).__name__}]"
