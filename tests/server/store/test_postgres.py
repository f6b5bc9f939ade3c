"""What is particular to PostgreSQL: what its errors come as, restarts, and the settings of a session."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import prefect
from prefect.server.errors import (
    AccessRefused,
    AlreadyExists,
    BadInput,
    DatabaseAway,
    DatabaseBusy,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseTooNew,
    DriverMissing,
    NotOurDatabase,
    StatementTooLarge,
    StoreError,
)
from prefect.server.identifiers import new_id, now
from prefect.server.store.interface import Transaction
from prefect.server.store.opening import open_store

if TYPE_CHECKING:
    from prefect.server.store.postgres_store import PostgresStore
    from tests.support.postgres import Server

INSERT_TENANT = "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?3, ?3)"
SLUGS = "SELECT slug FROM tenant ORDER BY slug"


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresStore]:
    from prefect.server.store.postgres_store import PostgresStore

    store = PostgresStore(postgres_url)
    yield store
    store.close()


@pytest.fixture(scope="module")
def own_server(postgres_server: Server) -> Iterator[Server]:
    """A server that may be locked and restarted. Asking for the shared one first skips where none can be started."""
    from tests.support import postgres

    with postgres.own_server() as server:
        server.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        server.execute("CREATE ROLE narrow LOGIN")
        rules = server.directory / "data" / "pg_hba.conf"
        rules.write_text("local all locked scram-sha-256\nlocal all shut reject\nlocal all all trust\n")
        server.execute("SELECT pg_reload_conf()")
        yield server


def slugs(store: PostgresStore) -> list[str]:
    with store.snapshot() as snapshot:
        return [row[0] for row in snapshot.fetch_all(SLUGS)]


def insert_tenant(transaction: Transaction, slug: str) -> None:
    transaction.execute(INSERT_TENANT, (new_id(), now(), slug))


# -- opening -----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(DatabaseAway, match=r"postgresql://somebody@127\.0\.0\.1:1/runs cannot be reached") as caught:
        open_store("postgresql://somebody:geheim@127.0.0.1:1/runs?connect_timeout=2")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://me:p@ss/word@host:5432/x", "postgresql://host/x?nonsense=geheim"])
def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="percent-encoded") as caught:
        open_store(url)
    assert "word" not in str(caught.value).replace("password", "")
    assert "geheim" not in str(caught.value)


def test_a_database_of_another_kind() -> None:
    with pytest.raises(StoreError, match=r"not by mysql://"):
        open_store("mysql://me:geheim@host/x")


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect.server.store.postgres_store", None)
    with pytest.raises(DriverMissing, match=r"pip install 'quaestor\[postgres\]'"):
        open_store("postgresql://host/x")


def test_the_library_is_loaded_when_a_url_is_opened_and_not_before() -> None:
    script = (
        "import sys; from prefect.server.embedded import open_endpoint; "
        "open_endpoint(sys.argv[1]); print('psycopg' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, ":memory:/x.db"],
        capture_output=True,
        text=True,
        check=False,
        cwd=os.environ["PREFECT__HOME_DIR"],
        env={**os.environ, "PYTHONPATH": str(Path(prefect.__file__).parents[1])},
    )
    assert told.stdout == "False\n", told.stderr


def test_a_database_that_does_not_exist(postgres_server: Server) -> None:
    with pytest.raises(DatabaseMissing, match="createdb"):
        open_store(postgres_server.url("nothing_here"))


def test_a_wrong_password(own_server: Server) -> None:
    url = own_server.url().replace("postgres@", "locked:wrong-word@")
    with pytest.raises(AccessRefused, match="does not let this user in") as caught:
        open_store(url)
    assert "wrong-word" not in str(caught.value)
    with pytest.raises(AccessRefused):
        open_store(own_server.url().replace("postgres@", "locked@"))
    with pytest.raises(AccessRefused):
        open_store(own_server.url().replace("postgres@", "shut@"))
    with pytest.raises(AccessRefused):
        open_store(own_server.url().replace("postgres@", "stranger@"))


def test_a_user_who_may_not_make_tables(own_server: Server) -> None:
    with own_server.database() as url:
        own_server_in = url.replace("postgres@", "narrow@")
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        with pytest.raises(AccessRefused, match="grant CREATE"):
            open_store(own_server_in)


def test_a_server_without_a_free_connection(own_server: Server) -> None:
    own_server.execute("ALTER ROLE narrow CONNECTION LIMIT 0")
    with pytest.raises(DatabaseBusy, match="max_connections"):
        open_store(own_server.url().replace("postgres@", "narrow@"))
    own_server.execute("ALTER ROLE narrow CONNECTION LIMIT -1")


def test_a_database_of_another_program_is_not_touched(postgres_server: Server) -> None:
    import psycopg

    with postgres_server.database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE theirs (id integer)")
        with pytest.raises(NotOurDatabase, match="holds the tables of another program"):
            open_store(url)
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            assert found == [("theirs",)]
            connection.execute("CREATE SCHEMA ours")
        # A schema of our own beside theirs.
        store = open_store(f"{url}&options=-csearch_path%3Dours")
        with store.snapshot() as snapshot:
            assert snapshot.fetch_all(SLUGS) == [("default",)]
        store.close()


def test_a_database_without_a_schema(postgres_server: Server) -> None:
    with postgres_server.database() as url, pytest.raises(NotOurDatabase, match="CREATE SCHEMA"):
        open_store(f"{url}&options=-csearch_path%3Dnothing")


@pytest.mark.parametrize(("version", "error"), [(999, DatabaseTooNew), (0, StoreError)])
def test_tables_of_another_version(
    postgres_server: Server, postgres_templates: dict[str, str], version: int, error: type[StoreError]
) -> None:
    import psycopg

    with postgres_server.database(postgres_templates["C"]) as url:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE quaestor SET version = %s", (version,))
        with pytest.raises(error, match=str(version)):
            open_store(url)


def test_a_database_that_cannot_hold_every_text(postgres_server: Server) -> None:
    with (
        postgres_server.database(options="ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'") as url,
        pytest.raises(StoreError, match="LATIN1"),
    ):
        open_store(url)


def test_a_server_that_is_too_old(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.server.errors import PostgreSQLTooOld
    from prefect.server.store import postgres

    monkeypatch.setattr(postgres, "OLDEST_SERVER", 99)
    with pytest.raises(PostgreSQLTooOld, match="99 or newer"):
        open_store(postgres_url)


def test_a_store_shows_no_password(postgres_url: str) -> None:
    from prefect.server.store import postgres

    store = open_store(postgres_url.replace("postgres@", "postgres:geheim@"))
    assert "geheim" not in store.place + repr(store)
    store.close()
    assert postgres.describe("postgres://me:geheim@db.example:6543/runs") == "postgresql://me@db.example:6543/runs"
    assert postgres.describe("postgresql://me@/?host=/tmp/socket") == "postgresql://me@/me"


# -- a session ---------------------------------------------------------------------------------------------------------


def test_a_session_is_as_we_want_it_whatever_the_server_prefers(store: PostgresStore) -> None:
    asked = "SELECT current_setting('TimeZone'), current_setting('jit'), current_setting('transaction_isolation')"
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one(asked) == ("UTC", "off", "repeatable read")
    with store.snapshot(single=True) as snapshot:
        assert snapshot.fetch_one(asked) == ("UTC", "off", "repeatable read")
    with store.transaction() as transaction:
        assert transaction.fetch_one(asked) == ("UTC", "off", "read committed")


def test_letters_are_folded_by_a_collation_that_knows_them(store: PostgresStore) -> None:
    assert store.folding not in ("", "default")


def test_connections_are_used_again_and_not_more_of_them_than_allowed(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(50):
        slugs(store)
        store.write(lambda transaction: transaction.fetch_all(SLUGS))
    assert len(store._readers.opened) == 1
    assert len(store._writers.opened) == 1
    from prefect.server.store import postgres

    monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0)
    taken = [store._readers.borrow() for _ in range(20)]
    with pytest.raises(DatabaseBusy, match="All 20 connections"), store.snapshot():
        pass
    for lease in taken:
        store._readers.give_back(lease)
    assert slugs(store) == ["default"]


def test_a_commit_tells_those_who_listen_once(store: PostgresStore, postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as listening:
        listening.execute("LISTEN quaestor")
        with store.transaction() as transaction:
            for slug in "abc":
                insert_tenant(transaction, slug)
        assert len(list(listening.notifies(timeout=30, stop_after=1))) == 1
        with pytest.raises(ZeroDivisionError), store.transaction():
            raise ZeroDivisionError
        assert list(listening.notifies(timeout=0.05)) == []


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [200_000, 1_000_000, 20_000_000])
def test_values_that_no_socket_takes_at_once(store: PostgresStore, many: int) -> None:
    long = "x" * many
    with store.transaction() as transaction:
        asked = [transaction.execute("SELECT ? || 'y' AS given", (long,)) for _ in range(2)]
        assert [row for result in asked for row in result.fetchall()] == [(long + "y",)] * 2
    with store.transaction() as transaction:
        assert transaction.execute("SELECT ?", (long,)).rowcount == 1
        assert transaction.fetch_one("SELECT length(?)", (long,)) == (many,)
    with store.transaction() as transaction:
        insert_tenant(transaction, "large")
        transaction.execute_many("UPDATE tenant SET info = ? WHERE slug = 'large'", [(f'"{long}"',)] * 2)
    with store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT length(info::text) FROM tenant WHERE slug = 'large'") == [(many + 2,)]


def test_a_value_that_no_text_holds(store: PostgresStore) -> None:
    with pytest.raises(BadInput), store.transaction() as transaction:
        insert_tenant(transaction, "a\x00b")
    with pytest.raises(BadInput, match="uuid"), store.transaction() as transaction:
        transaction.execute(INSERT_TENANT, ("no uuid", now(), "x"))
    assert slugs(store) == ["default"]


def test_a_name_that_no_index_holds(store: PostgresStore) -> None:
    with pytest.raises(StatementTooLarge), store.transaction() as transaction:
        insert_tenant(transaction, os.urandom(20_000).hex())


def test_what_is_taken(store: PostgresStore) -> None:
    with pytest.raises(AlreadyExists):
        store.write(lambda transaction: insert_tenant(transaction, "default"))


def test_a_lock_that_somebody_does_not_give_back(store: PostgresStore) -> None:
    run = new_id()
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_sequence VALUES (?1, 0, ?2)", (run, now()))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.transaction() as transaction:
            transaction.lock_flow_runs((run,))
            transaction.fetch_one("SELECT 1")
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)

    def want(transaction: Transaction) -> None:
        transaction.execute("SET LOCAL lock_timeout TO '20ms'")
        transaction.lock_flow_runs((run,))

    with pytest.raises(DatabaseBusy, match="held a lock"):
        store.write(want)
    done.set()
    thread.join()


def test_a_database_that_takes_no_writes(store: PostgresStore) -> None:
    def write(transaction: Transaction) -> None:
        transaction.execute("SET TRANSACTION READ ONLY")
        insert_tenant(transaction, "x")

    with pytest.raises(DatabaseReadOnly):
        store.write(write)


# -- a connection that is lost -----------------------------------------------------------------------------------------

END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def end_connections(url: str) -> None:
    """As a restart of the server does."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(END_OTHERS)


