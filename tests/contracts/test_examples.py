"""Every numbered example runs, as a person would run it, and leaves nothing outside of its own home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# But for the one of Python 3.12.0 to 3.12.3 that pyproject.toml explains.
WARNINGS_ARE_ERRORS = ("-W", "error", "-W", "ignore:Binding :DeprecationWarning")
EXAMPLES = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))


def test_there_are_examples_and_their_numbers_are_unique() -> None:
    numbers = [example.name[:2] for example in EXAMPLES]
    assert numbers
    assert sorted(set(numbers)) == numbers


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PREFECT__HOME_DIR": str(tmp_path)}
    command = [sys.executable, *WARNINGS_ARE_ERRORS, str(example)]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.strip(), "an example shows something"
