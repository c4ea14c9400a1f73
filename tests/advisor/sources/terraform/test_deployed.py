"""What a deployment really changes: lifetimes, parts that are overwritten, owners by default, consent and roles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from tests.advisor.sources.terraform.written import Reads, app, tf, where


@pytest.mark.parametrize(
    ("end", "days"),
    [
        ("", 730),
        ('end_date_relative = "87600h"', 3650),
        ('end_date = timeadd(timestamp(), "8760h")', 365),
        ("end_date = time_rotating.r.rotation_rfc3339", 50 * 365),
        ("end_date = time_offset.o.rfc3339", 90),
    ],
)
def test_a_secret_has_a_lifetime_before_it_has_dates(reads: Reads, end: str, days: int) -> None:
    more = f"""
resource "time_rotating" "r" {{
  rotation_years = 50
}}
resource "time_offset" "o" {{
  offset_days = 90
}}
resource "azuread_application_password" "p" {{
  application_id = azuread_application.a.id
  {end}
}}
"""
    (secret,) = app(reads({"main.tf": tf("", more)})).password_credentials
    assert secret.lifetime_days == days
    assert secret.end_date_time is UNSET


def test_the_end_of_a_secret_that_a_variable_decides_is_not_known(reads: Reads) -> None:
    more = """
resource "azuread_application_password" "p" {
  application_id = azuread_application.a.id
  end_date       = var.e
}
"""
    registration = app(reads({"main.tf": tf("", more)}))
    assert registration.password_credentials[0].lifetime_days is UNSET
    assert "/passwordCredentials/0/endDateTime" in registration.unread


REDIRECTS = """
resource "azuread_application_redirect_uris" "r" {
  application_id = azuread_application.a.id
  type           = "Web"
  redirect_uris  = ["https://a/cb"]
}
"""
ACCESS = 'resource "azuread_application_api_access" "r" {\n  application_id = azuread_application.a.id\n}\n'


@pytest.mark.parametrize(
    ("inside", "piece", "overwritten"),
    [
        ("", REDIRECTS, ("azuread_application_redirect_uris.r",)),
        ("", ACCESS, ("azuread_application_api_access.r",)),
        ("  lifecycle {\n    ignore_changes = [required_resource_access]\n  }", ACCESS, None),
        ("  lifecycle {\n    ignore_changes = [web]\n  }", REDIRECTS, ("azuread_application_redirect_uris.r",)),
    ],
)
def test_a_part_that_the_application_overwrites_is_named(
    reads: Reads, inside: str, piece: str, overwritten: tuple[str, ...] | None
) -> None:
    assert app(reads({"main.tf": tf(inside, piece)})).overwritten_resources == overwritten


def test_a_registration_in_pieces_overwrites_nothing(reads: Reads) -> None:
    text = (tf("") + REDIRECTS).replace("azuread_application.a", "azuread_application_registration.a")
    text = text.replace('"azuread_application" "a"', '"azuread_application_registration" "a"')
    assert app(reads({"main.tf": text}), "azuread_application_registration.a").overwritten_resources is None


@pytest.mark.parametrize(
    ("constraint", "is_known"),
    [
        ("~> 1.6", False),
        ("1.6.0", False),
        ("= 0.11.0", False),
        (">= 1.0, < 2.0", False),
        ("~> 3.0", True),
        (">= 1.0", True),
    ],
)
def test_old_versions_of_the_provider_make_the_caller_the_owner(reads: Reads, constraint: str, is_known: bool) -> None:
    versions = f"""
