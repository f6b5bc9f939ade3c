"""The types of columns: what a request may write for a value, and the form in which it is stored and compared.

A coercion takes a value out of JSON or a document and gives what the database compares with, or raises ValueError
with the second half of a sentence that begins with the place of the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from prefect.server.catalog import Scalar

Coercion = Callable[[Any], Any]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]{32}")


def shown(value: Any) -> str:
    """A value in a message: shortened, as JSON."""
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def uuid(value: Any) -> str:
    """Lower case with hyphens; also taken are upper case, braces, and hyphens left out."""
    if value.__class__ is str:
        if _UUID.fullmatch(value):
            return value
        bare = value.strip("{}").replace("-", "").lower()
        if _HEX.fullmatch(bare):
            return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"
    elif value.__class__.__name__ == "UUID":
        return str(value)
    raise ValueError(f"is no uuid: {shown(value)}")


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {shown(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("is not valid Unicode: it holds half of a surrogate pair") from None
    # No database of ours holds NUL. What came in with one was stored with this in its place, and is found by either.
    return value.replace("\x00", "\ufffd") if "\x00" in value else value


def integer(value: Any) -> int:
    return _whole(value, 32)


def bigint(value: Any) -> int:
    """A whole number; may come as text, which is how JSON carries those beyond 2**53 unharmed."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        value = int(value)
    return _whole(value, 64)


def _whole(value: Any, bits: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(f"must be a whole number of {bits} bits, not {shown(value)}")
    return value


def real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"must be a number, not {shown(value)}")
    return float(value)


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


# Before and after every time that there is.
_ENDLESS: Mapping[str, datetime] = MappingProxyType(
    {"-infinity": datetime.min.replace(tzinfo=UTC), "infinity": datetime.max.replace(tzinfo=UTC)}
)
_DAYS: Mapping[str, int] = MappingProxyType({"yesterday": -1, "today": 0, "tomorrow": 1})
_IN_ZONE = re.compile(r"(.*\d)\s*([A-Za-z]{1,20}(?:/[A-Za-z_]{1,20}){0,2})")


def _moment(written: str) -> datetime:
    """A time in ISO 8601, with an offset or the name of a zone, or one of PostgreSQL's words for times."""
    word = written.lower()
    if word in _ENDLESS:
        return _ENDLESS[word]
    if word == "epoch":
        return datetime.fromtimestamp(0, UTC)
    if word == "now":
        return datetime.now(UTC)
    if word in _DAYS:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=_DAYS[word])
    zoned = _IN_ZONE.fullmatch(written)
    if zoned is None:
        return datetime.fromisoformat(written)
    local, zone = datetime.fromisoformat(zoned[1]), zoned[2]
    if local.tzinfo is not None:
        raise ValueError
    return local.replace(tzinfo=UTC if zone.upper() in ("Z", "UTC", "GMT") else ZoneInfo(zone))


def timestamp(value: Any) -> str:
    """UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00` with the fraction trimmed; a time without an offset counts as UTC."""
    if isinstance(value, datetime):
        moment = value
    else:
        if not isinstance(value, str):
            raise ValueError(f"is no timestamp: {shown(value)}")
        try:
            moment = _moment(value.strip())
        except (ValueError, KeyError, OSError):  # of no zone, there may be a directory of its name
            raise ValueError(f"is no timestamp in ISO 8601: {shown(value)}") from None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"is a timestamp out of range: {shown(value)}") from None
    written = moment.isoformat()
    return written if moment.microsecond == 0 else written[:-6].rstrip("0") + "+00:00"


_INTERVAL = re.compile(
    r"(?:(?P<days>[+-]?\d+)\s+days?)?\s*"
    r"(?:(?P<sign>[+-])?(?P<hours>\d+):(?P<minutes>\d\d?)(?::(?P<seconds>\d\d?)(?:\.(?P<fraction>\d{1,6}))?)?)?"
)
_AMOUNT = r"([+-]?\d+(?:\.\d+)?)"
_INTERVAL_UNIT = re.compile(
    _AMOUNT + r"\s*(microsecond|us|usec|millisecond|ms|msec|second|sec|s|minute|min|m|hour|hr|h|day|d|week|w|month|mon"
    r"|year|yr|y)s?(?![a-z])"
)
_DURATION = re.compile(r"P(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")
_PART = re.compile(_AMOUNT + r"([YMWDHS])")
_DAY = 86_400_000_000
# As PostgreSQL compares them: a month has thirty days.
_MICROSECONDS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("microsecond", "us", "usec"), 1),
        **dict.fromkeys(("millisecond", "ms", "msec"), 1_000),
        **dict.fromkeys(("second", "sec", "s"), 1_000_000),
        **dict.fromkeys(("minute", "min", "m"), 60_000_000),
        **dict.fromkeys(("hour", "hr", "h"), 3_600_000_000),
        **dict.fromkeys(("day", "d"), _DAY),
        **dict.fromkeys(("week", "w"), 7 * _DAY),
        **dict.fromkeys(("month", "mon"), 30 * _DAY),
        **dict.fromkeys(("year", "yr", "y"), 360 * _DAY),
    }
)


def _in_units(written: str) -> list[tuple[str, str]]:
    """Amounts and units of `N unit ...`, or of a duration in ISO 8601; none where it is neither."""
    if len(written) > 1 and _DURATION.fullmatch(written):
        date, _, clock = written.partition("T")
        parts = [(amount, {"M": "month"}.get(unit, unit.lower())) for amount, unit in _PART.findall(date)]
        return parts + [(amount, unit.lower()) for amount, unit in _PART.findall(clock)]
    written = written.lower()
    found = _INTERVAL_UNIT.findall(written)
    return found if not _INTERVAL_UNIT.sub("", written).strip() else []


