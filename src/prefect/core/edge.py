"""The arrow between two tasks, and the annotations that say how data travels along it."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.graph import Graph
    from prefect.core.task import Task

TO_ITSELF = "Edges can not connect a task to itself."


class EdgeAnnotation:
    """A value together with how the edge that carries it behaves.

    Annotations nest; where two of them contradict each other, the innermost holds.
    """

    annotations: ClassVar[dict[str, bool]] = {}

    def __init__(self, value: Any) -> None:
        if isinstance(value, EdgeAnnotation):
            self.annotations: dict[str, bool] = {**self.annotations, **value.annotations}  # type: ignore[misc]
            self.value: Any = value.value
        else:
            self.value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    def pipe(_prefect_self, _prefect_task: Any, **kwargs: Any) -> Any:
        """Call `_prefect_task` with the annotated value first, so that annotations can stand in a chain of pipes."""
        return _prefect_task(_prefect_self, **kwargs)


class mapped(EdgeAnnotation):
    """The downstream task runs once for each element of the value."""

    annotations = {"mapped": True}


class unmapped(EdgeAnnotation):
    """The value is handed whole to every child of a mapped task."""

    annotations = {"mapped": False}


class flatten(EdgeAnnotation):
    """One level of nesting is removed from the value before it is used."""

    annotations = {"flattened": True}


def is_valid_identifier(string: object) -> bool:
    """Whether `string` can be the name of a keyword argument."""
    return isinstance(string, str) and string.isidentifier() and not iskeyword(string)


class Edge:
    """A dependency: `downstream_task` waits for `upstream_task`, and receives its result as argument `key`.

    Without a key only the order is fixed and no data travels. Two edges are equal when all five parts are.
    """

    def __init__(
        self,
        upstream_task: Any,
        downstream_task: Task,
        key: str | None = None,
        mapped: bool | None = None,
        flattened: bool | None = None,
        flow: Flow | Graph | None = None,
    ) -> None:
        """Annotations on `upstream_task` win over `mapped` and `flattened`; a value that is no task becomes one,
        in `flow` where it is a collection that holds tasks."""
        if key is not None and not is_valid_identifier(key):
            raise ValueError(f'Key must be a valid identifier (received "{key}")')

        if isinstance(upstream_task, EdgeAnnotation):
            mapped = upstream_task.annotations.get("mapped", mapped)
            flattened = upstream_task.annotations.get("flattened", flattened)

        self.upstream_task: Task = _as_task(upstream_task, flow)
        self.downstream_task: Task = _as_task(downstream_task, flow)
        if self.upstream_task is self.downstream_task:
            raise ValueError(TO_ITSELF)
        self.key = key
        self.mapped = bool(mapped)
        self.flattened = bool(flattened)

    @property
    def tasks(self) -> set[Task]:
        return {self.upstream_task, self.downstream_task}

    def __repr__(self) -> str:
        return (
            f"<Edge(key={self.key}, mapped={self.mapped}, flattened={self.flattened}): "
            f"{self.upstream_task.name} to {self.downstream_task.name}>"
        )

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        assert isinstance(other, Edge)
        return (
            self.upstream_task == other.upstream_task
            and self.downstream_task == other.downstream_task
            and self.key == other.key
            and self.mapped == other.mapped
            and self.flattened == other.flattened
        )

    def __hash__(self) -> int:
        return hash((self.upstream_task, self.downstream_task, self.key, self.mapped, self.flattened))

    def serialize(self) -> dict[str, Any]:
        """The edge in its wire format."""
        from prefect.serialization.edge import EdgeSchema

        serialized: dict[str, Any] = EdgeSchema().dump(self)
        return serialized


def connect(upstream_task: Task, downstream_task: Task, key: str | None, mapped: bool, flattened: bool) -> Edge:
    """An edge from parts that are known to be right: the short way, for graphs that have looked at them already."""
    edge = Edge.__new__(Edge)
    edge.upstream_task = upstream_task
    edge.downstream_task = downstream_task
    edge.key = key
    edge.mapped = mapped
    edge.flattened = flattened
    return edge


def _as_task(value: Any, flow: Any) -> Task:
    from prefect.core.building import as_task

    return as_task(value, flow=flow)
