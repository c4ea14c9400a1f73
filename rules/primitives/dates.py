"""Read the dates of registrations, in every format that tools write.

Graph writes ISO 8601 with ``Z``, .NET adds up to seven fractional digits, old serializers wrote ``/Date(ms)/``, and
tools fill an unset date with the first moment of the year 1 or of 1900.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from msgspec import UNSET, UnsetType

from rules.primitives.texts import counted

#: Milliseconds since 1970, with an offset that changes nothing (Microsoft, "Stand-Alone JSON Serialization", DateTime).
_TICKS: Final = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: Dates of certificates begin here (RFC 5280, section 4.1.2.5); an earlier one is a default.
_FIRST: Final = datetime(1950, 1, 1, tzinfo=UTC)


def moment(value: object) -> datetime | UnsetType | None:
    """*value* as an aware date-time in UTC; ``None`` for null, ``UNSET`` for what was not read or is not a date.

    A date before 1950 is not one: tools write it for a date that was not set. Never raises.

    >>> moment("2026-01-15T12:00:00.1234567+02:00")
    datetime.datetime(2026, 1, 15, 10, 0, 0, 123456, tzinfo=datetime.timezone.utc)
    """
    found = any_moment(value)
    return UNSET if isinstance(found, datetime) and found < _FIRST else found


def any_moment(value: object) -> datetime | UnsetType | None:
    """The same, with dates before 1950: the first moment of the year 1 is a date."""
    if isinstance(value, str):
        return _parse(value)
    return None if value is None else UNSET


@lru_cache(maxsize=65_536)
def _parse(text: str) -> datetime | UnsetType:
    ticks = _TICKS.fullmatch(text)
    try:
        if ticks:
            found = _EPOCH + timedelta(milliseconds=int(ticks[1]))
        else:
            found = datetime.fromisoformat(text)
            found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return UNSET
    return found


def instant(found: datetime) -> str:
    """A moment in UTC as reports write it (RFC 3339), in whole seconds."""
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def day(found: datetime) -> str:
    """The date for readers: ``2026-01-15``."""
    return found.date().isoformat()


def span(length: timedelta) -> str:
    """A length of time for readers: ``22 hours``, ``1 day``, ``180 days``."""
    hours = max(0, int(length / timedelta(hours=1)))
    number, unit = (hours, "hour") if hours < 24 or (hours < 48 and hours % 24) else (hours // 24, "day")
    return counted(number, unit)
