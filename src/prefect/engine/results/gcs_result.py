"""Values in objects of a Google Cloud Storage bucket; needs google-cloud-storage."""

from typing import Any, Self

from prefect.engine.result.base import Result


class GCSResult(Result):
    """Keeps each value in one object of `bucket`. The connection is made on first use and never pickled."""

    def __init__(self, bucket: str | None = None, **kwargs: Any) -> None:
        self.bucket = bucket
        super().__init__(**kwargs)

    @property
    def gcs_bucket(self) -> Any:
        """The bucket, connected."""
        if "_gcs_bucket" not in self.__dict__:
            from prefect.utilities.gcp import get_storage_client

            self._gcs_bucket = get_storage_client().bucket(self.bucket)
        return self._gcs_bucket

    @gcs_bucket.setter
    def gcs_bucket(self, val: Any) -> None:
        self._gcs_bucket = val

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_gcs_bucket"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def read(self, location: str) -> Self:
        """A copy of this result with the value of the object at `location`."""
        new = self.copy()
        new.location = location
        new.value = self.serializer.deserialize(self.gcs_bucket.blob(location).download_as_bytes())
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose `value_` stands in the object at its location."""
        new = self.format(**kwargs)
        new.value = value_
        self.gcs_bucket.blob(new.location).upload_from_string(self.serializer.serialize(value_))
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether there is an object at `location`, a name or a template for one."""
        return bool(self.gcs_bucket.blob(location.format(**kwargs)).exists())
