"""A registration is checked against the grant that it is declared for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import merged_into
from tests.reports.rows_of import rows_of

PORTAL = '[registrations."Contoso Portal"]\ngrant = "authorization_code"\n'


@pytest.fixture
def lint(folder: Path, grantlint: Callable) -> Callable[..., dict[str, Any]]:
    def call(kind: str, fragment: dict[str, Any], configuration: str = "") -> dict[str, Any]:
        (folder / "app.json").write_text(json.dumps(merged_into(kind, fragment), indent=2))
        (folder / "grantlint.toml").write_text(configuration)
        return json.loads(grantlint("lint", "app.json", "--format", "json", "--today", "2026-01-15").out)

    return call


def found(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["rule"], finding["pointer"]) for finding in report["findings"]]


def test_what_opens_another_grant_is_a_finding_with_its_place(lint: Callable) -> None:
    report = lint(
        "web", {"publicClient": {"redirectUris": ["http://127.0.0.1"]}}, PORTAL.replace("authorization_code", "hybrid")
    )
    pairs = found(report)
    assert ("undeclared-grant", "/publicClient/redirectUris") in pairs
    assert ("impossible-declared-grant", "/web/implicitGrantSettings/enableIdTokenIssuance") in pairs
    assert {"undeclared-grant", "impossible-declared-grant"} <= {rule["id"] for rule in report["rules"]}


def test_a_deactivated_application_blocks_its_grant_on_purpose(lint: Callable) -> None:
    declared = PORTAL.replace("authorization_code", "hybrid")
    report = lint("web", {"publicClient": {"redirectUris": ["http://127.0.0.1"]}, "isDisabled": True}, declared)
    severities = {finding["rule"]: finding["severity"] for finding in report["findings"]}
    assert severities["undeclared-grant"] == "low"
    assert "impossible-declared-grant" not in severities


def test_where_a_rule_speaks_already_the_declaration_stands_beside_it(lint: Callable) -> None:
    report = lint("web", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, PORTAL)
    assert [rule for rule, _ in found(report) if rule == "undeclared-grant"] == []
    (finding,) = [finding for finding in report["findings"] if finding["rule"] == "implicit-access-token"]
    assert "is declared for authorization_code" in finding["because"][-1]["note"]
    assert "grantlint.toml, line 1" in finding["because"][-1]["note"]


def test_a_registration_that_fits_its_declaration_has_no_finding(lint: Callable) -> None:
    assert found(lint("web", {}, PORTAL)) == []


@pytest.mark.parametrize(
    "fragment",
    [{"notes": "owner: web; grantlint: grant=client_credentials"}, {"tags": ["grantlint: grant=client_credentials"]}],
)
def test_notes_or_tags_may_declare_it(lint: Callable, fragment: dict[str, Any]) -> None:
    assert ("undeclared-grant", "/web/redirectUris") in found(lint("web", fragment))


def test_the_configuration_wins_over_notes(lint: Callable) -> None:
    assert "undeclared-grant" not in dict(found(lint("web", {"notes": "grantlint: grant=client_credentials"}, PORTAL)))


def test_what_was_not_read_is_not_assessed(folder: Path, grantlint: Callable) -> None:
    (folder / "app.json").write_text(
        json.dumps({"displayName": "Contoso Portal", "web": {"redirectUris": ["https://a.contoso.com/"]}})
    )
    gaps: dict[str, set[tuple[str, str]]] = {}
    for grant in ("authorization_code", "client_credentials"):
        (folder / "grantlint.toml").write_text(PORTAL.replace("authorization_code", grant))
        report = rows_of(grantlint("lint", "app.json", "--format", "json").out)
        gaps[grant] = {(gap["rule"], gap["pointer"]) for gap in report["not_assessed"]}
    assert ("undeclared-grant", "/isFallbackPublicClient") in gaps["authorization_code"]
    assert ("impossible-declared-grant", "/spa/redirectUris") in gaps["authorization_code"]
    assert ("undeclared-grant", "/spa/redirectUris") in gaps["client_credentials"]


def test_it_can_be_accepted_and_switched_off_like_a_rule(lint: Callable) -> None:
    daemon = {"notes": "grantlint: grant=client_credentials"}
    accepted = lint("web", daemon, '[[suppress]]\nrule = "undeclared-grant"\nregistration = "*"\nreason = "x"\n')
    assert [finding["state"] for finding in accepted["findings"] if finding["rule"] == "undeclared-grant"] == [
        "suppressed"
    ]
    assert "undeclared-grant" not in dict(found(lint("web", daemon, '[severity]\nundeclared-grant = "off"\n')))
