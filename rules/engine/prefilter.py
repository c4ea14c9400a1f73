"""What is known of a registration before any rule is called: a few words, by which most rules turn out to have nothing to say.

A word is a trait of a redirect URI (``rules.model.uri_traits``), or one about the permissions that it asks for: ``Role:tenant`` and
kin for a kind and tier, ``several`` where two or more are known, ``strange`` where one cannot be as it is written, ``disorderly`` where an entry is not as it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, get_args

from rules.analysis.requested import requests_of
from rules.knowledge.permissions import LEGACY_GRAPH, Kind, Tier
from rules.model.registration import Registration

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F{}-]*")
_KINDS: Final = frozenset({"Scope", "Role"})
_NONE: Final[frozenset[str]] = frozenset()
_WORDS: Final = {(kind, tier): f"{kind}:{tier}" for kind in get_args(Kind) for tier in get_args(Tier)}

#: The words for redirect URIs, and those for permissions.
Traits = tuple[frozenset[str], frozenset[str]]


NO_TRAITS: Final[Traits] = (_NONE, _NONE)


def traits(app: Registration) -> Traits:
    """The words for the redirect URIs of *app*, and those for its permissions."""
    return app.redirect_traits, frozenset(_of_permissions(app)) if app.required_resource_access else _NONE


@lru_cache(maxsize=65_536)
def is_guid(text: str) -> bool:
    """Say whether *text* is an id as Graph writes them."""
    return _GUID.fullmatch(text) is not None


def is_name(text: object) -> bool:
    """Say whether a text in place of an id is meant as a name: it is none, and not a broken one either."""
    return isinstance(text, str) and _HEXADECIMAL.fullmatch(text) is None


def _of_permissions(app: Registration) -> Iterator[str]:
    if app.unread:
        yield "disorderly"
        yield "strange"
    found = requests_of(app)
    for row in found.known:
        yield _WORDS[row.permission.kind, row.permission.tier]
    if len(found.known) > 1:
        yield "several"
    if found.mismatches:
        yield "strange"
    for resource in app.required_resource_access or ():
        name, accesses = resource.resource_app_id, resource.resource_access or ()
        ids = {access.id for access in accesses}
        kinds = {access.type for access in accesses}
        if "Role" in kinds:
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
