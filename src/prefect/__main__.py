"""`python -m prefect ...`, as agents start runs."""

from prefect.cli import cli

if __name__ == "__main__":
    cli()
