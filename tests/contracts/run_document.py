"""Runs the Python of one Markdown file, as a script: every block in order, in one namespace.

An expression followed by a comment must give what the comment says; `...` in the comment stands for anything, and an
id for any id. Line breaks in the comment are typesetting. Prints every difference, and exits with 1 if there is one.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def python_blocks(text: str) -> list[tuple[int, str]]:
    """(line number of the first line, source) of each block marked as Python."""
    blocks = []
    for match in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        blocks.append((text.count("\n", 0, match.start(1)) + 1, match[1]))
    return blocks


def comment_after(statement: ast.stmt, lines: list[str]) -> str | None:
    """The comment on the lines that directly follow this statement."""
    comment = []
    for line in lines[statement.end_lineno or 0 :]:
        if not line.startswith("#"):
            break
        comment.append(line.removeprefix("#").strip())
    return " ".join(comment) or None


def says_the_same(expected: str, value: Any) -> bool:
    try:
        if ast.literal_eval(expected) == value:
            return True
    except (ValueError, SyntaxError):
        pass  # not a literal: a printed form
    wanted, given = (re.sub(r"\s+", "", UUID.sub("<id>", text)) for text in (expected, repr(value)))
    return re.fullmatch(re.escape(wanted).replace(re.escape("..."), ".*"), given, re.DOTALL) is not None


def run(path: Path) -> int:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    try:
        return run_in(namespace, path)
    finally:
        # What a page starts and does not come to end must not outlive the test.
        for value in namespace.values():
            if isinstance(value, subprocess.Popen):
                value.kill()


def run_in(namespace: dict[str, Any], path: Path) -> int:
    wrong = 0
    for first_line, source in python_blocks(path.read_text()):
        lines = source.splitlines()
        for statement in ast.parse(source).body:
            # Line numbers of the page, so that a traceback names it.
            ast.increment_lineno(statement, first_line - 1)
            where = f"{path.name}:{statement.lineno}"
            if not isinstance(statement, ast.Expr):
                exec(compile(ast.Module([statement], []), str(path), "exec"), namespace)
                continue
            value = eval(compile(ast.Expression(statement.value), str(path), "eval"), namespace)
            ast.increment_lineno(statement, 1 - first_line)
            expected = comment_after(statement, lines)
            if expected is not None and not says_the_same(expected, value):
                wrong += 1
                print(f"{where}: {ast.unparse(statement)}\n  the page says {expected}\n  it gives      {value!r}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(1 if run(Path(sys.argv[1])) else 0)
