"""Whether another distribution owns the import name."""

from importlib import metadata
from pathlib import Path

import pytest

from prefect.utilities import installation


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place in which distributions are looked for."""
    monkeypatch.setattr("sys.path", [str(tmp_path / "missing"), str(tmp_path)])
    return tmp_path


def install(site: Path, name: str, version: str) -> None:
    information = site / f"{name}-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_alone_there_is_nothing_to_say(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "quaestor", "1.5.0")
    install(site, "prefecture", "1.0")
    assert installation.conflicting_distribution() is None
    assert installation.main() == 0
    assert capsys.readouterr().err == ""


def test_the_other_distribution_is_named_with_the_way_out(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "prefect", "3.1.0")
    conflict = installation.conflicting_distribution()
    assert conflict is not None
    assert "'prefect' 3.1.0 is installed in this environment as well" in conflict
    assert "pip uninstall prefect quaestor" in conflict
    assert installation.main() == 1
    assert conflict in capsys.readouterr().err


def test_what_is_left_of_an_installation_is_none(site: Path) -> None:
    (site / "prefect-3.1.0.dist-info").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metadata, "version", lambda name: (_ for _ in ()).throw(metadata.PackageNotFoundError(name)))
        assert installation.conflicting_distribution() is None
