"""A run store whose states live in a backend: durable before user code starts, durable before anything downstream does.

Moves into Running are sent at once and guarded by version. Every other state waits in order and travels with the next
move into Running, so that in a run without parallelism one transaction closes a task run and starts the next. Whatever
waits is sent before handlers are called, before the run sleeps, and when it ends; where task runs may be watched from
elsewhere (threads, processes) it is sent as soon as each task run is over.

A server that is away costs the run nothing: what it should be told waits on disk, in order (`spool.py`), and the run
goes on as if every proposal had been accepted. If the run was cancelled or rescued meanwhile, it ends with that reason
when the server is back.
"""

from __future__ import annotations

import datetime
import os
import socket
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from prefect.client.client import Client, whole_seconds
from prefect.client.documents import CREATE_ARTIFACT, DELETE_ARTIFACT, UPDATE_ARTIFACT, WRITE_RUN_LOGS
from prefect.client.transport import waiting_for_server
from prefect.configuration import config
from prefect.engine.cloud import spool as spooling
from prefect.engine.cloud.spool import FLOW_RUN_STATE, Courier, Spool, SpoolFull
from prefect.engine.result.base import NoResultType, Result
from prefect.engine.run_context import entered
from prefect.engine.run_store import TaskRunFacts
from prefect.engine.signals import ENDRUN
from prefect.engine.state import (
    Cached,
    Cancelled,
    Cancelling,
    ClientFailed,
    Pending,
    Queued,
    Running,
    Scheduled,
    State,
    Submitted,
    Success,
)
from prefect.exceptions import ClientError, ServerAway, VersionLockMismatchSignal
from prefect.serialization.state import dump_state, load_state
from prefect.utilities import masking
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.logging import LOG_MANAGER, get_logger
from prefect.utilities.processes import process_start

if TYPE_CHECKING:
    from prefect.core.task import Task
    from prefect.executors.base import Executor

SET_TASK_RUN_STATES = """mutation($input: set_task_run_states_input!) {
  set_task_run_states(input: $input) { states { id status message version } }
}"""
SET_FLOW_RUN_STATES = """mutation($input: set_flow_run_states_input!) {
  set_flow_run_states(input: $input) { states { id status message version } }
}"""
SET_TASK_RUN_NAME = "mutation($input: set_task_run_name_input!) { set_task_run_name(input: $input) { success } }"
MAPPED_TASK_RUNS = """mutation($input: get_or_create_mapped_task_runs_input!) {
  get_or_create_mapped_task_runs(input: $input) { task_runs { id version map_index serialized_state } }
}"""
FLOW_RUN = """query($id: uuid!) {
  flow_run_by_pk(id: $id) {
    id name flow_id parameters context version scheduled_start_time auto_scheduled state serialized_state
    owner_host owner_pid owner_started
    flow { project { id name } flow_group { settings } }
    task_runs(where: {map_index: {_eq: -1}}) { id version serialized_state state task { id slug } }
  }
}"""
# What must be known of a run beforehand, so that it can go on without its backend.
BEFOREHAND = """query($id: uuid!) {
  task_run_aggregate(where: {flow_run_id: {_eq: $id}, map_index: {_neq: -1}}) { aggregate { count } }
  task_tag_limit { tag }
}"""
TASK_RUN_STATE = "query($id: uuid!) { task_run_by_pk(id: $id) { version serialized_state } }"


