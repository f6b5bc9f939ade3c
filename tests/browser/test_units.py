"""What can be tested of the page without a browser: its own tests, run by its own tools."""

import subprocess
import sys

import pytest

from tests.browser.conftest import ROOT


def test_the_tests_of_the_page_pass() -> None:
    if not (ROOT / "ui/node_modules/vitest").is_dir():
        pytest.skip("Browser: the packages of the page are not installed (make ui)")
    done = subprocess.run([sys.executable, "hatch_build.py", "test"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
