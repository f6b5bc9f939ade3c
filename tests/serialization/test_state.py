"""States on the wire: what 1.4.1 wrote and read, odd and old inputs, and that nothing leaks or is lost."""

import copy
import datetime
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.engine.result import NoResult, Result
from prefect.engine.results import (
    AzureResult,
    ConstantResult,
    GCSResult,
    LocalResult,
    PrefectResult,
    S3Result,
    SecretResult,
)
from prefect.engine.state import (
    Cached,
    ClientFailed,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Retrying,
    Running,
    Scheduled,
    State,
    Submitted,
    Success,
)
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.state import WIRE_STATES, StateSchema, dump_state, encode_state, load_state
from prefect.utilities.context import context
from prefect.utilities.version import VERSION

KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "states.json").read_text())
WHEN = pendulum.datetime(2022, 1, 2, 3, 4, 5, 678900)
PLAIN = ["Pending", "Running", "Cancelling", "Finished", "Success", "Mapped", "Cached", "Skipped", "Failed", "TimedOut"]
PLAIN += ["TriggerFailed", "ValidationFailed", "Cancelled", "Submitted", "ClientFailed", "Looped"]
TIMED = ["Queued", "Scheduled", "Resume", "Retrying", "Paused"]


class CustomPlace(Result):
    """A kind of result that the wire does not know."""


def secret_result() -> SecretResult:
    from prefect.tasks.secrets import PrefectSecret

    return SecretResult(secret_task=PrefectSecret("S"))


def local_result(location: str | None, value: Any = None) -> LocalResult:
    return LocalResult(dir="/home/user/results", validate_dir=False, location=location, value=value)


def success(result: Any) -> Callable[[], State]:
    return lambda: Success("m", result=result)


def timed_kind(name: str) -> Any:
    """A kind of state that takes a start time."""
    return WIRE_STATES[name]


# How each example of the fixture is made.
EXAMPLES: dict[str, Callable[[], State]] = {
    **{name: (lambda kind: lambda: kind("m"))(WIRE_STATES[name]) for name in PLAIN},
    **{name: (lambda kind: lambda: kind("m", start_time=WHEN))(timed_kind(name)) for name in TIMED},
    "Paused_no_start": lambda: Paused("m"),
    "Retrying_run_count": lambda: Retrying("m", start_time=WHEN, run_count=2),
    "Scheduled_naive_start": lambda: Scheduled("m", start_time=datetime.datetime(2022, 1, 2, 3, 4, 5)),
    "Scheduled_tz_start": lambda: Scheduled(
        "m", start_time=pendulum.datetime(2022, 1, 2, 3, 4, 5, tz="America/New_York")
    ),
    "Looped_count": lambda: Looped("m", loop_count=3, result=PrefectResult(value=5, location="5")),
    "Mapped_children": lambda: Mapped("m", map_states=[Success(), Failed()]),
    "Mapped_n": lambda: Mapped("m", n_map_states=4),
    "Cached_full": lambda: Cached(
        "m",
        result=local_result("a/b.txt"),
        cached_inputs={"x": PrefectResult(location="1")},
        cached_parameters={"p": 1},
        hashed_inputs={"x": "abc"},
        cached_result_expiration=WHEN,
    ),
    "Submitted_wrapping": lambda: Submitted("m", state=Scheduled("inner", start_time=WHEN)),
    "Queued_wrapping": lambda: Queued("m", state=Running("inner"), start_time=WHEN),
    "ClientFailed_wrapping": lambda: ClientFailed("m", state=Success("inner", result=1)),
    "context": lambda: Success("m", context={"tags": ["a"], "n": {"k": 1}}),
    "cached_inputs_local": lambda: Retrying(
        "m",
        start_time=WHEN,
        cached_inputs={"x": local_result("in.txt", 1), "y": PrefectResult(location="[1]"), "z": Result(2)},
    ),
    "Success__raw_value": success(1),
    "Success__raw_none": success(None),
    "Success__base_Result_value": success(Result(1)),
    "Success__base_Result_location": success(Result(1, location="loc")),
    "Success__LocalResult": success(local_result("f.txt")),
    "Success__LocalResult_value_no_location": success(local_result(None, value=1)),
    "Success__PrefectResult": success(PrefectResult(value=[1, 2], location="[1, 2]")),
    "Success__PrefectResult_value_only": success(PrefectResult(value=1)),
    "Success__ConstantResult": success(ConstantResult(value=1)),
    "Success__S3Result": success(S3Result(bucket="b", location="k")),
    "Success__GCSResult": success(GCSResult(bucket="b", location="k")),
    "Success__AzureResult": success(AzureResult(container="c", location="k")),
    "Success__NoResult": success(NoResult),
    "Failed__exception": lambda: Failed("boom", result=ValueError("boom")),
    "Success__SecretResult": lambda: Success("m", result=secret_result()),
    "Success__custom_Result_subclass": success(CustomPlace(location="x")),
}


