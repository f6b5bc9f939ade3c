"""Texts with gaps, filled by what tasks return."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prefect.tasks.templates.strings import StringFormatter

if TYPE_CHECKING:
    from prefect.tasks.templates.jinja2 import JinjaTemplate

__all__ = ["JinjaTemplate", "StringFormatter"]


def __getattr__(name: str) -> Any:
    # Jinja2 is an extra.
    if name == "JinjaTemplate":
        return import_module(f"{__name__}.jinja2").JinjaTemplate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
