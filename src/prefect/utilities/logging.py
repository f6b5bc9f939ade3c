"""Loggers that know which task is running, and the shipping of their lines to the backend.

Every logger of this package hangs from `prefect`. A record made by one carries the attributes named in
`PREFECT_LOG_RECORD_ATTRIBUTES`, None outside a run. While a recorded run is on, `CloudHandler` hands each line to
`LOG_MANAGER`, whose one background thread sends them in batches; otherwise no thread exists.
"""

import atexit
import contextlib
import logging
import os
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from prefect.configuration import config
from prefect.utilities import masking
from prefect.utilities.context import context

PREFECT_LOG_RECORD_ATTRIBUTES = ("flow_name", "flow_run_id", "task_name", "task_slug", "task_run_id")

LOG_OVERHEAD = 298  # bytes a line takes on the wire beside its message
MAX_LOG_SIZE = 1_000_000  # bytes; longer lines are split
MAX_BATCH_LOG_SIZE = 4_000_000  # bytes
MAX_BATCH_LOG_LINES = 1_000  # so that one batch does not hold up other writers

MAX_CLIENTS = 100  # runs whose client a long-lived worker remembers

EMBEDDED_HEARTBEAT = 0.25  # seconds; writing to the file costs little, and a watcher should not wait

LEVELS = (
    (logging.CRITICAL, "CRITICAL"),
    (logging.ERROR, "ERROR"),
    (logging.WARNING, "WARNING"),
    (logging.INFO, "INFO"),
)

Log = dict[str, Any]


class ContextLogger(logging.Logger):
    """A logger whose records say which flow and task they come from."""

    def _log(
        self,
        level: int,
        msg: object,
        args: Any,
        exc_info: Any = None,
        extra: Mapping[str, object] | None = None,
        stack_info: bool = False,
        stacklevel: int = 1,
    ) -> None:
        """Make a record and hand it on: of a line with nothing but its message by the shortest way."""
        if (
            exc_info is not None
            or extra is not None
            or stack_info
            or stacklevel != 1
            or not _is_plain(args)
            or self.filters
            or self.disabled
        ):
            super()._log(level, msg, args, exc_info, extra, stack_info, stacklevel + 1)
            return
        frame = sys._getframe(1)
        code = frame.f_code
        while code.co_filename == _LOGGING_FILE and frame.f_back is not None:
            frame = frame.f_back
            code = frame.f_code
        record = _plain_record(self.name, level, code.co_filename, frame.f_lineno, msg, args, code.co_name, None)
        if _further_attributes or masking.knows_any():
            add_context(record)
        self.callHandlers(record)

    def findCaller(self, stack_info: bool = False, stacklevel: int = 1) -> tuple[str, int, str, str | None]:
        """Where the line was logged: file, line, function, and the stack if wanted."""
        if stack_info or stacklevel != 1:
            # One frame more than the caller asked for: this one, which is not the logging module's.
            return super().findCaller(stack_info, stacklevel + 1)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if code.co_filename != _LOGGING_FILE:
                return code.co_filename, frame.f_lineno, code.co_name, None
            frame = frame.f_back
        return super().findCaller(stack_info, stacklevel)

    def makeRecord(
        self,
        name: str,
        level: int,
        fn: str,
        lno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        extra: Mapping[str, object] | None = None,
        sinfo: str | None = None,
    ) -> logging.LogRecord:
        """A record with the attributes of the running task added."""
        if exc_info is not None or extra is not None or not _is_plain(args):
            return add_context(super().makeRecord(name, level, fn, lno, msg, args, exc_info, func, extra, sinfo))
        record = _plain_record(name, level, fn, lno, msg, args, func, sinfo)
        if _further_attributes or masking.knows_any():
            return add_context(record)
        return record


class ChildLogger(ContextLogger):
    """The logger of one mapped child: that of its task, under the child's own name.

    It is not kept by the logging module, which keeps every logger that it makes for as long as the process lives.
    """

    parent: logging.Logger

    def __reduce__(self) -> tuple[Any, ...]:
        return child_logger, (self.parent, self.name.removeprefix("prefect."))


