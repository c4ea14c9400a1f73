"""Graph's answers as records: one decode for a page, and object by object where something is of an unexpected type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET

from advisor.sources.reading.graph_json import decode_application
from advisor.sources.reading.remedies import IN_THE_PORTAL
from advisor.sources.tenant.records import Application
from rules.model.policies import ClaimsMappingPolicy
from rules.model.registration import (
    Credential,
    FederatedCredential,
    InheritablePermission,
    Owner,
    Registration,
    Text,
    Unread,
)
from rules.model.tenant import (
    AgentUser,
    AppRoleAssignment,
    OAuth2PermissionGrant,
    RoleAssignment,
    RoleGroup,
    ServicePrincipal,
    User,
    UserRegistrationDetails,
)

T = TypeVar("T")

_NEXT: Final = "@odata.nextLink"
_UNREADABLE: Final = Unread("malformed", note="not an object", remedy="report a bug in grantlint")


class PageOf(msgspec.Struct, Generic[T]):
    """A page of a list. ``broken`` counts the objects that were left out because something in them is of an unexpected
    type.
    """

    value: list[T]
    next_link: str | None = msgspec.field(default=None, name=_NEXT)
    broken: int = 0


class OwnedApplication(msgspec.Struct):
    """An application of a page that was asked for with its owners."""

    id: str
    owners: list[Owner] = []


class KeyedApplication(msgspec.Struct, rename="camel"):
    """An application of which the key credentials alone are asked for."""

    key_credentials: tuple[Credential, ...] | None = None


class Identified(msgspec.Struct):
    """An object of which the id alone is asked for."""

    id: str


class _RegisteredUser(UserRegistrationDetails, frozen=True):
    """A row of the report, whose type says whose MFA methods this tenant sees."""

    user_type: Text = UNSET


_RAW: Final = msgspec.json.Decoder(PageOf[msgspec.Raw])
_APPLICATIONS: Final = msgspec.json.Decoder(PageOf[Registration])

IDS: Final = msgspec.json.Decoder(PageOf[Identified]).decode
KEYED: Final = msgspec.json.Decoder(KeyedApplication).decode
OWNED: Final = msgspec.json.Decoder(PageOf[OwnedApplication]).decode


def applications(data: bytes) -> PageOf[Application]:
    """A page of applications; what is of an unexpected type costs that value of that application and nothing else."""
    try:
        page = _APPLICATIONS.decode(data)
    except msgspec.ValidationError:
        raw = _RAW.decode(data)
        return PageOf([_patiently(one) for one in raw.value], raw.next_link)
    return PageOf([Application(app) for app in page.value], page.next_link)


def _patiently(raw: msgspec.Raw) -> Application:
    try:
        return Application(msgspec.json.decode(raw, type=Registration))
    except msgspec.ValidationError:
        value = json.loads(bytes(raw))
    if not isinstance(value, dict):
        return Application(Registration(), {"": _UNREADABLE})
    decoded = decode_application(value)
    unread = {pointer: gap for pointer, gap in decoded.unread.items() if gap.reason == "malformed"}
    return Application(
        decoded.app, {at: msgspec.structs.replace(gap, remedy=IN_THE_PORTAL) for at, gap in unread.items()}
    )


def objects(kind: type[T]) -> Callable[[bytes], PageOf[T]]:
    """A decoder of pages of *kind* that leaves out what does not fit it, and counts that."""
    quick = msgspec.json.Decoder(PageOf[kind])  # type: ignore[valid-type]
    single = msgspec.json.Decoder(kind)

    def decode(data: bytes) -> PageOf[T]:
        try:
            return quick.decode(data)
        except msgspec.ValidationError:
            raw = _RAW.decode(data)
        found = [one for value in raw.value for one in _fitting(single, value)]
        return PageOf(found, raw.next_link, len(raw.value) - len(found))

    return decode


def _fitting(decoder: msgspec.json.Decoder[T], value: msgspec.Raw) -> Iterator[T]:
    try:
        yield decoder.decode(value)
    except msgspec.ValidationError:
        return


PRINCIPALS: Final = objects(ServicePrincipal)
GRANTS: Final = objects(OAuth2PermissionGrant)
ASSIGNMENTS: Final = objects(AppRoleAssignment)
ROLES: Final = objects(RoleAssignment)
OWNER_LIST: Final = objects(Owner)
GROUPS: Final = objects(RoleGroup)
MEMBERS: Final = objects(Identified)
AGENT_USERS: Final = objects(AgentUser)
FEDERATED: Final = objects(FederatedCredential)
BLUEPRINTS: Final = objects(Registration)
USERS: Final = objects(User)
_REGISTERED: Final = objects(_RegisteredUser)
CLAIMS_MAPPING: Final = objects(ClaimsMappingPolicy)
INHERITABLE: Final = objects(InheritablePermission)


def registrations(data: bytes) -> PageOf[UserRegistrationDetails]:
    """A page of users with their MFA methods. Those of a guest may be in the home tenant: they count as not read."""
    page = _REGISTERED(data)
    rows = [
        UserRegistrationDetails(one.id, UNSET if one.user_type == "guest" else one.is_mfa_capable) for one in page.value
    ]
    return PageOf(rows, page.next_link, page.broken)


def named(owner: Owner) -> tuple[Owner, bool]:
    """An owner, and whether the tenant shows who it is.

    A reader without the right to read users gets their ids, and null for all else: that is not read, and not without a
    name. Every user has a principal name.
    """
    if owner.odata_type != "#microsoft.graph.user" or isinstance(owner.user_principal_name, str):
        return owner, True
    return Owner(id=owner.id, odata_type=owner.odata_type), False


#: A page of a list of policies, each as it is.
POLICY_PAGE: Final = _RAW.decode


def policy(data: bytes, kind: Any) -> msgspec.Raw:
    """A policy with what ``rules.model.tenant`` knows of it, encoded again.

    Raises ``msgspec.ValidationError`` for an unexpected type.
    """
    return msgspec.Raw(msgspec.json.encode(msgspec.json.decode(data, type=kind)))


def is_list(kind: Any) -> bool:
    """Whether *kind* is the type of a list of policies."""
    return getattr(kind, "__origin__", None) is tuple


def whole_targets(value: msgspec.Raw, limit: int) -> msgspec.Raw:
    """App management policies whose expanded ``appliesTo`` is as long as *limit* without it: it is not known what was
    cut.
    """
    from rules.model.policies import AppManagementPolicy

    policies = msgspec.json.decode(value, type=list[AppManagementPolicy])
    kept = [
        msgspec.structs.replace(one, applies_to=UNSET) if one.applies_to and len(one.applies_to) >= limit else one
        for one in policies
    ]
    return msgspec.Raw(msgspec.json.encode(kept))
