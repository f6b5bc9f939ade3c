"""Secrets kept by the backend or in the local configuration."""

from typing import Any

from prefect.core.task import Task

__all__ = ["PrefectSecret", "SecretBase"]


class SecretBase(Task):
    """A task whose result is a secret: it is fetched anew in each run, and never written anywhere."""

    def __init__(self, **kwargs: Any) -> None:
        from prefect.engine.results import SecretResult

        if kwargs.get("result"):
            raise ValueError("Result types for Secrets are not configurable.")
        kwargs["checkpoint"] = False
        super().__init__(**kwargs)
        self.result = SecretResult(self)

    def copy(self, **task_args: Any) -> "SecretBase":
        """A secret like this one; its result refers to the copy."""
        from prefect.engine.results import SecretResult

        new = super().copy(**task_args)
        new.result = SecretResult(new)
        return new


class PrefectSecret(SecretBase):
    """The value of a secret by its name; the name may be given when the task is bound."""

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        self.secret_name = name
        super().__init__(name=name, **kwargs)

    def run(self, name: str = None):  # type: ignore[no-untyped-def]
        name = _named(name, self.secret_name)
        from prefect.client.secrets import Secret

        return Secret(name).get()


def _named(given: str | None, own: str | None) -> str:
    name = own if given is None else given
    if name is None:
        raise ValueError("A secret name must be provided.")
    return name
