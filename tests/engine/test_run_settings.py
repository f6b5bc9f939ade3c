"""Settings of one run: what `context={"config": ...}` says holds for it, and its log level is its own."""

import logging
import uuid
from typing import Any

import pytest

import prefect
from prefect import Flow, Task, task
from prefect.configuration import Config, config
from prefect.executors import LocalDaskExecutor, LocalExecutor
from prefect.executors.base import Executor
from prefect.utilities.logging import get_logger, logging_at

DEBUG = {"config": {"logging": {"level": "DEBUG"}}}


@task
def look() -> tuple[Any, bool, int]:
    settings = prefect.context.config
    return settings.logging.level, isinstance(settings, Config), prefect.context.logger.getEffectiveLevel()


def flow_and_task() -> tuple[Flow, Task]:
    with Flow("settings") as flow:
        looked = look()
    return flow, looked


@pytest.mark.parametrize("executor", [LocalExecutor(), LocalDaskExecutor("threads"), LocalDaskExecutor("processes")])
def test_settings_in_the_context_hold_for_the_run_and_its_tasks(executor: Executor) -> None:
    flow, looked = flow_and_task()
    state = flow.run(executor=executor, context=DEBUG)
    assert state is not None
    assert state.result[looked].result == ("DEBUG", True, logging.DEBUG)
    after = flow.run(executor=executor)
    assert after is not None
    assert after.result[looked].result == ("INFO", True, logging.INFO)
    assert (config.logging.level, get_logger().level) == ("INFO", logging.INFO)


def test_other_settings_stay_as_they_are() -> None:
    @task
    def address() -> Any:
        return prefect.context.config.server.endpoint, prefect.context.config.server.port

    with Flow("settings") as flow:
        asked = address()
    state = flow.run(context={"config": {"server": {"port": 5}}})
    assert state is not None
    assert state.result[asked].result == (config.server.endpoint, 5)
    assert "log_level" not in prefect.context


def test_tasks_of_a_run_that_is_not_recorded_have_ids_too() -> None:
    @task
    def id_of(x: int) -> Any:
        return prefect.context.task_run_id

    with Flow("ids") as flow:
        ids = [id_of(1), id_of(2), id_of.map([1, 2])]

    def seen() -> list[Any]:
        state = flow.run()
        assert state is not None
        return [state.result[one].result for one in ids]

    first, second, (child, other_child) = seen()
    assert len({first, second, child}) == 3
    assert child == other_child
    assert all(str(uuid.UUID(id)) == id and uuid.UUID(id).version == 4 for id in (first, second, child))
    assert set(seen()[:2]).isdisjoint({first, second})
    with prefect.context(task_run_id="outer"):
        assert seen()[0] == "outer"


def test_lines_below_the_level_of_a_run_are_not_made(caplog: pytest.LogCaptureFixture) -> None:
    @task
    def speak() -> None:
        prefect.context.logger.debug("low")
        prefect.context.logger.warning("high")

    with Flow("speaks") as flow:
        speak()
    flow.run(context={"config": {"logging": {"level": "debug"}}})
    assert {"low", "high"} <= set(caplog.messages)
    caplog.clear()
    flow.run(context={"config": {"logging": {"level": "ERROR"}}})
    assert [line for line in caplog.messages if line != "Beginning Flow run for 'speaks'"] == []


def test_of_runs_at_once_the_most_talkative_decides() -> None:
    logger = get_logger()
    with logging_at("ERROR"):
        with logging_at("DEBUG"), logging_at(None):
            with logging_at("INFO"):
                assert logger.level == logging.DEBUG
            assert logger.level == logging.DEBUG
        assert logger.level == logging.ERROR
    assert logger.level == logging.INFO


def test_extra_loggers_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.logging, "extra_loggers", ["an.extra.logger"])
    extra = logging.getLogger("an.extra.logger")
    before = extra.level
    with logging_at(logging.CRITICAL):
        assert extra.level == logging.CRITICAL
    assert extra.level == before


def test_a_level_that_is_none_is_told_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with logging_at("loud"):
        assert get_logger().level == logging.INFO
    assert "'loud' is not a log level; the run logs as this process does." in caplog.messages
