"""GitHub workflow commands: annotations on the lines of a pull request, within what GitHub keeps of a step.

A step keeps ten errors, ten warnings and ten notices. So the worst come first, and the last notice says what else there
is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reports.escape import github_data, github_property, visible
from reports.formats import Format
from reports.report import Report
from reports.rows import FindingRow
from reports.tables import worst_first
from reports.trend import gone_lines, gone_title
from reports.wording import ANCHOR, at_words, names_of, notices, related, sentence, tenants_of
from rules.primitives.texts import counted

#: What a step keeps of each level.
KEPT: Final = 10

_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}
_NOTICE_LEVELS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(report: Report) -> str:
    """The report as workflow commands, one a line, what was not read first; empty when there is nothing to say."""
    rows = [*_unread(report), *_gone(report), *_found(report)]
    if not rows:
        return ""
    limits = {"error": KEPT, "warning": KEPT, "notice": KEPT - 1}
    lines: list[str] = []
    left_out = 0
    for level, line in rows:
        limits[level] -= 1
        if limits[level] >= 0:
            lines.append(line)
        else:
            left_out += 1
    if left_out:
        lines.append(f"::notice title=grantlint::{counted(left_out, 'more annotation')}: see the report or the log")
    return "\n".join(lines) + "\n"


def _gone(report: Report) -> Iterator[tuple[str, str]]:
    """What is gone in one notice, which takes one of the few places of a step."""
    text = "\n".join(gone_lines(report))
    if text:
        title = github_property(f"grantlint: {gone_title(report).lower()}")
        yield "notice", f"::notice title={title}::{github_data(text)}"


FORMAT = Format("github", (), "annotations of GitHub Actions", render_github, of_repository=True)


def _unread(report: Report) -> Iterator[tuple[str, str]]:
    for notice in notices(report):
        level = _NOTICE_LEVELS[notice.level]
        place = _place(notice.file, notice.line, notice.column) if notice.file else ""
        title = github_property(f"grantlint: {notice.id.replace('-', ' ')}")
        yield level, f"::{level} {place}title={title}::{github_data(notice.text)}"


def _found(report: Report) -> Iterator[tuple[str, str]]:
    names, tenants = names_of(report), tenants_of(report)
    fixes = {rule.id: visible(rule.fix) for rule in report.rules}
    for finding in worst_first(report):
        level = _LEVELS[finding.severity]
        text = "; ".join([sentence(finding, names), *related(finding)])
        fix = visible(finding.fix) or fixes.get(finding.rule)
        title = github_property(f"{finding.severity}: {visible(finding.rule)}")
        text += f" ({at_words(finding, tenants)})" + (f"\nFix: {fix}" if fix else "")
        yield level, f"::{level} {_at(finding, report)}title={title}::{github_data(text)}"


def _at(finding: FindingRow, report: Report) -> str:
    origin = finding.origin
    if origin.file is None:
        return _place(report.anchor or ANCHOR, 1, None)
    end = origin.end_column if origin.end_line == origin.line else None
    return _place(origin.file, origin.line, origin.column, end)


def _place(file: str, line: int | None, column: int | None, end: int | None = None) -> str:
    """Columns only where start and end are on one line: GitHub drops them otherwise."""
    parts = [f"file={github_property(visible(file).replace(chr(92), '/'))}"]
    if line:
        parts.append(f"line={line},endLine={line}")
        if column:
            parts.append(f"col={column}" + (f",endColumn={end}" if end else ""))
    return ",".join(parts) + ","
