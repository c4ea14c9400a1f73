"""Join evidence of use with the postures of a run: one row for each grant, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from advisor.errors import InputError, NotReadError, UsageError
from reports.rows import EVIDENCE, Input, PostureEntry, PostureRow, Problem, UsageEntry, UsageRow
from rules.analysis.grants import GRANTS
from rules.analysis.posture import PostureFact
from rules.analysis.usage import GrantUse, created_on, grant_use, is_settled
from rules.model.registration import Registration
from rules.model.usage import Usage, joined
from rules.primitives.texts import text_of

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Reading
    from advisor.usage.read import UsageReading

_STATUS: Final = {grant.id: grant.status for grant in GRANTS}
#: A grant that should not be in use where another one fits.
_LAST: Final = frozenset({"last-resort", "never"})

Says = Literal["", "in-use", "migrate-first", "can-be-turned-off", "contradiction"]


#: What ``--usage`` takes instead of a file: the use that the tenant itself shows. Entra ID keeps 30 days of sign-ins.
_LIVE: Final = re.compile(r"live(?::(?P<days>\d{1,3})d)?")
_MOST_DAYS: Final = 30


class UsageSources(NamedTuple):
    """The files that ``--usage`` names, and the days of sign-ins to read live: 0 for last sign-ins alone."""

    files: list[str]
    days: int | None


def usage_sources(values: Sequence[str]) -> UsageSources:
    """Where the evidence of use comes from, by the *values* of ``--usage``.

    Raises ``UsageError`` for ``live:`` with anything but 1 to 30 days.
    """
    files: list[str] = []
    days: int | None = None
    for value in values:
        live = _LIVE.fullmatch(value)
        number = int(live["days"] or 0) if live else 0
        if value.startswith("live:") and not (live and 1 <= number <= _MOST_DAYS):
            what = f"invalid --usage value {value!r}: expected live, or live:1d to live:{_MOST_DAYS}d"
            raise UsageError(what, hint="for a file with this name, write ./ before the name")
        if live:
            days = max(days or 0, number)
        else:
            files.append(value)
    return UsageSources(files, days)


def read_evidence(paths: Sequence[str], today: date) -> tuple[Usage | None, tuple[Problem, ...], int]:
    """The evidence in the files at *paths*, what is wrong with them, and the exit status that follows: 3 if some could
    not be read whole, 2 if one is wrong.
    """
    if not paths:
        return None, (), 0
    from advisor.usage.read import read_usage

    usage, problems = read_usage(paths, today)
    status = max((3 if isinstance(one, NotReadError) else 2 for one in problems), default=0)
    return usage, tuple(map(_problem, problems)), status


def unread_evidence(reading: Reading) -> tuple[Problem, ...]:
    """The lists of evidence that a tenant refused, or gave in part."""
    from advisor.sources.tenant.records import ACTIVITY, SIGN_INS

    titles = (ACTIVITY.title, SIGN_INS.title)
    return tuple(
        Problem(what=f"not read whole: {row.note}", file=row.name, hint=row.remedy)
        for row in reading.inputs
        if row.status != "read" and row.name.endswith(titles)
    )


def with_usage(read: Callable[[], Reading], values: Sequence[str], now: datetime) -> Callable[[], Reading]:
    """What does as *read*, and adds the evidence in the files that *values* of ``--usage`` name, read once."""
    paths = usage_sources(values).files
    if not paths:
        return read
    evidence: list[UsageReading] = []

    def read_with_usage() -> Reading:
        from advisor.usage.read import read_usage

        reading = read()
        if not evidence:
            evidence.append(read_usage(paths, now.date()))
        _add(reading, paths, evidence[0])
        return reading

    return read_with_usage


def _add(reading: Reading, paths: Sequence[str], evidence: UsageReading) -> None:
    """Add *evidence* of the files at *paths* to *reading*, with what is wrong with the files."""
    limited = {one.file: one for one in evidence.problems if isinstance(one, NotReadError)}
    reading.usage = joined([reading.usage, evidence.usage]) if reading.usage else evidence.usage
    reading.inputs += tuple(
        Input(
            name=path,
            format=EVIDENCE,
            status="partly" if path in limited else "read",
            note=limited[path].what if path in limited else "",
            remedy=limited[path].hint if path in limited else "",
        )
        for path in paths
    )
    reading.problems += tuple(_problem(one) for one in evidence.problems if one.file not in limited)


def _problem(error: InputError) -> Problem:
    return Problem(what=error.what, file=error.file, line=error.line, hint=error.hint)


def usage_rows(reading: Reading, postures: Iterable[PostureRow]) -> Iterator[UsageRow]:
    """One row for each registration: the grants that it allows or may allow, and those that were seen.

    There is none where no evidence was read.
    """
    if reading.usage is None:
        return
    apps = {subject.key: subject.app for subject in reading.subjects}
    for row in postures:
        entries = use_of_grants(apps[row.registration], row.entries, reading.usage)
        yield UsageRow(registration=row.registration, entries=entries)


def use_of_grants(
    app: Registration, allowed: Sequence[PostureEntry | PostureFact], usage: Usage
) -> tuple[UsageEntry, ...]:
    """The use of the grants that *app* allows or may allow by its posture, and of those that were seen."""
    uses = {one.grant: _use(app, one.grant, usage) for one in allowed}
    entries = (_entry(one, uses[one.grant], _says(one, uses)) for one in allowed)
    return tuple(one for one in entries if one.allowed != "blocked" or one.used == "seen")


def _use(app: Registration, grant: str, usage: Usage) -> GrantUse:
    audience = text_of(app.sign_in_audience)
    return grant_use(usage, text_of(app.app_id), grant, audience=audience, created=created_on(app))


#: Why implicit was not seen for long enough, and cannot be turned off.
_WITH_HYBRID: Final = "hybrid needs the same settings, and sign-in logs do not tell hybrid from authorization code"


def _entry(entry: PostureEntry | PostureFact, use: GrantUse, says: Says) -> UsageEntry:
    seen = msgspec.structs.asdict(use)
    if says == "" and entry.grant == "implicit" and is_settled(use):
        seen["why"] = _WITH_HYBRID
    return UsageEntry(allowed=entry.state, used=seen.pop("state"), status=_STATUS[entry.grant], says=says, **seen)


def _says(entry: PostureEntry | PostureFact, uses: Mapping[str, GrantUse]) -> Says:
    """What follows from what a registration allows and what was used.

    Only implicit can be turned off by itself. Its switches for ID tokens and access tokens are also those of hybrid,
    which adds ``id_token`` or ``token`` to ``code``, so hybrid must not have been seen either (Microsoft, "OAuth 2.0
    authorization code flow", response_type). The public client fallback is also the switch of integrated Windows
    authentication, which no log names. A confidential client has no switch for passwords.
    """
    if uses[entry.grant].state == "seen":
        if entry.state == "blocked":
            return "contradiction"
        return "migrate-first" if _STATUS[entry.grant] in _LAST else "in-use"
    if entry.grant != "implicit" or entry.state != "allowed":
        return ""
    return "can-be-turned-off" if is_settled(uses["implicit"]) and is_settled(uses["hybrid"]) else ""
