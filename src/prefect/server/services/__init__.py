"""What has to be done without anybody asking: one module for each, every one in bounded steps.

`registry.py` lists what the server does; `runner.py` does it, in threads that live and end with the server.
"""

from prefect.server.services.dead_runs import rescue_dead_runs
from prefect.server.services.deletion import remove_deleted_runs
from prefect.server.services.log_words import index_log_words
from prefect.server.services.retention import apply_retention, forget_audit, forget_messages
from prefect.server.services.service import tell, tell_what_is_left

__all__ = [
    "apply_retention",
    "forget_audit",
    "forget_messages",
    "index_log_words",
    "remove_deleted_runs",
    "rescue_dead_runs",
    "tell",
    "tell_what_is_left",
]
