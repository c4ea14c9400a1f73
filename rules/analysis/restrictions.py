"""The restrictions of an app management policy, one by one, each with its own state.

A restriction applies where the policy and the restriction itself are enabled; a disabled or absent one restricts
nothing. A policy that is assigned to an application takes precedence restriction by restriction: what it does not
define is inherited from the default. Source: Microsoft Graph, "Microsoft Entra application management policies API
overview", read on 30 November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from rules.model.policies import (
    AppRestrictions,
    CredentialRestriction,
    DefaultAppManagementPolicy,
    IdentifierUriRestriction,
    IdentifierUriRestrictions,
)
from rules.model.tenant import Tenant
from rules.primitives.dates import any_moment

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
#: The message for a date that cannot be read.
NOT_A_DATE: Final = "the value is not a date"

#: No application is that old. Tools and Graph write the first moment of the year 1 or of 1601 for a date that was never
#: set, so that all applications are meant (ScubaGear, AADConfig.rego, ``ALL_APPS_DATES``).
_FIRST_APPLICATION: Final = datetime(2010, 1, 1, tzinfo=UTC)

#: What rules over restrictions of credentials need.
NEEDS: Final = (
    "defaultAppManagementPolicy.isEnabled",
    *(f"defaultAppManagementPolicy.{member}.{group}" for member in _MEMBERS.values() for group in _GROUPS),
)

#: What each restriction is about: Graph, ``appCredentialRestrictionType``.
WORDS: Final = {
    "passwordAddition": "adding secrets",
    "passwordLifetime": "secret lifetime",
    "customPasswordAddition": "custom secrets",
    "symmetricKeyAddition": "adding symmetric keys",
    "symmetricKeyLifetime": "symmetric key lifetime",
    "asymmetricKeyLifetime": "certificate lifetime",
}

#: The restrictions of identifier URIs, by their Graph names, and their path in a policy for applications.
URI_KINDS: Final = ("nonDefaultUriAddition", "uriAdditionWithoutUniqueTenantIdentifier")
URIS: Final = "applicationRestrictions/identifierUris"
URI_WORDS: Final = "identifier URIs"


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

    @property
    def date_pointer(self) -> str:
        """The pointer of the date from which it applies."""
        return f"{self.pointer}/restrictForAppsCreatedAfterDateTime"


def state(text: object) -> bool | None:
    """Whether a state is ``enabled``; ``None`` where it is neither that nor ``disabled``."""
    return {"enabled": True, "disabled": False}.get(text.casefold()) if isinstance(text, str) else None


def exempt_before(date: object) -> datetime | UnsetType | None:
    """The moment before which applications must have been created to be exempt, from a restriction's date.

    ``None`` where no application is exempt, ``UNSET`` for a text that is not a date. What was not read exempts none:
    Graph omits the date where it is not set.
    """
    if date is None or date is UNSET:
        return None
    found = any_moment(date)
    return None if isinstance(found, datetime) and found < _FIRST_APPLICATION else found


def applies_to_all(restriction: CredentialRestriction) -> bool:
    """Whether a restriction is enabled for every application, whenever it was created."""
    return (
        state(restriction.state) is True
        and exempt_before(restriction.restrict_for_apps_created_after_date_time) is None
    )


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


def uri_restrictions(
    uris: IdentifierUriRestrictions | UnsetType | None,
) -> dict[str, IdentifierUriRestriction]:
    """The restrictions of identifier URIs that are defined, by their Graph names."""
    if not uris:
        return {}
    both = (uris.non_default_uri_addition, uris.uri_addition_without_unique_tenant_identifier)
    return {kind: one for kind, one in zip(URI_KINDS, both, strict=True) if one}


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
