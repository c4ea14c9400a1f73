"""The permissions that a registration requests, looked up in the table of permissions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, get_args

import msgspec

from rules.knowledge.permissions import Kind, Permission, Tier, is_resource, permission, resources, rows_with_id
from rules.model.registration import UNSET, Registration, Text


class Requested(msgspec.Struct, frozen=True):
    """A known permission that a registration requests, and its place."""

    at: tuple[int, int]
    permission: Permission

    @property
    def pointer(self) -> str:
        """The Graph pointer of the request."""
        return pointer_of(*self.at)


class Mismatch(msgspec.Struct, frozen=True):
    """A request for an ID that the table does not list for the known resource and this kind."""

    at: tuple[int, int]
    resource: str
    id: str
    kind: str

    @property
    def pointer(self) -> str:
        """The Graph pointer of the request."""
        return pointer_of(*self.at)


class PermissionRequests(msgspec.Struct, frozen=True):
    """The permissions that a registration requests, as far as the table knows them.

    ``mismatches`` are IDs that the resource offers as the other kind, or certainly does not offer. ``unlisted`` are IDs
    that the table lacks for a resource whose list may be incomplete: what they allow is not known. ``not_read`` are the
    indices of the entries of known resources whose permissions were not read.
    """

    known: tuple[Requested, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    unlisted: tuple[Mismatch, ...] = ()
    not_read: tuple[int, ...] = ()


_NOTHING: Final = PermissionRequests()
_KINDS: Final = frozenset(get_args(Kind))


def pointer_of(resource: int, access: int) -> str:
    """The Graph pointer of a request, by its numbers in the two lists."""
    return f"/requiredResourceAccess/{resource}/resourceAccess/{access}"


def requests_of(app: Registration) -> PermissionRequests:
    """The permissions that *app* requests; cached on the registration, since several rules use them."""
    kept: dict[str, Any] = vars(app)
    found: PermissionRequests | None = kept.get("requests")
    if found is None:
        found = kept["requests"] = _requests_of(app) if app.required_resource_access else _NOTHING
    return found


def requested(app: Registration) -> tuple[Requested, ...]:
    """The known permissions that *app* requests."""
    return requests_of(app).known


def _requests_of(app: Registration) -> PermissionRequests:
    known: list[Requested] = []
    mismatches: list[Mismatch] = []
    unlisted: list[Mismatch] = []
    not_read: list[int] = []
    for index, resource in enumerate(app.required_resource_access or ()):
        name = resource.resource_app_id
        if not is_resource(name):
            continue
        name = str(name).lower()
        if resource.resource_access is UNSET:
            not_read.append(index)
        for place, access in enumerate(resource.resource_access or ()):
            found = _looked_up(name, access.id, access.type)
            at = index, place
            if isinstance(found, Permission):
                known.append(Requested(at, found))
            elif found is not None:
                rows = mismatches if _is_mismatch(name, found[1]) else unlisted
                rows.append(Mismatch(at, *found))
    if not (known or mismatches or unlisted or not_read):
        return _NOTHING
    return PermissionRequests(tuple(known), tuple(mismatches), tuple(unlisted), tuple(not_read))


def _is_mismatch(resource: str, id: str) -> bool:
    """Whether *resource* offers *id* as the other kind, or certainly does not offer it.

    That another resource offers the ID proves nothing where the list is partial: some resources share IDs.
    """
    listing = resources()[resource].listing
    owners = {row.resource for row in rows_with_id(id)}
    return listing == "complete" or resource in owners or (listing == "own-ids" and bool(owners))


@lru_cache(maxsize=16_384)
def _looked_up(resource: str, id: Text, kind: Text) -> Permission | tuple[str, str, str] | None:
    """The row for a request to a known *resource*, or the request itself; cached, since requests repeat."""
    if not isinstance(id, str) or kind not in _KINDS:
        return None
    return permission(resource, id, str(kind)) or (resource, id, str(kind))


def roles(app: Registration) -> int:
    """How many application permissions *app* requests, known or not; one that is listed twice counts once."""
    kept: dict[str, Any] = vars(app)
    count = kept.get("roles")
    if count is None:
        listed = [
            (str(resource.resource_app_id).lower(), access.id)
            for resource in app.required_resource_access or ()
            for access in resource.resource_access or ()
            if access.type == "Role"
        ]
        known = {(resource, name.lower()) for resource, name in listed if isinstance(name, str)}
        count = kept["roles"] = len(known) + sum(not isinstance(name, str) for _, name in listed)
    return int(count)


def of_tier(app: Registration, kind: Kind, *tiers: Tier) -> list[Requested]:
    """The known permissions of a *kind* and of one of the *tiers* that *app* requests."""
    rows = requested(app)
    return [row for row in rows if row.permission.kind == kind and row.permission.tier in tiers]


def takeovers(app: Registration) -> list[Requested]:
    """The delegated permissions with which the token of an administrator could take over the tenant.

    Where only personal accounts may sign in, there is none: they have no tenant.
    """
    return [] if app.allows_only_personal_accounts else of_tier(app, "Scope", "tenant")
