"""A database of an earlier version becomes one like a fresh database, with what it held, or stays as it was."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.errors import StoreError
from prefect.server.store import functions, migrations, sqlite
from prefect.server.store.database import Store

if TYPE_CHECKING:
    from tests.support.postgres import Server

SCHEMAS = Path(__file__).parent / "schemas"
EARLIER = sorted(int(path.name.partition(".")[0]) for path in SCHEMAS.glob("*.sqlite.sql"))
ID = "01234567-0123-4123-8123-0123456789ab"
MOMENT = "2026-11-28T10:00:00+00:00"
TENANT = "INSERT INTO tenant (id, created, updated, name, slug) VALUES ('ID', 'MOMENT', 'MOMENT', 'old', 'old')"
KEY = (
    "INSERT INTO auth_api_key (id, tenant_id, created, updated, name, default_tenant_id) "
    "VALUES ('ID', 'ID', 'MOMENT', 'MOMENT', 'mine', 'ID')"
)
# Hooks whose configs held their keys for everybody to read, and what is shown of them afterwards.
HOOKS = {
    ("SLACK_WEBHOOK", '{"url": "https://hooks.slack.com/services/T0/B0/key"}'): {"url": "https://hooks.slack.com/…"},
    ("WEBHOOK", '{"url": "http://h.example:8443?key=1", "more": 1}'): {"url": "http://h.example:8443/…"},
    ("WEBHOOK", '{"url": " https://h.example#key"}'): {"url": "https://h.example/…"},
    ("WEBHOOK", '{"url": "https://h.example"}'): {"url": "https://h.example/…"},
    ("WEBHOOK", '{"url": "HTTPS://h.example\\\\key"}'): {"url": "https://h.example/…"},
    ("WEBHOOK", '{"url": "https://ada:key@h.example/"}'): {"url": "…"},
    ("WEBHOOK", '{"url": 7}'): {"url": "…"},
    ("WEBHOOK", "{}"): {"url": "…"},
    ("EMAIL", '{"to": ["a@example.org"], "password": "key"}'): {"to": ["a@example.org"]},
    ("EMAIL", '{"to": "a@example.org"}'): {"to": "a@example.org"},
    ("TWILIO", '{"auth_token": "key"}'): {},
    ("PREFECT_MESSAGE", "{}"): {},
}
HOOK = (
    "INSERT INTO cloud_hook (id, tenant_id, created, updated, type, config) "
    "VALUES ('01234567-0123-4123-8123-0000000000{:02}', 'ID', 'MOMENT', 'MOMENT', '{}', '{}')"
)
HELD = [
    each.replace("ID'", f"{ID}'").replace("MOMENT", MOMENT)
    for each in (TENANT, KEY, *(HOOK.format(number, *given) for number, given in enumerate(HOOKS)))
]
SHOWN = "SELECT config FROM cloud_hook ORDER BY id"
KEPT = "SELECT config FROM cloud_hook_config ORDER BY cloud_hook_id"
ROLE = "SELECT name, role FROM auth_api_key"


def old_file(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        functions.install(connection)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((SCHEMAS / f"{version}.sqlite.sql").read_text())
        for each in HELD:
            connection.execute(each)
        connection.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def structure(path: Path) -> dict[str, Any]:
    """Tables with their columns, and indexes: what tells one schema from another."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY type, name").fetchall()
        columns = {
            name: sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})"))
            for kind, name, _ in names
            if kind in ("table", "view")
        }
        indexes = {
            name: connection.execute(f"PRAGMA index_xinfo({name})").fetchall()
            for kind, name, _ in names
            if kind == "index"
        }
        return {"names": names, "columns": columns, "indexes": {name: len(rows) for name, rows in indexes.items()}}


def lowered(configs: Iterable[Any]) -> list[Any]:
    """An upgrade may write the name of a scheme as it was, or in small letters."""
    return [json.loads(json.dumps(config).replace("HTTPS", "https")) for config in configs]


