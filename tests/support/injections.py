# ruff: noqa: RUF001
"""Text that means something to somebody on its way: to SQL, GraphQL, JSON, a pattern, a path, a search, a shell.

Written for these tests. Every string is one that a person could store as a name, and that has to come back as it went
in; `HALVES` are the few that no UTF-8 can carry.
"""

from __future__ import annotations

import itertools
import json
from functools import cache

# How a value may be left: what ends the literal or the expression around it.
_ENDS = (
    *("", "'", "''", '"', '""', "`", "]", "')", '")', "'))", "\\'", '\\"', "\\\\'", "$$", "$q$", "E'", "N'", "'::text"),
    *("\u2019", "\u02bc", "\uff07", "\u201d", "\uff02", "%27", "%2527", "&#39;", "\\u0027", "\\x27", "\x00'", "'\x00"),
)
# What is wanted of the database then.
_WISHES = (
    " OR 1=1",
    " OR TRUE",
    " AND 0",
    " OR 'a'='a",
    "||'x'||",
    " UNION SELECT 1",
    " UNION ALL SELECT name, sql FROM sqlite_master",
    " UNION SELECT usename, passwd FROM pg_shadow",
    "; DROP TABLE flow_run",
    "; DELETE FROM tenant",
    "; UPDATE flow_run SET name = 'owned'",
    "; INSERT INTO tenant (id) VALUES ('x')",
    "; CREATE TABLE owned (a)",
    "; ATTACH DATABASE '/tmp/owned' AS owned",
    "; PRAGMA writable_schema = ON",
    "; COPY tenant TO PROGRAM 'true'",
    "; COMMIT; VACUUM",
    "; ROLLBACK TO SAVEPOINT a",
    "||(SELECT group_concat(name) FROM sqlite_master)||",
    "||(SELECT string_agg(relname, ',') FROM pg_class)||",
    "||load_extension('owned')||",
    "||randomblob(1000000000)||",
    "||zeroblob(10)||",
    "||pg_sleep(60)||",
    "||pg_read_file('/etc/passwd')||",
    "||current_setting('data_directory')||",
    "||lo_import('/etc/passwd')||",
    "||set_config('search_path','owned',false)||",
    " LIMIT 1 OFFSET 1",
    " ORDER BY (CASE WHEN 1=1 THEN 1 ELSE 1/0 END)",
    " GROUP BY 1 HAVING 1=1",
    " RETURNING id",
    " COLLATE NOCASE",
    "::regclass",
    "::int",
    " IS NOT NULL",
    " GLOB '*'",
    " NOTNULL",
)
# What hides the rest of the statement.
_COMMENTS = ("", " --", " -- -", "/*", " /* */", "#", ";\x00", "\n--", "\t;")
# Placeholders of drivers and of ours, and what formats text.
_PLACES = (
    *("?", "?1", "?2", "??", ":name", ":1", "@name", "$1", "$2", "$name", "%s", "%(name)s", "%%", "%d", "{}", "{0}"),
    *(
        "{column}",
        "{row}",
        "{value!r}",
        "${x}",
        "#{x}",
        "\x000\x00",
        "\x001\x00",
        "\x0012\x00",
        "?|",
        "?&",
        "@>",
        "->>'a'",
    ),
)
_PATTERNS = (
    *(
        "%",
        "_",
        "%%",
        "%_%",
        "\\%",
        "\\_",
        "\\\\",
        "[a-z]",
        "[^a]",
        "[[:alpha:]]",
        "[",
        "]",
        "[]",
        "[^]",
        "(",
        ")",
        "()",
    ),
    *(
        "(a|b)",
        "|",
        "a|",
        "|a",
        "*",
        "+",
        "a*",
        "a**",
        "a+?",
        "a{2}",
        "a{",
        "a{,}",
        "a{1,99999}",
        "^",
        "$",
        "^$",
        ".*",
        ".",
    ),
    *(
        "(?i)a",
        "(?=a)",
        "(?<!a)",
        "(?P<n>a)",
        "\\1",
        "\\d",
        "\\b",
        "\\Z",
        "\\m",
        "\\y",
        "\\x41",
        "\\u0041",
        "***=a",
        "***:a",
    ),
    *(
        "(a+)+$",
        "(a|a)*b",
        "((((((((((a))))))))))",
        "a\\",
        "\\E",
        "\\Q*\\E",
        "?*",
        "[a-\\d]",
        "[z-a]",
        "#%",
        "!%",
        "^%",
    ),
)
_PATHS = (
    *(
        "$",
        "$.",
        "$..a",
        "$.*",
        "$[*]",
        "$[0]",
        "$[-1]",
        "$[#-1]",
        "$.a.b",
        "a.b[0]",
        "[0]",
        "a[",
        "a]",
        "a..b",
        ".",
        ".a",
    ),
    *('["a"]', '["a', "['a']", '$."a"', '$."a', "$.a ? (@ > 1)", "strict $.a", "lax $.a", "$.a.type()", "$.keyvalue()"),
    *("{a,b}", "{a", "a,b", "[99999999999999999999]", "[0x1]", "$[last]", "$.a->b", "a/b", "a\\.b", "$['a']['b']"),
)
_JSON = (
    *(
        "{}",
        "[]",
        "null",
        "true",
        "1",
        '"a"',
        '{"a":1}',
        '{"a":{"b":[1]}}',
        '{"__proto__":1}',
        '{"$gt":""}',
        '{"a":1',
        "{a:1}",
    ),
    *('","a":"', '"}', '"]', '":1}', "\\", '\\"', "\\u0000", "\\ud83d", "NaN", "Infinity", "-0", "1e999", "0x10", "١"),
)
_GRAPHQL = (
    *(
        '"}}) { id } }',
        '"}}) { id } } mutation { delete_flow',
        '"""',
        '\\"""',
        '"""}',
        "}",
        "}}",
        "{",
        "{ id }",
        "})",
        "}) {",
    ),
    *(
        "$v",
        "$v: String",
        "$x)",
        "...f",
        "... on flow_run { id }",
        "@skip(if: true)",
        "@include(if: false)",
        "!",
        "=",
        "|",
    ),
    *(
        "fragment f on flow_run { id }",
        "query",
        "mutation { delete_tenant(input: {}) { success } }",
        "__typename",
        "__schema",
    ),
    *(
        "{ __schema { types { name } } }",
        "subscription { tenant { id } }",
        "id",
        "name: asc",
        "asc",
        "desc",
        "asc_nulls_first",
    ),
    *(
        "id, name",
        "[id]",
        "[id, name]",
        "asc) { id } other: tenant(limit: 1",
        "id) { id } drop: flow(limit: 1",
        "# comment",
    ),
)
_ORDINARY = (
    *(
        "id",
        "name",
        "flow_run",
        "rowid",
        "oid",
        "ctid",
        "tenant_id",
        "select",
        "SELECT",
        "null",
        "NULL",
        "true",
        "now",
        "now()",
    ),
    *(
        "today",
        "infinity",
        "-infinity",
        "epoch",
        "allballs",
        "00000000-0000-4000-8000-000000000000",
        "2020-01-01",
        "1",
        "0",
    ),
    *(
        "-1",
        "1.0",
        "1 day",
        "P1D",
        "00:00:01",
        "9223372036854775808",
        "{}",
        "[1]",
        "a:b",
        "a&b",
        "a | b",
        "a <-> b",
        "!a",
        "a:*",
    ),
    *(
        "a OR b",
        "-a",
        '"a b',
        "a*",
        "NEAR(a b)",
        "a AND NOT b",
        "col:a",
        "^a",
        "+a",
        "<script>alert(1)</script>",
        "`id`",
    ),
    *(
        "$(id)",
        "a\r\nSet-Cookie: b",
        "../../etc/passwd",
        "C:\\a",
        "file:///a",
        "\x1b[31m",
        "a\tb",
        " a",
        "a ",
        "\n",
        " ",
    ),
)
# Without U+FFFE and U+FFFF, which are no characters: to a pattern of SQLite's they are the same as U+FFFD.
_UNICODE = (
    *(
        "\x00",
        "a\x00b",
        "\x00\x00",
        "\x01",
        "\x1a",
        "\x7f",
        "\x80",
        "\x9f",
        "\xa0",
        "\xad",
        "\u200b",
        "\u200e",
        "\u202e",
        "\u2028",
    ),
    *(
        "\u2029",
        "\u2066",
        "\ufeff",
        "\U0001f600",
        "\U0010ffff",
        "\U00010000",
        "e\u0301",
        "é",
        "ﬁ",
        "İ",
        "ı",
    ),
    *(
        "ß",
        "ẞ",
        "ſ",
        "K",
        "Å",
        "ά",
        "ς",
        "Σ",
        "דּ",
        "\u0130x",
        "١٢",
        "𝒜",
        "🏳️‍🌈",
        "\u0915\u094d",
        "ｆｌｏｗ",
        "а" + "dmin",
    ),
)
# Halves of surrogate pairs: JSON can write them, UTF-8 cannot.
HALVES = ("\ud800", "\udc00", "a\ud800b", "\udfff\ud800", "' OR '\udbff")


