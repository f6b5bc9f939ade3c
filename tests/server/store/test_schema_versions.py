"""A file says which schema it has by a number alone, so no schema may change under its number once it was released."""

import json
from pathlib import Path

import pytest

from prefect.server.store import postgres, sqlite
from scripts.schema_digest import digests

HERE = Path(__file__).parent

# Digests of the schema files by version. A new entry needs a way from the version before (store/migrations), and the
# files of the version before in schemas/.
KNOWN: dict[str, dict[str, str]] = json.loads((HERE / "schema_versions.json").read_text())


def test_the_schema_files_are_those_of_their_version() -> None:
    assert digests() == KNOWN[str(sqlite.USER_VERSION)]


def test_both_databases_are_at_the_same_version() -> None:
    assert sqlite.USER_VERSION == postgres.SCHEMA_VERSION == max(map(int, KNOWN))


@pytest.mark.parametrize("version", sorted(set(KNOWN) - {str(sqlite.USER_VERSION)}))
def test_the_schemas_of_earlier_versions_are_kept_as_they_were(version: str) -> None:
    assert digests(HERE / "schemas", version) == KNOWN[version]
