"""``.tf`` files: a registration that is made of several resources, and values that others may change."""

import pytest
from msgspec import UNSET

from rules.model.fragments import SELF_SIGNED
from tests.advisor.sources.terraform.written import Reads, app, tf, where

SPLIT = """
resource "azuread_application_registration" "r" {
  display_name                       = "R"
  implicit_access_token_issuance_enabled = true
}
resource "azuread_application_redirect_uris" "r" {
  application_id = azuread_application_registration.r.id
  type           = "SPA"
  redirect_uris  = ["https://spa/"]
}
resource "azuread_application_identifier_uri" "r" {
  application_id = azuread_application_registration.r.id
  identifier_uri = "https://api.contoso.com"
}
resource "azuread_application_password" "r" {
  application_id = "${azuread_application_registration.r.id}"
  end_date       = "2030-01-01T00:00:00Z"
}
resource "azuread_application_certificate" "r" {
  application_id = azuread_application_registration.r.id
  type           = "AsymmetricX509Cert"
  value          = file("cert.pem")
  end_date       = "2027-01-01T00:00:00Z"
}
resource "azuread_application_federated_identity_credential" "r" {
  application_id = azuread_application_registration.r.id
  display_name   = "ci"
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:contoso/app:*"
}
resource "azuread_application_api_access" "r" {
  application_id = azuread_application_registration.r.id
  api_client_id  = "00000003-0000-0000-c000-000000000000"
  role_ids       = ["df021288-bdef-4463-88db-98f22de89214"]
  scope_ids      = ["e1fe6dd8-ba31-4d61-89e7-88639da4683d"]
}
resource "azuread_application_owner" "r" {
  application_id  = azuread_application_registration.r.id
  owner_object_id = data.azuread_client_config.current.object_id
}
resource "azuread_application_permission_scope" "r" {
  application_id             = azuread_application_registration.r.id
  scope_id                   = "66666666-6666-4666-8666-666666666661"
  value                      = "read"
  admin_consent_description  = "Read"
  admin_consent_display_name = "Read"
}
resource "azuread_application_app_role" "r" {
  application_id       = azuread_application_registration.r.id
  role_id              = "66666666-6666-4666-8666-666666666662"
  allowed_member_types = ["Application"]
  display_name         = "Do"
  description          = "Do"
  value                = "do"
}
resource "azuread_application_pre_authorized" "r" {
  application_id       = azuread_application_registration.r.id
  authorized_client_id = "99999999-9999-4999-8999-999999999999"
  permission_ids       = ["66666666-6666-4666-8666-666666666661"]
}
resource "azuread_application_known_clients" "r" {
  application_id   = azuread_application_registration.r.id
  known_client_ids = ["99999999-9999-4999-8999-999999999999"]
}
resource "azuread_application_fallback_public_client" "r" {
  application_id = azuread_application_registration.r.id
  enabled        = true
}
resource "azuread_application_optional_claims" "r" {
  application_id = azuread_application_registration.r.id
  id_token {
    name = "email"
  }
}
"""


def test_split_resources_become_one_registration(reads: Reads) -> None:
    reading = reads({"infra/main.tf": SPLIT})
    (subject,) = reading.subjects
    one = subject.app
    assert subject.key == "infra/azuread_application_registration.r"
    assert one.web.implicit_grant_settings.enable_access_token_issuance is True
    assert one.spa.redirect_uris == ("https://spa/",)
    assert one.identifier_uris == ("https://api.contoso.com",)
    assert [credential.end_date_time for credential in one.password_credentials] == ["2030-01-01T00:00:00Z"]
    assert one.key_credentials[0].usage == "Verify"
    assert one.federated_identity_credentials[0].subject == "repo:contoso/app:*"
    assert [(access.id[:2], access.type) for access in one.required_resource_access[0].resource_access] == [
        ("df", "Role"),
        ("e1", "Scope"),
    ]
    assert len(one.owners) == 1
    assert one.api.oauth2_permission_scopes[0].value == "read"
    assert one.app_roles[0].allowed_member_types == ("Application",)
    assert one.api.pre_authorized_applications[0].app_id == "99999999-9999-4999-8999-999999999999"
    assert one.api.known_client_applications == ("99999999-9999-4999-8999-999999999999",)
    assert one.is_fallback_public_client is True
    assert [claim.name for claim in one.optional_claims.id_token] == ["email"]
    assert one.api.requested_access_token_version == 2
    place = where(reading, "/federatedIdentityCredentials/0/subject", subject.key)
    assert place == ("infra/main.tf", 30, "azuread_application_federated_identity_credential.r.subject")


