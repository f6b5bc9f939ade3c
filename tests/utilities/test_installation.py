"""Whether another distribution owns the import name."""

from importlib import metadata

import pytest

from prefect.utilities import installation


def installed(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    def find(name: str) -> str:
        if name == "prefect" and version is not None:
            return version
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", find)


def test_alone_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    installed(monkeypatch, None)
    assert installation.conflicting_distribution() is None
    assert installation.main() == 0
    assert capsys.readouterr().err == ""


def test_the_other_distribution_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(monkeypatch, "3.1.0")
    conflict = installation.conflicting_distribution()
    assert conflict is not None
    assert "'prefect' 3.1.0 is installed in this environment as well" in conflict
    assert "pip uninstall prefect quaestor" in conflict
    assert installation.main() == 1
    assert conflict in capsys.readouterr().err
