"""Files as tasks: moved, copied, removed, found, packed and unpacked."""

from prefect.tasks.files.compression import Unzip, Zip
from prefect.tasks.files.operations import Copy, Glob, Move, Remove

__all__ = ["Copy", "Glob", "Move", "Remove", "Unzip", "Zip"]
