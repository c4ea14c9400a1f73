"""Read sign-ins, from JSON and CSV, into a tally: the loops that see every record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from advisor.errors import InputError
from advisor.usage.dates import Days
from advisor.usage.reduce import MOST_SPELLINGS, Raw, Tally
from advisor.usage.shapes import CsvShape, JsonShape
from advisor.usage.stream import CUT, CsvFile


def take_json(tally: Tally, shape: JsonShape, records: Iterable[Any], days: Days) -> None:
    """Count *records* that are objects of one *shape*; what is not one makes the tally incomplete."""
    names, spellings = shape.names, tally.spellings
    status_name, code_name, kind_name = ("status", "errorCode", "signInEventTypes")
    if shape.date != "createdDateTime":
        status_name, code_name, kind_name = ("Status", "ErrorCode", "SignInEventTypes")
    known, day_of = days.known, days.of
    for record in records:
        try:
            get = record.get
            status = get(status_name)
            code = status.get(code_name) if type(status) is dict else get("ResultType")
            events = get(kind_name)
            kind = events[0] if type(events) is list and events else events or get("Category")
            raw = (*map(get, names), code, None, kind)
            counter = spellings.get(raw)
            if counter is None:
                counter = tally.counter(Raw(*raw), user=get(shape.user), name=get(shape.name))
            text = get(shape.date)
            day = known.get(text[:10]) if text[-1:] == "Z" else None
            if day is None:
                day = day_of(text)
        except (AttributeError, TypeError):  # not an object, or a value of another type
            tally.why, tally.remedy = "some records cannot be read", "download it again"
            continue
        counter[0] += 1
        if day < counter[1]:  # noqa: PLR1730 - a comparison is cheaper than a call
            counter[1] = day
        if day > counter[2]:  # noqa: PLR1730
            counter[2] = day


def take_csv(tally: Tally, shape: CsvShape, file: CsvFile, days: Days) -> None:
    """Count the rows of *file*. Raises ``InputError`` if it was cut off in a row."""
    header = file.header
    columns = {field: header.index(name) for field, name in shape.columns.items() if name in header}
    others = {column: header.index(column) for column in (shape.user, shape.name) if column in header}
    pick = itemgetter(columns["app"], *columns.values())  # of one column alone it would not be a tuple
    date, width = header.index(shape.date), len(header)
    spellings: dict[tuple[str, ...], list[Any]] = {}
    day, head = "", None
    is_short = False
    with file.rows() as rows:
        for row in rows:
            if len(row) < width:
                is_short |= bool(row)
                continue
            key = pick(row)
            counter = spellings.get(key)
            if counter is None:
                if len(spellings) > MOST_SPELLINGS:
                    spellings.clear()
                raw = Raw(**dict(zip(columns, key[1:], strict=True)))
                values = {column: row[place] for column, place in others.items()}
                counter = tally.counter(raw, user=values.get(shape.user), name=values.get(shape.name))
                spellings[key] = counter
            text = row[date]
            if text[:10] != head or text[-1:] != "Z":  # most rows have the day of the row before
                day = days.of(text)
                head = text[:10] if text[-1:] == "Z" else None
            counter[0] += 1
            if counter[1] is not day:  # rows are newest first, so it is mostly the first day so far
                counter[1] = min(counter[1], day)
                counter[2] = max(counter[2], day)
    if is_short:
        what, hint = "a row has fewer values than the header", CUT
        raise InputError(what, file=file.name, hint=hint)


def opened(envelopes: Iterable[Any], tally: Tally) -> Iterator[Any]:
    """The sign-ins inside records of diagnostic settings; notes the hours of which there are records."""
    hours = set()
    for record in envelopes:
        category = record.get("category") if isinstance(record, dict) else None
        inner = record.get("properties") if isinstance(record, dict) else None
        if not isinstance(category, str) or not isinstance(inner, dict):
            yield None
        elif category.casefold().endswith("signinlogs"):
            inner.setdefault("signInEventTypes", category)
            inner.setdefault("createdDateTime", record.get("time"))
            hour = category, str(inner["createdDateTime"])[:13]
            if hour not in hours:
                hours.add(hour)
                tally.at_hour(*hour)
            yield inner
