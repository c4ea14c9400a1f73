"""By which policies users consent to applications for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rules.analysis.consents import (
    ASSIGNED,
    ASSIGNED_AT,
    BUILT_IN,
    LEGACY,
    LOW,
    MAIL_CLIENTS,
    MAIL_CLIENTS_TOO,
    RECOMMENDED,
    for_themselves,
)
from rules.engine.prefilter import is_guid
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import GRAPH, Permission, permission, permission_named, permissions, resources
from rules.knowledge.risky_scopes import is_risky, risky_scopes
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.policies import PermissionGrantConditions, PermissionGrantPolicy
from rules.model.registration import UNSET
from rules.model.tenant import Tenant
from rules.primitives.texts import counted

_BY: Final = "ManagePermissionGrantsForSelf."

#: What each of Microsoft's policies allows. Tools differ: some accept only the one for permissions classified low,
#: some none at all; ScubaGear reports the recommended one and not the legacy one. These rules rate what an attacker's
#: client gets. The legacy policy allows whatever needs no administrator. The recommended one withholds a list of
#: permissions, which changes without notice and lacks Mail.Send and Files.ReadWrite. The one for low permissions
#: allows what the organization chose, to applications of verified publishers and of the own tenant. Source:
#: Microsoft, "Manage app consent policies".
_GRADES: Final[dict[str, tuple[Severity, str]]] = {
    LEGACY: ("high", "to any application, for all permissions that need no administrator"),
    RECOMMENDED: (
        "medium",
        "to any application, for most permissions that need no administrator, such as Mail.Send and Files.ReadWrite",
    ),
    **dict.fromkeys((MAIL_CLIENTS, MAIL_CLIENTS_TOO), ("info", "to the mail clients of Microsoft's list")),
    LOW: ("info", "to applications of verified publishers and of your tenant, for permissions classified low"),
}


def _assigned(*names: str, policies: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    more = {"permissionGrantPolicies": list(policies)} if policies else {}
    members = {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": [_BY + name for name in names]}}
    return {"authorizationPolicy": members, **more}


@rule(
    "open-user-consent",
    on="tenant",
    severity="high",
    may_be=("medium", "info"),
    needs=(ASSIGNED,),
    checks=("TP-02",),
    references=(
        "entra:configure-user-consent",
        "entra:manage-app-consent-policies",
        "learn:illicit-consent-grants",
        "web:scuba-entra#5.2",
    ),
    bad=(
        Bad(_assigned(LEGACY), at=f"{ASSIGNED_AT}/0"),
        Bad(_assigned(LOW, LEGACY), at=f"{ASSIGNED_AT}/1"),
        Bad(_assigned(RECOMMENDED, MAIL_CLIENTS), at=f"{ASSIGNED_AT}/0", severity="medium"),
        Bad(_assigned(LOW), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good({}, why="users request consent from an administrator"),
        Good(
            {
                "authorizationPolicy": {
                    "defaultUserRolePermissions": {
                        "permissionGrantPoliciesAssigned": [
                            "ManagePermissionGrantsForOwnedResource.microsoft-pre-approval-apps-for-team"
                        ]
                    }
                }
            },
            why="it is about teams only",
        ),
    ),
    base="tenant",
)
def open_user_consent(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Users may consent to applications without an administrator.

    Why: An attacker's application requests access to mail or files on Microsoft's own page. One click gives it
        access, which resetting the user's password or requiring multifactor authentication does not end.
    Fix: Allow consent only to verified publishers for permissions classified low, or do not allow user consent. Turn
        on the admin consent workflow.
    """
    names = [(index, name.casefold()) for index, name in for_themselves(tenant)]
    found = [(index, name, *_GRADES[name]) for index, name in names if name in _GRADES]
    if not found:
        return
    found.sort(key=lambda one: SEVERITIES.index(one[2]))
    what = "; ".join(f"{words} ({name})" for _, name, _, words in found)
    index, worst = found[0][0], found[0][2]
    has_low = any(name == LOW for _, name in names)
    yield Hit(
        pointer=f"{ASSIGNED_AT}/{index}",
        message=f"allows users to consent {what}",
        severity=worst,
        replace=_BY + LOW if worst != "info" and not has_low else None,
        remove=worst != "info" and has_low,
    )


_MAIL_READ: Final = {
    "id": "KF1",
    "permissionId": "570282fd-fa5c-430d-a7fd-fc8dc98a9dca",
    "permissionName": "Mail.Read",
    "classification": "low",
}
_ANY: Final = {
    "permissionType": "delegated",
    "permissionClassification": "all",
    "permissions": ["all"],
    "resourceApplication": "any",
    "clientApplicationIds": ["all"],
    "clientApplicationTenantIds": ["all"],
    "clientApplicationPublisherIds": ["all"],
    "clientApplicationsFromVerifiedPublisherOnly": False,
}


