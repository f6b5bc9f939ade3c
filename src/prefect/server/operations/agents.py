"""Agents make themselves known and ask which runs they shall start."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from prefect.engine.state import Paused, Running, Scheduled
from prefect.server import states
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now, stamp
from prefect.server.operations.base import Caller, IdPayload, Input, Payload, SuccessPayload
from prefect.server.operations.runs import in_states
from prefect.server.operations.tenants import PAUSED_SETTING, existing_tenant, tenant_of
from prefect.server.operations.values import (
    JSON,
    UUID,
    DateTime,
    canonical_id,
    canonical_moment,
    clean_optional,
    clean_text,
    decode_json,
    encode_json,
    labels_of,
    object_of,
)
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement

# So many due runs are looked at, and so many given to an agent at once, so that several agents share them.
EXAMINED = 75
GIVEN = 25
# Who has asked for runs so recently is looking for them: the longest wait for a run, twice.
LOOKING_SECONDS = 60
# So many agents are shown beside a run, those that asked last.
MOST_AGENTS = 500

_WAITING_FLOW_RUN = Scheduled.__name__
_RUNNING_FLOW_RUN = Running.__name__
# What a task run of a run that has no process any more waits in until its time has come.
_WAITING_TASK_RUN = in_states((states.SCHEDULED | states.QUEUED) - states.names(Paused))
_HOLDS_A_SLOT = in_states(states.SUBMITTED | states.RUNNING)


class AgentIdPayload(IdPayload):
    graphql = "agent_id_payload"
    row = "agent"


class AgentConfigIdPayload(IdPayload):
    graphql = "agent_config_id_payload"
    row = "agent_config"


class RunsInQueuePayload(Payload):
    graphql = "runs_in_queue_payload"
    flow_run_ids: list[str] | None = None


class RegisterAgentInput(Input):
    type: str
    tenant_id: UUID | None = None
    labels: list[str] | None = None
    agent_config_id: UUID | None = None
    name: str | None = None


class DeleteAgentInput(Input):
    agent_id: UUID


class CreateAgentConfigInput(Input):
    tenant_id: UUID
    name: str | None = None
    settings: JSON | None = None


class UpdateAgentConfigInput(Input):
    agent_config_id: UUID
    name: str | None = None
    settings: JSON | None = None


class DeleteAgentConfigInput(Input):
    agent_config_id: UUID


class GetRunsInQueueInput(Input):
    tenant_id: UUID
    before: DateTime | None = None
    labels: list[str] | None = None


def register_agent(transaction: Transaction, input: RegisterAgentInput, caller: Caller) -> AgentIdPayload:
    """An id for an agent.

    Always a new one, also for an agent that is called like another: a run belongs to the agent whose id submitted it,
    and two that share an id could both believe that they have it.
    """
    tenant_id = (
        tenant_of(transaction, caller) if input.tenant_id is None else existing_tenant(transaction, input.tenant_id)
    )
    config_id = None if input.agent_config_id is None else _config(transaction, input.agent_config_id)
    agent_id = new_id()
    transaction.execute(
        statement("insert_agent"),
        (
            agent_id,
            tenant_id,
            now(),
            config_id,
            clean_optional(input.name),
            clean_text(input.type),
            clean_optional(caller.core_version),
            labels_of(input.labels or ()),
        ),
    )
    return AgentIdPayload(agent_id)


def delete_agent(transaction: Transaction, input: DeleteAgentInput, caller: Caller) -> SuccessPayload:
    """Forget an agent; the runs that it has started stay as they are."""
    agent_id = canonical_id(input.agent_id, "agent_id")
    if transaction.execute(statement("delete_agent"), (agent_id,)).rowcount == 0:
        raise NotFound(f"There is no agent {agent_id}.", id=agent_id)
    return SuccessPayload()


def create_agent_config(
    transaction: Transaction, input: CreateAgentConfigInput, caller: Caller
) -> AgentConfigIdPayload:
    """Settings that several agents share."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    config_id = new_id()
    settings = {} if input.settings is None else object_of(input.settings, "settings")
    transaction.execute(
        statement("insert_agent_config"),
        (config_id, tenant_id, now(), clean_optional(input.name), encode_json(settings, "settings")),
    )
    return AgentConfigIdPayload(config_id)


