"""Every fixed statement, by name. A file holds those of one subject; each begins with a line that says what it is for.

    -- task_run_facts: what the rules must know of a task run.
    SELECT ...;

Parameters are numbered (`?1`), so that one value can be used twice.
"""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = re.compile(r"^-- ([a-z_]+): (.+)$", re.MULTILINE)


def _read() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        heads = list(_HEAD.finditer(text))
        for head, following in zip(heads, [*heads[1:], None], strict=True):
            name = head.group(1)
            if name in found:
                raise ValueError(f"The statement {name} in {path.name} exists twice.")
            body = text[head.end() : following.start() if following else len(text)]
            found[name] = " ".join(line.strip() for line in body.strip().rstrip(";").splitlines())
    return found


STATEMENTS = _read()


def statement(name: str) -> str:
    """The text of this statement."""
    return STATEMENTS[name]
