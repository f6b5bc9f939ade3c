"""Projects: where flows are kept."""

from __future__ import annotations

from prefect.server.errors import AlreadyExists, BadInput, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.flows import remove_flow
from prefect.server.operations.tenants import existing_tenant
from prefect.server.operations.values import UUID, canonical_id, clean_optional, clean_text
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement


class ProjectIdPayload(IdPayload):
    graphql = "project_id_payload"
    row = "project"


class CreateProjectInput(Input):
    tenant_id: UUID
    name: str
    description: str | None = None


class ProjectInput(Input):
    project_id: UUID


class DeleteProjectInput(ProjectInput):
    pass


class SetProjectNameInput(ProjectInput):
    name: str


class SetProjectDescriptionInput(ProjectInput):
    description: str | None = None


class SetProjectRetentionInput(ProjectInput):
    """Finished runs older than this many days are deleted; null keeps them."""

    retention_days: int | None = None


def create_project(transaction: Transaction, input: CreateProjectInput, caller: Caller) -> ProjectIdPayload:
    """A new place for flows; its name is unique within the tenant."""
    tenant_id = existing_tenant(transaction, input.tenant_id)
    name = clean_text(input.name)
    if transaction.fetch_one(statement("project_by_name"), (tenant_id, name)) is not None:
        raise AlreadyExists(name=name)
    project_id = new_id()
    transaction.execute(
        statement("insert_project"), (project_id, tenant_id, now(), name, clean_optional(input.description))
    )
    return ProjectIdPayload(project_id)


def _project(transaction: Transaction, given: str) -> tuple[str, str]:
    project_id = canonical_id(given, "project_id")
    row = transaction.fetch_one(statement("project"), (project_id,))
    if row is None:
        raise NotFound(f"There is no project {project_id}.", id=project_id)
    return project_id, row[0]


def delete_project(transaction: Transaction, input: DeleteProjectInput, caller: Caller) -> SuccessPayload:
    """Delete a project with its flows; their runs disappear at once and are removed in batches."""
    project_id, _ = _project(transaction, input.project_id)
    moment = now()
    for (flow_id,) in transaction.fetch_all(statement("flows_of_project"), (project_id,)):
        remove_flow(transaction, flow_id, moment)
        caller.has_deleted = True
    transaction.execute(statement("delete_project"), (project_id,))
    return SuccessPayload()


def set_project_name(transaction: Transaction, input: SetProjectNameInput, caller: Caller) -> ProjectIdPayload:
    """Rename a project."""
    project_id, tenant_id = _project(transaction, input.project_id)
    name = clean_text(input.name)
    taken = transaction.fetch_one(statement("project_by_name"), (tenant_id, name))
    if taken is not None and taken[0] != project_id:
        raise AlreadyExists(name=name)
    transaction.execute(statement("name_project"), (project_id, name, now()))
    return ProjectIdPayload(project_id)


def set_project_description(
    transaction: Transaction, input: SetProjectDescriptionInput, caller: Caller
) -> ProjectIdPayload:
    """Say what a project is for."""
    project_id, _ = _project(transaction, input.project_id)
    transaction.execute(statement("describe_project"), (project_id, clean_optional(input.description), now()))
    return ProjectIdPayload(project_id)


def set_project_retention(
    transaction: Transaction, input: SetProjectRetentionInput, caller: Caller
) -> ProjectIdPayload:
    """Say for how long a project keeps its finished runs."""
    project_id, _ = _project(transaction, input.project_id)
    if input.retention_days is not None and input.retention_days < 0:
        raise BadInput(f"retention_days must not be negative, not {input.retention_days}.")
    transaction.execute(statement("set_project_retention"), (project_id, input.retention_days, now()))
    return ProjectIdPayload(project_id)
