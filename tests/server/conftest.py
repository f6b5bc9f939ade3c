"""A backend in a file of the test's own, and what a client would do with it."""

import json
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.server.endpoint import Endpoint
from prefect.server.services import delivery
from prefect.server.store import interface
from prefect.server.store.database import Store
from prefect.server.store.opening import open_store

Json = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def nobody_tells() -> Iterator[None]:
    """What hooks have to tell stays in the database, unless a test tells it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery.DELIVERY, "ring", lambda store: None)
        yield


class Backend:
    """Asks an endpoint as a client would, and keeps the ids of what it has made."""

    def __init__(self, store: interface.Store) -> None:
        self.store = store
        self.endpoint = Endpoint(store)

    @property
    def place(self) -> str:
        """What opens the database in another process."""
        return str(getattr(self.store, "url", self.store.place))

    def reply(self, document: str, headers: dict[str, str] | None = None, **variables: Any) -> Json:
        """The whole envelope."""
        reply: Json = json.loads(self.endpoint.answer(document, variables, headers=headers))
        return reply

    def ask(self, document: str, **variables: Any) -> Json:
        """The data of an answer without errors."""
        reply = self.reply(document, **variables)
        assert "errors" not in reply, reply["errors"]
        data: Json = reply["data"]
        return data

    def do(self, name: str, selection: str = "id", /, **values: Any) -> Json:
        """The payload of one mutation."""
        data = self.ask(mutation(name, selection), input=values)
        payload: Json = data[name]
        return payload

    def refused(self, name: str, selection: str = "id", /, **values: Any) -> Json:
        """The first error of one mutation."""
        reply = self.reply(mutation(name, selection), input=values)
        assert "errors" in reply, reply
        error: Json = reply["errors"][0]
        return error

    @property
    def tenant(self) -> str:
        tenant: str = self.ask("{ tenant(order_by: {created: asc}) { id } }")["tenant"][0]["id"]
        return tenant

    def project(self, name: str = "default") -> str:
        project: str = self.do("create_project", tenant_id=self.tenant, name=name)["id"]
        return project

    def flow(
        self,
        project: str | None = None,
        tasks: int = 2,
        name: str = "flow",
        more: Json | None = None,
        **attributes: Any,
    ) -> str:
        described = {
            "name": name,
            "tasks": [
                {"slug": f"task-{number}", "name": "task", "type": "prefect.core.task.Task", "tags": []}
                for number in range(tasks)
            ],
            "edges": [],
            "parameters": [],
            "storage": {"type": "Local"},
            "__version__": "1.5.0",
            **attributes,
            **(more or {}),
        }
        flow: str = self.do("create_flow", project_id=project or self.project(), serialized_flow=described)["id"]
        return flow

    def run(self, flow: str | None = None, running: bool = True, **values: Any) -> str:
        run: str = self.do("create_flow_run", flow_id=flow or self.flow(), **values)["id"]
        if running:
            self.move_flow_run(run, "Running", version=1)
        return run

    def task_runs(self, run: str) -> list[Json]:
        found: list[Json] = self.ask(
            "query($id: uuid!) { task_run(where: {flow_run_id: {_eq: $id}}, order_by: {first_sequence: asc})"
            " { id version state serialized_state task_id map_index start_time end_time heartbeat first_sequence } }",
            id=run,
        )["task_run"]
        return found

    def flow_run(self, run: str) -> Json:
        found: Json = self.ask(
            "query($id: uuid!) { flow_run_by_pk(id: $id) { id version state serialized_state sequence start_time"
            " end_time heartbeat state_message agent_id owner_host owner_pid name labels parameters run_config"
            " scheduled_start_time context flow_id } }",
            id=run,
        )["flow_run_by_pk"]
        return found

    def move_flow_run(self, run: str, state: str, **values: Any) -> Json:
        return self._move("flow_run", run, state, values)

    def move_task_run(self, run: str, state: str, **values: Any) -> Json:
        return self._move("task_run", run, state, values)

    def _move(self, kind: str, run: str, state: str, values: Json) -> Json:
        described = {"type": state, "message": f"now {state}", **values.pop("attributes", {})}
        proposal = {f"{kind}_id": run, "state": described, **values}
        answer: Json = self.do(f"set_{kind}_states", STATES, states=[proposal])["states"][0]
        return answer

    def history(self, run: str) -> list[tuple[int, str]]:
        """The numbers and states of a flow run's own history and of its task runs', in the order of its feed."""
        rows = self.ask(
            "query($id: uuid!) { flow_run_state(where: {flow_run_id: {_eq: $id}}) { sequence state }"
            " task_run_state(where: {flow_run_id: {_eq: $id}}) { sequence state } }",
            id=run,
        )
        return sorted((row["sequence"], row["state"]) for kind in rows.values() for row in kind)


STATES = "states { id status message version sequence state }"


def mutation(name: str, selection: str) -> str:
    return f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {selection} }} }}"


def in_child(action: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001 - the exit code tells of it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture(name="in_child")
def in_child_fixture() -> Callable[[Callable[[], None]], int]:
    """Does something in a forked child and gives its exit code: 0 when it returned."""
    return in_child


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "quaestor.db")
    yield store
    store.close()


@pytest.fixture
def backend_in_file(store: Store) -> Backend:
    return Backend(store)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A backend on each kind of database: what is asked of it is answered alike."""
    if request.param == "sqlite":
        yield request.getfixturevalue("backend_in_file")
        return
    store = open_store(request.getfixturevalue("postgres_url"))
    yield Backend(store)
    store.close()
