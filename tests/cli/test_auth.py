"""`prefect auth` and the first key: made where the database is, kept where nobody else reads, shown nowhere."""

import json
import logging
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.cli import cli
from prefect.client.client import Client
from prefect.configuration import config
from prefect.exceptions import AuthorizationError
from prefect.server import embedded
from prefect.server.endpoint import Endpoint
from prefect.utilities.logging import get_logger, temporary_logger_config
from tests.cli.test_server import started
from tests.serving import Serving

KEY = re.compile(r"qk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")


def prefect(*arguments: str, **settings: Any) -> Result:
    return CliRunner().invoke(cli, list(arguments), **settings)


def fine(*arguments: str, **settings: Any) -> str:
    result = prefect(*arguments, **settings)
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(start: str, *arguments: str, **settings: Any) -> None:
    result = prefect(*arguments, **settings)
    assert result.exit_code == 1, result.output
    assert result.stderr.splitlines()[-1].startswith(start), result.stderr


@pytest.fixture
def guarded(tmp_path: Path, server: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A server that requires keys, as the configured backend; nobody has logged in."""
    path = tmp_path / "guarded.db"
    endpoint = embedded.open_endpoint(path)
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config.cloud, "api", server.url)
    served = Endpoint(endpoint.store, requires_keys=True)
    with server.serve(served):
        yield served
    embedded._endpoints.pop(os.path.realpath(path), None)
    endpoint.store.close()


def new_key(endpoint: Endpoint, role: str = "admin", *more: str) -> str:
    return fine(
        "server", "create-key", "--role", role, "--quiet", "--database", str(endpoint.store.place), *more
    ).strip()


def test_the_first_key_is_made_in_the_database_and_printed_once(guarded: Endpoint) -> None:
    result = prefect("server", "create-key", "--role", "admin", "-n", "first", "--database", str(guarded.store.place))
    assert result.exit_code == 0
    assert KEY.fullmatch(result.stdout.strip())
    assert re.fullmatch(r"API key 'first' \(admin, id [0-9a-f-]{36}\). It is shown this once:\n", result.stderr)
    # The server that runs knows it.
    fine("auth", "login", input=result.stdout)
    assert re.search("^first +admin ", fine("auth", "list-keys"), re.MULTILINE)


def test_a_key_is_for_one_tenant(guarded: Endpoint) -> None:
    database = ("--database", str(guarded.store.place))
    assert "Tenant created with ID: " in fine("server", "create-tenant", "-n", "My Team", *database)
    fails(
        "Say which tenant the key is for (--tenant): default, my-team.",
        "server",
        "create-key",
        "--role",
        "user",
        *database,
    )
    fails(
        "There is no tenant 'x'; there are: default, my-team.",
        "server",
        "create-key",
        "--role",
        "user",
        "--tenant",
        "x",
        *database,
    )
    fails("Uniqueness violation.", "server", "create-tenant", "-n", "My Team", *database)
    assert KEY.fullmatch(new_key(guarded, "user", "--tenant", "my-team"))


def test_logging_in_and_out(guarded: Endpoint) -> None:
    with pytest.raises(AuthorizationError, match="auth login"):
        Client().graphql("{ hello }")
    key = new_key(guarded, "user")
    told = fine("auth", "login", input=f"{key}\n")
    assert re.fullmatch(r"Logged in to http://127\.0\.0\.1:\d+, tenant 'default', as user\n", told)
    file = Path(str(config.home_dir)) / "auth.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["auth.toml"]
    assert Client().graphql("{ hello }")["data"]["hello"] == "hi"
    shown = fine("auth", "status")
    assert "API key: from auth.toml\n" in shown
    assert "Tenant: default" in shown
    assert "Role: user\n" in shown
    assert key not in shown
    assert fine("auth", "logout").startswith("Logged out of http://")
    assert key not in file.read_text()
    fails("You are not logged in", "auth", "logout")
    fails("Not authenticated: This server answers nobody", "auth", "status")
    file.unlink()
    with pytest.raises(AuthorizationError, match="What was sent is no API key of this server"):
        Client(api_key="no key of ours").graphql("{ hello }")


def test_what_a_flow_logs_of_its_environment_does_not_hold_the_key(
    guarded: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_key(guarded)
    Client(api_key=key)
    with temporary_logger_config(level=logging.INFO):
        get_logger("flow").info("The environment: %s", {"PREFECT__CLOUD__API_KEY": key})
    assert "The environment" in caplog.text
    assert key not in caplog.text
    assert key[-43:] not in caplog.text


def test_a_key_on_the_command_line_is_taken_with_a_warning(guarded: Endpoint) -> None:
    key = new_key(guarded)
    result = prefect("auth", "login", "--key", key)
    assert result.exit_code == 0
    assert "can be read by other users" in result.stderr
    assert key not in result.output


def test_a_key_of_the_environment_is_logged_in_with(guarded: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.cloud, "api_key", new_key(guarded))
    assert "as admin" in fine("auth", "login")
    assert "API key: from the settings" in fine("auth", "status")


def test_a_wrong_key_is_not_kept(guarded: Endpoint) -> None:
    key = new_key(guarded)
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    for given in (wrong, "my-password"):
        result = prefect("auth", "login", input=given)
        assert result.exit_code == 1
        assert given not in result.output
    fails("No key was given.", "auth", "login", input="\n")
    assert not (Path(str(config.home_dir)) / "auth.toml").exists()


def test_keys_are_made_listed_and_revoked(guarded: Endpoint) -> None:
    fine("auth", "login", input=new_key(guarded))
    made = prefect("auth", "create-key", "-n", "ci", "--role", "read-only", "-e", "2100-01-31")
    key = made.stdout.strip()
    assert KEY.fullmatch(key)
    (line,) = [line for line in fine("auth", "list-keys").splitlines() if line.startswith("ci ")]
    assert "2100-01-31 00:00:00" in line
    key_id = line.split()[2]
    assert Client(api_key=key).graphql("{ hello }")["data"]["hello"] == "hi"
    fine("auth", "revoke-key", "--id", key_id)
    with pytest.raises(AuthorizationError, match="revoked"):
        Client(api_key=key).graphql("{ hello }")
    fails("There is no auth api key", "auth", "revoke-key", "--id", key_id)
    # Who may not, is told so.
    fine("auth", "login", input=fine("auth", "create-key", "-q", "-n", "me").strip())
    fails(
        '"create_api_key" takes an API key with the role admin, and this one has user.', "auth", "create-key", "-n", "x"
    )
    fails('"auth_api_key" takes', "auth", "list-keys")


def test_who_has_keys_of_several_tenants_switches_between_them(guarded: Endpoint) -> None:
    first = new_key(guarded)
    fine("server", "create-tenant", "-n", "Team", "--database", str(guarded.store.place))
    fine("auth", "login", input=first.replace("\n", ""))
    fails("No key of yours is of the tenant 'team'", "auth", "switch-tenants", "--slug", "team")
    fine("auth", "login", input=new_key(guarded, "user", "--tenant", "team"))
    assert [line.split()[:2] for line in fine("auth", "list-tenants").splitlines()[1:]] == [
        ["default", "default"],
        ["Team", "team"],
    ]
    assert fine("auth", "list-tenants").splitlines()[2].endswith("in use")
    assert fine("auth", "switch-tenants", "--slug", "default") == "Tenant switched to default\n"
    assert "Role: admin" in fine("auth", "status")
    client = Client()
    assert [tenant["slug"] for tenant in client.get_available_tenants()] == ["default"]
    fails("Say which tenant", "auth", "switch-tenants")
    client.forget_auth_on_disk(client.tenant_id)
    assert list(client.saved_keys()) != [client.tenant_id]


def test_where_the_record_is_a_file_nobody_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "embedded")
    for command in ("login", "logout", "status", "list-keys", "list-tenants"):
        fails("Runs are recorded in a file here", "auth", command, input="qk_x")


def test_tokens_of_1_x_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    assert fine("auth", "purge-tokens") == "There are no API tokens.\n"
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "settings.toml").write_text('api_token = "x"')
    assert fine("auth", "purge-tokens") == "API tokens deleted\n"
    assert not (tmp_path / "client").exists()


# -- processes ---------------------------------------------------------------------------------------------------------


def test_it_is_opened_to_others_with_keys_alone_and_shows_them_nowhere(tmp_path: Path) -> None:
    """The whole way with real processes; every word that any of them says, and every file, is looked through."""
    database = tmp_path / "quaestor.db"
    open_to_all = ("--host", "0.0.0.0", "--port", "0", "--database", str(database))
    said: list[str] = []
    with started(*open_to_all) as (process, line):
        assert line.startswith("The server would be reachable from other machines at 0.0.0.0")
        assert "prefect server create-key --role admin" in line
        assert process.wait() == 1
    environment = {**os.environ, "PREFECT__HOME_DIR": str(tmp_path / "home"), "PREFECT__BACKEND": "server"}

    def run(*arguments: str, given: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            input=given,
            env={**environment, **more},
            capture_output=True,
            text=True,
        )

    made = run("server", "create-key", "--role", "admin", "--database", str(database))
    key = made.stdout.strip()
    assert KEY.fullmatch(key), made
    said.append(made.stderr)
    with started(*open_to_all) as (process, line):
        said.append(line)
        url = "http://127.0.0.1:" + line.rpartition(":")[2]
        at = {"PREFECT__CLOUD__API": url}
        for arguments, given in (
            (("auth", "login"), key),
            (("auth", "status"), ""),
            (("auth", "list-keys"), ""),
            (("auth", "list-tenants"), ""),
            (("create", "project", "p"), ""),
            (("get", "projects"), ""),
            (("config",), ""),
            (("diagnostics",), ""),
        ):
            done = run(*arguments, given=given, **at)
            assert done.returncode == 0, done
            said += [done.stdout, done.stderr]
        wrong = run("graphql", "--help", **at)
        said += [wrong.stdout, wrong.stderr]
        for content, headers in (
            ({"query": "{ nothing }"}, {"Authorization": f"Bearer {key}"}),
            ({"query": "{ hello }"}, {"Authorization": f"Bearer {key}x"}),
            ({"query": "{ hello }"}, {"Authorization": f"Bearer {key}", "X-PREFECT-TENANT-ID": "x"}),
            ({"query": "{ audit { who input ids } auth_api_key { name } }"}, {"Authorization": f"Bearer {key}"}),
            ({"query": "{ hello }"}, {}),
        ):
            request = urllib.request.Request(
                url + "/graphql", json.dumps(content).encode(), {"Content-Type": "application/json", **headers}
            )
            try:
                with urllib.request.urlopen(request) as response:
                    said.append(response.read().decode())
            except urllib.error.HTTPError as error:
                said.append(error.read().decode())
                error.close()
        assert '"who":"key server (' in said[-2]
        assert "UNAUTHENTICATED" in said[-1]
        if sys.platform == "linux":
            said += Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")
            said.append(Path(f"/proc/{process.pid}/environ").read_text())
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        said.append(process.stdout.read())
    secret = key[-43:]
    assert [text for text in said if secret in text] == []
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert kept == [tmp_path / "home" / "auth.toml"]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600


def test_the_first_key_of_a_postgresql_database(postgres_url: str) -> None:
    url = postgres_url.replace("postgres@", "postgres:geheim@")
    with started("--host", "0.0.0.0", "--port", "0", "--database", url) as (process, line):
        assert "prefect server create-key --role admin" in line
        assert process.wait() == 1
    made = prefect("server", "create-key", "--role", "admin", "--database-url", url)
    assert KEY.fullmatch(made.stdout.strip()), made.output
    assert "geheim" not in made.output
    embedded._endpoints.pop(url).store.close()
    with started("--host", "0.0.0.0", "--port", "0", "--database", url) as (process, line):
        assert line.startswith("Serving postgresql://"), line
        process.send_signal(signal.SIGTERM)
        process.wait()
