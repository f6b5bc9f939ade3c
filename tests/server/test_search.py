"""What is looked for is read as people write it."""

from __future__ import annotations

import pytest

from prefect.server import search


@pytest.mark.parametrize(
    ("text", "written", "fts5", "tsquery"),
    [
        ("timeout", [["timeout"]], '("timeout")', "(('timeout'))"),
        ("Timeout S3", [["timeout", "s3"]], '("timeout" AND "s3")', "(('timeout') & ('s3'))"),
        ('"connection reset"', [["connection reset"]], '("connection reset")', "(('connection' <-> 'reset'))"),
        ("task_run", [["task run"]], '("task run")', "(('task' <-> 'run'))"),
        ("time*", [["time*"]], '("time" *)', "(('time':*))"),
        ('"reset by pe"*', [["reset by pe*"]], '("reset by pe" *)', "(('reset' <-> 'by' <-> 'pe':*))"),
        ("error -retry", [["error", "-retry"]], '(("error") NOT ("retry"))', "(('error') & !('retry'))"),
        ("a OR b c", [["a"], ["b", "c"]], '("a") OR ("b" AND "c")', "(('a')) | (('b') & ('c'))"),
        ("OR a OR", [["a"]], '("a")', "(('a'))"),
        ("or", [["or"]], '("or")', "(('or'))"),
        ("naïve Ärger", [["naïve", "ärger"]], '("naïve" AND "ärger")', "(('naïve') & ('ärger'))"),
        ('"open ended', [["open ended"]], '("open ended")', "(('open' <-> 'ended'))"),
        ("it's ... 50%", [["it s", "50"]], '("it s" AND "50")', "(('it' <-> 's') & ('50'))"),
        ("NEAR(a b) AND c", [["near a", "b", "and", "c"]], '("near a" AND "b" AND "and" AND "c")', None),
    ],
)
def test_a_search_is_read(text: str, written: list[list[str]], fts5: str, tsquery: str | None) -> None:
    query = search.parse(text)
    shown = [
        [f"{'-' if term.excluded else ''}{' '.join(term.words)}{'*' if term.prefix else ''}" for term in choice]
        for choice in query
    ]
    assert shown == written
    assert search.fts5(query) == fts5
    assert tsquery is None or search.tsquery(query) == tsquery


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no word"),
        (" ... -- '' ", "has no word"),
        ("OR", "has no word"),
        ("-retry", "leave out"),
        ("a OR -b", "leave out"),
        ("a " * 65, "more than 64 words"),
    ],
)
def test_what_looks_for_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        search.parse(text)


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("flow", "Flow run SUCCESS", True),
        ("run flow", "Flow run SUCCESS", True),
        ('"run flow"', "Flow run SUCCESS", False),
        ("succ", "Flow run SUCCESS", False),
        ("succ*", "Flow run SUCCESS", True),
        ("-flow success", "Flow run SUCCESS", False),
        ("task_run", "the task-run", True),
        ("task_run", "run the task", False),
        ("x OR flow", "Flow run SUCCESS", True),
        ("é", "tab, é, 😀", True),
        ("a", "", False),
    ],
)
def test_a_line_is_matched(text: str, line: str, found: bool) -> None:
    assert search.matches(search.parse(text), line) is found
