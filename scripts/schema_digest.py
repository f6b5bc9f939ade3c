"""Prints the digests of the schema files, as tests/server/store/schema_versions.json keeps them for each version."""

import hashlib
import json
from pathlib import Path

STORE = Path(__file__).resolve().parent.parent / "src" / "prefect" / "server" / "store"


def digest(path: Path) -> str:
    """Of the statements alone: comments and white space may change."""
    lines = (line.partition("--")[0].split() for line in path.read_text().splitlines())
    return hashlib.sha256(" ".join(word for words in lines for word in words).encode()).hexdigest()


def digests(folder: Path = STORE, name: str = "schema") -> dict[str, str]:
    """The digest of the schema for each kind of database."""
    return {dialect: digest(folder / f"{name}.{dialect}.sql") for dialect in ("postgres", "sqlite")}


if __name__ == "__main__":
    print(json.dumps(digests(), indent=2))
