"""The findings as CSV (RFC 4180), one a row, for a spreadsheet: no cell is ever a formula.

Below them is what is gone since an earlier report, with the state ``gone`` or ``not-checked-again``, then what rules
could not check, with the state ``not-assessed``, so that an empty table is never mistaken for a clean one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from reports.escape import NAME_SHOWN, cell, visible, visible_name
from reports.formats import Format
from reports.migration import table_csv
from reports.report import GoneRow, Report
from reports.rows import FindingRow, RegistrationRow
from reports.tables import KINDS, REASONS, new_first
from reports.wording import accepted_words, names_of, property_of, related, value_of
from rules.model.finding import NotAssessed
from rules.primitives.pointers import dotted

COLUMNS: Final = (
    "severity", "state", "rule", "registration", "client id", "object id", "owners", "message", "property", "value",
    "change", "fix", "file", "line", "column", "accepted", "since", "fingerprint", "kind", "tenant",
    "last seen",
)  # fmt: skip


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
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    rows = {row.key: row for row in report.registrations}
    names = names_of(report)
    fixes = {rule.id: visible(rule.fix) for rule in report.rules}
    for finding in new_first(report.findings):
        about, of = _about(finding.registration, rows, names), _of(finding.registration, rows)
        writer.writerow(
            map(cell, (*_finding(finding, about, visible(finding.fix) or fixes.get(finding.rule, "")), *of))
        )
    for gone in report.trend.gone if report.trend else ():
        writer.writerow(map(cell, _gone(gone)))
    for gap in report.not_assessed:
        about, of = _about(gap.registration, rows, names), _of(gap.registration, rows)
        writer.writerow(map(cell, (*_gap(gap, about), *of)))
    return "".join(lines.lines)


FORMAT = Format("csv", (".csv",), "a row for each finding, for a spreadsheet", render_csv)


def render_table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of visible texts as CSV."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\r\n").writerows([*map(cell, row)] for row in rows)
    return "".join(lines.lines)


def _about(key: str, rows: dict[str, RegistrationRow], names: dict[str, str]) -> tuple[str, ...]:
    row = rows.get(key)
    owners = "; ".join(visible(o.address or o.name or o.id, NAME_SHOWN) for o in row.owners or ()) if row else ""
    return (
        names.get(key, visible(key, NAME_SHOWN)),
        visible((row.app_id if row else None) or "", NAME_SHOWN),
        visible((row.object_id if row else None) or "", NAME_SHOWN),
        owners,
    )


def _of(key: str, rows: dict[str, RegistrationRow]) -> tuple[str, ...]:
    """What the row is about, which need not be a registration, and the tenant that it was read from."""
    row = rows.get(key)
    return (KINDS[row.kind], visible(row.tenant, NAME_SHOWN), "") if row else ("", "", "")


def _finding(finding: FindingRow, about: tuple[str, ...], fix: str) -> Iterator[str]:
    origin = finding.origin
    yield from (finding.severity, finding.state, visible(finding.rule, NAME_SHOWN), *about)
    yield "; ".join([visible(finding.message), *related(finding)])
    yield from (property_of(finding), value_of(finding), visible(finding.change), fix, visible(origin.file or ""))
    yield from ("" if number is None else str(number) for number in (origin.line, origin.column))
    yield accepted_words(finding.accepted) if finding.accepted else ""
    yield from (finding.since, visible(finding.fingerprint, NAME_SHOWN))


def _gone(row: GoneRow) -> Iterator[str]:
    yield from (row.severity, "gone" if row.judged else "not-checked-again", visible(row.rule, NAME_SHOWN))
    yield from (visible_name(row.registration), "", "", "", visible(row.message), *([""] * 9))
    yield from (visible(row.fingerprint, NAME_SHOWN), "", "", visible(row.last_seen, NAME_SHOWN))


def _gap(gap: NotAssessed, about: tuple[str, ...]) -> Iterator[str]:
    yield from ("", "not-assessed", visible(gap.rule, NAME_SHOWN), *about)
    why = REASONS.get(gap.reason, visible(gap.reason)) + (f" ({visible(gap.note)})" if gap.note else "")
    yield from (why, visible(dotted(gap.pointer), NAME_SHOWN), "", "", visible(gap.remedy), *([""] * 6))
