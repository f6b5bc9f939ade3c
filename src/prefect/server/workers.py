"""Several processes that do the same work: begun, replaced when they die, and told to stop.

The one that watches over them does nothing else: it opens no database and answers no request, so that nothing that
goes wrong with either can end it.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Final

# Who dies sooner than this after its beginning is given a moment before it begins again, longer each time.
SOON_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 5.0
# When nobody lives long enough any more, something is wrong that no beginning mends.
MOST_EARLY_DEATHS: Final = 5
# Beyond what a worker takes for answers that are on their way; who is left then is killed.
PATIENCE_SECONDS: Final = 20.0
_WATCHED: Final = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG: Final = 1

_logger = logging.getLogger("prefect.server.workers")


class Crew:
    """Workers, each a child of this process.

    Args:
        count: how many.
        work: what each does, with its number and whether another one of that number was before it; when it returns the
            worker has ended in order.
        clock: seconds; tests bring their own.
    """

    def __init__(
        self, count: int, work: Callable[[int, bool], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count = count
        self.work = work
        self.clock = clock
        # By process: the worker's number and when it began.
        self._running: dict[int, tuple[int, float]] = {}
        # By number: when a worker that has died shall begin again.
        self._resting: dict[int, float] = {}
        self._begun: set[int] = set()
        self._early_deaths = 0
        self._stop_until: float | None = None
        self._code = 0

    def run(self) -> int:
        """Watch over the workers until told to stop (SIGINT, SIGTERM); 0 where all have ended in order."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            for number in range(self.count):
                self._begin(number, before)
            while self._running or self._resting:
                self._wait()
                self._bury()
                self._go_on(before)
            return self._code
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _begin(self, number: int, mask: set[signal.Signals] | set[int]) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if process:
            self._running[process] = (number, self.clock())
            if number in self._begun:
                _logger.info("Worker %d has begun again as process %d.", number, process)
            self._begun.add(number)
            return
        code = 1
        try:
            _end_with(parent)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.work(number, number in self._begun)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 - the exit code tells of it, and the log why
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _wait(self) -> None:
        ends = list(self._resting.values())
        if self._stop_until is not None:
            ends.append(self._stop_until)
        if ends:
            told = signal.sigtimedwait(_WATCHED, max(0.01, min(ends) - self.clock()))
        else:
            told = signal.sigwaitinfo(_WATCHED)
        if told is not None and told.si_signo in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._stop(told.si_signo)

    def _stop(self, number: int) -> None:
        # Ctrl-C reaches the workers by itself where they share our terminal; told twice they end at once.
        told = signal.SIGTERM
        if self._stop_until is not None:
            told = signal.SIGKILL if number == signal.SIGINT else signal.SIGTERM
        else:
            self._stop_until = self.clock() + PATIENCE_SECONDS
        self._resting.clear()
        for process in self._running:
            os.kill(process, told)

    def _bury(self) -> None:
        for process in list(self._running):
            ended, status = os.waitpid(process, os.WNOHANG)
            if not ended:
                continue
            number, began = self._running.pop(process)
            code = os.waitstatus_to_exitcode(status)
            if self._stop_until is not None:
                self._code = self._code or (0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else 1)
                continue
            early = self.clock() - began < SOON_SECONDS
            self._early_deaths = self._early_deaths + 1 if early else 0
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            _logger.error("Worker %d (process %d) %s.", number, process, how)
            if self._early_deaths >= MOST_EARLY_DEATHS * self.count:
                _logger.critical("No worker lives for longer than a moment; the server ends. The log above says why.")
                self._code = 1
                self._stop(signal.SIGTERM)
                continue
            pause = min(LONGEST_PAUSE_SECONDS, 0.1 * 2.0 ** (self._early_deaths - 1)) if early else 0.0
            self._resting[number] = self.clock() + pause

    def _go_on(self, mask: set[signal.Signals] | set[int]) -> None:
        now = self.clock()
        if self._stop_until is not None and now >= self._stop_until:
            _logger.error("Workers that did not end within %d seconds are killed.", PATIENCE_SECONDS)
            for process in self._running:
                os.kill(process, signal.SIGKILL)
            self._stop_until = now + PATIENCE_SECONDS
            self._code = 1
        for number in [number for number, due in self._resting.items() if due <= now]:
            del self._resting[number]
            self._begin(number, mask)


def _end_with(parent: int) -> None:
    """Have the system end this process in order when its parent is gone, however that came."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):  # another C library
        return
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
