"""The 1.x path of what runs tasks: time limits, heartbeats, mapping helpers, tail recursion.

The time limits live in `prefect.utilities.timeouts`, the rules of mapping in `prefect.engine.mapping`.
"""

import logging
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from prefect.configuration import config, to_environment_variables
from prefect.exceptions import ClientError, PrefectSignal, TaskTimeoutSignal
from prefect.utilities.logging import get_logger
from prefect.utilities.processes import is_alive, this_host
from prefect.utilities.timeouts import (
    multiprocessing_safe_run_and_retrieve,
    run_task_with_timeout,
    run_with_multiprocess_timeout,
    run_with_thread_timeout,
)

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.core.edge import Edge
    from prefect.core.task import Task
    from prefect.engine.state import State
    from prefect.executors.base import Executor

__all__ = [
    "HeartbeatThread",
    "PrefectSignal",
    "RecursiveCall",
    "TaskTimeoutSignal",
    "flatten_mapped_children",
    "flatten_upstream_state",
    "log_heartbeat_failure",
    "multiprocessing_safe_run_and_retrieve",
    "no_heartbeat",
    "prepare_upstream_states_for_mapping",
    "run_task_with_timeout",
    "run_with_heartbeat",
    "run_with_multiprocess_timeout",
    "run_with_thread_timeout",
    "send_heartbeat",
    "subprocess_heartbeat",
    "tail_recursive",
    "threaded_heartbeat",
]


# What a heartbeat needs to know to reach the backend that this program uses.
HEARTBEAT_SETTINGS = (
    "backend",
    "cloud.api",
    "cloud.api_key",
    "cloud.endpoint",
    "cloud.heartbeat_interval",
    "cloud.tenant_id",
    "embedded.database",
    "server.endpoint",
)


# Heartbeats ----------------------------------------------------------------------------------------------------------


def run_with_heartbeat(runner_method: Callable[..., "State"]) -> Callable[..., "State"]:
    """A runner's method that tells the backend, as long as it runs, that the run is alive.

    The runner says with `_heartbeat()` whether to; where it does, the setting `cloud.heartbeat_mode` says how: by a
    "process" that runs `runner.heartbeat_cmd`, by a "thread", or "off".
    """

    @wraps(runner_method)
    def inner(self: Any, *args: Any, **kwargs: Any) -> "State":
        with heartbeat_of(self):
            return runner_method(self, *args, **kwargs)

    return inner


def heartbeat_of(
    runner: Any, mode: str | None = None, *, after: int = 0, holder: dict[str, Any] | None = None
) -> AbstractContextManager[None]:
    """What `run_with_heartbeat` puts around a method of this runner; `mode` in place of the setting.

    Args:
        runner: whose heart beats.
        mode: "process", "thread" or "off"; None is the setting's.
        after: seconds before the first beat.
        holder: the process that lives, where the thread is to say so; the command of a process says it itself.
    """
    if not runner._heartbeat():
        return no_heartbeat()
    mode = mode or config.cloud.heartbeat_mode
    if mode == "process":
        return subprocess_heartbeat(runner.heartbeat_cmd, runner.logger, after=after)
    if mode == "thread":
        return threaded_heartbeat(runner.flow_run_id, after=after, holder=holder)
    return no_heartbeat()


