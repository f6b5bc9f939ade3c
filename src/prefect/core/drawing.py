"""A flow as a picture."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.engine.state import State

__all__ = ["draw"]


def draw(
    flow: Flow,
    flow_state: State | None = None,
    filename: str | None = None,
    format: str | None = None,
    horizontal: bool = False,
) -> Any:
    """The flow as a `graphviz.Digraph`: tasks as boxes, mapped ones dashed, coloured by the states of a run.

    With `filename` it is also written, as `format` or as what the name ends in, by default PDF. ImportError where
    graphviz is not installed.
    """
    try:
        from graphviz import Digraph
    except ImportError:
        raise ImportError(
            "This feature requires graphviz.\nTry installing it with `pip install 'quaestor[viz]'`"
        ) from None

    picture = Digraph(name=flow.name, graph_attr={"rankdir": "LR"} if horizontal else {})
    for task in flow.sorted_tasks():
        picture.node(flow.slugs[task], label=task.name, **_look(flow, task, flow_state))
    for edge in sorted(
        flow.edges, key=lambda edge: (flow.slugs[edge.upstream_task], flow.slugs[edge.downstream_task], edge.key or "")
    ):
        picture.edge(
            flow.slugs[edge.upstream_task],
            flow.slugs[edge.downstream_task],
            label=edge.key or "",
            style="dashed" if edge.mapped else "solid",
        )
    if filename is not None:
        _write(picture, str(filename), format)
    return picture


def _look(flow: Flow, task: Task, flow_state: State | None) -> dict[str, str]:
    look = {"shape": "box" if any(edge.mapped for edge in flow.edges_to(task)) else "ellipse"}
    states = getattr(flow_state, "result", None)
    if isinstance(states, dict) and task in states:
        # The last two digits are the opacity: the text must stay readable.
        look.update(style="filled", color=states[task].color, fillcolor=f"{states[task].color}80")
    return look


def _write(picture: Any, filename: str, format: str | None) -> None:
    stem, ending = os.path.splitext(filename)
    if format is None:
        format, filename = (ending[1:], stem) if ending else ("pdf", filename)
    elif ending == f".{format}":
        filename = stem
    picture.render(filename, format=format, view=False, cleanup=True)
