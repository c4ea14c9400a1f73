"""A report as text for a terminal, a log or a file.

A few findings are shown by registration, the worst first, each under ``file:line:column: severity rule``, which
terminals and editors can follow. Many are shown as an overview (``reports.terminal.overview``). What a run found goes
to standard output, what it says about itself (``render_summary``) to standard error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reports.age import age_notes, is_from_tenant, read_at
from reports.escape import address, log_lines, visible, visible_name
from reports.report import Report
from reports.tables import gaps_in_a_sentence, gaps_in_words
from reports.terminal.advice import advice_blocks, answer_line
from reports.terminal.findings import Span, finding_blocks, finding_lines
from reports.terminal.overview import (
    FEW,
    has_many_findings,
    is_summed_up,
    next_steps,
    overview_blocks,
    posture_counts,
)
from reports.terminal.use_of_grants import use_spans
from reports.trend import gone_lines, gone_title, trend_line, trend_words
from reports.view import View
from reports.wording import IN_THESE, POLICY_HEADING, moment_words, policy_words
from reports.wrap import wrap
from rules.primitives.texts import counted

_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold",
    "rule": "bold",
    "place": "",
    "quiet": "dim",
    "mark": "bold red",
    "head": "bold",
}

_STATUS = {"not-read": "not read", "partly": "read in part"}

_PLAIN = View()


def render_terminal(report: Report, view: View = _PLAIN) -> str:
    """Advice, findings and posture as text that ends in a line feed; empty when there is nothing to show."""
    policy = _policy(report, view)
    if view.concise:
        lines: list[Sequence[Span]] = [_line(answer_line(advice), view, "head") for advice in report.advices]
        lines[:0] = [policy] if policy else []
        lines += finding_lines(report, view)
        lines += [_line(row, view) for row in gone_lines(report)]
        return log_lines(_paint([span for line in lines for span in line], view))
    many = has_many_findings(report, view)
    blocks: list[Sequence[Span]] = [
        *([policy] if policy else []),
        *advice_blocks(report, view),
        *(overview_blocks if many else finding_blocks)(report, view),
    ]
    if gone := _gone(report, view):
        blocks.append(gone)
    if view.posture and report.postures:
        blocks.append([*(posture_counts if is_summed_up(report, view) else _posture)(report, view)])
    if use := [*use_spans(report, view)]:
        blocks.append(use)
    if many:
        blocks.append([*next_steps(report, view)])
    return log_lines("\n".join(_paint(spans, view) for spans in blocks))


def _line(text: str, view: View, style: str = "") -> list[Span]:
    """A line of a log of single lines; on a terminal, it wraps at the width."""
    return [(f"{line}\n", style) for line in (wrap(text, view.width, "", "    ") if view.wraps else [text])]


def _policy(report: Report, view: View) -> list[Span]:
    """What a change does to the policy: one line each in a log of single lines, else under a heading."""
    spans: list[Span] = []
    for change in report.policy_changes:
        place = f"{visible(change.file)}:{change.line}" if change.line else visible(change.file)
        if view.concise:
            spans += _line(f"{place}: policy: {policy_words(change)}", view)
        else:
            text, indent = f"{change.severity:<8}  {place}: {visible(change.message)}", " " * 12
            spans += [(line + "\n", "") for line in wrap(text, view.width, "  ", indent)]
    return spans if view.concise or not spans else [(f"{POLICY_HEADING}\n", "head"), *spans]


def render_summary(report: Report, view: View = _PLAIN) -> str:
    """What was checked, what was not, and why the exit status is what it is."""
    summary = report.summary
    lines = [problem_line(p.what, p.file, p.line, p.column, p.hint) for p in report.problems]
    for source in report.inputs:
        if source.note and source.status != "read":
            remedy = f"; {visible(source.remedy)}" if source.remedy else ""
            lines.append(f"{visible(source.name)}: {_STATUS[source.status]}: {visible(source.note)}{remedy}")
    if report.registrations or report.inputs or report.notes:
        if lines:
            lines.append("")
        lines += wrap(_verdict(report), view.width)
        lines += wrap(fixable, view.width) if view.fixable and not view.again and (fixable := _fixable(report)) else []
        if is_from_tenant(report):
            lines += wrap(f"Read {moment_words(read_at(report))}.", view.width)
        lines += [line for note in age_notes(report) for line in wrap(note, view.width)]
        gaps = gaps_in_a_sentence(report) if is_summed_up(report, view) else gaps_in_words(report)
        lines += [line for gap in gaps for line in wrap(f"Not assessed: {gap}", view.width)]
        lines += [line for note in report.notes for line in wrap(visible(note), view.width)]
        lines += _trend(report, view)
    if summary.exit_reason and not view.again:
        lines += wrap(f"exit {summary.exit_status}: {visible(summary.exit_reason)}", view.width)
    return log_lines("\n".join(lines) + "\n") if lines else ""


def _trend(report: Report, view: View) -> list[str]:
    """What came and went since the latest of the reports that this one was compared with, and the figures of all."""
    trend = report.trend
    if trend is None or not trend.runs:
        return []
    latest = trend.runs[-1]
    words = [trend_words(trend, moment_words(latest.read_at or latest.made_at)), trend_line(report)]
    return [line for text in filter(None, words) for line in wrap(text, view.width)]


def _gone(report: Report, view: View) -> list[Span]:
    """What is gone, a line for each."""
    if not report.fixed and (report.trend is None or not report.trend.gone):
        return []
    rows = [*gone_lines(report)]
    if len(rows) > FEW and is_summed_up(report, view):
        rows[FEW:] = [f"and {len(rows) - FEW:,} more; --full shows them"]
    lines = [line for row in rows for line in wrap(row, view.width, "  ", "    ")]
    return [(f"{gone_title(report)}\n", "head"), *((f"{line}\n", "") for line in lines)]


def problem_line(
    what: str, file: str | None = None, line: int | None = None, column: int | None = None, hint: str = ""
) -> str:
    """Bad input in one line: where, what is wrong, what to do. Control characters are made visible."""
    place = "" if file is None else visible(file)
    place += "".join(f":{number}" for number in (line, column) if number is not None and place)
    return f"{place or 'grantlint'}: {visible(what)}" + (f"; {visible(hint)}" if hint else "")


def problem_details(details: Iterable[str]) -> str:
    """The further lines of a problem, indented, each in one piece."""
    return "".join(f"  {visible(line)}\n" for line in details)


def _fixable(report: Report) -> str:
    """At most how many findings ``--fix`` can fix in their files, as a value may be set elsewhere; empty for none."""
    counts = Counter(finding.edit.applicability for finding in report.findings if finding.edit)
    safe, unsafe = counts["safe"], counts["unsafe"]
    if safe and unsafe:
        return f"Up to {safe:,} fixable with --fix, {unsafe:,} more with --unsafe-fixes."
    return f"Up to {safe or unsafe:,} fixable with --fix{'' if safe else ' --unsafe-fixes'}." if safe or unsafe else ""


def _verdict(report: Report) -> str:
    summary = report.summary
    counts = ", ".join(f"{n} {severity}" for severity, n in summary.by_severity.items() if n)
    if not summary.registrations:
        return "No registration was checked."
    checked = f"{counted(summary.registrations, 'registration')} checked with {counted(summary.rules, 'rule')}"
    more = "".join(f", {n} {word}" for n, word in ((summary.known, "known"), (summary.suppressed, "accepted")) if n)
    if counts or more:
        return f"{checked}: {counts or 'nothing new'}{more}."
    return f"{checked}: no findings{IN_THESE if report.not_assessed or report.problems else ''}."


def _posture(report: Report, view: View) -> Iterator[Span]:
    yield "Grants that work today, and the property that allows each\n", "head"
    names = {row.key: visible_name(row.name) for row in report.registrations}
    for row in report.postures:
        yield f"  {names.get(row.registration) or visible_name(row.registration)}\n", ""
        allowed = [entry for entry in row.entries if entry.state == "allowed"]
        unknown = [visible(entry.grant) for entry in row.entries if entry.state == "unknown"]
        for entry in allowed:
            by = ", ".join(visible(name) for name in entry.by) or visible(entry.note)
            for line in wrap(f"{visible(entry.grant):<20} {by}", view.width, "    ", " " * 25):
                yield line + "\n", ""
        if unknown:
            for line in wrap(f"not known: {', '.join(unknown)}", view.width, "    ", "      "):
                yield line + "\n", "quiet"
        if not allowed and not unknown:
            yield "    none\n", "quiet"


def _paint(spans: Iterable[Span], view: View) -> str:
    """The spans as text; with color through rich, which knows what terminals understand, with links as OSC 8."""
    if not view.color:
        return "".join(_linked(text, link, view) for text, _, *link in spans)
    from rich.console import Console
    from rich.text import Text

    text = Text()
    for piece, style, *link in spans:
        text.append(_linked(piece, link, view), _STYLES.get(style, ""))
    console = Console(force_terminal=True, color_system="standard", width=10_000)
    with console.capture() as capture:
        console.print(text, end="", highlight=False, soft_wrap=True)
    return capture.get()


def _linked(text: str, link: Sequence[str], view: View) -> str:
    """The text as a link where the terminal follows links; what no address holds is percent-encoded."""
    return f"\x1b]8;;{address(link[0])}\x1b\\{text}\x1b]8;;\x1b\\" if view.links and link and link[0] else text
