import json
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from prefect import triggers
from prefect.engine import signals, state
from prefect.engine.state import Mapped, State
from prefect.utilities.context import context

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "triggers.json").read_text())


def upstream(case: str) -> dict[Any, State]:
    """The states of one case, each under a key of its own: a list stands for a mapped task's children."""

    def make(name: str) -> State:
        made: State = getattr(state, name)()
        return made

    states: list[State] = []
    for entry in TABLE["upstream"][case]:
        if isinstance(entry, str):
            states.append(make(entry))
        elif None in entry:
            states.append(Mapped(n_map_states=len(entry)))
        else:
            states.append(Mapped(map_states=[make(name) for name in entry]))
    return dict(enumerate(states))


def trigger_of(answers: dict[str, Any]) -> triggers.Trigger:
    trigger: triggers.Trigger = getattr(triggers, answers["trigger"])
    if answers["trigger"].startswith("some_"):
        trigger = getattr(triggers, answers["trigger"])(**answers.get("arguments", {}))
    return trigger


@pytest.mark.parametrize("answers", TABLE["answers"], ids=lambda a: f"{a['trigger']} {a.get('arguments', '')}")
def test_every_trigger_for_every_kind_of_upstream(answers: dict[str, Any]) -> None:
    trigger = trigger_of(answers)
    for case in answers["runs"]:
        assert trigger(upstream(case)) is True
    for refusal in answers["refusals"]:
        for case in refusal["cases"]:
            with pytest.raises(getattr(signals, refusal["signal"])) as raised:
                trigger(upstream(case))
            assert str(raised.value) == refusal["message"]
    assert len(answers["runs"]) + sum(len(r["cases"]) for r in answers["refusals"]) == len(TABLE["upstream"])


def test_a_resumed_task_runs_although_manual() -> None:
    with context(resume=True):
        assert triggers.manual_only({}) is True


def test_a_skip_has_no_result() -> None:
    with pytest.raises(signals.SKIP) as raised:
        triggers.not_all_skipped({0: state.Skipped()})
    assert raised.value.state.result is None


def test_names_on_the_wire() -> None:
    assert triggers.always_run is triggers.all_finished
    made = triggers.some_failed(at_least=1)
    assert f"{made.__module__}.{made.__qualname__}" == "prefect.triggers.some_failed.<locals>._some_failed"


def test_a_made_trigger_can_be_pickled() -> None:
    made = cloudpickle.loads(cloudpickle.dumps(triggers.some_successful(at_least=0.5)))
    assert made({0: state.Success()}) is True
    with pytest.raises(signals.TRIGGERFAIL):
        made({0: state.Failed()})
