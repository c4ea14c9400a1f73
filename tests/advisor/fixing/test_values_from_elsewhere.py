"""A value that is written outside of its resource: it is fixed there if one place decides it for one property alone.

Otherwise nothing is touched, and the message names the place that sets it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

HTTP = "http://www.contoso.com"
APPLICATION = (
    'resource "azuread_application" "portal" {\n  display_name = "Portal"\n  web {\n    homepage_url = HOME\n  }\n}\n'
)
VARIABLE = 'variable "home" {\n  type = string\n}\n'
DEFAULT = f'variable "home" {{\n  default = "{HTTP}" # of the portal\n}}\n'
OF_VARIABLE = APPLICATION.replace("HOME", "var.home")
BICEP = (
    "extension microsoftGraphV1\nDECLARED\nresource it 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'it'\n"
    "  displayName: 'Portal'\n  web: { homePageUrl: home }\n}\n"
)
PARAMETER = BICEP.replace("DECLARED", f"param home string = '{HTTP}'")
VALUES = "using 'main.bicep'\n"
ARM = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "languageVersion": "2.0",
  "parameters": {"home": {"type": "string", "defaultValue": "http://www.contoso.com"}},
  "imports": {"g": {"provider": "MicrosoftGraph", "version": "1.0.0"}},
  "resources": {
    "it": {
      "import": "g",
      "type": "Microsoft.Graph/applications@v1.0",
      "properties": {"displayName": "Portal", "uniqueName": "it", "web": {"homePageUrl": "[parameters('home')]"}}
    }
  }
}
"""
OTHERS = '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", '
RULE = ("--isolated", "--select", "plaintext-information-url")


