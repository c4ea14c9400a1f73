"""A registration from scratch for a grant, as Graph JSON and for PowerShell.

One body, Microsoft Graph's ``application``, says everything; ``advisor.templates`` writes it for Terraform, Bicep and
Azure CLI. A credential is added after the registration exists, so it is a step of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.preflight.recipe import Preferences, resource_of
from advisor.preflight.resources import app_id_of, exchange_audience, graph_of
from reports.advice import Setting
from reports.decision import registration_body
from rules.analysis.grants import Grant
from rules.knowledge.credentials import credential_kind
from rules.knowledge.permissions import DATAVERSE, GRAPH
from rules.model.registration import Platform

#: The permission that ``recipe`` requests first, by API: id and type (Microsoft Graph permissions reference;
#: Dataverse).
_PERMISSIONS: Final = {
    (GRAPH, False): ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope"),  # User.Read
    (GRAPH, True): ("df021288-bdef-4463-88db-98f22de89214", "Role"),  # User.Read.All
    (DATAVERSE, False): ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope"),  # user_impersonation
}

#: How the advice writes what a federated credential trusts; what is in parentheses explains.
_TRUST: Final = re.compile(
    r"issuer (?P<issuer>.+?)(?: \([^)]*\))?, subject (?P<subject>.+?)(?: \([^)]*\))?, "
    r"audience (?P<audience>.+?)(?:(?: \(|; ).*)?"
)

#: The names that Microsoft Graph PowerShell has for national clouds, by the host of Graph.
_ENVIRONMENTS: Final = {
    "https://graph.microsoft.us": " -Environment USGov",
    "https://microsoftgraph.chinacloudapi.cn": " -Environment China",
}


_FILL_IN: Final = "Replace the values in braces: the exact issuer and subject of the platform that runs the app."


class Trust(msgspec.Struct, frozen=True):
    """What a federated credential trusts. What only the reader knows is in braces, so that it cannot match anything."""

    issuer: str
    subject: str
    audience: str


class RegistrationTemplate(msgspec.Struct, frozen=True):
    """A registration to make: its body in Graph JSON, its credential, what to fill in by hand, and where Graph is."""

    name: str
    body: dict[str, Any]
    credential: str
    notes: tuple[str, ...]
    trust: Trust
    graph: str


def make_template(
    row: Grant,
    preferences: Preferences,
    *,
    name: str,
    platform: Platform | None,
    redirect_uri: str,
    credential: str,
    settings: Sequence[Setting] = (),
    trusts: str = "",
) -> RegistrationTemplate:
    """The registration that the grant *row* needs, and nothing else turned on.

    *settings* are those that an advice prints: they win over what the grant alone says. *trusts* is what a federated
    credential trusts, in the words of the advice; where it is empty, placeholders are in.
    """
    switches = {switch.path: switch.value for switch in row.switches}
    uris = {redirect_uri} - {""} if row.redirect else set()
    resource = app_id_of(resource_of(preferences.api))
    known = _PERMISSIONS.get((resource, row.id == "client_credentials"))
    notes = []
    if known is None and row.id != "none":
        notes.append(
            f"add the permissions of {resource_of(preferences.api)} under requiredResourceAccess"
            if resource != DATAVERSE
            else "add the client as an application user in Dataverse; the registration needs no permission"
        )
    body: dict[str, Any] = {
        "displayName": name,
        "signInAudience": row.audiences[0],
        "isFallbackPublicClient": switches.get("isFallbackPublicClient", False),
        "web": {
            "redirectUris": sorted(uris) if platform == "web" else [],
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": switches.get("web.implicitGrantSettings.enableAccessTokenIssuance", False),
                "enableIdTokenIssuance": switches.get("web.implicitGrantSettings.enableIdTokenIssuance", False),
            },
        },
        "spa": {"redirectUris": sorted(uris) if platform == "spa" else []},
        "publicClient": {"redirectUris": sorted(uris) if platform == "publicClient" else []},
        "api": {"requestedAccessTokenVersion": 2},
        "servicePrincipalLockConfiguration": {"isEnabled": True, "allProperties": True},
        "requiredResourceAccess": [],
    }
    if known is not None:
        access = [{"id": known[0], "type": known[1]}]
        body["requiredResourceAccess"] = [{"resourceAppId": resource, "resourceAccess": access}]
    if row.id == "password":
        body["isFallbackPublicClient"] = credential == ""
    _replace(body, registration_body(settings)[0])
    if trusts and not _TRUST.fullmatch(trusts) and credential in ("federated", "managed_identity"):
        notes.append(f"in {credential_kind(credential).property}: {trusts}")
        if trusts.startswith("nothing"):
            credential = ""
    return RegistrationTemplate(
        name, body, credential, tuple(notes), _trust(credential, trusts, preferences.login), graph_of(preferences.login)
    )


def _replace(body: dict[str, Any], printed: Mapping[str, Any]) -> None:
    """Put the values of *printed* in place of those that *body* has."""
    for name in printed.keys() & body.keys():
        if isinstance(body[name], dict):
            _replace(body[name], printed[name])
        else:
            body[name] = printed[name]


def _trust(credential: str, trusts: str, login: str) -> Trust:
    """What the federated credential trusts, read from *trusts*, or else what every credential of that kind does."""
    kind = credential_kind(credential if credential == "managed_identity" else "federated")
    found = trust_in(trusts) or trust_in(kind.value)
    if found is None:
        raise ValueError(f"the credential {kind.id} does not say what it trusts")
    issuer = found.issuer.replace("login.microsoftonline.com", login)
    return Trust(issuer, found.subject, exchange_audience(login))


def trust_in(text: str) -> Trust | None:
    """What a federated credential trusts, in the words of the advice; ``None`` for other words."""
    found = _TRUST.fullmatch(text)
    return Trust(found["issuer"], found["subject"], found["audience"]) if found else None


def render_graph_json(template: RegistrationTemplate) -> str:
    """The body of ``POST https://graph.microsoft.com/v1.0/applications``."""
    return json.dumps(template.body, indent=2) + "\n"


