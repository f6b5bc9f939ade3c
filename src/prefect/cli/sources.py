"""Where flows are found to be registered or built: files, directories, modules, and JSON that `prefect build` wrote."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from prefect.cli.flows import FlowLookupError, flows_of_file, flows_of_module
from prefect.cli.group import in_one_line
from prefect.cli.output import fail

if TYPE_CHECKING:
    from prefect.core.flow import Flow

# A flow of a file or module, or the serialized form of one that was built.
Found: TypeAlias = "Flow | dict[str, Any]"


@dataclass(frozen=True)
class Sources:
    """What was named on the command line."""

    paths: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    json_paths: tuple[str, ...] = ()

    def expanded(self) -> Sources:
        """The same with Python files in place of directories and patterns; an error for a path that is not there."""
        return replace(self, paths=tuple(dict.fromkeys(file for path in self.paths for file in _files(path))))

    def __bool__(self) -> bool:
        return bool(self.paths or self.modules or self.json_paths)


@dataclass(frozen=True)
class Source:
    """One file or module, and the flows that it holds."""

    name: str
    kind: str
    flows: list[Found]


def _files(path: str) -> Iterator[str]:
    if os.path.isdir(path):
        yield from sorted(glob.glob(os.path.join(glob.escape(path), "*.py")))
    elif os.path.exists(path):
        yield path
    else:
        found = sorted(glob.glob(path, recursive=True))
        if not found:
            raise FlowLookupError(f"Path {path!r} doesn't exist")
        for each in found:
            if os.path.isfile(each):
                yield each


def collect(sources: Sources, names: frozenset[str], *, must_find: bool = True) -> list[Source]:
    """The flows of all sources, only those with one of `names` where there are any.

    Every source that cannot be loaded is told, and then the command ends: nothing is done by halves. With `must_find`
    it ends too where a name, or any flow at all, was not found.
    """
    found: list[Source] = []
    seen: set[str] = set()
    failed = False
    readers: list[tuple[str, str, Callable[[str], list[Found]]]] = [
        *(("path", path, _flows_of_path) for path in sources.expanded().paths),
        *(("module", module, _flows_of_module) for module in sources.modules),
        *(("json", path, flows_of_json) for path in sources.json_paths),
    ]
    for kind, name, read in readers:
        try:
            flows = read(name)
        except FlowLookupError as error:
            click.echo(f"Error loading {name!r}: {in_one_line(error)}", err=True)
            failed = True
            continue
        seen.update(map(name_of, flows))
        if names:
            flows = [flow for flow in flows if name_of(flow) in names]
        if flows:
            found.append(Source(name, kind, flows))
    if failed:
        raise click.exceptions.Exit(1)
    missing = sorted(names - {name_of(flow) for source in found for flow in source.flows})
    if must_find and missing:
        there = ", ".join(sorted(seen))
        fail(f"Failed to find the following flows: {', '.join(missing)}" + (f". Found: {there}" if there else ""))
    if must_find and not found and readers:
        looked = ", ".join(name for _, name, _ in readers)
        fail(f"Found no flows in {looked}: a flow must be the value of a variable at the top level of its file.")
    if must_find and not found:
        fail("Found no flows: name a file or directory (--path), a module (--module) or a built file (--json).")
    return found


def name_of(flow: Found) -> str:
    """The name of a flow."""
    return str(flow["name"]) if isinstance(flow, dict) else flow.name


def _flows_of_path(path: str) -> list[Found]:
    return list(flows_of_file(path))


def _flows_of_module(name: str) -> list[Found]:
    return list(flows_of_module(name))


def flows_of_json(path: str) -> list[Found]:
    """The flows of a file that `prefect build` wrote."""
    try:
        with open(path, encoding="utf-8") as file:
            flows = json.load(file)["flows"]
        if not all(isinstance(flow, dict) and isinstance(flow.get("name"), str) for flow in flows):
            raise TypeError("not every flow is an object with a name")
    except OSError as error:
        raise FlowLookupError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FlowLookupError(
            f"{path} holds no flows built by `prefect build`: {type(error).__name__}: {error}"
        ) from error
    return list(flows)
