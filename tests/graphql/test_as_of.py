"""What `as_of` shows of a past instant is what a query without it showed then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect.server.endpoint import Endpoint

RUN = "00000006-0000-4000-8000-000000000001"

# AS_OF is where the argument goes; VERSIONED are the columns that history keeps.
QUESTIONS = """
flow_run_by_pk(id: $id AS_OF) { id sequence VERSIONED }

flow_run_by_pk(id: $id AS_OF) {
  task_runs(order_by: {id: asc}) { id map_index first_sequence VERSIONED states(order_by: {sequence: asc}) { STATE } }
}

flow_run_by_pk(id: $id AS_OF) { states(order_by: {sequence: asc}) { STATE flow_run { state } } }

flow_run_by_pk(id: $id AS_OF) {
  logs(order_by: {sequence: desc}, limit: 2) { id message sequence }
  logs_aggregate { aggregate { count max { sequence } } }
}

flow_run_by_pk(id: $id AS_OF) {
  task_runs_aggregate { aggregate { count max { version start_time end_time state } } nodes { state } }
}

flow_run_by_pk(id: $id AS_OF) { task_runs_aggregate(where: {state: {_eq: "Running"}}) { aggregate { count } } }

flow_run(where: {id: {_eq: $id}} AS_OF) { VERSIONED }

flow_run(where: {id: {_eq: $id}, state: {_eq: "Running"}, task_runs: {state: {_eq: "Failed"}}} AS_OF) { id }

task_run(where: {flow_run_id: {_eq: $id}}, order_by: {first_sequence: asc}, limit: 3 AS_OF) { id VERSIONED }

task_run(where: {flow_run_id: {_eq: $id}}, order_by: [{state: desc}, {id: asc}], limit: 2, offset: 1 AS_OF) {
  id VERSIONED
}

task_run(where: {flow_run_id: {_eq: $id}}, order_by: {end_time: desc_nulls_last, id: asc} AS_OF) { id end_time }

task_run(where: {flow_run_id: {_eq: $id}}, order_by: {id: asc} AS_OF) { id flow_run { state sequence } logs { id } }

task_run(where: {flow_run_id: {_eq: $id}, states: {state: {_eq: "Running"}}}, order_by: {id: asc} AS_OF) { id }

task_run(where: {flow_run_id: {_eq: $id}, _not: {end_time: {_is_null: true}}}, order_by: {id: asc} AS_OF) { id }

task_run(where: {flow_run_id: {_eq: $id}}, distinct_on: state, order_by: {state: asc, id: desc} AS_OF) { id state }

task_run_aggregate(where: {flow_run_id: {_eq: $id}} AS_OF) {
  aggregate { count started: count(columns: [start_time]) sum { version } }
}

task_run_aggregate(where: {flow_run_id: {_eq: $id}} AS_OF) { aggregate { count } }

task_run_state(where: {flow_run_id: {_eq: $id}}, order_by: {sequence: desc}, limit: 1 AS_OF) {
  STATE task_run { state version }
}

task_run_artifact(where: {flow_run_id: {_eq: $id}} AS_OF) { kind task_run { state } }

task_run_by_pk(id: "00000007-0000-4000-8000-000000000004" AS_OF) { state version start_time end_time }

