"""Values in blobs of an Azure container; needs azure-storage-blob."""

import os
from typing import Any, Self

from prefect.engine.result.base import Result


class AzureResult(Result):
    """Keeps each value in one blob of `container`.

    The connection string is `connection_string`, or the secret called `connection_string_secret`, or the environment
    variable AZURE_STORAGE_CONNECTION_STRING. The service is connected on first use and never pickled.
    """

    def __init__(
        self,
        container: str,
        connection_string: str | None = None,
        connection_string_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.container = container
        self.connection_string = connection_string
        self.connection_string_secret = connection_string_secret
        super().__init__(**kwargs)

    def initialize_service(self) -> None:
        """Connect to the storage account."""
        import importlib

        blobs = importlib.import_module("azure.storage.blob")

        connection_string = self.connection_string
        if not connection_string and self.connection_string_secret:
            from prefect.client.secrets import Secret

            connection_string = Secret(self.connection_string_secret).get()
        if not connection_string:
            connection_string = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        if not connection_string:
            raise ValueError(
                f"AzureResult for the container {self.container!r} has no connection string. Give `connection_string` "
                "or `connection_string_secret`, or set AZURE_STORAGE_CONNECTION_STRING."
            )
        self._service = blobs.BlobServiceClient.from_connection_string(conn_str=connection_string)

    @property
    def service(self) -> Any:
        """The blob service, connected."""
        if "_service" not in self.__dict__:
            self.initialize_service()
        return self._service

    @service.setter
    def service(self, val: Any) -> None:
        self._service = val

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_service"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _blob(self, location: str | None) -> Any:
        return self.service.get_blob_client(container=self.container, blob=location)

    def read(self, location: str) -> Self:
        """A copy of this result with the value of the blob at `location`."""
        new = self.copy()
        new.location = location
        new.value = self.serializer.deserialize(self._blob(location).download_blob().readall())
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose `value_` stands in the blob at its location."""
        new = self.format(**kwargs)
        new.value = value_
        self._blob(new.location).upload_blob(self.serializer.serialize(value_), overwrite=True)
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether there is a blob at `location`, a name or a template for one."""
        return bool(self._blob(location.format(**kwargs)).exists())
