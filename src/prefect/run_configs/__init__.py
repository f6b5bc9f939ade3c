"""What a run needs around it: environment, labels, image, machine; each kind loaded when it is first named."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.run_configs.base import RunConfig, UniversalRun
    from prefect.run_configs.docker import DockerRun
    from prefect.run_configs.ecs import ECSRun
    from prefect.run_configs.kubernetes import KubernetesRun
    from prefect.run_configs.local import LocalRun
    from prefect.run_configs.vertex import VertexRun

__all__ = ["DockerRun", "ECSRun", "KubernetesRun", "LocalRun", "RunConfig", "UniversalRun", "VertexRun"]

_HOMES = {
    "DockerRun": "docker",
    "ECSRun": "ecs",
    "KubernetesRun": "kubernetes",
    "LocalRun": "local",
    "RunConfig": "base",
    "UniversalRun": "base",
    "VertexRun": "vertex",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
