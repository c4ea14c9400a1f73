"""A registration from scratch for a grant: Graph JSON, Azure CLI, PowerShell, Terraform and Bicep.

One body, Microsoft Graph's ``application``, says everything; the other forms carry it or spell it in their own words. A
credential is added after the registration exists, so it is a step of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from advisor.preflight.recipe import Preferences, resource_of
from advisor.preflight.resources import app_id_of, exchange_audience, graph_of
from rules.analysis.grants import Grant
from rules.knowledge.credentials import credential_kind
from rules.knowledge.permissions import DATAVERSE, GRAPH
from rules.model.registration import Platform
from rules.primitives.quoting import for_shell

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


_FILL_IN: Final = "Replace what is in braces: the exact issuer and subject of what runs the program."


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
    audience: str = "",
    trusts: str = "",
) -> RegistrationTemplate:
    """The registration that the grant *row* needs, and nothing else turned on.

    *audience* is the value of ``signInAudience``, *trusts* what a federated credential trusts in the words of the
    advice; where they are empty, the narrowest audience and placeholders are in.
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
            else "add the client as application user in Dataverse; no permission is needed here"
        )
    body: dict[str, Any] = {
        "displayName": name,
        "signInAudience": audience or row.audiences[0],
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
    if trusts and not _TRUST.fullmatch(trusts) and credential in ("federated", "managed_identity"):
        notes.append(f"in {credential_kind(credential).property}: {trusts}")
        if trusts.startswith("nothing"):
            credential = ""
    return RegistrationTemplate(
        name, body, credential, tuple(notes), _trust(credential, trusts, preferences.login), graph_of(preferences.login)
    )


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


def render_az(template: RegistrationTemplate) -> str:
    """Azure CLI. ``az rest`` takes the body whole: ``az ad app create`` has no option for spa."""
    lines = ["#!/bin/sh", f"# {_comment(template.name)}", "set -eu", *_notes(template, "#")]
    lines += [
        f"APP_ID=$(az rest --method POST --url {template.graph}/v1.0/applications \\",
        f"  --query appId --output tsv --body {for_shell(json.dumps(template.body))})",
        'az ad sp create --id "$APP_ID"',
    ]
    lines += _az_credential(template)
    lines.append("printf 'client id: %s\\n' \"$APP_ID\"")
    return "\n".join(lines) + "\n"


def _az_credential(template: RegistrationTemplate) -> Iterator[str]:
    credential = template.credential
    if credential == "certificate":
        yield ': "${CERT:?the certificate, a PEM file without the private key}"'
        yield 'az ad app credential reset --id "$APP_ID" --append --cert "@$CERT"'
    elif credential in ("federated", "managed_identity"):
        yield f"# {_FILL_IN}"
        trust = for_shell(json.dumps(_federated(template.trust)))
        yield f'az ad app federated-credential create --id "$APP_ID" --parameters {trust}'
    elif credential == "secret":
        yield "# Prints the secret once: put it into a vault."
        yield (
            'az ad app credential reset --id "$APP_ID" --append --display-name first --end-date "$(date -u -d '
            "'+180 days' +%Y-%m-%d)\""
        )


def _federated(trust: Trust) -> dict[str, Any]:
    return {"name": "workload", "issuer": trust.issuer, "subject": trust.subject, "audiences": [trust.audience]}


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
            "# Prints the secret once: put it into a vault.",
            "$secret = @{ displayName = 'first'; endDateTime = (Get-Date).AddDays(180) }",
            "(Add-MgApplicationPassword -ApplicationId $app.id -PasswordCredential $secret).SecretText",
        ]
    return "\n".join((*lines, '"client id: $($app.appId)"')) + "\n"


