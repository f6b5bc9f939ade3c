"""One endpoint for each file in a process; opening it sets right what a killed process left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefect.server import embedded
from prefect.server.embedded import open_endpoint
from prefect.server.identifiers import now
from prefect.server.store.database import Store
from prefect.utilities.processes import this_host

if TYPE_CHECKING:
    from tests.server.conftest import Backend


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    before = dict(embedded._endpoints)
    yield
    for path in set(embedded._endpoints) - set(before):
        embedded._endpoints.pop(path).store.close()


def test_a_file_is_opened_once_under_all_its_names(tmp_path: Path) -> None:
    first = open_endpoint(tmp_path / "quaestor.db")
    (tmp_path / "link").symlink_to(tmp_path)
    assert open_endpoint(tmp_path / "link" / "quaestor.db") is first
    assert open_endpoint(str(tmp_path / "." / "quaestor.db")) is first
    assert open_endpoint(tmp_path / "other.db") is not first


def test_without_a_path_the_configured_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.configuration import config

    monkeypatch.setitem(config.embedded, "database", str(tmp_path / "configured.db"))
    assert open_endpoint().store.place == os.path.realpath(tmp_path / "configured.db")


def test_opening_rescues_and_goes_on_deleting(backend: Backend) -> None:
    flow = backend.flow()
    dead, hidden = backend.run(flow, running=False), backend.run(flow)
    backend.move_flow_run(dead, "Running", owner={"host": this_host(), "pid": os.getpid(), "started": "before"})
    with backend.store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_deletion VALUES (?, ?)", (hidden, now()))
    opened = open_endpoint(backend.place)
    assert backend.flow_run(dead)["state"] == "Failed"
    with backend.store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT count(*) FROM flow_run") == (1,)
    opened.store.close()


def test_a_file_that_cannot_be_used_is_tried_again_next_time(tmp_path: Path) -> None:
    from prefect.server.errors import NotOurDatabase

    path = tmp_path / "quaestor.db"
    path.write_text("no database at all, although long enough to be one " * 10)
    for _ in range(2):
        with pytest.raises(NotOurDatabase):
            open_endpoint(path)
    path.unlink()
    assert isinstance(open_endpoint(path).store, Store)
