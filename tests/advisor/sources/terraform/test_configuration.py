"""``.tf`` files: what is literal is known with file and line, everything else is not known yet."""

from collections.abc import Callable

import pytest

from advisor.sources.reading import Reading

Reads = Callable[..., Reading]


def app(reading: Reading, key: str = "azuread_application.a") -> object:
    return next(subject.app for subject in reading.subjects if subject.key == key)


def where(reading: Reading, pointer: str, key: str = "azuread_application.a") -> tuple[str | None, int | None, str]:
    origin = reading.locate(key, pointer)
    return origin.file, origin.line, origin.property


def tf(inside: str, more: str = "") -> str:
    return f'resource "azuread_application" "a" {{\n  display_name = "A"\n{inside}\n}}\n{more}'


def test_a_literal_value_is_known_with_its_line_and_the_resource_s_address(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  web {\n    redirect_uris = ["https://a/1",\n      "http://a/2"]\n  }')})
    assert app(reading).web.redirect_uris == ("https://a/1", "http://a/2")
    assert where(reading, "/web/redirectUris/1") == ("main.tf", 5, "azuread_application.a.web.redirect_uris[1]")
    assert reading.row("azuread_application.a").format == "Terraform configuration"


def test_what_is_not_written_has_the_provider_s_default_and_is_shown_at_the_resource(reads: Reads) -> None:
    reading = reads({"main.tf": tf("")})
    registration = app(reading)
    assert registration.api.requested_access_token_version == 1
    assert registration.sign_in_audience == "AzureADMyOrg"
    assert registration.web.redirect_uris == registration.owners == registration.password_credentials == ()
    assert where(reading, "/signInAudience") == ("main.tf", 1, "azuread_application.a.sign_in_audience")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("var.uris", ("https://default",)),
        ("local.both", ("https://local", "https://default")),
        ('concat(local.both, ["https://x"])', ("https://local", "https://default", "https://x")),
        ('toset(["a", "a", "b"])', ("a", "b")),
        ('["https://${local.host}/cb"]', ("https://h.example/cb",)),
        ("var.multi ? [] : var.uris", ("https://default",)),
        ('[lower("HTTPS://A"), format("https://%s/cb", local.host)]', ("https://a", "https://h.example/cb")),
        ('compact(["", "a"])', ("a",)),
        ("flatten([[local.host], var.uris])", ("h.example", "https://default")),
        ('local.map["k"].uris', ("https://m",)),
        ("local.map.k.uris", ("https://m",)),
        ("azuread_application.b.identifier_uris", ("api://b",)),
        ('[for h in ["a", "b"] : "https://${h}/cb"]', ("https://a/cb", "https://b/cb")),
        ('[for k, v in local.map : "${k}:${v.uris[0]}"]', ("k:https://m",)),
        ('[for u in ["a", "b"] : u if u != "b"]', ("a",)),
        ('{ for h in ["a", "b"] : h => ["https://${h}"] if h != "a" }["b"]', ("https://b",)),
        ('[join("-", ["a", "b"]), replace("a.b", ".", "-")]', ("a-b", "a-b")),
        ('merge(local.map, { z = { uris = ["https://z"] } }).z.uris', ("https://z",)),
        ('lookup(local.map, "nobody", { uris = ["https://d"] }).uris', ("https://d",)),
        ("try(local.map.k.uris, [])", ("https://m",)),
    ],
)
def test_variables_locals_and_simple_references_are_resolved(
    reads: Reads, expression: str, value: tuple[str, ...]
) -> None:
    more = """
variable "uris" { default = ["https://default"] }
variable "multi" {
  type    = bool
  default = false
}
locals {
  host = "h.example"
  both = concat(["https://local"], var.uris)
  map  = { k = { uris = ["https://m"] } }
}
resource "azuread_application" "b" {
  display_name    = "B"
  identifier_uris = ["api://b"]
}
"""
    reading = reads({"main.tf": tf(f"  web {{\n redirect_uris = {expression}\n }}"), "more.tf": more}, "main.tf")
    assert app(reading).web.redirect_uris == value
    assert len(reading.subjects) == 1


