"""What owners of groups, teams and chats may consent to for all who are in them (resource-specific consent)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.consents import (
    ASSIGNED,
    ASSIGNED_AT,
    LEGACY,
    for_themselves,
    for_what_they_own,
    has_consent_settings,
    setting,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.reference import graph, learn
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.tenant import Tenant

_GROUPS: Final = learn("entra/identity/enterprise-apps/configure-user-consent-groups", "Group and team owner consent")
_TEAMS: Final = learn("microsoftteams/resource-specific-consent", "Resource-specific consent for Teams apps")
_APPROVAL: Final = learn(
    "microsoftteams/platform/graph-api/rsc/preapproval-instruction-docs", "Preapproval of resource-specific permissions"
)
_BY: Final = "ManagePermissionGrantsForOwnedResource."


def _settings(enabled: str, group: str = "") -> dict[str, object]:
    values = [
        {"name": "EnableGroupSpecificConsent", "value": enabled},
        {"name": "ConstrainGroupSpecificConsentToMembersOfGroupId", "value": group},
    ]
    return {"settings": [{"id": "s", "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a", "values": values}]}


def _assigned(*names: str) -> dict[str, object]:
    return {"authorizationPolicy": {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": list(names)}}}


@rule(
    "group-owner-consent", on="tenant",
    severity="medium",
    may_be=("low",),
    needs_all=("settings", ASSIGNED),
    checks=("TP-05",),
    references=(_GROUPS, graph("resources/groupsetting", "groupSetting")),
    bad=(
        Bad(_settings("True"), at="/settings/0/values/0/value"),
        Bad(_settings("true", "22222222-2222-4222-8222-222222222222"), at="/settings/0/values/0/value", severity="low"),
        Bad({"settings": [], **_assigned(f"ManagePermissionGrantsForSelf.{LEGACY}")}, at="/settings", expected_rules=("open-user-consent",)),
    ),
    good=(
        Good(_settings("False")),
        Good({"settings": []}, why="without the legacy policy it is off where nobody set it"),
    ),
    base="tenant",
)  # fmt: skip
def group_owner_consent(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Owners of groups consent to applications for all who are in the group.

    Why: Many people own a group, and one of them gives a stranger's client the messages and files of everybody in it.
    Fix: Set EnableGroupSpecificConsent to false, and allow applications that were approved before.
    """
    found = setting(tenant, "EnableGroupSpecificConsent")
    if found is None:
        # Where the settings were never made, Microsoft's own tools read the legacy policy as consent of owners
        # (Microsoft Graph PowerShell, Get-MgBetaTeamRscConfiguration).
        if not has_consent_settings(tenant) and any(name.casefold() == LEGACY for _, name in for_themselves(tenant)):
            because = (Because(ASSIGNED_AT, LEGACY),)
            yield Hit(
                pointer="/settings",
                message="lets every owner of a group consent to applications for it, by default",
                because=because,
            )
        return
    value, pointer = found
    if value not in ("true", "false"):
        yield Gap(pointer, message="EnableGroupSpecificConsent is neither true nor false")
    elif value == "true":
        chosen = setting(tenant, "ConstrainGroupSpecificConsentToMembersOfGroupId")
        if chosen is None:
            yield Hit(pointer=pointer, message="lets every owner of a group consent to applications for it")
        else:
            because = (Because(chosen[1], "the group of those who may"),)
            says = f"lets owners of groups consent to applications for them, where they are members of the group {chosen[0]}"
            yield Hit(pointer=pointer, message=says, severity="low", because=because)


#: Beginnings of the ids of Microsoft's policies for groups, teams and chats. Approved applications alone is what is
#: asked for.
_GRADES: Final[tuple[tuple[str, Severity, str], ...]] = (
    ("microsoft-all-application-permissions-verified", "low", "to applications of verified publishers and of your own"),
    ("microsoft-all-application-permissions", "medium", "to any application"),
    ("microsoft-dynamically-managed-permissions-for-", "low", "to any application, as long as Microsoft leaves it so"),
)
_APPROVED: Final = "microsoft-pre-approval-apps-for-"


@rule(
    "open-resource-specific-consent", on="tenant",
    severity="medium",
    may_be=("low", "info"),
    needs=(ASSIGNED,),
    checks=("TP-07",),
    references=(_TEAMS, _APPROVAL),
    bad=(
        Bad(_assigned(f"{_BY}microsoft-all-application-permissions-for-chat"), at=f"{ASSIGNED_AT}/0"),
        Bad(_assigned(f"{_BY}microsoft-dynamically-managed-permissions-for-team", f"{_BY}microsoft-dynamically-managed-permissions-for-chat"), at=f"{ASSIGNED_AT}/0", severity="low"),
        Bad(_assigned(f"{_BY}microsoft-all-application-permissions-verified"), at=f"{ASSIGNED_AT}/0", severity="low"),
        Bad(_assigned(f"{_BY}contoso-teams"), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good(_assigned(f"{_BY}microsoft-pre-approval-apps-for-team", f"{_BY}microsoft-pre-approval-apps-for-chat"), why="approved applications alone"),
        Good({}),
    ),
    base="tenant",
)  # fmt: skip
def open_resource_specific_consent(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Owners of teams or chats consent to applications that nobody approved.

    Why: An owner installs an app into a team, and it reads the messages of everybody there, without a user and
        without a word to an administrator.
    Fix: Allow preapproved applications alone (Set-MgBetaTeamRscConfiguration and Set-MgBetaChatRscConfiguration with
        the state EnabledForPreApprovedAppsOnly), and approve those that people need.
    """
    found = [
        (*_grade(name), name, index)
        for index, name in for_what_they_own(tenant)
        if not name.casefold().startswith(_APPROVED)
    ]
    if found:
        found.sort(key=lambda one: SEVERITIES.index(one[0]))
        severity, words, first = found[0][0], found[0][1], found[0][3]
        says = f"lets owners of teams and chats consent {words} ({', '.join(one[2] for one in found)})"
        because = tuple(Because(f"{ASSIGNED_AT}/{one[3]}", one[2]) for one in found[1:])
        yield Hit(pointer=f"{ASSIGNED_AT}/{first}", message=says, severity=severity, because=because)


def _grade(name: str) -> tuple[Severity, str]:
    for start, severity, words in _GRADES:
        if name.casefold().startswith(start):
            return severity, words
    # Graph v1.0 does not say whether a policy is for teams or for chats, nor for which applications that matters.
    return "info", "by a policy of your own"
