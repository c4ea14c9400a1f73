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

from rules.docs.policy_instructions import policy_request
from rules.docs.principal_instructions import is_of_principal, principal_instructions
from rules.docs.requests import GRAPH, REPLACES_LIST, Target, target_of
from rules.knowledge.property_names import path_of, portal_of, property_names, terraform_of
from rules.primitives.patch import leaves
from rules.primitives.quoting import for_powershell, for_shell

#: A federated credential with an expression: Bicep has it only in the beta.
_EXPRESSION: Final = "/claimsMatchingExpression"

#: What no version of the Bicep types has.
_NOT_IN_BICEP: Final = ("/authenticationBehaviors/coopEnforcement", "/oauth2RequirePostResponse")

#: What only code has, and the relations of an agent identity blueprint, which no manifest shows.
_NOT_IN_MANIFEST: Final = ("overwrittenResources", "sponsors", "inheritablePermissions")

_REGISTRATION: Final = "App registrations > the application"


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
    target, name = target_of(pointer), pointer.split("/")[1] if "/" in pointer else ""
    if name not in _NOT_IN_MANIFEST:
        yield "Portal", portal_of(pointer) or f"{_REGISTRATION} > {'Manifest' if pointer else 'Overview > Delete'}"
    if patch and target:
        yield from _requests(target, name, patch)
    elif request := policy_request(name):
        yield "Graph", request
    terraform = terraform_of(pointer)
    if terraform:
        yield "Terraform", terraform
    if target and target.path == "applications":
        yield from _bicep(target, pointer)


def _requests(target: Target, name: str, patch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    where = f"{GRAPH}/{target.version}/{target.path}"
    if target.kind == "remove-secret":
        yield "Azure CLI", "az ad app credential delete --id APP_ID --key-id KEY_ID"
        yield "PowerShell", "Remove-MgApplicationPassword -ApplicationId OBJECT_ID -KeyId KEY_ID"
        yield "Graph", f'POST {where}/OBJECT_ID/removePassword {{"keyId": "KEY_ID"}}'
    elif target.kind == "remove-certificate":
        proof = (
            "needs a proof that is signed with the certificate's private key; without it, use the portal or Azure CLI"
        )
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
    pointer, value = next(iter(leaves(patch).items()))
    named = property_names().get(path_of(pointer))
    if named and named.azure_cli and not target.nested and len(leaves(patch)) == 1:
        yield "Azure CLI", f"az ad app update --id APP_ID {named.azure_cli} {json.dumps(value)}"
    else:
        yield "Azure CLI", f'az rest --method {method} --url "{url}" --body {for_shell(body)}'
    yield "PowerShell", f'Invoke-MgGraphRequest -Method {method} -Uri "{url}" -Body {for_powershell(body)}'
    yield "Graph", f"{method} {url} {body}"
    if any(isinstance(value, list) for value in leaves(patch).values()):
        yield "Note", REPLACES_LIST


def _bicep(target: Target, pointer: str) -> Iterator[tuple[str, str]]:
    """The property in Bicep; none for secrets and certificates, which are neither added nor removed there."""
    names = [name for name in pointer.split("/")[1:] if not name.isdigit()]
    if target.kind == "patch" and pointer not in _NOT_IN_BICEP:
        yield "Bicep", f"Microsoft.Graph/applications@v1.0: {'.'.join(names)}"
    elif target.kind == "delete-federated":
        version = "beta" if _EXPRESSION in pointer else "v1.0"
        yield "Bicep", f"Microsoft.Graph/applications/federatedIdentityCredentials@{version}"
