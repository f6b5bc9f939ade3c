"""`prefect server`: a backend that several processes and people use at once."""

from __future__ import annotations

import click

from prefect.cli.output import fail, table
from prefect.configuration import config

# What 1.x has in its settings without anybody having chosen it: that database never was.
_NOBODYS_URL = "postgresql://prefect:test-password@localhost:5432/prefect_server"


def _configured_url() -> str | None:
    url = str(config.server.database.connection_url)
    return None if url == _NOBODYS_URL else url


@click.group(hidden=True)
def server() -> None:
    """Run a server that records runs and answers what is asked about them."""


@server.command()
@click.option("--host", help="The address to listen on; must be of this machine.  [default: server.host_ip]")
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
@click.option("--expose", is_flag=True, hidden=True)
def start(
    host: str | None, port: int | None, database: str | None, database_url: str | None, no_ui: bool, expose: bool
) -> None:
    """Start the server here, in the foreground; Ctrl-C stops it.

    The API is at its root and at /graphql; a browser gets the page. Clients use it with `prefect backend server`.
    """
    if database and database_url:
        fail("Give either --database, a file, or --database-url, a PostgreSQL database.")
    try:
        from prefect.server import app
    except ImportError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        fail("The server needs more than is installed: pip install 'quaestor[server]'")
    from prefect.server.embedded import open_endpoint

    address = "0.0.0.0" if expose else host or str(config.server.host_ip)
    listening = app.listen(address, int(config.server.port) if port is None else port)
    with listening:
        endpoint = open_endpoint(database_url or database or _configured_url(), synchronous="FULL")
        shown, number = listening.getsockname()[:2]
        url = f"http://[{shown}]:{number}" if ":" in shown else f"http://{shown}:{number}"

        def started() -> None:
            click.echo(f"Serving {endpoint.store.place} at {url}")

        app.serve(endpoint, listening, started=started)
    click.echo("Stopped.")


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

    if database and database_url:
        fail("Give either --database, a file, or --database-url, a PostgreSQL database.")
    store = open_store(database_url or database or _configured_url() or str(config.embedded.database))
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
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
    store.close()