def interval(value: Any) -> int:
    """Microseconds. Written as `[N days] HH:MM:SS[.ffffff]`, `N unit ...` or `PT1H30M`, or as a number of seconds."""
    if isinstance(value, timedelta):
        return round(value / timedelta(microseconds=1))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return round(value * 1_000_000)
    if isinstance(value, str) and value.strip():
        written = value.strip()
        found = _INTERVAL.fullmatch(written)
        if found:
            part = found.groupdict(default="0")
            clock = int(part["hours"]) * 3600 + int(part["minutes"]) * 60 + int(part["seconds"])
            exact = clock * 1_000_000 + int(part["fraction"].ljust(6, "0"))
            return int(part["days"]) * 86_400_000_000 + (-exact if part["sign"] == "-" else exact)
        if units := _in_units(written):
            return round(sum(float(amount) * _MICROSECONDS[unit] for amount, unit in units))
    raise ValueError(f"is no interval: {shown(value)}")


def interval_text(microseconds: int) -> str:
    """An interval as PostgreSQL prints it: `HH:MM:SS[.ffffff]`, `N days HH:MM:SS`."""
    sign = "-" if microseconds < 0 else ""
    days, rest = divmod(abs(microseconds), 86_400_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if fraction:
        clock += f".{fraction:06}".rstrip("0")
    if not days:
        return sign + clock
    written = f"{sign}{days} day" + ("" if days == 1 and not sign else "s")
    return f"{written} {sign}{clock}" if rest else written


_JSON = msgspec.json.Encoder(order="sorted")


def json_text(value: Any) -> str:
    """A JSON value as the text under which equal values are equal: keys sorted, no blanks, 1.0 written as 1."""
    try:
        written = _JSON.encode(_plain(value)).decode()
        # The escape, or a backslash followed by the text "u0000": only the slow way can tell.
        return _JSON.encode(_plain(_without_nul(value))).decode() if "\\u0000" in written else written
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError) as error:
        raise ValueError(f"is no JSON value: {error}") from None


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(inner) for inner in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


COERCIONS: Mapping[Scalar, Coercion] = MappingProxyType(
    {
        "uuid": uuid,
        "String": text,
        "Int": integer,
        "bigint": bigint,
        "Float": real,
        "Boolean": boolean,
        "timestamptz": timestamp,
        "interval": interval,
        "jsonb": json_text,
    }
)

LITERALS: Mapping[Scalar, tuple[str, ...]] = MappingProxyType(
    {
        "uuid": ("String",),
        "String": ("String",),
        "Int": ("Int",),
        "bigint": ("Int", "String"),
        "Float": ("Int", "Float"),
        "Boolean": ("Boolean",),
        "timestamptz": ("String",),
        "interval": ("String", "Int", "Float"),
        "jsonb": ("String", "Int", "Float", "Boolean", "Enum"),
    }
)

OperandForm = Literal["value", "list", "pattern", "text", "texts"]

_ORDERED: dict[str, OperandForm] = {
    "_eq": "value",
    "_neq": "value",
    "_gt": "value",
    "_gte": "value",
    "_lt": "value",
    "_lte": "value",
    "_in": "list",
    "_nin": "list",
}
_TEXT: dict[str, OperandForm] = {
    f"_{sense}{pattern}": "pattern"
    for pattern in ("like", "ilike", "similar", "regex", "iregex")
    for sense in ("", "n")
}
_JSONB: dict[str, OperandForm] = {
    "_contains": "value",
    "_contained_in": "value",
    "_has_key": "text",
    "_has_keys_any": "texts",
    "_has_keys_all": "texts",
}

OPERATORS: Mapping[Scalar, Mapping[str, OperandForm]] = MappingProxyType(
    {
        "uuid": _ORDERED,
        "String": {**_ORDERED, **_TEXT},
        "Int": _ORDERED,
        "bigint": _ORDERED,
        "Float": _ORDERED,
        "Boolean": _ORDERED,
        "timestamptz": _ORDERED,
        "interval": _ORDERED,
        "jsonb": {**_ORDERED, **_JSONB},
    }
)
"""What a column can be compared by, besides `_is_null`: the operators of its type, and what each is compared with."""

NUMBERS: frozenset[Scalar] = frozenset({"Int", "bigint", "Float"})
COMPARABLE: frozenset[Scalar] = NUMBERS | {"uuid", "String", "timestamptz"}

CASTS: Mapping[Scalar, tuple[Scalar, ...]] = MappingProxyType({"jsonb": ("String",)})
"""What `_cast` makes of a column, to compare that. A JSON value becomes the text that PostgreSQL writes it as."""

MEASURES: Mapping[str, frozenset[Scalar]] = MappingProxyType(
    {
        "max": COMPARABLE,
        "min": COMPARABLE,
        "sum": NUMBERS,
        "avg": NUMBERS,
        "stddev": NUMBERS,
        "stddev_pop": NUMBERS,
        "stddev_samp": NUMBERS,
        "variance": NUMBERS,
        "var_pop": NUMBERS,
        "var_samp": NUMBERS,
    }
)
"""The functions over all rows' values of a column, and the types that have them."""


def measured(function: str, kind: Scalar) -> Scalar:
    """The type of what a function makes of a column of this type."""
    return kind if function in ("max", "min", "sum") else "Float"


EQUIVALENT: Mapping[str, str] = MappingProxyType(
    {"UUID": "uuid", "DateTime": "timestamptz", "JSON": "jsonb", "_uuid": "uuid"}
)
"""The server's own half of the interface names three types differently; a variable of either name fits. A list of
uuids may be a variable of the type `_uuid`, written `{<uuid>,<uuid>}`."""