def owner() -> dict[str, Any]:
    """Who runs the flow: host, process id, and when the process started, which tells reused process ids apart."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": process_start(os.getpid())}


def announced_interval() -> dict[str, int]:
    """In which interval signs of life are to be expected of this process, as the backend is told; none without them."""
    if config.cloud.heartbeat_mode not in ("process", "thread"):
        return {}
    return {"interval_seconds": whole_seconds(float(config.cloud.heartbeat_interval))}


def why_unreadable(state: State, place: Result | None = None) -> str | None:
    """Read the value of a recorded success from where it is kept; why that cannot be done, or None where it was.

    Args:
        place: how to read; None takes the kind of result that the state names.
    """
    result = state._result
    if isinstance(result, NoResultType) or result.value is not None:
        return None
    if result.location is None:
        # Only a plain `Result` without a location held a value that was not kept; any other kind held None.
        return "it was not kept" if type(result) is Result else None
    try:
        state.load_result(place)
    except Exception as error:  # noqa: BLE001 - whatever reading raises, the caller runs the task again and says why
        return repr(error)
    return None


# The runs that this process records, by flow run, for who adds something to them from within a task. A forked child
# starts with none: what its parent waits with is not for two.
_here: weakref.WeakValueDictionary[str, BackendRuns] = weakref.WeakValueDictionary()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_here.clear)


def runs_here(flow_run_id: str | None) -> BackendRuns | None:
    """How this process records a flow run; None where it does not."""
    return None if flow_run_id is None else _here.get(flow_run_id)


class BackendRuns:
    """The states of one flow run and its task runs, as a backend keeps them.

    Args:
        flow_run_id: the flow run.
        client: how the backend is reached; None makes a client from the configuration.
    """

    def __init__(self, flow_run_id: str, client: Client | None = None) -> None:
        self.flow_run_id = flow_run_id
        self.client = Client() if client is None else client
        self.logger = get_logger("BackendRuns")
        self.sequential = False
        # Whether the run is to say that it is alive, once it has been read.
        self.beats = False
        # The process that the backend knows to execute the run, once it is this one or that of its driver; whether
        # the backend has taken the run from it.
        self._holder: dict[str, Any] | None = None
        self.is_taken = False
        self._in_worker = False
        self._lock = threading.RLock()
        self._waiting: list[dict[str, Any]] = []
        self._versions: dict[str, int] = {}
        self._task_runs: dict[str, TaskRunFacts] = {}
        self._task_ids: dict[str, str] = {}
        self._flow_version: int | None = None
        self._unsent: ClientError | None = None
        self._resends = self.client.resends
        self._may_wait = True
        self._host = socket.gethostname()
        self._spool = Spool(flow_run_id, self.client.api_server) if self._resends and _spools() else None
        self._impatient = self.client.impatient()
        self._courier = None if self._spool is None else Courier(self._spool, self._impatient)
        # For a walk that begins while the backend is away: what it would answer.
        self._found: dict[str, Any] | None = None
        self._latest: dict[str, dict[str, Any]] = {}
        self._children: dict[str, list[str]] = {}
        self._had_children = True
        self._limited_tags: frozenset[str] = frozenset()
        if self._spool is not None:
            LOG_MANAGER.send_with(flow_run_id, self)
        _here[flow_run_id] = self

    # Replaced in tests, which do not sleep.
    sleep = staticmethod(time.sleep)

    def __getstate__(self) -> dict[str, Any]:
        """What a worker needs: it opens the backend itself, and sends what it finds out before it answers."""
        return {
            "flow_run_id": self.flow_run_id,
            "client": self.client,
            "flow_version": self._flow_version,
            "holder": self._holder,
            "host": self._host,
            "limited_tags": self._limited_tags,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["flow_run_id"], state["client"])  # type: ignore[misc]
        self._flow_version = state["flow_version"]
        self._holder = state["holder"]
        self._in_worker = True
        self._limited_tags = state["limited_tags"]
        if state["host"] != self._host:
            # The driver must find everything told when it ends the run: on another machine the work waits instead.
            self._spool = None
        LOG_MANAGER.send_with(self.flow_run_id, self)

    # --- reading ------------------------------------------------------------------------------------------------------

    def read_flow_run(self) -> dict[str, Any]:
        """The flow run as the backend has it; remembers the versions and ids of its task runs.

        Raises:
            ClientError: there is no such flow run.
        """
        found = self._as_it_was() if self._found is not None and self._is_away() else self._read()
        self._found = found
        self._flow_version = found["version"]
        settings = (found["flow"].get("flow_group") or {}).get("settings") or {}
        self.beats = settings.get("heartbeat_enabled") is not False
        if self._holder is None and spooling.owner_of(found) == owner():
            self._holder = owner()
        for run in found["task_runs"]:
            slug = run["task"]["slug"]
            state = load_state(run["serialized_state"])
            self._task_runs[slug] = TaskRunFacts(run["id"], run["version"], state)
            self._task_ids[slug] = run["task"]["id"]
            self._versions[run["id"]] = run["version"]
        result: dict[str, Any] = found
        return result

    def take(self, state: State) -> None:
        """Claim a waiting run for this process.

        Raises:
            ClientError: somebody else was faster.
        """
        proposal = self._proposal(
            {
                "flow_run_id": self.flow_run_id,
                "state": _dumped(Submitted("Taken by the process that executes it.", state=state)),
                "version": self._flow_version,
            }
        )
        try:
            self.client.graphql_fast(SET_FLOW_RUN_STATES, {"input": {"states": [proposal]}})
        except VersionLockMismatchSignal as signal:
            raise ClientError(str(signal)) from None

    def _read(self) -> dict[str, Any]:
        spool = self._spool
        if spool is not None and self._found is None:
            spooling.deliver_leftovers(self._impatient, but=self.flow_run_id)
            # An earlier process of this very run may have left what must be told before it goes on.
            if spooling.deliver(spool, self._impatient):
                spool.remove()
        found: dict[str, Any] | None
        try:
            client = self.client if self._found is None else self._impatient
            # What has to be known before anything can run is waited for; later a run goes on without its backend.
            with waiting_for_server(0 if spool is None else float(config.cloud.spool.patience)):
                found = client.graphql_fast(FLOW_RUN, {"id": self.flow_run_id})["flow_run_by_pk"]
                if spool is not None and self._found is None and found is not None:
                    known = client.graphql_fast(BEFOREHAND, {"id": self.flow_run_id})
                    self._had_children = known["task_run_aggregate"]["aggregate"]["count"] > 0
                    self._limited_tags = frozenset(limit["tag"] for limit in known["task_tag_limit"])
        except ServerAway:
            if spool is None or self._found is None:
                raise
            return self._as_it_was()
        if found is None:
            raise ClientError(f"Flow run {self.flow_run_id} does not exist in this backend.")
        return found

    def _as_it_was(self) -> dict[str, Any]:
        """What the backend would answer, had it been told what waits for it."""
        assert self._found is not None
        found = dict(self._found)
        found["serialized_state"] = self._latest.get(self.flow_run_id, found["serialized_state"])
        found["version"] = self._flow_version
        found["task_runs"] = [
            {
                **run,
                "version": self._versions.get(run["id"], run["version"]),
                "serialized_state": self._latest.get(run["id"], run["serialized_state"]),
            }
            for run in found["task_runs"]
        ]
        return found

    def task_run(self, slug: str) -> TaskRunFacts | None:
        return self._task_runs.get(slug)

    def task_id(self, slug: str) -> str | None:
        """The id of a task, as the backend knows it."""
        return self._task_ids.get(slug)

    def mapped_task_runs(self, slug: str, count: int) -> list[TaskRunFacts] | None:
        if count == 0:
            return []
        self.settle()
        self._end_if_taken()
        runs = self._mapped_task_runs(slug, count)
        facts: list[TaskRunFacts] = []
        for run in runs:
            serialized = run["serialized_state"]
            # A child that has not started needs no state object: most never had one, and a map may be wide.
            state = None if serialized["type"] == "Pending" else load_state(serialized)
            facts.append(TaskRunFacts(run["id"], run["version"], state))
            self._versions[run["id"]] = run["version"]
        return facts

    def _mapped_task_runs(self, slug: str, count: int) -> list[dict[str, Any]]:
        given: dict[str, Any] = {
            "flow_run_id": self.flow_run_id,
            "task_id": self._task_ids[slug],
            "count": count,
        }

        def made() -> dict[str, Any]:
            """The children as the backend will make them: with ids of ours."""
            ids = self._children.get(slug, [])[:count]
            ids += [str(uuid.uuid4()) for _ in range(count - len(ids))]
            given["ids"] = ids
            runs = [
                {
                    "id": id,
                    "version": self._versions.get(id, 1),
                    "map_index": index,
                    "serialized_state": self._latest.get(id, {"type": Pending.__name__}),
                }
                for index, id in enumerate(ids)
            ]
            return {"get_or_create_mapped_task_runs": {"task_runs": runs}}

        if self._had_children and slug not in self._children:
            # Children of an earlier process may have ended: only the backend knows what they became.
            answer = self._once_back(lambda: self._impatient.graphql_fast(MAPPED_TASK_RUNS, {"input": given}))
        else:
            answer = self._tell(spooling.OTHER, MAPPED_TASK_RUNS, given, made)
        runs: list[dict[str, Any]] = answer["get_or_create_mapped_task_runs"]["task_runs"]
        if self._spool is not None:
            self._children[slug] = [run["id"] for run in runs]
        return runs

    def find_cached(self, task: Task) -> list[Cached]:
        self.settle()
        if self._is_away():
            return []
        slug = _prefect_context.__dict__["task_slug"]
        task_id = self._task_ids.get(slug) or _prefect_context.__dict__["task_id"]
        created_after = utc_now() - task.cache_for if task.cache_for is not None else utc_now()
        try:
            states = (self.client if self._spool is None else self._impatient).get_latest_cached_states(
                task_id=task_id, cache_key=task.cache_key, created_after=created_after
            )
        except ServerAway:
            if self._spool is None:
                raise
            # Nothing is lost by running the task.
            return []
        return [state for state in states if isinstance(state, Cached)]

    # --- proposing ----------------------------------------------------------------------------------------------------

    def share(self, sequential: bool) -> None:
        """Say whether task runs follow each other in this one thread, so that what they became may wait a moment."""
        self.sequential = sequential

    def check_executor(self, executor: Executor) -> None:
        for host in executor.hosts():
            self.client.check_host(host)

    def propose_task_state(self, old_state: State, new_state: State) -> State:
        values = _prefect_context.__dict__
        task_run_id = values["task_run_id"]
        proposal = self._proposal({"task_run_id": task_run_id, "state": _dumped(new_state)})
        if not isinstance(new_state, Running):
            with self._lock:
                if not self.is_taken:
                    self._waiting.append(proposal)
            return new_state
        self._end_if_taken()
        version = self._versions.get(task_run_id, values.get("task_run_version"))
        if version is not None:
            proposal["version"] = version
        limited = not self._limited_tags.isdisjoint(values.get("task_tags") or ())
        with self._lock:
            waiting, self._waiting = self._waiting, []
            try:
                answer = self._send([*waiting, proposal], wait=limited)[-1]
            except VersionLockMismatchSignal:
                self._send_one_by_one(waiting)
                self._ask()
                self._end_if_taken()
                current = self._current_task_state(task_run_id)
                if not self._is_second_start(current):
                    raise ENDRUN(current) from None
                answer = self._start_again(proposal)
            except ClientError as error:
                self._refused(waiting, error)
                if not self._in_worker:
                    raise ENDRUN(self._why_refused(new_state, error)) from error
                # Dask lets a worker do work again whose inputs were lost with another one. It knows the version then.
                current = self._current_task_state(task_run_id)
                if self._is_second_start(current):
                    answer = self._start_again(proposal)
                elif current.is_finished():
                    raise ENDRUN(current) from None
                else:
                    raise ENDRUN(self._why_refused(new_state, error)) from error
        if answer["status"] == "QUEUED":
            start = utc_now().add(seconds=_queue_interval())
            # It stays what it is, and asks again.
            return Queued(message=answer.get("message"), state=old_state, start_time=start)
        return new_state

    def propose_flow_state(self, old_state: State, new_state: State) -> State:
        self.settle()
        if self._unsent is not None:
            raise self._unsent
        if new_state.is_finished():
            # Whoever watches the run stops once it is over, so its lines come first.
            LOG_MANAGER.flush()
        proposal = self._proposal({"flow_run_id": self.flow_run_id, "state": _dumped(new_state)})
        claims = isinstance(new_state, Running)
        if claims:
            # Whoever had it before has it no more.
            proposal.pop("holder", None)
            if self._flow_version is not None:
                proposal["version"] = self._flow_version
            proposal["owner"] = owner()
            if self.beats:
                proposal.update(announced_interval())
        try:
            answer = self._tell(
                spooling.FLOW_STATES, SET_FLOW_RUN_STATES, {"states": [proposal]}, lambda: self._assumed_flow(proposal)
            )
        except VersionLockMismatchSignal:
            raise ENDRUN(self.current_flow_state()) from None
        except ClientError:
            current = self.current_flow_state()
            if isinstance(current, Cancelled) or current.is_finished():
                raise ENDRUN(current) from None
            if isinstance(current, Cancelling):
                return self.propose_flow_state(current, Cancelled("Flow run is cancelled"))
            raise
        if self._spool is not None:
            self._latest[self.flow_run_id] = proposal["state"]
        decided = answer["set_flow_run_states"]["states"][0]
        self._flow_version = decided["version"]
        if decided["status"] == "QUEUED":
            start = utc_now().add(seconds=_queue_interval())
            return Queued(message=decided.get("message"), state=old_state, start_time=start)
        if claims:
            self._holder = proposal["owner"]
        return new_state

    def set_task_run_name(self, name: str) -> None:
        values = _prefect_context.__dict__
        given = {"task_run_id": values["task_run_id"], "name": masking.mask(name)}
        self._tell(spooling.OTHER, SET_TASK_RUN_NAME, given, dict)

    def write_run_logs(self, logs: list[dict[str, Any]]) -> None:
        """Record log lines of this run, for `LOG_MANAGER`."""
        self._tell(spooling.OTHER, WRITE_RUN_LOGS, {"logs": logs}, dict, ends=False, waits=False)

    def create_task_run_artifact(self, task_run_id: str, kind: str, data: dict[str, Any]) -> str:
        """The id of a new artifact of a task run of this run; it holds, whether or not the backend is there."""
        given: dict[str, Any] = {"task_run_id": task_run_id, "kind": kind, "data": data}
        if self._spool is not None:
            given["id"] = str(uuid.uuid4())
        answer = self._tell(
            spooling.OTHER,
            CREATE_ARTIFACT,
            given,
            lambda: {"create_task_run_artifact": {"id": given["id"]}},
            ends=False,
        )
        made: str = answer["create_task_run_artifact"]["id"]
        return made

    def update_task_run_artifact(self, task_run_artifact_id: str, data: dict[str, Any]) -> None:
        """Replace what an artifact holds."""
        given = {"task_run_artifact_id": task_run_artifact_id, "data": data}
        self._tell(spooling.OTHER, UPDATE_ARTIFACT, given, dict, ends=False)

    def delete_task_run_artifact(self, task_run_artifact_id: str) -> None:
        """Delete an artifact."""
        given = {"task_run_artifact_id": task_run_artifact_id}
        self._tell(spooling.OTHER, DELETE_ARTIFACT, given, dict, ends=False)

    def task_run_ended(self) -> None:
        """Send what the task run became, unless the next one starts in this same thread and will take it along."""
        if not self.sequential:
            self.settle()
        if self._in_worker:
            # A worker may be ended at any time once it has answered, without a word to its log shipper.
            LOG_MANAGER.flush()

    def settle(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            waiting, self._waiting = self._waiting, []
            try:
                self._send(waiting)
            except (ClientError, VersionLockMismatchSignal) as error:
                self._refused(waiting, error)

    def refresh(self) -> None:
        self.settle()
        self.read_flow_run()

    def _is_second_start(self, current: State) -> bool:
        """Whether a task run that has moved on is this very work, lost with its worker and to be done again.

        An executor that loses a worker hands its work to another one, what was finished but not yet fetched included.
        That this is such a second start, and not a second run of the flow, is told by the flow run: it has not moved
        since the driver of this work started it. What is durably finished is read instead of run again.
        """
        if not self._in_worker:
            return False
        found = self._ask()
        if found is None or found["version"] != self._flow_version:
            return False
        if type(current) is Running:
            return True
        return isinstance(current, Success) and why_unreadable(current) is not None

    def _start_again(self, proposal: dict[str, Any]) -> dict[str, Any]:
        self.logger.warning("Task run %s: the worker that ran it was lost; it runs again.", proposal["task_run_id"])
        lost = dump_state(Pending("The worker that ran it was lost; running again."))
        again = {key: value for key, value in proposal.items() if key != "version"}
        return self._send([self._proposal({"task_run_id": proposal["task_run_id"], "state": lost}), again])[-1]

    def restart(self, task_run_id: str, reason: str) -> State:
        """Let a task run that was over start anew; the state that it goes on from."""
        state = Scheduled(reason)
        self._send([self._proposal({"task_run_id": task_run_id, "state": dump_state(state)})])
        return state

    # --- sending ------------------------------------------------------------------------------------------------------

    def _proposal(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """The proposal with this process's clock and, where it might arrive twice, an id of its own."""
        proposal["timestamp"] = datetime.datetime.now(datetime.UTC).isoformat()
        if self._holder is not None:
            proposal["holder"] = self._holder
        if self._resends:
            proposal["idempotency_id"] = str(uuid.uuid4())
        return proposal

    def _send(self, proposals: list[dict[str, Any]], *, wait: bool = False) -> list[dict[str, Any]]:
        """Send proposals in order, in one transaction; remembers the versions that were given out.

        With `wait` a backend that is away is waited for: only it can say whether a concurrency limit has a slot left.
        """
        given = {"states": proposals}
        if wait and self._spool is not None:
            answer = self._once_back(lambda: self._impatient.graphql_fast(SET_TASK_RUN_STATES, {"input": given}))
        else:
            answer = self._tell(spooling.STATES, SET_TASK_RUN_STATES, given, lambda: self._assumed_tasks(proposals))
        states: list[dict[str, Any]] = answer["set_task_run_states"]["states"]
        versions = self._versions
        for state in states:
            versions[state["id"]] = state["version"]
        if self._spool is not None:
            for proposal in proposals:
                self._latest[proposal["task_run_id"]] = proposal["state"]
        return states

    # --- a backend that is away ---------------------------------------------------------------------------------------

    def _tell(
        self,
        kind: str,
        document: str,
        given: dict[str, Any],
        assumed: Callable[[], dict[str, Any]],
        *,
        ends: bool = True,
        waits: bool = True,
    ) -> dict[str, Any]:
        """The answer to a mutation or, where the backend is away, the one that it will give once it has been told.

        `ends` is off for who cannot end the run, `waits` for who cannot wait for room in the spool.
        """
        spool = self._spool
        if spool is None:
            if not (self._in_worker and self._resends):
                return self.client.graphql_fast(document, {"input": given})
            answer: dict[str, Any] = spooling.until_back(
                lambda: self.client.graphql_fast(document, {"input": given}), self.sleep
            )
            return answer
        if not self._is_away(ends=ends):
            try:
                return self._impatient.graphql_fast(document, {"input": given})
            except ServerAway as error:
                self.logger.warning(
                    "The backend is away (%s). The run goes on; what it should be told waits in %s.", error, spool.path
                )
        version = self._flow_version
        answer = assumed()
        assert self._courier is not None
        while True:
            try:
                spool.add(kind, document, given, version)
                break
            except SpoolFull:
                if not waits:
                    raise
                self._courier.wait(spooling.LONGEST_PAUSE_SECONDS)
        self._courier.start()
        return answer

    def _is_away(self, *, ends: bool = True) -> bool:
        """Whether something waits for the backend: whatever comes then has to wait behind it.

        Raises:
            ENDRUN: it is back, and the run has ended there meanwhile.
        """
        if self._spool is None or not self._spool.exists():
            return False
        ended = self._spool.ended() if ends else None
        if ended is not None:
            raise ENDRUN(self._ended_meanwhile(ended))
        return self._spool.is_waiting()

    def _ended_meanwhile(self, ended: dict[str, Any]) -> State:
        """What the run has become while the backend was away, which is told once."""
        state = load_state(ended)
        if not self.is_taken:
            self.is_taken = True
            self.logger.error(
                "While its backend was away, flow run %s has become %s there, and it ends here: %s",
                *(self.flow_run_id, type(state).__name__, state.message),
            )
        return state

    def _once_back(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What the backend answers once everything before has been told."""
        while self._is_away():
            assert self._courier is not None
            self._courier.start()
            self._courier.wait(spooling.LONGEST_PAUSE_SECONDS)
        answer: dict[str, Any] = spooling.until_back(ask, self.sleep)
        return answer

    def _assumed_tasks(self, proposals: list[dict[str, Any]]) -> dict[str, Any]:
        versions = dict(self._versions)
        states = []
        for proposal in proposals:
            id = proposal["task_run_id"]
            version = versions.get(id)
            versions[id] = version = 1 if version is None else version + 1
            states.append({"id": id, "status": "SUCCESS", "message": None, "version": version})
        return {"set_task_run_states": {"states": states}}

    def _assumed_flow(self, proposal: dict[str, Any]) -> dict[str, Any]:
        version = (self._flow_version or 0) + 1
        state = {"id": self.flow_run_id, "status": "SUCCESS", "message": None, "version": version}
        return {"set_flow_run_states": {"states": [state]}}

    def await_delivery(self) -> None:
        """Wait, at the end of a run, until the backend knows of it, but no longer than `cloud.spool.patience`."""
        spool = self._spool
        if spool is None or self._in_worker or not spool.exists():
            return
        assert self._courier is not None
        if spool.is_waiting():
            self._courier.start()
            patience = float(config.cloud.spool.patience)
            self.logger.warning("The run is over; its backend is waited for, up to %d seconds.", patience)
            if not self._courier.wait(patience):
                self.logger.warning(
                    "The backend is still away. What it has to be told waits in %s; the next run or agent of this "
                    "machine tells it.",
                    spool.path,
                )
                return
        ended = spool.ended()
        if ended is None:
            spool.remove()
        else:
            self._ended_meanwhile(ended)
            LOG_MANAGER.flush()

    def _refused(self, waiting: list[dict[str, Any]], error: BaseException) -> None:
        """One refusal undoes the whole transaction, so each proposal is sent again on its own."""
        self.logger.debug("Sending %d states one by one after: %s", len(waiting), error)
        self._send_one_by_one(waiting)

    def _send_one_by_one(self, waiting: list[dict[str, Any]]) -> None:
        for proposal in waiting:
            try:
                self._send([proposal])
            except VersionLockMismatchSignal:
                self._ask()
                if self.is_taken:
                    return
                self.logger.warning("Task run %s was moved on elsewhere meanwhile.", proposal["task_run_id"])
            except ClientError as error:
                self.logger.error("State of task run %s was not accepted: %s", proposal["task_run_id"], error)
                current = self.current_flow_state()
                if not isinstance(current, (Cancelled, Cancelling)) and not current.is_finished():
                    self._unsent = error

    def _end_if_taken(self) -> None:
        """Do nothing more for a run that is somebody else's by now.

        Raises:
            ENDRUN: it is.
        """
        if self.is_taken:
            raise ENDRUN(self.current_flow_state())

    def _current_task_state(self, task_run_id: str) -> State:
        found: Mapping[str, Any] | None
        found = self.client.graphql_fast(TASK_RUN_STATE, {"id": task_run_id})["task_run_by_pk"]
        if found is None:
            raise ClientError(f"Task run {task_run_id} was deleted while it ran.")
        self._versions[task_run_id] = found["version"]
        return load_state(found["serialized_state"])

    def current_flow_state(self) -> State:
        """The flow run's state as the backend has it now or, where it is away, as it should be told of it."""
        if self._spool is not None and self._spool.exists():
            known = self._spool.ended()
            if known is None and self._spool.is_waiting() and self._found is not None:
                known = self._latest.get(self.flow_run_id, self._found["serialized_state"])
            if known is not None:
                return load_state(known)
        found = self._ask()
        if found is None:
            raise ClientError(f"Flow run {self.flow_run_id} was deleted while it ran.")
        self._flow_version = found["version"]
        return load_state(found["serialized_state"])

    def _ask(self) -> dict[str, Any] | None:
        """The flow run's version and state as the backend has them now, having seen whether it is still ours."""
        found: dict[str, Any] | None
        found = self.client.graphql_fast(FLOW_RUN_STATE, {"id": self.flow_run_id})["flow_run_by_pk"]
        if found is None or self._holder is None or self.is_taken:
            return found
        if spooling.owner_of(found) == self._holder and not _is_rescued(found["serialized_state"]):
            return found
        self.is_taken = True
        state = load_state(found["serialized_state"])
        # For the log of the run, from whatever thread.
        with entered({"flow_run_id": self.flow_run_id, "running_with_backend": True}):
            self.logger.error(
                "The backend has taken flow run %s from process %s on %s, of which it had heard nothing for too long. "
                "What that process does no longer counts, and it stops. The run is %s now: %s",
                *(self.flow_run_id, self._holder["pid"], self._holder["host"], type(state).__name__, state.message),
            )
        return found

    def is_to_stop(self, over: threading.Event, seconds: float, interval: float) -> bool:
        """Wait until the run is to stop, or `over` is set, at most about so long; whether it is to stop, or is taken.

        A backend that lets nobody wait is asked after each `interval`; so is one that is away, for that must not end
        the run.
        """
        try:
            ended = self.client.wait_for_end(self.flow_run_id, seconds, over.is_set) if self._may_wait else None
            self._may_wait = ended is not None
            if over.is_set() or (ended is None and over.wait(interval)):
                return False
            if ended is False:
                # Nobody is told that a run was taken from a process that has slept: it looks.
                self._ask()
                return self.is_taken
            if isinstance(self.current_flow_state(), (Cancelling, Cancelled)) or self.is_taken:
                return True
            if ended:  # it was ended otherwise, which its next proposal will be told
                over.wait(interval)
            return False
        except ClientError:
            over.wait(interval)
            return False

    def _why_refused(self, new_state: State, error: ClientError) -> State:
        """The state of a task run that may not start: cancelled with its flow run, or left as a client's failure."""
        flow_state = self.current_flow_state()
        if isinstance(flow_state, (Cancelled, Cancelling)):
            return Cancelled("Flow run is cancelled")
        self.logger.error("The backend refused to let the task run start: %s", error)
        if not flow_state.is_finished():
            self._unsent = error
        return ClientFailed(str(error), state=new_state)


def _is_rescued(serialized: dict[str, Any]) -> bool:
    """Whether a state was set because its process was taken for gone."""
    return bool((serialized.get("context") or {}).get("rescued"))


def _dumped(state: State) -> dict[str, Any]:
    """The state as it is recorded, without what this process knows to be secret.

    A value that holds a secret is not recorded: a run that goes on from here makes it again.
    """
    dumped = dump_state(state)
    return _masked(dumped) if masking.knows_any() else dumped


def _masked(dumped: dict[str, Any]) -> dict[str, Any]:
    for field in ("message", "context"):
        dumped[field] = masking.mask_json(dumped[field])
    result = dumped.get("_result")
    if result is not None and masking.mask_json(result) != result:
        dumped["_result"] = dump_state(Pending())["_result"]
    inputs = dumped["cached_inputs"]
    dumped["cached_inputs"] = {key: kept for key, kept in inputs.items() if masking.mask_json(kept) == kept}
    if dumped.get("state") is not None:
        dumped["state"] = _masked(dumped["state"])
    return dumped


def _spools() -> bool:
    return bool(config.cloud.spool.enabled)


def _queue_interval() -> float:
    return float(config.cloud.queue_interval)
