"""What waits for a backend: in order, within its bound, for this user alone, told once."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prefect.engine.cloud import spool as spooling
from prefect.engine.cloud.spool import Spool, SpoolFull, deliver, deliver_leftovers, exclusively, until_back
from prefect.exceptions import ClientError, ServerAway
from prefect.utilities.configuration import set_temporary_config

RUN = "0c1d2e3f-0000-4000-8000-000000000001"
HERE = "http://127.0.0.1:4200"


class Backend:
    """Stands for a client: keeps what it is told, and may be away."""

    api_server = HERE

    def __init__(self, version: int = 3, state: str = "Running") -> None:
        self.told: list[tuple[str, Any]] = []
        self.away_after = 10**9
        self.version = version
        self.state = state
        self.refused: set[str] = set()
        self.owner: dict[str, Any] = {"host": None, "pid": None, "started": None}

    def graphql_fast(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        if self.away_after <= 0:
            raise ServerAway("No answer.")
        self.away_after -= 1
        if document == spooling.FLOW_RUN_STATE:
            owner = {f"owner_{name}": value for name, value in self.owner.items()}
            found = {"version": self.version, "serialized_state": {"type": self.state}, **owner}
            return {"flow_run_by_pk": found}
        given = variables["input"]
        names = {each.get("task_run_id") for each in given.get("states", [])}
        if names & self.refused:
            raise ClientError("It cannot be.")
        self.told.append((document, given))
        if document == "flow":
            self.version += 1
            return {"set_flow_run_states": {"states": [{"version": self.version}]}}
        if "ids" in given:
            return {"get_or_create_mapped_task_runs": {"task_runs": [{"id": f"theirs-{id}"} for id in given["ids"]]}}
        return {}


def state(task_run_id: str, name: str = "Success", **more: Any) -> dict[str, Any]:
    return {"states": [{"task_run_id": task_run_id, "state": {"type": name}, **more}]}


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(RUN, HERE, folder=tmp_path / "spool")) as spool:
        yield spool


def test_nothing_is_on_disk_before_something_waits(spool: Spool) -> None:
    assert not spool.exists()
    assert not spool.is_waiting()
    assert spool.ended() is None
    assert spool.remove()
    assert not spool.path.parent.exists()


def test_what_waits_is_for_this_user_alone(spool: Spool) -> None:
    spool.add(spooling.OTHER, "logs", {"logs": []})
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700


def test_it_is_told_in_order_and_states_that_follow_each_other_together(spool: Spool) -> None:
    for number in range(3):
        spool.add(spooling.STATES, "tasks", state(f"t{number}", version=number), 3)
    spool.add(spooling.OTHER, "logs", {"logs": ["a"]})
    spool.add(spooling.STATES, "tasks", state("t3"))
    spool.add(spooling.FLOW_STATES, "flow", {"states": [{"flow_run_id": RUN, "version": 3}]})
    backend = Backend()
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert [document for document, _ in backend.told] == ["tasks", "logs", "tasks", "flow"]
    assert [each["task_run_id"] for each in backend.told[0][1]["states"]] == ["t0", "t1", "t2"]
    assert "version" not in backend.told[0][1]["states"][1], "who holds the run is told by the run's version"
    assert backend.told[3][1]["states"] == [{"flow_run_id": RUN, "version": 3}]
    assert spool.version() == 4
    assert spool.remove()
    assert list(spool.path.parent.iterdir()) == []


def test_what_could_not_be_told_goes_on_waiting_also_in_another_process(spool: Spool) -> None:
    spool.add(spooling.OTHER, "logs", {"logs": ["a"]}, 3)
    spool.add(spooling.OTHER, "logs", {"logs": ["b"]})
    backend = Backend()
    backend.away_after = 2
    assert not deliver(spool, backend)  # type: ignore[arg-type]
    spool.close()
    backend.away_after = 100
    with closing(Spool(RUN, HERE, folder=spool.path.parent)) as again:
        assert deliver(again, backend)  # type: ignore[arg-type]
    assert [given["logs"] for _, given in backend.told] == [["a"], ["b"]]


def test_ids_that_were_made_up_become_those_of_the_backend(spool: Spool) -> None:
    spool.add(spooling.OTHER, "mapped", {"ids": ["one", "two"], "count": 2}, 3)
    backend = Backend()
    backend.away_after = 2
    spool.add(spooling.STATES, "tasks", state("two"))
    spool.add(spooling.OTHER, "logs", {"logs": [{"task_run_id": "one", "message": "two"}]})
    assert not deliver(spool, backend)  # type: ignore[arg-type]
    backend.away_after = 100
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert backend.told[1][1]["states"][0]["task_run_id"] == "theirs-two"
    assert backend.told[2][1]["logs"] == [{"task_run_id": "theirs-one", "message": "two"}]


def test_one_refusal_takes_nothing_else_with_it(spool: Spool) -> None:
    for name in ("a", "b", "c"):
        spool.add(spooling.STATES, "tasks", state(name), 3)
    backend = Backend()
    backend.refused = {"b"}
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert [given["states"][0]["task_run_id"] for _, given in backend.told] == ["a", "c"]
    assert spool.ended() is None


@pytest.mark.parametrize(("version", "name"), [(5, "Failed"), (4, "Cancelled"), (5, "Running")])
def test_a_run_that_was_moved_elsewhere_ends_and_its_log_is_told(spool: Spool, version: int, name: str) -> None:
    spool.add(spooling.STATES, "tasks", state("a"), 3)
    spool.add(spooling.OTHER, "logs", {"logs": ["line"]})
    spool.add(spooling.FLOW_STATES, "flow", {"states": [{"flow_run_id": RUN}]})
    backend = Backend(version, name)
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert backend.told == [("logs", {"logs": ["line"]})]
    assert spool.ended() == {"type": name}


def test_a_state_whose_answer_alone_was_lost_is_told_again(spool: Spool) -> None:
    spool.add(spooling.FLOW_STATES, "flow", {"states": [{"flow_run_id": RUN, "idempotency_id": "x"}]}, 3)
    backend = Backend(version=4)
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert spool.ended() is None
    assert len(backend.told) == 1


def test_a_state_whose_answer_alone_was_lost_is_told_again_behind_what_another_thread_had_to_tell(spool: Spool) -> None:
    spool.add(spooling.OTHER, "logs", {"logs": ["line"]}, 3)
    spool.add(spooling.FLOW_STATES, "flow", {"states": [{"flow_run_id": RUN, "state": {"type": "Running"}}]}, 3)
    backend = Backend(version=4, state="Running")
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert spool.ended() is None
    assert [document for document, _ in backend.told] == ["logs", "flow"]


def test_a_run_that_is_being_cancelled_says_itself_when_it_has_stopped(spool: Spool) -> None:
    spool.add(spooling.FLOW_STATES, "flow", {"states": [{"flow_run_id": RUN}]}, 3)
    spool.add(spooling.STATES, "tasks", state("a"))
    backend = Backend(7, "Cancelling")
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert spool.ended() is None
    assert len(backend.told) == 2


def test_a_spool_has_a_bound(spool: Spool) -> None:
    def fill() -> None:
        for _ in range(1000):
            spool.add(spooling.OTHER, "logs", {"logs": ["x" * 1000]})

    with set_temporary_config({"cloud.spool.max_bytes": 100_000}), pytest.raises(SpoolFull, match="max_bytes"):
        fill()
    # What was taken is there, and there is room again once it has been told.
    backend = Backend()
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert 20 < len(backend.told) < 120
    with set_temporary_config({"cloud.spool.max_bytes": 100_000}):
        spool.add(spooling.OTHER, "logs", {"logs": ["x"]})


def test_only_one_process_tells(spool: Spool) -> None:
    spool.add(spooling.OTHER, "logs", {"logs": ["a"]}, 3)
    backend = Backend()
    with exclusively(spool.path) as alone:
        assert alone
        assert not deliver(spool, backend)  # type: ignore[arg-type]
        assert not spool.remove()
    assert backend.told == []
    assert deliver(spool, backend)  # type: ignore[arg-type]


RUN_PROGRAM = """
import sys
from pathlib import Path
from prefect.engine.cloud.spool import OTHER, Spool, deliver
from tests.engine.cloud.test_spool import HERE, RUN, Backend

