"""Runs the examples here and under a published 1.x release, and shows what differs: states, results and log lines.

    python -m scripts.compare PYTHON [NUMBER ...]

PYTHON is the interpreter of an environment that holds the distribution `prefect` 1.4.1 and its libraries. Examples that
need what only this project has are named and left out. The exit status is 1 where something differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# Not run under the old release, which might not heed the address that the example gives, and would ask outside.
ASKS_OUTSIDE = ("39",)

# Run by both interpreters: no syntax and no library newer than theirs.
OBSERVER = r"""
import json, logging, re, runpy, sys, warnings
warnings.simplefilter("ignore")
import prefect
from prefect import Flow
from prefect.utilities.logging import get_logger

seen = []

def described(value):
    text = re.sub(r"0x[0-9a-f]+", "0x", re.sub(r"[\w.]+:\d+/", "<address>/", repr(value)))
    return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.+]+", "<time>", re.sub(r"/tmp/\w+", "<directory>", text))

def outcome(state):
    if state is None:
        return None
    children = getattr(state, "map_states", None)
    result = state.result if not isinstance(state.result, dict) or not hasattr(state, "_flow_state") else None
    return [type(state).__name__, described(state.message), described(result), [outcome(c) for c in children or []]]

class Lines(logging.Handler):
    def emit(self, record):
        seen.append([record.name, record.levelname, described(record.getMessage())])

get_logger().addHandler(Lines())
run = Flow.run

def observed(self, *args, **kwargs):
    state = run(self, *args, **kwargs)
    if state is not None:
        tasks = {self.slugs[task]: outcome(child) for task, child in state.result.items()}
        seen.append(["flow", type(state).__name__, described(state.message), tasks])
    return state

Flow.run = observed
error = None
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
except (ImportError, SyntaxError) as problem:
    error = "needs what is not there: " + str(problem)
except BaseException as problem:
    error = type(problem).__name__ + ": " + str(problem)
sys.stderr.write("\n=====" + json.dumps({"version": prefect.__version__, "error": error, "seen": seen}))
"""


def observe(python: str, example: Path, ours: bool) -> dict[str, Any]:
    """What an example does: its log lines and outcomes in their order."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PREFECT__HOME_DIR": home, "PREFECT__LOGGING__LEVEL": "INFO", "HOME": home}
        environment["PYTHONPATH"] = str(ROOT / "src") if ours else ""
        command = [python, "-c", OBSERVER, str(example)]
        told = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False)
    answer: dict[str, Any] = json.loads(told.stderr.rpartition("\n=====")[2] or "{}")
    return answer or {"version": "?", "error": told.stderr[-500:], "seen": []}


def in_any_order(seen: list[Any]) -> list[str]:
    """Tasks that do not wait for each other may run in any order."""
    return sorted(json.dumps(line, sort_keys=True) for line in seen)


def compare(python: str, example: Path) -> bool:
    """Print how an example fares; whether it does the same in both."""
    if example.name[:2] in ASKS_OUTSIDE:
        print(f"{example.name}: left out, the old release might send its notes to the real services")
        return True
    theirs = observe(python, example, ours=False)
    if theirs["error"]:
        print(f"{example.name}: left out, under {theirs['version']} {theirs['error']}")
        return True
    ours = observe(sys.executable, example, ours=True)
    mine, yours = in_any_order(ours["seen"]), in_any_order(theirs["seen"])
    if ours["error"] is None and mine == yours:
        print(f"{example.name}: the same, {len(mine)} lines and outcomes")
        return True
    print(f"{example.name}: DIFFERS {ours['error'] or ''}")
    for sign, lines, others in (("-", yours, mine), ("+", mine, yours)):
        for line in lines:
            if line not in others:
                print(f"    {sign} {line}")
    return False


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    python, *numbers = arguments
    examples = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))
    chosen = [example for example in examples if not numbers or example.name[:2] in numbers]
    outcomes = [compare(python, example) for example in chosen]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
