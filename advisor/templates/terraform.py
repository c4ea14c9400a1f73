"""A plan for Terraform, provider hashicorp/azuread. Every part of a registration is a resource of its own, so that two
registrations can refer to each other without a cycle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from advisor.templates.model import ClientId, Input, Inserted, Joined, Plan, Planned, PrincipalId
from advisor.templates.writing import comments, credential_notes, head, snake

_HOW: Final = (
    "The provider cannot set servicePrincipalLockConfiguration: set it with Graph. An administrator grants consent for "
    "application permissions of Microsoft's APIs."
)
_PROVIDER: Final = """\
terraform {
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "~> 3.0"
    }
  }
}"""
_REDIRECTS: Final = {"web": "Web", "spa": "SPA", "publicClient": "PublicClient"}


def render_terraform(plan: Plan) -> str:
    """One file: variables, registrations with their parts, service principals, role assignments, outputs."""
    lines = [*head(plan, "#", _HOW), "", _PROVIDER]
    for one in plan.inputs:
        lines += _block(f'variable "{snake(one.name)}"', {"type": _Raw("string"), "description": one.says})
    for planned in plan.registrations:
        lines += _registration(planned, plan.owners)
    for number, assignment in enumerate(plan.assignments, 1):
        role = _role(assignment.api.key, assignment.role)
        arguments = {
            "app_role_id": _Raw(f"azuread_application_app_role.{role}.role_id"),
            "principal_object_id": assignment.principal,
            "resource_object_id": assignment.api,
        }
        lines += _block(f'resource "azuread_app_role_assignment" "role_{number}"', arguments)
    for planned in plan.registrations:
        lines += _block(f'output "{snake(planned.key)}_client_id"', {"value": ClientId(planned.key)})
    return "\n".join(lines) + "\n"


class _Raw(str):
    """An expression, written as it is."""

    __slots__ = ()


def _registration(planned: Planned, owners: tuple[Input, ...]) -> Iterator[str]:
    body, name = planned.body, snake(planned.key)
    implicit = body["web"]["implicitGrantSettings"]
    yield from _block(
        f'resource "azuread_application_registration" "{name}"',
        {
            "display_name": body["displayName"],
            **({"notes": body["notes"]} if "notes" in body else {}),
            "sign_in_audience": body["signInAudience"],
            "requested_access_token_version": body["api"]["requestedAccessTokenVersion"],
            "implicit_access_token_issuance_enabled": implicit["enableAccessTokenIssuance"],
            "implicit_id_token_issuance_enabled": implicit["enableIdTokenIssuance"],
        },
    )
    yield from _block(f'resource "azuread_service_principal" "{name}"', {"client_id": ClientId(planned.key)})
    for number, owner in enumerate(owners, 1):
        yield from _part(name, "owner", f"{name}_{number}", {"owner_object_id": owner})
    yield from _part(name, "fallback_public_client", name, {"enabled": body["isFallbackPublicClient"]})
    for platform, kind in _REDIRECTS.items():
        if uris := body[platform]["redirectUris"]:
            yield from _part(name, "redirect_uris", f"{name}_{kind.lower()}", {"type": kind, "redirect_uris": uris})
    yield from _as_api(planned, name)
    for number, access in enumerate(body["requiredResourceAccess"], 1):
        ids = {"Role": "role_ids", "Scope": "scope_ids"}
        wanted = {
            argument: [item["id"] for item in access["resourceAccess"] if item["type"] == kind]
            for kind, argument in ids.items()
        }
        arguments = {"api_client_id": access["resourceAppId"], **{key: value for key, value in wanted.items() if value}}
        yield from _part(name, "api_access", f"{name}_{number}", arguments)
    yield from _credential(planned, name)


def _as_api(planned: Planned, name: str) -> Iterator[str]:
    """What others need of the registration: identifier URI, scopes, roles, and the callers that it knows."""
    body = planned.body
    api = body["api"]
    for uri in body.get("identifierUris", []):
        yield from _part(name, "identifier_uri", name, {"identifier_uri": uri})
    for scope in api["oauth2PermissionScopes"]:
        arguments = {
            "scope_id": scope["id"],
            "value": scope["value"],
            "type": scope["type"],
            "admin_consent_display_name": scope["adminConsentDisplayName"],
            "admin_consent_description": scope["adminConsentDescription"],
            "user_consent_display_name": scope["userConsentDisplayName"],
            "user_consent_description": scope["userConsentDescription"],
        }
        yield from _part(name, "permission_scope", _scope(planned.key, scope["id"]), arguments)
    for role in body["appRoles"]:
        arguments = {
            "role_id": role["id"],
            "value": role["value"],
            "display_name": role["displayName"],
            "description": role["description"],
            "allowed_member_types": role["allowedMemberTypes"],
        }
        yield from _part(name, "app_role", _role(planned.key, role["id"]), arguments)
    for number, caller in enumerate(api["preAuthorizedApplications"], 1):
        scopes = [
            _Raw(f"azuread_application_permission_scope.{_scope(planned.key, one)}.scope_id")
            for one in caller["delegatedPermissionIds"]
        ]
        arguments = {"authorized_client_id": caller["appId"], "permission_ids": scopes}
        yield from _part(name, "pre_authorized", f"{name}_{number}", arguments)
    if known := api["knownClientApplications"]:
        yield from _part(name, "known_clients", name, {"known_client_ids": known})


def _credential(planned: Planned, name: str) -> Iterator[str]:
    if trust := planned.trust:
        arguments = {
            "display_name": "workload",
            "issuer": trust.issuer,
            "subject": trust.subject,
            "audiences": [trust.audience],
        }
        yield from _part(name, "federated_identity_credential", name, arguments)
    if notes := credential_notes(planned):
        yield from ("", *comments(notes, "#"))


def _scope(key: str, id: str) -> str:
    return f"{snake(key)}_scope_{id[:8]}"


def _role(key: str, id: str) -> str:
    return f"{snake(key)}_role_{id[:8]}"


def _part(application: str, kind: str, name: str, arguments: Mapping[str, Any]) -> list[str]:
    """A resource that is a part of *application*."""
    whole = {"application_id": _Raw(f"azuread_application_registration.{application}.id"), **arguments}
    return _block(f'resource "azuread_application_{kind}" "{name}"', whole)


def _block(head: str, arguments: Mapping[str, Any]) -> list[str]:
    """A block with its arguments aligned, as ``terraform fmt`` does."""
    width = max(map(len, arguments))
    return ["", f"{head} {{", *(f"  {name:<{width}} = {_written(value)}" for name, value in arguments.items()), "}"]


def _written(value: Any) -> str:
    """A value as an expression. In a text nothing is a template: ``${`` and ``%{`` are doubled."""
    if isinstance(value, _Raw):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Joined):
        return '"' + "".join(_in_text(part) for part in value.parts) + '"'
    if isinstance(value, Inserted):
        return _reference(value)
    return _literal(json.dumps(value))


def _in_text(part: str | Inserted) -> str:
    return _literal(json.dumps(part)[1:-1]) if isinstance(part, str) else f"${{{_reference(part)}}}"


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _reference(value: Inserted) -> str:
    if isinstance(value, Input):
        return f"var.{snake(value.name)}"
    if isinstance(value, PrincipalId):
        return f"azuread_service_principal.{snake(value.key)}.object_id"
    return f"azuread_application_registration.{snake(value.key)}.client_id"
