"""Which branch of a flow runs: `case`, `switch`, `ifelse`, `merge`, and filters."""

# Read here and not on first use: the module `case` would otherwise take the place of the class.
from prefect.tasks.control_flow.case import case
from prefect.tasks.control_flow.conditional import ifelse, merge, switch
from prefect.tasks.control_flow.filter import FilterTask

__all__ = ["FilterTask", "case", "ifelse", "merge", "switch"]
