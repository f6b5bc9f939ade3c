"""Values in objects of a Google Cloud Storage bucket; needs gcsfs."""

from typing import TYPE_CHECKING, Any

from prefect.engine.results.bucket_result import BucketResult

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class GCSResult(BucketResult):
    """Keeps each value in one object of `bucket`.

    The credentials are those of the secret GCP_CREDENTIALS, or of this machine.
    """

    def __init__(self, bucket: str | None = None, **kwargs: Any) -> None:
        self.bucket = bucket
        super().__init__(**kwargs)

    def _bucket(self) -> "Bucket":
        from prefect.utilities.buckets import gcs_bucket

        if not self.bucket:
            raise ValueError("GCSResult has no bucket. Name one: GCSResult(bucket=...).")
        return gcs_bucket(self.bucket)

    @property
    def gcs_bucket(self) -> Any:
        """Google's own bucket object, for whatever else is to be done in it; needs google-cloud-storage."""
        if "_client" not in self.__dict__:
            from prefect.utilities.gcp import get_storage_client

            self._client = get_storage_client().bucket(self.bucket)
        return self._client
