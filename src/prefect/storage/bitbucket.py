"""A flow in a file of a repository on Bitbucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.repository import RepositoryStorage, token_from, with_scheme

if TYPE_CHECKING:
    from prefect.utilities.git import Address, TemporaryGitRepo


class Bitbucket(RepositoryStorage):
    """Flows in a file of a repository on Bitbucket; needs git.

    With a `workspace`, or without a `host`, that is Bitbucket Cloud, else a Bitbucket of one's own.

    Args:
        project: the project that holds the repository.
        repo: the repository.
        workspace: the workspace, on Bitbucket Cloud.
        host: the address of a Bitbucket of one's own.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with; None means BITBUCKET_ACCESS_TOKEN among the secrets
            of the context or in the environment, if any.
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
        if (cloud_username_secret is None) != (cloud_app_password_secret is None):
            raise ValueError("`cloud_username_secret` and `cloud_app_password_secret` belong together: give both.")
        super().__init__(**kwargs)

    def _repository(self) -> TemporaryGitRepo:
        from prefect.utilities.git import TemporaryGitRepo

        return TemporaryGitRepo.at(self._address(), self.ref)

    def _address(self) -> Address:
        from prefect.utilities.git import Address

        in_cloud = self.workspace is not None or self.host is None
        site = with_scheme(self.host or "bitbucket.org")
        if in_cloud:
            url = f"{site}/{self.workspace or self.project}/{self.repo}.git"
            if self.cloud_username_secret is not None and self.cloud_app_password_secret is not None:
                username = token_from(self.cloud_username_secret, "")
                return Address(url, username, token_from(self.cloud_app_password_secret, ""))
        else:
            url = f"{site}/scm/{self.project}/{self.repo}.git"
        token = token_from(self.access_token_secret, "BITBUCKET_ACCESS_TOKEN")
        if token is None:
            return Address(url)
        return Address(url, "x-token-auth", token) if in_cloud else Address(url, bearer=token)

    def _file_path(self) -> str | None:
        return self.path
