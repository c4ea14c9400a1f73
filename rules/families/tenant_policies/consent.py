"""By which policies members consent to applications, for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import GRAPH, permission
from rules.knowledge.reference import graph, learn, scuba
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.policies import PermissionGrantConditions, PermissionGrantPolicy
from rules.model.registration import UNSET
from rules.model.tenant import Tenant

_CONSENT: Final = learn("entra/identity/enterprise-apps/configure-user-consent", "Configure user consent")
_POLICIES: Final = learn("entra/identity/enterprise-apps/manage-app-consent-policies", "App consent policies")
_BY: Final = "ManagePermissionGrantsForSelf."

#: What each of Microsoft's policies lets members do. Tools differ: some want nothing but the one for low permissions,
#: some want none at all, some take the recommended one for a fault and none for the legacy one. Decided by what a
#: stranger's client gets: the legacy policy gives whatever needs no administrator to anybody's; the recommended one
#: the same without mail and files, and changes without notice; the one for low permissions nothing but what the
#: organisation chose, and only to publishers who were verified.
_GRADES: Final[dict[str, tuple[Severity, str]]] = {
    LEGACY: ("high", "to any client, for whatever needs no administrator"),
    RECOMMENDED: ("low", "to any client, but for what Microsoft holds back at the time"),
    **dict.fromkeys((MAIL_CLIENTS, MAIL_CLIENTS_TOO), ("info", "to mail programs that Microsoft chose")),
    LOW: ("info", "to verified publishers, for what is classified low"),
}


def _assigned(*names: str, policies: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    more = {"permissionGrantPolicies": list(policies)} if policies else {}
    members = {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": [_BY + name for name in names]}}
    return {"authorizationPolicy": members, **more}


@rule(
    "open-user-consent", on="tenant",
    severity="high",
    may_be=("low", "info"),
    needs=(ASSIGNED,),
    checks=("TP-02",),
    references=(_CONSENT, _POLICIES, scuba("5.2")),
    bad=(
        Bad(_assigned(LEGACY), at=f"{ASSIGNED_AT}/0"),
        Bad(_assigned(LOW, LEGACY), at=f"{ASSIGNED_AT}/1"),
        Bad(_assigned(RECOMMENDED, MAIL_CLIENTS), at=f"{ASSIGNED_AT}/0", severity="low"),
        Bad(_assigned(LOW), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good({}, why="members ask an administrator"),
        Good({"authorizationPolicy": {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForOwnedResource.microsoft-pre-approval-apps-for-team"]}}}, why="it is about teams alone"),
    ),
    base="tenant",
)  # fmt: skip
def open_user_consent(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Members consent to applications without an administrator.

    Why: A stranger's client asks for mail or files on Microsoft's own page; one click gives it a token that lasts,
        past password and second factor.
    Fix: Let members consent to verified publishers for permissions classified low, or to nothing, and open the
        workflow by which they ask an administrator.
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
        message=f"lets members consent {what}",
        severity=worst,
        replace=_BY + LOW if worst != "info" and not has_low else None,
        remove=worst != "info" and has_low,
    )


_ANY: Final = {"permissionType": "delegated", "permissionClassification": "all", "permissions": ["all"], "resourceApplication": "any", "clientApplicationIds": ["all"], "clientApplicationTenantIds": ["all"], "clientApplicationPublisherIds": ["all"], "clientApplicationsFromVerifiedPublisherOnly": False}  # fmt: skip


def _own(*includes: dict[str, object], excludes: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    policy: dict[str, object] = {"id": "contoso-consent", "displayName": "Contoso", "includes": list(includes)}
    return _assigned("contoso-consent", policies=({**policy, "excludes": list(excludes)},))


@rule(
    "wide-consent-policy", on="tenant",
    severity="high",
    may_be=("medium", "low", "info"),
    needs_all=(ASSIGNED, "permissionGrantPolicies"),
    checks=("TP-02",),
    references=(_POLICIES, graph("resources/permissiongrantconditionset", "permissionGrantConditionSet")),
    bad=(
        Bad(_own({**_ANY}), at=f"{ASSIGNED_AT}/0"),
        Bad(_own({**_ANY, "clientApplicationsFromVerifiedPublisherOnly": True}), at=f"{ASSIGNED_AT}/0", severity="medium"),
        Bad(_own({**_ANY}, excludes=({**_ANY, "resourceApplication": GRAPH},)), at=f"{ASSIGNED_AT}/0", severity="medium"),
        Bad(_own({**_ANY, "permissionClassification": "low"}), at=f"{ASSIGNED_AT}/0", severity="low"),
        Bad(_own({**_ANY, "permissionClassification": "low", "clientApplicationsFromVerifiedPublisherOnly": True}), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good({}),
        Good(_own({**_ANY, "permissionType": "application"}), why="nobody grants those for himself"),
    ),
    base="tenant",
)  # fmt: skip
def wide_consent_policy(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Members consent to applications by a policy of the organisation's own.

    Why: Where the policy asks neither who made the client nor what it wants, one click gives a stranger's client what
        he asked for.
    Fix: Narrow the consent policy to verified publishers, chosen clients or your own tenant, and to permissions
        classified low.
    """
    policies = {str(one.id).casefold(): one for one in tenant.permission_grant_policies or ()}
    for index, name in for_themselves(tenant):
        if name.casefold() in BUILT_IN:
            continue
        policy = policies.get(name.casefold())
        pointer = f"{ASSIGNED_AT}/{index}"
        if policy is None or policy.includes is UNSET:
            what = "is not among those that the tenant lists" if policy is None else "came without what it includes"
            yield Gap(pointer, message=f"the consent policy {name} {what}")
            continue
        grade = _grade(policy)
        if grade is not None:
            severity, words = grade
            yield Hit(pointer=pointer, message=f"lets members consent {words} ({name})", severity=severity)


