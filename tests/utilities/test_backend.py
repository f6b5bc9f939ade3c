from pathlib import Path

import pytest

from prefect.utilities.backend import backend_path, load_backend, save_backend


def test_a_choice_is_kept_in_the_backend_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__BACKEND_CONFIG_PATH", str(tmp_path / "new" / "backend.toml"))
    assert load_backend() == {}
    save_backend("server")
    save_backend("embedded")
    assert backend_path().read_text() == 'backend = "embedded"\n'
    assert load_backend() == {"backend": "embedded"}
    assert [path.name for path in backend_path().parent.iterdir()] == ["backend.toml"]
