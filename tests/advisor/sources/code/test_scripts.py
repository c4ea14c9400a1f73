"""Scripts that create or change registrations are named with their lines."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources.code.scripts import commands
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("id=$(az ad app create --display-name x)", "az ad app create"),
        ("az  ad app credential  reset --id $id --years 10", "az ad app credential reset"),
        ("az ad app federated-credential create --id $id", "az ad app federated-credential create"),
        ("az ad sp create-for-rbac -n x", "az ad sp create-for-rbac"),
        ("$app = New-MgApplication -DisplayName x", "New-MgApplication"),
        ("Add-MgApplicationPassword -ApplicationId $app.Id", "Add-MgApplicationPassword"),
        ("New-AzADAppCredential -ObjectId $id", "New-AzADAppCredential"),
        ("Update-MgBetaApplication -ApplicationId $id", "Update-MgBetaApplication"),
        ("New-EntraApplication -DisplayName x", "New-EntraApplication"),
        ("        run: az ad app update --id $ID", "az ad app update"),
        ("m365 entra app add --name x", "m365 entra app add"),
    ],
)
def test_a_command_that_creates_or_changes_a_registration_is_found(line: str, name: str) -> None:
    assert [(one.line, one.name) for one in commands(f"# deploy\n{line}\n", "x.sh")] == [(2, name)]


@pytest.mark.parametrize(
    "line",
    [
        "az ad app show --id x",
        "az ad app list --all",
        "# az ad app create",
        "REM az ad app create",
        "New-MgServicePrincipalAppRoleAssignment -x",
        "Get-MgApplication -All",
        "New-AzADApplicationless",
    ],
)
def test_what_only_reads_and_what_is_a_comment_is_not_found(line: str) -> None:
    assert list(commands(line, "x.sh")) == []


def test_scripts_beside_a_registration_are_named_once_each(reads: Reads, folder: Path) -> None:
    reads(
        {
            "app.json": '{"appId": "a", "signInAudience": "AzureADMyOrg"}',
            "deploy/setup.sh": "az ad app create\naz ad app update\n",
            "pipeline.yml": "steps:\n- script: az ad app create\n",
            "readme.sh": "az ad app show\n",
        }
    )
    reading = read_paths([str(folder)], stdin=bytes)
    assert len(reading.subjects) == 1
    assert reading.problems == ()
    (note,) = [note for note in reading.notes if "by script" in note]
    assert "deploy/setup.sh:1" in note
    assert "pipeline.yml:2" in note
    assert note.count("setup.sh") == 1


def test_a_deployment_script_in_a_template_is_named(folder: Path) -> None:
    script = {"type": "Microsoft.Resources/deploymentScripts", "properties": {"scriptContent": "az ad app create"}}
    (folder / "main.json").write_text(json.dumps({"contentVersion": "1.0.0.0", "resources": [script]}, indent=1))
    (folder / "script.bicep").write_text(
        "resource s 'Microsoft.Resources/deploymentScripts@2023-08-01' = {\n"
        "  properties: { scriptContent: 'az ad app create' }\n}\n"
    )
    reading = read_paths([str(folder)], stdin=bytes)
    assert "main.json:7" in " ".join(reading.notes)
    assert "script.bicep:2" in " ".join(reading.notes)
    assert [problem.file for problem in reading.problems] == [str(folder)]


def test_a_named_script_is_a_problem_since_nothing_in_it_is_checked(reads: Reads) -> None:
    (problem,) = reads({"setup.ps1": "\nNew-MgApplication -DisplayName x\n"}).problems
    assert "not read" in problem.what
    assert problem.line == 2


def test_a_registration_whose_notes_speak_of_a_command_is_read(reads: Reads) -> None:
    reading = reads({"app.json": '{"appId": "a", "signInAudience": "AzureADMyOrg", "notes": "az ad app create"}'})
    assert len(reading.subjects) == 1
    assert reading.notes == ()
