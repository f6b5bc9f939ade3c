"""Who wants to be told what happens to flow runs, and the messages that were left for people.

Whatever is to be told is written in the transaction that it tells of: messages as they are, requests and mails as rows
of `hook_delivery`, which `services/delivery.py` sends afterwards until they have arrived or are given up.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from prefect.server import states as groups
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations import automations, templates
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.events import (
    Event,
    EventKind,
    RunFacts,
    RunFilter,
    checked_filter,
    event_of_run,
    facts_of_run,
    state_named,
    text_of,
)
from prefect.server.operations.tenants import existing_tenant
from prefect.server.operations.values import (
    JSON,
    UUID,
    canonical_id,
    clean_optional,
    clean_text,
    encode_json,
    object_of,
)
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

# The type of the messages that hooks write.
HOOK_MESSAGE: Final = "CLOUD_HOOK"
MOST_RECEIVERS: Final = 50

# No line breaks, no display names: what goes into the envelope of a mail as it is.
_MAIL_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,255}")
# Stands for what is not shown of an address.
_HIDDEN: Final = "…"
_PLACE: Final = re.compile(r"\s*(https?://)(?:[^/?#\\]*@)?([^/?#\\@\s]+)", re.IGNORECASE)


class CloudHookType(Enum):
    """How it is told."""

    PAGERDUTY = "PAGERDUTY"
    SLACK_WEBHOOK = "SLACK_WEBHOOK"
    TWILIO = "TWILIO"
    WEBHOOK = "WEBHOOK"
    PREFECT_MESSAGE = "PREFECT_MESSAGE"
    EMAIL = "EMAIL"


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


class HookTemplate(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The words of a hook, with fields in braces such as {flow_run.name}; the title is the subject of a mail."""

    title: str | None = None
    text: str | None = None


class CreateCloudHookInput(Input):
    tenant_id: UUID
    type: CloudHookType
    states: list[str]
    name: str | None = None
    version_group_id: str | None = None
    config: JSON | None = None
    run_filter: RunFilter | None = None
    template: HookTemplate | None = None
    # Requests are signed with it. Nobody can read it again.
    secret: str | None = None


class UpdateCloudHookInput(Input):
    """What is left out stays; an empty secret takes the signature away, an empty version group is every flow."""

    cloud_hook_id: UUID
    states: list[str] | None = None
    name: str | None = None
    config: JSON | None = None
    run_filter: RunFilter | None = None
    template: HookTemplate | None = None
    secret: str | None = None
    version_group_id: str | None = None


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


def create_cloud_hook(transaction: Transaction, input: CreateCloudHookInput, caller: Caller) -> CloudHookIdPayload:
    """Tell an address, or leave a message, whenever a flow run enters one of these states.

    A state stands for those below it too. Without a version group the hook is for every flow.
    """
    tenant_id = existing_tenant(transaction, input.tenant_id)
    hook_id = new_id()
    config = _config(input.type, input.config)
    transaction.execute(
        statement("insert_cloud_hook"),
        (
            hook_id,
            tenant_id,
            now(),
            clean_optional(input.name),
            _states(input.states),
            input.type.value,
            encode_json(shown_config(input.type.value, config), "config"),
            clean_optional(input.version_group_id) or None,
            _filter(transaction, input.run_filter, tenant_id),
            _template(input.template),
        ),
    )
    transaction.execute(statement("insert_hook_config"), (hook_id, tenant_id, encode_json(config, "config")))
    if input.secret:
        _keep_secret(transaction, caller, hook_id, tenant_id, input.secret)
    return CloudHookIdPayload(hook_id)


def update_cloud_hook(transaction: Transaction, input: UpdateCloudHookInput, caller: Caller) -> CloudHookIdPayload:
    """Change what a hook tells, of what, and whom."""
    hook_id = canonical_id(input.cloud_hook_id, "cloud_hook_id")
    row = transaction.fetch_one(statement("cloud_hook"), (hook_id,))
    if row is None:
        raise _no_hook(hook_id)
    tenant_id, kind = row[0], CloudHookType(row[2])
    config = None if input.config is None else _config(kind, input.config)
    transaction.execute(
        statement("update_cloud_hook"),
        (
            hook_id,
            now(),
            clean_optional(input.name),
            None if input.states is None else _states(input.states),
            None if config is None else encode_json(shown_config(kind.value, config), "config"),
            _filter(transaction, input.run_filter, tenant_id),
            _template(input.template),
            clean_optional(input.version_group_id),
        ),
    )
    if config is not None:
        transaction.execute(statement("delete_hook_config"), (hook_id,))
        transaction.execute(statement("insert_hook_config"), (hook_id, tenant_id, encode_json(config, "config")))
    if input.secret is not None:
        transaction.execute(statement("delete_hook_secret"), (hook_id,))
        if input.secret:
            _keep_secret(transaction, caller, hook_id, tenant_id, input.secret)
    return CloudHookIdPayload(hook_id)