def _grade(policy: PermissionGrantPolicy) -> tuple[Severity, str] | None:
    """How wide a policy is by the widest of its sets of conditions; ``None`` where it lets nobody do anything."""
    sets = [one for one in policy.includes or () if str(one.permission_type).casefold() != "application"]
    if not sets:
        return None
    less = f", less {len(policy.excludes)} exclusions" if policy.excludes and len(policy.excludes) > 1 else ""
    less = ", less one exclusion" if policy.excludes and not less else less
    widths = {(_is_any_client(one), _is_any_permission(one)) for one in sets}
    if (True, True) in widths:
        return "medium" if less else "high", f"to any client, for any permission{less}"
    if (False, True) in widths:
        return "medium", f"to some clients, for any permission{less}"
    if (True, False) in widths:
        return "low", f"to any client, for some permissions{less}"
    return "info", f"to some clients, for some permissions{less}"


def _is_any_client(one: PermissionGrantConditions) -> bool:
    lists = (one.client_application_ids, one.client_application_publisher_ids, one.client_application_tenant_ids)
    return one.client_applications_from_verified_publisher_only is not True and all(_is_all(found) for found in lists)


def _is_any_permission(one: PermissionGrantConditions) -> bool:
    """Whether neither the permissions nor their classification are narrowed; medium and high narrow to the worse part."""
    return _is_all(one.permissions) and str(one.permission_classification).casefold() != "low"


def _is_all(found: object) -> bool:
    """Every condition is ``all`` where nobody set it."""
    return not isinstance(found, tuple) or not found or "all" in {text.casefold() for text in found}


#: Microsoft Graph's delegated permissions that Microsoft's recommended policy keeps from users, by the page below.
_HELD_BACK: Final = frozenset(
    """
    Calendars.Read Calendars.Read.Shared Calendars.ReadBasic Calendars.ReadWrite Calendars.ReadWrite.Shared Chat.Read
    Chat.ReadWrite Contacts.Read.Shared Contacts.ReadWrite Contacts.ReadWrite.Shared Files.Read.All Files.ReadWrite.All
    Mail.Read Mail.Read.Shared Mail.ReadBasic Mail.ReadBasic.Shared Mail.ReadWrite Mail.ReadWrite.Shared MailboxFolder.Read
    MailboxFolder.ReadWrite MailboxItem.Read MailboxSettings.Read MailboxSettings.ReadWrite OnlineMeetings.Read
    OnlineMeetings.ReadWrite People.Read Sites.Read.All Sites.ReadWrite.All Tasks.Read Tasks.Read.Shared Tasks.ReadWrite
    Tasks.ReadWrite.Shared
    """.lower().split()
)
_MAIL_READ: Final = {"id": "KF1", "permissionId": "570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "permissionName": "Mail.Read", "classification": "low"}  # fmt: skip
_USER_READ: Final = {"id": "KF2", "permissionId": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "permissionName": "User.Read", "classification": "low"}  # fmt: skip
_CLASSIFIED: Final = "/delegatedPermissionClassifications/0/permissionName"


@rule(
    "risky-permission-classified-low", on="tenant",
    severity="medium",
    may_be=("low",),
    needs_all=("delegatedPermissionClassifications", ASSIGNED),
    checks=("TP-17",),
    references=(
        learn("entra/identity/enterprise-apps/configure-permission-classifications", "Permission classifications"),
        _POLICIES,
        scuba("5.2"),
    ),
    bad=(
        Bad({**_assigned(LOW), "delegatedPermissionClassifications": [_MAIL_READ, _USER_READ]}, at=_CLASSIFIED, expected_rules=("open-user-consent",)),
        Bad({"delegatedPermissionClassifications": [_MAIL_READ]}, at=_CLASSIFIED, severity="low"),
        Bad({"delegatedPermissionClassifications": [{**_MAIL_READ, "permissionId": "x", "permissionName": "Sites.Read.All"}]}, at=_CLASSIFIED, severity="low"),
    ),
    good=(
        Good({"delegatedPermissionClassifications": [_USER_READ]}, why="signing in needs it"),
        Good({"delegatedPermissionClassifications": [{**_MAIL_READ, "classification": "high"}]}),
    ),
    base="tenant",
)  # fmt: skip
def risky_permission_classified_low(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """A permission of Microsoft Graph that opens mail, files or more is classified low.

    Why: Members consent to what is classified low, so a verified publisher's client gets it with one click.
    Fix: Take the classification low away from permissions that open mail, files or more. Signing in needs openid,
        profile, email, offline_access and User.Read.
    """
    used = any(name.casefold() not in BUILT_IN - {LOW} for _, name in for_themselves(tenant))
    for index, one in enumerate(tenant.delegated_permission_classifications or ()):
        if str(one.classification).casefold() != "low":
            continue
        row = permission(GRAPH, str(one.permission_id).lower(), "Scope")
        name = str(one.permission_name or (row.value if row else "") or one.permission_id)
        if (row is not None and row.tier != "other") or name.casefold() in _HELD_BACK:
            more = "" if used else ", which no assigned consent policy uses today"
            yield Hit(
                pointer=f"/delegatedPermissionClassifications/{index}/permissionName",
                message=f"classifies {name} of Microsoft Graph as low{more}",
                severity="medium" if used else "low",
                because=(Because(ASSIGNED_AT, "members consent to what is classified low"),) if used else (),
            )
