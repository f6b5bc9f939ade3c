"""The graph beneath a flow: slugs, edges, order, and that no change breaks it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect import Flow, Parameter, Task, tags, task
from prefect.core.edge import Edge
from prefect.core.graph import Graph, cache
from prefect.tasks.core.constants import Constant
from prefect.utilities.configuration import set_temporary_config


class Named(Task):
    def run(self, x: Any = None, y: Any = None) -> Any:
        return x


@task
def inc(x: int) -> int:
    return x + 1


def chain_of(*names: str) -> tuple[Flow, list[Task]]:
    tasks: list[Task] = [Named(name=name) for name in names]
    flow = Flow("chain", tasks=tasks)
    flow.chain(*tasks)
    return flow, tasks


class TestSlugs:
    def test_a_slug_is_the_name_the_tags_and_a_number(self) -> None:
        flow = Flow("f", tasks=[Named(name="a"), Named(name="a"), Named(name="a", tags=["z", "b"]), Parameter("p")])
        assert list(flow.slugs.values()) == ["a-1", "a-2", "a-b-z-1", "p"]

    def test_a_slug_is_given_once(self) -> None:
        task = Named(name="a")
        flow = Flow("f", tasks=[task])
        task.name = "b"
        task.tags.add("t")
        flow.add_task(task)
        assert flow.slugs == {task: "a-1"}

    def test_slugs_of_the_user_are_kept_and_avoided(self) -> None:
        flow = Flow("f", tasks=[Named(name="a", slug="a-1"), Named(name="a"), Named(name="a")])
        assert list(flow.slugs.values()) == ["a-1", "a-2", "a-3"]
        with pytest.raises(ValueError, match='A task with the slug "a-1" already exists'):
            flow.add_task(Named(slug="a-1"))
        assert len(flow.tasks) == 3

    def test_one_task_may_belong_to_several_flows(self) -> None:
        task = Named(slug="s")
        assert Flow("f", tasks=[task]).slugs == Flow("g", tasks=[task]).slugs

    @given(
        st.lists(
            st.tuples(st.sampled_from(["a", "b", "a-1", "a-b"]), st.sets(st.sampled_from(["b", "1"])), st.booleans())
        )
    )
    def test_slugs_are_unique_and_the_same_every_time(self, wanted: list[tuple[str, set[str], bool]]) -> None:
        def build() -> list[str]:
            flow = Flow("f")
            for number, (name, task_tags, own) in enumerate(wanted):
                flow.add_task(Named(name=name, tags=task_tags, slug=f"own-{number}" if own else None))
            return list(flow.slugs.values())

        slugs = build()
        assert len(set(slugs)) == len(wanted)
        assert slugs == build()


class TestEdges:
    def test_only_tasks_can_be_added(self) -> None:
        with pytest.raises(TypeError, match="Tasks must be Task instances \\(received <class 'int'>\\)"):
            Flow("f").add_task(3)  # type: ignore[arg-type]

    def test_the_same_edge_is_added_once(self) -> None:
        flow, (a, b) = chain_of("a", "b")
        first = flow.add_edge(a, b, key="x")
        assert flow.add_edge(a, b, key="x") is first
        assert len(flow.edges) == 2

    def test_self_edges_are_refused(self) -> None:
        flow, (a,) = chain_of("a")
        with pytest.raises(ValueError, match="Edges can not connect a task to itself"):
            flow.add_edge(a, a)
        with pytest.raises(ValueError, match="Edges can not connect a task to itself"), flow:
            inc.bind(inc)

    def test_cycles_are_found_when_the_flow_is_validated(self) -> None:
        flow, (a, b) = chain_of("a", "b")
        flow.add_edge(b, a)
        for question in (flow.validate, flow.sorted_tasks, flow.serialize, lambda: list(flow)):
            with pytest.raises(ValueError, match="Cycle found; flows must be acyclic!"):
                question()

    def test_cycles_are_found_at_once_where_that_is_wanted(self) -> None:
        flow, (a, b) = chain_of("a", "b")
        with pytest.raises(ValueError, match="Cycle found"):
            flow.add_edge(b, a, validate=True)
        flow, (a, b) = chain_of("a", "b")
        with set_temporary_config({"flows.eager_edge_validation": True}):
            with pytest.raises(ValueError, match="Cycle found"):
                flow.add_edge(b, a)

    def test_validation_looks_at_arguments(self) -> None:
        flow, (a, b) = chain_of("a", "b")
        flow.add_edge(a, b, key="x", validate=True)
        with pytest.raises(ValueError, match='Argument "x" for task <Task: b> has already been assigned'):
            flow.add_edge(Named(), b, key="x", validate=True)
        with pytest.raises(TypeError, match="got an unexpected keyword argument 'z'"):
            flow.add_edge(a, b, key="z", validate=True)

    def test_an_argument_bound_twice_does_not_validate(self) -> None:
        flow, (a, b, c) = chain_of("a", "b", "c")
        flow.add_edge(a, c, key="x")
        flow.add_edge(b, c, key="x")
        with pytest.raises(ValueError, match='Argument "x" for task <Task: c> has already been assigned'):
            flow.validate()

    def test_a_value_by_key_is_a_constant_and_without_a_key_a_task(self) -> None:
        flow = Flow("f")
        down = Named()
        flow.add_edge(1, down, key="x")
        assert (flow.constants, flow.tasks, flow.edges) == ({down: {"x": 1}}, {down}, set())
        edge = flow.add_edge(2, down)
        assert isinstance(edge.upstream_task, Constant)
        assert flow.edges == {edge}

    def test_collections_without_tasks_are_one_constant(self) -> None:
        flow = Flow("f")
        down, up = Named(), Named()
        flow.set_dependencies(down, keyword_tasks={"x": [1, {"a": (2,)}], "y": [1, up]})
        assert flow.constants[down] == {"x": [1, {"a": (2,)}]}
        (edge,) = flow.edges_to(down)
        assert edge.upstream_task.name == "List"
        assert edge.upstream_task.auto_generated
        assert flow.constants[edge.upstream_task] == {"arg_1": 1}

    def test_keys_of_constants_are_looked_at_too(self) -> None:
        with pytest.raises(ValueError, match="Key must be a valid identifier"):
            Flow("f").set_dependencies(Named(), keyword_tasks={"x y": 1})

    def test_dependencies_of_all_kinds(self) -> None:
        flow = Flow("f")
        task, before, after, given = Named(name="t"), Named(name="before"), Named(name="after"), Named(name="given")
        flow.set_dependencies(
            task, upstream_tasks=[before], downstream_tasks=[after], keyword_tasks={"x": given}, mapped=True
        )
        assert {(e.upstream_task, e.downstream_task, e.key, e.mapped) for e in flow.edges} == {
            (before, task, None, True),
            (given, task, "x", True),
            (task, after, None, False),
        }
        assert flow.upstream_tasks(task) == {before, given}
        assert flow.downstream_tasks(task) == {after}
        assert flow.all_upstream_edges()[after] == flow.edges_from(task)
        assert flow.all_downstream_edges()[after] == set()
        assert flow.root_tasks() == {before, given}
        assert flow.terminal_tasks() == {after}

    def test_what_is_handed_out_is_a_copy(self) -> None:
        flow, (_, b) = chain_of("a", "b")
        flow.edges_to(b).clear()
        flow.all_upstream_edges()[b].clear()
        flow.reference_tasks().clear()
        assert len(flow.edges_to(b)) == 1
        assert flow.reference_tasks() == {b}

    @pytest.mark.parametrize(
        "ask",
        [
            lambda flow, task: flow.edges_to(task),
            lambda flow, task: flow.edges_from(task),
            lambda flow, task: flow.upstream_tasks(task),
            lambda flow, task: flow.downstream_tasks(task),
            lambda flow, task: flow.sorted_tasks([task]),
            lambda flow, task: flow.replace(task, 3),
        ],
    )
    def test_tasks_of_other_flows_are_unknown(self, ask: Callable[[Flow, Task], Any]) -> None:
        flow, _ = chain_of("a")
        with pytest.raises(
            ValueError, match=re.escape('Task <Task: Named> was not found in Flow <Flow: name="chain">')
        ):
            ask(flow, Named())

    def test_changes_behind_its_back_are_noticed(self) -> None:
        flow, (a, b, c) = chain_of("a", "b", "c")
        assert flow.sorted_tasks() == (a, b, c)
        flow.edges.clear()
        assert flow.root_tasks() == {a, b, c}
        flow.edges.add(Edge(c, a))
        assert flow.sorted_tasks() == (b, c, a)


class TestQuestions:
    def test_tasks_are_found_by_what_is_known_of_them(self) -> None:
        with Flow("f") as flow, tags("t"):
            parameter = Parameter("p")()
            first, second = Named(name="a", tags=["u"])(), Named(name="a")()
        assert flow.get_tasks(name="a") == [first, second]
        assert flow.get_tasks(slug="p") == [parameter]
        assert flow.get_tasks(tags=["t", "u"]) == [first]
        assert flow.get_tasks(tags="u") == [first]
        assert flow.get_tasks(task_type=Parameter) == [parameter]
        assert flow.get_tasks(name="a", slug="p") == []
        assert flow.get_tasks() == [parameter, first, second]
        assert flow.parameters() == {parameter}

    def test_reference_tasks_are_the_terminal_ones_unless_set(self) -> None:
        flow, (a, b, c) = chain_of("a", "b", "c")
        assert flow.reference_tasks() == {c}
        flow.set_reference_tasks([a, b])
        assert flow.reference_tasks() == {a, b}
        flow.set_reference_tasks([])
        assert flow.reference_tasks() == {c}
        with pytest.raises(ValueError, match="reference tasks must be part of the flow"):
            flow.set_reference_tasks([Named()])

    def test_an_empty_flow_is_valid(self) -> None:
        flow = Flow("f")
        flow.validate()
        assert (flow.sorted_tasks(), flow.reference_tasks(), list(flow)) == ((), set(), [])

    def test_order_from_some_tasks_on(self) -> None:
        flow, (a, b, c) = chain_of("a", "b", "c")
        flow.add_task(Named(name="apart"))
        assert flow.sorted_tasks([b]) == (b, c)
        assert flow.sorted_tasks([c, a]) == (a, b, c)
        assert flow.chain(a) == []

    def test_answers_are_kept_until_the_graph_changes(self) -> None:
        asked: list[Graph] = []

        class Asked(Graph):
            @cache
            def size(self) -> int:
                asked.append(self)
                return len(self.tasks)

        graph = Asked()
        assert [graph.size(), graph.size()] == [0, 0]
        graph.add_task(Named())
        assert graph.size() == 1
        assert len(asked) == 2


class TestReplace:
    def test_edges_and_say_are_taken_over(self) -> None:
        flow, (a, b, c) = chain_of("a", "b", "c")
        flow.set_reference_tasks([b])
        flow.replace(b, inc)
        assert {(e.upstream_task, e.downstream_task) for e in flow.edges} == {(a, inc), (inc, c)}
        assert flow.reference_tasks() == {inc}
        assert flow.slugs == {a: "a-1", c: "c-1", inc: "inc-1"}

    def test_constants_are_taken_over(self) -> None:
        old, new = Named(name="old"), Named(name="new")
        flow = Flow("f")
        flow.set_dependencies(old, keyword_tasks={"x": 4})
        flow.replace(old, new)
        assert flow.constants == {new: {"x": 4}}

    def test_a_value_becomes_a_constant_of_those_who_took_it_by_key(self) -> None:
        old, taker, follower = Named(name="old"), Named(name="taker"), Named(name="follower")
        flow = Flow("f")
        flow.add_edge(old, taker, key="x")
        flow.add_edge(old, follower)
        flow.replace(old, 3)
        assert flow.constants == {taker: {"x": 3}}
        ((edge),) = flow.edges
        assert (edge.upstream_task.name, edge.downstream_task) == ("3", follower)

    def test_a_slug_that_is_taken_changes_nothing(self) -> None:
        flow, (a, b) = chain_of("a", "b")
        flow.add_task(Parameter("p"))
        before = flow.copy()
        with pytest.raises(ValueError, match='slug "p" already exists'):
            flow.replace(a, Parameter("p"))
        assert flow == before
        assert flow.sorted_tasks() == before.sorted_tasks()
        assert b in flow.tasks

    def test_a_parameter_may_follow_one_of_the_same_name(self) -> None:
        old, new, taker = Parameter("x"), Parameter("x", default=1), Named()
        flow = Flow("f")
        flow.add_edge(old, taker, key="x")
        flow.replace(old, new)
        assert flow.parameters() == {new}
        assert flow.upstream_tasks(taker) == {new}


class TestUpdate:
    def build(self, name: str) -> tuple[Flow, Parameter, Task]:
        with Flow(name) as flow:
            parameter = Parameter("p")
            return flow, parameter, inc(parameter)

    def test_everything_is_added(self) -> None:
        flow, (a,) = chain_of("a")
        with Flow("g") as other:
            b = inc(1)
            c = inc(b)
        flow.update(other)
        assert flow.tasks == {a, b, c}
        assert flow.edges == other.edges
        assert flow.constants == {b: {"x": 1}}
        assert other.tasks == {b, c}

    def test_parameters_of_one_name_are_merged_on_request(self) -> None:
        flow, parameter, first = self.build("f")
        other, _, second = self.build("g")
        before = flow.copy()
        with pytest.raises(ValueError, match='slug "p" already exists'):
            flow.update(other)
        assert flow == before
        flow.update(other, merge_parameters=True)
        assert flow.tasks == {parameter, first, second}
        assert flow.upstream_tasks(second) == {parameter}

    def test_reference_tasks_stay_or_are_merged(self) -> None:
        flow, parameter, _ = self.build("f")
        flow.set_reference_tasks([parameter])
        with Flow("g") as other:
            a = inc(1)
            inc(a)
        other.set_reference_tasks([a])
        kept = flow.copy()
        kept.update(other)
        assert kept.reference_tasks() == {parameter}
        flow.update(other, merge_reference_tasks=True)
        assert flow.reference_tasks() == {parameter, a}


Pairs = list[tuple[int, int]]


@st.composite
def acyclic_flows(draw: st.DrawFn) -> Flow:
    """Flows of up to a dozen tasks whose edges lead from earlier to later ones, added in any order."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations(range(count)))
    tasks = [Named(name=f"t{number % 3}") for number in range(count)]
    pairs: Pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30))
    flow = Flow("f", tasks=[tasks[number] for number in order])
    for pair in pairs:
        start, end = min(pair), max(pair)
        if start != end:
            flow.add_edge(tasks[start], tasks[end], key=draw(st.sampled_from([None, f"x{start}"])))
    return flow