def old_connections(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have connections looked at as if they had lain idle."""
    from prefect.server.store import postgres_store

    monkeypatch.setattr(postgres_store, "FRESH_SECONDS", -1.0)


@pytest.mark.parametrize("single", [False, True])
def test_a_question_is_asked_again_on_another_connection(
    own_store: PostgresStore, single: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert slugs(own_store) == ["default"]
    end_connections(own_store.url)
    with own_store.snapshot(single=single) as snapshot:
        assert snapshot.fetch_all(SLUGS) == [("default",)]


@pytest.fixture
def own_store(postgres_server: Server, postgres_templates: dict[str, str]) -> Iterator[PostgresStore]:
    """A store whose connections may be ended: nobody else's are."""
    from prefect.server.store.postgres_store import PostgresStore

    with postgres_server.database(postgres_templates["C"]) as url:
        store = PostgresStore(url)
        yield store
        store.close()


def test_a_question_that_was_answered_in_part_is_not_asked_again(own_store: PostgresStore) -> None:
    def read() -> None:
        with own_store.snapshot() as snapshot:
            assert snapshot.fetch_all(SLUGS) == [("default",)]
            end_connections(own_store.url)
            snapshot.fetch_all(SLUGS)

    with pytest.raises(DatabaseAway):
        read()
    assert slugs(own_store) == ["default"]


def test_a_transaction_begins_again_when_its_connection_is_lost(own_store: PostgresStore) -> None:
    tries: list[int] = []

    def work(transaction: Transaction) -> None:
        tries.append(1)
        insert_tenant(transaction, f"try {len(tries)}")
        if len(tries) == 1:
            end_connections(own_store.url)
        assert transaction.fetch_one("SELECT 1") == (1,)

    own_store.write(work)
    assert slugs(own_store) == ["default", "try 2"]


def test_a_transaction_by_hand_tells_that_its_connection_was_lost(own_store: PostgresStore) -> None:
    def write() -> None:
        with own_store.transaction() as transaction:
            insert_tenant(transaction, "lost")
            end_connections(own_store.url)
            transaction.fetch_one("SELECT 1")

    with pytest.raises(DatabaseAway, match="Nothing of this request was recorded"):
        write()
    assert slugs(own_store) == ["default"]


def test_what_became_of_a_commit_may_be_unknown(own_store: PostgresStore) -> None:
    def write(transaction: Transaction) -> None:
        insert_tenant(transaction, "perhaps")
        assert transaction.fetch_one("SELECT 1") == (1,)
        end_connections(own_store.url)

    with pytest.raises(DatabaseAway, match=r"is not known\. Send it again"):
        own_store.write(write)


def test_idle_connections_are_looked_at_before_they_are_written_to(
    own_store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_connections(own_store, monkeypatch)
    own_store.write(lambda transaction: insert_tenant(transaction, "before"))
    end_connections(own_store.url)
    with own_store.transaction() as transaction:
        insert_tenant(transaction, "after")
    assert slugs(own_store) == ["after", "before", "default"]


def test_who_waits_for_changes_is_woken_after_the_connection_was_lost(own_store: PostgresStore) -> None:
    changes = own_store.changes
    assert changes.wait(changes.count, 30)
    seen = changes.count
    end_connections(own_store.url)
    # Listening anew counts as a change: something may have happened in between.
    assert changes.wait(seen, 30)
    seen = changes.count
    own_store.write(lambda transaction: insert_tenant(transaction, "news"))
    assert changes.wait(seen, 30)


def test_a_server_that_is_stopped_and_started_again(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.server.store.postgres_store import PostgresStore
    from tests.support import postgres

    old = own_server.directory
    with own_server.database() as url:
        store = PostgresStore(url)
        store.write(lambda transaction: insert_tenant(transaction, "before"))
        postgres.stop(old)

        def ask(*wanted: Any) -> None:
            slugs(store)

        with pytest.raises(DatabaseAway, match="Start the server"):
            ask()
        with pytest.raises(DatabaseAway):
            store.write(lambda transaction: insert_tenant(transaction, "lost"))
        postgres.run(old)
        assert slugs(store) == ["before", "default"]
        store.write(lambda transaction: insert_tenant(transaction, "after"))
        assert slugs(store) == ["after", "before", "default"]
        store.close()
