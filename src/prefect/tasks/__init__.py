"""The library of tasks."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from prefect.core.task import Task

__all__ = ["Task"]

_SUBMODULES = frozenset(
    {
        "control_flow",
        "core",
        "database",
        "files",
        "notifications",
        "postgres",
        "prefect",
        "secrets",
        "shell",
        "templates",
    }
)

# What 1.x had here for the products of others; docs/compatibility.md says why it is left out.
LEFT_OUT = frozenset({
    "airbyte", "airtable", "asana", "aws", "azure", "azureml", "census", "cubejs", "databricks", "dbt", "docker",
    "dremio", "dropbox", "exasol", "firebolt", "fivetran", "gcp", "github", "great_expectations", "gsheets",
    "hightouch", "jira", "jupyter", "kafka", "kubernetes", "mixpanel", "monday", "monte_carlo", "mysql", "neo4j",
    "powershell", "prometheus", "redis", "rss", "sendgrid", "sftp", "snowflake", "sodaspark", "sodasql", "spacy",
    "sql_server", "toloka", "transform", "trello", "twitter", "zendesk",
})  # fmt: skip


def _left_out(package: str) -> str:
    return (
        f"prefect.tasks.{package} of Prefect 1.x is left out on purpose: its tasks wrapped the library of another "
        "product. Call that library in a task of your own, `@task def f(...): ...`; docs/compatibility.md says more."
    )


class _ExplainsWhatIsLeftOut:
    """Asked for a module that no other finder knows: says why it is not there."""

    @staticmethod
    def find_spec(fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if fullname.startswith(f"{__name__}."):
            package = fullname[len(__name__) + 1 :].partition(".")[0]
            if package in LEFT_OUT:
                # Without the name: `from prefect.tasks import aws` would ignore the error of a module of that name.
                raise ModuleNotFoundError(_left_out(package))


# The last of the finders: whatever is there is found before.
if not any(getattr(finder, "__name__", "") == _ExplainsWhatIsLeftOut.__name__ for finder in sys.meta_path):
    sys.meta_path.append(_ExplainsWhatIsLeftOut)


def __getattr__(name: str) -> Any:
    if name == "Task":
        from prefect.core.task import Task

        return Task
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
