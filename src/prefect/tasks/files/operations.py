"""Move, copy, remove and find files and directories."""

import os
import shutil
from pathlib import Path
from typing import Any, List, Union

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

__all__ = ["Copy", "Glob", "Move", "Remove"]


class Move(Task):
    """Moves a file or a directory to `target_path`, or into it where that is a directory; the result is the new path.

    The paths may be given when the task is made or when it is called. ValueError where there is nothing to move.
    """

    def __init__(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "", **kwargs: Any) -> None:
        self.source_path = source_path
        self.target_path = target_path
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "target_path")
    def run(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "") -> Path:
        source, target = _both(source_path, target_path)
        self.logger.info("Moving %s to %s...", source, target)
        return Path(shutil.move(str(source), str(target)))


class Copy(Task):
    """Copies a file, or a directory with all that is in it, to `target_path`; the result is the new path.

    A file is copied into a target that is a directory; a directory needs a target that is not there yet. The paths
    may be given when the task is made or when it is called. ValueError where there is nothing to copy.
    """

    def __init__(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "", **kwargs: Any) -> None:
        self.source_path = source_path
        self.target_path = target_path
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "target_path")
    def run(self, source_path: Union[str, Path] = "", target_path: Union[str, Path] = "") -> Path:
        source, target = _both(source_path, target_path)
        self.logger.info("Copying %s to %s...", source, target)
        return Path(shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target))


class Remove(Task):
    """Removes a file or an empty directory; OSError for a directory that holds something."""

    def __init__(self, path: Union[str, Path] = "", **kwargs: Any) -> None:
        self.path = path
        super().__init__(**kwargs)

    @defaults_from_attrs("path")
    def run(self, path: Union[str, Path] = "") -> None:
        doomed = given(path, "path")
        if not os.path.lexists(doomed):
            raise ValueError(f"Path ({doomed}) not found")
        self.logger.info("Removing %s...", doomed)
        if doomed.is_dir() and not doomed.is_symlink():
            doomed.rmdir()
        else:
            doomed.unlink()


class Glob(Task):
    """The paths in a directory that match a pattern, in order: `*` in the directory itself, `**/*` also below it."""

    def __init__(self, path: Union[str, Path] = "", pattern: str = "*", **kwargs: Any) -> None:
        self.path = path
        self.pattern = pattern
        super().__init__(**kwargs)

    @defaults_from_attrs("path", "pattern")
    def run(self, path: Union[str, Path] = "", pattern: str = "*") -> List[Path]:
        return sorted(given(path, "path").glob(pattern))


def given(path: Union[str, Path], name: str) -> Path:
    """A path that was given; ValueError for an empty one."""
    if not path:
        raise ValueError(f"No `{name}` provided.")
    return Path(path)


def existing(path: Path) -> Path:
    """A source that is there; ValueError otherwise."""
    if not path.exists():
        raise ValueError(f"Source path ({path}) not found")
    return path


def _both(source_path: Union[str, Path], target_path: Union[str, Path]) -> tuple[Path, Path]:
    source, target = given(source_path, "source_path"), given(target_path, "target_path")
    return existing(source), target
