"""Blocks of Markdown that a comment on a pull request and the summary of a job share.

Foreign words are in code spans or escaped, so that no name becomes a mention, a link or a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from reports.advice import Advice
from reports.age import age_notes, is_from_tenant, read_at
from reports.decision import caveats, missing_of, short_lines
from reports.escape import NAME_SHOWN, address, markdown, markdown_code, visible, visible_name
from reports.report import Report
from reports.rows import FindingRow, RuleText
from reports.sequence import sequence_for, sequence_mermaid
from reports.system import system_mermaid
from reports.tables import do_first, gain_words, worst_first
from reports.trend import gone_heading, gone_words, last_compared, trend_line, trend_words
from reports.use import FOLLOWS, REDIRECT_URIS, use_words
from reports.wording import (
    POLICY,
    POLICY_HEADING,
    comparison,
    moment_words,
    names_of,
    notices,
    place_of,
    property_of,
    related,
    state_words,
    tenants_of,
)
from rules.primitives.texts import counted

#: A comment shows the worst this many findings, and this much of what was not read.
WORST: Final = 10
_NOTICES: Final = 8


def head(report: Report) -> Iterator[str]:
    """What changes in the policy, the result as a heading and, where the report compares with an earlier state, what a
    change does to it.
    """
    yield from _policy(report)
    counts = ", ".join(f"{n:,} {severity}" for severity, n in report.summary.by_severity.items() if n)
    yield f"### {markdown(visible(report.title, NAME_SHOWN))}: {counts or _nothing(report)}"
    if report.against:
        against = markdown_code(visible(report.against, NAME_SHOWN))
        yield comparison(against, report.findings, len(report.fixed))


def coverage(report: Report) -> Iterator[str]:
    """How much was checked, and what was not read."""
    summary = report.summary
    if report.registrations or report.inputs:
        aside = [
            f"{n:,} {word}"
            for n, word in (
                (summary.known, "known before"),
                (summary.suppressed, "accepted"),
                (summary.not_assessed, "checks not assessed"),
            )
            if n
        ]
        checked = f"{counted(summary.registrations, 'registration')} checked with {counted(summary.rules, 'rule')}"
        read = [f"read {moment_words(read_at(report))}"] if is_from_tenant(report) else []
        yield "; ".join([checked, *aside, *read]) + "."
    yield from (f"**Old reading**: {markdown(words)}" for words in age_notes(report))
    said = [notice for notice in notices(report) if notice.id not in ("old-reading", POLICY)]
    if said:
        lines = [f"- {_notice(notice.text, notice.file, notice.line)}" for notice in said[:_NOTICES]]
        rest = len(said) - _NOTICES
        is_whole = all(notice.id == "note" for notice in said)
        yield "**Notes**" if is_whole else "**Not everything was read**"
        yield "\n".join(lines + ([f"- and {rest:,} more"] if rest > 0 else []))


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
    return "no new findings in the values that were read"


def _notice(text: str, file: str | None, line: int | None) -> str:
    place = visible(file, NAME_SHOWN) + (f":{line}" if line else "") if file else ""
    return (f"{markdown_code(place)} " if place else "") + markdown(text)


def trend_blocks(report: Report, most: int | None = None) -> Iterator[str]:
    """How many findings came and went since the latest earlier run, how many were open at each, and what is fixed, at
    most *most*; nothing without one.
    """
    trend = report.trend
    if trend is None or not trend.runs:
        return
    latest = trend.runs[-1]
    yield markdown(trend_words(trend, moment_words(latest.read_at or latest.made_at)))
    if line := trend_line(report):
        yield markdown(line)
    if trend.gone:
        lines = [
            f"- {row.severity} {markdown_code(visible(row.rule, NAME_SHOWN))} {markdown(gone_words(row))}"
            f"{'' if row.judged else ', not checked again'}"
            for row in trend.gone[:most]
        ]
        rest = len(trend.gone) - len(lines)
        yield f"**{gone_heading(trend)}**"
        yield "\n".join(lines + ([f"- and {rest:,} more"] if rest else []))


def worst(report: Report) -> Iterator[str]:
    """The worst new findings under a heading: with an earlier state, they are what a change introduces."""
    found = worst_first(report)
    last = last_compared(report.trend)
    if found:
        names, tenants = {row.key: row.name for row in report.registrations}, tenants_of(report)
        yield (
            "**Introduced by this change**"
            if report.against
            else "**Worst first**"
            if len(found) > 1
            else "**Finding**"
        )
        lines = [
            finding_item(finding, tenants, names.get(finding.registration, finding.registration), last)
            for finding in found[:WORST]
        ]
        rest = len(found) - WORST
        yield "\n".join(lines + ([f"- and {counted(rest, 'more finding')}, in the full report"] if rest > 0 else []))


def fixed(report: Report) -> Iterator[str]:
    """What a change fixes, where the report compares with an earlier state."""
    if report.fixed:
        names, tenants = {row.key: row.name for row in report.registrations}, tenants_of(report)
        lines = [
            finding_item(finding, tenants, names.get(finding.registration, finding.registration))
            for finding in report.fixed
        ]
        rest = len(lines) - WORST
        yield "**Fixed by this change**"
        yield "\n".join(lines[:WORST] + ([f"- and {rest:,} more"] if rest > 0 else []))


def finding_item(
    finding: FindingRow, tenants: Mapping[str, str], name: str | None = None, last_compared: str = ""
) -> str:
    """A finding as an item of a list; *name* is the registration's where no heading says it.

    *last_compared* is the day of the latest report that its report was compared with.
    """
    words = state_words(finding, last_compared)
    state = f" ({markdown(words)})" if words else ""
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
            f"{place}. {markdown(visible(fix.fix or rules[fix.rule].fix))} Removes {gain_words(fix)} "
            f"of {markdown_code(visible(fix.rule, NAME_SHOWN))}."
            for place, fix in enumerate(fixes, 1)
        )


def use_blocks(report: Report, most: int) -> Iterator[str]:
    """The use of grants: what follows from it for at most *most* grants, and how many are not known; nothing without
    evidence of use.
    """
    if not report.usage:
        return
    names = names_of(report)
    entries = [(row.registration, entry) for row in report.usage for entry in row.entries]
    found = [(key, entry) for says in FOLLOWS for key, entry in entries if entry.says == says]
    lines = [
        f"- {markdown_code(names.get(key) or visible_name(key))} {markdown_code(visible(entry.grant, NAME_SHOWN))}: "
        + markdown(use_words(entry))
        for key, entry in found[:most]
    ]
    rest, unknown = len(found) - len(lines), sum(entry.used == "not-known" for _, entry in entries)
    if rest:
        lines.append(f"- and {rest:,} more")
    if unknown:
        lines.append(f"- {counted(unknown, 'grant')} of registrations: use not known")
    yield "**Use of grants**"
    yield "\n".join([*lines, f"- {REDIRECT_URIS}"])


def advice_blocks(report: Report) -> Iterator[str]:
    """The advice for each client with its gravest caveats, what is not decided, and the messages of the grants."""
    if report.advices:
        yield "\n".join(line for advice in report.advices for line in _advice_item(advice))
    if report.undecided:
        yield "\n".join(
            f"- {markdown_code(visible_name(row.client_name))}: **not decided**, no answer to "
            + ", ".join(markdown_code(fact.question) for fact in missing_of(row))
            for row in report.undecided
        )
    if report.picture:
        yield f"```mermaid\n{system_mermaid(report.picture)}```"
    yield from _sequences(report)


def _advice_item(advice: Advice) -> Iterator[str]:
    """The answer as an item of a list, its caveats below."""
    name = f"{markdown_code(visible_name(advice.client_name))}: " if advice.client_name else ""
    grant, *_ = short_lines(advice)
    yield f"- {name}{markdown(visible(grant.words))}"
    yield from (f"  - {line.term}: {markdown(visible(line.words))}" for line in caveats(advice))


def _sequences(report: Report) -> Iterator[str]:
    """The messages of each recommended grant as a diagram, which GitHub, GitLab and Azure DevOps draw from Mermaid."""
    advised = {}
    for advice in report.advices:
        shown = None if advice.dead_end else sequence_for(advice.leaf, advice.grant, report.sequences)
        if shown:
            advised[shown.grant] = shown.title or advice.grant_title
    for sequence in report.sequences:
        if sequence.grant in advised:
            title = markdown(visible(advised[sequence.grant], NAME_SHOWN))
            yield (
                f"<details><summary>{title}: who sends what to whom</summary>\n\n"
                f"```mermaid\n{sequence_mermaid(sequence)}```\n\n</details>"
            )


def index_document(report: Report, rows: Sequence[tuple[str, ...]]) -> str:
    """The index of a report in parts: a table of *rows*, a heading and one row a part, with links to their files."""
    heads, *parts = rows
    lines = [_table_line(heads[:1] + heads[2:]), _table_line(["---"] * (len(heads) - 1))]
    lines += [_table_line([f"[{markdown(name)}](<{address(file)}>)", *figures]) for name, file, *figures in parts]
    return "\n\n".join([*head(report), "\n".join(lines)]) + "\n"


def _table_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
