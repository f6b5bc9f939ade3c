"""Secrets are encrypted at rest, and shown to nobody who does not ask for one by its name."""

from __future__ import annotations

import base64
import builtins
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server.endpoint import Endpoint
from prefect.server.errors import SecretsUnavailable
from prefect.server.store.database import Store
from prefect.server.vault import KEY_BYTES, Vault

if TYPE_CHECKING:
    from tests.server.conftest import Backend

VALUE = "query($name: String!) { secret_value(name: $name) }"
KEY = base64.urlsafe_b64encode(bytes(range(KEY_BYTES))).decode()
SPOKEN = "correct horse battery staple"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.server.secrets, "key", KEY)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("value", [SPOKEN, "", {"a": [1, None]}, None, 7, "ü\u2028\U0001f600"])
def test_a_secret_is_given_as_it_was_kept(backend: Backend, value: Any) -> None:
    assert backend.do("set_secret", "success", name="A", value="another") == {"success": True}
    assert backend.do("set_secret", "success", name="A", value=value) == {"success": True}
    assert backend.ask(VALUE, name="A") == {"secret_value": value}
    backend.do("set_secret", "success", name="0", value=1)
    assert backend.ask("{ secret_names }") == {"secret_names": ["0", "A"]}


@pytest.mark.usefixtures("key")
def test_a_secret_that_is_not_there(backend: Backend) -> None:
    reply = backend.reply(VALUE, name="nothing")
    # The client of 1.x looks for these words.
    assert "No value found for the requested key" in reply["errors"][0]["message"]
    assert backend.refused("delete_secret", "success", name="nothing")["extensions"]["code"] == "NOT_FOUND"
    backend.do("set_secret", "success", name="A", value=1)
    backend.do("delete_secret", "success", name="A")
    assert backend.ask("{ secret_names }") == {"secret_names": []}


@pytest.mark.usefixtures("key")
def test_no_table_shows_secrets(backend: Backend) -> None:
    backend.do("set_secret", "success", name="A", value=SPOKEN)
    for asked in ("secret { sealed }", "secret_aggregate { nodes { name } }", 'secret_by_pk(id: "x") { sealed }'):
        assert "errors" in backend.reply(f"{{ {asked} }}")
    with backend.store.snapshot() as snapshot:
        rows = snapshot.fetch_all("SELECT name, sealed FROM secret")
    assert [name for name, _ in rows] == ["A"]
    assert SPOKEN not in rows[0][1]


def test_nothing_of_a_secret_stands_in_the_file_in_clear(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.db")
    endpoint = Endpoint(store)
    document = "mutation($input: set_secret_input!) { set_secret(input: $input) { success } }"
    spoken = {f"secret-{number}": f"{SPOKEN} {number}" for number in range(20)}
    for name, value in spoken.items():
        answer = endpoint.answer(document, {"input": {"name": name, "value": value}})
        assert SPOKEN.encode() not in answer
    # Also one that was written into the document, replaced, and deleted.
    text = 'mutation { set_secret(input: {name: "x", value: "\\"%s\\""}) { success } }'
    endpoint.answer(text % f"{SPOKEN} inline")
    endpoint.answer(text % "another")
    endpoint.answer('mutation { delete_secret(input: {name: "x"}) { success } }')
    needles = [SPOKEN.encode(), base64.b64encode(SPOKEN.encode())[:-4], SPOKEN.encode().hex().encode()]
    key = (tmp_path / "q.db-key").read_bytes().strip()
    for path in tmp_path.iterdir():
        if path.name == "q.db-key":
            continue
        found = path.read_bytes()
        assert not [needle for needle in [*needles, key] if needle in found], path.name
    assert {path.name for path in tmp_path.iterdir()} >= {"q.db", "q.db-wal", "q.db-key"}
    for name, value in spoken.items():
        assert json.loads(endpoint.answer(VALUE, {"name": name})) == {"data": {"secret_value": value}}
    store.close()


def test_the_key_lies_beside_the_file_for_its_owner_alone(backend_in_file: Backend, tmp_path: Path) -> None:
    backend_in_file.do("set_secret", "success", name="A", value=SPOKEN)
    path = tmp_path / "quaestor.db-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.urlsafe_b64decode(path.read_text())) == KEY_BYTES
    before = path.read_bytes()
    backend_in_file.do("set_secret", "success", name="B", value=1)
    assert path.read_bytes() == before
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]


