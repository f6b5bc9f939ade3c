"""A flow as a picture: what is drawn, and in which of two ways.

Graphviz draws it where it is installed, the library and its program `dot`; else it is drawn here, as SVG.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.edge import Edge
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.engine.state import State

__all__ = ["Arrow", "Picture", "Shape", "draw"]

# The children of a mapped task are drawn one by one up to this many; more would hide all the rest.
MOST_CHILDREN = 50


@dataclass(frozen=True)
class Shape:
    """A task: an ellipse, or a box where it is mapped; with the colour of its state, where there is one."""

    name: str
    label: str
    is_box: bool
    color: str | None = None


@dataclass(frozen=True)
class Arrow:
    """A dependency, dashed where it is mapped over."""

    tail: str
    head: str
    label: str
    is_dashed: bool


@dataclass(frozen=True)
class Picture:
    """A flow as shapes and arrows, in the order in which its tasks run. Notebooks show it."""

    name: str
    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    horizontal: bool = False

    @property
    def source(self) -> str:
        """The picture in the language of graphviz."""
        lines = [f"digraph {_quoted(self.name)} {{"]
        if self.horizontal:
            lines.append("\tgraph [rankdir=LR]")
        for shape in self.shapes:
            lines.append(f"\t{_quoted(shape.name)} [{_attributes({'label': shape.label, **_look(shape)})}]")
        for arrow in self.arrows:
            look = _attributes({"label": arrow.label, "style": "dashed" if arrow.is_dashed else "solid"})
            lines.append(f"\t{_quoted(arrow.tail)} -> {_quoted(arrow.head)} [{look}]")
        return "\n".join([*lines, "}", ""])

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        from prefect.core.svg import render

        return render(self)

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str) -> str:
        """Write the picture as SVG; returns the path."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)
        return path


def draw(
    flow: Flow,
    flow_state: State | None = None,
    filename: str | None = None,
    format: str | None = None,
    horizontal: bool = False,
) -> Any:
    """The flow as a `graphviz.Digraph`, or as a `Picture` where graphviz is missing; both are shown by notebooks.

    Mapped tasks are boxes. With the state of a run, tasks have the colours of their states, and mapped children are
    drawn one by one. With `filename` it is also written, as `format` or as what the name ends in: by default PDF, or
    SVG where graphviz is missing, which is then the only one. ImportError for another one.
    """
    picture = picture_of(flow, flow_state, horizontal)
    digraph = _digraph(picture)
    if filename is None:
        return picture if digraph is None else digraph
    stem, ending = os.path.splitext(str(filename))
    if format is None:
        format, path = (ending[1:], stem) if ending else ("svg" if digraph is None else "pdf", stem)
    else:
        path = stem if ending == f".{format}" else str(filename)
    if digraph is not None:
        digraph.render(path, format=format, view=False, cleanup=True)
        return digraph
    if format != "svg":
        raise ImportError(
            f"Writing a flow as {format} requires graphviz: `pip install 'quaestor[viz]'`, and the program `dot` "
            '(Debian: `apt-get install graphviz`). Without it, format="svg" works.'
        )
    picture.save(f"{path}.svg")
    return picture


def picture_of(flow: Flow, flow_state: State | None = None, horizontal: bool = False) -> Picture:
    """What is to be seen of a flow, and of one run of it."""
    states = getattr(flow_state, "result", None)
    drawn = _Drawing(flow, states if isinstance(states, dict) else {})
    return Picture(flow.name, drawn.shapes(), drawn.arrows(), horizontal)


class _Drawing:
    def __init__(self, flow: Flow, states: dict[Task, State]) -> None:
        self.flow = flow
        self.states = states
        self.mapped = {edge.downstream_task for edge in flow.edges if edge.mapped}

    def children(self, task: Task) -> list[State]:
        """The states of the children that are drawn one by one."""
        children = list(getattr(self.states.get(task), "map_states", None) or ())
        return children if len(children) <= MOST_CHILDREN else []

    def shapes(self) -> tuple[Shape, ...]:
        shapes = []
        for task in self.flow.sorted_tasks():
            slug, is_mapped = self.flow.slugs[task], task in self.mapped
            label = f"{task.name} <map>" if is_mapped else task.name
            children = self.children(task)
            if children:
                shapes += [
                    Shape(f"{slug}[{number}]", label, True, child.color) for number, child in enumerate(children)
                ]
            else:
                count = len(getattr(self.states.get(task), "map_states", None) or ())
                state = self.states.get(task)
                shapes.append(
                    Shape(slug, f"{label} x {count}" if count else label, is_mapped, state.color if state else None)
                )
        return tuple(shapes)

    def arrows(self) -> tuple[Arrow, ...]:
        slugs = self.flow.slugs
        edges = sorted(
            self.flow.edges, key=lambda edge: (slugs[edge.upstream_task], slugs[edge.downstream_task], edge.key or "")
        )
        return tuple(Arrow(tail, head, edge.key or "", edge.mapped) for edge in edges for tail, head in self.ends(edge))

    def ends(self, edge: Edge) -> list[tuple[str, str]]:
        tails, heads = self.names(edge.upstream_task), self.names(edge.downstream_task)
        # A mapped child waits for the child of the same number, and for nothing of the others.
        if edge.mapped and not edge.flattened and len(tails) > 1 and len(heads) > 1:
            return list(zip(tails, heads, strict=False))
        return [(tail, head) for tail in tails for head in heads]

    def names(self, task: Task) -> list[str]:
        slug, count = self.flow.slugs[task], len(self.children(task))
        return [f"{slug}[{number}]" for number in range(count)] or [slug]


def _digraph(picture: Picture) -> Any:
    """The picture as graphviz has it; None where graphviz is missing."""
    if shutil.which("dot") is None:
        return None
    try:
        from graphviz import Digraph
    except ImportError:
        return None
    digraph = Digraph(name=picture.name, graph_attr={"rankdir": "LR"} if picture.horizontal else {})
    for shape in picture.shapes:
        digraph.node(shape.name, label=shape.label, **_look(shape))
    for arrow in picture.arrows:
        digraph.edge(arrow.tail, arrow.head, label=arrow.label, style="dashed" if arrow.is_dashed else "solid")
    return digraph


def _look(shape: Shape) -> dict[str, str]:
    look = {"shape": "box" if shape.is_box else "ellipse"}
    if shape.color is not None:
        # The last two digits are the opacity: the text must stay readable.
        look.update(style="filled", color=shape.color, fillcolor=f"{shape.color}80")
    return look


def _attributes(attributes: dict[str, str]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in attributes.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
