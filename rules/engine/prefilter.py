"""Traits of a registration that are computed once, before any rule is called: most rules apply to few registrations.

A rule names the traits that it needs as ``only_if``. A trait is one of a redirect URI (``rules.model.uri_traits``) or
of the requested permissions: kind and tier such as ``Role:tenant``; ``several`` for two or more known ones; ``email``
for the scope of that name; ``strange`` for one that its resource does not offer in this way; ``Role:unlisted`` and
``Scope:unlisted`` for one that no table lists, or that was not read; ``disorderly`` for a malformed or repeated entry,
and for one resource in two entries; ``legacy`` for Azure AD Graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, get_args

from rules.analysis.requested import PermissionRequests, requests_of
from rules.knowledge.permissions import LEGACY_GRAPH, Kind, Tier
from rules.model.registration import UNSET, Registration
from rules.primitives import texts

_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F{}-]*")
_KINDS: Final = frozenset({"Scope", "Role"})
_NONE: Final[frozenset[str]] = frozenset()
_WORDS: Final = {(kind, tier): f"{kind}:{tier}" for kind in get_args(Kind) for tier in get_args(Tier)}

#: Many registrations have the same IDs.
is_guid = lru_cache(maxsize=65_536)(texts.is_guid)

#: The traits of redirect URIs, and those of permissions.
Traits = tuple[frozenset[str], frozenset[str]]


NO_TRAITS: Final[Traits] = (_NONE, _NONE)


def traits(app: Registration) -> Traits:
    """The traits of the redirect URIs of *app*, and those of its permissions."""
    return app.uri_traits, frozenset(_of_permissions(app)) if app.required_resource_access else _NONE


def is_name(text: object) -> bool:
    """Say whether a text in place of an ID is meant as a name: it is not an ID, nor a broken one."""
    return isinstance(text, str) and _HEXADECIMAL.fullmatch(text) is None


def _of_permissions(app: Registration) -> Iterator[str]:
    if app.unread:
        yield "disorderly"
        yield "strange"
    yield from _of_requests(requests_of(app))
    names = [str(one.resource_app_id).lower() for one in app.required_resource_access or ()]
    if len(set(names)) < len(names):
        yield "disorderly"
    for resource in app.required_resource_access or ():
        name, accesses = resource.resource_app_id, resource.resource_access or ()
        ids = {access.id.lower() if isinstance(access.id, str) else access.id for access in accesses}
        kinds = {access.type for access in accesses}
        if "Role" in kinds or resource.resource_access is UNSET:
            yield "Role"
        ordered = len(ids) == len(accesses) and kinds <= _KINDS
        if (
            not ordered
            or not isinstance(name, str)
            or not is_guid(name)
            or not all(isinstance(i, str) and is_guid(i) for i in ids)
        ):
            yield "disorderly"
        if isinstance(name, str) and name.lower() == LEGACY_GRAPH:
            yield "legacy"


def _of_requests(found: PermissionRequests) -> Iterator[str]:
    """The traits of what the table says of the requested permissions."""
    for row in found.known:
        yield _WORDS[row.permission.kind, row.permission.tier]
        if row.permission.value == "email":
            yield "email"
    if len(found.known) > 1:
        yield "several"
    if found.mismatches or found.unlisted:
        yield "strange"
    yield from (f"{place.kind}:unlisted" for place in found.unlisted)
    if found.not_read:
        yield from ("Role:unlisted", "Scope:unlisted")
