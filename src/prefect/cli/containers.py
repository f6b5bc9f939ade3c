"""The options by which 1.x arranged the containers of its server: taken, and said to mean nothing here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_WITH_A_VALUE: tuple[tuple[str, ...], ...] = (
    ("--version", "-v"),
    ("--ui-version", "-uv"),
    ("--postgres-port",),
    ("--hasura-port",),
    ("--graphql-port",),
    ("--ui-port",),
    ("--volume-path",),
)
_FLAGS: tuple[tuple[str, ...], ...] = (
    ("--external-postgres", "-ep"),
    ("--no-postgres-port",),
    ("--no-hasura-port",),
    ("--no-graphql-port",),
    ("--no-ui-port",),
    ("--no-server-port",),
    ("--use-volume",),
)


def _without_meaning(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        click.echo(
            f"{parameter.opts[0]} means nothing here: there are no containers to arrange. It is ignored.", err=True
        )


def options_of_containers(*more_flags: str) -> Callable[[Command], Command]:
    """The options that 1.x had for its containers, hidden; `more_flags` of this command alone too."""

    def decorate(command: Command) -> Command:
        for names in _WITH_A_VALUE:
            command = click.option(*names, hidden=True, expose_value=False, callback=_without_meaning)(command)
        for names in (*_FLAGS, *((flag,) for flag in more_flags)):
            command = click.option(*names, is_flag=True, hidden=True, expose_value=False, callback=_without_meaning)(
                command
            )
        return command

    return decorate
