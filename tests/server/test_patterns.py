"""Regular expressions mean what they mean in PostgreSQL, and take no longer than the text is long."""

from __future__ import annotations

import time

import pytest

from prefect.server import patterns


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b+", "abbc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("a.c", "a\nc", True),
        ("a$", "a\nb", False),
        ("^b", "a\nb", False),
        ("a|b", "xb", True),
        ("", "", True),
        ("[[:digit:]]{2}", "a12", True),
        (r"\d\d", "a12", True),
        ("é", "café", True),
        ("(?i)ABC", "xabc", True),
        ("ABC", "xabc", False),
    ],
)
def test_a_regular_expression_is_looked_for_anywhere(pattern: str, text: str, found: bool) -> None:
    assert (patterns.search(pattern, fold=False)(text) is not None) is found


@pytest.mark.parametrize(("pattern", "text"), [("ABC", "xabc"), ("äß", "Äß"), ("[A-C]+$", "abc")])
def test_folding_takes_both_cases(pattern: str, text: str) -> None:
    assert patterns.search(pattern, fold=True)(text)
    assert not patterns.search(pattern, fold=False)(text)


@pytest.mark.parametrize(
    "pattern", ["(", "[", "a{1001}", "((a{500}){500}){500}", r"(a)\1", "(?=a)", "(?<!a)", "*", "a**b\\"]
)
def test_what_cannot_be_matched_in_one_pass_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        patterns.search(pattern, fold=False)


@pytest.mark.parametrize("pattern", [".*" * 101, "a?" * 101, "|" * 101, "(a?){250}", "((a?){30}){30}"])
def test_what_postgresql_would_think_about_for_long_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="more than 100 signs"):
        patterns.search(pattern, fold=False)


@pytest.mark.parametrize("pattern", [".*" * 100, r"\*" * 500, "a{1,9}" * 50, r"(\d{2}-){3}", "[a-z]+" * 50, "(a|b){9}"])
def test_what_is_only_long_is_not(pattern: str) -> None:
    patterns.search(pattern, fold=False)


def test_as_many_signs_of_a_similar_pattern_are_too_many() -> None:
    with pytest.raises(ValueError, match="more than 100 signs"):
        patterns.search(patterns.similar("%" * 101), fold=False)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+b", "(.*)*x", "(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_takes_more_than_one_pass(pattern: str) -> None:
    start = time.process_time()
    for _ in range(20):
        patterns.search(pattern, fold=False)("a" * 20_000 + "!")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("abc", "abc", True),
        ("a", "abc", False),
        ("%(b|d)%", "abc", True),
        ("(b|c)%", "abc", False),
        ("a_c", "a\nc", True),
        ("a.c", "abc", False),
        ("^a$", "^a$", True),
        ("a+", "aaa", True),
        ("(ab){2}", "abab", True),
        ("[a-c]*", "abcb", True),
        ("[^a-c]*", "abcb", False),
        ("[]a]+", "a]a", True),
        ("[^]a]+", "a]a", False),
        ("[%_.]+", "%_.", True),
        ("[%_]+", "ab", False),
        ("[[:digit:]x]+", "1x2", True),
        ("[[a]+", "[a", True),
        (r"a\%", "a%", True),
        (r"a\%", "ab", False),
        (r"a\\b", r"a\b", True),
        (r"\(a\)", "(a)", True),
        (r"\d+", "12", True),
        (r"a\éb", "aéb", True),
        ("a|b", "b", True),
        ("a|b", "ab", False),
        ("", "", True),
    ],
)
def test_similar_matches_from_end_to_end(pattern: str, text: str, found: bool) -> None:
    assert (patterns.search(patterns.similar(pattern), fold=False)(text) is not None) is found


def test_similar_refuses_an_escape_of_nothing() -> None:
    with pytest.raises(ValueError, match="ends with its escape character"):
        patterns.similar("a\\")
