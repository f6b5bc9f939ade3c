"""`prefect version`, `backend`, `config` and `diagnostics`: what this installation is and how it is set."""

from __future__ import annotations

import click

from prefect.cli.output import fail


@click.command(hidden=True)
def version() -> None:
    """Print the version."""
    from prefect.utilities.version import VERSION

    click.echo(VERSION)


@click.command(hidden=True)
@click.argument("api")
def backend(api: str) -> None:
    """Choose where runs are recorded: embedded (a file, no server) or server."""
    if api == "cloud":
        fail(
            "The hosted service no longer exists. `prefect backend embedded` records runs in a local file; "
            "`prefect backend server` uses a server of your own."
        )
    if api not in ("embedded", "server"):
        fail(f"{api} is not a valid backend API: choose embedded or server.")
    from prefect.utilities.backend import save_backend

    save_backend(api)
    click.echo(f"Backend switched to {api}")


@click.command("config", hidden=True)
def show_config() -> None:
    """Print all settings as JSON."""
    import json

    from prefect.configuration import config

    click.echo(json.dumps(config.to_dict(), default=str))


@click.command(hidden=True)
@click.option("--include-secret-names", is_flag=True, help="Name the secrets that the settings hold.")
def diagnostics(include_secret_names: bool) -> None:
    """Print what to add to a report of a problem: names of settings, and no values."""
    import json

    from prefect.utilities.diagnostics import config_overrides, environment_variables, system_information

    report = {**system_information(), **config_overrides(include_secret_names), **environment_variables()}
    if not include_secret_names:
        named = (name for name in report["env_vars"] if not name.startswith("PREFECT__CONTEXT__SECRETS__"))
        report["env_vars"] = list(named)
    click.echo(json.dumps(report, indent=2, sort_keys=True))
