"""What the results in the buckets of all vendors have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from prefect.engine.result.base import Result

if TYPE_CHECKING:
    from prefect.utilities.buckets import Bucket


class BucketResult(Result):
    """Keeps each value in one object of a bucket; its location is the object's key."""

    def _bucket(self) -> "Bucket":
        """The bucket, with the credentials of this moment."""
        raise NotImplementedError

    def _write_options(self) -> Mapping[str, Any]:
        """Options of the vendor's own request for each write."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        # A vendor's client is connected here, and only here.
        return {name: value for name, value in self.__dict__.items() if name != "_client"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def read(self, location: str) -> Self:
        """A copy of this result with the value of the object at `location`; FileNotFoundError where there is none."""
        bucket = self._bucket()
        self.logger.debug("Starting to download result from %s in %s...", location, bucket)
        new = self.copy()
        new.location = location
        new.value = self.serializer.deserialize(bucket.read(location))
        self.logger.debug("Finished downloading result from %s.", location)
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose `value_` stands in the object at its location."""
        new = self.format(**kwargs)
        new.value = value_
        if new.location is None:
            raise ValueError(f"{self!r} has no location to write to.")
        content = self.serializer.serialize(value_)
        bucket = self._bucket()
        self.logger.debug("Starting to upload result to %s in %s...", new.location, bucket)
        bucket.write(new.location, content, **self._write_options())
        self.logger.debug("Finished uploading result to %s.", new.location)
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether there is an object at `location`, a key or a template for one."""
        return self._bucket().exists(location.format(**kwargs))