def _states(given: list[str]) -> str:
    wanted = [state_named(name) for name in given]
    if not wanted:
        raise BadInput("A hook needs at least one state that sets it off.")
    return encode_json(wanted, "states")


def _config(kind: CloudHookType, given: Any) -> dict[str, Any]:
    config = {} if given is None else object_of(given, "config")
    if kind in _BY_REQUEST:
        _check_address(config)
    elif kind is CloudHookType.EMAIL:
        _check_receivers(config)
    elif kind is not CloudHookType.PREFECT_MESSAGE:
        raise BadInput(
            f"Hooks of type {kind.value} are not delivered here. Use WEBHOOK with the address of that service."
        )
    return config


def shown_config(kind: str, config: Any) -> dict[str, Any]:
    """What anybody may read of a config: who gets mails, and the host of an address, whose path may hold a key."""
    if not isinstance(config, dict):
        return {}
    if kind == CloudHookType.EMAIL.value:
        return {"to": config.get("to")}
    if kind not in (one.value for one in _BY_REQUEST):
        return {}
    address = config.get("url")
    place = _PLACE.match(address) if isinstance(address, str) else None
    return {"url": _HIDDEN if place is None else f"{place[1]}{place[2]}/{_HIDDEN}"}


def _filter(transaction: Transaction, given: RunFilter | None, tenant_id: str) -> str | None:
    return None if given is None else encode_json(checked_filter(transaction, given, tenant_id), "run_filter")


def _template(given: HookTemplate | None) -> str | None:
    if given is None:
        return None
    for name in ("title", "text"):
        if (text := getattr(given, name)) is not None:
            templates.check(text, f"The {name} of the template")
    return encode_json(HookTemplate(clean_optional(given.title), clean_optional(given.text)), "template")


def _keep_secret(transaction: Transaction, caller: Caller, hook_id: str, tenant_id: str, secret: str) -> None:
    first = transaction.fetch_one(statement("any_sealed")) is None
    sealed = caller.vault.seal(secret, secret_owner(hook_id), first=first)
    transaction.execute(statement("insert_hook_secret"), (hook_id, tenant_id, sealed))


def secret_owner(hook_id: str) -> str:
    """What the sealed secret of a hook is bound to."""
    return f"cloud_hook/{hook_id}"


def _check_address(config: dict[str, Any]) -> None:
    address = config.get("url")
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        is_address = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts and parts.port
    except ValueError:
        is_address = False
    if not is_address or parts is None:
        raise BadInput('The config of this hook must hold the address to tell: {"url": "https://..."}.')
    if _HIDDEN in config["url"]:
        raise BadInput(
            "This is the address as it is shown, without what may be secret in it. Leave out the config to keep the "
            "address, or give the whole one."
        )
    if parts.username is not None or parts.password is not None:
        raise BadInput("The address of a hook cannot hold a user name and a password; give the hook a secret instead.")


def _check_receivers(config: dict[str, Any]) -> None:
    to = config.get("to")
    receivers = [to] if isinstance(to, str) else to
    if (
        not isinstance(receivers, list)
        or not 1 <= len(receivers) <= MOST_RECEIVERS
        or not all(isinstance(one, str) and _MAIL_ADDRESS.fullmatch(one) for one in receivers)
    ):
        raise BadInput(
            f'The config of this hook must hold 1 to {MOST_RECEIVERS} mail addresses: {{"to": ["a@b.org"]}}.'
        )


