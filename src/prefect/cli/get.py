"""`prefect get ...`: lists of flows, projects, flow runs, tasks, and a run's log."""

from __future__ import annotations

from typing import Any

import click

from prefect.cli.output import age, fail, second, table

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
    name created description flows_aggregate(where: {archived: {_eq: false}}) { aggregate { count } }
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
  ) { name created flow { name version } mapped type }
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


@click.group(hidden=True)
def get() -> None:
    """List what the backend knows."""


@get.command(hidden=True)
@click.option("--name", "-n", help="Only flows of this name.")
@click.option("--version", "-v", type=int, help="Only this version.")
@click.option("--project", "-p", help="Only flows of this project.")
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
@click.option("--all-versions", is_flag=True, help="Archived versions too.")
def flows(name: str | None, version: int | None, project: str | None, limit: int, all_versions: bool) -> None:
    """List flows."""
    archived = None if all_versions or version is not None else False
    rows = ask(FLOWS, name=name, version=version, project=project, archived=archived, limit=limit)
    click.echo(
        table(
            ["name", "version", "age", "id", "project name"],
            [[row["name"], row["version"], age(row["created"]), row["id"], row["project"]["name"]] for row in rows],
        )
    )


@get.command(hidden=True)
@click.option("--name", "-n", help="Only the project of this name.")
def projects(name: str | None) -> None:
    """List projects."""
    rows = ask(PROJECTS, name=name)
    click.echo(
        table(
            ["name", "flow count", "age", "description"],
            [
                [row["name"], row["flows_aggregate"]["aggregate"]["count"], age(row["created"]), row["description"]]
                for row in rows
            ],
        )
    )


@get.command("flow-runs", hidden=True)
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
@click.option("--flow", "-f", help="Only runs of flows of this name.")
@click.option("--project", "-p", help="Only runs of flows of this project.")
@click.option("--started", "-s", is_flag=True, help="Only runs that have started.")
def flow_runs(limit: int, flow: str | None, project: str | None, started: bool) -> None:
    """List flow runs, the newest first."""
    rows = ask(STARTED_FLOW_RUNS if started else FLOW_RUNS, flow=flow, project=project, limit=limit)
    click.echo(
        table(
            ["name", "flow name", "state", "age", "start time", "id"],
            [
                [
                    row["name"],
                    row["flow"]["name"],
                    row["state"],
                    age(row["created"]),
                    second(row["start_time"]),
                    row["id"],
                ]
                for row in rows
            ],
        )
    )


@get.command(hidden=True)
@click.option("--name", "-n", help="Only tasks of this name.")
@click.option("--flow-name", "-fn", help="Only tasks of flows of this name.")
@click.option("--flow-version", "-fv", type=int, help="Only tasks of this version of flows.")
@click.option("--project", "-p", help="Only tasks of flows of this project.")
@click.option("--limit", "-l", default=10, show_default=True, help="How many at most.")
def tasks(name: str | None, flow_name: str | None, flow_version: int | None, project: str | None, limit: int) -> None:
    """List tasks, the newest first."""
    rows = ask(TASKS, name=name, flow=flow_name, version=flow_version, project=project, limit=limit)
    click.echo(
        table(
            ["name", "flow name", "flow version", "age", "mapped", "type"],
            [
                [
                    row["name"],
                    row["flow"]["name"],
                    row["flow"]["version"],
                    age(row["created"]),
                    row["mapped"],
                    row["type"],
                ]
                for row in rows
            ],
        )
    )


@get.command(hidden=True)
@click.option("--name", "-n", help="The newest flow run of this name.")
@click.option("--id", "flow_run_id", help="The flow run with this id.")
@click.option("--info", "-i", is_flag=True, help="What else was recorded with each line.")
def logs(name: str | None, flow_run_id: str | None, info: bool) -> None:
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
    if info:
        import json

        click.echo(table(["timestamp", "info"], [[row["timestamp"], json.dumps(row["info"])] for row in rows]))
        return
    cells = [[row["timestamp"], row["level"], row["message"]] for row in rows]
    click.echo(table(["timestamp", "level", "message"], cells))
