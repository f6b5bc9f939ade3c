import os
import subprocess
import sys
from pathlib import Path

import pytest

import prefect

SRC = str(Path(prefect.__file__).parents[1])


def run(user_file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        env={**os.environ, "PREFECT__USER_CONFIG_PATH": str(user_file), "PYTHONPATH": SRC},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("graphql", "{ flow { id } }"), ("--help",), ("get", "flows")])
def test_a_user_file_that_is_no_toml_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    user_file = tmp_path / "config.toml"
    user_file.write_text("x = \n")
    done = run(user_file, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"The configuration file {user_file} is not valid TOML" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_user_file_that_selects_the_hosted_service_is_one_clear_line(tmp_path: Path) -> None:
    user_file = tmp_path / "config.toml"
    user_file.write_text('backend = "cloud"\n')
    done = run(user_file, "graphql", "{ flow { id } }")
    assert done.returncode == 1
    assert "no longer exists" in done.stderr
    assert "prefect backend embedded" in done.stderr
    assert len(done.stderr.splitlines()) == 1