def update_agent_config(transaction: Transaction, input: UpdateAgentConfigInput, caller: Caller) -> SuccessPayload:
    """Change its name or its settings; what is left out or null stays."""
    config_id = canonical_id(input.agent_config_id, "agent_config_id")
    settings = None if input.settings is None else encode_json(object_of(input.settings, "settings"), "settings")
    changed = transaction.execute(
        statement("update_agent_config"), (config_id, clean_optional(input.name), settings, now())
    )
    if changed.rowcount == 0:
        raise _no_config(config_id)
    return SuccessPayload()


def delete_agent_config(transaction: Transaction, input: DeleteAgentConfigInput, caller: Caller) -> SuccessPayload:
    """Delete it; agents that had it go on without."""
    config_id = canonical_id(input.agent_config_id, "agent_config_id")
    if transaction.execute(statement("delete_agent_config"), (config_id,)).rowcount == 0:
        raise _no_config(config_id)
    transaction.execute(statement("forget_agent_config"), (config_id, now()))
    return SuccessPayload()


def _config(transaction: Transaction, given: str) -> str:
    config_id = canonical_id(given, "agent_config_id")
    if transaction.fetch_one(statement("agent_config_exists"), (config_id,)) is None:
        raise _no_config(config_id)
    return config_id


def _no_config(config_id: str) -> NotFound:
    return NotFound(f"There is no agent configuration {config_id}.", id=config_id)


def get_runs_in_queue(transaction: Transaction, input: GetRunsInQueueInput, caller: Caller) -> RunsInQueuePayload:
    """Which runs an agent with these labels should start now: the longest due first.

    A run goes to agents that have all of its labels, one without labels to agents without. Runs for which a limit has
    no slot left stay behind. Asking changes nothing about the runs: the agent that then moves one to Submitted has it.
    """
    tenant_id = existing_tenant(transaction, input.tenant_id)
    moment = now()
    before = canonical_moment(input.before, "before") or moment
    _note_agent(transaction, caller, tenant_id, moment)
    return RunsInQueuePayload(due_runs(transaction, tenant_id, labels_of(input.labels or ()), before))


def due_runs(reader: Transaction | Snapshot, tenant_id: str, labels: str, before: str) -> list[str]:
    """The rule itself: the runs that are due for an agent with these labels, a JSON list, the longest due first."""
    row = reader.fetch_one(statement("tenant_settings"), (tenant_id,))
    if row is not None and decode_json(row[0], "settings").get(PAUSED_SETTING) is True:
        return []
    rows = reader.fetch_all(
        statement("due_flow_runs"),
        (
            tenant_id,
            before,
            _WAITING_FLOW_RUN,
            labels == "[]",
            labels,
            _HOLDS_A_SLOT,
            _RUNNING_FLOW_RUN,
            _WAITING_TASK_RUN,
            EXAMINED,
        ),
    )
    return share(rows, GIVEN)


def takes(agent_labels: Collection[str], run_labels: Collection[str]) -> bool:
    """The part of the rule that is about labels, for those who look at one agent and one run."""
    return set(run_labels) <= set(agent_labels) and bool(run_labels) == bool(agent_labels)


class MatchedAgent(Payload):
    """An agent beside a run: `missing_labels` are the labels of the run that it has not.

    An agent that has labels takes no run without any.
    """

    graphql = "matched_agent"
    agent_id: UUID | None = None
    name: str | None = None
    type: str | None = None
    labels: list[str] | None = None
    last_queried: DateTime | None = None
    is_looking: bool | None = None
    matches: bool | None = None
    missing_labels: list[str] | None = None


