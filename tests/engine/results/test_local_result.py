import builtins
import errno
import multiprocessing
import os
import pickle
import signal
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture
def result(tmp_path: Path) -> LocalResult:
    return LocalResult(dir=str(tmp_path), location="file.txt", serializer=JSONSerializer())


class TestFolder:
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        with set_temporary_config({"home_dir": str(tmp_path / "home")}):
            yield

    @pytest.mark.parametrize("name", [None, "home", "home/", "home/sub"])
    def test_the_home_directory_keeps_results_in_one_folder(self, tmp_path: Path, name: str | None) -> None:
        dir = None if name is None else str(tmp_path / name)
        assert LocalResult(dir=dir).dir == str(tmp_path / "home" / "results")

    @pytest.mark.parametrize(("dir", "expected"), [("rel", "rel"), ("~/x", "x"), ("", ""), ("homeless", "homeless")])
    def test_other_folders_are_made_absolute(self, tmp_path: Path, dir: str, expected: str) -> None:
        assert LocalResult(dir=dir).dir == str(tmp_path / expected)

    def test_a_folder_not_validated_stays_relative(self) -> None:
        assert LocalResult(dir="rel", validate_dir=False).dir == "rel"

    def test_nothing_is_made_before_something_is_written(self, tmp_path: Path) -> None:
        written = LocalResult(dir=str(tmp_path / "a" / "b")).write(1)
        LocalResult(dir=str(tmp_path / "c"))
        assert os.path.dirname(written.location or "") == str(tmp_path / "a" / "b")
        assert os.listdir(tmp_path) == ["a"]


class TestWriting:
    def test_a_new_result_has_value_and_absolute_location(self, result: LocalResult, tmp_path: Path) -> None:
        written = result.write([1, 2])
        assert (written.value, written.location) == ([1, 2], str(tmp_path / "file.txt"))
        assert (result.value, result.location) == (None, "file.txt")
        assert (tmp_path / "file.txt").read_bytes() == b"[1, 2]"
        assert os.listdir(tmp_path) == ["file.txt"]

    def test_templates_and_functions_name_the_file(self, tmp_path: Path) -> None:
        named = LocalResult(dir=str(tmp_path), location="{task}/{n:03d}").write(1, task="t", n=5)
        assert named.location == str(tmp_path / "t" / "005")
        called = LocalResult(dir=str(tmp_path), location=lambda **kwargs: f"called-{kwargs['n']}").write(1, n=5)
        assert called.location == str(tmp_path / "called-5")
        absolute = LocalResult(dir=str(tmp_path), location=str(tmp_path / "abs" / "q")).write(1)
        assert absolute.location == str(tmp_path / "abs" / "q")

    def test_a_name_left_out_of_a_template(self, tmp_path: Path) -> None:
        with pytest.raises(KeyError, match="task"):
            LocalResult(dir=str(tmp_path), location="{task}").write(1)

    def test_default_names_tell_the_time_and_are_never_the_same(self, tmp_path: Path) -> None:
        result = LocalResult(dir=str(tmp_path))
        names = {result.default_location for _ in range(1000)}
        assert len(names) == 1000
        for name in names:
            assert os.path.basename(name).startswith("prefect-result-2")

    def test_other_people_may_do_what_the_umask_lets_them(self, result: LocalResult) -> None:
        before = os.umask(0o027)
        try:
            written = result.write(1)
        finally:
            os.umask(before)
        assert stat.S_IMODE(os.stat(written.location or "").st_mode) == 0o640

    def test_what_cannot_be_serialized_leaves_nothing(self, result: LocalResult, tmp_path: Path) -> None:
        with pytest.raises(TypeError):
            result.write(object())
        assert os.listdir(tmp_path) == []

    def test_a_full_disk_is_one_clear_error_and_leaves_what_was_there(
        self, result: LocalResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        result.write("before")
        really_open = open

        class Full:
            def __init__(self, path: str) -> None:
                self.file = really_open(path, "xb")

            def __enter__(self) -> "Full":
                return self

            def __exit__(self, *args: object) -> None:
                self.file.close()

            def write(self, content: bytes) -> None:
                self.file.write(content[:3])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(builtins, "open", lambda path, mode: Full(path))
        with pytest.raises(OSError, match=r"No space left on device: '.*/file\.txt'"):
            result.write("after")
        monkeypatch.undo()
        assert result.read("file.txt").value == "before"
        assert os.listdir(tmp_path) == ["file.txt"]

    def test_a_folder_in_the_way(self, result: LocalResult, tmp_path: Path) -> None:
        (tmp_path / "file.txt").mkdir()
        with pytest.raises(IsADirectoryError, match=r"'.*/file\.txt'"):
            result.write(1)
        assert os.listdir(tmp_path) == ["file.txt"]

    @pytest.mark.skipif(sys.platform == "win32", reason="signals")
    def test_a_writer_killed_half_way_leaves_the_old_value(self, result: LocalResult, tmp_path: Path) -> None:
        result.write("before")

        def write_and_die() -> None:
            def die(*args: Any) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            pytest.MonkeyPatch().setattr(os, "replace", die)
            result.write("after" * 1000)

        process = multiprocessing.get_context("fork").Process(target=write_and_die)
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert result.read("file.txt").value == "before"


class TestReading:
    def test_a_new_result_has_the_value(self, result: LocalResult) -> None:
        written = result.write({"a": 1})
        for location in ("file.txt", written.location or ""):
            read = result.read(location)
            assert (read.value, read.location) == ({"a": 1}, location)
        assert result.value is None

    def test_what_is_not_there(self, result: LocalResult) -> None:
        with pytest.raises(FileNotFoundError, match=r"nope"):
            result.read("nope")

    def test_existence(self, result: LocalResult) -> None:
        assert not result.exists("file.txt")
        result.write(1)
        assert result.exists("file.txt")
        assert result.exists("{name}.txt", name="file")


def test_equality_and_pickling(result: LocalResult, tmp_path: Path) -> None:
    assert result == result.copy()
    assert result == pickle.loads(pickle.dumps(result))
    assert result != LocalResult(dir=str(tmp_path / "other"), location="file.txt", serializer=JSONSerializer())
