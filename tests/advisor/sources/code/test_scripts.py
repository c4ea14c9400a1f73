"""Scripts that create or change registrations are named with their lines."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.code.script_values import add_literals
from advisor.sources.code.scripts import commands
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.reading.document import Document
from rules.model.registration import UNSET, read_value

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
        ("Register-PnPEntraIDAppForInteractiveLogin -Tenant x", "Register-PnPEntraIDAppForInteractiveLogin"),
        ("    azure.azcollection.azure_rm_adapplication:", "azure_rm_adapplication"),
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
    builder = Builder()
    builder.is_preview = True
    assert "which is not read" in " ".join(read_paths([str(folder)], stdin=bytes, builder=builder).notes)


TERRAFORM = """resource "null_resource" "app" {
  provisioner "local-exec" {
    # az ad app delete is no command that is named, and a comment is none: az ad app create
    command = <<-EOT
      az ad app update --id $ID
    EOT
  }
}
"""
AZD = """name: shop
hooks:
  postprovision:
    shell: sh
    run: az ad app update --id $ID
"""
WORKFLOW = "on: push\njobs:\n  a:\n    steps:\n      - run: az ad app credential reset --id x\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("main.tf", TERRAFORM, 5),
        ("azure.yaml", AZD, 5),
        (".github/workflows/deploy.yml", WORKFLOW, 5),
        (".azuredevops/deploy.yml", "steps:\n- script: az ad app create\n", 2),
    ],
)
def test_a_command_of_a_provisioner_hook_or_workflow_is_named(folder: Path, name: str, text: str, line: int) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    (folder / "app.json").write_text('{"appId": "a", "signInAudience": "AzureADMyOrg"}')
    (note,) = [note for note in read_paths([str(folder)], stdin=bytes).notes if "by script" in note]
    assert f"{name}:{line}" in note


def test_a_named_script_is_a_problem_since_nothing_in_it_is_checked(reads: Reads) -> None:
    (problem,) = reads({"setup.ps1": "\nNew-MgApplication -DisplayName x\n"}).problems
    assert "not read" in problem.what
    assert problem.line == 2


def test_a_registration_whose_notes_speak_of_a_command_is_read(reads: Reads) -> None:
    reading = reads({"app.json": '{"appId": "a", "signInAudience": "AzureADMyOrg", "notes": "az ad app create"}'})
    assert len(reading.subjects) == 1
    assert reading.notes == ()


def preview(folder: Path, name: str, text: str) -> Reading:
    (folder / name).write_text(text)
    builder = Builder()
    builder.is_preview = True
    return read_paths([name], stdin=bytes, builder=builder)


CREATE = """id=$(az ad app create --display-name "Shop" --sign-in-audience=AzureADMultipleOrgs \\
  --web-redirect-uris http://a.contoso.com/ "$URL" --enable-access-token-issuance true \\
  --required-resource-accesses @access.json --app-roles '[{"value": "Read", "isEnabled": true}]' --query appId)
"""


def test_in_preview_literal_values_of_the_azure_cli_are_read_and_others_are_not_known(folder: Path) -> None:
    reading = preview(folder, "setup.sh", CREATE)
    (subject,) = reading.subjects
    app = subject.app
    assert (app.display_name, app.sign_in_audience) == ("Shop", "AzureADMultipleOrgs")
    assert read_value(app, "web.redirectUris")[0] == "http://a.contoso.com/"
    assert read_value(app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True
    assert app.app_roles[0].value == "Read"
    assert {"/web/redirectUris/1", "/requiredResourceAccess"} <= app.unread.keys()
    origin = reading.locate(subject.key, "/web/redirectUris/0")
    assert (origin.line, origin.property) == (2, "--web-redirect-uris")
    assert "by script" in reading.notes[0]


def test_in_preview_a_federated_credential_is_read(folder: Path) -> None:
    words = """--id x --parameters '{"issuer": "https://i/", "subject": "s", "audiences": ["a"]}'"""
    (subject,) = preview(folder, "fic.sh", f"az ad app federated-credential create {words}\n").subjects
    assert read_value(subject.app, "federatedIdentityCredentials")[0].subject == "s"


POWERSHELL = """$app = New-MgApplication -DisplayName 'Shop' -SignInAudience AzureADMyOrg `
  -Web @{ RedirectUris = @("http://a.contoso.com/", $url)
          ImplicitGrantSettings = @{ EnableAccessTokenIssuance = $true } } `
  -RequiredResourceAccess @{ ResourceAppId = "r"; ResourceAccess = @(@{ Id = "i"; Type = "Role" }) } `
  -Notes "for $team" -IsFallbackPublicClient:$false -Tags a, b | Out-Null
"""


def test_in_preview_literal_values_of_powershell_are_read_and_others_are_not_known(folder: Path) -> None:
    (subject,) = preview(folder, "setup.ps1", POWERSHELL).subjects
    app = subject.app
    assert (app.display_name, app.sign_in_audience, app.tags) == ("Shop", "AzureADMyOrg", ("a", "b"))
    assert app.is_fallback_public_client is False
    assert read_value(app, "web.redirectUris")[0] == "http://a.contoso.com/"
    assert read_value(app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True
    assert app.required_resource_access[0].resource_access[0].type == "Role"
    assert {"/web/redirectUris/1", "/notes"} <= app.unread.keys()


@given(
    st.sampled_from([("az ad app create", " --display-name "), ("New-MgApplication", " -Web ")]),
    st.text(alphabet="az -'\"$(){}@,;|\\`\n=ab", max_size=60),
)
def test_no_script_is_too_odd(command: tuple[str, str], tail: str) -> None:
    text = f"{command[0]}{command[1]}{tail}"
    add_literals(Builder(), Document("x.sh", text, text), command[0], len(command[0]))


