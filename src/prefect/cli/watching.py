"""`prefect register --watch`: what has changed since one last looked, and registering that."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import click

from prefect.cli.flows import FlowLookupError
from prefect.cli.sources import Sources

INTERVAL_SECONDS = 0.5

Stamp = tuple[int, int]


class Watched:
    """The files of some sources, as they were when one last looked.

    A path that is a directory or pattern may gain and lose files. Of a module its own file counts, of a package every
    Python file below it.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._seen: dict[tuple[str, str], dict[str, Stamp]] = {}

    def changed(self) -> Sources:
        """The sources that are new or differ from what they were the last time; at first all."""
        paths = list(self._paths())
        for key in [("path", path) for kind, path in self._seen if kind == "path" and path not in paths]:
            del self._seen[key]
        return Sources(
            tuple(path for path in paths if self._has_changed("path", path, [path])),
            tuple(name for name in self.sources.modules if self._has_changed("module", name, files_of_module(name))),
            tuple(path for path in self.sources.json_paths if self._has_changed("json", path, [path])),
        )

    def _paths(self) -> Iterator[str]:
        for path in self.sources.paths:
            try:
                yield from Sources((path,)).expanded().paths
            except FlowLookupError:  # an editor may be about to put it back
                continue

    def _has_changed(self, kind: str, name: str, files: list[str]) -> bool:
        now = dict(_stamps(files))
        before = self._seen.get((kind, name))
        self._seen[kind, name] = now
        return bool(now) and now != before


def _stamps(files: list[str]) -> Iterator[tuple[str, Stamp]]:
    for file in files:
        try:
            status = os.stat(file)
        except OSError:
            continue
        yield file, (status.st_mtime_ns, status.st_size)


def files_of_module(name: str) -> list[str]:
    """The Python files of a module, or of the one that `package.module.attribute` starts with."""
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()
    top, *rest = name.split(".")
    # Only the first part is looked up: finding what is below it would run the package.
    found = importlib.util.find_spec(top)
    if found is None or found.origin is None:
        return []
    if not rest or not found.submodule_search_locations:
        places = list(found.submodule_search_locations or ()) or [found.origin]
    else:
        places = list(found.submodule_search_locations)
    return sorted(file for place in places for file in _python_files(place))


def _python_files(place: str) -> Iterator[str]:
    if os.path.isfile(place):
        yield place
    for directory, directories, files in os.walk(place):
        directories[:] = [each for each in directories if each != "__pycache__"]
        yield from (os.path.join(directory, file) for file in files if file.endswith(".py"))


def _run(arguments: list[str]) -> None:
    """Call the command in a new process, which loads the files as they are now."""
    subprocess.run([sys.executable, "-m", "prefect", *arguments], check=False)


def watch_sources(
    sources: Sources,
    arguments: Callable[[Sources], list[str]],
    run: Callable[[list[str]], None] = _run,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Register the sources now and again whenever they change, until Ctrl-C.

    A failure is told and waits for the next change: who edits is not thrown out by a typing error.
    """
    sources.expanded()  # a path that never was is an error at once
    watched = Watched(sources)
    try:
        while True:
            changed = watched.changed()
            if changed:
                run(arguments(changed))
                click.echo("Watching for changes; Ctrl-C stops.")
            wait(INTERVAL_SECONDS)
    except KeyboardInterrupt:
        click.echo("Stopped watching.")
