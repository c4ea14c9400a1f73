"""What is on the first screen: what was read and what not, the result in a sentence, and what to do first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from reports.age import read_at
from reports.escape import visible, visible_name
from reports.html.charts import line_chart
from reports.html.markup import breakable, instant, where
from reports.report import Report
from reports.rows import EVIDENCE, Input, Origin, Problem, RuleText
from reports.tables import RegistrationPart, do_first, gain_words, gaps_by_reason, kinds_of
from reports.trend import trend_words
from reports.wording import IN_THESE
from rules.model.finding import SEVERITIES, Severity
from rules.primitives.texts import counted

_WORDS: Final = {"not-read": "Not read", "partly": "Partly read", "read": "Read"}
#: At most this many sources are shown; others that were read in full are folded. What was not read is never folded.
_INPUTS_SHOWN: Final = 8
_NAMES_SHOWN: Final = 3
_WORST_SHOWN: Final = 5
#: The severities that need action now.
_GRAVE: Final = ("critical", "high")
_WHOLE: Final = "Everything was read."


class InputView(msgspec.Struct, frozen=True):
    """A source as it is shown: the state as a token for the style sheet and as a word."""

    name: str
    status: str
    word: str
    what: str
    note: str
    remedy: str


class ProblemView(msgspec.Struct, frozen=True):
    """Bad input: ``where`` is ``file:line:column``."""

    where: str
    what: str
    hint: str


class MissingView(msgspec.Struct, frozen=True):
    """Properties that were not assessed for one reason, and how many they are in words."""

    properties: tuple[Markup, ...]
    count: str
    extent: str
    why: str
    remedy: str


class RunView(msgspec.Struct, frozen=True):
    """An earlier run: when, what it was called, how much was open in how many registrations."""

    made: str
    title: str
    registrations: int
    open: int


class TrendView(msgspec.Struct, frozen=True):
    """How the run compares with earlier ones, oldest first, and that in a sentence and as a line."""

    runs: tuple[RunView, ...]
    words: str
    drawing: Markup


class GoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of an earlier run that is no longer there."""

    name: str
    message: str
    severity: str
    rule: str
    last: str
    judged: bool


class FixView(msgspec.Struct, frozen=True, kw_only=True):
    """One of the fixes to begin with: what to do, the findings that it removes by severity, and where (anchor and
    name).
    """

    rule: str
    number: int
    has_text: bool
    severity: str
    fix: str
    gain: str
    on: tuple[tuple[str, str], ...]
    more: int


def lead(report: Report) -> str:
    """How much was checked and whether everything was read; nothing where the advice speaks for itself."""
    summary = report.summary
    if not report.registrations:
        if report.inputs or report.problems:
            return f"No registration was checked. {_missing(report)}"
        return f"Advice for {counted(len(report.advices), 'client')}." if len(report.advices) > 1 else ""
    checked = f"{counted(summary.registrations, 'registration')} checked with {counted(summary.rules, 'rule')}."
    if any(summary.by_severity.values()):
        return f"{checked} {_missing(report)}"
    found = "No new findings" if report.findings else "No findings"
    missing = _missing(report)
    return f"{checked} {found}{'' if missing == _WHOLE else IN_THESE}. {missing}"


def _missing(report: Report) -> str:
    unread = len(report.problems) + sum(source.status == "not-read" for source in report.inputs)
    partly = sum(source.status == "partly" for source in report.inputs)
    rules = len({gap.rule for gap in report.not_assessed})
    missing = [
        words
        for count, words in (
            (unread, f"{counted(unread, 'input')} could not be used"),
            (partly, f"{counted(partly, 'input')} {'was' if partly == 1 else 'were'} read in part"),
            (rules, f"{counted(rules, 'rule')} could not check everything"),
        )
        if count
    ]
    if not missing:
        return _WHOLE
    last = f" and {missing.pop()}" if len(missing) > 1 else ""
    return f"Not everything was read: {', '.join(missing)}{last}."


def worst_registrations(
    parts: Iterable[RegistrationPart], places: Mapping[str, tuple[str, str]]
) -> tuple[tuple[str, str, str], ...]:
    """The first registrations of *parts* with critical or high findings: anchor, name, and how many of each."""
    grave = [
        (*places[part.row.key], ", ".join(f"{count:,} {name}" for name in _GRAVE if (count := part.by_severity[name])))
        for part in parts
        if part.row.kind == "registration" and any(part.by_severity[name] for name in _GRAVE)
    ]
    return tuple(grave[:_WORST_SHOWN])


def exit_line(report: Report) -> str:
    """Why the run ended with its exit status."""
    summary = report.summary
    return f"Exit status {summary.exit_status}: {visible(summary.exit_reason)}." if summary.exit_reason else ""


