"""Promise: questions over HTTP cost little more than the statement that answers them, at a million runs."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import big_data
from benchmarks.measure import Measurement, report
from benchmarks.served import Client, Cost, Server, cost, encoded, serving
from prefect.server.endpoint import Endpoint
from prefect.server.store.opening import open_store

BY_NAME = """query($name: String!) {
  flow_run(where: {name: {_eq: $name}}) { id name state state_message start_time end_time flow_id version }
}"""
FAILED = 'query { flow_run_aggregate(where: {state: {_eq: "Failed"}}) { aggregate { count } } }'
LATEST = """query {
  flow_run(order_by: {start_time: desc}, limit: 20) {
    id name state state_message start_time end_time version labels
    flow { id name version }
    task_runs(limit: 20) { id name state state_message map_index version start_time end_time heartbeat task_id }
  }
}"""
# The name is written into the text, as 1.x clients do it.
INLINE = 'query {{ flow_run(where: {{name: {{_eq: "{}"}}}}) {{ id name state start_time end_time flow_id version }} }}'


def repeated(ask: Callable[[], object], count: int) -> list[Callable[[], object]]:
    return [ask] * count


def raw_ms(place: str, query: str, variables: dict[str, Any], count: int) -> float:
    """The median time of the statement alone, asked of the database by a program without anything around it."""
    store = open_store(place)
    endpoint = Endpoint(store)
    asked: list[Any] = []
    with store.snapshot() as snapshot:
        kind: Any = type(snapshot)
        fetch = kind.fetch_json

        def remember(self: Any, statement: Any) -> Any:
            asked.append(statement)
            return fetch(self, statement)

        kind.fetch_json = remember
        try:
            endpoint.answer(query, variables)
        finally:
            kind.fetch_json = fetch
        (statement,) = asked
        taken = []
        for _ in range(count):
            started = time.perf_counter()
            snapshot.fetch_json(statement)
            taken.append(time.perf_counter() - started)
    store.close()
    return statistics.median(taken) * 1000


def unseen(number: int) -> str:
    """A document of thirty lines that no other document is like."""
    fields = (
        *("id", "name", "state", "state_message", "start_time", "end_time", "version"),
        *("heartbeat", "parameters", "context", "labels"),
    )
    asked = "\n".join(f"    a{number}_{place}: {field}" for place, field in enumerate(fields))
    tasks = "\n".join(f"      b{number}_{place}: {field}" for place, field in enumerate(fields[:7]))
    return f"""query Question{number}($limit: Int) {{
  flow_run(where: {{state: {{_in: ["Running", "Failed"]}}, flow: {{name: {{_like: "flow-%"}}}}}}, limit: 1) {{
{asked}
    flow {{ id name version project {{ id name }} }}
    task_runs(where: {{map_index: {{_eq: -1}}}}, order_by: {{map_index: asc}}, limit: 1) {{
{tasks}
      task {{ id slug }}
    }}
  }}
}}"""


def questions(place: str, kind: str, server: Server, client: Client) -> Iterator[Measurement]:
    """Every promise on one kind of database."""
    from graphql import get_introspection_query

    chosen = random.Random(1)
    names = [big_data.run_name(chosen.randrange(big_data.FLOW_RUNS)) for _ in range(3000)]
    found: dict[str, Cost] = {}
    raw: dict[str, float] = {}

    def measured(name: str, requests: list[bytes], warm: int) -> Cost:
        found[name] = cost(server, [partial(client.send, request) for request in requests], warm)
        return found[name]

    client.ask(BY_NAME, {"name": names[0]})
    raw["by_name"] = raw_ms(place, BY_NAME, {"name": names[0]}, 500)
    by_name = measured("by_name", [encoded(BY_NAME, {"name": name}) for name in names], 500)
    yield Measurement(f"{kind}.by_name", by_name.median_ms, "its statement alone", by_name.median_ms / raw["by_name"])
    yield Measurement(f"{kind}.by_name_cpu", by_name.cpu_ms)

    client.ask(FAILED)
    raw["failed"] = raw_ms(place, FAILED, {}, 50)
    failed = measured("failed", [encoded(FAILED)] * 120, 20)
    yield Measurement(
        f"{kind}.count_over_raw",
        failed.median_ms - raw["failed"],
        "its statement alone",
        failed.median_ms / raw["failed"],
    )

    client.ask(LATEST)
    raw["latest"] = raw_ms(place, LATEST, {}, 200)
    latest = measured("latest", [encoded(LATEST)] * 1200, 200)
    ratio = latest.median_ms / raw["latest"]
    if kind == "http":
        yield Measurement("http.latest", latest.median_ms, "its statement alone", ratio)
        yield Measurement("http.latest_cpu", latest.cpu_ms)
    else:
        yield Measurement(f"{kind}.latest_over_raw", latest.median_ms - raw["latest"], "its statement alone", ratio)
        return

    introspection = get_introspection_query()
    client.ask(introspection)
    yield Measurement("http.introspection", measured("introspection", [encoded(introspection)] * 200, 20).median_ms)

    first = measured("first", [encoded(unseen(number), {"limit": 1}) for number in range(220)], 20)
    yield Measurement("http.first_sight", first.median_ms)

    same = measured("same", [encoded(INLINE.format(names[0]))] * 2500, 500)
    other = measured("other", [encoded(INLINE.format(name)) for name in names], 500)
    yield Measurement("http.other_literals", other.median_ms - same.median_ms)


def measure() -> Iterator[Measurement]:
    path = str(big_data.sqlite_file())
    with serving("--database", path) as server:
        client = Client(server.port)
        yield from questions(path, "http", server, client)
        client.close()
    with big_data.postgresql_url() as url, serving("--database-url", url) as server:
        client = Client(server.port)
        yield from questions(url, "http_postgresql", server, client)
        client.close()


if __name__ == "__main__":
    report(measure())