def ask(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("version", EARLIER)
def test_an_old_file_becomes_like_a_fresh_one(version: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    old_file(old, version)
    with caplog.at_level(logging.WARNING, "prefect.server"):
        Store(old).close()
    Store(fresh).close()
    assert structure(old) == structure(fresh)
    assert ask(old, ROLE) == [("mine", "admin")]
    assert ask(old, "PRAGMA user_version") == [(sqlite.USER_VERSION,)]
    assert [json.loads(row[0]) for row in ask(old, SHOWN)] == lowered(HOOKS.values())
    assert [json.loads(row[0]) for row in ask(old, KEPT)] == [json.loads(config) for _, config in HOOKS]
    copy = tmp_path / f"old.db.version-{version}"
    assert f"from schema version {version} to {sqlite.USER_VERSION}; a copy" in caplog.text
    assert ask(copy, "PRAGMA user_version") == [(version,)]
    assert ask(copy, "SELECT slug FROM tenant") == [("old",)]
    assert copy.stat().st_mode & 0o077 == 0


def test_what_cannot_be_upgraded_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "old.db"
    old_file(path, EARLIER[-1])
    before = structure(path)
    broken = ["ALTER TABLE tenant ADD COLUMN first TEXT;\n", "ALTER TABLE no_such_table ADD COLUMN second TEXT;\n"]
    monkeypatch.setattr(migrations, "scripts", lambda *given: broken)
    with pytest.raises(StoreError, match="no_such_table"):
        Store(path)
    assert structure(path) == before
    assert ask(path, "PRAGMA user_version") == [(EARLIER[-1],)]


def test_an_upgrade_that_is_killed_leaves_the_old_file_and_goes_through_next_time(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old_file(path, EARLIER[-1])
    before = structure(path)
    program = (
        "import os, signal, sys\n"
        "from prefect.server.store import migrations, sqlite\n"
        "from prefect.server.store.database import Store\n"
        "statements = migrations.statements\n"
        "def dying(script):\n"
        "    for statement in statements(script):\n"
        "        yield statement\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "migrations.statements = dying\n"
        "Store(sys.argv[1])\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=False)
    assert ended.returncode < 0
    assert structure(path) == before
    Store(path).close()
    assert ask(path, ROLE) == [("mine", "admin")]


def test_the_statements_of_a_script_come_one_at_a_time() -> None:
    script = "-- about; it\nCREATE TABLE a (x);\n\nINSERT INTO a VALUES ('; --');\n"
    assert [each.strip() for each in migrations.statements(script)] == [
        "CREATE TABLE a (x);",
        "INSERT INTO a VALUES ('; --');",
    ]
    with pytest.raises(StoreError, match="does not end"):
        list(migrations.statements("CREATE TABLE a (x)"))


def test_a_version_that_was_never_released_has_no_way_up() -> None:
    with pytest.raises(StoreError, match="unfinished version"):
        migrations.scripts("sqlite", 1, sqlite.USER_VERSION)
    with pytest.raises(StoreError, match="not known to this package"):
        migrations.scripts("sqlite", sqlite.USER_VERSION, sqlite.USER_VERSION + 1)


COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name "
    "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name"
)
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"


@pytest.mark.parametrize("version", EARLIER)
def test_an_old_postgresql_database_becomes_like_a_fresh_one(postgres_server: Server, version: int) -> None:
    import psycopg

    from prefect.server.store.postgres import folding
    from prefect.server.store.postgres_store import PostgresStore

    def told(url: str, sql: str) -> list[Any]:
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall()

    with postgres_server.database() as old, postgres_server.database() as fresh:
        with psycopg.connect(old) as connection:
            schema = (SCHEMAS / f"{version}.postgres.sql").read_text()
            connection.execute(schema.replace('"folding"', f'"{folding(connection)}"').encode())
            connection.execute("INSERT INTO quaestor (version) VALUES (%s)", (version,))
            for each in HELD:
                connection.execute(each.encode())
        for url in (old, fresh):
            PostgresStore(url).close()
        assert told(old, COLUMNS) == told(fresh, COLUMNS)
        assert told(old, INDEXES) == told(fresh, INDEXES)
        assert told(old, ROLE) == [("mine", "admin")]
        assert lowered(row[0] for row in told(old, SHOWN)) == lowered(HOOKS.values())
        assert [row[0] for row in told(old, KEPT)] == [json.loads(config) for _, config in HOOKS]
        assert told(old, "SELECT version FROM quaestor") == [(sqlite.USER_VERSION,)]
