"""Tables of facts are renewed from published documents: what a person wrote stays, and every change is named."""

import json
from pathlib import Path

import pytest

from tests.project import refresh

RECORDED = Path(__file__).parent / "recorded"
GRAPH = "00000003-0000-0000-c000-000000000000"

PERMISSIONS = f"""\
# Comments stay.
resource\tkind\tid\tvalue\ttier\tsource\tnote
{GRAPH}\tRole\td07a8cc0-3d51-4b77-b3b0-32704d1f69fa\tAccessReview.Read\tdata\tpeer\ta reason
{GRAPH}\tRole\tb0a39d8e-3025-45c8-bba4-272d070d9b78\tAgreement.ReadWrite.All\tother\tother-cloud\t
{GRAPH}\tScope\t0f0f0f0f-0000-4000-8000-00000000a003\tGone.Read\tother\tmicrosoft\t
{GRAPH}\tScope\te1fe6dd8-ba31-4d61-89e7-88639da4683d\tUser.Read\tother\tmicrosoft\t
"""
ROLES = """\
id\tname\treach\tnote
9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3\tApplication Administrator\ttenant\ta reason
8329153b-31d0-4727-b945-745eb3bc5f31\tDomain Name Administrator\ttenant\t
f2ef992c-3afb-46b9-b7cf-a126ee74c451\tGlobal Reader\treading\t
"""
APP_IDS = f"""\
name\tapp_id
AzureKeyVault\t0f0f0f0f-0000-4000-8000-00000000d002
Gone\t0f0f0f0f-0000-4000-8000-00000000d003
MicrosoftGraph\t{GRAPH}
"""
SUFFIXES = """\
suffix\tservice\tnaming\tkept\tsource
azurewebsites.net\tAzure App Service\tchosen\ttrue\thttps://learn.microsoft.com/
github.io\tGitHub Pages\tchosen\tfalse\thttps://publicsuffix.org/list/public_suffix_list.dat
now.sh\tVercel\tchosen\tfalse\thttps://publicsuffix.org/list/public_suffix_list.dat
"""


def recorded(*names: str) -> list[str]:
    return [(RECORDED / name).read_text("utf-8") for name in names]


def test_permissions_come_from_service_principals() -> None:
    text, news = refresh.permissions(PERMISSIONS, recorded("service-principals.json"))
    assert text.splitlines() == [
        "# Comments stay.",
        "resource\tkind\tid\tvalue\ttier\tsource\tnote",
        f"{GRAPH}\tRole\td07a8cc0-3d51-4b77-b3b0-32704d1f69fa\tAccessReview.Read.All\tdata\tmicrosoft\ta reason",
        f"{GRAPH}\tRole\tb0a39d8e-3025-45c8-bba4-272d070d9b78\tAgreement.ReadWrite.All\tother\tother-cloud\t",
        f"{GRAPH}\tRole\t0f0f0f0f-0000-4000-8000-00000000a001\tSample.Read.All\tother\tmicrosoft\tnot reviewed",
        f"{GRAPH}\tScope\t0f0f0f0f-0000-4000-8000-00000000a003\tGone.Read\tother\tmicrosoft\t",
        f"{GRAPH}\tScope\te1fe6dd8-ba31-4d61-89e7-88639da4683d\tUser.Read\tother\tmicrosoft\t",
    ]
    assert news == [
        "skipped 0f0f0f0f-0000-4000-8000-00000000b001: not in resources.tsv",
        f"changed  {GRAPH} Role d07a8cc0-3d51-4b77-b3b0-32704d1f69fa AccessReview.Read: now AccessReview.Read.All",
        f"gone     {GRAPH} Scope 0f0f0f0f-0000-4000-8000-00000000a003 Gone.Read",
        f"new      {GRAPH} Role 0f0f0f0f-0000-4000-8000-00000000a001 Sample.Read.All",
    ]


def test_permissions_come_from_the_reference_as_well() -> None:
    text, news = refresh.permissions(PERMISSIONS, recorded("graph-permissions-reference.md"))
    assert (
        f"{GRAPH}\tScope\tebfcd32b-babb-40f4-a14b-42706e83bd28\tAccessReview.Read.All\tother\tmicrosoft\tnot reviewed"
        in text
    )
    assert [line.split()[0] for line in news] == ["changed", "gone", "new"]


def test_the_id_of_another_cloud_takes_the_tier_of_the_same_value() -> None:
    table = PERMISSIONS.replace("d07a8cc0", "d07a8cc1").replace("AccessReview.Read\t", "AccessReview.Read.All\t")
    text, _ = refresh.permissions(table, recorded("service-principals.json"))
    assert (
        f"{GRAPH}\tRole\td07a8cc0-3d51-4b77-b3b0-32704d1f69fa\tAccessReview.Read.All\tdata\tmicrosoft\ta reason" in text
    )


