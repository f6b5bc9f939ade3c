"""Inputs of a flow that are given when it runs."""

from datetime import datetime
from typing import Any

import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, task
from prefect.core.parameter import DateTimeParameter
from prefect.engine import signals
from prefect.engine.results import PrefectResult
from prefect.engine.serializers import DateTimeSerializer


@task
def same(x: Any) -> Any:
    return x


def test_a_parameter_is_required_unless_it_has_a_default() -> None:
    assert Parameter("x").required
    assert not Parameter("x", default=None).required
    assert not Parameter("x", default=3).required
    assert not Parameter("x", required=False).required
    assert Parameter("x", default=3, required=True).required
    assert Parameter("x", required=False).default is None


def test_the_name_is_the_slug_and_the_result_is_kept_as_json() -> None:
    parameter = Parameter("x", tags=["t"])
    assert (parameter.slug, parameter.tags, repr(parameter)) == ("x", {"t"}, "<Parameter: x>")
    assert isinstance(parameter.result, PrefectResult)
    assert parameter.checkpoint is True
    assert parameter.inputs() == {}


def test_calling_adds_the_parameter_itself() -> None:
    flow = Flow("f")
    parameter = Parameter("x")
    assert parameter(flow=flow) is parameter
    with flow:
        assert parameter() is parameter
    assert flow.tasks == {parameter}
    with pytest.raises(TypeError):
        parameter(x=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="Could not infer an active Flow context"):
        Parameter("x")()


def test_copies_have_another_name() -> None:
    original = Parameter("x", default=3)
    copy = original.copy("y")
    assert (copy.name, copy.slug, copy.default) == ("y", "y", 3)
    assert (original.copy().name, original.copy().slug) == ("x", "x")
    assert (original.name, original.slug) == ("x", "x")


def test_two_parameters_of_one_name_do_not_fit_into_a_flow() -> None:
    flow = Flow("f", tasks=[Parameter("x")])
    with pytest.raises(ValueError, match='A task with the slug "x" already exists in this flow'):
        flow.add_task(Parameter("x"))


def test_nothing_comes_before_a_parameter() -> None:
    with Flow("f") as flow:
        parameter, upstream = Parameter("x"), same(1)
        with pytest.raises(ValueError, match="Parameters must be root tasks"):
            parameter.set_upstream(upstream)
    assert not flow.edges


def test_the_value_comes_from_the_context() -> None:
    with prefect.context(parameters={"x": 5}):
        assert Parameter("x").run() == 5
        assert Parameter("y", default=6).run() == 6
        with pytest.raises(signals.FAIL, match='Parameter "y" was required but not provided'):
            Parameter("y").run()
    assert Parameter("y", default=6).run() == 6


def test_date_and_time_parameters_parse_text() -> None:
    moment = pendulum.datetime(2020, 1, 1)
    with prefect.context(parameters={"a": "2020-01-01", "b": datetime(2020, 1, 1), "c": None}):
        assert DateTimeParameter("a").run() == moment
        assert DateTimeParameter("b").run() == moment
        assert DateTimeParameter("c").run() is None
        assert DateTimeParameter("d", required=False).run() is None
        with pytest.raises(signals.FAIL):
            DateTimeParameter("d").run()
    with prefect.context(parameters={"a": 5}), pytest.raises(ValueError, match="Parameter 'a' is a date and time"):
        DateTimeParameter("a").run()
    result = DateTimeParameter("a").result
    assert isinstance(result, PrefectResult)
    assert isinstance(result.serializer, DateTimeSerializer)
