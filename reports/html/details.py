"""What is folded below a registration: its credentials, permissions and redirect URIs, the riskiest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

import msgspec

from reports.escape import NAME_SHOWN, visible, visible_host
from reports.html.expiry import OVERDUE, expiry_of
from reports.report import Report
from reports.rows import CredentialRow, PermissionRow, RedirectRow, RegistrationRow
from rules.knowledge.hosts import shared_suffix
from rules.knowledge.permissions import Tier, permission

_URI_SHOWN: Final = 2048
_REACH: Final = {"application": "application", "delegated": "delegated", "": "kind not known"}
_KINDS: Final = {"application": "Role", "delegated": "Scope"}
_ALLOWS: Final[Mapping[Tier, str]] = {
    "tenant": "can lead to control of the tenant",
    "data": "all data of its kind",
    "mailbox": "every mailbox",
    "assigned": "assigned mailboxes",
    "whole": "all that the signed-in user may do",
    "other": "",
}
_NOT_RATED: Final = "not rated"
#: The most powerful permissions first. One that no table lists may be any of them: it is before the harmless ones.
_ORDER: Final = (*(_ALLOWS[tier] for tier in get_args(Tier) if tier != "other"), _NOT_RATED, "")


class Line(msgspec.Struct, frozen=True):
    """A line of a list: what it is about, what is said of it, and whether it is marked as a risk."""

    name: str
    words: str
    is_marked: bool = False


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """The lists of a registration. ``None`` is a list that was not read; ``granted`` says whether consents were."""

    credentials: tuple[Line, ...] | None
    permissions: tuple[Line, ...] | None
    redirects: tuple[Line, ...] | None
    is_grant_read: bool


class Lists(msgspec.Struct, frozen=True):
    """Reads the lists of registrations. ``apis`` names the APIs that are registrations of the report, by client ID."""

    today: str
    apis: Mapping[str, str]

    def of(self, row: RegistrationRow) -> Details:
        """The lists of one registration."""
        permissions = None if row.requested is None and row.granted is None else tuple(self._permissions(row))
        return Details(
            credentials=None if row.credentials is None else tuple(self._credentials(row.credentials)),
            permissions=permissions,
            redirects=None if row.redirects is None else tuple(_redirects(row.redirects)),
            is_grant_read=row.granted is not None,
        )

    def _credentials(self, rows: tuple[CredentialRow, ...]) -> Iterator[Line]:
        """The credentials, the next to expire first and those without a date last."""
        for row in sorted(rows, key=lambda row: row.ends or "~"):
            name = visible(row.name or row.id, NAME_SHOWN)
            is_overdue = expiry_of(row.ends, self.today) == OVERDUE
            words = (
                f"{'expired' if is_overdue else 'expires'} {visible(row.ends[:10])}" if row.ends else "no expiry date"
            )
            yield Line(f"{row.kind} {name}".rstrip(), words, is_overdue)

    def _permissions(self, row: RegistrationRow) -> Iterator[Line]:
        requested, granted = row.requested or (), row.granted or ()
        rated = [(one, _allows(one)) for one in dict.fromkeys((*granted, *requested))]
        for one, allows in sorted(rated, key=lambda pair: (_ORDER.index(pair[1]), pair[0].reach != "application")):
            is_granted = "inherited from its blueprint" if one.inherited else "granted"
            where = [word for word, some in (("requested", requested), (is_granted, granted)) if one in some]
            api = self.api(one)
            name = f"{api}: {visible(one.name or one.id, NAME_SHOWN)}"
            words = ", ".join((_REACH[one.reach], *where, *([allows] if allows else [])))
            yield Line(name, words, allows == _ALLOWS["tenant"])
        if row.inherited_unread:
            yield Line("inherited from its blueprint", "not known whether there are more")

    def api(self, one: PermissionRow) -> str:
        """The name of the API that offers a permission, else its client ID."""
        return visible(one.resource_name or self.apis.get(one.resource, one.resource), NAME_SHOWN)


def lists_of(report: Report) -> Lists:
    """What reads the lists of the registrations of *report*."""
    return Lists(report.judged_at, {row.app_id: row.name for row in report.registrations if row.app_id})


def _allows(one: PermissionRow) -> str:
    """What a permission allows at worst; ``not rated`` where no table lists it."""
    known = permission(one.resource, one.id, _KINDS.get(one.reach, ""))
    return _ALLOWS[known.tier] if known else _NOT_RATED


def _redirects(rows: tuple[RedirectRow, ...]) -> Iterator[Line]:
    """The redirect URIs, those on a domain that a service shares out among its customers first."""
    shared = [(row, shared_suffix(row.host) if row.host and "*" not in row.host else None) for row in rows]
    for row, suffix in sorted(shared, key=lambda pair: pair[1] is None):
        spelling = visible_host(row.host) if row.host else ""
        other = f", host {spelling}" if spelling and spelling != row.host else ""
        is_chosen = suffix is not None and suffix.naming in ("chosen", "tunnel")
        claim = "anyone can claim this name when it is free" if is_chosen else "a shared domain"
        yield Line(
            visible(row.uri, _URI_SHOWN),
            f"{visible(row.platform)}{other}" + (f"; {suffix.service}: {claim}" if suffix else ""),
            is_chosen,
        )
