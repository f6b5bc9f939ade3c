from pathlib import Path

import pytest

from examples.census import reading
from examples.census.reading import Function, Tally

MODULE = """\
import os
from sys import path

class Shelf:
    def tidy(self):
        if path:
            def inner():
                return os.name
            return inner
        return None

try:
    pass
except ValueError:
    def late(): ...
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_module_is_counted_whole_nested_parts_included(tmp_path: Path) -> None:
    tally = reading.read(write(tmp_path / "shop" / "shelf.py", MODULE), tmp_path)
    assert tally == Tally("shop.shelf", 1, 15, 3, 1, 2, Function("tidy", "shop.shelf", 6))


def test_a_last_line_without_its_end_counts(tmp_path: Path) -> None:
    assert reading.read(write(tmp_path / "a.py", "x = 1\ny = 2"), tmp_path).lines == 2
    assert reading.read(write(tmp_path / "b.py", ""), tmp_path).lines == 0


def test_a_file_that_does_not_parse_raises_what_the_parser_raises(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError):
        reading.read(write(tmp_path / "old.py", "print 'hello'"), tmp_path)


def test_installed_packages_are_no_part_of_the_library(tmp_path: Path) -> None:
    kept = write(tmp_path / "json" / "decoder.py", "")
    write(tmp_path / "site-packages" / "other.py", "")
    assert reading.module_files(tmp_path) == [kept]


def test_tallies_add_up_and_keep_the_longest_function() -> None:
    short, long = Function("f", "p.a", 3), Function("g", "p.b", 30)
    empty = Tally("p.c", 1, 1, 0, 0, 0, None)
    tallies = [Tally("p.a", 1, 10, 1, 0, 2, short), Tally("p.b", 1, 50, 4, 1, 0, long), empty]
    assert reading.add_up("p", tallies) == Tally("p", 3, 61, 5, 1, 2, long)


def test_modules_are_grouped_by_their_package() -> None:
    tallies = [Tally(name, 1, 0, 0, 0, 0, None) for name in ("json.decoder", "ast", "json")]
    assert [[tally.name for tally in group] for group in reading.by_package(tallies)] == [
        ["ast"],
        ["json.decoder", "json"],
    ]


def test_there_is_always_something_that_is_no_module(tmp_path: Path) -> None:
    found = reading.files_that_are_no_modules(tmp_path)
    assert found
    for file in found:
        with pytest.raises((SyntaxError, ValueError)):
            reading.read(file, tmp_path)


def test_the_package_itself_is_named_without_init(tmp_path: Path) -> None:
    assert reading.module_name(tmp_path / "json" / "__init__.py", tmp_path) == "json"
    assert reading.module_name(Path("/elsewhere/thing.so"), tmp_path) == "thing"