def severity_counts(report: Report) -> tuple[tuple[str, int, str], ...]:
    """New findings by severity: severity, count, and what the filter is set to by its link."""
    only = only_severity(report)
    return tuple(
        (severity, count, only[severity] if count else "") for severity, count in report.summary.by_severity.items()
    )


def only_severity(report: Report) -> dict[Severity, str]:
    """What sets the filter to the new findings of each severity."""
    there = [name for name in SEVERITIES if any(finding.severity == name for finding in report.findings)]
    return {
        severity: f"state=new&hide={','.join(name for name in there if name != severity)}" for severity in SEVERITIES
    }


def beside(report: Report) -> tuple[tuple[int, str, str], ...]:
    """The figures after the severities: known and accepted findings, what rules could not check, and their filters."""
    summary = report.summary
    figures = (
        (summary.known, "known before", "state=known"),
        (summary.suppressed, "accepted", "state=accepted"),
        (summary.not_assessed, "checks not assessed", "state=gaps"),
    )
    return tuple(figure for figure in figures if figure[0])


def problem_views(problems: Sequence[Problem]) -> tuple[ProblemView, ...]:
    """Bad input, one line each."""
    return tuple(
        ProblemView(where(Origin(file=p.file, line=p.line, column=p.column)), p.what, p.hint) for p in problems
    )


def missing_views(report: Report) -> tuple[MissingView, ...]:
    """What was not assessed, one row for each reason and remedy."""
    return tuple(
        MissingView(
            tuple(map(breakable, row.properties)),
            "1 property" if len(row.properties) == 1 else f"{len(row.properties):,} properties",
            f"{counted(row.rules, 'rule')} on {row.on}",
            row.why,
            row.remedy,
        )
        for row in gaps_by_reason(report.not_assessed, kinds_of(report))
    )


def input_views(inputs: Sequence[Input]) -> tuple[tuple[InputView, ...], tuple[InputView, ...]]:
    """The sources that are in the open, what was not read first, and those that are folded."""
    order = sorted(inputs, key=lambda source: list(_WORDS).index(source.status))
    views = tuple(
        InputView(source.name, source.status, _WORDS[source.status], _what(source), source.note, source.remedy)
        for source in order
    )
    shown = max(_INPUTS_SHOWN, sum(source.status != "read" for source in inputs))
    return views[:shown], views[shown:]


def _what(source: Input) -> str:
    is_counted = source.registrations or (source.status != "not-read" and source.format != EVIDENCE)
    found = counted(source.registrations, "registration") if is_counted else ""
    return ", ".join(part for part in (visible(source.format), found) if part)


def first_fixes(
    report: Report,
    rules: Mapping[str, RuleText],
    numbers: Mapping[str, int],
    places: Mapping[str, tuple[str, str]],
) -> tuple[FixView, ...]:
    """The fixes to begin with; *places* holds anchor and name of each registration by its key, *numbers* the filter's
    names of rules.
    """
    return tuple(
        FixView(
            rule=fix.rule,
            has_text=fix.rule in rules,
            severity=fix.severity,
            fix=fix.fix or (rules[fix.rule].fix if fix.rule in rules else "See the findings of this rule."),
            gain=gain_words(fix),
            number=numbers[fix.rule],
            on=tuple(places[key] for key in fix.registrations[:_NAMES_SHOWN]),
            more=max(len(fix.registrations) - _NAMES_SHOWN, 0),
        )
        for fix in do_first(report)
    )


def trend_view(report: Report) -> TrendView | None:
    """The runs that this one was compared with."""
    trend = report.trend
    if trend is None:
        return None
    runs = tuple(
        RunView(instant(run.read_at or run.made_at), run.title, run.registrations, run.open) for run in trend.runs
    )
    now = sum(finding.state != "suppressed" for finding in report.findings)
    points = [(_day(run.read_at or run.made_at), run.open) for run in trend.runs if run.registrations]
    drawing = line_chart("Open findings over time", [*points, (_day(read_at(report)), now)]) if points else Markup("")
    return TrendView(runs, trend_words(trend, runs[-1].made if runs else "earlier runs"), drawing)


def _day(moment_: str) -> str:
    """The day of a moment of the report (RFC 3339)."""
    return visible(moment_[:10], 10)


def gone_views(report: Report) -> tuple[GoneView, ...]:
    """What earlier runs found and this one does not, the worst first."""
    names = {row.key: visible_name(row.name) for row in report.registrations}
    gone = [
        GoneView(
            name=visible_name(row.registration),
            message=row.message,
            severity=row.severity,
            rule=row.rule,
            last=instant(row.last_seen),
            judged=row.judged,
        )
        for row in (report.trend.gone if report.trend else ())
    ]
    fixed = [
        GoneView(
            name=names.get(row.registration, visible_name(row.registration)),
            message=row.message,
            severity=row.severity,
            rule=row.rule,
            last="",
            judged=True,
        )
        for row in report.fixed
    ]
    return (*gone, *fixed)
