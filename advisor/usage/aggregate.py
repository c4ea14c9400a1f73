"""The aggregate: evidence of use as a file, from ``grantlint usage -o``, and from the query of ``--kql``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.usage.dates import Days, is_day
from advisor.usage.reduce import PROTOCOLS, Raw, Source, Tally, guid
from rules.model.usage import KINDS, Reach, Statement, Usage, Use

FORMAT: Final = 1
#: No tenant has as many sign-ins: a larger count was changed by hand.
_MOST: Final = 10**15
_QUERY: Final = "result of the query"


class Aggregate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The file of ``grantlint usage -o``; ``grantlint_usage`` is the version of its format."""

    grantlint_usage: Literal[1]
    uses: tuple[Use, ...] = ()
    reach: tuple[Reach, ...] = ()
    statements: tuple[Statement, ...] = ()
    names: dict[str, str] = {}


def query() -> str:
    """The query that aggregates 90 days in Log Analytics."""
    return files(__package__).joinpath("query.kql").read_text("utf-8")


def encoded(usage: Usage) -> str:
    """*usage* as the text of an aggregate."""
    values = {name: getattr(usage, name) for name in usage.__struct_fields__}
    return msgspec.json.format(msgspec.json.encode(Aggregate(grantlint_usage=FORMAT, **values))).decode() + "\n"


def decoded(record: object, name: str) -> Usage:
    """The evidence of an aggregate. Raises ``InputError`` for one of a later version, or that was changed by hand."""
    version = record.get("grantlint_usage") if isinstance(record, dict) else None
    if version != FORMAT:
        raise InputError(f"is an aggregate of format {version}", file=name, hint="update grantlint")
    try:
        found = msgspec.convert(record, Aggregate)
    except msgspec.ValidationError as error:
        raise InputError(f"is not an aggregate: {in_words(error)}", file=name, hint="make it again") from None
    usage = Usage(uses=found.uses, reach=found.reach, statements=found.statements, names=found.names)
    if not is_ours(usage):
        raise InputError("is not an aggregate: an unknown value", file=name, hint="make it again")
    return usage


def is_ours(found: Usage) -> bool:
    """Whether all IDs, protocols, days and counts are such as grantlint writes."""
    ids = (one for use in found.uses for one in (use.app_id, use.credential_id, use.resource_id))
    days = (*((use.first, use.last) for use in found.uses), *((one.start, one.end) for one in found.reach))
    return (
        all(not one or guid(one) == one for one in (*ids, *found.names))
        and all(not use.protocol or PROTOCOLS.get(use.protocol.casefold()) == use.protocol for use in found.uses)
        and all(not day or is_day(day) for pair in days for day in pair)
        and all(not first or not last or first <= last for first, last in days)
        and all(
            0 <= number <= _MOST for number in (*(use.count for use in found.uses), *(one.rows for one in found.reach))
        )
    )


def is_row(record: Mapping[str, Any]) -> bool:
    """Whether *record* is a row of the query's result."""
    return {"kind", "appid", "protocol", "result", "count", "first", "last"} <= {name.casefold() for name in record}


def from_rows(rows: Iterable[Mapping[str, Any]], days: Days) -> tuple[Tally, list[Reach]]:
    """The counters of the query's result, and its reach: the rows of the application ``*``.

    Raises ``InputError`` for a count or a period that no query returns.
    """
    tally = Tally(Source(title=_QUERY))
    reach: list[Reach] = []
    count = 0
    for row in rows:
        count += 1
        value = {name.casefold(): one for name, one in row.items()}
        first, last = days.of(value.get("first")), days.of(value.get("last"))
        number = _number(value.get("count"))
        if first and last and first > last:
            raise _wrong(f"first is {first} and later than last, {last}")
        if value.get("appid") == "*":
            reach += (
                Reach(kind=kind, source=_QUERY, start=first, end=last, rows=number)
                for kind in KINDS
                if kind == value.get("kind")
            )
            continue
        raw = Raw(
            app=value.get("appid"),
            protocol=value.get("protocol"),
            transfer=value.get("transfer"),
            credential=value.get("credential"),
            key_id=value.get("keyid"),
            federated_id=value.get("federatedid"),
            resource=value.get("resourceid"),
            status=value.get("result"),
            kind=value.get("kind"),
        )
        counter = tally.counter(raw, name=value.get("name"), unit="sign-ins")
        counter[:] = counter[0] + number, min(counter[1], first), max(counter[2], last)
    return tally, list(_checked(tally, reach, count))


def _checked(tally: Tally, reach: Iterable[Reach], rows: int) -> Iterator[Reach]:
    """The reach with what speaks against it in the counters."""
    uses = list(tally.uses())
    for one in reach:
        mine = [use for use in uses if use.kind == one.kind]
        is_cut = rows % 100 == 0 or sum(use.count for use in mine) < one.rows
        why, remedy = ("rows of the result are missing", "export all rows") if is_cut else tally.why_not(one.kind, mine)
        yield msgspec.structs.replace(one, why=why, remedy=remedy)


def _number(value: object) -> int:
    text = str(value).strip()
    if text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) and int(text) <= _MOST:
        return int(text)
    raise _wrong(f"count is {text[:30]!r}, and not a number of sign-ins")


def _wrong(what: str) -> InputError:
    return InputError(f"is not a result of the query: {what}", hint="run the query again, and export all rows")
