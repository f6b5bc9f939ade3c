"""What agents must know of a flow run to start it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.utilities.graphql import GraphQLResult

__all__ = ["get_flow_image", "get_flow_run_command"]

LAST_PUBLISHED_IMAGE = (1, 4)


def get_flow_image(flow_run: GraphQLResult, default: str | None = None) -> str:
    """The image of a container in which a flow run is to be executed.

    It is the one that Docker storage has built, else that of the run config, else `default`, else the published one
    of the release that the flow was registered with. ValueError where there is none.
    """
    from prefect.serialization.run_config import RunConfigSchema
    from prefect.serialization.storage import StorageSchema
    from prefect.storage import Docker

    flow = flow_run["flow"]
    if flow["storage"] is not None:
        storage = StorageSchema().load(flow["storage"])
        if isinstance(storage, Docker):
            built: str = storage.name
            return built
    if flow_run.get("run_config") is not None:
        image: str | None = getattr(RunConfigSchema().load(flow_run["run_config"]), "image", None)
        if image is not None:
            return image
    if default is not None:
        return default
    version = str(flow.get("core_version") or "").partition("+")[0]
    if version and _numbers(version) <= LAST_PUBLISHED_IMAGE:
        return f"prefecthq/prefect:{version}"
    raise ValueError(
        f"Flow run {flow_run['id']} names no image, and there is none of version {version or 'unknown'}. Give its run "
        "config an `image`, set `cloud.agent.image` for the agent, or store the flow in Docker."
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def get_flow_run_command(flow_run: GraphQLResult) -> str:
    """The command that executes a flow run; releases before 0.13 called it otherwise."""
    version = flow_run["flow"].get("core_version")
    return "prefect execute flow-run" if version and _numbers(version) >= (0, 13) else "prefect execute cloud-flow"
