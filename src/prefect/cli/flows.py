"""Finding the flows of a file or a module."""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from typing import TYPE_CHECKING, Any

from prefect.exceptions import PrefectException

if TYPE_CHECKING:
    from prefect.core.flow import Flow

# What `__name__` is while the file runs: not "__main__", so that `if __name__ == "__main__": flow.run()` does nothing.
RUN_NAME = "<flow>"


class FlowLookupError(PrefectException):
    """The flow that a command is to work with cannot be found."""


def flows_of_file(path: str) -> list[Flow]:
    """The flows that running a Python file leaves in its namespace."""
    if not os.path.isfile(path):
        raise FlowLookupError(f"File does not exist: {os.path.abspath(path)!r}")
    from prefect.utilities.context import context

    directory = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, directory)
    try:
        # A storage that keeps flows as scripts uploads the one that is being run.
        with context(local_script_path=os.path.abspath(path)):
            namespace = runpy.run_path(path, run_name=RUN_NAME)
    except Exception as error:
        raise FlowLookupError(f"{path} cannot be run: {_in_file(error, path)}") from error
    finally:
        if directory in sys.path:
            sys.path.remove(directory)
    return _flows(namespace)


def flows_of_module(name: str) -> list[Flow]:
    """The flows of a module, or the one at `package.module.attribute`."""
    # The command's own directory comes first on the path, not the one that it was called from.
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return _flows(vars(importlib.import_module(name)))
    except ModuleNotFoundError as error:
        parent, _, attribute = name.rpartition(".")
        if not parent or not name.startswith(str(error.name)):
            raise FlowLookupError(f"{name} cannot be imported: {error}" if parent else str(error)) from error
        from prefect.core.flow import Flow

        try:
            found = getattr(importlib.import_module(parent), attribute, None)
        except ModuleNotFoundError:
            raise FlowLookupError(str(error)) from error
        if not isinstance(found, Flow):
            raise FlowLookupError(f"No module named {name!r}, and no flow {attribute!r} in {parent!r}") from error
        return [found]
    except Exception as error:
        raise FlowLookupError(f"{name} cannot be imported: {_in_file(error, '')}") from error


def the_flow(flows: list[Flow], place: str, name: str | None) -> Flow:
    """The flow called `name`, or the only one."""
    names = ", ".join(sorted(repr(flow.name) for flow in flows))
    if not flows:
        raise FlowLookupError(f"Found no flows at {place}.")
    if name is not None:
        for flow in flows:
            if flow.name == name:
                return flow
        raise FlowLookupError(f"Did not find {name!r} in flows at {place}. Found {names}")
    if len(flows) > 1:
        raise FlowLookupError(f"Found multiple flows at {place!r}: {names}\n\nSpecify a flow name to run.")
    return flows[0]


def _flows(namespace: dict[str, Any]) -> list[Flow]:
    from prefect.core.flow import Flow

    found: dict[int, Flow] = {id(value): value for value in namespace.values() if isinstance(value, Flow)}
    return list(found.values())


def _in_file(error: BaseException, path: str) -> str:
    """The error, with the last line of the file that it came through."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    line, frame = None, error.__traceback__
    while frame is not None:
        if path and frame.tb_frame.f_code.co_filename == path:
            line = frame.tb_lineno
        frame = frame.tb_next
    return f"{text} (line {line})" if line is not None else text
