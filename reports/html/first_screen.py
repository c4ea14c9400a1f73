"""What stands on the first screen: what was read and what not, the verdict in a sentence, and what to do first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from reports.escape import visible, visible_name
from reports.report import Input, Problem, Report, RuleText
from reports.tables import counted, do_first

_WORDS: Final = {"not-read": "Not read", "partly": "Partly read", "read": "Read"}
#: So many sources stand in the open; further ones that were read in full are folded. What was not read is never folded.
_INPUTS_SHOWN: Final = 8
_NAMES_SHOWN: Final = 3


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


class FixView(msgspec.Struct, frozen=True, kw_only=True):
    """One of the fixes to begin with: what to do, what it removes, and where (anchor and name)."""

    rule: str
    has_text: bool
    severity: str
    fix: str
    gain: str
    on: tuple[tuple[str, str], ...]
    more: int


def lead(report: Report) -> str:
    """The verdict in one sentence, or what the advice says when nothing was judged."""
    summary = report.summary
    if not report.registrations:
        if report.advices and not (report.inputs or report.problems):
            return f"Advice for {counted(len(report.advices), 'client')}."
        return "No registration was judged." if report.inputs or report.problems else ""
    judged = f"{counted(summary.registrations, 'registration')} judged with {counted(summary.rules, 'rule')}"
    counts = ", ".join(f"{count:,} {severity}" for severity, count in summary.by_severity.items() if count)
    unread = "" if not report.not_assessed else " Not everything could be assessed: see below."
    if counts:
        return f"{judged}: {counts}.{unread}"
    return f"{judged}: no new findings{' in what was read' if unread or report.problems else ''}.{unread}"


def exit_line(report: Report) -> str:
    """Why the run ended with its exit status."""
    summary = report.summary
    return f"Exit status {summary.exit_status}: {visible(summary.exit_reason)}." if summary.exit_reason else ""


def beside(report: Report) -> tuple[tuple[int, str], ...]:
    """The figures beside the severities: known and accepted findings, and what rules could not judge."""
    summary = report.summary
    figures = (
        (summary.known, "known before"),
        (summary.suppressed, "accepted"),
        (summary.not_assessed, "not assessed"),
    )
    return tuple(figure for figure in figures if figure[0])


def problem_views(problems: Sequence[Problem]) -> tuple[ProblemView, ...]:
    """Bad input, one line each."""
    return tuple(
        ProblemView(
            "".join(f":{part}" for part in (visible(p.file), p.line, p.column) if part is not None)[1:]
            if p.file
            else "",
            p.what,
            p.hint,
        )
        for p in problems
    )


def input_views(inputs: Sequence[Input]) -> tuple[tuple[InputView, ...], tuple[InputView, ...]]:
    """The sources that stand in the open, what was not read first, and those that are folded."""
    order = sorted(inputs, key=lambda source: list(_WORDS).index(source.status))
    views = tuple(
        InputView(source.name, source.status, _WORDS[source.status], _what(source), source.note, source.remedy)
        for source in order
    )
    shown = max(_INPUTS_SHOWN, sum(source.status != "read" for source in inputs))
    return views[:shown], views[shown:]


def _what(source: Input) -> str:
    found = counted(source.registrations, "registration") if source.registrations or source.status != "not-read" else ""
    return ", ".join(part for part in (visible(source.format), found) if part)


def first_fixes(
    report: Report, rules: Mapping[str, RuleText], anchors: Mapping[str, str], names: Mapping[str, str]
) -> tuple[FixView, ...]:
    """The fixes to begin with; *anchors* and *names* belong to the registrations' keys."""
    return tuple(
        FixView(
            rule=fix.rule,
            has_text=fix.rule in rules,
            severity=fix.severity,
            fix=rules[fix.rule].fix if fix.rule in rules else "See the findings of this rule.",
            gain=counted(fix.findings, "finding"),
            on=tuple((anchors[key], visible_name(names[key])) for key in fix.registrations[:_NAMES_SHOWN]),
            more=max(len(fix.registrations) - _NAMES_SHOWN, 0),
        )
        for fix in do_first(report)
    )
