"""Pieces find their application through every form of reference, and none becomes a registration of its own."""

import pytest

from tests.advisor.sources.terraform.written import Reads

APPLICATIONS = """
resource "azuread_application" "c" {
  count        = 1
  display_name = "C"
}
resource "azuread_application" "f" {
  for_each     = toset(["x"])
  display_name = "F"
}
resource "azuread_application" "s" {
  display_name = "S"
}
resource "azuread_application" "maybe" {
  count        = var.create ? 1 : 0
  display_name = "Maybe"
}
resource "azuread_service_principal" "s" {
  client_id = azuread_application.s.client_id
}
module "m" {
  source = "./app"
}
module "n" {
  for_each = toset(["x"])
  source   = "./app"
}
locals {
  sid = azuread_application.s.id
}
variable "x" {
  default = null
}
variable "create" {}
"""
INNER = """
resource "azuread_application" "this" {
  display_name = "M"
}
output "id" {
  value = azuread_application.this.id
}
"""


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("one(azuread_application.c[*].id)", "azuread_application.c[0]"),
        ("try(azuread_application.c[0].id, null)", "azuread_application.c[0]"),
        ("element(azuread_application.c.*.id, 0)", "azuread_application.c[0]"),
        ('azuread_application.f["x"].id', 'azuread_application.f["x"]'),
        ("values(azuread_application.f)[0].id", 'azuread_application.f["x"]'),
        ("one([for a in azuread_application.f : a.id])", 'azuread_application.f["x"]'),
        ('"/applications/${azuread_application.s.object_id}"', "azuread_application.s"),
        ("local.sid", "azuread_application.s"),
        ("coalesce(var.x, azuread_application.s.id)", "azuread_application.s"),
        ("var.create ? azuread_application.s.id : null", "azuread_application.s"),
        ("azuread_application.maybe[0].id", "azuread_application.maybe"),
        ("one(azuread_application.maybe[*].id)", "azuread_application.maybe"),
        ("module.m.id", "module.m.azuread_application.this"),
        ('module.n["x"].id', 'module.n["x"].azuread_application.this'),
        ("one(values(module.n)[*].id)", 'module.n["x"].azuread_application.this'),
    ],
)
def test_a_secret_belongs_to_the_application_that_it_refers_to(reads: Reads, link: str, key: str) -> None:
    secret = f'resource "azuread_application_password" "p" {{\n  application_id = {link}\n}}\n'
    reading = reads({"main.tf": APPLICATIONS + secret, "app/main.tf": INNER}, ".")
    assert len(reading.subjects) == 6
    assert [subject.key for subject in reading.subjects if subject.app.password_credentials] == [key]


@pytest.mark.parametrize(
    ("over", "keys"),
    [
        ("azuread_application.f", ['azuread_application.f["x"]']),
        ("module.n", ['module.n["x"].azuread_application.this']),
        ("azuread_application.maybe", ["azuread_application.maybe"]),
    ],
)
def test_for_each_over_applications_leads_to_each_of_them(reads: Reads, over: str, keys: list[str]) -> None:
    secret = (
        f'resource "azuread_application_password" "p" {{\n  for_each = {over}\n  application_id = each.value.id\n}}\n'
    )
    reading = reads({"main.tf": APPLICATIONS + secret, "app/main.tf": INNER}, ".")
    assert [subject.key for subject in reading.subjects if subject.app.password_credentials] == keys


@pytest.mark.parametrize("attribute", ["id", "object_id"])
def test_the_secret_of_a_service_principal_is_one_of_its_application(reads: Reads, attribute: str) -> None:
    secret = f"""
resource "azuread_service_principal_password" "p" {{
  service_principal_id = azuread_service_principal.s.{attribute}
}}
"""
    reading = reads({"main.tf": APPLICATIONS + secret, "app/main.tf": INNER}, ".")
    assert [subject.key for subject in reading.subjects if subject.app.password_credentials] == [
        "azuread_application.s"
    ]
