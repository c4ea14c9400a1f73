"""Evidence of use: what sign-in logs and reports of activity say about applications, as counters without users.

A ``Use`` counts sign-ins that are alike. A ``Reach`` says in which period a source would have shown a sign-in: silence
means something in this period alone. Days are ISO 8601 in UTC, and empty where they are not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal

import msgspec

#: The kinds of sign-ins, named as ``signInEventTypes`` of Microsoft Graph names them.
#: ``user`` is a sign-in of a user of which the source does not say whether it was interactive.
Kind = Literal["interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity", "user"]
KINDS: Final[tuple[Kind, ...]] = (
    "interactiveUser",
    "nonInteractiveUser",
    "servicePrincipal",
    "managedIdentity",
    "user",
)

#: Kinds of sign-ins, as the sign-in logs of the portal call them.
KIND_WORDS: Final[Mapping[Kind, str]] = {
    "interactiveUser": "user sign-ins (interactive)",
    "nonInteractiveUser": "user sign-ins (non-interactive)",
    "servicePrincipal": "service principal sign-ins",
    "managedIdentity": "managed identity sign-ins",
    "user": "user sign-ins",
}

#: What a record says of its result. An activity report may give the last attempt only: that is not known.
Result = Literal["success", "failure", "unknown"]

#: What the counter of a ``Use`` counts. A row may count several sign-ins. A report of activity gives dates only.
Unit = Literal["sign-ins", "rows", "dates"]

CredentialKind = Literal["", "secret", "certificate", "federated", "assertion", "managed-identity"]


class Use(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sign-ins that are alike: *count* of them, the first and the last day.

    ``app_id`` is the client, or with ``as_resource`` the API that was called; empty where the record names none.
    ``protocol`` is a member of Graph's ``protocolType``, ``other`` for one that grantlint does not know, and empty
    where the record has none. ``device_code`` says that the session began with a device code.
    """

    app_id: str
    kind: Kind
    protocol: str = ""
    device_code: bool = False
    credential: CredentialKind = ""
    credential_id: str = ""
    resource_id: str = ""
    result: Result = "success"
    as_resource: bool = False
    unit: Unit = "rows"
    count: int = 0
    first: str = ""
    last: str = ""


class Reach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source covers of one kind of sign-in: from its oldest to its newest record.

    ``why`` says why it is not complete, ``remedy`` what would make it so; both are empty where it is. ``is_grouped``:
    one row may count sign-ins with several grants, of which it names one. ``is_activity``: the source gives the
    last date of each application instead of rows.
    """

    kind: Kind
    source: str
    start: str = ""
    end: str = ""
    rows: int = 0
    why: str = ""
    remedy: str = ""
    is_grouped: bool = False
    is_activity: bool = False

    @property
    def complete(self) -> bool:
        """Whether no record is missing, so far as the source shows."""
        return not self.why


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What Microsoft itself says about the use of an application, a credential or a permission."""

    app_id: str
    source: Literal["recommendations", "OAuthAppInfo"]
    about: Literal["application", "credential", "permission"]
    #: The type of the recommendation, or the name of the permission.
    name: str
    #: The ID of the credential, or of the API that has the permission.
    id: str = ""
    state: str = ""
    day: str = ""


class Usage(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All evidence of a run. ``names`` has the display names of applications by client ID, where a source has them."""

    uses: tuple[Use, ...] = ()
    reach: tuple[Reach, ...] = ()
    statements: tuple[Statement, ...] = ()
    names: dict[str, str] = {}

    @cached_property
    def by_client(self) -> Mapping[str, list[Use]]:
        """The uses by ``app_id``; rules look them up for every registration."""
        return _grouped((use.app_id, use) for use in self.uses)

    @cached_property
    def by_api(self) -> Mapping[str, list[Use]]:
        """The uses by ``resource_id``."""
        return _grouped((use.resource_id, use) for use in self.uses)

    @cached_property
    def without_api(self) -> list[Use]:
        """The sign-ins that name no API, of all applications, counted by kind, result and days."""
        found: defaultdict[Use, int] = defaultdict(int)
        for use in self.by_api.get("", ()):
            if not use.as_resource and use.unit != "dates" and use.result != "failure":
                key = Use(app_id="", kind=use.kind, result=use.result, unit=use.unit, first=use.first, last=use.last)
                found[key] += use.count
        return [msgspec.structs.replace(use, count=count) for use, count in found.items()]


def _grouped(pairs: Iterable[tuple[str, Use]]) -> Mapping[str, list[Use]]:
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for key, use in pairs:
        found[key].append(use)
    return dict(found)


def merged(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Uses that are alike as one, in a fixed order."""
    found: dict[Use, Use] = {}
    for use in uses:
        key = msgspec.structs.replace(use, count=0, first="", last="")
        other = found.get(key)
        found[key] = (
            use
            if other is None
            else msgspec.structs.replace(
                use,
                count=use.count + other.count,
                first=min(use.first, other.first),  # one that is not known makes both so
                last=max(use.last, other.last),
            )
        )
    return tuple(sorted(found.values(), key=msgspec.structs.astuple))


def joined(parts: Iterable[Usage]) -> Usage:
    """The evidence of several readings as one."""
    parts = tuple(parts)
    names: dict[str, str] = {}
    for one in parts:
        names = {**one.names, **names}
    return Usage(
        uses=merged(use for one in parts for use in one.uses),
        reach=tuple(reach for one in parts for reach in one.reach),
        statements=tuple(dict.fromkeys(statement for one in parts for statement in one.statements)),
        names=dict(sorted(names.items())),
    )
