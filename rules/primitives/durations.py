"""Read the lengths of time in policies: ISO 8601 durations such as ``P180D``, ``P6M`` or ``P4DT12H30M5S``.

Graph's own durations have days and smaller units (OData CSDL, ``Edm.Duration``). Years and months come from tools that
write XML's; .NET, which Graph is made with, counts a year as 365 days and a month as 30 (``XmlConvert.ToTimeSpan``),
and so do we.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = (
    ("Y", timedelta(days=365)),
    ("M", timedelta(days=30)),
    ("W", timedelta(weeks=1)),
    ("D", timedelta(days=1)),
    ("H", timedelta(hours=1)),
    ("M", timedelta(minutes=1)),
    ("S", timedelta(seconds=1)),
)
#: Nine digits are more days than a ``timedelta`` holds, and few enough that nothing is slow.
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)


def duration(value: object) -> timedelta | None:
    """*value* as a length of time; ``None`` if it is not an ISO 8601 duration, or longer than anything lasts.

    Never raises.

    >>> duration("P4DT12H30M5S")
    datetime.timedelta(days=4, seconds=45005)
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    parts = [(part, unit) for part, (_, unit) in zip(found.groups(), _UNITS, strict=True) if part] if found else []
    try:
        return (
            sum((float(part) * unit if "." in part else int(part) * unit for part, unit in parts), timedelta())
            if parts
            else None
        )
    except OverflowError:
        return None
