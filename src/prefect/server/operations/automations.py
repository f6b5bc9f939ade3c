"""What is done by itself when something happens: a trigger, and the actions that follow.

What sets an automation off is written down in the transaction in which it happens, or by the service that looks for
what did not happen in time, once for each subject. `services/automations.py` does the actions.
"""

from __future__ import annotations

import fnmatch
import math
from enum import Enum
from typing import Any, Final

import msgspec

from prefect.server import states as groups
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations import templates
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.events import (
    LONGEST_PATTERN,
    Event,
    EventKind,
    RunFacts,
    RunFilter,
    checked_filter,
    event_of_run,
    is_late,
    late_after,
    owned,
    state_named,
)
from prefect.server.operations.tenants import existing_tenant
from prefect.server.operations.values import JSON, UUID, canonical_id, clean_text, encode_json, object_of
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

MOST_ACTIONS: Final = 10
LONGEST_SECONDS: Final = 365 * 24 * 3600
LATENESS: Final = (EventKind.LATE_START, EventKind.LATE_FINISH)


class ActionType(Enum):
    """What an automation does."""

    NOTIFY = "NOTIFY"
    CANCEL_FLOW_RUN = "CANCEL_FLOW_RUN"
    PAUSE_SCHEDULE = "PAUSE_SCHEDULE"
    START_FLOW_RUN = "START_FLOW_RUN"


