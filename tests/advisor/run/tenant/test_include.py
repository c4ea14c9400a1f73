"""The accounts of owners, and what is read on request: what is kept in a snapshot, and what is not known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.fragments import CERTIFICATE, SELF_SIGNED, SHORT_KEY
from tests.advisor.run.tenant.shown import Lint, unread
from tests.conftest import Run
from tests.graph_server.directory import TENANT, Directory, principal, user
from tests.graph_server.faults import Fault
from tests.graph_server.names import ALL
from tests.graph_server.server import GraphServer

DISABLED = ("--select", "disabled-owner")


def test_a_disabled_owner_is_found_and_kept_in_a_snapshot_without_more_of_the_user(
    lint: Lint, grantlint: Callable[..., Run], graph: GraphServer
) -> None:
    graph.graph.directory.disabled = {user(2)["id"]}
    _, report = lint(*DISABLED)
    (finding,) = report["findings"]
    assert (finding["severity"], finding["message"]) == (
        "low",
        "is owned by person2@contoso.com, whose account is disabled; no other owner is active",
    )
    assert unread(report) == report["not_assessed"] == []
    assert grantlint("snapshot", "--tenant", TENANT, "-o", "t.jsonl").status == 0
    kept = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    (accounts,) = [one["value"] for one in kept if one.get("part") == "owner-accounts" and "value" in one]
    assert accounts == [{"id": user(number)["id"], "accountEnabled": number != 2} for number in (0, 2, 4)]
    run = grantlint("lint", "t.jsonl", *DISABLED, "--format", "json")
    assert [one["fingerprint"] for one in json.loads(run.out)["findings"]] == [finding["fingerprint"]]


def test_without_the_permission_no_owner_counts_as_active(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(6), frozenset(("Application.Read.All", "Organization.Read.All")))
    run, report = lint(*DISABLED)
    assert run.status == 3
    (row,) = [row for row in unread(report) if "accounts of owners" in row["name"]]
    assert row["remedy"] == "grant User.Read.All (or Directory.Read.All) to the identity that reads"
    assert [(gap["pointer"], gap["reason"]) for gap in report["not_assessed"]] == [("/users", "refused")]


def test_a_user_whom_graph_does_not_return_is_not_known(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.hidden = {user(2)["id"]}
    _, report = lint(*DISABLED)
    assert report["findings"] == []
    (gap,) = report["not_assessed"]
    assert gap["note"] == "Microsoft Graph did not say whether the account of person2@contoso.com is enabled"


RISK = ("--select", "risky-service-principal")
MFA = ("--select", "owner-without-mfa")
READS_RISK = ALL | {"IdentityRiskyServicePrincipal.Read.All"}


def at_risk(number: int, state: str = "atRisk") -> dict[str, Any]:
    return {
        "id": principal(number)["id"],
        "appId": principal(number)["appId"],
        "displayName": f"Application {number}",
        "riskState": state,
        "riskLevel": "high",
        "riskLastUpdatedDateTime": "2026-11-20T08:00:00Z",
    }


def registered(number: int, *, capable: bool, kind: str = "member") -> dict[str, Any]:
    return {
        "id": user(number)["id"],
        "userPrincipalName": user(number)["userPrincipalName"],
        "methodsRegistered": ["microsoftAuthenticatorPush"] if capable else [],
        "isMfaCapable": capable,
        "userType": kind,
    }


@pytest.mark.parametrize(("rule", "name", "list_"), [(RISK, "risk", "/identityProtection"), (MFA, "mfa", "/reports")])
def test_what_is_read_on_request_is_not_assessed_without_it_and_fails_nothing(
    lint: Lint, graph: GraphServer, rule: tuple[str, ...], name: str, list_: str
) -> None:
    run, report = lint(*rule)
    assert run.status == 0
    assert not any(list_ in address for address in (*graph.requests, *graph.batched))
    assert unread(report) == []
    assert {gap["remedy"] for gap in report["not_assessed"]} == {f"read the tenant with --include {name}"}


def test_risky_service_principals_come_with_the_policies_and_stay_in_a_snapshot(
    lint: Lint, grantlint: Callable[..., Run], graph: GraphServer
) -> None:
    graph.graph.permissions = READS_RISK
    graph.graph.directory.risks = [at_risk(1), at_risk(2, "remediated"), at_risk(3, "unknownFutureValue")]
    run, report = lint("--include", "risk", *RISK)
    assert run.status == 1
    assert "IdentityRiskyServicePrincipal.Read.All" in run.err
    (finding,) = report["findings"]
    assert (finding["severity"], finding["message"]) == (
        "high",
        "is flagged as risky (risk level high, updated on 2026-11-20)",
    )
    assert [gap["note"] for gap in report["not_assessed"]] == [
        "Microsoft Graph did not say whether the risk is resolved"
    ]
    assert not any(request.startswith("GET /identityProtection") for request in graph.requests)
    assert grantlint("snapshot", "--tenant", TENANT, "--include", "risk", "-o", "t.jsonl").status == 0
    run = grantlint("lint", "t.jsonl", *RISK, "--format", "json")
    assert [one["fingerprint"] for one in json.loads(run.out)["findings"]] == [finding["fingerprint"]]


@pytest.mark.parametrize(
    ("name", "rule", "fault", "remedy"),
    [
        ("risk", RISK, None, "the tenant needs Microsoft Entra Workload ID Premium"),
        ("risk", RISK, Fault(kind="status", match="/identityProtection", status=404, times=9), ""),
        (
            "mfa",
            MFA,
            Fault(kind="status", match="/reports", status=403, times=9),
            "the tenant needs Microsoft Entra ID",
        ),
        ("mfa", MFA, Fault(kind="status", match="/reports", status=404, times=9), ""),
    ],
)
def test_a_refused_list_is_not_known(
    lint: Lint, graph: GraphServer, name: str, rule: tuple[str, ...], fault: Fault | None, remedy: str
) -> None:
    graph.faults = [fault] if fault else []
    run, report = lint("--include", name, *rule)
    assert run.status == 3
    (row,) = unread(report)
    assert remedy in row["remedy"]
    assert report["findings"] == []
    assert len(report["not_assessed"]) == 1


def test_the_report_of_mfa_methods_is_read_until_all_owners_are_found(lint: Lint, graph: GraphServer) -> None:
    strangers = [registered(number, capable=False) for number in range(50, 60)]
    graph.graph.directory.registrations = [
        registered(0, capable=False),
        registered(2, capable=True),
        registered(4, capable=False, kind="guest"),
        *strangers,
    ]
    _, report = lint("--include", "mfa", *MFA)
    assert [(one["severity"], one["message"]) for one in report["findings"]] == [
        ("medium", "is owned by person0@contoso.com, who is not capable of MFA")
    ]
    assert [gap["note"] for gap in report["not_assessed"]] == [
        "the report of authentication methods does not say whether person4@contoso.com can use MFA"
    ]
    assert sum("/reports/authenticationMethods" in request for request in graph.requests) == 2


def test_of_the_report_of_mfa_methods_the_state_of_owners_alone_is_kept(
    grantlint: Callable[..., Run], graph: GraphServer, waits: list[float], folder: Path
) -> None:
    graph.graph.directory.registrations = [registered(number, capable=True) for number in (0, 2, 4, 77)]
    assert grantlint("snapshot", "--tenant", TENANT, "--include", "mfa", "-o", "t.jsonl").status == 0
    kept = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    (rows,) = [one["value"] for one in kept if one.get("part") == "owner-registrations" and "value" in one]
    assert rows == [{"id": user(number)["id"], "isMfaCapable": True} for number in (0, 2, 4)]


CERTIFICATES = ("--select", "weak-certificate", "--select", "self-signed-certificate")


def certified(graph: GraphServer, **keys: str) -> None:
    """Give some applications a certificate each: its public key by the number of the application."""
    directory = graph.graph.directory
    for number, app in enumerate(directory.applications):
        app["keyCredentials"] = []
        if key := keys.get(f"app{number}"):
            key_id = f"{number:08x}-4444-4444-8444-444444444444"
            app["keyCredentials"] = [{**CERTIFICATE, "keyId": key_id, "endDateTime": "2299-01-01T00:00:00Z"}]
            directory.public_keys[key_id] = key


def test_certificates_are_read_twenty_to_a_request_and_of_applications_that_have_one(
    lint: Lint, grantlint: Callable[..., Run], graph: GraphServer
) -> None:
    certified(graph, app1=SHORT_KEY, app3=SELF_SIGNED)
    run, report = lint(*CERTIFICATES)
    assert run.status == 0
    _, report = lint("--include", "certificates", *CERTIFICATES)
    assert [(one["rule"], one["registration"][:8]) for one in report["findings"]] == [
        ("weak-certificate", "00000001"),
        ("self-signed-certificate", "00000003"),
    ]
    assert unread(report) == report["not_assessed"] == []
    assert sum("$select=id,keyCredentials" in address for address in graph.batched) == 2
    assert grantlint("snapshot", "--tenant", TENANT, "--include", "certificates", "-o", "t.jsonl").status == 0
    text = Path("t.jsonl").read_text()
    assert SHORT_KEY not in text
    assert SELF_SIGNED not in text
    again = grantlint("lint", "t.jsonl", *CERTIFICATES, "--format", "json")
    assert [one["fingerprint"] for one in json.loads(again.out)["findings"]] == [
        one["fingerprint"] for one in report["findings"]
    ]


def test_a_certificate_that_was_requested_and_not_read_is_not_assessed(lint: Lint, graph: GraphServer) -> None:
    certified(graph, app1=SHORT_KEY, app3=SELF_SIGNED)
    graph.faults = [Fault(kind="status", match="/applications/00000001", status=403, times=9)]
    run, report = lint("--include", "certificates", *CERTIFICATES)
    assert run.status == 3
    assert [one["rule"] for one in report["findings"]] == ["self-signed-certificate"]
    assert {(gap["registration"][:8], gap["pointer"]) for gap in report["not_assessed"]} == {
        ("00000001", "/keyCredentials/0/key")
    }
    (row,) = unread(report)
    assert row["name"].endswith("certificates of applications")


MAPPED = ("--select", "claims-mapping-policy-fails", "--select", "mapped-claims-without-signing-key")


def test_claims_mapping_policies_are_read_with_all_that_they_apply_to(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.policies["/policies/claimsMappingPolicies"] = [{"id": "p1", "displayName": "Department"}]
    directory.mapped = {"p1": [*(f"{number:08x}-none" for number in range(1200)), principal(0)["id"]]}
    directory.applications[0]["api"] = {**(directory.applications[0]["api"] or {}), "acceptMappedClaims": True}
    _, report = lint(*MAPPED)
    assert [one["message"] for one in report["findings"]] == [
        "gets claims from the policy Department without a custom signing key"
    ]
    assert report["not_assessed"] == []


def test_a_policy_whose_targets_are_refused_is_not_known(lint: Lint, graph: GraphServer) -> None:
    directory = graph.graph.directory
    directory.policies["/policies/claimsMappingPolicies"] = [{"id": "p1", "displayName": "Department"}]
    directory.mapped = {"p1": [principal(0)["id"]]}
    graph.faults = [Fault(kind="status", match="/appliesTo", status=403, times=9)]
    run, report = lint(*MAPPED)
    assert run.status == 3
    assert {gap["pointer"] for gap in report["not_assessed"]} == {"/claimsMappingPolicies"}


def test_an_unknown_part_is_an_error(lint: Lint) -> None:
    run, _ = lint("--include", "everything")
    assert run.status == 2
    assert "invalid --include value 'everything'" in run.err
