"""The findings as CSV (RFC 4180), one a row, for a spreadsheet: no cell is ever a formula.

Below them are findings of earlier reports with the state ``fixed`` or ``not checked again``, then what rules could not
check, with the state ``not assessed``, so that an empty table is never mistaken for a clean one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from reports.age import read_at
from reports.escape import NAME_SHOWN, cell, visible, visible_name
from reports.formats import Format
from reports.migration import table_csv
from reports.report import GoneRow, Report
from reports.rows import FindingRow, RegistrationRow
from reports.tables import KINDS, REASONS, new_first
from reports.wording import accepted_words, property_of, related, value_of
from rules.model.finding import NotAssessed
from rules.primitives.pointers import dotted

COLUMNS: Final = (
    "name", "client ID", "object ID", "tenant", "owner", "rule", "severity", "property", "value", "file", "line",
    "message", "fix", "state", "first seen", "last seen", "accepted", "change", "column", "kind", "fingerprint",
)  # fmt: skip

#: Some of the columns of a row; the others are empty.
Row = dict[str, str]


class _Lines:
    """What ``csv.writer`` writes to."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


def render_csv(report: Report) -> str:
    """A heading, every finding whatever its state, what is gone, then what was not assessed; lines end in CR LF.

    A report of advice has no findings: its rows are its clients.
    """
    if (report.advices or report.undecided) and not report.registrations:
        return table_csv(report)
    lines = _Lines()
    writer = csv.DictWriter(lines, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(report):
        writer.writerow({column: cell(text) for column, text in row.items()})
    return "".join(lines.lines)


FORMAT = Format("csv", (".csv",), "a row for each finding, for a spreadsheet", render_csv)


def render_table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of visible texts as CSV."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\r\n").writerows([*map(cell, row)] for row in rows)
    return "".join(lines.lines)


def _rows(report: Report) -> Iterator[Row]:
    about = {row.key: _about(row) for row in report.registrations}
    keys = {finding.registration for finding in report.findings} | {gap.registration for gap in report.not_assessed}
    about |= {key: {"name": visible_name(key)} for key in keys - about.keys()}
    tenants = {row.key: row.tenant for row in report.registrations}
    fixes = {rule.id: rule.fix for rule in report.rules}
    for finding in new_first(report.findings):
        new_since = read_at(report, tenants.get(finding.registration, "")) if report.trend else ""
        yield about[finding.registration] | _finding(finding, fixes.get(finding.rule, ""), new_since)
    for gone in report.trend.gone if report.trend else ():
        yield _gone(gone)
    for gap in report.not_assessed:
        yield about[gap.registration] | _gap(gap)


def _about(row: RegistrationRow) -> Row:
    """What the row is about, which need not be a registration, and the tenant that it was read from."""
    return {
        "name": visible_name(row.name),
        "client ID": visible(row.app_id or "", NAME_SHOWN),
        "object ID": visible(row.object_id or "", NAME_SHOWN),
        "tenant": visible(row.tenant, NAME_SHOWN),
        "owner": "; ".join(visible(owner.address or owner.name or owner.id, NAME_SHOWN) for owner in row.owners or ()),
        "kind": KINDS[row.kind],
    }


def _finding(finding: FindingRow, fix: str, new_since: str) -> Row:
    """*fix* is that of the rule. *new_since* is when what it is about was read, in a report with a trend."""
    origin = finding.origin
    is_old = finding.state == "new" and finding.since
    return {
        "rule": visible(finding.rule, NAME_SHOWN),
        "severity": finding.severity,
        "property": property_of(finding),
        "value": value_of(finding),
        "file": visible(origin.file or ""),
        "line": str(origin.line or ""),
        "message": "; ".join([visible(finding.message), *related(finding)]),
        "fix": visible(finding.fix or fix),
        "state": "still open" if is_old else finding.state,
        "first seen": visible((finding.since or new_since)[:10]),
        "accepted": accepted_words(finding.accepted) if finding.accepted else "",
        "change": visible(finding.change),
        "column": str(origin.column or ""),
        "fingerprint": visible(finding.fingerprint, NAME_SHOWN),
    }


def _gone(row: GoneRow) -> Row:
    return {
        "name": visible_name(row.registration),
        "rule": visible(row.rule, NAME_SHOWN),
        "severity": row.severity,
        "message": visible(row.message),
        "state": "fixed" if row.judged else "not checked again",
        "last seen": visible(row.last_seen[:10]),
        "fingerprint": visible(row.fingerprint, NAME_SHOWN),
    }


def _gap(gap: NotAssessed) -> Row:
    note = f" ({visible(gap.note)})" if gap.note else ""
    return {
        "rule": visible(gap.rule, NAME_SHOWN),
        "property": visible(dotted(gap.pointer), NAME_SHOWN),
        "message": REASONS.get(gap.reason, visible(gap.reason)) + note,
        "fix": visible(gap.remedy),
        "state": "not assessed",
    }
