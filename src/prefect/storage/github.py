"""A flow in a file of a repository on GitHub."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage


class GitHub(RemoteStorage):
    """Where a flow is on GitHub.

    Args:
        repo: owner and name of the repository, as in `org/repo`.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with.
        base_url: the address of a GitHub of one's own.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        repo: str,
        path: str,
        ref: str | None = None,
        access_token_secret: str | None = None,
        base_url: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        self.base_url = base_url
        super().__init__(**kwargs)
