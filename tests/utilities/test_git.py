"""Repositories fetched for a moment: which commit, with which credentials, and what is said when it fails."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.exceptions import FlowStorageError
from prefect.utilities.git import Address, TemporaryGitRepo
from tests.repositories import GitServer, Repository, make_repository, serving


class History(Repository):
    """Three commits; the first is tagged, the second is a branch, the third is main."""

    first: str
    second: str


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(make_repository(tmp_path / "served" / "org" / "repo.git", monkeypatch).path)
    made.first = made.commit({"file": "first"})
    made.git("tag", "v1")
    made.second = made.commit({"file": "second"})
    made.git("branch", "dev")
    made.commit({"file": "third"})
    return made


@pytest.fixture
def server(history: History) -> Iterator[GitServer]:
    with serving(history.path.parents[1]) as server:
        yield server


def file_of(repository: TemporaryGitRepo) -> str:
    return (Path(repository.temp_dir.name) / "file").read_text()


class TestWhatIsFetched:
    @pytest.mark.parametrize(
        ("chosen", "content"),
        [
            ({}, "third"),
            ({"branch_name": "dev"}, "second"),
            ({"tag": "v1"}, "first"),
            ({"clone_depth": 0}, "third"),
            ({"clone_depth": None, "tag": "v1"}, "first"),
        ],
    )
    def test_a_branch_a_tag_or_the_default(self, history: History, chosen: dict[str, Any], content: str) -> None:
        with TemporaryGitRepo(history.url, **chosen) as repository:
            assert file_of(repository) == content

    @pytest.mark.parametrize("length", [40, 8])
    def test_a_commit_in_full_or_shortened(self, history: History, length: int) -> None:
        with TemporaryGitRepo(history.url, commit=history.first[:length]) as repository:
            assert file_of(repository) == "first"

    def test_a_name_of_any_kind(self, history: History) -> None:
        for ref in ("v1", "dev", "main", history.second, history.second[:8], None):
            expected = {"v1": "first", "main": "third", None: "third"}.get(ref, "second")
            with TemporaryGitRepo.at(Address(history.url), ref) as repository:
                assert file_of(repository) == expected

    def test_a_branch_is_not_a_tag_of_the_same_name(self, history: History) -> None:
        history.git("branch", "v1", history.second)
        with TemporaryGitRepo(history.url, tag="v1") as repository:
            assert file_of(repository) == "first"
        with TemporaryGitRepo(history.url, branch_name="v1") as repository:
            assert file_of(repository) == "second"

    def test_only_as_deep_as_asked(self, history: History) -> None:
        with TemporaryGitRepo(history.url, clone_depth=2) as repository:
            assert repository._git("rev-list", "--count", "HEAD") == "2"

    def test_it_is_gone_afterwards(self, history: History) -> None:
        with TemporaryGitRepo(history.url) as repository:
            directory = repository.temp_dir.name
        assert not os.path.exists(directory)

    def test_the_tree_of_a_branch_or_tag(self, history: History) -> None:
        with TemporaryGitRepo(history.url, tag="v1") as repository:
            assert repository.branch_or_tag_ref == b"refs/tags/v1"
            assert repository.get_tree_id_for_branch_or_tag() == history.git("rev-parse", "v1^{tree}")
        assert TemporaryGitRepo(history.url, branch_name="dev").branch_or_tag_ref == b"refs/heads/dev"
        with pytest.raises(ValueError, match="Either `tag` or `branch_name` must be specified"):
            _ = TemporaryGitRepo(history.url, commit="x").branch_or_tag_ref

    def test_it_does_not_matter_in_which_repository_the_program_runs(
        self, history: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "of a hook"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
        with TemporaryGitRepo(history.url) as repository:
            assert file_of(repository) == "third"


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "shown", "username", "password"),
        [
            ("https://host/a.git", "https://host/a.git", None, None),
            ("https://@host/a.git", "https://host/a.git", None, None),
            ("https://me:p%2Fw@host:8443/a.git", "https://host:8443/a.git", "me", "p/w"),
            ("https://token@host/a.git", "https://host/a.git", "token", ""),
            ("git@host:a/b.git", "git@host:a/b.git", None, None),
            ("ssh://git@host/a.git", "ssh://git@host/a.git", None, None),
        ],
    )
    def test_credentials_are_taken_out_of_urls(
        self, url: str, shown: str, username: str | None, password: str | None
    ) -> None:
        address = Address.of(url)
        assert (address.url, address.username, address.password) == (shown, username, password)

    def test_credentials_are_not_shown(self) -> None:
        shown = repr(Address("https://h", "user", "hush", "hush"))
        assert "hush" not in shown
        assert "user" not in shown

    def test_settings_of_the_environment_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.sslCAInfo")
        environment = Address("https://h/x.git", bearer="token").environment()
        assert environment["GIT_CONFIG_COUNT"] == "2"
        assert environment["GIT_CONFIG_KEY_0"] == "http.sslCAInfo"
        assert environment["GIT_CONFIG_KEY_1"] == "http.https://h/.extraHeader"


class TestCredentials:
    @pytest.mark.parametrize("password", ["s3kret", "a b'c\"$d%\\"])
    def test_they_are_given_to_the_host_that_asks(self, server: GitServer, history: History, password: str) -> None:
        server.want_password("me", password)
        address = Address(f"{server.url}/org/repo.git", "me", password)
        with TemporaryGitRepo.at(address, "dev") as repository:
            assert file_of(repository) == "second"
            # Nothing is left of them where the repository is.
            kept = (Path(repository.temp_dir.name) / ".git" / "config").read_text()
            assert password not in kept

    def test_they_may_stand_in_the_url(self, server: GitServer) -> None:
        server.want_password("me", "p/w")
        with TemporaryGitRepo(f"{server.url}/org/repo.git".replace("://", "://me:p%2Fw@")) as repository:
            assert file_of(repository) == "third"

    def test_a_token_may_be_sent_as_such(self, server: GitServer) -> None:
        server.wanted = "Bearer token"
        with TemporaryGitRepo.at(Address(f"{server.url}/org/repo.git", bearer="token"), None) as repository:
            assert file_of(repository) == "third"

    def test_they_are_in_no_process_arguments(self, server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
        import subprocess

        seen: list[list[str]] = []
        run = subprocess.run

        def watched(command: list[str], **kwargs: Any) -> Any:
            seen.append(command)
            return run(command, **kwargs)

        monkeypatch.setattr(subprocess, "run", watched)
        server.want_password("me", "s3kret")
        with TemporaryGitRepo(f"{server.url}/org/repo.git".replace("://", "://me:s3kret@")):
            pass
        assert any("fetch" in command for command in seen)
        assert not any("s3kret" in argument for command in seen for argument in command)

    def test_the_persons_own_helpers_do_not_get_to_see_them(
        self, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = tmp_path / "gitconfig"
        settings.write_text(f"[credential]\n\thelper = store --file={tmp_path}/kept\n")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        server.want_password("me", "s3kret")
        with TemporaryGitRepo.at(Address(f"{server.url}/org/repo.git", "me", "s3kret"), None):
            pass
        assert not (tmp_path / "kept").exists()


class TestErrors:
    def failing(self, repository: TemporaryGitRepo) -> str:
        with pytest.raises(FlowStorageError) as error:
            with repository:
                pass
        assert not os.path.exists(repository.temp_dir.name)
        return str(error.value)

    @pytest.mark.parametrize(
        ("chosen", "named"),
        [
            ({"branch_name": "nope"}, "branch 'nope': couldn't find remote ref refs/heads/nope"),
            ({"tag": "nope"}, "tag 'nope': couldn't find remote ref refs/tags/nope"),
            ({"commit": "abcdef1"}, "commit 'abcdef1': it has no commit abcdef1"),
            ({"commit": "--upload-pack=touch"}, "commit '--upload-pack=touch'"),
        ],
    )
    def test_what_is_not_there_is_named(self, history: History, chosen: dict[str, Any], named: str) -> None:
        said = self.failing(TemporaryGitRepo(history.url, **chosen))
        assert said.startswith(f"The repository {history.url} could not be read at {named}")
        assert "Check its address" in said

    def test_a_commit_that_nobody_has(self, history: History) -> None:
        assert f"at commit '{'a' * 40}'" in self.failing(TemporaryGitRepo(history.url, commit="a" * 40))

    def test_a_repository_that_is_not_there(self, tmp_path: Path) -> None:
        assert "does not appear to be a git repository" in self.failing(TemporaryGitRepo(f"file://{tmp_path}/nope"))

    def test_wrong_credentials_are_not_shown(self, server: GitServer) -> None:
        server.want_password("me", "right")
        said = self.failing(TemporaryGitRepo(f"{server.url}/org/repo.git".replace("://", "://me:s3kret@")))
        assert re.search(r"http://127.0.0.1:\d+/org/repo.git", said)
        assert "s3kret" not in said
        assert "access token" in said

    def test_nobody_is_asked_for_a_password(self, server: GitServer) -> None:
        server.want_password("me", "right")
        assert "could not read Username" in self.failing(TemporaryGitRepo(f"{server.url}/org/repo.git"))

    def test_a_machine_without_git(self, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(FlowStorageError, match=r"fetched with `git`, which is not on PATH. Install git"):
            with TemporaryGitRepo(history.url):
                pass
