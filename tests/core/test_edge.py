"""Edges and the annotations that say how data travels along them."""

import cloudpickle
import pytest

from prefect.core.edge import Edge, EdgeAnnotation, flatten, is_valid_identifier, mapped, unmapped
from prefect.core.flow import Flow
from prefect.core.task import Task
from prefect.tasks.core.collections import List


@pytest.fixture
def ends() -> tuple[Task, Task]:
    return Task(name="up"), Task(name="down")


def test_an_edge_knows_its_ends(ends: tuple[Task, Task]) -> None:
    edge = Edge(*ends, key="x", mapped=True)
    assert (edge.upstream_task, edge.downstream_task) == ends
    assert edge.tasks == set(ends)
    assert (edge.key, edge.mapped, edge.flattened) == ("x", True, False)
    assert repr(edge) == "<Edge(key=x, mapped=True, flattened=False): up to down>"


@pytest.mark.parametrize("key", ["x y", "class", 3, "1x", ""])
def test_a_key_must_be_the_name_of_an_argument(ends: tuple[Task, Task], key: str) -> None:
    with pytest.raises(ValueError, match="Key must be a valid identifier"):
        Edge(*ends, key=key)


def test_an_edge_does_not_lead_back(ends: tuple[Task, Task]) -> None:
    with pytest.raises(ValueError, match="Edges can not connect a task to itself"):
        Edge(ends[0], ends[0])


def test_identifiers() -> None:
    assert is_valid_identifier("x_1")
    assert not is_valid_identifier("lambda")
    assert not is_valid_identifier(None)


def test_edges_are_equal_when_all_their_parts_are(ends: tuple[Task, Task]) -> None:
    edge = Edge(*ends, key="x")
    assert edge == Edge(*ends, key="x")
    assert hash(edge) == hash(Edge(*ends, key="x"))
    for other in (
        Edge(*ends),
        Edge(*ends, key="x", mapped=True),
        Edge(*ends, key="x", flattened=True),
        Edge(ends[1], ends[0], key="x"),
        Edge(Task(name="up"), ends[1], key="x"),
    ):
        assert edge != other
    assert edge != 3


def test_annotations_win_over_arguments(ends: tuple[Task, Task]) -> None:
    assert Edge(mapped(ends[0]), ends[1]).mapped
    assert not Edge(unmapped(ends[0]), ends[1], mapped=True).mapped
    assert Edge(flatten(ends[0]), ends[1]).flattened


def test_of_nested_annotations_the_innermost_holds() -> None:
    assert mapped(flatten(unmapped(1))).annotations == {"mapped": False, "flattened": True}
    assert unmapped(mapped(1)).annotations == {"mapped": True}
    assert flatten(mapped(1)).value == 1
    assert EdgeAnnotation.annotations == {}
    assert repr(mapped([1])) == "mapped([1])"


def test_values_become_tasks(ends: tuple[Task, Task]) -> None:
    assert Edge(1, ends[1], key="x").upstream_task.name == "1"
    flow = Flow("f")
    edge = Edge([ends[0], 1], ends[1], key="x", flow=flow)
    assert isinstance(edge.upstream_task, List)
    assert ends[0] in flow.tasks


def test_an_edge_survives_pickling(ends: tuple[Task, Task]) -> None:
    edges = {Edge(*ends, key="x"), Edge(*ends)}
    loaded = cloudpickle.loads(cloudpickle.dumps(edges))
    assert sorted(str(edge) for edge in loaded) == sorted(str(edge) for edge in edges)
    assert all(edge in loaded for edge in list(loaded))


def test_the_porch_leads_here() -> None:
    from prefect.utilities import edges

    assert edges.mapped is mapped
    assert edges.unmapped is unmapped
    assert edges.flatten is flatten
