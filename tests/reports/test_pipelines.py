"""JUnit, annotations, code quality, logging commands, CSV and Markdown: as their readers take them."""

import csv
import json
import re
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest

from reports.formats.azure import render_azure
from reports.formats.csv import COLUMNS, render_csv
from reports.formats.github import KEPT, render_github
from reports.formats.github_summary import SUMMARY_BYTES, render_job_summary
from reports.formats.gitlab import render_gitlab
from reports.formats.junit import CASES, render_junit
from reports.formats.markdown import render_markdown
from reports.markdown import WORST
from reports.report import Report
from reports.rows import Acceptance, Input, Origin
from rules.model.finding import NotAssessed
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.sample import RULES, advice_report, empty_report, finding, registration, sample_report, summary

#: ``junit-10.xsd`` of Jenkins's xUnit plugin: the attributes of each element (those that it must have first), its
#: children.
GRAMMAR = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors"), ("testsuite",)),
    "testsuite": (
        ("name", "tests", "failures", "errors"),
        ("group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"),
        ("testsuite", "properties", "testcase", "system-out", "system-err"),
    ),
    "testcase": (
        ("name",),
        ("time", "classname", "group"),
        ("skipped", "error", "failure", "system-out", "system-err"),
    ),
    "failure": ((), ("type", "message"), ()),
    "error": ((), ("type", "message"), ()),
    "skipped": ((), ("type", "message"), ()),
}
#: What GitLab shows beside that grammar.
GITLAB = {"testcase": ("file", "line")}


def valid(element: Element) -> None:
    must, may, children = GRAMMAR[element.tag]
    assert set(must) <= set(element.attrib) <= {*must, *may, *GITLAB.get(element.tag, ())}
    for child in element:
        assert child.tag in children
        valid(child)
    assert element.tag in ("failure", "error", "skipped") or not (element.text or "").strip()


@pytest.mark.parametrize("make", [sample_report, hostile_report, empty_report, lambda: large_report(60)])
def test_junit_keeps_to_the_grammar_and_its_sums_are_right(make) -> None:
    suites = fromstring(render_junit(make()))
    valid(suites)
    for suite in suites:
        cases = list(suite)
        assert suite.get("tests") == str(len(cases)) != "0"
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(kind) == str(sum(case.find(tag) is not None for case in cases))
        assert all(case.get("classname") and case.get("name") for case in cases)  # Azure and GitLab drop the others
    for kind in ("tests", "failures", "errors"):
        assert suites.get(kind) == str(sum(int(suite.get(kind, "")) for suite in suites))


def case(report: Report, suite: str, rule: str) -> Element:
    return next(
        case
        for found in fromstring(render_junit(report))
        for case in found
        if found.get("name") == suite and case.get("name", "").startswith(rule)
    )


def test_a_junit_case_is_a_rule_and_says_where_it_fails() -> None:
    failed = case(sample_report(), "Contoso Portal", "implicit-access-token")
    assert failed.attrib == {
        "classname": "registration.Contoso Portal",
        "name": "implicit-access-token: The authorization endpoint hands access tokens to the browser in the URL.",
        "time": "0",
        "file": "apps/portal.json",
        "line": "41",
    }
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "Contoso Portal issues access tokens from the authorization endpoint"
    assert "set to false" in str(failure.text)


def test_a_rule_that_ran_and_found_nothing_is_a_passed_case() -> None:
    assert list(case(sample_report(), "Contoso Nightly Sync", "no-owner")) == []


@pytest.mark.parametrize(
    ("suite", "rule", "tag", "said"),
    [
        ("Contoso Portal", "no-owner", "skipped", "accepted"),
        ("Contoso Orders API", "long-lived-secret", "skipped", "known before"),
        ("Contoso Desktop", "no-owner", "skipped", "not assessed: owners: the input does not have it"),
        ("apps/typo.json", "input-not-usable", "error", "not JSON: a comma is missing"),
    ],
)
def test_what_is_set_aside_is_skipped_and_what_broke_is_an_error(suite, rule, tag, said) -> None:
    found = case(sample_report(), suite, rule).find(tag)
    assert found is not None
    assert str(found.get("message")).startswith(said)


def test_a_rule_that_failed_is_an_error() -> None:
    gap = NotAssessed(rule="no-owner", registration="a", pointer="", reason="internal")
    report = empty_report(registrations=(registration("a", "A"),), rules=RULES, not_assessed=(gap,))
    assert case(report, "A", "no-owner").find("error") is not None


