"""Shapes of public modules and templates, each rebuilt in small: what is known of them, and what is not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: A module that takes everything as one untyped setting. Its values lie in a folder of examples.
SETTINGS = {
    "main.tf": """module "apps" {
  source   = "./modules/app"
  for_each = try(local.aad.applications, {})
  settings = each.value
}
variable "aad" { default = {} }
variable "applications" { default = {} }
locals { aad = merge(var.aad, { applications = try(var.aad.applications, var.applications) }) }
""",
    "modules/app/main.tf": """variable "settings" {}
resource "azuread_application" "app" {
  display_name = format("%s-app", var.settings.name)
  owners       = concat([data.azuread_client_config.c.object_id], try(var.settings.owners, []))
  dynamic "web" {
    for_each = try(var.settings.web, null) == null ? [] : [var.settings.web]
    content {
      redirect_uris = try(web.value.redirect_uris, [])
      implicit_grant { access_token_issuance_enabled = try(web.value.implicit, false) }
    }
  }
}
data "azuread_client_config" "c" {}
""",
    "examples/prod.tfvars": """applications = {
  portal = { name = "portal", web = { redirect_uris = ["http://portal.contoso.com/"], implicit = true } }
  api    = { name = "api" }
}
""",
}
#: A map of objects with optional attributes, of which some are turned off.
OPTIONAL = {
    "main.tf": """variable "apps" {
  type = map(object({
    enabled = optional(bool, true)
    uris    = optional(list(string), [])
    roles   = optional(map(object({ name = string, types = optional(list(string), ["User", "Application"]) })), {})
  }))
}
resource "azuread_application" "this" {
  for_each     = { for key, app in var.apps : key => app if app.enabled }
  display_name = each.key
  owners       = ["3b1c7e4a-0000-4000-8000-00000000a001", "3b1c7e4a-0000-4000-8000-00000000a002"]
  web { redirect_uris = each.value.uris }
  dynamic "app_role" {
    for_each = each.value.roles
    content {
      id                   = random_uuid.role["${each.key}-${app_role.key}"].result
      value                = app_role.key
      display_name         = app_role.value.name
      description          = app_role.value.name
      allowed_member_types = app_role.value.types
    }
  }
}
""",
    "prod.auto.tfvars": """apps = {
  shop = { uris = ["http://shop.contoso.com/"], roles = { Admin = { name = "Admin" } } }
  off  = { enabled = false, uris = ["http://off.contoso.com/"] }
}
""",
}
_SUBJECTS = """resource "azuread_application_federated_identity_credential" "f" {
  for_each       = local.subjects
  application_id = azuread_application_registration.deploy.id
  display_name   = each.key
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = each.value
}
resource "azuread_application_registration" "deploy" { display_name = "Deploy" }
"""
#: Credentials for each repository and environment.
PAIRS = {
    "main.tf": """locals {
  subjects = { for pair in setproduct(["web", "api"], ["dev", "prod"]) : join("-", pair) =>
    "repo:contoso/${pair[0]}:${pair[1] == "prod" ? "environment:prod" : "pull_request"}" }
}
"""
    + _SUBJECTS
}
#: Credentials of which a variable decides how many there are.
SWITCH = {
    "main.tf": """variable "pull_request" { default = true }
locals {
  subjects = { for subject in concat(
    ["repo:contoso/web:ref:refs/heads/main"],
    var.pull_request ? ["repo:contoso/web:pull_request"] : [],
  ) : subject => subject }
}
"""
    + _SUBJECTS
}
#: An app for API Management, whose callback and federated subject come from other resources.
CALLBACK = {
    "main.bicep": """resource mi 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = { name: 'mi' }
module entra 'entra.bicep' = {
  params: { callback: 'http://${uniqueString(resourceGroup().id)}.contoso.com/', principal: mi.properties.principalId }
}
""",
    "entra.bicep": """extension microsoftGraphV1
param callback string
param principal string
param implicit bool = true
resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'mcp'
  displayName: 'MCP'
  web: { redirectUris: [callback], implicitGrantSettings: { enableAccessTokenIssuance: implicit } }
  resource fic 'federatedIdentityCredentials@v1.0' = {
    name: '${app.uniqueName}/mi'
    audiences: ['api://AzureADTokenExchange']
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: principal
  }
}
""",
}


def _template(resources: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "parameters": parameters, "resources": resources}


_WEB = {
    "redirectUris": ["[parameters('uri')]"],
    "implicitGrantSettings": {"enableAccessTokenIssuance": "[parameters('implicit')]"},
}
_INNER = _template(
    {"app": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "Inner", "web": _WEB}}},
    {"uri": {"type": "string"}, "implicit": {"type": "bool", "defaultValue": True}},
)
#: What Bicep compiles a module to: a nested deployment whose parameters its caller gives.
NESTED = {
    "main.json": json.dumps(
        _template(
            {
                "m": {
                    "type": "Microsoft.Resources/deployments",
                    "properties": {
                        "expressionEvaluationOptions": {"scope": "inner"},
                        "parameters": {"uri": {"value": "http://shop.contoso.com/"}},
                        "template": _INNER,
                    },
                }
            },
            {},
        )
    )
}


@pytest.mark.parametrize(
    ("files", "arguments", "found"),
    [
        (SETTINGS, ["."], []),
        (SETTINGS, [".", "examples/prod.tfvars"], ["implicit-access-token", "plaintext-redirect-uri"]),
        (OPTIONAL, ["."], ["plaintext-redirect-uri", "role-for-users-and-applications"]),
        (PAIRS, ["."], ["federated-pull-request", "federated-pull-request"]),
        (SWITCH, ["."], []),
        (CALLBACK, ["."], ["implicit-access-token"]),
        (NESTED, ["."], ["implicit-access-token", "plaintext-redirect-uri"]),
    ],
    ids=["settings", "settings-with-values", "optional", "pairs", "switch", "callback", "nested"],
)
def test_of_a_module_what_is_decided_is_checked_and_nothing_else(
    folder: Path, grantlint: Callable, files: dict[str, str], arguments: list[str], found: list[str]
) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    run = grantlint("lint", *arguments, "--isolated", "--format", "json", "--output", "report.json")
    findings = json.loads((folder / "report.json").read_text("utf-8"))["findings"]
    above_info = sorted(one["rule"] for one in findings if one["severity"] != "info")
    assert [rule for rule in above_info if rule != "no-owner"] == found
    assert run.status == (1 if above_info else 0)
