"""Variables: a default is known only where the files that may replace it were read."""

import pytest
from msgspec import UNSET

from tests.advisor.sources.terraform.written import Reads, app, tf

VARIABLES = """
variable "implicit" {
  type    = bool
  default = false
}
variable "uris" {
  type    = list(string)
  default = []
}
"""
MAIN = tf(
    """
  web {
    redirect_uris = var.uris
    implicit_grant {
      access_token_issuance_enabled = var.implicit
    }
  }""",
    VARIABLES,
)
PROD = 'implicit = true\nuris     = ["http://a/cb"]\n'
IMPLICIT = "/web/implicitGrantSettings/enableAccessTokenIssuance"


def test_a_default_that_nothing_decides_is_not_known(reads: Reads) -> None:
    registration = app(reads({"main.tf": MAIN}))
    assert registration.web.redirect_uris is UNSET
    assert registration.unread[IMPLICIT].note == "var.implicit, whose default can be replaced"


def test_values_that_lie_in_the_folder_and_were_not_chosen_are_named(reads: Reads) -> None:
    files = {"main.tf": MAIN, "terraform.tfvars": "implicit = false\n", "env/prod.tfvars": PROD}
    registration = app(reads(files, "."))
    assert registration.unread[IMPLICIT].note == "var.implicit, which env/prod.tfvars sets"


@pytest.mark.parametrize("names", [(".", "env/prod.tfvars"), ("env/prod.tfvars", "."), ("main.tf", "env/prod.tfvars")])
def test_values_that_were_named_count_in_any_order(reads: Reads, names: tuple[str, ...]) -> None:
    registration = app(reads({"main.tf": MAIN, "env/prod.tfvars": PROD}, *names))
    assert registration.web.redirect_uris == ("http://a/cb",)
    assert registration.web.implicit_grant_settings.enable_access_token_issuance is True


@pytest.mark.parametrize(("first", "last", "expected"), [("on", "off", False), ("off", "on", True)])
def test_of_several_named_values_the_last_count(reads: Reads, first: str, last: str, *, expected: bool) -> None:
    files = {"main.tf": MAIN, "v/off.tfvars": "implicit = false\n", "v/on.tfvars": "implicit = true\n"}
    registration = app(reads(files, ".", f"v/{first}.tfvars", f"v/{last}.tfvars"))
    assert registration.web.implicit_grant_settings.enable_access_token_issuance is expected


def test_values_named_alone_stand_for_the_configuration_in_their_folder(reads: Reads) -> None:
    assert app(reads({"main.tf": MAIN, "prod.tfvars": PROD}, "prod.tfvars")).web.redirect_uris == ("http://a/cb",)


def test_values_without_a_configuration_are_no_registration(reads: Reads) -> None:
    (problem,) = reads({"prod.tfvars": PROD}, "prod.tfvars").problems
    assert problem.what == "contains values for variables and no registration"


def test_a_caller_decides(reads: Reads) -> None:
    call = 'module "m" {\n  source   = "./app"\n  implicit = true\n}\n'
    registration = app(reads({"main.tf": call, "app/main.tf": MAIN}), "module.m.azuread_application.a")
    assert registration.web.implicit_grant_settings.enable_access_token_issuance is True
    assert registration.web.redirect_uris == ()


@pytest.mark.parametrize(("given", "expected"), [("null", "fallback"), ('"x"', "x")])
def test_null_does_not_replace_a_default_that_is_not_nullable(reads: Reads, given: str, expected: str) -> None:
    variable = 'variable "n" {\n  default  = "fallback"\n  nullable = false\n}\n'
    call = f'module "m" {{\n  source = "./app"\n  n      = {given}\n}}\n'
    files = {"main.tf": call, "app/main.tf": tf("  notes = var.n", variable)}
    assert app(reads(files), "module.m.azuread_application.a").notes == expected


def test_optional_attributes_of_a_type_have_their_defaults(reads: Reads) -> None:
    text = """
variable "apps" {
  type = map(object({
    uris = optional(list(string), ["http://default/cb"])
    spa  = optional(list(string))
  }))
}
resource "azuread_application" "a" {
  for_each     = var.apps
  display_name = each.key
  web {
    redirect_uris = each.value.uris
  }
  dynamic "single_page_application" {
    for_each = each.value.spa == null ? [] : [1]
    content {
      redirect_uris = each.value.spa
    }
  }
}
"""
    values = 'apps = {\n  shop  = {}\n  stock = { uris = ["https://stock/cb"], more = 1 }\n}\n'
    reading = reads({"main.tf": text, "terraform.tfvars": values})
    assert app(reading, 'azuread_application.a["shop"]').web.redirect_uris == ("http://default/cb",)
    assert app(reading, 'azuread_application.a["stock"]').web.redirect_uris == ("https://stock/cb",)
    assert app(reading, 'azuread_application.a["shop"]').spa.redirect_uris == ()


def test_a_resource_without_an_instance_is_named(reads: Reads) -> None:
    text = tf("  count = var.create ? 1 : 0", 'variable "create" {\n  default = true\n}\n')
    reading = reads({"main.tf": text, "terraform.tfvars": "create = false\n"})
    assert not reading.subjects
    assert "No instance with the values that were read: azuread_application.a (main.tf:1)." in reading.notes


def test_instances_beyond_the_limit_are_counted(reads: Reads) -> None:
    reading = reads({"main.tf": tf("  count = 1003")})
    assert len(reading.subjects) == 1000
    assert "Read the first instances of azuread_application.a only; 3 were left out." in reading.notes


def test_an_element_that_is_not_known_is_no_text(reads: Reads) -> None:
    registration = app(reads({"main.tf": tf('  identifier_uris = ["api://a", var.more]', 'variable "more" {}\n')}))
    assert set(registration.unread) >= {"/identifierUris/1"}


FILES = """
locals {
  apps = { for a in yamldecode(file("${path.module}/apps.yaml")).apps : a.name => a }
  more = { for f in fileset(path.module, "apps/*.json") : f => jsondecode(file("${path.module}/${f}")) }
}
resource "azuread_application" "yaml" {
  for_each     = local.apps
  display_name = each.key
  web {
    redirect_uris = each.value.uris
  }
}
resource "azuread_application" "json" {
  for_each     = local.more
  display_name = each.value.name
}
"""


def test_files_that_expressions_read_are_read(reads: Reads) -> None:
    files = {
        "main.tf": FILES,
        "apps.yaml": 'apps:\n  - name: shop\n    uris: ["http://shop/cb"]\n',
        "apps/a.json": '{"name": "A"}',
        "apps/deep/b.json": '{"name": "B"}',
    }
    reading = reads(files, "main.tf")
    assert [subject.key for subject in reading.subjects] == [
        'azuread_application.yaml["shop"]', 'azuread_application.json["apps/a.json"]',
    ]  # fmt: skip
    assert app(reading, 'azuread_application.yaml["shop"]').web.redirect_uris == ("http://shop/cb",)
