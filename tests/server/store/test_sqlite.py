"""Files that cannot be used: each gives one clear error, and nothing is lost or half-written."""

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prefect.server.errors import (
    DatabaseReadOnly,
    DatabaseTooNew,
    DiskFull,
    NetworkFileSystem,
    NotOurDatabase,
    SQLiteTooOld,
    StoreError,
)
from prefect.server.store import sqlite
from prefect.server.store.database import Store

InChild = Callable[[Callable[[], None]], int]


def rows(store: Store) -> int:
    with store.snapshot() as snapshot:
        found = snapshot.fetch_one("SELECT count(*) FROM tenant")
    assert found is not None
    return int(found[0])


def fill(store: Store, count: int = 1, size: int = 1000) -> None:
    """This many rows of about this size, in one transaction."""
    with store.transaction() as transaction:
        transaction.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
            "INSERT INTO tenant (id, created, updated, name, slug) "
            "SELECT lower(hex(randomblob(16))), '', '', hex(zeroblob(?2)), lower(hex(randomblob(16))) FROM n",
            (count, size // 2),
        )


def fill_until_it_fails(store: Store) -> None:
    for _ in range(100):
        fill(store, 100)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, and they are longer than a page header is. " * 10)
    before = path.read_bytes()
    with pytest.raises(NotOurDatabase, match="is not a SQLite database"):
        Store(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NotOurDatabase, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_database_marked_by_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 1234")
    connection.close()
    with pytest.raises(NotOurDatabase, match="another program"):
        Store(path)


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "quaestor.db"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {sqlite.USER_VERSION + 1}")
    connection.close()
    with pytest.raises(DatabaseTooNew, match="newer version of this package"):
        Store(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (sqlite.USER_VERSION + 1,)
    connection.close()


def test_an_older_database_without_a_way_up_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "quaestor.db"
    Store(path).close()
    monkeypatch.setattr(sqlite, "USER_VERSION", sqlite.USER_VERSION + 1)
    with pytest.raises(StoreError, match="The way of a database to schema version"):
        Store(path)


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "quaestor.db"
    path.touch()
    store = Store(path)
    assert rows(store) == 1
    store.close()


def test_a_file_whose_laying_out_was_interrupted_is_laid_out_again(tmp_path: Path) -> None:
    path = tmp_path / "quaestor.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    store = Store(path)
    assert rows(store) == 1
    store.close()


def test_a_full_database_keeps_what_it_had(tmp_path: Path) -> None:
    store = Store(tmp_path / "quaestor.db")
    fill(store, 10)
    writer = store._writer
    assert writer is not None
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(DiskFull, match="no room left"):
        fill(store, 1000)
    assert rows(store) == 11
    # What still fits is accepted, and once there is room everything is.
    writer.execute("PRAGMA max_page_count = 1000000")
    fill(store, 1000)
    assert rows(store) == 1011
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("PRAGMA integrity_check") == ("ok",)
    store.close()


def test_a_limit_on_the_size_of_files_loses_nothing_that_was_recorded(tmp_path: Path, in_child: InChild) -> None:
    path = tmp_path / "quaestor.db"
    store = Store(path)
    fill(store, 10)

    def child() -> None:
        # The same error of the operating system that a quota gives, while the log is being written.
        size = path.with_name(path.name + "-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, resource.RLIM_INFINITY))
        with pytest.raises(DiskFull, match="intact"):
            fill_until_it_fails(store)
        assert rows(store) >= 11

    assert in_child(child) == 0
    assert (rows(store) - 11) % 100 == 0
    fill(store)
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("PRAGMA integrity_check") == ("ok",)
    store.close()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that another user can reach: the usual one for tests belongs to this one alone."""
    directory = Path(tempfile.mkdtemp(prefix="quaestor-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def without_rights(action: Callable[[], None]) -> Callable[[], None]:
    """The same action without the rights of the superuser, whom no permission stops; for a child process."""

    def act() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        action()

    return act


def test_a_directory_that_cannot_be_written_is_named(shared: Path, in_child: InChild) -> None:
    shared.chmod(0o555)

    def child() -> None:
        with pytest.raises(DatabaseReadOnly, match="lock file"):
            Store(shared / "quaestor.db")
        with pytest.raises(DatabaseReadOnly, match="Cannot create the directory"):
            Store(shared / "below" / "quaestor.db")

    assert in_child(without_rights(child)) == 0
    assert list(shared.iterdir()) == []
    shared.chmod(0o755)


def test_a_file_that_cannot_be_written_can_be_read_and_refuses_writes(shared: Path, in_child: InChild) -> None:
    path = shared / "quaestor.db"
    store = Store(path)
    fill(store, 3)
    store.close()
    shared.chmod(0o777)
    path.chmod(0o444)
    path.with_name(path.name + "-lock").chmod(0o666)

    def child() -> None:
        theirs = Store(path)
        assert rows(theirs) == 4
        with pytest.raises(DatabaseReadOnly, match="cannot be opened for writing"):
            fill(theirs)
        assert rows(theirs) == 4

    assert in_child(without_rights(child)) == 0


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(SQLiteTooOld, match=r"3\.35\.0 or newer"):
        Store(tmp_path / "quaestor.db")


MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw 0 0
sshfs#host /mnt/remote\\040disk fuse.sshfs rw 0 0
overlay /var/lib/overlay overlay rw 0 0
tmpfs /home/me/fast tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/data/quaestor.db", False),
        ("/home/me/.prefect/quaestor.db", True),
        ("/home/me/fast/quaestor.db", False),
        ("/mnt/remote disk/quaestor.db", True),
        ("/var/lib/overlay/quaestor.db", False),
    ],
)
def test_a_network_file_system_is_refused_by_its_name(
    path: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_mounts", lambda: sqlite.parse_mounts(MOUNTS.splitlines()))
    if refused:
        with pytest.raises(NetworkFileSystem, match="network file system"):
            sqlite.check_file_system(Path(path))
    else:
        sqlite.check_file_system(Path(path))


def test_the_mounts_of_macos_are_understood() -> None:
    listing = "/dev/disk3s1 on / (apfs, sealed, local)\n//me@host/share on /Volumes/My Share (smbfs, nodev, nosuid)\n"
    mounts = sqlite.parse_mount_command(listing.splitlines())
    assert mounts == {"/": "apfs", "/Volumes/My Share": "smbfs"}
    assert sqlite.is_network_file_system(mounts["/Volumes/My Share"])
    assert not sqlite.is_network_file_system(mounts["/"])
