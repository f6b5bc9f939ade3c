"""Buckets of the three large object stores, read and written through fsspec.

The one place that knows how S3, Google Cloud Storage and Azure Blob Storage are reached: results, storages and
templates that are kept there all come here. Nothing is connected before it is used, and no connection is kept: fsspec
keeps them itself, per process and thread, so what holds a `Bucket` may be pickled and forked at will.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Bucket:
    """A named place for objects.

    Every failure is an `OSError` that names the bucket and the object: FileNotFoundError where there is none,
    FileExistsError where there must not be one, PermissionError where the credentials do not suffice.
    """

    kind: str
    name: str
    protocol: str
    package: str
    extra: str
    # What fsspec's class for the protocol takes; it may hold credentials.
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"

    def read(self, key: str) -> bytes:
        """The content of an object."""
        filesystem = self._filesystem()
        with self._naming("read", key):
            content: bytes = filesystem.cat_file(self._path(key))
        return content

    def write(self, key: str, content: bytes, *, overwrite: bool = True, **options: Any) -> None:
        """Put an object in place, whole; `options` are those of the vendor's own request."""
        filesystem = self._filesystem()
        with self._naming("written", key):
            filesystem.pipe_file(self._path(key), content, mode="overwrite" if overwrite else "create", **options)

    def exists(self, key: str) -> bool:
        """Whether there is an object of exactly this key; PermissionError where one may not ask."""
        filesystem = self._filesystem()
        try:
            with self._naming("looked up", key):
                found = filesystem.info(self._path(key))
        except FileNotFoundError:
            return False
        # What merely is the beginning of other keys looks like a directory.
        return bool(found["type"] == "file")

    def _path(self, key: str) -> str:
        return f"{self.name}/{key}"

    def _filesystem(self) -> Any:
        try:
            import fsspec

            kind = fsspec.get_filesystem_class(self.protocol)
        except ImportError as error:
            raise ImportError(
                f"The {self} is reached through {self.package}, which is not installed here ({error}). "
                f"Run `pip install 'quaestor[{self.extra}]'`."
            ) from error
        # Lists of objects are kept by fsspec and would hide what other processes write.
        return kind(use_listings_cache=False, **self.options)

    @contextlib.contextmanager
    def _naming(self, done: str, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if done == "written":
                raise FileNotFoundError(f"{key!r} could not be written: there is no {self} ({error}).") from error
            raise FileNotFoundError(f"There is no object {key!r} in the {self}.") from error
        except FileExistsError as error:
            raise FileExistsError(
                f"There is an object {key!r} in the {self} already: choose another name, or let it be overwritten."
            ) from error
        except Exception as error:
            # The vendors' libraries have errors of their own, which share no base.
            kind = PermissionError if isinstance(error, PermissionError) else OSError
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise kind(
                f"The object {key!r} in the {self} could not be {done}: {reason}. "
                "Check the name, the credentials and the connection."
            ) from error


# boto3's names for what s3fs takes directly; whatever else boto3 takes goes to the client.
_S3_OPTIONS = {
    "aws_access_key_id": "key",
    "aws_secret_access_key": "secret",
    "aws_session_token": "token",
    "endpoint_url": "endpoint_url",
    "profile_name": "profile",
    "use_ssl": "use_ssl",
}


def s3_bucket(name: str, client_options: Mapping[str, Any] | None = None) -> Bucket:
    """A bucket on S3, or on anything that speaks its protocol; the options are those of `get_boto_client`."""
    from prefect.utilities.aws import with_credentials

    client = with_credentials(dict(client_options or {}))
    options = {ours: client.pop(theirs) for theirs, ours in _S3_OPTIONS.items() if client.get(theirs, None) is not None}
    config = client.pop("config", None)
    if config is not None:
        # s3fs makes the configuration itself, from its options; those left as they were are not options of s3fs.
        usual = type(config)()
        options["config_kwargs"] = {
            option: getattr(config, option)
            for option in config.OPTION_DEFAULTS
            if getattr(config, option) != getattr(usual, option)
        }
    client = {option: value for option, value in client.items() if value is not None}
    if client:
        options["client_kwargs"] = client
    return Bucket("S3 bucket", name, "s3", "s3fs", "s3", options)


def gcs_bucket(name: str, project: str | None = None) -> Bucket:
    """A bucket on Google Cloud Storage, with the credentials of the context's secret GCP_CREDENTIALS, if any."""
    from prefect.utilities.gcp import credentials_in_context

    options: dict[str, Any] = {}
    credentials = credentials_in_context()
    if credentials is not None:
        options["token"] = credentials
        project = project or credentials.get("project_id")
    if project is not None:
        options["project"] = project
    return Bucket("Google Cloud Storage bucket", name, "gcs", "gcsfs", "gcs", options)


def azure_container(name: str, connection_string: str) -> Bucket:
    """A container of the storage account that the connection string leads to."""
    return Bucket("Azure container", name, "abfs", "adlfs", "azure", {"connection_string": connection_string})


def read_url(scheme: str, name: str, key: str) -> bytes:
    """The content of `s3://name/key`, `gs://name/key` or `gcs://name/key`."""
    bucket = s3_bucket(name) if scheme == "s3" else gcs_bucket(name)
    return bucket.read(key)
