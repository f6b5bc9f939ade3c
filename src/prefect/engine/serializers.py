"""How a value becomes the bytes of a result, and bytes a value again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

__all__ = [
    "Serializer",
    "PickleSerializer",
    "JSONSerializer",
    "DateTimeSerializer",
    "PandasSerializer",
    "CompressedSerializer",
]

# Values that plain pickle writes the same way cloudpickle does, at a tenth of its cost.
_PLAIN_TYPES = frozenset({type(None), bool, int, float, complex, str, bytes})

COMPRESSION_LIBRARIES = ("bz2", "gzip", "lzma", "zlib")


class Serializer:
    """Bytes for a value and back. Two serializers are equal when they write the same bytes."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def serialize(self, value: Any) -> bytes:
        """The bytes that stand for `value`."""
        raise NotImplementedError

    def deserialize(self, value: bytes) -> Any:
        """The value that these bytes stand for."""
        raise NotImplementedError


class PickleSerializer(Serializer):
    """Any Python value, functions and classes of a script included. Read only what you wrote: pickles run code."""

    def serialize(self, value: Any) -> bytes:
        if type(value) in _PLAIN_TYPES:
            import pickle

            return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        import cloudpickle

        pickled: bytes = cloudpickle.dumps(value)
        return pickled

    def deserialize(self, value: bytes | str) -> Any:
        import pickle

        try:
            return pickle.loads(value)  # type: ignore[arg-type]
        except (pickle.UnpicklingError, TypeError):
            # Releases before 0.7 wrote pickles as base64.
            import base64
            import binascii

            try:
                decoded = base64.b64decode(value, validate=True)
            except binascii.Error:
                decoded = b""
            if not decoded.startswith(b"\x80"):
                raise
            return pickle.loads(decoded)


class JSONSerializer(Serializer):
    """Values that JSON knows; readable by everything, and safe to read."""

    def serialize(self, value: Any) -> bytes:
        import json

        return json.dumps(value).encode()

    def deserialize(self, value: bytes) -> Any:
        import json

        return json.loads(value)


class DateTimeSerializer(Serializer):
    """A point in time as ISO 8601 text; one without a zone is taken as UTC."""

    def serialize(self, value: Any) -> bytes:
        import datetime

        import pendulum

        if not isinstance(value, datetime.datetime):
            raise ValueError(f"DateTimeSerializer only accepts datetime objects, not {type(value).__name__}.")
        return pendulum.instance(value).to_iso8601_string().encode()

    def deserialize(self, value: bytes) -> Any:
        import pendulum

        return pendulum.parse(value.decode())


class PandasSerializer(Serializer):
    """A DataFrame in one of pandas' own file types, such as "csv" or "parquet".

    The keyword arguments go to `DataFrame.to_<file_type>` and `pandas.read_<file_type>`.
    """

    def __init__(
        self,
        file_type: str,
        deserialize_kwargs: dict[str, Any] | None = None,
        serialize_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.file_type = file_type
        self.deserialize_kwargs = deserialize_kwargs or {}
        self.serialize_kwargs = serialize_kwargs or {}
        # Looked up now, so that a wrong file type is found where it was written and not at the end of a run.
        self._writer_name()
        self._reader()

    def _writer_name(self) -> str:
        pandas = _pandas()
        name = f"to_{self.file_type}"
        if not hasattr(pandas.DataFrame, name):
            raise ValueError(f"pandas cannot write the file type {self.file_type!r}: DataFrame has no {name}.")
        return name

    def _reader(self) -> Callable[..., Any]:
        pandas = _pandas()
        reader: Callable[..., Any] | None = getattr(pandas, f"read_{self.file_type}", None)
        if reader is None:
            raise ValueError(f"pandas cannot read the file type {self.file_type!r}: it has no read_{self.file_type}.")
        return reader

    def serialize(self, value: "pandas.DataFrame") -> bytes:
        import io

        buffer = io.BytesIO()
        getattr(value, self._writer_name())(buffer, **self.serialize_kwargs)
        return buffer.getvalue()

    def deserialize(self, value: bytes) -> "pandas.DataFrame":
        import io

        return self._reader()(io.BytesIO(value), **self.deserialize_kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PandasSerializer) and (
            self.file_type,
            self.deserialize_kwargs,
            self.serialize_kwargs,
        ) == (other.file_type, other.deserialize_kwargs, other.serialize_kwargs)

    def __hash__(self) -> int:
        return hash((type(self), self.file_type))


def _pandas() -> Any:
    from prefect.utilities.importtools import import_optional

    return import_optional("pandas", "pandas", "PandasSerializer")


class CompressedSerializer(Serializer):
    """The bytes of another serializer, compressed.

    Give `format`, the name of a module with `compress` and `decompress` such as "zlib", or the two functions.
    """

    def __init__(
        self,
        serializer: Serializer,
        format: str | None = None,
        compress: Callable[..., bytes] | None = None,
        decompress: Callable[..., bytes] | None = None,
        compress_kwargs: dict[str, Any] | None = None,
        decompress_kwargs: dict[str, Any] | None = None,
    ) -> None:
        if format:
            if compress is not None or decompress is not None:
                raise ValueError("You must specify either `format` or `compress`/`decompress`, but not both.")
            compress, decompress = self.compression_from_lib(format)
        if compress is None or decompress is None:
            raise ValueError("You must specify either `format` or `compress`/`decompress`.")
        self._serializer = serializer
        self._compress = compress
        self._decompress = decompress
        self._compress_kwargs = compress_kwargs or {}
        self._decompress_kwargs = decompress_kwargs or {}

    def serialize(self, value: Any) -> bytes:
        return self._compress(self._serializer.serialize(value), **self._compress_kwargs)

    def deserialize(self, value: bytes) -> Any:
        return self._serializer.deserialize(self._decompress(value, **self._decompress_kwargs))

    @staticmethod
    def compression_from_lib(compression_format: str) -> tuple[Callable[..., bytes], Callable[..., bytes]]:
        """The `compress` and `decompress` of the module of that name."""
        import importlib

        known = ", ".join(COMPRESSION_LIBRARIES)
        try:
            library = importlib.import_module(compression_format)
        except ImportError as error:
            raise ImportError(
                f"Compression module for {compression_format!r} is not installed. Did you mean to use one of {known}?"
            ) from error
        try:
            return library.compress, library.decompress
        except AttributeError as error:
            raise ValueError(
                f"Given compression format {compression_format!r} module does not have 'compress' and 'decompress' "
                f"attributes. Use one of {known}, or pass the two functions yourself."
            ) from error

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self._serializer))
