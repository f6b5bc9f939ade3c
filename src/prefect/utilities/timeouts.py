"""Run a function, and interrupt it when its time is up.

How depends on where one stands. In the main thread an alarm raises `TaskTimeoutSignal` inside the function. In another
thread nothing can do that to a function that waits in C code, so it runs in a process of its own, which is killed.
A daemonic process may start neither; there the function goes on in the background, and the signal says so.

What starts processes is loaded when the first one is started: most runs never need it.
"""

import contextlib
import functools
import logging
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

import cloudpickle

from prefect.configuration import config
from prefect.exceptions import TaskTimeoutSignal
from prefect.utilities import context as contexts
from prefect.utilities import masking
from prefect.utilities.awaiting import call

# How long an interrupted process may take to ship its last log lines before it is killed.
GRACE_SECONDS = 1.0

_INTERRUPTED_EXIT_CODE = 128 + signal.SIGTERM
_HAS_ALARM = hasattr(signal, "setitimer")
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class _Timed(Protocol):
    """What is asked of a task."""

    name: Any
    timeout: Any

    @property
    def run(self) -> Callable[..., Any]: ...


class _Queue(Protocol):
    def put(self, item: bytes, /) -> None: ...


def run_task_with_timeout(
    task: _Timed,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    logger: logging.Logger | None = None,
) -> Any:
    """What `task.run(*args, **kwargs)` returns; raises `TaskTimeoutSignal` after `task.timeout` seconds."""
    kwargs = kwargs or {}
    logger = logger or logging.getLogger("prefect")
    if task.timeout is None:
        return call(task.run, *args, **kwargs)
    function = functools.partial(call, task.run)
    name = f"Task '{contexts.context.get('task_full_name', task.name)}'"
    if _HAS_ALARM and threading.current_thread() is threading.main_thread():
        return run_with_thread_timeout(function, args, kwargs, task.timeout, logger, name)
    if not _is_daemonic():
        return run_with_multiprocess_timeout(function, args, kwargs, task.timeout, logger, name)
    logger.debug("%s: this daemonic process can stop waiting after %ss, but cannot interrupt", name, task.timeout)
    return _run_in_background(function, args, kwargs, task.timeout)


def run_with_thread_timeout(
    fn: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    logger: logging.Logger | None = None,
    name: str | None = None,
) -> Any:
    """What `fn` returns, called in this thread, which must be the main one; interrupted after `timeout` seconds."""
    kwargs = kwargs or {}
    if not timeout:
        return fn(*args, **kwargs)
    if logger is not None:
        logger.debug("%s: an alarm rings after %ss", name or _name_of(fn), timeout)
    with _alarm(timeout):
        return fn(*args, **kwargs)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raises `TaskTimeoutSignal` in the block after `seconds`; an alarm set before it rings in its own time."""
    inside = True

    def ring(number: int, frame: FrameType | None) -> None:
        if inside:
            raise TaskTimeoutSignal("Execution timed out.")

    previous_handler = signal.signal(signal.SIGALRM, ring)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        inside = False
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_handler if previous_handler is not None else signal.SIG_DFL)
        if remaining:
            # Zero would mean no alarm at all, so one that is overdue rings as soon as possible.
            signal.setitimer(signal.ITIMER_REAL, max(remaining - (seconds - left), 1e-6), interval)


def _is_daemonic() -> bool:
    """Whether this is a daemonic process, of which multiprocessing would know."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and bool(process.current_process().daemon)


