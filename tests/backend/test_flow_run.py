"""Views of flow runs are pictures of one moment, know everything of it, and go on being true."""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest

import prefect
import prefect.backend.flow_run as flow_run_module
import prefect.backend.query as query_module
from prefect.backend.flow_run import (
    FlowRunLog,
    FlowRunView,
    check_for_compatible_agents,
    stream_flow_run_logs,
    watch_flow_run,
)
from prefect.backend.task_run import TaskRunView
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.state import Cancelled, Cancelling, Mapped, Running, Scheduled, Success
from prefect.exceptions import ClientError, ObjectNotFoundError
from tests.backend.by_hand import Recorded

MISSING = "00000000-0000-4000-8000-000000000404"


# One run


def test_a_view_knows_the_run(recorded: Recorded) -> None:
    recorded.start()
    recorded.finish()
    view = recorded.view()
    assert (view.flow_run_id, view.name, view.flow_id) == (recorded.flow_run_id, "run-one", recorded.flow_id)
    assert (view.labels, view.parameters, view.run_config) == ([], {"x": 2}, None)
    assert view.state.is_successful()
    assert [type(state).__name__ for state in view.states] == ["Scheduled", "Running", "Success"]
    times = [state.__dict__["timestamp"] for state in view.states]
    assert times == sorted(times)
    assert isinstance(view.updated_at, pendulum.DateTime)


def test_a_view_is_printed_on_one_line(recorded: Recorded) -> None:
    assert repr(recorded.view()) == (
        f"FlowRunView(flow_run_id='{recorded.flow_run_id}', name='run-one', "
        'state=<Scheduled: "Flow run scheduled.">, labels=[], cached_task_runs=0)'
    )


def test_a_view_cannot_be_changed_and_says_what_to_do_instead(recorded: Recorded) -> None:
    view = recorded.view()
    with pytest.raises(FrozenInstanceError, match=r"get_latest\(\)"):
        view.state = Success()
    with pytest.raises(FrozenInstanceError):
        del view.state
    with pytest.raises(FrozenInstanceError):
        view.get_task_run("first-1").name = "x"


def test_a_view_may_be_pickled(recorded: Recorded) -> None:
    view = recorded.view()
    recorded.start()
    again = pickle.loads(pickle.dumps(view))
    assert repr(again) == repr(view)
    assert again.get_task_run("first-1") == view.get_task_run("first-1")


@pytest.mark.parametrize("kind", [ValueError, ObjectNotFoundError, ClientError])
def test_a_run_that_does_not_exist_is_named_with_the_way_to_find_others(database: Path, kind: type[Exception]) -> None:
    where = Client().api_server
    with pytest.raises(kind, match=rf"No flow run found with id '{MISSING}' in {where}.*prefect get flow-runs"):
        FlowRunView.from_flow_run_id(MISSING)


def test_text_that_is_no_id_is_told_apart_and_no_text_is_a_type_error(database: Path) -> None:
    with pytest.raises(ValueError, match=r"'abc'.*Ids look like"):
        FlowRunView.from_flow_run_id("abc")
    with pytest.raises(TypeError, match=r"Unexpected type <class 'int'> for `flow_run_id`, expected 'str'\."):
        FlowRunView.from_flow_run_id(1)  # type: ignore[arg-type]


def test_an_id_may_be_written_in_capitals(recorded: Recorded) -> None:
    assert FlowRunView.from_flow_run_id(recorded.flow_run_id.upper()).flow_run_id == recorded.flow_run_id


