"""Question, variables, plan, statements and answer beside each other, one set of files for each case.

`.sql` is the statement for SQLite, `.pg.sql` the one for PostgreSQL; the answer is the same on both.

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
from prefect.server.graphql.dialect import SQLITE, Dialect
from prefect.server.graphql.document import parse
from prefect.server.graphql.plan import describe
from prefect.server.graphql.render import render
from prefect.server.graphql.render_postgres import postgresql
from prefect.server.graphql.selections import chosen, one_field
from prefect.server.graphql.variables import read_variables

CASES = sorted(Path(__file__).parent.glob("*.graphql"))
_CLAUSES = ("SELECT", "FROM", "WHERE", "ORDER BY", "CROSS JOIN LATERAL", "CROSS JOIN", "LIMIT")
WRITE = os.environ.get("GOLDEN") == "write"


def _compiled(text: str, variables: dict[str, Any], role: Role, dialect: Dialect) -> tuple[str, str]:
    request = parse(text)
    operation = request.document.operation(None)
    values = read_variables(operation, variables, request.literals)
    binder = bind.Binder(operation, values, CATALOG, scoped=role.tenant_id is not None, literals=request.literals)
    roots = bind.roots(CATALOG)
    plans, statements = [], []
    for fields in chosen(operation, operation.selections, "query_root", values).values():
        field = one_field(fields, binder.twins)
        if field.name not in roots:
            continue
        plan = binder.root(field, *roots[field.name])
        statement = render(plan, CATALOG, dialect).fill(values, request.literals, role)
        plans.append(describe(plan))
        statements.append(_readable(statement.sql) + f"\n-- {json.dumps(statement.parameters, ensure_ascii=False)}")
    return "\n\n".join(plans) + "\n", "\n\n".join(statements) + "\n"


def _readable(sql: str) -> str:
    """Each clause on a line of its own, subqueries moved in."""
    lines: list[str] = []
    line, depth = "", 0
    for piece in re.findall(rf"'[^']*'|\(|\)|\b(?:{'|'.join(_CLAUSES)})\b|.", sql):
        if piece in _CLAUSES:
            if line.strip():
                lines.append(line.rstrip())
            line = "  " * depth
        depth += (piece == "(") - (piece == ")")
        line += piece
    return "\n".join([*lines, line])


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_golden(path: Path, any_endpoint: Endpoint) -> None:
    text = path.read_text(encoding="utf-8")
    given = path.with_suffix(".vars.json")
    variables = json.loads(given.read_text(encoding="utf-8")) if given.exists() else {}
    named = re.search(r"# role: (\S+)", text)
    role = Role(named.group(1)) if named else EVERYONE
    answer = json.loads(any_endpoint.answer(text, variables, role=role))
    on_sqlite = any_endpoint.store.kind == "sqlite"
    found = {}
    if on_sqlite:
        found[".json"] = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    else:
        # The keys of a JSON value come in PostgreSQL's order, and 3.0 is written as 3.
        assert answer == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if "errors" not in answer:
        dialect = SQLITE if on_sqlite else postgresql("folding")
        found[".plan"], found[".sql" if on_sqlite else ".pg.sql"] = _compiled(text, variables, role, dialect)
    for suffix, content in found.items():
        file = path.with_suffix(suffix)
        if WRITE:
            file.write_text(content, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == content


def test_no_golden_file_is_left_without_its_question() -> None:
    questions = {path.stem for path in CASES}
    for path in Path(__file__).parent.iterdir():
        if path.suffix in (".plan", ".sql", ".json"):
            assert path.name.removesuffix(path.suffix).removesuffix(".vars").removesuffix(".pg") in questions


def test_there_are_cases_enough() -> None:
    """With question, plan, statements of both databases and answer; refusals come on top."""
    whole = [path for path in CASES if all(path.with_suffix(end).exists() for end in (".plan", ".sql", ".pg.sql"))]
    assert len(whole) >= 150
