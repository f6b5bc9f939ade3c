"""Checks the import contracts of `.importlinter` and prints one line for each.

Goes through the library instead of its command, whose script names an absolute path and so dies with a moved checkout.
"""

import sys
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    # Read the package from its source, without importing it and whatever else is installed under its name.
    sys.path.insert(0, str(ROOT / "src"))
    # No cache: it keeps what a file's imports meant when some of the modules that they name did not exist.
    return int(lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True))


if __name__ == "__main__":
    raise SystemExit(main())
