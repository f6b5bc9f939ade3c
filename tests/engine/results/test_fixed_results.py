import pytest

from prefect.engine import results
from prefect.engine.result.base import ResultNotImplementedError
from prefect.engine.results import ConstantResult, SecretResult


class TestConstant:
    def test_any_location_gives_the_value(self) -> None:
        result = ConstantResult(value=5)
        assert result.read("anywhere") is result
        assert result.exists("anywhere")
        assert result.location is None
        assert repr(result) == "<ConstantResult: 5>"

    def test_it_cannot_be_written(self) -> None:
        with pytest.raises(ValueError, match="Cannot write values to `ConstantResult` types"):
            ConstantResult(value=5).write(1)


class SecretTask:
    """As much of a secret task as its result touches."""

    name = "MY_SECRET"

    def __init__(self) -> None:
        self.values = {"MY_SECRET": "v", "OTHER": "o"}

    def run(self, name: str) -> str:
        return self.values[name]


class TestSecret:
    def test_reading_fetches_the_secret_anew(self) -> None:
        task = SecretTask()
        result = SecretResult(task)
        assert (result.location, result.value) == ("MY_SECRET", None)
        assert result.read("MY_SECRET").value == "v"
        task.values["MY_SECRET"] = "changed"
        assert result.read("MY_SECRET").value == "changed"
        other = result.read("OTHER")
        assert (other.value, other.location) == ("o", "OTHER")
        assert result.value is None

    def test_a_location_of_ones_own(self) -> None:
        assert SecretResult(SecretTask(), location="OTHER").location == "OTHER"

    def test_it_is_never_written(self) -> None:
        with pytest.raises(ValueError, match="SecretResults cannot be written to"):
            SecretResult(SecretTask()).write("x")
        with pytest.raises(ResultNotImplementedError):
            SecretResult(SecretTask()).exists("x")


def test_every_result_is_found_where_it_is_imported_from() -> None:
    for name in results.__all__:
        found = getattr(results, name)
        assert found.__name__ == name
        assert name in dir(results)
    with pytest.raises(AttributeError, match="has no attribute 'NopeResult'"):
        _ = results.NopeResult
