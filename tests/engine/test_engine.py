"""Which runner and executor classes are used where nobody names one."""

import pytest

import prefect.engine
from prefect.engine import get_default_executor_class, get_default_flow_runner_class, get_default_task_runner_class
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.task_runner import TaskRunner
from prefect.executors import LocalDaskExecutor, LocalExecutor
from prefect.utilities.configuration import set_temporary_config


def test_defaults() -> None:
    assert get_default_executor_class() is LocalExecutor
    assert get_default_flow_runner_class() is FlowRunner
    assert get_default_task_runner_class() is TaskRunner


def test_the_settings_may_name_others() -> None:
    with set_temporary_config({"engine.executor.default_class": "prefect.executors.LocalDaskExecutor"}):
        assert get_default_executor_class() is LocalDaskExecutor


@pytest.mark.parametrize("name", ["nope.X", "prefect.engine.Nope", "Nope"])
def test_a_wrong_name_warns_and_gives_the_default(name: str) -> None:
    with set_temporary_config({"engine.flow_runner.default_class": name}):
        with pytest.warns(UserWarning, match=f"Could not import {name}; using prefect.engine.flow_runner.FlowRunner"):
            assert get_default_flow_runner_class() is FlowRunner


def test_names_are_loaded_on_first_use() -> None:
    assert prefect.engine.FlowRunner is FlowRunner
    assert prefect.engine.TaskRunner is TaskRunner
    assert prefect.engine.signals.FAIL.__name__ == "FAIL"
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        _ = prefect.engine.Nope
