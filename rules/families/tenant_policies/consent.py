"""By which policies users consent to applications for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.consent_policies import GRADES, POLICY_REMEDY, grade_of, is_any_client, policy_named
from rules.analysis.consents import (
    ASSIGNED,
    ASSIGNED_AT,
    BUILT_IN,
    EXTERNAL_TENANT,
    LEGACY,
    LOW,
    MAIL_CLIENTS,
    RECOMMENDED,
    for_themselves,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import GRAPH, permission, permission_named
from rules.knowledge.risky_scopes import is_risky, risky_scopes
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.policies import PermissionGrantPolicy
from rules.model.tenant import Tenant

_BY: Final = "ManagePermissionGrantsForSelf."


def _assigned(*names: str, policies: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    more = {"permissionGrantPolicies": list(policies)} if policies else {}
    members = {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": [_BY + name for name in names]}}
    return {"authorizationPolicy": members, **more}


@rule(
    "unrestricted-user-consent",
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
        "entra:concept-supported-features-customers",
    ),
    bad=(
        Bad(_assigned(LEGACY), at=f"{ASSIGNED_AT}/0"),
        Bad(_assigned(LOW, LEGACY), at=f"{ASSIGNED_AT}/1"),
        Bad(_assigned(RECOMMENDED, MAIL_CLIENTS), at=f"{ASSIGNED_AT}/0", severity="medium"),
        Bad(_assigned(LOW), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good({}, why="users cannot consent for themselves"),
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
            why="the policy is for teams only",
        ),
    ),
    base="tenant",
)
def unrestricted_user_consent(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Users may consent to applications without an administrator.

    Why: An attacker's application can request consent from a user on Microsoft's page. One click gives the attacker's
        application the access that the consent policy allows. Password resets and multifactor authentication are not
        effective against such an attack.
    Acceptable: User consent is acceptable if only microsoft-user-default-low is assigned. grantlint reports this policy
        as info. Users can then consent only to permissions classified low, for applications of verified publishers or
        of your tenant.
    Fix: Do not allow user consent, and turn on the admin consent workflow. If users must be able to consent, assign
        microsoft-user-default-low alone. Review existing consents too, since they stay valid.
    """
    names = [(index, name.casefold()) for index, name in for_themselves(tenant)]
    found = [(index, name, *GRADES[name]) for index, name in names if name in GRADES]
    if not found:
        return
    if tenant.is_external:
        yield Gap(ASSIGNED_AT, *EXTERNAL_TENANT)
        return
    found.sort(key=lambda one: SEVERITIES.index(one[2]))
    what = "; ".join(dict.fromkeys(f"{words} ({name})" for _, name, _, words in found))
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


def _own(
    *includes: dict[str, object], excludes: tuple[dict[str, object], ...] = (), id: str = "contoso-consent"
) -> dict[str, object]:
    policy: dict[str, object] = {"id": id, "displayName": "Contoso", "includes": list(includes)}
    return _assigned(id, policies=({**policy, "excludes": list(excludes)},))