flow_run(where: {id: {_eq: $id}}, order_by: {state: asc} AS_OF) {
  state task_runs(where: {end_time: {_gt: "2021-05-12T17:00:34Z"}}, order_by: {id: asc}) { id }
}
""".replace(
    "VERSIONED",
    "version state state_timestamp state_message state_result state_start_time serialized_state start_time end_time",
)
EVERY = QUESTIONS.replace("STATE", "id sequence version state message timestamp").strip().split("\n\n")


def asked(question: str, as_of: str) -> str:
    written = question.replace(" AS_OF", f", as_of: {as_of}" if as_of else "")
    return f"query ($id: uuid!) {{ {written} }}"


@pytest.mark.parametrize("number", range(len(EVERY)))
def test_every_sequence_shows_what_was_seen_then(
    number: int, any_endpoint: Endpoint, pictures: dict[int, Endpoint]
) -> None:
    seen = []
    for sequence, then in pictures.items():
        answer: dict[str, Any] = json.loads(any_endpoint.answer(asked(EVERY[number], str(sequence)), {"id": RUN}))
        assert "errors" not in answer, answer
        assert answer == json.loads(then.answer(asked(EVERY[number], ""), {"id": RUN})), f"as of {sequence}"
        seen.append(json.dumps(answer))
    # A question that is answered alike at all times would prove nothing.
    assert len(set(seen)) > 1


@pytest.mark.parametrize("number", range(len(EVERY)))
def test_a_time_shows_the_greatest_sequence_stamped_until_then(
    number: int, any_endpoint: Endpoint, pictures: dict[int, Endpoint]
) -> None:
    stamps = {12: 4, 30: 4, 31: 6, 32: 7, 33: 8, 35: 11, 37: 15, 38: 16, 40: 20, 43: 23, 44: 24}
    for second, sequence in stamps.items():
        as_of = f'"2021-05-12T17:00:{second}.75+00:00"'
        answer = json.loads(any_endpoint.answer(asked(EVERY[number], as_of), {"id": RUN}))
        assert answer == json.loads(pictures[sequence].answer(asked(EVERY[number], ""), {"id": RUN})), second


def test_before_the_beginning_there_is_nothing(any_endpoint: Endpoint) -> None:
    for as_of in ("0", '"2021-05-12T16:59:59Z"'):
        text = asked(
            "flow_run_by_pk(id: $id AS_OF) { id } task_run(where: {flow_run_id: {_eq: $id}} AS_OF) { id }", as_of
        )
        assert json.loads(any_endpoint.answer(text, {"id": RUN})) == {"data": {"flow_run_by_pk": None, "task_run": []}}


@pytest.mark.parametrize(
    ("question", "allowed"),
    [
        ("flow_run(as_of: 1) { id }", False),
        ('flow_run(where: {name: {_eq: "x"}}, as_of: 1) { id }', False),
        ("flow_run(where: {id: {_in: [$id]}}, as_of: 1) { id }", False),
        ("flow_run(where: {_or: [{id: {_eq: $id}}]}, as_of: 1) { id }", False),
        ("flow_run(where: {_not: {id: {_eq: $id}}}, as_of: 1) { id }", False),
        ("flow_run(where: {_and: [{id: {_eq: $id}}]}, as_of: 1) { id }", True),
        ("flow_run(where: {id: {_eq: null}}, as_of: 1) { id }", False),
        ("log(where: {flow_run_id: {_eq: $id}}, as_of: 1) { id }", True),
        ("log(as_of: 1) { id }", False),
        ("flow_run { task_runs(as_of: 1) { id } }", False),
        ("flow_run_by_pk(id: $id) { task_runs(as_of: 1) { id } }", True),
        ("flow(where: {id: {_eq: $id}}) { flow_runs(as_of: 1) { id } }", False),
        ("flow_run_by_pk(id: $id) { flow { flow_runs(as_of: 1) { id } } }", False),
        ("flow_run_by_pk(id: $id) { flow { id } task_runs { flow_run(as_of: 1) { id } } }", True),
        ("task_run { flow_run(as_of: 1) { id } }", False),
        ("flow { flow_runs(where: {id: {_eq: $id}}, as_of: 1) { id } }", True),
        ('flow { flow_runs(as_of: "2021-05-12") { id } }', True),
        ("flow_by_pk(id: $id) { flow_runs(as_of: 1) { id } }", False),
        ("flow_by_pk(id: $id) { flow_runs { task_runs(as_of: 1) { id } } }", False),
    ],
)
def test_a_sequence_is_legal_only_beneath_one_run(question: str, allowed: bool, any_endpoint: Endpoint) -> None:
    answer = json.loads(any_endpoint.answer(f"query ($id: uuid!) {{ {question} }}", {"id": RUN}))
    assert ("errors" not in answer) is allowed
    if not allowed:
        assert "beneath a single flow run" in answer["errors"][0]["message"]
