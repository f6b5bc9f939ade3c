"""Two places on this machine with a cable between them that can be pulled: network namespaces of Linux.

Connections over a pulled cable hang, and nobody is told, as with a real one. Nothing of the machine's own network is
touched: both ends, and the addresses that they have, are in namespaces that are made here and removed again.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAMES: Final = Path("/run/netns")
_PREFIX: Final = "quaestor-test-"
# Of setns(2).
_CLONE_NEWNET: Final = 0x40000000
_numbers = itertools.count(1)


class NoNamespaces(Exception):
    """None can be made here; says why."""


@dataclass(frozen=True)
class Place:
    """One end of a cable: a network namespace, and its address."""

    name: str
    address: str

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread opens and starts inside belongs to this place: sockets, threads, processes."""
        with open("/proc/thread-self/ns/net") as before, open(_NAMES / self.name) as here:
            _enter(here.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())


@dataclass(frozen=True)
class Cable:
    """A cable between two places."""

    one: Place
    other: Place

    def pull(self, end: Place) -> None:
        """Nothing passes from now on. At this end the link is down; the other only sees that nobody answers."""
        _ip("-n", end.name, "link", "set", "cable", "down")

    def plug(self) -> None:
        """Put both ends in."""
        for end in (self.one, self.other):
            _ip("-n", end.name, "link", "set", "cable", "up")


@contextlib.contextmanager
def cable() -> Iterator[Cable]:
    """A cable that is plugged in, as long as the block lasts.

    Raises:
        NoNamespaces: not on this machine.
    """
    if shutil.which("ip") is None:
        raise NoNamespaces("there is no `ip` command")
    _clear_away()
    name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
    one, other = Place(f"{name}-one", "10.231.7.1"), Place(f"{name}-other", "10.231.7.2")
    try:
        try:
            for end in (one, other):
                _ip("netns", "add", end.name)
            _ip("link", "add", "cable", "netns", one.name, "type", "veth", "peer", "name", "cable", "netns", other.name)
            with one.entered():
                pass
        except (subprocess.CalledProcessError, OSError) as error:
            said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
            raise NoNamespaces(said) from error
        made = Cable(one, other)
        for end in (one, other):
            _ip("-n", end.name, "address", "add", f"{end.address}/30", "dev", "cable")
            _ip("-n", end.name, "link", "set", "lo", "up")
        made.plug()
        yield made
    finally:
        for end in (one, other):
            _remove(end.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _remove(name: str) -> None:
    # The link goes first: processes that are still there would keep the namespace, and so the cable.
    for words in (("-n", name, "link", "delete", "cable"), ("netns", "delete", name)):
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip(*words)


def _clear_away() -> None:
    """Remove what tests that were killed have left."""
    for path in _NAMES.glob(f"{_PREFIX}*"):
        process = path.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path(f"/proc/{process}").exists():
            _remove(path.name)
