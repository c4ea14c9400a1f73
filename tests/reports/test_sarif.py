"""SARIF as the schema, the standard and GitHub want it."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from reports.formats.sarif import RESULTS, render_sarif
from reports.rows import Acceptance, Origin
from rules.model.finding import NotAssessed
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.sample import RULES, advice_report, empty_report, finding, registration, sample_report, summary

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run_of(report) -> dict:
    log = json.loads(render_sarif(report))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    return run


def found(**more):
    row = finding(**{"rule": "no-owner", "severity": "low", "key": "a", "message": "has no owner", **more})
    return empty_report(registrations=(registration("a", "A"),), rules=RULES, findings=(row,))


@pytest.mark.parametrize("make", [sample_report, hostile_report, advice_report, empty_report, lambda: large_report(60)])
def test_every_log_is_valid_and_every_result_names_its_rule_and_a_file(make) -> None:
    run = run_of(make())
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert result["level"] in ("error", "warning", "note")


def test_a_finding_in_a_file_is_on_its_characters_and_its_property() -> None:
    result = run_of(sample_report())["results"][1]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "apps/portal.json", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 41, "startColumn": 32, "endLine": 41, "endColumn": 36},
    }
    assert result["locations"][0]["logicalLocations"] == [
        {
            "name": "oauth2AllowImplicitFlow",
            "fullyQualifiedName": "11111111-1111-4111-8111-111111111111/oauth2AllowImplicitFlow",
            "decoratedName": "Contoso Portal",
            "kind": "object",
        }
    ]
    assert "spa.redirectUris[0]" in result["message"]["text"]


def test_a_finding_of_a_live_tenant_is_attached_to_the_anchor() -> None:
    report = msgspec.structs.replace(found(), anchor="infra/apps.tf")
    (result,) = run_of(report)["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/apps.tf", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }


def test_paths_are_relative_to_the_root_with_slashes() -> None:
    (result,) = run_of(found(origin=Origin(file=".\\apps\\a b.json", line=3)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "apps/a%20b.json",
        "uriBaseId": "%SRCROOT%",
    }


@pytest.mark.parametrize(
    ("severity", "score", "level"),
    [("critical", "9.5", "error"), ("high", "8.0", "error"), ("medium", "5.5", "warning"), ("low", "2.5", "note"),
        ("info", None, "note")],
)  # fmt: skip
def test_severity_is_at_a_rule_of_its_own(severity, score, level) -> None:
    run = run_of(found(severity=severity))
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == ("no-owner" if severity == "low" else f"no-owner/{severity}")
    assert rule["properties"].get("security-severity") == score
    assert "security" in rule["properties"]["tags"]
    assert (result["level"], rule["defaultConfiguration"]["level"]) == (level, level)


def test_every_rule_that_ran_has_help() -> None:
    rules = run_of(sample_report())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert rules[0]["help"]["markdown"].startswith("**Why:** Whoever gets a page below that pattern")
    assert rules[0]["helpUri"] == RULES[0].references[0].url


def test_fingerprints_stay_and_tell_duplicates_apart() -> None:
    twice = tuple(finding("no-owner", "low", "a", "has no owner") for _ in range(2))
    one, two = run_of(empty_report(rules=RULES, findings=twice))["results"]
    assert one["partialFingerprints"]["grantlint/v1"] == two["partialFingerprints"]["grantlint/v1"]
    assert one["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
    assert two["partialFingerprints"]["primaryLocationLineHash"].endswith(":2")


@pytest.mark.parametrize(("inline", "kind"), [(True, "inSource"), (False, "external")])
def test_an_accepted_finding_is_suppressed_with_reason_and_expiry(inline, kind) -> None:
    accepted = Acceptance(
        reason="legacy", owner="Ann", until="2027-01-31", file="grantlint.toml", line=12, inline=inline
    )
    (result,) = run_of(found(state="suppressed", accepted=accepted))["results"]
    (suppression,) = result["suppressions"]
    assert suppression["kind"] == kind
    assert suppression["status"] == "accepted"
    assert suppression["justification"] == "accepted by Ann until 2027-01-31: legacy (grantlint.toml:12)"
    assert suppression["location"]["physicalLocation"]["region"] == {"startLine": 12}


def test_a_new_finding_carries_no_suppression() -> None:
    (result,) = run_of(found())["results"]
    assert "suppressions" not in result
    assert "baselineState" not in result


def test_what_was_known_is_unchanged_against_the_baseline() -> None:
    states = {result["properties"]["state"]: result["baselineState"] for result in run_of(sample_report())["results"]}
    assert states == {"new": "new", "known": "unchanged", "suppressed": "unchanged"}


def test_what_was_not_read_is_a_notification_and_the_run_still_counts() -> None:
    (invocation,) = run_of(sample_report())["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 1
    notes = [(n["descriptor"]["id"], n["level"]) for n in invocation["toolExecutionNotifications"]]
    assert notes == [
        ("input-not-usable", "error"),
        ("input-not-read", "warning"),
        ("not-assessed", "note"),
        ("not-assessed", "note"),
    ]


def test_the_worst_results_are_kept_and_the_rest_is_announced() -> None:
    low = tuple(finding("no-owner", "low", "a", "has no owner", fingerprint=str(n)) for n in range(RESULTS))
    high = finding("implicit-access-token", "high", "a", "issues tokens")
    report = empty_report(rules=RULES, findings=(*low, high), summary=summary((*low, high)))
    run = run_of(report)
    assert len(run["results"]) == RESULTS
    assert run["results"][0]["ruleId"] == "implicit-access-token"
    first = run["invocations"][0]["toolExecutionNotifications"][0]
    assert first["descriptor"]["id"] == "results-left-out"
    assert first["message"]["text"].startswith("1 more result than this file holds")


def test_a_split_report_has_a_category_of_its_own() -> None:
    report = msgspec.structs.replace(empty_report(), part="ann@contoso.example/x")
    assert run_of(report)["automationDetails"] == {"id": "grantlint/ann@contoso.example-x/"}


def test_a_name_cannot_forge_a_link() -> None:
    report = empty_report(
        registrations=(registration("a", "[Fix](https://evil.example) {0}"),),
        findings=(finding("no-owner", "low", "a", "has no owner"),),
    )
    (result,) = run_of(report)["results"]
    assert result["message"]["text"] == r"\[Fix\](https://evil.example) {{0}} has no owner"


def test_a_rule_that_failed_is_no_result_but_a_notification() -> None:
    gap = NotAssessed(rule="no-owner", registration="a", pointer="", reason="internal")
    run = run_of(empty_report(registrations=(registration("a", "A"),), rules=RULES, not_assessed=(gap,)))
    assert run["results"] == []
    assert "the rule itself failed" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
