"""How a change is made with each tool: the portal, Azure CLI, PowerShell, Graph and Terraform. Text alone; nothing is run.

The words come from the pointer and the merge patch of a finding, so every rule whose fix is mechanical has them. ``APP_ID``
and ``OBJECT_ID`` stand for the registration's own. Sources: Microsoft Graph, "Update application", "removePassword",
"removeKey"; Azure CLI, ``az rest`` and ``az ad app``; Microsoft Graph PowerShell; Terraform provider ``azuread``,
``azuread_application``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rules.principal_instructions import is_of_principal, principal_instructions

_GRAPH: Final = "https://graph.microsoft.com/v1.0/applications"

#: The page of the portal below *App registrations*, by the beginning of a pointer; the longest that fits holds.
_PAGES: Final = {
    "/web": "Authentication", "/spa": "Authentication", "/publicClient": "Authentication",
    "/isFallbackPublicClient": "Authentication > Allow public client flows",
    "/passwordCredentials": "Certificates & secrets > Client secrets", "/keyCredentials": "Certificates & secrets > Certificates",
    "/federatedIdentityCredentials": "Certificates & secrets > Federated credentials",
    "/requiredResourceAccess": "API permissions", "/identifierUris": "Expose an API", "/api": "Expose an API",
    "/appRoles": "App roles", "/owners": "Owners", "/optionalClaims": "Token configuration",
    "/groupMembershipClaims": "Token configuration", "/displayName": "Branding & properties", "/info": "Branding & properties",
    "/publisherDomain": "Branding & properties", "/signInAudience": "Authentication > Supported account types",
    "/servicePrincipalLockConfiguration": "Authentication > App instance property lock",
}  # fmt: skip

#: Where a property stands in Terraform's ``azuread_application``.
_TERRAFORM: Final = {
    "/web/redirectUris": "web { redirect_uris }", "/spa/redirectUris": "single_page_application { redirect_uris }",
    "/publicClient/redirectUris": "public_client { redirect_uris }", "/web/logoutUrl": "web { logout_url }",
    "/web/implicitGrantSettings/enableAccessTokenIssuance": "web { implicit_grant { access_token_issuance_enabled } }",
    "/web/implicitGrantSettings/enableIdTokenIssuance": "web { implicit_grant { id_token_issuance_enabled } }",
    "/isFallbackPublicClient": "fallback_public_client_enabled", "/api/acceptMappedClaims": "api { mapped_claims_enabled }",
    "/api/requestedAccessTokenVersion": "api { requested_access_token_version }",
    "/api/knownClientApplications": "api { known_client_applications }", "/groupMembershipClaims": "group_membership_claims",
    "/identifierUris": "identifier_uris", "/requiredResourceAccess": "required_resource_access", "/owners": "owners",
    "/appRoles": "app_role", "/signInAudience": "sign_in_audience", "/oauth2RequirePostResponse": "oauth2_post_response_required",
}  # fmt: skip

#: Credentials are not set by a patch: each has a request that takes it out.
_REMOVALS: Final = {
    "passwordCredentials": ("removePassword", "Remove-MgApplicationPassword", "az ad app credential delete --id APP_ID --key-id KEY_ID"),
    "keyCredentials": ("removeKey", "Remove-MgApplicationKey", "az ad app credential delete --id APP_ID --key-id KEY_ID --cert"),
}  # fmt: skip


def instructions(pointer: str, patch: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Tool and what to do there, for a finding at *pointer*; only the portal and Terraform where there is no *patch*."""
    if is_of_principal(pointer):
        return tuple(principal_instructions(pointer, patch))
    if pointer == "/application" or pointer.startswith("/application/"):  # of an application of a tenant
        inner = patch.get("application") if patch else None
        return tuple(_instructions(pointer.removeprefix("/application"), inner))
    return tuple(_instructions(pointer, patch))


def _instructions(pointer: str, patch: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield "Portal", f"App registrations > the application > {_nearest(_PAGES, pointer) or 'Manifest'}"
    name = pointer.split("/")[1] if "/" in pointer else ""
    if patch and name in _REMOVALS:
        action, command, cli = _REMOVALS[name]
        yield "Azure CLI", cli
        yield "PowerShell", f"{command} -ApplicationId OBJECT_ID -KeyId KEY_ID"
        yield "Graph", f'POST {_GRAPH}/OBJECT_ID/{action} {{"keyId": "KEY_ID"}}'
    elif patch and name == "federatedIdentityCredentials":
        yield "Azure CLI", "az ad app federated-credential delete --id APP_ID --federated-credential-id ID"
        yield (
            "PowerShell",
            "Remove-MgApplicationFederatedIdentityCredential -ApplicationId OBJECT_ID -FederatedIdentityCredentialId ID",
        )
        yield "Graph", f"DELETE {_GRAPH}/OBJECT_ID/federatedIdentityCredentials/ID"
    elif patch:
        body = json.dumps(patch, ensure_ascii=True)
        quoted = body.replace("'", "'\\''")
        doubled = body.replace("'", "''")
        yield "Azure CLI", f"az rest --method PATCH --url \"{_GRAPH}(appId='APP_ID')\" --body '{quoted}'"
        yield "PowerShell", f"Invoke-MgGraphRequest -Method PATCH -Uri \"{_GRAPH}(appId='APP_ID')\" -Body '{doubled}'"
        yield "Graph", f"PATCH {_GRAPH}(appId='APP_ID') {body}"
    terraform = _nearest(_TERRAFORM, pointer)
    if terraform:
        yield "Terraform", f"azuread_application: {terraform}"


def _nearest(table: Mapping[str, str], pointer: str) -> str:
    place = pointer
    while place:
        if place in table:
            return table[place]
        place = place.rpartition("/")[0]
    return ""
