"""Set a report against earlier ones: what came, what went, what has been open since when.

Findings are the same when their fingerprints are; those survive renaming of files and reordering of lists.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reports.report import EarlierRun, GoneRow, Report, Trend
from reports.rows import FindingRow
from reports.tables import RANK


def with_trend(report: Report, earlier: Sequence[Report]) -> Report:
    """*report* with its trend over *earlier* ones, in whatever order these are given; unchanged when there are none."""
    if not earlier:
        return report
    runs = sorted(earlier, key=lambda run: run.made_at)
    open_then = [{f.fingerprint for f in run.findings if f.state != "suppressed"} for run in runs]
    findings = tuple(_dated(finding, runs, open_then) for finding in report.findings)
    counted = [finding for finding in findings if finding.state != "suppressed"]
    stayed = sum(bool(finding.since) for finding in counted)
    trend = Trend(
        runs=tuple(
            EarlierRun(made_at=run.made_at, title=run.title, registrations=run.summary.registrations, open=_open(run))
            for run in runs
        ),
        came=len(counted) - stayed,
        stayed=stayed,
        gone=_gone(report, runs),
    )
    return msgspec.structs.replace(report, findings=findings, trend=trend)


def _open(run: Report) -> int:
    return sum(finding.state != "suppressed" for finding in run.findings)


def _dated(finding: FindingRow, runs: Sequence[Report], open_then: Sequence[set[str]]) -> FindingRow:
    """The finding with the moment from which on every report has it; one that was away in between begins anew."""
    since = ""
    for run, prints in zip(reversed(runs), reversed(open_then), strict=True):
        if finding.fingerprint not in prints:
            break
        since = run.made_at
    return msgspec.structs.replace(finding, since=since)


def _gone(report: Report, runs: Sequence[Report]) -> tuple[GoneRow, ...]:
    """Findings of earlier reports that this one lacks, the worst first. One that is accepted by now is not gone."""
    left = {finding.fingerprint for finding in report.findings}
    checked = {identity for row in report.registrations for identity in (row.app_id, row.key) if identity}
    gone: dict[str, GoneRow] = {}
    for run in runs:
        rows = {row.key: row for row in run.registrations}
        for finding in run.findings:
            if finding.fingerprint in left or finding.state == "suppressed":
                continue
            row = rows.get(finding.registration)
            gone[finding.fingerprint] = GoneRow(
                rule=finding.rule,
                severity=finding.severity,
                registration=row.name if row else finding.registration,
                message=finding.message,
                fingerprint=finding.fingerprint,
                last_seen=run.made_at,
                judged=bool(checked & {finding.registration, (row.app_id if row else "") or finding.registration}),
            )
    return tuple(sorted(gone.values(), key=lambda row: RANK[row.severity]))
