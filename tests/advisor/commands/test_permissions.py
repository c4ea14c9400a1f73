"""``grantlint permissions`` finds permissions by name, ID and words, and says which registrations have them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.commands.permissions import complete_permission
from rules.knowledge.permission_search import search_permissions
from rules.knowledge.permissions import GRAPH

MAIL_READ = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"


def test_a_name_is_explained_for_each_kind_and_api(grantlint: Callable) -> None:
    run = grantlint("permissions", "mail.read")
    assert run.status == 0
    assert run.out.startswith(
        "Mail.Read of Microsoft Graph (application)\n"
        f"  ID         {MAIL_READ}\n"
        f"  API        {GRAPH}\n"
        "  allows     Read mail in all mailboxes\n"
        "  tier       data: reads or writes the data of all users\n"
        "  consent    an administrator must consent\n"
        "  narrower   Mail.ReadBasic.All; RBAC for Applications in Exchange Online may be\n"
    )
    assert "Mail.Read of Microsoft Graph (delegated)" in run.out
    assert "users can consent, if the consent policy of the tenant allows it" in run.out
    assert "consent    not known: the API decides" in run.out  # the delegated one of Exchange Online
    assert max(map(len, run.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        (MAIL_READ.upper(), "Mail.Read of Microsoft Graph", 2),  # Exchange Online has the same ID
        ("https://graph.microsoft.com/Mail.Read", "Mail.Read of Microsoft Graph", 2),
        ("Azure Key Vault", "user_impersonation of Azure Key Vault", 1),
        ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "user_impersonation of Azure Key Vault", 1),
        ("read mail", "Mail.Read of Microsoft Graph", None),
        ("api://x/Mail.Read", None, 0),
        ("?", None, 0),
    ],
)
def test_what_finds_a_permission(query: str, first: str | None, count: int | None) -> None:
    rows = search_permissions(query).rows
    assert (rows[0].name if rows else None) == first
    assert count is None or len(rows) == count


def test_words_list_what_they_find_those_of_the_name_first(grantlint: Callable) -> None:
    lines = grantlint("permissions", "read", "mail").out.splitlines()
    assert lines[:3] == [
        "Mail.Read of Microsoft Graph (application)",
        f"  {MAIL_READ} data",
        "  Read mail in all mailboxes",
    ]
    assert "Calendars.Read of Microsoft Graph (application)" in lines  # its title names mailboxes


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("Mail.Reat", "unknown permission 'Mail.Reat'; did you mean 'Mail.Read'"),
        (MAIL_READ[:-1] + "2", f"did you mean '{MAIL_READ}'?"),
        ("zzz", "unknown permission 'zzz'; search for words: grantlint permissions read mail"),
    ],
)
def test_a_miss_is_one_line_and_status_2(query: str, said: str, grantlint: Callable) -> None:
    run = grantlint("permissions", query)
    assert (run.status, run.out) == (2, "")
    assert said in run.err


def test_json_has_null_for_what_is_not_known(grantlint: Callable) -> None:
    rows = json.loads(grantlint("permissions", "Mail.Read", "--format", "json").out)
    by_place = {(row["resource_name"], row["kind"]): row for row in rows}
    graph, exchange = by_place["Microsoft Graph", "delegated"], by_place["Exchange Online", "delegated"]
    assert (graph["allows"], graph["admin_consent"], graph["contains"]) == ("Read user mail", False, ["Mail.ReadBasic"])
    assert (exchange["allows"], exchange["admin_consent"], exchange["alternative"]) == (None, None, None)


def test_a_report_says_who_requests_and_who_is_not_known(folder: Path, grantlint: Callable) -> None:
    def registration(name: str, number: int, id: str | None) -> dict[str, object]:
        app = {
            "appId": f"{number:08}-0000-4000-8000-000000000000",
            "displayName": name,
            "signInAudience": "AzureADMyOrg",
        }
        access = [{"resourceAppId": GRAPH, "resourceAccess": [{"id": id, "type": "Role"}]}]
        return app | ({"requiredResourceAccess": access} if id else {})

    apps = [
        registration("Has", 1, MAIL_READ),
        registration("Lacks", 2, MAIL_READ[:-1] + "9"),
        registration("Unread", 3, None),
    ]
    (folder / "apps.json").write_text(json.dumps(apps), "utf-8")
    grantlint("lint", "apps.json", "-o", "report.json")
    row = json.loads(grantlint("permissions", MAIL_READ, "--report", "report.json", "--format", "json").out)[0]
    assert row["requested"] == {
        "has": ["Has (apps.json)"],
        "lacks": ["Lacks (apps.json)"],
        "not_known": ["Unread (apps.json)"],
    }
    assert len(row["granted"]["not_known"]) == 3  # a file does not say what was granted
    run = grantlint("permissions", MAIL_READ, "--report", "report.json")
    assert "  requested  Has (apps.json); not known for 1 registration\n" in run.out


def test_names_are_completed() -> None:
    assert complete_permission("mail.readb") == ["Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.ReadBasic.Shared"]


def test_an_id_that_only_the_deployment_knows_may_be_the_permission(folder: Path, grantlint: Callable) -> None:
    access = {"resourceAppId": GRAPH, "resourceAccess": [{"id": "${var.permission}", "type": "Role"}]}
    app = {"appId": "00000001-0000-4000-8000-000000000000", "displayName": "App", "requiredResourceAccess": [access]}
    (folder / "app.json").write_text(json.dumps(app), "utf-8")
    grantlint("lint", "app.json", "-o", "report.json")
    row = json.loads(grantlint("permissions", MAIL_READ, "--report", "report.json", "--format", "json").out)[0]
    assert (row["requested"]["has"], row["requested"]["not_known"]) == ([], ["App (app.json)"])