@contextmanager
def subprocess_heartbeat(heartbeat_cmd: list[str], logger: logging.Logger, *, after: int = 0) -> Iterator[None]:
    """While inside, a process runs `heartbeat_cmd` with this program's settings, once `after` seconds have passed.

    A heartbeat that cannot start, or died meanwhile, is logged as an error; the run goes on.
    """
    shell = shutil.which("sh") if after else None
    if shell is not None:
        # A shell waits: it costs next to nothing, and a thread of this process might wait for ever for a task that does
        # not let go of the interpreter.
        heartbeat_cmd = [shell, "-c", 'sleep "$0"; exec "$@"', str(after), *heartbeat_cmd]
    try:
        # A group of its own, so that Ctrl-C ends the run first, and its heartbeat after it.
        process = subprocess.Popen(heartbeat_cmd, env=_environment(), stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError:
        logger.exception("Heartbeat process failed to start.  This could result in a zombie run.")
        yield
        return
    try:
        yield
    finally:
        exit_code = process.poll()
        if exit_code is None:
            # The group: a shell may wait in it yet, for its `sleep`.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        elif exit_code != 0:
            logger.error("Heartbeat process died with exit code %s", exit_code)


def _environment() -> dict[str, str]:
    return {**os.environ, **to_environment_variables(config, include=HEARTBEAT_SETTINGS)}


@contextmanager
def threaded_heartbeat(
    flow_run_id: str, num: int | None = None, *, after: int = 0, holder: dict[str, Any] | None = None
) -> Iterator[None]:
    """While inside, a thread sends heartbeats of the flow run; at most `num` of them, from `after` seconds on.

    It sends none while a task keeps the interpreter to itself.
    """
    stop = threading.Event()
    thread = HeartbeatThread(stop, flow_run_id, num, after=after, holder=holder)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def no_heartbeat() -> Iterator[None]:
    """A heartbeat that does not beat."""
    yield


class HeartbeatThread(threading.Thread):
    """Sends a heartbeat every `cloud.heartbeat_interval` seconds, until told to stop or `num` are sent."""

    def __init__(
        self,
        stop_event: threading.Event,
        flow_run_id: str,
        num: int | None = None,
        *,
        after: int = 0,
        holder: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name=f"PrefectHeartbeat-{flow_run_id}", daemon=True)
        self.flow_run_id = flow_run_id
        self.num = num
        self.after = after
        self.holder = holder
        self.stop_event = stop_event

    def run(self) -> None:
        """The life of the thread."""
        if self.stop_event.wait(self.after):
            return
        from prefect.client.client import Client

        logger = get_logger("threaded_heartbeat")
        with log_heartbeat_failure(logger):
            client = Client()
            sent = 0
            while not self.stop_event.is_set():
                send_heartbeat(self.flow_run_id, client, logger, holder=self.holder)
                sent += 1
                if self.num is not None and sent >= self.num:
                    return
                self.stop_event.wait(float(config.cloud.heartbeat_interval))


@contextmanager
def log_heartbeat_failure(logger: logging.Logger) -> Iterator[None]:
    """Logs what ends a heartbeat that should go on; it is raised all the same."""
    try:
        yield
    except BaseException as error:
        logger.error("Heartbeat process encountered terminal exception: %r", error, exc_info=True)
        raise


def send_heartbeat(
    flow_run_id: str, client: "Client", logger: logging.Logger, *, holder: dict[str, Any] | None = None
) -> None:
    """Tells the backend once that the flow run is alive; a failure is logged, for the next beat may succeed.

    Where `holder`, the process that lives, is known, it speaks for that process alone.
    """
    try:
        client.update_flow_run_heartbeat(
            flow_run_id, interval_seconds=float(config.cloud.heartbeat_interval), holder=holder
        )
        logger.debug("Sent heartbeat of the flow run %s", flow_run_id)
    except Exception as error:
        logger.error("Failed to send heartbeat with exception: %r", error, exc_info=True)


# How often a heartbeat process looks whether the process is there that it speaks for. Whoever started that process sees
# its end too, and knows more about it: it has this long to tell.
LOOK_SECONDS = 2.0


def beat_for(
    flow_run_id: str,
    client: "Client",
    *,
    num: int | None = None,
    pid: int | None = None,
    started: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """The life of a heartbeat process: beats, `num` times or as long as the process of that id is there.

    When that process is gone the backend is told at once: a run without a process is not left to be found silent.
    """
    logger = get_logger("heartbeat")
    interval = float(config.cloud.heartbeat_interval)
    # As it is called now: a machine may get another name in another network.
    host = this_host()
    holder = None if pid is None else {"host": host, "pid": pid, "started": started}
    sent = 0
    while True:
        send_heartbeat(flow_run_id, client, logger, holder=holder)
        sent += 1
        if num is not None and sent >= num:
            return
        left = interval
        while left > 0:
            pause = min(left, LOOK_SECONDS)
            sleep(pause)
            left -= pause
            if pid is not None and not is_alive(pid, started):
                sleep(LOOK_SECONDS)
                _report_exit(flow_run_id, client, pid, logger, sleep)
                return


def _report_exit(
    flow_run_id: str, client: "Client", pid: int, logger: logging.Logger, sleep: Callable[[float], None]
) -> None:
    pause = 1.0
    # For a day: a backend that is away for longer has found the run silent when it is back.
    for _ in range(1500):
        try:
            client.report_process_exit(flow_run_id, host=this_host(), pid=pid)
            return
        except ClientError as error:
            if "report_flow_run_process_exit" in str(error):  # a server of 1.x finds it silent
                return
            logger.warning("The end of flow run %s could not be reported yet: %s", flow_run_id, error)
            sleep(pause)
            pause = min(60.0, pause * 2)


# Mapping -------------------------------------------------------------------------------------------------------------


def _warn_not_iterable(state: "State") -> None:
    get_logger("FlowRunner").warning(
        "`flatten` was used on upstream task that did not return an iterable. "
        "The value will be passed downstream unmodified."
    )


def prepare_upstream_states_for_mapping(
    state: "State",
    upstream_states: "dict[Edge, State]",
    mapped_children: "dict[Task, list[Any]]",
    executor: "Executor",
) -> "list[dict[Edge, Any]]":
    """What each child of a mapped task sees upstream: by edge, the child's own element or the whole upstream state.

    `mapped_children` are the children, states or futures, of the upstream tasks that were mapped themselves.
    """
    from prefect.engine import mapping
    from prefect.engine.state import Mapped

    if state.is_pending() or state.is_failed() or state.is_skipped():
        return []
    if not isinstance(state, Mapped):
        state = Mapped()
    children = {
        edge: mapped_children[edge.upstream_task] for edge in upstream_states if edge.upstream_task in mapped_children
    }

    def flatten(upstream: "State", futures: Any) -> "list[State]":
        states = None if futures is None else executor.wait(list(futures))
        return mapping.flatten_upstream(upstream, states, _warn_not_iterable)

    return mapping.child_upstream_states(state, upstream_states, children, flatten)


def flatten_mapped_children(mapped_children: "list[State]", executor: "Executor") -> "list[State]":
    """One state for each element of each child's value, in order; children may be futures of `executor`."""
    from prefect.engine import mapping

    return mapping.flatten_states(executor.wait(list(mapped_children)), _warn_not_iterable)


def flatten_upstream_state(upstream_state: "State") -> "State":
    """A state like this one whose value is flattened by one level; the same state where the value has no two levels."""
    from prefect.engine import mapping
    from prefect.engine.state import Mapped

    value = upstream_state.result
    if isinstance(upstream_state, Mapped) or not mapping.is_mappable(upstream_state):
        return upstream_state
    if not all(hasattr(item, "__iter__") for item in value):
        return upstream_state
    return mapping.flatten_result(upstream_state, None, _warn_not_iterable)


# Tail recursion ------------------------------------------------------------------------------------------------------


class RecursiveCall(Exception):
    """Raised inside a function wrapped by `tail_recursive`, to go on with `func(*args, **kwargs)` on the same stack."""

    def __init__(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.func = func
        self.args = args
        self.kwargs = kwargs


def tail_recursive(func: Callable[..., Any]) -> Callable[..., Any]:
    """`func`, which may raise `RecursiveCall(func, ...)` as its last act instead of calling itself.

    Such calls do not nest, so their number is not limited. Any wrapped function can be gone on with; one that is not
    wrapped is a `RecursionError`.
    """

    @wraps(func)
    def inner(*args: Any, **kwargs: Any) -> Any:
        next_function = func
        while True:
            try:
                return next_function(*args, **kwargs)
            except RecursiveCall as call:
                wrapped = getattr(call.func, "__wrapped_func__", None)
                if wrapped is None:
                    raise RecursionError(
                        f"function has not been wrapped to provide tail recursion (func={call.func!r})"
                    ) from None
                next_function, args, kwargs = wrapped, call.args, call.kwargs

    inner.__wrapped_func__ = func  # type: ignore[attr-defined]
    return inner
