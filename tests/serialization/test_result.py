"""Results on the wire: every kind that 1.4.1 knew, and those that nobody knows."""

import json
from pathlib import Path
from typing import Any

import pytest

from prefect.engine.result import NoResult, Result
from prefect.engine.results import LocalResult, SecretResult
from prefect.exceptions import ValidationError
from prefect.serialization.result import ResultSchema, StateResultSchema, dump_result, load_result
from prefect.utilities.version import VERSION

KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "results.json").read_text())
ADDRESSES = {"AzureResult": {"container": "c"}, "GCSResult": {"bucket": "b"}, "S3Result": {"bucket": "b"}}


@pytest.mark.parametrize("name", KNOWN["result_schema_types"])
def test_every_kind_is_read_and_written(name: str) -> None:
    data = {"type": name, "location": "somewhere", **ADDRESSES.get(name, {})}
    result = StateResultSchema().load(data)
    assert result.value is None
    assert type(result).__name__ == ("Result" if name == "CustomResult" else name)
    if name == "NoResultType":
        assert result is NoResult
        assert dump_result(result) == {"type": "NoResultType", "__version__": VERSION}
    else:
        dumped = ResultSchema().dump(result)
        assert dumped["location"] == "somewhere"
        assert {**dumped, **data, "type": dumped["type"]} == dumped


@pytest.mark.parametrize(
    "data", [{"type": "MyResult", "location": "x"}, {"location": "x"}, {"type": 5, "location": "x"}]
)
def test_a_kind_that_nobody_knows_is_a_plain_result(data: dict[str, Any]) -> None:
    result = load_result(data)
    assert (type(result), result.location) == (Result, "x")


def test_a_directory_of_another_machine_is_not_looked_for() -> None:
    result = load_result({"type": "LocalResult", "dir": "/of/another/machine", "location": "x"})
    assert isinstance(result, LocalResult)
    assert result.dir == "/of/another/machine"


def test_a_secret_knows_its_name_only() -> None:
    result = load_result({"type": "SecretResult", "location": "S", "secret_type": "PrefectSecret"})
    assert isinstance(result, SecretResult)
    assert (result.location, result.value) == ("S", None)


@pytest.mark.parametrize(
    ("name", "field"), [("S3Result", "bucket"), ("GCSResult", "bucket"), ("AzureResult", "container")]
)
def test_half_an_address_is_refused(name: str, field: str) -> None:
    for given in ({}, {field: None}):
        with pytest.raises(ValidationError, match=f"A {name} must name its {field}"):
            load_result({"type": name, "location": "x", **given})


def test_the_value_never_travels() -> None:
    assert "treasure" not in json.dumps(dump_result(Result(value="treasure")))
    assert dump_result("treasure") == {"type": "Result", "location": None, "__version__": VERSION}
