"""A flow in a container of Azure Blob Storage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine.results import AzureResult
from prefect.storage.bucket import BucketStorage

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class Azure(BucketStorage):
    """Flows on Azure; results are kept in the same container. Needs adlfs.

    Args:
        container: the container.
        connection_string_secret: the secret with the connection string; None means the environment's.
        blob_name: the name of the flow's blob; None means one from its name and the time.
        overwrite: whether a blob of that name may be replaced.
        stored_as_script: whether the file is a script rather than a pickle.
        **kwargs: arguments of every storage.
    """

    _key_argument = "blob_name"

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
        """The connection string, from the secret or the environment."""
        if self.connection_string_secret is not None:
            from prefect.client.secrets import Secret

            connection_string: str | None = Secret(self.connection_string_secret).get()
        else:
            connection_string = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        if not connection_string:
            raise ValueError(
                f"Azure storage in the container {self.container!r} has no connection string. Name a secret in "
                "`connection_string_secret`, or set AZURE_STORAGE_CONNECTION_STRING."
            )
        return connection_string

    def _bucket(self) -> Bucket:
        from prefect.utilities.buckets import azure_container

        return azure_container(self.container, self.connection_string)

    def _chosen_key(self) -> str | None:
        return self.blob_name

    def _write_options(self) -> Mapping[str, Any]:
        return {"overwrite": self.overwrite}
