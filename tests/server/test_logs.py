"""The log of a server, for people and for programs."""

import io
import json
import logging
from typing import Any

import pytest

from prefect.server import metrics
from prefect.server.errors import CannotServe
from prefect.server.logs import REQUEST_ID, RequestLog, Sparing, TurnedAway, configured, request_id
from prefect.server.metrics import METRICS
from prefect.utilities.logging import ConsoleHandler, get_logger


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    for handler in logging.getLogger("prefect").handlers:
        if isinstance(handler, ConsoleHandler):
            monkeypatch.setattr(handler, "stream", stream)
    return stream


def entries(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_each_entry_is_a_line_of_json(written: io.StringIO) -> None:
    logger = get_logger("server")
    with configured("json") as say:
        say("Serving.")
        logger.warning('two\nlines and "quotes" of %s', "\ud800")
        try:
            raise KeyError("x")
        except KeyError:
            logger.exception("It failed.")
    said, warned, failed = entries(written)
    assert (said["message"], said["level"], said["logger"]) == ("Serving.", "INFO", "prefect.server")
    assert warned["message"] == 'two\nlines and "quotes" of \\ud800'
    assert failed["error"].startswith("Traceback")
    assert failed["error"].endswith("KeyError: 'x'")
    assert set(failed) == {"time", "level", "logger", "message", "error", "process"}


def test_after_it_everything_is_logged_as_before(written: io.StringIO) -> None:
    with configured("json"):
        pass
    get_logger("server").warning("plain")
    assert written.getvalue().endswith("plain\n")
    assert not written.getvalue().startswith("{")


@pytest.mark.parametrize("format", ["text", "json"])
def test_what_goes_wrong_names_the_request_that_it_went_wrong_with(written: io.StringIO, format: str) -> None:
    with configured(format):
        token = REQUEST_ID.set("r-17")
        get_logger("server").error("The disk is full.")
        REQUEST_ID.reset(token)
        get_logger("server").error("Nobody asked.")
    first, second = written.getvalue().splitlines()
    if format == "json":
        assert json.loads(first)["request_id"] == "r-17"
    else:
        assert first.endswith("The disk is full. (request r-17)")
    assert "request" not in second


def test_a_request_is_logged_with_its_facts(written: io.StringIO) -> None:
    facts: dict[str, Any] = {"id": "r-1", "operation": "query", "outcome": "ok", "status": 200, "seconds": 0.01234}
    with configured("json"):
        RequestLog("all").write(**facts, who="key ci (1)", address="10.0.0.7", failed=False)
    (entry,) = entries(written)
    assert entry["message"] == "query: ok in 12.3 ms, asked by key ci (1) at 10.0.0.7 (request r-1)"
    del entry["message"], entry["time"], entry["process"]
    assert entry == {
        "level": "INFO",
        "logger": "prefect.server.requests",
        "request_id": "r-1",
        "operation": "query",
        "outcome": "ok",
        "status": 200,
        "duration_ms": 12.3,
        "who": "key ci (1)",
        "address": "10.0.0.7",
    }


@pytest.mark.parametrize(
    ("setting", "failed", "seconds", "wanted"),
    [
        ("none", True, 9.0, False),
        ("failed", True, 0.1, True),
        ("failed", False, 0.1, False),
        ("failed", False, 1.0, True),
        ("all", False, 0.0, True),
    ],
)
def test_which_requests_are_logged(setting: str, failed: bool, seconds: float, wanted: bool) -> None:
    assert RequestLog(setting, 1.0).wants(failed, seconds) is wanted


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(CannotServe, match=r"server\.logging\.requests"):
        RequestLog("some")
    with pytest.raises(CannotServe, match=r"server\.logging\.format"), configured("xml"):
        pass


def test_a_request_keeps_a_sound_id_and_gets_one_instead_of_any_other() -> None:
    assert request_id("abc-123.4:5_6") == "abc-123.4:5_6"
    for given in (None, "", "a b", "x" * 65, "line\nbreak", "{}", "ä"):
        made = request_id(given)
        assert made != given
        assert len(made) > 36


@pytest.mark.parametrize("name", ["x\n2026-01-01 | ERROR | forged", "x\r\nforged", "\x1b[2Jforged", "x\u2028forged"])
def test_a_name_begins_no_line_of_the_log_and_steers_no_terminal(written: io.StringIO, name: str) -> None:
    with configured("text"):
        get_logger("server").warning("The automation %s was set off.", name)
    lines = written.getvalue().split("\n")
    assert all(line.startswith("    ") for line in lines[1:-1])
    assert not {"\r", "\x1b", "\u2028"}.intersection(written.getvalue())
    assert "forged" in written.getvalue()


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_whoever_is_turned_away_is_logged_once_a_minute_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    turned_away = TurnedAway(clock)
    before = METRICS.value(metrics.TURNED_AWAY, metrics.NOT_KNOWN)
    for _ in range(100):
        turned_away.note("10.0.0.7", metrics.NOT_KNOWN, "the-id")
    turned_away.note("10.0.0.8", metrics.EXPIRED)
    # Nobody who only has no key yet is worth a line.
    turned_away.note("10.0.0.9", metrics.MISSING)
    first = "Turned away at 10.0.0.7: the key is not known here, or not any more (id the-id)."
    assert caplog.messages == [first, "Turned away at 10.0.0.8: the key has expired."]
    assert METRICS.value(metrics.TURNED_AWAY, metrics.NOT_KNOWN) == before + 100
    clock.seconds += 60
    turned_away.note("10.0.0.7", metrics.NOT_KNOWN, "the-id")
    assert caplog.messages[2:] == [f"{first} (99 more like it were left out.)"]


def test_however_many_try_the_log_has_so_many_lines_a_minute() -> None:
    clock = Clock()
    sparing = Sparing(clock)
    found = [sparing.admit(f"2001:db8::{number:x}") for number in range(5000)]
    assert found.count("") == Sparing.MOST_A_MINUTE
    assert set(found) == {"", None}
    clock.seconds += 60
    assert sparing.admit("2001:db9::") == f" ({5000 - Sparing.MOST_A_MINUTE} more like it were left out.)"
    assert len(sparing._seen) <= Sparing.REMEMBERED
    # Whoever is remembered no more is admitted again, and nothing that was left out is forgotten.
    for number in range(50 * 60):
        clock.seconds += 2
        sparing.admit(f"a{number}")
    assert len(sparing._seen) == Sparing.REMEMBERED
