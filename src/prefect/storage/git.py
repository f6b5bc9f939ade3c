"""A flow in a file of a Git repository."""

from __future__ import annotations

from typing import Any

from prefect.storage.remote import RemoteStorage


class Git(RemoteStorage):
    """Where a flow is in a Git repository.

    Args:
        flow_path: the file that holds the flow.
        repo: owner and name of the repository, as in `org/repo`.
        repo_host: the host of the repository.
        flow_name: which flow of the file; None where it holds only one.
        git_token_secret_name: the secret with the token to clone with.
        git_token_username: the user that the token belongs to; None means the owner of the repository.
        git_clone_url_secret_name: the secret with the whole address to clone, in place of all the rest.
        branch_name, tag, commit: at most one of them: what to check out.
        clone_depth: how many commits to fetch.
        use_ssh: whether to clone over SSH.
        format_access_token: whether the token is written as the host of the repository wants it.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        flow_path: str,
        repo: str | None = None,
        repo_host: str = "github.com",
        flow_name: str | None = None,
        git_token_secret_name: str | None = None,
        git_token_username: str | None = None,
        git_clone_url_secret_name: str | None = None,
        branch_name: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        clone_depth: int = 1,
        use_ssh: bool = False,
        format_access_token: bool = True,
        **kwargs: Any,
    ) -> None:
        if repo is None and git_clone_url_secret_name is None:
            raise ValueError("Either `repo` or `git_clone_url_secret_name` must be provided")
        if sum(name is not None for name in (branch_name, tag, commit)) > 1:
            raise ValueError("Please provide only one of the following parameters: `branch_name`, `tag`, `commit`")
        if git_token_username is None and repo is not None:
            git_token_username = repo.split("/")[0]
        self.flow_path = flow_path
        self.repo = repo
        self.repo_host = repo_host
        self.flow_name = flow_name
        self.git_token_secret_name = git_token_secret_name
        self.git_token_username = git_token_username
        self.git_clone_url_secret_name = git_clone_url_secret_name
        self.branch_name = branch_name
        self.tag = tag
        self.commit = commit
        self.clone_depth = clone_depth
        self.use_ssh = use_ssh
        self.format_access_token = format_access_token
        super().__init__(**kwargs)

    @property
    def git_token_secret(self) -> str:
        """Refused: FlowStorageError."""
        self._refuse("look up its token")

    @property
    def git_clone_url(self) -> str:
        """Refused: FlowStorageError."""
        self._refuse("tell the address to clone")
