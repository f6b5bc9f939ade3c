"""A flow in a file of a repository on Bitbucket."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage


class Bitbucket(RemoteStorage):
    """Where a flow is on Bitbucket.

    Args:
        project: the project that holds the repository.
        repo: the repository.
        workspace: the workspace, on Bitbucket Cloud.
        host: the address of a Bitbucket of one's own.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with.
        cloud_username_secret, cloud_app_password_secret: the secrets with user and password, on Bitbucket Cloud.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        project: str,
        repo: str,
        workspace: str | None = None,
        host: str | None = None,
        path: str | None = None,
        ref: str | None = None,
        access_token_secret: str | None = None,
        cloud_username_secret: str | None = None,
        cloud_app_password_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.project = project
        self.repo = repo
        self.workspace = workspace
        self.host = host
        self.path = path
        self.ref = ref
        self.access_token_secret = access_token_secret
        self.cloud_username_secret = cloud_username_secret
        self.cloud_app_password_secret = cloud_app_password_secret
        super().__init__(**kwargs)
