"""What came, what went, what has been open since when."""

import msgspec

from reports.report import Report
from reports.trend import with_trend
from tests.reports.sample import RULES, empty_report, finding, registration


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
