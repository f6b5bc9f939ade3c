"""Groups of states follow from the classes."""

from prefect.engine import state as home
from prefect.server import states


def test_groups_are_what_the_predicates_say() -> None:
    for name in states.EVERY:
        instance = getattr(home, name)()
        assert (name in states.PENDING) == instance.is_pending()
        assert (name in states.RUNNING) == instance.is_running()
        assert (name in states.FINISHED) == instance.is_finished()
        assert (name in states.FAILED) == instance.is_failed()
        assert (name in states.SUCCESSFUL) == instance.is_successful()


def test_closed_and_unfinished_share_nothing_and_cover_what_is_stored() -> None:
    assert not states.CLOSED & states.UNFINISHED
    assert {"State", "_MetaState", "ClientFailed"} == states.EVERY - states.CLOSED - states.UNFINISHED


def test_end_times_are_set_as_in_1_x() -> None:
    assert {"Finished", "TriggerFailed", "ValidationFailed", "Mapped", "Skipped"} == states.FINISHED - states.ENDS
    assert states.ENDS <= states.FINISHED
    assert {"Running"} == states.STARTS


def test_labels_name_families() -> None:
    assert states.label(states.FAILED) == "Failed family"
    assert states.label(frozenset({"Success", "Running"})) == "Running, Success"
