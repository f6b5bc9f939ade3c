import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from prefect.utilities.filesystems import ParsedPath, parse_path, read_bytes_from_path


@pytest.mark.parametrize(
    ("path", "parsed"),
    [
        ("/a/b", ("file", "", "/a/b")),
        ("a/b", ("file", "", "a/b")),
        ("file:///a/b", ("file", "", "/a/b")),
        ("s3://bucket/k/x", ("s3", "bucket", "/k/x")),
        ("https://h/p?q=1", ("https", "h", "/p")),
        ("~/x", ("file", "", "~/x")),
        ("", ("file", "", "")),
    ],
)
def test_the_parts_of_a_path(path: str, parsed: tuple[str, str, str]) -> None:
    assert parse_path(path) == ParsedPath(*parsed)


@pytest.mark.parametrize("scheme", ["", "file://", "agent://"])
def test_files_of_this_machine(tmp_path: Path, scheme: str) -> None:
    (tmp_path / "x").write_bytes(b"hi\xff")
    assert read_bytes_from_path(f"{scheme}{tmp_path}/x") == b"hi\xff"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_bytes_from_path(str(tmp_path / "nope"))
    with pytest.raises(ValueError, match="Unsupported file scheme zz://x"):
        read_bytes_from_path("zz://x")


def test_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: Any = ModuleType("requests")
    requests.get = lambda url, timeout: SimpleNamespace(content=url.encode(), raise_for_status=lambda: None)
    monkeypatch.setitem(sys.modules, "requests", requests)
    assert read_bytes_from_path("https://h/p?q=1") == b"https://h/p?q=1"
