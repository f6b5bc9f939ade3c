"""`prefect get ...`: lists of flows, projects, flow runs, tasks, and a run's log."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import click

from prefect.cli.group import Group
from prefect.cli.output import Columns, age, duration, fail, list_output, second, show_json, show_list, table

# A comparison with null holds for every row, so an option that is not given is simply null.
FLOWS = """query($name: String, $version: Int, $project: String, $archived: Boolean, $limit: Int) {
  flow(
    where: {_and: {
      name: {_eq: $name}
      version: {_eq: $version}
      project: {name: {_eq: $project}}
      archived: {_eq: $archived}
    }}
    order_by: [{name: asc}, {version: desc}]
    limit: $limit
  ) { name version created id project { name } }
}"""
PROJECTS = """query($name: String) {
  project(where: {_and: {name: {_eq: $name}}}, order_by: {name: asc}) {
    id name created description flows_aggregate(where: {archived: {_eq: false}}) { aggregate { count } }
  }
}"""
FLOW_RUNS = """query($flow: String, $project: String, $limit: Int) {
  flow_run(
    where: {flow: {_and: {name: {_eq: $flow}, project: {name: {_eq: $project}}}}}
    order_by: {created: desc}
    limit: $limit
  ) { flow { name } id created state name start_time }
}"""
STARTED_FLOW_RUNS = """query($flow: String, $project: String, $limit: Int) {
  flow_run(
    where: {
      flow: {_and: {name: {_eq: $flow}, project: {name: {_eq: $project}}}}
      start_time: {_is_null: false}
    }
    order_by: {start_time: desc}
    limit: $limit
  ) { flow { name } id created state name start_time }
}"""
TASKS = """query($name: String, $flow: String, $version: Int, $project: String, $limit: Int) {
  task(
    where: {_and: {
      name: {_eq: $name}
      flow: {name: {_eq: $flow}, version: {_eq: $version}, project: {name: {_eq: $project}}}
    }}
    order_by: {created: desc}
    limit: $limit
  ) { id name slug created flow { id name version } mapped type }
}"""
TASK_RUNS = """query($id: uuid!, $after: bigint!, $limit: Int!, $states: [String!], $slugs: [String!]) {
  task_run(
    where: {
      flow_run_id: {_eq: $id}
      first_sequence: {_gt: $after}
      state: {_in: $states}
      task: {slug: {_in: $slugs}}
    }
    order_by: {first_sequence: asc}
    limit: $limit
  ) {
    id name map_index version state state_message created start_time end_time first_sequence
    task { id slug name }
  }
}"""
LATEST_RUN = """query($name: String, $id: uuid) {
  flow_run(where: {name: {_eq: $name}, id: {_eq: $id}}, order_by: {created: desc}, limit: 1) { id sequence }
}"""
LOG = """query($id: uuid!, $after: bigint!, $limit: Int!) {
  log(where: {flow_run_id: {_eq: $id}, sequence: {_gt: $after}}, order_by: {sequence: asc}, limit: $limit) {
    sequence timestamp level message info
  }
}"""


def ask(document: str, **variables: Any) -> list[dict[str, Any]]:
    """The rows of the one field that the document asks for."""
    from prefect.client.client import Client

    (rows,) = Client().graphql_fast(document, variables).values()
    found: list[dict[str, Any]] = rows
    return found


@click.group(cls=Group, hidden=True)
def get() -> None:
    """List what the backend knows."""


def _age(row: dict[str, Any]) -> str:
    return age(row["created"])


def _start(row: dict[str, Any]) -> str:
    return second(row["start_time"])


@get.command(hidden=True)
@click.option("--name", "-n", help="Only flows of this name.")
@click.option("--version", "-v", type=int, help="Only this version.")
@click.option("--project", "-p", help="Only flows of this project.")
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
@click.option("--all-versions", is_flag=True, help="Archived versions too.")
@list_output
def flows(
    name: str | None, version: int | None, project: str | None, limit: int, all_versions: bool, output: str
) -> None:
    """List flows."""
    archived = None if all_versions or version is not None else False
    rows = ask(FLOWS, name=name, version=version, project=project, archived=archived, limit=limit)
    columns: Columns = {
        "name": itemgetter("name"),
        "version": itemgetter("version"),
        "age": _age,
        "id": itemgetter("id"),
        "project name": lambda row: row["project"]["name"],
    }
    show_list(output, rows, columns, ["age", "project name"])


@get.command(hidden=True)
@click.option("--name", "-n", help="Only the project of this name.")
@list_output
def projects(name: str | None, output: str) -> None:
    """List projects."""
    rows = [
        {
            **{key: row[key] for key in ("id", "name", "created", "description")},
            "flow_count": row["flows_aggregate"]["aggregate"]["count"],
        }
        for row in ask(PROJECTS, name=name)
    ]
    columns: Columns = {
        "name": itemgetter("name"),
        "flow count": itemgetter("flow_count"),
        "age": _age,
        "description": itemgetter("description"),
    }
    show_list(output, rows, columns, ["age"])


@get.command("flow-runs", hidden=True)
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
@click.option("--flow", "-f", help="Only runs of flows of this name.")
@click.option("--project", "-p", help="Only runs of flows of this project.")
@click.option("--started", "-s", is_flag=True, help="Only runs that have started.")
@list_output
def flow_runs(limit: int, flow: str | None, project: str | None, started: bool, output: str) -> None:
    """List flow runs, the newest first."""
    rows = ask(STARTED_FLOW_RUNS if started else FLOW_RUNS, flow=flow, project=project, limit=limit)
    columns: Columns = {
        "name": itemgetter("name"),
        "flow name": lambda row: row["flow"]["name"],
        "state": itemgetter("state"),
        "age": _age,
        "start time": _start,
        "id": itemgetter("id"),
    }
    show_list(output, rows, columns, ["start time", "age"])


@get.command("task-runs")
@click.argument("flow_run", metavar="FLOW_RUN")
@click.option("--state", "-s", "state_names", multiple=True, help="Only task runs in this state; several times.")
@click.option("--task", "-t", "tasks_given", multiple=True, help="Only runs of this task, SLUG or SLUG:INDEX; several.")
@click.option("--limit", "-l", type=click.IntRange(min=1), help="How many at most; all by default.")
@list_output
def task_runs(
    flow_run: str, state_names: tuple[str, ...], tasks_given: tuple[str, ...], limit: int | None, output: str
) -> None:
    """List the task runs of a flow run, given by its id or name, in the order in which they came to be."""
    from itertools import islice

    from prefect.backend.query import PAGE, pages
    from prefect.cli.named import check_state_names, flow_run_named, task_of

    run = flow_run_named(flow_run)
    states = check_state_names(state_names)
    wanted = [task_of(text) for text in tasks_given]
    given = {"id": run["id"], "limit": PAGE, "states": states or None, "slugs": [slug for slug, _ in wanted] or None}
    found = pages(lambda after: ask(TASK_RUNS, **given, after=after), 0, "first_sequence")
    every = (
        row
        for page in found
        for row in page
        if not wanted
        or any(row["task"]["slug"] == slug and index in (None, row["map_index"]) for slug, index in wanted)
    )
    columns: Columns = {
        "task": lambda row: row["task"]["slug"] + (f":{row['map_index']}" if row["map_index"] >= 0 else ""),
        "name": itemgetter("name"),
        "state": itemgetter("state"),
        "start time": _start,
        "duration": lambda row: duration(row["start_time"], row["end_time"]),
        "message": lambda row: " ".join((row["state_message"] or "").split()),
        "id": itemgetter("id"),
    }
    rows = [{key: row[key] for key in row if key != "first_sequence"} for row in islice(every, limit)]
    if all(row["name"] is None for row in rows):
        del columns["name"]
    show_list(output, rows, columns, ["start time", "duration", "message"], cut="message")


@get.command(hidden=True)
@click.option("--name", "-n", help="Only tasks of this name.")
@click.option("--flow-name", "-fn", help="Only tasks of flows of this name.")
@click.option("--flow-version", "-fv", type=int, help="Only tasks of this version of flows.")
@click.option("--project", "-p", help="Only tasks of flows of this project.")
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
@list_output
def tasks(
    name: str | None,
    flow_name: str | None,
    flow_version: int | None,
    project: str | None,
    limit: int,
    output: str,
) -> None:
    """List tasks, the newest first."""
    rows = ask(TASKS, name=name, flow=flow_name, version=flow_version, project=project, limit=limit)
    columns: Columns = {
        "name": itemgetter("name"),
        "flow name": lambda row: row["flow"]["name"],
        "flow version": lambda row: row["flow"]["version"],
        "age": _age,
        "mapped": itemgetter("mapped"),
        "type": itemgetter("type"),
    }
    show_list(output, rows, columns, ["age", "mapped", "type"])


@get.command(hidden=True)
@click.option("--name", "-n", help="The newest flow run of this name.")
@click.option("--id", "flow_run_id", help="The flow run with this id.")
@click.option("--info", "-i", is_flag=True, help="What else was recorded with each line.")
@list_output
def logs(name: str | None, flow_run_id: str | None, info: bool, output: str) -> None:
    """Print the whole log of a flow run."""
    from prefect.backend.query import PAGE, identifier, only, pages

    if name is None and flow_run_id is None:
        fail("Either --name or --id must be provided")
    if flow_run_id is not None:
        flow_run_id = identifier(flow_run_id, "id", "flow run")
    described = f"name {name!r}" if name is not None else f"id {flow_run_id!r}"
    run = only(ask(LATEST_RUN, name=name, id=flow_run_id), "flow run", described, "`prefect get flow-runs` lists them.")
    found = pages(lambda after: ask(LOG, id=run["id"], after=after, limit=PAGE), 0, "sequence")
    rows = [row for page in found for row in page]
    rows.sort(key=lambda row: row["timestamp"])
    if output == "json":
        show_json(rows)
        return
    if info:
        import json

        click.echo(table(["timestamp", "info"], [[row["timestamp"], json.dumps(row["info"])] for row in rows]))
        return
    cells = [[row["timestamp"], row["level"], row["message"]] for row in rows]
    click.echo(table(["timestamp", "level", "message"], cells))
