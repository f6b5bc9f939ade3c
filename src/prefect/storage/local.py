"""Flows kept in the local file system."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.storage.base import Storage
from prefect.utilities.text import slugify

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["Local"]


class Local(Storage):
    """Flows in files of this machine; its label is the name of the host.

    Args:
        - directory: where pickled flows go, by default `flows` in the settings' `home_dir`; created where missing
        - validate: whether `directory` is made absolute and created
        - path: the file itself; with `stored_as_script` the script that builds the flow, which may also be named as a
          module
        - stored_as_script: whether the flow is built from a script where it runs
    """

    def __init__(
        self,
        directory: str | None = None,
        validate: bool = True,
        path: str | None = None,
        stored_as_script: bool = False,
        **kwargs: Any,
    ) -> None:
        from prefect.engine.results import LocalResult

        home = os.path.expanduser(config["home_dir"])
        where = os.path.join(home, "flows") if directory is None else str(directory)
        if validate:
            where = os.path.abspath(os.path.expanduser(where))
            os.makedirs(where, exist_ok=True)
        self.path = path
        self.directory = where
        kept_at = os.path.join(home, "results") if directory is None else where
        result = LocalResult(kept_at, validate_dir=validate)
        super().__init__(result=result, stored_as_script=stored_as_script, **kwargs)

    @property
    def default_labels(self) -> list[str]:
        """The name of this host: no other one has its files."""
        return [socket.gethostname()]

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, from its pickle, its script or its module."""
        from prefect.utilities.storage import (
            extract_flow_from_file,
            extract_flow_from_module,
            flow_from_bytes_pickle,
        )

        location = self._location_of(flow_name)
        if self.stored_as_script:
            if os.path.isfile(os.path.expanduser(location)) or location.endswith(".py"):
                return extract_flow_from_file(file_path=location, flow_name=flow_name)
            return extract_flow_from_module(module_str=location, flow_name=flow_name)
        if not os.path.isfile(location):
            return extract_flow_from_module(module_str=location, flow_name=flow_name)
        with open(location, "rb") as file:
            return flow_from_bytes_pickle(file.read())

    def add_flow(self, flow: Flow) -> str:
        """Write a flow to its file, or note the script that builds it; returns where it is."""
        self._must_be_new(flow)
        if self.stored_as_script:
            if not self.path:
                raise ValueError("A `path` must be provided to show where flow `.py` file is stored.")
            location = self.path
        else:
            location = self._write(flow)
        self.flows[flow.name] = location
        self._flows[flow.name] = flow
        return location

    def _write(self, flow: Flow) -> str:
        import pendulum

        from prefect.utilities.storage import flow_to_bytes_pickle

        content = flow_to_bytes_pickle(flow)
        if self.path:
            location = os.path.abspath(os.path.expanduser(self.path))
        else:
            moment = slugify(pendulum.now("utc").isoformat())
            location = os.path.join(self.directory, slugify(flow.name), moment)
        os.makedirs(os.path.dirname(location), exist_ok=True)
        with open(location, "wb") as file:
            file.write(content)
        return location
