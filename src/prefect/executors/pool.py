"""Runs calls in a pool of threads or processes, each as soon as its inputs exist.

What is furthest down the flow goes first, so that branches of a map finish before others begin. There is one thread for
each place in the pool: it runs calls itself, or hands them to a process and waits. A process that dies takes only its
call with it, which is run again in a new pool.
"""

import heapq
import logging
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from concurrent.futures import Executor as Pool
from typing import Any

import cloudpickle

# How often one call may lose the process that runs it; a call that kills its process each time must come to an end.
TRIES = 4

Runner = Callable[[Callable[..., Any], Sequence[Any]], Any]


class _Work:
    """One call: what it waits for, who waits for it, and what came of it."""

    __slots__ = ("call", "depth", "error", "is_over", "key", "missing", "needs", "next", "value")

    def __init__(self, key: str, call: Callable[..., Any], needs: "list[_Work]") -> None:
        self.key = key
        self.call = call
        self.needs = needs
        self.next: list[_Work] = []
        self.depth: int = 1 + max((each.depth for each in needs), default=-1)
        self.missing = 0
        self.is_over = False
        self.value: Any = None
        self.error: BaseException | None = None


class _Waiter:
    """Somebody who waits for some works: woken by the last of them, or by the first that fails."""

    __slots__ = ("keys", "woken")

    def __init__(self, keys: set[str]) -> None:
        self.keys = keys
        self.woken = threading.Event()


class PoolScheduler:
    """Runs what is added to it in `size` threads, each call with the values of the calls that it needs.

    Args:
        size: how many calls run at once.
        run: how a thread runs a call with its values; it calls it, unless told otherwise.
        name: what the threads are called.
    """

    def __init__(self, size: int, run: Runner | None = None, name: str = "prefect") -> None:
        self.size = size
        self._run: Runner = run if run is not None else _call
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._works: dict[str, _Work] = {}
        self._ready: list[tuple[int, int, _Work]] = []
        self._count = 0
        self._active = 0
        self._stopped = False
        self._waiters: list[_Waiter] = []

    def add(self, key: str, call: Callable[..., Any], needs: Iterable[str]) -> None:
        """Run `call(*values)` once the calls named by `needs` have their values."""
        with self._lock:
            work = self._works[key] = _Work(key, call, [self._works[each] for each in needs])
            for each in work.needs:
                if each.error is not None:
                    self._end(work, error=each.error)
                elif not each.is_over:
                    each.next.append(work)
                    work.missing += 1
            if work.missing == 0 and not work.is_over:
                self._make_ready(work)
                self._hire()

    def wait(self, keys: Sequence[str]) -> list[Any]:
        """The values of these calls; raises the error of the first of them that fails."""
        with self._lock:
            works = [self._works[key] for key in keys]
            waiter = _Waiter({work.key for work in works if not work.is_over})
            if not waiter.keys or any(work.error is not None for work in works):
                waiter.woken.set()
            else:
                self._waiters.append(waiter)
        try:
            waiter.woken.wait()
        finally:
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        for work in works:
            if work.error is not None:
                raise work.error
        return [work.value for work in works]

    def stop(self) -> None:
        """Start nothing more, and wait for what runs."""
        with self._lock:
            self._stopped = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    # --- only under the lock ------------------------------------------------------------------------------------------

    def _make_ready(self, work: _Work) -> None:
        self._count += 1
        heapq.heappush(self._ready, (-work.depth, self._count, work))

    def _hire(self) -> None:
        """As many threads as there is work for."""
        for _ in range(0 if self._stopped else min(self.size - self._active, len(self._ready))):
            self._active += 1
            self._threads.submit(self._work)

    def _end(self, work: _Work, value: Any = None, error: BaseException | None = None) -> None:
        """Note what came of a call; where it failed, so did all that needs it."""
        work.value = value
        ended = [work]
        while ended:
            each = ended.pop()
            each.is_over, each.error = True, error
            for waiter in self._waiters:
                if each.key in waiter.keys:
                    waiter.keys.discard(each.key)
                    if error is not None or not waiter.keys:
                        waiter.woken.set()
            for following in each.next:
                following.missing -= 1
                if error is not None and not following.is_over:
                    ended.append(following)
                elif following.missing == 0 and not following.is_over:
                    self._make_ready(following)
            # Nothing holds on to calls and inputs that are done with.
            each.next, each.needs = [], []

    # --- in the threads -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        work: _Work | None = None
        value, error = None, None
        while True:
            with self._lock:
                if work is not None:
                    self._end(work, value, error)
                if self._stopped or not self._ready:
                    self._active -= 1
                    return
                work = heapq.heappop(self._ready)[-1]
                values = [each.value for each in work.needs]
                self._hire()
            value, error = None, None
            try:
                value = self._run(work.call, values)
            except BaseException as raised:  # noqa: BLE001 - it is raised where one waits for this call
                error = raised


def _call(call: Callable[..., Any], values: Sequence[Any]) -> Any:
    return call(*values)


class InProcesses:
    """Runs each call in another process: every thread of the scheduler has one of its own.

    A process that dies takes one call with it, and no other; that call is run again in a new one.
    """

    def __init__(self, make_pool: Callable[[], Pool], logger: logging.Logger) -> None:
        self._make_pool = make_pool
        self._logger = logger
        self._lock = threading.Lock()
        self._pools: dict[int, Pool] = {}  # by thread

    def __call__(self, call: Callable[..., Any], values: Sequence[Any]) -> Any:
        payload = cloudpickle.dumps((call, list(values)))
        tries = 1
        while True:
            pool = self._pool_of_this_thread()
            try:
                return run_pickled_in(pool, payload)
            except BrokenExecutor:
                self._forget(pool)
                if tries == TRIES:
                    raise
            tries += 1
            self._logger.warning("A worker process was lost; what it ran is run again (try %d of %d).", tries, TRIES)

    def _pool_of_this_thread(self) -> Pool:
        thread = threading.get_ident()
        with self._lock:
            pool = self._pools.get(thread)
            if pool is None:
                pool = self._pools[thread] = self._make_pool()
        return pool

    def _forget(self, pool: Pool) -> None:
        pool.shutdown(wait=False)
        with self._lock:
            self._pools = {thread: each for thread, each in self._pools.items() if each is not pool}

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            pools, self._pools = [*self._pools.values()], {}
        for pool in pools:
            pool.shutdown(wait=True, cancel_futures=True)


def run_pickled_in(pool: Pool, payload: bytes) -> Any:
    """The value of a pickled call, run in a process of the pool; its error, with the place where it came up there."""
    succeeded, answer, place = pool.submit(run_pickled, payload).result()
    outcome = cloudpickle.loads(answer)
    if succeeded:
        return outcome
    if place:
        outcome.add_note(place)
    raise outcome


def run_pickled(payload: bytes) -> tuple[bool, bytes, str]:
    """What came of a pickled call, pickled: whether it succeeded, its value or error, and the error's traceback."""
    try:
        call, values = cloudpickle.loads(payload)
        return True, cloudpickle.dumps(call(*values)), ""
    except BaseException as error:  # noqa: BLE001 - it is raised again in the process that waits
        place = traceback.format_exc()
        try:
            return False, cloudpickle.dumps(error), place
        except Exception:  # noqa: BLE001 - an error that cannot be pickled is told in words
            return False, cloudpickle.dumps(RuntimeError(repr(error))), place
