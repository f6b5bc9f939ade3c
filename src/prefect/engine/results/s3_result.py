"""Values in objects of an S3 bucket; needs s3fs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine.results.bucket_result import BucketResult

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class S3Result(BucketResult):
    """Keeps each value in one object of `bucket`.

    `boto3_kwargs` are those of `boto3.client` (`region_name`, `endpoint_url`, keys ...), `upload_options` those of
    each upload (`ExtraArgs` of boto3).
    """

    def __init__(
        self,
        bucket: str,
        boto3_kwargs: dict[str, Any] | None = None,
        upload_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.bucket = bucket
        self.boto3_kwargs = boto3_kwargs or {}
        self.upload_options = upload_options or {}
        super().__init__(**kwargs)

    def _bucket(self) -> "Bucket":
        from prefect.utilities.buckets import s3_bucket

        return s3_bucket(self.bucket, self.boto3_kwargs)

    def _write_options(self) -> Mapping[str, Any]:
        return self.upload_options

    @property
    def client(self) -> Any:
        """A boto3 client with the same options, for whatever else is to be done in the bucket; needs boto3."""
        if "_client" not in self.__dict__:
            from prefect.utilities.aws import get_boto_client

            self._client = get_boto_client("s3", **self.boto3_kwargs)
        return self._client
