"""What the page knows of states and tables, as TypeScript: made from engine/state.py and the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterable

from prefect.engine import state as home
from prefect.engine.state import State
from prefect.server import states
from prefect.server.catalog import CATALOG, Column
from prefect.server.transitions import FLOW_RUN_MOVES, TASK_RUN_MOVES, Transition

HEAD = "// Made by `make generate`; change what it is made from.\n"

# No run is ever in them.
_NO_STATES = {"_MetaState", State.__name__}

_GROUPS = {
    "PENDING": states.PENDING,
    "SCHEDULED": states.SCHEDULED,
    "SUBMITTED": states.SUBMITTED,
    "QUEUED": states.QUEUED,
    "RUNNING": states.RUNNING,
    "FINISHED": states.FINISHED,
    "SUCCESSFUL": states.SUCCESSFUL,
    "FAILED": states.FAILED,
    "CLOSED": states.CLOSED,
    "UNFINISHED": states.UNFINISHED,
}

_SCALARS = {
    "uuid": "string",
    "String": "string",
    "Int": "number",
    "bigint": "number",
    "Float": "number",
    "Boolean": "boolean",
    "timestamptz": "string",
    "interval": "string",
    "jsonb": "Json",
}


def state_names() -> str:
    """The names of states, their colours, and the groups that rules are made of."""
    names = sorted(states.EVERY - _NO_STATES)
    lines = [HEAD, "export const STATES = {"]
    for name in names:
        kinds = [kind for kind in sorted(states.kinds_of(name) - _NO_STATES) if kind != name]
        colour = getattr(home, name).color.lower()
        lines.append(f"  {name}: {{ colour: {json.dumps(colour)}, kinds: {_list(kinds)} }},")
    lines += ["} as const;", "", "export type StateName = keyof typeof STATES;", ""]
    lines += ["/** Groups of states, by the ancestry of their classes. */", "export const GROUPS = {"]
    for group, members in _GROUPS.items():
        lines.append(f"  {group}: {_list(sorted(members - _NO_STATES))},")
    lines += ["} as const satisfies Record<string, readonly StateName[]>;", ""]
    lines += ["export type Group = keyof typeof GROUPS;"]
    return "\n".join(lines)


def tables() -> str:
    """A type for the rows of each table that can be asked about."""
    lines = [
        HEAD,
        "export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };",
    ]
    for table in CATALOG.tables.values():
        if table.exposed:
            lines += ["", f"export interface {_title(table.name)}Row {{"]
            lines += [f"  readonly {column.name}: {_type(column)};" for column in table.columns.values()]
            lines.append("}")
    return "\n".join(lines)


def _type(column: Column) -> str:
    kind = _SCALARS[column.type]
    return f"{kind} | null" if column.nullable and kind != "Json" else kind


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def moves() -> str:
    """Which state may be proposed to a run that is in which."""
    lines = [HEAD, 'import type { StateName } from "./states";', ""]
    lines += ["type Moves = Readonly<Partial<Record<StateName, readonly StateName[]>>>;"]
    for name, table in (("FLOW_RUN_MOVES", FLOW_RUN_MOVES), ("TASK_RUN_MOVES", TASK_RUN_MOVES)):
        lines += ["", f"export const {name}: Moves = {{"]
        for source, destinations in sorted(_destinations(table).items()):
            lines.append(f"  {source}: {_list(sorted(destinations))},")
        lines.append("};")
    return "\n".join(lines)


def _destinations(table: Iterable[Transition]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for move in table:
        for source in move.sources - _NO_STATES if not move.by_name else ():
            found.setdefault(source, set()).update(move.destinations - _NO_STATES)
    return found


def _list(names: Iterable[str]) -> str:
    return json.dumps(list(names))