def test_a_value_that_is_resolved_stands_where_it_is_written(reads: Reads) -> None:
    files = {
        "main.tf": tf("  web {\n    redirect_uris = var.uris\n  }"),
        "variables.tf": 'variable "uris" {\n  default = [\n    "http://a",\n  ]\n}\n',
    }
    reading = reads(files, "main.tf")
    expected = ("variables.tf", 3, "azuread_application.a.web.redirect_uris[0]")
    assert where(reading, "/web/redirectUris/0") == expected


def test_values_for_variables_come_from_tfvars_and_those_that_are_named(reads: Reads) -> None:
    variable = 'variable "audience" { default = "AzureADMyOrg" }\n'
    main = tf("  sign_in_audience = var.audience", variable)
    given = {"terraform.tfvars": 'audience = "AzureADMultipleOrgs"\n'}
    named = {"prod.tfvars": 'audience = "PersonalMicrosoftAccount"\n'}
    assert app(reads({"main.tf": main}, "main.tf")).sign_in_audience == "AzureADMyOrg"
    assert app(reads({"main.tf": main, **given}, "main.tf")).sign_in_audience == "AzureADMultipleOrgs"
    files = {"main.tf": main, **given, **named}
    assert app(reads(files, "main.tf", "prod.tfvars")).sign_in_audience == "PersonalMicrosoftAccount"


@pytest.mark.parametrize(
    "expression",
    [
        "var.nobody_gave_it", "try(var.x, [])", "jsondecode(base64decode(var.x)).uris", "[for u in var.l : u.uri]",
        "data.azuread_application.x.web[0].redirect_uris", '[for u in ["a"] : u if u != var.x]', '{ for u in var.l : u => u }["a"]', "module.elsewhere.uris", "azurerm_thing.t.*.uri",
        "local.around", "var.x ? [] : []", "unknown_function(1)",
    ],
)  # fmt: skip
def test_everything_else_is_not_known_yet(reads: Reads, expression: str) -> None:
    more = "locals {\n around = local.and_around\n and_around = local.around\n}\n"
    reading = reads({"main.tf": tf(f"  web {{\n redirect_uris = {expression}\n }}", more)})
    assert reading.problems == ()
    registration = app(reading)
    assert registration.web.redirect_uris is not None
    assert registration.unread["/web/redirectUris"].reason in ("placeholder", "unknown-until-apply")
    assert "terraform show -json" in registration.unread["/web/redirectUris"].remedy