def test_a_short_lived_process_loads_only_what_a_view_needs(recorded: Recorded, database: Path) -> None:
    program = (
        "import sys; from prefect.backend import FlowRunView; "
        f"FlowRunView.from_flow_run_id({recorded.flow_run_id!r}); print(*sys.modules)"
    )
    environment = {
        **os.environ,
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "pendulum" in loaded
    assert loaded & {"rich", "requests", "click", "coolname", "graphql", "dask", "croniter", "cloudpickle"} == set()
    assert not {"prefect.core.flow", "prefect.engine.flow_runner", "prefect.storage"} & set(done.stdout.split())


# Snapshots


def test_what_a_view_shows_of_its_task_runs_is_what_held_at_its_moment(recorded: Recorded) -> None:
    recorded.start()
    view = recorded.view()
    recorded.succeed("first-1")
    recorded.map("second-1", [1, 2])
    recorded.finish()
    assert view.get_task_run("first-1").state.is_pending()
    assert view.get_task_run(task_run_id=recorded.task_runs["second-1"]).state.is_pending()
    assert len(view.task_run_ids) == 3
    assert {run.state.is_pending() for run in view.get_all_task_runs()} == {True}
    latest = view.get_latest()
    assert latest.get_task_run("first-1").state.is_successful()
    assert len(latest.task_run_ids) == 5
    assert view.state.is_running()


def test_a_mapped_task_run_keeps_to_the_moment_of_its_view(recorded: Recorded) -> None:
    recorded.start()
    recorded.move("first-1", Running(), Mapped("Mapped.", n_map_states=2))
    recorded.client.get_task_run_info(recorded.flow_run_id, recorded.task_ids["first-1"], map_index=0)
    mapped = recorded.view().get_task_run("first-1")
    recorded.client.get_task_run_info(recorded.flow_run_id, recorded.task_ids["first-1"], map_index=1)
    assert len(list(mapped.iter_mapped())) == 1
    assert len(list(mapped.get_latest().iter_mapped())) == 2


def test_a_run_is_shown_as_it_stood_at_a_number_or_a_time(recorded: Recorded) -> None:
    recorded.start()
    before = recorded.view()
    recorded.succeed("first-1")
    recorded.finish()
    assert before.sequence is not None
    then = FlowRunView.from_flow_run_id(recorded.flow_run_id, as_of=before.sequence)
    assert (then.state.is_running(), then.sequence) == (True, before.sequence)
    assert then.get_task_run("first-1").state.is_pending()
    started = before.states[-1].__dict__["timestamp"]
    for moment in (started, started.isoformat()):
        then = FlowRunView.from_flow_run_id(recorded.flow_run_id, as_of=moment)
        assert then.state.is_running()
        assert then.get_task_run("first-1").state.is_pending()
    assert FlowRunView.from_flow_run_id(recorded.flow_run_id, as_of=1).state.is_scheduled()


def test_a_task_run_is_shown_as_it_stood_too(recorded: Recorded) -> None:
    recorded.start()
    before = recorded.view()
    recorded.succeed("first-1")
    run_id = recorded.flow_run_id
    started = before.states[-1].__dict__["timestamp"]
    for moment in (before.sequence, started):
        assert TaskRunView.from_task_slug("first-1", run_id, as_of=moment).state.is_pending()
        assert TaskRunView.from_task_run_id(recorded.task_runs["first-1"], as_of=moment).state.is_pending()
    assert TaskRunView.from_task_slug("first-1", run_id).state.is_successful()
    assert TaskRunView.from_task_slug("first-1", run_id, as_of=started).sequence == before.sequence


def test_the_latest_view_keeps_finished_task_runs_that_have_not_changed(
    recorded: Recorded, requests: list[str]
) -> None:
    recorded.start()
    recorded.succeed("first-1")
    view = recorded.view()
    done, waiting = view.get_task_run("first-1"), view.get_task_run("second-1")
    recorded.succeed("second-1")
    requests.clear()
    latest = view.get_latest()
    assert latest.get_task_run("first-1") is done
    assert len(requests) == 1
    assert latest.get_task_run("second-1") is not waiting
    assert latest.get_task_run("second-1").state.is_successful()


def test_a_task_run_that_was_restarted_does_not_survive_in_the_latest_view(recorded: Recorded) -> None:
    recorded.start()
    recorded.succeed("first-1")
    view = recorded.view()
    assert view.get_task_run("first-1").state.is_successful()
    recorded.move("first-1", Scheduled("Again."))
    assert view.get_latest().get_task_run("first-1").state.is_scheduled()
    assert view.get_task_run("first-1").state.is_successful()


def test_unfinished_task_runs_are_asked_for_each_time(recorded: Recorded, requests: list[str]) -> None:
    view = recorded.view()
    requests.clear()
    view.get_task_run("first-1")
    view.get_task_run("first-1")
    assert len(requests) == 2


def test_static_task_runs_may_be_loaded_at_once(recorded: Recorded, requests: list[str]) -> None:
    recorded.start()
    recorded.succeed("x")
    recorded.succeed("first-1")
    recorded.map("second-1", [1])
    view = FlowRunView.from_flow_run_id(recorded.flow_run_id, load_static_tasks=True)
    requests.clear()
    assert "cached_task_runs=3" in repr(view)
    assert view.get_task_run("first-1").state.is_successful()
    assert requests == []
    assert "cached_task_runs=3" in repr(view.get_latest(load_static_tasks=True))


# Task runs


def test_a_task_run_must_be_named_and_must_exist(recorded: Recorded) -> None:
    view = recorded.view()
    with pytest.raises(ValueError, match="One of `task_run_id` or `task_slug` must be provided"):
        view.get_task_run()
    with pytest.raises(ValueError, match=r"No task run found with task slug 'nope-1' in flow run.*Slugs look like"):
        view.get_task_run("nope-1")
    with pytest.raises(ValueError, match=r"task slug 'first-1'.*and map index 7"):
        view.get_task_run("first-1", map_index=7)
    with pytest.raises(ValueError, match=f"No task run found with id '{MISSING}' in flow run"):
        view.get_task_run(task_run_id=MISSING)
    with pytest.raises(ValueError, match="belongs to task 'first-1', not to 'second-1'"):
        view.get_task_run("second-1", task_run_id=recorded.task_runs["first-1"])


def test_a_mapped_child_is_found_by_its_index(recorded: Recorded) -> None:
    recorded.start()
    recorded.map("first-1", ["a", "b"])
    view = recorded.view()
    child = view.get_task_run("first-1", map_index=1)
    assert (child.map_index, child.get_result()) == (1, "b")
    assert view.get_task_run("first-1", map_index=1) is child
    assert view.get_task_run("first-1").map_index == -1


def test_long_lists_are_read_page_by_page_and_whole(
    recorded: Recorded, requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.start()
    recorded.map("first-1", list(range(7)))
    monkeypatch.setattr(flow_run_module, "PAGE", 3)
    monkeypatch.setattr(query_module, "PAGE", 3)
    monkeypatch.setattr("prefect.backend.task_run.PAGE", 3)
    view = recorded.view()
    requests.clear()
    ids = view.task_run_ids
    assert len(ids) == len(set(ids)) == 10
    assert len(requests) == 4
    assert [run.task_run_id for run in view.get_all_task_runs()] == ids
    assert view.get_task_run("first-1").get_result() == list(range(7))
    recorded.log(*(f"line {number}" for number in range(8)))
    assert [line.message for line in recorded.view().get_logs()] == [f"line {number}" for number in range(8)]


# Logs


def test_logs_are_those_of_the_moment_by_their_time(recorded: Recorded) -> None:
    early = pendulum.datetime(2022, 1, 1)
    recorded.log("late", at=early.add(hours=2))
    recorded.log("early", level="ERROR", at=early)
    view = recorded.view()
    recorded.log("afterwards", at=early.add(hours=3))
    assert view.get_logs() == [
        FlowRunLog(early, logging.ERROR, "early"),
        FlowRunLog(early.add(hours=2), logging.INFO, "late"),
    ]
    assert [line.message for line in view.get_latest().get_logs()] == ["early", "late", "afterwards"]


def test_logs_may_be_those_of_a_time(recorded: Recorded) -> None:
    start = pendulum.datetime(2022, 1, 1)
    for hour in range(4):
        recorded.log(str(hour), at=start.add(hours=hour))
    view = recorded.view()

    def messages(**times: pendulum.DateTime) -> list[str]:
        return [line.message for line in view.get_logs(**times)]

    assert messages(start_time=start) == ["1", "2", "3"]
    assert messages(end_time=start.add(hours=2)) == ["0", "1", "2"]
    assert messages(start_time=start, end_time=start.add(hours=2)) == ["1", "2"]


# Watching


class Waiting:
    """Stands in for sleeping: each wait does the next thing that happens in the run, and moves the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *happenings: Callable[[], None]) -> None:
        self.happenings = list(happenings)
        self.now = 0.0
        self.woken_by: list[str | None] = []
        monkeypatch.setattr(flow_run_module, "wait", self.wait)
        monkeypatch.setattr(flow_run_module, "clock", lambda: self.now)

    def wait(self, seconds: float, flow_run_id: str | None) -> None:
        self.now += seconds
        self.woken_by.append(flow_run_id)
        if self.happenings:
            self.happenings.pop(0)()


def test_watching_tells_everything_once_and_in_order(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    past = pendulum.datetime(2020, 1, 1)
    Waiting(
        monkeypatch,
        recorded.start,
        lambda: recorded.log("one", "two"),
        lambda: None,
        # A late batch from a machine whose clock is wrong.
        lambda: recorded.log("three", at=past),
        recorded.finish,
    )
    told = [line.message for line in watch_flow_run(recorded.flow_run_id)]
    assert told == [
        "Entered state <Scheduled>: Flow run scheduled.",
        "Entered state <Running>: Running flow.",
        "one",
        "two",
        "three",
        "Entered state <Success>: All reference tasks succeeded.",
    ]


@pytest.mark.embedded
def test_watching_a_finished_run_tells_all_of_it_without_waiting(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.start()
    monkeypatch.setattr(flow_run_module, "PAGE", 2)
    recorded.log("one", "two", "three", "four", "five")
    recorded.finish()
    recorded.log("afterwards")
    waiting = Waiting(monkeypatch)
    told = [line.message for line in watch_flow_run(recorded.flow_run_id)]
    assert told == [
        "Entered state <Scheduled>: Flow run scheduled.",
        "Entered state <Running>: Running flow.",
        "one",
        "two",
        "three",
        "four",
        "five",
        "Entered state <Success>: All reference tasks succeeded.",
        "afterwards",
    ]
    assert waiting.now == 0


def test_lines_that_a_remote_runner_sends_after_the_end_are_waited_for(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.start()
    recorded.finish()
    monkeypatch.setattr(flow_run_module, "_patience_seconds", lambda writer: 6.0)
    waiting = Waiting(monkeypatch, lambda: None, lambda: recorded.log("the last batch"))
    told = [line.message for line in watch_flow_run(recorded.flow_run_id, stream_states=False)]
    assert told == ["the last batch"]
    assert waiting.now >= 6


def test_states_or_logs_may_be_left_out(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded.start()
    recorded.log("one")
    recorded.finish()
    Waiting(monkeypatch)
    assert [line.message for line in watch_flow_run(recorded.flow_run_id, stream_states=False)] == ["one"]
    states = [line.message for line in watch_flow_run(recorded.flow_run_id, stream_logs=False)]
    assert len(states) == 3
    assert all(message.startswith("Entered state") for message in states)


def test_watching_ends_with_an_error_after_the_longest_time(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.start()
    waiting = Waiting(monkeypatch)
    with pytest.raises(RuntimeError, match=r"Watched flow run .* for 0:01:00, and it is not finished but Running"):
        list(watch_flow_run(recorded.flow_run_id, max_duration=timedelta(minutes=1)))
    assert 60 < waiting.now < 65


@pytest.mark.embedded
def test_a_run_that_nobody_starts_is_worth_one_word_of_advice(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    Waiting(monkeypatch, *[lambda: None] * 20, recorded.start, recorded.finish)
    (line,) = watch_flow_run(recorded.flow_run_id, stream_states=False)
    assert line.level == logging.WARNING
    assert f"prefect run --id {recorded.flow_run_id} --execute" in line.message


def test_watching_a_run_that_does_not_exist_fails_at_once(database: Path) -> None:
    with pytest.raises(ValueError, match="No flow run found"):
        next(watch_flow_run(MISSING))


def test_a_run_may_be_streamed_to_the_logger(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.start()
    recorded.log("one", level="WARNING")
    recorded.finish()
    Waiting(monkeypatch)
    seen: list[tuple[int, str]] = []
    monkeypatch.setattr(logging.Logger, "log", lambda self, level, message: seen.append((level, message)))
    stream_flow_run_logs(recorded.flow_run_id)
    assert (logging.WARNING, "one") in seen


# Agents


class Agents:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[dict[str, Any]] = []
        monkeypatch.setattr(Client, "graphql_fast", lambda *args, **kwargs: {"agent": self.rows})

    def add(self, *labels: str, minutes_ago: int) -> None:
        asked = pendulum.now("UTC").subtract(minutes=minutes_ago, seconds=1)
        name = f"agent-{len(self.rows)}"
        self.rows.append({"labels": [*labels], "name": name, "last_queried": asked.isoformat(), "id": MISSING})


def test_who_could_pick_up_a_run_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(monkeypatch)
    assert "Start an agent with empty labels to run your flow." in check_for_compatible_agents([])
    assert "Start an agent with labels {'x'} to run your flow." in check_for_compatible_agents(["x"])
    agents.add("y", minutes_ago=0)
    assert "1 healthy agents do not have the required labels" in check_for_compatible_agents(["x"])
    agents.add("x", minutes_ago=180)
    assert "(agent-1) has matching labels and last queried 3 hours ago" in check_for_compatible_agents(["x"])
    agents.add("x", "z", minutes_ago=0)
    assert "(agent-2) has matching labels and should pick up" in check_for_compatible_agents(["x"])


def test_a_process_of_1x_is_given_the_time_of_one_batch_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert flow_run_module._patience_seconds("1.4.1") == 0
    monkeypatch.setitem(config, "backend", "server")
    assert [flow_run_module._patience_seconds(writer) for writer in (None, "0.15.13", "1.4.1")] == [6, 6, 6]


def test_a_process_of_ours_has_said_everything_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "server")
    assert flow_run_module._patience_seconds(prefect.__version__) == flow_run_module.LAST_WORD_SECONDS < 1


def test_who_watches_is_woken_by_the_end_but_not_while_the_run_is_to_stop(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.start()
    waiting = Waiting(
        monkeypatch,
        lambda: None,
        lambda: recorded.finish(Cancelling("Stop.")),
        lambda: recorded.finish(Cancelled("It has stopped.")),
    )
    told = [line.message for line in watch_flow_run(recorded.flow_run_id)]
    assert told[-1] == "Entered state <Cancelled>: It has stopped."
    assert waiting.woken_by[:3] == [recorded.flow_run_id, recorded.flow_run_id, None]
    assert set(waiting.woken_by[3:]) <= {None}


def test_a_server_that_lets_nobody_wait_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setattr(flow_run_module, "_impatient", set())
    asked: list[str] = []
    slept: list[float] = []

    class Of1x:
        def wait_for_end(self, flow_run_id: str, seconds: float) -> bool | None:
            asked.append(flow_run_id)
            return None

    monkeypatch.setattr(flow_run_module, "Client", Of1x)
    monkeypatch.setattr("time.sleep", slept.append)
    for seconds in (1.0, 2.0):
        flow_run_module._wait_for_news(seconds, "a-run")
    assert (asked, slept) == (["a-run"], [1.0, 2.0])
