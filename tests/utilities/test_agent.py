"""The image and the command that an agent starts a flow run with."""

from typing import Any

import pytest

from prefect.run_configs import DockerRun, KubernetesRun, UniversalRun
from prefect.storage import Docker, Local
from prefect.utilities.agent import get_flow_image, get_flow_run_command
from prefect.utilities.graphql import GraphQLResult

BUILT = Docker(registry_url="registry", image_name="image", image_tag="tag")


def flow_run(storage: Any = None, run_config: Any = None, core_version: str | None = "1.4.1") -> GraphQLResult:
    storage = Local() if storage is None else storage
    flow = GraphQLResult({"storage": storage.serialize(), "core_version": core_version})
    return GraphQLResult({"id": "R", "flow": flow, "run_config": run_config and run_config.serialize()})


@pytest.mark.parametrize(
    ("run", "image"),
    [
        (flow_run(storage=BUILT), "registry/image:tag"),
        (flow_run(storage=BUILT, run_config=DockerRun(image="other")), "registry/image:tag"),
        (flow_run(run_config=DockerRun(image="mine")), "mine"),
        (flow_run(run_config=KubernetesRun(image="mine")), "mine"),
        (flow_run(run_config=DockerRun()), "prefecthq/prefect:1.4.1"),
        (flow_run(run_config=UniversalRun(), core_version="0.13.0"), "prefecthq/prefect:0.13.0"),
        (flow_run(core_version="0.14.0+1.gabc"), "prefecthq/prefect:0.14.0"),
    ],
)
def test_the_image(run: GraphQLResult, image: str) -> None:
    assert get_flow_image(run) == image


def test_an_agent_may_bring_an_image() -> None:
    assert get_flow_image(flow_run(run_config=DockerRun()), default="of the agent") == "of the agent"
    assert get_flow_image(flow_run(run_config=DockerRun(image="mine")), default="of the agent") == "mine"


@pytest.mark.parametrize("version", ["1.5.0.dev0", None])
def test_there_is_no_image_of_our_own(version: str | None) -> None:
    with pytest.raises(ValueError, match="Flow run R names no image"):
        get_flow_image(flow_run(core_version=version))


def test_the_command() -> None:
    for version in ("0.13.0", "0.14.0a1", "1.4.1", "1.5.0.dev0"):
        assert get_flow_run_command(flow_run(core_version=version)) == "prefect execute flow-run"
    for old in ("0.12.6", None):
        assert get_flow_run_command(flow_run(core_version=old)) == "prefect execute cloud-flow"
