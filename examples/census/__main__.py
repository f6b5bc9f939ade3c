"""`make demo`: the census of the standard library, recorded in a file of its own.

The demo leaves the person's own runs alone: its home is .demo in the current directory.
"""

import os
from pathlib import Path

HOME = Path(".demo").resolve()


def main() -> int:
    # Before prefect is first imported, which reads its settings once; the processes that read modules inherit them.
    os.environ["PREFECT__HOME_DIR"] = str(HOME)
    os.environ["PREFECT__EMBEDDED__DATABASE"] = str(HOME / "quaestor.db")
    os.environ["PREFECT__BACKEND"] = "embedded"
    from examples.census.demo import run_and_inspect

    return run_and_inspect(HOME)


# Worker processes import this module anew.
if __name__ == "__main__":
    raise SystemExit(main())
