"""A tenant as the backend knows it."""

from __future__ import annotations

from dataclasses import dataclass

from prefect.backend.query import fetch, identifier, only
from prefect.client.client import Client

BY_ID = "query($id: uuid!) { tenant(where: {id: {_eq: $id}}) { id name slug } }"


@dataclass(frozen=True)
class TenantView:
    """Whose flows and runs they are."""

    tenant_id: str
    name: str
    slug: str

    @classmethod
    def from_tenant_id(cls, tenant_id: str) -> TenantView:
        """The tenant with this id."""
        tenant_id = identifier(tenant_id, "tenant_id", "tenant")
        row = only(fetch(BY_ID, {"id": tenant_id})["tenant"], "tenant", f"id {tenant_id!r}")
        return cls(tenant_id=row["id"], name=row["name"], slug=row["slug"])

    @classmethod
    def from_current_tenant(cls) -> TenantView:
        """The tenant that this process works for."""
        return cls.from_tenant_id(Client().tenant_id)
