"""Blocks of Markdown that a comment on a pull request and the summary of a job share.

Foreign words are in code spans or escaped, so that no name mentions anybody, links anywhere or draws a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reports.escape import NAME_SHOWN, markdown, markdown_code, visible, visible_name
from reports.report import Report, Trend
from reports.rows import FindingRow, RuleText
from reports.sequence import sequence_mermaid
from reports.tables import do_first
from reports.wording import POLICY, POLICY_HEADING, accepted_words, notices, place_of, property_of, related, tenants_of
from rules.primitives.texts import counted

#: A comment shows the worst this many findings, and this much of what was not read.
WORST: Final = 10
_NOTICES: Final = 8


def head(report: Report) -> Iterator[str]:
    """What changes in the policy, the result as a heading, how much was checked, and what was not read."""
    summary = report.summary
    yield from _policy(report)
    counts = ", ".join(f"{n:,} {severity}" for severity, n in summary.by_severity.items() if n)
    yield f"### {markdown(visible(report.title, NAME_SHOWN))}: {counts or _nothing(report)}"
    if report.registrations or report.inputs:
        aside = [
            f"{n:,} {word}"
            for n, word in (
                (summary.known, "known before"),
                (summary.suppressed, "accepted"),
                (summary.not_assessed, "not assessed"),
            )
            if n
        ]
        checked = f"{counted(summary.registrations, 'registration')} checked with {counted(summary.rules, 'rule')}"
        yield "; ".join([checked, *aside]) + "."
    told = [notice for notice in notices(report) if notice.id != POLICY]
    missing = [f"- {_notice(notice.text, notice.file, notice.line)}" for notice in told]
    if missing:
        rest = len(missing) - _NOTICES
        yield "**Not everything was read**"
        yield "\n".join(missing[:_NOTICES] + ([f"- and {rest:,} more"] if rest > 0 else []))


def _policy(report: Report) -> Iterator[str]:
    """What a change does to the policy, before all else: it has no effect yet."""
    lines = [
        f"- **{change.severity}** {_notice(visible(change.message), change.file or None, change.line)}"
        for change in report.policy_changes
    ]
    if lines:
        rest = len(lines) - WORST
        yield f"### {POLICY_HEADING}"
        yield "\n".join(lines[:WORST] + ([f"- and {rest:,} more"] if rest > 0 else []))


def _nothing(report: Report) -> str:
    if not report.registrations:
        return "no registration was checked" if report.inputs or report.problems else "advice"
    return "no new findings in what was read"


def _notice(text: str, file: str | None, line: int | None) -> str:
    place = visible(file, NAME_SHOWN) + (f":{line}" if line else "") if file else ""
    return (f"{markdown_code(place)} " if place else "") + markdown(text)


def trend_line(trend: Trend | None) -> Iterator[str]:
    """How many findings came and went since the latest earlier run; nothing without one."""
    if trend is not None and trend.runs:
        since = markdown(visible(trend.runs[-1].made_at, NAME_SHOWN))
        yield f"Since {since}: {trend.came:,} new, {len(trend.gone):,} gone, {trend.stayed:,} still open."


def comparison(report: Report) -> Iterator[str]:
    """What a change introduces, fixes and leaves, where the report compares with an earlier state."""
    if not report.against:
        return
    states = [finding.state for finding in report.findings]
    yield (
        f"Against {markdown_code(visible(report.against, NAME_SHOWN))}: {states.count('new'):,} introduced, "
        f"{len(report.fixed):,} fixed, {states.count('known'):,} left."
    )
    if report.fixed:
        names, tenants = {row.key: row.name for row in report.registrations}, tenants_of(report)
        lines = [
            finding_item(finding, tenants, names.get(finding.registration, finding.registration))
            for finding in report.fixed
        ]
        rest = len(lines) - WORST
        yield "**Fixed by this change**"
        yield "\n".join(lines[:WORST] + ([f"- and {rest:,} more"] if rest > 0 else []))


def finding_item(finding: FindingRow, tenants: Mapping[str, str], name: str | None = None) -> str:
    """A finding as an item of a list; *name* is the registration's where no heading says it."""
    state = ""
    if finding.state == "known":
        state = " (known before)"
    elif finding.state == "suppressed":
        state = f" ({markdown(accepted_words(finding.accepted) if finding.accepted else 'accepted')})"
    who = "" if name is None else f"{markdown_code(visible_name(name))} "
    place, at = place_of(finding, tenants), property_of(finding)
    where = ", ".join(markdown_code(words) for words in dict.fromkeys((place, at)) if words)
    more = "".join(f"; {markdown(words)}" for words in related(finding))
    change = f"; change: {markdown(visible(finding.change))}" if finding.change else ""
    rule = markdown_code(visible(finding.rule, NAME_SHOWN))
    return f"- **{finding.severity}** {rule} {who}{markdown(visible(finding.message))} ({where}{more}{change}){state}"


def first_fixes(report: Report, rules: Mapping[str, RuleText]) -> Iterator[str]:
    """The fixes to begin with, numbered; *rules* by id."""
    fixes = [fix for fix in do_first(report) if fix.rule in rules]
    if fixes:
        yield "**Fix first**"
        yield "\n".join(
            f"{place}. {markdown(visible(rules[fix.rule].fix))} Removes {counted(fix.findings, 'finding')} "
            f"of {markdown_code(visible(fix.rule, NAME_SHOWN))}."
            for place, fix in enumerate(fixes, 1)
        )


def advice_blocks(report: Report) -> Iterator[str]:
    """The advice for each client, what is not decided, and the messages of the recommended grants."""
    if report.advices:
        yield "\n".join(
            f"- {markdown_code(visible_name(advice.client_name)) + ': ' if advice.client_name else ''}"
            f"{markdown(visible(advice.headline))}"
            for advice in report.advices
        )
    if report.undecided:
        yield "\n".join(
            f"- {markdown_code(visible_name(open_.client_name))}: **not decided**, no answer to "
            f"{markdown_code(open_.question)}: {markdown(visible(open_.ask))}"
            for open_ in report.undecided
        )
    yield from _sequences(report)


def _sequences(report: Report) -> Iterator[str]:
    """The messages of each recommended grant as a diagram, which GitHub, GitLab and Azure DevOps draw from Mermaid."""
    advised = {advice.grant: advice.grant_title for advice in report.advices if not advice.dead_end}
    for sequence in report.sequences:
        if sequence.grant in advised:
            title = markdown(visible(advised[sequence.grant], NAME_SHOWN))
            yield f"<details><summary>{title}: who sends what to whom</summary>"
            yield f"```mermaid\n{sequence_mermaid(sequence)}```"
            yield "</details>"