def render_terraform(template: RegistrationTemplate) -> str:
    """Terraform, provider hashicorp/azuread."""
    body, name = template.body, _identifier(template.name, "_")
    lock = "# Set servicePrincipalLockConfiguration (isEnabled, allProperties) too: this file does not."
    lines = [*_notes(template, "#"), lock, f'resource "azuread_application" "{name}" {{']
    lines += [
        f"  display_name                   = {_hcl(body['displayName'])}",
        f"  sign_in_audience               = {_hcl(body['signInAudience'])}",
        f"  fallback_public_client_enabled = {_hcl(body['isFallbackPublicClient'])}",
        "",
        "  web {",
        *(f"    redirect_uris = {_hcl(body['web']['redirectUris'])}" for _ in body["web"]["redirectUris"][:1]),
        "    implicit_grant {",
        "      access_token_issuance_enabled = "
        f"{_hcl(body['web']['implicitGrantSettings']['enableAccessTokenIssuance'])}",
        f"      id_token_issuance_enabled     = {_hcl(body['web']['implicitGrantSettings']['enableIdTokenIssuance'])}",
        "    }",
        "  }",
    ]
    for block, part in (("single_page_application", "spa"), ("public_client", "publicClient")):
        if body[part]["redirectUris"]:
            lines += ["", f"  {block} {{", f"    redirect_uris = {_hcl(body[part]['redirectUris'])}", "  }"]
    lines += ["", "  api {", "    requested_access_token_version = 2", "  }"]
    for access in body["requiredResourceAccess"]:
        lines += ["", "  required_resource_access {", f"    resource_app_id = {_hcl(access['resourceAppId'])}"]
        for item in access["resourceAccess"]:
            lines += [
                "",
                "    resource_access {",
                f"      id   = {_hcl(item['id'])}",
                f"      type = {_hcl(item['type'])}",
                "    }",
            ]
        lines.append("  }")
    lines += [
        "}",
        "",
        f'resource "azuread_service_principal" "{name}" {{',
        f"  client_id = azuread_application.{name}.client_id",
        "}",
    ]
    return "\n".join((*lines, *_terraform_credential(template, name))) + "\n"


def _terraform_credential(template: RegistrationTemplate, name: str) -> Iterator[str]:
    credential, trust = template.credential, template.trust
    head = f"  application_id = azuread_application.{name}.id"
    if credential == "certificate":
        yield from ("", f'resource "azuread_application_certificate" "{name}" {{', head)
        yield from ('  type           = "AsymmetricX509Cert"', '  value          = file("certificate.pem")', "}")
    elif credential in ("federated", "managed_identity"):
        yield from ("", f"# {_FILL_IN}")
        yield from (f'resource "azuread_application_federated_identity_credential" "{name}" {{', head)
        yield from ('  display_name   = "workload"', f"  issuer         = {_hcl(trust.issuer)}")
        yield from (f"  subject        = {_hcl(trust.subject)}", f"  audiences      = {_hcl([trust.audience])}", "}")
    elif credential == "secret":
        yield from ("", "# The secret is in the state: protect it, or use a certificate.")
        yield from (
            f'resource "azuread_application_password" "{name}" {{',
            head,
            '  end_date       = timeadd(plantimestamp(), "4320h")',
            "}",
        )


def render_bicep(template: RegistrationTemplate) -> str:
    """Bicep with the Microsoft Graph extension (named microsoftGraphV1 in bicepconfig.json)."""
    body = {"uniqueName": _identifier(template.name, "-"), **template.body}
    lines = [*_notes(template, "//"), "extension microsoftGraphV1", ""]
    lines.append(f"resource app 'Microsoft.Graph/applications@v1.0' = {_bicep(body, '')}")
    lines += ["", "resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {", "  appId: app.appId", "}"]
    if template.credential in ("federated", "managed_identity"):
        trust = {
            "name": "${app.uniqueName}/workload",
            **{key: value for key, value in _federated(template.trust).items() if key != "name"},
        }
        lines += ["", f"// {_FILL_IN}"]
        lines.append(
            f"resource trust 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {_bicep(trust, '')}"
        )
    elif template.credential:
        lines += ["", f"// The {template.credential} is added afterwards: Bicep cannot keep it."]
    return "\n".join((*lines, "", "output clientId string = app.appId")) + "\n"


def _bicep(value: Any, indent: str) -> str:
    """A value as Bicep writes it: properties without commas, texts in single quotes."""
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{inner}{key}: {_bicep(item, inner)}" for key, item in value.items()]
        return "{\n" + "\n".join(rows) + f"\n{indent}}}" if rows else "{}"
    if isinstance(value, list):
        rows = [f"{inner}{_bicep(item, inner)}" for item in value]
        return "[\n" + "\n".join(rows) + f"\n{indent}]" if rows else "[]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = re.sub(r"[\x00-\x1f\x7f]", " ", str(value)).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'" if text.startswith("${app.") else "'" + text.replace("${", "\\${") + "'"


def _ps(text: str) -> str:
    """A text as PowerShell writes it literally."""
    return "'" + text.replace("'", "''") + "'"


def _hcl(value: Any) -> str:
    """A value as Terraform writes it: as JSON, with templates turned off."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")


def _identifier(name: str, joint: str) -> str:
    """A name for Terraform or Bicep from one for people."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    made = joint.join(words)[:60]
    return made if made[:1].isalpha() else f"app{joint}{made}".rstrip(joint)


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)


def _notes(template: RegistrationTemplate, mark: str) -> list[str]:
    return [f"{mark} {note}" for note in template.notes]


RENDERERS: Final = {
    "graph-json": render_graph_json,
    "az": render_az,
    "powershell": render_powershell,
    "terraform": render_terraform,
    "bicep": render_bicep,
}
