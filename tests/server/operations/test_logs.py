"""Log lines and artifacts take their place in the feed of their run; nothing is lost and nothing is kept twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.server.identifiers import new_id
from prefect.server.operations import logs

if TYPE_CHECKING:
    import pytest

    from tests.server.conftest import Backend


def written(backend: Backend) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.ask(
        "{ log(order_by: {sequence: asc}) { message level name info task_run_id sequence timestamp } }"
    )["log"]
    return found


def test_lines_are_kept_in_order_with_all_that_they_say(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    end = backend.flow_run(run)["sequence"]
    line = {
        "flow_run_id": run,
        "task_run_id": task_run,
        "timestamp": "2024-01-01T00:00:00+00:00",
        "name": "prefect.x",
        "level": "INFO",
        "message": "first",
        "info": {"k": [1]},
    }
    backend.do("write_run_logs", "success", logs=[line, {"flow_run_id": run, "message": "second"}])
    first, second = written(backend)
    assert first == {
        "message": "first",
        "level": "INFO",
        "name": "prefect.x",
        "info": {"k": [1]},
        "task_run_id": task_run,
        "sequence": end + 1,
        "timestamp": "2024-01-01T00:00:00+00:00",
    }
    assert (second["message"], second["sequence"], second["level"]) == ("second", end + 2, None)
    assert backend.flow_run(run)["sequence"] == end + 2


def test_a_single_line_stands_for_a_list(backend: Backend) -> None:
    run = backend.run()
    backend.do("write_run_logs", "success", logs={"flow_run_id": run, "message": "alone"})
    assert [line["message"] for line in written(backend)] == ["alone"]


def test_a_batch_that_is_sent_again_is_kept_once(backend: Backend) -> None:
    run = backend.run()

    def lines(client: str, *numbers: int) -> list[dict[str, Any]]:
        return [
            {"flow_run_id": run, "message": f"{client}{number}", "client_id": client, "client_sequence": number}
            for number in numbers
        ]

    backend.do("write_run_logs", "success", logs=lines("a", 0, 1))
    backend.do("write_run_logs", "success", logs=lines("a", 0, 1, 2) + lines("b", 0))
    backend.do("write_run_logs", "success", logs=lines("b", 0, 1) + lines("a", 2))
    assert [line["message"] for line in written(backend)] == ["a0", "a1", "a2", "b0", "b1"]


def test_no_line_is_lost_for_its_characters(backend: Backend) -> None:
    run = backend.run()
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "\x00\ud800", "info": {"x": "\x00"}}])
    assert written(backend)[0]["message"] == "\ufffd\ufffd"
    assert written(backend)[0]["info"] == {"x": "\ufffd"}


def test_a_long_line_is_split_and_marked(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LONGEST_MESSAGE", 4)
    run = backend.run()
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "abcdefghij"}])
    assert [line["message"] for line in written(backend)] == [
        "[part 1 of 3] abcd",
        "[part 2 of 3] efgh",
        "[part 3 of 3] ij",
    ]


def test_a_line_of_a_task_run_finds_its_flow_run(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.do("write_run_logs", "success", logs=[{"task_run_id": task_run, "message": "x"}])
    assert backend.ask("{ log { flow_run_id } }") == {"log": [{"flow_run_id": run}]}
    error = backend.refused("write_run_logs", "success", logs=[{"message": "whose?"}])
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_lines_of_runs_that_are_gone_do_not_hold_up_the_others(backend: Backend) -> None:
    run = backend.run()
    lines = [{"flow_run_id": new_id(), "message": "gone"}, {"flow_run_id": run, "message": "here"}]
    backend.do("write_run_logs", "success", logs=lines)
    assert [line["message"] for line in written(backend)] == ["here"]


def test_an_artifact_is_made_changed_and_deleted(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    end = backend.flow_run(run)["sequence"]
    artifact = backend.do("create_task_run_artifact", task_run_id=task_run, kind="markdown", data={"markdown": "a"})[
        "id"
    ]
    query = "{ task_run_artifact { id kind data sequence flow_run_id task_run { id } } }"
    assert backend.ask(query)["task_run_artifact"] == [
        {
            "id": artifact,
            "kind": "markdown",
            "data": {"markdown": "a"},
            "sequence": end + 1,
            "flow_run_id": run,
            "task_run": {"id": task_run},
        }
    ]
    backend.do("update_task_run_artifact", "success", task_run_artifact_id=artifact, data={"markdown": "b"})
    assert backend.ask(query)["task_run_artifact"][0]["data"] == {"markdown": "b"}
    backend.do("delete_task_run_artifact", "success", task_run_artifact_id=artifact)
    assert backend.ask(query) == {"task_run_artifact": []}
    error = backend.refused("update_task_run_artifact", "success", task_run_artifact_id=artifact, data={})
    assert error["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("delete_task_run_artifact", "success", task_run_artifact_id=artifact)
    assert error["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("create_task_run_artifact", task_run_id=new_id(), kind="link", data={})
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_an_artifact_that_comes_twice_with_an_id_of_its_own_is_kept_once(backend: Backend) -> None:
    run = backend.run()
    task_run, other = (row["id"] for row in backend.task_runs(run)[:2])
    given = {"id": new_id(), "kind": "link", "data": {"link": "a"}}
    for _ in range(2):
        assert backend.do("create_task_run_artifact", task_run_id=task_run, **given)["id"] == given["id"]
    assert backend.ask("{ task_run_artifact { id task_run_id } }")["task_run_artifact"] == [
        {"id": given["id"], "task_run_id": task_run}
    ]
    error = backend.refused("create_task_run_artifact", task_run_id=other, **given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert str(given["id"]) in error["message"]


def test_whoever_watches_gets_everything_once_and_in_order(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    seen: list[tuple[int, str]] = []

    def look(most: int = 1000) -> None:
        with backend.store.snapshot() as snapshot:
            for row in logs.events_after(snapshot, run, seen[-1][0] if seen else 0, most):
                seen.append((row[0], row[1]))

    look(2)
    look()
    backend.move_task_run(task_run, "Running")
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "x"}])
    look()
    backend.do("create_task_run_artifact", task_run_id=task_run, kind="link", data={})
    backend.move_task_run(task_run, "Success")
    backend.move_flow_run(run, "Success")
    look()
    look()
    assert [number for number, _ in seen] == list(range(1, backend.flow_run(run)["sequence"] + 1))
    assert [kind for _, kind in seen] == [
        "flow_run_state",
        "task_run_state",
        "task_run_state",
        "flow_run_state",
        "task_run_state",
        "log",
        "artifact",
        "task_run_state",
        "flow_run_state",
    ]
