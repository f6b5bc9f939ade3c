"""Secrets by name."""

import json
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError
from prefect.utilities import masking
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.client.client import Client


class Secret:
    """A value that must not be written down in a flow, only its name.

    It is looked for in `prefect.context.secrets`, which holds the section `context.secrets` of the settings, where
    PREFECT__CONTEXT__SECRETS__NAME in the environment ends up; and, with `cloud.use_local_secrets` off, asked from
    the backend. Text that is JSON is given as the value it spells.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def client(self) -> "Client":
        """A client of the backend."""
        from prefect.client.client import Client

        return Client()

    def exists(self) -> bool:
        """Whether there is a secret of this name, in the context or where else `get` would look."""
        if self.name in (context.get("secrets") or {}):
            return True
        if context.config.cloud.use_local_secrets:
            return False
        return self.name in self.client.graphql("query { secret_names }")["data"]["secret_names"]

    def get(self) -> Any:
        """The value; ValueError where there is none, and while a flow is being built: it would end up inside it."""
        if context.get("flow") is not None:
            raise ValueError("Secrets should only be retrieved during a Flow run, not while building a Flow.")
        secrets = context.get("secrets") or {}
        if self.name in secrets:
            return _remembered(secrets[self.name])
        if context.config.cloud.use_local_secrets:
            raise ValueError(f'Local Secret "{self.name}" was not found.')
        return _remembered(self._from_backend())

    def _from_backend(self) -> Any:
        document = "query($name: String!) { secret_value(name: $name) }"
        try:
            result = self.client.graphql(document, variables={"name": self.name})
        except ClientError as error:
            if "No value found for the requested key" in str(error):
                raise KeyError(f"The secret {self.name} was not found in the backend.") from error
            raise
        return result["data"]["secret_value"]


def _remembered(value: Any) -> Any:
    """The value; from now on it is masked in what this process logs and records."""
    loaded = _loaded(value)
    masking.remember(value)
    masking.remember(loaded)
    return loaded


def _loaded(value: Any) -> Any:
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
