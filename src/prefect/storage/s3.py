"""A flow in a bucket of Amazon S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine.results import S3Result
from prefect.storage.bucket import BucketStorage, script_in_context

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class S3(BucketStorage):
    """Flows on S3; results are kept in the same bucket. Needs s3fs.

    Args:
        bucket: the bucket.
        key: the key of the flow; None means one from its name and the time.
        stored_as_script: whether the file is a script rather than a pickle.
        local_script_path: the script to upload; None means the one that is being registered, where there is one.
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
        self.local_script_path = local_script_path or script_in_context()
        self.client_options = client_options
        self.upload_options = upload_options
        result = S3Result(bucket=bucket, boto3_kwargs=client_options)
        super().__init__(result=result, stored_as_script=stored_as_script, **kwargs)

    def _bucket(self) -> Bucket:
        from prefect.utilities.buckets import s3_bucket

        return s3_bucket(self.bucket, self.client_options)

    def _chosen_key(self) -> str | None:
        return self.key

    def _write_options(self) -> Mapping[str, Any]:
        return self.upload_options or {}
