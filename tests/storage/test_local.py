"""Flows kept in the local file system."""

import os
import re
import socket
import threading
from pathlib import Path

import pytest

import prefect
from prefect import Flow, task
from prefect.engine.results import LocalResult
from prefect.storage import Local

SCRIPT = "from prefect import Flow\nfirst = Flow('a')\nsecond = Flow('b')\n"


@task
def inc(x: int) -> int:
    return x + 1


def build(name: str) -> Flow:
    with Flow(name) as flow:
        inc(1)
    return flow


def test_where_flows_and_results_go(tmp_path: Path) -> None:
    home = os.path.expanduser(prefect.config.home_dir)
    storage = Local()
    assert storage.directory == os.path.join(home, "flows")
    assert isinstance(storage.result, LocalResult)
    assert storage.result.dir == os.path.join(home, "results")

    chosen = Local(directory=str(tmp_path / "new" / "place"))
    assert os.path.isdir(chosen.directory)
    assert isinstance(chosen.result, LocalResult)
    assert chosen.result.dir == chosen.directory


def test_directories_are_made_absolute_unless_told_not_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Local(directory="here").directory == str(tmp_path / "here")
    assert Local(directory="./there", validate=False).directory == "./there"
    assert not os.path.exists("there")


def test_the_label_is_the_host() -> None:
    assert Local().labels == [socket.gethostname()]
    assert Local(add_default_labels=False, labels=["x"]).labels == ["x"]


def test_flows_come_back_from_their_files(tmp_path: Path) -> None:
    storage = Local(directory=str(tmp_path))
    location = storage.add_flow(build("My Flow"))
    name, moment = os.path.split(os.path.relpath(location, tmp_path))
    assert name == "my-flow"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d(-\d{1,6})?-00-00", moment)
    assert storage.flows == {"My Flow": location}
    loaded = storage.get_flow("My Flow")
    assert (loaded.name, len(loaded.tasks)) == ("My Flow", 1)

    with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
        storage.get_flow("nope")
    with pytest.raises(ValueError, match='Flow with the name "My Flow" is already present'):
        storage.add_flow(build("My Flow"))


def test_the_file_may_be_chosen(tmp_path: Path) -> None:
    path = str(tmp_path / "deep" / "flow.pickle")
    storage = Local(directory=str(tmp_path), path=path)
    assert storage.add_flow(build("f")) == path
    assert storage.get_flow("f").name == "f"


def test_a_flow_that_cannot_be_written_is_not_taken_in(tmp_path: Path) -> None:
    flow = build("f")
    flow.lock = threading.Lock()  # type: ignore[attr-defined]
    storage = Local(directory=str(tmp_path))
    with pytest.raises(TypeError, match="cannot pickle"):
        storage.add_flow(flow)
    assert storage.flows == {}
    assert list(tmp_path.iterdir()) == []


def test_flows_come_back_from_scripts(tmp_path: Path) -> None:
    path = tmp_path / "flows.py"
    path.write_text(SCRIPT)
    storage = Local(directory=str(tmp_path), path=str(path), stored_as_script=True)
    for name in ("a", "b", "missing"):
        assert storage.add_flow(Flow(name)) == str(path)
    assert [storage.get_flow(name).name for name in ("a", "b")] == ["a", "b"]
    with pytest.raises(ValueError, match="Flow 'missing' not found in file"):
        storage.get_flow("missing")


def test_a_script_may_be_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "local_storage_flows.py").write_text(SCRIPT)
    monkeypatch.syspath_prepend(str(tmp_path))
    storage = Local(directory=str(tmp_path), path="local_storage_flows", stored_as_script=True)
    storage.add_flow(Flow("b"))
    assert storage.get_flow("b").name == "b"


def test_a_script_needs_a_path() -> None:
    with pytest.raises(ValueError, match="A `path` must be provided to show where flow"):
        Local(stored_as_script=True).add_flow(Flow("f"))
