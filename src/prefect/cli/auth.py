"""`prefect auth`: API keys, and which of them this user's programs send to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from prefect.cli.group import Group
from prefect.cli.output import fail, second, table
from prefect.configuration import config

if TYPE_CHECKING:
    from prefect.client.client import Client

_WHO = "query { auth_info { tenant_id role } tenant { id name slug } }"
_KEYS = """query { auth_api_key(order_by: {created: asc}) { id name role created expires_at } }"""
_CREATE = "mutation($input: create_api_key_input!) { create_api_key(input: $input) { id key } }"
_DELETE = "mutation($input: delete_api_key_input!) { delete_api_key(input: $input) { success } }"


def _client(api_key: str | None = None) -> Client:
    if config.backend == "embedded":
        fail(
            "Runs are recorded in a file here, and whoever may read it needs no key. Use a server first: "
            "prefect backend server"
        )
    from prefect.client.client import Client

    return Client(api_key=api_key)


@click.group(cls=Group)
def auth() -> None:
    """Manage API keys, and log in to a server with one."""


@auth.command()
@click.option("--key", "-k", help="Other users of this machine can read it: rather leave it out, and you are asked.")
def login(key: str | None) -> None:
    """Send a key to the server from now on: it is asked for, or read from standard input.

    It is kept in `auth.toml` beside the settings, which nobody else can read.
    """
    import sys

    from prefect.exceptions import AuthorizationError

    if key is not None:
        click.echo(
            "A key on the command line can be read by other users of this machine, and stays in the shell's history. "
            "Next time leave out --key.",
            err=True,
        )
    elif config.cloud.api_key:
        key = str(config.cloud.api_key)
    elif sys.stdin.isatty():
        key = click.prompt("API key", hide_input=True)
    else:
        key = sys.stdin.readline()
    key = (key or "").strip()
    if not key:
        fail("No key was given.")
    client = _client(key)
    client.tenant_id = ""
    try:
        who = client.graphql_fast(_WHO)
    except AuthorizationError as error:
        fail(f"Not logged in: {error}")
    client.tenant_id = who["auth_info"]["tenant_id"]
    client.save_auth_to_disk()
    (tenant,) = [found for found in who["tenant"] if found["id"] == client.tenant_id]
    click.secho(
        f"Logged in to {client.api_server}, tenant {tenant['slug']!r}, as {who['auth_info']['role']}", fg="green"
    )


@auth.command()
@click.option("--token", "-t", is_flag=True, hidden=True)
def logout(token: bool) -> None:
    """Forget the keys of this server. They stay valid until they are revoked."""
    if token:
        fail("There are no API tokens, only keys: prefect auth logout.")
    client = _client()
    if not client.forget_auth_on_disk():
        fail(f"You are not logged in to {client.api_server}.")
    click.secho(f"Logged out of {client.api_server}", fg="green")


@auth.command()
def status() -> None:
    """Print to which server this user's programs speak, and as whom."""
    from prefect.exceptions import AuthorizationError

    client = _client()
    click.echo(f"Server: {client.api_server}")
    if config.cloud.api_key:
        source = "from the settings (cloud.api_key)"
    else:
        source = "from auth.toml"
    click.echo(f"API key: {source if client.api_key else 'none'}")
    try:
        who = client.graphql_fast(_WHO)
    except AuthorizationError as error:
        fail(f"Not authenticated: {error}")
    tenants = {found["id"]: found for found in who["tenant"]}
    found = tenants.get(who["auth_info"]["tenant_id"])
    if found is not None:
        click.echo(f"Tenant: {found['slug']} ({found['id']})")
    click.echo(f"Role: {who['auth_info']['role']}{'' if client.api_key else ' (the server asks for no key)'}")


