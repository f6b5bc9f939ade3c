"""A flow in a file of a repository on AWS CodeCommit."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage


class CodeCommit(RemoteStorage):
    """Where a flow is on CodeCommit.

    Args:
        repo: the repository.
        path: the file that holds the flow.
        commit: branch, tag or commit; None means the default branch.
        client_options: options of the boto3 client.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        repo: str,
        path: str | None = None,
        commit: str | None = None,
        client_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.path = path
        self.commit = commit
        self.client_options = client_options
        super().__init__(**kwargs)
