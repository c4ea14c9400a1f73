"""When what a report shows was read, and what to know where that is long ago.

A snapshot says when its tenant was read. Everything else was read when the report was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from reports.escape import visible
from reports.report import Report
from rules.primitives.dates import day, moment
from rules.primitives.texts import counted

#: What was read longer ago is marked. Readings are usually scheduled once a week or more often.
OLD: Final = timedelta(days=7)


def read_at(report: Report, tenant: str = "") -> str:
    """When the oldest part of what *report* shows was read (RFC 3339, UTC), or what it shows of one *tenant*."""
    found = (one.read_at for one in report.inputs if one.read_at and tenant in ("", one.name))
    return min(found, default=report.made_at)


def is_from_tenant(report: Report) -> bool:
    """Whether something of *report* says when it was read."""
    return any(one.read_at for one in report.inputs)


def is_old(read: str, shown: datetime) -> bool:
    """Whether what was *read* at a moment is old when it is *shown*; what has no moment is not."""
    found = moment(read)
    return isinstance(found, datetime) and shown - found > OLD


def age_notes(report: Report) -> Iterator[str]:
    """A sentence for each tenant that was read long before it was checked, or before a stored report is shown."""
    shown = moment(report.shown_at or report.judged_at)
    if not isinstance(shown, datetime):
        return
    what = "this report was shown" if report.shown_at else "it was checked"
    old = [one for one in report.inputs if is_old(one.read_at, shown)]
    for one in old:
        yield (
            f"{visible(one.name)} was read {_when(one.read_at, shown)} {what}. Later changes are not in this report: "
            "read the tenant again."
        )
    if report.shown_at and not old and is_old(report.made_at, shown):
        yield (
            f"This report was made {_when(report.made_at, shown)} it was shown. Later changes are not in it: run "
            "grantlint again."
        )


def _when(text: str, shown: datetime) -> str:
    """``on 2026-10-01, 60 days before``."""
    found = moment(text)
    return f"on {day(found)}, {counted((shown - found).days, 'day')} before" if isinstance(found, datetime) else ""
