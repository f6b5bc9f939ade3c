"""What hooks tell other machines, from one thread, after the transaction that it tells of."""

from __future__ import annotations

import atexit
import http.client
import logging
import os
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prefect.server.operations.hooks import Notification

# Nobody waits for an answer, so slow addresses only hold up each other.
TIMEOUT_SECONDS: Final = 10
# More than this are not kept while an address is slow; the newest are dropped.
MOST_WAITING: Final = 1000

_logger = logging.getLogger("prefect.server.hooks")


def post(address: str, body: bytes) -> None:
    """Send JSON to an address; redirections are not followed, and what it answers is not read."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
    with _opener.open(request, timeout=TIMEOUT_SECONDS):
        pass


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirection)


class Delivery:
    """Tells notifications to their addresses, in order; once each, and those that cannot be told are logged.

    The process may end before all are told: hooks are for convenience, and what happened is in the database.
    """

    def __init__(self, send: Callable[[str, bytes], None] = post) -> None:
        self._send = send
        self._start_process()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start_process)

    def _start_process(self) -> None:
        self._waiting: queue.Queue[Notification] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def deliver(self, notifications: Iterable[Notification]) -> None:
        """Take what is to be told; returns at once."""
        for notification in notifications:
            try:
                self._waiting.put_nowait(notification)
            except queue.Full:
                _logger.warning("The hook %s was not told: %d others wait.", notification.hook_id, MOST_WAITING)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="prefect-hooks", daemon=True)
                self._thread.start()
                # What a run's end sets off would otherwise end with the process of the run.
                atexit.unregister(self.wait)
                atexit.register(self.wait)

    def wait(self, seconds: float = TIMEOUT_SECONDS) -> bool:
        """Until everything that was taken has been told, or given up; False where the time did not suffice."""
        waiting = self._waiting
        with waiting.all_tasks_done:
            return waiting.all_tasks_done.wait_for(lambda: waiting.unfinished_tasks == 0, seconds)

    def _work(self) -> None:
        while True:
            notification = self._waiting.get()
            try:
                self._send(notification.address, notification.body)
            except (OSError, ValueError, http.client.HTTPException) as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                # The address may hold a token: it is not logged.
                _logger.warning("The hook %s could not be told: %s", notification.hook_id, type(error).__name__)
            finally:
                self._waiting.task_done()


DELIVERY: Final = Delivery()