def child_logger(logger: logging.Logger, name: str) -> logging.Logger:
    """A logger named `name` that does what `logger` does."""
    child = ChildLogger(f"prefect.{name}")
    child.parent = logger
    return child


_LOGGING_FILE = logging.Logger.info.__code__.co_filename

# Path to file name and module: the same few files log again and again.
_file_names: dict[str, tuple[str, str]] = {}


def _is_plain(args: Any) -> bool:
    """Whether `_plain_record` may make the record: a single mapping is taken apart, and programs may set a factory."""
    return (len(args) != 1 or type(args[0]) is str or not isinstance(args[0], Mapping)) and (
        logging.getLogRecordFactory() is logging.LogRecord
    )


def _plain_record(
    name: str, level: int, path: str, line: int, message: object, args: Any, function: str | None, stack: str | None
) -> logging.LogRecord:
    """What `logging.LogRecord(...)` makes, attribute for attribute, in half the time; a test compares the two.

    The attributes of the running task that every record carries are there as well.
    """
    names = _file_names.get(path)
    if names is None:
        file_name = os.path.basename(path)
        names = _file_names[path] = (file_name, os.path.splitext(file_name)[0])
    created = time.time()
    multiprocessing = sys.modules.get("multiprocessing")
    known = context.__dict__.get
    # Growing a dictionary key by key costs more than all that is put into it; a copy has its size at once.
    attributes = _no_attributes.copy()
    attributes["name"] = name
    attributes["msg"] = message
    attributes["args"] = args
    attributes["levelname"] = logging.getLevelName(level)
    attributes["levelno"] = level
    attributes["pathname"] = path
    attributes["filename"], attributes["module"] = names
    attributes["stack_info"] = stack
    attributes["lineno"] = line
    attributes["funcName"] = function
    attributes["created"] = created
    attributes["msecs"] = int((created - int(created)) * 1000) + 0.0
    attributes["relativeCreated"] = (created - _STARTED) * 1000
    attributes["thread"] = threading.get_ident()
    attributes["threadName"] = threading.current_thread().name
    if multiprocessing is not None:
        attributes["processName"] = multiprocessing.current_process().name
    attributes["process"] = os.getpid()
    attributes["flow_name"] = known("flow_name")
    attributes["flow_run_id"] = known("flow_run_id")
    attributes["task_name"] = known("task_name")
    attributes["task_slug"] = known("task_slug")
    attributes["task_run_id"] = known("task_run_id")
    record = logging.LogRecord.__new__(logging.LogRecord)
    record.__dict__ = attributes
    return record


# The attributes of a record in their order; those that differ from line to line are still missing.
_no_attributes: dict[str, Any] = {
    **dict.fromkeys(vars(logging.LogRecord("", 0, "", 0, "", (), None))),
    **dict.fromkeys(PREFECT_LOG_RECORD_ATTRIBUTES),
    "processName": "MainProcess",
}

# The moment from which `relativeCreated` counts, as the records of the standard library have it.
_STARTED = time.time() - logging.LogRecord("", 0, "", 0, "", (), None).relativeCreated / 1000


def add_context(record: logging.LogRecord) -> logging.LogRecord:
    """Give `record` the attributes of the running task that it lacks; what the caller gave as `extra` stays."""
    known = context.__dict__.get
    attributes = record.__dict__
    for name in _record_attributes:
        if name not in attributes:
            attributes[name] = known(name)
    if masking.knows_any():
        _mask(record)
    return record