class AutomationTrigger(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What sets it off: a state (and those below it), or so many seconds without a start, an end, or a sign of life."""

    type: EventKind
    states: list[str] | None = None
    run_filter: RunFilter | None = None
    seconds: float | None = None
    # Of late finishes: counted from the scheduled time, not from when the run began.
    from_schedule: bool = False
    # Of agents: `*` stands for any text, `?` for one character.
    agent_name: str | None = None

    def means(self, run: RunFacts) -> bool:
        """Whether the trigger is about this run."""
        return self.run_filter is None or self.run_filter.matches(run)

    def means_agent(self, name: str | None) -> bool:
        """Whether the trigger is about an agent of this name."""
        return self.agent_name is None or fnmatch.fnmatchcase(name or "", self.agent_name)


class AutomationAction(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """NOTIFY needs a hook. Without a flow group, the schedule is that of the run's flow. START_FLOW_RUN needs one.

    Texts in `parameters` and `context`, and the name of the run, may have fields such as {flow_run.id}.
    """

    type: ActionType
    cloud_hook_id: UUID | None = None
    flow_group_id: UUID | None = None
    flow_run_name: str | None = None
    parameters: JSON | None = None
    context: JSON | None = None


class AutomationIdPayload(IdPayload):
    graphql = "automation_id_payload"
    row = "automation"


class CreateAutomationInput(Input):
    tenant_id: UUID
    name: str
    trigger: AutomationTrigger
    actions: list[AutomationAction]


class UpdateAutomationInput(Input):
    automation_id: UUID
    name: str | None = None
    trigger: AutomationTrigger | None = None
    actions: list[AutomationAction] | None = None
    active: bool | None = None


class DeleteAutomationInput(Input):
    automation_id: UUID


def create_automation(transaction: Transaction, input: CreateAutomationInput, caller: Caller) -> AutomationIdPayload:
    """Do something by itself from now on, whenever something happens."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    trigger = _trigger(transaction, input.trigger, tenant_id)
    actions = _actions(transaction, input.actions, trigger.type, tenant_id)
    automation_id = new_id()
    transaction.execute(
        statement("insert_automation"),
        (
            automation_id,
            tenant_id,
            now(),
            clean_text(input.name),
            encode_json(msgspec.to_builtins(trigger), "trigger"),
            encode_json(msgspec.to_builtins(actions), "actions"),
        ),
    )
    return AutomationIdPayload(automation_id)


def update_automation(transaction: Transaction, input: UpdateAutomationInput, caller: Caller) -> AutomationIdPayload:
    """Change what sets it off and what follows, or turn it on or off; what is left out stays.

    With another trigger, or active again, it begins anew: what had happened before sets nothing off.
    """
    automation_id = canonical_id(input.automation_id, "automation_id")
    row = transaction.fetch_one(statement("automation"), (automation_id,))
    if row is None:
        raise _no_automation(automation_id)
    tenant_id, _, was_active, known_trigger, known_actions = row
    trigger = read_trigger(known_trigger) if input.trigger is None else _trigger(transaction, input.trigger, tenant_id)
    actions = read_actions(known_actions) if input.actions is None else input.actions
    if input.trigger is not None or input.actions is not None:
        # Else it could not even be stopped once a hook is gone that it lets tell.
        actions = _actions(transaction, actions, trigger.type, tenant_id)
        if actions != read_actions(known_actions):
            # How far it has come is a place in the list, which would now be that of another action.
            given = (automation_id, now(), "The actions were changed before all of them were done; the rest was left.")
            transaction.execute(statement("finish_begun_events"), given)
    active = was_active if input.active is None else input.active
    begins = input.trigger is not None or (active and not was_active)
    moment = now()
    transaction.execute(
        statement("update_automation"),
        (
            automation_id,
            moment,
            None if input.name is None else clean_text(input.name),
            active,
            moment if begins else None,
            encode_json(msgspec.to_builtins(trigger), "trigger"),
            encode_json(msgspec.to_builtins(actions), "actions"),
        ),
    )
    return AutomationIdPayload(automation_id)


def delete_automation(transaction: Transaction, input: DeleteAutomationInput, caller: Caller) -> SuccessPayload:
    """Do nothing by itself any more, and forget what it did; the runs that it has started stay."""
    automation_id = canonical_id(input.automation_id, "automation_id")
    if transaction.execute(statement("delete_automation"), (automation_id,)).rowcount == 0:
        raise _no_automation(automation_id)
    transaction.execute(statement("delete_events_of_automation"), (automation_id,))
    return SuccessPayload()


def _no_automation(automation_id: str) -> NotFound:
    return NotFound(f"There is no automation {automation_id}.", id=automation_id)


def _trigger(transaction: Transaction, given: AutomationTrigger, tenant_id: str) -> AutomationTrigger:
    wanted: list[str] | None = None
    if given.type is EventKind.STATE_CHANGE:
        wanted = [state_named(name) for name in given.states or ()]
        if not wanted:
            raise BadInput("An automation that follows states needs at least one of them.")
        if given.seconds is not None:
            raise BadInput("A change of state has no seconds.")
    elif given.states is not None:
        raise BadInput(f"An automation of type {given.type.value} has no states.")
    elif given.seconds is None or not (math.isfinite(given.seconds) and 0 <= given.seconds <= LONGEST_SECONDS):
        raise BadInput(f"An automation of type {given.type.value} needs seconds, from 0 to {LONGEST_SECONDS}.")
    is_of_agents = given.type is EventKind.AGENT_UNHEALTHY
    if is_of_agents and given.run_filter is not None:
        raise BadInput("No filter of runs tells one agent from another: use agent_name.")
    if not is_of_agents and given.agent_name is not None:
        raise BadInput(f"An automation of type {given.type.value} is not about agents: leave out agent_name.")
    if given.from_schedule and given.type is not EventKind.LATE_FINISH:
        raise BadInput("from_schedule says something of late finishes alone.")
    if given.agent_name is not None and len(given.agent_name) > LONGEST_PATTERN:
        raise BadInput(f"The pattern of a name has at most {LONGEST_PATTERN} characters.")
    chosen = None if given.run_filter is None else checked_filter(transaction, given.run_filter, tenant_id)
    name = None if given.agent_name is None else clean_text(given.agent_name)
    return AutomationTrigger(given.type, wanted, chosen, given.seconds, given.from_schedule, name)


def _actions(
    transaction: Transaction, given: list[AutomationAction], kind: EventKind, tenant_id: str
) -> list[AutomationAction]:
    if not 1 <= len(given) <= MOST_ACTIONS:
        raise BadInput(f"An automation has 1 to {MOST_ACTIONS} actions.")
    return [_action(transaction, action, kind, tenant_id) for action in given]


def _action(transaction: Transaction, given: AutomationAction, kind: EventKind, tenant_id: str) -> AutomationAction:
    type_ = given.type
    taken = {
        ActionType.NOTIFY: {"cloud_hook_id"},
        ActionType.CANCEL_FLOW_RUN: set[str](),
        ActionType.PAUSE_SCHEDULE: {"flow_group_id"},
        ActionType.START_FLOW_RUN: {"flow_group_id", "flow_run_name", "parameters", "context"},
    }[type_]
    for name in AutomationAction.__struct_fields__[1:]:
        if getattr(given, name) is not None and name not in taken:
            raise BadInput(f"The action {type_.value} takes no {name}.")
    if kind is EventKind.AGENT_UNHEALTHY:
        if type_ is ActionType.CANCEL_FLOW_RUN:
            raise BadInput("An agent that is unhealthy names no run that could be cancelled.")
        if type_ is ActionType.PAUSE_SCHEDULE and given.flow_group_id is None:
            raise BadInput("An agent that is unhealthy names no flow: say which schedule, by flow_group_id.")
    if type_ is ActionType.NOTIFY and given.cloud_hook_id is None:
        raise BadInput("The action NOTIFY needs cloud_hook_id: whom shall it tell?")
    if type_ is ActionType.START_FLOW_RUN and given.flow_group_id is None:
        raise BadInput("The action START_FLOW_RUN needs flow_group_id: which flow shall run?")
    hook_id, group_id = given.cloud_hook_id, given.flow_group_id
    return AutomationAction(
        type_,
        None if hook_id is None else owned(transaction, hook_id, "cloud_hook", tenant_id),
        None if group_id is None else owned(transaction, group_id, "flow_group", tenant_id),
        None if given.flow_run_name is None else templates.check(clean_text(given.flow_run_name), "flow_run_name"),
        _values(given.parameters, "parameters"),
        _values(given.context, "context"),
    )


def _values(given: Any, what: str) -> Any:
    return None if given is None else templates.check_all(object_of(given, what), what)


_TRIGGER = msgspec.json.Decoder(AutomationTrigger).decode
_ACTIONS = msgspec.json.Decoder(list[AutomationAction]).decode


def read_trigger(text: str) -> AutomationTrigger:
    """A trigger as it was kept."""
    return _TRIGGER(text)


def read_actions(text: str) -> list[AutomationAction]:
    """The actions as they were kept."""
    return _ACTIONS(text)


def set_off(
    transaction: Transaction, caller: Caller, tenant_id: str, run: RunFacts, event: Event, version: int
) -> None:
    """Remember what the state that a run has just entered sets off."""
    kinds = groups.kinds_of(run.state)
    for automation_id, name, since, text in transaction.fetch_all(statement("active_automations"), (tenant_id,)):
        trigger = read_trigger(text)
        if trigger.type is EventKind.AGENT_UNHEALTHY or not trigger.means(run):
            continue
        if trigger.type is EventKind.STATE_CHANGE:
            if kinds.intersection(trigger.states or ()):
                told = {**event, "automation_name": name}
                insert_event(transaction, tenant_id, automation_id, f"{run.id}:{version}", told, run)
        else:
            remember_if_late(transaction, tenant_id, automation_id, name, since, trigger, run, event["timestamp"])


def remember_if_late(
    transaction: Transaction,
    tenant_id: str,
    automation_id: str,
    name: str,
    since: str,
    trigger: AutomationTrigger,
    run: RunFacts,
    moment: str,
) -> bool:
    """Remember that a run is late, once; whether it was new. What was late before the automation began is not."""
    seconds = trigger.seconds or 0.0
    limit = late_after(run, trigger.type, seconds, from_schedule=trigger.from_schedule)
    if limit is None or limit < since or not is_late(run, trigger.type, limit, moment):
        return False
    event = {**event_of_run(run, trigger.type, moment, seconds), "automation_name": name}
    return insert_event(transaction, tenant_id, automation_id, run.id, event, run)


def insert_event(
    transaction: Transaction, tenant_id: str, automation_id: str, subject: str, event: Event, run: RunFacts | None
) -> bool:
    """Write down that an automation was set off; False where the same had set it off before."""
    return (
        transaction.execute(
            statement("insert_automation_event"),
            (
                new_id(),
                tenant_id,
                now(),
                automation_id,
                subject,
                None if run is None else run.id,
                encode_json(event, "event"),
                1 if run is None else run.depth + 1,
            ),
        ).rowcount
        == 1
    )
