"""`make bench`: measures every promise, each file in a process of its own, and prints it beside its budget.

Names of files choose: `make bench ARGS="imports views"`. Exits with 1 if a figure is above its limit.
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
PROMISES = ("imports", "building", "unrecorded_runs", "recorded_runs", "views", "refusals", "http_queries")


def read_budgets() -> dict[str, dict[str, Any]]:
    """Budget by the full name of its measurement."""
    groups = tomllib.loads((HERE / "budgets.toml").read_text())
    return {f"{group}.{name}": budget for group, members in groups.items() for name, budget in members.items()}


def measure(promise: str) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT__")}
        environment |= {"PREFECT__HOME_DIR": home, "PREFECT__LOGGING__LEVEL": "CRITICAL"}
        command = [sys.executable, "-m", f"benchmarks.{promise}"]
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
        if process.returncode:
            raise SystemExit(f"benchmarks/{promise}.py failed; its message is above.")
        yield from map(json.loads, process.stdout.splitlines())


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main(chosen: list[str]) -> int:
    budgets = read_budgets()
    console = Console()
    table = Table("promise", "measured", "at most", "unit", "is", box=None, header_style="bold", pad_edge=False)
    for column in (1, 2):
        table.columns[column].justify = "right"
    over = 0
    for promise in chosen or PROMISES:
        with console.status(f"measuring {promise.replace('_', ' ')}"):
            for found in measure(promise):
                budget = budgets[found["name"]]
                limit = budget.get("limit")
                too_much = limit is not None and found["value"] > limit
                over += too_much
                ratio = f"{found['ratio']:.3g} x {found['reference']}" if found["ratio"] is not None else ""
                measured = f"[red]{number(found['value'])}[/]" if too_much else number(found["value"])
                table.add_row(
                    found["name"],
                    measured,
                    "" if limit is None else number(limit),
                    budget["unit"],
                    ratio,
                    budget["note"],
                )
    console.print(table)
    if over:
        console.print(f"[red]{over} above the limit.[/]")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
