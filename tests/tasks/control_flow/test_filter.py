"""Drop the failed and the empty from a list of results."""

import logging
from typing import Any

import pytest

from prefect import Flow, task
from prefect.engine import signals
from prefect.tasks.control_flow import FilterTask
from prefect.triggers import all_finished, all_successful


def test_none_and_exceptions_are_dropped_and_falsy_values_kept() -> None:
    results: list[Any] = [1, 0, None, ValueError("x"), "", [], False, signals.SKIP("x")]
    assert FilterTask().run(results) == [1, 0, "", [], False]


def test_the_filter_may_be_given() -> None:
    assert FilterTask(filter_func=lambda x: x > 1).run([1, 2, 3]) == [2, 3]


def test_it_runs_however_its_upstream_tasks_ended() -> None:
    assert FilterTask().trigger is all_finished
    assert FilterTask().skip_on_upstream_skip is False
    assert FilterTask(trigger=all_successful).trigger is all_successful


def test_what_was_kept_can_be_logged(caplog: pytest.LogCaptureFixture) -> None:
    filtering = FilterTask(log_func=lambda kept: f"kept {len(kept)}")
    filtering.logger.propagate = True
    with caplog.at_level(logging.INFO, logger=filtering.logger.name):
        logging.getLogger("prefect").propagate, before = True, logging.getLogger("prefect").propagate
        try:
            filtering.run([1, None])
        finally:
            logging.getLogger("prefect").propagate = before
    assert caplog.messages == ["kept 1"]


def test_failed_children_are_filtered_out() -> None:
    @task
    def invert(x: int) -> float:
        return 1 / x

    with Flow("f") as flow:
        kept = FilterTask()(invert.map([1, 0, 2]))
    state = flow.run()
    assert state is not None
    assert state.result[kept].result == [1.0, 0.5]
