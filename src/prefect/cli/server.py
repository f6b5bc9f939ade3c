"""`prefect server`: a backend that several processes and people use at once."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import click

from prefect.cli import running
from prefect.cli.containers import options_of_containers
from prefect.cli.database import backup, chosen, in_database, named, told, upgrade, vacuum
from prefect.cli.group import Group
from prefect.cli.output import fail, show_json, table
from prefect.configuration import config


@click.group(cls=Group, hidden=True)
def server() -> None:
    """Run a server that records runs and answers what is asked about them."""


for _command in (backup, upgrade, vacuum):
    server.add_command(_command)


@server.command()
@click.option("--host", help="The address to listen on; 0.0.0.0 lets other machines in.  [default: server.host_ip]")
@click.option(
    "--port",
    "--server-port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one.  [default: server.port]",
)
@click.option(
    "--database",
    help="The file that holds the database, or the URL of one.  [default: server.database.connection_url where it was "
    "set, else embedded.database]",
)
@click.option(
    "--database-url", "--postgres-url", help="A PostgreSQL database, postgresql://user:password@host:5432/name."
)
@click.option("--no-ui", "-u", is_flag=True, hidden=True)
@click.option("--expose", is_flag=True, help="Let other machines in, as --host 0.0.0.0 does.")
@click.option("--no-upgrade", "-n", is_flag=True, help="Do not start if the database must be upgraded first.")
@click.option("--detach", "-d", is_flag=True, help="Start it in the background; `prefect server stop` ends it.")
@options_of_containers("--skip-pull", "--hide-welcome")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes that answer at this address; more than one need PostgreSQL.",
)
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    help="How the log is written: for people, or as a line of JSON for each entry.  [default: server.logging.format]",
)
def start(
    host: str | None,
    port: int | None,
    database: str | None,
    database_url: str | None,
    no_ui: bool,
    expose: bool,
    no_upgrade: bool,
    detach: bool,
    workers: int,
    log_format: str | None,
) -> None:
    """Start the server here, in the foreground; Ctrl-C stops it.

    The API is at its root and at /graphql; a browser gets the page. Clients use it with `prefect backend server`. Where
    other machines can reach it, everybody needs an API key: `prefect server create-key` makes the first.
    """
    place = named(database, database_url)
    if no_upgrade:
        _refuse_to_upgrade(chosen(database, database_url))
    if detach:
        from prefect.server.store.opening import is_url

        arguments = ["--expose"] if expose else []
        arguments += ["--host", host] if host else []
        arguments += ["--port", str(port)] if port is not None else []
        arguments += ["--workers", str(workers)] if workers > 1 else []
        arguments += ["--log-format", log_format] if log_format else []
        if place is not None and is_url(place):
            running.start_apart(arguments, place)
        else:
            running.start_apart([*arguments, *(["--database", place] if place else [])], None)
        return
    try:
        from prefect.server import access, app, logs
    except ImportError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        fail("The server needs more than is installed: pip install 'quaestor[server]'")
    from prefect.server.embedded import open_endpoint

    address = "0.0.0.0" if expose else host or str(config.server.host_ip)
    listening = app.listen(address, int(config.server.port) if port is None else port)
    settings = config.server.logging
    request_log = logs.RequestLog(str(settings.requests), float(settings.slow_seconds))
    with listening, logs.configured(log_format or str(settings.format)) as say:
        endpoint = open_endpoint(place, synchronous="FULL")
        entry = access.access_at(
            address, require_keys=bool(config.server.require_keys), allowed_hosts=config.server.allowed_hosts
        )
        access.check_keys(endpoint, entry, address)
        shown, number = listening.getsockname()[:2]
        url = f"http://[{shown}]:{number}" if ":" in shown else f"http://{shown}:{number}"

        def started() -> None:
            say(f"Serving {endpoint.store.place} at {url}")

        code = 0
        with running.written_down(url, endpoint.store.place):
            if workers > 1:
                code = app.serve_together(
                    workers, endpoint, listening, access=entry, request_log=request_log, started=started
                )
            else:
                app.serve(endpoint, listening, access=entry, request_log=request_log, started=started)
        say("Stopped.")
    if code:
        raise SystemExit(code)


def _refuse_to_upgrade(place: str) -> None:
    from prefect.server.store.opening import canonical, is_url
    from prefect.server.store.upkeep import newest_version, version_of

    if not is_url(place) and not os.path.exists(canonical(place)):
        return  # it will be made
    version, newest = version_of(place), newest_version(place)
    if version < newest:
        fail(
            f"The database {told(place)} must be upgraded from schema version {version} to {newest} first: "
            "prefect server upgrade."
        )


@server.command()
@click.option("--port", type=int, help="The one that listens on this port.")
@click.option("--all", "every", is_flag=True, help="All of them.")
def stop(port: int | None, every: bool) -> None:
    """Stop a server that this user has started on this machine: it answers what was asked, and ends."""
    running.stop(port, every)


@server.command("config")
@click.option("--no-ui", "-u", is_flag=True, hidden=True)
@click.option("--expose", is_flag=True, hidden=True)
@click.option("--no-upgrade", "-n", is_flag=True, hidden=True)
@click.option("--port", "--server-port", type=click.IntRange(0, 65535), help="As for `prefect server start`.")
@in_database
@options_of_containers()
def config_(
    no_ui: bool, expose: bool, no_upgrade: bool, port: int | None, database: str | None, database_url: str | None
) -> None:
    """Print how a server would be started here, and which run already, as JSON."""
    from dataclasses import asdict

    from prefect.server.store.opening import canonical, is_url
    from prefect.server.store.upkeep import newest_version, version_of

    place = chosen(database, database_url)
    there = is_url(place) or os.path.exists(canonical(place))
    show_json(
        {
            "host": "0.0.0.0" if expose else str(config.server.host_ip),
            "port": int(config.server.port) if port is None else port,
            "database": told(place),
            "schema_version": version_of(place) if there else None,
            "newest_schema_version": newest_version(place),
            "clients_ask": str(config.cloud.api) if config.backend == "server" else None,
            "backend": str(config.backend),
            "running": [asdict(each) for each in running.running_servers()],
        }
    )


@server.command("import")
@click.argument("source", metavar="URL")
@click.option("--database", help="The file that they come into.  [default: the database that `server start` serves]")
@click.option("--database-url", help="The PostgreSQL database that they come into.")
def import_(source: str, database: str | None, database_url: str | None) -> None:
    """Copy flows, runs, states and logs from the PostgreSQL database of a Prefect Server 1.

    URL is postgresql://user@host:port/name; its password is taken from PGPASSWORD or ~/.pgpass, so that it stands in no
    list of processes. That database is read and never changed. Stop its agents first. The same command again goes on
    where an import was broken off, and takes what is new.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from prefect.server.importing import Imported, import_server
    from prefect.server.store.opening import open_store

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with closing(open_store(chosen(database, database_url))) as store, Progress(*columns, transient=True) as progress:
        bars = {}

        def tell(name: str, rows: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(name, total=None)
            progress.advance(bars[name], rows)

        done: Imported = import_server(source, store, tell)
    click.echo(
        table(
            ("table", "came", "were there"),
            ((name, f"{rows:,}", f"{done.were_there.get(name, 0):,}") for name, rows in done.came.items()),
        )
    )
    if done.homeless_log_lines:
        click.echo(f"{done.homeless_log_lines:,} log lines that belong to no run were left behind.")
    click.echo(f"Everything is in {store.place}")


def _ask(place: str | None, document: str, **variables: Any) -> Any:
    """What the database itself answers on this machine, whether or not a server runs on it."""
    import json

    from prefect.server.embedded import open_endpoint

    endpoint = open_endpoint(place, synchronous="FULL")
    reply = json.loads(endpoint.answer(document, variables))
    if "errors" in reply:
        fail(reply["errors"][0]["message"])
    return reply["data"]


def _has_admin(place: str | None) -> bool:
    from prefect.server.embedded import open_endpoint
    from prefect.server.operations.keys import has_admin

    with open_endpoint(place, synchronous="FULL").store.snapshot() as snapshot:
        return has_admin(snapshot)


@server.command("create-key")
@click.option(
    "--role",
    type=click.Choice(("read-only", "user", "admin")),
    required=True,
    help="What the key allows: to look; all that is about flows and runs; keys, tenants and the audit too.",
)
@click.option("--name", "-n", default="server", show_default=True, help="What people call the key.")
@click.option("--tenant", help="The slug of the tenant that the key is for; may be left out where there is one.")
@click.option("--expire", "-e", help="When the key expires, as 2030-01-31 or 2030-01-31T12:00:00+00:00.")
@click.option("--quiet", "-q", is_flag=True, help="Print the key and nothing else.")
@click.option("--first", is_flag=True, help="Only where the database has no key of an administrator yet.")
@in_database
def create_key(
    role: str,
    name: str,
    tenant: str | None,
    expire: str | None,
    quiet: bool,
    first: bool,
    database: str | None,
    database_url: str | None,
) -> None:
    """Make an API key in the database of this machine, and print it: it is shown this once.

    This is how the first key is made: who may use the database needs none. A running server knows the key at once.
    """
    place = named(database, database_url)
    if first and _has_admin(place):
        return
    tenants = _ask(place, "{ tenant(order_by: {created: asc}) { id slug } }")["tenant"]
    slugs = ", ".join(found["slug"] for found in tenants)
    if tenant is None and len(tenants) > 1:
        fail(f"Say which tenant the key is for (--tenant): {slugs}.")
    chosen = [found["id"] for found in tenants if tenant in (None, found["slug"])]
    if not chosen:
        fail(f"There is no tenant {tenant!r}; there are: {slugs or 'none (prefect server create-tenant)'}.")
    made = _ask(
        place,
        "mutation($input: create_api_key_input!) { create_api_key(input: $input) { id key } }",
        input={"name": name, "role": role, "default_tenant_id": chosen[0], "expires_at": expire},
    )["create_api_key"]
    if not quiet:
        click.echo(f"API key {name!r} ({role}, id {made['id']}). It is shown this once:", err=True)
    click.echo(made["key"])


@server.command("create-tenant")
@click.option("--name", "-n", required=True, help="What people call it.")
@click.option("--slug", "-s", help="What addresses call it.  [default: the name in lower case]")
@in_database
def create_tenant(name: str, slug: str | None, database: str | None, database_url: str | None) -> None:
    """Make a tenant in the database of this machine; projects, flows, runs and keys each belong to one."""
    from prefect.client.client import slug_of

    made = _ask(
        named(database, database_url),
        "mutation($input: create_tenant_input!) { create_tenant(input: $input) { id } }",
        input={"name": name, "slug": slug or slug_of(name)},
    )["create_tenant"]
    click.secho(f"Tenant created with ID: {made['id']}", fg="green")
