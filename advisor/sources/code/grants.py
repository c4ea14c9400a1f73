"""Consent and directory roles as code: what templates and configurations grant to an application's service principal.

A source puts Graph's own lists into the tree of the registration. Rules that check a live tenant check them too.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from advisor.sources.reading.builder import Builder
from advisor.sources.reading.node import Node, flatten, plain
from rules.model.registration import Unread
from rules.model.tenant import AppRoleAssignment, OAuth2PermissionGrant, RoleAssignment, ServicePrincipal, Tenant
from rules.model.tenant_app import TenantApp

#: The lists of grants, by their names in Graph, and their types.
GRANTS: Final[dict[str, Any]] = {
    "appRoleAssignments": tuple[AppRoleAssignment, ...],
    "oauth2PermissionGrants": tuple[OAuth2PermissionGrant, ...],
    "roleAssignments": tuple[RoleAssignment, ...],
}


def has_grants_alone(node: Node) -> bool:
    """Whether a tree says nothing of a registration: it has grants to a service principal, and no more."""
    return bool(node.value) and node.value.keys() <= GRANTS.keys()


def add_grants(builder: Builder, node: Node, key: str) -> None:
    """Keep the grants in the tree of the registration *key*, for the rules over service principals.

    The ``resourceId`` of a grant is the client ID of the API, where that is known.
    """
    lists = {name: node.value[name] for name in GRANTS if name in node.value}
    if not lists:
        return
    unread: dict[str, Unread] = {}
    found: dict[str, Any] = {}
    for name, list_node in lists.items():
        elements = plain(list_node)
        for index, element in enumerate(elements):
            for member, value in list(element.items()):
                if isinstance(value, Unread):
                    unread[f"/{name}/{index}/{member}"] = element.pop(member)
        found[name] = msgspec.convert(elements, GRANTS[name])
    resources = {
        row.resource_id for name in ("appRoleAssignments", "oauth2PermissionGrants") for row in found.get(name, ())
    }
    apis = tuple(ServicePrincipal(id=one, app_id=one) for one in sorted(filter(None, resources)))
    app = TenantApp(
        service_principal=ServicePrincipal(),
        oauth2_permission_grants=found.get("oauth2PermissionGrants", ()),
        app_role_assignments=found.get("appRoleAssignments", ()),
        role_assignments=found.get("roleAssignments", ()),
        tenant=Tenant(service_principals=apis, whole=False),
    )
    builder.add_grants(key, app, unread)


def add_principal(builder: Builder, node: Node, *, preferred: str, format: str) -> None:
    """Add a service principal of which only grants are known: its registration is elsewhere."""
    key = builder.add_principal(flatten(node), preferred=preferred, format=format)
    add_grants(builder, node, key)
