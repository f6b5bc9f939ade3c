"""A flow in a bucket of Google Cloud Storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.engine.results import GCSResult
from prefect.storage.bucket import BucketStorage, script_in_context

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class GCS(BucketStorage):
    """Flows on Google Cloud Storage; results are kept in the same bucket. Needs gcsfs.

    Args:
        bucket: the bucket.
        key: the key of the flow; None means one from its name and the time.
        project: the Google Cloud project; None means that of the credentials.
        stored_as_script: whether the file is a script rather than a pickle.
        local_script_path: the script to upload; None means the one that is being registered, where there is one.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        bucket: str,
        key: str | None = None,
        project: str | None = None,
        stored_as_script: bool = False,
        local_script_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.bucket = bucket
        self.key = key
        self.project = project
        self.local_script_path = local_script_path or script_in_context()
        super().__init__(result=GCSResult(bucket=bucket), stored_as_script=stored_as_script, **kwargs)

    def _bucket(self) -> Bucket:
        from prefect.utilities.buckets import gcs_bucket

        return gcs_bucket(self.bucket, self.project)

    def _chosen_key(self) -> str | None:
        return self.key
