"""A flow in a container of Azure Blob Storage."""

from __future__ import annotations

from typing import Any

from prefect.engine.results import AzureResult
from prefect.storage.remote import RemoteStorage


class Azure(RemoteStorage):
    """Where a flow is on Azure; results are kept in the same container.

    Args:
        container: the container.
        connection_string_secret: the secret with the connection string; None means the environment's.
        blob_name: the name of the flow's blob; None means one from its name and the time.
        overwrite: whether a blob of that name may be replaced.
        stored_as_script: whether the file is a script rather than a pickle.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        container: str,
        connection_string_secret: str | None = None,
        blob_name: str | None = None,
        overwrite: bool = False,
        stored_as_script: bool = False,
        **kwargs: Any,
    ) -> None:
        self.container = container
        self.connection_string_secret = connection_string_secret
        self.blob_name = blob_name
        self.overwrite = overwrite
        result = AzureResult(container=container, connection_string_secret=connection_string_secret)
        super().__init__(result=result, stored_as_script=stored_as_script, **kwargs)

    @property
    def connection_string(self) -> str:
        """Refused: FlowStorageError."""
        self._refuse("look up its connection string")
