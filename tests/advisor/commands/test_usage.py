"""``grantlint usage``, and ``lint --usage``: from files to rows of a report."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean
from tests.advisor.usage.test_read import APP, OTHER, complete, page, row


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registration that allows implicit, and sign-ins of a month."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("advisor.run.advice.clock_utc", lambda: datetime(2026, 11, 30, tzinfo=UTC))
    app = clean("web") | {"appId": APP, "displayName": "Portal", "createdDateTime": "2024-01-01T00:00:00Z"}
    app["web"]["implicitGrantSettings"]["enableAccessTokenIssuance"] = True
    app["isFallbackPublicClient"] = False
    app["passwordCredentials"] = [
        {"keyId": OTHER, "startDateTime": "2026-10-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}
    ]
    Path("app.json").write_text(json.dumps(app))
    own = row("2026-11-20", appDisplayName="Portal\x1b[31m"), row("2026-11-21", authenticationProtocol="deviceCode")
    early = [{**one, "createdDateTime": str(one["createdDateTime"]).replace("-11-", "-10-")} for one in complete()]
    Path("signins.json").write_text(json.dumps(page(*own, *early, *complete())))
    return tmp_path


def lint(grantlint: Callable, *arguments: str) -> dict[str, dict[str, object]]:
    """The use of each grant in the JSON report."""
    run = grantlint("lint", "app.json", "--isolated", "--format", "json", "--today", "2026-11-30", *arguments)
    (only,) = json.loads(run.out)["usage"]
    return {entry["grant"]: entry for entry in only["entries"]}


def test_the_text_shows_uses_and_reach(files: Path, grantlint: Callable) -> None:
    run = grantlint("usage", "signins.json", "--today", "2026-11-30")
    assert run.status == 0
    assert "authorization_code     user sign-ins (interactive): 1 row, last 2026-11-20" in run.out
    assert "user sign-ins (interactive): 2026-10-01 to 2026-11-28, Graph beta page" in run.out
    assert "managed identity sign-ins: not read" in run.out
    assert max(map(len, run.out.splitlines())) <= 80
    assert "No sign-in log has redirect URIs" in run.out
    assert "\x1b" not in run.out


def test_the_stored_counters_are_read_as_the_logs_are(files: Path, grantlint: Callable) -> None:
    run = grantlint("usage", "signins.json", "-o", "usage.json", "--format", "json", "--today", "2026-11-30")
    assert Path("usage.json").read_text() == run.out
    assert lint(grantlint, "--usage", "usage.json") == lint(grantlint, "--usage", "signins.json")


def test_the_query_is_printed(grantlint: Callable) -> None:
    run = grantlint("usage", "--kql")
    assert (run.status, run.err) == (0, "")
    assert "SigninLogs" in run.out


def test_without_files_it_says_what_to_do(grantlint: Callable) -> None:
    run = grantlint("usage")
    assert run.status == 2
    assert "--kql" in run.err


def test_a_bad_file_is_one_line_and_status_2_and_a_large_one_status_3(files: Path, grantlint: Callable) -> None:
    Path("notes.txt").write_text("hello")
    run = grantlint("usage", "signins.json", "notes.txt")
    assert run.status == 2
    assert run.err.startswith("notes.txt: is not recognized as a file of sign-ins or activity; ")
    assert run.err.count("\n") == 1
    assert grantlint("usage", "signins.json", "--max-bytes", "100").status == 3


def test_each_allowed_grant_has_a_row(files: Path, grantlint: Callable) -> None:
    use = lint(grantlint, "--usage", "signins.json")
    assert (use["authorization_code"]["used"], use["authorization_code"]["says"]) == ("seen", "in-use")
    assert (use["implicit"]["used"], use["implicit"].get("says", "")) == ("not-seen", "")
    assert "hybrid needs the same settings" in str(use["implicit"]["why"])
    assert (use["implicit"]["start"], use["implicit"]["end"]) == ("2026-10-02", "2026-11-24")
    assert use["client_credentials"]["used"] == "not-known"
    assert use["saml_bearer"]["why"] == "sign-in logs do not name this grant"


def test_a_blocked_grant_that_was_seen_is_a_contradiction(files: Path, grantlint: Callable) -> None:
    assert lint(grantlint, "--usage", "signins.json")["device_code"]["says"] == "contradiction"
    run = grantlint("lint", "app.json", "--isolated", "--usage", "signins.json", "--today", "2026-11-30")
    assert "device_code          last seen 2026-11-21, 1 row; blocked today, but seen" in run.out
    assert "0 grants can be turned off" in run.out
    assert "not seen from" not in run.out
    run = grantlint("lint", "app.json", "--isolated", "--usage", "signins.json", "--today", "2026-11-30", "--verbose")
    assert "not seen from 2026-10-02 to 2026-11-24 in Graph" in run.out


def test_implicit_can_be_turned_off_where_no_code_was_redeemed(files: Path, grantlint: Callable) -> None:
    rows = [row for row in json.loads(Path("signins.json").read_text())["value"] if row["appId"] != APP]
    Path("signins.json").write_text(json.dumps(page(*rows)))
    implicit = lint(grantlint, "--usage", "signins.json")["implicit"]
    assert (implicit["used"], implicit["says"], implicit.get("why", "")) == ("not-seen", "can-be-turned-off", "")


def test_without_evidence_a_report_has_no_use(files: Path, grantlint: Callable) -> None:
    run = grantlint("lint", "app.json", "--isolated", "--format", "json")
    assert not json.loads(run.out).get("usage")
    assert "Use of grants" not in grantlint("lint", "app.json", "--isolated").out


def test_a_file_of_sign_ins_that_cannot_be_used_is_named(files: Path, grantlint: Callable) -> None:
    run = grantlint("lint", "app.json", "--isolated", "--usage", "missing.json")
    assert run.status == 2
    assert "missing.json: cannot be read" in run.err


def test_use_is_kept_without_words_in_a_redacted_report(files: Path, grantlint: Callable) -> None:
    use = lint(grantlint, "--usage", "signins.json", "--redact", "ids")
    assert use["device_code"]["says"] == "contradiction"
    assert "why" not in use["saml_bearer"]


def test_the_report_after_fixes_has_the_evidence(files: Path, grantlint: Callable) -> None:
    assert lint(grantlint, "--fix", "--usage", "signins.json")["authorization_code"]["used"] == "seen"


def test_an_input_is_never_overwritten(files: Path, grantlint: Callable) -> None:
    before = {name: Path(name).read_bytes() for name in ("app.json", "signins.json")}
    for arguments in (("lint", "app.json", "-o", "./app.json"), ("usage", "signins.json", "-o", "signins.json")):
        run = grantlint(*arguments)
        assert run.status == 2
        assert "is an input, and would be overwritten" in run.err
    assert {name: Path(name).read_bytes() for name in before} == before


def test_sources_of_the_same_days_are_named_and_a_file_that_is_named_twice_is_read_once(
    files: Path, grantlint: Callable
) -> None:
    once = grantlint("usage", "signins.json", "--today", "2026-11-30").out
    assert grantlint("usage", "signins.json", "./signins.json", "--today", "2026-11-30").out == once
    assert "counts may be too high" not in once
    Path("again.json").write_bytes(Path("signins.json").read_bytes())
    words = "Several sources have user sign-ins (interactive) from 2026-10-01 on: counts may be too high."
    both = grantlint("usage", "signins.json", "again.json", "--today", "2026-11-30").out
    assert words in " ".join(both.split())
    lint_both = ("lint", "app.json", "--isolated", "--today", "2026-11-30", "--usage", "signins.json")
    assert words in " ".join(grantlint(*lint_both, "--usage", "again.json").err.split())


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"count": -5}, "count is '-5', and not a number of sign-ins"),
        ({"count": 10**400}, f"count is '1{'0' * 29}', and not a number of sign-ins"),
        ({"first": "2026-11-20"}, "first is 2026-11-20 and later than last, 2026-11-10"),
    ],
)
def test_a_row_that_no_query_returns_is_one_line(
    files: Path, grantlint: Callable, changes: dict[str, object], what: str
) -> None:
    result = {"kind": "interactiveUser", "appId": APP, "protocol": "ropc", "result": "success", "count": 1}
    days = {"first": "2026-11-01", "last": "2026-11-10"}
    Path("rows.json").write_text(json.dumps([result | days | changes]))
    run = grantlint("usage", "rows.json", "--today", "2026-11-30")
    hint = "run the query again, and export all rows"
    assert (run.status, run.out, run.err) == (2, "", f"rows.json: is not a result of the query: {what}; {hint}\n")


def test_a_setting_in_use_is_turned_off_only_by_unsafe_fixes_and_the_reason_is_given(
    files: Path, grantlint: Callable
) -> None:
    used = row("2026-11-22", authenticationProtocol="implicitAccessTokenAndGetResponseMode")
    Path("signins.json").write_text(json.dumps(page(used, *complete())))
    fix = ("lint", "app.json", "--isolated", "--today", "2026-11-30", "--usage", "signins.json", "--diff")
    run = grantlint(*fix, "--select", "implicit-access-token")
    why = "in use: implicit, last seen 2026-11-22, 1 row; --unsafe-fixes turns it off"
    assert (run.out, f"implicit-access-token not fixed: {why}\n" in run.err) == ("", True)
    assert (
        '"enableAccessTokenIssuance": false'
        in grantlint(*fix, "--select", "implicit-access-token", "--unsafe-fixes").out
    )
    run = grantlint(*fix[:-1], "--select", "implicit-access-token", "--format", "json")
    (found,) = json.loads(run.out)["findings"]
    assert found["edit"] == {"applicability": "unsafe", "why": "in use: implicit, last seen 2026-11-22, 1 row"}


def test_a_rule_that_needs_evidence_of_use_is_refused_without_it(files: Path, grantlint: Callable) -> None:
    both = "--select", "password-credential,unused-credential"
    run = grantlint("lint", "app.json", "--isolated", *both)
    assert (run.status, run.err) == (
        2,
        "grantlint: the rule unused-credential needs --usage; the rule checks sign-in logs\n",
    )
    assert grantlint("lint", "app.json", "--isolated", *both, "--usage", "signins.json").status != 2


def test_rules_over_use_are_findings_of_the_report(files: Path, grantlint: Callable) -> None:
    run = ("lint", "app.json", "--isolated", "--today", "2026-11-30", "--usage", "signins.json", "--format", "json")
    found = json.loads(grantlint(*run, "--preview", "--select", "usage").out)["findings"]
    assert {(one["rule"], one["pointer"]) for one in found} == {("device-code-in-use", "/appId")}
    assert "usage" not in {one.get("family") for one in json.loads(grantlint(*run).out)["rules"]}


KNOWN = [word for said in ("web-legacy=nothing", "hosted-on=elsewhere", "holds-key=yes") for word in ("-a", said)]


def advise(grantlint: Callable, *arguments: str) -> dict[str, Any]:
    """The JSON of the advice for the registration."""
    run = grantlint("advise", "-r", "app.json", *KNOWN, "--format", "json", *arguments)
    assert run.status == 0, run.err
    (advice,) = json.loads(run.out)["advices"]
    return advice


def test_advice_starts_from_what_is_used(files: Path, grantlint: Callable) -> None:
    advice = advise(grantlint, "--usage", "signins.json", "-a", "runs-in=server")
    by = {fact["question"]: (fact["choice"], fact["by"]) for fact in advice["facts"]}
    assert by["user-present"] == ("yes", "seen")
    assert by["today"] == ("device-code", "seen")
    assert "user-present=yes: sign-ins: authorization_code, last seen 2026-11-20, 1 row" in advice["fit"]["inferred"]
    assert {entry["grant"]: entry["used"] for entry in advice["fit"]["use"]}["device_code"] == "seen"
    assert {one["kind"] for one in advice["fit"]["reach"]} == {"interactiveUser", "nonInteractiveUser"}


def test_an_answer_wins_over_sign_ins(files: Path, grantlint: Callable) -> None:
    said = "-a", "runs-in=server", "-a", "user-present=no", "-a", "token-for=program", "-a", "app-permission=yes"
    advice = advise(grantlint, "--usage", "signins.json", *said)
    by = {fact["question"]: (fact["choice"], fact["by"]) for fact in advice["facts"]}
    assert by["user-present"] == ("no", "given")
    assert advice["grant"] == "client_credentials"


def test_the_patch_says_what_to_migrate_first(files: Path, grantlint: Callable) -> None:
    app = json.loads(Path("app.json").read_text()) | {"isFallbackPublicClient": True}
    Path("app.json").write_text(json.dumps(app))
    text = grantlint("advise", "-r", "app.json", *KNOWN, "--usage", "signins.json", "-a", "runs-in=server").out
    assert "Device code, last seen 2026-11-21, 1 row: the patch turns it off, so migrate" in text
    advice = advise(grantlint, "--usage", "signins.json", "-a", "runs-in=server")
    first, second, *_ = advice["fit"]["by_hand"]
    assert first == "before the patch, migrate what uses Device code: last seen 2026-11-21, 1 row"
    assert second.startswith("before the patch, check that no client uses Integrated Windows authentication: not known")


def test_text_and_page_show_the_use(files: Path, grantlint: Callable) -> None:
    run = grantlint("advise", "-r", "app.json", *KNOWN, "--usage", "signins.json", "-o", "a.html", "-o", "a.md")
    assert run.status == 0, run.err
    run = grantlint("advise", "-r", "app.json", *KNOWN, "--usage", "signins.json")
    assert "Use of grants by Portal\n  - Device code: last seen 2026-11-21, 1 row; blocked today, but seen" in run.out
    assert "- Implicit: not seen from 2026-10-02 to 2026-11-24 in Graph beta page; hybrid" in " ".join(run.out.split())
    assert max(map(len, run.out.splitlines())) <= 80
    for name in ("a.html", "a.md"):
        assert "not seen from 2026-10-02 to 2026-11-24" in Path(name).read_text()


def test_wrong_evidence_is_named_and_changes_the_exit_status(files: Path, grantlint: Callable) -> None:
    Path("notes.txt").write_text("hello")
    run = grantlint("advise", "-r", "app.json", *KNOWN, "--usage", "signins.json", "--usage", "notes.txt")
    assert run.status == 2
    assert "notes.txt: is not recognized as a file of sign-ins" in run.err
    assert "Use of grants by Portal" in run.out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--usage", "signins.json"), "--usage needs a registration"),
        (("-r", "app.json", "--usage", "live"), "--usage live needs a tenant"),
        (("-r", "app.json", "--usage", "live:99d"), "invalid --usage value"),
        (("-r", "app.json", "--usage", "signins.json", "--built-for"), "--built-for describes settings"),
    ],
)
def test_evidence_that_cannot_be_used_for_advice_is_refused(
    arguments: tuple[str, ...], what: str, files: Path, grantlint: Callable
) -> None:
    run = grantlint("advise", *arguments)
    assert run.status == 2
    assert what in run.err
    assert run.err.count("\n") == 1
