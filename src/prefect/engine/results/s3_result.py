"""Values in objects of an S3 bucket; needs boto3."""

from typing import Any, Self

from prefect.engine.result.base import Result


class S3Result(Result):
    """Keeps each value in one object of `bucket`.

    `boto3_kwargs` go to `boto3.client`, `upload_options` (`ExtraArgs` of boto3) to each upload. The client is made
    on first use and never pickled.
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

    @property
    def client(self) -> Any:
        """The boto3 client of these options."""
        if "_client" not in self.__dict__:
            from prefect.utilities.aws import get_boto_client

            self._client = get_boto_client("s3", **self.boto3_kwargs)
        return self._client

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_client"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def read(self, location: str) -> Self:
        """A copy of this result with the value of the object at `location`."""
        new = self.copy()
        new.location = location
        answer = self.client.get_object(Bucket=self.bucket, Key=location)
        new.value = self.serializer.deserialize(answer["Body"].read())
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose `value_` stands in the object at its location."""
        import io

        new = self.format(**kwargs)
        new.value = value_
        content = io.BytesIO(self.serializer.serialize(value_))
        self.client.upload_fileobj(content, Bucket=self.bucket, Key=new.location, ExtraArgs=self.upload_options or None)
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether there is an object at `location`, a key or a template for one."""
        client = self.client
        try:
            client.head_object(Bucket=self.bucket, Key=location.format(**kwargs))
        except client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
                return False
            raise
        return True
