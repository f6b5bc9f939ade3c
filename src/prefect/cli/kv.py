"""`prefect kv ...`: key-value pairs in the backend."""

from __future__ import annotations

import click

from prefect.cli.group import Group
from prefect.cli.output import show_json


@click.group(cls=Group)
def kv() -> None:
    """Keep and look up key-value pairs."""


@kv.command("set")
@click.argument("key")
@click.argument("value")
def set_command(key: str, value: str) -> None:
    """Keep a value, given as JSON or as text."""
    import json

    from prefect.backend.kv_store import set_key_value

    try:
        given = json.loads(value)
    except ValueError:
        given = value
    set_key_value(key=key, value=given)
    click.secho("Key value pair set successfully", fg="green")


_output = click.option(
    "--output", "-o", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)


@kv.command("get")
@click.argument("key")
@_output
def get_command(key: str, output: str) -> None:
    """Print the value of a key."""
    from prefect.backend.kv_store import get_key_value

    value = get_key_value(key)
    if output == "json":
        show_json(value)
    else:
        click.echo(f"Key {key!r} has value {value!r}")


@kv.command("delete")
@click.argument("key")
def delete_command(key: str) -> None:
    """Delete a pair."""
    from prefect.backend.kv_store import delete_key

    delete_key(key)
    click.echo(f"Key {key!r} has been deleted")


@kv.command("list")
@_output
def list_command(output: str) -> None:
    """Print all keys."""
    from prefect.backend.kv_store import list_keys

    keys = list_keys()
    if output == "json":
        show_json(keys)
        return
    click.echo("\n".join(keys) if keys else "No keys found")
