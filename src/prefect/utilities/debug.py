"""Finding out why a flow does not do what it should."""

import contextlib
from collections.abc import Iterator
from typing import Any

from prefect.utilities.context import context


@contextlib.contextmanager
def raise_on_exception() -> Iterator[None]:
    """Let errors of tasks leave the run, for a debugger to catch; signals still steer the run."""
    with context(raise_on_exception=True):
        yield


def is_serializable(obj: Any, raise_on_error: bool = False) -> bool:
    """Whether another process could be given `obj`; with `raise_on_error`, the error that says why not.

    `obj` is pickled here and unpickled in a fresh interpreter: a class that only this process knows is found out.
    """
    import cloudpickle

    try:
        pickled = cloudpickle.dumps(obj)
    except Exception:
        if raise_on_error:
            raise
        return False

    import os
    import subprocess
    import sys

    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import cloudpickle, sys; cloudpickle.load(sys.stdin.buffer)"],
        input=pickled,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    if loaded.returncode == 0:
        return True
    if raise_on_error:
        raise ValueError(
            f"{obj!r} was pickled, but another process cannot load it:\n{loaded.stderr.decode(errors='replace')}"
        )
    return False