told = 0
for number in range(60):
    # Another one of this process looks at it too, as one does at the end of a run.
    spool, other = (Spool(RUN, HERE, folder=Path(sys.argv[1])) for _ in range(2))
    spool.add(OTHER, "logs", {"logs": [number]}, 3)
    other.is_waiting()
    other.close()
    spool.add(OTHER, "logs", {"logs": [number]}, 3)
    backend = Backend()
    while not deliver(spool, backend):
        pass
    told += len(backend.told)
    spool.remove()
    spool.close()
print(told)
"""


def test_a_run_and_those_who_tell_what_was_left_do_not_take_the_file_from_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN_PROGRAM, str(tmp_path / "spool")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as running:
        backend, pause = Backend(), threading.Event()
        while running.poll() is None:
            deliver_leftovers(backend, folder=tmp_path / "spool")  # type: ignore[arg-type]
            pause.wait(0.001)
        assert running.stdout is not None
        told = running.stdout.read()
    assert running.returncode == 0
    assert int(told) + len(backend.told) == 120
    deliver_leftovers(backend, folder=tmp_path / "spool")  # type: ignore[arg-type]
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_earlier_runs_left_is_told_to_their_own_backend(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    for id, server in (("mine", HERE), ("another", "http://other:4200"), ("current", HERE)):
        left = Spool(id, server, folder=folder)
        left.add(spooling.OTHER, "logs", {"logs": [id]}, 3)
        left.close()
    (folder / "broken.db").write_bytes(b"this is no database, whatever its name says" * 100)
    backend = Backend()
    assert deliver_leftovers(backend, folder=folder, but="current") == 1  # type: ignore[arg-type]
    assert backend.told == [("logs", {"logs": ["mine"]})]
    assert sorted(path.name for path in folder.glob("*.db")) == ["another.db", "broken.db", "current.db"]
    assert deliver_leftovers(backend, folder=tmp_path / "nowhere") == 0  # type: ignore[arg-type]


def test_who_waits_asks_again_after_longer_and_longer() -> None:
    pauses: list[float] = []
    answers: list[Any] = [ServerAway(), ServerAway(), ServerAway(), "there"]

    def ask() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert until_back(ask, pauses.append) == "there"
    assert pauses == [0.25, 0.5, 1.0]


def test_a_run_that_was_taken_from_its_process_ends_and_says_nothing_more(spool: Spool) -> None:
    """At the same version: it was left to wait for another process."""
    spool.add(spooling.OTHER, "logs", {"logs": ["line"]}, 3)
    holder = {"host": "asleep", "pid": 17, "started": "then"}
    spool.add(spooling.STATES, "states", {"states": [{"task_run_id": "one", "holder": holder}]}, 3)
    backend = Backend()
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert backend.told == [("logs", {"logs": ["line"]})]
    assert spool.ended() == {"type": "Running"}


def test_a_run_that_is_still_that_of_its_process_is_told_with_its_name(spool: Spool) -> None:
    holder = {"host": "here", "pid": 17, "started": "then"}
    given = {"states": [{"task_run_id": "one", "holder": holder}]}
    spool.add(spooling.STATES, "states", given, 3)
    backend = Backend()
    backend.owner = holder
    assert deliver(spool, backend)  # type: ignore[arg-type]
    assert backend.told == [("states", given)]
    assert spool.ended() is None
