import json
from typing import Any

import pytest

from prefect.utilities.serialization import from_qualified_name, to_qualified_name


class Outer:
    class Inner:
        pass


@pytest.mark.parametrize("obj", [json.dumps, json.JSONDecoder, json.JSONDecoder.decode, len, int])
def test_there_and_back(obj: Any) -> None:
    assert from_qualified_name(to_qualified_name(obj)) is obj


def test_names() -> None:
    assert to_qualified_name(json.dumps) == "json.dumps"
    assert to_qualified_name(Outer.Inner).endswith(".Outer.Inner")
    with pytest.raises(AttributeError):
        to_qualified_name(5)


@pytest.mark.parametrize("name", ["nope.x", "json.nope", "int", "", "json.dumps.nope"])
def test_what_has_not_been_imported_is_not_loaded(name: str) -> None:
    with pytest.raises(ValueError, match="maybe it hasn't been imported yet"):
        from_qualified_name(name)
