"""Values that were there before the run."""

from typing import Any, Self

from prefect.engine.result.base import Result


class ConstantResult(Result):
    """Holds one fixed value; reading any location gives it, and nothing can be written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def read(self, location: str) -> Self:
        """This result itself."""
        return self

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """Always a ValueError: a constant is not written."""
        raise ValueError("Cannot write values to `ConstantResult` types.")

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Always True: the value is here."""
        return True