@pytest.mark.parametrize(
    ("command", "days", "name"),
    [
        ("az ad app credential reset --id x", 365, "--years"),
        ("az ad app credential reset --id x --years 10", 3650, "--years"),
        ("Add-MgApplicationPassword -ApplicationId x", 730, "PasswordCredential.EndDateTime"),
        (
            "Add-MgApplicationPassword -ApplicationId x -PasswordCredential @{ EndDateTime = (Get-Date).AddYears(10) }",
            3650,
            "PasswordCredential.EndDateTime",
        ),
        (
            "Add-MgApplicationPassword -PasswordCredential @{displayName = 'x'; endDateTime = (get-date).AddMonths(6)}",
            181,
            "PasswordCredential.EndDateTime",
        ),
        (
            "Add-MgApplicationPassword -PasswordCredential @{EndDateTime = ((Get-Date).AddDays(90))}",
            90,
            "PasswordCredential.EndDateTime",
        ),
    ],
)
def test_in_preview_a_secret_has_its_lifetime(folder: Path, command: str, days: int, name: str) -> None:
    reading = preview(folder, "x.ps1", command)
    (subject,) = reading.subjects
    assert [one.lifetime_days for one in subject.app.password_credentials] == [days]
    assert reading.locate(subject.key, "/passwordCredentials/0/lifetimeDays").property == name


@pytest.mark.parametrize(
    "command",
    [
        'az ad app credential reset --id x --years "$YEARS"',
        "az ad app credential reset --id x --end-date $END",
        "Add-MgApplicationPassword -PasswordCredential @{EndDateTime = $end}",
        "Add-MgApplicationPassword -PasswordCredential @{StartDateTime = $s; EndDateTime = (Get-Date).AddYears(1)}",
    ],
)
def test_in_preview_a_lifetime_that_is_computed_is_not_known(folder: Path, command: str) -> None:
    (subject,) = preview(folder, "x.ps1", command).subjects
    (secret,) = subject.app.password_credentials
    assert secret.lifetime_days is UNSET
    assert {"/passwordCredentials/0/lifetimeDays", "/passwordCredentials/0/endDateTime"} & subject.app.unread.keys()


def test_in_preview_the_end_of_a_secret_is_read(folder: Path) -> None:
    (subject,) = preview(folder, "x.sh", "az ad app credential reset --id x --end-date 2299-12-31").subjects
    assert subject.app.password_credentials[0].end_date_time == "2299-12-31"


@pytest.mark.parametrize(
    "command",
    [
        "az ad app credential reset --id x --create-cert",
        "Add-MgApplicationPassword -ApplicationId x -PasswordCredential $secret",
        "Add-MgApplicationPassword -ApplicationId x -BodyParameter $secret",
        "az ad sp credential reset --id x",
    ],
)
def test_in_preview_a_command_without_literal_values_is_named_alone(folder: Path, command: str) -> None:
    reading = preview(folder, "x.sh", command)
    assert reading.subjects == ()
    assert "which is not read" in reading.problems[0].what


@pytest.mark.parametrize(("between", "lines"), [("\n", [1, 2, 3, 5]), ("; ", [1, 1, 1, 3])])
def test_each_of_many_commands_has_its_line(between: str, lines: list[int]) -> None:
    text = between.join(["az ad app create"] * 3) + "\n# az ad app create\naz ad app update\n"
    assert [one.line for one in commands(text, "x.sh")] == lines
