import base64
import datetime
import json
import pickle
import sys
import zlib
from types import ModuleType
from typing import Any

import cloudpickle
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.engine.serializers import (
    CompressedSerializer,
    DateTimeSerializer,
    JSONSerializer,
    PandasSerializer,
    PickleSerializer,
    Serializer,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "serializer",
    [
        PickleSerializer(),
        JSONSerializer(),
        *[CompressedSerializer(JSONSerializer(), format=name) for name in ("bz2", "gzip", "lzma", "zlib")],
    ],
    ids=lambda s: type(s).__name__,
)
@given(value=values)
def test_what_is_written_is_read(serializer: Serializer, value: Any) -> None:
    assert serializer.deserialize(serializer.serialize(value)) == value


def test_equal_means_the_same_bytes() -> None:
    assert JSONSerializer() == JSONSerializer()
    assert JSONSerializer() != PickleSerializer()
    zlib_json = CompressedSerializer(JSONSerializer(), format="zlib")
    assert zlib_json == CompressedSerializer(JSONSerializer(), format="zlib")
    assert zlib_json != CompressedSerializer(PickleSerializer(), format="zlib")
    assert zlib_json != CompressedSerializer(JSONSerializer(), format="bz2")
    assert zlib_json != CompressedSerializer(JSONSerializer(), format="zlib", compress_kwargs={"level": 1})
    assert len({JSONSerializer(), JSONSerializer(), zlib_json}) == 2


def test_the_base_knows_no_bytes() -> None:
    with pytest.raises(NotImplementedError):
        Serializer().serialize(1)
    with pytest.raises(NotImplementedError):
        Serializer().deserialize(b"")


class TestPickle:
    def test_functions_and_classes_of_a_script(self) -> None:
        written = PickleSerializer().serialize(lambda x: x + 1)
        assert PickleSerializer().deserialize(written)(1) == 2

    def test_old_base64_pickles(self) -> None:
        assert PickleSerializer().deserialize(base64.b64encode(cloudpickle.dumps([3]))) == [3]

    @pytest.mark.parametrize("junk", [b"junk", b"", b"\x80", b"not base64!"])
    def test_what_is_no_pickle(self, junk: bytes) -> None:
        with pytest.raises((pickle.UnpicklingError, EOFError)):
            PickleSerializer().deserialize(junk)

    def test_what_cannot_be_pickled(self) -> None:
        with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
            PickleSerializer().serialize(iter(range(1)).__iter__ for _ in "x")


class TestJSON:
    def test_the_text(self) -> None:
        assert JSONSerializer().serialize({"a": [1, None, True], "b": "é"}) == (
            b'{"a": [1, null, true], "b": "\\u00e9"}'
        )

    def test_what_json_does_not_know(self) -> None:
        with pytest.raises(TypeError, match="not JSON serializable"):
            JSONSerializer().serialize(object())
        with pytest.raises(json.JSONDecodeError):
            JSONSerializer().deserialize(b"x")


class TestDateTime:
    @pytest.mark.parametrize(
        ("moment", "text"),
        [
            (pendulum.datetime(2022, 1, 2, 3, 4, 5, 678900), b"2022-01-02T03:04:05.678900Z"),
            (datetime.datetime(2022, 1, 1), b"2022-01-01T00:00:00Z"),
            (pendulum.datetime(2022, 1, 1, tz="Europe/Paris"), b"2022-01-01T00:00:00+01:00"),
        ],
    )
    def test_there_and_back(self, moment: datetime.datetime, text: bytes) -> None:
        assert DateTimeSerializer().serialize(moment) == text
        assert DateTimeSerializer().deserialize(text) == pendulum.instance(moment)

    @pytest.mark.parametrize("value", ["2022-01-01", datetime.date(2022, 1, 1), 5, None])
    def test_only_datetimes(self, value: Any) -> None:
        with pytest.raises(ValueError, match="only accepts datetime objects"):
            DateTimeSerializer().serialize(value)

    def test_text_that_is_no_time(self) -> None:
        with pytest.raises(ValueError, match="Unable to parse string"):
            DateTimeSerializer().deserialize(b"xx")


class TestCompressed:
    def test_functions_of_ones_own(self) -> None:
        serializer = CompressedSerializer(
            JSONSerializer(), compress=lambda content: content + b"!", decompress=lambda content: content[:-1]
        )
        assert serializer.serialize(1) == b"1!"
        assert serializer.deserialize(b"1!") == 1

    def test_arguments_of_the_library(self) -> None:
        serializer = CompressedSerializer(JSONSerializer(), format="zlib", compress_kwargs={"level": 0})
        assert serializer.serialize(1) == zlib.compress(b"1", level=0)

    @pytest.mark.parametrize("arguments", [{}, {"compress": len}, {"decompress": len}])
    def test_too_little_said(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="You must specify either"):
            CompressedSerializer(JSONSerializer(), **arguments)

    def test_too_much_said(self) -> None:
        with pytest.raises(ValueError, match="but not both"):
            CompressedSerializer(JSONSerializer(), format="zlib", compress=zlib.compress)

    def test_libraries_that_are_none(self) -> None:
        with pytest.raises(ImportError, match="Compression module for 'nope' is not installed"):
            CompressedSerializer(JSONSerializer(), format="nope")
        with pytest.raises(ValueError, match="does not have 'compress' and 'decompress'"):
            CompressedSerializer(JSONSerializer(), format="json")

    def test_it_travels(self) -> None:
        serializer = CompressedSerializer(JSONSerializer(), format="zlib")
        assert pickle.loads(pickle.dumps(serializer)) == serializer


class TestPandas:
    @pytest.fixture(autouse=True)
    def _stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As much of pandas as the serializer touches."""

        class DataFrame:
            def __init__(self, text: str) -> None:
                self.text = text

            def to_csv(self, buffer: Any, end: str = "") -> None:
                buffer.write((self.text + end).encode())

            def to_onlywritten(self, buffer: Any) -> None:
                buffer.write(b"")

        module: Any = ModuleType("pandas")
        module.DataFrame = DataFrame
        module.read_csv = lambda buffer, upper=False: DataFrame(
            buffer.read().decode().upper() if upper else buffer.read().decode()
        )
        monkeypatch.setitem(sys.modules, "pandas", module)

    def test_arguments_reach_pandas(self) -> None:
        serializer = PandasSerializer("csv", deserialize_kwargs={"upper": True}, serialize_kwargs={"end": "!"})
        frame: Any = sys.modules["pandas"].DataFrame("a,b")
        assert serializer.serialize(frame) == b"a,b!"
        assert serializer.deserialize(b"a,b").text == "A,B"

    def test_a_missing_library_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ImportError, match=r"PandasSerializer needs the module pandas.*'quaestor\[pandas\]'"):
            PandasSerializer("csv")

    def test_a_file_type_that_is_none_is_found_at_once(self) -> None:
        with pytest.raises(ValueError, match="cannot write the file type 'nope'"):
            PandasSerializer("nope")
        with pytest.raises(ValueError, match="cannot read the file type 'onlywritten'"):
            PandasSerializer("onlywritten")

    def test_equality(self) -> None:
        assert PandasSerializer("csv") == PandasSerializer("csv")
        assert PandasSerializer("csv") != PandasSerializer("csv", serialize_kwargs={"end": "!"})
        assert PandasSerializer("csv") != JSONSerializer()
        assert len({PandasSerializer("csv"), PandasSerializer("csv")}) == 1
