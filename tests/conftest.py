"""Every test runs in a home of its own: nothing of the person's settings is read, nothing is written to their files."""

import asyncio
import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A busy machine may stall any one example; how long a whole test may take is pytest-timeout's business.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

pytest_plugins = ["tests.support.plugin"]

# Before the first import of prefect, which reads its settings once.
for _name in [name for name in os.environ if name.startswith("PREFECT_")]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="quaestor-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["PREFECT__HOME_DIR"] = _home
os.environ["PREFECT__USER_CONFIG_PATH"] = os.path.join(_home, "config.toml")
os.environ["PREFECT__BACKEND_CONFIG_PATH"] = os.path.join(_home, "backend.toml")


# The tests of these rooms run twice: with the backend in this process, and with one that is reached over HTTP.
SERVED_TOO = ("agent", "backend", "client", "journeys", "tasks")


@pytest.fixture(autouse=True)
def _no_loop_of_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's driver leaves its event loop running in this thread: tests of other things must not see it."""
    loop = asyncio._get_running_loop()
    if loop is None or "browser" in request.path.parts:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "served: needs a server, which the backend in this process is not")
    config.addinivalue_line("markers", "embedded: looks at what only a backend in this process has; never runs served")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    room = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
    if "database" in metafunc.fixturenames and room in SERVED_TOO:
        served = [] if metafunc.definition.get_closest_marker("embedded") else ["served"]
        embedded = [] if metafunc.definition.get_closest_marker("served") else ["embedded"]
        metafunc.parametrize("database", [*embedded, *served], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database file of this test's own as the configured backend, with a home of its own for results and flows."""
    from prefect.client.transport import forget_endpoints
    from prefect.configuration import config
    from prefect.server import embedded

    path = tmp_path / "quaestor.db"
    monkeypatch.setitem(config.embedded, "database", str(path))
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    if getattr(request, "param", "embedded") == "served":
        server = request.getfixturevalue("server")
        monkeypatch.setitem(config, "backend", "server")
        monkeypatch.setitem(config.cloud, "api", server.url)
        with server.serve(embedded.open_endpoint(path)):
            yield path
    else:
        monkeypatch.setitem(config, "backend", "embedded")
        yield path
    endpoint = embedded._endpoints.pop(os.path.realpath(path), None)
    if endpoint is not None:
        forget_endpoints()
        endpoint.store.close()


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are sent to the backend, whichever it is."""
    from prefect.client.transport import EmbeddedTransport, HTTPTransport

    sent: list[str] = []

    def counting(send: Any) -> Any:
        def counted(self: Any, document: str, *args: Any, **kwargs: Any) -> Any:
            sent.append(document)
            return send(self, document, *args, **kwargs)

        return counted

    for kind in (EmbeddedTransport, HTTPTransport):
        monkeypatch.setattr(kind, "send", counting(kind.send))
    return sent


@pytest.fixture(scope="session")
def server() -> Iterator[object]:
    """One server for all tests of this process; each gives it the endpoint that it shall serve."""
    from tests.serving import serving

    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[object]:
    """A server that speaks the protocol of S3, for all tests of this process."""
    pytest.importorskip("s3fs", reason="S3 is not tested: s3fs is not installed (make test installs it)")
    pytest.importorskip("moto.server", reason="S3 is not tested: moto[s3] and flask are not installed")
    from tests.s3 import s3_server

    with s3_server() as server:
        yield server


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> object:
    """Object stores in this process, in place of those of the vendors; what they were asked for is kept."""
    from tests.object_stores import in_memory

    return in_memory(monkeypatch)


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    """What one test keeps secret is an ordinary word in the next."""
    yield
    masking = sys.modules.get("prefect.utilities.masking")
    if masking is not None:
        masking.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports travel between processes as UTF-8, which what tests print and log on purpose is not always."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
