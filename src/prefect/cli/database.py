"""`prefect server upgrade`, `backup` and `vacuum`: keeping the database that a server uses, or the embedded backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prefect.cli.output import fail
from prefect.configuration import config

if TYPE_CHECKING:
    from prefect.server.store.upkeep import Progress


# What 1.x has in its settings without anybody having chosen it: that database never was.
_NOBODYS_URL = "postgresql://prefect:test-password@localhost:5432/prefect_server"

Command = TypeVar("Command", bound=Callable[..., Any])


def in_database(command: Command) -> Command:
    """The options that name the database of a server."""
    for option in (
        click.option("--database-url", "--postgres-url", help="A PostgreSQL database, as in `prefect server start`."),
        click.option("--database", help="The database that the server uses, as in `prefect server start`."),
    ):
        command = option(command)
    return command


def named(database: str | None, database_url: str | None) -> str | None:
    """The database that was named, or that the settings of the server name; None for that of the embedded backend."""
    if database and database_url:
        fail("Give either --database, a file, or --database-url, a PostgreSQL database.")
    from prefect.server.store.opening import is_url

    if database_url and not is_url(database_url):
        # Nothing of it is repeated: there may be a password in it.
        fail("--database-url wants a URL, postgresql://user@host:5432/name. A file is named by --database.")
    configured = str(config.server.database.connection_url)
    return database_url or database or (None if configured == _NOBODYS_URL else configured)


def chosen(database: str | None, database_url: str | None) -> str:
    """The database that was named, or that the settings name."""
    return named(database, database_url) or str(config.embedded.database)


def told(place: str) -> str:
    """A database for people: the path of a file, or a URL without its password."""
    from prefect.server.store.opening import canonical, is_url

    if not is_url(place):
        return canonical(place)
    from prefect.server.store import postgres

    return postgres.describe(place)


def size(count: int) -> str:
    """So many bytes, for people."""
    amount, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


@contextmanager
def _progress(text: str) -> Iterator[Progress]:
    """A bar on a terminal while something takes its time; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(text, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


@click.command()
@click.option("--check", is_flag=True, help="Only say whether it must be; the exit code is then 1.")
@in_database
def upgrade(check: bool, database: str | None, database_url: str | None) -> None:
    """Bring the database to the version of this package.

    Whatever opens a database does this by itself; here it is done when you choose. A file is copied before; a
    PostgreSQL database changes in one transaction.
    """
    place = chosen(database, database_url)
    from prefect.server.store.opening import is_url, open_store
    from prefect.server.store.upkeep import newest_version, version_of

    version, newest = version_of(place), newest_version(place)
    if version == newest:
        click.echo(f"{told(place)} is up to date: its schema is version {version}.")
        return
    if version > newest:
        fail(f"{told(place)} was made by a newer version of this package: schema {version}, known here is {newest}.")
    if check:
        click.echo(f"{told(place)} must be upgraded: its schema is version {version}, this package needs {newest}.")
        raise click.exceptions.Exit(1)
    click.echo(f"Upgrading {told(place)} from schema version {version} to {newest} ...")
    with _progress("Upgrading"):
        open_store(place).close()
    click.echo("Done.")
    if not is_url(place):
        click.echo(f"└── A copy of it as it was: {told(place)}.version-{version}")


@click.command()
@click.argument("target", metavar="FILE")
@click.option("--force", "-f", is_flag=True, help="Replace a file that is there.")
@in_database
def backup(target: str, force: bool, database: str | None, database_url: str | None) -> None:
    """Copy the database file as it is now, while it is used.

    The copy is whole and checked when it is put in place. Secrets in it are encrypted with a key that lies in a file
    beside the database, or in the settings: keep that too.
    """
    place = chosen(database, database_url)
    from prefect.server.store import upkeep
    from prefect.server.store.opening import is_url

    if is_url(place):
        fail(
            f"A PostgreSQL database is copied by its own program, while it is used: "
            f"pg_dump --format=custom --file={target} {told(place)}; pg_restore brings it back."
        )
    path = Path(target).expanduser()
    if path.is_dir():
        path /= f"{Path(told(place)).name}.backup"
    if path.exists() and not force:
        fail(f"{path} is there already. Give another file, or --force to replace it.")
    if path.exists() and path.samefile(told(place)):
        fail(f"{path} is the database itself. Give another file.")
    with _progress("Copying") as progress:
        written = upkeep.backup(place, path, progress)
    click.echo(f"Copied {told(place)} to {path} ({size(written)}).")
    click.echo(f"└── Use it with: prefect server start --database {path}")


@click.command()
@click.option("--whole", is_flag=True, help="Write the database anew: writers wait until it is done.")
@in_database
def vacuum(whole: bool, database: str | None, database_url: str | None) -> None:
    """Give the room that deleted runs have left back to the file system, and say how much.

    The database may be used meanwhile. Written anew (--whole) a file needs the same room once more while that goes on.
    """
    place = chosen(database, database_url)
    from prefect.server.store import upkeep

    with _progress("Giving room back") as progress:
        room = upkeep.vacuum(place, whole=whole, progress=progress)
    click.echo(
        f"{told(place)}: {size(room.given_back)} given back, {size(room.before)} before and {size(room.after)} now."
    )
