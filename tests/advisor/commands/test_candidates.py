"""``lint --candidates``, as the pre-commit hook runs it: a staged file leads to the registrations that it decides."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.advisor.commands.test_against import commit

DAY = ("--today", "2026-01-15")
MODULE = {
    "main.tf": 'resource "azuread_application" "portal" {\n  display_name = "Portal"\n'
    "  web { redirect_uris = [var.uri] }\n}\n",
    "variables.tf": 'variable "uri" {\n  type    = string\n  default = "http://default.contoso.com/"\n}\n',
    "locals.tf": "locals {\n  unused = 1\n}\n",
    "terraform.tfvars": 'uri = "http://auto.contoso.com/"\n',
    "prod.tfvars": 'uri = "http://prod.contoso.com/"\n',
    "env/dev.tfvars": 'uri = "http://dev.contoso.com/"\n',
}
CALLER = {
    "main.tf": 'module "app" {\n  source = "./app"\n  uri    = var.uri\n}\n',
    "variables.tf": 'variable "uri" {}\n',
    "terraform.tfvars": 'uri = "http://caller.contoso.com/"\n',
    "app/main.tf": MODULE["main.tf"],
    "app/variables.tf": 'variable "uri" {}\n',
}
BICEP = {
    "main.bicep": "extension microsoftGraphV1\nparam uri string\n"
    "resource portal 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'portal'\n  displayName: 'Portal'\n"
    "  web: { redirectUris: [ uri ] }\n}\n",
    "env/prod.bicepparam": "using '../main.bicep'\nparam uri = 'http://prod.contoso.com/'\n",
    "main.dev.parameters.json": json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"uri": {"value": "http://dev.contoso.com/"}},
        }
    ),
}
READS = {
    "main.tf": 'resource "azuread_application" "portal" {\n  display_name = "Portal"\n'
    '  web { redirect_uris = yamldecode(file("${path.module}/data/uris.yaml")) }\n}\n',
    "data/uris.yaml": "- http://data.contoso.com/\n",
}
EXPORTS = {
    "main.bicep": "extension microsoftGraphV1\nimport { uri } from 'shared/uris.bicep'\n"
    "resource portal 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'portal'\n  displayName: 'Portal'\n"
    "  web: { redirectUris: [ uri ] }\n}\n",
    "shared/uris.bicep": "@export()\nvar uri = 'http://shared.contoso.com/'\n",
}


def files(folder: Path, texts: dict[str, str]) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


STAGED = [
    (MODULE, ["main.tf"], []),  # prod.tfvars may decide otherwise
    (MODULE, ["prod.tfvars"], ["prod"]),
    (MODULE, ["env/dev.tfvars"], ["dev"]),
    (MODULE, ["env/dev.tfvars", "prod.tfvars"], ["dev", "prod"]),
    ({**MODULE, "prod.tfvars": "", "env/dev.tfvars": ""}, ["terraform.tfvars"], ["auto"]),
    ({**MODULE, "prod.tfvars": "", "env/dev.tfvars": ""}, ["variables.tf"], ["auto"]),
    ({**MODULE, "prod.tfvars": "", "env/dev.tfvars": ""}, ["locals.tf"], ["auto"]),
    (CALLER, ["main.tf"], ["caller"]),
    (CALLER, ["variables.tf"], ["caller"]),
    (CALLER, ["terraform.tfvars"], ["caller"]),
    (CALLER, ["app/variables.tf"], []),
    (BICEP, ["env/prod.bicepparam"], ["dev", "prod"]),
    (BICEP, ["main.dev.parameters.json"], ["dev"]),
    (READS, ["data/uris.yaml"], ["data"]),
    (EXPORTS, ["shared/uris.bicep"], ["shared"]),
]


@pytest.mark.parametrize(("texts", "staged", "hosts"), STAGED)
def test_a_staged_file_leads_to_what_it_decides(
    folder: Path, grantlint: Callable, texts: dict[str, str], staged: list[str], hosts: list[str]
) -> None:
    files(folder, texts)
    run = grantlint("lint", "--candidates", "--select", "plaintext-redirect-uri", "--format", "json", *staged, *DAY)
    report = json.loads(run.out)
    assert report["summary"]["registrations"] >= 1
    found = sorted(row["value"] for row in report["findings"])
    assert found == [f"http://{host}.contoso.com/" for host in hosts]


def test_a_file_that_belongs_to_no_registration_passes(folder: Path, grantlint: Callable) -> None:
    files(folder, {"net/variables.tf": 'variable "x" {}\n', "net/x.tfvars": "x = 1\n", "a/b.yaml": "c: d\n"})
    run = grantlint("lint", "--candidates", "net/variables.tf", "net/x.tfvars", "a/b.yaml", *DAY)
    assert (run.status, "No registration was found in 3 candidate files." in run.err) == (0, True)


def test_a_named_file_of_a_module_is_read_with_the_module(folder: Path, grantlint: Callable) -> None:
    files(folder, CALLER)
    run = grantlint("lint", "variables.tf", "--select", "plaintext-redirect-uri", *DAY)
    assert "caller.contoso.com" in run.out


@pytest.mark.parametrize("staged", ["terraform.tfvars", "variables.tf", "main.tf"])
def test_against_a_revision_a_staged_file_is_compared_with_its_whole_module(
    folder: Path, grantlint: Callable, staged: str
) -> None:
    files(folder, CALLER)
    commit(folder, "first")
    against = ("lint", "--candidates", staged, "--against", "HEAD", "--select", "plaintext-redirect-uri", *DAY)
    unchanged = grantlint(*against)
    assert (unchanged.status, "0 introduced, 0 fixed, 1 left" in unchanged.err) == (0, True)
    (folder / "terraform.tfvars").write_text('uri = "http://evil.contoso.com/"\n')
    changed = grantlint(*against)
    assert (changed.status, "1 introduced, 1 fixed, 0 left" in changed.err) == (1, True)