def render_powershell(template: RegistrationTemplate) -> str:
    """PowerShell with the Microsoft Graph module."""
    lines = [f"# {_comment(template.name)}", *_notes(template, "#")]
    lines += [
        "# Install-Module Microsoft.Graph.Applications",
        f"Connect-MgGraph -Scopes Application.ReadWrite.All{_ENVIRONMENTS.get(template.graph, '')}",
        "$body = @'",
        json.dumps(template.body, indent=2),
        "'@",
        "$app = Invoke-MgGraphRequest -Method POST -Uri v1.0/applications -Body $body -ContentType application/json",
        "New-MgServicePrincipal -AppId $app.appId",
    ]
    if template.credential == "certificate":
        lines += [
            "# $certificate is an X509Certificate2.",
            "$key = @{ type = 'AsymmetricX509Cert'; usage = 'Verify'; key = $certificate.RawData }",
            "Update-MgApplication -ApplicationId $app.id -KeyCredentials @($key)",
        ]
    elif template.credential in ("federated", "managed_identity"):
        trust = template.trust
        lines += [
            f"# {_FILL_IN}",
            f"$trust = @{{ Name = 'workload'; Issuer = {_ps(trust.issuer)}; Subject = {_ps(trust.subject)}; Audiences "
            f"= @({_ps(trust.audience)}) }}",
            "New-MgApplicationFederatedIdentityCredential -ApplicationId $app.id -BodyParameter $trust",
        ]
    elif template.credential == "secret":
        lines += [
            "# Prints the secret once. Store it in a key vault.",
            "$secret = @{ displayName = 'first'; endDateTime = (Get-Date).AddDays(180) }",
            "(Add-MgApplicationPassword -ApplicationId $app.id -PasswordCredential $secret).SecretText",
        ]
    return "\n".join((*lines, '"client id: $($app.appId)"')) + "\n"


def _ps(text: str) -> str:
    """A text as PowerShell writes it literally."""
    return "'" + text.replace("'", "''") + "'"


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)


def _notes(template: RegistrationTemplate, mark: str) -> list[str]:
    return [f"{mark} {note}" for note in template.notes]


#: The forms that are written here; ``advisor.templates`` writes the others.
RENDERERS: Final = {"graph-json": render_graph_json, "powershell": render_powershell}