terraform {{
  required_providers {{
    azuread = {{
      source  = "hashicorp/azuread"
      version = "{constraint}"
    }}
  }}
}}
"""
    registration = app(reads({"main.tf": tf("", versions)}))
    assert (registration.owners == ()) is is_known
    assert ("/owners" in registration.unread) is not is_known


@pytest.mark.parametrize("ignored", ["web[0].redirect_uris", "web", "all"])
def test_what_ignore_changes_names_may_be_something_else_today(reads: Reads, ignored: str) -> None:
    inside = '  web {\n    redirect_uris = ["https://a/cb"]\n    homepage_url = "https://a"\n  }\n'
    inside += f"  lifecycle {{\n    ignore_changes = [{ignored}]\n  }}"
    registration = app(reads({"main.tf": tf(inside)}))
    assert any(pointer in registration.unread for pointer in ("/web", "/web/redirectUris"))
    if ignored.startswith("web["):
        assert registration.web.home_page_url == "https://a"


CONSENT = """
data "azuread_application_published_app_ids" "known" {}
resource "azuread_service_principal" "graph" {
  client_id    = data.azuread_application_published_app_ids.known.result.MicrosoftGraph
  use_existing = true
}
resource "azuread_service_principal" "a" {
  client_id = azuread_application.a.client_id
}
resource "azuread_app_role_assignment" "all" {
  app_role_id         = azuread_service_principal.graph.app_role_ids["Application.ReadWrite.All"]
  principal_object_id = azuread_service_principal.a.object_id
  resource_object_id  = azuread_service_principal.graph.object_id
}
resource "azuread_service_principal_delegated_permission_grant" "all" {
  service_principal_object_id          = azuread_service_principal.a.object_id
  resource_service_principal_object_id = azuread_service_principal.graph.object_id
  claim_values                         = ["Directory.AccessAsUser.All"]
}
resource "azuread_directory_role" "admin" {
  display_name = "Global Administrator"
}
resource "azuread_directory_role_assignment" "admin" {
  role_id             = azuread_directory_role.admin.template_id
  principal_object_id = azuread_service_principal.a.object_id
}
"""


def test_consent_and_roles_are_those_of_the_application_s_service_principal(reads: Reads) -> None:
    reading = reads({"main.tf": tf("", CONSENT)})
    assert [subject.key for subject in reading.subjects] == ["azuread_application.a"]
    granted = reading.grants["azuread_application.a"]
    assert [(one.kind, one.value, one.for_all) for one in granted.granted] == [
        ("Role", "Application.ReadWrite.All", True), ("Scope", "Directory.AccessAsUser.All", True),
    ]  # fmt: skip
    assert [one.role_definition_id[:8] for one in granted.role_assignments] == ["62e90394"]
    assert where(reading, "/appRoleAssignments/0")[:2] == ("main.tf", 14)


def test_the_rules_for_a_tenant_check_them(folder: Path, grantlint: Callable[..., Any]) -> None:
    (folder / "main.tf").write_text(tf("", CONSENT), "utf-8")
    shown = grantlint("lint", "main.tf").out
    for rule in ("granted-application-permission", "granted-delegated-permission", "application-with-directory-role"):
        assert rule in shown


@pytest.mark.parametrize(("more", "needs_owner"), [("", True), (CONSENT, False)])
def test_an_application_with_power_needs_no_owner(
    folder: Path, grantlint: Callable[..., Any], more: str, needs_owner: bool
) -> None:
    (folder / "main.tf").write_text(tf("  owners = []", more), "utf-8")
    assert ("no-owner" in grantlint("lint", "main.tf").out) is needs_owner


def test_what_a_managed_identity_is_granted_is_checked_without_a_registration(
    folder: Path, grantlint: Callable[..., Any]
) -> None:
    text = CONSENT[: CONSENT.index('resource "azuread_service_principal" "a"')]
    text += """
resource "azuread_app_role_assignment" "identity" {
  app_role_id         = azuread_service_principal.graph.app_role_ids["Application.ReadWrite.All"]
  principal_object_id = azurerm_user_assigned_identity.i.principal_id
  resource_object_id  = azuread_service_principal.graph.object_id
}
"""
    (folder / "main.tf").write_text(text, "utf-8")
    shown = grantlint("lint", "main.tf").out
    assert "granted-application-permission" in shown


def test_a_federated_credential_of_a_managed_identity_is_checked(folder: Path, grantlint: Callable[..., Any]) -> None:
    text = """
resource "azurerm_federated_identity_credential" "pr" {
  name      = "pr"
  audience  = ["api://AzureADTokenExchange"]
  issuer    = "https://token.actions.githubusercontent.com"
  parent_id = azurerm_user_assigned_identity.ci.id
  subject   = "repo:contoso/shop:pull_request"
}
"""
    (folder / "main.tf").write_text(text, "utf-8")
    assert "federated-pull-request" in grantlint("lint", "main.tf").out
