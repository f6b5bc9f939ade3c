"""A file says which schema it has by a number alone, so no schema may change under its number once it was released."""

import hashlib
import json
from pathlib import Path

import prefect.server.store as store
from prefect.server.store import postgres, sqlite

HERE = Path(__file__).parent
SCHEMAS = Path(store.__file__).parent

# Digests of the schema files by version. A new entry needs a way from the version before (store/migrations).
KNOWN: dict[str, dict[str, str]] = json.loads((HERE / "schema_versions.json").read_text())


def digest(name: str) -> str:
    """Of the statements alone: comments and white space may change."""
    lines = (line.partition("--")[0].split() for line in (SCHEMAS / name).read_text().splitlines())
    return hashlib.sha256(" ".join(word for words in lines for word in words).encode()).hexdigest()


def test_the_schema_files_are_those_of_their_version() -> None:
    assert KNOWN[str(sqlite.USER_VERSION)]["sqlite"] == digest("schema.sqlite.sql")
    assert KNOWN[str(postgres.SCHEMA_VERSION)]["postgres"] == digest("schema.postgres.sql")


def test_both_databases_are_at_the_same_version() -> None:
    assert sqlite.USER_VERSION == postgres.SCHEMA_VERSION == max(map(int, KNOWN))
