"""Reports of separate runs become one, without loss."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from reports.formats.html import render_html
from reports.formats.json import parse_report, render_json
from reports.merge import MergeError, merge
from reports.report import Report
from rules.model.clean import merged_into
from tests.conftest import Run


def lint(grantlint: Callable[..., Run], name: str, *apps: dict[str, object]) -> Report:
    Path(f"{name}.json").write_text(json.dumps({"value": list(apps)}))
    grantlint("lint", f"{name}.json", "-o", f"json:{name}.report", "-q", "--isolated")
    return parse_report(Path(f"{name}.report").read_bytes())


def app(name: str, **changes: object) -> dict[str, object]:
    return {
        **merged_into("web", {"web": {"redirectUris": ["http://portal.contoso.com/cb"]}}),
        "displayName": name,
        **changes,
    }


@pytest.fixture
def two(folder: Path, grantlint: Callable[..., Run]) -> tuple[Report, Report]:
    """Two reports with a registration of the same name and key."""
    return (
        lint(grantlint, "one", app("Portal"), app("Shop", appId="a" * 8 + "-0000-4000-8000-000000000000")),
        lint(grantlint, "two", app("Portal", isFallbackPublicClient=True)),
    )


def test_nothing_is_lost(two: tuple[Report, Report]) -> None:
    both = merge(two)
    for field in ("registrations", "findings", "not_assessed", "postures", "working", "inputs"):
        assert len(getattr(both, field)) == sum(len(getattr(one, field)) for one in two)
    counted = Counter(finding.rule for one in two for finding in one.findings)
    assert Counter(finding.rule for finding in both.findings) == counted
    assert both.summary.registrations == 3
    assert both.summary.findings == len(both.findings)
    assert parse_report(render_json(both).encode()) == both
    assert "Shop" in render_html(both)


def test_equal_keys_stay_apart_and_references_follow(two: tuple[Report, Report]) -> None:
    both = merge(two)
    keys = [row.key for row in both.registrations]
    assert len(set(keys)) == 3
    assert keys[2] == f"{two[1].registrations[0].key}#2"
    requests = {text.id: text for text in both.requests}
    assert len(requests) == len(both.requests)
    for report, start in ((two[0], 0), (two[1], 2)):
        old = {text.id: text for text in report.requests}
        for row, merged in zip(report.working, both.working[start:], strict=False):
            assert [requests[name].steps for name in merged.requests] == [old[name].steps for name in row.requests]
    assert {row.registration for row in (*both.findings, *both.not_assessed, *both.postures)} <= set(keys)


def test_one_report_is_itself_and_the_order_of_files_is_kept(two: tuple[Report, Report]) -> None:
    assert merge(two[:1]) == two[0]
    assert [row.name for row in merge(two[::-1]).registrations] == ["Portal", "Portal", "Shop"]


def test_the_worst_verdict_counts(two: tuple[Report, Report], folder: Path, grantlint: Callable[..., Run]) -> None:
    clean = lint(grantlint, "clean")
    both = merge((clean, *two))
    assert both.summary.verdict == max((one.summary for one in (clean, *two)), key=lambda one: one.exit_status).verdict


def test_the_command_writes_one_report(two: tuple[Report, Report], grantlint: Callable[..., Run]) -> None:
    run = grantlint("report", "one.report", "two.report", "-o", "all.json", "-o", "all.html", "-q")
    assert run.status == 0
    assert parse_report(Path("all.json").read_bytes()) == merge(two)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"against": "main"}, "compared with different revisions"),
        ({"redacted": "ids"}, "hide different names"),
        ({"grants": ()}, "different versions"),
        ({"part": "owner"}, "part of another"),
    ],
)
def test_reports_that_do_not_fit_are_refused(
    two: tuple[Report, Report], change: dict[str, object], what: str, grantlint: Callable[..., Run]
) -> None:
    other = msgspec.structs.replace(two[1], **change)
    with pytest.raises(MergeError, match=what):
        merge((two[0], other))
    Path("two.report").write_text(render_json(other))
    run = grantlint("report", "one.report", "two.report")
    assert run.status == 2
    assert what in run.err


def test_a_report_that_is_named_twice_is_refused(two: tuple[Report, Report], grantlint: Callable[..., Run]) -> None:
    with pytest.raises(MergeError, match="Portal is in two of the reports"):
        merge((two[0], two[0]))
    with pytest.raises(MergeError, match="is in two of the reports"):
        merge((merge(two), two[1]))
    run = grantlint("report", "one.report", "one.report")
    assert run.status == 2
    assert "name each report once" in run.err
