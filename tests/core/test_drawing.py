"""A flow as a picture."""

import sys
from types import ModuleType
from typing import Any

import pytest

from prefect import Flow, task
from prefect.engine.state import Success


@task
def inc(x: int) -> int:
    return x + 1


class Digraph:
    """Stands in for graphviz: remembers what was drawn."""

    def __init__(self, name: str, graph_attr: dict[str, str]) -> None:
        self.name = name
        self.graph_attr = graph_attr
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, str, str]] = []
        self.rendered: list[Any] = []

    def node(self, name: str, **look: str) -> None:
        self.nodes[name] = look

    def edge(self, tail: str, head: str, label: str, style: str) -> None:
        self.edges.append((tail, head, label, style))

    def render(self, filename: str, format: str, view: bool, cleanup: bool) -> None:
        self.rendered.append((filename, format, view, cleanup))


@pytest.fixture
def flow() -> Flow:
    with Flow("f") as flow:
        inc.map([inc(1), 2])
    return flow


@pytest.fixture
def graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("graphviz")
    module.Digraph = Digraph  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "graphviz", module)


@pytest.mark.usefixtures("graphviz")
def test_tasks_and_edges_are_drawn(flow: Flow) -> None:
    picture = flow.visualize(horizontal=True)
    assert picture.name == "f"
    assert picture.graph_attr == {"rankdir": "LR"}
    assert {slug: look["shape"] for slug, look in picture.nodes.items()} == {
        "inc-1": "ellipse",
        "List-1": "ellipse",
        "inc-2": "box",
    }
    assert picture.edges == [("List-1", "inc-2", "x", "dashed"), ("inc-1", "List-1", "arg_1", "solid")]


@pytest.mark.usefixtures("graphviz")
def test_states_give_the_colours(flow: Flow) -> None:
    (first, *_) = flow.sorted_tasks()
    picture = flow.visualize(flow_state=Success(result={first: Success()}))
    assert picture.nodes["inc-1"]["color"] == Success.color
    assert "color" not in picture.nodes["inc-2"]


@pytest.mark.usefixtures("graphviz")
@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ({"filename": "a"}, ("a", "pdf")),
        ({"filename": "a.png"}, ("a", "png")),
        ({"filename": "a.b", "format": "svg"}, ("a.b", "svg")),
        ({"filename": "a.svg", "format": "svg"}, ("a", "svg")),
    ],
)
def test_it_is_written_where_it_is_told(flow: Flow, arguments: dict[str, Any], written: tuple[str, str]) -> None:
    assert flow.visualize(**arguments).rendered == [(*written, False, True)]


def test_without_graphviz_the_error_says_what_to_install(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match=r"pip install 'quaestor\[viz\]'"):
        flow.visualize()
