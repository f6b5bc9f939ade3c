"""`prefect server upgrade`, `backup` and `vacuum`: on files and on PostgreSQL, while others write."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prefect.backend import run_flow
from prefect.cli import cli
from prefect.cli.database import size
from prefect.client.client import Client
from prefect.core.flow import Flow
from prefect.server.store import sqlite, upkeep
from tests.server.store.test_migrations import old_file

Prefect = Callable[..., Result]


@pytest.fixture
def prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefect:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


@pytest.fixture
def run_id(database: Path) -> str:
    return run_flow(Flow("tiny"), run_name="a-run").flow_run_id


def fails_with(result: Result, start: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start), result.stderr
    assert result.stderr.count("\n") == 1


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


# Upgrading


def test_an_older_file_is_upgraded_when_one_chooses(prefect: Prefect, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old_file(path, 3)
    checked = prefect("server", "upgrade", "--check", "--database", "old.db")
    newest = sqlite.USER_VERSION
    assert checked.exit_code == 1
    assert checked.stdout == f"{path} must be upgraded: its schema is version 3, this package needs {newest}.\n"
    assert upkeep.version_of(path) == 3

    upgraded = prefect("server", "upgrade", "--database", "old.db")
    assert upgraded.exit_code == 0, upgraded.output
    assert upgraded.stdout.splitlines() == [
        f"Upgrading {path} from schema version 3 to {newest} ...",
        "Done.",
        f"└── A copy of it as it was: {path}.version-3",
    ]
    assert upkeep.version_of(path) == newest
    assert upkeep.version_of(tmp_path / "old.db.version-3") == 3
    again = prefect("server", "upgrade", "--database", "old.db", "--check")
    assert (again.exit_code, again.stdout) == (0, f"{path} is up to date: its schema is version {newest}.\n")


def test_what_is_no_database_of_ours_is_one_line(prefect: Prefect, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is not a database. " * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    for command in (["upgrade"], ["vacuum"], ["backup", "copy.db"]):
        fails_with(prefect("server", *command, "--database", "none.db"), f"There is no database {tmp_path}/none.db.")
        fails_with(
            prefect("server", *command, "--database", "text.db"), f"{tmp_path}/text.db is not a SQLite database."
        )
        fails_with(prefect("server", *command, "--database", "other.db"), f"{tmp_path}/other.db is not a database of")
    assert sorted(path.name for path in tmp_path.iterdir() if "lock" not in path.name) == ["other.db", "text.db"]


@pytest.mark.parametrize("command", [["start"], ["vacuum"], ["create-key", "--role", "admin"]])
def test_a_url_without_its_scheme_is_no_file(prefect: Prefect, command: list[str], tmp_path: Path) -> None:
    result = prefect("server", *command, "--database-url", "me:geheim@localhost/runs")
    fails_with(result, "--database-url wants a URL, postgresql://")
    assert "geheim" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_newer_file_is_left_alone(prefect: Prefect, tmp_path: Path) -> None:
    old_file(tmp_path / "new.db", 3)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        connection.execute("PRAGMA user_version = 999")
    fails_with(prefect("server", "upgrade", "--database", "new.db"), f"{tmp_path}/new.db was made by a newer version")


# Copying


def test_a_copy_can_be_used(prefect: Prefect, run_id: str, database: Path, tmp_path: Path) -> None:
    result = prefect("server", "backup", "copy.db")
    assert result.exit_code == 0, result.output
    copy = tmp_path / "copy.db"
    assert result.stdout.splitlines()[0] == f"Copied {database} to copy.db ({size(copy.stat().st_size)})."
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ask(copy, "SELECT id, state FROM flow_run") == [(run_id, "Success")]
    assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_file_is_replaced_only_when_told(prefect: Prefect, run_id: str, database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    fails_with(prefect("server", "backup", "copy.db"), "copy.db is there already.")
    assert (tmp_path / "copy.db").read_text() == "precious"
    assert prefect("server", "backup", "copy.db", "--force").exit_code == 0
    fails_with(prefect("server", "backup", str(database), "--force"), f"{database} is the database itself.")
    (tmp_path / "away").mkdir()
    assert prefect("server", "backup", "away").exit_code == 0
    assert (tmp_path / "away" / f"{database.name}.backup").exists()
    fails_with(prefect("server", "backup", "no/such/directory/copy.db"), "The copy no/such/directory/copy.db cannot be")


def test_a_copy_is_of_one_moment_while_others_write(
    run_id: str, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()

    def projects(path: Path) -> int:
        ((count,),) = ask(path, "SELECT count(*) FROM project")
        assert isinstance(count, int)
        return count

    monkeypatch.setattr(upkeep, "PAGES_AT_A_TIME", 1)
    before, looks = projects(database), 0

    def write(done: int, total: int) -> None:
        nonlocal looks
        looks += 1
        if looks <= 20:
            client.create_project(f"written while it is copied, {looks}")

    upkeep.backup(database, tmp_path / "copy.db", write)
    assert looks > 20
    assert projects(database) == before + 20
    assert projects(tmp_path / "copy.db") == before
    assert ask(tmp_path / "copy.db", "PRAGMA integrity_check") == [("ok",)]


def test_a_postgresql_database_is_copied_by_its_own_program(prefect: Prefect) -> None:
    result = prefect("server", "backup", "out.dump", "--database-url", "postgresql://me:geheim@db/quaestor")
    fails_with(result, "A PostgreSQL database is copied by its own program, while it is used: pg_dump --format=custom")
    assert "--file=out.dump postgresql://me@db/quaestor" in result.stderr
    assert "geheim" not in result.output


# Giving room back


@pytest.mark.parametrize("flags", [[], ["--whole"]])
def test_the_room_of_what_was_deleted_is_given_back(
    prefect: Prefect, run_id: str, database: Path, flags: list[str]
) -> None:
    client = Client()
    lines = [{"flow_run_id": run_id, "name": "x", "message": f"{n} " * 50, "level": "INFO"} for n in range(5000)]
    client.write_run_logs(lines)
    # Deleted behind the back of the server, which would give the room back by itself.
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE ballast AS SELECT zeroblob(1000000) FROM (VALUES (1), (2), (3), (4))")
        connection.execute("DROP TABLE ballast")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = database.stat().st_size
    result = prefect("server", "vacuum", *flags)
    assert result.exit_code == 0, result.output
    after = database.stat().st_size
    assert before - after >= 4_000_000
    told = f"{size(before - after)} given back, {size(before)} before and {size(after)} now."
    assert result.stdout == f"{database}: {told}\n"
    assert ask(database, "PRAGMA integrity_check") == [("ok",)]
    assert ask(database, "PRAGMA freelist_count") == [(0,)]
    client.create_project("still writable")


def test_others_may_write_between_the_turns(run_id: str, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE ballast AS SELECT zeroblob(1000000)")
        connection.execute("DROP TABLE ballast")
    monkeypatch.setattr(upkeep, "PAGES_AT_A_TIME", 10)
    turns: list[tuple[int, int]] = []

    def write(done: int, total: int) -> None:
        turns.append((done, total))
        writer = threading.Thread(target=lambda: Client().create_project(f"between, {len(turns)}"))
        writer.start()
        writer.join(30)
        assert not writer.is_alive()

    upkeep.vacuum(database, progress=write)
    assert len(turns) > 5
    assert [done for done, _ in turns] == sorted(done for done, _ in turns)
    assert ask(database, "SELECT count(*) FROM project WHERE name LIKE 'between%'") == [(len(turns),)]


@pytest.mark.parametrize("flags", [[], ["--whole"]])
def test_postgresql_gives_room_back(prefect: Prefect, postgres_url: str, flags: list[str]) -> None:
    result = prefect("server", "vacuum", "--database-url", postgres_url, *flags)
    assert result.exit_code == 0, result.output
    assert " given back, " in result.stdout
    up_to_date = prefect("server", "upgrade", "--database-url", postgres_url)
    assert (up_to_date.exit_code, " is up to date: its schema is version " in up_to_date.stdout) == (0, True)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (5 * 1024**3, "5.0 GiB")]
)
def test_sizes_are_told_for_people(count: int, text: str) -> None:
    assert size(count) == text