class FlowRunMatching(Payload):
    """Which agents would take a run; `reason` says in a sentence why none that is looking for runs does."""

    graphql = "flow_run_matching_payload"
    labels: list[str] | None = None
    reason: str | None = None
    agents: list[MatchedAgent] | None = None


def flow_run_matching(snapshot: Snapshot, caller: Caller, flow_run_id: UUID) -> FlowRunMatching:
    """The agents that could start a run, those that match first, and what the others lack."""
    run_id = canonical_id(flow_run_id, "flow_run_id")
    row = snapshot.fetch_one(statement("labels_of_flow_run"), (run_id,))
    if row is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    wanted: list[str] = decode_json(row[1], "labels")
    since = stamp(datetime.now(UTC) - timedelta(seconds=LOOKING_SECONDS))
    agents = []
    for agent_id, name, kind, text, asked in snapshot.fetch_all(statement("agents_of_tenant"), (row[0], MOST_AGENTS)):
        labels: list[str] = decode_json(text, "labels")
        missing = sorted(set(wanted) - set(labels))
        looking = asked is not None and asked >= since
        agents.append(MatchedAgent(agent_id, name, kind, labels, asked, looking, takes(labels, wanted), missing))
    agents.sort(key=lambda agent: (not (agent.matches and agent.is_looking), not agent.matches, not agent.is_looking))
    asking = (
        AskingAgent(agent.name or "agent", frozenset(agent.labels or ()), bool(agent.is_looking)) for agent in agents
    )
    return FlowRunMatching(wanted, why_none_takes(wanted, asking), agents)


class AskingAgent(NamedTuple):
    """An agent: its name, its labels, and whether it has asked for runs a moment ago."""

    name: str
    labels: frozenset[str]
    is_looking: bool


def why_none_takes(wanted: Collection[str], agents: Iterable[AskingAgent]) -> str | None:
    """Why no agent that is looking for runs takes one with these labels; None where one does. Pure."""
    looking = [agent for agent in agents if agent.is_looking]
    if any(takes(agent.labels, wanted) for agent in looking):
        return None
    described = f"the labels {_listed(wanted)}" if wanted else "no labels"
    if not looking:
        return f"No agent is looking for runs. Start one with {described}."
    many = f"{len(looking)} agent{'s are' if len(looking) != 1 else ' is'} looking for runs"
    if not wanted:
        return f"{many}, all with labels; a run without labels waits for an agent without any."
    nearest = min(looking, key=lambda agent: (len(set(wanted) - agent.labels), agent.name))
    has, lacks = _listed(nearest.labels) or "no labels", _listed(set(wanted) - nearest.labels)
    return f"{many}, and none has {described}. The nearest is {nearest.name!r}, which has {has} and lacks {lacks}."


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(labels)))


def share(rows: list[tuple[str, str | None, int | None]], most: int) -> list[str]:
    """The first runs, at most so many, that the free slots suffice for.

    Rows are (run, limit, free slots), a row for each limit that a run falls under, or one without a limit. Each run
    that is given takes a slot of each of its limits.
    """
    free: dict[str, int] = {}
    limits: dict[str, list[str]] = {}
    for run_id, limit, slots in rows:
        named = limits.setdefault(run_id, [])
        if limit is not None and slots is not None:
            free.setdefault(limit, slots)
            named.append(limit)
    given: list[str] = []
    for run_id, named in limits.items():
        if len(given) == most:
            break
        if all(free[limit] > 0 for limit in named):
            given.append(run_id)
            for limit in named:
                free[limit] -= 1
    return given


def _note_agent(transaction: Transaction, caller: Caller, tenant_id: str, moment: str) -> None:
    if caller.agent_id is None:
        return
    try:
        agent_id = canonical_id(caller.agent_id, "X-PREFECT-AGENT-ID")
    except BadInput:
        return  # no agent that was registered here
    transaction.execute(statement("agent_has_asked"), (agent_id, moment, tenant_id))
