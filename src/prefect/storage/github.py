"""A flow in a file of a repository on GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.repository import RepositoryStorage, token_from

if TYPE_CHECKING:
    from prefect.utilities.git import TemporaryGitRepo


class GitHub(RepositoryStorage):
    """Flows in a file of a repository on GitHub; needs git.

    Args:
        repo: owner and name of the repository, as in `org/repo`.
        path: the file that holds the flow.
        ref: branch, tag or commit; None means the default branch.
        access_token_secret: the secret with the token to read with; None means GITHUB_ACCESS_TOKEN among the secrets of
            the context or in the environment, if any.
        base_url: the API of a GitHub of one's own, as in `https://github.example.com/api/v3`.
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

    def _repository(self) -> TemporaryGitRepo:
        from prefect.utilities.git import Address, TemporaryGitRepo

        url = f"{_site_of(self.base_url)}/{self.repo}.git"
        token = token_from(self.access_token_secret, "GITHUB_ACCESS_TOKEN")
        address = Address(url) if token is None else Address(url, "x-access-token", token)
        return TemporaryGitRepo.at(address, self.ref)

    def _file_path(self) -> str | None:
        return self.path


def _site_of(api: str | None) -> str:
    """Where repositories are cloned from, given where the site's API is, as 1.x asked for."""
    if api is None:
        return "https://github.com"
    scheme, _, rest = api.rstrip("/").removesuffix("/api/v3").partition("://")
    return f"{scheme}://{rest.removeprefix('api.')}"