def _own(*includes: dict[str, object], excludes: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    policy: dict[str, object] = {"id": "contoso-consent", "displayName": "Contoso", "includes": list(includes)}
    return _assigned("contoso-consent", policies=({**policy, "excludes": list(excludes)},))


_WIDE_CONSENT_POLICY_BAD: Final = (
    Bad(_own({**_ANY}), at=f"{ASSIGNED_AT}/0"),
    Bad(
        _own({**_ANY, "clientApplicationsFromVerifiedPublisherOnly": True}),
        at=f"{ASSIGNED_AT}/0",
        severity="medium",
    ),
    Bad(_own({**_ANY}, excludes=({**_ANY, "resourceApplication": GRAPH},)), at=f"{ASSIGNED_AT}/0"),
    Bad(
        _own({**_ANY, "resourceApplication": GRAPH, "permissions": [_MAIL_READ["permissionId"]]}),
        at=f"{ASSIGNED_AT}/0",
    ),
    Bad(
        _own({**_ANY, "resourceApplication": "11111111-1111-4111-8111-111111111119"}),
        at=f"{ASSIGNED_AT}/0",
        severity="medium",
    ),
    Bad(_own({**_ANY, "permissionClassification": "medium"}), at=f"{ASSIGNED_AT}/0"),
    Bad(_own({**_ANY, "permissionClassification": "low"}), at=f"{ASSIGNED_AT}/0", severity="low"),
    Bad(
        _own({**_ANY, "permissionClassification": "low", "clientApplicationsFromVerifiedPublisherOnly": True}),
        at=f"{ASSIGNED_AT}/0",
        severity="info",
    ),
)


@rule(
    "wide-consent-policy",
    on="tenant",
    severity="high",
    may_be=("medium", "low", "info"),
    needs_all=(ASSIGNED, "permissionGrantPolicies"),
    checks=("TP-02",),
    references=("entra:manage-app-consent-policies", "graph:permissiongrantconditionset"),
    bad=_WIDE_CONSENT_POLICY_BAD,
    good=(
        Good({}),
        Good(_own({**_ANY, "permissionType": "application"}), why="users cannot grant application permissions"),
        Good(_own({**_ANY}, excludes=({**_ANY},)), why="it excludes everything"),
    ),
    base="tenant",
)
def wide_consent_policy(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Users may consent to applications by a custom consent policy.

    Why: Where the policy limits neither the application nor its permissions, one click gives an attacker's
        application the access that it requests.
    Fix: Limit the consent policy to verified publishers, chosen applications or your own tenant, and to permissions
        classified low.
    """
    policies = {str(one.id).casefold(): one for one in tenant.permission_grant_policies or ()}
    for index, name in for_themselves(tenant):
        if name.casefold() in BUILT_IN:
            continue
        policy = policies.get(name.casefold())
        pointer = f"{ASSIGNED_AT}/{index}"
        if policy is None or policy.includes is UNSET:
            what = "is not in the tenant's list" if policy is None else "was read without its conditions"
            says = f"the consent policy {name} {what}"
            yield Gap(pointer, says, "unknown", "check in the portal whether it exists, and what it allows")
            continue
        grade = _grade(policy)
        if grade is not None:
            severity, words = grade
            yield Hit(pointer=pointer, message=f"allows users to consent {words} ({name})", severity=severity)


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


def _grade(policy: PermissionGrantPolicy) -> tuple[Severity, str] | None:
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
    return severity, words + (f", less {counted(len(excludes), 'exclusion')}" if excludes else "")


def _width(one: PermissionGrantConditions, excludes: Sequence[PermissionGrantConditions]) -> tuple[Severity, str]:
    """The severity of one set of conditions, and what it allows in words."""
    reach, what = _permissions(one, excludes)
    is_any = _is_any_client(one)
    severity = _SEVERITIES[reach][0 if is_any else 1]
    return severity, f"to {'any application' if is_any else 'some applications'}, for {what}"


def _permissions(one: PermissionGrantConditions, excludes: Sequence[PermissionGrantConditions]) -> tuple[_Reach, str]:
    """How much the permissions of a set of conditions allow without what is excluded, and what they are in words."""
    classified = str(one.permission_classification).casefold()
    if classified in ("low", "medium", "high"):
        return "low" if classified == "low" else "risky", f"permissions classified {classified}"
    resource = str(one.resource_application).lower()
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


#: Permissions up to this number are named, more are counted.
_NAMED: Final = 3


def _rows(resource: str) -> Iterator[Permission]:
    """The delegated permissions of a resource, by its client ID; of all that are known for any other text."""
    is_one = is_guid(resource)
    return (row for row in permissions() if row.kind == "Scope" and (row.resource == resource or not is_one))


def _is_resource(one: PermissionGrantConditions) -> bool:
    """Whether a set of conditions names one resource."""
    return is_guid(str(one.resource_application))


def _excludes(exclude: PermissionGrantConditions, row: Permission) -> bool:
    """Whether an exclusion takes a permission away from every application."""
    resource = str(exclude.resource_application).lower()
    return (
        not _is_for_applications(exclude)
        and _is_any_client(exclude)
        and _is_all_or_unset(exclude.permission_classification)
        and (not _is_resource(exclude) or resource == row.resource)
        and (_is_all(exclude.permissions) or row.id in {text.lower() for text in exclude.permissions or ()})
    )


def _covers(exclude: PermissionGrantConditions, one: PermissionGrantConditions) -> bool:
    """Whether an exclusion matches whatever a set of conditions matches: each of its conditions is as wide or wider."""
    lists = (
        (exclude.permissions, one.permissions),
        (exclude.client_application_ids, one.client_application_ids),
        (exclude.client_application_publisher_ids, one.client_application_publisher_ids),
        (exclude.client_application_tenant_ids, one.client_application_tenant_ids),
    )
    resources_of = str(exclude.resource_application).casefold(), str(one.resource_application).casefold()
    classified = str(exclude.permission_classification).casefold(), str(one.permission_classification).casefold()
    return (
        not _is_for_applications(exclude)
        and (not _is_resource(exclude) or resources_of[0] == resources_of[1])
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


def _is_any_client(one: PermissionGrantConditions) -> bool:
    lists = (one.client_application_ids, one.client_application_publisher_ids, one.client_application_tenant_ids)
    return one.client_applications_from_verified_publisher_only is not True and all(_is_all(found) for found in lists)


def _is_all(found: object) -> bool:
    """Every condition is ``all`` where it is not set."""
    return not isinstance(found, tuple) or not found or "all" in _lower(found)


def _is_all_or_unset(text: object) -> bool:
    return not isinstance(text, str) or text.casefold() in ("", "all")


def _lower(texts: object) -> frozenset[str]:
    return frozenset(text.casefold() for text in texts) if isinstance(texts, tuple) else frozenset()


_USER_READ: Final = {
    "id": "KF2",
    "permissionId": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
    "permissionName": "User.Read",
    "classification": "low",
}
_CLASSIFIED: Final = "/delegatedPermissionClassifications/0/permissionName"


@rule(
    "risky-permission-classified-low",
    on="tenant",
    severity="medium",
    may_be=("low",),
    needs=("permissionGrantPolicies",),
    needs_all=("delegatedPermissionClassifications", ASSIGNED),
    checks=("TP-17",),
    references=(
        "entra:configure-permission-classifications",
        "entra:manage-app-consent-policies",
        "web:scuba-entra#5.2",
    ),
    bad=(
        Bad(
            {**_assigned(LOW), "delegatedPermissionClassifications": [_MAIL_READ, _USER_READ]},
            at=_CLASSIFIED,
            expected_rules=("open-user-consent",),
        ),
        Bad({"delegatedPermissionClassifications": [_MAIL_READ]}, at=_CLASSIFIED, severity="low"),
        Bad(
            {
                **_own({**_ANY, "resourceApplication": GRAPH, "permissions": [_USER_READ["permissionId"]]}),
                "delegatedPermissionClassifications": [_MAIL_READ],
            },
            at=_CLASSIFIED,
            severity="low",
            expected_rules=("wide-consent-policy",),
        ),
        Bad(
            {
                "delegatedPermissionClassifications": [
                    {**_MAIL_READ, "permissionId": "x", "permissionName": "Sites.Read.All"}
                ]
            },
            at=_CLASSIFIED,
            severity="low",
        ),
    ),
    good=(
        Good({"delegatedPermissionClassifications": [_USER_READ]}, why="sign-in needs it"),
        Good({"delegatedPermissionClassifications": [{**_MAIL_READ, "classification": "high"}]}),
    ),
    base="tenant",
)
def risky_permission_classified_low(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """A risky permission of Microsoft Graph is classified low.

    Why: Users may consent to permissions classified low, so an application of a verified publisher gets it with one
        click.
    Fix: Remove the classification low from permissions that access mail, files, chats or the directory. Sign-in needs
        openid, profile, email, offline_access and User.Read. Check the permissions of Exchange Online and SharePoint
        too, whose classifications are not read.
    """
    used = any(_uses_low(tenant, name.casefold()) for _, name in for_themselves(tenant))
    for index, one in enumerate(tenant.delegated_permission_classifications or ()):
        if str(one.classification).casefold() != "low":
            continue
        row = permission(GRAPH, str(one.permission_id).lower(), "Scope")
        row = row or permission_named(GRAPH, str(one.permission_name), "Scope")
        name = str(one.permission_name or (row.value if row else "") or one.permission_id)
        if (row is not None and is_risky(row)) or name.casefold() in risky_scopes():
            more = "" if used else "; no assigned consent policy uses it today"
            yield Hit(
                pointer=f"/delegatedPermissionClassifications/{index}/permissionName",
                message=f"classifies {name} of Microsoft Graph as low{more}",
                severity="medium" if used else "low",
                because=(Because(ASSIGNED_AT, "users may consent to permissions classified low"),) if used else (),
            )


def _uses_low(tenant: Tenant, name: str) -> bool:
    """Whether a consent policy, by its ID in lower case, allows permissions classified low; true where it was not read."""
    if name in BUILT_IN:
        return name == LOW
    policy = next((one for one in tenant.permission_grant_policies or () if str(one.id).casefold() == name), None)
    if policy is None or policy.includes is UNSET:
        return True
    return any(str(one.permission_classification).casefold() == "low" for one in policy.includes or ())
