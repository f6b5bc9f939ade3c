"""What the storages in the buckets of all vendors have in common."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from prefect.exceptions import FlowStorageError
from prefect.storage.base import Storage
from prefect.utilities.text import slugify

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.utilities.buckets import Bucket


class BucketStorage(Storage):
    """Keeps each flow in one object of a bucket: its pickle, or the script that builds it."""

    # What the argument that names the object is called.
    _key_argument = "key"
    local_script_path: str | None = None

    def _bucket(self) -> Bucket:
        """The bucket, with the credentials of this moment."""
        raise NotImplementedError

    def _chosen_key(self) -> str | None:
        """The key that was asked for."""
        raise NotImplementedError

    def _write_options(self) -> Mapping[str, Any]:
        """Options of each upload."""
        return {}

    def add_flow(self, flow: Flow) -> str:
        """Take a flow in, to be uploaded by `build`; returns its key."""
        self._must_be_new(flow)
        key = self._chosen_key()
        if key is None:
            import pendulum

            key = f"{slugify(flow.name)}/{slugify(pendulum.now('utc').isoformat())}"
        self.flows[flow.name] = key
        self._flows[flow.name] = flow
        return key

    def build(self) -> Self:
        """Upload the flows that were added; returns this storage."""
        self.run_basic_healthchecks()
        if self.stored_as_script:
            self._upload_script()
            return self
        from prefect.utilities.storage import flow_to_bytes_pickle

        for name, flow in self._flows.items():
            self._upload(name, flow_to_bytes_pickle(flow))
        return self

    def _upload_script(self) -> None:
        path = self.local_script_path or script_in_context()
        if path is None:
            if self._chosen_key() is None:
                raise ValueError(
                    f"A `{self._key_argument}` must be provided to show where flow `.py` file is stored in {self.name} "
                    "or provide a `local_script_path` pointing to a local script that contains the flow."
                )
            return  # the script is there, or somebody else puts it there
        try:
            with open(os.path.expanduser(path), "rb") as file:
                content = file.read()
        except OSError as error:
            raise FlowStorageError(
                f"The script {path!r} cannot be uploaded to {self.name} storage: {error.strerror}."
            ) from error
        for name in self._flows:
            self._upload(name, content)

    def _upload(self, flow_name: str, content: bytes) -> None:
        key, bucket = self.flows[flow_name], self._bucket()
        self.logger.info("Uploading %s to the %s", key, bucket)
        try:
            bucket.write(key, content, **self._write_options())
        except OSError as error:
            raise FlowStorageError(
                f"The flow {flow_name!r} could not be kept in {self.name} storage: {error}"
            ) from error

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, downloaded; FlowStorageError where it is not there."""
        from prefect.utilities.storage import extract_flow_from_file, flow_from_bytes_pickle

        key, bucket = self._location_of(flow_name), self._bucket()
        self.logger.info("Downloading %s from the %s", key, bucket)
        try:
            content = bucket.read(key)
        except OSError as error:
            raise FlowStorageError(
                f"The flow {flow_name!r} could not be loaded from {self.name} storage: {error}"
            ) from error
        if self.stored_as_script:
            return extract_flow_from_file(file_contents=content, flow_name=flow_name)
        return flow_from_bytes_pickle(content)


def script_in_context() -> str | None:
    """The script whose flows are being registered, if any."""
    from prefect.utilities.context import context

    path: str | None = context.get("local_script_path")
    return path
