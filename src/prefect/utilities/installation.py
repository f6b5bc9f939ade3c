"""Whether another distribution owns the import name `prefect` in this environment.

`python -m prefect.utilities.installation` says so, and ends with status 1 then.
"""

from __future__ import annotations

import os
import sys

OTHER_DISTRIBUTION = "prefect"
OWN_DISTRIBUTION = "quaestor"


def conflicting_distribution() -> str | None:
    """What to tell the user where the distribution `prefect` is installed beside this one; else None."""
    if not any(_may_hold_it(directory) for directory in sys.path):
        return None
    from importlib import metadata

    try:
        version = metadata.version(OTHER_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    return (
        f"The distribution {OTHER_DISTRIBUTION!r} {version} is installed in this environment as well. It owns the same "
        f"import name as {OWN_DISTRIBUTION!r}, so each may overwrite files of the other. Use an environment of its own "
        f"for {OWN_DISTRIBUTION}, or remove both and install one again: "
        f"`{sys.executable} -m pip uninstall {OTHER_DISTRIBUTION} {OWN_DISTRIBUTION}`."
    )


def _may_hold_it(directory: str) -> bool:
    """A look at the names alone: `importlib.metadata` takes longer to load than most commands take to run."""
    try:
        names = os.listdir(directory or ".")
    except OSError:
        return False
    begins, ends = f"{OTHER_DISTRIBUTION}-", (".dist-info", ".egg-info")
    return any(name.startswith(begins) and name.endswith(ends) for name in names)


def main() -> int:
    """Print the conflict, where there is one; returns the exit status."""
    conflict = conflicting_distribution()
    if conflict is None:
        return 0
    print(conflict, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
