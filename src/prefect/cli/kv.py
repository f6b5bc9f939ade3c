"""`prefect kv ...`: key-value pairs in the backend."""

from __future__ import annotations

import click

from prefect.cli.group import Group


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


@kv.command("get")
@click.argument("key")
def get_command(key: str) -> None:
    """Print the value of a key."""
    from prefect.backend.kv_store import get_key_value

    click.echo(f"Key {key!r} has value {get_key_value(key)!r}")


@kv.command("delete")
@click.argument("key")
def delete_command(key: str) -> None:
    """Delete a pair."""
    from prefect.backend.kv_store import delete_key

    delete_key(key)
    click.echo(f"Key {key!r} has been deleted")


@kv.command("list")
def list_command() -> None:
    """Print all keys."""
    from prefect.backend.kv_store import list_keys

    keys = list_keys()
    click.echo("\n".join(keys) if keys else "No keys found")
