"""The loop of every agent: wait until something is due, claim it, deploy it, report what fails or ends.

A run is claimed by moving it to Submitted at the version that was read: of all agents that try, one wins. Where the
backend lets an agent wait, it is told when something is due; else it asks again and again, as agents of 1.x did.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from prefect.agent.health import HealthServer
from prefect.client.client import Client
from prefect.configuration import config
from prefect.exceptions import ClientError, ObjectNotFoundError, ServerAway, VersionLockMismatchSignal
from prefect.utilities.graphql import GraphQLResult
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.run_configs.base import RunConfig

__all__ = ["Agent", "exit_handler"]

RUNS_IN_QUEUE: Final = """mutation($input: get_runs_in_queue_input!) {
  get_runs_in_queue(input: $input) { flow_run_ids }
}"""
FLOW_RUNS: Final = """query($ids: [uuid!]!, $due: timestamptz!) {
  flow_run(where: {
    id: {_in: $ids}
    _or: [{state: {_eq: "Scheduled"}}, {state: {_eq: "Running"}, task_runs: {state_start_time: {_lte: $due}}}]
  }) {
    id version state serialized_state parameters scheduled_start_time run_config name labels
    flow { id name version core_version environment storage }
    task_runs(where: {state_start_time: {_lte: $due}}) { id task_id version serialized_state }
  }
}"""
SET_FLOW_RUN_STATES: Final = """mutation($input: set_flow_run_states_input!) {
  set_flow_run_states(input: $input) { states { id status message } }
}"""

# How long an agent waits for word from the backend before it asks by itself, which also says that it lives.
WAIT_SECONDS: Final = 25.0
# Between two questions, where nothing is found or the backend is away: from the first to the second, doubling.
SHORTEST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 10.0
# A backend that lets nobody wait is asked for what is due so soon; the agent itself waits for the moment.
AHEAD: Final = timedelta(seconds=10)
# A task run of a run without a process is due when it has waited so long for its own.
LATE: Final = timedelta(seconds=3)
# So many runs are claimed and deployed at a time.
DEPLOYING_AT_ONCE: Final = 8

Word = Mapping[str, Any] | ClientError | Literal["poke", "stop", "nobody may wait"]


@contextmanager
def exit_handler(agent: Agent) -> Iterator[threading.Event]:
    """A block that SIGINT and SIGTERM end in order: the event is set, and the agent takes nothing more."""
    stopping = threading.Event()

    def stop(number: int, frame: Any) -> None:
        agent.logger.info("Told to stop by %s.", signal.Signals(number).name)
        # Nothing here may take a lock that the interrupted thread could hold.
        agent._is_stopping = True
        agent._words.put("stop")

    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return
    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        stopping.set()
        for number, handler in former.items():
            signal.signal(number, handler)


class Agent:
    """Finds runs that are due and starts them; how, a subclass says in `deploy_flow`.

    Args:
        agent_config_id: settings in the backend that several agents share.
        name: what people call it; `cloud.agent.name` by default.
        labels: it takes the runs all of whose labels are among these; without any, runs without labels.
        env_vars: environment variables of every run that it starts.
        max_polls: how often it asks for runs before it ends; for ever by default.
        agent_address: where it tells whether it lives, `http://127.0.0.1:8080`: at `/api/health`; `/api/poke` makes it
            ask for runs at once.
        no_cloud_logs: the runs keep their logs to themselves.
    """

    #: The kinds of run config that it understands, besides one that fits every agent; any kind, if none is named.
    run_configs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        agent_config_id: str | None = None,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        env_vars: dict[str, str] | None = None,
        max_polls: int | None = None,
        agent_address: str | None = None,
        no_cloud_logs: bool | None = None,
    ) -> None:
        self.agent_config_id = agent_config_id
        self.name = name or str(config.cloud.agent.name)
        self.labels: list[str] = list(labels if labels is not None else config.cloud.agent.labels)
        self.env_vars: dict[str, str] = dict(env_vars or {})
        self.max_polls = max_polls
        self.agent_address: str = agent_address or str(config.cloud.agent.agent_address or "")
        self.log_to_cloud = not no_cloud_logs
        self.heartbeat_period: float = 60  # seconds
        self.submitting_flow_runs: set[str] = set()
        self.logger = get_logger("agent")
        self.logger.setLevel(str(config.cloud.agent.level or "INFO").upper())
        self.client = Client()
        # Does not wait for a server that is away: the agent itself waits, and says so.
        self._asking = self.client.impatient()
        self._is_away = False
        self.agent_id: str | None = None
        self.agent_config: dict[str, Any] = {}
        self._words: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self._questions: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._waiter = threading.Thread(target=self._wait_for_word, name="prefect-agent-waiter", daemon=True)
        self._is_waiting = False
        self._may_wait = True
        self._is_stopping = False
        # When the next step is due to end a run that is to stop, and which were told to end already.
        self._stopping: dict[str, float] = {}
        self._terminated: set[str] = set()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"

    # What a subclass says

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        """Start a flow run; what there is to say about where it runs."""
        raise NotImplementedError

    def heartbeat(self) -> None:
        """Look after what was started; called every `heartbeat_period` seconds."""

    def on_startup(self) -> None:
        """Called once before the first question."""

    def on_shutdown(self) -> None:
        """Called once after the last one."""

    def stop_flow_run(self, flow_run_id: str, force: bool) -> bool:
        """End what executes a flow run, without mercy if `force`; False where there is nothing to end."""
        return True

    @property
    def flow_run_api_key(self) -> str | None:
        """The key that the runs use."""
        return self.client.api_key

    # The loop

    def start(self) -> None:
        """Take runs until told to stop."""
        health = HealthServer(self.agent_address, self.poke) if self.agent_address else None
        pool = ThreadPoolExecutor(DEPLOYING_AT_ONCE, thread_name_prefix="prefect-agent")
        try:
            with exit_handler(self):
                if not self._register():
                    return
                self._deliver_leftovers()
                self.on_startup()
                self.logger.info(
                    "Agent %s is looking for runs with %s.",
                    self.name,
                    f"labels among {self.labels}" if self.labels else "no labels",
                )
                self._work(pool)
        finally:
            self._is_stopping = True
            self._questions.put(False)
            pool.shutdown()
            if self._waiter.is_alive() and not self.client.resends:
                self._waiter.join()  # it must not look into a file that its program has closed
            self.on_shutdown()
            if health is not None:
                health.close()

    def poke(self) -> None:
        """Ask for runs at once."""
        self._words.put("poke")

    def stop(self) -> None:
        """Take nothing more; for another thread."""
        self._is_stopping = True
        self._words.put("stop")

    def _register(self) -> bool:
        """Make itself known; waits for a backend that is not there yet. False where it was told to stop meanwhile."""
        pause = SHORTEST_PAUSE_SECONDS
        while not self._is_stopping:
            try:
                self.agent_id = self._asking.register_agent(
                    agent_type=type(self).__name__,
                    name=self.name,
                    labels=self.labels,
                    agent_config_id=self.agent_config_id,
                )
                self.client.attach_headers({"X-PREFECT-AGENT-ID": self.agent_id})
                if self.agent_config_id:
                    self.agent_config = self._asking.get_agent_config(self.agent_config_id) or {}
            except ServerAway as error:
                self._find_away(error)
                with suppress(queue.Empty):
                    self._words.get(timeout=pause)
                pause = min(LONGEST_PAUSE_SECONDS, pause * 2)
            else:
                self._is_away = False
                return True
        return False

    def _find_away(self, error: ServerAway) -> None:
        """Say once that the backend is away."""
        if not self._is_away:
            self._is_away = True
            self.logger.warning("The server is away, and the agent waits for it: %s", error)

    def _find_back(self) -> None:
        if self._is_away:
            self._is_away = False
            self.logger.info("The server is back.")
            self._deliver_leftovers()

    def _deliver_leftovers(self) -> None:
        """Tell the backend, beside the loop, what runs that ended while it was away have left on this machine."""
        if not self.client.resends:
            return
        from prefect.engine.cloud.spool import deliver_leftovers

        def deliver() -> None:
            try:
                emptied = deliver_leftovers(self.client.impatient())
            except (ClientError, OSError, sqlite3.Error) as error:
                self.logger.error("What runs have left for the server could not be told: %s", error)
                return
            if emptied:
                self.logger.info("The server was told what %d flow run(s) had left for it.", emptied)

        threading.Thread(target=deliver, name="prefect-agent-leftovers", daemon=True).start()

    def _work(self, pool: ThreadPoolExecutor) -> None:
        polls = fruitless = 0
        beaten = float("-inf")
        self._waiter.start()
        while not self._is_stopping:
            if time.monotonic() - beaten >= self.heartbeat_period:
                beaten = time.monotonic()
                self._look_after()
            polls += 1
            try:
                found = self._take_due_runs(pool)
            except ServerAway as error:
                self._find_away(error)
                found, is_away = 0, True
            except ClientError as error:
                self.logger.error("The backend cannot be asked for runs: %s", error)
                found, is_away = 0, True
            else:
                is_away = False
                self._find_back()
            if self.max_polls is not None and polls >= self.max_polls:
                return
            fruitless = 0 if found else fruitless + 1
            pause = min(LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS * 2 ** min(fruitless, 10))
            self._rest(pause, is_away, beaten + self.heartbeat_period)

    def _look_after(self) -> None:
        try:
            self.heartbeat()
        except Exception:  # a subclass's own trouble must not keep it from taking runs
            self.logger.exception("The heartbeat of the agent failed.")

    def _rest(self, pause: float, is_away: bool, next_beat: float) -> None:
        """Return when it is time to ask for runs again."""
        if is_away or not self._may_wait:
            end = time.monotonic() + pause
        else:
            end = float("inf")
            self._ask_to_be_told()
        while not self._is_stopping:
            now = time.monotonic()
            until = min(end, next_beat, self._press_on(now))
            try:
                word = self._words.get(timeout=max(0.001, until - now))
            except queue.Empty:
                if time.monotonic() >= min(end, next_beat):
                    return
                continue
            if word in ("poke", "stop"):
                return
            self._is_waiting = False
            if word == "nobody may wait":
                self.logger.debug("The backend lets nobody wait: it is asked again and again.")
                self._may_wait = False
                return
            if isinstance(word, ClientError):
                if isinstance(word, ServerAway):
                    self._find_away(word)
                else:
                    self.logger.warning("The backend lets nobody wait for word: %s", word)
                end = min(end, time.monotonic() + pause)
                continue
            assert isinstance(word, Mapping)
            for flow_run_id in word["stop"]:
                self._is_to_stop(flow_run_id)
            # An empty answer says that it is time to show that the agent lives, by asking.
            if word["due"] or not word["stop"]:
                return
            self._ask_to_be_told()

    def _ask_to_be_told(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            self._questions.put(True)

    def _wait_for_word(self) -> None:
        while self._questions.get():
            word: Word
            try:
                answer = self.client.wait_for_work(
                    self.labels, list(self._stopping), WAIT_SECONDS, lambda: self._is_stopping
                )
                word = "nobody may wait" if answer is None else answer
            except ClientError as error:
                word = error
            self._words.put(word)

    # Claim and deploy

    def _take_due_runs(self, pool: ThreadPoolExecutor) -> int:
        """Begin to deploy what is due; how many runs that are."""
        asked: dict[str, Any] = {"tenant_id": self._asking.tenant_id, "labels": list(self.labels)}
        if not self._may_wait:
            asked["before"] = (datetime.now(UTC) + AHEAD).isoformat()
        due = self._asking.graphql_fast(RUNS_IN_QUEUE, {"input": asked})["get_runs_in_queue"]["flow_run_ids"]
        mine = [flow_run_id for flow_run_id in due if flow_run_id not in self.submitting_flow_runs]
        if not mine:
            return 0
        self.logger.info("Found %d flow run(s) that are due.", len(mine))
        late = (datetime.now(UTC) - LATE).isoformat()
        found = self._asking.graphql_fast(FLOW_RUNS, {"ids": mine, "due": late})["flow_run"]
        # In the order of the queue: the longest due first.
        found.sort(key=lambda flow_run: mine.index(flow_run["id"]))
        for flow_run in found:
            self.submitting_flow_runs.add(flow_run["id"])
            pool.submit(self._submit, GraphQLResult(flow_run))
        return len(found)

    def _submit(self, flow_run: GraphQLResult) -> None:
        """Claim a run and deploy it; a failure to deploy it is the run's failure."""
        flow_run_id = flow_run["id"]
        try:
            self._wait_until_due(flow_run)
            if self._is_stopping or not self._claim(flow_run):
                return
            self.logger.info("Deploying flow run %s.", flow_run_id)
            self._check_run_config(flow_run)
            said = self.deploy_flow(flow_run)
            self._write_log(flow_run_id, f"Submitted for execution: {said}", logging.INFO)
            self.logger.info("Flow run %s is deployed: %s", flow_run_id, said)
        except VersionLockMismatchSignal:
            self.logger.debug("Flow run %s was taken by another agent.", flow_run_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must not stay Submitted in silence
            self._fail(flow_run_id, error)
        finally:
            self.submitting_flow_runs.discard(flow_run_id)

    def _wait_until_due(self, flow_run: GraphQLResult) -> None:
        """A backend that lets nobody wait was asked for runs a little ahead of their time."""
        if self._may_wait or flow_run["state"] != "Scheduled":
            return
        start = flow_run["serialized_state"].get("start_time") or flow_run["scheduled_start_time"]
        if start is None:
            return
        left = (datetime.fromisoformat(start) - datetime.now(UTC)).total_seconds()
        while left > 0 and not self._is_stopping:
            time.sleep(min(left, 1.0))
            left = (datetime.fromisoformat(start) - datetime.now(UTC)).total_seconds()

    def _claim(self, flow_run: GraphQLResult) -> bool:
        """Move the run to Submitted; False where it is not to be had any more, and a signal where another has it."""
        from prefect.engine.state import Scheduled, Submitted
        from prefect.serialization.state import dump_state, load_state

        flow_run_id, version = flow_run["id"], flow_run["version"]
        state = load_state(flow_run["serialized_state"])
        moves: list[State] = []
        if flow_run["state"] != "Scheduled":
            # Its process has ended to wait for a retry or a person: it begins anew, and what is finished stays.
            state = Scheduled("A task run is due.")
            moves.append(state)
        # What begins goes on from the state within: were that Running, it would take itself for begun already.
        moves.append(Submitted("Submitted for execution", state=state))
        given = [
            {"flow_run_id": flow_run_id, "version": version + number, "state": dump_state(move)}
            for number, move in enumerate(moves)
        ]
        try:
            answer = self.client.graphql_fast(SET_FLOW_RUN_STATES, {"input": {"states": given}})
        except ClientError as error:
            self.logger.info("Flow run %s is not to be had: %s", flow_run_id, error)
            return False
        return all(each["status"] == "SUCCESS" for each in answer["set_flow_run_states"]["states"])

    def _check_run_config(self, flow_run: GraphQLResult) -> None:
        kind = (flow_run.get("run_config") or {}).get("type")
        if self.run_configs and kind not in (None, "UniversalRun", *self.run_configs):
            understood = " or ".join(f"`{name}`" for name in self.run_configs)
            raise TypeError(
                f"Flow run {flow_run['id']} has a `run_config` of type `{kind}`, only {understood} is supported"
            )

    def _run_config(self, flow_run: GraphQLResult, kind: type[RunConfig]) -> Any:
        """The run config of a flow run, or None where it is none of this kind."""
        from prefect.serialization.run_config import RunConfigSchema

        given = flow_run.get("run_config")
        loaded = None if given is None else RunConfigSchema().load(dict(given))
        return loaded if isinstance(loaded, kind) else None

    def _environment(self, flow_run: GraphQLResult, run_config: RunConfig | None) -> dict[str, str]:
        """What every process that executes a run must have in its environment; the run config wins over the agent."""
        environment = {"PREFECT__LOGGING__LEVEL": str(config.logging.level)}
        environment.update(self.env_vars)
        environment.update({key: str(value) for key, value in (getattr(run_config, "env", None) or {}).items()})
        key = self.flow_run_api_key or ""
        environment.update(
            {
                "PREFECT__BACKEND": str(config.backend),
                "PREFECT__CLOUD__API": str(config.cloud.api),
                "PREFECT__CLOUD__API_KEY": key,
                # Older clients read the key under this name.
                "PREFECT__CLOUD__AUTH_TOKEN": key,
                "PREFECT__CLOUD__TENANT_ID": str(self.client.tenant_id or ""),
                "PREFECT__CLOUD__AGENT__LABELS": str(self.labels),
                "PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": str(self.log_to_cloud).lower(),
                "PREFECT__CLOUD__USE_LOCAL_SECRETS": "false",
                "PREFECT__CONTEXT__FLOW_RUN_ID": flow_run["id"],
                "PREFECT__CONTEXT__FLOW_ID": flow_run["flow"]["id"],
                "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
            }
        )
        return environment

    # What goes wrong

    def _fail(self, flow_run_id: str, error: Exception) -> None:
        said = str(error) or type(error).__name__
        self.logger.error("Flow run %s could not be deployed: %s", flow_run_id, said)
        from prefect.engine.state import Failed

        self._write_log(flow_run_id, said, logging.ERROR)
        try:
            self.client.set_flow_run_state(flow_run_id, Failed(said))
        except (ClientError, VersionLockMismatchSignal) as refused:
            self.logger.error("That flow run %s failed could not be recorded: %s", flow_run_id, refused)

    def _write_log(self, flow_run_id: str, message: str, level: int) -> None:
        line = {
            "flow_run_id": flow_run_id,
            "timestamp": datetime.now(UTC).isoformat(),
            "name": self.name,
            "message": message,
            "level": logging.getLevelName(level),
            # A request that is sent again must not double it; lines of several threads have no order among them.
            "client_id": str(uuid.uuid4()),
            "client_sequence": 1,
        }
        try:
            self.client.write_run_logs([line])
        except ClientError as error:
            self.logger.warning("A line of the log of flow run %s could not be written: %s", flow_run_id, error)

    def _has_ended(
        self,
        flow_run_id: str,
        *,
        exit_code: int | None = None,
        signal_name: str | None = None,
        host: str | None = None,
        pid: int | None = None,
        said: str = "",
    ) -> None:
        """Report that what executed a run has ended. If the run has ended too, as it should, nothing happens to it."""
        self._stopping.pop(flow_run_id, None)
        was_ended_by_us = flow_run_id in self._terminated
        self._terminated.discard(flow_run_id)
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            try:
                moved = self.client.report_process_exit(
                    flow_run_id,
                    exit_code=exit_code,
                    signal=signal_name,
                    host=host,
                    pid=pid,
                    message=said,
                )
                break
            except ClientError as error:
                if "report_flow_run_process_exit" in str(error):
                    self._report_to_1x(flow_run_id, exit_code, signal_name, said)
                    return
                if self._is_stopping:
                    self.logger.error("The end of flow run %s could not be reported: %s", flow_run_id, error)
                    return
                # It would look alive until it has been silent for long.
                time.sleep(pause)
                pause = min(60.0, pause * 2)
        how = signal_name or f"exit code {exit_code}"
        if moved and was_ended_by_us:
            told = f"The run was to stop and did not, so the agent ended its process ({how}). {said}".strip()
            self.logger.info("What executed flow run %s was ended: %s.", flow_run_id, how)
            self._write_log(flow_run_id, told, logging.WARNING)
        elif moved:
            self.logger.warning("What executed flow run %s ended before the run had: %s.", flow_run_id, how)
            self._write_log(flow_run_id, f"The process ended before the run had ({how}). {said}".strip(), logging.ERROR)
        elif exit_code:
            # The run has its state already, and its log says why.
            self.logger.warning("What executed flow run %s ended with %s. %s", flow_run_id, how, said)

    def _report_to_1x(self, flow_run_id: str, exit_code: int | None, signal_name: str | None, said: str) -> None:
        """A server of 1.x is told with a state."""
        from prefect.engine.state import Cancelled, Cancelling, Failed

        try:
            state = self.client.get_flow_run_state(flow_run_id)
            if state.is_finished() or not (state.is_running() or state.is_submitted()):
                return
            how = signal_name or f"exit code {exit_code}"
            ended = Cancelled if isinstance(state, Cancelling) else Failed
            self.client.set_flow_run_state(flow_run_id, ended(f"The process ended before the run had ({how}). {said}"))
        except (ClientError, ObjectNotFoundError, VersionLockMismatchSignal) as error:
            self.logger.error("The end of flow run %s could not be reported: %s", flow_run_id, error)

    # Cancellation

    def _is_to_stop(self, flow_run_id: str) -> None:
        """Leave a run the time to stop by itself, which it is told to as well, before it is ended."""
        if flow_run_id not in self._stopping:
            self.logger.info("Flow run %s is to stop.", flow_run_id)
            self._stopping[flow_run_id] = time.monotonic() + float(config.cloud.agent.terminate_after)

    def _press_on(self, now: float) -> float:
        """End what had its time; when to look again."""
        for flow_run_id, moment in list(self._stopping.items()):
            if moment > now:
                continue
            force = flow_run_id in self._terminated
            if not self.stop_flow_run(flow_run_id, force):
                self._has_ended(flow_run_id)
            elif not force:
                self._terminated.add(flow_run_id)
                self._stopping[flow_run_id] = now + float(config.cloud.agent.kill_after)
            else:
                self._stopping[flow_run_id] = float("inf")
        return min(list(self._stopping.values()), default=float("inf"))


def host_name() -> str:
    """The name of this machine, as a run's process tells it."""
    return socket.gethostname()


def signal_name(returncode: int) -> str | None:
    """The name of the signal that ended a process, told by the return code of `Popen`; None where none did."""
    if returncode >= 0:
        return None
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"


def kill_group(pid: int, number: int) -> None:
    """Send a signal to a process and all that it started and that stayed in its group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
