"""Notes that a task run leaves beside its states: the 1.x path of `prefect.backend.artifacts`, with its older names."""

from prefect.backend.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    delete_artifact,
    update_link_artifact,
    update_markdown_artifact,
)

create_link = create_link_artifact
create_markdown = create_markdown_artifact
delete_artifact_new = delete_artifact
update_link = update_link_artifact
update_markdown = update_markdown_artifact

__all__ = [
    "create_link",
    "create_link_artifact",
    "create_markdown",
    "create_markdown_artifact",
    "delete_artifact",
    "delete_artifact_new",
    "update_link",
    "update_link_artifact",
    "update_markdown",
    "update_markdown_artifact",
]
