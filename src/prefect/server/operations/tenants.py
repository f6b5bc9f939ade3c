"""Tenants: whom everything belongs to."""

from __future__ import annotations

from prefect.server.errors import AlreadyExists, BadInput, Forbidden, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.values import JSON, UUID, canonical_id, clean_text, decode_json, encode_json, object_of
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement

# While its settings say so, a tenant's agents are given nothing.
PAUSED_SETTING = "work_queue_paused"


class TenantIdPayload(IdPayload):
    graphql = "tenant_id_payload"
    row = "tenant"


class CreateTenantInput(Input):
    name: str
    slug: str


class DeleteTenantInput(Input):
    confirm: bool
    tenant_id: UUID


class PauseTenantWorkQueueInput(Input):
    tenant_id: UUID


class ResumeTenantWorkQueueInput(Input):
    tenant_id: UUID


class PauseTenantWorkQueuePayload(SuccessPayload):
    graphql = "pause_tenant_work_queue_payload"


class ResumeTenantWorkQueuePayload(SuccessPayload):
    graphql = "resume_tenant_work_queue_payload"


class UpdateTenantNameInput(Input):
    tenant_id: UUID
    name: str


class UpdateTenantSlugInput(Input):
    tenant_id: UUID
    slug: str


class UpdateTenantSettingsInput(Input):
    tenant_id: UUID
    settings: JSON | None = None


def tenant_of(reader: Transaction | Snapshot, caller: Caller) -> str:
    """The caller's tenant; where none is named, the first."""
    if caller.tenant_id is not None:
        return caller.tenant_id
    row = reader.fetch_one(statement("first_tenant"))
    if row is None:
        raise NotFound("There is no tenant yet; create one (Client.create_tenant).")
    tenant: str = row[0]
    return tenant


def existing_tenant(transaction: Transaction, given: str) -> str:
    """The id of a tenant, after a look whether there is one."""
    tenant_id = canonical_id(given, "tenant_id")
    if transaction.fetch_one(statement("tenant_exists"), (tenant_id,)) is None:
        raise no_tenant(tenant_id)
    return tenant_id


def no_tenant(tenant_id: str) -> NotFound:
    return NotFound(f"There is no tenant {tenant_id}.", id=tenant_id)


def create_tenant(transaction: Transaction, input: CreateTenantInput, caller: Caller) -> TenantIdPayload:
    """A new owner of projects, flows and runs."""
    if caller.tenant_id is not None:
        raise Forbidden(
            "This API key belongs to one tenant and cannot make another. Run `prefect server create-tenant` "
            "on the machine that holds the database."
        )
    slug = _free_slug(transaction, input.slug)
    tenant_id = new_id()
    transaction.execute(statement("insert_tenant"), (tenant_id, now(), clean_text(input.name), slug))
    return TenantIdPayload(tenant_id)


def _free_slug(transaction: Transaction, given: str, own: str | None = None) -> str:
    slug = clean_text(given)
    taken = transaction.fetch_one(statement("tenant_by_slug"), (slug,))
    if taken is not None and taken[0] != own:
        raise AlreadyExists(slug=slug)
    return slug


def update_tenant_name(transaction: Transaction, input: UpdateTenantNameInput, caller: Caller) -> TenantIdPayload:
    """Rename a tenant; its slug stays."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    transaction.execute(statement("name_tenant"), (tenant_id, clean_text(input.name), now()))
    return TenantIdPayload(tenant_id)


def update_tenant_slug(transaction: Transaction, input: UpdateTenantSlugInput, caller: Caller) -> TenantIdPayload:
    """Give a tenant another slug, which no other has."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    slug = _free_slug(transaction, input.slug, tenant_id)
    transaction.execute(statement("slug_tenant"), (tenant_id, slug, now()))
    return TenantIdPayload(tenant_id)


def update_tenant_settings(
    transaction: Transaction, input: UpdateTenantSettingsInput, caller: Caller
) -> TenantIdPayload:
    """Change some of a tenant's settings; those that are not named stay."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    change_settings(transaction, tenant_id, {} if input.settings is None else object_of(input.settings, "settings"))
    return TenantIdPayload(tenant_id)


def change_settings(transaction: Transaction, tenant_id: str, changes: dict[str, object]) -> None:
    """Set these, and leave the others."""
    row = transaction.fetch_one(statement("tenant_settings"), (tenant_id,))
    if row is None:
        raise no_tenant(tenant_id)
    settings = {**decode_json(row[0], "settings"), **changes}
    transaction.execute(statement("set_tenant_settings"), (tenant_id, encode_json(settings, "settings"), now()))


def pause_tenant_work_queue(
    transaction: Transaction, input: PauseTenantWorkQueueInput, caller: Caller
) -> PauseTenantWorkQueuePayload:
    """Give agents nothing to start; what runs goes on."""
    change_settings(transaction, existing_tenant(transaction, input.tenant_id), {PAUSED_SETTING: True})
    return PauseTenantWorkQueuePayload()


def resume_tenant_work_queue(
    transaction: Transaction, input: ResumeTenantWorkQueueInput, caller: Caller
) -> ResumeTenantWorkQueuePayload:
    """Give agents what is due again."""
    change_settings(transaction, existing_tenant(transaction, input.tenant_id), {PAUSED_SETTING: False})
    return ResumeTenantWorkQueuePayload()


def delete_tenant(transaction: Transaction, input: DeleteTenantInput, caller: Caller) -> SuccessPayload:
    """Delete a tenant with everything that belongs to it; its runs disappear at once and are removed in batches."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    if not input.confirm:
        raise BadInput(f"The tenant {tenant_id} was not deleted: that takes confirm: true.")
    transaction.execute(statement("hide_flow_runs_of_tenant"), (tenant_id, now()))
    caller.has_deleted = True
    for name in _PARTS:
        transaction.execute(statement(name), (tenant_id,))
    return SuccessPayload()


# What belongs to a tenant beside its runs; a test compares with the catalog.
_PARTS = (
    "delete_tenants_edges",
    "delete_tenants_tasks",
    "delete_tenants_flows",
    "delete_tenants_schedules",
    "delete_tenants_flow_groups",
    "delete_tenants_projects",
    "delete_tenants_agents",
    "delete_tenants_agent_configs",
    "delete_tenants_hooks",
    "delete_tenants_hook_configs",
    "delete_tenants_hook_secrets",
    "delete_tenants_deliveries",
    "delete_tenants_automations",
    "delete_tenants_automation_events",
    "delete_tenants_automation_runs",
    "delete_tenants_messages",
    "delete_tenants_key_values",
    "delete_tenants_task_tag_limits",
    "delete_tenants_flow_concurrency_limits",
    "delete_tenants_slots",
    "delete_tenants_secrets",
    "delete_tenants_sessions",
    "delete_tenants_audit",
    "delete_tenants_key_hashes",
    "delete_tenants_api_keys",
    "delete_tenant",
)
