"""Ordinary Python into a graph: decorators, tags, values in the place of tasks, and functions that are mapped."""

from collections import OrderedDict, namedtuple
from datetime import timedelta
from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, tags, task, unmapped
from prefect.core.building import as_task, contains_task, defaults_from_attrs, pause_task
from prefect.engine import signals
from prefect.engine.state import Paused
from prefect.tasks.control_flow import merge
from prefect.tasks.core.constants import Constant

EdgeFacts = tuple[str, str, str | None, bool, bool]


@task
def inc(x: int) -> int:
    return x + 1


@task
def same(v: Any) -> Any:
    return v


@task
def add(x: int, y: int) -> int:
    return x + y


def edges_of(flow: Flow) -> set[EdgeFacts]:
    return {
        (flow.slugs[e.upstream_task], flow.slugs[e.downstream_task], e.key, e.mapped, e.flattened) for e in flow.edges
    }


def constants_of(flow: Flow) -> dict[str, dict[str, Any]]:
    return {flow.slugs[task]: values for task, values in flow.constants.items() if values}


class TestTags:
    def test_blocks_add_up_and_are_left(self) -> None:
        with tags("a"):
            with tags("a", "b"):
                assert prefect.context.tags == {"a", "b"}
            assert prefect.context.tags == {"a"}
        assert prefect.context.get("tags") is None


class TestTaskDecorator:
    def test_with_and_without_arguments(self) -> None:
        @task(name="other", max_retries=1, retry_delay=timedelta(1))
        def function() -> int:
            return 1

        assert (function.name, function.max_retries, function.run()) == ("other", 1, 1)
        assert inc.name == "inc"


class TestPause:
    def test_it_pauses_until_the_run_is_resumed(self) -> None:
        with pytest.raises(signals.PAUSE, match="Pause signal raised during task execution"):
            pause_task()
        with pytest.raises(signals.PAUSE) as raised:
            pause_task("later", timedelta(days=1))
        assert raised.value.state.message == "later"
        assert isinstance(raised.value.state, Paused)
        assert raised.value.state.start_time is not None
        with prefect.context(resume=True):
            pause_task("not again")


class TestDefaultsFromAttributes:
    class Pair(Task):
        def __init__(self, a: Any = None, b: Any = None) -> None:
            self.a, self.b = a, b
            super().__init__()

        @defaults_from_attrs("a", "b")
        def run(self, a: Any = None, b: Any = 5, c: Any = 7) -> Any:
            return a, b, c

    def test_what_is_not_given_is_read_from_attributes(self) -> None:
        pair = self.Pair(1, 2)
        assert pair.run() == (1, 2, 7)
        assert pair.run(3) == (3, 2, 7)
        assert pair.run(b=4, c=5) == (1, 4, 5)
        assert pair.run(a=None, b=None) == (None, None, 7)

    def test_the_arguments_stay_those_of_the_method(self) -> None:
        assert list(self.Pair().inputs()) == ["a", "b", "c"]


class TestAsTask:
    def test_tasks_stay_and_values_become_constants(self) -> None:
        assert as_task(inc) is inc
        assert as_task(mapped(inc)) is inc
        for value in (1, "a", None, [1, [2]], (), {"a": 1}, {1}):
            constant = as_task(value)
            assert isinstance(constant, Constant)
            assert constant.auto_generated
            assert constant.value == value

    def test_collections_of_tasks_are_gathered(self) -> None:
        flow = Flow("f")
        pair = namedtuple("pair", "a b")
        values = [[inc, 1], (inc, 1), {inc}, {"a": inc}, OrderedDict(a=[inc]), pair(inc, 1)]
        with flow:
            names = [as_task(value).name for value in values]
        assert names == ["List", "Tuple", "Set", "Dict", "Dict", "Tuple"]

    def test_without_a_flow_they_cannot_be(self) -> None:
        with pytest.raises(ValueError, match="creating edge to <Task: List>"):
            as_task([inc])

    def test_a_set_is_gathered_in_an_order_of_its_own(self) -> None:
        def build() -> set[EdgeFacts]:
            with Flow("f") as flow:
                first, second, third = same(1), same(2), same(3)
                same({third, first, second})
            return {edge for edge in edges_of(flow) if edge[1] == "Set-1"}

        assert build() == {(f"same-{n}", "Set-1", f"arg_{n}", False, False) for n in (1, 2, 3)}

    @pytest.mark.parametrize(
        ("value", "found"),
        [(1, False), ([1, (2, {"a": {3}})], False), ([1, (2, {"a": inc})], True), ({inc: 1}, False), (inc, True)],
    )
    def test_tasks_are_found_at_any_depth(self, value: Any, found: bool) -> None:
        assert contains_task(value) is found


