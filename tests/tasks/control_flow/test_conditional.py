"""Branches as tasks."""

from typing import Any

import pytest

from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.tasks.control_flow import ifelse, merge, switch
from prefect.tasks.control_flow.conditional import CompareValue, Merge
from prefect.triggers import not_all_skipped


@task
def same(v: Any) -> Any:
    return v


def edges_of(flow: Flow) -> set[tuple[str, str, str | None, bool]]:
    return {(flow.slugs[e.upstream_task], flow.slugs[e.downstream_task], e.key, e.mapped) for e in flow.edges}


class TestCompareValue:
    def test_it_skips_what_differs(self) -> None:
        compare = CompareValue(3)
        assert compare.name == 'CompareValue: "3"'
        assert CompareValue(3, name="n").name == "n"
        compare.run(3)
        with pytest.raises(signals.SKIP, match='Provided value "4" did not match "3"'):
            compare.run(4)


class TestMerge:
    def test_the_first_that_is_there(self) -> None:
        assert Merge().run(task_1=None, task_2=3, task_10=4) == 3
        assert Merge().run(task_10=4, task_9=3) == 3
        assert Merge().run(task_1=0, task_2=3) == 0
        assert Merge().run(task_1=None) is None
        assert Merge().run() is None

    def test_it_runs_unless_all_were_skipped(self) -> None:
        merging = Merge()
        assert merging.trigger is not_all_skipped
        assert merging.skip_on_upstream_skip is False

    def test_values_are_never_compared(self) -> None:
        class Awkward:
            def __eq__(self, other: object) -> bool:
                raise AssertionError("compared")

            def __bool__(self) -> bool:
                raise AssertionError("asked for truth")

        awkward = Awkward()
        assert Merge().run(task_1=awkward) is awkward

    def test_branches_are_bound_in_order(self) -> None:
        flow = Flow("f")
        merged = merge(same, 2, flow=flow, name="m", checkpoint=False)
        assert (merged.name, merged.checkpoint) == ("m", False)
        assert edges_of(flow) == {("same-1", "m-1", "task_1", False)}
        assert flow.constants[merged] == {"task_2": 2}

    def test_mapped(self) -> None:
        with Flow("f") as flow:
            merged = merge(same([None, 2]), same([3, 4]), mapped=True)
        state = flow.run()
        assert state is not None
        assert state.result[merged].result == [3, 2]


class TestSwitch:
    @pytest.mark.parametrize(("value", "ran"), [("x", [True, False]), ("y", [False, True]), ("z", [False, False])])
    def test_the_task_of_the_value_runs(self, value: str, ran: list[bool]) -> None:
        with Flow("f") as flow:
            x, y = same("X"), same("Y")
            switch(same(value), {"x": x, "y": y})
        state = flow.run()
        assert state is not None
        assert [not state.result[branch].is_skipped() for branch in (x, y)] == ran

    def test_comparisons_are_tagged(self) -> None:
        with Flow("f") as flow:
            switch(same(1), {1: same(2)})
        assert edges_of(flow) == {
            ("same-1", 'CompareValue: "1"-switch-1', "value", False),
            ('CompareValue: "1"-switch-1', "same-2", None, False),
        }

    def test_only_the_collection_of_a_branch_is_skipped(self) -> None:
        with Flow("f") as flow:
            member = same("member")
            switch(same(1), {2: [member]})  # type: ignore[dict-item]
        state = flow.run()
        assert state is not None
        assert state.result[member].is_successful()
        (collected,) = flow.get_tasks(name="List")
        assert state.result[collected].is_skipped()

    def test_parameters_cannot_be_branches(self) -> None:
        with pytest.raises(ValueError, match="Parameters must be root tasks"), Flow("f"):
            switch(same(1), {1: Parameter("p")})


class TestIfElse:
    @pytest.mark.parametrize("condition", [True, 0, "text", []])
    def test_the_condition_is_taken_as_true_or_false(self, condition: Any) -> None:
        with Flow("f") as flow:
            yes, no = same("yes"), same("no")
            ifelse(same(condition), yes, no)
        state = flow.run()
        assert state is not None
        assert state.result[yes].is_skipped() is not bool(condition)
        assert state.result[no].is_skipped() is bool(condition)

    def test_a_missing_branch_adds_nothing(self) -> None:
        with Flow("f") as flow:
            ifelse(same(1), None, same(2))
            ifelse(same(1), None, None)
        assert [task.name for task in flow.tasks if "Compare" in task.name] == ['CompareValue: "False"']

    def test_mapped(self) -> None:
        with Flow("f") as flow:
            yes, no = same.map(["a", "b"]), same.map(["c", "d"])
            ifelse(same([True, False]), yes, no, mapped=True)
            merged = merge(yes, no, mapped=True)
        assert all(is_mapped for _, end, _, is_mapped in edges_of(flow) if "Compare" in end or end == "as_bool-1")
        state = flow.run()
        assert state is not None
        assert state.result[merged].result == ["a", "d"]
