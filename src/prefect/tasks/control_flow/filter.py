"""Drop the failed and the empty from a list of results."""

import typing
from collections.abc import Callable
from typing import Any

from prefect.core.task import Task
from prefect.triggers import all_finished

__all__ = ["FilterTask"]


class FilterTask(Task):
    """The results for which `filter_func` holds; by default those that are neither None nor an exception.

    It runs once its upstream tasks are finished, however they ended. `log_func` turns the kept results into a line
    for the log.
    """

    def __init__(
        self,
        filter_func: Callable[[Any], Any] | None = None,
        log_func: Callable[[Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("skip_on_upstream_skip", False)
        kwargs.setdefault("trigger", all_finished)
        self.filter_func = filter_func or _is_result
        self.log_func = log_func
        super().__init__(**kwargs)

    def run(self, task_results: typing.List[Any]) -> typing.List[Any]:
        kept = [result for result in task_results if self.filter_func(result)]
        if self.log_func is not None:
            self.logger.info(self.log_func(kept))
        return kept


def _is_result(result: Any) -> bool:
    return result is not None and not isinstance(result, BaseException)
