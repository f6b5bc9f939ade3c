import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from prefect.utilities import diagnostics
from prefect.utilities.version import VERSION


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('debug = true\n[cloud]\napi_key = "hidden"\n[context.secrets]\nA = "hidden"\n')
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(path))
    return path


def test_the_user_file_is_told_by_name_only(user_file: Path) -> None:
    assert diagnostics.config_overrides() == {
        "config_overrides": {"debug": True, "cloud": {"api_key": True}, "context": {"secrets": False}}
    }
    named = diagnostics.config_overrides(include_secret_names=True)
    assert named["config_overrides"]["context"] == {"secrets": {"A": True}}


def test_no_user_file_no_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__USER_CONFIG_PATH", str(tmp_path / "nope.toml"))
    assert diagnostics.config_overrides() == {"config_overrides": {}}


def test_the_whole_report_holds_no_value(user_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__ABC", "hidden")
    flow: Any = SimpleNamespace(
        run_config=None,
        storage=SimpleNamespace(path="hidden", secrets=[]),
        result=None,
        schedule=None,
        tasks={1, 2},
    )
    text = diagnostics.diagnostic_info(flow)
    report = json.loads(text)
    assert "hidden" not in text
    assert "PREFECT__CONTEXT__SECRETS__ABC" in report["env_vars"]
    assert report["system_information"]["prefect_version"] == VERSION
    assert report["flow_information"]["storage"] == {"type": "SimpleNamespace", "path": True, "secrets": False}
    assert report["flow_information"]["task_count"] == 2