def test_one_element_that_is_not_known_does_not_hide_the_others(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  identifier_uris = concat(["api://a", "https://${var.host}"], var.more)')})
    registration = app(reading)
    assert registration.identifier_uris[0] == "api://a"
    assert set(registration.unread) >= {"/identifierUris/1", "/identifierUris/2"}
    assert "/identifierUris/0" not in registration.unread


def test_count_and_for_each_make_an_application_each(reads: Reads) -> None:
    text = """
resource "azuread_application" "many" {
  for_each     = { web = "https://w/", api = "https://i/" }
  display_name = "App ${each.key}"
  web {
    redirect_uris = [each.value]
  }
}
resource "azuread_application" "two" {
  count        = 2
  display_name = "Two ${count.index}"
}
resource "azuread_application" "none" {
  count        = 0
  display_name = "None"
}
resource "azuread_application" "who_knows" {
  for_each     = var.apps
  display_name = each.key
}
"""
    reading = reads({"main.tf": text})
    assert [(row.key, row.name) for row in map(reading.row, (subject.key for subject in reading.subjects))] == [
        ('azuread_application.many["web"]', "App web"),
        ('azuread_application.many["api"]', "App api"),
        ("azuread_application.two[0]", "Two 0"),
        ("azuread_application.two[1]", "Two 1"),
        ("azuread_application.who_knows", "azuread_application.who_knows"),
    ]


def test_a_dynamic_block_is_written_out_when_it_can_be_counted(reads: Reads) -> None:
    text = tf(
        """
  dynamic "app_role" {
    for_each = toset(["Reader", "Writer"])
    content {
      allowed_member_types = ["User"]
      display_name         = app_role.value
      description          = "May be a ${app_role.key}"
      id                   = "66666666-6666-4666-8666-666666666661"
      value                = app_role.value
    }
  }
  dynamic "required_resource_access" {
    for_each = var.apis
    content {
      resource_app_id = required_resource_access.value
    }
  }"""
    )
    registration = app(reads({"main.tf": text}))
    assert [role.value for role in registration.app_roles] == ["Reader", "Writer"]
    assert [role.is_enabled for role in registration.app_roles] == [True, True]
    assert registration.unread["/requiredResourceAccess"].note == 'dynamic "required_resource_access"'


@pytest.mark.parametrize(
    "inside",
    [
        "  web {\n    redirect_uris = concat(var.more, [])\n  }",
        "  web {\n    redirect_uris = flatten([var.more])\n  }",
        "  web {\n    redirect_uris = compact([var.more])\n  }",
        "  web {\n    redirect_uris = distinct(var.more)\n  }",
        '  dynamic "web" {\n    for_each = var.more\n    content {\n      redirect_uris = ["http://a/"]\n    }\n  }',
    ],
)
def test_a_list_that_may_be_empty_is_not_called_filled(reads: Reads, inside: str) -> None:
    registration = app(reads({"main.tf": tf(inside)}))
    assert not registration.web or not registration.web.redirect_uris
    assert {"/web", "/web/redirectUris"} & registration.unread.keys()


def test_a_list_with_something_known_in_it_is_filled_whatever_else_it_has(reads: Reads) -> None:
    registration = app(reads({"main.tf": tf('  web {\n    redirect_uris = concat(var.more, ["http://a/"])\n  }')}))
    assert registration.web.redirect_uris[1] == "http://a/"
    assert "/web/redirectUris/0" in registration.unread


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


def test_a_piece_of_an_application_that_is_made_elsewhere_is_judged_alone(reads: Reads) -> None:
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


def test_modules_of_the_same_repository_are_read_as_they_are_called(reads: Reads) -> None:
    files = {
        "infra/main.tf": """
module "portal" {
  source = "../modules/app"
  name   = "Portal"
  uris   = ["https://portal/"]
}
module "api" {
  source = "../modules/app"
  name   = "Api"
}
resource "azuread_application_federated_identity_credential" "ci" {
  application_id = module.portal.id
  display_name   = "ci"
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:a/b:*"
}
""",
        "modules/app/main.tf": """
variable "name" {}
variable "uris" { default = [] }
resource "azuread_application" "this" {
  display_name = var.name
  web {
    redirect_uris = var.uris
  }
}
output "id" { value = azuread_application.this.id }
""",
    }
    reading = reads(files, ".")
    named = {subject.key: subject.app for subject in reading.subjects}
    portal = named["infra/module.portal.azuread_application.this"]
    assert portal.display_name == "Portal"
    assert portal.federated_identity_credentials[0].subject == "repo:a/b:*"
    assert named["infra/module.api.azuread_application.this"].web.redirect_uris == ()
    assert len(named) == 2
    place = where(reading, "/web/redirectUris/0", "infra/module.portal.azuread_application.this")
    assert place[:2] == ("infra/main.tf", 5)


def test_configuration_as_json_says_the_same(reads: Reads) -> None:
    text = """{
 "resource": [{"azuread_application": {"a": {
   "display_name": "${var.name}",
   "web": {"redirect_uris": ["http://a/${local.path}"]}}}}],
 "variable": {"name": {"default": "J"}},
 "locals": {"path": "cb"}
}"""
    reading = reads({"main.tf.json": text})
    assert app(reading).display_name == "J"
    assert app(reading).web.redirect_uris == ("http://a/cb",)
    assert where(reading, "/web/redirectUris/0")[:2] == ("main.tf.json", 4)


def test_a_mistake_costs_one_line_and_the_rest_is_read(reads: Reads) -> None:
    reading = reads(
        {"main.tf": tf("  sign_in_audience = ", 'resource "azuread_application" "b" {\n'), "b.tf": ""}, "main.tf"
    )
    (problem,) = reading.problems
    assert (problem.file, problem.what) == ("main.tf", "is not Terraform's language from here on")
    assert problem.line


def test_a_comment_at_a_value_can_be_found_by_who_looks_for_suppressions(reads: Reads) -> None:
    text = tf('  notes = "x" # grantlint: ignore[no-owner] by me: because')
    assert reads({"main.tf": text}).commented() == {"main.tf": text}


def test_an_application_is_judged_whole_whichever_of_its_files_is_named(reads: Reads) -> None:
    secret = """
resource "azuread_application_password" "p" {
  application_id = azuread_application.a.id
  end_date       = "2030-01-01T00:00:00Z"
}
"""
    files = {"main.tf": tf(""), "secret.tf": secret, "other.tf": tf("").replace('"a"', '"b"')}
    for name in ("main.tf", "secret.tf"):
        reading = reads(files, name)
        assert [subject.key for subject in reading.subjects] == ["azuread_application.a"]
        assert len(app(reading).password_credentials) == 1
        assert reading.problems == ()


def test_a_name_that_is_given_twice_hides_nothing(reads: Reads) -> None:
    reading = reads({"a.tf": tf(""), "b.tf": tf('  notes = "second"')}, ".")
    assert [subject.app.notes for subject in reading.subjects] == [None, "second"]


def test_windows_line_ends_a_byte_order_mark_and_bare_labels_are_read(reads: Reads) -> None:
    text = '\ufeff# c\r\nresource azuread_application a {\r\n\tdisplay_name = "A"\r\n\tnotes = "n"\r\n}\r\n'
    reading = reads({"main.tf": text})
    assert app(reading).notes == "n"
    assert where(reading, "/notes")[1] == 4


def test_a_named_file_without_an_application_says_so(reads: Reads) -> None:
    (problem,) = reads({"main.tf": 'resource "azurerm_thing" "t" {}\n'}).problems
    assert problem.what == "declares no registration"


def test_text_beyond_ascii_does_not_move_the_places(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  notes = "Größe 😀"\n  web {\n    redirect_uris = [ "http://ä" ]\n  }')})
    origin = reading.locate("azuread_application.a", "/web/redirectUris/0")
    assert (origin.line, origin.column, origin.text[origin.text_start : origin.text_end]) == (5, 23, '"http://ä"')


def test_what_was_not_found_in_a_resource_with_a_mistake_may_be_there(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  sign_in_audience =\n  identifier_uris = ["http://a"]')})
    assert len(reading.problems) == 1
    assert app(reading).unread["/web/redirectUris"].reason == "malformed"
    assert "/owners" in app(reading).unread


def test_a_property_is_spelled_without_the_address_where_the_registration_is_named_beside_it(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  web {\n    redirect_uris = ["https://a/"]\n  }')})
    assert reading.spell("azuread_application.a", "/web/redirectUris") == "web.redirect_uris"
    assert not reading.speaks_graph("azuread_application.a")


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
            f'lookup(merge({{ "No.Such" = "{OTHER}" }}, data.azuread_service_principal.graph.app_role_ids), "No.Such", "")',
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
    inside = f'  required_resource_access {{\n    resource_access {{\n      id   = {expression}\n      type = "Role"\n    }}\n  }}'
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
    assert registration.display_name == "A"


@pytest.mark.parametrize("line", ["count = var.create ? 1 : 0", "for_each = var.apps"])
def test_what_may_not_be_there_at_all_is_judged_and_called_conditional(reads: Reads, line: str) -> None:
    reading = reads({"main.tf": tf(f"  {line}")})
    assert [reading.row(subject.key).format for subject in reading.subjects] == ["Terraform configuration, conditional"]
