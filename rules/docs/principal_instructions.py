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

from rules.docs.requests import GRAPH
from rules.primitives.patch import leaves
from rules.primitives.pointers import nearest
from rules.primitives.quoting import for_powershell, for_shell

_ROOT: Final = f"{GRAPH}/v1.0"
_PRINCIPAL: Final = f"{_ROOT}/servicePrincipals"
_APPLICATION: Final = "Enterprise applications > the application"

_CREDENTIALS: Final = (
    "App registrations > the application > Certificates & secrets",
    "azuread_application_password and azuread_application_certificate",
)

#: The page of the portal and Terraform's resource, by the beginning of a pointer; the longest match applies.
_PLACES: Final = {
    "/servicePrincipal": (f"{_APPLICATION} > Properties", "azuread_service_principal"),
    # An application that is blocked on purpose stays blocked: what is fixed are the credentials of its registration.
    "/servicePrincipal/accountEnabled": _CREDENTIALS,
    "/servicePrincipal/isDisabled": _CREDENTIALS,
    "/servicePrincipal/disabledByMicrosoftStatus": _CREDENTIALS,
    "/servicePrincipal/appRoleAssignmentRequired": (
        f"{_APPLICATION} > Properties > Assignment required",
        "azuread_service_principal: app_role_assignment_required",
    ),
    "/servicePrincipal/owners": (f"{_APPLICATION} > Owners", "azuread_service_principal: owners"),
    "/servicePrincipal/replyUrls": (f"{_APPLICATION} > Single sign-on (only for SAML)", ""),
    "/servicePrincipal/keyCredentials": (
        f"{_APPLICATION} > Single sign-on (only certificates for SAML)",
        "azuread_service_principal_token_signing_certificate for SAML, azuread_service_principal_certificate otherwise",
    ),
    "/servicePrincipal/passwordCredentials": (
        "on no page",
        "azuread_service_principal_password",
    ),
    "/appRoleAssignments": (f"{_APPLICATION} > Permissions > Admin consent", "azuread_app_role_assignment"),
    "/oauth2PermissionGrants": (
        f"{_APPLICATION} > Permissions > Admin consent (not for consent of single users)",
        "azuread_service_principal_delegated_permission_grant",
    ),
    "/roleAssignments": ("Roles & admins > the role > Assignments", "azuread_directory_role_assignment"),
    "/scopedRoleAssignments": (
        "App registrations or Enterprise applications > the application > Roles and administrators",
        "azuread_directory_role_assignment",
    ),
}

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

#: Credentials are not set by a patch: each kind has a request that removes one.
_REMOVALS: Final = {
    "passwordCredentials": ("removePassword", "Remove-MgServicePrincipalPassword", ""),
    "keyCredentials": ("removeKey", "Remove-MgServicePrincipalKey", " --cert"),
}


def is_of_principal(pointer: str) -> bool:
    """Whether a pointer leads to a service principal, a grant or a role, and not into a registration."""
    return f"/{pointer.split('/')[1]}" in _PLACES if "/" in pointer else False


def principal_instructions(pointer: str, patch: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Each tool with what to do there, for a finding at *pointer*, for which ``is_of_principal`` is true."""
    page, terraform = _PLACES[nearest(_PLACES, pointer)]
    first, *rest = pointer.split("/")[1:]
    yield "Portal", page
    if first in _DELETES:
        address, command = _DELETES[first]
        yield "Azure CLI", f"az rest --method DELETE --url {address}"
        yield "PowerShell", command
        yield "Graph", f"DELETE {address}"
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
            yield "Beware", "a list is replaced whole; name every element that is to stay"
    if terraform:
        yield "Terraform", terraform
