"""Every numbered example runs, as a person would run it, and leaves nothing outside of its own home."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
# But for the one of Python 3.12.0 to 3.12.3 that pyproject.toml explains.
WARNINGS_ARE_ERRORS = ("-W", "error", "-W", "ignore:Binding :DeprecationWarning")
EXAMPLES = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))


def test_there_are_examples_and_their_numbers_are_unique() -> None:
    numbers = [example.name[:2] for example in EXAMPLES]
    assert numbers
    assert sorted(set(numbers)) == numbers


def run_example(example: Path, home: Path, more: dict[str, str]) -> str:
    """What an example prints, when run in a home of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PREFECT__HOME_DIR": str(home), **more}
    command = [sys.executable, *WARNINGS_ARE_ERRORS, str(example)]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.strip(), "an example shows something"
    return answer.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    shown = run_example(example, tmp_path, {})
    if shown.startswith("SKIPPED"):
        pytest.skip(shown)


def test_the_example_of_postgres_runs_against_a_server(postgres_server: Server, tmp_path: Path) -> None:
    (example,) = (ROOT / "examples").glob("*_postgres.py")
    with postgres_server.database() as url:
        parts = urlsplit(url)
        there = {"PGHOST": parse_qs(parts.query)["host"][0], "PGDATABASE": parts.path.lstrip("/"), "PGUSER": "postgres"}
        shown = run_example(example, tmp_path, there)
    assert "The rows add up to 4" in shown
