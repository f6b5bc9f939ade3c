"""What comes in, made fit to be stored: the one place where text, JSON, ids and times are cleaned."""

from __future__ import annotations

import json
import math
import re
import uuid
from datetime import datetime
from typing import Annotated, Any

import msgspec

from prefect.server.errors import BadInput
from prefect.server.identifiers import stamp

# The names are those of the GraphQL types; the schema is made from them.
UUID = Annotated[str, msgspec.Meta(extra={"graphql": "UUID"})]
DateTime = Annotated[Any, msgspec.Meta(extra={"graphql": "DateTime"})]
JSON = Annotated[Any, msgspec.Meta(extra={"graphql": "JSON"})]


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_REPLACEMENT = "\ufffd"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


def clean_text(text: str) -> str:
    """The text with what no database can keep (NUL, halves of surrogate pairs) replaced by U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves that belong together become their character, a single one the mark for what is lost.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean_optional(text: str | None) -> str | None:
    """The same where there may be no text."""
    return None if text is None else clean_text(text)


def text_of(value: Any, what: str) -> str | None:
    """Text inside a JSON value, cleaned; None stays None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadInput(f"{what} must be text, not {type(value).__name__}.")
    return clean_text(value)


def number_of(value: Any, what: str) -> Any:
    """A number inside a JSON value, of a size that can be stored; None stays None."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 2**31:
        raise BadInput(f"{what} must be a number below two thousand million.")
    return value


def encode_json(value: Any, what: str) -> str:
    """A value as compact JSON text; NaN and infinities become null. `what` names it in the error."""
    try:
        text = _encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        text = _encode_slowly(value, what)
    if "\\u0000" in text:
        # The escape, or a backslash followed by the text "u0000": only the slow way can tell.
        text = _encode_slowly(value, what)
    return text


def _encode_slowly(value: Any, what: str) -> str:
    try:
        return json.dumps(_clean(value), ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"{what} cannot be written as JSON: {error}") from None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {clean_text(key) if isinstance(key, str) else key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def decode_json(text: str, what: str) -> Any:
    """The value of JSON text that came as a string."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise BadInput(f"{what} is not valid JSON: {error}") from None


def object_of(value: Any, what: str) -> dict[str, Any]:
    """A JSON object, given as one or as its text."""
    if isinstance(value, str):
        value = decode_json(value, what)
    if not isinstance(value, dict):
        raise BadInput(f"{what} must be a JSON object.")
    return value


def list_of(value: Any, what: str) -> list[Any]:
    """A JSON list, given as one or as its text."""
    if isinstance(value, str):
        value = decode_json(value, what)
    if not isinstance(value, list | tuple):
        raise BadInput(f"{what} must be a JSON list.")
    return list(value)


def canonical_id(value: Any, what: str) -> str:
    """A uuid in the form in which it is stored."""
    if value.__class__ is str and _UUID.fullmatch(value):
        return value
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise BadInput(f"{what} must be a UUID, not {value!r}.") from None


def canonical_moment(value: Any, what: str) -> str | None:
    """A time in the form in which it is stored; None stays None."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return stamp(value)
    try:
        moment = datetime.fromisoformat(value)
        if len(value) == 32 and value[26:] == "+00:00" and value[25] != "0" and value[10] == "T":
            return value  # type: ignore[no-any-return]
        return stamp(moment)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{what} must be a time such as 2024-01-31T12:00:00+00:00, not {value!r}.") from None


def labels_of(values: Any) -> str:
    """Labels as JSON: sorted, each once."""
    return encode_json(sorted({clean_text(str(value)) for value in values}), "labels")
