"""PostgreSQL for tests that ask for it; where there is none they are skipped, and the run says so in its last lines.

It says the same of tests that need a browser, the released client of 1.4.1, or network namespaces.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[postgres.Server]:
    """The PostgreSQL server of this run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}"
    pytest.importorskip("psycopg", reason="PostgreSQL: psycopg is not installed")
    try:
        with postgres.shared_server(run) as server:
            yield server
    except postgres.NoPostgres as error:
        pytest.skip(f"PostgreSQL: {str(error).splitlines()[0]}")


# What a machine may lack, and what is not tested then; the reason of such a skip begins with it.
_LOUD = {
    "PostgreSQL": "on PostgreSQL",
    "Browser": "in a browser",
    "Released client": "with the client of 1.4.1",
    "Network namespaces": "over a cable that is pulled",
}

# By locale: one compares text by bytes anyhow, the other would not if we did not say so.
LOCALES = {
    "C": ("",),
    "another": (
        "LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'",
        "LC_COLLATE 'en_US.utf8' LC_CTYPE 'en_US.utf8'",
        "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
    ),
}


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: postgres.Server) -> dict[str, str]:
    """By locale the name of a database that holds the tables; who writes to one does it in a copy."""
    import psycopg

    from prefect.server.store.opening import open_store

    templates = {}
    for locale, ways in LOCALES.items():
        name = f"{postgres_server.new_name()}_{locale.lower()}"
        for number, options in enumerate(ways, 1):
            try:
                postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
                break
            except psycopg.Error:  # built without ICU, or a locale that this system lacks
                if number == len(ways):
                    raise
        open_store(postgres_server.url(name)).close()
        templates[locale] = name
    return templates


class Emptied:
    """A database that is used again and again: emptying one takes a millisecond, copying one a quarter of a second."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)
        tables = self._connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        deletions = [f"DELETE FROM {name}" for (name,) in tables if name != "quaestor"]  # noqa: S608
        deletions.append(
            "INSERT INTO tenant (id, created, updated, name, slug) "
            "VALUES (gen_random_uuid(), now(), now(), 'default', 'default')"
        )
        self._empty = "; ".join(["SET lock_timeout TO '30s'", *deletions]).encode()

    def __enter__(self) -> str:
        self._connection.execute(self._empty)
        return self.url

    def __exit__(self, *error: object) -> None:
        pass

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def postgres_emptied(
    postgres_server: postgres.Server, postgres_templates: dict[str, str]
) -> Iterator[dict[str, Emptied]]:
    """By locale a database that is emptied for each test."""
    with ExitStack() as stack:
        yield {
            locale: stack.enter_context(closing(Emptied(stack.enter_context(postgres_server.database(template)))))
            for locale, template in postgres_templates.items()
        }


@pytest.fixture
def postgres_url(postgres_emptied: dict[str, Emptied]) -> Iterator[str]:
    """The URL of a database with tables and nothing in them but the tenant that each has."""
    with postgres_emptied["C"] as url:
        yield url


@pytest.fixture
def postgres_url_of_another_locale(postgres_emptied: dict[str, Emptied]) -> Iterator[str]:
    """The same where text would not sort by bytes if we did not say so."""
    with postgres_emptied["another"] as url:
        yield url


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Say in the last lines what this machine lacks, and which tests were not run for that."""
    yield
    for part, tests in _LOUD.items():
        skipped = f"Skipped: {part}: "
        reasons = [
            report.longrepr[2].removeprefix(skipped)
            for report in terminalreporter.stats.get("skipped", ())
            if isinstance(report.longrepr, tuple) and report.longrepr[2].startswith(skipped)
        ]
        if reasons:
            terminalreporter.section(part, yellow=True)
            terminalreporter.line(f"{len(reasons)} tests were not run {tests}: {reasons[0]}.")
