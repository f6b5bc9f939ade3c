"""States, raised."""

import pickle

import cloudpickle
import pytest

from prefect.engine import signals, state
from prefect.engine.signals import PrefectStateSignal

PAIRS: list[tuple[type[PrefectStateSignal], type[state.State]]] = [
    (signals.FAIL, state.Failed),
    (signals.TRIGGERFAIL, state.TriggerFailed),
    (signals.VALIDATIONFAIL, state.ValidationFailed),
    (signals.SUCCESS, state.Success),
    (signals.RETRY, state.Retrying),
    (signals.SKIP, state.Skipped),
    (signals.PAUSE, state.Paused),
    (signals.LOOP, state.Looped),
]


@pytest.mark.parametrize(("signal", "kind"), PAIRS)
def test_a_signal_carries_its_state(signal: type[PrefectStateSignal], kind: type[state.State]) -> None:
    raised = signal("why", result=3)
    assert type(raised.state) is kind
    assert raised.state.message == "why"
    assert raised.state.result == 3
    assert str(raised) == "why"
    assert signals.signal_from_state(kind()) is signal


@pytest.mark.parametrize(("signal", "kind"), PAIRS)
def test_a_signal_survives_pickling(signal: type[PrefectStateSignal], kind: type[state.State]) -> None:
    for pickler in (pickle, cloudpickle):
        back = pickle.loads(pickler.dumps(signal("why", result=3)))
        assert (type(back), back.args, type(back.state), back.state.result) == (signal, ("why",), kind, 3)


def test_without_a_result_the_state_holds_the_signal_itself() -> None:
    failed = signals.FAIL("why")
    assert failed.state.result is failed
    assert signals.LOOP("again").state.result == "LOOP('again')"
    back = pickle.loads(pickle.dumps(failed))
    assert back.state.result is back


def test_a_signal_is_no_exception() -> None:
    assert not issubclass(PrefectStateSignal, Exception)


def test_states_that_no_signal_stands_for() -> None:
    with pytest.raises(ValueError, match="No signal matches the provided state: <Running>"):
        signals.signal_from_state(state.Running())


def test_endrun_carries_a_state_through_pickling() -> None:
    back = pickle.loads(pickle.dumps(signals.ENDRUN(state.Failed("q"))))
    assert back.state == state.Failed("q")
