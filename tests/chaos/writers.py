"""Writers that a server may lose: each writes states and log lines of a run, and knows what was acknowledged."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.agent.running import until
from tests.server_process import Json, Server

SMALL, FULL = "small", "full"
# For a thousand runs on a busy machine.
PATIENCE_SECONDS = 900.0


def sizes(small: tuple[int, ...], full: tuple[int, ...]) -> pytest.MarkDecorator:
    given = [pytest.param(small, id=SMALL), pytest.param(full, id=FULL, marks=[pytest.mark.chaos])]
    return pytest.mark.parametrize("size", given)


def flow_of(server: Server) -> str:
    """The id of a flow of one task."""
    tenant = server.ask("{ tenant { id } }")["tenant"][0]["id"]
    made = "mutation($input: create_project_input!) { create_project(input: $input) { id } }"
    project = server.ask(made, {"input": {"tenant_id": tenant, "name": "chaos"}})["create_project"]["id"]
    document: Json = {"name": "written", "tasks": [{"slug": "task-1", "name": "task", "type": "Task", "tags": []}]}
    document |= {"edges": [], "parameters": [], "storage": {"type": "Local"}, "type": "Flow"}
    made = "mutation($input: create_flow_input!) { create_flow(input: $input) { id } }"
    flow = server.ask(made, {"input": {"project_id": project, "serialized_flow": document}})["create_flow"]["id"]
    assert isinstance(flow, str)
    return flow


class Writer:
    """Writes states and log lines of one run, each again until it is acknowledged.

    Args:
        server: where it writes, or at another `url` that leads there.
        flow: what it makes a run of.
        place: where it works.
        patience: how long it waits for an answer, in seconds.
    """

    def __init__(
        self,
        server: Server,
        flow: str,
        number: int,
        *,
        url: str | None = None,
        place: Callable[[], AbstractContextManager[None]] = nullcontext,
        patience: float = 30,
    ) -> None:
        self.url, self.headers = url or server.url, server.headers
        self.flow, self.number = flow, number
        self.place, self.patience = place, patience
        self.run = self.task_run = ""
        self.acknowledged: list[str] = []
        self.lines = 0
        self.problems: list[Any] = []
        self.refusals: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._work, name=f"writer {number}")

    def tell(self, document: str, **values: Any) -> Json:
        body = json.dumps({"query": document, "variables": {"input": values}}).encode()
        while True:
            request = urllib.request.Request(self.url, body, headers=self.headers)
            try:
                with urllib.request.urlopen(request, timeout=self.patience) as response:
                    answer: Json = json.load(response)
            except urllib.error.HTTPError as error:
                with error:
                    told = error.read().decode()
                if error.code not in (502, 503, 504, 507):
                    raise AssertionError((error.code, told)) from None
                self.refusals["DISK_FULL" if "no room" in told else str(error.code)] += 1
            except (OSError, ValueError, EOFError):
                pass  # it was killed, or cut off
            except Exception as error:
                if type(error).__module__ != "http.client":
                    raise
            else:
                if "errors" not in answer:
                    data: Json = answer["data"]
                    return data
                code = answer["errors"][0].get("extensions", {}).get("code")
                self.refusals[code] += 1
                if code not in ("API_ERROR", "DATABASE_AWAY", "DISK_FULL"):
                    raise AssertionError(answer)
            threading.Event().wait(0.02)

    def move(self, kind: str, id: str, version: int, name: str) -> None:
        state = {f"{kind}_run_id": id, "version": version, "state": {"type": name}, "idempotency_id": str(uuid.uuid4())}
        of = f"set_{kind}_run_states"
        said = self.tell(
            f"mutation($input: {of}_input!) {{ {of}(input: $input) {{ states {{ status }} }} }}", states=[state]
        )
        assert said[of]["states"] == [{"status": "SUCCESS"}], said

    def _work(self) -> None:
        try:
            with self.place():
                self._write()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.problems.append(repr(error))

    def _write(self) -> None:
        made = "mutation($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }"
        key = str(uuid.uuid4())
        self.run = self.tell(made, flow_id=self.flow, idempotency_key=key)["create_flow_run"]["id"]
        self.move("flow", self.run, 1, "Running")
        found = self.tell(f'query {{ task_run(where: {{flow_run_id: {{_eq: "{self.run}"}}}}) {{ id version }} }}')
        (self.task_run, version) = (found["task_run"][0]["id"], found["task_run"][0]["version"])
        while not self.stopping.is_set():
            for name in ("Running", "Retrying"):
                self.move("task", self.task_run, version, name)
                version += 1
                self.acknowledged.append(name)
                line: Json = {"flow_run_id": self.run, "message": str(self.lines), "level": "INFO"}
                line |= {"client_id": self.run, "client_sequence": self.lines + 1}
                self.tell(
                    "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }", logs=[line]
                )
                self.lines += 1


def check(server: Server, writers: Sequence[Writer]) -> None:
    """Everything that was acknowledged is there, once and in order."""
    assert [writer.problems for writer in writers if writer.problems] == []
    for writer in writers:
        found = server.ask(
            f"""{{ flow_run_by_pk(id: "{writer.run}") {{
              logs(order_by: {{sequence: asc}}, limit: 1000000) {{ message }} task_runs {{
                state version states(order_by: {{version: asc}}, limit: 1000000) {{ version state }} }} }} }}"""
        )["flow_run_by_pk"]
        (task_run,) = found["task_runs"]
        states = [each["state"] for each in task_run["states"]]
        assert states == ["Pending", *writer.acknowledged]
        assert [each["version"] for each in task_run["states"]] == list(range(1, len(states) + 1))
        assert (task_run["state"], task_run["version"]) == (states[-1], len(states))
        assert [each["message"] for each in found["logs"]] == [str(number) for number in range(writer.lines)]
    check_file(server)


def check_file(server: Server) -> None:
    """A database that is a file is sound."""
    if isinstance(server.database, Path):
        with closing(sqlite3.connect(server.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def writers_of(server: Server, flow: str, count: int, **how: Any) -> list[Writer]:
    return [Writer(server, flow, number, **how) for number in range(count)]


@contextlib.contextmanager
def writing(writers: Sequence[Writer]) -> Iterator[Sequence[Writer]]:
    """Writers at work, which end at the end of the block with what they are about."""
    for writer in writers:
        writer.thread.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.thread.join(120)
            assert not writer.thread.is_alive()


def total(writers: Sequence[Writer]) -> int:
    return sum(writer.lines for writer in writers)


def advance(writers: Sequence[Writer], lines: int) -> None:
    """Wait until so many lines more are acknowledged."""
    before = total(writers)

    def has_advanced() -> bool:
        assert [writer.problems for writer in writers if writer.problems] == []
        return total(writers) > before + lines

    until(
        has_advanced,
        f"{lines} lines more; so far it was refused {[writer.refusals for writer in writers]}",
        PATIENCE_SECONDS,
    )
