"""Finding what a person names: a flow run or a flow by its id or its name, a task run by the slug of its task."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from prefect.backend.query import FoundSeveral, NotFound, fetch
from prefect.cli.output import age, fail

Row = dict[str, Any]

_RUN = "id name state created flow { name }"
RUNS_BY_ID = f"query($id: uuid!) {{ flow_run(where: {{id: {{_eq: $id}}}}) {{ {_RUN} }} }}"
RUNS_BY_NAME = f"""query($name: String!, $limit: Int!) {{
  flow_run(where: {{name: {{_eq: $name}}}}, order_by: {{created: desc}}, limit: $limit) {{ {_RUN} }}
}}"""
_FLOW = "id name version archived is_schedule_active created flow_group_id project { name } flow_group { id labels }"
FLOWS_BY_ID = f"query($id: uuid!) {{ flow(where: {{id: {{_eq: $id}}}}) {{ {_FLOW} }} }}"
FLOWS_BY_NAME = f"""query($name: String!, $project: String, $version: Int, $archived: Boolean) {{
  flow(
    where: {{
      name: {{_eq: $name}}
      version: {{_eq: $version}}
      archived: {{_eq: $archived}}
      project: {{name: {{_eq: $project}}}}
    }}
    order_by: [{{created: desc}}]
    limit: 100
  ) {{ {_FLOW} }}
}}"""
TASK_RUNS_OF = """query($id: uuid!, $slug: String!, $index: Int, $limit: Int!) {
  task_run(
    where: {flow_run_id: {_eq: $id}, task: {slug: {_eq: $slug}}, map_index: {_eq: $index}}
    order_by: {map_index: asc}
    limit: $limit
  ) { id map_index state }
}"""
SLUGS_OF = """query($id: uuid!) {
  task_run(where: {flow_run_id: {_eq: $id}}, distinct_on: task_id, limit: 1000) { task { slug } }
}"""

# An error names this many of the things that it could have meant.
NAMED = 5


def _identifier(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def flow_run_named(given: str) -> Row:
    """The flow run with this id or name.

    Raises:
        NotFound: there is none.
        FoundSeveral: several have this name; the message says which.
    """
    known = _identifier(given)
    if known is not None:
        rows = fetch(RUNS_BY_ID, {"id": known})["flow_run"]
    else:
        rows = fetch(RUNS_BY_NAME, {"name": given, "limit": NAMED + 1})["flow_run"]
    if not rows:
        how = "the id" if known is not None else "the name"
        raise NotFound(f"No flow run has {how} {given!r}. `prefect get flow-runs` lists the newest ones.")
    if len(rows) > 1:
        told = [f"{row['id']} ({row['flow']['name']}, {row['state']}, {age(row['created'])})" for row in rows[:NAMED]]
        raise FoundSeveral(
            f"Several flow runs are called {given!r}: {', '.join(told)}{', ...' if len(rows) > NAMED else ''}. "
            "Name one by its id."
        )
    found: Row = rows[0]
    return found


def flow_named(given: str, project: str | None = None, version: int | None = None) -> Row:
    """The flow with this id, or the newest version with this name that is not archived; `version` chooses another.

    Raises:
        NotFound: there is none.
        FoundSeveral: flows of several projects, or several flows of one, have this name.
    """
    known = _identifier(given)
    if known is not None:
        rows = fetch(FLOWS_BY_ID, {"id": known})["flow"]
    else:
        archived = False if version is None else None
        asked = {"name": given, "project": project, "version": version, "archived": archived}
        rows = fetch(FLOWS_BY_NAME, asked)["flow"]
    if not rows:
        raise NotFound(
            f"No flow {'has the id' if known else 'is called'} {given!r}"
            + (f" in the project {project!r}" if project else "")
            + (f" with version {version}" if version is not None else "")
            + ". `prefect get flows --all-versions` lists them."
        )
    groups = {row["flow_group_id"]: row for row in reversed(rows)}
    if len(groups) > 1:
        told = ", ".join(
            f"{row['id']} (project {row['project']['name']}, version {row['version']})" for row in rows[:NAMED]
        )
        raise FoundSeveral(f"Several flows are called {given!r}: {told}. Name one by its id, or its project.")
    found: Row = max(rows, key=lambda row: row["version"])
    return found


def task_of(given: str) -> tuple[str, int | None]:
    """The slug and the map index of SLUG or SLUG:INDEX; without an index None, which means all."""
    slug, colon, index = given.rpartition(":")
    if colon and index.lstrip("-").isdecimal():
        return slug, int(index)
    return given, None


def task_runs_named(flow_run: Row, given: Sequence[str]) -> list[Row]:
    """The task runs of a flow run that SLUG, SLUG:INDEX or an id name; a mapped task without an index is its parent."""
    found: list[Row] = []
    for text in given:
        known = _identifier(text)
        if known is not None:
            found.append({"id": known})
            continue
        slug, index = task_of(text)
        asked = {"id": flow_run["id"], "slug": slug, "index": -1 if index is None else index, "limit": 1}
        rows = fetch(TASK_RUNS_OF, asked)["task_run"]
        if not rows:
            slugs = sorted({row["task"]["slug"] for row in fetch(SLUGS_OF, {"id": flow_run["id"]})["task_run"]})
            told = ", ".join(slugs[:20]) + (", ..." if len(slugs) > 20 else "")
            what = f"No task run {text!r}" if slug in slugs else f"No task {slug!r}"
            raise NotFound(f"{what} in flow run {flow_run['name']!r}. Its tasks are: {told or 'none'}.")
        found += rows
    return found


def check_state_names(given: Sequence[str]) -> list[str]:
    """These names of states, whatever their case; the command ends where one is no state."""
    from prefect.engine import state as states

    known = {
        name.lower(): name
        for name, kind in vars(states).items()
        if isinstance(kind, type) and issubclass(kind, states.State) and kind is not states.State and name[0] != "_"
    }
    for name in given:
        if name.lower() not in known:
            fail(f"There is no state {name!r}. The states are: {', '.join(sorted(known.values()))}.")
    return [known[name.lower()] for name in given]
