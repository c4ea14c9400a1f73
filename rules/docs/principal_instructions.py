"""How to change a service principal, its grants and its directory roles. Text only; nothing is run.

``APP_ID`` and ``OBJECT_ID`` are placeholders for the service principal's own, ``ID`` for that of the grant or
assignment. Sources: Microsoft Graph, "Update servicePrincipal", "removePassword", "removeKey", "Delete
appRoleAssignment", "Delete oAuth2PermissionGrant", "Delete unifiedRoleAssignment"; Azure CLI, ``az ad sp``; Terraform
provider ``azuread``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rules.docs.requests import GRAPH, REPLACES_LIST
from rules.knowledge.property_names import portal_of, terraform_of
from rules.primitives.patch import leaves
from rules.primitives.quoting import for_powershell, for_shell

_ROOT: Final = f"{GRAPH}/v1.0"
_PRINCIPAL: Final = f"{_ROOT}/servicePrincipals"

#: The first names of pointers that lead to a service principal, its grants and its directory roles.
_OF_PRINCIPAL: Final = (
    "servicePrincipal",
    "appRoleAssignments",
    "oauth2PermissionGrants",
    "roleAssignments",
    "scopedRoleAssignments",
    "scopedRoleEligibilities",
)

#: How a grant or an assignment is revoked: the URL, and PowerShell's command.
_DELETES: Final = {
    "appRoleAssignments": (
        f"{_PRINCIPAL}/OBJECT_ID/appRoleAssignments/ID",
        "Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId OBJECT_ID -AppRoleAssignmentId ID",
    ),
    "oauth2PermissionGrants": (
        f"{_ROOT}/oauth2PermissionGrants/ID",
        "Remove-MgOauth2PermissionGrant -OAuth2PermissionGrantId ID",
    ),
    "roleAssignments": (
        f"{_ROOT}/roleManagement/directory/roleAssignments/ID",
        "Remove-MgRoleManagementDirectoryRoleAssignment -UnifiedRoleAssignmentId ID",
    ),
    "scopedRoleAssignments": (
        f"{_ROOT}/roleManagement/directory/roleAssignments/ID",
        "Remove-MgRoleManagementDirectoryRoleAssignment -UnifiedRoleAssignmentId ID",
    ),
}

#: How an eligible role is removed: a request with this body.
_REQUEST_URL: Final = f"{_ROOT}/roleManagement/directory/roleEligibilityScheduleRequests"
_REMOVE_ELIGIBLE: Final = json.dumps(
    {
        "action": "adminRemove",
        "principalId": "PRINCIPAL_ID",
        "roleDefinitionId": "ROLE_ID",
        "directoryScopeId": "/OBJECT_ID",
    }
)

#: Credentials are not set by a patch: each kind has a request that removes one.
_REMOVALS: Final = {
    "passwordCredentials": ("removePassword", "Remove-MgServicePrincipalPassword", ""),
    "keyCredentials": ("removeKey", "Remove-MgServicePrincipalKey", " --cert"),
}


def is_of_principal(pointer: str) -> bool:
    """Whether a pointer leads to a service principal, a grant or a role, and not into a registration."""
    return pointer.startswith("/") and pointer.split("/")[1] in _OF_PRINCIPAL


def principal_instructions(pointer: str, patch: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Each tool with what to do there, for a finding at *pointer*, for which ``is_of_principal`` is true."""
    first, *rest = pointer.split("/")[1:]
    yield "Portal", portal_of(pointer)
    if first in _DELETES:
        address, command = _DELETES[first]
        yield "Azure CLI", f"az rest --method DELETE --url {address}"
        yield "PowerShell", command
        yield "Graph", f"DELETE {address}"
    elif first == "scopedRoleEligibilities":
        yield "Azure CLI", f"az rest --method POST --url {_REQUEST_URL} --body {for_shell(_REMOVE_ELIGIBLE)}"
        command = f"Invoke-MgGraphRequest -Method POST -Uri {_REQUEST_URL}"
        yield "PowerShell", f"{command} -Body {for_powershell(_REMOVE_ELIGIBLE)}"
        yield "Graph", f"POST {_REQUEST_URL} {_REMOVE_ELIGIBLE}"
    elif patch and rest and rest[0] in _REMOVALS:
        action, command, more = _REMOVALS[rest[0]]
        yield "Azure CLI", f"az ad sp credential delete --id APP_ID --key-id KEY_ID{more}"
        # Removing a key needs a proof that the caller has another: a token that is signed with it.
        proof = {"proof": "PROOF"} if action == "removeKey" else {}
        option = " -Proof PROOF" if proof else ""
        yield "PowerShell", f"{command} -ServicePrincipalId OBJECT_ID -KeyId KEY_ID{option}"
        yield "Graph", f"POST {_PRINCIPAL}/OBJECT_ID/{action} {json.dumps({'keyId': 'KEY_ID', **proof})}"
    elif patch:
        body = json.dumps(patch["servicePrincipal"], ensure_ascii=True)
        address = f"{_PRINCIPAL}(appId='APP_ID')"
        yield "Azure CLI", f'az rest --method PATCH --url "{address}" --body {for_shell(body)}'
        yield "PowerShell", f'Invoke-MgGraphRequest -Method PATCH -Uri "{address}" -Body {for_powershell(body)}'
        yield "Graph", f"PATCH {address} {body}"
        if any(isinstance(value, list) for value in leaves(patch).values()):
            yield "Note", REPLACES_LIST
    terraform = terraform_of(pointer)
    if terraform:
        yield "Terraform", terraform
