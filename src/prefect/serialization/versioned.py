"""The version that every object on the wire carries as `__version__`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.utilities.version import VERSION

# Read by every dump; only `written_as` changes it.
current: str = VERSION


@contextmanager
def written_as(version: str) -> Iterator[None]:
    """Everything dumped inside carries `version`: what another version would have written, hashes included.

    Holds for the whole process, so it is for tests and tools that compare.
    """
    global current
    before = current
    current = version
    try:
        yield
    finally:
        current = before
