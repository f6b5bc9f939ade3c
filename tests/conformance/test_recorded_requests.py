"""Every request that was recorded of the 1.x client is accepted by a server, and answered in the shape that it needs.

The ids in the recordings are made up. What they name is made here before it is asked for: the recorded answers tell
which run belongs to which flow and which task run to which task. Each scenario (the requests under one label) has runs
of its own, in the state that its first proposals follow from.
"""

import base64
import gzip
import http.client
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from prefect.configuration import config
from prefect.server.store.opening import open_store
from tests.server.conftest import Backend
from tests.serving import Serving

Json = dict[str, Any]
FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "wire" / "client_requests.jsonl.gz"
ID = re.compile(r"00000000-0000-4000-8000-[0-9a-f]{12}")
MADE = "00000000-0000-4000-8000-00000000"
TENANT, PROJECT, AGENT, ARTIFACT, LIMIT = (MADE + number for number in ("0001", "0002", "0008", "0070", "0071"))
AGENT_CONFIG, USER = MADE + "0009", MADE + "0003"
PAST = "2022-01-01T00:00:00+00:00"

# Not GraphQL, or a question that the recording's stub answered with a made-up error.
OTHER_THAN_GRAPHQL = (6, 7)


def recordings() -> list[Json]:
    with gzip.open(FIXTURE, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


RECORDED = recordings()
SCENARIOS = [(label, list(requests)) for label, requests in itertools.groupby(RECORDED, key=lambda r: r["label"])]


class Facts:
    """What the recordings say of the things that their ids name."""

    def __init__(self) -> None:
        self.flow_of_run: dict[str, str] = {}
        self.task: dict[str, tuple[str, str]] = {}
        self.task_run: dict[str, tuple[str, str, int]] = {}
        for recorded in RECORDED:
            data = recorded["answer"].get("data") or {}
            for root in data.values():
                for row in root if isinstance(root, list) else [root]:
                    if isinstance(row, dict):
                        self._read(recorded, row)

    def _read(self, recorded: Json, row: Json) -> None:
        id, flow = row.get("id"), row.get("flow_id")
        if id is not None and flow is not None:
            self.flow_of_run[id] = flow
            for task_run in row.get("task_runs", []):
                task = task_run["task"]
                self.task[task["id"]] = (flow, task["slug"])
                self.task_run[task_run["id"]] = (id, task["id"], -1)
        elif id is not None and "map_index" in row:
            run, task = row["flow_run_id"], row["task"]
            self.task[task["id"]] = (self.flow_of_run[run], task["slug"])
            self.task_run[id] = (run, task["id"], row["map_index"])
        elif "get_or_create_task_run_info" in recorded["json"]["query"]:
            run, task = ID.findall(recorded["json"]["query"])
            index = re.search(r"map_index:\s*(-?\d+)", recorded["json"]["query"])
            assert index is not None
            self.task_run[row["id"]] = (run, task, int(index[1]))


class World:
    """A backend, and what stands in it for the ids of the recordings."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.facts = Facts()
        self.known = {TENANT: backend.tenant, PROJECT: backend.project("proj")}
        self.scenario: list[Json] = []
        self.mine: dict[str, str] = {}
        # By the id of a run: the version that the recording's stub answered, and the one that was answered here.
        self.versions: dict[str, tuple[int, int]] = {}

    def begin(self, scenario: list[Json]) -> None:
        """From now on runs are others than those of the scenario before."""
        self.scenario, self.mine = scenario, {}

    def translated(self, text: str) -> str:
        """The same with ids of things that exist."""
        return ID.sub(lambda found: self.real(found[0]), text)

    def real(self, id: str) -> str:
        """What stands for an id here; the id itself, where there is nothing that it could mean."""
        if id not in self.known and id not in self.mine:
            made = self._make(id)
            if made is None:
                return id
            self.mine[id] = made
        return self.mine.get(id) or self.known[id]

    def _make(self, id: str) -> str | None:
        if id in self.facts.task_run:
            return self._task_run(id)
        if id in self.facts.task:
            flow, slug = self.facts.task[id]
            rows = self.backend.ask(
                "query($flow: uuid!, $slug: String!)"
                " { task(where: {flow_id: {_eq: $flow}, slug: {_eq: $slug}}) { id } }",
                flow=self.real(flow),
                slug=slug,
            )["task"]
            task: str = rows[0]["id"]
            return task
        if id == ARTIFACT:
            task_run = self.real(next(iter(self.facts.task_run)))
            made = self.backend.do("create_task_run_artifact", task_run_id=task_run, kind="link", data={})
            return str(made["id"])
        if id == AGENT:
            made = self.backend.do("register_agent", type="LocalAgent", labels=[], tenant_id=self.backend.tenant)
            return str(made["id"])
        if id == AGENT_CONFIG:
            return str(self.backend.do("create_agent_config", tenant_id=self.backend.tenant, settings={})["id"])
        if id == USER and "revoke-key" in self.scenario[0]["label"]:
            return str(self.backend.do("create_api_key", name="key")["id"])
        if id in self._runs():
            return self._flow_run(id)
        return None

    def _runs(self) -> set[str]:
        """The flow runs of the scenario: those that are known, and those that it names as one."""
        named = set(self.facts.flow_of_run)
        for recorded in self.scenario:
            text = json.dumps([recorded["json"], recorded["answer"]]).replace("\\", "")
            named.update(re.findall(rf'flow_run(?:_by_pk)?\(\W*(?:where|id)[^"]*"({ID.pattern})', text))
            named.update(re.findall(rf"flow_run_ids?\W+({ID.pattern})", text))
        return named

    def _flow_run(self, id: str) -> str:
        # A run of which the recordings do not say what it is a run of is one of the newest flow.
        newest = [flow for flow in self.facts.flow_of_run.values() if flow in self.known][-1]
        flow = self.facts.flow_of_run.get(id, newest)
        labels = ["lab"] if "--label lab" in self.scenario[0]["label"] else []
        run: str = self.backend.do(
            "create_flow_run", flow_id=self.real(flow), scheduled_start_time=PAST, labels=labels
        )["id"]
        first = self._first_proposal("flow_run_id", id)
        if first not in (None, "Submitted", "Running", "Failed") or (first is None and self._touches_task_runs()):
            self.backend.move_flow_run(run, "Running")
        return run

    def _touches_task_runs(self) -> bool:
        return any("task_run" in (recorded["json"] or {}).get("query", "") for recorded in self.scenario)

    def _task_run(self, id: str) -> str:
        run, task, index = self.facts.task_run[id]
        made: str = self.backend.do(
            "get_or_create_task_run", flow_run_id=self.real(run), task_id=self.real(task), map_index=index
        )["id"]
        return made

    def _first_proposal(self, kind: str, id: str) -> str | None:
        for recorded in self.scenario:
            variables = json.loads((recorded["json"] or {}).get("variables") or "null")
            states = (variables or {}).get("input", {}).get("states", [])
            for proposal in states:
                if proposal.get(kind) == id:
                    name: str = proposal["state"]["type"]
                    return name
        return None

    def with_versions(self, body: Json) -> Json:
        """The request with the versions that a client would send that had been answered what was answered here."""
        variables = json.loads(body.get("variables") or "null")
        for proposal in ((variables or {}).get("input") or {}).get("states", []):
            run = proposal.get("task_run_id") or proposal["flow_run_id"]
            before, now = self.versions.get(run, (None, None))
            if proposal["version"] is not None and proposal["version"] == before:
                proposal["version"] = now
        return body | {"variables": json.dumps(variables)} if "variables" in body else body

    def learn_new_version(self) -> None:
        """Of several versions of a flow the newest stands for all: an archived one has no more runs."""
        names = "query($ids: [uuid!]) { flow(where: {id: {_in: $ids}}) { id name archived } }"
        rows = self.backend.ask(names, ids=list(self.known.values()))["flow"]
        newest = {row["name"]: row["id"] for row in rows if not row["archived"]}
        instead = {row["id"]: newest[row["name"]] for row in rows if row["name"] in newest}
        self.known = {fake: instead.get(real, real) for fake, real in self.known.items()}

    def learn(self, recorded: Any, answered: Any) -> None:
        """Let the ids of a recorded answer stand for those of the answer that was given instead."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            if "version" in recorded and "id" in recorded:
                self.versions[answered["id"]] = (recorded["version"], answered["version"])
            for key in recorded.keys() & answered.keys():
                self.learn(recorded[key], answered[key])
        elif isinstance(recorded, str) and isinstance(answered, str) and ID.fullmatch(recorded):
            if recorded in self.facts.flow_of_run or recorded in self.facts.task_run or recorded == ARTIFACT:
                self.mine[recorded] = answered
            else:
                self.known.setdefault(recorded, answered)


# What a client takes as it is: a JSON value of the user's, whose inside is not ours.
VALUES = {"serialized_state", "serialized_flow", "storage", "run_config", "settings", "context", "parameters"}
VALUES |= {"value", "secret_value"}


def differences(recorded: Any, answered: Any, path: str = "data") -> Iterator[str]:
    """Where an answer has another shape than the recorded one."""
    if recorded is None:
        return
    if path.rpartition(".")[2] in VALUES:
        return
    if isinstance(recorded, dict):
        if not isinstance(answered, dict):
            yield f"{path}: {answered!r} instead of an object"
        else:
            if recorded.keys() != answered.keys():
                yield f"{path}: {sorted(answered)} instead of {sorted(recorded)}"
            for key in recorded.keys() & answered.keys():
                yield from differences(recorded[key], answered[key], f"{path}.{key}")
    elif isinstance(recorded, list):
        if not isinstance(answered, list):
            yield f"{path}: {answered!r} instead of a list"
        elif recorded and answered:
            yield from differences(recorded[0], answered[0], f"{path}[]")
    elif not isinstance(answered, type(recorded)) and answered is not None:
        yield f"{path}: {answered!r} instead of {recorded!r}"


class Asker:
    """Sends what was recorded, with ids that exist."""

    def __init__(self, url: str, world: World) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.world = world

    def ask(self, recorded: Json) -> tuple[int, Json]:
        body = self.world.translated(json.dumps(recorded["json"]))
        if recorded["json"]:
            body = json.dumps(self.world.with_versions(json.loads(body)))
        headers: Mapping[str, str] = json.loads(self.world.translated(json.dumps(recorded["headers"])))
        kind = {"Content-Type": "application/json"}
        self.connection.request(recorded["method"], recorded["path"], body, {**headers, **kind})
        response = self.connection.getresponse()
        answer: Json = json.loads(response.read())
        return response.status, answer


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(config.server.secrets, "key", base64.urlsafe_b64encode(bytes(range(32))).decode())
    in_file = request.param == "sqlite"
    store = open_store(tmp_path / "quaestor.db" if in_file else request.getfixturevalue("postgres_url"))
    yield World(Backend(store))
    store.close()


def test_the_recordings_are_all_here() -> None:
    assert [recorded["seq"] for recorded in RECORDED] == list(range(1, 425))


def test_every_recorded_request_is_accepted_and_answered_in_shape(world: World, server: Serving) -> None:
    problems = []
    with server.serve(world.backend.endpoint):
        asker = Asker(server.url, world)
        for _, scenario in SCENARIOS:
            world.begin(scenario)
            for recorded in scenario:
                if was_queued(recorded, scenario):
                    continue
                problems += [f"{recorded['seq']} {recorded['label']}: {text}" for text in problems_of(asker, recorded)]
        asker.connection.close()
    assert not problems, "\n".join(problems)


def was_queued(recorded: Json, scenario: list[Json]) -> bool:
    """Whether the stub let the client wait and send the same again: here there is nothing to wait for."""
    again = [other for other in scenario if other["seq"] > recorded["seq"] and other["json"] == recorded["json"]]
    return bool(again) and '"QUEUED"' in json.dumps(recorded["answer"])


def problems_of(asker: Asker, recorded: Json) -> Iterator[str]:
    status, answer = asker.ask(recorded)
    if "errors" in recorded["answer"] or recorded["seq"] in OTHER_THAN_GRAPHQL:
        # The stub made these up, to see what the client does about them.
        if status >= 500:
            yield f"status {status}"
        return
    if status != 200:
        yield f"status {status}"
    if "errors" in answer:
        yield str(answer["errors"][0])
        return
    asker.world.learn(recorded["answer"]["data"], answer["data"])
    if any(name.startswith("create_flow") and name != "create_flow_run" for name in answer["data"]):
        asker.world.learn_new_version()
    yield from differences(recorded["answer"]["data"], answer["data"])
