"""Days of sign-ins, as ISO 8601 in UTC, from the dates of all exports.

Files for Microsoft Graph have ISO 8601. Other exports have the order of a language: ``28.11.2026 09:10`` or
``11/28/2026, 9:10:11 AM``. A file decides its order by a day above 12; without one, its days are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Literal

from rules.primitives.dates import moment

#: Whether the day comes before the month; ``unknown`` where no date of a file decides it.
Order = Literal["day-first", "month-first", "unknown"]

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERS: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?=$|[ ,T])")
#: No sign-in log has older records: a date before is a value that was not set.
_FIRST: Final = "2010-01-01"


class Days:
    """Turns dates of one file into days; *latest* is the last day that may be."""

    def __init__(self, latest: date, order: Order = "unknown") -> None:
        self._latest = latest.isoformat()
        self._order = order
        #: Days by the first 10 characters of a date in UTC, for a look-up before ``of``.
        self.known: dict[str, str] = {}

    def of(self, text: object) -> str:
        """The day of a date; empty for one that cannot be read, or is later than possible."""
        if not isinstance(text, str):
            return ""
        head = text[:10] if text.endswith("Z") else text[:40]
        if head == text and "+" not in text:
            head = text.partition(" ")[0]
        day = self.known.get(head)
        if day is None:
            if len(self.known) > 100_000:
                self.known.clear()
            found = self._read(head)
            day = self.known[head] = found if _FIRST <= found <= self._latest else ""
        return day

    def _read(self, text: str) -> str:
        try:
            if _ISO.match(text):
                found = moment(_with_offset(text))
                return found.date().isoformat() if isinstance(found, datetime) else ""
            numbers = _NUMBERS.match(text)
            if numbers is None or self._order == "unknown":
                return ""
            first, _, second, year = numbers.groups()
            day, month = (first, second) if self._order == "day-first" else (second, first)
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            return ""


def is_day(text: str) -> bool:
    """Whether *text* is a day as ``Days`` gives it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def order_of(texts: Iterable[str]) -> Order:
    """The order of day and month in the dates of a file, decided by the first number above 12."""
    for text in texts:
        numbers = _NUMBERS.match(text)
        if numbers is None:
            continue
        if len(numbers[1]) == 4:  # ISO 8601
            return "unknown"
        if numbers[2] == "." or int(numbers[1]) > 12:
            return "day-first"
        if int(numbers[3]) > 12:
            return "month-first"
    return "unknown"


def _with_offset(text: str) -> str:
    """ISO 8601 with the offset in full: Microsoft's examples write ``-8:00``."""
    return re.sub(r"([+-])(\d):(\d\d)$", r"\g<1>0\2:\3", text)
