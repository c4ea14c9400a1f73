"""What came, what went, what has been open since when."""

import csv
import io
import json
from xml.etree.ElementTree import fromstring

import msgspec
import pytest

from reports.formats import FORMATS, format_named
from reports.formats.json import parse_report, render_json
from reports.redact import redact
from reports.report import Report
from reports.rows import Input
from reports.terminal.render import render_summary
from reports.trend import with_trend
from rules.model.finding import NotAssessed
from tests.reports.sample import RULES, empty_report, finding, registration, summary, trend_report


def run(day: int, *prints: str, **states: str) -> Report:
    found = tuple(
        finding("no-owner", "low", "a", f"says {print_}", fingerprint=print_, state=states.get(print_, "new"))
        for print_ in prints
    )
    return empty_report(
        made_at=f"2026-11-{day:02}T09:00:00Z", rules=RULES, registrations=(registration("a", "A"),), findings=found
    )


def test_a_finding_is_open_since_the_first_report_without_a_gap() -> None:
    report = with_trend(run(20, "x", "y", "z", "new"), [run(10, "x", "y"), run(5, "x", "z"), run(15, "x", "y", "z")])
    assert {f.fingerprint: f.since[8:10] for f in report.findings} == {"x": "05", "y": "10", "z": "15", "new": ""}
    assert report.trend
    assert (report.trend.came, report.trend.stayed) == (1, 3)


def test_what_went_is_named_with_the_day_when_it_was_last_seen() -> None:
    report = with_trend(run(20), [run(10, "x", "y"), run(15, "y")])
    assert report.trend
    assert [(row.fingerprint, row.last_seen[8:10], row.judged) for row in report.trend.gone] == [
        ("x", "10", True),
        ("y", "15", True),
    ]


def test_a_finding_of_a_registration_that_is_no_longer_checked_is_not_called_fixed() -> None:
    report = with_trend(msgspec.structs.replace(run(20), registrations=()), [run(10, "x")])
    assert report.trend
    assert [row.judged for row in report.trend.gone] == [False]


@pytest.mark.parametrize(("is_whole", "gone"), [(True, [True]), (False, [False])])
def test_a_finding_of_a_registration_that_was_deleted_from_a_tenant_is_gone(is_whole: bool, gone: list[bool]) -> None:
    before = msgspec.structs.replace(run(10, "x"), registrations=(registration("a", "A", tenant="contoso.com"),))
    read = Input(name="contoso.com", format="tenant", status="read", read_at="2026-11-20T09:00:00Z", is_whole=is_whole)
    report = with_trend(msgspec.structs.replace(run(20), registrations=(), inputs=(read,)), [before])
    assert report.trend
    assert [row.judged for row in report.trend.gone] == gone


def test_a_registration_with_another_name_and_the_same_address_keeps_its_findings() -> None:
    def named(day: int, fingerprint: str, by_address: str) -> Report:
        found = finding("no-owner", "low", "a", "says", fingerprint=fingerprint, by_address=by_address)
        return msgspec.structs.replace(run(day), findings=(found,))

    report = with_trend(named(20, "new name", "address"), [named(10, "old name", "address")])
    assert report.trend
    assert (report.trend.came, report.trend.stayed, report.trend.gone) == (0, 1, ())
    other = with_trend(named(20, "new name", ""), [named(10, "old name", "")])
    assert other.trend
    assert (other.trend.came, len(other.trend.gone)) == (1, 1)


def test_what_is_accepted_by_now_is_not_gone_and_what_was_accepted_then_is_not_known() -> None:
    report = with_trend(run(20, "x", "y", x="suppressed"), [run(10, "x", "y", y="suppressed")])
    assert report.trend
    assert report.trend.gone == ()
    assert (report.trend.came, report.trend.stayed) == (1, 0)


def test_the_compared_reports_are_in_the_trend_oldest_first() -> None:
    report = with_trend(run(20), [run(15, "x"), run(5)])
    assert report.trend
    assert [(earlier.made_at[8:10], earlier.open) for earlier in report.trend.runs] == [("05", 0), ("15", 1)]


def test_without_earlier_reports_nothing_changes() -> None:
    assert with_trend(run(20, "x"), []) == run(20, "x")


def from_snapshot(report: Report, day: int) -> Report:
    """*report*, of a tenant that was read on that day of October."""
    tenant = Input(name="contoso.com", format="tenant", status="read", read_at=f"2026-10-{day:02}T09:00:00Z")
    rows = tuple(msgspec.structs.replace(row, tenant="contoso.com") for row in report.registrations)
    return msgspec.structs.replace(report, inputs=(tenant,), registrations=rows)


def test_moments_are_those_of_the_readings() -> None:
    """The report that was made last is of the older snapshot."""
    report = with_trend(
        from_snapshot(run(20, "x", "y"), 30),
        [from_snapshot(run(12, "x"), 10), from_snapshot(run(11, "x", "y", "z"), 20)],
    )
    assert report.trend
    assert [run.read_at[8:10] for run in report.trend.runs] == ["10", "20"]
    assert {one.fingerprint: one.since[:10] for one in report.findings} == {"x": "2026-10-10", "y": "2026-10-20"}
    assert [row.last_seen[:10] for row in report.trend.gone] == ["2026-10-20"]
    assert not report.trend.later


def test_an_earlier_report_of_a_later_reading_is_said() -> None:
    report = with_trend(from_snapshot(run(20), 10), [from_snapshot(run(15, "x"), 20)])
    assert "read after this one, so new and fixed are reversed" in text_of("markdown", report)