def _mask(record: logging.LogRecord) -> None:
    """Take secrets out of all that a handler shows of `record`: its message, its traceback, its stack."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001  user objects in `args` may raise anything, and the line must not be lost
        message = f"{record.msg} {_safe_repr(record.args)}"
    masked = masking.mask(message)
    if masked != message:
        record.msg, record.args = masked, None
    if record.exc_info and not record.exc_text:
        traceback = _message_formatter.formatException(record.exc_info)
        masked = masking.mask(traceback)
        if masked != traceback:
            # Formatters show a text that is there already, and do not make their own.
            record.exc_text = masked
    elif record.exc_text:
        record.exc_text = masking.mask(record.exc_text)
    if record.stack_info:
        record.stack_info = masking.mask(record.stack_info)


def _names(setting: Any) -> tuple[str, ...]:
    return (setting,) if isinstance(setting, str) and setting else tuple(setting or ())


_further_attributes: tuple[str, ...] = _names(config.logging.log_attributes)
_record_attributes: tuple[str, ...] = (*PREFECT_LOG_RECORD_ATTRIBUTES, *_further_attributes)


def get_logger(name: str | None = None) -> logging.Logger:
    """The logger `prefect`, or `prefect.<name>`."""
    logger = logging.getLogger(f"prefect.{name}" if name else "prefect")
    if type(logger) is logging.Logger:
        logger.__class__ = ContextLogger
    return logger


class CloudHandler(logging.Handler):
    """Hands the lines of a recorded run to `LOG_MANAGER`, and lets all others pass."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Emit `record` where a recorded run is on; elsewhere nothing is locked, since most lines come from there."""
        if not context.__dict__.get("running_with_backend"):
            return False
        return bool(super().handle(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Ship `record` if it was made inside a recorded run."""
        items = context.__dict__
        if not items.get("running_with_backend") or not items.get("flow_run_id"):
            return
        if not items.get("config", config).cloud.send_flow_run_logs or LOG_MANAGER.is_shipping():
            return
        try:
            LOG_MANAGER.enqueue(
                {
                    "flow_run_id": items["flow_run_id"],
                    "task_run_id": items.get("task_run_id"),
                    "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
                    "name": printable(record.name),
                    "level": level_name(record.levelno),
                    "message": printable(masking.mask(_message(record))),
                }
            )
        except Exception:  # noqa: BLE001  logging must not end what it speaks about; this prints the error
            self.handleError(record)


_message_formatter = logging.Formatter("%(message)s")


def _message(record: logging.LogRecord) -> str:
    """The message of `record` with its traceback and stack; where the arguments do not fit it, both as they are."""
    try:
        return _message_formatter.format(record)
    except Exception:  # noqa: BLE001  user objects in `args` may raise anything, and the line must not be lost
        plain = logging.makeLogRecord(
            {**record.__dict__, "msg": f"{record.msg} {_safe_repr(record.args)}", "args": None}
        )
        return _message_formatter.format(plain)


def _safe_repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  the same
        return f"<{type(value).__name__} that cannot be printed>"


def level_name(level: int) -> str:
    """The name of the standard level at or below `level`: the backend knows no others."""
    return next((name for least, name in LEVELS if level >= least), "DEBUG")


def printable(text: str) -> str:
    """`text` with what UTF-8 or a database cannot hold (lone surrogates, NUL) written as an escape."""
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def getlogsize(log: Mapping[str, Any]) -> int:
    """About how many bytes `log` takes on the wire."""
    message = log.get("message") or ""
    return LOG_OVERHEAD + (len(message) if message.isascii() else len(message.encode("utf-8", "backslashreplace")))


def split_message(message: str, most: int) -> list[str]:
    """`message` in parts of at most `most` bytes of UTF-8 each, between characters; together they are `message`.

    `most` must leave room for one character: four bytes.
    """
    encoded = message.encode("utf-8", "surrogatepass")
    parts = []
    start = 0
    while len(encoded) - start > most:
        end = start + most
        while encoded[end] & 0b1100_0000 == 0b1000_0000:  # inside a character
            end -= 1
        parts.append(encoded[start:end])
        start = end
    parts.append(encoded[start:])
    return [part.decode("utf-8", "surrogatepass") for part in parts]


def split_log(log: Log) -> list[Log]:
    """`log`, in numbered parts where it is longer than `MAX_LOG_SIZE`."""
    if getlogsize(log) <= MAX_LOG_SIZE:
        return [log]
    mark = "[part {} of {}] "
    room = MAX_LOG_SIZE - LOG_OVERHEAD - len(mark.format(10**9, 10**9))
    parts = split_message(log["message"], room)
    return [{**log, "message": mark.format(n, len(parts)) + part} for n, part in enumerate(parts, 1)]


class LogManager:
    """Sends log lines to the backend, in order, in batches, from one background thread.

    Each line carries this process's `client_id` and the next `client_sequence`, so that the backend keeps a line
    once however often it is sent. A line leaves the queue when the backend has taken it, not before.

    Args:
        make_client: gives what has `write_run_logs(batch)`; the client of this process's settings by default. One is
            made for each batch, so that a change of settings is followed.

    The lines of a run that was given to `send_with` go to that client instead: a worker's own settings may name another
    backend than the one in which its run is recorded.
    """

    def __init__(self, *, make_client: Callable[[], Any] | None = None) -> None:
        self._make_client = make_client or _client_of_the_settings
        self._reset()
        # A forked child must neither send its parent's lines again nor wait for a lock that nobody holds there.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self.client_id = str(uuid.uuid4())
        self.thread: threading.Thread | None = None
        self.pending: dict[str, deque[Log]] = {}  # by flow run: one that is refused must not hold up the others
        self._clients: dict[str, Any] = {}  # by flow run
        self._sequence = 0
        self._queueing = threading.RLock()  # an object collected while a line is queued may log
        self._sending = threading.Lock()
        self._waiting = threading.Event()
        self._stopped = threading.Event()
        self._shipping = threading.local()
        self._complained = False

    def send_with(self, flow_run_id: str, client: Any) -> None:
        """Send the lines of a flow run with `client`."""
        if flow_run_id not in self._clients:
            while len(self._clients) >= MAX_CLIENTS:
                self._clients.pop(next(iter(self._clients)))
        self._clients[flow_run_id] = client

    def ensure_started(self) -> bool:
        """Start the background thread unless it runs; False where it cannot be, because the interpreter is ending."""
        if self.thread is not None and self.thread.is_alive():
            return True
        self._stopped.clear()
        thread = threading.Thread(target=self._work, name="prefect-logs", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return False
        self.thread = thread
        atexit.unregister(self.stop)
        atexit.register(self.stop)
        # Children of multiprocessing leave without running atexit.
        process = sys.modules.get("multiprocessing.util")
        if process is not None:
            process.Finalize(None, self.stop, exitpriority=10)
        return True

    def is_shipping(self) -> bool:
        """Whether this very thread is sending lines: what the client itself logs then is not shipped."""
        return getattr(self._shipping, "now", False)

    def enqueue(self, message: Log) -> None:
        """Take one line, to be sent soon; an oversized one becomes several, each marked as a part."""
        logs = split_log(message)
        # One lock for number and place: the backend takes a lower number that comes later for one it has already.
        with self._queueing:
            lines = self.pending.get(message["flow_run_id"])
            if lines is None:
                lines = self.pending[message["flow_run_id"]] = deque()
            for log in logs:
                self._sequence += 1
                log["client_id"] = self.client_id
                log["client_sequence"] = self._sequence
                lines.append(log)
            started = self.ensure_started()
        self._waiting.set()
        if not started:
            self.flush()

    def flush(self) -> bool:
        """Send everything that is waiting, now, from this thread; False where the backend did not take it all."""
        with self._sending:
            taken = [self._send(flow_run_id) for flow_run_id in list(self.pending)]
        return all(taken)

    def stop(self) -> None:
        """Send everything that is waiting and end the background thread; what cannot be sent is counted on stderr."""
        self._stopped.set()
        self._waiting.set()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join()
        self.thread = None
        if not self.flush():
            left = sum(len(lines) for lines in self.pending.values())
            runs = ", ".join(self.pending)
            print(f"{left} log lines of the flow runs {runs} could not be sent to the backend.", file=sys.stderr)
            self.pending.clear()

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._waiting.wait()
            if self._stopped.wait(_heartbeat()):
                break  # `stop` sends the rest
            self._waiting.clear()
            if not self.flush():
                self._waiting.set()

    def _send(self, flow_run_id: str) -> bool:
        """Send the lines of one run that are waiting now. Only under `_sending`."""
        lines = self.pending[flow_run_id]
        last = lines[-1]["client_sequence"]
        self._shipping.now = True
        try:
            while lines and lines[0]["client_sequence"] <= last:
                with self._queueing:
                    batch = _first_batch(lines)
                client = self._clients.get(flow_run_id) or self._make_client()
                client.write_run_logs(batch)
                for _ in batch:
                    lines.popleft()
        except Exception as error:  # noqa: BLE001  told below, and the lines are kept for the next time
            self._complain(flow_run_id, error)
            return False
        finally:
            self._shipping.now = False
        self._complained = False
        with self._queueing:
            if not lines:
                self.pending.pop(flow_run_id, None)
        return True

    def _complain(self, flow_run_id: str, error: Exception) -> None:
        if self._complained:
            return
        self._complained = True
        print(
            f"Log lines of the flow run {flow_run_id} are waiting: the backend did not take them "
            f"({type(error).__name__}: {error}). They are sent again until it does or this process ends.",
            file=sys.stderr,
        )


def _first_batch(lines: deque[Log]) -> list[Log]:
    batch: list[Log] = []
    size = 0
    for log in lines:
        size += getlogsize(log)
        if batch and (size > MAX_BATCH_LOG_SIZE or len(batch) == MAX_BATCH_LOG_LINES):
            break
        batch.append(log)
    return batch


def _heartbeat() -> float:
    interval = float(config.cloud.logging_heartbeat)
    return min(interval, EMBEDDED_HEARTBEAT) if config.backend == "embedded" else interval


def _client_of_the_settings() -> Any:
    from prefect.client.client import Client

    return Client()


LOG_MANAGER = LogManager()


class RedirectToLog:
    """A stand-in for `sys.stdout` that logs, at level INFO, what is written to it: one record for what one call prints.

    A line is logged when it is complete, and by `flush`.
    """

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self.stdout_logger = logger or get_logger("stdout")
        self._unfinished = ""

    def write(self, s: str) -> None:
        """Log the lines that `s` completes."""
        if not isinstance(s, str):
            raise TypeError(f"string argument expected, got {type(s)}")
        if s.endswith("\n"):
            lines, self._unfinished = self._unfinished + s, ""
        else:
            # What one call prints stays together: it writes its text first, and the end of the last line for itself.
            lines, _, rest = self._unfinished.rpartition("\n")
            self._unfinished = rest + s
        if lines.strip():
            self.stdout_logger.info("%s", lines.removesuffix("\n"))

    def flush(self) -> None:
        """Log what was written of a line not yet complete."""
        rest, self._unfinished = self._unfinished, ""
        if rest.strip():
            self.stdout_logger.info("%s", rest)

    def isatty(self) -> bool:
        """Never: programs must not draw into a log."""
        return False

    def writable(self) -> bool:
        """Always."""
        return True


class StdoutOfTasks:
    """`sys.stdout` while tasks log what they print: what a thread prints goes to the log of its own task.

    A thread that a task has started belongs to no task of its own: it prints for the task that began last. Every other
    thread prints as ever.
    """

    def __init__(self, outside: Any) -> None:
        self.outside = outside

    def _target(self) -> Any:
        mine = getattr(_redirected, "logs", None)
        if mine:
            return mine[-1]
        others = list(_redirections)
        return others[-1] if others and "flow_run_id" not in context.__dict__ else self.outside

    def write(self, s: str) -> Any:
        """Hand on what this thread prints."""
        return self._target().write(s)

    def flush(self) -> None:
        """Flush where this thread prints to."""
        self._target().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target(), name)


_redirected = threading.local()  # .logs: what this thread prints to, innermost last
_redirections: list[RedirectToLog] = []  # of all threads
_redirecting = threading.Lock()


@contextlib.contextmanager
def stdout_to_log(logger: logging.Logger) -> Iterator[None]:
    """A block in which this thread prints to `logger`. Of many threads at once each prints to its own."""
    log = RedirectToLog(logger)
    logs = _redirected.__dict__.setdefault("logs", [])
    with _redirecting:
        # `contextlib.redirect_stdout` would put back what another thread has set meanwhile.
        if not isinstance(sys.stdout, StdoutOfTasks):
            sys.stdout = StdoutOfTasks(sys.stdout)
        _redirections.append(log)
    logs.append(log)
    try:
        yield
    finally:
        log.flush()  # a last line without its end
        logs.remove(log)
        with _redirecting:
            _redirections.remove(log)
            if not _redirections and isinstance(sys.stdout, StdoutOfTasks):
                sys.stdout = sys.stdout.outside


class SteadyFormatter(logging.Formatter):
    """Formats as `logging.Formatter` does, and works out the text of each second only once."""

    _second = -1
    _text = ""

    def __init__(self, fmt: str | None = None, datefmt: str | None = None) -> None:
        super().__init__(fmt, datefmt)
        self._uses_time = super().usesTime()
        self._plain_format = self._style._fmt

    def format(self, record: logging.LogRecord) -> str:
        """The line: of a record without traceback and stack by the shortest way."""
        if record.exc_info or record.exc_text or record.stack_info:
            return super().format(record)
        record.message = record.getMessage()
        if self._uses_time:
            is_same = self.datefmt and int(record.created) == self._second
            record.asctime = self._text if is_same else self.formatTime(record, self.datefmt)
        # Three calls shorter than `formatMessage`, which does this.
        return self._plain_format % record.__dict__

    def usesTime(self) -> bool:
        """Whether the format names the time."""
        return self._uses_time

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """The time of `record`; a format of its own has no part smaller than a second."""
        if not datefmt:
            return super().formatTime(record, datefmt)
        second = int(record.created)
        if second != self._second:
            self._second, self._text = second, super().formatTime(record, datefmt)
        return self._text


class ConsoleHandler(logging.StreamHandler[Any]):
    """Prints lines; what the terminal's encoding cannot hold is written as an escape."""

    _complained = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once, in one line, that lines cannot be printed any more; other errors as the standard library does."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError) and not (
            isinstance(error, ValueError) and getattr(self.stream, "closed", False)
        ):
            super().handleError(record)
        elif not self._complained and sys.stderr is not None:
            # A traceback for each line would also show the error that the line speaks of, secrets and all.
            self._complained = True
            with contextlib.suppress(OSError, ValueError):
                print(f"Log lines can no longer be printed: {error}.", file=sys.stderr)

    def handle(self, record: logging.LogRecord) -> Any:
        """Emit `record`, which has the attributes of the running task also where its logger is not ours."""
        if _record_attributes[-1] not in record.__dict__:
            add_context(record)
        if self.filters or self.lock is None:
            return super().handle(record)
        with self.lock:
            self.emit(record)
        return record

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line and flush it, as `logging.StreamHandler` does; the lock is `handle`'s."""
        try:
            stream = self.stream
            stream.write(self.format(record) + self.terminator)
            flush = getattr(stream, "flush", None)
            if flush is not None:
                flush()
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001  logging must not end what it speaks about; this prints the error
            self.handleError(record)

    def format(self, record: logging.LogRecord) -> str:
        """The line to print."""
        formatter = self.formatter
        text = super().format(record) if formatter is None else formatter.format(record)
        if text.isascii():
            return text
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)