def test_a_piece_of_an_application_that_is_made_elsewhere_is_checked_alone(reads: Reads) -> None:
    text = """
resource "azuread_application_password" "p" {
  application_id = data.azuread_application.other.id
  end_date       = "2099-01-01T00:00:00Z"
}
"""
    (subject,) = reads({"main.tf": text}).subjects
    assert subject.key == "azuread_application_password.p"
    assert subject.app.password_credentials[0].end_date_time == "2099-01-01T00:00:00Z"
    assert not subject.app.web


def test_the_names_of_versions_0_and_1_are_understood(reads: Reads) -> None:
    text = """
resource "azuread_application" "a" {
  name                       = "Old"
  homepage                   = "https://old"
  reply_urls                 = ["http://old/cb"]
  available_to_other_tenants = true
  oauth2_allow_implicit_flow = true
  public_client              = false
  type                       = "webapp/api"
  oauth2_permissions {
    is_enabled = true
    value      = "user_impersonation"
  }
}
"""
    reading = reads({"main.tf": text})
    registration = app(reading)
    assert registration.display_name == "Old"
    assert registration.sign_in_audience == "AzureADMultipleOrgs"
    assert registration.web.redirect_uris == ("http://old/cb",)
    assert registration.web.implicit_grant_settings.enable_access_token_issuance is True
    assert not registration.web.implicit_grant_settings.enable_id_token_issuance
    assert registration.api.oauth2_permission_scopes[0].value == "user_impersonation"
    assert not registration.api.requested_access_token_version, "what version 1 left to Azure AD is not known"
    assert where(reading, "/web/redirectUris/0")[1:] == (5, "azuread_application.a.reply_urls[0]")


def test_what_others_may_change_is_not_known(reads: Reads) -> None:
    registration = app(reads({"main.tf": tf("  lifecycle {\n    ignore_changes = [identifier_uris, owners]\n  }")}))
    assert registration.unread["/identifierUris"].reason == "not-in-file"
    assert registration.unread["/owners"].reason == "not-in-file"
    assert registration.web.redirect_uris == ()


OTHER = "11111111-1111-4111-8111-111111111119"
PERMISSIONS = """
data "azuread_application_published_app_ids" "known" {}
data "azuread_service_principal" "graph" {
  client_id = data.azuread_application_published_app_ids.known.result.MicrosoftGraph
}
resource "azuread_service_principal" "exchange" {
  client_id    = data.azuread_application_published_app_ids.known.result["Office365ExchangeOnline"]
  use_existing = true
}
data "azuread_service_principal" "by_name" {
  display_name = "Microsoft Graph"
}
data "azuread_service_principal" "somebody" {
  client_id = var.somebody
}
"""


