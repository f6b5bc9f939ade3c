"""A flow as a picture."""

import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from prefect import Flow, Parameter, task
from prefect.core.drawing import picture_of
from prefect.engine.state import Failed, Mapped, State, Success


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
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")


@pytest.fixture(params=["library", "program"])
def no_graphviz(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, graphviz: None) -> None:
    """Graphviz is missing, or the half of it."""
    if request.param == "library":
        monkeypatch.setitem(sys.modules, "graphviz", None)
    else:
        monkeypatch.setattr(shutil, "which", lambda name: None)


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


@pytest.mark.usefixtures("no_graphviz")
class TestWithoutGraphviz:
    def test_notebooks_show_a_picture_all_the_same(self, flow: Flow) -> None:
        picture = flow.visualize()
        assert picture._repr_svg_().startswith("<svg ")

    @pytest.mark.parametrize(
        ("arguments", "written"),
        [
            ({"filename": "a"}, "a.svg"),
            ({"filename": "a.svg"}, "a.svg"),
            ({"filename": "a.b", "format": "svg"}, "a.b.svg"),
            ({"filename": "a.svg", "format": "svg"}, "a.svg"),
        ],
    )
    def test_it_is_written_as_svg(
        self, flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, written: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        picture = flow.visualize(**arguments)
        assert [path.name for path in tmp_path.iterdir()] == [written]
        assert (tmp_path / written).read_text() == picture.svg

    def test_for_anything_else_the_error_says_what_to_install(self, flow: Flow, tmp_path: Path) -> None:
        with pytest.raises(ImportError, match=r"as png requires graphviz: `pip install 'quaestor\[viz\]'`.*`dot`"):
            flow.visualize(filename=str(tmp_path / "a.png"))
        assert list(tmp_path.iterdir()) == []

    def test_the_source_is_what_graphviz_would_read(self, flow: Flow) -> None:
        assert flow.visualize(horizontal=True).source.splitlines() == [
            'digraph "f" {',
            "\tgraph [rankdir=LR]",
            '\t"inc-1" [label="inc" shape="ellipse"]',
            '\t"List-1" [label="List" shape="ellipse"]',
            '\t"inc-2" [label="inc <map>" shape="box"]',
            '\t"List-1" -> "inc-2" [label="x" style="dashed"]',
            '\t"inc-1" -> "List-1" [label="arg_1" style="solid"]',
            "}",
        ]


class TestMappedChildren:
    def mapped(self, count: int) -> tuple[Flow, Any]:
        with Flow("mapped") as flow:
            first = inc.map(Parameter("numbers"))
            second = inc.map(first)
            inc(second)
        children: list[State] = [Success(), *(Failed() for _ in range(count - 1))]
        states = {task: Mapped(map_states=children) for task in (first, second)}
        return flow, Success(result=states)

    def test_they_are_drawn_one_by_one_with_their_own_states(self) -> None:
        flow, state = self.mapped(2)
        picture = picture_of(flow, state)
        assert [(shape.name, shape.color) for shape in picture.shapes if shape.is_box] == [
            (f"inc-{task}[{child}]", color)
            for task in (1, 2)
            for child, color in enumerate((Success.color, Failed.color))
        ]
        assert [(arrow.tail, arrow.head) for arrow in picture.arrows if arrow.tail != "numbers"] == [
            ("inc-1[0]", "inc-2[0]"),
            ("inc-1[1]", "inc-2[1]"),
            ("inc-2[0]", "inc-3"),
            ("inc-2[1]", "inc-3"),
        ]

    def test_too_many_are_one(self) -> None:
        flow, state = self.mapped(51)
        picture = picture_of(flow, state)
        assert [shape.label for shape in picture.shapes] == ["numbers", *["inc <map> x 51"] * 2, "inc"]
        assert picture.shapes[1].color == Mapped.color
