"""``--export``: exports of Exchange Online and Azure, which add to a tenant what Microsoft Graph does not have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

HOME, OTHER = "0f0f0f0f-0000-4000-8000-000000000001", "0f0f0f0f-0000-4000-8000-000000000002"
MAIL_READ = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
RULES = ("--select", "mailbox-permission-without-restriction", "--select", "external-application-with-azure-role")
POLICY = {"AppId": "00000001-1111-4111-8111-111111111111", "AccessRight": "RestrictAccess", "IsValid": True}
ROLE = {
    "principalId": "sp1",
    "principalType": "ServicePrincipal",
    "roleDefinitionName": "Owner",
    "scope": "/subscriptions/99999999-0000-4000-8000-000000000001",
}
RESTRICTED = "has Mail.Read for every mailbox, without an application access policy"
DENIED = "has Mail.Read for every mailbox that no policy denies"
AZURE = "has the Azure role Owner on /subscriptions/99999999-0000-4000-8000-000000000001"


@pytest.fixture
def snapshot(folder: Path) -> Path:
    """A snapshot of a tenant in which an external application may read all mail."""
    graph = {"id": "sp0", "appId": "00000003-0000-0000-c000-000000000000", "displayName": "Microsoft Graph"}
    app = {"id": "sp1", "appId": POLICY["AppId"], "displayName": "Calendar", "appOwnerOrganizationId": OTHER}
    common = {"servicePrincipalType": "Application", "accountEnabled": True}
    grant = {"id": "a", "appRoleId": MAIL_READ, "principalId": "sp1", "resourceId": "sp0"}
    records: list[dict[str, Any]] = [
        {"record": "snapshot", "tenant": HOME, "endpoint": "https://graph.microsoft.com/v1.0", "read_at": "2026-11-30"},
        {"record": "policy", "part": "organization", "value": {"id": HOME, "displayName": "Contoso"}},
        *({"record": "service-principal", "value": {**common, **one}} for one in (graph, app)),
        {"record": "app-role-assignment", "value": grant},
        *(
            {"record": "part", "part": part, "status": "read"}
            for part in ("applications", "organization", "service-principals", "app-role-assignments")
        ),
        {"record": "end"},
    ]
    path = Path("t.jsonl")
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    return path


def messages(run: Run) -> list[str]:
    return [one["message"] for one in json.loads(run.out)["findings"]]


def test_without_an_export_nothing_is_known(grantlint: Callable[..., Run], snapshot: Path) -> None:
    run = grantlint("lint", str(snapshot), *RULES, "--format", "json")
    assert messages(run) == []
    assert "--export access-policies:FILE" in run.out
    assert "--export azure-roles:FILE" in run.out


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("access-policies", "", [RESTRICTED]),
        ("access-policies", "[]", [RESTRICTED]),
        ("access-policies", json.dumps(POLICY), []),
        ("access-policies", json.dumps([{**POLICY, "AccessRight": "DenyAccess"}]), [DENIED]),
        ("access-policies", f'#TYPE x\n"AppId","AccessRight"\n"{POLICY["AppId"]}","RestrictAccess"\n', []),
        ("azure-roles", "[]", []),
        ("azure-roles", json.dumps([ROLE]), [AZURE]),
        ("azure-roles", json.dumps([ROLE, {**ROLE, "roleDefinitionName": "Reader"}]), [f"{AZURE}, and 1 more"]),
        ("azure-roles", json.dumps([{**ROLE, "principalId": "someone"}]), []),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_export_is_read(
    grantlint: Callable[..., Run], snapshot: Path, kind: str, text: str, found: list[str], encoding: str
) -> None:
    Path("export").write_text(text, encoding=encoding)
    run = grantlint("lint", str(snapshot), *RULES, "--export", f"{kind}:export", "--format", "json")
    assert messages(run) == found


@pytest.mark.parametrize(
    ("value", "text", "says"),
    [
        ("azure:export", "[]", "invalid --export value 'azure:export'"),
        ("azure-roles:export", "[{}]", "a row lacks one of principalId, roleDefinitionName, scope"),
        ("azure-roles:export", "", "is neither JSON nor CSV with the expected rows"),
        ("access-policies:export", "[1]", "is neither JSON nor CSV with the expected rows"),
        ("access-policies:export", "[" * 9999, "is neither JSON nor CSV with the expected rows"),
        ("access-policies:export", json.dumps([{**POLICY, "AccessRight": 0}]), "is neither JSON nor CSV"),
        ("access-policies:absent", "", "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_export_is_an_error(
    grantlint: Callable[..., Run], snapshot: Path, value: str, text: str, says: str
) -> None:
    Path("export").write_text(text)
    run = grantlint("lint", str(snapshot), "--export", value)
    assert run.status == 2
    assert says in run.err


def test_an_export_needs_one_tenant(grantlint: Callable[..., Run], folder: Path) -> None:
    Path("export").write_text("[]")
    Path("app.json").write_text('{"appId": "a", "displayName": "Portal", "signInAudience": "AzureADMyOrg"}')
    run = grantlint("lint", "app.json", "--export", "azure-roles:export")
    assert run.status == 2
    assert "--export is about one tenant, and 0 were read" in run.err
