"""Inputs of the right shape with values nobody would send: done, or refused with a reason; never a fault."""

from __future__ import annotations

import random
from collections import Counter

from prefect.server.operations import OPERATIONS, QUERIES
from tests.server.conftest import Backend
from tests.support.odd import NUMBERS, TEXTS, TIMES, VALUES, odd_value

REQUESTS = 2_500
# What a database would say of a statement that should not have reached it.
NEVER_TOLD = ("refused a statement", "SELECT", "INSERT", "UPDATE", "syntax", "Traceback", "does not fit type NoneType")
ENDS = ("delete_tenant", "delete_project", "delete_flow", "delete_flow_group", "delete_flow_run")


def known_ids(backend: Backend) -> dict[str, str]:
    flow = backend.flow(backend.project(), name="odd")
    backend.run(flow, running=False)
    tables = ("tenant", "project", "flow", "flow_group", "flow_run", "task", "task_run")
    found = backend.ask("{" + " ".join(f"{table}(limit: 1) {{ id }}" for table in tables) + "}")
    return {f"{table}_id": rows[0]["id"] for table, rows in found.items() if rows}


def test_odd_inputs_are_done_or_refused_with_a_reason(backend: Backend) -> None:
    chance, good, codes = random.Random(7), known_ids(backend), Counter[str]()
    mutations = [operation for operation in OPERATIONS.values() if operation.name not in ENDS]
    for number in range(REQUESTS):
        operation = mutations[number % len(mutations)]
        given = odd_value(chance, "", operation.input_type, good)
        document = f"mutation ($i: {operation.input_name}!) {{ {operation.name}(input: $i) {{ __typename }} }}"
        for error in backend.reply(document, i=given).get("errors", [{"extensions": {"code": ""}, "message": "done"}]):
            code = error["extensions"]["code"]
            codes[code] += 1
            assert not any(word in error["message"] for word in NEVER_TOLD), (operation.name, given, error)
            if code == "INTERNAL_SERVER_ERROR":
                # What the 1.x client looks for under this code.
                assert error["message"].startswith("Uniqueness violation."), (operation.name, given, error)
            assert code not in ("DATABASE_ERROR", "API_ERROR"), (operation.name, given, error)
    assert codes[""] > 100
    assert codes["BAD_USER_INPUT"] > 500
    assert codes["NOT_FOUND"] > 100


def test_odd_arguments_of_queries_are_refused_with_a_reason(backend: Backend) -> None:
    chance = random.Random(8)
    for query in QUERIES.values():
        for _ in range(50 if query.arguments else 1):
            values = {name: chance.choice((*TEXTS, *TIMES, *NUMBERS, *VALUES)) for name in query.arguments}
            names = ", ".join(f"{name}: ${name}" for name in values)
            shown = "{ __typename }" if query.payload_type is not None else ""
            asked = f"{query.name}({names}) {shown}" if names else f"{query.name} {shown}"
            kinds = "(" + ", ".join(f"${name}: jsonb" for name in values) + ")" if values else ""
            for error in backend.reply(f"query {kinds} {{ {asked} }}", **values).get("errors", []):
                assert not any(word in error["message"] for word in NEVER_TOLD), (query.name, values, error)
                assert error["extensions"]["code"] in ("BAD_USER_INPUT", "NOT_FOUND"), (query.name, values, error)
