"""Templates in the manner of `str.format`."""

from typing import Any

from prefect.core.task import Task
from prefect.utilities.context import context

__all__ = ["StringFormatter"]


class StringFormatter(Task):
    """Fills a template such as `"{greeting}, {name}"`; the result is the text.

    The values are the arguments by name, and below these whatever is in `prefect.context`, the date among it. The
    template may be given when the task is made or when it is called. KeyError for a name that has no value.
    """

    def __init__(self, template: str = None, **kwargs: Any) -> None:
        self.template = template or ""
        super().__init__(**kwargs)

    def run(self, template: str = None, **format_kwargs: Any) -> str:
        values = {**context.__dict__, **format_kwargs}
        return (self.template if template is None else template).format(**values)