@pytest.mark.parametrize(
    ("expression", "id"),
    [
        ('data.azuread_service_principal.graph.app_role_ids["Mail.Read"]', "810c84a8-4a9e-49e6-bf7d-12d183f40d01"),
        (
            'data.azuread_service_principal.graph.oauth2_permission_scope_ids["Mail.Read"]',
            "570282fd-fa5c-430d-a7fd-fc8dc98a9dca",
        ),
        (
            'azuread_service_principal.exchange.app_role_ids["full_access_as_app"]',
            "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
        ),
        ("data.azuread_service_principal.graph.client_id", "00000003-0000-0000-c000-000000000000"),
        # Anybody may call an application of his own Microsoft Graph.
        ('data.azuread_service_principal.by_name.app_role_ids["Mail.Read"]', None),
        ('data.azuread_service_principal.graph.app_role_ids["No.Such"]', None),
        # Some of what Microsoft Graph offers is known, not all of it.
        (f'lookup(data.azuread_service_principal.graph.app_role_ids, "No.Such", "{OTHER}")', None),
        (
            f'lookup(merge({{ "No.Such" = "{OTHER}" }}, data.azuread_service_principal.graph.app_role_ids), "No.Such", '
            '"")',
            None,
        ),
        ("[for id in data.azuread_service_principal.graph.app_role_ids : id][0]", None),
        ("flatten([for id in data.azuread_service_principal.graph.app_role_ids : id])[0]", None),
        ('data.azuread_service_principal.somebody.app_role_ids["Mail.Read"]', None),
        ("data.azuread_application_published_app_ids.known.result.NoSuch", None),
        ("azuread_service_principal.exchange.object_id", None),
    ],
)
def test_ids_that_are_the_same_everywhere_are_known_by_their_names(
    reads: Reads, expression: str, id: str | None
) -> None:
    inside = (
        f'  required_resource_access {{\n    resource_access {{\n      id   = {expression}\n      type = "Role"\n'
        f"    }}\n  }}"
    )
    reading = reads({"main.tf": tf(inside, PERMISSIONS)})
    (access,) = app(reading).required_resource_access[0].resource_access
    if id is None:
        assert "/requiredResourceAccess/0/resourceAccess/0/id" in app(reading).unread
    else:
        assert access.id == id
        assert where(reading, "/requiredResourceAccess/0/resourceAccess/0/id")[:2] == ("main.tf", 5)


def test_redirect_uris_of_a_platform_that_is_not_known_are_on_none(reads: Reads) -> None:
    more = """
resource "azuread_application_redirect_uris" "r" {
  application_id = azuread_application.a.id
  type           = var.type
  redirect_uris  = ["http://a/"]
}
resource "azuread_application_redirect_uris" "w" {
  application_id = azuread_application.a.id
  type           = "Web"
  redirect_uris  = ["https://w/"]
}
"""
    registration = app(reads({"main.tf": tf("", more)}))
    assert "https://w/" in registration.web.redirect_uris
    assert not registration.spa.redirect_uris
    assert {"/spa/redirectUris", "/publicClient/redirectUris"} <= registration.unread.keys()


def test_where_everything_is_left_to_others_nothing_is_absent(reads: Reads) -> None:
    registration = app(reads({"main.tf": tf("  lifecycle {\n    ignore_changes = all\n  }")}))
    assert {"/owners", "/web/redirectUris", "/signInAudience"} <= registration.unread.keys()
    assert registration.display_name is UNSET


@pytest.mark.parametrize("line", ["count = var.create ? 1 : 0", "for_each = var.apps"])
def test_what_may_not_be_there_at_all_is_checked_and_called_conditional(reads: Reads, line: str) -> None:
    reading = reads({"main.tf": tf(f"  {line}")})
    assert [reading.row(subject.key).format for subject in reading.subjects] == ["Terraform configuration, conditional"]


@pytest.mark.parametrize(("value", "is_read"), [(f'"{SELF_SIGNED}"', True), ('file("cert.pem")', False)])
def test_a_certificate_is_read_where_the_configuration_contains_it(reads: Reads, value: str, is_read: bool) -> None:
    (subject,) = reads({"main.tf": SPLIT.replace('file("cert.pem")', value)}).subjects
    found = subject.app
    (key,) = found.key_credentials
    assert bool(key.certificate) is is_read
    assert not any(place.startswith("/keyCredentials/0/key") for place in found.unread)


def test_what_a_piece_leaves_to_others_is_not_known_but_a_secret_cannot_change(reads: Reads) -> None:
    ignored = "  lifecycle {{\n    ignore_changes = [{}]\n  }}\n}}\n"
    text = (
        'resource "azuread_application_registration" "r" {\n  display_name = "R"\n}\n'
        'resource "azuread_application_redirect_uris" "r" {\n  application_id = azuread_application_registration.r.id\n'
        '  type = "SPA"\n  redirect_uris = ["http://spa/"]\n' + ignored.format("redirect_uris") +
        'resource "azuread_application_password" "r" {\n  application_id = azuread_application_registration.r.id\n'
        '  end_date_relative = "87600h"\n' + ignored.format("end_date_relative")
    )  # fmt: skip
    registration = app(reads({"main.tf": text}), "azuread_application_registration.r")
    assert "/spa/redirectUris" in registration.unread
    assert [one.lifetime_days for one in registration.password_credentials] == [3650]
