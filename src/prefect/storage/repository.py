"""What the storages in Git repositories have in common, whoever hosts them."""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import TYPE_CHECKING

from prefect.exceptions import FlowStorageError
from prefect.storage.base import Storage

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.utilities.git import TemporaryGitRepo


class RepositoryStorage(Storage):
    """Flows in files of a Git repository, which is fetched each time that one of them is loaded; needs git."""

    # What the argument that names the file is called.
    _path_argument = "path"

    @abstractmethod
    def _repository(self) -> TemporaryGitRepo:
        """The repository, as of what was asked for, with the credentials of this moment."""

    @abstractmethod
    def _file_path(self) -> str | None:
        """The file within the repository."""

    def add_flow(self, flow: Flow) -> str:
        """Note that the file holds a flow; returns the file's path. Nothing is put into the repository."""
        self._must_be_new(flow)
        path = self._file_path()
        if path is None:
            raise ValueError(
                f"{self.name} storage has no `{self._path_argument}`: name the file of the repository that builds the "
                f"flow {flow.name!r}."
            )
        self.flows[flow.name] = path
        self._flows[flow.name] = flow
        return path

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, from the file in the repository; FlowStorageError where that cannot be read."""
        return self._load(flow_name, flow_name)

    def run_basic_healthchecks(self) -> None:
        """Nothing: the flow is what the file in the repository builds, and is never pickled."""

    def _load(self, flow_name: str, name_in_file: str) -> Flow:
        from prefect.utilities.storage import extract_flow_from_file

        path = self._location_of(flow_name)
        try:
            with self._repository() as repository:
                file_path = self._file_in(repository, path)
                self.logger.info("Loading flow %r from %s of %s", flow_name, path, repository.address.url)
                return extract_flow_from_file(file_path=file_path, flow_name=name_in_file)
        except FlowStorageError as error:
            raise FlowStorageError(f"The flow {flow_name!r} could not be loaded: {error}") from error

    def _file_in(self, repository: TemporaryGitRepo, path: str) -> str:
        file_path = os.path.join(repository.temp_dir.name, path.lstrip("/"))
        if not os.path.isfile(file_path):
            raise FlowStorageError(
                f"The repository {repository.address.url} has no file {path!r}{repository.at_ref}. "
                "Check the path and the branch, tag or commit."
            )
        return file_path


def token_from(secret_name: str | None, usual_name: str) -> str | None:
    """The token in the secret of this name; else what the context's secrets or the environment hold under the usual."""
    if secret_name is not None:
        from prefect.client.secrets import Secret

        return str(Secret(secret_name).get())
    from prefect.utilities.context import context

    return (context.get("secrets") or {}).get(usual_name) or os.environ.get(usual_name)


def with_scheme(host: str) -> str:
    """The address of a host, which may be given without a scheme, with none but inner slashes."""
    host = host.rstrip("/")
    return host if "://" in host else f"https://{host}"
