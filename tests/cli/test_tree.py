"""The commands beside those of Prefect 1.4.1, as they were observed: every difference stands here with its reason.

`tests/fixtures/cli.json` holds the commands, options, types and defaults of 1.4.1. Whether 1.x shows an option in its
help is not compared: here every option that does something is shown.
"""

import json
from pathlib import Path
from typing import Any

import click

from prefect.cli import cli


def _choice(names: list[str]) -> dict[str, Any]:
    return {"choice": names, "case_sensitive": True}


OBSERVED: dict[str, Any] = json.loads((Path(__file__).parent.parent / "fixtures" / "cli.json").read_text())

# Left out on purpose, or there only to say so; docs/compatibility.md says it to people.
LEFT_OUT = {
    "agent ecs": "an agent of a vendor's cloud",
    "agent vertex": "an agent of a vendor's cloud",
    "repl": "it needed another package; a shell completes the commands: prefect completion",
}

# They come with other work: when one has arrived, this list has to shrink.
TO_COME: set[str] = set()

# 1.x kept them out of the help of their group.
SHOWN_HERE = {
    *("auth", "auth create-key", "auth list-keys", "auth list-tenants", "auth login", "auth logout", "auth revoke-key"),
    *("auth status", "auth switch-tenants"),
    *("server start", "server stop", "server config", "server create-tenant"),
}

_CONTAINERS = {
    ("--graphql-port", 4201),
    ("--hasura-port", 3000),
    ("--postgres-port", 5432),
    ("--ui-port", 8080),
    ("--volume-path", "/home/user/.prefect/pg_data"),
}
# What differs in a command's options, in the words of `differences` -> why.
DIFFERENCES: dict[tuple[str, str], str] = {
    **{
        (f"describe {noun}", f"--output is {_choice(['json', 'yaml', 'table'])}, not {_choice(['json', 'yaml'])}"): (
            "a table for people; JSON is still what is printed without a word"
        )
        for noun in ("flows", "tasks", "flow-runs")
    },
    **{
        (f"server {verb}", f"{flag} defaults to None, not {then!r}"): "there are no containers: the option is ignored"
        for verb in ("start", "config")
        for flag, then in _CONTAINERS
    },
    **{
        (f"server {verb}", difference): "it is --port, and the settings say the default"
        for verb in ("start", "config")
        for difference in ("--server-port is integer, not text", "--server-port defaults to None, not 4200")
    },
    ("server create-tenant", "--name is required: False, here True"): "a tenant needs a name; click says so at once",
}

# Commands, and options of 1.x's commands, that 1.4.1 has not.
OURS = {
    *("archive", "cancel", "completion", "delete flow", "delete flow-run", "describe task-runs", "get task-runs"),
    *("graphql", "labels", "logs", "restart", "retention", "schedule", "ui", "watch"),
    *("server backup", "server create-key", "server import", "server upgrade", "server vacuum"),
    *(
        f"get {noun} {flag}"
        for noun in ("flow-runs", "flows", "logs", "projects", "tasks")
        for flag in ("--output", "-o")
    ),
    *(f"server {verb} {flag}" for verb in ("config", "start") for flag in ("--database", "--database-url", "--port")),
    *(f"server create-tenant {flag}" for flag in ("--database", "--database-url", "--postgres-url")),
    *("server stop --all", "server stop --port", "server start --host"),
    *("server start --log-format", "server start --workers"),
    *("kv get --output", "kv get -o", "kv list --output", "kv list -o"),
    *("heartbeat flow-run --pid", "heartbeat flow-run --started"),
    "auth create-key --role",
    "register --skip-missing",
}


