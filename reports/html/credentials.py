"""The timeline of credentials: which ends when, the next one first, with the numbers and a bar on a common scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from markupsafe import Markup

from reports.escape import NAME_SHOWN, visible
from reports.html.places import Places
from reports.html.row import owner_cell
from reports.report import Report
from reports.rows import CredentialRow, RegistrationRow
from rules.primitives.texts import counted

#: The table of a compact page has at most this many credentials; the others are with their registrations.
SHOWN: Final = 200

_WIDTH: Final = 240
_HEIGHT: Final = 12
_BEFORE, _AFTER = timedelta(days=365), timedelta(days=2 * 365)
_BAR: Final = Markup(
    '<svg class="span" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" aria-hidden="true">'
    '<rect x="{start}" y="3" width="{width}" height="6"/><path d="M{now} 0V{high}"/></svg>'
)
_SCALE: Final = Markup(
    '<svg class="span" viewBox="0 0 {wide} 14" width="{wide}" height="14" aria-hidden="true">{marks}</svg>'
)
_MARK: Final = Markup('<text x="{x}" y="10" text-anchor="{anchor}">{words}</text>')
_WINDOWS: Final = ((30, "within 30 days"), (90, "within 90 days"), (365, "within a year"))


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """A credential with an end: whose, who owns that, what, from when until when, how far off that is, and its bar."""

    id: str
    registration: str
    owner: str
    kind: str
    name: str
    starts: str
    ends: str
    left: str
    state: str
    bar: Markup


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The credentials shown, the scale above their bars, how many end when, and how many are not shown."""

    rows: tuple[CredentialView, ...]
    scale: Markup
    windows: tuple[tuple[str, int], ...]
    rest: int
    undated: int
    unread: int


class _Dated(msgspec.Struct, frozen=True):
    registration: RegistrationRow
    row: CredentialRow
    starts: datetime | None
    ends: datetime


def timeline(report: Report, places: Places, *, compact: bool) -> Timeline:
    """The timeline as of the moment at which the report checks."""
    today = _moment(report.judged_at) or datetime(1970, 1, 1, tzinfo=UTC)
    dated, undated = [], 0
    for registration in report.registrations:
        for row in registration.credentials or ():
            ends = _moment(row.ends)
            if ends is None:
                undated += 1
            else:
                dated.append(_Dated(registration, row, _moment(row.starts), ends))
    coming = sorted((found for found in dated if found.ends >= today), key=lambda found: found.ends)
    gone = sorted((found for found in dated if found.ends < today), key=lambda found: found.ends, reverse=True)
    shown = [*coming, *gone][: SHOWN if compact else None]
    return Timeline(
        rows=tuple(_view(found, today, places) for found in shown),
        scale=_scale(today),
        windows=tuple(_windows(dated, today)),
        rest=len(dated) - len(shown),
        undated=undated,
        unread=sum(
            registration.credentials is None and registration.kind == "registration"
            for registration in report.registrations
        ),
    )


def _windows(dated: list[_Dated], today: datetime) -> Iterator[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for found in dated:
        days = (found.ends - today).days
        if days < 0:
            counts["expired"] += 1
        else:
            counts[next((words for limit, words in _WINDOWS if days < limit), "later")] += 1
    for words in ("expired", *(words for _, words in _WINDOWS), "later"):
        if counts[words]:
            yield words, counts[words]


def _view(found: _Dated, today: datetime, places: Places) -> CredentialView:
    days = (found.ends - today).days
    key = found.registration.key
    anchor, name = places.get(key, ("", visible(key, NAME_SHOWN)))
    return CredentialView(
        id=anchor,
        registration=name,
        owner=owner_cell(found.registration),
        kind=found.row.kind,
        name=visible(found.row.name or found.row.id, NAME_SHOWN),
        starts=found.starts.date().isoformat() if found.starts else "",
        ends=found.ends.date().isoformat(),
        left=f"in {counted(days, 'day')}" if days >= 0 else f"expired {counted(-days, 'day')} ago",
        state="gone" if days < 0 else "soon" if days < 30 else "later",
        bar=_bar(found, today),
    )  # fmt: skip


def _x(moment: datetime, today: datetime) -> int:
    """Where a moment is on the scale; what lies beyond an end of it is at that end."""
    part = (moment - (today - _BEFORE)) / (_BEFORE + _AFTER)
    return round(min(max(part, 0.0), 1.0) * _WIDTH)


def _bar(found: _Dated, today: datetime) -> Markup:
    start = _x(found.starts, today) if found.starts else 0
    width = max(_x(found.ends, today) - start, 2)
    now = _x(today, today)
    return _BAR.format(wide=_WIDTH, high=_HEIGHT, start=min(start, _WIDTH - 2), width=width, now=now)


def _scale(today: datetime) -> Markup:
    """The years above the bars, and where today is."""
    now = _x(today, today)
    marks = Markup("")
    for year in range((today - _BEFORE).year + 1, (today + _AFTER).year + 1):
        x = _x(datetime(year, 1, 1, tzinfo=UTC), today)
        if abs(x - now) > 36 and x < _WIDTH - 24:
            marks += _MARK.format(x=x, anchor="start", words=year)
    marks += _MARK.format(x=now, anchor="middle", words="today")
    return _SCALE.format(wide=_WIDTH, marks=marks)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
