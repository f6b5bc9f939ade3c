"""Storages on the wire: what 1.4.1 wrote and read; and what cannot be."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.storage import StorageSchema, dump_storage, load_storage
from prefect.storage import Docker, Git, GitHub, GitLab, Local, Module, Webhook
from tests.fixtures.wire import examples

KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "storages.json").read_text())["storages"]
WRITTEN = {name: facts for name, facts in KNOWN.items() if facts.get("serialized") is not None}
# Where the home of the reference's author was shows in the default directory.
THEIR_HOME = "/home/user/.prefect"


def with_home(data: dict[str, Any], home: Path) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(data).replace(THEIR_HOME, str(home)))
    return changed


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    from prefect.configuration import config

    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", [name for name in WRITTEN if name not in ("local", "local_built")])
def test_writes_what_was_always_written(name: str, home: Path) -> None:
    storage = _example(name)
    with versioned.written_as("1.4.1"):
        assert dump_storage(storage) == with_home(WRITTEN[name]["serialized"], home)
        assert storage.serialize() == StorageSchema().dump(storage)
    assert storage.labels == WRITTEN[name]["labels"]
    assert repr(storage) == WRITTEN[name]["repr"]


def _example(name: str) -> Any:
    from unittest.mock import patch

    # One of the examples would make its directory in somebody's home.
    with patch("os.makedirs"):
        return examples.storages()[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_reads_what_was_always_written(name: str) -> None:
    data = copy.deepcopy(WRITTEN[name]["serialized"])
    storage = load_storage(data)
    assert type(storage).__name__ == data["type"]
    assert storage.flows == data["flows"]
    assert storage.secrets == data["secrets"]
    assert data == WRITTEN[name]["serialized"]
    with versioned.written_as("1.4.1"):
        assert StorageSchema().dump(storage) == data


def test_reading_creates_nothing(tmp_path: Path) -> None:
    elsewhere = tmp_path / "of another machine"
    storage = load_storage({"type": "Local", "directory": str(elsewhere)})
    assert isinstance(storage, Local)
    assert storage.directory == str(elsewhere)
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (5, "must be a JSON object"),
        ({}, "must say its type"),
        ({"type": "Memory"}, "Memory is no kind of storage"),
        ({"type": "GCS"}, "GCS storage cannot be made"),
        ({"type": "Webhook"}, "Webhook storage cannot be made"),
        ({"type": "Module", "module": "m", "flows": []}, "flows of Module storage"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        load_storage(data)


def test_old_and_unknown_fields_are_ignored() -> None:
    data = {"type": "Docker", "registry_url": "r", "prefect_version": "0.6.0", "zzz": 1, "secrets": None}
    storage = load_storage(data)
    assert isinstance(storage, Docker)
    assert (storage.registry_url, storage.prefect_version, storage.secrets) == ("r", "0.6.0", [])


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValueError, match="Either `repo` or `git_clone_url_secret_name`"):
        Git("f.py")
    with pytest.raises(ValueError, match="only one of the following"):
        Git("f.py", repo="a/b", tag="x", commit="y")
    with pytest.raises(ValueError, match="Only one of `base_image` and `dockerfile`"):
        Docker(base_image="a", dockerfile="b")
    with pytest.raises(RuntimeError, match="HTTP method 'NOPE' not recognized"):
        Webhook({}, "POST", {}, "NOPE")
    with pytest.raises(TypeError, match="zz"):
        GitHub("r", "p", zz=1)


def test_the_name_of_an_image() -> None:
    assert Docker(registry_url="r/", image_name="i", image_tag="t").name == "r/i:t"
    assert Docker(image_name="i", image_tag="t").name == "i:t"
    with pytest.raises(ValueError, match="image_name and image_tag"):
        Docker().name  # noqa: B018
    assert GitLab("r").name == "GitLab"


def test_a_subclass_is_written_as_what_it_extends() -> None:
    class Mine(Module):
        pass

    assert dump_storage(Mine("m"))["type"] == "Module"