def test_a_key_that_others_can_read_is_not_used(backend_in_file: Backend, tmp_path: Path) -> None:
    backend_in_file.do("set_secret", "success", name="A", value=SPOKEN)
    os.chmod(tmp_path / "quaestor.db-key", 0o640)
    reply = backend_in_file.reply(VALUE, name="A")
    assert reply["errors"][0]["extensions"]["code"] == "SECRETS_UNAVAILABLE"
    assert "chmod 600" in reply["errors"][0]["message"]


def test_without_its_key_a_secret_is_neither_read_nor_written_over_by_accident(
    backend_in_file: Backend, tmp_path: Path
) -> None:
    backend_in_file.do("set_secret", "success", name="A", value=SPOKEN)
    path = tmp_path / "quaestor.db-key"
    path.unlink()
    for reply in (
        backend_in_file.reply(VALUE, name="A"),
        {"errors": [backend_in_file.refused("set_secret", "success", name="B", value=1)]},
    ):
        assert reply["errors"][0]["extensions"]["code"] == "SECRETS_UNAVAILABLE"
        assert "Bring the key back" in reply["errors"][0]["message"]
        assert str(tmp_path) not in reply["errors"][0]["message"]
    assert not path.exists()
    # Once nothing is lost by it, a new key is made.
    backend_in_file.do("delete_secret", "success", name="A")
    backend_in_file.do("set_secret", "success", name="B", value=1)
    assert path.exists()


def test_another_key_than_it_was_kept_with_says_so(backend_in_file: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend_in_file.do("set_secret", "success", name="A", value=SPOKEN)
    monkeypatch.setitem(config.server.secrets, "key", KEY)
    reply = backend_in_file.reply(VALUE, name="A")
    assert "another key than the one in the setting server.secrets.key" in reply["errors"][0]["message"]


@pytest.mark.parametrize("setting", ["short", "ü" * 43, base64.b64encode(b"x" * 31).decode(), "!" * 43])
def test_a_setting_that_is_no_key_says_how_to_make_one(
    backend_in_file: Backend, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setitem(config.server.secrets, "key", setting)
    error = backend_in_file.refused("set_secret", "success", name="A", value=1)
    assert error["extensions"]["code"] == "SECRETS_UNAVAILABLE"
    assert "token_urlsafe(32)" in error["message"]
    assert setting not in error["message"]


def test_without_a_file_the_setting_must_name_the_key() -> None:
    with pytest.raises(SecretsUnavailable, match="PREFECT__SERVER__SECRETS__KEY"):
        Vault(None).seal("x", "owner", first=True)


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def importing(name: str, *rest: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(SecretsUnavailable, match="quaestor\\[server\\]"):
        Vault(tmp_path / "key").seal("x", "owner", first=True)


def test_what_is_sealed_is_bound_to_its_owner_and_never_alike_twice(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    sealed = vault.seal("x", "tenant/A", first=True)
    assert vault.open(sealed, "tenant/A") == "x"
    assert vault.seal("x", "tenant/A", first=False) != sealed
    for spoiled, owner in ((sealed, "tenant/B"), (sealed[:-6] + "AAAA==", "tenant/A"), ("1.", "tenant/A"), ("", "t")):
        with pytest.raises(SecretsUnavailable):
            vault.open(spoiled, owner)


def test_a_key_that_another_process_made_meanwhile_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "key"
    mine = Vault(path)
    theirs = Vault(path)
    sealed = theirs.seal("x", "o", first=True)
    assert mine._make(path) == theirs._key(may_make=False)
    assert mine.open(sealed, "o") == "x"