class TestApplyMap:
    def test_every_task_of_the_function_is_mapped(self) -> None:
        with Flow("f") as flow:
            apply_map(lambda x: inc(x) + same(1), [1, 2])
        assert edges_of(flow) == {
            ("[1, 2]-1", "inc-1", "x", True, False),
            ("[1, 2]-1", "same-1", None, True, False),
            ("inc-1", "Add-1", "x", True, False),
            ("same-1", "Add-1", "y", True, False),
        }
        assert constants_of(flow) == {"same-1": {"v": 1}}

    def test_unmapped_arguments_are_handed_whole(self) -> None:
        with Flow("f") as flow:
            apply_map(lambda x, y: inc(x) + y, same([1, 2]), unmapped(same(3)))
        assert edges_of(flow) == {
            ("same-1", "inc-1", "x", True, False),
            ("same-2", "Add-1", "y", False, False),
            ("same-2", "inc-1", None, False, False),
            ("inc-1", "Add-1", "x", True, False),
        }

    def test_unmapped_values_stay_constants(self) -> None:
        with Flow("f") as flow:
            apply_map(lambda x, y: inc(x) + y, [1, 2], y=unmapped(3))
        assert constants_of(flow) == {"Add-1": {"y": 3}}
        assert len(flow.tasks) == 3

    def test_collections_and_branches_are_mapped_too(self) -> None:
        def branches(x: Any) -> Task:
            with case(x, 1):
                a = inc(x)
            with case(x, 2):
                b = inc([a, 1])
            return merge(a, b)

        with Flow("f") as flow:
            apply_map(branches, flatten(same([[1, 2]])))
        facts = edges_of(flow)
        assert ("same-1", "case(1)-1", "value", True, True) in facts
        assert ("case(1)-1", "inc-1", None, True, False) in facts
        assert ("List-1", "inc-2", "x", True, False) in facts
        assert all(is_mapped for _, _, _, is_mapped, _ in facts)
        assert constants_of(flow) == {"same-1": {"v": [[1, 2]]}, "List-1": {"arg_2": 1}}

    def test_it_returns_what_the_function_returns(self) -> None:
        with Flow("f") as flow:
            one, other = apply_map(lambda x, y=1: (inc(x), y), same([1]), y=same([3]))
        assert (flow.slugs[one], flow.slugs[other]) == ("inc-1", "same-2")

    def test_it_runs(self) -> None:
        with Flow("f") as flow:
            result = apply_map(lambda x, y: add(inc(x), y), [1, 2], unmapped(10))
        state = flow.run()
        assert state is not None
        assert state.result[result].result == [12, 13]

    def test_the_flow_may_be_given(self) -> None:
        flow = Flow("f")
        apply_map(inc, [1, 2], flow=flow)
        assert edges_of(flow) == {("[1, 2]-1", "inc-1", "x", True, False)}

    def test_an_explicit_unmapped_holds(self) -> None:
        with Flow("f") as flow:
            outside = same(3)
            apply_map(lambda x: add(inc(x), unmapped(outside)), [1, 2])
        assert ("same-1", "add-1", "y", False, False) in edges_of(flow)

    def test_parameters_can_be_used_inside(self) -> None:
        with Flow("f") as flow:
            offset = Parameter("offset")
            result = apply_map(lambda x: add(x, unmapped(offset)), [1, 2])
        state = flow.run(offset=5)
        assert state is not None
        assert state.result[result].result == [6, 7]

    def test_what_is_refused(self) -> None:
        with pytest.raises(ValueError, match="Couldn't infer a flow in the current context"):
            apply_map(inc, [1])
        with pytest.raises(TypeError, match="Cannot map over non-sequence object of type `int`"), Flow("f"):
            apply_map(inc, 3)
        with pytest.raises(ValueError, match="Cannot set `mapped=True` when running from inside a mapped"), Flow("f"):
            apply_map(inc.map, [[1, 2]])
        with pytest.raises(ValueError, match="from inside a mapped context"), Flow("f"):
            apply_map(lambda x: apply_map(inc, x), [[1, 2]])


def test_the_porch_leads_here() -> None:
    from prefect.utilities import tasks

    assert tasks.as_task is as_task
    assert tasks.apply_map is apply_map
    assert tasks.tags is tags
    assert tasks.task is task
