from typing import Any

from prefect.engine.state import Failed, State, Success
from prefect.utilities.notifications import callback_factory


def test_the_callback_hears_of_the_states_it_asks_for() -> None:
    heard: list[tuple[Any, State]] = []
    handler = callback_factory(lambda obj, state: heard.append((obj, state)), check=lambda state: state.is_failed())
    success, failed = Success(), Failed()
    assert handler("task", success, failed) is failed
    assert handler("task", failed, success) is success
    assert heard == [("task", failed)]


def test_what_the_callback_returns_changes_nothing() -> None:
    success = Success()
    assert callback_factory(lambda obj, state: Failed(), check=lambda state: True)("t", success, success) is success