def test_a_clean_run_has_passing_cases_alone() -> None:
    report = empty_report(registrations=(registration("a", "A"),), rules=RULES)
    suites = fromstring(render_junit(report))
    assert [suite.get("name") for suite in suites] == ["A"]
    assert len(list(suites.iter("testcase"))) == len(RULES)
    assert not [e for e in suites.iter() if e.tag in ("failure", "error", "skipped")]


@pytest.mark.parametrize(
    ("inputs", "suite", "name"),
    [
        ((Input(name="apps/", format="folder", status="read"),), "apps/", "read: 0 registrations"),
        ((), "grantlint", "no registration was checked"),
    ],
)
def test_a_run_without_registrations_has_one_passing_case(inputs: tuple[Input, ...], suite: str, name: str) -> None:
    (only,) = fromstring(render_junit(empty_report(inputs=inputs, notes=("Looked at 1 file in this folder.",))))
    assert (only.get("name"), [case.get("name") for case in only]) == (suite, [name])


def test_a_large_report_has_one_case_for_all_rules_that_found_nothing() -> None:
    report = large_report(CASES // len(RULES) + 10)
    names = [case.get("name", "") for case in fromstring(render_junit(report)).iter("testcase")]
    assert any(name.endswith(" other rules found nothing") for name in names)
    assert len(names) < CASES


def lines_of(text: str, level: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"::{level} ")]


def test_annotations_stay_within_what_github_keeps_worst_first() -> None:
    text = render_github(large_report(60))
    assert [len(lines_of(text, level)) for level in ("error", "warning", "notice")] == [KEPT, KEPT, KEPT]
    assert "title=critical%3A " in lines_of(text, "error")[0]
    assert re.fullmatch(
        r"::notice title=grantlint::[\d,]+ more annotations: see the report or the log", text.splitlines()[-1]
    )


def test_an_annotation_has_columns_only_on_one_line() -> None:
    one = Origin(file="a,b:c.json", line=3, column=5, end_line=3, end_column=9)
    more = Origin(file="a.json", line=3, column=5, end_line=4, end_column=2)
    report = empty_report(findings=tuple(finding("r", "high", "k", "m", origin=origin) for origin in (one, more)))
    first, second = render_github(report).splitlines()
    assert first.startswith("::error file=a%2Cb%3Ac.json,line=3,endLine=3,col=5,endColumn=9,title=")
    assert second.startswith("::error file=a.json,line=3,endLine=3,col=5,title=")


def test_a_name_cannot_forge_a_command() -> None:
    name = "x\n::stop-commands::token\n##vso[task.complete result=Succeeded;]"
    report = empty_report(registrations=(registration("a", name),), findings=(finding("r", "high", "a", f"is {name}"),))
    assert len(render_github(report).splitlines()) == 1
    (line,) = render_azure(report).splitlines()
    assert line.count("##vso[") == 1
    assert line.startswith("##vso[task.logissue type=error;")


def test_nothing_to_say_is_no_line() -> None:
    assert render_github(empty_report()) == ""
    assert render_azure(empty_report()) == ""


def test_a_note_is_a_line_of_the_log_on_azure_and_no_warning() -> None:
    assert render_azure(empty_report(notes=("Looked at 3 files.",))) == "Looked at 3 files.\n"


def test_annotations_name_what_a_change_fixes() -> None:
    report = empty_report(
        registrations=(registration("a", "A"),), fixed=(finding("no-owner", "low", "a", "has no owner"),)
    )
    assert render_azure(report) == "fixed: low no-owner: A has no owner\n"
    title = "::notice title=grantlint%3A fixed by this change%3A 1 finding::"
    assert render_github(report) == f"{title}fixed: low no-owner: A has no owner\n"


def test_an_incomplete_run_ends_with_issues_on_azure() -> None:
    part = summary((), exit_status=3, exit_reason="owners were not read", verdict="incomplete")
    assert (
        render_azure(empty_report(summary=part))
        == "##vso[task.complete result=SucceededWithIssues;]owners were not read\n"
    )


def test_gitlab_gets_a_severity_a_line_and_a_fingerprint_of_its_own_for_each() -> None:
    twice = tuple(finding("no-owner", "low", "a", "has no owner") for _ in range(2))
    issues = json.loads(
        render_gitlab(empty_report(registrations=(registration("a", "A"),), findings=twice, anchor="apps.tf"))
    )
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert issues[0]["location"] == {"path": "apps.tf", "lines": {"begin": 1}}
    assert (issues[0]["severity"], issues[0]["description"]) == (
        "minor",
        "no-owner: A has no owner (web.redirectUris[0])",
    )


def test_a_gitlab_fingerprint_does_not_change_when_its_line_does() -> None:
    def prints(line: int) -> list[str]:
        row = finding("no-owner", "low", "a", "has no owner", origin=Origin(file="a.json", line=line))
        return [issue["fingerprint"] for issue in json.loads(render_gitlab(empty_report(findings=(row,))))]

    assert prints(3) == prints(30)


