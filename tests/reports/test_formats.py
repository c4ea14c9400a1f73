"""What all formats share: they never disagree, they survive hostile reports, and files name them unmistakably."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest

from reports.renderers import FORMATS, RENDERERS, SUFFIXES, renderer_for, renderer_named
from reports.report import Report
from tests.reports import readings
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.sample import advice_report, empty_report, sample_report

REPORTS = {
    "sample": sample_report,
    "hostile": hostile_report,
    "advice": advice_report,
    "empty": empty_report,
    "large": lambda: large_report(40),
}
#: How each format's reader counts, and whether it is shown findings that are known and findings that are accepted.
READINGS: dict[str, tuple[Callable[[str], Counter], bool, bool]] = {
    "json": (readings.json_counts, True, True),
    "html": (readings.html_counts, True, True),
    "sarif": (readings.sarif_counts, True, True),
    "junit": (readings.junit_counts, True, True),
    "csv": (readings.csv_counts, True, True),
    "github-summary": (readings.markdown_counts, True, True),
    "gitlab": (readings.gitlab_counts, True, False),
    "markdown": (readings.markdown_counts, False, False),
    "github": (readings.github_counts, False, False),
    "azure": (readings.azure_counts, False, False),
    "text": (readings.text_counts, False, False),
}
#: Formats that show the worst so many.
SHORT = {"markdown", "github"}


def expected(report: Report, *, known: bool, accepted: bool) -> Counter:
    states = {"new", *(["known"] if known else []), *(["suppressed"] if accepted else [])}
    return Counter((row.state, row.severity) for row in report.findings if row.state in states)


def test_every_format_has_a_reading() -> None:
    assert set(READINGS) == set(FORMATS)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", FORMATS)
def test_formats_never_disagree(format: str, name: str) -> None:
    if format in SHORT and name == "large":
        return
    report = REPORTS[name]()
    read, known, accepted = READINGS[format]
    renderer = renderer_named(format)
    assert renderer
    counts = read(renderer.render(report))
    wanted = expected(report, known=known, accepted=accepted)
    if counts and isinstance(next(iter(counts)), str):
        by_severity: Counter = Counter()
        for (_, severity), number in wanted.items():
            by_severity[severity] += number
        wanted = by_severity
    assert counts == wanted


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_report_can_be_written_as_utf_8_and_ends_its_last_line(format: str, name: str) -> None:
    renderer = renderer_named(format)
    assert renderer
    text = renderer.render(REPORTS[name]())
    text.encode("utf-8")
    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_hidden_comes_out_of_a_hostile_report(format: str) -> None:
    renderer = renderer_named(format)
    assert renderer
    text = renderer.render(hostile_report()).replace("\r\n", "\n")
    assert not [
        c for c in set(text) if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or c in "\u200b\u202e\u2066\ufeff")
    ]


@pytest.mark.parametrize(
    "format", ["sarif", "junit", "csv", "markdown", "github-summary", "github", "azure", "text", "html"]
)
def test_what_was_not_read_stands_in_every_format(format: str) -> None:
    renderer = renderer_named(format)
    assert renderer
    text = renderer.render(sample_report())
    if format == "text":
        from reports.formats.terminal import render_summary

        text += render_summary(sample_report())
    assert "a placeholder stands in its place" in " ".join(text.split())
    if format != "csv":
        assert "permission denied" in text
        assert "not JSON: a comma is missing" in text


def test_a_stored_report_is_rendered_as_the_first_one_was() -> None:
    from reports.formats.json import parse_report, render_json

    report = sample_report()
    again = parse_report(render_json(report).encode())
    assert again == report
    for renderer in RENDERERS:
        assert renderer.render(again) == renderer.render(report)


@pytest.mark.parametrize(
    ("file", "format"),
    [
        ("r.json", "json"),
        ("r.sarif", "sarif"),
        ("R.SARIF.JSON", "sarif"),
        ("gl-code-quality-report.json", "gitlab"),
        ("r.codequality.json", "gitlab"),
        ("TEST-r.xml", "junit"),
        ("comment.md", "markdown"),
        ("r.csv", "csv"),
        ("r.htm", "html"),
        ("r.txt", "text"),
        ("r.pdf", None),
        ("json", None),
    ],
)
def test_the_longest_ending_says_the_format(file: str, format: str | None) -> None:
    renderer = renderer_for(file)
    assert (renderer.name if renderer else None) == format


def test_names_and_endings_are_unique() -> None:
    assert len(set(FORMATS)) == len(FORMATS)
    assert len(set(SUFFIXES)) == len(SUFFIXES)


def test_a_report_of_another_version_is_refused() -> None:
    from reports.formats.json import parse_report, render_json

    text = render_json(empty_report()).replace('"version": 1', '"version": 2')
    with pytest.raises(msgspec.ValidationError):
        parse_report(text.encode())
