"""How to see whether a fix worked: the read-only command or request that shows the value of a finding.

Sources: Azure CLI, ``az ad app``, ``az ad sp`` and ``az rest``; Microsoft Graph, "Get application" (``$select`` for
what is not returned by default), "List federatedIdentityCredentials", "Get servicePrincipal", "List
appRoleAssignments", "List oauth2PermissionGrants", "List unifiedRoleAssignments", and the Get and List operations of
the policies.
"""

from __future__ import annotations

from typing import Final

from rules.docs.requests import GRAPH

_V1: Final = f"{GRAPH}/v1.0"
_APPLICATION: Final = f"{_V1}/applications(appId='APP_ID')"
_PRINCIPAL: Final = f"{_V1}/servicePrincipals(appId='APP_ID')"
_ROLES: Final = f"{_V1}/roleManagement/directory/roleAssignments?$filter=principalId eq 'OBJECT_ID'"
_GRAPH_PRINCIPAL: Final = f"{_V1}/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"
_ELIGIBLE: Final = (
    f"{_V1}/roleManagement/directory/roleEligibilityScheduleInstances?$filter=directoryScopeId eq '/OBJECT_ID'"
)

#: Collections that are not properties of the application, with Azure CLI's command.
_OF_APPLICATION: Final = {
    "federatedIdentityCredentials": "az ad app federated-credential list --id APP_ID",
    "owners": "az ad app owner list --id APP_ID",
}

_BLUEPRINT: Final = f"{_V1}/applications/OBJECT_ID/microsoft.graph.agentIdentityBlueprint"

#: The request, by the first name of a pointer, for what is neither an application nor a service principal.
_REQUESTS: Final = {
    "appRoleAssignments": f"{_PRINCIPAL}/appRoleAssignments",
    "oauth2PermissionGrants": f"{_PRINCIPAL}/oauth2PermissionGrants",
    "roleAssignments": _ROLES,
    "scopedRoleAssignments": _ROLES,
    "scopedRoleEligibilities": _ELIGIBLE,
    "authorizationPolicy": f"{_V1}/policies/authorizationPolicy",
    "adminConsentRequestPolicy": f"{_V1}/policies/adminConsentRequestPolicy",
    "defaultAppManagementPolicy": f"{_V1}/policies/defaultAppManagementPolicy",
    "appManagementPolicies": f"{_V1}/policies/appManagementPolicies",
    "permissionGrantPolicies": f"{_V1}/policies/permissionGrantPolicies",
    "delegatedPermissionClassifications": f"{_GRAPH_PRINCIPAL}/delegatedPermissionClassifications",
    "roleDefinitions": f"{_V1}/roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq false",
    "conditionalAccessPolicies": f"{_V1}/identity/conditionalAccess/policies",
    "servicePrincipals": f"{_V1}/servicePrincipals",
    "agentUsers": f"{_V1}/users/microsoft.graph.agentUser?$select=id,identityParentId",
    "sponsors": f"{_BLUEPRINT}/sponsors",
    "inheritablePermissions": f"{_BLUEPRINT}/inheritablePermissions",
    "settings": f"{_V1}/groupSettings",
}


def verification(pointer: str) -> tuple[tuple[str, str], ...]:
    """The commands that show the value at *pointer*, each with its tool; empty where only code has the property."""
    first, *rest = pointer.removeprefix("/application").split("/")[1:] or [""]
    if first == "overwrittenResources":
        return ()
    if first in _REQUESTS:
        return _of_request(_REQUESTS[first])
    if first == "servicePrincipal":
        return _of_principal(rest[0] if rest else "")
    if first == "authenticationBehaviors":  # which Graph returns only with $select
        return _of_request(_APPLICATION + _select(first))
    if first in _OF_APPLICATION:
        return _of_relation(first, is_beta="/claimsMatchingExpression" in pointer)
    members = [name for name in rest if not name.isdigit()]
    return (
        ("Azure CLI", f"az ad app show --id APP_ID{_query('.'.join((first, *members[:1])))}"),
        ("Graph", f"GET {_APPLICATION}{_select(first)}"),
    )


def _of_relation(name: str, *, is_beta: bool) -> tuple[tuple[str, str], ...]:
    """A list of an application; neither v1.0 nor Azure CLI's own command returns a federated credential by claims."""
    if is_beta:
        return _of_request(f"{_APPLICATION.replace('/v1.0/', '/beta/')}/{name}")
    return (("Azure CLI", _OF_APPLICATION[name]), ("Graph", f"GET {_APPLICATION}/{name}"))


def _of_principal(name: str) -> tuple[tuple[str, str], ...]:
    if name == "sponsors":
        return _of_request(f"{_V1}/servicePrincipals/OBJECT_ID/microsoft.graph.agentIdentity/sponsors")
    if name == "owners":
        return _of_request(f"{_PRINCIPAL}/owners")
    return (("Azure CLI", f"az ad sp show --id APP_ID{_query(name)}"), ("Graph", f"GET {_PRINCIPAL}{_select(name)}"))


def _of_request(url: str) -> tuple[tuple[str, str], ...]:
    return (("Azure CLI", f'az rest --method GET --url "{url.replace("$", chr(92) + "$")}"'), ("Graph", f"GET {url}"))


def _query(path: str) -> str:
    return f" --query {path}" if path else ""


def _select(name: str) -> str:
    return f"?$select={name}" if name else ""