def _run_in_background(fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], timeout: float) -> Any:
    """What `fn` returns, called in another thread; after `timeout` seconds one no longer waits for it."""
    inherited = contexts.snapshot()
    outcome: list[Any] = []

    def run() -> None:
        contexts.restore(inherited)
        try:
            outcome.append(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  raised in the waiting thread
            outcome.extend((None, error))

    thread = threading.Thread(target=run, name="prefect-timeout", daemon=True)
    thread.start()
    thread.join(timeout)
    if not outcome:
        raise TaskTimeoutSignal(
            "Execution timed out but was executed in a daemonic subprocess and will continue to run in the background."
        )
    if len(outcome) == 2:
        raise outcome[1]
    return outcome[0]


# In a process of its own ---------------------------------------------------------------------------------------------


def run_with_multiprocess_timeout(
    fn: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    logger: logging.Logger | None = None,
    name: str | None = None,
) -> Any:
    """What `fn` returns, called in a new process, which is killed with all its children after `timeout` seconds.

    The function, its arguments and what it returns must be picklable; what it raises is raised here. The process has
    the settings and the context of this thread. It does not import the program's main module, so a program needs no
    guard against being run twice.
    """
    kwargs = kwargs or {}
    if timeout is None:
        return fn(*args, **kwargs)
    import tempfile

    name = name or _name_of(fn)
    if logger is not None:
        logger.debug("%s: runs in a new process that is killed after %ss", name, timeout)
    call = {"fn": fn, "args": args, "kwargs": kwargs, "context": _picklable_context(), "name": name, "logger": logger}
    call["secrets"] = masking.known()
    with tempfile.TemporaryDirectory(prefix="prefect-") as directory:
        _write(directory, _ORDER, pickle.dumps((sys.path, config.to_dict(), cloudpickle.dumps(call))))
        exit_code = _run_child(directory, timeout)
        for secret in _read_secrets(directory):
            masking.remember(secret)
        answer = _read_answer(directory)
    if exit_code is None:
        raise TaskTimeoutSignal(f"Execution timed out for {name}.")
    if answer is None:
        raise RuntimeError(f"{name}: its process ended with exit code {exit_code} before it returned anything.")
    value = cloudpickle.loads(answer)
    if isinstance(value, BaseException):
        raise value
    return value


def multiprocessing_safe_run_and_retrieve(queue: _Queue, payload: bytes) -> None:
    """Makes the call that `payload` describes, and puts what it returns or raises on `queue`, pickled.

    `payload` is a pickled dictionary of `fn`, `args`, `kwargs` and `context`, and perhaps `name` and `logger`.
    """
    call = cloudpickle.loads(payload)
    for secret in call.get("secrets", ()):
        masking.remember(secret)
    logger: logging.Logger | None = call.get("logger")
    name = call.get("name") or _name_of(call["fn"])
    value: Any
    try:
        with contexts.context(call.get("context") or {}):
            value = call["fn"](*call["args"], **call["kwargs"])
    except BaseException as error:  # noqa: BLE001  raised by who asked
        error.add_note("".join(("In another process: ", *traceback.format_exception(error))))
        value = error
    try:
        answer = cloudpickle.dumps(value)
    except Exception as error:
        if logger is not None:
            logger.error("%s: a %s cannot be brought back from its process", name, type(value).__name__, exc_info=True)
        answer = cloudpickle.dumps(
            TypeError(f"{name}: what it gave, a {type(value).__name__}, cannot be pickled: {error!r}")
        )
    queue.put(answer)


_ORDER, _ANSWER, _SECRETS = "order", "answer", "secrets"


class _AnswerFile:
    """A queue for one item, in a directory."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def put(self, item: bytes) -> None:
        # What was thrown there may hold what only that process knows to be secret.
        _write(self.directory, _SECRETS, pickle.dumps(masking.known()))
        _write(self.directory, "unfinished", item)
        os.replace(os.path.join(self.directory, "unfinished"), os.path.join(self.directory, _ANSWER))


def answer(directory: str) -> None:
    """The whole life of a process that `run_with_multiprocess_timeout` starts."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_INTERRUPTED_EXIT_CODE))
    threading.Thread(target=_die_with_parent, args=(os.dup(0),), name="prefect-lifeline", daemon=True).start()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    with open(os.path.join(directory, _ORDER), "rb") as file:
        path, settings, payload = pickle.load(file)
    sys.path[:] = path
    config.clear()
    config.update(settings)
    from prefect.utilities.logging import configure_extra_loggers, configure_logging

    configure_logging()
    configure_extra_loggers()
    multiprocessing_safe_run_and_retrieve(_AnswerFile(directory), payload)


def _die_with_parent(lifeline: int) -> None:
    """Kills this process and its children when the other end of the pipe is closed, as it is by its parent's death."""
    while os.read(lifeline, 1):
        pass
    _signal_group(os.getpid(), _KILL)
    os._exit(_INTERRUPTED_EXIT_CODE)


def _run_child(directory: str, timeout: float) -> int | None:
    """The exit code of a process that answers the order in `directory`, or None where it had to be killed."""
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-c", f"from prefect.utilities.timeouts import answer; answer({directory!r})"],
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert process.stdin is not None
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        return None
    finally:
        # Also what the function started and left behind.
        _signal_group(process.pid, _KILL)
        process.wait()
        process.stdin.close()


def _signal_group(pid: int, number: int) -> None:
    """Sends a signal to a process that leads a session, and to all its children that did not leave it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _picklable_context() -> dict[str, Any]:
    """This thread's context, without what cannot be pickled."""
    items = contexts.snapshot()
    try:
        cloudpickle.dumps(items)
    except Exception:  # noqa: BLE001  user objects raise anything; below each is tried alone, and named
        return {key: value for key, value in items.items() if _can_be_pickled(key, value)}
    return items


def _can_be_pickled(key: str, value: Any) -> bool:
    try:
        cloudpickle.dumps(value)
    except Exception:  # noqa: BLE001  the same
        logging.getLogger("prefect").debug("prefect.context.%s cannot be pickled: not in the new process", key)
        return False
    return True


def _read_answer(directory: str) -> bytes | None:
    return _read(directory, _ANSWER)


def _read_secrets(directory: str) -> tuple[str, ...]:
    content = _read(directory, _SECRETS)
    secrets: tuple[str, ...] = () if content is None else pickle.loads(content)
    return secrets


def _read(directory: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(directory, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(directory: str, name: str, content: bytes) -> None:
    with open(os.path.join(directory, name), "wb") as file:
        file.write(content)


def _name_of(fn: Callable[..., Any]) -> str:
    return f"Function '{getattr(fn, '__name__', None) or type(fn).__name__}'"
