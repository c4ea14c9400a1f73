"""What was granted to each application of a tenant: consent of users and administrators, and application permissions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from reports.rows import PermissionRow
from rules.knowledge.permissions import resources
from rules.model.tenant import ServicePrincipal, Tenant
from rules.primitives.texts import text_of

Granted = Mapping[str, tuple[PermissionRow, ...]]


def granted_in(tenant: Tenant) -> Granted | None:
    """The permissions granted to each application by its ``appId``; ``None`` unless everything that says so was read."""
    lists = (tenant.service_principals, tenant.oauth2_permission_grants, tenant.app_role_assignments)
    if not all(isinstance(found, tuple) for found in lists):
        return None
    rows: defaultdict[str, dict[PermissionRow, None]] = defaultdict(dict)
    principals = tenant.principals_by_id
    for grant in tenant.oauth2_permission_grants or ():
        client, resource = principals.get(text_of(grant.client_id)), principals.get(text_of(grant.resource_id))
        for value in text_of(grant.scope).split():
            rows[_app_id(client)][_delegated(value, resource, text_of(grant.resource_id))] = None
    for assignment in tenant.app_role_assignments or ():
        client, resource = (
            principals.get(text_of(assignment.principal_id)),
            principals.get(text_of(assignment.resource_id)),
        )
        row = _application(text_of(assignment.app_role_id), resource, text_of(assignment.resource_display_name))
        rows[_app_id(client)][row] = None
    return {app_id: tuple(found) for app_id, found in rows.items()}


def resource_name(app_id: str, resource: ServicePrincipal | None = None, otherwise: str = "") -> str:
    """What people call an API: its well-known name, else what its instance in the tenant is called."""
    known = resources().get(app_id.casefold())
    return known.name if known else (text_of(resource.display_name) if resource else "") or otherwise


def _delegated(value: str, resource: ServicePrincipal | None, otherwise: str) -> PermissionRow:
    scopes = (resource.oauth2_permission_scopes if resource else None) or ()
    id_ = next((text_of(scope.id) for scope in scopes if scope.value == value), "")
    app_id = _app_id(resource)
    return PermissionRow(
        resource=app_id or otherwise,
        id=id_,
        reach="delegated",
        resource_name=resource_name(app_id, resource),
        name=value,
    )


def _application(id_: str, resource: ServicePrincipal | None, otherwise: str) -> PermissionRow:
    roles = (resource.app_roles if resource else None) or ()
    app_id = _app_id(resource)
    return PermissionRow(
        resource=app_id,
        id=id_,
        reach="application",
        resource_name=resource_name(app_id, resource, otherwise),
        name=next((text_of(role.value) for role in roles if role.id == id_), ""),
    )


def _app_id(principal: ServicePrincipal | None) -> str:
    return text_of(principal.app_id) if principal else ""
