"""A flow in a file of a repository on AWS CodeCommit."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from prefect.exceptions import FlowStorageError
from prefect.storage.repository import RepositoryStorage

if TYPE_CHECKING:
    from prefect.utilities.git import Address, TemporaryGitRepo

_OPTIONS_OF_A_SESSION = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "region_name",
    "profile_name",
)


class CodeCommit(RepositoryStorage):
    """Flows in a file of a repository on CodeCommit; needs git and boto3, which finds the credentials.

    Args:
        repo: the repository.
        path: the file that holds the flow.
        commit: branch, tag or commit; None means the default branch.
        client_options: options of the boto3 client.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        repo: str,
        path: str | None = None,
        commit: str | None = None,
        client_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.repo = repo
        self.path = path
        self.commit = commit
        self.client_options = client_options
        super().__init__(**kwargs)

    def _repository(self) -> TemporaryGitRepo:
        from prefect.utilities.git import TemporaryGitRepo

        return TemporaryGitRepo.at(self._address(), self.commit)

    def _address(self) -> Address:
        from prefect.utilities.aws import with_credentials
        from prefect.utilities.git import Address
        from prefect.utilities.importtools import import_optional

        boto3 = import_optional("boto3", "aws", f"CodeCommit storage in the repository {self.repo!r}")
        options = with_credentials(dict(self.client_options or {}))
        session = boto3.session.Session(
            **{name: options[name] for name in _OPTIONS_OF_A_SESSION if options.get(name) is not None}
        )
        region, found = session.region_name, session.get_credentials()
        missing = "region" if region is None else "credentials" if found is None else None
        if missing is not None:
            raise FlowStorageError(
                f"CodeCommit storage in the repository {self.repo!r} finds no {missing}: give `client_options`, or "
                "set up AWS on this machine."
            )
        credentials = found.get_frozen_credentials()
        site = options.get("endpoint_url") or f"https://git-codecommit.{region}.amazonaws.com"
        path = f"/v1/repos/{self.repo}"
        username = credentials.access_key
        if credentials.token:
            username = f"{username}%{credentials.token}"
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S")
        return Address(
            f"{site.rstrip('/')}{path}",
            username,
            signed_password(credentials.secret_key, urlsplit(site).netloc, path, region, now),
        )

    def _file_path(self) -> str | None:
        return self.path


def signed_password(secret_key: str, host: str, path: str, region: str, now: str) -> str:
    """The password with which CodeCommit lets git in: the time and a signature, version 4, of the request.

    `now` is in UTC, as in 20260131T235959.
    """
    scope = f"{now[:8]}/{region}/codecommit/aws4_request"
    request = f"GIT\n{path}\n\nhost:{host}\n\nhost\n"
    to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return f"{now}Z{hmac.digest(key, to_sign.encode(), 'sha256').hex()}"
