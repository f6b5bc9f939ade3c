"""A flow in a file of a repository on GitLab."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage


class GitLab(RemoteStorage):
    """Where a flow is on GitLab.

    Args:
        repo: path of the project, as in `group/project`.
        host: the address of a GitLab of one's own.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        repo: str,
        host: str | None = None,
        path: str | None = None,
        ref: str | None = None,
        access_token_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.host = host
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        super().__init__(**kwargs)
