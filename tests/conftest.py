"""Every test runs in a home of its own: nothing of the person's settings is read, nothing is written to their files."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

# Before the first import of prefect, which reads its settings once.
for _name in [name for name in os.environ if name.startswith("PREFECT_")]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="quaestor-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["PREFECT__HOME_DIR"] = _home
os.environ["PREFECT__USER_CONFIG_PATH"] = os.path.join(_home, "config.toml")
os.environ["PREFECT__BACKEND_CONFIG_PATH"] = os.path.join(_home, "backend.toml")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database file of this test's own as the configured backend, with a home of its own for results and flows."""
    from prefect.configuration import config

    path = tmp_path / "quaestor.db"
    monkeypatch.setitem(config, "backend", "embedded")
    monkeypatch.setitem(config.embedded, "database", str(path))
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    yield path
    from prefect.server import embedded

    endpoint = embedded._endpoints.pop(os.path.realpath(path), None)
    if endpoint is not None:
        from prefect.client.transport import forget_endpoints

        forget_endpoints()
        endpoint.store.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports travel between processes as UTF-8, which what tests print and log on purpose is not always."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
