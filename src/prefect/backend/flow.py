"""A registered flow as the backend knows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from prefect.backend.query import FoundSeveral, Row, fetch, identifier, only

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.run_configs.base import RunConfig
    from prefect.storage.base import Storage

FIELDS = (
    "id settings run_config serialized_flow name archived project { name } core_version storage flow_group { labels }"
)

BY_ID = f"query($id: uuid!) {{ flow(where: {{id: {{_eq: $id}}}}) {{ {FIELDS} }} }}"
BY_GROUP = f"""query($id: uuid!) {{
  flow(where: {{flow_group_id: {{_eq: $id}}}}, order_by: {{created: desc}}, limit: 1) {{ {FIELDS} }}
}}"""
BY_NAME = f"""query($name: String!) {{
  flow(where: {{name: {{_eq: $name}}, archived: {{_eq: false}}}}, order_by: {{created: desc}}) {{ {FIELDS} }}
}}"""
BY_NAME_AND_PROJECT = f"""query($name: String!, $project: String!) {{
  flow(
    where: {{name: {{_eq: $name}}, archived: {{_eq: false}}, project: {{name: {{_eq: $project}}}}}}
    order_by: {{created: desc}}
  ) {{ {FIELDS} }}
}}"""

WHERE_TO_LOOK = "`prefect get flows` lists the flows there are."


@dataclass(frozen=True, repr=False)
class FlowView:
    """One version of a flow, as it was registered."""

    flow_id: str
    settings: dict[str, Any]
    run_config: RunConfig | None
    serialized_flow: dict[str, Any]
    archived: bool
    project_name: str
    core_version: str
    storage: Storage | None
    name: str
    flow_group_labels: list[str] | None

    @cached_property
    def flow(self) -> Flow:
        """The flow built again from its registration: tasks and edges, without the code of the tasks."""
        from prefect.serialization.flow import FlowSchema

        flow: Flow = FlowSchema().load(self.serialized_flow)
        return flow

    @classmethod
    def from_id(cls, flow_id: str) -> FlowView:
        """The flow with this id, or the newest of the flow group with this id."""
        given = identifier(flow_id, "flow_id", "flow or flow group")
        rows = fetch(BY_ID, {"id": given})["flow"] or fetch(BY_GROUP, {"id": given})["flow"]
        return cls.from_row(only(rows, "flow or flow group", f"id {given!r}", WHERE_TO_LOOK))

    @classmethod
    def from_flow_id(cls, flow_id: str) -> FlowView:
        """The flow with this id."""
        flow_id = identifier(flow_id, "flow_id", "flow")
        return cls.from_row(only(fetch(BY_ID, {"id": flow_id})["flow"], "flow", f"id {flow_id!r}", WHERE_TO_LOOK))

    @classmethod
    def from_flow_group_id(cls, flow_group_id: str) -> FlowView:
        """The newest flow of the flow group with this id."""
        group_id = identifier(flow_group_id, "flow_group_id", "flow group")
        rows = fetch(BY_GROUP, {"id": group_id})["flow"]
        return cls.from_row(only(rows, "flow group", f"id {group_id!r}", WHERE_TO_LOOK))

    @classmethod
    def from_flow_name(cls, flow_name: str, project_name: str = "", last_updated: bool = False) -> FlowView:
        """The current flow of this name; of several the newest, if `last_updated` says so, else ValueError."""
        described = f"name {flow_name!r}"
        if project_name:
            described += f" in project {project_name!r}"
            rows = fetch(BY_NAME_AND_PROJECT, {"name": flow_name, "project": project_name})["flow"]
        else:
            rows = fetch(BY_NAME, {"name": flow_name})["flow"]
        if not rows:
            only(rows, "flow", described, WHERE_TO_LOOK)
        if len(rows) > 1 and not last_updated:
            where = ", ".join(f"{row['id']} in project {row['project']['name']!r}" for row in rows[:3])
            raise FoundSeveral(
                f"Found multiple flows with {described}: {where}{', ...' if len(rows) > 3 else ''}. "
                "Provide a `project_name` as well, or toggle `last_updated` to use the flow that was most recently "
                "updated."
            )
        return cls.from_row(rows[0])

    @classmethod
    def from_row(cls, row: Row) -> FlowView:
        """The view of a row of the table `flow`."""
        run_config = storage = None
        if row["run_config"] is not None:
            from prefect.serialization.run_config import RunConfigSchema

            run_config = RunConfigSchema().load(row["run_config"])
        if row["storage"] is not None:
            from prefect.serialization.storage import StorageSchema

            storage = StorageSchema().load(row["storage"])
        group = row["flow_group"]
        return cls(
            flow_id=row["id"],
            settings=row["settings"],
            run_config=run_config,
            serialized_flow=row["serialized_flow"],
            archived=row["archived"],
            project_name=row["project"]["name"],
            core_version=row["core_version"],
            storage=storage,
            name=row["name"],
            flow_group_labels=group["labels"] if group else None,
        )

    def __repr__(self) -> str:
        kind = type(self.storage).__name__ if self.storage is not None else None
        return (
            f"{type(self).__name__}(flow_id={self.flow_id!r}, name={self.name!r}, "
            f"project_name={self.project_name!r}, storage_type={kind})"
        )
