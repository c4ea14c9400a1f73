"""Files over files: overrides, OpenTofu's own, units of Terragrunt, and modules that were not read."""

import pytest
from msgspec import UNSET

from tests.advisor.sources.terraform.written import Reads, app, tf, where

BASE = tf(
    '  owners = ["o1", "o2"]\n  web {\n    redirect_uris = ["https://a/cb"]\n    homepage_url  = "https://a"\n  }',
    'variable "audience" {\n  type    = string\n  default = "AzureADMyOrg"\n}\nlocals {\n  uri = "https://a"\n}\n',
)
OVER = """
resource "azuread_application" "a" {
  sign_in_audience = "AzureADMultipleOrgs"
  web {
    redirect_uris = ["http://a/cb"]
  }
}
"""


@pytest.mark.parametrize("name", ["override.tf", "a_override.tf", "override.tofu"])
def test_an_override_replaces_arguments_and_blocks_of_a_type(reads: Reads, name: str) -> None:
    reading = reads({"main.tf": BASE, name: OVER}, ".")
    (subject,) = reading.subjects
    assert subject.app.display_name == "A"
    assert len(subject.app.owners) == 2
    assert subject.app.sign_in_audience == "AzureADMultipleOrgs"
    assert subject.app.web.redirect_uris == ("http://a/cb",)
    assert subject.app.web.home_page_url is None
    assert where(reading, "/signInAudience")[0] == name


def test_an_override_that_is_named_shows_the_whole_application(reads: Reads) -> None:
    assert app(reads({"main.tf": BASE, "override.tf": OVER}, "override.tf")).display_name == "A"


def test_locals_and_defaults_are_overridden_whatever_the_names_of_the_files(reads: Reads) -> None:
    main = tf("  sign_in_audience = var.audience\n  notes = local.uri", BASE[BASE.index("variable") :])
    over = 'variable "audience" {\n  default = "AzureADMultipleOrgs"\n}\nlocals {\n  uri = "http://over"\n}\n'
    files = {"a_override.tf": over, "main.tf": main}
    assert app(reads(files)).notes == "http://over"
    assert app(reads(files)).sign_in_audience is UNSET
    assert app(reads({**files, "terraform.tfvars": ""})).sign_in_audience == "AzureADMultipleOrgs"


def test_opentofu_reads_its_own_file_in_place_of_terraform_s(reads: Reads) -> None:
    reading = reads({"main.tf": tf('  notes = "terraform"'), "main.tofu": tf('  notes = "tofu"'), "b.tf": ""}, ".")
    assert [subject.app.notes for subject in reading.subjects] == ["tofu"]
    assert "Left out main.tf: OpenTofu reads the file of this name that ends in .tofu." in reading.notes


MODULE = tf(
    "  web {\n    redirect_uris = var.uris\n  }\n  notes = var.notes",
    'variable "uris" {}\nvariable "notes" {\n  default = "n"\n}\n',
)


def test_a_unit_of_terragrunt_gives_the_values_of_its_module(reads: Reads) -> None:
    unit = 'terraform {\n  source = "../../modules/app"\n}\nlocals {\n  host = "a"\n}\n'
    unit += 'inputs = {\n  uris = ["http://${local.host}/cb"]\n}\n'
    reading = reads({"live/prod/terragrunt.hcl": unit, "modules/app/main.tf": MODULE}, ".")
    registration = app(reading, "live/prod/azuread_application.a")
    assert registration.web.redirect_uris == ("http://a/cb",)
    assert registration.notes == "n"
    assert where(reading, "/web/redirectUris/0", "live/prod/azuread_application.a")[:2] == (
        "live/prod/terragrunt.hcl",
        8,
    )


def test_a_unit_has_the_inputs_that_it_includes_or_they_are_not_known(reads: Reads) -> None:
    unit = 'terraform {\n  source = "../../app"\n}\ninclude "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
    unit += 'inputs = {\n  uris = ["http://a/cb"]\n}\n'
    files = {"live/prod/terragrunt.hcl": unit, "app/main.tf": MODULE}
    key = "live/prod/azuread_application.a"
    assert app(reads(files, "."), key).unread["/notes"].reason == "placeholder"
    files["live/root.hcl"] = 'inputs = {\n  notes = "from the root"\n}\n'
    assert app(reads(files, "."), key).notes == "from the root"


REMOTE = """
module "portal" {
  source  = "contoso/app-registration/azuread"
  version = "~> 4.2"
}
module "api" {
  source = "git::https://example.com/modules.git//app?ref=v3"
}
"""


def test_modules_that_were_not_read_are_named(reads: Reads) -> None:
    reading = reads({"main.tf": tf(""), "modules.tf": REMOTE}, ".")
    assert len(reading.subjects) == 1
    assert "Did not read 2 remote modules: module.portal (modules.tf:3), module.api (modules.tf:7)." in reading.notes


def test_a_module_outside_the_folder_is_named(reads: Reads) -> None:
    call = 'module "m" {\n  source = "../../app"\n}\n'
    reading = reads({"live/prod/main.tf": call, "app/main.tf": tf("")}, "live")
    assert not reading.subjects
    assert "Did not read 1 module outside the folder: module.m (live/prod/main.tf:2)." in reading.notes


def test_a_resource_of_the_same_name_in_another_file_is_that_file_s(reads: Reads) -> None:
    files = {"one.tf": tf('  notes = "one"'), "two.tf": tf('  notes = "two"')}
    assert [subject.app.notes for subject in reads(files, "one.tf").subjects] == ["one"]


JSON = """{
 "terraform": {"required_providers": {"azuread": {"source": "hashicorp/azuread", "version": "~> 1.6"}}},
 "module": {"portal": {"source": "contoso/app-registration/azuread"}},
 "resource": {"azuread_application": {"a": {"display_name": "A"}}}
}"""


def test_configuration_as_json_has_versions_and_modules_too(reads: Reads) -> None:
    reading = reads({"cdk.tf.json": JSON}, ".")
    assert "/owners" in app(reading).unread
    assert "Did not read 1 remote module: module.portal (cdk.tf.json:3)." in reading.notes
