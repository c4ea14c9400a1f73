"""How to make a change with the portal, Azure CLI, PowerShell, Graph, Terraform and Bicep. Text only; nothing is run.

The words come from the pointer and the merge patch of a finding, so every rule whose fix is mechanical has them.
``APP_ID`` and ``OBJECT_ID`` are placeholders for the registration's own. Sources: those of ``rules.docs.requests``;
Azure CLI, ``az rest``, ``az ad app`` and its source (``--web-redirect-uris`` replaces the list; a certificate goes by a
PATCH of all others); Microsoft Graph PowerShell (``Update-MgApplication`` loses what its types do not know, issue
3401); Terraform provider ``azuread``; Microsoft Graph Bicep, whose types 1.0.0 have nearly all of Graph's names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rules.docs.policy_instructions import policy_page, policy_request
from rules.docs.principal_instructions import is_of_principal, principal_instructions
from rules.docs.requests import GRAPH, Target, target_of
from rules.primitives.patch import leaves
from rules.primitives.pointers import nearest
from rules.primitives.quoting import for_powershell, for_shell

#: The page of the portal below *App registrations*, by the beginning of a pointer; the longest match applies.
_PAGES: Final = {
    "/web": "Authentication",
    "/spa": "Authentication",
    "/publicClient": "Authentication",
    "/isFallbackPublicClient": "Authentication > Allow public client flows",
    "/passwordCredentials": "Certificates & secrets > Client secrets",
    "/keyCredentials": "Certificates & secrets > Certificates",
    "/federatedIdentityCredentials": "Certificates & secrets > Federated credentials",
    "/requiredResourceAccess": "API permissions",
    "/identifierUris": "Expose an API",
    "/api": "Expose an API",
    "/api/acceptMappedClaims": "Manifest",
    "/api/knownClientApplications": "Manifest",
    "/api/requestedAccessTokenVersion": "Manifest",
    "/appRoles": "App roles",
    "/owners": "Owners",
    "/optionalClaims": "Token configuration",
    "/groupMembershipClaims": "Token configuration",
    "/displayName": "Branding & properties",
    "/info": "Branding & properties",
    "/publisherDomain": "Branding & properties",
    "/signInAudience": "Authentication > Supported account types",
    "/servicePrincipalLockConfiguration": "Authentication > App instance property lock",
    "/web/homePageUrl": "Branding & properties",
    "/disabledByMicrosoftStatus": "Certificates & secrets",
}

#: The same for what is on no page below *App registrations*. The manifest is what Graph returns without ``$select``,
#: and so it lacks authenticationBehaviors.
_OTHER_PAGES: Final = {
    "/authenticationBehaviors": "on no page",
    "/requestSignatureVerification": (
        "Enterprise applications > the application > Single sign-on > SAML Certificates > Verification certificates"
    ),
}

#: The property in Terraform's ``azuread_application``, or the resource that contains it.
_TERRAFORM: Final = {
    "/web/redirectUris": "web { redirect_uris }",
    "/spa/redirectUris": "single_page_application { redirect_uris }",
    "/publicClient/redirectUris": "public_client { redirect_uris }",
    "/web/logoutUrl": "web { logout_url }",
    "/web/homePageUrl": "web { homepage_url }",
    "/web/implicitGrantSettings/enableAccessTokenIssuance": "web { implicit_grant { access_token_issuance_enabled } }",
    "/web/implicitGrantSettings/enableIdTokenIssuance": "web { implicit_grant { id_token_issuance_enabled } }",
    "/isFallbackPublicClient": "fallback_public_client_enabled",
    "/api/acceptMappedClaims": "api { mapped_claims_enabled }",
    "/api/requestedAccessTokenVersion": "api { requested_access_token_version }",
    "/api/knownClientApplications": "api { known_client_applications }",
    "/api/oauth2PermissionScopes": "api { oauth2_permission_scope }",
    "/api/preAuthorizedApplications": "resource azuread_application_pre_authorized",
    "/groupMembershipClaims": "group_membership_claims",
    "/optionalClaims": "optional_claims",
    "/displayName": "display_name",
    "/identifierUris": "identifier_uris",
    "/requiredResourceAccess": "required_resource_access",
    "/owners": "owners",
    "/appRoles": "app_role",
    "/signInAudience": "sign_in_audience",
    "/oauth2RequirePostResponse": "oauth2_post_response_required",
    "/info": "terms_of_service_url and privacy_statement_url",
    "/info/privacyStatementUrl": "privacy_statement_url",
    "/info/supportUrl": "support_url",
    "/info/marketingUrl": "marketing_url",
    "/info/termsOfServiceUrl": "terms_of_service_url",
    "/notes": "notes",
    "/passwordCredentials": "resource azuread_application_password",
    "/keyCredentials": "resource azuread_application_certificate",
    "/federatedIdentityCredentials": "resource azuread_application_federated_identity_credential",
    "/overwrittenResources": "azuread_application and the separate resource",
}

#: A federated credential with an expression: Terraform has a resource of its own for it, and Bicep only the beta.
_EXPRESSION: Final = "/claimsMatchingExpression"
_FLEXIBLE: Final = "resource azuread_application_flexible_federated_identity_credential"

#: What no version of the Bicep types has.
_NOT_IN_BICEP: Final = ("/authenticationBehaviors/coopEnforcement", "/oauth2RequirePostResponse")

#: Options of ``az ad app update`` that do exactly what a patch of this one property does.
_OPTIONS: Final = {
    "/web/implicitGrantSettings/enableAccessTokenIssuance": "--enable-access-token-issuance",
    "/web/implicitGrantSettings/enableIdTokenIssuance": "--enable-id-token-issuance",
    "/isFallbackPublicClient": "--is-fallback-public-client",
}


def instructions(pointer: str, patch: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Each tool with what to do there, for a finding at *pointer*; without a *patch* only the portal and files.

    A pointer into a policy of the tenant, or into a service principal, leads to the page and URL of that object.
    """
    if is_of_principal(pointer):
        return tuple(principal_instructions(pointer, patch))
    if pointer == "/application" or pointer.startswith("/application/"):  # of an application of a tenant
        inner = patch.get("application") if patch else None
        return tuple(_instructions(pointer.removeprefix("/application"), inner))
    return tuple(_instructions(pointer, patch))


