"""Who wants to be told what happens to flow runs, and the messages that were left for people.

A hook's message is written in the transaction that it tells of; a request to another machine is made after it, by
`server/delivery.py`, from what is returned here as data.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from prefect.server import states as groups
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.tenants import existing_tenant
from prefect.server.operations.values import (
    JSON,
    UUID,
    canonical_id,
    clean_optional,
    clean_text,
    decode_json,
    encode_json,
    object_of,
)
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

# The type of the messages that hooks write.
HOOK_MESSAGE: Final = "CLOUD_HOOK"


class CloudHookType(Enum):
    """How it is told."""

    PAGERDUTY = "PAGERDUTY"
    SLACK_WEBHOOK = "SLACK_WEBHOOK"
    TWILIO = "TWILIO"
    WEBHOOK = "WEBHOOK"
    PREFECT_MESSAGE = "PREFECT_MESSAGE"


class TestCloudHookStateType(Enum):
    """The state that a test makes believe."""

    __test__ = False

    SCHEDULED = "SCHEDULED"
    SUBMITTED = "SUBMITTED"
    SUCCESS = "SUCCESS"
    RUNNING = "RUNNING"
    FAILED = "FAILED"


_BY_REQUEST = (CloudHookType.WEBHOOK, CloudHookType.SLACK_WEBHOOK)


class CloudHookIdPayload(IdPayload):
    graphql = "cloud_hook_id_payload"
    row = "cloud_hook"


class CreateCloudHookInput(Input):
    tenant_id: UUID
    type: CloudHookType
    states: list[str]
    name: str | None = None
    version_group_id: str | None = None
    config: JSON | None = None


class HookInput(Input):
    cloud_hook_id: UUID


class DeleteCloudHookInput(HookInput):
    pass


class SetCloudHookActiveInput(HookInput):
    pass


class SetCloudHookInactiveInput(HookInput):
    pass


class TestCloudHookInput(HookInput):
    flow_run_id: UUID | None = None
    state_type: TestCloudHookStateType | None = None


class MessageInput(Input):
    message_id: UUID


class DeleteMessageInput(MessageInput):
    pass


class MarkMessageAsReadInput(MessageInput):
    pass


class MarkMessageAsUnreadInput(MessageInput):
    pass


class Notification(msgspec.Struct, frozen=True):
    """What is to be told to an address once the transaction is kept; `body` is JSON."""

    hook_id: str
    address: str
    body: bytes


def create_cloud_hook(transaction: Transaction, input: CreateCloudHookInput, caller: Caller) -> CloudHookIdPayload:
    """Tell an address, or leave a message, whenever a flow run enters one of these states.

    A state stands for those below it too. Without a version group the hook is for every flow.
    """
    tenant_id = existing_tenant(transaction, input.tenant_id)
    config = {} if input.config is None else object_of(input.config, "config")
    if input.type in _BY_REQUEST:
        _address(config)
    elif input.type is not CloudHookType.PREFECT_MESSAGE:
        raise BadInput(
            f"Hooks of type {input.type.value} are not delivered here. Use WEBHOOK with the address of that service."
        )
    wanted = [_state(name) for name in input.states]
    if not wanted:
        raise BadInput("A hook needs at least one state that sets it off.")
    hook_id = new_id()
    transaction.execute(
        statement("insert_cloud_hook"),
        (
            hook_id,
            tenant_id,
            now(),
            clean_optional(input.name),
            encode_json(wanted, "states"),
            input.type.value,
            encode_json(config, "config"),
            clean_optional(input.version_group_id),
        ),
    )
    return CloudHookIdPayload(hook_id)


def _state(given: str) -> str:
    for name in groups.EVERY:
        if name.lower() == given.lower() and not name.startswith("_"):
            return name
    raise BadInput(f"{given!r} is the name of no state.")


def _address(config: dict[str, Any]) -> str:
    address = config.get("url")
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput('The config of this hook must hold the address to tell: {"url": "https://..."}.')
    return str(address)


def delete_cloud_hook(transaction: Transaction, input: DeleteCloudHookInput, caller: Caller) -> SuccessPayload:
    """Tell nobody any more."""
    return _change(transaction, "delete_cloud_hook", input.cloud_hook_id)


def set_cloud_hook_active(transaction: Transaction, input: SetCloudHookActiveInput, caller: Caller) -> SuccessPayload:
    """Tell again."""
    return _change(transaction, "set_cloud_hook_active", input.cloud_hook_id, True, now())


def set_cloud_hook_inactive(
    transaction: Transaction, input: SetCloudHookInactiveInput, caller: Caller
) -> SuccessPayload:
    """Tell nobody until it is active again."""
    return _change(transaction, "set_cloud_hook_active", input.cloud_hook_id, False, now())


def _change(transaction: Transaction, name: str, given: str, *values: Any) -> SuccessPayload:
    hook_id = canonical_id(given, "cloud_hook_id")
    if transaction.execute(statement(name), (hook_id, *values)).rowcount == 0:
        raise _no_hook(hook_id)
    return SuccessPayload()


def _no_hook(hook_id: str) -> NotFound:
    return NotFound(f"There is no cloud hook {hook_id}.", id=hook_id)


def test_cloud_hook(transaction: Transaction, input: TestCloudHookInput, caller: Caller) -> SuccessPayload:
    """Set a hook off, as if a run had entered a state."""
    hook_id = canonical_id(input.cloud_hook_id, "cloud_hook_id")
    row = transaction.fetch_one(statement("cloud_hook"), (hook_id,))
    if row is None:
        raise _no_hook(hook_id)
    run_id = None
    flow, name, message = "a test", "a test", "A test of this hook."
    if input.flow_run_id is not None:
        run_id = canonical_id(input.flow_run_id, "flow_run_id")
        run = transaction.fetch_one(statement("run_for_people"), (run_id,))
        if run is None:
            raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
        name, flow, _, message = run
    state = _state((input.state_type or TestCloudHookStateType.SUCCESS).value)
    _set_off(transaction, caller, row[0], (hook_id, *row[1:]), _event(run_id, name, flow, state, message))
    return SuccessPayload()


test_cloud_hook.__test__ = False  # type: ignore[attr-defined]  # the name is that of the mutation


def _event(run_id: str | None, name: str | None, flow: str | None, state: str, message: str | None) -> dict[str, Any]:
    return {
        "event": "flow_run_state_changed",
        "flow_run_id": run_id,
        "flow_run_name": name,
        "flow_name": flow,
        "state": state,
        "state_message": message,
        "timestamp": now(),
    }


def set_off_hooks(
    transaction: Transaction, caller: Caller, tenant_id: str | None, run_id: str, state: str, message: str | None
) -> None:
    """Tell whoever wants to know that a flow run has entered a state."""
    if tenant_id is None or transaction.fetch_one(statement("any_hook"), (tenant_id,)) is None:
        return
    kinds = encode_json(sorted(groups.kinds_of(state)), "states")
    hooks = transaction.fetch_all(statement("hooks_for_state"), (tenant_id, kinds, run_id))
    if not hooks:
        return
    run = transaction.fetch_one(statement("run_for_people"), (run_id,))
    name, flow = (None, None) if run is None else run[:2]
    for hook in hooks:
        _set_off(transaction, caller, tenant_id, hook, _event(run_id, name, flow, state, message))


def _set_off(
    transaction: Transaction, caller: Caller, tenant_id: str | None, hook: tuple[Any, ...], event: dict[str, Any]
) -> None:
    hook_id, name, kind, config = hook
    text = f"The run {event['flow_run_name']} of the flow {event['flow_name']} is {event['state']}"
    text += f": {event['state_message']}" if event["state_message"] else "."
    if kind == CloudHookType.PREFECT_MESSAGE.value:
        content = encode_json({**event, "cloud_hook_id": hook_id, "cloud_hook_name": name}, "content")
        transaction.execute(
            statement("insert_message"), (new_id(), tenant_id, now(), HOOK_MESSAGE, clean_text(text), content)
        )
        return
    body = {"text": text} if kind == CloudHookType.SLACK_WEBHOOK.value else {**event, "text": text}
    address = decode_json(config, "config").get("url")
    if isinstance(address, str):
        caller.notifications.append(Notification(hook_id, address, msgspec.json.encode(body)))


def mark_message_as_read(transaction: Transaction, input: MarkMessageAsReadInput, caller: Caller) -> SuccessPayload:
    """Somebody has read it."""
    return _change_message(transaction, "read_message", input.message_id, True, now())


def mark_message_as_unread(transaction: Transaction, input: MarkMessageAsUnreadInput, caller: Caller) -> SuccessPayload:
    """Show it as new again."""
    return _change_message(transaction, "read_message", input.message_id, False, now())


def delete_message(transaction: Transaction, input: DeleteMessageInput, caller: Caller) -> SuccessPayload:
    """Show it no longer."""
    return _change_message(transaction, "delete_message", input.message_id)


def _change_message(transaction: Transaction, name: str, given: str, *values: Any) -> SuccessPayload:
    message_id = canonical_id(given, "message_id")
    if transaction.execute(statement(name), (message_id, *values)).rowcount == 0:
        raise NotFound(f"There is no message {message_id}.", id=message_id)
    return SuccessPayload()
