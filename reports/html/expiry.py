"""When credentials expire, as the filter and the charts name it: a month, or that it has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from reports.html.markup import MONTHS
from reports.report import Report
from rules.primitives.dates import moment

#: The filter's name of credentials that have expired.
OVERDUE: Final = "overdue"
MONTHS_AHEAD: Final = 12


def expiry_of(ends: str, today: str) -> str:
    """The month in which a credential expires (``2026-12``), ``overdue``, or nothing for one without a date.

    *ends* and *today* are RFC 3339.
    """
    end, now = moment(ends), moment(today)
    if not isinstance(end, datetime):
        return ""
    return OVERDUE if isinstance(now, datetime) and end < now else f"{end:%Y-%m}"


def expiry_choices(report: Report) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the filter offers, in groups: all that expires from today until a month begins, and what does in one."""
    found = {expiry_of(one.ends, report.judged_at) for row in report.registrations for one in row.credentials or ()}
    months = sorted(found - {"", OVERDUE})
    ahead = [month for month in months_from(report.judged_at)[1:] if months and months[0] < month]
    groups = [
        ("From today", [(f"before-{month}", f"before {month_name(month)}, not expired") for month in ahead]),
        ("When", [(month, month_name(month)) for month in ([OVERDUE] if OVERDUE in found else []) + months]),
    ]
    return [(name, choices) for name, choices in groups if choices]


def months_from(today: str) -> tuple[str, ...]:
    """The month of *today* and those after it, ``MONTHS_AHEAD`` in all; nothing where *today* is not a date."""
    now = moment(today)
    if not isinstance(now, datetime):
        return ()
    first = now.year * 12 + now.month - 1
    return tuple(f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, first + MONTHS_AHEAD))


def month_name(month: str) -> str:
    """A month in words: ``December 2026``; ``overdue`` as ``Overdue``."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}" if number else month.capitalize()