def described(value: Any) -> Any:
    """An attribute of a loaded state as the fixture writes it."""
    if isinstance(value, Result):
        return {
            "type": type(value).__name__,
            "repr": repr(value),
            "location": value.location,
            "value": repr(value.value),
        }
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, State):
        return repr(value)
    return value


def attributes_of(state: State) -> dict[str, Any]:
    attributes = {("_state" if name == "state" else name): described(value) for name, value in vars(state).items()}
    attributes["cached_inputs"] = {name: repr(result) for name, result in state.cached_inputs.items()}
    if isinstance(state, Mapped):
        attributes["map_states"] = [repr(child) for child in state.map_states]
    return attributes


def known_attributes(facts: dict[str, Any]) -> dict[str, Any]:
    attributes = dict(facts["attributes"])
    if isinstance(attributes.get("start_time"), str):
        # One state of 1.4.1 printed its time with a blank in the middle.
        attributes["start_time"] = attributes["start_time"].replace(" ", "T")
    return attributes


def test_every_example_is_made_here() -> None:
    assert EXAMPLES.keys() == KNOWN["states"].keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_writes_what_was_always_written(name: str) -> None:
    facts = KNOWN["states"][name]
    state = EXAMPLES[name]()
    assert repr(state) == facts["repr"]
    with versioned.written_as("1.4.1"):
        assert dump_state(state) == facts["serialized"]
        assert state.serialize() == facts["serialized"]
        assert json.loads(encode_state(state)) == facts["serialized"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_reads_what_was_always_written(name: str) -> None:
    facts = KNOWN["states"][name]
    data = copy.deepcopy(facts["serialized"])
    state = load_state(data)
    assert data == facts["serialized"]
    assert type(state).__name__ == facts["deserialized"]["type"]
    assert repr(state) == facts["deserialized"]["repr"]
    assert attributes_of(state) == known_attributes(facts["deserialized"])
    assert State.deserialize(data) == state
    assert state.result is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_was_read_is_written_alike(name: str) -> None:
    data = KNOWN["states"][name]["serialized"]
    with versioned.written_as("1.4.1"):
        again = dump_state(load_state(data))
    if name == "Success__custom_Result_subclass":
        data = {**data, "_result": {**data["_result"], "type": "Result"}}  # what it really was, nobody knows here
    if name == "Success__SecretResult":
        data = {**data, "_result": {**data["_result"], "secret_type": "SecretBase"}}
    assert again == data


@pytest.mark.parametrize("name", KNOWN["deserialization_leniency"])
def test_odd_and_old_inputs(name: str) -> None:
    facts = KNOWN["deserialization_leniency"][name]
    data = copy.deepcopy(facts["input"])
    if "error" in facts:
        with pytest.raises(ValidationError):
            load_state(data)
        assert facts["error"] == ValidationError.__name__
    else:
        state = load_state(data)
        assert repr(state) == facts["repr"]
        attributes = attributes_of(state)
        if facts["attributes"].get("start_time") == "<now>":
            assert abs(pendulum.parse(attributes["start_time"]) - pendulum.now("UTC")) < pendulum.duration(seconds=5)  # type: ignore[operator]
            attributes["start_time"] = "<now>"
        assert attributes == facts["attributes"]
    assert data == facts["input"]


SAFE_RESULT = {"type": "SafeResult", "value": "/x/y", "result_handler": {"type": "LocalResultHandler", "dir": "/x"}}


@pytest.mark.parametrize("field", ["_result", "cached_inputs"])
def test_results_of_the_first_releases_load(field: str) -> None:
    data = {"type": "Success", "__version__": "0.6.0", field: SAFE_RESULT if field == "_result" else {"x": SAFE_RESULT}}
    before = copy.deepcopy(data)
    state = load_state(data)
    result = state._result if field == "_result" else state.cached_inputs["x"]
    assert (type(result), result.location, result.value) == (Result, None, None)
    assert data == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "must be a JSON object"),
        ("Success", "must be a JSON object"),
        ([], "must be a JSON object"),
        ({}, "must say its type"),
        ({"type": 5}, "type of a state must be text"),
        ({"type": "State"}, "State is no kind of state"),
        ({"type": "_MetaState"}, "no kind of state"),
        ({"type": "Success", "message": 5}, "message of a Success"),
        ({"type": "Success", "context": []}, "context of a Success"),
        ({"type": "Success", "cached_inputs": []}, "cached_inputs of a Success"),
        ({"type": "Success", "cached_inputs": {"x": None}}, "result must be a JSON object"),
        ({"type": "Success", "_result": 5}, "result must be a JSON object"),
        ({"type": "Success", "_result": {"type": "Result", "location": 5}}, "location of a result"),
        ({"type": "Success", "_result": {"type": "S3Result", "location": "x"}}, "S3Result must name its bucket"),
        ({"type": "Retrying", "run_count": "x"}, "run_count of a Retrying"),
        ({"type": "Looped", "loop_count": None}, "loop_count of a Looped"),
        ({"type": "Mapped", "n_map_states": None}, "n_map_states of a Mapped"),
        ({"type": "Scheduled", "start_time": "soon, I hope"}, "start_time of a Scheduled"),
        ({"type": "Scheduled", "start_time": 5}, "start_time of a Scheduled"),
        ({"type": "Scheduled", "start_time": "2022-01-02"}, "start_time of a Scheduled"),
        ({"type": "Cached", "hashed_inputs": {"a": 5}}, "hash of input 'a'"),
        ({"type": "Submitted", "state": {"type": "Nope"}}, "Nope is no kind of state"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        load_state(data)


def test_numbers_may_come_as_text_and_be_missing() -> None:
    assert load_state({"type": "Retrying", "run_count": "3"}).run_count == 3  # type: ignore[attr-defined]
    assert load_state({"type": "Retrying", "run_count": None}).run_count == 1  # type: ignore[attr-defined]
    assert load_state({"type": "Looped"}).loop_count == 1  # type: ignore[attr-defined]
    assert load_state({"type": "Mapped", "n_map_states": -2}).n_map_states == 0  # type: ignore[attr-defined]


def test_a_fraction_of_any_length_and_any_offset_are_read() -> None:
    state = load_state({"type": "Scheduled", "start_time": "2022-01-02T03:04:05.123456789+02:00"})
    assert isinstance(state, Scheduled)
    assert state.start_time is not None
    assert state.start_time.isoformat() == "2022-01-02T03:04:05.123456+02:00"


def test_wrapped_meta_states_are_unwrapped() -> None:
    state = load_state({"type": "Submitted", "state": {"type": "Queued", "state": {"type": "Running"}}})
    assert repr(state.state) == "<Running>"  # type: ignore[attr-defined]


def test_what_is_read_takes_nothing_from_the_running_task() -> None:
    with context(task_tags={"noise"}, task_run_count=7, task_loop_count=9):
        retrying, looped = load_state({"type": "Retrying"}), load_state({"type": "Looped"})
    assert (retrying.context, retrying.run_count) == ({}, 1)  # type: ignore[attr-defined]
    assert looped.loop_count == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", WIRE_STATES.values())
def test_what_is_read_has_the_attributes_of_what_is_constructed(kind: type[State]) -> None:
    """Reading does not call the constructors, so it must keep up with them."""
    made, read = kind("m"), load_state({"type": kind.__name__, "message": "m"})
    assert vars(read).keys() == vars(made).keys()
    for name, value in vars(made).items():
        if name != "start_time":
            assert getattr(read, name) == value


def test_the_input_and_the_state_share_nothing() -> None:
    data: dict[str, Any] = {"type": "Cached", "context": {"n": {"k": [1]}}, "cached_parameters": {"p": [1]}}
    state = load_state(data)
    state.context["n"]["k"].append(2)
    state.cached_parameters["p"].append(2)  # type: ignore[attr-defined]
    assert data == {"type": "Cached", "context": {"n": {"k": [1]}}, "cached_parameters": {"p": [1]}}
    dumped = dump_state(state)
    dumped["context"]["n"]["k"].append(3)
    assert state.context == {"n": {"k": [1, 2]}}


def test_context_becomes_plain_json() -> None:
    class Level(int):
        pass

    state = Success(context={"t": (1, 2), 5: {None: True}, "nan": float("nan"), "level": Level(3)})  # type: ignore[dict-item]
    assert dump_state(state)["context"] == {"t": [1, 2], "5": {"null": True}, "nan": None, "level": 3}


@pytest.mark.parametrize(
    "value",
    [object(), datetime.datetime(2022, 1, 1), {1, 2}, b"bytes", {"deep": [object()]}, {("a", "b"): 1}],
)
def test_a_context_that_is_no_json_names_the_state(value: Any) -> None:
    with pytest.raises(ValidationError, match='context of <Failed: "boom">'):
        dump_state(Failed("boom", context={"a": value}))
    with pytest.raises(ValidationError, match="cached_parameters of <Cached>"):
        dump_state(Cached(cached_parameters={"a": value}))


def test_a_context_that_contains_itself_is_refused() -> None:
    state = Failed("boom")
    state.context["self"] = state.context
    with pytest.raises(ValidationError, match="contains itself"):
        dump_state(state)


@pytest.mark.parametrize("state", [Success("half \ud800 a pair"), Success(context={"large": 2**70})])
def test_what_utf_8_or_64_bits_cannot_hold_is_escaped(state: State) -> None:
    assert json.loads(encode_state(state)) == dump_state(state)


def test_messages_become_text() -> None:
    assert dump_state(Failed(message=ValueError("x")))["message"] == "x"  # type: ignore[arg-type]


def test_a_subclass_is_written_as_what_it_extends() -> None:
    class Weak(Success):
        pass

    class WeakPlace(LocalResult):
        pass

    dumped = dump_state(Weak("m", result=WeakPlace(dir="/x", validate_dir=False, location="y")))
    assert dumped["type"] == "Success"
    assert dumped["_result"] == {"type": "CustomResult", "location": "y", "__version__": VERSION}
    for state in (State(), 5, None):
        with pytest.raises(ValidationError, match="Unsupported object type"):
            dump_state(state)  # type: ignore[arg-type]


def test_a_callable_location_is_no_location_yet() -> None:
    dumped = dump_state(Success(result=Result(location=lambda **kwargs: "x")))
    assert dumped["_result"]["location"] is None


def test_plain_values_among_cached_inputs_count_as_results() -> None:
    dumped = dump_state(Success(cached_inputs={"x": 5, "y": None}))  # type: ignore[dict-item]
    assert [dumped["cached_inputs"][name]["type"] for name in "xy"] == ["Result", "NoResultType"]


def test_the_schema_takes_many() -> None:
    dumped = StateSchema(many=True).dump([Success(), Pending()])
    assert [state["type"] for state in dumped] == ["Success", "Pending"]
    assert StateSchema().load(dumped, many=True) == [Success(), Pending()]


def test_the_version_is_ours_again_afterwards() -> None:
    with pytest.raises(ValidationError), versioned.written_as("1.4.1"):
        load_state({})
    assert dump_state(Success())["__version__"] == VERSION


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=3)
times = st.datetimes(
    min_value=datetime.datetime(1970, 1, 1),
    max_value=datetime.datetime(2200, 1, 1),
    timezones=st.sampled_from([pendulum.timezone("UTC"), pendulum.timezone("Asia/Kolkata"), datetime.UTC]),
)
results = st.one_of(
    st.just(NoResult),
    st.builds(Result, location=st.none() | st.text()),
    st.builds(PrefectResult, location=st.none() | st.text()),
    st.builds(S3Result, bucket=st.text(min_size=1), location=st.none() | st.text()),
    st.builds(LocalResult, dir=st.just("/somewhere"), location=st.none() | st.text()),
)
shared: dict[str, Any] = {
    "message": st.none() | st.text(),
    "result": results,
    "context": json_objects,
    "cached_inputs": st.dictionaries(st.text(), results, max_size=2),
}
plain_states = st.one_of(
    [st.builds(WIRE_STATES[name], **shared) for name in PLAIN if name not in ("Mapped", "Cached", "Looped")]
)
states = st.one_of(
    plain_states,
    st.builds(Scheduled, start_time=times, **shared),
    st.builds(Paused, start_time=st.none() | times, **shared),
    st.builds(Retrying, start_time=times, run_count=st.integers(0, 10**6), **shared),
    st.builds(Looped, loop_count=st.integers(0, 10**6), **shared),
    st.builds(Mapped, n_map_states=st.integers(0, 50), **{**shared, "result": st.none()}),
    st.builds(
        Cached,
        cached_parameters=st.none() | json_objects,
        hashed_inputs=st.none() | st.dictionaries(st.text(), st.text(), max_size=2),
        cached_result_expiration=st.none() | times,
        **shared,
    ),
    st.builds(Submitted, state=plain_states, **shared),
    st.builds(Queued, state=plain_states, start_time=times, **shared),
)


@settings(max_examples=150, deadline=None)
@given(state=states)
def test_a_round_trip_loses_nothing_but_the_value(state: State) -> None:
    dumped = dump_state(state)
    loaded = load_state(dumped)
    assert type(loaded) is type(state)
    assert dump_state(loaded) == dumped
    assert (loaded.message, loaded.context) == (state.message, state.context)
    assert json.loads(json.dumps(dumped, allow_nan=False)) == dumped
    assert json.loads(encode_state(state)) == dumped


def cost(function: Callable[[], object]) -> float:
    """The CPU microseconds of one call, the best of several rounds."""
    rounds = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(500):
            function()
        rounds.append((time.process_time() - start) / 500 * 1e6)
    return min(rounds)


@pytest.mark.parametrize("state", [Success("Task run succeeded."), Running("Starting task run.")])
def test_states_are_written_and_read_in_microseconds(state: State) -> None:
    dumped = dump_state(state)
    assert cost(lambda: StateSchema().dump(state)) < 5
    assert cost(lambda: StateSchema().load(dumped)) < 10
