"""What an owner has to know first: what was found, why it matters, by when to act, how, and whom to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from reports.escape import visible, visible_name
from reports.html.expiry import OVERDUE, expiry_of
from reports.html.markup import date
from reports.parts import owner_name
from reports.report import Report
from reports.tables import RANK
from reports.wording import IN_THESE
from rules.model.finding import SEVERITIES
from rules.primitives.texts import counted

_NAMES_SHOWN: Final = 5


def part_view(report: Report) -> tuple[tuple[str, str], ...]:
    """Term and text of each answer; nothing for a report that is about everything."""
    if not report.part or not report.registrations:
        return ()
    rows = (
        ("What", _found(report)),
        ("Why", _why(report)),
        ("By when", " ".join(_deadlines(report))),
        ("How", "Begin with Fix first. Each finding below says how to fix it." if _new(report) else ""),
        ("Whom to ask", _contacts(report)),
    )
    return tuple((term, text) for term, text in rows if text)


def _new(report: Report) -> Counter[str]:
    return Counter(finding.severity for finding in report.findings if finding.state == "new")


def _found(report: Report) -> str:
    counts = _new(report)
    on = counted(report.summary.registrations, "registration")
    if not counts:
        return f"No new findings on {on}" + (f"{IN_THESE}." if report.not_assessed else ".")
    split = ", ".join(f"{counts[severity]:,} {severity}" for severity in SEVERITIES if counts[severity])
    return f"{counted(counts.total(), 'new finding')} on {on}: {split}."


def _why(report: Report) -> str:
    """The reason of the worst new finding."""
    fresh = [finding for finding in report.findings if finding.state == "new"]
    worst = min(fresh, key=lambda finding: RANK[finding.severity], default=None)
    return next((visible(rule.why) for rule in report.rules if worst and rule.id == worst.rule), "")


def _deadlines(report: Report) -> Iterator[str]:
    """The dates that the report knows: credentials that expire, and findings whose acceptance ends."""
    dated = [(one.ends, row.name) for row in report.registrations for one in row.credentials or () if one.ends]
    overdue = sum(expiry_of(ends, report.judged_at) == OVERDUE for ends, _ in dated)
    coming = sorted(pair for pair in dated if expiry_of(pair[0], report.judged_at) not in ("", OVERDUE))
    if overdue:
        yield f"{counted(overdue, 'credential')} {'has' if overdue == 1 else 'have'} expired."
    if coming:
        yield f"The next credential expires on {date(coming[0][0])}, of {visible_name(coming[0][1])}."
    until = sorted(row.accepted.until for row in report.findings if row.accepted and row.accepted.until)
    if until:
        yield f"The first accepted finding counts again after {date(until[0])}."


def _contacts(report: Report) -> str:
    """The other owners of the registrations, and who sent the page."""
    owners = {owner_name(one): None for row in report.registrations for one in row.owners or ()}
    others = [name for name in owners if name != report.part]
    more = f" and {len(others) - _NAMES_SHOWN:,} more" if len(others) > _NAMES_SHOWN else ""
    named = f"Other owners: {', '.join(others[:_NAMES_SHOWN])}{more}. " if others else ""
    return named + "For questions about a rule, ask the team that sent you this page."
