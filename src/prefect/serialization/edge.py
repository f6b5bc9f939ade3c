"""Edges on the wire: two slugs, and how data travels between them."""

from __future__ import annotations

from typing import Any

from prefect.core.edge import Edge
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import text_or_none
from prefect.serialization.schemas import Schema, mapping_of
from prefect.serialization.task import load_task


def dump_edge(edge: Edge) -> dict[str, Any]:
    """An edge as JSON values, its tasks by the slugs that they have themselves."""
    return dump_edge_between(edge, edge.upstream_task.slug, edge.downstream_task.slug)


def dump_edge_between(edge: Edge, upstream_slug: str | None, downstream_slug: str | None) -> dict[str, Any]:
    """An edge as JSON values, its tasks by the slugs that a flow gave them."""
    version = versioned.current
    return {
        "upstream_task": {"slug": upstream_slug, "__version__": version},
        "downstream_task": {"slug": downstream_slug, "__version__": version},
        "key": edge.key,
        "mapped": edge.mapped,
        "flattened": edge.flattened,
        "__version__": version,
    }


def load_edge(data: Any) -> Edge:
    """The edge that the data describes, between two new tasks that have nothing but their slugs."""
    data = mapping_of(data, "edge")
    for end in ("upstream_task", "downstream_task"):
        if data.get(end) is None:
            raise ValidationError(f"An edge must have its {end}: it is missing in {dict(data)!r}.")
    return Edge(
        load_task(data["upstream_task"]),
        load_task(data["downstream_task"]),
        key=text_or_none(data, "key", "edge"),
        mapped=data.get("mapped") is True,
        flattened=data.get("flattened") is True,
    )


class EdgeSchema(Schema):
    """An edge."""

    __slots__ = ()
    dump_one = staticmethod(dump_edge)
    load_one = staticmethod(load_edge)
