"""When what a report shows was read: in every format, and with a warning where that is long ago."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from reports.age import OLD, age_notes
from reports.formats import FORMATS, PLANS, load_formats
from reports.report import Report
from reports.rows import Input
from reports.terminal.render import render_summary
from tests.reports.sample import RULES, empty_report, finding, registration

NOTE = "contoso.com was read on 2026-10-01, 54 days before it was checked."


def report(read_at: str = "2026-10-01T09:00:00Z", **more: Any) -> Report:
    """A report of 24 November over a tenant."""
    return empty_report(
        inputs=(
            Input(name="contoso.com", format="tenant", status="read", registrations=1, read_at=read_at),
            Input(name="contoso.com, owners", format="tenant", status="not-read", note="refused"),
        ),
        registrations=(registration("a", "A", tenant="contoso.com"),),
        findings=(finding("no-owner", "low", "a", "has no owner"),),
        rules=RULES,
        **more,
    )


@pytest.mark.parametrize("format", sorted({*FORMATS} - {"csv", "gitlab", "json", "text"}))
def test_an_old_reading_is_marked(format: str) -> None:
    (renderer,) = load_formats([format])
    assert NOTE in renderer.render(report())


def test_the_summary_says_when_it_was_read() -> None:
    assert "Read 2026-10-01 09:00 UTC.\n" in render_summary(report())
    assert NOTE in render_summary(report()).replace("\n", " ")
    assert "Read " not in render_summary(empty_report(registrations=(registration("a", "A"),)))


def test_sarif_has_the_moment_of_the_reading() -> None:
    (renderer,) = load_formats(["sarif"])
    (log,) = json.loads(renderer.render(report()))["runs"]
    assert log["invocations"][0]["properties"] == {"readAt": "2026-10-01T09:00:00Z"}


@pytest.mark.parametrize("format", PLANS)
def test_a_fix_plan_from_an_old_reading_warns_first(format: str) -> None:
    (renderer,) = load_formats([format])
    lines = [line.strip("# ") for line in renderer.render(report()).splitlines() if line.startswith("# ")]
    assert lines[0].startswith(f"WARNING: {NOTE}")
    assert "WARNING" not in renderer.render(report("2026-11-23T09:00:00Z"))


def test_an_old_reading_is_no_failure_of_a_test() -> None:
    (junit,) = load_formats(["junit"])
    cases = [case for case in fromstring(junit.render(report())).iter("testcase") if NOTE in case.attrib["name"]]
    assert [len(case) for case in cases] == [0]


@pytest.mark.parametrize(
    ("read_at", "is_old"),
    [
        ("2026-11-17T09:00:00Z", False),
        ("2026-11-17T08:59:59Z", True),
        ("2026-12-24T09:00:00Z", False),
        ("", False),
        ("soon", False),
    ],
)
def test_a_week_is_not_old(read_at: str, is_old: bool) -> None:
    assert OLD.days == 7
    assert bool([*age_notes(report(read_at))]) == is_old


def test_a_stored_report_is_as_old_as_it_is_shown() -> None:
    shown = "2026-12-24T09:00:00Z"
    assert [*age_notes(report("2026-11-24T09:00:00Z", shown_at=shown))] == [
        "contoso.com was read on 2026-11-24, 30 days before this report was shown. Later changes are not in this "
        "report: read the tenant again."
    ]
    assert [*age_notes(empty_report(shown_at=shown))] == [
        "This report was made on 2026-11-24, 30 days before it was shown. Later changes are not in it: run grantlint "
        "again."
    ]


def test_the_reading_time_of_a_snapshot_is_that_of_the_report(folder: Path, grantlint: Callable) -> None:
    (folder / "t.jsonl").write_text(
        '{"record": "snapshot", "tenant": "contoso.com", "endpoint": "", "read_at": "2026-10-01T09:00:00Z"}\n'
        '{"record": "application", "value": {"id": "a", "displayName": "Portal"}}\n'
    )
    run = grantlint("lint", "t.jsonl", "--isolated", "--today", "2026-11-24", "-o", "r.json", "-o", "r.html")
    assert "Read 2026-10-01 09:00 UTC.\n" in run.err
    assert json.loads(Path("r.json").read_text())["inputs"][0]["read_at"] == "2026-10-01T09:00:00Z"
    assert ", read 1 October 2026, 09:00 UTC" in Path("r.html").read_text()
    again = grantlint("report", "r.json", "-o", "again.json")
    assert "contoso.com was read on 2026-10-01, " in again.err
    later = grantlint("lint", "t.jsonl", "--isolated", "--today", "2026-11-24", "--since", "r.json", "-o", "s.json")
    assert "Since 2026-10-01 09:00 UTC: 0 new" in later.err
    assert {one["since"] for one in json.loads(Path("s.json").read_text())["findings"]} <= {"2026-10-01T09:00:00Z"}