@cache
def injections() -> tuple[str, ...]:
    """More than a thousand different strings, the same each time."""
    found: dict[str, None] = {}
    for written in (_PLACES, _PATTERNS, _PATHS, _JSON, _GRAPHQL, _ORDINARY, _UNICODE):
        found.update(dict.fromkeys(written))
    # Every way out with every wish; comments and what stands before take turns, so that each meets each.
    starts = itertools.cycle(("", "x", "1", "%", "é"))
    comments = itertools.cycle(_COMMENTS)
    for number, (end, wish) in enumerate(itertools.product(_ENDS, _WISHES)):
        if number % 2 == 0 or end in ("'", '"', ""):
            found[f"{next(starts)}{end}{wish}{next(comments)}"] = None
    # What is written for one reader, behind the end of another's literal.
    for end, inner in itertools.product(("'", '"', "\\"), (*_PLACES, *_JSON, *_GRAPHQL[:8])):
        found[f"{end}{inner}{end}"] = None
    found.update(dict.fromkeys(map(json.dumps, _GRAPHQL[:10])))
    for text in ("a", "'", '"', "%", "\\"):
        found[text * 1000] = None
    # Where a database keeps no NUL, this stands in its place; two of ours may not become one.
    kept: dict[str, str] = {}
    for text in found:
        kept.setdefault(text.replace("\x00", "\ufffd"), text)
    return tuple(kept.values())
