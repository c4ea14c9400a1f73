"""Resources of the provider msgraph: a body in Graph's own words behind a URL."""

import json
from collections.abc import Callable

import pytest

from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]

APP = """
resource "msgraph_resource" "a" {
  url = "applications"
  body = {
    displayName            = "A"
    web                    = { redirectUris = ["http://a/", var.more] }
    "owners@odata.bind"    = ["https://graph.microsoft.com/v1.0/users/x"]
  }
}
resource "msgraph_resource" "ci" {
  url = "applications/${msgraph_resource.a.id}/federatedIdentityCredentials"
  body = {
    name      = "ci"
    issuer    = "https://issuer/"
    subject   = "s"
    audiences = ["api://AzureADTokenExchange"]
  }
}
resource "msgraph_resource" "group" {
  url  = "groups"
  body = { displayName = "G" }
}
"""


def test_an_application_and_its_credential_are_one_registration(reads: Reads) -> None:
    reading = reads({"main.tf": APP})
    (subject,) = reading.subjects
    assert subject.key == "msgraph_resource.a"
    assert subject.app.display_name == "A"
    assert subject.app.web.redirect_uris[0] == "http://a/"
    assert "/web/redirectUris/1" in subject.app.unread
    assert [one.subject for one in subject.app.federated_identity_credentials] == ["s"]
    origin = reading.locate(subject.key, "/web/redirectUris/0")
    assert (origin.line, origin.property) == (6, "msgraph_resource.a.body.web.redirectUris[0]")
    assert reading.locate(subject.key, "/federatedIdentityCredentials/0/issuer").line == 14


@pytest.mark.parametrize("url", ["applications/${azuread_application.a.object_id}", "applications/${local.id}"])
def test_an_update_changes_the_application_that_its_url_names(reads: Reads, url: str) -> None:
    text = f"""
locals {{
  id = azuread_application.a.object_id
}}
resource "azuread_application" "a" {{
  display_name = "A"
  web {{
    redirect_uris = ["https://a/"]
  }}
}}
resource "msgraph_update_resource" "a" {{
  url  = "{url}"
  body = {{
    web = {{ logoutUrl = "http://a/out" }}
  }}
}}
"""
    reading = reads({"main.tf": text})
    (subject,) = reading.subjects
    assert subject.app.web.redirect_uris == ("https://a/",)
    assert subject.app.web.logout_url == "http://a/out"


def test_a_plan_says_the_same(reads: Reads) -> None:
    app = {"url": "applications", "body": {"displayName": "A", "web": {"redirectUris": ["http://a/"]}}}
    credential = {"body": {"name": "ci", "issuer": "https://issuer/", "subject": "s", "audiences": ["x"]}}
    changes = [
        change("a", app, {"id": True}),
        change("ci", credential, {"url": True}),
        change("group", {"url": "groups", "body": {"displayName": "G"}}, {}),
    ]
    reference = {"url": {"references": ["msgraph_resource.a.id", "msgraph_resource.a"]}}
    configured = [{"mode": "managed", "type": "msgraph_resource", "name": "ci", "expressions": reference}]
    plan = {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }
    (subject,) = reads({"plan.json": json.dumps(plan, indent=1)}).subjects
    assert subject.app.web.redirect_uris == ("http://a/",)
    assert [one.subject for one in subject.app.federated_identity_credentials] == ["s"]


def change(name: str, after: dict[str, object], unknown: dict[str, object]) -> dict[str, object]:
    return {
        "address": f"msgraph_resource.{name}",
        "mode": "managed",
        "type": "msgraph_resource",
        "name": name,
        "change": {"actions": ["create"], "after": after, "after_unknown": unknown},
    }


def test_what_is_no_application_is_none(reads: Reads) -> None:
    (problem,) = reads({"main.tf": 'resource "msgraph_resource" "g" {\n  url = "groups"\n  body = {}\n}'}).problems
    assert problem.what == "declares no registration"
