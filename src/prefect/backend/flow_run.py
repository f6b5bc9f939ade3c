"""A flow run as the backend knows it: a picture of one moment, and watching it go on."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import pendulum

from prefect.backend.query import (
    AS_OF,
    PAGE,
    AsOf,
    Frozen,
    Row,
    as_of_argument,
    fetch,
    fetch_as_of,
    identifier,
    moment,
    only,
    pages,
)
from prefect.backend.task_run import FIELDS as TASK_RUN_FIELDS
from prefect.backend.task_run import TaskRunView
from prefect.client.client import Client
from prefect.configuration import config
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from prefect.backend.flow import FlowView
    from prefect.engine.state import State
    from prefect.run_configs.base import RunConfig

FIELDS = (
    "id name flow_id serialized_state labels parameters context updated run_config sequence "
    "states(order_by: {sequence: asc}) { timestamp serialized_state }"
)

NOW = f"query($id: uuid!) {{ flow_run(where: {{id: {{_eq: $id}}}}) {{ {FIELDS} }} }}"
THEN = f"""query($id: uuid!, $as_of: {AS_OF}!) {{
  flow_run(where: {{id: {{_eq: $id}}}}, as_of: $as_of) {{ {FIELDS} }}
}}"""
# Both fields of one request see the same moment, so a task run with the version that we know has not changed.
NOW_AND_VERSIONS = f"""query($id: uuid!, $task_run_ids: [uuid!]!) {{
  flow_run(where: {{id: {{_eq: $id}}}}) {{ {FIELDS} }}
  task_run(where: {{flow_run_id: {{_eq: $id}}, id: {{_in: $task_run_ids}}}}) {{ id version }}
}}"""
TASK_RUN_IDS = f"""query($id: uuid!, $after: bigint!, $limit: Int!, $as_of: {AS_OF}!) {{
  task_run(
    where: {{flow_run_id: {{_eq: $id}}, first_sequence: {{_gt: $after}}}}
    order_by: {{first_sequence: asc}}
    limit: $limit
    as_of: $as_of
  ) {{ id first_sequence }}
}}"""
TASK_RUNS = f"""query($id: uuid!, $after: bigint!, $limit: Int!, $as_of: {AS_OF}!) {{
  task_run(
    where: {{flow_run_id: {{_eq: $id}}, first_sequence: {{_gt: $after}}}}
    order_by: {{first_sequence: asc}}
    limit: $limit
    as_of: $as_of
  ) {{ {TASK_RUN_FIELDS} first_sequence }}
}}"""
STATIC_TASK_RUNS = f"""query($id: uuid!, $after: bigint!, $limit: Int!, $as_of: {AS_OF}!) {{
  task_run(
    where: {{flow_run_id: {{_eq: $id}}, first_sequence: {{_gt: $after}}, map_index: {{_eq: -1}}}}
    order_by: {{first_sequence: asc}}
    limit: $limit
    as_of: $as_of
  ) {{ {TASK_RUN_FIELDS} first_sequence }}
}}"""
# A comparison with null holds for every row, so one document serves with and without times.
LOGS = """query(
  $id: uuid!, $after: bigint!, $until: bigint!, $limit: Int!, $start: timestamptz, $end: timestamptz
) {
  log(
    where: {flow_run_id: {_eq: $id}, sequence: {_gt: $after, _lte: $until}, timestamp: {_gt: $start, _lte: $end}}
    order_by: {sequence: asc}
    limit: $limit
  ) { sequence timestamp level message }
}"""
NEWS = """query($id: uuid!, $after: bigint!, $limit: Int!) {
  flow_run(where: {id: {_eq: $id}}) {
    sequence state writer: serialized_state(path: "$.__version__")
    states(where: {sequence: {_gt: $after}}, order_by: {sequence: asc}) { sequence timestamp serialized_state }
    logs(where: {sequence: {_gt: $after}}, order_by: {sequence: asc}, limit: $limit) {
      sequence timestamp level message
    }
  }
}"""
MATCHING = "query($id: uuid!) { flow_run_matching(flow_run_id: $id) { reason } }"
AGENTS = "query { agent { labels name last_queried id } }"

POLL_FIRST_SECONDS = 0.1
POLL_LAST_SECONDS = 2.0
LAST_WORD_SECONDS = 0.5

# A run that waits this long to be picked up is worth a word about who could pick it up.
WAITING_NOTICE_SECONDS = 15.0


# Servers that let nobody wait, those of 1.x.
_impatient: set[str] = set()


def _wait_for_news(seconds: float, flow_run_id: str | None) -> None:
    """At most this long: the embedded backend tells when there is news, a server when the run has ended.

    With a server and without an id only time is waited for.
    """
    if config.backend == "embedded":
        from prefect.client.transport import wait_for_change

        wait_for_change(config.embedded.database, seconds)
        return
    api = str(config.cloud.api)
    if flow_run_id is not None and api not in _impatient:
        try:
            if Client().wait_for_end(flow_run_id, seconds) is not None:
                return
            _impatient.add(api)
        except ClientError:  # the next look says what is wrong, or that it is mended
            pass
    time.sleep(seconds)


def _notice_the_dead() -> None:
    """Without a server, whoever looks notices that the process of a run is gone."""
    if config.backend == "embedded":
        from prefect.client.transport import rescue_dead_runs

        rescue_dead_runs(config.embedded.database)


# How `watch_flow_run` waits and tells the time; tests put their own in place.
wait: Callable[[float, str | None], None] = _wait_for_news
clock: Callable[[], float] = time.monotonic


class FlowRunLog(NamedTuple):
    """One line of the log of a flow run."""

    timestamp: pendulum.DateTime
    level: int
    message: str

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FlowRunLog:
        """The line that a row of the table `log` holds."""
        level = data["level"]
        number = logging.getLevelName(level) if isinstance(level, str) else level
        return cls(
            timestamp=moment(data["timestamp"]),
            level=number if isinstance(number, int) else logging.INFO,
            message=data["message"] or "",
        )


class FlowRunView(Frozen):
    """A flow run as it stood at one moment.

    `sequence` is that moment: the number of the last thing that had happened in the run. All that is asked of this
    view later is as it was then; `get_latest()` gives a view of now.
    """

    __slots__ = (
        "_by_slug",
        "_cached_task_runs",
        "_flow",
        "_task_run_ids",
        "context",
        "flow_id",
        "flow_run_id",
        "labels",
        "name",
        "parameters",
        "run_config",
        "sequence",
        "state",
        "states",
        "updated_at",
    )

    flow_run_id: str
    name: str
    flow_id: str
    labels: list[str]
    parameters: dict[str, Any]
    context: dict[str, Any] | None
    state: State
    states: list[State]
    updated_at: pendulum.DateTime
    run_config: RunConfig | None
    sequence: int | None
    _cached_task_runs: dict[str, TaskRunView]
    _by_slug: dict[tuple[str, int], str]
    _flow: FlowView | None
    _task_run_ids: list[str] | None

    def __init__(
        self,
        flow_run_id: str,
        name: str,
        flow_id: str,
        labels: list[str],
        parameters: dict[str, Any],
        context: dict[str, Any] | None,
        state: State,
        states: list[State],
        updated_at: pendulum.DateTime,
        run_config: RunConfig | None,
        task_runs: Iterable[TaskRunView] | None = None,
        *,
        sequence: int | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "flow_run_id", flow_run_id)
        put(self, "name", name)
        put(self, "flow_id", flow_id)
        put(self, "labels", labels)
        put(self, "parameters", parameters)
        put(self, "context", context)
        put(self, "state", state)
        put(self, "states", states)
        put(self, "updated_at", updated_at)
        put(self, "run_config", run_config)
        put(self, "sequence", sequence)
        put(self, "_cached_task_runs", {})
        put(self, "_by_slug", {})
        put(self, "_flow", None)
        put(self, "_task_run_ids", None)
        for task_run in task_runs or ():
            self._keep_if_finished(task_run)

    @classmethod
    def from_flow_run_id(
        cls,
        flow_run_id: str,
        load_static_tasks: bool = False,
        _cached_task_runs: Iterable[TaskRunView] | None = None,
        *,
        as_of: AsOf | None = None,
    ) -> FlowRunView:
        """The flow run with this id, now or `as_of` a sequence number or a time.

        With `load_static_tasks` the runs of all tasks that are not mapped are fetched at once.
        """
        flow_run_id = identifier(flow_run_id, "flow_run_id", "flow run")
        if as_of is None:
            rows = fetch(NOW, {"id": flow_run_id})["flow_run"]
        else:
            rows = fetch_as_of(THEN, {"id": flow_run_id}, as_of)["flow_run"]
        described = f"id {flow_run_id!r}" if as_of is None else f"id {flow_run_id!r} as of {as_of}"
        row = only(rows, "flow run", described, "`prefect get flow-runs` lists the newest ones.")
        view = cls.from_row(row, _cached_task_runs)
        if load_static_tasks:
            view._load_static_tasks()
        return view

    @classmethod
    def from_row(cls, row: Row, task_runs: Iterable[TaskRunView] | None = None) -> FlowRunView:
        """The view of a row of the table `flow_run`."""
        from prefect.serialization.state import load_state

        states = []
        for past in row["states"]:
            state = load_state(past["serialized_state"])
            state.__dict__["timestamp"] = moment(past["timestamp"])
            states.append(state)
        run_config = None
        if row["run_config"] is not None:
            from prefect.serialization.run_config import RunConfigSchema

            run_config = RunConfigSchema().load(row["run_config"])
        return cls(
            flow_run_id=row["id"],
            name=row["name"],
            flow_id=row["flow_id"],
            labels=row["labels"],
            parameters=row["parameters"],
            context=row["context"],
            state=load_state(row["serialized_state"]),
            states=states,
            updated_at=moment(row["updated"]),
            run_config=run_config,
            task_runs=task_runs,
            sequence=row["sequence"],
        )

    def get_latest(self, load_static_tasks: bool = False) -> FlowRunView:
        """A new view of the same run, as it stands now; finished task runs that have not changed are kept."""
        cached = self._cached_task_runs
        if not cached:
            return type(self).from_flow_run_id(self.flow_run_id, load_static_tasks=load_static_tasks)
        data = fetch(NOW_AND_VERSIONS, {"id": self.flow_run_id, "task_run_ids": list(cached)})
        row = only(data["flow_run"], "flow run", f"id {self.flow_run_id!r}", "It has been deleted.")
        now = row["sequence"]
        kept = [
            cached[task_run["id"]].seen_at(now)
            for task_run in data["task_run"]
            if cached[task_run["id"]].version == task_run["version"]
        ]
        latest = type(self).from_row(row, kept)
        if load_static_tasks:
            latest._load_static_tasks()
        return latest

    # The flow

    @property
    def flow(self) -> FlowView:
        """The flow of this run, as it was registered; fetched once."""
        return self.get_flow_metadata()

    def get_flow_metadata(self, no_cache: bool = False) -> FlowView:
        """The flow of this run, as it was registered; fetched once, unless `no_cache` asks for it anew."""
        flow = self._flow
        if flow is None or no_cache:
            from prefect.backend.flow import FlowView

            flow = FlowView.from_flow_id(self.flow_id)
            object.__setattr__(self, "_flow", flow)
        return flow

    # Task runs

    def get_task_run(
        self, task_slug: str | None = None, task_run_id: str | None = None, map_index: int | None = None
    ) -> TaskRunView:
        """One task run of this run, by the slug of its task (and map index) or by its id; kept once it is finished."""
        if task_run_id is not None:
            task_run = self._task_run_by_id(identifier(task_run_id, "task_run_id", "task run"))
            if task_slug is not None and task_run.task_slug != task_slug:
                raise ValueError(
                    f"Task run {task_run_id!r} belongs to task {task_run.task_slug!r}, not to {task_slug!r}. "
                    "Give one of `task_slug` and `task_run_id`."
                )
            return task_run
        if task_slug is None:
            raise ValueError("One of `task_run_id` or `task_slug` must be provided!")
        index = -1 if map_index is None else map_index
        known = self._by_slug.get((task_slug, index))
        if known is not None:
            return self._cached_task_runs[known]
        task_run = TaskRunView.from_task_slug(task_slug, self.flow_run_id, index, as_of=self._sequence())
        return self._keep_if_finished(task_run)

    def _task_run_by_id(self, task_run_id: str) -> TaskRunView:
        known = self._cached_task_runs.get(task_run_id)
        if known is not None:
            return known
        from prefect.backend.task_run import BY_ID_AS_OF

        variables = {"flow_run_id": self.flow_run_id, "id": task_run_id, "as_of": self._sequence()}
        rows = fetch(BY_ID_AS_OF, variables)["task_run"]
        row = only(rows, "task run", f"id {task_run_id!r} in flow run {self.flow_run_id!r}")
        return self._keep_if_finished(TaskRunView.from_row(row, self.sequence))

    def get_all_task_runs(self) -> list[TaskRunView]:
        """All task runs of this run, mapped children included, in the order in which they came to be."""
        return list(self.iter_task_runs())

    def iter_task_runs(self) -> Iterator[TaskRunView]:
        """The same, fetched page by page."""
        for row in self._rows(TASK_RUNS):
            known = self._cached_task_runs.get(row["id"])
            yield known or self._keep_if_finished(TaskRunView.from_row(row, self.sequence))

    @property
    def task_run_ids(self) -> list[str]:
        """The ids of all task runs of this run, in the order in which they came to be."""
        return self.get_task_run_ids()

    def get_task_run_ids(self) -> list[str]:
        """The ids of all task runs of this run, in the order in which they came to be; fetched once."""
        if self._task_run_ids is None:
            object.__setattr__(self, "_task_run_ids", [row["id"] for row in self._rows(TASK_RUN_IDS)])
        return list(cast("list[str]", self._task_run_ids))

    def _load_static_tasks(self) -> None:
        for row in self._rows(STATIC_TASK_RUNS):
            if row["id"] not in self._cached_task_runs:
                self._keep_if_finished(TaskRunView.from_row(row, self.sequence))

    def _rows(self, document: str) -> Iterator[Row]:
        given: Row = {"id": self.flow_run_id, "limit": PAGE, "as_of": self._sequence()}

        def ask(after: int) -> list[Row]:
            page: list[Row] = fetch(document, given | {"after": after})["task_run"]
            return page

        for page in pages(ask, 0, "first_sequence"):
            yield from page

    def _keep_if_finished(self, task_run: TaskRunView) -> TaskRunView:
        if task_run.state.is_finished():
            self._cached_task_runs[task_run.task_run_id] = task_run
            self._by_slug[task_run.task_slug, task_run.map_index] = task_run.task_run_id
        return task_run

    def _sequence(self) -> int:
        """The moment of this view; for one made by hand, the moment of its first question."""
        if self.sequence is None:
            object.__setattr__(self, "sequence", type(self).from_flow_run_id(self.flow_run_id).sequence)
        return cast(int, self.sequence)

    # Logs

    def get_logs(self, start_time: datetime | None = None, end_time: datetime | None = None) -> list[FlowRunLog]:
        """The log lines that this view's moment knows, all of them, by their time.

        `start_time` leaves out lines up to and at that time, `end_time` lines after it.
        """
        given: Row = {
            "id": self.flow_run_id,
            "until": self._sequence(),
            "limit": PAGE,
            "start": None if start_time is None else as_of_argument(start_time),
            "end": None if end_time is None else as_of_argument(end_time),
        }

        def ask(after: int) -> list[Row]:
            page: list[Row] = fetch(LOGS, given | {"after": after})["log"]
            return page

        lines = [FlowRunLog.from_dict(row) for page in pages(ask, 0, "sequence") for row in page]
        # Stable, so that lines of one time stay in the order in which they were recorded.
        lines.sort(key=lambda line: line.timestamp)
        return lines

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(flow_run_id={self.flow_run_id!r}, name={self.name!r}, state={self.state!r}, "
            f"labels={self.labels!r}, cached_task_runs={len(self._cached_task_runs)})"
        )


# Watching


def watch_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = True,
    max_duration: timedelta = timedelta(hours=12),
    *,
    attend: Callable[[str], None] | None = None,
) -> Iterator[FlowRunLog]:
    """What happens in a flow run, line by line as it is recorded, until the run has finished and all is told.

    Nothing is lost and nothing comes twice: the backend numbers what it records, and each question resumes after the
    last number seen. Raises RuntimeError when the run goes on for longer than `max_duration`. While the run is not
    finished, `attend` is called with the name of its state each time that there was nothing new to tell.
    """
    flow_run_id = identifier(flow_run_id, "flow_run_id", "flow run")

    def look(after: int) -> Look[FlowRunLog]:
        rows = fetch(NEWS, {"id": flow_run_id, "after": after, "limit": PAGE})["flow_run"]
        news = only(rows, "flow run", f"id {flow_run_id!r}", "`prefect get flow-runs` lists the newest ones.")
        logs = news["logs"]
        # A full page may not reach as far as the states that came with it.
        until = logs[-1]["sequence"] if len(logs) == PAGE else news["sequence"]
        told = _lines(news, until, stream_states, stream_logs)
        return Look(told, until, news["sequence"], news["state"], news["writer"])

    def notice() -> FlowRunLog:
        return FlowRunLog(pendulum.now("UTC"), logging.WARNING, _waiting_notice(flow_run_id))

    yield from follow(flow_run_id, look, max_duration, logs=stream_logs, notice=notice, attend=attend)


Told = TypeVar("Told")


class Look(NamedTuple, Generic[Told]):
    """What one look at a run gives: what is told, up to which number, of which there are, and the state of the run.

    `writer` is the version of the client that wrote the state.
    """

    told: list[Told]
    until: int
    sequence: int
    state: str
    writer: str | None


def follow(
    flow_run_id: str,
    look: Callable[[int], Look[Told]],
    max_duration: timedelta,
    *,
    logs: bool = True,
    notice: Callable[[], Told] | None = None,
    attend: Callable[[str], None] | None = None,
) -> Iterator[Told]:
    """What `look` finds after the number that it is given, again and again until the run has finished.

    A finished run is told to its end when it has been quiet for a while, where its `logs` are told; else at once.
    `notice` is told once of a run that nobody picks up.
    """
    started = clock()
    seen, pause, noticed, quiet_since = 0, POLL_FIRST_SECONDS, False, None
    while True:
        told, until, sequence, state, writer = look(seen)
        yield from told
        anything_new = until > seen
        seen = max(seen, until)
        if until < sequence:
            continue
        if _is_finished(state):
            if quiet_since is None or anything_new:
                quiet_since = clock()
            left = _patience_seconds(writer) - (clock() - quiet_since) if logs else 0.0
            if left <= 0:
                return
            pause = POLL_FIRST_SECONDS if anything_new else min(pause * 1.5, POLL_LAST_SECONDS)
            wait(min(pause, left), None)
            continue
        if clock() - started > max_duration.total_seconds():
            raise RuntimeError(
                f"Watched flow run {flow_run_id} for {max_duration}, and it is not finished but {state}. "
                "Watch on with a longer `max_duration`."
            )
        if not noticed and state == "Scheduled" and clock() - started > WAITING_NOTICE_SECONDS:
            noticed = True
            if notice is not None:
                yield notice()
        if pause >= POLL_LAST_SECONDS:
            _notice_the_dead()
        if attend is not None and not anything_new:
            attend(state)
        pause = POLL_FIRST_SECONDS if anything_new else min(pause * 1.5, POLL_LAST_SECONDS)
        # A run that is to stop counts as ended to those that wait for its end.
        wait(pause, None if state == "Cancelling" else flow_run_id)


def _lines(news: Row, until: int, stream_states: bool, stream_logs: bool) -> list[FlowRunLog]:
    told: list[tuple[int, FlowRunLog]] = []
    if stream_logs:
        told += [(row["sequence"], FlowRunLog.from_dict(row)) for row in news["logs"]]
    if stream_states:
        for row in news["states"]:
            state = row["serialized_state"]
            message = f"Entered state <{state['type']}>: {state.get('message')}"
            told.append((row["sequence"], FlowRunLog(moment(row["timestamp"]), logging.INFO, message)))
    return [line for sequence, line in sorted(told, key=lambda pair: pair[0]) if sequence <= until]


def _is_finished(state_name: str) -> bool:
    from prefect.engine import state as states

    return issubclass(getattr(states, state_name), states.Finished)


def _patience_seconds(writer: str | None) -> float:
    """How long a finished run must have been quiet to be told to its end.

    A process of ours sends its lines before the state that it ends with, and only its agent may add a word. One of 1.x
    goes on sending them in batches.
    """
    if config.backend == "embedded":
        return 0.0
    if writer is not None and re.match(r"(0|1\.[0-4])(\.|$)", writer) is None:
        return LAST_WORD_SECONDS
    return float(config.cloud.logging_heartbeat) + 1.0


def _waiting_notice(flow_run_id: str) -> str:
    if config.backend == "embedded":
        return f"The run waits for somebody to start it: `prefect run --id {flow_run_id} --execute` runs it here."
    return why_no_agent_takes(flow_run_id) or check_for_compatible_agents(
        FlowRunView.from_flow_run_id(flow_run_id).labels
    )


def why_no_agent_takes(flow_run_id: str) -> str | None:
    """Why no agent that is looking for runs takes this one; None where one does, or where a server of 1.x is asked."""
    try:
        answer = Client().graphql_fast(MATCHING, {"id": flow_run_id})
    except ClientError as error:
        if "flow_run_matching" in str(error):
            return None
        raise
    reason: str | None = answer["flow_run_matching"]["reason"]
    return reason


def stream_flow_run_logs(flow_run_id: str, max_duration: timedelta = timedelta(hours=12)) -> None:
    """Log what happens in a flow run to this process's logger until the run has finished."""
    from prefect.utilities.logging import get_logger

    logger = get_logger("backend.flow_run")
    for line in watch_flow_run(flow_run_id, max_duration=max_duration):
        logger.log(line.level, line.message)


