"""Results on the wire: their kind and where they are, never their value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prefect.engine.result.base import NoResult, NoResultType, Result
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import text_or_none
from prefect.serialization.schemas import Schema, mapping_of

if TYPE_CHECKING:
    from prefect.engine.results.secret_result import SecretResult

# The attributes that a kind of result has on the wire besides its location. A kind outside this table, and a subclass
# of one inside, is a CustomResult: only its location travels.
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Result": (),
    "AzureResult": ("container",),
    "ConstantResult": (),
    "GCSResult": ("bucket",),
    "LocalResult": ("dir",),
    "PrefectResult": (),
    "S3Result": ("bucket",),
    "SecretResult": (),
}
_REQUIRED = frozenset({"container", "bucket"})


def dump_result(result: Any) -> dict[str, Any]:
    """A result as JSON values; a value that is no Result counts as one without a location."""
    if result is NoResult or result is None:
        return {"__version__": versioned.current, "type": "NoResultType"}
    kind = type(result)
    write = _WRITERS.get(kind)
    if write is None:
        write = _WRITERS[kind] = _writer_for(kind)
    return write(result)


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {}


def _writer_for(kind: type) -> Callable[[Any], dict[str, Any]]:
    name = kind.__name__
    if issubclass(kind, NoResultType):
        return _write_no_result
    if not issubclass(kind, Result):
        return _write_raw_value
    if not kind.__module__.startswith("prefect.engine.result") or name not in _ATTRIBUTES:
        return _write_custom_result
    if name == "SecretResult":
        return _write_secret_result
    attributes = _ATTRIBUTES[name]

    def write(result: Result) -> dict[str, Any]:
        dumped: dict[str, Any] = {"location": result.location}
        for attribute in attributes:
            dumped[attribute] = getattr(result, attribute)
        dumped["__version__"] = versioned.current
        dumped["type"] = name
        return dumped

    return write


def _write_no_result(result: Any) -> dict[str, Any]:
    return {"__version__": versioned.current, "type": "NoResultType"}


def _write_raw_value(value: Any) -> dict[str, Any]:
    return {"location": None, "__version__": versioned.current, "type": "Result"}


def _write_custom_result(result: Result) -> dict[str, Any]:
    return {"location": result.location, "type": "CustomResult", "__version__": versioned.current}


def _write_secret_result(result: SecretResult) -> dict[str, Any]:
    return {
        "location": result.location,
        "secret_type": type(result.secret_task).__name__,
        "__version__": versioned.current,
        "type": "SecretResult",
    }


def load_result(data: Any) -> Result:
    """The result that the data describes, without its value.

    A kind that is not known here, a SafeResult of 0.6 to 0.11 among them, becomes a plain Result.
    """
    name = mapping_of(data, "result").get("type")
    if name == "NoResultType":
        return NoResult
    location = text_or_none(data, "location", "result")
    attributes = _ATTRIBUTES.get(name) if isinstance(name, str) else None
    if name == "Result" or attributes is None:
        return Result(location=location)
    if name == "SecretResult":
        from prefect.tasks.secrets import SecretBase

        return _class_of(name)(secret_task=SecretBase(name=location), location=location)
    given: dict[str, Any] = {"location": location}
    for attribute in attributes:
        value = text_or_none(data, attribute, str(name))
        if value is not None:
            given[attribute] = value
        elif attribute in _REQUIRED:
            raise ValidationError(f"A {name} must name its {attribute}.")
    if name == "LocalResult":
        # The directory is on the machine that wrote it, which need not be this one.
        given["validate_dir"] = False
    return _class_of(str(name))(**given)


def _class_of(name: str) -> Callable[..., Result]:
    import prefect.engine.results as results

    kind: Callable[..., Result] = getattr(results, name)
    return kind


class StateResultSchema(Schema):
    """Any result, told apart by `type`."""

    __slots__ = ()
    dump_one = staticmethod(dump_result)
    load_one = staticmethod(load_result)


class ResultSchema(StateResultSchema):
    """Any result (kept for its name)."""

    __slots__ = ()