def commands(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Every command by its path, groups too."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        where = f"{path} {name}".strip()
        found[where] = command
        if isinstance(command, click.Group):
            found.update(commands(command, where))
    return found


def observed(command: dict[str, Any], path: str = "") -> dict[str, dict[str, Any]]:
    """The same of 1.4.1."""
    found: dict[str, dict[str, Any]] = {}
    for name, each in command.get("commands", {}).items():
        where = f"{path} {name}".strip()
        found[where] = each
        found.update(observed(each, where))
    return found


def below(path: str, paths: Any) -> bool:
    """Whether a command or a group that it belongs to is among these."""
    return any(path == each or path.startswith(f"{each} ") for each in paths)


def kind(parameter: click.Parameter) -> Any:
    """The type of a parameter in the words of the observation."""
    if isinstance(parameter.type, click.Choice):
        return {"choice": list(parameter.type.choices), "case_sensitive": parameter.type.case_sensitive}
    if isinstance(parameter.type, click.IntRange):
        return "integer"
    return {"text": "text", "path": "text", "filename": "text"}.get(parameter.type.name, parameter.type.name)


def default(parameter: click.Parameter) -> Any:
    """The default of a parameter; None where there is none, as for a flag that is false."""
    value = parameter.to_info_dict().get("default")
    return None if value in (False, (), []) or callable(value) or "Sentinel" in repr(value) else value


def differences(path: str, then: dict[str, Any], now: click.Command) -> set[str]:
    """In what the parameters of a command differ, in words."""
    found = set()
    if then["hidden"] != now.hidden and path not in SHOWN_HERE:
        found.add(f"hidden: {then['hidden']}, here {now.hidden}")
    options = {flag: each for each in now.params for flag in (*each.opts, *each.secondary_opts)}
    arguments = [each for each in now.params if isinstance(each, click.Argument)]
    for parameter in then["params"]:
        if parameter["kind"] == "argument":
            if not arguments:
                found.add(f"{parameter['dest']} is missing")
                continue
            ours: click.Parameter | None = arguments.pop(0)
            name = parameter["dest"]
        else:
            name = parameter["flags"][0]
            missing = [flag for flag in parameter["flags"] + parameter.get("negative_flags", []) if flag not in options]
            found |= {f"{flag} is missing" for flag in missing}
            ours = options.get(name)
        if ours is None:
            continue
        if kind(ours) != parameter["type"]:
            found.add(f"{name} is {kind(ours)}, not {parameter['type']}")
        if ours.multiple != parameter.get("multiple", False) if isinstance(ours, click.Option) else False:
            found.add(f"{name} may {'' if parameter.get('multiple') else 'not '}be repeated in 1.4.1")
        if ours.required != parameter.get("required", False):
            found.add(f"{name} is required: {parameter.get('required', False)}, here {ours.required}")
        then_default = parameter.get("default") or None
        if default(ours) != then_default:
            found.add(f"{name} defaults to {default(ours)!r}, not {then_default!r}")
    return found


def test_every_command_of_1x_is_there_or_said_to_be_left_out() -> None:
    here = commands(cli)
    missing = {path for path in observed(OBSERVED["root"]) if path not in here}
    explained = {path for path in missing if below(path, LEFT_OUT) or below(path, TO_COME)}
    assert missing - explained == set()


def test_what_is_to_come_has_not_come() -> None:
    here = commands(cli)
    assert {path for path in TO_COME if path in here} == set(), "It is here: take it out of TO_COME."


def test_options_are_those_of_1x_but_for_what_is_said() -> None:
    here = commands(cli)
    found = {
        (path, difference)
        for path, then in observed(OBSERVED["root"]).items()
        if path in here and not below(path, LEFT_OUT)
        for difference in differences(path, then, here[path])
    }
    assert found == set(DIFFERENCES)


def test_what_1x_has_not_is_known() -> None:
    then = observed(OBSERVED["root"])
    found = set()
    for path, command in commands(cli).items():
        if below(path, TO_COME) or below(path, LEFT_OUT):
            continue
        if path not in then:
            if not below(path, OURS - {path}):
                found.add(path)
            continue
        known = {
            flag for each in then[path]["params"] for flag in (*each.get("flags", ()), *each.get("negative_flags", ()))
        }
        for each in command.params:
            if isinstance(each, click.Option):
                found |= {f"{path} {flag}" for flag in (*each.opts, *each.secondary_opts) if flag not in known}
    assert found == OURS
