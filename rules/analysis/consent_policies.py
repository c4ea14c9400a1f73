"""What a consent policy allows: Microsoft's by their IDs, those of the organization by their sets of conditions.

Sources: Microsoft Entra, "Manage app consent policies"; Microsoft Graph, "permissionGrantConditionSet".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rules.analysis.consents import LEGACY, LOW, MAIL_CLIENTS, MAIL_CLIENTS_TOO, RECOMMENDED
from rules.knowledge.permissions import Kind, Permission, Tier, permissions, resources
from rules.knowledge.risky_scopes import is_risky
from rules.model.finding import SEVERITIES, Severity
from rules.model.policies import PermissionGrantConditions, PermissionGrantPolicy
from rules.model.registration import UNSET
from rules.model.tenant import Tenant
from rules.primitives.texts import counted, text_of

#: What each of Microsoft's policies allows. Tools differ: some accept only the one for permissions classified low,
#: some none at all; ScubaGear reports the recommended one and not the legacy one. These rules rate what an attacker's
#: client gets. The legacy policy allows whatever needs no administrator. The recommended one withholds a list of
#: permissions, which changes without notice and lacks Mail.Send and Files.ReadWrite. The one for low permissions
#: allows what the organization chose, to applications of verified publishers and of the own tenant. Source:
#: Microsoft, "Manage app consent policies".
GRADES: Final[dict[str, tuple[Severity, str]]] = {
    LEGACY: ("high", "to any application, for all permissions that need no administrator"),
    RECOMMENDED: (
        "medium",
        "to any application, for most permissions that need no administrator, such as Mail.Send and Files.ReadWrite",
    ),
    **dict.fromkeys((MAIL_CLIENTS, MAIL_CLIENTS_TOO), ("info", "to the mail clients on Microsoft's list")),
    LOW: ("info", "to applications of verified publishers and of your tenant, for permissions classified low"),
}

#: What helps where ``policy_named`` finds no conditions.
POLICY_REMEDY: Final = "check whether the policy exists, and what it allows"


def policy_named(tenant: Tenant, name: str) -> PermissionGrantPolicy | str:
    """The consent policy with this ID, in any case; a sentence that says why its conditions are not known."""
    policy = tenant.consent_policies.get(name.casefold())
    if policy is None:
        return f"the consent policy {name} is not in the tenant's list"
    is_unread = UNSET in (policy.includes, policy.excludes)
    return f"the consent policy {name} was read without its conditions" if is_unread else policy


#: How much a set of conditions allows, the most first: permissions that access all data of the user or more;
#: permissions that the table does not know; permissions that do not; those that the organization classified low.
_Reach = Literal["risky", "unknown", "harmless", "low"]

#: The severity by what is allowed, for any application and for some.
_SEVERITIES: Final[dict[_Reach, tuple[Severity, Severity]]] = {
    "risky": ("high", "medium"),
    "unknown": ("medium", "low"),
    "harmless": ("low", "info"),
    "low": ("low", "info"),
}


def grade_of(policy: PermissionGrantPolicy) -> tuple[Severity, str] | None:
    """How wide a policy is by the widest of its sets of conditions; ``None`` where it allows nothing."""
    excludes = policy.excludes or ()
    grades = [
        _width(one, excludes)
        for one in policy.includes or ()
        if not _is_for_applications(one) and not any(_covers(exclude, one) for exclude in excludes)
    ]
    if not grades:
        return None
    severity, words = min(grades, key=lambda grade: SEVERITIES.index(grade[0]))
    return severity, words + (f", with {counted(len(excludes), 'exclusion')}" if excludes else "")


def allows_any_application(policy: PermissionGrantPolicy, tiers: Sequence[Tier]) -> bool:
    """Whether a policy allows any application a permission of its own that is of one of *tiers*."""
    excludes = policy.excludes or ()
    left = [
        row
        for row in _rows("", "Role")
        if row.tier in tiers and not any(_excludes(exclude, row) for exclude in excludes)
    ]
    return any(
        _is_for_applications(one) and is_any_client(one) and any(_includes(one, row) for row in left)
        for one in policy.includes or ()
    )


def _includes(one: PermissionGrantConditions, row: Permission) -> bool:
    """Whether a set of conditions matches a permission of its type, by resource and ID."""
    is_of_resource = not _is_resource(one) or text_of(one.resource_application).lower() == row.resource
    return is_of_resource and (_is_all(one.permissions) or row.id in _lower(one.permissions))


def allows_application_permissions(policy: PermissionGrantPolicy) -> bool:
    """Whether a policy has a set of conditions for application permissions that no exclusion matches as a whole."""
    excludes = [one for one in policy.excludes or () if _is_for_applications(one)]
    return any(
        _is_for_applications(one) and not any(_matches(exclude, one) for exclude in excludes)
        for one in policy.includes or ()
    )


def _width(one: PermissionGrantConditions, excludes: Sequence[PermissionGrantConditions]) -> tuple[Severity, str]:
    """The severity of one set of conditions, and what it allows in words."""
    reach, what = _permissions(one, excludes)
    is_any = is_any_client(one)
    severity = _SEVERITIES[reach][0 if is_any else 1]
    return severity, f"to {'any application' if is_any else 'some applications'}, for {what}"


def _permissions(one: PermissionGrantConditions, excludes: Sequence[PermissionGrantConditions]) -> tuple[_Reach, str]:
    """How much the permissions of a set of conditions allow without what is excluded, and what they are in words."""
    classified = str(one.permission_classification).casefold()
    if classified in ("low", "medium", "high"):
        return "low" if classified == "low" else "risky", f"permissions classified {classified}"
    resource = text_of(one.resource_application).lower()
    of = f" of {resources()[resource].name}" if resource in resources() else ""
    left = [row for row in _rows(resource) if not any(_excludes(exclude, row) for exclude in excludes)]
    if _is_all(one.permissions):
        is_known = not _is_resource(one) or resource in resources()
        return "risky" if is_known and any(map(is_risky, left)) else "unknown", f"any permission{of}"
    wanted = [text.lower() for text in one.permissions or ()]
    found = [row for row in left if row.id in wanted]
    named = ", ".join(row.value for row in found[:_NAMED]) + of
    what = named if found and len(found) == len(wanted) <= _NAMED else f"{counted(len(wanted), 'permission')}{of}"
    if any(map(is_risky, found)):
        return "risky", what
    known = {row.id for row in _rows(resource)}
    return "harmless" if known.issuperset(wanted) else "unknown", what


#: A resource application that is not named: any one.
_ANY_RESOURCE: Final = ("", "any")

#: Permissions up to this number are named, more are counted.
_NAMED: Final = 3


def _rows(resource: str, kind: Kind = "Scope") -> Iterator[Permission]:
    """The permissions of a resource, by its client ID in lower case; of all that are known where none is named."""
    return (row for row in permissions() if row.kind == kind and resource in (row.resource, *_ANY_RESOURCE))


def _is_resource(one: PermissionGrantConditions) -> bool:
    """Whether a set of conditions names one resource."""
    return text_of(one.resource_application).casefold() not in _ANY_RESOURCE


def _excludes(exclude: PermissionGrantConditions, row: Permission) -> bool:
    """Whether an exclusion takes a permission away from every application."""
    resource = text_of(exclude.resource_application).lower()
    return (
        _is_for_applications(exclude) is (row.kind == "Role")
        and is_any_client(exclude)
        and _is_all_or_unset(exclude.permission_classification)
        and (not _is_resource(exclude) or resource == row.resource)
        and (_is_all(exclude.permissions) or row.id in {text.lower() for text in exclude.permissions or ()})
    )


def _covers(exclude: PermissionGrantConditions, one: PermissionGrantConditions) -> bool:
    """Whether an exclusion of delegated permissions matches whatever a set of conditions matches."""
    return not _is_for_applications(exclude) and _matches(exclude, one)


def _matches(exclude: PermissionGrantConditions, one: PermissionGrantConditions) -> bool:
    """Whether an exclusion is as wide as a set of conditions or wider in each condition but the permission type."""
    lists = (
        (exclude.permissions, one.permissions),
        (exclude.client_application_ids, one.client_application_ids),
        (exclude.client_application_publisher_ids, one.client_application_publisher_ids),
        (exclude.client_application_tenant_ids, one.client_application_tenant_ids),
    )
    resources_of = str(exclude.resource_application).casefold(), str(one.resource_application).casefold()
    classified = str(exclude.permission_classification).casefold(), str(one.permission_classification).casefold()
    return (
        (not _is_resource(exclude) or resources_of[0] == resources_of[1])
        and (_is_all_or_unset(exclude.permission_classification) or classified[0] == classified[1])
        and all(_is_all(wide) or (not _is_all(narrow) and _lower(narrow) <= _lower(wide)) for wide, narrow in lists)
        and (
            exclude.client_applications_from_verified_publisher_only is not True
            or one.client_applications_from_verified_publisher_only is True
        )
    )


def _is_for_applications(one: PermissionGrantConditions) -> bool:
    """Whether a set of conditions is about application permissions, which users cannot grant."""
    return str(one.permission_type).casefold() == "application"


def is_any_client(one: PermissionGrantConditions) -> bool:
    """Whether a set of conditions matches every application that requests consent."""
    lists = (one.client_application_ids, one.client_application_publisher_ids, one.client_application_tenant_ids)
    return one.client_applications_from_verified_publisher_only is not True and all(_is_all(found) for found in lists)


def _is_all(found: object) -> bool:
    """Every condition is ``all`` where it is not set."""
    return not isinstance(found, tuple) or not found or "all" in _lower(found)


def _is_all_or_unset(text: object) -> bool:
    return not isinstance(text, str) or text.casefold() in ("", "all")


def _lower(texts: object) -> frozenset[str]:
    return frozenset(text.casefold() for text in texts) if isinstance(texts, tuple) else frozenset()
