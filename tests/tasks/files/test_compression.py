"""Archives made and opened, for real."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from prefect.tasks.files import Unzip, Zip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("content " * 1000)
    (tmp_path / "directory" / "below").mkdir(parents=True)
    (tmp_path / "directory" / "below" / "deep").write_text("deep")
    (tmp_path / "directory" / "shallow").write_text("shallow")
    return tmp_path


def names(archive: Path | str) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def test_a_file_stands_under_its_own_name(here: Path) -> None:
    Zip(here / "directory" / "shallow", "a.zip").run()
    assert names("a.zip") == ["shallow"]


def test_a_directory_stands_with_all_that_is_in_it(here: Path) -> None:
    Zip().run("directory", "relative.zip")
    Zip().run(here / "directory", "absolute.zip")
    assert names("relative.zip") == names("absolute.zip") == ["directory/below/deep", "directory/shallow"]


def test_several_at_once(here: Path) -> None:
    Zip([here / "file", here / "directory"]).run(zip_path="a.zip")
    assert names("a.zip") == ["file", "directory/below/deep", "directory/shallow"]


def test_there_and_back(here: Path) -> None:
    Zip("directory", "a.zip").run()
    assert Unzip("a.zip", "new").run() == Path("new")
    assert (here / "new" / "directory" / "below" / "deep").read_text() == "deep"
    (here / "elsewhere").mkdir()


def test_without_a_directory_it_is_unpacked_here(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Zip("directory", "a.zip").run()
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert Unzip().run(zip_path=here / "a.zip") == here / "elsewhere"
    assert (here / "elsewhere" / "directory" / "shallow").read_text() == "shallow"


@pytest.mark.parametrize("method", ["deflate", "store", "bzip2", "lzma"])
def test_the_ways_to_compress(here: Path, method: str) -> None:
    Zip("file", "a.zip", compression_method=method).run()
    with zipfile.ZipFile("a.zip") as archive:
        packed = archive.getinfo("file")
    assert (packed.compress_size < packed.file_size) is (method != "store")


def test_there_are_no_others() -> None:
    with pytest.raises(ValueError, match="Compression method rar is not supported!"):
        Zip(compression_method="rar")


def test_a_level(here: Path) -> None:
    Zip("file", "fast.zip", compression_level=0).run()
    Zip("file", "small.zip", compression_level=9).run()
    assert (here / "small.zip").stat().st_size < (here / "fast.zip").stat().st_size


def test_what_is_needed_to_pack(here: Path) -> None:
    sources: Any
    for sources in ("", []):
        with pytest.raises(ValueError, match=r"^No `source_path` provided\.$"):
            Zip().run(sources, "a.zip")
    with pytest.raises(ValueError, match=r"^No `zip_path` provided\.$"):
        Zip("file").run()
    with pytest.raises(ValueError, match=r"^Source path \(nothing\) not found$"):
        Zip().run(["file", "nothing"], "a.zip")
    assert not (here / "a.zip").exists()


def test_what_is_needed_to_unpack(here: Path) -> None:
    with pytest.raises(ValueError, match=r"^No `zip_path` provided$"):
        Unzip().run()
    with pytest.raises(ValueError, match=r"^`zip_path` 'nothing' not found$"):
        Unzip("nothing").run()
    with pytest.raises(TypeError, match=r"^`zip_path` 'file' is not a zip file$"):
        Unzip("file").run()
