"""What somebody looks for in log lines: text to words, and words to what each database searches by.

All words have to be in a line, in any order: `timeout s3`. Words in quotes stand side by side, a star stands for any
end, a minus leaves lines out, OR gives a choice: `"connection reset" OR time* -retry`. Letters and digits make words,
everything else stands between them, so that `task_run` is two words side by side. Upper and lower case are the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# More would be no search any more.
MOST_WORDS = 64

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r'(-?)(?:"([^"]*)"?(\*?)|([^\s"]+))')


class Term(NamedTuple):
    """Words that stand side by side; of a prefix the last is only begun."""

    words: tuple[str, ...]
    prefix: bool
    excluded: bool


# Lines of which every term of one of these holds.
Query = tuple[tuple[Term, ...], ...]


def words(text: str) -> list[str]:
    """The words of a text, in order, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """What a search means; raises ValueError with the second half of a sentence where it means nothing."""
    choices: list[list[Term]] = [[]]
    for minus, quoted, star, bare in _PART.findall(text):
        if bare == "OR" and not minus:
            choices.append([])
            continue
        found = tuple(words(quoted or bare))
        if found:
            choices[-1].append(Term(found, bool(star) or bare.endswith("*"), bool(minus)))
    if sum(len(term.words) for choice in choices for term in choice) > MOST_WORDS:
        raise ValueError(f"has more than {MOST_WORDS} words")
    query = tuple(tuple(choice) for choice in choices if choice)
    if not query:
        raise ValueError("has no word to look for")
    if any(all(term.excluded for term in choice) for choice in query):
        raise ValueError("says only which words to leave out, not what to look for")
    return query


def fts5(query: Query) -> str:
    """The query as SQLite's FTS5 writes it. Words hold no quotation marks."""

    def phrase(term: Term) -> str:
        return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")

    def choice(terms: tuple[Term, ...]) -> str:
        wanted = " AND ".join(phrase(term) for term in terms if not term.excluded)
        unwanted = " OR ".join(phrase(term) for term in terms if term.excluded)
        return f"(({wanted}) NOT ({unwanted}))" if unwanted else f"({wanted})"

    return " OR ".join(map(choice, query))


def tsquery(query: Query) -> str:
    """The query as PostgreSQL writes it."""

    def phrase(term: Term) -> str:
        *first, last = (f"'{word}'" for word in term.words)
        written = " <-> ".join([*first, f"{last}:*" if term.prefix else last])
        return f"{'!' if term.excluded else ''}({written})"

    return " | ".join(f"({' & '.join(map(phrase, terms))})" for terms in query)


def matches(query: Query, text: str) -> bool:
    """Whether a text is among what the query looks for."""
    found = words(text)
    return any(all(_stands(term, found) is not term.excluded for term in choice) for choice in query)


def _stands(term: Term, found: list[str]) -> bool:
    wanted, last = list(term.words), len(term.words) - 1
    for start in range(len(found) - last):
        if found[start : start + last] == wanted[:last]:
            word = found[start + last]
            if word.startswith(wanted[last]) if term.prefix else word == wanted[last]:
                return True
    return False
