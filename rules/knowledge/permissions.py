"""Permissions that Microsoft's APIs offer: resource, ID, kind, value, and what they allow.

A permission is matched by resource *and* ID *and* kind, and never by its name: ten IDs exist on two resources, and one
names both an application permission and a delegated one.

**The tables** are ``permissions.tsv``, one row for each permission, and ``resources.tsv``, one row for each API. They
are read when the first registration requests a permission of a listed API.

**Tiers** are the worst case. They were chosen by what an attacker gains, after Emilien Socchi's "Azure tiering" (commit
5edc675, 2026-08-21): its tier 0 is *tenant* here, and notes give the reason for exceptions. Azure AD Graph is *other*
throughout: it was fully retired on 31 August 2025 (Microsoft Graph, "authenticationBehaviors"), and
``azure-ad-graph-permission`` covers all of it at once.

**What is not in the table** is not known, which is not harmless. Microsoft adds permissions every month, so no table
proves that an ID of Microsoft Graph or Exchange does not exist: the rules report it as not assessed. Of an API whose
``listing`` is *complete*, whose list has had one or two lines for years, the table does. Only the tenant knows whether
a permission was disabled.

**To refresh it**, run ``python tests/project/refresh.py permissions``. It reads the permissions reference or what
service principals offer, keeps tier and note, and marks what is new. Microsoft Graph is complete as of 2026-08-20: 716
application permissions and 807 delegated ones, exported from its service principal (merill/microsoft-info, commit
43b8a5d). IDs are those of the global cloud; where GCC High has another one that is known, its row has the source
``other-cloud``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from operator import ne
from typing import Final, Literal, get_args

import msgspec

from rules.knowledge.data import read_table

#: The worst case: *tenant* takes over the tenant, at once or by one more step; *data* reads or writes the data of all
#: users, or all data of the signed-in user; *mailbox* accesses every mailbox through Exchange Web Services; *assigned*
#: accesses the mailboxes that an Exchange administrator assigns, through IMAP, POP or SMTP; *whole* allows all that the
#: signed-in user may do at a resource; *other* is listed so that its name and kind are known.
Tier = Literal["tenant", "data", "mailbox", "assigned", "whole", "other"]
Kind = Literal["Role", "Scope"]

#: Where ID, kind and value were found together: *microsoft* is Microsoft's own list of what the resource offers (the
#: one that the Microsoft 365 Agents Toolkit ships, version 3.1.3, the permissions reference, or a service principal);
#: *peers* are the tables of two or three tools that rate permissions (ScubaGear, Maester after Azure tiering,
#: EntraFalcon); *public* are two or more public projects or lists; *peer* is the table of one of the tools alone;
#: *other-cloud* is an ID that another cloud has for a value of this table, found there. Checked on 2026-11-30.
Source = Literal["microsoft", "peers", "public", "peer", "other-cloud"]

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
LEGACY_GRAPH: Final = "00000002-0000-0000-c000-000000000000"
EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT: Final = "00000003-0000-0ff1-ce00-000000000000"
AZURE: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
DATAVERSE: Final = "00000007-0000-0000-c000-000000000000"

#: How much of what a resource offers is in the table. *complete* is all of it. *own-ids* is Microsoft's whole list at
#: the time: what was added since has a new ID, and never one that another resource has had for long. *partial* is what
#: was found; some of these resources, Exchange above all, share IDs with Microsoft Graph that no list shows.
Listing = Literal["complete", "own-ids", "partial"]


class Resource(msgspec.Struct, frozen=True):
    """An API of Microsoft: client ID, display name, how much of it is in the table, and the hosts of its ID URIs."""

    id: str
    name: str
    listing: Listing
    hosts: tuple[str, ...] = ()


class Permission(msgspec.Struct, frozen=True):
    """A permission: the resource that offers it, its kind, ID and value, what it allows, and where that was found.

    ``note`` is the reason for its tier where that is not plain.
    """

    resource: str
    kind: Kind
    id: str
    value: str
    tier: Tier
    source: Source
    note: str = ""

    @property
    def name(self) -> str:
        """The permission with its resource: ``Mail.Read of Microsoft Graph``."""
        return f"{self.value} of {resources()[self.resource].name}"

    @property
    def reach(self) -> Literal["application", "delegated"]:
        """On whose behalf it is used: the application itself, or the signed-in user."""
        return "application" if self.kind == "Role" else "delegated"


#: What an attacker gains by each tier. *data* differs by kind.
_MEANINGS: Final[Mapping[Tier, str]] = {
    "tenant": "takes over the tenant, at once or by one more step",
    "mailbox": "accesses every mailbox through Exchange Web Services",
    "assigned": "accesses the mailboxes that an Exchange administrator assigns",
    "whole": "allows all that the signed-in user may do at the resource",
    "other": "not rated as one of the worst cases",
}


def tier_meaning(row: Permission) -> str:
    """What the tier of a permission means, as the end of a sentence whose subject is the permission."""
    of = "the data of all users" if row.kind == "Role" else "all data of the signed-in user"
    return _MEANINGS.get(row.tier, f"reads or writes {of}")


_PREFERRED: Final = {source: rank for rank, source in enumerate(get_args(Source))}


@cache
def resources() -> Mapping[str, Resource]:
    """The APIs of the table by client ID."""
    return {row.id: row for row in read_table("rules.knowledge", "resources.tsv", Resource)}


@cache
def permissions() -> tuple[Permission, ...]:
    """All permissions, in the order of the table."""
    return read_table("rules.knowledge", "permissions.tsv", Permission)


@cache
def _by_id() -> Mapping[tuple[str, str, str], Permission]:
    return {(row.resource, row.id, row.kind): row for row in permissions()}


@cache
def _rows_by_id() -> Mapping[str, tuple[Permission, ...]]:
    """The rows by ID alone, those of Microsoft Graph first: most registrations mean that one."""
    found: dict[str, list[Permission]] = {}
    for row in sorted(permissions(), key=lambda row: row.resource != GRAPH):
        found.setdefault(row.id, []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def _by_value() -> Mapping[tuple[str, str], Mapping[str, Permission]]:
    """The rows by resource and kind, and by value in lower case; of two IDs the one with the better source."""
    found: dict[tuple[str, str], dict[str, Permission]] = {}
    for row in sorted(permissions(), key=lambda row: _PREFERRED[row.source], reverse=True):
        found.setdefault((row.resource, row.kind), {})[row.value.casefold()] = row
    return found


def is_resource(name: object) -> bool:
    """Say whether *name* is the ID of a resource of the table. Case makes no difference."""
    return isinstance(name, str) and (name in resources() or name.lower() in resources())


def permission(resource: str, id: str, kind: str) -> Permission | None:
    """The row of a permission; ``None`` when it is not known. Case makes no difference in IDs."""
    return _by_id().get((resource.lower(), id.lower(), kind))


def permissions_by_value(resource: str, kind: Kind) -> Mapping[str, Permission]:
    """What a *resource* offers by value in lower case; empty for one that is not known.

    Where clouds differ, it is the permission of the global one.
    """
    return _by_value().get((resource.lower(), kind), {})


def permission_named(resource: str, value: str, kind: Kind) -> Permission | None:
    """The row of a permission by its value, as delegated grants name it; ``None`` when it is not known."""
    return permissions_by_value(resource, kind).get(value.casefold())


def not_listed(resource: str, name: str) -> tuple[str, Literal["unknown"], str]:
    """Why a permission of a *resource* of the table is not assessed if the table lacks it: message, reason and remedy.

    *name* is its value, or its ID.
    """
    says = f"{name} is not in the list of permissions of {resources()[resource].name} that this version knows"
    return says, "unknown", f"look it up: az ad sp show --id {resource}"


@lru_cache(maxsize=65_536)
def resembling(resource: str, id: str) -> Permission | None:
    """The permission of a *resource* whose ID differs from *id* by one or two characters: a typing error.

    Two IDs of the table that are this close do not exist, so an ID that is close to one is that one, mistyped.
    """
    text = id.lower()
    candidates = (row for part in _thirds(text) for row in _rows_by_third().get((resource.lower(), *part), ()))
    return next((row for row in candidates if _differs_little(row.id, text)), None)


def _thirds(id: str) -> Iterator[tuple[int, str]]:
    """An ID in three parts. Where two characters are wrong, at least one part is right."""
    return ((start, id[start : start + 12]) for start in (0, 12, 24))


@cache
def _rows_by_third() -> Mapping[tuple[str, int, str], list[Permission]]:
    rows: dict[tuple[str, int, str], list[Permission]] = {}
    for row in permissions():
        for part in _thirds(row.id):
            rows.setdefault((row.resource, *part), []).append(row)
    return rows


def _differs_little(one: str, other: str) -> bool:
    return len(one) == len(other) and 0 < sum(map(ne, one, other)) <= 2


def rows_with_id(id: str) -> tuple[Permission, ...]:
    """The rows that have this ID, on whatever resource and of whatever kind; those of Microsoft Graph first."""
    return _rows_by_id().get(id.lower(), ())
