"""Widths, children, flatten, reduce: the rules of mapping, and nothing that runs.

A mapped task has one upstream state for each edge. An edge that is mapped gives each child one element of the upstream
value; any other edge gives every child the whole value. The shortest mapped value decides how many children there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prefect.engine.result.base import Result
from prefect.engine.state import Failed, Mapped, Skipped, State, Success

if TYPE_CHECKING:
    from prefect.core.edge import Edge

NOTHING_TO_MAP = "No upstream states can be mapped over."
UNMAPPABLE = "At least one upstream state has an unmappable result."
READY = "Ready to proceed with mapping."


def is_mappable(state: State) -> bool:
    """Whether a state's value has elements: children, or a length and items by number."""
    if isinstance(state, Mapped):
        return True
    return hasattr(state.result, "__getitem__") and hasattr(state.result, "__len__")


def check_ready(state: State, upstream_states: Mapping[Edge, State]) -> State:
    """`Mapped` where the task can be mapped over its upstream states, else `Failed` with the reason."""
    mapped = [(edge, upstream) for edge, upstream in upstream_states.items() if edge.mapped]
    if not any(isinstance(upstream, Success) for _, upstream in mapped):
        return Failed(NOTHING_TO_MAP)
    if any(isinstance(upstream, Success) and not _has_elements(edge, upstream) for edge, upstream in mapped):
        return Failed(UNMAPPABLE)
    return Mapped(READY)


def _has_elements(edge: Edge, state: State) -> bool:
    """Whether a task can be mapped over what an edge brings; what is flattened need only be iterable."""
    return is_mappable(state) or (edge.flattened and hasattr(state.result, "__iter__"))


def element_states(state: State, children: Sequence[Any] | None) -> list[Any]:
    """One state for each element of an upstream value; futures of children stand for themselves."""
    if children is not None:
        return list(children)
    if isinstance(state, Mapped) and state.map_states:
        return list(state.map_states)
    value = state.result
    if value is None and isinstance(state, Mapped):
        return []
    return states_of(state, [value[index] for index in range(len(value))])


def states_of(state: State, values: Iterable[Any]) -> list[State]:
    """One state like the upstream one for each value."""
    kind = type(state) if not isinstance(state, Mapped) else Success
    return [_element(kind, state, state._result, value) for value in values]


def _element(kind: type[State], state: State, result: Result, value: Any) -> State:
    element = kind.__new__(kind)
    element.__dict__.update(state.__dict__)
    element._result = result.from_value(value)
    return element


def child_upstream_states(
    state: State,
    upstream_states: Mapping[Edge, Any],
    mapped_children: Mapping[Edge, Sequence[Any]],
    flatten: Callable[[Any, Sequence[Any] | None], Sequence[Any]],
) -> list[dict[Edge, Any]]:
    """What each child of a mapped task sees upstream.

    Args:
        state: the parent's state; only `Mapped` has children.
        upstream_states: the parent's upstream states by edge, with values.
        mapped_children: by edge, the children (states or futures) of an upstream task that was mapped itself.
        flatten: `(upstream state, its children or None) -> states`, one for each element of each element.

    Returns:
        One mapping for each child, in order; empty for a parent that is not `Mapped`.
    """
    if not isinstance(state, Mapped):
        return []
    whole: dict[Edge, Any] = {}
    parts: dict[Edge, Sequence[Any]] = {}
    for edge, upstream in upstream_states.items():
        children = mapped_children.get(edge)
        if not edge.mapped or not isinstance(upstream, Success):
            # An upstream that failed has no elements: each child sees the failure itself.
            whole[edge] = upstream
        elif edge.flattened:
            parts[edge] = flatten(upstream, children)
        else:
            parts[edge] = element_states(upstream, children)
    width = min((len(elements) for elements in parts.values()), default=0)
    if state._n_map_states is not None and not state.map_states:
        # A parent restored from the wire knows how many children it had; it cannot have more than there are elements.
        width = min(width, state._n_map_states) if state._n_map_states else width
    keys = list(parts)
    columns = [parts[key] for key in keys]
    if not whole and len(keys) == 1:
        key = keys[0]
        return [{key: element} for element in columns[0][:width]]
    return [
        {**whole, **{key: column[index] for key, column in zip(keys, columns, strict=True)}} for index in range(width)
    ]


def flatten_value(value: Iterable[Any]) -> list[Any]:
    """The elements of a value's elements; the elements themselves where one of them has none, for then it is flat."""
    elements = list(value)
    try:
        return [inner for element in elements for inner in element]
    except TypeError:
        return elements


def flatten_states(states: Iterable[State], warn: Callable[[State], None]) -> list[State]:
    """One state for each element of each child's value, in order.

    A child that was skipped or failed is passed through as it is, so that what is downstream of it decides; so is one
    whose value has no elements, and `warn` is told.
    """
    flat: list[State] = []
    for child in states:
        if isinstance(child, Skipped) or not isinstance(child, Success):
            flat.append(child)
        elif isinstance(child.result, Mapping):
            flat.extend(states_of(child, child.result))
        elif is_mappable(child):
            flat.extend(element_states(child, None))
        else:
            warn(child)
            flat.append(child)
    return flat


def _is_whole(state: State, children: Sequence[Any] | None) -> bool:
    """Whether an upstream value is one task's own, and not gathered from children that can each be flat or not."""
    return children is None and not (isinstance(state, Mapped) and (state.map_states or state.result is None))


def flatten_upstream(state: State, children: Sequence[State] | None, warn: Callable[[State], None]) -> list[State]:
    """The states that a flattened edge offers: the elements of the elements of an upstream value."""
    if children is None and isinstance(state, (Failed, Skipped)):
        return [state]
    if _is_whole(state, children):
        return states_of(state, flatten_value(state.result))
    return flatten_states(element_states(state, children), warn)


def flatten_result(state: State, children: Sequence[State] | None, warn: Callable[[State], None]) -> State:
    """An upstream state whose value is the flattened list, for a task that is not mapped itself."""
    if _is_whole(state, children) and (isinstance(state, (Failed, Skipped)) or not hasattr(state.result, "__iter__")):
        return state
    flat = flatten_upstream(state, children, warn)
    kind = Success if isinstance(state, Mapped) else type(state)
    flattened = kind.__new__(kind)
    flattened.__dict__.update(state.__dict__)
    flattened._result = Result(value=[each.result for each in flat])
    return flattened


def with_children_to_come(state: Mapped, width: int) -> Mapped:
    """A mapped parent's state that knows how many children it has, and nothing yet of what becomes of them."""
    coming = Mapped.__new__(Mapped)
    coming.__dict__.update(state.__dict__)
    coming.map_states = []
    coming.n_map_states = width
    return coming


def reduce(state: State, children: Sequence[State]) -> State:
    """A mapped parent's state, completed with its children: their states, and their values as one list."""
    if not isinstance(state, Mapped):
        return state
    completed = Mapped.__new__(Mapped)
    completed.__dict__.update(state.__dict__)
    completed.map_states = list(children)
    completed._result = Result(value=[child.result for child in children])
    return completed