def delete_cloud_hook(transaction: Transaction, input: DeleteCloudHookInput, caller: Caller) -> SuccessPayload:
    """Tell nobody any more, not even what waits to be told."""
    answer = _change(transaction, "delete_cloud_hook", input.cloud_hook_id)
    hook_id = canonical_id(input.cloud_hook_id, "cloud_hook_id")
    transaction.execute(statement("delete_hook_config"), (hook_id,))
    transaction.execute(statement("delete_hook_secret"), (hook_id,))
    transaction.execute(statement("give_up_deliveries_of_hook"), (hook_id, now(), "The hook was deleted."))
    return answer


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
    run = RunFacts(
        "", "a test", "[]", False, None, None, None, "", "A test of this hook.", None, "", "a test", None, None, None,
        None, None, 0,
    )  # fmt: skip
    if input.flow_run_id is not None:
        run_id = canonical_id(input.flow_run_id, "flow_run_id")
        known = facts_of_run(transaction, run_id)
        if known is None:
            raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
        run = known
    run = run._replace(state=state_named((input.state_type or TestCloudHookStateType.SUCCESS).value))
    event = event_of_run(run, EventKind.STATE_CHANGE, now())
    if input.flow_run_id is None:
        event |= dict.fromkeys(("flow_run_id", "flow_id"))
    _set_off(transaction, caller, row[0], _Hook(hook_id, *row[1:5]), event)
    return SuccessPayload()


test_cloud_hook.__test__ = False  # type: ignore[attr-defined]  # the name is that of the mutation


class _Hook(NamedTuple):
    """What a hook tells whom."""

    id: str
    name: str | None
    kind: str
    template: str | None
    run_filter: str | None = None


def set_off(
    transaction: Transaction, caller: Caller, tenant_id: str | None, run_id: str, state: str, version: int
) -> None:
    """Tell whoever wants to know that a flow run has entered a state, and remember what it sets off."""
    if tenant_id is None or transaction.fetch_one(statement("anybody_listens"), (tenant_id,)) is None:
        return
    kinds = encode_json(sorted(groups.kinds_of(state)), "states")
    hooks = transaction.fetch_all(statement("hooks_for_state"), (tenant_id, kinds, run_id))
    run = facts_of_run(transaction, run_id)
    if run is None:
        return
    timestamp = now()
    event = event_of_run(run, EventKind.STATE_CHANGE, timestamp)
    for hook in (_Hook(*row) for row in hooks):
        if hook.run_filter is None or _DECODE_FILTER(hook.run_filter).matches(run):
            _set_off(transaction, caller, tenant_id, hook, event)
    automations.set_off(transaction, caller, tenant_id, run, event, version)


_DECODE_FILTER = msgspec.json.Decoder(RunFilter).decode
_DECODE_TEMPLATE = msgspec.json.Decoder(HookTemplate).decode


def tell(transaction: Transaction, caller: Caller, tenant_id: str, hook_id: str, event: Event) -> None:
    """Let one hook tell of an event, whatever its own states and filter are.

    Raises:
        NotFound: the hook is gone, or turned off.
    """
    row = transaction.fetch_one(statement("cloud_hook"), (hook_id,))
    if row is None or row[0] != tenant_id:
        raise _no_hook(hook_id)
    if not row[4]:
        raise NotFound(f"The hook {hook_id} is not active.", id=hook_id)
    _set_off(transaction, caller, tenant_id, _Hook(hook_id, *row[1:4]), event)


def _set_off(transaction: Transaction, caller: Caller, tenant_id: str | None, hook: _Hook, event: Event) -> None:
    template = HookTemplate() if hook.template is None else _DECODE_TEMPLATE(hook.template)
    # What somebody called a flow or said in a state would otherwise call a whole channel, or hide where a link leads.
    shown = _for_slack(event) if hook.kind == CloudHookType.SLACK_WEBHOOK.value else event
    text = text_of(shown)
    title = f"{event.get('flow_name') or event.get('agent_name') or 'Quaestor'}: {event.get('state') or event['event']}"
    if template.title is not None:
        title = templates.fill(template.title, event)
    if template.text is not None:
        text = templates.fill(template.text, shown)
    moment = now()
    told = {**event, "title": title[: templates.LONGEST], "text": text[: templates.LONGEST_FILLED]}
    if hook.kind == CloudHookType.PREFECT_MESSAGE.value:
        content = encode_json({**told, "cloud_hook_id": hook.id, "cloud_hook_name": hook.name}, "content")
        transaction.execute(
            statement("insert_message"), (new_id(), tenant_id, moment, HOOK_MESSAGE, clean_text(told["text"]), content)
        )
        return
    delivery_id = new_id()
    transaction.execute(
        statement("insert_delivery"),
        (delivery_id, tenant_id, moment, hook.id, event.get("flow_run_id"), encode_json(told, "content")),
    )
    caller.deliveries.append(delivery_id)


def _for_slack(event: Event) -> Event:
    """The event with Slack's own signs in its texts written as text; those of a template stay what they are."""
    escaped = {
        name: value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if isinstance(value, str) else value
        for name, value in event.items()
    }
    return {**escaped, "text": text_of(escaped)}


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