def test_csv_is_a_table_without_formulas() -> None:
    report = empty_report(
        registrations=(registration("a", "=cmd|' /C calc'!A0"),),
        findings=(finding("no-owner", "low", "a", "-1+1", value="@x"),),
    )
    (row,) = csv.DictReader(render_csv(report).splitlines())
    assert (row["name"], row["message"], row["value"]) == ("'=cmd|' /C calc'!A0", "'-1+1", "'@x")
    assert tuple(row) == COLUMNS


def test_csv_names_what_was_not_assessed() -> None:
    rows = [*csv.DictReader(render_csv(sample_report()).splitlines())]
    assert [row["property"] for row in rows if row["state"] == "not assessed"] == [
        "owners",
        "web.redirectUris[0]",
        "web.redirectUris[1]",
    ]


def test_csv_ends_its_lines_as_the_standard_says() -> None:
    text = render_csv(sample_report())
    assert (
        text.count("\r\n") == text.count("\n") == 1 + len(sample_report().findings) + len(sample_report().not_assessed)
    )


def test_a_comment_is_short() -> None:
    text = render_markdown(large_report(400))
    assert len(re.findall(r"^- \*\*(?:critical|high|medium|low|info)\*\*", text, re.MULTILINE)) == WORST
    assert "more findings, in the full report" in text
    assert len(text) < 10_000


def test_a_comment_on_nothing_says_so() -> None:
    clean = empty_report(registrations=(registration("a", "A"),), summary=summary((), registrations=1))
    assert render_markdown(clean).startswith("### App registrations: no new findings in the values that were read\n")
    assert render_markdown(empty_report()).startswith("### App registrations: advice\n")


def test_the_summary_of_a_job_stays_below_what_github_drops() -> None:
    text = render_job_summary(large_report(4_000))
    assert len(text.encode()) < SUMMARY_BYTES + 1_000
    assert "left out because GitHub shows no summary over 1 MiB" in text.splitlines()[-1]


def test_the_summary_of_a_job_names_the_gravest_caveats_of_an_advice() -> None:
    text = render_job_summary(advice_report())
    assert "- `Contoso Portal`: Authorization code with PKCE, redeemed by the server\n  - Conflict: You said" in text
    assert "  - Refused: The implicit grant. The server redeems a code.\n" in text
    assert "```mermaid\nsequenceDiagram\n" in text


def test_an_accepted_finding_says_by_whom_and_until_when() -> None:
    accepted = Acceptance(reason="legacy", owner="Ann", until="2027-01-31")
    row = msgspec.structs.replace(
        finding("no-owner", "low", "a", "has no owner"), state="suppressed", accepted=accepted
    )
    report = empty_report(registrations=(registration("a", "A"),), findings=(row,))
    assert "(accepted by Ann until 2027-01-31: legacy)" in render_job_summary(report)
    assert "accepted by Ann until 2027-01-31: legacy" in render_csv(report)
    assert "accepted by Ann until 2027-01-31: legacy" in render_junit(report)


def test_a_comment_begins_with_what_the_change_introduces() -> None:
    gone = finding("long-lived-secret", "medium", "a", "has a secret that is valid for 900 days")
    report = empty_report(
        registrations=(registration("a", "A"),),
        findings=(finding("no-owner", "low", "a", "has no owner"),),
        fixed=(gone,),
        against="main",
        inputs=(Input(name="b.json", format="", status="not-read", note="it is not JSON"),),
        rules=RULES,
        summary=summary((finding("no-owner", "low", "a", "has no owner"),), registrations=1),
    )
    text = render_markdown(report)
    parts = ["### App registrations: 1 low", "Against `main`: 1 introduced, 1 fixed, 0 left.",
             "**Introduced by this change**", "**Fix first**", "**Fixed by this change**", "1 registration checked",
             "**Not everything was read**"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_comment_is_never_longer_than_github_takes() -> None:
    """Blocks are left out whole, so no Markdown is cut in two."""
    names = [registration(f"k{n}", "\U0001f600" * 400) for n in range(12)]
    long = [finding("r", "high", row.key, "\U0001f600" * 3_000, origin=Origin(file="x" * 900)) for row in names]
    texts = [f"{n} " + "*" * 5_000 for n in range(8)]
    report = empty_report(registrations=tuple(names), findings=tuple(long), notes=tuple(texts))
    text = render_markdown(report)
    assert len(text.encode()) < 65_536
    assert text.endswith("The rest is in the full report: GitHub refuses a longer comment.\n")
