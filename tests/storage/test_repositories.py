"""Flows in Git repositories: addresses at each host, and a flow loaded from a repository that wants a password."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow
from prefect.exceptions import FlowStorageError
from prefect.storage import Bitbucket, CodeCommit, Git, GitHub, GitLab
from prefect.storage.codecommit import signed_password
from prefect.storage.repository import RepositoryStorage
from prefect.utilities.context import context
from prefect.utilities.git import Address
from tests.repositories import FLOW, GitServer, Repository, make_repository, serving

TOKENS = {"T": "tok/en", "U": "https://user:pass@host/x.git", "USER": "someone", "PASSWORD": "app pass"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in ("GITHUB_ACCESS_TOKEN", "GITLAB_ACCESS_TOKEN", "BITBUCKET_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    repository = make_repository(tmp_path / "served" / "org" / "repo.git", monkeypatch)
    repository.commit({"flows/f.py": FLOW.format(name="on main")})
    repository.git("checkout", "-q", "-b", "dev")
    repository.commit({"flows/f.py": FLOW.format(name="on dev")})
    repository.git("checkout", "-q", "main")
    return repository


@pytest.fixture
def server(repository: Repository) -> Iterator[GitServer]:
    with serving(repository.path.parents[1]) as server:
        yield server


def address_of(storage: RepositoryStorage) -> Address:
    with context(secrets=TOKENS):
        return storage._repository().address


class TestGit:
    @pytest.mark.parametrize(
        ("chosen", "url"),
        [
            ({}, "https://github.com/org/repo.git"),
            ({"git_token_username": "me"}, "https://github.com/org/repo.git"),
            ({"git_token_secret_name": "T"}, "https://org:tok%2Fen@github.com/org/repo.git"),
            ({"git_token_secret_name": "T", "git_token_username": "me"}, "https://me:tok%2Fen@github.com/org/repo.git"),
            ({"git_token_secret_name": "T", "format_access_token": False}, "https://tok%2Fen@github.com/org/repo.git"),
            ({"repo_host": "gitlab.com", "git_token_secret_name": "T"}, "https://org:tok%2Fen@gitlab.com/org/repo.git"),
            ({"use_ssh": True}, "git@github.com:org/repo.git"),
            ({"use_ssh": True, "repo_host": "host:2222"}, "ssh://git@host:2222/org/repo.git"),
            ({"use_ssh": True, "git_token_secret_name": "T"}, "git@github.com:org/repo.git"),
            ({"git_clone_url_secret_name": "U"}, "https://user:pass@host/x.git"),
        ],
    )
    def test_the_address_to_clone(self, chosen: dict[str, Any], url: str) -> None:
        with context(secrets=TOKENS):
            assert Git("f.py", repo="org/repo", **chosen).git_clone_url == url

    def test_the_token(self) -> None:
        assert Git("f.py", repo="org/repo").git_token_secret == ""
        with context(secrets=TOKENS):
            assert Git("f.py", repo="org/repo", git_token_secret_name="T").git_token_secret == "tok/en"
        with pytest.raises(ValueError, match='Local Secret "T" was not found'):
            _ = Git("f.py", repo="org/repo", git_token_secret_name="T").git_clone_url

    @pytest.mark.parametrize(
        ("chosen", "ignored"),
        [
            ({"use_ssh": True, "git_token_secret_name": "T"}, "`git_token_secret_name` is ignored"),
            ({"git_clone_url_secret_name": "U"}, "`repo`, `repo_host`"),
        ],
    )
    def test_what_is_ignored_is_said(
        self, chosen: dict[str, Any], ignored: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        Git("f.py", repo="org/repo", **chosen)
        assert ignored in caplog.text
        assert [record.name for record in caplog.records] == ["prefect.Git"]

    def test_a_flow_is_loaded_with_an_address_that_is_secret(
        self, server: GitServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.want_password("me", "s3kret")
        storage = Git("flows/f.py", git_clone_url_secret_name="URL", branch_name="dev")
        assert storage.add_flow(Flow("on dev")) == "flows/f.py"
        url = f"{server.url}/org/repo.git"
        with caplog.at_level(logging.DEBUG), context(secrets={"URL": url.replace("://", "://me:s3kret@")}):
            flow = storage.get_flow("on dev")
        assert flow.name == "on dev"
        assert f"Loading flow 'on dev' from flows/f.py of {url}" in caplog.text
        assert "s3kret" not in caplog.text

    def test_the_name_in_the_file_may_be_another(self, repository: Repository) -> None:
        storage = Git("flows/f.py", git_clone_url_secret_name="URL", flow_name="other")
        storage.add_flow(Flow("registered"))
        with context(secrets={"URL": repository.url}):
            assert storage.get_flow("registered").name == "other"

    def test_errors_name_the_flow(self, repository: Repository) -> None:
        with context(secrets={"URL": repository.url}):
            storage = Git("nope.py", git_clone_url_secret_name="URL", branch_name="dev")
            storage.add_flow(Flow("f"))
            with pytest.raises(FlowStorageError, match=r"'f' could not be loaded: .*no file 'nope.py' at branch 'dev'"):
                storage.get_flow("f")
            with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
                storage.get_flow("g")
            storage = Git("flows/f.py", git_clone_url_secret_name="URL", tag="v9")
            storage.add_flow(Flow("f"))
            with pytest.raises(FlowStorageError, match=r"'f' could not be loaded: The repository .* at tag 'v9'"):
                storage.get_flow("f")
            storage = Git("flows/f.py", git_clone_url_secret_name="URL")
            storage.add_flow(Flow("f"))
            with pytest.raises(ValueError, match="Flow 'f' not found in file"):
                storage.get_flow("f")


class TestGitHub:
    @pytest.mark.parametrize(
        ("base_url", "url"),
        [
            (None, "https://github.com/org/repo.git"),
            ("https://github.example.com/api/v3", "https://github.example.com/org/repo.git"),
            ("https://github.example.com/api/v3/", "https://github.example.com/org/repo.git"),
            ("https://api.github.com", "https://github.com/org/repo.git"),
        ],
    )
    def test_the_address(self, base_url: str | None, url: str) -> None:
        storage = GitHub("org/repo", "f.py", base_url=base_url, access_token_secret="T")
        assert address_of(storage) == Address(url, "x-access-token", "tok/en")

    def test_a_flow_is_loaded(self, server: GitServer) -> None:
        server.want_password("x-access-token", "tok/en")
        storage = GitHub("org/repo", "flows/f.py", ref="dev", base_url=f"{server.url}/api/v3", access_token_secret="T")
        assert storage.add_flow(Flow("on dev")) == "flows/f.py"
        with context(secrets=TOKENS):
            assert storage.build().get_flow("on dev").name == "on dev"


class TestGitLab:
    def test_the_address(self) -> None:
        assert address_of(GitLab("group/sub/repo")) == Address("https://gitlab.com/group/sub/repo.git")
        storage = GitLab("g/r", host="https://gitlab.example.com/", access_token_secret="T")
        assert address_of(storage) == Address("https://gitlab.example.com/g/r.git", "oauth2", "tok/en")
        assert address_of(GitLab("g/r", host="gitlab.example.com")).url == "https://gitlab.example.com/g/r.git"

    def test_a_flow_is_loaded(self, server: GitServer) -> None:
        server.want_password("oauth2", "tok/en")
        storage = GitLab("org/repo", path="flows/f.py", host=server.url, access_token_secret="T")
        storage.add_flow(Flow("on main"))
        with context(secrets=TOKENS):
            assert storage.get_flow("on main").name == "on main"


class TestBitbucket:
    def test_the_address_in_the_cloud(self) -> None:
        storage = Bitbucket(
            "P", "repo", workspace="ws", cloud_username_secret="USER", cloud_app_password_secret="PASSWORD"
        )
        assert address_of(storage) == Address("https://bitbucket.org/ws/repo.git", "someone", "app pass")
        with_token = Bitbucket("P", "repo", workspace="ws", access_token_secret="T")
        assert address_of(with_token) == Address("https://bitbucket.org/ws/repo.git", "x-token-auth", "tok/en")
        assert address_of(Bitbucket("P", "repo")) == Address("https://bitbucket.org/P/repo.git")

    def test_the_address_of_ones_own(self) -> None:
        storage = Bitbucket("P", "repo", host="https://bitbucket.example.com", access_token_secret="T")
        assert address_of(storage) == Address("https://bitbucket.example.com/scm/P/repo.git", bearer="tok/en")

    def test_half_of_the_credentials_is_refused(self) -> None:
        with pytest.raises(ValueError, match="belong together: give both"):
            Bitbucket("P", "repo", cloud_username_secret="USER")

    def test_a_flow_is_loaded(self, repository: Repository) -> None:
        served = repository.path.parents[1]
        (served / "scm").mkdir()
        (served / "org").rename(served / "scm" / "org")
        with serving(served) as server:
            server.wanted = "Bearer tok/en"
            storage = Bitbucket("org", "repo", host=server.url, path="flows/f.py", ref="dev", access_token_secret="T")
            storage.add_flow(Flow("on dev"))
            with context(secrets=TOKENS):
                assert storage.get_flow("on dev").name == "on dev"


class TestCodeCommit:
    OPTIONS = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret", "region_name": "eu-west-1"}

    def test_the_address(self) -> None:
        pytest.importorskip("boto3", reason="CodeCommit is not tested: boto3 is not installed")
        address = address_of(CodeCommit("repo", client_options=self.OPTIONS))
        assert address.url == "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/repo"
        assert address.username == "AKID"
        with_session = address_of(CodeCommit("repo", client_options={**self.OPTIONS, "aws_session_token": "st"}))
        assert with_session.username == "AKID%st"
        now = str(address.password).partition("Z")[0]
        host = "git-codecommit.eu-west-1.amazonaws.com"
        assert address.password == signed_password("secret", host, "/v1/repos/repo", "eu-west-1", now)

    def test_the_signature_is_that_of_botocore(self) -> None:
        auth = pytest.importorskip("botocore.auth")
        credentials = pytest.importorskip("botocore.credentials").Credentials("AKID", "secret")
        request = pytest.importorskip("botocore.awsrequest").AWSRequest(method="GIT", url="https://host/v1/repos/r")
        request.context["timestamp"] = "20260102T030405"
        signer = auth.SigV4Auth(credentials, "codecommit", "eu-west-1")
        canonical = "GIT\n/v1/repos/r\n\nhost:host\n\nhost\n"
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        ours = signed_password("secret", "host", "/v1/repos/r", "eu-west-1", "20260102T030405")
        assert ours == f"20260102T030405Z{signature}"

    def test_what_is_missing_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        boto3 = pytest.importorskip("boto3")

        class Session:
            region_name = None

            def get_credentials(self) -> None:
                return None

        monkeypatch.setattr(boto3.session, "Session", lambda **kwargs: Session())
        with pytest.raises(FlowStorageError, match="repository 'repo' finds no region: give `client_options`"):
            address_of(CodeCommit("repo"))

    def test_a_flow_is_loaded(self, repository: Repository) -> None:
        pytest.importorskip("boto3", reason="CodeCommit is not tested: boto3 is not installed")
        served = repository.path.parents[1]
        (served / "v1").mkdir()
        (served / "org").rename(served / "v1" / "repos")
        with serving(served) as server:
            storage = CodeCommit(
                "repo.git", path="flows/f.py", commit="dev", client_options={**self.OPTIONS, "endpoint_url": server.url}
            )
            storage.add_flow(Flow("on dev"))
            assert storage.get_flow("on dev").name == "on dev"


@pytest.mark.parametrize(
    ("storage", "name", "username"),
    [
        (GitHub("o/r", "f.py"), "GITHUB_ACCESS_TOKEN", "x-access-token"),
        (GitLab("o/r"), "GITLAB_ACCESS_TOKEN", "oauth2"),
        (Bitbucket("P", "r"), "BITBUCKET_ACCESS_TOKEN", "x-token-auth"),
    ],
)
def test_a_token_may_have_its_usual_name(
    storage: RepositoryStorage, name: str, username: str, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert storage._repository().address.username is None
    monkeypatch.setenv(name, "from the environment")
    address = storage._repository().address
    assert (address.username, address.password) == (username, "from the environment")
    with context(secrets={name: "from the context"}):
        assert storage._repository().address.password == "from the context"


@pytest.mark.parametrize("storage", [GitLab("o/r"), Bitbucket("P", "r"), CodeCommit("r")])
def test_a_file_must_be_named(storage: RepositoryStorage) -> None:
    with pytest.raises(ValueError, match=f"{storage.name} storage has no `path`: name the file .* flow 'f'"):
        storage.add_flow(Flow("f"))


def test_a_flow_that_cannot_be_pickled_may_be_in_a_repository() -> None:
    import threading

    flow = Flow("f")
    flow.lock = threading.Lock()  # type: ignore[attr-defined]
    storage = GitHub("o/r", "f.py")
    storage.add_flow(flow)
    assert storage.build() is storage
    with pytest.raises(ValueError, match='Flow with the name "f" is already present'):
        storage.add_flow(flow)
