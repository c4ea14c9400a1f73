"""Which consent policies members have, and the directory settings for consent.

A consent policy is assigned to all members; its name begins with what it is for: their own data, or groups and chats
that they own. Source: Microsoft Graph, "defaultUserRolePermissions", ``permissionGrantPoliciesAssigned``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import UNSET

from rules.model.tenant import Tenant

#: The list of assigned policies: as a path for ``needs``, and as a pointer.
ASSIGNED: Final = "authorizationPolicy.defaultUserRolePermissions.permissionGrantPoliciesAssigned"
ASSIGNED_AT: Final = "/" + ASSIGNED.replace(".", "/")

_FOR_SELF: Final = "managepermissiongrantsforself."
_FOR_OWNED: Final = "managepermissiongrantsforownedresource."

LEGACY: Final = "microsoft-user-default-legacy"
RECOMMENDED: Final = "microsoft-user-default-recommended"
LOW: Final = "microsoft-user-default-low"
MAIL_CLIENTS: Final = "microsoft-user-default-allow-consent-apps"
#: The same, as another paragraph of Microsoft's page "Manage app consent policies" spells it.
MAIL_CLIENTS_TOO: Final = "microsoft-user-allow-default-consent-apps"
#: The policies for users that Microsoft made, whose conditions are known.
BUILT_IN: Final = frozenset((LEGACY, RECOMMENDED, LOW, MAIL_CLIENTS, MAIL_CLIENTS_TOO))

#: Why user consent is not assessed in an external tenant, where only an administrator can consent (Microsoft,
#: "Supported features in workforce and external tenants"): message, reason and remedy.
EXTERNAL_TENANT: Final[tuple[str, Literal["unknown"], str]] = (
    "the tenant is an external one, where only an administrator can consent to customer-facing applications",
    "unknown",
    "check which other users can consent",
)

#: The template of the group of settings *Consent Policy Settings*.
_CONSENT_SETTINGS: Final = "dffd5d46-495d-40a9-8e21-954ff55e198a"


def assigned(tenant: Tenant) -> tuple[str, ...]:
    """The consent policies that all members have, as Graph writes them."""
    policy = tenant.authorization_policy
    members = policy.default_user_role_permissions if policy else None
    return members.permission_grant_policies_assigned or () if members else ()


def for_themselves(tenant: Tenant) -> list[tuple[int, str]]:
    """The policies by which members consent for themselves: place in the list, id of the policy."""
    return [*_after(_FOR_SELF, tenant)]


def may_consent(tenant: Tenant) -> bool:
    """Whether members may consent to anything for themselves; true where that was not read."""
    policy = tenant.authorization_policy
    members = policy.default_user_role_permissions if policy else UNSET
    if not members or members.permission_grant_policies_assigned is UNSET:
        return True
    return bool(for_themselves(tenant))


def for_what_they_own(tenant: Tenant) -> list[tuple[int, str]]:
    """The policies by which owners consent for a group, a team or a chat."""
    return [*_after(_FOR_OWNED, tenant)]


def _after(prefix: str, tenant: Tenant) -> Iterator[tuple[int, str]]:
    for index, text in enumerate(assigned(tenant)):
        if text.casefold().startswith(prefix):
            yield index, text[len(prefix) :]


def is_wide(tenant: Tenant) -> bool:
    """Whether users may consent to more than permissions classified low and to the mail clients on Microsoft's list."""
    narrow = (LOW, MAIL_CLIENTS, MAIL_CLIENTS_TOO)
    return any(name.casefold() not in narrow for _, name in for_themselves(tenant))


def setting(tenant: Tenant, name: str) -> tuple[str, str] | None:
    """A value of the directory settings for consent, in lower case, and its pointer; ``None`` if it was never set."""
    for index, group in enumerate(tenant.settings or ()):
        if isinstance(group.template_id, str) and group.template_id.lower() == _CONSENT_SETTINGS:
            for place, one in enumerate(group.values or ()):
                if one.name == name and isinstance(one.value, str) and one.value.strip():
                    return one.value.strip().lower(), f"/settings/{index}/values/{place}/value"
    return None
