"""What is in deploy/: that it can be read, that what it names is there, and that what it runs works outside of it."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture
def compose() -> Any:
    yaml = pytest.importorskip("yaml", reason="compose.yaml is not read: pyyaml is not installed")
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_compose_file_joins_a_server_and_its_database(compose: Any) -> None:
    server, database = compose["services"]["server"], compose["services"]["database"]
    assert (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert server["depends_on"] == {"database": {"condition": "service_healthy"}}
    url = server["environment"]["PREFECT__SERVER__DATABASE__CONNECTION_URL"]
    of_database = database["environment"]
    password = "${POSTGRES_PASSWORD}"
    assert url == (f"postgresql://{of_database['POSTGRES_USER']}:{password}@database:5432/{of_database['POSTGRES_DB']}")
    mounted = {volume.partition(":")[0] for service in (server, database) for volume in service["volumes"]}
    assert mounted == set(compose["volumes"])


def test_nobody_else_can_reach_what_has_no_password(compose: Any) -> None:
    assert "ports" not in compose["services"]["database"]
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["server"]["ports"])
    # There is no password that everybody knows.
    assert compose["services"]["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_settings_that_it_sets_are_settings(compose: Any) -> None:
    from prefect.configuration import config

    dockerfile = (DEPLOY / "Dockerfile").read_text()
    names = [*compose["services"]["server"]["environment"], *re.findall(r"(PREFECT__\w+)=", dockerfile)]
    for name in names:
        found: Any = config
        for part in name.removeprefix("PREFECT__").lower().split("__"):
            found = found[part]


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    steps = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
    names = [name for name, _ in steps]
    assert {"FROM", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"} <= set(names) <= {
        *("FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"),
    }  # fmt: skip
    for name, words in steps:
        if name == "COPY" and "--from" not in words:
            source = next(word for word in words.split() if not word.startswith("--"))
            assert (ROOT / source).exists()
    assert dict(steps)["USER"] == "quaestor"
    assert dict(steps)["CMD"] == '["serve"]'
    assert os.access(DEPLOY / "serve", os.X_OK)


def test_the_unit_is_one() -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "quaestor.service")
    command = unit["Service"]["ExecStart"].split()
    assert command[1:3] == ["server", "start"]
    assert unit["Service"]["KillMode"] == "mixed"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(DEPLOY / "quaestor.service")], capture_output=True, text=True, check=False
    )
    wrong = [line for line in done.stderr.splitlines() if "quaestor.service" in line and "not executable" not in line]
    assert not [line for line in wrong if "Unknown" in line], done.stderr


def test_what_the_image_runs_prints_the_first_key_once(tmp_path: Path) -> None:
    # `prefect` on the path, as in the image.
    command = tmp_path / "bin" / "prefect"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m prefect "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUNBUFFERED": "1",
        "PREFECT__HOME_DIR": str(tmp_path / "data"),
    }

    def serve() -> list[str]:
        """What is printed until it serves."""
        lines = []
        with subprocess.Popen(
            [str(DEPLOY / "serve"), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("Serving"):
                    break
            process.terminate()
            assert process.wait(30) == 0
        return lines

    first = serve()
    assert first[0].startswith("API key 'first' (admin, id ")
    assert re.fullmatch(r"qk_[0-9a-f]+_[\w-]+", first[1])
    assert first[2].startswith(f"Serving {tmp_path}/data/quaestor.db at http://0.0.0.0:")
    second = serve()
    assert len(second) == 1
    assert second[0].startswith("Serving ")
