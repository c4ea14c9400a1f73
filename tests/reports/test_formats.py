"""What all formats share: they never disagree, they survive hostile reports, and files name them unmistakably."""

from collections import Counter
from importlib import import_module

import msgspec
import pytest

from reports.formats import FORMATS, PLANS, Format, format_for, load_formats
from reports.formats.json import parse_report, render_json
from reports.report import Report
from reports.tables import do_first
from reports.terminal.render import render_summary
from tests.reports.hostile import hostile_report
from tests.reports.large import large_report
from tests.reports.readings import READINGS, Reading
from tests.reports.sample import advice_report, empty_report, sample_report

EVERY = (*FORMATS, *PLANS)
REPORTS = {
    "sample": sample_report,
    "hostile": hostile_report,
    "advice": advice_report,
    "empty": empty_report,
    "large": lambda: large_report(40),
}
#: Formats that show the worst this many.
SHORT = {"markdown", "github", "github-review", "text"}


def expected(report: Report, *, known: bool, accepted: bool) -> Counter:
    states = {"new", *(["known"] if known else []), *(["suppressed"] if accepted else [])}
    return Counter((row.state, row.severity) for row in report.findings if row.state in states)


def format_of(name: str) -> Format:
    (found,) = load_formats([name])
    return found


def reading_of(name: str) -> Reading:
    assert name in READINGS, f"tests/reports/readings.py has no row for the format {name!r}: how does its reader count?"
    return READINGS[name]


@pytest.mark.parametrize("name", EVERY)
def test_a_format_is_complete(name: str) -> None:
    file = f"reports/formats/{name.replace('-', '_')}.py"
    module = import_module(file.removesuffix(".py").replace("/", "."))
    row = getattr(module, "FORMAT", None)
    assert isinstance(row, Format), f"{file} exports no row: FORMAT = Format(...)"
    assert row.name == name, f"{file} holds the format {row.name!r}: the file is named after its format"
    assert row.help, f"{file} does not say what its format is for: Format(help=...)"
    assert row.help == row.help.strip(" ."), f"{file}: help is a phrase without a full stop"
    assert all(s == s.lower() and "." in s for s in row.suffixes), f"{file}: suffixes are lower case and have a dot"
    assert name in FORMATS or row.suffixes, f"{file}: a fix plan is chosen by its suffix and has none"


def test_names_and_suffixes_are_unique() -> None:
    for names in (FORMATS, PLANS):
        suffixes = Counter(suffix for row in load_formats(names) for suffix in row.suffixes)
        assert not [suffix for suffix, number in suffixes.items() if number > 1]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", FORMATS)
def test_formats_never_disagree(format: str, name: str) -> None:
    if format in SHORT and name == "large":
        return
    report = REPORTS[name]()
    reading = reading_of(format)
    counts = reading.counts(format_of(format).render(report))
    wanted = expected(report, known=reading.known, accepted=reading.accepted)
    if counts and isinstance(next(iter(counts)), str):
        by_severity: Counter = Counter()
        for (_, severity), number in wanted.items():
            by_severity[severity] += number
        wanted = by_severity
    assert counts == wanted


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", EVERY)
def test_every_report_can_be_written_as_utf_8_and_ends_its_last_line(format: str, name: str) -> None:
    text = format_of(format).render(REPORTS[name]())
    text.encode("utf-8")
    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_hidden_comes_out_of_a_hostile_report(format: str) -> None:
    text = format_of(format).render(hostile_report()).replace("\r\n", "\n")
    assert not [
        c for c in set(text) if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or c in "\u200b\u202e\u2066\ufeff")
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_not_read_is_in_every_format(format: str) -> None:
    text = format_of(format).render(sample_report())
    if format == "text":  # a terminal shows the findings on one stream, and what the run says about itself on the other
        text += render_summary(sample_report())
    shown = " ".join(text.split())
    assert [words for words in reading_of(format).unread if words not in shown] == []


def test_a_stored_report_is_rendered_as_the_first_one_was() -> None:
    report = sample_report()
    again = parse_report(render_json(report).encode())
    assert again == report
    for row in load_formats(EVERY):
        assert row.render(again) == row.render(report)


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
    row = format_for(file)
    assert (row.name if row else None) == format


def test_a_report_of_another_version_is_refused() -> None:
    text = render_json(empty_report()).replace('"version": 2', '"version": 3')
    with pytest.raises(msgspec.ValidationError):
        parse_report(text.encode())


@pytest.mark.parametrize("name", ["text", "html", "csv", "github", "junit", "sarif", "json"])
def test_a_finding_has_the_fix_of_its_own_format(name: str) -> None:
    report = sample_report()
    first = next(row for row in report.findings if row.state == "new")
    own = tuple(msgspec.structs.replace(row, fix="Set ownName." if row is first else "") for row in report.findings)
    text = format_of(name).render(msgspec.structs.replace(report, findings=own))
    assert "Set ownName." in text


def test_what_to_fix_first_is_said_as_all_its_findings_say_it() -> None:
    report = sample_report()
    known = {rule.id for rule in report.rules}
    rule = next(fix.rule for fix in do_first(report) if fix.rule in known)
    alike = [msgspec.structs.replace(row, fix="Set ownName." if row.rule == rule else "") for row in report.findings]
    for name in ("markdown", "html"):
        assert "Set ownName." in format_of(name).render(msgspec.structs.replace(report, findings=tuple(alike)))
    mixed = msgspec.structs.replace(alike[0], rule=rule, fix="Set anotherName.")
    fixes = do_first(msgspec.structs.replace(report, findings=(*alike, mixed)))
    assert [fix.fix for fix in fixes if fix.rule == rule] == [""]
