from typing import Any

import pendulum
import pytest

from prefect.engine.results import PrefectResult
from prefect.engine.serializers import (
    CompressedSerializer,
    DateTimeSerializer,
    JSONSerializer,
    PickleSerializer,
    Serializer,
)


def test_the_location_is_the_value() -> None:
    result = PrefectResult()
    written = result.write({"a": 1}, ignored=True)
    assert (written.value, written.location) == ({"a": 1}, '{"a": 1}')
    assert (result.value, result.location) == (None, None)
    read = result.read('{"a": 1}')
    assert (read.value, read.location) == ({"a": 1}, '{"a": 1}')
    assert PrefectResult().write(None).location == "null"


def test_times() -> None:
    result = PrefectResult(serializer=DateTimeSerializer())
    moment = pendulum.datetime(2020, 1, 1)
    assert result.write(moment).location == "2020-01-01T00:00:00Z"
    assert result.read("2020-01-01T00:00:00Z").value == moment
    assert result.exists("2020-01-01")
    assert not result.exists("whenever")


def test_a_template_is_no_location() -> None:
    assert PrefectResult(location="{a}").write(1, a=3).location == "1"


@pytest.mark.parametrize(("location", "there"), [("1", True), ('{"a": 1}', True), ("x", False), (None, False)])
def test_existence_is_being_readable(location: Any, there: bool) -> None:
    assert PrefectResult().exists(location) is there


def test_what_json_does_not_know() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        PrefectResult().write(object())


@pytest.mark.parametrize(
    "serializer", [PickleSerializer(), CompressedSerializer(JSONSerializer(), format="zlib"), JSONSerializer, 5]
)
def test_only_text_serializers(serializer: Serializer) -> None:
    with pytest.raises(TypeError, match="PrefectResult only supports JSONSerializer or DateTimeSerializer"):
        PrefectResult(serializer=serializer)
    result = PrefectResult()
    with pytest.raises(TypeError):
        result.serializer = serializer
    assert result.serializer == JSONSerializer()


def test_two_of_different_values_differ() -> None:
    assert PrefectResult(value=1) == PrefectResult(value=1)
    assert PrefectResult(value=1) != PrefectResult(value=2)
