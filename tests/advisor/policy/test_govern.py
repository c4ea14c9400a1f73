"""The organisation's word over the rules': severities, accepted findings, baselines, scopes; from end to end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean, merged_into

PORTAL = merged_into("web", {"web": {"redirectUris": ["http://portal.contoso.com/cb"]}})
TODAY = "2026-01-15"


@pytest.fixture
def lint(folder: Path, grantlint: Callable) -> Callable[..., dict[str, Any]]:
    """Lint ``apps`` with the configuration text; returns the JSON report."""
    (folder / "apps").mkdir()
    (folder / "apps" / "portal.json").write_text(json.dumps(PORTAL, indent=2))

    def call(configuration: str = "", *options: str) -> dict[str, Any]:
        (folder / "grantlint.toml").write_text(configuration)
        run = grantlint("lint", "apps", "--format", "json", "--today", TODAY, *options)
        assert run.out, run.err
        return {**json.loads(run.out), "status": run.status, "err": run.err}

    return call


def found(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(finding["rule"], finding["severity"], finding["state"]) for finding in report["findings"]]


def suppress(**values: str) -> str:
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    return f'[[suppress]]\nrule = "plaintext-redirect-uri"\n{lines}\n'


def test_a_severity_replaces_the_rules_own_and_off_switches_it_off(lint: Callable) -> None:
    assert found(lint('[severity]\nplaintext-redirect-uri = "info"\n')) == [("plaintext-redirect-uri", "info", "new")]
    report = lint('[severity]\nplaintext-redirect-uri = "off"\n')
    assert found(report) == []
    assert "plaintext-redirect-uri" not in [rule["id"] for rule in report["rules"]]


def test_an_accepted_finding_stays_in_the_report_and_fails_nothing(lint: Callable) -> None:
    report = lint(
        suppress(registration='"Contoso P*"', reason='"until the proxy speaks TLS"', owner='"web"', until="2026-01-15")
    )
    assert found(report) == [("plaintext-redirect-uri", "high", "suppressed")]
    assert report["status"] == 0
    accepted = report["findings"][0]["accepted"]
    assert (accepted["reason"], accepted["owner"], accepted["until"]) == (
        "until the proxy speaks TLS",
        "web",
        "2026-01-15",
    )
    assert "1 accepted" in report["err"]


def test_what_has_ended_counts_again_and_says_what_used_to_hold(lint: Callable) -> None:
    report = lint(suppress(registration='"Contoso Portal"', reason='"x"', until="2026-01-14"))
    assert found(report) == [("plaintext-redirect-uri", "high", "new"), ("expired-suppression", "medium", "new")]
    assert report["findings"][0]["accepted"]["ended"] is True
    assert report["findings"][1]["origin"]["line"] == 1
    assert report["status"] == 1


def test_a_suppression_that_accepts_nothing_is_a_finding(lint: Callable) -> None:
    unused = '[[suppress]]\nrule = "wildcard-redirect-uri"\nregistration = "Contoso Portal"\nreason = "x"\n'
    report = lint(unused)
    assert ("unused-suppression", "low", "new") in found(report)
    assert "unused-suppression" in [rule["id"] for rule in report["rules"]]


@pytest.mark.parametrize("options", [("--select", "implicit"), ("--no-suppressions",)])
def test_it_is_not_called_unused_by_a_run_that_could_not_tell(lint: Callable, options: tuple[str, ...]) -> None:
    unused = '[[suppress]]\nrule = "wildcard-redirect-uri"\nregistration = "Contoso Portal"\nreason = "x"\n'
    assert "unused-suppression" not in [rule for rule, *_ in found(lint(unused, *options))]


def test_a_name_that_nobody_has_is_unused_when_everything_was_read(
    folder: Path, grantlint: Callable, lint: Callable
) -> None:
    assert found(lint(suppress(registration='"Another"', reason='"x"'))) == [("plaintext-redirect-uri", "high", "new")]
    whole = grantlint("lint", ".", "--format", "json", "--today", TODAY)
    assert ("unused-suppression", "low", "new") in found(json.loads(whole.out))


def test_a_suppression_without_reason_is_a_finding(lint: Callable) -> None:
    report = lint(suppress(path='"apps/**"'))
    assert found(report) == [
        ("plaintext-redirect-uri", "high", "suppressed"),
        ("suppression-without-reason", "low", "new"),
    ]


def test_an_auditor_may_see_what_others_have_accepted(lint: Callable) -> None:
    report = lint(suppress(registration='"*"', reason='"x"'), "--no-suppressions")
    assert found(report) == [("plaintext-redirect-uri", "high", "new")]


def test_an_override_checks_some_registrations_otherwise(folder: Path, lint: Callable) -> None:
    (folder / "apps" / "sandbox").mkdir()
    spa = merged_into("spa", {"spa": {"redirectUris": ["http://a.example/", "https://b.example/*"]}})
    (folder / "apps" / "sandbox" / "spa.json").write_text(json.dumps(spa))
    report = lint(
        '[[override]]\npath = "apps/sandbox/**"\nignore = ["wildcard-redirect-uri"]\n'
        '[override.severity]\nplaintext-redirect-uri = "low"\n'
    )
    assert sorted(found(report)) == [
        ("plaintext-redirect-uri", "high", "new"),
        ("plaintext-redirect-uri", "low", "new"),
    ]


def test_an_override_may_change_settings(folder: Path, lint: Callable) -> None:
    secret = {"keyId": "k", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
    (folder / "apps" / "portal.json").write_text(json.dumps(merged_into("web", {"passwordCredentials": [secret]})))
    text = '[[override]]\nregistration = "Contoso Portal"\n[override.settings]\nmax-secret-days = 30\n'
    assert "long-lived-credential" in [rule for rule, *_ in found(lint(text))]
    assert "long-lived-credential" not in [rule for rule, *_ in found(lint())]


def test_with_a_baseline_only_what_is_new_fails(folder: Path, lint: Callable, grantlint: Callable) -> None:
    first = lint("", "--write-baseline", "known.json")
    assert first["status"] == 1
    assert "known.json: +1 -0, 1 entry" in first["err"]
    known = lint("", "--baseline", "known.json")
    assert found(known) == [("plaintext-redirect-uri", "high", "known")]
    assert known["status"] == 0
    app = {
        **PORTAL,
        "web": {**PORTAL["web"], "redirectUris": ["http://new.contoso.com/", "http://portal.contoso.com/cb"]},
    }
    (folder / "apps" / "portal.json").unlink()
    (folder / "apps" / "moved.json").write_text(json.dumps([clean("spa"), app]))
    assert sorted(found(lint('baseline = "known.json"\n'))) == [
        ("plaintext-redirect-uri", "high", "known"),
        ("plaintext-redirect-uri", "high", "new"),
    ]


def test_a_baseline_survives_the_first_deployment(folder: Path, lint: Callable) -> None:
    draft = {name: value for name, value in PORTAL.items() if name not in ("appId", "id")}
    (folder / "apps" / "portal.json").write_text(json.dumps(draft))
    lint("", "--write-baseline", "known.json")
    (folder / "apps" / "portal.json").write_text(json.dumps(PORTAL))
    assert found(lint("", "--baseline", "known.json")) == [("plaintext-redirect-uri", "high", "known")]
    lint("", "--write-baseline", "known.json")
    (folder / "apps" / "portal.json").write_text(json.dumps(draft))
    assert found(lint("", "--baseline", "known.json")) == [("plaintext-redirect-uri", "high", "known")]


def test_entries_that_no_longer_occur_are_told(folder: Path, lint: Callable) -> None:
    lint("", "--write-baseline", "known.json")
    (folder / "apps" / "portal.json").write_text(json.dumps(clean("web")))
    assert "1 baseline entry no longer occurs" in lint("", "--baseline", "known.json")["err"]


def test_entries_that_the_run_could_not_find_again_are_not_called_gone(
    folder: Path, lint: Callable, grantlint: Callable
) -> None:
    """Who followed the advice to write the baseline anew would lose them."""
    lint("", "--write-baseline", "known.json")
    assert "no longer occur" not in lint("", "--baseline", "known.json", "--select", "implicit")["err"]
    (folder / "other.json").write_text(json.dumps({**clean("spa"), "displayName": "Other"}))
    assert "no longer occur" not in grantlint("lint", "other.json", "--baseline", "known.json").err
    known = json.loads((folder / "known.json").read_text())
    known["findings"][0]["rule"] = "a-rule-of-yesterday"
    (folder / "known.json").write_text(json.dumps(known))
    (folder / "apps" / "portal.json").write_text(json.dumps(clean("web")))
    assert "1 baseline entry no longer occurs" in lint("", "--baseline", "known.json", "--select", "implicit")["err"]


NAMELESS = """
variable "env" {}
resource "azuread_application" "%s" {
  display_name = "app-${var.env}"
  web {
    redirect_uris = ["%s"]
  }
}
"""


def test_a_baseline_knows_a_registration_without_a_name_wherever_its_file_is_moved(
    folder: Path, grantlint: Callable
) -> None:
    options = ("--select", "plaintext-redirect-uri", "--format", "json")
    (folder / "main.tf").write_text(NAMELESS % ("a", "http://a.contoso.com/"))
    grantlint("lint", ".", "--write-baseline", "known.json", *options)
    (folder / "infra").mkdir()
    (folder / "main.tf").rename(folder / "infra" / "apps.tf")
    run = grantlint("lint", ".", "--baseline", "known.json", *options)
    assert [finding["state"] for finding in json.loads(run.out)["findings"]] == ["known"]
    (folder / "more.tf").write_text(
        NAMELESS % ("a", "http://a.contoso.com/") + NAMELESS % ("b", "http://a.contoso.com/")
    )
    run = grantlint("lint", ".", "--baseline", "known.json", *options)
    states = sorted((finding["state"], finding["registration"]) for finding in json.loads(run.out)["findings"])
    assert [state for state, _ in states] == ["known", "new", "new"], states
    assert "azuread_application.b" in [registration for _, registration in states]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "is not a baseline"), ("nonsense", "is not a baseline"), (None, "the baseline does not exist")],
)
def test_a_baseline_that_is_none_is_one_line(
    folder: Path, grantlint: Callable, lint: Callable, text: str | None, said: str
) -> None:
    if text is not None:
        (folder / "b.json").write_text(text)
    run = grantlint("lint", "apps", "--baseline", "b.json")
    assert run.status == 2
    assert run.err.startswith(f"b.json: {said}")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(("profile", "status"), [("strict", 1), ("recommended", 1), ("legacy", 1)])
def test_a_profile_is_what_a_configuration_starts_from(lint: Callable, profile: str, status: int) -> None:
    assert lint(f'profile = "{profile}"\n')["status"] == status


def test_an_own_profile_extends_one_of_ours(folder: Path, lint: Callable) -> None:
    (folder / "organization.toml").write_text('profile = "legacy"\n[severity]\nplaintext-redirect-uri = "medium"\n')
    report = lint('profile = "organization.toml"\n')
    assert found(report) == [("plaintext-redirect-uri", "medium", "new")]
    assert report["status"] == 0


def test_a_comment_beside_the_value_accepts_it(folder: Path, lint: Callable) -> None:
    text = json.dumps(PORTAL, indent=2).replace(
        '"http://portal.contoso.com/cb"',
        '"http://portal.contoso.com/cb" // grantlint: ignore[plaintext-redirect-uri] until 2026-02-01 by web: proxy',
    )
    (folder / "apps" / "portal.json").write_text(text)
    report = lint()
    assert found(report) == [("plaintext-redirect-uri", "high", "suppressed")]
    assert report["findings"][0]["accepted"]["inline"] is True
    # The rule that exists is accepted, and the other one is a mistake.
    (folder / "apps" / "portal.json").write_text(text.replace("ignore[", "ignore[nosuch, "))
    assert found(lint()) == [("plaintext-redirect-uri", "high", "suppressed"), ("invalid-suppression", "medium", "new")]
    (folder / "apps" / "portal.json").write_text(text.replace("2026-02-01", "soon"))
    assert [rule for rule, _, state in found(lint()) if state == "new"] == [
        "plaintext-redirect-uri",
        "invalid-suppression",
    ]


def test_a_comment_that_accepts_nothing_is_a_finding_at_its_own_line(folder: Path, lint: Callable) -> None:
    text = "// grantlint: ignore[wildcard-redirect-uri]: x\n" + json.dumps(clean("web"), indent=2)
    (folder / "apps" / "portal.json").write_text(text)
    report = lint()
    assert found(report) == [("unused-suppression", "low", "new")]
    assert (report["findings"][0]["origin"]["file"], report["findings"][0]["origin"]["line"]) == ("apps/portal.json", 1)


def test_two_registrations_of_one_name_are_not_taken_for_each_other(folder: Path, lint: Callable) -> None:
    lint("", "--write-baseline", "known.json")
    (folder / "apps" / "portal.json").write_text(
        json.dumps({**PORTAL, "appId": "99999999-9999-4999-8999-999999999999"})
    )
    assert found(lint("", "--baseline", "known.json")) == [("plaintext-redirect-uri", "high", "new")]


def test_a_comment_that_names_no_rule_accepts_nothing(folder: Path, grantlint: Callable) -> None:
    (folder / "a.jsonc").write_text(
        '{"displayName": "A",\n"signInAudience": "AzureADMyOrg" // grantlint: ignore[nosuch]: x\n}'
    )
    run = grantlint("lint", "a.jsonc", "--format", "json")
    found = {(finding["rule"], finding["value"]) for finding in json.loads(run.out)["findings"]}
    assert ("invalid-suppression", "nosuch") in found


def test_a_comment_in_a_file_with_a_mistake_may_speak_of_what_was_not_read(folder: Path, grantlint: Callable) -> None:
    text = "resource a 'Microsoft.Graph/applications@v1.0' = {\n  displayName: 'A' // grantlint: ignore[no-owner]: x\n"
    (folder / "main.bicep").write_text(text)
    run = grantlint("lint", "main.bicep", "--format", "json")
    assert run.status == 2
    assert "unused-suppression" not in run.out