def check_invariants(flow: Flow) -> None:
    order = flow.sorted_tasks()
    position = {task: number for number, task in enumerate(order)}
    assert set(order) == flow.tasks == set(flow.slugs)
    assert len(order) == len(flow.tasks)
    assert len(set(flow.slugs.values())) == len(flow.slugs)
    for edge in flow.edges:
        assert position[edge.upstream_task] < position[edge.downstream_task]
        assert edge in flow.edges_to(edge.downstream_task)
        assert edge in flow.edges_from(edge.upstream_task)
    for ends in (flow.all_upstream_edges(), flow.all_downstream_edges()):
        assert set(ends) == flow.tasks
        assert set().union(*ends.values()) == flow.edges
    assert flow.reference_tasks() <= flow.tasks
    assert bool(flow.tasks) == bool(flow.reference_tasks())


@given(acyclic_flows())
def test_order_is_topological_and_always_the_same(flow: Flow) -> None:
    check_invariants(flow)
    again = Flow("f", tasks=list(flow.slugs), edges=sorted(flow.edges, key=str, reverse=True))
    assert again.sorted_tasks() == flow.sorted_tasks()
    assert again == flow


@given(acyclic_flows(), st.data())
def test_replacing_keeps_the_graph_whole(flow: Flow, data: st.DataObject) -> None:
    old = data.draw(st.sampled_from(flow.sorted_tasks()))
    before, after = flow.upstream_tasks(old), flow.downstream_tasks(old)
    new = Named(name="new")
    flow.replace(old, new)
    check_invariants(flow)
    assert old not in flow.tasks
    assert (flow.upstream_tasks(new), flow.downstream_tasks(new)) == (before, after)


@given(acyclic_flows(), acyclic_flows())
def test_updating_keeps_the_graph_whole(flow: Flow, other: Flow) -> None:
    tasks, edges = flow.tasks | other.tasks, flow.edges | other.edges
    flow.update(other)
    check_invariants(flow)
    check_invariants(other)
    assert (flow.tasks, flow.edges) == (tasks, edges)


@given(acyclic_flows())
def test_copies_are_equal_and_apart(flow: Flow) -> None:
    copy = flow.copy()
    assert copy == flow
    assert copy.slugs == flow.slugs
    copy.add_edge(Named(name="new"), copy.sorted_tasks()[0])
    check_invariants(copy)
    check_invariants(flow)
    assert len(copy.tasks) == len(flow.tasks) + 1
    assert len(copy.edges) == len(flow.edges) + 1
