"""What the storages have in common that are only an address here so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from prefect.exceptions import FlowStorageError
from prefect.storage.base import Storage

if TYPE_CHECKING:
    from prefect.core.flow import Flow


class RemoteStorage(Storage):
    """A storage that can be described, sent to a backend and read back, and whose work comes with a later release."""

    def add_flow(self, flow: Flow) -> str:
        """Refused: FlowStorageError."""
        self._refuse("store a flow")

    def get_flow(self, flow_name: str) -> Flow:
        """Refused: FlowStorageError."""
        self._refuse(f"load flow {flow_name!r}")

    def build(self) -> Storage:
        """Refused: FlowStorageError."""
        self._refuse("be built")

    def _refuse(self, wish: str) -> NoReturn:
        raise FlowStorageError(
            f"{type(self).__name__} storage cannot {wish} in this version: it is only described here, and its work "
            "comes with a later release. Use Local or Module storage."
        )
