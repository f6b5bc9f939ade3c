"""The documentation tells the truth: its Python runs and gives what the page says, and its links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# But for the one of Python 3.12.0 to 3.12.3 that pyproject.toml explains.
WARNINGS_ARE_ERRORS = ("-W", "error", "-W", "ignore:Binding :DeprecationWarning")
RUNNER = Path(__file__).with_name("run_document.py")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def pages_with_python() -> list[Path]:
    return [page for page in PAGES if "```python\n" in page.read_text()]


def run_page(page: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "PREFECT__HOME_DIR": str(home),
    }
    command = [sys.executable, *WARNINGS_ARE_ERRORS, str(RUNNER), str(page)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False)


@pytest.mark.parametrize("page", pages_with_python(), ids=name_of)
def test_the_python_of_a_page_gives_what_the_page_says(page: Path, tmp_path: Path) -> None:
    answer = run_page(page, tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("source", "works"),
    [
        ("1 + 1\n# 2\n", True),
        ("1 + 1\n# 3\n", False),
        ("[1,\n 2]\n# [1,\n#  2]\n", True),
        ("print\n# <built-in ...>\n", True),
        ("undefined_name\n", False),
        ("x = 1\n\n# a remark, no result\ny = 2\n", True),
    ],
)
def test_the_runner_of_pages_notices_a_lie(source: str, works: bool, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Text.\n\n```python\n{source}```\n")
    assert (run_page(page, tmp_path).returncode == 0) is works


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+://)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_verbs_that_the_readme_names_exist() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z-]+)", page.read_text())) <= verbs, page
