"""State handlers made from plain callbacks."""

from typing import Any

import pytest

from prefect.core.callbacks import callback_factory, checked_state_handlers, failure_handler
from prefect.engine.state import Failed, Success, TriggerFailed
from prefect.utilities import notifications


def test_the_callback_is_called_where_the_check_holds() -> None:
    seen: list[Any] = []
    handler = callback_factory(lambda *args: seen.append(args), check=lambda state: state.is_successful())
    success, failed = Success(), Failed()
    assert handler("object", failed, success) is success
    assert handler("object", success, failed) is failed
    assert seen == [("object", success)]
    assert notifications.callback_factory is callback_factory


def test_on_failure_fires_for_every_kind_of_failure() -> None:
    seen: list[Any] = []
    handler = failure_handler(lambda obj, state: seen.append(state))
    states = [Failed(), TriggerFailed(), Success()]
    for state in states:
        handler(None, Success(), state)
    assert seen == states[:2]


def test_handlers_are_a_list_of_their_own() -> None:
    given = [print]
    checked = checked_state_handlers(given)
    checked.append(len)
    assert given == [print]
    assert checked_state_handlers(None) == []
    with pytest.raises(TypeError, match="state_handlers should be iterable"):
        checked_state_handlers(print)
