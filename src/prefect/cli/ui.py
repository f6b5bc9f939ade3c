"""`prefect ui`: look at what ran, in a browser."""

from __future__ import annotations

import errno
import socket

import click

from prefect.cli.output import fail
from prefect.configuration import config


@click.command()
@click.argument("flow_run_id", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one.  [default: server.ui.port, or a free one where it is taken]",
)
@click.option("--database", help="The file that holds the database.  [default: embedded.database]")
@click.option("--open/--no-open", "open_browser", default=True, help="Open the page in a browser.")
def ui(flow_run_id: str | None, port: int | None, database: str | None, open_browser: bool) -> None:
    """Show the runs that are recorded on this machine, in a browser, until Ctrl-C.

    With the id of a flow run, its page is opened. Others cannot reach the page: it is served to this machine alone.
    """
    try:
        from prefect.server import app
    except ImportError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        fail("The page needs more than is installed: pip install 'quaestor[server]'")
    from prefect.server.embedded import open_endpoint

    listening = _listen(port)
    with listening:
        endpoint = open_endpoint(database)
        number = listening.getsockname()[1]
        url = f"http://127.0.0.1:{number}/" + (f"flow-run/{flow_run_id}" if flow_run_id else "")

        def started() -> None:
            click.echo(f"{endpoint.store.place} is shown at {url}\nCtrl-C ends it.")
            if open_browser:
                click.launch(url)

        app.serve(endpoint, listening, started=started)
    click.echo("Stopped.")


def _listen(port: int | None) -> socket.socket:
    from prefect.server import app
    from prefect.server.errors import CannotServe

    if port is not None:
        return app.listen("127.0.0.1", port)
    try:
        return app.listen("127.0.0.1", int(config.server.ui.port))
    except CannotServe as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
            return app.listen("127.0.0.1", 0)
        raise
