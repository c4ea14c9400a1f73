"""When what a report shows was read, and what to know where that is long ago.

A snapshot says when its tenant was read. Everything else was read when the report was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from reports.report import Report
from rules.primitives.dates import day, moment

#: A reading that is older than this is marked: a scheduled reading is usually made once a week or more often.
OLD: Final = timedelta(days=7)


def read_at(report: Report) -> str:
    """When the oldest part of what *report* shows was read (RFC 3339, UTC)."""
    return min((source.read_at for source in report.inputs if source.read_at), default=report.made_at)