_BROAD_CONSENT_POLICY_BAD: Final = (
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
    "broad-consent-policy",
    on="tenant",
    severity="high",
    may_be=("medium", "low", "info"),
    needs_all=(ASSIGNED, "permissionGrantPolicies"),
    checks=("TP-02",),
    references=(
        "entra:manage-app-consent-policies",
        "graph:permissiongrantconditionset",
        "entra:concept-supported-features-customers",
    ),
    bad=_BROAD_CONSENT_POLICY_BAD,
    good=(
        Good({}),
        Good(_own({**_ANY, "permissionType": "application"}), why="users cannot grant application permissions"),
        Good(_own({**_ANY}, excludes=({**_ANY},)), why="the exclusion matches all permissions"),
    ),
    base="tenant",
)
def broad_consent_policy(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Users may consent to applications by a custom consent policy.

    Why: If the policy limits neither applications nor permissions, one click gives an attacker's application the
        delegated permissions that it requests.
    Acceptable: The policy is acceptable if it allows only permissions classified low, and only for some applications.
        grantlint reports such a policy as info.
    Fix: Do not allow user consent, or limit the consent policy to permissions classified low. Also limit the policy to
        verified publishers, chosen applications or your own tenant. Change the policy with Microsoft Graph or
        PowerShell.
    """
    for index, name in for_themselves(tenant):
        if name.casefold() in BUILT_IN:
            continue
        policy = policy_named(tenant, name)
        pointer = f"{ASSIGNED_AT}/{index}"
        if tenant.is_external:
            yield Gap(pointer, *EXTERNAL_TENANT)
            continue
        if not isinstance(policy, PermissionGrantPolicy):
            yield Gap(pointer, policy, "unknown", POLICY_REMEDY)
            continue
        grade = grade_of(policy)
        if grade is not None:
            severity, words = grade
            yield Hit(pointer=pointer, message=f"allows users to consent {words} ({name})", severity=severity)


_USER_READ: Final = {
    "id": "KF2",
    "permissionId": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
    "permissionName": "User.Read",
    "classification": "low",
}
_CLASSIFIED: Final = "/delegatedPermissionClassifications/0/permissionName"


_CLASSIFIED_BAD: Final = (
    Bad(
        {**_assigned(LOW), "delegatedPermissionClassifications": [_MAIL_READ, _USER_READ]},
        at=_CLASSIFIED,
        expected_rules=("unrestricted-user-consent",),
    ),
    Bad(
        {
            **_own({**_ANY, "permissionClassification": "low"}, id="low-of-any"),
            "delegatedPermissionClassifications": [_MAIL_READ],
        },
        at=_CLASSIFIED,
        severity="high",
        expected_rules=("broad-consent-policy",),
    ),
    Bad({"delegatedPermissionClassifications": [_MAIL_READ]}, at=_CLASSIFIED, severity="low"),
    Bad(
        {
            **_own({**_ANY, "resourceApplication": GRAPH, "permissions": [_USER_READ["permissionId"]]}, id="sign-in"),
            "delegatedPermissionClassifications": [_MAIL_READ],
        },
        at=_CLASSIFIED,
        severity="low",
        expected_rules=("broad-consent-policy",),
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
)


@rule(
    "risky-permission-classified-low",
    on="tenant",
    severity="medium",
    may_be=("high", "low"),
    needs=("permissionGrantPolicies",),
    needs_all=("delegatedPermissionClassifications", ASSIGNED),
    checks=("TP-17",),
    references=(
        "entra:configure-permission-classifications",
        "entra:manage-app-consent-policies",
        "web:scuba-entra#5.2",
    ),
    bad=_CLASSIFIED_BAD,
    good=(
        Good({"delegatedPermissionClassifications": [_USER_READ]}, why="User.Read reads only the profile of the user"),
        Good({"delegatedPermissionClassifications": [{**_MAIL_READ, "classification": "high"}]}),
    ),
    base="tenant",
)
def risky_permission_classified_low(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """A risky permission of Microsoft Graph is classified low.

    Why: If a consent policy allows permissions classified low, one click of a user gives an application this access.
    Acceptable: The classification is acceptable if no assigned consent policy uses the classification low. The
        classification then has no effect on user consent.
    Fix: Remove the classification low from the permission. Basic sign-in needs only openid, profile, email and
        offline_access. grantlint does not read classifications of other APIs, such as Exchange Online and SharePoint.
    """
    uses: list[Severity] = ["low", *(_use_of_low(tenant, name) for _, name in for_themselves(tenant))]
    severity = min(uses, key=SEVERITIES.index)
    is_used = severity != "low"
    for index, one in enumerate(tenant.delegated_permission_classifications or ()):
        if str(one.classification).casefold() != "low":
            continue
        row = permission(GRAPH, str(one.permission_id).lower(), "Scope")
        row = row or permission_named(GRAPH, str(one.permission_name), "Scope")
        name = str(one.permission_name or (row.value if row else "") or one.permission_id)
        if (row is not None and is_risky(row)) or name.casefold() in risky_scopes():
            more = "" if is_used else "; no assigned consent policy uses this classification today"
            yield Hit(
                pointer=f"/delegatedPermissionClassifications/{index}/permissionName",
                message=f"classifies {name} of Microsoft Graph as low{more}",
                severity=severity,
                because=(Because(ASSIGNED_AT, "users may consent to permissions classified low"),) if is_used else (),
            )


def _use_of_low(tenant: Tenant, name: str) -> Severity:
    """How far a consent policy allows permissions classified low: to any application, to some, or not at all.

    A policy that was not read counts as one that allows them to some.
    """
    if name.casefold() in BUILT_IN:
        return "medium" if name.casefold() == LOW else "low"
    policy = policy_named(tenant, name)
    if not isinstance(policy, PermissionGrantPolicy):
        return "medium"
    includes = [
        one
        for one in policy.includes or ()
        if str(one.permission_classification).casefold() == "low" and str(one.permission_type).casefold() == "delegated"
    ]
    if any(map(is_any_client, includes)):
        return "high"
    return "medium" if includes else "low"
