"""The vocabulary of runs, compared with the recorded facts of the 1.x interface."""

import datetime
import inspect
import json
import pickle
from pathlib import Path
from typing import Any

import pendulum
import pytest

from prefect.engine import state as states
from prefect.engine.result import NoResult, Result
from prefect.engine.run_context import entered
from prefect.engine.state import Failed, Looped, Mapped, Paused, Queued, Retrying, Scheduled, State, Submitted, Success

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "states" / "states.json").read_text(encoding="utf-8")
)
CLASSES: dict[str, type[State]] = {name: getattr(states, name) for name in FACTS["order"]}


@pytest.mark.parametrize("name", FACTS["order"])
def test_a_class_has_the_recorded_colour_and_constructor(name: str) -> None:
    facts = FACTS["classes"][name]
    cls = CLASSES[name]
    assert cls.color == facts["color"]
    parameters = list(inspect.signature(cls).parameters.values())
    assert [(p.name, repr(p.default)) for p in parameters] == [tuple(pair) for pair in facts["init"]]


@pytest.mark.parametrize("name", FACTS["order"])
def test_a_class_prints_as_recorded(name: str) -> None:
    cls = CLASSES[name]
    assert repr(cls()) == FACTS["classes"][name]["repr_no_message"]
    assert repr(cls("m")) == FACTS["classes"][name]["repr_with_message"]


@pytest.mark.parametrize("name", FACTS["order"])
def test_ancestry_is_as_recorded(name: str) -> None:
    facts = FACTS["classes"][name]
    # Subclasses that other tests make are children too, as long as they live.
    assert sorted(set(CLASSES[name].children(names_only=True)) & set(FACTS["order"])) == sorted(facts["children"])
    assert sorted(CLASSES[name].parents(names_only=True)) == sorted(facts["parents"])


@pytest.mark.parametrize("predicate", FACTS["predicates"])
def test_a_predicate_is_true_for_exactly_the_recorded_classes(predicate: str) -> None:
    true_for = [name for name in FACTS["order"] if getattr(CLASSES[name](), predicate)()]
    assert sorted(true_for) == sorted(FACTS["truth_table"][predicate])


def test_equality_ignores_message_and_context_but_not_class_result_or_attributes() -> None:
    assert Success("a", context={"x": 1}) == Success("b")
    assert Success(result=1) != Success(result=2)
    assert Success() != Failed()
    assert Retrying(run_count=1, start_time=pendulum.datetime(2021, 1, 1)) != Retrying(
        run_count=2, start_time=pendulum.datetime(2021, 1, 1)
    )


def test_states_with_unhashable_results_stay_hashable() -> None:
    state = Success(result=[1, 2])
    assert len({state, state, Success(result=[1, 2])}) == 2


def test_a_plain_value_is_wrapped_and_none_is_no_result() -> None:
    assert Success()._result is NoResult
    assert Success(result=5)._result == Result(5)
    kept = Result(5, location="here")
    assert Success(result=kept)._result is kept
    assert Success(result=5).result == 5


def test_states_take_tags_counts_and_loops_from_the_context() -> None:
    with entered({"task_tags": {"a"}, "task_run_count": 4, "task_loop_count": 9}):
        assert Success(context={"x": 1}).context == {"x": 1, "tags": ["a"]}
        assert Scheduled().context == {"tags": ["a"], "task_run_count": 4}
        assert Retrying().run_count == 4
        assert Looped().loop_count == 9
    assert Retrying().run_count == 1
    assert Looped().loop_count == 1


def test_start_times() -> None:
    before = pendulum.now("UTC")
    assert before <= Scheduled().start_time <= pendulum.now("UTC")  # type: ignore[operator]
    assert before <= Queued().start_time <= pendulum.now("UTC")
    assert Paused().start_time is None
    naive = Scheduled(start_time=datetime.datetime(2021, 5, 12, 17)).start_time
    assert naive == pendulum.datetime(2021, 5, 12, 17, tz="UTC")
    assert isinstance(naive, pendulum.DateTime)


def test_a_meta_state_wraps_what_another_one_wraps() -> None:
    inner = Scheduled()
    assert Queued(state=Submitted(state=inner)).state is inner


def test_mapped_counts_its_children_unless_told() -> None:
    assert Mapped(map_states=[Success(), Failed()]).n_map_states == 2
    assert Mapped(n_map_states=3).n_map_states == 3
    assert Mapped().n_map_states == 0


def test_states_survive_pickling() -> None:
    state = Retrying("again", result=Result(3, location="x"), run_count=2)
    assert pickle.loads(pickle.dumps(state)) == state


def test_load_result_reads_only_where_there_is_something_to_read(tmp_path: Path) -> None:
    class Shelf(Result):
        def read(self, location: str) -> Result:
            return Result(value=f"read {location}", location=location)

    assert Success(result=Shelf(location="a")).load_result().result == "read a"
    assert Success(result=Result(location="a")).load_result(Shelf()).result == "read a"
    assert Success(result=Shelf(value=1, location="a")).load_result().result == 1
    assert Success().load_result(Shelf()).result is None
    cached = Success(cached_inputs={"x": Shelf(location="b"), "y": Result(value=2)}).load_cached_results()
    assert {name: result.value for name, result in cached.cached_inputs.items()} == {"x": "read b", "y": 2}
