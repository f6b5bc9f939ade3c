"""The places a task's value can be kept: one class, one file each, loaded on first use."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.engine.results.azure_result import AzureResult
    from prefect.engine.results.constant_result import ConstantResult
    from prefect.engine.results.gcs_result import GCSResult
    from prefect.engine.results.local_result import LocalResult
    from prefect.engine.results.prefect_result import PrefectResult
    from prefect.engine.results.s3_result import S3Result
    from prefect.engine.results.secret_result import SecretResult

__all__ = [
    "AzureResult",
    "ConstantResult",
    "GCSResult",
    "LocalResult",
    "PrefectResult",
    "S3Result",
    "SecretResult",
]

_HOMES = {
    "AzureResult": "azure_result",
    "ConstantResult": "constant_result",
    "GCSResult": "gcs_result",
    "LocalResult": "local_result",
    "PrefectResult": "prefect_result",
    "S3Result": "s3_result",
    "SecretResult": "secret_result",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
