import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prefect.utilities.logging as prefect_logging
from prefect.exceptions import ClientError
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.context import context
from prefect.utilities.logging import (
    LOG_OVERHEAD,
    MAX_LOG_SIZE,
    CloudHandler,
    ConsoleHandler,
    LogManager,
    RedirectToLog,
    get_logger,
    getlogsize,
    level_name,
    printable,
    split_log,
    split_message,
    stdout_to_log,
)

SRC = str(Path(prefect_logging.__file__).parents[2])


class FakeBackend:
    """Keeps what it is sent; refuses while `refuse` is set, and says so through `asked`."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.refuse: type[Exception] | None = None
        self.asked = threading.Event()

    def __call__(self) -> "FakeBackend":
        return self

    def write_run_logs(self, logs: list[dict[str, Any]]) -> None:
        self.asked.set()
        if self.refuse:
            raise self.refuse("away")
        self.batches.append([dict(log) for log in logs])

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [line for batch in self.batches for line in batch]

    @property
    def messages(self) -> list[str]:
        return [line["message"] for line in self.lines]


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def manager(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogManager]:
    """A manager in the place of the package's own, whose thread does not send by itself within a test."""
    manager = LogManager(make_client=backend)
    monkeypatch.setattr(prefect_logging, "LOG_MANAGER", manager)
    monkeypatch.setattr(prefect_logging, "_heartbeat", lambda: 3600.0)
    yield manager
    backend.refuse = None
    manager.stop()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger that ships and does not print."""
    logger = get_logger("test_logging")
    handler = CloudHandler()
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def recorded_run() -> Iterator[None]:
    with context(flow_run_id="flow-run", task_run_id="task-run", running_with_backend=True):
        yield


def entry(message: str, flow_run_id: str = "flow-run") -> dict[str, Any]:
    return {"flow_run_id": flow_run_id, "message": message}


class TestLoggers:
    def test_names(self) -> None:
        assert get_logger().name == "prefect"
        assert get_logger("x").name == "prefect.x"
        assert get_logger("x") is logging.getLogger("prefect.x")

    def test_the_root_logger_prints_and_ships(self) -> None:
        kinds = [type(handler) for handler in get_logger().handlers]
        assert kinds[:2] == [ConsoleHandler, CloudHandler]
        assert get_logger().level == logging.INFO
        assert context.logger is get_logger()

    def test_setting_up_twice_adds_nothing(self) -> None:
        before = list(get_logger().handlers)
        assert prefect_logging.configure_logging() is get_logger()
        assert get_logger().handlers == before

    def test_records_say_which_task_they_come_from(self, caplog: pytest.LogCaptureFixture) -> None:
        logger = get_logger("test_records")
        logger.warning("outside")
        with context(flow_name="F", flow_run_id="FR", task_name="T", task_slug="T-1", task_run_id="TR"):
            logger.warning("inside")
            logger.warning("given", extra={"task_name": "mine"})
        outside, inside, given_ = caplog.records
        names = prefect_logging.PREFECT_LOG_RECORD_ATTRIBUTES
        assert [getattr(outside, name) for name in names] == [None] * 5
        assert [getattr(inside, name) for name in names] == ["F", "FR", "T", "T-1", "TR"]
        assert vars(given_)["task_name"] == "mine"

    def test_loggers_of_others_are_left_alone(self, caplog: pytest.LogCaptureFixture) -> None:
        with context(task_name="T"):
            logging.getLogger("somebody").warning("x", extra={"task_slug": "theirs"})
        assert "task_name" not in vars(caplog.records[0])

    def test_extra_loggers_ship_too(self, manager: LogManager, backend: FakeBackend, recorded_run: None) -> None:
        with set_temporary_config({"logging.extra_loggers": ["test_extra.library"]}):
            prefect_logging.configure_extra_loggers()
        library = logging.getLogger("test_extra.library")
        console = next(handler for handler in library.handlers if isinstance(handler, ConsoleHandler))
        console.setStream(io.StringIO())
        library.info("from a library")
        manager.flush()
        assert backend.messages == ["from a library"]
        assert "from a library" in console.stream.getvalue()

    def test_an_unknown_level_in_the_settings_is_told_and_not_fatal(self, caplog: pytest.LogCaptureFixture) -> None:
        with set_temporary_config({"logging.level": "LOUD"}):
            logger = prefect_logging.configure_logging(testing=True)
        assert logger.level == logging.INFO
        assert "'LOUD' is not a log level" in caplog.text

    def test_a_temporary_level_and_format(self) -> None:
        logger = get_logger()
        handler = logger.handlers[0]
        before = (logger.level, handler.formatter)
        with prefect_logging.temporary_logger_config(
            level=logging.CRITICAL, stream_fmt="%(message)s", stream_datefmt="%H"
        ) as inside:
            assert inside is logger
            assert logger.level == logging.CRITICAL
            assert handler.formatter is not None
            assert (handler.formatter._fmt, handler.formatter.datefmt) == ("%(message)s", "%H")
        assert (logger.level, handler.formatter) == before

    def test_diagnostic_loggers_do_not_ship(self) -> None:
        logger = prefect_logging.create_diagnostic_logger("test-diagnostics")
        again = prefect_logging.create_diagnostic_logger("test-diagnostics")
        assert [type(handler) for handler in again.handlers] == [ConsoleHandler]
        assert logger is again

    def test_a_terminal_that_cannot_show_a_character_gets_an_escape(self) -> None:
        terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        handler = ConsoleHandler(terminal)
        handler.emit(logging.makeLogRecord({"msg": "caf\u00e9 \ud800"}))
        terminal.flush()
        assert terminal.buffer.getvalue() == b"caf\\xe9 \\ud800\n"


class TestRedirect:
    @pytest.fixture
    def log(self, caplog: pytest.LogCaptureFixture) -> RedirectToLog:
        caplog.set_level(logging.INFO)
        return RedirectToLog(get_logger("test_redirect"))

    def test_a_printed_line_is_one_record(self, log: RedirectToLog, caplog: pytest.LogCaptureFixture) -> None:
        print("hello", 1, file=log)
        print(file=log)
        print("50%", file=log)
        assert caplog.messages == ["hello 1", "50%"]
        assert {record.levelname for record in caplog.records} == {"INFO"}

    def test_an_unfinished_line_waits_for_its_end_or_flush(
        self, log: RedirectToLog, caplog: pytest.LogCaptureFixture
    ) -> None:
        log.write("a\nb")
        assert caplog.messages == []
        log.write("c")
        assert caplog.messages == ["a"]
        log.write("d\n")
        log.write("e")
        log.flush()
        log.flush()
        assert caplog.messages == ["a", "bcd", "e"]

    def test_what_one_call_prints_is_one_record(self, log: RedirectToLog, caplog: pytest.LogCaptureFixture) -> None:
        print("   a  b\n0  1  2\n1  3  4", file=log)
        print("", 1, sep="|", file=log)
        assert caplog.messages == ["   a  b\n0  1  2\n1  3  4", "|1"]

    def test_only_text(self, log: RedirectToLog) -> None:
        with pytest.raises(TypeError, match="string argument expected"):
            log.write(b"bytes")  # type: ignore[arg-type]
        assert not log.isatty()
        assert log.writable()

    def test_the_default_logger(self) -> None:
        assert RedirectToLog().stdout_logger.name == "prefect.stdout"


class TestShipping:
    def test_only_a_recorded_run_ships_and_nothing_else_starts_a_thread(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger
    ) -> None:
        logger.error("no run")
        with context(flow_run_id="flow-run"):
            logger.error("not recorded")
        with context(running_with_backend=True):
            logger.error("no flow run")
        with set_temporary_config({"cloud.send_flow_run_logs": False}):
            with context(flow_run_id="flow-run", running_with_backend=True):
                logger.error("switched off")
        manager.flush()
        assert manager.thread is None
        assert backend.batches == []

    def test_a_line_has_all_the_backend_wants(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger, recorded_run: None
    ) -> None:
        logger.info("hello %s", "you")
        assert manager.flush()
        (line,) = backend.lines
        assert line.pop("timestamp").endswith("+00:00")
        assert line == {
            "flow_run_id": "flow-run",
            "task_run_id": "task-run",
            "name": "prefect.test_logging",
            "level": "INFO",
            "message": "hello you",
            "client_id": manager.client_id,
            "client_sequence": 1,
        }

    def test_all_levels(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger, recorded_run: None
    ) -> None:
        for level in (10, 20, 25, 30, 40, 50, 60):
            logger.log(level, "x")
        manager.flush()
        names = ["DEBUG", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL", "CRITICAL"]
        assert [line["level"] for line in backend.lines] == names
        assert level_name(5) == "DEBUG"

    def test_exceptions_with_their_traceback_and_stacks(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger, recorded_run: None
    ) -> None:
        try:
            raise ValueError("the cause")
        except ValueError:
            logger.exception("it broke")
        logger.info("here", stack_info=True)
        manager.flush()
        broke, here = backend.messages
        assert broke.startswith("it broke\nTraceback (most recent call last):\n")
        assert broke.endswith("ValueError: the cause")
        assert "Stack (most recent call last)" in here

    def test_a_line_whose_arguments_do_not_fit_is_not_lost(
        self, manager: LogManager, backend: FakeBackend, recorded_run: None
    ) -> None:
        class Unprintable:
            def __str__(self) -> str:
                raise RuntimeError("no")

            __repr__ = __str__

        handler = CloudHandler()
        for message, arguments in (("a number: %d", ("x",)), ("%s", (Unprintable(),)), ({"any": "object"}, ())):
            handler.handle(logging.LogRecord("x", logging.INFO, "file.py", 1, message, arguments, None))
        manager.flush()
        assert backend.messages == [
            "a number: %d ('x',)",
            "%s <tuple that cannot be printed>",
            "{'any': 'object'}",
        ]

    def test_characters_that_are_none(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger, recorded_run: None
    ) -> None:
        logger.info("lone \ud800, nul \0, fine é 😀")
        manager.flush()
        assert backend.messages == ["lone \\ud800, nul \\x00, fine é 😀"]

    def test_what_the_client_logs_while_sending_is_not_shipped(
        self, manager: LogManager, backend: FakeBackend, logger: logging.Logger, recorded_run: None
    ) -> None:
        class Talkative(FakeBackend):
            def write_run_logs(self, logs: list[dict[str, Any]]) -> None:
                logger.info("sending")
                super().write_run_logs(logs)

        talkative = Talkative()
        manager._make_client = talkative
        logger.info("hello")
        assert manager.flush()
        assert manager.flush()
        assert talkative.messages == ["hello"]


class TestManager:
    def test_the_thread_sends_by_itself(self, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prefect_logging, "_heartbeat", lambda: 0.0)
        manager = LogManager(make_client=backend)
        manager.enqueue(entry("x"))
        assert backend.asked.wait(10)
        manager.stop()
        assert backend.messages == ["x"]

    def test_lines_are_numbered_in_the_order_they_are_sent(self, manager: LogManager, backend: FakeBackend) -> None:
        def log(name: str) -> None:
            for n in range(200):
                manager.enqueue(entry(f"{name}{n}"))

        threads = [threading.Thread(target=log, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        manager.flush()
        for thread in threads:
            thread.join()
        manager.flush()
        assert [line["client_sequence"] for line in backend.lines] == list(range(1, 801))
        assert [message for message in backend.messages if message[0] == "a"] == [f"a{n}" for n in range(200)]

    def test_a_refused_batch_is_sent_again_with_the_same_numbers(
        self, manager: LogManager, backend: FakeBackend, capfd: pytest.CaptureFixture[str]
    ) -> None:
        backend.refuse = ClientError
        manager.enqueue(entry("one"))
        assert not manager.flush()
        assert not manager.flush()
        manager.enqueue(entry("two"))
        backend.refuse = None
        assert manager.flush()
        assert backend.messages == ["one", "two"]
        assert [line["client_sequence"] for line in backend.lines] == [1, 2]
        complaint = capfd.readouterr().err
        assert complaint.count("flow-run") == 1
        assert "ClientError: away" in complaint

    def test_a_run_that_is_refused_does_not_hold_up_others(
        self, backend: FakeBackend, capfd: pytest.CaptureFixture[str]
    ) -> None:
        class Choosy(FakeBackend):
            def write_run_logs(self, logs: list[dict[str, Any]]) -> None:
                if logs[0]["flow_run_id"] == "gone":
                    raise ClientError("no such run")
                super().write_run_logs(logs)

        choosy = Choosy()
        manager = LogManager(make_client=choosy)
        manager.enqueue(entry("x", "gone"))
        manager.enqueue(entry("y", "here"))
        assert not manager.flush()
        assert choosy.messages == ["y"]
        manager.stop()
        assert "1 log lines of the flow runs gone could not be sent" in capfd.readouterr().err
        assert manager.pending == {}

    def test_batches_are_bounded_in_lines_and_bytes(
        self, manager: LogManager, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prefect_logging, "MAX_BATCH_LOG_LINES", 3)
        monkeypatch.setattr(prefect_logging, "MAX_BATCH_LOG_SIZE", 2 * LOG_OVERHEAD + 20)
        for message in ("a", "b", "c", "d" * 100, "e"):
            manager.enqueue(entry(message))
        manager.flush()
        assert [len(batch) for batch in backend.batches] == [2, 1, 1, 1]

    def test_after_stop_it_starts_again(self, manager: LogManager, backend: FakeBackend) -> None:
        manager.enqueue(entry("x"))
        manager.stop()
        assert manager.thread is None
        manager.enqueue(entry("y"))
        assert manager.thread is not None
        manager.stop()
        assert backend.messages == ["x", "y"]

    def test_what_waits_is_sent_when_the_interpreter_ends(self) -> None:
        program = """
