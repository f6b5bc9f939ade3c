"""A flow in a file of a Git repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from prefect.storage.repository import RepositoryStorage

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.utilities.git import TemporaryGitRepo


class Git(RepositoryStorage):
    """Flows in a file of a Git repository; needs git.

    Args:
        flow_path: the file that holds the flow.
        repo: owner and name of the repository, as in `org/repo`.
        repo_host: the host of the repository.
        flow_name: which flow of the file; None where it holds only one.
        git_token_secret_name: the secret with the token to clone with.
        git_token_username: the user that the token belongs to; None means the owner of the repository.
        git_clone_url_secret_name: the secret with the whole address to clone, in place of all the rest.
        branch_name, tag, commit: at most one of them: what to check out.
        clone_depth: how many commits to fetch; 0 means all.
        use_ssh: whether to clone over SSH.
        format_access_token: whether the token is the user's password; else it stands alone, in place of the user.
        **kwargs: arguments of every storage.
    """

    _path_argument = "flow_path"

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
        self._warn_of_what_is_ignored()

    def _warn_of_what_is_ignored(self) -> None:
        if self.git_clone_url_secret_name is not None and self.repo is not None:
            self.logger.warning(
                "Git storage has a `git_clone_url_secret_name`: the repository is cloned from the address in that "
                "secret, and `repo`, `repo_host`, `git_token_secret_name`, `git_token_username`, `use_ssh` and "
                "`format_access_token` are ignored."
            )
        elif self.use_ssh and self.git_token_secret_name is not None:
            self.logger.warning(
                "Git storage clones over SSH, since `use_ssh` is set: `git_token_secret_name` is ignored."
            )

    @property
    def git_token_secret(self) -> str:
        """The token, from its secret; empty where none is needed."""
        if self.git_token_secret_name is None:
            return ""
        from prefect.client.secrets import Secret

        return str(Secret(self.git_token_secret_name).get())

    @property
    def git_clone_url(self) -> str:
        """The address to clone, the token in it: not to be shown."""
        if self.git_clone_url_secret_name is not None:
            from prefect.client.secrets import Secret

            return str(Secret(self.git_clone_url_secret_name).get())
        if self.use_ssh:
            # Only the long form has a place for a port.
            if ":" in self.repo_host:
                return f"ssh://git@{self.repo_host}/{self.repo}.git"
            return f"git@{self.repo_host}:{self.repo}.git"
        token = quote(self.git_token_secret, safe="")
        if token and self.format_access_token:
            token = f"{quote(self.git_token_username or '', safe='')}:{token}"
        return f"https://{token}{'@' if token else ''}{self.repo_host}/{self.repo}.git"

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, or the one that `flow_name` names, from the file in the repository."""
        return self._load(flow_name, self.flow_name or flow_name)

    def _repository(self) -> TemporaryGitRepo:
        from prefect.utilities.git import TemporaryGitRepo

        return TemporaryGitRepo(
            self.git_clone_url,
            branch_name=self.branch_name,
            tag=self.tag,
            commit=self.commit,
            clone_depth=self.clone_depth,
        )

    def _file_path(self) -> str:
        return self.flow_path