@auth.command("create-key")
@click.option("--name", "-n", required=True, help="What people call the key.")
@click.option("--expire", "-e", help="When the key expires, as 2030-01-31 or 2030-01-31T12:00:00+00:00.")
@click.option("--quiet", "-q", is_flag=True, help="Print the key and nothing else.")
@click.option(
    "--role",
    type=click.Choice(("read-only", "user", "admin")),
    default="user",
    show_default=True,
    help="What it allows: to look; all that is about flows and runs; keys, tenants and the audit too.",
)
def create_key(name: str, expire: str | None, quiet: bool, role: str) -> None:
    """Make an API key for the tenant, and print it: it is shown this once."""
    given: dict[str, Any] = {"name": name, "role": role}
    if expire is not None:
        given["expires_at"] = expire
    made = _client().graphql_fast(_CREATE, {"input": given})["create_api_key"]
    if not quiet:
        click.echo(f"API key {name!r} ({role}, id {made['id']}). It is shown this once:", err=True)
    click.echo(made["key"])


@auth.command("list-keys")
def list_keys() -> None:
    """List the API keys of the tenant."""
    found = _client().graphql_fast(_KEYS)["auth_api_key"]
    rows = [
        (key["name"], key["role"], key["id"], second(key["created"]), second(key["expires_at"]) or "never")
        for key in found
    ]
    click.echo(table(("name", "role", "id", "created", "expires"), rows) if rows else "There are no API keys.")


@auth.command("revoke-key")
@click.option("--id", "-i", "key_id", required=True, help="The id of the key (prefect auth list-keys).")
def revoke_key(key_id: str) -> None:
    """From now on the key opens nothing."""
    _client().graphql_fast(_DELETE, {"input": {"key_id": key_id}})
    click.secho(f"Revoked the API key {key_id}", fg="green")


def _tenants(client: Client) -> list[dict[str, Any]]:
    """Every tenant that a saved key, or nobody's, leads to; each with that key."""
    from prefect.client.client import Client
    from prefect.exceptions import AuthorizationError

    keys = client.saved_keys()
    if client.api_key:
        keys.setdefault(client.tenant_id, client.api_key)
    if not keys:
        return [{**tenant, "key": None} for tenant in client.get_available_tenants()]
    found = []
    for tenant_id, key in keys.items():
        try:
            tenants = Client(api_server=client.api_server, api_key=key, tenant_id=tenant_id).get_available_tenants()
        except AuthorizationError:
            click.echo(f"The key saved for the tenant {tenant_id} is not valid any more.", err=True)
            continue
        found += [{**tenant, "key": key} for tenant in tenants]
    return sorted(found, key=lambda tenant: str(tenant["slug"]))


@auth.command("list-tenants")
def list_tenants() -> None:
    """List the tenants that the keys of this user lead to."""
    client = _client()
    current = client.tenant_id
    rows = [
        (tenant["name"], tenant["slug"], tenant["id"], "in use" if tenant["id"] == current else "")
        for tenant in _tenants(client)
    ]
    click.echo(table(("name", "slug", "id", ""), rows))


@auth.command("switch-tenants")
@click.option("--id", "-i", "tenant_id", help="The id of the tenant.")
@click.option("--slug", "-s", help="The slug of the tenant.")
@click.option("--default", "-d", is_flag=True, help="The first of the tenants.")
def switch_tenants(tenant_id: str | None, slug: str | None, default: bool) -> None:
    """Work for another tenant from now on. A key is for one: log in once with a key of each."""
    if not (tenant_id or slug or default):
        fail("Say which tenant: --slug, --id, or --default.")
    client = _client()
    for tenant in _tenants(client):
        if default or tenant["id"] == tenant_id or tenant["slug"] == slug:
            break
    else:
        fail(f"No key of yours is of the tenant {tenant_id or slug!r}. Log in with one that is: prefect auth login.")
    if tenant["key"] is None:
        fail("This server asks for no keys, and everything can be seen without choosing a tenant.")
    client.api_key, client.tenant_id = tenant["key"], tenant["id"]
    client.save_auth_to_disk()
    click.secho(f"Tenant switched to {tenant['slug']}", fg="green")


@auth.command("purge-tokens")
def purge_tokens() -> None:
    """Delete the API tokens that 1.x kept in ~/.prefect/client; nothing accepts them any more."""
    import os
    import shutil

    place = os.path.join(os.path.expanduser(str(config.home_dir)), "client")
    if not os.path.isdir(place):
        click.echo("There are no API tokens.")
        return
    shutil.rmtree(place)
    click.secho("API tokens deleted", fg="green")
