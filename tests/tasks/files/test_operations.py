"""Files moved, copied, removed and found, for real."""

from pathlib import Path
from typing import Any

import pytest

from prefect import Flow
from prefect.tasks.files import Copy, Glob, Move, Remove


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that holds a file and a directory with a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("content")
    (tmp_path / "directory" / "below").mkdir(parents=True)
    (tmp_path / "directory" / "below" / "deep").write_text("deep")
    return tmp_path


class TestMove:
    def test_a_file_to_a_name(self, here: Path) -> None:
        assert Move("file", "new").run() == Path("new")
        assert (here / "new").read_text() == "content"
        assert not (here / "file").exists()

    def test_a_file_into_a_directory(self, here: Path) -> None:
        assert Move().run("file", "directory") == Path("directory/file")
        assert (here / "directory" / "file").read_text() == "content"

    def test_a_directory(self, here: Path) -> None:
        assert Move(source_path=here / "directory").run(target_path=here / "new") == here / "new"
        assert (here / "new" / "below" / "deep").read_text() == "deep"


class TestCopy:
    def test_a_file_to_a_name(self, here: Path) -> None:
        assert Copy("file", "new").run() == Path("new")
        assert (here / "new").read_text() == (here / "file").read_text() == "content"

    def test_a_file_into_a_directory(self, here: Path) -> None:
        assert Copy().run(source_path=Path("file"), target_path=Path("directory")) == Path("directory/file")

    def test_a_directory_with_all_that_is_in_it(self, here: Path) -> None:
        assert Copy("directory", "new/one").run() == Path("new/one")
        assert (here / "new" / "one" / "below" / "deep").read_text() == "deep"
        with pytest.raises(FileExistsError):
            Copy("directory", "new/one").run()


class TestRemove:
    def test_a_file(self, here: Path) -> None:
        Remove("file").run()
        assert not (here / "file").exists()

    def test_an_empty_directory_and_no_other(self, here: Path) -> None:
        with pytest.raises(OSError, match="not empty"):
            Remove().run("directory")
        Remove("directory/below/deep").run()
        Remove(path="directory/below").run()
        assert list((here / "directory").iterdir()) == []

    def test_a_link_and_not_what_it_leads_to(self, here: Path) -> None:
        (here / "link").symlink_to(here / "directory")
        Remove("link").run()
        assert (here / "directory").is_dir()
        assert not (here / "link").is_symlink()

    def test_what_is_not_there(self, here: Path) -> None:
        with pytest.raises(ValueError, match=r"Path \(nothing\) not found"):
            Remove("nothing").run()


class TestGlob:
    def test_in_a_directory(self, here: Path) -> None:
        assert Glob(".").run() == [Path("directory"), Path("file")]
        assert Glob(path="nothing").run() == []

    def test_by_a_pattern(self, here: Path) -> None:
        assert Glob("directory", pattern="**/d*").run() == [Path("directory/below/deep")]
        assert Glob("directory").run(pattern="x*") == []


@pytest.mark.parametrize("kind", [Move, Copy])
def test_both_paths_are_needed_and_the_source_must_exist(kind: Any, here: Path) -> None:
    with pytest.raises(ValueError, match=r"^No `source_path` provided\.$"):
        kind().run()
    with pytest.raises(ValueError, match=r"^No `target_path` provided\.$"):
        kind().run("file")
    with pytest.raises(ValueError, match=r"^Source path \(nothing\) not found$"):
        kind("nothing", "new").run()


@pytest.mark.parametrize("kind", [Remove, Glob])
def test_a_path_is_needed(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"^No `path` provided\.$"):
        kind().run()


def test_in_a_flow(here: Path) -> None:
    with Flow("files") as flow:
        copied = Copy(target_path="directory")("file")
        found = Glob("directory")(upstream_tasks=[copied])
        removed = Remove().map(found)
    state = flow.run()
    assert state is not None
    assert state.result[found].result == [Path("directory/below"), Path("directory/file")]
    assert [child.is_successful() for child in state.result[removed].map_states] == [False, True]


def test_on_the_wire_they_look_as_they_did() -> None:
    assert Copy().serialize()["inputs"]["source_path"] == {
        "required": False,
        "type": "typing.Union[str, pathlib.Path]",
    }
    assert Glob().serialize()["outputs"] == "typing.List[pathlib.Path]"
