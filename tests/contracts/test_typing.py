"""Type checkers understand programs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("typed_program.py")

pytest.importorskip("mypy")


def checked(*arguments: str) -> subprocess.CompletedProcess[str]:
    # With the settings and the cache of `make check`, so that only the program itself is read anew.
    return subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_typed_program_is_understood() -> None:
    told = checked(str(PROGRAM.relative_to(ROOT)))
    assert told.returncode == 0, told.stdout + told.stderr


def test_its_mistakes_are_seen(tmp_path: Path) -> None:
    """Without the comments that expect them, the errors are there: each line that has one is named."""
    lines = PROGRAM.read_text().splitlines()
    mistaken = [number for number, line in enumerate(lines, start=1) if "  # type: ignore" in line]
    program = tmp_path / "mistaken_program.py"
    program.write_text("\n".join(line.partition("  # type: ignore")[0] for line in lines))
    told = checked(str(program))
    named = [int(line.split(":")[1]) for line in told.stdout.splitlines() if ": error: " in line]
    assert named == mistaken, told.stdout
