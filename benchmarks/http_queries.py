"""Promise: questions over HTTP cost little more than the statement that answers them, at a million runs."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks import big_data
from benchmarks.measure import Measurement, report
from benchmarks.served import Client, Cost, Server, cost, encoded, serving
from prefect.server.endpoint import Endpoint
from prefect.server.store.opening import open_store

ROUNDS = 6
# So many requests follow each other before the statement alone has its turn.
TURN = 5

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


@contextmanager
def raw(place: str, query: str, variables: dict[str, Any]) -> Iterator[Callable[[], object]]:
    """The statement alone, asked of the database by a program without anything around it."""
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
        yield partial(snapshot.fetch_json, statement)
    store.close()


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


class Asked:
    """What questions over HTTP take: the medians of the least disturbed of several rounds.

    What the others take longer is not ours; on a machine that does nothing else all rounds are alike.
    """

    def __init__(self, place: str, server: Server, client: Client) -> None:
        self._place = place
        self._server = server
        self._client = client

    def cost(self, requests: list[bytes]) -> Cost:
        """Of one of these requests."""
        share = len(requests) // ROUNDS
        rounds = [
            cost(self._server, [partial(self._client.send, one) for one in requests[at : at + share]], 0)
            for at in range(0, share * ROUNDS, share)
        ]
        return Cost(min(one.median_ms for one in rounds), min(one.cpu_ms for one in rounds))

    def beside_raw(self, query: str, variables: dict[str, Any], count: int) -> tuple[float, float]:
        """By how many milliseconds, and how many times, so many requests take longer than the statement alone.

        In turns: some requests, then the statement as often.
        """
        request = encoded(query, variables)
        alone, answered = [], []
        with raw(self._place, query, variables) as ask:
            for _ in range(count // TURN):
                alone.append(statistics.median(seconds(ask) for _ in range(TURN)))
                answered.append(statistics.median(seconds(lambda: self._client.send(request)) for _ in range(TURN)))
        one, other = min(alone), min(answered)
        return (other - one) * 1000, other / one


def seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def questions(place: str, kind: str, server: Server, client: Client) -> Iterator[Measurement]:
    """Every promise on one kind of database."""
    from graphql import get_introspection_query

    chosen = random.Random(1)
    names = [big_data.run_name(chosen.randrange(big_data.FLOW_RUNS)) for _ in range(3000)]
    asked, reference = Asked(place, server, client), "its statement alone"

    by_name = asked.cost([encoded(BY_NAME, {"name": name}) for name in names])
    _, ratio = asked.beside_raw(BY_NAME, {"name": names[0]}, 600)
    yield Measurement(f"{kind}.by_name", by_name.median_ms, reference, ratio)
    yield Measurement(f"{kind}.by_name_cpu", by_name.cpu_ms)

    over, ratio = asked.beside_raw(FAILED, {}, 400)
    yield Measurement(f"{kind}.count_over_raw", over, reference, ratio)

    latest = asked.cost([encoded(LATEST)] * 1200)
    over, ratio = asked.beside_raw(LATEST, {}, 400)
    if kind == "http":
        yield Measurement("http.latest", latest.median_ms, reference, ratio)
    else:
        yield Measurement(f"{kind}.latest_over_raw", over, reference, ratio)
    yield Measurement(f"{kind}.latest_cpu", latest.cpu_ms)

    introspection = get_introspection_query()
    client.ask(introspection)
    yield Measurement(f"{kind}.introspection", asked.cost([encoded(introspection)] * 200).median_ms)

    unseens = [encoded(unseen(number), {"limit": 1}) for number in range(240)]
    yield Measurement(f"{kind}.first_sight", asked.cost(unseens).median_ms)

    same = asked.cost([encoded(INLINE.format(names[0]))] * 2400)
    other = asked.cost([encoded(INLINE.format(name)) for name in names])
    yield Measurement(f"{kind}.other_literals", other.median_ms - same.median_ms)


def measure(parts: Sequence[str] = ()) -> Iterator[Measurement]:
    if not parts or "sqlite" in parts:
        path = str(big_data.sqlite_file())
        with serving("--database", path) as server:
            client = Client(server.port)
            yield from questions(path, "http", server, client)
            client.close()
    if not parts or "postgresql" in parts:
        with big_data.postgresql_url() as url, serving("--database-url", url) as server:
            client = Client(server.port)
            yield from questions(url, "http_postgresql", server, client)
            client.close()


if __name__ == "__main__":
    report(measure(sys.argv[1:]))
