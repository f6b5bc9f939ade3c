"""Zip archives."""

import zipfile
from pathlib import Path
from typing import Any, List, Optional, Union

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task
from prefect.tasks.files.operations import existing, given

__all__ = ["Unzip", "Zip"]

COMPRESSION_METHODS = {
    "deflate": zipfile.ZIP_DEFLATED,
    "store": zipfile.ZIP_STORED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


class Unzip(Task):
    """Unpacks an archive into a directory, made where it is missing; the result is the directory.

    Without `extract_dir` that is the working directory. ValueError where there is no such file, TypeError where it is
    no archive.
    """

    def __init__(self, zip_path: Union[str, Path] = "", extract_dir: Union[str, Path] = "", **kwargs: Any) -> None:
        self.zip_path = zip_path
        self.extract_dir = extract_dir
        super().__init__(**kwargs)

    @defaults_from_attrs("zip_path", "extract_dir")
    def run(
        self,
        zip_path: Union[str, Path] = "",
        extract_dir: Union[str, Path] = "",
        password: Union[bytes, str] = None,
    ) -> Path:
        if not zip_path:
            raise ValueError("No `zip_path` provided")
        if not Path(zip_path).exists():
            raise ValueError(f"`zip_path` '{zip_path}' not found")
        if not zipfile.is_zipfile(zip_path):
            raise TypeError(f"`zip_path` '{zip_path}' is not a zip file")
        directory = Path(extract_dir) if extract_dir else Path.cwd()
        self.logger.info("Extracting %r to %r", str(zip_path), str(directory))
        with zipfile.ZipFile(zip_path) as archive:
            archive.extractall(directory, pwd=password.encode() if isinstance(password, str) else password)
        return directory


class Zip(Task):
    """Packs a file, a directory with all that is in it, or a list of these into an archive at `zip_path`.

    Files stand in the archive under their own names, those of a directory below its name. `compression_method` is
    deflate, store, bzip2 or lzma; `compression_level` is 0 to 9 for deflate, 1 to 9 for bzip2.
    """

    def __init__(
        self,
        source_path: Union[str, Path, List[str], List[Path]] = "",
        zip_path: Union[str, Path] = "",
        compression_method: str = "deflate",
        compression_level: Optional[int] = None,
        **kwargs: Any,
    ) -> None:
        self.source_path = source_path
        self.zip_path = zip_path
        self.compression_level = compression_level
        if compression_method not in COMPRESSION_METHODS:
            raise ValueError(f"Compression method {compression_method} is not supported!")
        self.compression = COMPRESSION_METHODS[compression_method]
        super().__init__(**kwargs)

    @defaults_from_attrs("source_path", "zip_path")
    def run(
        self,
        source_path: Union[str, Path, List[str], List[Path]] = "",
        zip_path: Union[str, Path] = "",
    ) -> None:
        paths = source_path if isinstance(source_path, list) else [source_path]
        # All of them before the archive is begun, so that none is left unfinished.
        sources = [existing(given(path, "source_path")) for path in paths or [""]]
        target = given(zip_path, "zip_path")
        self.logger.info("Creating zip archive %s", target)
        with zipfile.ZipFile(
            target, "w", compression=self.compression, compresslevel=self.compression_level
        ) as archive:
            for source in sources:
                self.logger.info("Adding %s to archive", source.name)
                for member, name in _members(source):
                    archive.write(member, arcname=name)


def _members(source: Path) -> list[tuple[Path, Path]]:
    """The files to pack, each with its name in the archive."""
    if not source.is_dir():
        return [(source, Path(source.name))]
    root = source.resolve().parent
    files = sorted(path for path in source.resolve().rglob("*") if path.is_file())
    return [(file, file.relative_to(root)) for file in files]
