"""Values in blobs of an Azure container; needs adlfs."""

import os
from typing import TYPE_CHECKING, Any

from prefect.engine.results.bucket_result import BucketResult

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class AzureResult(BucketResult):
    """Keeps each value in one blob of `container`.

    The connection string is `connection_string`, or the secret called `connection_string_secret`, or the environment
    variable AZURE_STORAGE_CONNECTION_STRING.
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

    def _bucket(self) -> "Bucket":
        from prefect.utilities.buckets import azure_container

        return azure_container(self.container, self._connection_string())

    def _connection_string(self) -> str:
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
        return connection_string

    def initialize_service(self) -> None:
        """Connect `service` to the storage account."""
        from prefect.utilities.importtools import import_optional

        blobs = import_optional("azure.storage.blob", "azure", f"The service of the container {self.container!r}")
        self._client = blobs.BlobServiceClient.from_connection_string(conn_str=self._connection_string())

    @property
    def service(self) -> Any:
        """Azure's own client, for whatever else is to be done there; needs azure-storage-blob."""
        if "_client" not in self.__dict__:
            self.initialize_service()
        return self._client