def _make_handlers(logger: logging.Logger) -> None:
    """Give `logger` our two handlers, unless it has them, and the level of the settings."""
    if not any(isinstance(handler, CloudHandler) for handler in logger.handlers):
        # The stream of this moment, not of each line: a task's redirected stdout leads back here.
        stream = ConsoleHandler(sys.stdout)
        stream.setFormatter(SteadyFormatter(config.logging.format, config.logging.datefmt))
        logger.addHandler(stream)
        logger.addHandler(CloudHandler())
    try:
        logger.setLevel(config.logging.level)
    except (ValueError, TypeError):
        logger.setLevel(logging.INFO)
        logger.warning("%r is not a log level; set logging.level to one, such as INFO.", config.logging.level)


def configure_logging(testing: bool = False) -> logging.Logger:
    """The logger `prefect`, set up as the settings say; with `testing`, another one beside it."""
    logger = get_logger() if not testing else logging.getLogger("prefect-test-logger")
    _make_handlers(logger)
    return logger


def configure_extra_loggers() -> None:
    """Set up the loggers named in `logging.extra_loggers` like our own, so that their lines are recorded too."""
    for name in _names(config.logging.extra_loggers):
        _make_handlers(logging.getLogger(name))


def create_diagnostic_logger(name: str) -> logging.Logger:
    """A logger that prints and never ships, to speak about logging itself."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = ConsoleHandler(sys.stdout)
        handler.setFormatter(SteadyFormatter(config.logging.format, config.logging.datefmt))
        logger.addHandler(handler)
    logger.setLevel(config.logging.level)
    return logger


@contextlib.contextmanager
def temporary_logger_config(
    level: int | str | None = None, stream_fmt: str | None = None, stream_datefmt: str | None = None
) -> Iterator[logging.Logger]:
    """Another level, and another format of what is printed, for the length of a block."""
    logger = get_logger()
    old_level = logger.level
    streams = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    old_formatters = [handler.formatter for handler in streams]
    try:
        if level is not None:
            logger.setLevel(level)
        if stream_fmt is not None or stream_datefmt is not None:
            for handler, old in zip(streams, old_formatters, strict=True):
                fmt = stream_fmt or getattr(old, "_fmt", None)
                handler.setFormatter(logging.Formatter(fmt, stream_datefmt or getattr(old, "datefmt", None)))
        yield logger
    finally:
        logger.setLevel(old_level)
        for handler, old in zip(streams, old_formatters, strict=True):
            handler.setFormatter(old)


_changing_levels = threading.Lock()
_run_levels: list[int] = []  # of the runs that are on in this process and name one
_process_levels: dict[logging.Logger, int] = {}  # to go back to when none of them is left


@contextlib.contextmanager
def logging_at(level: int | str | None) -> Iterator[None]:
    """A block in which a run logs at a level of its own; None means that of the process.

    Levels belong to the process: of several runs that are on in it at once, the most talkative one decides for all.
    """
    least = _level_of(level)
    if least is None:
        yield
        return
    with _changing_levels:
        if not _run_levels:
            for logger in (get_logger(), *map(logging.getLogger, _names(config.logging.extra_loggers))):
                _process_levels[logger] = logger.level
        _run_levels.append(least)
        _set_levels()
    try:
        yield
    finally:
        with _changing_levels:
            _run_levels.remove(least)
            _set_levels()


def _set_levels() -> None:
    for logger, level in _process_levels.items():
        logger.setLevel(min(_run_levels, default=level))
    if not _run_levels:
        _process_levels.clear()


def _level_of(level: int | str | None) -> int | None:
    """The number of a level given by name or number; None, with a warning, where there is no such level."""
    if level is None or isinstance(level, int):
        return level
    number = logging.getLevelNamesMapping().get(str(level).upper())
    if number is None:
        get_logger().warning("%r is not a log level; the run logs as this process does.", level)
    return number


prefect_logger = configure_logging()
configure_extra_loggers()
context.logger = prefect_logger
