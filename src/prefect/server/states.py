"""Groups of state names for rules and SQL, derived from the ancestry in engine/state.py.

The backend knows states by their names alone (`type` in their JSON); what a name means is asked of its class, here,
once.
"""

from __future__ import annotations

from prefect.engine import state as _home
from prefect.engine.state import State


def names(*classes: type[State]) -> frozenset[str]:
    """The names of these classes and of everything below them that engine/state.py defines."""
    return frozenset(
        name
        for name, value in vars(_home).items()
        if isinstance(value, type) and issubclass(value, classes) and value.__name__ == name
    )


def kinds_of(name: str) -> frozenset[str]:
    """The names of the states that a state of this name is one of, its own among them."""
    return frozenset(kind.__name__ for kind in getattr(_home, name).__mro__ if kind is not object)


EVERY = names(State)
PENDING = names(_home.Pending)
SCHEDULED = names(_home.Scheduled)
SUBMITTED = names(_home.Submitted)
QUEUED = names(_home.Queued)
RUNNING = names(_home.Running)
FINISHED = names(_home.Finished)
FAILED = names(_home.Failed)
SUCCESSFUL = names(_home.Success)

# Finished by ancestry, yet the run goes on: the next iteration comes, or the children do.
GOES_ON = names(_home.Looped, _home.Mapped)
# Left only by the named moves.
CLOSED = FINISHED - GOES_ON
UNFINISHED = EVERY - CLOSED - names(_home.ClientFailed) - {State.__name__, "_MetaState"}

# Which states set a run's start_time (the earliest) and end_time (the latest). No ancestry says it: 1.x gives no
# end_time to runs that ended without their own work having ended.
STARTS = frozenset({_home.Running.__name__})
ENDS = frozenset(
    kind.__name__ for kind in (_home.Success, _home.Failed, _home.Cached, _home.TimedOut, _home.Looped, _home.Cancelled)
)


def label(group: frozenset[str]) -> str:
    """A group as people say it: the fewest class names that, with what is below them, make it up; for docs."""
    left, said = set(group), []
    for name in sorted(group, key=lambda name: -len(names(getattr(_home, name)))):
        below = names(getattr(_home, name))
        if name in left and below <= group:
            said.append(f"{name} family" if len(below) > 1 else name)
            left -= below
    said.extend(sorted(left))
    return ", ".join(sorted(said))
