"""Writes the files that are made from the code, or with --check says which of them are stale."""

import sys
from collections.abc import Callable
from pathlib import Path

from prefect.server.endpoint import schema
from prefect.server.graphql.schema import print_schema
from prefect.server.transitions import picture
from scripts import typescript
from scripts.cli_reference import reference

ROOT = Path(__file__).resolve().parent.parent

GENERATED: dict[str, Callable[[], str]] = {
    "docs/states.md": picture,
    "docs/reference/cli.md": reference,
    "docs/reference/schema.graphql": lambda: print_schema(schema()),
    "ui/src/api/moves.ts": typescript.moves,
    "ui/src/api/states.ts": typescript.state_names,
    "ui/src/api/tables.ts": typescript.tables,
}


def stale() -> list[str]:
    return [
        name
        for name, make in GENERATED.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text() != ended(make())
    ]


def ended(text: str) -> str:
    return text.rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    names = stale()
    if "--check" in arguments:
        for name in names:
            print(f"{name} is stale: run make generate")
        return 1 if names else 0
    for name in names:
        (ROOT / name).write_text(ended(GENERATED[name]()))
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
