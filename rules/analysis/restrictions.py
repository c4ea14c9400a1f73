"""The restrictions of an app management policy, one by one, each with its own state.

A restriction applies where the policy and the restriction itself are enabled; a disabled or absent one restricts
nothing. Source: Microsoft Graph, "App management policies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from rules.model.policies import AppRestrictions, CredentialRestriction, DefaultAppManagementPolicy
from rules.model.tenant import Tenant

Side = Literal["applications", "service principals"]
Group = Literal["passwordCredentials", "keyCredentials"]

_AT: Final = "/defaultAppManagementPolicy"
_MEMBERS: Final[dict[Side, str]] = {
    "applications": "applicationRestrictions",
    "service principals": "servicePrincipalRestrictions",
}
SIDES: Final[tuple[Side, ...]] = ("applications", "service principals")
_GROUPS: Final[tuple[Group, ...]] = ("passwordCredentials", "keyCredentials")

#: The message for an unknown state.
UNKNOWN_STATE: Final = "its state is neither enabled nor disabled"

#: What rules over restrictions of credentials need.
NEEDS: Final = (
    "defaultAppManagementPolicy.isEnabled",
    *(f"defaultAppManagementPolicy.{member}.{group}" for member in _MEMBERS.values() for group in _GROUPS),
)

#: What each restriction forbids, in words that come after "what may be done": Graph, ``appCredentialRestrictionType``.
WORDS: Final = {
    "passwordAddition": "adding secrets",
    "passwordLifetime": "the life of secrets",
    "customPasswordAddition": "secrets of one's own making",
    "symmetricKeyAddition": "adding symmetric keys",
    "symmetricKeyLifetime": "the life of symmetric keys",
    "asymmetricKeyLifetime": "the life of certificates",
}


class Restriction(msgspec.Struct, frozen=True):
    """One restriction of credentials, and its pointer. ``is_on`` is ``None`` for an unknown state."""

    pointer: str
    side: Side
    kind: str
    entry: CredentialRestriction

    @property
    def is_on(self) -> bool | None:
        """Whether the restriction's own state is enabled; ``None`` where it is unknown."""
        return state(self.entry.state)

    @property
    def state_pointer(self) -> str:
        """The pointer of its state."""
        return f"{self.pointer}/state"


def state(text: object) -> bool | None:
    """Whether a state is ``enabled``; ``None`` where it is neither that nor ``disabled``."""
    return {"enabled": True, "disabled": False}.get(text.casefold()) if isinstance(text, str) else None


def of_default(policy: DefaultAppManagementPolicy) -> Iterator[Restriction]:
    """All restrictions of credentials of the tenant's default policy, enabled or not."""
    sides = (policy.application_restrictions, policy.service_principal_restrictions)
    for side, restrictions in zip(SIDES, sides, strict=True):
        if restrictions:
            yield from _of(restrictions, side)


def _of(restrictions: AppRestrictions, side: Side) -> Iterator[Restriction]:
    groups = (restrictions.password_credentials, restrictions.key_credentials)
    for group, entries in zip(_GROUPS, groups, strict=True):
        for index, entry in enumerate(entries or ()):
            yield Restriction(f"{place(side, group)}/{index}", side, str(entry.restriction_type), entry)


def place(side: Side, group: Group) -> str:
    """The path of the restrictions of a side and group."""
    return f"{_AT}/{_MEMBERS[side]}/{group}"


def by_kind(tenant: Tenant) -> Mapping[tuple[Side, str], Restriction] | None:
    """The restrictions of the default policy by side and kind; ``None`` where it restricts no credential at all.

    A policy that restricts nothing has a rule of its own, and the rules for single restrictions report nothing.
    """
    policy = tenant.default_app_management_policy
    if not policy or policy.is_enabled is not True:
        return None
    found = {(one.side, one.kind): one for one in of_default(policy)}
    return found if any(one.is_on is not False for one in found.values()) else None