def test_titles_come_from_lists_and_service_principals() -> None:
    table = "kind\tid\ttitle\tconsent\nScope\tffffffff-0000-4000-8000-000000000000\tGone\tuser\n"
    role = {"AllowedMemberTypes": ["Application"], "DisplayName": "Read  all ", "Id": "A" * 8}
    scope = {"id": "b", "adminConsentDisplayName": "Read one", "type": "User"}
    principal = {"appId": GRAPH, "appRoles": [], "oauth2PermissionScopes": [scope]}
    text, news = refresh.titles(table, [json.dumps([role]), json.dumps(principal)])
    assert text.splitlines()[1:] == [
        "Role\taaaaaaaa\tRead all\tadmin",
        "Scope\tb\tRead one\tuser",
        "Scope\tffffffff-0000-4000-8000-000000000000\tGone\tuser",
    ]
    assert [line.split()[0] for line in news] == ["gone", "new", "new"]


CONTAINED = """\
kind\twider\tnarrower\tsource
Role\tMail.ReadWrite\tMail.Read\tdescription
Role\tPolicy.ReadWrite.Sample\tPolicy.Read.Sample\tcalls
"""


def test_a_permission_contains_another_only_with_all_its_calls() -> None:
    text, news = refresh.contained(CONTAINED, recorded("permissions.json"))
    assert text.splitlines() == [
        "kind\twider\tnarrower\tsource",
        "Role\tMail.Read\tMail.ReadBasic.All\tcalls",
        "Role\tMail.ReadWrite\tMail.Read\tdescription",
        "Scope\tNotes.ReadWrite.All\tNotes.Read\tcalls",
    ]
    assert [line.split()[0] for line in news] == ["gone", "new", "new"]


@pytest.mark.parametrize("name", ["built-in-roles.md", "role-definitions.json"])
def test_privileged_roles_are_added_and_reach_is_kept(name: str) -> None:
    text, news = refresh.roles(ROLES, recorded(name))
    assert text.splitlines() == [
        "id\tname\treach\tnote",
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3\tApplication Administrator\ttenant\ta reason",
        "8329153b-31d0-4727-b945-745eb3bc5f31\tDomain Administrator\ttenant\t",
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451\tGlobal Reader\treading\t",
        "0f0f0f0f-0000-4000-8000-00000000c001\tSample Administrator\tprivileged\tnot reviewed",
    ]
    assert [line.split()[0] for line in news] == ["changed", "gone", "new"]


def test_published_app_ids_come_from_the_source_of_the_provider() -> None:
    text, news = refresh.app_ids(APP_IDS, recorded("application_ids.go", "constants.go"))
    assert text.splitlines()[1:] == [
        "AzureActiveDirectoryGraph\t00000002-0000-0000-c000-000000000000",
        "AzureKeyVault\tcfa8b339-82a2-471a-a3c9-0fc0be7a4093",
        "Gone\t0f0f0f0f-0000-4000-8000-00000000d003",
        f"MicrosoftGraph\t{GRAPH}",
        "Sample\t0f0f0f0f-0000-4000-8000-00000000d001",
    ]
    assert [line.split()[0] for line in news] == ["skipped", "changed", "gone", "new", "new"]


def test_a_suffix_that_the_list_dropped_is_named_and_stays() -> None:
    assert refresh.suffixes(SUFFIXES, recorded("public_suffix_list.dat")) == (SUFFIXES, ["gone     now.sh"])


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("permissions", ("service-principals.json", "graph-permissions-reference.md")),
        ("roles", ("built-in-roles.md",)),
        ("app-ids", ("application_ids.go", "constants.go")),
        ("suffixes", ("public_suffix_list.dat",)),
    ],
)
def test_a_table_keeps_its_rows_and_a_second_run_changes_nothing(
    table: str,
    names: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = refresh.TABLES[table][0]
    before = (refresh.ROOT / name).read_text("utf-8")
    copy = tmp_path / name
    copy.parent.mkdir(parents=True)
    copy.write_text(before, "utf-8", newline="\n")
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    arguments = [table, "--from", *(str(RECORDED / one) for one in names)]
    assert refresh.main(arguments) == 0
    once = copy.read_text("utf-8")
    changed = {line for line in capsys.readouterr().out.splitlines() if line.startswith("changed")}
    assert len(set(before.splitlines()) - set(once.splitlines())) == len(changed)
    assert refresh.main(arguments) == 0
    assert copy.read_text("utf-8") == once
    assert f"{name} is up to date\n" in capsys.readouterr().out
