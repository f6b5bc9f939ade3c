"""A flow in a file of a repository on GitLab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.repository import RepositoryStorage, token_from, with_scheme

if TYPE_CHECKING:
    from prefect.utilities.git import TemporaryGitRepo


class GitLab(RepositoryStorage):
    """Flows in a file of a repository on GitLab; needs git.

    Args:
        repo: path of the project, as in `group/project`.
        host: the address of a GitLab of one's own.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with; None means GITLAB_ACCESS_TOKEN among the secrets of
            the context or in the environment, if any.
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

    def _repository(self) -> TemporaryGitRepo:
        from prefect.utilities.git import Address, TemporaryGitRepo

        url = f"{with_scheme(self.host or 'gitlab.com')}/{self.repo}.git"
        token = token_from(self.access_token_secret, "GITLAB_ACCESS_TOKEN")
        address = Address(url) if token is None else Address(url, "oauth2", token)
        return TemporaryGitRepo.at(address, self.ref)

    def _file_path(self) -> str | None:
        return self.path
