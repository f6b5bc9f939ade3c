"""A flow in a bucket of Amazon S3."""

from __future__ import annotations

from typing import Any

from prefect.engine.results import S3Result
from prefect.storage.remote import RemoteStorage


class S3(RemoteStorage):
    """Where a flow is on S3; results are kept in the same bucket.

    Args:
        bucket: the bucket.
        key: the key of the flow; None means one from its name and the time.
        stored_as_script: whether the file is a script rather than a pickle.
        local_script_path: the script to upload.
        client_options: options of the boto3 client.
        upload_options: options of each upload.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        bucket: str,
        key: str | None = None,
        stored_as_script: bool = False,
        local_script_path: str | None = None,
        client_options: dict[str, Any] | None = None,
        upload_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.bucket = bucket
        self.key = key
        self.local_script_path = local_script_path
        self.client_options = client_options
        self.upload_options = upload_options
        super().__init__(result=S3Result(bucket=bucket), stored_as_script=stored_as_script, **kwargs)
