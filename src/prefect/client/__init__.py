"""The client of the backend, and secrets."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.client.secrets import Secret

__all__ = ["Client", "Secret"]


def __getattr__(name: str) -> Any:
    """`Client` and `Secret`, each loaded when it is first asked for."""
    if name == "Client":
        from prefect.client.client import Client

        return Client
    if name == "Secret":
        from prefect.client.secrets import Secret

        return Secret
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
