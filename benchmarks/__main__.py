"""`make bench` and `make load`: measure every promise, each file in a process of its own, beside its budget.

Names of files choose, and of parts where a file has parts: `make bench ARGS="imports http_queries.sqlite"`. Exits with
1 if a figure is above its limit or something could not be measured, with 2 if there is nothing of a name.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
# File by file, those of `make bench`: they take minutes in all, and one processor.
PROMISES = (
    "imports",
    "building",
    "unrecorded_runs",
    "parallel_runs",
    "recorded_runs",
    "views",
    "refusals",
    "http_queries",
    "http_writes",
    "pickup",
    "scheduling",
    "page",
)
# Those of `make load`: each wants the machine for itself. A new load run is a file here, and a table of budgets.
LOADS = ("load_subscribers", "load_clients")
# What can be measured of a file alone, as FILE.PART.
PARTS = {"http_queries": ("sqlite", "postgresql")}
# Where the table goes to a file or a pipe, which say nothing of their width.
WIDTH_ELSEWHERE = 180


class NotMeasured(Exception):
    """A file failed; it has said why."""


def read_budgets() -> dict[str, dict[str, Any]]:
    """Budget by the full name of its measurement."""
    groups = tomllib.loads((HERE / "budgets.toml").read_text())
    return {f"{group}.{name}": budget for group, members in groups.items() for name, budget in members.items()}


def measure(promise: str) -> Iterator[dict[str, Any]]:
    """What a file, or a part of it, finds."""
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT__")}
        environment |= {"PREFECT__HOME_DIR": home, "PREFECT__LOGGING__LEVEL": "CRITICAL"}
        file, _, part = promise.partition(".")
        command = [sys.executable, "-m", f"benchmarks.{file}", *([part] if part else [])]
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
        yield from map(json.loads, process.stdout.splitlines())
        if process.returncode:
            raise NotMeasured(f"benchmarks/{file}.py failed; its message is above.")


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def unknown(names: list[str], known: tuple[str, ...]) -> str | None:
    """What to say about a name that nothing has; None if there is none."""
    every = [*known, *(f"{file}.{part}" for file in known for part in PARTS.get(file, ()))]
    wrong = [name for name in names if name not in every]
    return f"Nothing is called {' or '.join(wrong)}. There are: {', '.join(every)}." if wrong else None


def main(arguments: list[str]) -> int:
    known = LOADS if "--load" in arguments else PROMISES
    names = [name for name in arguments if name != "--load"]
    console = Console(width=None if sys.stdout.isatty() else WIDTH_ELSEWHERE)
    refusal = unknown(names, known)
    if refusal is not None:
        console.print(refusal)
        return 2
    budgets = read_budgets()
    table = Table("promise", "measured", "at most", "unit", "of limit", "compared", "note", box=None, pad_edge=False)
    for column in (1, 2, 4):
        table.columns[column].justify = "right"
    for column in (0, 1, 2, 3, 4):
        table.columns[column].no_wrap = True
    within: list[str] = []
    above: list[str] = []
    failed: list[str] = []
    for promise in names or known:
        with console.status(f"measuring {promise.replace('_', ' ')}"):
            try:
                for found in measure(promise):
                    name, value, budget = found["name"], found["value"], budgets[found["name"]]
                    limit = budget.get("limit")
                    too_much = limit is not None and value > limit
                    if limit is not None:
                        (above if too_much else within).append(name)
                    table.add_row(
                        name,
                        f"[red]{number(value)}[/]" if too_much else number(value),
                        "" if limit is None else number(limit),
                        budget["unit"],
                        f"{value / limit:.0%}" if limit else "",
                        f"{found['ratio']:.3g} x {found['reference']}" if found["ratio"] is not None else "",
                        budget["note"],
                    )
            except NotMeasured as error:
                failed.append(str(error))
    console.print(table)
    waiting, processors = os.getloadavg()[0], os.cpu_count() or 1
    if waiting > 1.5 * processors:
        console.print(
            f"The machine is busy ({waiting:.0f} programs for {processors} processors): figures may come out too high."
        )
    for sentence in failed:
        console.print(f"[red]{sentence}[/]")
    if above:
        console.print(f"[red]Above the limit: {', '.join(above)}.[/]")
    elif not failed:
        console.print(f"Within the limits: {len(within)} of {len(within)}.")
    return 1 if above or failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
