"""``.tf`` files: which expressions have a value before anything is applied, and what is not known yet."""

import pytest
from msgspec import UNSET

from tests.advisor.sources.terraform.written import Reads, app, tf, where


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
    main = tf(f"  web {{\n redirect_uris = {expression}\n }}")
    reading = reads({"main.tf": main, "more.tf": more, "terraform.tfvars": ""}, "main.tf")
    assert app(reading).web.redirect_uris == value
    assert len(reading.subjects) == 1


def test_a_value_that_is_resolved_stands_where_it_is_written(reads: Reads) -> None:
    files = {
        "main.tf": tf("  web {\n    redirect_uris = var.uris\n  }"),
        "variables.tf": 'variable "uris" {\n  default = [\n    "http://a",\n  ]\n}\n',
        "terraform.tfvars": "",
    }
    reading = reads(files, "main.tf")
    expected = ("variables.tf", 3, "azuread_application.a.web.redirect_uris[0]")
    assert where(reading, "/web/redirectUris/0") == expected


def test_values_for_variables_come_from_tfvars_and_those_that_are_named(reads: Reads) -> None:
    variable = 'variable "audience" { default = "AzureADMyOrg" }\n'
    main = tf("  sign_in_audience = var.audience", variable)
    given = {"terraform.tfvars": 'audience = "AzureADMultipleOrgs"\n'}
    named = {"prod.tfvars": 'audience = "PersonalMicrosoftAccount"\n'}
    assert app(reads({"main.tf": main}, "main.tf")).sign_in_audience is UNSET
    assert app(reads({"main.tf": main, "terraform.tfvars": ""}, "main.tf")).sign_in_audience == "AzureADMyOrg"
    assert app(reads({"main.tf": main, **given}, "main.tf")).sign_in_audience == "AzureADMultipleOrgs"
    files = {"main.tf": main, **given, **named}
    assert app(reads(files, "main.tf", "prod.tfvars")).sign_in_audience == "PersonalMicrosoftAccount"


@pytest.mark.parametrize(
    "expression",
    [
        "var.nobody_gave_it", "try(var.x, [])", "jsondecode(base64decode(var.x)).uris", "[for u in var.l : u.uri]",
        "data.azuread_application.x.web[0].redirect_uris", '[for u in ["a"] : u if u != var.x]',
            '{ for u in var.l : u => u }["a"]', "module.elsewhere.uris", "azurerm_thing.t.*.uri",
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
