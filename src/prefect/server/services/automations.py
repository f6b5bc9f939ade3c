"""Automations: what did not happen in time is noticed, and what was set off is done.

An action and the note that it is done are one transaction: each is done once, however many servers there are and
whenever one of them dies. An action that is refused is noted, and the next ones follow.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from prefect.server import states
from prefect.server.errors import BadInput, NotFound, RequestError, StatementTooLarge, StoreError
from prefect.server.identifiers import stamp
from prefect.server.operations import hooks
from prefect.server.operations.automations import (
    LATENESS,
    ActionType,
    AutomationAction,
    AutomationTrigger,
    insert_event,
    read_actions,
    read_trigger,
    remember_if_late,
)
from prefect.server.operations.base import DEFINITIONS, Caller
from prefect.server.operations.events import Event, EventKind, event_of_agent, facts_of_run
from prefect.server.operations.flows import SetScheduleInactiveInput, set_schedule_inactive
from prefect.server.operations.runs import CreateFlowRunInput, create_flow_run, in_states
from prefect.server.operations.states import CancelFlowRunInput, cancel_flow_run
from prefect.server.operations.templates import fill, fill_all
from prefect.server.operations.values import decode_json
from prefect.server.services.service import Clock, Service, Settings, Work, tell
from prefect.server.store.interface import Row, Snapshot, Store, Transaction
from prefect.server.store.statements import statement

# Events whose actions are done in a pass; then others have their turn, and it goes on.
DONE_AT_ONCE: Final = 100
LOOKED_AT: Final = 200
FORGOTTEN: Final = 500
LONGEST_ERROR: Final = 500
# Runs that automations start one after another, each because of the one before.
MOST_DEPTH: Final = 5

_FIRST: Final = "00000000-0000-0000-0000-000000000000"
_NOT_BEGUN = in_states(states.SCHEDULED | states.PENDING | states.SUBMITTED | states.QUEUED)
_NOT_ENDED = in_states(states.UNFINISHED)
_ENDED = in_states(states.CLOSED)

_logger = logging.getLogger("prefect.server.services")


def notice(store: Store, clock: Clock) -> int:
    """Write down what has not happened in time; how much was new."""
    with store.snapshot(single=True) as snapshot:
        rows = snapshot.fetch_all(statement("every_active_automation"))
    found = 0
    for row in rows:
        trigger = read_trigger(row[4])
        if trigger.type in LATENESS:
            found += _notice_late(store, clock, row, trigger)
        elif trigger.type is EventKind.AGENT_UNHEALTHY:
            found += _notice_agents(store, clock, row, trigger)
    return found


def _range(clock: Clock, since: str, seconds: float) -> tuple[str, str]:
    """What was due between these times may have passed its limit since the automation began."""
    patience = timedelta(seconds=seconds)
    return stamp(datetime.fromisoformat(since) - patience), stamp(clock() - patience)


def _notice_late(store: Store, clock: Clock, row: Row, trigger: AutomationTrigger) -> int:
    automation_id, tenant_id, name, since, _ = row
    first, last = _range(clock, since, trigger.seconds or 0.0)
    if trigger.type is EventKind.LATE_START:
        sql, group = statement("runs_not_started"), _NOT_BEGUN
    else:
        sql = statement("runs_not_finished_in_time" if trigger.from_schedule else "runs_not_finished")
        group = _NOT_ENDED
    found, after = 0, _FIRST
    while True:
        with store.snapshot(single=True) as snapshot:
            given = (tenant_id, group, first, last, after, automation_id, LOOKED_AT)
            run_ids = [one[0] for one in snapshot.fetch_all(sql, given)]
        if not run_ids:
            return found
        after = run_ids[-1]
        moment = stamp(clock())

        def write(transaction: Transaction, run_ids: list[str] = run_ids, moment: str = moment) -> int:
            count = 0
            for run_id in run_ids:
                run = facts_of_run(transaction, run_id)
                if run is not None and trigger.means(run):
                    count += remember_if_late(transaction, tenant_id, automation_id, name, since, trigger, run, moment)
            return count

        found += store.write(write)


def _notice_agents(store: Store, clock: Clock, row: Row, trigger: AutomationTrigger) -> int:
    automation_id, tenant_id, name, since, _ = row
    seconds = trigger.seconds or 0.0
    first, last = _range(clock, since, seconds)
    with store.snapshot(single=True) as snapshot:
        agents = snapshot.fetch_all(statement("agents_not_heard_of"), (tenant_id, first, last))
    moment = stamp(clock())

    def write(transaction: Transaction) -> int:
        count = 0
        for agent_id, agent_name, asked in agents:
            event = event_of_agent(agent_id, agent_name, asked, moment, seconds)
            # Once for each silence: an agent that asks again may fall silent again.
            subject = f"{agent_id}:{asked}"
            count += insert_event(
                transaction, tenant_id, automation_id, subject, {**event, "automation_name": name}, None
            )
        return count

    agents = [agent for agent in agents if trigger.means_agent(agent[1])]
    return store.write(write) if agents else 0


def act(store: Store, clock: Clock, *, most_depth: int = MOST_DEPTH, most: int = DONE_AT_ONCE) -> int:
    """Do the actions of what was set off; of how many events."""
    with store.snapshot(single=True) as snapshot:
        event_ids = [row[0] for row in snapshot.fetch_all(statement("open_events"), (most,))]
    for event_id in event_ids:
        while _next_action(store, clock, event_id, most_depth):
            pass
    return len(event_ids)


def _next_action(store: Store, clock: Clock, event_id: str, most_depth: int) -> bool:
    """Do one action of an event, or end it; whether more may follow."""
    with store.snapshot(single=True) as snapshot:
        row = snapshot.fetch_one(statement("open_event"), (event_id,))
    if row is None:
        return False
    automation_id, tenant_id, run_id, content, depth, done, _, name, active, text = row
    moment = stamp(clock())
    actions = [] if text is None else read_actions(text)
    trouble = None
    if name is None or not active:
        trouble = "The automation was deleted or turned off before its actions were done."
    elif depth > most_depth:
        trouble = (
            f"Not done: {depth - 1} automations led to this one after another, and more than {most_depth} are not "
            "followed. See whether they start each other."
        )
        _logger.warning("The automation %s was set off in a chain that is too long: nothing was done.", name)
    if trouble is not None or done >= len(actions):
        store.write(lambda transaction: transaction.execute(statement("finish_event"), (event_id, moment, trouble)))
        return False
    action = actions[done]
    event: Event = decode_json(content, "content")
    caller = Caller(None, tenant_id, author=f"automation {name}")

    def write(transaction: Transaction) -> bool:
        caller.deliveries.clear()
        caller.errors.clear()
        if action.type is ActionType.PAUSE_SCHEDULE:
            transaction.lock(DEFINITIONS)
        note = (event_id, done, moment, None)
        if transaction.execute(statement("action_done"), note).rowcount == 0:
            return False
        _act(transaction, caller, action, event, run_id, (automation_id, event_id, name, depth, done))
        return True

    try:
        store.write(write)
    except (RequestError, StatementTooLarge) as error:
        said = f"Action {done + 1} ({action.type.value}): {error}"[:LONGEST_ERROR]
        _logger.warning("The automation %s: %s", name, said)
        store.write(lambda transaction: transaction.execute(statement("action_done"), (event_id, done, moment, said)))
    except StoreError:
        raise  # the same is done when the database can be used again
    except Exception as error:  # else it would be tried for ever, and every later event would wait for it
        _logger.exception("The automation %s could not do its action %d.", name, done + 1)
        said = f"Action {done + 1} ({action.type.value}): the server failed ({type(error).__name__}); its log says why."
        store.write(lambda transaction: transaction.execute(statement("action_done"), (event_id, done, moment, said)))
    else:
        tell(store, caller)
    return True


def _act(
    transaction: Transaction,
    caller: Caller,
    action: AutomationAction,
    event: Event,
    run_id: str | None,
    chain: tuple[str, str, str, int, int],
) -> None:
    automation_id, event_id, name, depth, place = chain
    tenant_id = str(caller.tenant_id)
    if action.type is ActionType.NOTIFY:
        assert action.cloud_hook_id is not None
        hooks.tell(transaction, caller, tenant_id, action.cloud_hook_id, event)
    elif action.type is ActionType.CANCEL_FLOW_RUN:
        if run_id is None:
            raise BadInput("The event names no flow run that could be cancelled.")
        cancel_flow_run(transaction, CancelFlowRunInput(run_id), caller)
    elif action.type is ActionType.PAUSE_SCHEDULE:
        flow_id = _newest_flow(transaction, action.flow_group_id or event.get("flow_group_id"))
        set_schedule_inactive(transaction, SetScheduleInactiveInput(flow_id), caller)
    else:
        flow_id = _newest_flow(transaction, action.flow_group_id)
        context: dict[str, Any] = fill_all(action.context or {}, event)
        context["automation"] = {"id": automation_id, "name": name, "event": event}
        given = CreateFlowRunInput(
            flow_id=flow_id,
            parameters=fill_all(action.parameters or {}, event),
            context=context,
            idempotency_key=f"automation:{event_id}:{place}",
            flow_run_name=None if action.flow_run_name is None else fill(action.flow_run_name, event),
        )
        started = create_flow_run(transaction, given, caller).id
        transaction.execute(statement("insert_automation_run"), (started, tenant_id, automation_id, event_id, depth))


def _newest_flow(transaction: Transaction, group_id: str | None) -> str:
    row = None if group_id is None else transaction.fetch_one(statement("newest_flow_of_group"), (group_id,))
    if row is None:
        raise NotFound(f"The flow group {group_id} has no flow that is not archived.")
    flow_id: str = row[0]
    return flow_id


def forget_events(store: Store, clock: Clock, keep: timedelta) -> int:
    """Remove some of those that ended long ago."""
    given = (stamp(clock() - keep), _ENDED, FORGOTTEN)
    return store.write(lambda transaction: transaction.execute(statement("forget_events"), given).rowcount)


def is_needed(snapshot: Snapshot, moment: str) -> bool:
    """Whether anything was set off."""
    return snapshot.fetch_one(statement("any_open_event")) is not None


def service(settings: Settings) -> Service:
    """Does what automations say."""
    values = settings.values
    most_depth, keep = int(values["chain"]), timedelta(days=float(values["keep_days"]))

    def work(store: Store, clock: Clock) -> Work:
        notice(store, clock)
        done = act(store, clock, most_depth=most_depth)
        more = forget_events(store, clock, keep) == FORGOTTEN or done == DONE_AT_ONCE
        return Work.of(done, "event", "answered by automations", more=more)

    return Service("automations", settings.seconds, work, is_needed)
