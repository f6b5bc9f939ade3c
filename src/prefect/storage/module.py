"""Flows that are part of an importable module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.base import Storage

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["Module"]


class Module(Storage):
    """Flows that a module, named by its dotted path, holds or builds; runs import it."""

    def __init__(self, module: str, **kwargs: Any) -> None:
        self.module = module
        super().__init__(**kwargs)

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, from the module."""
        from prefect.utilities.storage import extract_flow_from_module

        return extract_flow_from_module(module_str=self._location_of(flow_name), flow_name=flow_name)

    def run_basic_healthchecks(self) -> None:
        """Nothing: the flow is what the module builds, and is never pickled."""

    def add_flow(self, flow: Flow) -> str:
        """Note that the module holds a flow; returns the module's name."""
        self._must_be_new(flow)
        self.flows[flow.name] = self.module
        self._flows[flow.name] = flow
        return self.module
