"""Tasks, parameters and edges on the wire."""

import functools
from datetime import timedelta
from typing import Any

import pendulum
import pytest

from prefect.core.edge import Edge
from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.engine.cache_validators import duration_only, never_use, partial_inputs_only, partial_parameters_only
from prefect.exceptions import ValidationError
from prefect.serialization.edge import EdgeSchema, dump_edge, load_edge
from prefect.serialization.task import ParameterSchema, TaskSchema, dump_parameter, dump_task, load_parameter, load_task
from prefect.triggers import all_failed, all_finished, all_successful, some_failed
from prefect.utilities.version import VERSION


def own_trigger(upstream_states: Any) -> bool:
    return True


def own_factory(secret: object) -> Any:
    def trigger(upstream_states: Any) -> bool:
        return secret is not None

    return trigger


class Judge:
    def __call__(self, upstream_states: Any) -> bool:
        return True


@pytest.mark.parametrize(
    ("trigger", "reference"),
    [
        (all_finished, {"fn": "prefect.triggers.all_finished", "kwargs": {}}),
        (
            some_failed(at_least=0.5, at_most=3),
            {"fn": "prefect.triggers.some_failed", "kwargs": {"at_least": 0.5, "at_most": 3}},
        ),
        (own_trigger, {"fn": f"{__name__}.own_trigger", "kwargs": {}}),
        (own_factory(object()), {"fn": f"{__name__}.own_factory.<locals>.trigger", "kwargs": {}}),
        (Judge(), {"fn": f"{__name__}.Judge", "kwargs": {}}),
        (functools.partial(own_trigger), {"fn": "functools.partial", "kwargs": {}}),
    ],
)
def test_triggers_travel_by_name(trigger: Any, reference: dict[str, Any]) -> None:
    assert dump_task(Task("a", trigger=trigger))["trigger"] == reference


@pytest.mark.parametrize(
    ("validator", "kwargs"),
    [
        (partial_inputs_only(["x"]), {"validate_on": ["x"]}),
        (partial_parameters_only(["p", "q"]), {"validate_on": ["p", "q"]}),
        (duration_only, {}),
    ],
)
def test_cache_validators_travel_with_their_arguments(validator: Any, kwargs: dict[str, Any]) -> None:
    dumped = dump_task(Task("a", cache_for=timedelta(1), cache_validator=validator))
    assert dumped["cache_validator"]["kwargs"] == kwargs
    assert dump_task(load_task(dumped))["cache_validator"] == dumped["cache_validator"]


def test_every_field_of_a_task_makes_the_round_trip() -> None:
    task = Task(
        "a",
        slug="s",
        tags=["b", "a"],
        max_retries=3,
        retry_delay=timedelta(minutes=1.5),
        timeout=5,
        trigger=some_failed(at_least=1),
        skip_on_upstream_skip=False,
        cache_for=timedelta(days=1, hours=2),
        cache_key="k",
    )
    task.auto_generated = True
    dumped = TaskSchema().dump(task)
    loaded = TaskSchema().load(dumped)
    assert dumped["tags"] == ["a", "b"]
    assert (loaded.retry_delay, loaded.cache_for) == (timedelta(seconds=90), timedelta(hours=26))
    assert (loaded.name, loaded.slug, loaded.max_retries, loaded.timeout) == ("a", "s", 3, 5)
    assert TaskSchema().dump(loaded) == {**dumped, "type": "prefect.core.task.Task"}


def test_a_task_needs_nothing() -> None:
    task = load_task({})
    assert (task.name, task.slug, task.tags, task.max_retries) == ("Task", None, set(), 0)
    assert task.trigger is all_successful
    assert task.cache_validator is never_use


def test_what_only_the_author_has_becomes_the_default() -> None:
    task = load_task({"name": "a", "trigger": {"fn": "my.trigger"}, "cache_validator": {"fn": "my.validator"}})
    assert task.trigger is all_successful
    assert task.cache_validator is never_use
    assert load_task({"trigger": {"fn": "prefect.triggers.all_failed"}}).trigger is all_failed


