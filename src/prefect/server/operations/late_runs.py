"""Runs whose time has passed and that nobody has taken, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from prefect.engine.state import Scheduled
from prefect.server.errors import BadInput
from prefect.server.identifiers import stamp
from prefect.server.operations.agents import LOOKING_SECONDS, AskingAgent, takes, why_none_takes
from prefect.server.operations.base import Caller, Payload
from prefect.server.operations.runs import in_states
from prefect.server.operations.tenants import PAUSED_SETTING, tenant_of
from prefect.server.operations.values import UUID, DateTime, decode_json
from prefect.server.states import RUNNING, SUBMITTED
from prefect.server.store.interface import Snapshot
from prefect.server.store.statements import statement

# Agents ask every ten seconds or so: what waits no longer than this is on time.
LATE_SECONDS: Final = 15
MOST_SHOWN: Final = 1000

_HOLDS_A_SLOT = in_states(RUNNING | SUBMITTED)


class WhyLate(Enum):
    """Why a run has not been taken."""

    WORK_QUEUE_PAUSED = "WORK_QUEUE_PAUSED"
    NO_AGENT = "NO_AGENT"
    NO_MATCHING_AGENT = "NO_MATCHING_AGENT"
    LIMIT_FULL = "LIMIT_FULL"
    AGENT_BUSY = "AGENT_BUSY"


class LateFlowRun(Payload):
    """`reason` is one of a few words, `message` says it to people; `seconds` since the run was due."""

    graphql = "late_flow_run"
    id: UUID | None = None
    name: str | None = None
    flow_id: UUID | None = None
    flow_name: str | None = None
    due: DateTime | None = None
    seconds: float | None = None
    labels: list[str] | None = None
    reason: WhyLate | None = None
    message: str | None = None


def why_late(
    labels: Collection[str], agents: Iterable[AskingAgent], full: Mapping[str, int], is_paused: bool
) -> tuple[WhyLate, str]:
    """Why a run with these labels has not been taken; `full` are the limits that have no slot left. Pure."""
    if is_paused:
        return WhyLate.WORK_QUEUE_PAUSED, "The work queue is paused: agents are given nothing until it is resumed."
    looking = [agent for agent in agents if agent.is_looking]
    if (none_takes := why_none_takes(labels, looking)) is not None:
        return WhyLate.NO_MATCHING_AGENT if looking else WhyLate.NO_AGENT, none_takes
    matching = [agent for agent in looking if takes(agent.labels, labels)]
    taken = sorted(set(labels) & full.keys())
    if taken:
        slots = full[taken[0]]
        what = "1 slot is" if slots == 1 else f"{slots} slots are"
        return WhyLate.LIMIT_FULL, f"The concurrency limit of the label {taken[0]!r} is full: its {what} taken."
    return WhyLate.AGENT_BUSY, f"The agent {matching[0].name!r} is looking for runs and has not taken it yet."


def late_flow_runs(snapshot: Snapshot, caller: Caller, seconds: int | None = None) -> list[LateFlowRun]:
    """The runs that are late, the latest first due first; `seconds` says from when on (default: 15)."""
    if seconds is not None and not 0 <= seconds < 2**31:
        raise BadInput(f"seconds must be 0 or more, not {seconds}.")
    moment = datetime.now(UTC)
    tenant_id = tenant_of(snapshot, caller)
    before = stamp(moment - timedelta(seconds=LATE_SECONDS if seconds is None else seconds))
    rows = snapshot.fetch_all(statement("late_flow_runs"), (tenant_id, before, Scheduled.__name__, MOST_SHOWN))
    if not rows:
        return []
    settings = snapshot.fetch_one(statement("tenant_settings"), (tenant_id,))
    is_paused = settings is not None and decode_json(settings[0], "settings").get(PAUSED_SETTING) is True
    since = stamp(moment - timedelta(seconds=LOOKING_SECONDS))
    agents = [
        AskingAgent(name or "agent", frozenset(decode_json(labels, "labels")), asked is not None and asked >= since)
        for name, labels, asked in snapshot.fetch_all(statement("asking_agents"), (tenant_id,))
    ]
    full: dict[str, int] = dict(snapshot.fetch_all(statement("full_flow_limits"), (tenant_id, _HOLDS_A_SLOT)))
    found = []
    for run_id, name, flow_id, flow_name, due, text in rows:
        labels: list[str] = decode_json(text, "labels")
        reason, message = why_late(labels, agents, full, is_paused)
        waited = (moment - datetime.fromisoformat(due)).total_seconds()
        found.append(LateFlowRun(run_id, name, flow_id, flow_name, due, round(waited, 3), labels, reason, message))
    return found