import sys
import prefect.utilities.logging as module
class Backend:
    def write_run_logs(self, logs):
        print([log["message"] for log in logs])
module._heartbeat = lambda: 3600.0
module.LOG_MANAGER._make_client = Backend
module.LOG_MANAGER.enqueue({"flow_run_id": "r", "message": "last words"})
"""
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": SRC},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert (done.stdout, done.stderr) == ("['last words']\n", "")

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
    def test_a_forked_child_sends_its_own_lines_only_under_a_name_of_its_own(self, tmp_path: Path) -> None:
        program = """
import multiprocessing, os, sys
import prefect.utilities.logging as module
class Backend:
    def write_run_logs(self, logs):
        with open(sys.argv[1], "a") as file:
            for log in logs:
                file.write(f"{os.getpid()} {log['client_id']} {log['client_sequence']} {log['message']}\\n")
module._heartbeat = lambda: 3600.0
module.LOG_MANAGER._make_client = Backend
def child():
    module.LOG_MANAGER.enqueue({"flow_run_id": "r", "message": "child"})
module.LOG_MANAGER.enqueue({"flow_run_id": "r", "message": "parent"})
process = multiprocessing.get_context("fork").Process(target=child)
process.start()
process.join()
"""
        written = tmp_path / "lines"
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, str(written)],
            env={**os.environ, "PYTHONPATH": SRC},
            check=True,
            timeout=60,
        )
        lines = [line.split() for line in written.read_text().splitlines()]
        assert sorted(line[3] for line in lines) == ["child", "parent"]
        assert len({line[0] for line in lines}) == 2
        assert len({line[1] for line in lines}) == 2
        assert [line[2] for line in lines] == ["1", "1"]

    def test_the_heartbeat_is_the_setting_and_short_for_a_file(self) -> None:
        with set_temporary_config({"backend": "server", "cloud.logging_heartbeat": 7}):
            assert prefect_logging._heartbeat() == 7
        with set_temporary_config({"backend": "embedded", "cloud.logging_heartbeat": 7}):
            assert prefect_logging._heartbeat() == prefect_logging.EMBEDDED_HEARTBEAT


class TestSizes:
    @given(st.text(), st.integers(min_value=4, max_value=50))
    def test_parts_make_up_the_message_and_fit(self, message: str, most: int) -> None:
        parts = split_message(message, most)
        assert "".join(parts) == message
        assert all(len(part.encode("utf-8", "surrogatepass")) <= most for part in parts)
        assert len(parts) == 1 or all(parts)

    @given(st.text(st.characters(codec=None, categories=None)))
    def test_any_text_becomes_printable_and_printable_text_stays(self, text: str) -> None:
        cleaned = printable(text)
        assert cleaned.encode().decode() == cleaned
        assert "\0" not in cleaned
        assert printable(cleaned) == cleaned
        if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
            assert cleaned == text

    @given(st.sampled_from(["x", "é", "😀"]), st.integers(min_value=-2, max_value=2))
    def test_a_line_about_the_limit(self, character: str, off: int) -> None:
        room = MAX_LOG_SIZE - LOG_OVERHEAD
        count = room // len(character.encode()) + off
        log = {"flow_run_id": "r", "message": character * count}
        parts = split_log(log)
        assert all(getlogsize(part) <= MAX_LOG_SIZE for part in parts)
        if getlogsize(log) <= MAX_LOG_SIZE:
            assert parts == [log]
        else:
            assert len(parts) == 2
            assert parts[0]["message"].startswith(f"[part 1 of 2] {character}")
            assert sum(part["message"].count(character) for part in parts) >= count
            assert all(part["flow_run_id"] == "r" for part in parts)

    def test_an_oversized_line_is_sent_whole_in_marked_parts(self, manager: LogManager, backend: FakeBackend) -> None:
        message = "".join(f"{n:09d} " for n in range(250_000))
        manager.enqueue(entry(message))
        manager.flush()
        assert [text[:14] for text in backend.messages] == ["[part 1 of 3] ", "[part 2 of 3] ", "[part 3 of 3] "]
        assert "".join(text[14:] for text in backend.messages) == message
        assert [line["client_sequence"] for line in backend.lines] == [1, 2, 3]

    def test_sizes_are_bytes(self) -> None:
        assert getlogsize({"message": "abc"}) == LOG_OVERHEAD + 3
        assert getlogsize({"message": "é"}) == LOG_OVERHEAD + 2
        assert getlogsize({}) == LOG_OVERHEAD


def test_our_short_way_to_a_record_leads_to_the_same_record() -> None:
    from prefect.utilities.logging import _plain_record

    given = ("prefect.x", logging.INFO, __file__, 7, "a %s", ("b",))
    theirs = logging.LogRecord(*given, None, "function")
    ours = _plain_record(*given, "function", None)
    moving = {"created", "msecs", "relativeCreated"}
    of_the_run = dict.fromkeys(prefect_logging.PREFECT_LOG_RECORD_ATTRIBUTES)
    assert {k: v for k, v in vars(ours).items() if k not in moving} == {
        **{k: v for k, v in vars(theirs).items() if k not in moving},
        **of_the_run,
    }
    assert moving <= vars(ours).keys()
    assert ours.getMessage() == "a b"
    assert abs(ours.created - theirs.created) < 5
    assert abs(ours.relativeCreated - theirs.relativeCreated) < 5000


@pytest.mark.parametrize("options", [{}, {"stacklevel": 1}, {"extra": {"a": 1}}, {"stack_info": True}], ids=str)
def test_a_line_says_where_it_was_logged(caplog: pytest.LogCaptureFixture, options: dict[str, Any]) -> None:
    with caplog.at_level(logging.INFO, "prefect"):
        get_logger("where").info("here", **options)
        get_logger("where").info("one %s", {"a": 1}, **options)
    assert [(record.filename, record.funcName) for record in caplog.records] == [
        ("test_logging.py", "test_a_line_says_where_it_was_logged")
    ] * 2


def test_a_filter_of_a_logger_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    logger = get_logger("filtered")

    def refuse(record: logging.LogRecord) -> bool:
        return False

    logger.addFilter(refuse)
    try:
        with caplog.at_level(logging.INFO, "prefect"):
            logger.info("not this one")
    finally:
        logger.removeFilter(refuse)
    assert caplog.records == []


def test_of_threads_at_once_each_prints_to_its_own_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    outside = sys.stdout
    first_is_in, second_is_out = threading.Event(), threading.Event()

    def first() -> None:
        with stdout_to_log(logging.getLogger("first")):
            first_is_in.set()
            second_is_out.wait(30)
            print("of the first")

    def second() -> None:
        first_is_in.wait(30)
        with stdout_to_log(logging.getLogger("second")):
            print("of the second")
        second_is_out.set()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((record.name, record.getMessage()) for record in caplog.records) == [
        ("first", "of the first"),
        ("second", "of the second"),
    ]
    assert sys.stdout is outside
    assert capsys.readouterr().out == ""


def test_a_thread_that_a_task_starts_prints_for_it_and_other_threads_do_not(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)

    def another_task() -> None:
        with context(flow_run_id="another"):
            print("of another")

    with stdout_to_log(logging.getLogger("one")), stdout_to_log(logging.getLogger("inner")):
        for target in (lambda: print("of a helper"), another_task):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
        assert not sys.stdout.isatty()
        print("unfinished", end="")
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("inner", "of a helper"),
        ("inner", "unfinished"),
    ]
    assert capsys.readouterr().out == "of another\n"


def test_a_stream_that_is_gone_is_told_once_without_the_error_of_which_a_line_speaks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    logger = logging.Logger("gone")
    logger.addHandler(ConsoleHandler(stream))
    stream.close()
    for _ in range(2):
        try:
            raise RuntimeError("a secret")
        except RuntimeError:
            logger.exception("failed")
    assert capsys.readouterr().err == "Log lines can no longer be printed: I/O operation on closed file.\n"
    wrong = logging.Logger("wrong")
    wrong.addHandler(ConsoleHandler(io.StringIO()))
    wrong.info("%s %s", 1)
    assert "not enough arguments for format string" in capsys.readouterr().err