def test_what_a_rule_could_not_check_again_is_not_called_gone() -> None:
    gap = NotAssessed(rule="no-owner", registration="a", pointer="/owners", reason="refused")
    for now in (msgspec.structs.replace(run(20), not_assessed=(gap,)), msgspec.structs.replace(run(20), rules=())):
        report = with_trend(now, [run(10, "x")])
        assert report.trend
        assert [row.judged for row in report.trend.gone] == [False]
        assert "0 new, 0 fixed, 1 not checked again, 0 still open." in text_of("markdown", report)
        said = "  not checked again: low no-owner: A says x (last seen 2026-11-10)\n"
        assert f"Not checked again: 1 finding\n{said}" in text_of("text", report)


def test_a_rule_that_compares_registrations_needs_all_of_them() -> None:
    then = msgspec.structs.replace(
        run(10, "x"), registrations=(registration("a", "A"), registration("b", "B", app_id="b"))
    )
    rule = next(one for one in RULES if one.id == "no-owner")
    for scope, judged in (("registration", True), ("registrations", False)):
        rules = (msgspec.structs.replace(rule, scope=scope),)
        report = with_trend(msgspec.structs.replace(run(20), rules=rules), [then])
        assert report.trend
        assert [row.judged for row in report.trend.gone] == [judged]


def text_of(format: str, report: Report) -> str:
    renderer = format_named(format)
    assert renderer
    return renderer.render(report)


@pytest.mark.parametrize("format", sorted({*FORMATS} - {"gitlab"}))
def test_what_is_gone_is_named_in_every_format(format: str) -> None:
    text = text_of(format, trend_report())
    assert "has a page that went" in text
    assert "2026-10-01" in text


def test_gitlab_takes_every_issue_as_present() -> None:
    assert "has a page that went" not in text_of("gitlab", trend_report())


def test_what_is_gone_is_no_result_and_no_failure() -> None:
    report = trend_report()
    (log,) = json.loads(text_of("sarif", report))["runs"]
    assert not any("has a page that went" in result["message"]["text"] for result in log["results"])
    (notice,) = (
        one for one in log["invocations"][0]["toolExecutionNotifications"] if one["descriptor"]["id"] == "gone"
    )
    assert notice["level"] == "note"
    cases = fromstring(text_of("junit", report)).iter("testcase")
    assert [len(case) for case in cases if "has a page that went" in case.attrib["name"]] == [0]
    rows = [*csv.DictReader(io.StringIO(text_of("csv", report)))]
    assert {(row["state"], row["first seen"]) for row in rows if row["first seen"]} >= {
        ("new", "2026-11-24"), ("still open", "2026-10-01"),
    }  # fmt: skip
    assert [(row["rule"], row["last seen"]) for row in rows if row["state"] == "fixed"] == [("no-owner", "2026-10-01")]


def test_several_earlier_reports_are_a_line_of_figures() -> None:
    report = with_trend(run(20, "x"), [run(5, "x", "y", "z"), run(10, "x", "y")])
    line = "Open findings: 3 on 2026-11-05, 2 on 2026-11-10, 1 now."
    assert line in text_of("markdown", report)
    assert line in render_summary(report)
    assert "Open findings" not in text_of("markdown", with_trend(run(20, "x"), [run(5, "x")]))


def test_figures_of_different_numbers_of_registrations_say_so() -> None:
    small = msgspec.structs.replace(run(5, "x", "y"), summary=summary((), registrations=20))
    large = [msgspec.structs.replace(run(day, "x"), summary=summary((), registrations=30)) for day in (10, 20)]
    line = (
        "Open findings: 2 in 20 registrations on 2026-11-05, 1 in 30 registrations on 2026-11-10, 1 in 30 registrations"
    )
    assert f"{line} now." in text_of("markdown", with_trend(large[1], [small, large[0]]))


def test_what_is_gone_forges_no_command_and_no_markup() -> None:
    hostile = "\n::error::x ##vso[task.complete] <script>alert(1)</script> @team \x1b[31m"
    then = msgspec.structs.replace(
        run(10),
        registrations=(registration("a", f"A{hostile}"),),
        findings=(finding("no-owner", "low", "a", f"says {hostile}", fingerprint="x"),),
    )
    report = with_trend(run(20), [then])
    for name in FORMATS:
        text = text_of(name, report)
        assert "\x1b" not in text
        assert not any(line.lstrip().startswith("::error") for line in text.splitlines()), name
    for name in ("azure", "text"):
        assert "##vso[task.complete]" not in text_of(name, report)
    for name in ("html", "markdown", "github-summary", "junit"):
        assert "<script>alert" not in text_of(name, report).replace("\\", "")


def test_a_report_of_before_these_moments_is_still_read() -> None:
    stored = json.loads(render_json(trend_report()))
    for earlier in stored["trend"]["runs"]:
        del earlier["read_at"]
    stored["trend"].pop("later", None)
    report = parse_report(json.dumps(stored).encode())
    assert "Since 2026-10-01 09:00 UTC: 2 new, 1 fixed, 4 still open." in text_of("markdown", report)


def test_a_redacted_trend_keeps_its_moments() -> None:
    report = redact(with_trend(from_snapshot(run(20), 30), [from_snapshot(run(10, "x"), 10)]), "ids")
    assert report.trend
    assert [run.read_at[:10] for run in report.trend.runs] == ["2026-10-10"]
    assert [source.read_at[:10] for source in report.inputs] == ["2026-10-30"]