def check_for_compatible_agents(labels: Iterable[str], since_minutes: int = 1) -> str:
    """One sentence on which agent will pick up a run with these labels, or what to do so that one does.

    An agent is healthy when it has asked for work in the last `since_minutes`.
    """
    wanted = set(labels)
    described = f"labels {wanted}" if wanted else "empty labels"
    agents = Client().graphql_fast(AGENTS)["agent"]
    now = pendulum.now("UTC")
    healthy, matching, healthy_matching = [], [], []
    for agent in agents:
        able = wanted <= set(agent["labels"]) and (bool(wanted) or not agent["labels"])
        asked = agent["last_queried"] and moment(agent["last_queried"])
        alive = bool(asked) and asked > now.subtract(minutes=since_minutes)
        healthy += [agent] if alive else []
        matching += [agent] if able else []
        healthy_matching += [agent] if able and alive else []
    if healthy_matching:
        agent = healthy_matching[0]
        more = f" and {len(healthy_matching) - 1} more" if len(healthy_matching) > 1 else ""
        return f"Agent {agent['id']} ({agent['name']}){more} has matching labels and should pick up the flow run."
    if matching:
        agent = max(matching, key=lambda agent: agent["last_queried"] or "")
        last = agent["last_queried"]
        when = f"last queried {moment(last).diff_for_humans(now)[: -len(' before')]} ago" if last else "never queried"
        return (
            f"Agent {agent['id']} ({agent['name']}) has matching labels and {when}. Since it hasn't queried recently, "
            f"it looks unhealthy. Restart it or start a new agent with {described} to deploy your flow run."
        )
    if healthy:
        return (
            f"{len(healthy)} healthy agents do not have the required labels. "
            f"Start an agent with {described} to run your flow."
        )
    return (
        "There are no healthy agents in your tenant and it does not look like an agent with the required labels has "
        f"been run recently. Start an agent with {described} to run your flow."
    )