def fix(files: dict[str, str], grantlint: Callable[..., Run]) -> tuple[Run, dict[str, str]]:
    """Run ``--fix`` on *files*; returns what it printed and what the files are then."""
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, "utf-8")
    run = grantlint("lint", ".", "--fix", "--unsafe-fixes", *RULE)
    return run, {name: Path(name).read_text("utf-8") for name in files}


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": VARIABLE + OF_VARIABLE, "terraform.tfvars": f'home = "{HTTP}"\n'},
        {"main.tf": VARIABLE + OF_VARIABLE, "x.auto.tfvars.json": f'{{"home": "{HTTP}"}}\n'},
        {"main.tf": OF_VARIABLE, "variables.tf": DEFAULT, "terraform.tfvars": 'other = "x"\n'},
        {"main.tf": APPLICATION.replace("HOME", "local.h") + f'locals {{\n  h = "{HTTP}"\n}}\n'},
        {"main.tf": APPLICATION.replace("HOME", "local.a") + f'locals {{\n  a = local.b\n  b = "{HTTP}"\n}}\n'},
        {
            "main.tf": APPLICATION.replace("HOME", "local.urls.home")
            + f'locals {{\n  urls = {{ home = "{HTTP}", b = "x" }}\n}}\noutput "o" {{\n  value = local.urls.b\n}}\n'
        },
        {
            "app/main.tf": VARIABLE + OF_VARIABLE,
            "main.tf": f'module "app" {{\n  source = "./app"\n  home   = "{HTTP}"\n}}\n',
        },
        {
            "app/main.tf": VARIABLE + OF_VARIABLE,
            "main.tf": VARIABLE + 'module "app" {\n  source = "./app"\n  home   = var.home\n}\n',
            "terraform.tfvars": f'home = "{HTTP}"\n',
        },
        {
            "main.tf.json": '{"resource": {"azuread_application": {"r": {"display_name": "P", "web": {"homepage_url": '
            f'"${{local.h}}"}}}}}}}},\n"locals": {{"h": "{HTTP}"}}}}\n'
        },
        {"main.bicep": BICEP.replace("DECLARED", f"var home = '{HTTP}'")},
        {"main.bicep": PARAMETER, "main.bicepparam": VALUES},
        {
            "main.bicep": BICEP.replace("DECLARED", "param home string"),
            "main.bicepparam": f"{VALUES}param home = '{HTTP}'\n",
        },
        {
            "main.bicep": BICEP.replace("DECLARED", "@description('URL')\nparam homePageUrl string").replace(
                "homePageUrl: home", "\n    homePageUrl: homePageUrl\n  "
            ),
            "main.parameters.json": f'{OTHERS}"parameters": {{"homePageUrl": {{"value": "{HTTP}"}}}}}}\n',
        },
        {"main.json": ARM, "main.parameters.json": f'{OTHERS}"parameters": {{}}}}\n'},
        {
            "main.json": ARM.replace(HTTP, "x"),
            "main.parameters.json": f'{OTHERS}"parameters": {{"home": {{"value": "{HTTP}"}}}}}}\n',
        },
    ],
    ids=str,
)
def test_one_place_is_fixed(folder: Path, grantlint: Callable[..., Run], files: dict[str, str]) -> None:
    run, after = fix(files, grantlint)
    assert "1 fixed, 0 remaining\n" in run.err
    assert after == {name: text.replace(HTTP, HTTP.replace("http:", "https:")) for name, text in files.items()}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "main.tf": APPLICATION.replace("HOME", "local.h")
                + f'locals {{ h = "{HTTP}" }}\noutput "h" {{ value = local.h }}\n'
            },
            "it is set at main.tf:7 and used at main.tf:4, main.tf:8; change it there",
        ),
        (
            {
                "main.tf": APPLICATION.replace("HOME", "local.h") + f'locals {{ h = "{HTTP}" }}\n',
                "other.tf": 'resource "azurerm_storage_account" "s" {\n  name = "x${local.h}"\n}\n',
            },
            "it is set at main.tf:7 and used at main.tf:4, other.tf:2; change it there",
        ),
        (
            {
                "app/main.tf": OF_VARIABLE + DEFAULT,
                "main.tf": 'module "a" {\n  source = "./app"\n}\nmodule "b" {\n  source = "./app"\n}\n',
            },
            "it is set at app/main.tf:8 for more than one property; change it there",
        ),
        (
            {
                "main.tf": APPLICATION.replace("HOME", "each.value").replace(
                    "{\n", '{\n  for_each = { a = "' + HTTP + '" }\n', 1
                )
            },
            "an expression takes it from main.tf:2; change it there",
        ),
        (
            {"main.tf": APPLICATION.replace("HOME", '"http://${local.h}"') + 'locals { h = "www.contoso.com" }\n'},
            "an expression at main.tf:4 sets it; change it there",
        ),
        (
            {"main.bicep": BICEP.replace("DECLARED", f"var home = '{HTTP}'") + "output o string = home\n"},
            "it is set at main.bicep:2 and used at main.bicep:6, main.bicep:8; change it there",
        ),
        (
            {"main.bicep": BICEP.replace("DECLARED", "var home = toLower('HTTP://www.contoso.com')")},
            "an expression at main.bicep:2 sets it; change it there",
        ),
        (
            {
                "main.bicep": PARAMETER.replace("'Portal'", "name") + "param name string\n",
                "dev.bicepparam": f"{VALUES}param name = 'Dev'\n",
                "prod.bicepparam": f"{VALUES}param name = 'Prod'\n",
            },
            "it is set at main.bicep:2 for more than one property; change it there",
        ),
        (
            {
                "main.bicep": BICEP.replace("DECLARED", "param home string\nparam more string = ''"),
                "main.bicepparam": f"{VALUES}param home = '{HTTP}'\nparam more = home\n",
            },
            "it is set at main.bicepparam:2 and used at main.bicep:7, main.bicepparam:3; change it there",
        ),
    ],
)
def test_the_place_is_named_and_no_file_changes(
    folder: Path, grantlint: Callable[..., Run], files: dict[str, str], reason: str
) -> None:
    run, after = fix(files, grantlint)
    assert f"not fixed: {reason}\n" in run.err
    assert after == files


@pytest.mark.parametrize("files", [{"main.tf": OF_VARIABLE + DEFAULT}, {"main.bicep": PARAMETER}, {"main.json": ARM}])
def test_a_default_that_can_be_replaced_is_not_known(
    folder: Path, grantlint: Callable[..., Run], files: dict[str, str]
) -> None:
    run, after = fix(files, grantlint)
    assert "0 fixed, 0 remaining\n" in run.err
    assert after == files


