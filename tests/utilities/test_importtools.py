import json
import os.path
from pathlib import Path

import pytest

from prefect.utilities.importtools import import_object


def test_modules_and_their_attributes() -> None:
    assert import_object("json") is json
    assert import_object("os.path") is os.path
    assert import_object("os.path.join") is os.path.join
    assert import_object("json.decoder.JSONDecodeError") is json.JSONDecodeError


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nope", ModuleNotFoundError),
        ("json.nope", AttributeError),
        ("json.nope.x", ModuleNotFoundError),
        ("json:dumps", ModuleNotFoundError),
        ("", ValueError),
    ],
)
def test_what_is_not_there(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        import_object(name)


def test_a_module_that_misses_one_of_its_own_imports_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "needs_more.py").write_text("import not_installed_here\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed_here"):
        import_object("needs_more")
