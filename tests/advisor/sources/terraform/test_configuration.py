"""``.tf`` files: what is literal is known with file and line, everything else is not known yet."""

import pytest

from tests.advisor.sources.terraform.written import Reads, app, tf, where


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
    reading = reads({"main.tf.json": text, "terraform.tfvars.json": "{}"})
    assert app(reading).display_name == "J"
    assert app(reading).web.redirect_uris == ("http://a/cb",)
    assert where(reading, "/web/redirectUris/0")[:2] == ("main.tf.json", 4)


def test_a_mistake_costs_one_line_and_the_rest_is_read(reads: Reads) -> None:
    reading = reads(
        {"main.tf": tf("  sign_in_audience = ", 'resource "azuread_application" "b" {\n'), "b.tf": ""}, "main.tf"
    )
    (problem,) = reading.problems
    assert (problem.file, problem.what) == ("main.tf", "is not valid Terraform from this position")
    assert problem.line


def test_a_comment_at_a_value_can_be_found_by_who_looks_for_suppressions(reads: Reads) -> None:
    text = tf('  notes = "x" # grantlint: ignore[no-owner] by me: because')
    assert reads({"main.tf": text}).commented() == {"main.tf": text}


def test_an_application_is_checked_whole_whichever_of_its_files_is_named(reads: Reads) -> None:
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


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": tf("", 'module "self" {\n  source = "./"\n}\n')},
        {
            "a/main.tf": tf("", 'module "b" {\n  source = "../b"\n}\n'),
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
        },
    ],
)
def test_modules_that_call_each_other_are_read(reads: Reads, files: dict[str, str]) -> None:
    assert reads(files).subjects


@pytest.mark.parametrize(
    ("name", "text", "address"),
    [
        (
            "main.tf",
            'module "p" {\n  providers = {\n    azuread = azuread.b\n  }\n  source = "contoso/app/azuread"\n}\n',
            "module.p",
        ),
        ("main.tf", 'module "q" {\n  for_each = { a = { b = 1 } }\n  source = "contoso/app/azuread"\n}\n', "module.q"),
        ("terragrunt.stack.hcl", 'unit "u" {\n  source = "git::https://contoso.com/app"\n}\n', "unit.u"),
        ("app.tfcomponent.hcl", 'component "c" {\n  source = "contoso/app/azuread"\n}\n', "component.c"),
    ],
)
def test_a_module_that_is_not_read_is_named(reads: Reads, name: str, text: str, address: str) -> None:
    assert f"Did not read 1 remote module: {address} ({name}:" in " ".join(reads({name: text}).notes)
