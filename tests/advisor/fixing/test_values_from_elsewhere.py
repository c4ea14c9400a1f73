"""A value that is not written in the resource is not touched, and the message names the place that sets it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

APPLICATION = (
    'resource "azuread_application" "portal" {\n  display_name = "Portal"\n  web {\n    homepage_url = HOME\n  }\n}\n'
)
BICEP = (
    "extension microsoftGraphV1\nDECLARED\nresource it 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'it'\n"
    "  displayName: 'Portal'\n  web: { homePageUrl: home }\n}\n"
)
OUTSIDE = "outside of the resource; change it there"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {
                "main.tf": 'variable "home" {\n  type = string\n}\n' + APPLICATION.replace("HOME", "var.home"),
                "terraform.tfvars": 'home = "http://www.contoso.com"\n',
            },
            "it is set in terraform.tfvars; change it there",
        ),
        (
            {"main.tf": APPLICATION.replace("HOME", "local.h") + 'locals { h = "http://www.contoso.com" }\n'},
            f"it is set at main.tf:7, {OUTSIDE}",
        ),
        (
            {"main.tf": APPLICATION.replace("HOME", '"http://${local.h}"') + 'locals { h = "www.contoso.com" }\n'},
            "an expression at main.tf:4 sets it; change it there",
        ),
        (
            {"main.bicep": BICEP.replace("DECLARED", "var home = 'http://www.contoso.com'")},
            f"it is set at main.bicep:2, {OUTSIDE}",
        ),
        (
            {"main.bicep": BICEP.replace("DECLARED", "var home = toLower('HTTP://www.contoso.com')")},
            "change it there",
        ),
        (
            {
                "main.bicep": BICEP.replace("DECLARED", "param home string"),
                "main.bicepparam": "using 'main.bicep'\nparam home = 'http://www.contoso.com'\n",
            },
            "it is set in main.bicepparam; change it there",
        ),
    ],
)
def test_the_place_is_named_and_no_file_changes(
    folder: Path, grantlint: Callable[..., Run], files: dict[str, str], reason: str
) -> None:
    for name, text in files.items():
        Path(name).write_text(text, "utf-8")
    run = grantlint("lint", ".", "--fix", "--unsafe-fixes", "--isolated", "--select", "plaintext-information-url")
    assert reason in run.err
    assert {name: Path(name).read_text("utf-8") for name in files} == files


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
