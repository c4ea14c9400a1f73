"""``grantlint diff`` over files: what changed in registrations, in sentences, and findings new, gone and remaining."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean, merged_into
from tests.conftest import Run

Diff = Callable[..., Run]
PORTAL = clean("web")["appId"]


@pytest.fixture
def diff(grantlint: Callable[..., Run], folder: Path) -> Diff:
    """Compare two lists of applications."""

    def call(old: list[Any], new: list[Any], *arguments: str) -> Run:
        for name, apps in (("old.json", old), ("new.json", new)):
            Path(name).write_text(json.dumps({"value": apps}))
        return grantlint("diff", "old.json", "new.json", "--today", "2026-01-15", "--isolated", *arguments)

    return call


def test_nothing_changed_is_said_and_exits_with_0(diff: Diff) -> None:
    run = diff([clean("web"), clean("spa")], [clean("spa"), clean("web")])
    assert run == (
        0,
        "registrations: 0 added, 0 removed, 0 changed\n\nfindings: 0 new, 0 gone, 0 remaining\n",
        "",
    )


def test_a_registration_that_came_or_went_is_named(diff: Diff) -> None:
    run = diff([clean("web")], [clean("spa")])
    assert f"+ {clean('spa')['displayName']} ({clean('spa')['appId']})\n" in run.out
    assert f"- {clean('web')['displayName']} ({PORTAL})\n" in run.out
    assert run.status == 0


def test_a_changed_property_shows_what_stood_there_and_what_stands_there_now(diff: Diff) -> None:
    new = merged_into(
        "web", {"displayName": "Renamed", "web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}
    )
    run = diff([clean("web")], [new])
    assert f"~ Renamed ({PORTAL})\n" in run.out
    said = "    registrations: web.implicitGrantSettings.enableIdTokenIssuance changed from false to true\n"
    assert said in run.out
    assert "    registrations: displayName changed from Contoso Portal to Renamed\n" in run.out
    assert "+ " in run.out
    assert run.status == 1
    assert run.err == "exit 1: new findings at or above low\n"


def test_a_list_that_was_only_reordered_has_not_changed(diff: Diff) -> None:
    uris = ["https://a.contoso.com/cb", "https://b.contoso.com/cb"]
    old, new = (merged_into("web", {"web": {"redirectUris": order}}) for order in (uris, uris[::-1]))
    assert "0 changed" in diff([old], [new]).out


def test_an_element_of_a_list_is_named_by_itself(diff: Diff) -> None:
    new = merged_into(
        "web", {"web": {"redirectUris": [*clean("web")["web"]["redirectUris"], "http://c.contoso.com/cb"]}}
    )
    run = diff([clean("web")], [new])
    assert "    registrations: web redirect URI http://c.contoso.com/cb was added\n" in run.out
    assert "plaintext-redirect-uri" in run.out


def test_findings_are_new_gone_or_remaining(diff: Diff) -> None:
    def with_uris(*uris: str) -> dict[str, Any]:
        return merged_into("web", {"web": {"redirectUris": list(uris)}})

    both, first, second = ("http://both.contoso.com/cb", "http://first.contoso.com/cb", "http://second.contoso.com/cb")
    run = diff([with_uris(both, first)], [with_uris(second, both)], "--format", "json")
    found = {
        (one["state"], one["value"])
        for one in json.loads(run.out)["findings"]
        if one["rule"] == "plaintext-redirect-uri"
    }
    assert found == {("remaining", both), ("gone", first), ("new", second)}


def test_the_worst_new_finding_is_the_first(diff: Diff) -> None:
    new = merged_into("web", {"notes": None, "web": {"redirectUris": ["http://c.contoso.com/cb", "https://*"]}})
    found = [line.split()[1] for line in diff([clean("web")], [new]).out.splitlines() if line.startswith("+")]
    assert found[0] == "critical"
    assert found == sorted(found, key=["critical", "high", "medium", "low", "info"].index)


def test_a_finding_that_could_not_be_checked_again_is_not_gone(diff: Diff) -> None:
    old = merged_into("web", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}})
    new = {name: value for name, value in old.items() if name != "web"}
    run = diff([old], [new])
    assert "(could not be checked again)\n" in run.out
    assert "0 gone" in run.out
    assert "    not read in one of the two: web\n" in run.out
    assert "0 changed" in run.out


def test_time_alone_makes_no_finding_new(diff: Diff) -> None:
    old = merged_into(
        "daemon",
        {
            "keyCredentials": [],
            "passwordCredentials": [
                {"keyId": "k", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2025-06-01T00:00:00Z"}
            ],
        },
    )
    assert diff([old], [old]).status == 0


def test_fail_on_sets_the_threshold(diff: Diff) -> None:
    new = merged_into("web", {"web": {"redirectUris": ["http://c.contoso.com/cb"]}})
    assert diff([clean("web")], [new], "--fail-on", "critical").status == 0
    assert diff([clean("web")], [new], "--fail-on", "never").status == 0
    assert diff([clean("web")], [new], "--fail-on", "severe").status == 2


def test_a_side_that_cannot_be_used_is_one_line(diff: Diff, grantlint: Callable[..., Run]) -> None:
    diff([clean("web")], [clean("web")])
    run = grantlint("diff", "old.json", "none.json")
    assert (run.status, run.out) == (2, "")
    assert run.err == "none.json: there is no such file; check the path\n"


def test_names_are_never_printed_raw(diff: Diff) -> None:
    run = diff([clean("spa")], [merged_into("web", {"displayName": "a\x1b[31m\u202e\r\n::error::x"})])
    assert not {character for character in run.out if ord(character) < 32 and character != "\n"}
    assert "\u202e" not in run.out
    assert not any(line.startswith("::error") for line in run.out.splitlines())


SECRET = {
    "keyId": "k1",
    "displayName": "ci",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
GITHUB = {
    "name": "deploy",
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "repo:contoso/portal:environment:production",
    "audiences": ["api://AzureADTokenExchange"],
}
ANN = {"id": "1", "displayName": "Ann", "userPrincipalName": "ann@contoso.com"}
MAIL_READ = {
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{"id": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "type": "Role"}],
}
SENTENCES = {
    "first secret": (
        {"passwordCredentials": []},
        {"passwordCredentials": [SECRET]},
        "credentials: secret ci was added, valid until 2026-06-01",
    ),
    "second secret": (
        {"passwordCredentials": [SECRET]},
        {"passwordCredentials": [SECRET, {**SECRET, "keyId": "k2", "displayName": None, "endDateTime": "2028-01-31"}]},
        "credentials: a second secret was added: k2, valid until 2028-01-31",
    ),
    "secret removed": (
        {"passwordCredentials": [SECRET]},
        {"passwordCredentials": []},
        "credentials: secret ci was removed; it was valid until 2026-06-01",
    ),
    "federation": (
        {"federatedIdentityCredentials": [GITHUB]},
        {"federatedIdentityCredentials": [{**GITHUB, "subject": "repo:fork/portal:ref:refs/heads/main"}]},
        "credentials: federated credential deploy now trusts repo:fork/portal:ref:refs/heads/main of "
        "https://token.actions.githubusercontent.com",
    ),
    "federation removed": (
        {"federatedIdentityCredentials": [GITHUB]},
        {"federatedIdentityCredentials": []},
        "credentials: federated credential deploy was removed; it trusted repo:contoso/portal:environment:production "
        "of https://token.actions.githubusercontent.com",
    ),
    "owner": ({"owners": []}, {"owners": [ANN]}, "owners: Ann (ann@contoso.com) was added as an owner"),
    "permission": (
        {"requiredResourceAccess": []},
        {"requiredResourceAccess": [MAIL_READ]},
        "registrations: application permission Mail.Read of Microsoft Graph is now requested",
    ),
    "permission removed": (
        {"requiredResourceAccess": [MAIL_READ]},
        {"requiredResourceAccess": []},
        "registrations: application permission Mail.Read of Microsoft Graph is no longer requested",
    ),
    "identifier": (
        {"identifierUris": []},
        {"identifierUris": ["api://portal"]},
        "registrations: application ID URI api://portal was added",
    ),
    "null is an empty list": ({"tags": None}, {"tags": ["a"]}, "registrations: a was added to tags"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_change_is_a_sentence(diff: Diff, case: str) -> None:
    old, new, sentence = SENTENCES[case]
    lines = diff([merged_into("web", old)], [merged_into("web", new)], "--fail-on", "never").out.splitlines()
    assert [line.strip() for line in lines if line.startswith("    ")] == [sentence]


def test_a_federated_credential_that_was_made_again_under_its_name_has_not_changed(diff: Diff) -> None:
    old, new = (merged_into("web", {"federatedIdentityCredentials": [{**GITHUB, "id": id_}]}) for id_ in ("f1", "f2"))
    said = [line for line in diff([old], [new]).out.splitlines() if line.startswith("    ")]
    assert said == ["    credentials: federated credential deploy: id changed from f1 to f2"]


def test_a_value_is_shown_whole(diff: Diff) -> None:
    notes = "word " * 400
    assert notes.strip() in diff([clean("web")], [merged_into("web", {"notes": notes.strip()})]).out


def test_a_change_of_a_watched_category_fails(diff: Diff) -> None:
    old, new = clean("web"), merged_into("web", {"owners": [ANN]})

    def status(*arguments: str) -> tuple[int, str]:
        run = diff([old], [new], "--fail-on", "never", *arguments)
        return run.status, run.err

    assert status() == (0, "")
    assert status("--fail-on-change", "credentials") == (0, "")
    unread = "exit 3: not everything about grants, policies was read in both\n"
    assert status("--fail-on-change", "owners,policies,grants") == (3, unread)
    assert status("--fail-on-change", "credentials, owners") == (1, "exit 1: changes in owners\n")
    assert status("--fail-on-change", "owner") == (
        2,
        "grantlint: unknown category 'owner' in --fail-on-change; one of credentials, grants, roles, owners, policies, "
        "registrations, service-principals\n",
    )


def test_a_registration_that_came_fails_for_what_it_has(diff: Diff) -> None:
    new = {**clean("spa"), "passwordCredentials": [SECRET]}
    run = diff(
        [clean("web")], [clean("web"), new], "--fail-on", "never", "--fail-on-change", "credentials,registrations"
    )
    assert run.err == "exit 1: changes in credentials, registrations\n"
    assert "    credentials: secret ci was added, valid until 2026-06-01\n" in run.out


def test_a_registration_keeps_its_identity_without_a_client_id(grantlint: Callable[..., Run], folder: Path) -> None:
    """It is moved, deployed, and has a namesake that changes nothing."""

    def write(name: str, app: dict[str, Any]) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(app))

    planned = {name: value for name, value in clean("web").items() if name not in ("appId", "id")}
    write("old/a.json", planned)
    write("new/moved.json", clean("web"))
    write("twins/a.json", planned)
    write("twins/b.json", {**planned, "tags": ["b"]})
    run = grantlint("diff", "old", "new", "--isolated", "--today", "2026-01-15")
    assert "registrations: 0 added, 0 removed, " in run.out
    again = grantlint("diff", "twins", "twins", "--isolated", "--today", "2026-01-15")
    assert "registrations: 0 added, 0 removed, 0 changed\n" in again.out


def test_a_registration_of_a_file_that_was_not_read_is_not_removed(grantlint: Callable[..., Run], folder: Path) -> None:
    for side in ("old", "new"):
        (folder / side).mkdir()
        (folder / side / "a.json").write_text(json.dumps(clean("web")))
    (folder / "old" / "b.json").write_text(json.dumps({**clean("spa"), "displayName": "Other", "owners": []}))
    (folder / "new" / "b.json").write_text(json.dumps({**clean("spa"), "notes": "x" * 5000, "displayName": "Other"}))
    (folder / "grantlint.toml").write_text("[limits]\nbytes = 4000\n")
    run = grantlint("diff", "old", "new", "--today", "2026-01-15")
    assert "? Other (" in run.out
    assert "registrations: 0 added, 0 removed, 0 changed, 1 not known\n" in run.out
    assert "0 gone" in run.out
    assert run.status == 3


def test_an_unknown_element_of_a_list_makes_its_differences_unknown(
    grantlint: Callable[..., Run], folder: Path
) -> None:
    text = """
    resource "azuread_application" "a" {{
      display_name = "A"
      web {{
        redirect_uris = [{}]
      }}
    }}
    """
    for side, uris in (("old", '"https://a.contoso.com/cb"'), ("new", "var.first")):
        (folder / side).mkdir()
        (folder / side / "main.tf").write_text(text.format(uris) + 'variable "first" { type = string }')
    run = grantlint("diff", "old", "new", "--isolated")
    assert "0 changed" in run.out
    assert "    not read in one of the two: web.redirectUris" in run.out


def test_what_code_grants_and_what_only_a_deployment_knows(grantlint: Callable[..., Run], folder: Path) -> None:
    before = 'resource "azuread_application" "a" {\n  display_name = "A"\n}\n'
    after = """
    variable "subject" { type = string }
    resource "azuread_application_federated_identity_credential" "f" {
      application_id = azuread_application.a.id
      display_name   = "deploy"
      audiences      = ["api://AzureADTokenExchange"]
      issuer         = "https://token.actions.githubusercontent.com"
      subject        = var.subject
    }
    resource "azuread_service_principal" "a" {
      client_id = azuread_application.a.client_id
    }
    resource "azuread_service_principal" "graph" {
      client_id    = "00000003-0000-0000-c000-000000000000"
      use_existing = true
    }
    resource "azuread_app_role_assignment" "mail" {
      app_role_id         = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
      principal_object_id = azuread_service_principal.a.object_id
      resource_object_id  = azuread_service_principal.graph.object_id
    }
    """
    for side, text in (("old", before), ("new", before + after)):
        (folder / side).mkdir()
        (folder / side / "main.tf").write_text(text)
    run = grantlint("diff", "old", "new", "--isolated", "--fail-on", "never", "--fail-on-change", "grants")
    assert run.out.startswith(
        "~ A\n"
        "    credentials: federated credential deploy was added; it trusts a subject that is not known of "
        "https://token.actions.githubusercontent.com\n"
        "    grants: application permission Mail.Read of Microsoft Graph was granted\n"
    )
    assert run.err == "exit 1: changes in grants\n"
    again = json.loads(grantlint("diff", "new", "old", "--isolated", "--format", "json").out)
    assert [one["text"].rpartition(" ")[2] for one in again["objects"][0]["changes"]] == [
        "https://token.actions.githubusercontent.com",
        "revoked",
    ]
