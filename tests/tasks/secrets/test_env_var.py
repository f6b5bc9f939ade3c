"""Secrets in environment variables."""

import pytest

from prefect.tasks.secrets import EnvVarSecret


def test_the_value_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "12")
    assert EnvVarSecret("A_SECRET").run() == "12"
    assert EnvVarSecret("A_SECRET", cast=int).run() == 12
    assert EnvVarSecret().run("A_SECRET") == "12"


def test_a_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_SECRET", raising=False)
    assert EnvVarSecret("A_SECRET").run() is None
    assert EnvVarSecret("A_SECRET", cast=int).run() is None
    with pytest.raises(ValueError, match="Environment variable not set: A_SECRET"):
        EnvVarSecret("A_SECRET", raise_if_missing=True).run()
    with pytest.raises(ValueError, match="A secret name must be provided"):
        EnvVarSecret().run()