def test_lengths_of_time_are_whole_seconds() -> None:
    task = load_task({"max_retries": "1", "retry_delay": 1.7, "timeout": 2.5})
    assert (task.max_retries, task.retry_delay, task.timeout) == (1, timedelta(seconds=1), 2)
    for timeout in (True, "soon", float("inf"), [1]):
        with pytest.raises(ValidationError, match="timeout of task 'a' must be a whole number"):
            load_task({"name": "a", "timeout": timeout})


def test_annotations_travel_as_text() -> None:
    class Typed(Task):
        def run(self, x: int, y: "list[str] | None" = None, **rest: Any) -> dict[str, int]:
            return {}

    dumped = dump_task(Typed())
    assert dumped["outputs"] == "dict[str, int]"
    assert dumped["inputs"]["x"] == {"required": True, "type": "<class 'int'>"}
    assert dumped["inputs"]["y"] == {"required": False, "type": "list[str] | None"}


def test_inputs_are_asked_of_the_task_itself() -> None:
    class Special(Task):
        def inputs(self) -> dict[str, dict[str, Any]]:
            return {"anything": {"required": True, "type": ["not", "hashable"]}}

        def outputs(self) -> Any:
            return str

    dumped = dump_task(Special())
    assert dumped["inputs"] == {"anything": {"required": True, "type": "['not', 'hashable']"}}
    assert dumped["outputs"] == "<class 'str'>"


def test_a_parameter_makes_the_round_trip() -> None:
    parameter = Parameter("x", default={"a": (1, 2)}, tags=["t"])
    dumped = ParameterSchema().dump(parameter)
    assert dumped == {
        "name": "x",
        "slug": "x",
        "type": "prefect.core.parameter.Parameter",
        "tags": ["t"],
        "required": False,
        "default": {"a": [1, 2]},
        "outputs": "typing.Any",
        "__version__": VERSION,
    }
    assert ParameterSchema().dump(ParameterSchema().load(dumped)) == dumped
    assert parameter.serialize() == dumped


def test_a_parameter_is_required_unless_it_says_otherwise() -> None:
    assert load_parameter({"name": "x"}).required
    odd = load_parameter({"name": "x", "required": True, "default": 3, "slug": "q"})
    assert (odd.required, odd.default, odd.slug) == (True, 3, "x")
    with pytest.raises(ValidationError, match="default of parameter 'x'"):
        dump_parameter(Parameter("x", default={1, 2}))


def test_edges_know_their_tasks_by_slug() -> None:
    edge = Edge(Task("a", slug="a-1"), Task("b", slug="b-1"), key="k", mapped=True, flattened=True)
    dumped = EdgeSchema().dump(edge)
    assert dumped == {
        "upstream_task": {"slug": "a-1", "__version__": VERSION},
        "downstream_task": {"slug": "b-1", "__version__": VERSION},
        "key": "k",
        "mapped": True,
        "flattened": True,
        "__version__": VERSION,
    }
    loaded = EdgeSchema().load(dumped)
    assert dump_edge(loaded) == dumped
    assert edge.serialize() == dumped


def test_an_edge_needs_both_ends() -> None:
    loaded = load_edge({"upstream_task": {"slug": "a"}, "downstream_task": {"slug": "b"}, "mapped": None})
    assert (loaded.key, loaded.mapped, loaded.flattened) == (None, False, False)
    with pytest.raises(ValidationError, match="must have its downstream_task"):
        load_edge({"upstream_task": {"slug": "a"}})


def test_a_delay_may_be_a_duration_of_pendulum() -> None:
    task = Task(name="again", max_retries=1, retry_delay=pendulum.duration(minutes=2))
    assert dump_task(task)["retry_delay"] == 120