def test_an_element_of_a_list_in_a_variable_is_removed(folder: Path, grantlint: Callable[..., Run]) -> None:
    Path("main.tf").write_text(
        'variable "uris" {\n  type = list(string)\n}\n'
        + APPLICATION.replace("homepage_url = HOME", "redirect_uris = var.uris"),
        "utf-8",
    )
    Path("terraform.tfvars").write_text(
        'uris = [\n  "https://a.contoso.com/",\n  "https://oauth.pstmn.io/v1/callback",\n]\n', "utf-8"
    )
    grantlint("lint", ".", "--fix", "--unsafe-fixes", "--isolated", "--select", "debugging-redirect-host")
    assert Path("terraform.tfvars").read_text("utf-8") == 'uris = [\n  "https://a.contoso.com/",\n]\n'


@pytest.mark.parametrize(
    ("before", "after"), [("'http://a.b/'", "'https://a.b/'"), ('"http://a.b/"', '"https://a.b/"')]
)
def test_yaml_keeps_its_quotation_marks(folder: Path, grantlint: Callable[..., Run], before: str, after: str) -> None:
    text = f"displayName: Portal\nsignInAudience: AzureADMyOrg\nweb:\n  homePageUrl: {before} # home\n"
    Path("app.yaml").write_text(text, "utf-8")
    grantlint("lint", "app.yaml", "--fix", "--isolated", "--select", "plaintext-information-url")
    assert Path("app.yaml").read_text("utf-8") == text.replace(before, after)


def test_a_resource_of_its_own_stays(folder: Path, grantlint: Callable[..., Run]) -> None:
    text = (
        '{"resource": {"azuread_application": {"r": [{"display_name": "Portal"}]}, "azuread_application_password": '
        '{"p": [{"application_id": "${azuread_application.r.id}", "end_date": "2020-01-01T00:00:00Z"}]}}}\n'
    )
    Path("main.tf.json").write_text(text, "utf-8")
    run = grantlint("lint", "main.tf.json", "--fix", "--isolated", "--select", "expired-credential")
    assert "not fixed: it is a resource of its own; remove it with what refers to it\n" in run.err
    assert Path("main.tf.json").read_text("utf-8") == text


def test_a_new_value_in_one_line_stays_in_it(folder: Path, grantlint: Callable[..., Run]) -> None:
    text = '{"resource": {"azuread_application": {"r":\n  {"sign_in_audience": "PersonalMicrosoftAccount"}}}}\n'
    Path("main.tf.json").write_text(text, "utf-8")
    rule = "v1-tokens-for-personal-accounts"
    grantlint("lint", "main.tf.json", "--fix", "--unsafe-fixes", "--isolated", "--select", rule)
    wanted = text.replace('{"sign', '{"api": {"requested_access_token_version": 2}, "sign')
    assert Path("main.tf.json").read_text("utf-8") == wanted


@pytest.mark.parametrize(
    ("before", "after"), [('"true"', '"false"'), ("true", "false"), ("var.x", "var.x"), ('"${var.x}"', '"${var.x}"')]
)
def test_terraform_converts_texts_and_the_fix_keeps_their_form(
    folder: Path, grantlint: Callable[..., Run], before: str, after: str
) -> None:
    text = 'variable "x" {}\n' + APPLICATION.replace("homepage_url = HOME", "implicit_grant {\n%s\n}")
    argument = "      access_token_issuance_enabled = "
    Path("main.tf").write_text(text % f"{argument}{before}", "utf-8")
    Path("terraform.tfvars").write_text('x = "true"\n', "utf-8")
    run = grantlint("lint", ".", "--fix", "--unsafe-fixes", "--isolated", "--select", "implicit-access-token")
    assert "1 fixed, 0 remaining\n" in run.err
    assert Path("main.tf").read_text("utf-8") == text % f"{argument}{after}"
    assert Path("terraform.tfvars").read_text("utf-8") == f'x = "{str(before != after).lower()}"\n'


def test_a_conversion_that_terraform_does_not_document_is_not_known(
    folder: Path, grantlint: Callable[..., Run]
) -> None:
    block = 'implicit_grant {\n      access_token_issuance_enabled = "1"\n    }'
    Path("main.tf").write_text(APPLICATION.replace("homepage_url = HOME", block), "utf-8")
    run = grantlint("lint", "main.tf", "--isolated", "--select", "implicit-access-token")
    assert run.status == 3
    assert "write true or false" in run.err.replace("\n", " ")
