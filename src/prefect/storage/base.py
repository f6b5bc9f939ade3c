"""What every storage can do."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import TYPE_CHECKING, Any

from prefect.configuration import config

if TYPE_CHECKING:
    import logging

    from prefect.core.flow import Flow
    from prefect.engine.result import Result

__all__ = ["Storage"]


class Storage(metaclass=ABCMeta):
    """Keeps flows by name, and gives them back where they run.

    Args:
        - result: where results of the flow's tasks are kept, unless the flow says it
        - secrets: names of secrets that a run finds in its context
        - labels: which agents can reach the storage
        - add_default_labels: whether the storage's own labels are added; None leaves it to the settings
        - stored_as_script: whether the flow is kept as the file that builds it, and not as a pickle
    """

    def __init__(
        self,
        result: Result | None = None,
        secrets: list[str] | None = None,
        labels: list[str] | None = None,
        add_default_labels: bool | None = None,
        stored_as_script: bool = False,
    ) -> None:
        self.result = result
        self.secrets = list(secrets or [])
        self.stored_as_script = stored_as_script
        self.flows: dict[str, str] = {}
        self._flows: dict[str, Flow] = {}
        self._labels: list[str] = list(labels or [])
        if add_default_labels is None:
            add_default_labels = config["flows"]["defaults"]["storage"]["add_default_labels"]
        self.add_default_labels = add_default_labels

    @property
    def labels(self) -> list[str]:
        """The labels, each once, sorted; with the default labels where they are wanted."""
        return sorted({*self._labels, *(self.default_labels if self.add_default_labels else ())})

    @property
    def default_labels(self) -> list[str]:
        """The labels that this kind of storage brings."""
        return []

    @property
    def name(self) -> str:
        """The name of the kind of storage."""
        return type(self).__name__

    @property
    def logger(self) -> logging.Logger:
        """The logger named after the kind of storage."""
        from prefect.utilities.logging import get_logger

        return get_logger(type(self).__name__)

    def __repr__(self) -> str:
        return f"<Storage: {type(self).__name__}>"

    def __contains__(self, obj: Any) -> bool:
        """Whether a flow of this name is kept here."""
        return obj in self.flows if isinstance(obj, str) else False

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, ready to run."""
        raise NotImplementedError(f"{type(self).__name__} storage does not say how flows are loaded from it.")

    @abstractmethod
    def add_flow(self, flow: Flow) -> str:
        """Take a flow in, before the storage is built; returns where it is kept."""

    def build(self) -> Storage:
        """Put the flows where runs find them; returns the storage to register."""
        self.run_basic_healthchecks()
        return self

    def serialize(self) -> dict[str, Any]:
        """The storage in its wire format."""
        from prefect.serialization.storage import StorageSchema

        serialized: dict[str, Any] = StorageSchema().dump(self)
        return serialized

    def run_basic_healthchecks(self) -> None:
        """Raise where a flow kept as a pickle can not be pickled or read back."""
        if self.stored_as_script:
            return
        import cloudpickle

        for flow in self._flows.values():
            cloudpickle.loads(cloudpickle.dumps(flow))

    def _must_be_new(self, flow: Flow) -> None:
        if flow.name in self:
            raise ValueError(f'Name conflict: Flow with the name "{flow.name}" is already present in this storage.')

    def _location_of(self, flow_name: str) -> str:
        if flow_name not in self.flows:
            raise ValueError("Flow is not contained in this Storage")
        return self.flows[flow_name]
