"""Values in files on this machine."""

import datetime
import os
from typing import Any, Self

from prefect.configuration import config
from prefect.engine.result.base import Result


class LocalResult(Result):
    """Keeps each value in one file beneath `dir`; by default the folder `results` in the settings' `home_dir`.

    A `dir` within `home_dir` becomes that folder too. With `validate_dir=False` a relative `dir` stays
    relative: what it means is then decided by the process that reads or writes.
    """

    def __init__(self, dir: str | None = None, validate_dir: bool = True, **kwargs: Any) -> None:
        home = os.path.abspath(os.path.expanduser(config.home_dir))
        if dir is None or _is_within(os.path.abspath(dir), home):
            self.dir = os.path.join(home, "results")
        elif validate_dir:
            self.dir = os.path.abspath(os.path.expanduser(dir))
        else:
            self.dir = os.fspath(dir)
        super().__init__(**kwargs)

    @property
    def default_location(self) -> str:
        """A file of its own for every call: the time, for people, and chance, since two tasks can end together."""
        now = datetime.datetime.now(datetime.UTC)
        return os.path.join(self.dir, f"prefect-result-{now:%Y-%m-%dt%H-%M-%S-%f}-00-00-{os.urandom(4).hex()}")

    def read(self, location: str) -> Self:
        """A copy of this result with the value of the file at `location`."""
        new = self.copy()
        new.location = location
        path = os.path.join(self.dir, location)
        self.logger.debug("Starting to read result from %s...", path)
        with open(path, "rb") as file:
            new.value = self.serializer.deserialize(file.read())
        self.logger.debug("Finished reading result from %s...", path)
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose `value_` stands, whole, in the file at its location.

        The file appears under its name only once everything is in it: a run killed half-way leaves what was there.
        """
        new = self.format(**kwargs)
        new.value = value_
        if new.location is None:
            raise ValueError(f"{self!r} has no location to write to.")
        path = os.path.abspath(os.path.join(self.dir, new.location))
        self.logger.debug("Starting to upload result to %s...", path)
        _write_whole(path, self.serializer.serialize(value_))
        new.location = path
        self.logger.debug("Finished uploading result to %s.", path)
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether there is something at `location`, a path or a template for one."""
        return os.path.exists(os.path.join(self.dir, location.format(**kwargs)))


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _write_whole(path: str, content: bytes) -> None:
    folder = os.path.dirname(path)
    unfinished = os.path.join(folder, f".prefect-unfinished-{os.urandom(8).hex()}")
    try:
        try:
            _write_new(unfinished, content)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            _write_new(unfinished, content)
        try:
            os.replace(unfinished, path)
        except OSError:
            os.unlink(unfinished)
            raise
    except OSError as error:
        # The name of the unfinished file would say nothing to the reader of the error.
        raise type(error)(error.errno, error.strerror, path) from error


def _write_new(path: str, content: bytes) -> None:
    with open(path, "xb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            os.unlink(path)
            raise
