"""docs/reference/cli.md, made from the commands themselves."""

import inspect
from collections.abc import Iterator

import click

from prefect.cli import cli

HEAD = """# The command line

`prefect --help`, and `--help` of each command, say the same. A flow run is named by its id or its name, and so is a
flow; where several have the name, the command says which and does nothing.

## Exit codes

| Code | Means |
| --- | --- |
| 0 | done; for a command that waits for a run: it succeeded |
| 1 | the command could not do what it was told; one line on standard error says why. `prefect run`: the run failed |
| 2 | the command was called wrongly: an option that there is not, an argument that is missing |
| 3 | `prefect watch`, `prefect restart --execute` and `--watch`: the run failed |
| 4 | the same: the run was cancelled |
| 130 | Ctrl-C while following |

Nothing but the answer goes to standard output. On a terminal tables have colours, unless `NO_COLOR` is set, and fit its
width; elsewhere they are plain and whole. What `--output json` prints is whole too; its keys are the columns of
[the API](graphql.md).
"""


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, command in _commands(cli, "prefect"):
        parts.append("\n".join(_section(path, command)))
    return "\n".join(parts)


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        where = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, where)
        else:
            yield where, command


def _section(path: str, command: click.Command) -> Iterator[str]:
    # A command keeps the option that shows its help as it is first asked for: with the names that all commands have.
    context = click.Context(command, info_name=path, help_option_names=cli.context_settings["help_option_names"])
    yield f"## {path}\n"
    yield f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```\n"
    yield f"{_text(command.help or '')}\n"
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(context)) is not None]
    if rows:
        yield "| Option | |\n| --- | --- |"
        for names, help in rows:
            yield f"| `{_cell(names)}` | {_cell(help)} |".replace("|  |", "| |")
        yield ""


def _text(help: str) -> str:
    """The help as Markdown: what stands after \\b stays as it is laid out."""
    # Python 3.13 takes the indentation off docstrings itself.
    help = inspect.cleandoc(help)
    paragraphs = []
    for paragraph in help.strip().split("\n\n"):
        if paragraph.startswith("\b"):
            paragraphs.append(f"```text\n{paragraph.removeprefix(chr(8)).strip(chr(10))}\n```")
        else:
            paragraphs.append(" ".join(paragraph.split()))
    return "\n\n".join(paragraphs)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
