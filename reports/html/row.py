"""A registration as a row of the table: a short text for each column, and what the filter and the order need of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from reports.escape import visible, visible_name
from reports.html.expiry import expiry_of
from reports.parts import owner_name
from reports.report import Report
from reports.rows import PostureEntry, RegistrationRow
from reports.tables import RegistrationPart
from rules.primitives.dates import moment

#: What a column says of what was not read.
UNREAD: Final = "not read"
#: The short names of grants in the column, and what each is short for.
GRANT_LABELS: Final[Mapping[str, str]] = {
    "authorization_code": "code",
    "client_credentials": "client",
    "device_code": "device",
    "on_behalf_of": "OBO",
    "integrated_windows": "IWA",
    "saml_bearer": "SAML",
    "password": "ROPC",
}
#: A refresh token follows from other grants, and where no token is needed nothing is allowed: neither has a label.
_WITHOUT_LABEL: Final = frozenset(("refresh_token", "none"))
#: A stored report may name a grant that no longer exists.
_NAME: Final = re.compile("[a-z_]{1,40}")
_PLATFORMS: Final[Mapping[str, str]] = {"spa": "SPA", "publicClient": "public"}
#: A credential that expires sooner is marked.
_SOON: Final = timedelta(days=30)


class GrantCell(msgspec.Struct, frozen=True):
    """The label of a grant in a row, and whether it should not be used."""

    label: str
    is_risky: bool


def label_of(grant: str) -> str:
    """The label of a grant in the column, which is also the filter's name of it; empty for one without."""
    if grant in _WITHOUT_LABEL or not _NAME.fullmatch(grant):
        return ""
    return GRANT_LABELS.get(grant, grant)


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a row. ``months`` are the filter's names of all expiry dates.

    ``counts`` are the new findings by severity, ``rest`` those that are known or accepted. ``expiry`` is the day of the
    next expiry; ``due`` marks it as ``gone`` or ``soon``. ``grants`` begin with those that should not be used.
    """

    owner: str
    platforms: str
    counts: tuple[tuple[str, int], ...]
    rest: int
    grants: tuple[GrantCell, ...]
    expiry: str
    due: str
    months: str


class Columns(msgspec.Struct, frozen=True):
    """Reads the columns of registrations: their postures by key, and the grants that should not be used."""

    today: str
    postures: Mapping[str, Sequence[PostureEntry]]
    risky: frozenset[str]

    def of(self, part: RegistrationPart) -> Cells:
        """The columns of one registration."""
        row = part.row
        entries = self.postures.get(row.key)
        counts = tuple((severity, count) for severity, count in part.by_severity.items() if count)
        expiry, due = self._expiry(row)
        return Cells(
            owner=owner_cell(row),
            platforms=_platforms(row),
            counts=counts,
            rest=len(part.findings) - sum(count for _, count in counts),
            grants=tuple(sorted(self._grants(entries or ()), key=lambda grant: not grant.is_risky)),
            expiry=expiry,
            due=due,
            months=" ".join(dict.fromkeys(filter(None, self._months(row)))),
        )

    def _grants(self, entries: Iterable[PostureEntry]) -> Iterable[GrantCell]:
        for entry in entries:
            label = label_of(entry.grant)
            if label and entry.state != "blocked":
                is_risky = entry.state == "allowed" and entry.grant in self.risky
                yield GrantCell(label + ("?" if entry.state == "unknown" else ""), is_risky)

    def _months(self, row: RegistrationRow) -> Iterable[str]:
        return (expiry_of(credential.ends, self.today) for credential in row.credentials or ())

    def _expiry(self, row: RegistrationRow) -> tuple[str, str]:
        """The next day on which a credential expires, else the last on which one did, and how urgent that is."""
        if row.credentials is None:
            return (UNREAD if row.kind == "registration" else ""), ""
        now = moment(self.today)
        ends = sorted(end for one in row.credentials if isinstance(end := moment(one.ends), datetime))
        coming = [end for end in ends if not isinstance(now, datetime) or end >= now]
        if not coming:
            return (f"{ends[-1]:%Y-%m-%d}", "gone") if ends else ("", "")
        is_soon = isinstance(now, datetime) and coming[0] - now < _SOON
        return f"{coming[0]:%Y-%m-%d}", "soon" if is_soon else ""


def columns_of(report: Report) -> Columns:
    """What reads the columns of the registrations of *report*."""
    return Columns(
        report.judged_at,
        {row.registration: row.entries for row in report.postures},
        risky_grants(report),
    )


def risky_grants(report: Report) -> frozenset[str]:
    """The grants of *report* that should not be used where another one works."""
    return frozenset(grant.id for grant in report.grants if grant.status in ("last-resort", "never"))


def grant_labels(report: Report) -> tuple[tuple[str, str], ...]:
    """The labels that differ from the grant's name, each with its title, for the grants of *report*."""
    titles = {grant.id: grant.title for grant in report.grants}
    return tuple((label_of(grant), titles[grant]) for grant in GRANT_LABELS if grant in titles and label_of(grant))


def owner_cell(row: RegistrationRow) -> str:
    """The name of the first owner, which is shorter than the address, and how many more there are; the details have
    the addresses of all.
    """
    if row.owners is None:
        return UNREAD if row.kind == "registration" else ""
    if not row.owners:
        return "none"
    first, *more = row.owners
    name = visible_name(first.name) if first.name else owner_name(first)
    return name + (f" +{len(more)}" if more else "")


def _platforms(row: RegistrationRow) -> str:
    if row.redirects is None:
        return UNREAD if row.kind == "registration" else ""
    return ", ".join(dict.fromkeys(_PLATFORMS.get(one.platform, visible(one.platform)) for one in row.redirects))
