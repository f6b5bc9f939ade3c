import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prefect.client import secrets
from prefect.client.secrets import Secret
from prefect.exceptions import ClientError
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.context import context


class TestLocal:
    @pytest.mark.parametrize(
        ("kept", "value"),
        [
            ("v", "v"),
            ('{"x": 1}', {"x": 1}),
            ("1", 1),
            ("[1]", [1]),
            ('"s"', "s"),
            ("null", None),
            ("", ""),
            ({"y": 2}, {"y": 2}),
        ],
    )
    def test_json_text_is_given_as_its_value(self, kept: Any, value: Any) -> None:
        with context(secrets={"NAME": kept}):
            assert Secret("NAME").exists()
            assert Secret("NAME").get() == value

    def test_what_is_not_there(self) -> None:
        with context(secrets={"OTHER": 1}):
            assert not Secret("NAME").exists()
            with pytest.raises(ValueError, match='Local Secret "NAME" was not found'):
                Secret("NAME").get()

    def test_a_flow_being_built_gets_none(self) -> None:
        with context(secrets={"NAME": "v"}, flow=object()):
            assert Secret("NAME").exists()
            with pytest.raises(ValueError, match="while building a Flow"):
                Secret("NAME").get()

    def test_the_environment_holds_secrets_by_their_exact_name(self) -> None:
        program = "from prefect.client.secrets import Secret; print(Secret('MyName').get() + 1)"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={
                **os.environ,
                "PREFECT__CONTEXT__SECRETS__MyName": "41",
                "PYTHONPATH": str(Path(secrets.__file__).parents[2]),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "42\n"

    def test_it_never_prints_its_value(self) -> None:
        with context(secrets={"NAME": "hidden"}):
            assert "hidden" not in repr(Secret("NAME"))


class FakeClient:
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.variables: Any = None

    def graphql(self, document: str, variables: Any) -> Any:
        self.variables = variables
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"data": {"secret_value": self.answer}}


class TestFromTheBackend:
    @pytest.fixture(autouse=True)
    def _settings(self) -> Any:
        with set_temporary_config({"cloud.use_local_secrets": False}):
            yield

    def _secret(self, monkeypatch: pytest.MonkeyPatch, answer: Any) -> tuple[Secret, FakeClient]:
        client = FakeClient(answer)
        monkeypatch.setattr(Secret, "client", client)
        return Secret("NAME"), client

    def test_it_is_asked_for_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret, client = self._secret(monkeypatch, '{"x": 1}')
        assert secret.get() == {"x": 1}
        assert client.variables == {"name": "NAME"}

    def test_what_the_backend_does_not_have(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret, _ = self._secret(monkeypatch, ClientError("No value found for the requested key"))
        with pytest.raises(KeyError, match="NAME was not found in the backend"):
            secret.get()

    def test_other_trouble_is_told_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret, _ = self._secret(monkeypatch, ClientError("away"))
        with pytest.raises(ClientError, match="away"):
            secret.get()

    def test_the_context_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret, client = self._secret(monkeypatch, "theirs")
        with context(secrets={"NAME": "ours"}):
            assert secret.get() == "ours"
        assert client.variables is None
