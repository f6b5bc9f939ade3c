"""Keys are kept for each server and tenant, in a file that nobody loses and only its owner reads."""

from pathlib import Path

import pytest

from prefect.client.saved_keys import SavedKeys
from prefect.configuration import config
from prefect.exceptions import ClientError

SERVER = "http://127.0.0.1:36041"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    return tmp_path / "home" / "auth.toml"


def test_a_key_is_kept_for_its_owner_and_its_server(file: Path) -> None:
    SavedKeys(SERVER).keep("ours", "one")
    SavedKeys("http://elsewhere:1").keep("theirs", None)
    assert SavedKeys(SERVER).read() == {"api_key": "ours", "tenant_id": "one", "api_key_of_one": "ours"}
    assert SavedKeys("http://elsewhere:1").read() == {"api_key": "theirs", "tenant_id": ""}
    assert SavedKeys("http://nowhere:1").read() == {}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["auth.toml"]


def test_the_keys_of_other_tenants_stay(file: Path) -> None:
    SavedKeys(SERVER).keep("first", "one")
    SavedKeys(SERVER).keep("second", "two")
    assert SavedKeys(SERVER).read()["api_key"] == "second"
    assert SavedKeys(SERVER).by_tenant() == {"one": "first", "two": "second"}


def test_one_tenant_is_forgotten_or_the_whole_server(file: Path) -> None:
    assert SavedKeys(SERVER).forget() is False
    SavedKeys(SERVER).keep("first", "one")
    SavedKeys(SERVER).keep("second", "two")
    assert SavedKeys(SERVER).forget("two") is True
    assert SavedKeys(SERVER).by_tenant() == {"one": "first"}
    assert SavedKeys(SERVER).read()["api_key"] == ""
    assert SavedKeys(SERVER).forget() is True
    assert SavedKeys(SERVER).read() == {}


def test_a_broken_file_is_named_and_not_written_over(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[half")
    saved = SavedKeys(SERVER)
    for act in (saved.read, saved.forget, lambda: saved.keep("key", "one")):
        with pytest.raises(ClientError, match=r"auth\.toml is not valid TOML"):
            act()
    assert file.read_text() == "[half"
