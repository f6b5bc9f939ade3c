"""Secrets as tasks."""

import pytest

import prefect
from prefect import Flow
from prefect.engine.results import PrefectResult, SecretResult
from prefect.tasks.secrets import PrefectSecret, SecretBase


def test_the_result_is_not_kept() -> None:
    secret = SecretBase(name="s")
    assert isinstance(secret.result, SecretResult)
    assert secret.checkpoint is False
    with pytest.raises(ValueError, match="Result types for Secrets are not configurable"):
        SecretBase(result=PrefectResult())


def test_the_name_is_that_of_the_secret() -> None:
    assert (PrefectSecret("X").name, PrefectSecret("X").secret_name) == ("X", "X")
    assert PrefectSecret().name == "PrefectSecret"


def test_the_value_comes_from_the_context() -> None:
    with prefect.context(secrets={"X": 4}):
        assert PrefectSecret("X").run() == 4
        assert PrefectSecret().run("X") == 4
        assert PrefectSecret("Y").run(name="X") == 4
        with pytest.raises(ValueError, match='Local Secret "Y" was not found'):
            PrefectSecret("Y").run()
    with pytest.raises(ValueError, match="A secret name must be provided"):
        PrefectSecret().run()


def test_the_result_of_a_copy_reads_the_copy() -> None:
    secret = PrefectSecret("X")
    with Flow("f"):
        copy = secret()
    assert isinstance(copy.result, SecretResult)
    assert copy.result.secret_task is copy
    assert isinstance(secret.result, SecretResult)
    assert secret.result.secret_task is secret
