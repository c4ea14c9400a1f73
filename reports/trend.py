"""Compare a report with earlier ones: what came, what went, what has been open since when.

Findings are the same when their fingerprints are; those survive renaming of files and reordering of lists. One whose
registration was renamed in code has the same fingerprint under its address. Moments are those at which tenants were
read: a report that was made today from an old snapshot is old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from reports.age import read_at
from reports.escape import visible, visible_name
from reports.report import EarlierRun, GoneRow, Report, Trend
from reports.rows import FindingRow, RegistrationRow
from reports.tables import RANK, of_addresses
from rules.primitives.texts import counted


def with_trend(report: Report, earlier: Sequence[Report]) -> Report:
    """*report* with its trend over *earlier* ones, in whatever order these are given; unchanged when there are none."""
    if not earlier:
        return report
    runs = sorted(earlier, key=lambda run: (read_at(run), run.made_at))
    addresses = of_addresses(report.findings)
    open_then = [_open_since(run, addresses) for run in runs]
    findings = tuple(_dated(finding, open_then) for finding in report.findings)
    came, stayed = count(findings)
    trend = Trend(
        runs=tuple(
            EarlierRun(
                made_at=run.made_at,
                read_at=read_at(run),
                title=run.title,
                registrations=run.summary.registrations,
                open=_open(run),
            )
            for run in runs
        ),
        came=came,
        stayed=stayed,
        gone=_gone(report, runs),
        later=read_at(runs[-1]) > read_at(report),
    )
    return msgspec.structs.replace(report, findings=findings, trend=trend)


def count(findings: Iterable[FindingRow]) -> tuple[int, int]:
    """How many of *findings*, with their moments, are new since the latest earlier report, and how many stayed."""
    counting = [finding for finding in findings if finding.state != "suppressed"]
    stayed = sum(bool(finding.since) for finding in counting)
    return len(counting) - stayed, stayed


def trend_words(trend: Trend, since: str) -> str:
    """What came and went *since* a moment in words."""
    gone, rest = _gone_counts(trend)
    more = f", {rest:,} not checked again" if rest else ""
    later = " The earlier report was read after this one, so new and fixed are reversed." if trend.later else ""
    return f"Since {since}: {trend.came:,} new, {gone:,} fixed{more}, {trend.stayed:,} still open.{later}"


def gone_heading(trend: Trend) -> str:
    """``Fixed: 3 findings``, and how many of those that are missing were not checked again."""
    gone, rest = _gone_counts(trend)
    words = [f"fixed: {counted(gone, 'finding')}"] if gone else []
    words += [f"not checked again: {counted(rest, 'finding')}"] if rest else []
    return "; ".join(words).capitalize()


def gone_title(report: Report) -> str:
    """The heading of ``gone_lines``: what is gone, and what the change fixes."""
    words = [gone_heading(report.trend)] if report.trend and report.trend.gone else []
    words += [f"fixed by this change: {counted(len(report.fixed), 'finding')}"] if report.fixed else []
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def trend_line(report: Report) -> str:
    """How many findings were open at each reading, as in ``Open findings: 12 on 2026-10-01, 7 now``; in how many
    registrations too where these are not the same number.

    Empty with fewer than two earlier reports, and in a part, which does not know the figures of its earlier ones.
    """
    runs = report.trend.runs if report.trend else ()
    if len(runs) < 2 or report.part:
        return ""
    numbers = (*(run.registrations for run in runs), report.summary.registrations)
    of = [f" in {counted(number, 'registration')}" if len(set(numbers)) > 1 else "" for number in numbers]
    earlier = [
        f"{run.open:,}{where} on {visible((run.read_at or run.made_at)[:10])}"
        for run, where in zip(runs, of, strict=False)
    ]
    return f"Open findings: {', '.join(earlier)}, {_open(report):,}{of[-1]} now."


def last_compared(trend: Trend | None) -> str:
    """The day of the latest report that this one was compared with; empty without one."""
    latest = trend.runs[-1] if trend and trend.runs else None
    return (latest.read_at or latest.made_at)[:10] if latest else ""


def gone_words(row: GoneRow) -> str:
    """What is fixed in a sentence: ``Portal has only one owner (last seen 2026-10-01)``."""
    return f"{visible_name(row.registration)} {visible(row.message)} (last seen {visible(row.last_seen[:10])})"


def gone_lines(report: Report) -> Iterator[str]:
    """A line for each finding of earlier reports that is fixed, or was not checked again, or that the change fixes."""
    for row in report.trend.gone if report.trend else ():
        yield f"{'fixed' if row.judged else 'not checked again'}: {row.severity} {visible(row.rule)}: {gone_words(row)}"
    names = {row.key: row.name for row in report.registrations}
    for one in report.fixed:
        name = visible_name(names.get(one.registration, one.registration))
        yield f"fixed: {one.severity} {visible(one.rule)}: {name} {visible(one.message)}"


def _gone_counts(trend: Trend) -> tuple[int, int]:
    """How many findings are gone, and how many are missing because nothing checked them again."""
    gone = sum(row.judged for row in trend.gone)
    return gone, len(trend.gone) - gone


def _open(run: Report) -> int:
    return sum(finding.state != "suppressed" for finding in run.findings)


def _read_for(run: Report, finding: FindingRow, rows: Mapping[str, RegistrationRow]) -> str:
    """When *run* read what the *finding* is about: its tenant, else all of it."""
    row = rows.get(finding.registration)
    return read_at(run, row.tenant) if row and row.tenant else run.made_at


def _open_since(run: Report, addresses: Mapping[str, FindingRow]) -> dict[str, str]:
    """When *run* read what each of its open findings is about, by the fingerprint that it has now.

    *addresses* are the findings of now by their fingerprints under addresses.
    """
    rows = {row.key: row for row in run.registrations}
    renamed = _renamed(run, addresses)
    return {
        renamed.get(one.fingerprint, one.fingerprint): _read_for(run, one, rows)
        for one in run.findings
        if one.state != "suppressed"
    }


def _renamed(run: Report, addresses: Mapping[str, FindingRow]) -> dict[str, str]:
    """The fingerprints that findings of *run* have now under other names of their registrations, by those of then."""
    then = of_addresses(run.findings)
    same = {print_: addresses[print_].fingerprint for print_ in then if print_ in addresses}
    return {then[print_].fingerprint: now for print_, now in same.items() if now != then[print_].fingerprint}


def _dated(finding: FindingRow, open_then: Sequence[Mapping[str, str]]) -> FindingRow:
    """The finding with the moment from which on every report has it; one that was away in between begins anew."""
    since = ""
    for moments in reversed(open_then):
        if finding.fingerprint not in moments:
            break
        since = moments[finding.fingerprint]
    return msgspec.structs.replace(finding, since=since)


def _gone(report: Report, runs: Sequence[Report]) -> tuple[GoneRow, ...]:
    """Findings of earlier reports that this one lacks, the worst first. One that is accepted by now is not gone."""
    left = {finding.fingerprint for finding in report.findings}
    addresses = of_addresses(report.findings)
    checked = _Checked(report)
    gone: dict[str, GoneRow] = {}
    for run in runs:
        rows = {row.key: row for row in run.registrations}
        renamed = _renamed(run, addresses)
        is_whole = all(checked.key_of(row.key, row) for row in run.registrations if row.kind == "registration")
        for finding in run.findings:
            if {finding.fingerprint, renamed.get(finding.fingerprint)} & left or finding.state == "suppressed":
                continue
            row = rows.get(finding.registration)
            gone[finding.fingerprint] = GoneRow(
                rule=finding.rule,
                severity=finding.severity,
                registration=row.name if row else finding.registration,
                message=finding.message,
                fingerprint=finding.fingerprint,
                last_seen=_read_for(run, finding, rows),
                key=checked.key_of(finding.registration, row) or "",
                judged=checked.again(finding, row) and (is_whole or finding.rule not in checked.rules_over_all),
            )
    return tuple(sorted(gone.values(), key=lambda row: (not row.judged, RANK[row.severity])))


class _Checked:
    """What a report checked: rules that ran, registrations by key and client ID, and what was not assessed."""

    def __init__(self, report: Report) -> None:
        self._rules = {rule.id for rule in report.rules}
        #: Rules that compare registrations, which need all of them.
        self.rules_over_all = {rule.id for rule in report.rules if rule.scope == "registrations"}
        self._keys: dict[str, str] = {}
        for row in report.registrations:
            self._keys |= {identity: row.key for identity in (row.app_id, row.key) if identity}
        self._tenants = {row.tenant: row.key for row in report.registrations if row.kind == "tenant"}
        #: The tenants of which all registrations were read: no single ones were chosen, and nothing failed.
        self._whole = {one.name for one in report.inputs if one.read_at and one.status == "read" and one.is_whole}
        self._gaps = {(gap.rule, gap.registration) for gap in report.not_assessed}

    def key_of(self, key: str, row: RegistrationRow | None) -> str | None:
        """The registration that an earlier report has as *key*; ``None`` where this one did not check it."""
        return self._keys.get(key) or self._keys.get((row.app_id if row else None) or "")

    def again(self, finding: FindingRow, row: RegistrationRow | None) -> bool:
        """Whether the rule of *finding*, of an earlier report with *row*, could check the same registration."""
        tenant = self._tenants.get(row.tenant) if row and row.tenant else None
        own = self.key_of(finding.registration, row)
        if row is not None and row.kind == "service-principal":
            own = own or tenant  # one without findings has no row
        elif own is None and row is not None and row.tenant in self._whole:
            return finding.rule in self._rules  # the registration was deleted
        if own is None or finding.rule not in self._rules:
            return False
        return not {(finding.rule, own), (finding.rule, tenant)} & self._gaps
