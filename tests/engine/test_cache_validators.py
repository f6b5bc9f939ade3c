from collections.abc import Callable
from typing import Any

import pendulum
import pytest

from prefect.engine.cache_validators import (
    all_inputs,
    all_parameters,
    duration_only,
    never_use,
    partial_inputs_only,
    partial_parameters_only,
)
from prefect.engine.result.base import Result
from prefect.engine.state import Cached
from prefect.utilities.tokens import token

Validator = Callable[[Any, Any, Any], bool]

LATER = pendulum.now("utc").add(hours=1)
EARLIER = pendulum.now("utc").subtract(hours=1)
INPUTS = {"a": Result(1), "b": Result(2)}


def cached(inputs: Any = None, parameters: Any = None, expiration: Any = LATER) -> Cached:
    return Cached(cached_result_expiration=expiration, cached_inputs=inputs, cached_parameters=parameters)


def hashed(inputs: dict[str, Result], parameters: Any = None, expiration: Any = LATER) -> Cached:
    """What our own runs write: the inputs as tokens."""
    tokens = {name: token(result.value) for name, result in inputs.items()}
    return Cached(cached_result_expiration=expiration, hashed_inputs=tokens, cached_parameters=parameters)


VALIDATORS: list[Validator] = [
    never_use,
    duration_only,
    all_inputs,
    all_parameters,
    partial_inputs_only(),
    partial_inputs_only(["a"]),
    partial_parameters_only(),
    partial_parameters_only(["p"]),
]


@pytest.mark.parametrize("validator", VALIDATORS, ids=lambda v: v.__name__)
def test_nothing_expired_is_used(validator: Validator) -> None:
    state = cached(INPUTS, {"p": 1}, EARLIER)
    assert not validator(state, {"a": 1, "b": 2}, {"p": 1})


@pytest.mark.parametrize("expiration", [LATER, None])
@pytest.mark.parametrize("validator", VALIDATORS[1:], ids=lambda v: v.__name__)
@pytest.mark.parametrize("remembering", [cached, hashed])
def test_the_same_inputs_and_parameters_are_used(validator: Validator, expiration: Any, remembering: Any) -> None:
    state = remembering(INPUTS, {"p": 1, "q": 2}, expiration)
    assert validator(state, {"a": 1, "b": 2}, {"p": 1, "q": 2})
    assert not never_use(state, {"a": 1, "b": 2}, {"p": 1, "q": 2})


@pytest.mark.parametrize(
    ("validator", "inputs", "parameters", "used"),
    [
        (duration_only, {"a": 9}, {"p": 9}, True),
        (all_inputs, {"a": 1, "b": 3}, {"p": 1}, False),
        (all_inputs, {"a": 1}, {"p": 1}, False),
        (all_inputs, None, None, False),
        (all_parameters, {}, {"p": 1}, True),
        (all_parameters, {}, {"p": 2}, False),
        (all_parameters, None, None, False),
        (partial_inputs_only(), {"a": 9}, {}, True),
        (partial_inputs_only(["a"]), {"a": 1, "b": 9}, {}, True),
        (partial_inputs_only("a"), {"a": 1, "b": 9}, {}, True),
        (partial_inputs_only(["a"]), {"a": 2}, {}, False),
        (partial_inputs_only(["a"]), None, None, False),
        (partial_inputs_only(["unknown"]), {"a": 9}, {}, True),
        (partial_parameters_only(), {}, {"p": 9}, True),
        (partial_parameters_only(["p"]), {}, {"p": 1, "q": 9}, True),
        (partial_parameters_only(["p"]), {}, {"p": 9}, False),
        (partial_parameters_only(["p"]), {}, None, False),
        (partial_parameters_only(["unknown"]), {}, {"p": 9}, True),
    ],
)
@pytest.mark.parametrize("remembering", [cached, hashed])
def test_what_changed_decides(validator: Validator, inputs: Any, parameters: Any, used: bool, remembering: Any) -> None:
    assert validator(remembering(INPUTS, {"p": 1}), inputs, parameters) is used


def test_tokens_count_before_values() -> None:
    state = Cached(cached_inputs={"a": Result(5)}, hashed_inputs={"a": token(1)}, cached_result_expiration=LATER)
    assert all_inputs(state, {"a": 1}, {})
    assert not all_inputs(state, {"a": 5}, {})


def test_a_state_that_remembers_nothing() -> None:
    assert all_inputs(cached(), {}, {})
    assert not all_parameters(cached(), {}, {})
    assert partial_inputs_only(["a"])(cached(), {}, {})
    assert not partial_inputs_only(["a"])(cached(), {"a": 1}, {})
