"""A group of commands whose modules are loaded when a command is called, and what becomes of their errors."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import click

from prefect.exceptions import ConfigurationError, PrefectException, VersionLockMismatchSignal
from prefect.utilities.installation import conflicting_distribution

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Group(click.Group):
    """Commands that a shell completes, those too that 1.x keeps out of the help."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options that begin like this."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=command.get_short_help_str())
            for name in self.list_commands(ctx)
            if name.startswith(incomplete) and (command := self.get_command(ctx, name)) is not None
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


class LazyGroup(Group):
    """Commands by the place where each is defined: `"name": "package.module:attribute"`.

    An error that a command does not handle itself is told in one line on stderr, and the exit code is 1. With
    `PREFECT__DEBUG=true` it is raised, to show where it happened.
    """

    def __init__(self, *args: Any, commands_at: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = dict(commands_at)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands_at, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.commands_at.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        try:
            return cast(click.Command, getattr(importlib.import_module(module), attribute))
        except ConfigurationError as error:  # the settings are read with the first module that needs them
            raise click.ClickException(in_one_line(error)) from error

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        if ctx.parent is None and (conflict := conflicting_distribution()):
            click.echo(conflict, err=True)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (Exception, VersionLockMismatchSignal) as error:
            if isinstance(error, BrokenPipeError) or _debugging(error):
                raise
            click.echo(in_one_line(error), err=True)
            ctx.exit(1)


def _debugging(error: BaseException) -> bool:
    if isinstance(error, ConfigurationError):  # there may be no settings to ask
        return False
    from prefect.configuration import config

    return bool(config.debug)


def in_one_line(error: BaseException) -> str:
    """What an error says, in one line; the kind of an error that is not ours is named too."""
    text = " ".join(str(error).split())
    if isinstance(error, (PrefectException, VersionLockMismatchSignal)) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
