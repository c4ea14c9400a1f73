"""What registrations reach, and redirect URIs by host: permissions requested and granted, and the hosts of redirect
URIs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from reports.escape import NAME_SHOWN, visible, visible_host
from reports.html.places import Names, Places, names_at
from reports.report import Report
from reports.rows import PermissionRow, RegistrationRow

#: The tables of a compact page have at most this many rows; the others are with their registrations.
SHOWN: Final = 200

_REACH: Final = {"application": "as itself", "delegated": "for a user", "": "not known"}


class PermissionView(msgspec.Struct, frozen=True, kw_only=True):
    """A permission of an API: on whose behalf, and which registrations or agent identities request it or have it."""

    resource: str
    name: str
    id: str
    reach: str
    count: int
    names: Names


class Permissions(msgspec.Struct, frozen=True, kw_only=True):
    """A table of permissions: its rows, how many are not shown, of how many registrations they were not read.

    ``counted`` names what has them.
    """

    rows: tuple[PermissionView, ...]
    rest: int
    unread: int
    counted: str


class HostView(msgspec.Struct, frozen=True, kw_only=True):
    """A host, or a scheme where an address has none: on which platforms, in how many addresses, of which
    registrations.
    """

    host: str
    platforms: str
    addresses: int
    names: Names


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """A table of hosts: its rows, how many are not shown, of how many registrations they were not read."""

    rows: tuple[HostView, ...]
    rest: int
    unread: int


def requested(report: Report, places: Places, *, compact: bool) -> Permissions:
    """The permissions that registrations request."""
    return _permissions(
        [(row, row.requested) for row in report.registrations if row.kind == "registration"], places, compact=compact
    )


def granted(report: Report, places: Places, *, compact: bool) -> Permissions:
    """The permissions with consent, where a tenant was read; an agent identity also has those that it inherits."""
    return _permissions(
        [(row, row.granted) for row in report.registrations if row.kind == "registration" or _is_agent(row)],
        places,
        compact=compact,
    )


def _is_agent(row: RegistrationRow) -> bool:
    return row.object_kind == "agent identity"


def _permissions(
    found: Sequence[tuple[RegistrationRow, tuple[PermissionRow, ...] | None]], places: Places, *, compact: bool
) -> Permissions:
    """One row for each permission: application permissions first, then those that most registrations have."""
    apis = {registration.app_id: registration.name for registration, _ in found}
    keys: defaultdict[PermissionRow, dict[str, None]] = defaultdict(dict)
    for registration, permissions in found:
        for permission in permissions or ():
            keys[msgspec.structs.replace(permission, inherited=False)][registration.key] = None
    order = list(_REACH)
    ordered = sorted(keys.items(), key=lambda row: (order.index(row[0].reach), -len(row[1])))
    rows = tuple(
        PermissionView(
            resource=visible(
                permission.resource_name or apis.get(permission.resource, permission.resource), NAME_SHOWN
            ),
            name=visible(permission.name, NAME_SHOWN),
            id=visible(permission.id, NAME_SHOWN),
            reach=_REACH[permission.reach],
            count=len(who),
            names=names_at(who, places, compact=compact),
        )
        for permission, who in ordered[: SHOWN if compact else None]
    )
    unread = sum(permissions is None for _, permissions in found)
    what = "Registrations and agents" if any(_is_agent(row) for row, _ in found) else "Registrations"
    return Permissions(rows=rows, rest=len(ordered) - len(rows), unread=unread, counted=what)


def hosts(report: Report, places: Places, *, compact: bool) -> Hosts:
    """The hosts in the order of their domains, so that those of one owner are adjacent; other schemes last."""
    keys: defaultdict[str, dict[str, None]] = defaultdict(dict)
    platforms: defaultdict[str, dict[str, None]] = defaultdict(dict)
    addresses: defaultdict[str, set[str]] = defaultdict(set)
    for row in report.registrations:
        for redirect in row.redirects or ():
            host = redirect.host or redirect.uri.partition(":")[0] + ":"
            keys[host][row.key] = None
            platforms[host][redirect.platform] = None
            addresses[host].add(redirect.uri)
    ordered = sorted(keys, key=_by_domain)
    rows = tuple(
        HostView(
            host=visible_host(host),
            platforms=", ".join(_platforms(platforms[host])),
            addresses=len(addresses[host]),
            names=names_at(keys[host], places, compact=compact),
        )
        for host in ordered[: SHOWN if compact else None]
    )
    unread = sum(row.redirects is None and row.kind == "registration" for row in report.registrations)
    return Hosts(rows=rows, rest=len(ordered) - len(rows), unread=unread)


def _platforms(names: Iterable[str]) -> Iterable[str]:
    return (visible(name, NAME_SHOWN) for name in names)


def _by_domain(host: str) -> tuple[bool, list[str]]:
    return host.endswith(":"), host.split(".")[::-1]