def _instructions(pointer: str, patch: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    page = policy_page(pointer)
    if page:
        yield from _of_policy(pointer, page, patch)
        return
    name = pointer.split("/")[1] if "/" in pointer else ""
    if name != "overwrittenResources":  # which the portal does not know: only code has them
        yield "Portal", _portal_page(pointer)
    target = target_of(pointer)
    if patch and target:
        yield from _requests(target, name, patch)
    terraform = _FLEXIBLE if _EXPRESSION in pointer else _TERRAFORM.get(nearest(_TERRAFORM, pointer))
    if terraform:
        is_whole = terraform.startswith(("resource ", "azuread_application "))
        yield "Terraform", terraform if is_whole else f"azuread_application: {terraform}"
    if target and target.path == "applications":
        yield from _bicep(target, pointer)


def _portal_page(pointer: str) -> str:
    """The page for a *pointer* into a registration; for the registration itself, which is empty, where to delete it."""
    other = _OTHER_PAGES.get(nearest(_OTHER_PAGES, pointer))
    if other:
        return other
    page = _PAGES.get(nearest(_PAGES, pointer), "Manifest") if pointer else "Overview > Delete"
    return f"App registrations > the application > {page}"


def _of_policy(pointer: str, page: str, patch: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield "Portal", page
    target = target_of(pointer)
    if patch and target:
        yield from _requests(target, pointer.split("/")[1], patch)
        return
    request = policy_request(pointer)
    if request:
        yield "Graph", request


def _requests(target: Target, name: str, patch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    where = f"{GRAPH}/{target.version}/{target.path}"
    if target.kind == "remove-secret":
        yield "Azure CLI", "az ad app credential delete --id APP_ID --key-id KEY_ID"
        yield "PowerShell", "Remove-MgApplicationPassword -ApplicationId OBJECT_ID -KeyId KEY_ID"
        yield "Graph", f'POST {where}/OBJECT_ID/removePassword {{"keyId": "KEY_ID"}}'
    elif target.kind == "remove-certificate":
        proof = "asks for a proof that the private key of a certificate signs; without it use the portal or Azure CLI"
        yield "Azure CLI", "az ad app credential delete --id APP_ID --key-id KEY_ID --cert"
        yield "PowerShell", f"Remove-MgApplicationKey {proof}"
        yield "Graph", f"removeKey {proof}"
    elif target.kind == "delete-federated":
        command = (
            "Remove-MgApplicationFederatedIdentityCredential -ApplicationId OBJECT_ID -FederatedIdentityCredentialId ID"
        )
        yield "Azure CLI", "az ad app federated-credential delete --id APP_ID --federated-credential-id ID"
        yield "PowerShell", command
        yield "Graph", f"DELETE {where}/OBJECT_ID/federatedIdentityCredentials/ID"
    elif target.kind == "delete-owner":
        yield "Azure CLI", "az ad app owner remove --id APP_ID --owner-object-id OWNER_ID"
        yield "PowerShell", f"Invoke-MgGraphRequest -Method DELETE -Uri '{where}/OBJECT_ID/owners/OWNER_ID/$ref'"
        yield "Graph", f"DELETE {where}/OBJECT_ID/owners/OWNER_ID/$ref"
    else:
        yield from _writes(target, where, patch[name] if target.nested else patch)


def _writes(target: Target, where: str, patch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    method = "PUT" if target.kind == "put" else "PATCH"
    url = where if target.path.startswith("policies/") else f"{where}(appId='APP_ID')"
    body = json.dumps(patch, ensure_ascii=True)
    one = [(_OPTIONS[pointer], value) for pointer, value in leaves(patch).items() if pointer in _OPTIONS]
    if one and not target.nested and len(leaves(patch)) == 1:
        option, value = one[0]
        yield "Azure CLI", f"az ad app update --id APP_ID {option} {json.dumps(value)}"
    else:
        yield "Azure CLI", f'az rest --method {method} --url "{url}" --body {for_shell(body)}'
    yield "PowerShell", f'Invoke-MgGraphRequest -Method {method} -Uri "{url}" -Body {for_powershell(body)}'
    yield "Graph", f"{method} {url} {body}"
    if any(isinstance(value, list) for value in leaves(patch).values()):
        yield "Beware", "a list is replaced whole; name every element that is to stay"


def _bicep(target: Target, pointer: str) -> Iterator[tuple[str, str]]:
    """The property in Bicep; none for secrets and certificates, which are neither added nor removed there."""
    names = [name for name in pointer.split("/")[1:] if not name.isdigit()]
    if target.kind == "patch" and pointer not in _NOT_IN_BICEP:
        yield "Bicep", f"Microsoft.Graph/applications@v1.0: {'.'.join(names)}"
    elif target.kind == "delete-federated":
        version = "beta" if _EXPRESSION in pointer else "v1.0"
        yield "Bicep", f"Microsoft.Graph/applications/federatedIdentityCredentials@{version}"
