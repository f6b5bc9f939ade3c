"""Views of task runs, and the values that their tasks returned."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from prefect.backend.task_run import NotLoaded, TaskRunView
from prefect.engine.results import LocalResult, PrefectResult
from prefect.engine.serializers import JSONSerializer, PickleSerializer
from prefect.engine.state import Failed, Mapped, Running, Skipped, Success
from prefect.serialization.state import dump_state, load_state
from tests.backend.by_hand import Recorded

MISSING = "00000000-0000-4000-8000-000000000404"


def view_of(state: Any, map_index: int = -1, **more: Any) -> TaskRunView:
    return TaskRunView("run", "task", "slug-1", None, load_state(dump_state(state)), map_index, "flow-run", **more)


def test_a_view_is_printed_on_one_line_without_the_map_index() -> None:
    assert repr(view_of(Success("ok"), map_index=2)) == (
        "TaskRunView(task_run_id='run', task_id='task', task_slug='slug-1', "
        'state=<Success: "ok">, result=<not loaded>)'
    )


def test_a_loaded_result_is_printed() -> None:
    view = view_of(Success("ok", result=PrefectResult(value=5, location="5")))
    assert view.get_result() == 5
    assert repr(view).endswith("result=5)")


def test_views_of_the_same_task_run_in_the_same_state_are_equal() -> None:
    assert view_of(Success("ok")) == view_of(Success("ok"))
    assert view_of(Success("ok")) != view_of(Failed("no"))
    assert len({view_of(Success("ok")), view_of(Success("ok"))}) == 1
    assert view_of(Success("ok")) != "run"


def test_what_is_not_loaded_stays_itself_when_it_travels() -> None:
    assert pickle.loads(pickle.dumps(NotLoaded)) is NotLoaded
    assert repr(pickle.loads(pickle.dumps(view_of(Success("ok"))))) == repr(view_of(Success("ok")))


def test_a_result_is_read_from_where_it_is_kept_and_once(tmp_path: Path) -> None:
    kept = LocalResult(dir=str(tmp_path), location="value").write({"a": [1, 2]})
    view = view_of(Success("ok", result=kept))
    assert view.get_result() == {"a": [1, 2]}
    (tmp_path / "value").unlink()
    assert view.get_result() == {"a": [1, 2]}


def test_a_result_that_is_gone_is_an_error_that_names_the_task_run(tmp_path: Path) -> None:
    kept = LocalResult(dir=str(tmp_path), location="value").write(1)
    (tmp_path / "value").unlink()
    with pytest.raises((OSError, ValueError)) as caught:
        view_of(Success("ok", result=kept)).get_result()
    assert any("task run 'run' (slug-1)" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("state", [Success("ok"), Skipped("s"), Success("ok", result=LocalResult())])
def test_none_needs_no_place_to_be_kept(state: Any) -> None:
    view = view_of(state)
    assert view.get_result() is None
    assert repr(view).endswith("result=None)")


def test_where_there_is_nothing_to_load_the_error_says_why() -> None:
    with pytest.raises(ValueError, match="it is not finished but in state <Running"):
        view_of(Running("r")).get_result()
    with pytest.raises(ValueError, match=r"Task run 'run' \(slug-1\[3\]\) has no result to load: it failed \(boo\)"):
        view_of(Failed("boo"), map_index=3).get_result()
    with pytest.raises(ValueError, match="no `location`"):
        view_of(Success("ok", result=[1, 2])).get_result()
    with pytest.raises(TypeError, match=r"Task run 'run' \(slug-1\) is not a mapped task"):
        list(view_of(Success("ok")).iter_mapped())


def test_a_task_run_is_found_by_id_or_slug(recorded: Recorded) -> None:
    recorded.start()
    recorded.succeed("first-1", value=7)
    by_id = TaskRunView.from_task_run_id(recorded.task_runs["first-1"])
    by_slug = TaskRunView.from_task_slug("first-1", recorded.flow_run_id)
    assert by_id == by_slug
    assert (by_id.task_slug, by_id.task_id, by_id.map_index) == ("first-1", recorded.task_ids["first-1"], -1)
    assert (by_id.flow_run_id, by_id.get_result()) == (recorded.flow_run_id, 7)
    assert by_id.sequence == recorded.view().sequence


def test_a_task_run_that_does_not_exist_is_named(recorded: Recorded) -> None:
    with pytest.raises(ValueError, match=f"No task run found with id '{MISSING}'"):
        TaskRunView.from_task_run_id(MISSING)
    with pytest.raises(TypeError, match="for `task_run_id`, expected 'str'"):
        TaskRunView.from_task_run_id()
    with pytest.raises(ValueError, match="No task run found with task slug 'a-1'"):
        TaskRunView.from_task_slug("a-1", recorded.flow_run_id)


def test_the_latest_view_is_another_one(recorded: Recorded) -> None:
    before = TaskRunView.from_task_run_id(recorded.task_runs["first-1"])
    recorded.start()
    recorded.succeed("first-1")
    assert before.state.is_pending()
    assert before.get_latest().state.is_successful()


def test_a_mapped_task_run_gives_its_children_in_order_and_their_results_as_a_list(
    recorded: Recorded, requests: list[str]
) -> None:
    recorded.start()
    recorded.map("first-1", ["a", None, {"c": 3}])
    view = TaskRunView.from_task_slug("first-1", recorded.flow_run_id)
    requests.clear()
    assert [child.map_index for child in view.iter_mapped()] == [0, 1, 2]
    assert len(requests) == 1
    assert view.get_result() == ["a", None, {"c": 3}]
    assert view.get_result() is view.get_result()


def test_a_failed_child_is_named_when_all_results_are_wanted_and_the_others_can_be_read(recorded: Recorded) -> None:
    recorded.start()
    recorded.map("first-1", ["a", ValueError("boo"), "c"])
    view = TaskRunView.from_task_slug("first-1", recorded.flow_run_id)
    with pytest.raises(ValueError, match=r"\(first-1\[1\]\) has no result to load: it failed \(Error: ValueError"):
        view.get_result()
    assert [child.get_result() for child in view.iter_mapped() if child.state.is_successful()] == ["a", "c"]


def test_a_view_made_by_hand_looks_up_its_moment_when_it_needs_one(recorded: Recorded) -> None:
    recorded.start()
    recorded.map("first-1", [1])
    by_hand = TaskRunView(
        recorded.task_runs["first-1"],
        recorded.task_ids["first-1"],
        "first-1",
        None,
        Mapped(n_map_states=1),
        -1,
        recorded.flow_run_id,
    )
    assert by_hand.get_result() == [1]
    assert by_hand.sequence == recorded.view().sequence


@pytest.mark.parametrize("serializer", [PickleSerializer(), JSONSerializer()])
def test_a_result_is_read_whichever_of_the_usual_serializers_wrote_it(tmp_path: Path, serializer: Any) -> None:
    kept = LocalResult(dir=str(tmp_path), location="value", serializer=serializer).write([1, "x"])
    assert view_of(Success("ok", result=kept)).get_result() == [1, "x"]
