"""Question, variables, plan, statement and answer beside each other, one set of files for each case.

`GOLDEN=write` in the environment writes plans, statements and answers anew; read the difference before you commit it.
A comment `# role: <tenant id>` in a question asks as a role bound to that tenant.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from prefect.server.catalog import CATALOG, EVERYONE, Role
from prefect.server.endpoint import Endpoint
from prefect.server.graphql import bind
from prefect.server.graphql.document import parse
from prefect.server.graphql.plan import describe
from prefect.server.graphql.render import render

CASES = sorted(Path(__file__).parent.glob("*.graphql"))
WRITE = os.environ.get("GOLDEN") == "write"


def _compiled(text: str, variables: dict[str, Any], role: Role) -> tuple[str, str]:
    request = parse(text)
    operation = request.document.operation(None)
    values = bind.variables(operation, variables, request.literals)
    binder = bind.Binder(operation, values, CATALOG, scoped=role.tenant_id is not None)
    roots = bind.roots(CATALOG)
    plans, statements = [], []
    for fields in bind.chosen(operation, operation.selections, "query_root", values).values():
        field = bind.one_field(fields, binder.twins)
        if field.name not in roots:
            continue
        plan = binder.root(field, *roots[field.name])
        statement = render(plan, CATALOG).fill(values, request.literals, role)
        plans.append(describe(plan))
        statements.append(_readable(statement.sql) + f"\n-- {json.dumps(statement.parameters, ensure_ascii=False)}")
    return "\n\n".join(plans) + "\n", "\n\n".join(statements) + "\n"


def _readable(sql: str) -> str:
    """Each clause on a line of its own, subqueries moved in."""
    lines: list[str] = []
    line, depth = "", 0
    for piece in re.findall(r"'[^']*'|\(|\)|\b(?:SELECT|FROM|WHERE|ORDER BY|CROSS JOIN|LIMIT)\b|.", sql):
        if piece in ("FROM", "WHERE", "ORDER BY", "SELECT", "CROSS JOIN", "LIMIT"):
            if line.strip():
                lines.append(line.rstrip())
            line = "  " * depth
        depth += (piece == "(") - (piece == ")")
        line += piece
    return "\n".join([*lines, line])


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_golden(path: Path, endpoint: Endpoint) -> None:
    text = path.read_text(encoding="utf-8")
    given = path.with_suffix(".vars.json")
    variables = json.loads(given.read_text(encoding="utf-8")) if given.exists() else {}
    named = re.search(r"# role: (\S+)", text)
    role = Role(named.group(1)) if named else EVERYONE
    answer = json.loads(endpoint.answer(text, variables, role=role))
    found = {".json": json.dumps(answer, indent=1, ensure_ascii=False) + "\n"}
    if "errors" not in answer:
        found[".plan"], found[".sql"] = _compiled(text, variables, role)
    for suffix, content in found.items():
        file = path.with_suffix(suffix)
        if WRITE:
            file.write_text(content, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == content


def test_no_golden_file_is_left_without_its_question() -> None:
    questions = {path.stem for path in CASES}
    for path in Path(__file__).parent.iterdir():
        if path.suffix in (".plan", ".sql", ".json"):
            assert path.name.removesuffix(path.suffix).removesuffix(".vars") in questions
