"""Git repositories, fetched with the `git` command for as long as something is read from them.

Credentials reach git through its environment: they stand neither in its arguments, which every user of the machine can
read, nor in the repository's configuration, nor in what git says when it fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit, urlunsplit

from prefect.exceptions import FlowStorageError

FULL_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")

# Variables that git sets for its hooks; they would point at the repository that the program happens to run in.
_OF_ANOTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)

# Answers git's question for credentials from the environment, and keeps nothing.
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    '"$PREFECT_GIT_USERNAME" "$PREFECT_GIT_PASSWORD"; }; f'
)


@dataclass(frozen=True)
class Address:
    """Where a repository is, and what it asks from those who read it.

    `url` holds no credentials and may be shown. `username` and `password` are for HTTP's basic scheme; `bearer` is a
    token sent as such, in their place.
    """

    url: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> Address:
        """The address in a URL that may hold credentials."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
            return cls(url)
        user, _, host = parts.netloc.rpartition("@")
        username, _, password = user.partition(":")
        bare = urlunsplit(parts._replace(netloc=host))
        if not user:
            return cls(bare)
        return cls(bare, unquote(username), unquote(password))

    def environment(self) -> dict[str, str]:
        """The variables under which git reads from here, and nowhere else, with the credentials."""
        environment = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
        # A question for a password would wait for an answer that nobody gives.
        environment["GIT_TERMINAL_PROMPT"] = "0"
        parts = urlsplit(self.url)
        host = f"{parts.scheme}://{parts.netloc}"
        if self.bearer is not None:
            _configure(environment, {f"http.{host}/.extraHeader": f"Authorization: Bearer {self.bearer}"})
        elif self.username is not None:
            environment["PREFECT_GIT_USERNAME"] = self.username
            environment["PREFECT_GIT_PASSWORD"] = self.password or ""
            # The empty one comes first: without it the user's own helpers would write the token to disk.
            _configure(environment, {f"credential.{host}.helper": ""})
            _configure(environment, {f"credential.{host}.helper": _HELPER})
        return environment


def _configure(environment: dict[str, str], settings: Mapping[str, str]) -> None:
    count = int(environment.get("GIT_CONFIG_COUNT") or 0)
    for number, (name, value) in enumerate(settings.items(), start=count):
        environment[f"GIT_CONFIG_KEY_{number}"] = name
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    environment["GIT_CONFIG_COUNT"] = str(count + len(settings))


class TemporaryGitRepo:
    """A repository, fetched when the `with` block is entered and gone when it is left.

    Within the block `temp_dir.name` is the directory that holds its files, as of `branch_name`, `tag` or `commit`, or
    of the default branch. A `clone_depth` of 0 or None fetches the whole history.
    """

    temp_dir: tempfile.TemporaryDirectory[str]

    def __init__(
        self,
        git_clone_url: str,
        branch_name: str | None = None,
        tag: str | None = None,
        commit: str | None = None,
        clone_depth: int | None = 1,
    ) -> None:
        self.git_clone_url = git_clone_url
        self.branch_name = branch_name
        self.tag = tag
        self.commit = commit
        self.clone_depth = clone_depth
        self.address = Address.of(git_clone_url)
        self._any_ref: str | None = None

    @classmethod
    def at(cls, address: Address, ref: str | None, clone_depth: int | None = 1) -> Self:
        """A repository as of a branch, a tag or a commit, whichever has this name."""
        repository = cls(address.url, clone_depth=clone_depth)
        repository.address = address
        repository._any_ref = ref
        return repository

    def __enter__(self) -> Self:
        self.temp_dir = tempfile.TemporaryDirectory(prefix="prefect-git-")
        try:
            self._git("init", "--quiet")
            self.checkout_ref()
        except BaseException:
            self.temp_dir.cleanup()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.temp_dir.cleanup()

    @property
    def branch_or_tag_ref(self) -> bytes:
        """The full name of the branch or tag; ValueError where neither was given."""
        if self.branch_name is not None:
            return f"refs/heads/{self.branch_name}".encode()
        if self.tag is not None:
            return f"refs/tags/{self.tag}".encode()
        raise ValueError("Either `tag` or `branch_name` must be specified")

    def get_tree_id_for_branch_or_tag(self) -> str:
        """The id of the tree that the branch or tag points to, within the block."""
        wanted = self.branch_or_tag_ref.decode()
        self._fetch(wanted)
        return self._git("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{tree}")

    def checkout_ref(self) -> None:
        """Put the files of the branch, tag or commit into the directory."""
        try:
            self._git("checkout", "--quiet", "--detach", self._fetch_wanted())
        except _GitError as error:
            raise FlowStorageError(
                f"The repository {self.address.url} could not be read{self.at_ref}: {error} "
                "Check its address, the name and the access token."
            ) from None

    @property
    def at_ref(self) -> str:
        """ " at branch ..." and the like, for messages; nothing for the default branch."""
        for kind, name in (("branch", self.branch_name), ("tag", self.tag), ("commit", self.commit)):
            if name is not None:
                return f" at {kind} {name!r}"
        return "" if self._any_ref is None else f" at {self._any_ref!r}"

    def _fetch_wanted(self) -> str:
        """Fetch what is asked for; what it is called then."""
        if self.branch_name is not None or self.tag is not None:
            self._fetch(self.branch_or_tag_ref.decode())
            return "FETCH_HEAD"
        wanted = self.commit if self.commit is not None else self._any_ref
        if wanted is None:
            self._fetch("HEAD")
            return "FETCH_HEAD"
        if self.commit is None or FULL_COMMIT.fullmatch(wanted):
            try:
                self._fetch(wanted)
                return "FETCH_HEAD"
            except _GitError as error:
                refused = error
        else:
            refused = None
        # Servers need not give out commits by their ids, nor can they by shortened ones: it is among all there is.
        self._fetch("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*", all_of_it=True)
        try:
            return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{wanted}^{{commit}}")
        except _GitError:
            raise refused or _GitError(f"it has no commit {wanted}.") from None

    def _fetch(self, *refs: str, all_of_it: bool = False) -> None:
        depth = [] if all_of_it or not self.clone_depth else [f"--depth={self.clone_depth}"]
        self._git("fetch", "--quiet", "--no-tags", *depth, "--", self.address.url, *refs)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", self.temp_dir.name, *arguments]
        try:
            done = subprocess.run(
                command,
                env=self.address.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except FileNotFoundError as error:
            raise FlowStorageError(
                f"The repository {self.address.url} is fetched with `git`, which is not on PATH. Install git."
            ) from error
        if done.returncode:
            raise _GitError(_reason(done.stderr) or f"git {arguments[0]} ended with {done.returncode}.")
        return done.stdout.strip()


class _GitError(Exception):
    """What git said when it failed."""


def _reason(said: str) -> str:
    """The line of git's words that says why, without its prefix, as a sentence."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines[-1:]
    return " ".join(re.sub(r"^(fatal|error): ", "", line).rstrip(".") + "." for line in fatal)
