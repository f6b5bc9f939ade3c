"""`prefect completion`: what makes a shell complete this command."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands and options.

    \b
    bash: prefect completion bash > ~/.local/share/bash-completion/completions/prefect
    zsh:  prefect completion zsh > ~/.zfunc/_prefect     (a directory in fpath)
    fish: prefect completion fish > ~/.config/fish/completions/prefect.fish

    Each takes effect in the next shell.
    """
    from click.shell_completion import get_completion_class

    from prefect.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "prefect", "_PREFECT_COMPLETE").source())
