"""What owners of groups, teams and chats may consent to for all members (resource-specific consent)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rules.analysis.consents import ASSIGNED, ASSIGNED_AT, for_what_they_own
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.tenant import Tenant

_BY: Final = "ManagePermissionGrantsForOwnedResource."


def _assigned(*names: str) -> dict[str, object]:
    return {"authorizationPolicy": {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": list(names)}}}


@rule(
    "group-owner-consent",
    on="tenant",
    severity="info",
    status="removed",
    instead="open-resource-specific-consent",
    references=("web:scuba-removed-policies#5.4", "web:msgraph-sdk-powershell#rsc"),
    bad=(),
    good=(),
    base="tenant",
)
def group_owner_consent(_tenant: Tenant, _context: Context) -> Iterator[Hit]:
    """A retired setting allows owners of groups to consent to applications.

    Why: Microsoft has retired the setting EnableGroupSpecificConsent. A value that is still set has no effect: the
        assigned consent policies decide.
    Acceptable: The value can remain, because the setting has no effect.
    Fix: Use the rule open-resource-specific-consent, which checks the consent policies.
    """
    yield from ()


#: Beginnings of the IDs of Microsoft's policies for groups, teams and chats.
_GRADES: Final[tuple[tuple[str, Severity, str], ...]] = (
    (
        "microsoft-all-application-permissions-verified",
        "low",
        "to applications of verified publishers and of your own tenant",
    ),
    ("microsoft-all-application-permissions", "medium", "to any application"),
    ("microsoft-dynamically-managed-permissions-for-", "low", "to applications by conditions that Microsoft manages"),
)
_APPROVED: Final = "microsoft-pre-approval-apps-for-"


@rule(
    "open-resource-specific-consent",
    on="tenant",
    severity="medium",
    may_be=("low", "info"),
    needs=(ASSIGNED,),
    checks=("TP-07",),
    references=(
        "learn:teams-resource-specific-consent",
        "learn:teams-consent-preapproval",
        "entra:manage-group-owner-consent-policies",
        "web:zta-21810",
    ),
    bad=(
        Bad(_assigned(f"{_BY}microsoft-all-application-permissions-for-chat"), at=f"{ASSIGNED_AT}/0"),
        Bad(_assigned(f"{_BY}microsoft-all-application-permissions-for-group"), at=f"{ASSIGNED_AT}/0"),
        Bad(
            _assigned(
                f"{_BY}microsoft-dynamically-managed-permissions-for-team",
                f"{_BY}microsoft-dynamically-managed-permissions-for-chat",
            ),
            at=f"{ASSIGNED_AT}/0",
            severity="low",
        ),
        Bad(_assigned(f"{_BY}microsoft-all-application-permissions-verified"), at=f"{ASSIGNED_AT}/0", severity="low"),
        Bad(_assigned(f"{_BY}contoso-teams"), at=f"{ASSIGNED_AT}/0", severity="info"),
    ),
    good=(
        Good(
            _assigned(f"{_BY}microsoft-pre-approval-apps-for-team", f"{_BY}microsoft-pre-approval-apps-for-chat"),
            why="users can consent only to preapproved applications",
        ),
        Good({}),
    ),
    base="tenant",
)
def open_resource_specific_consent(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Users may give applications access to their groups, teams or chats.

    Why: A user who installs an app in a team or chat can consent to the permissions of the app there. If the policy
        allows such permissions, the app can read messages without a signed-in user. No administrator has consented to
        this access.
    Acceptable: The policy is acceptable if Microsoft manages its conditions. grantlint reports such a policy as low.
        Microsoft's page about preapproval recommends such a policy. Microsoft's Zero Trust Assessment advises against
        it.
    Fix: Approve the applications that users need, then allow only preapproved applications. Users can then no longer
        install other applications that need such permissions. For teams and chats, run Set-MgBetaTeamRscConfiguration
        and Set-MgBetaChatRscConfiguration with the state EnabledForPreApprovedAppsOnly. For groups, assign
        microsoft-pre-approval-apps-for-group. Check the purpose of a custom policy, because grantlint does not know it.
    """
    found = [
        (*_grade(name), name, index)
        for index, name in for_what_they_own(tenant)
        if not name.casefold().startswith(_APPROVED)
    ]
    if found:
        found.sort(key=lambda one: SEVERITIES.index(one[0]))
        names: dict[str, list[str]] = {}
        for _severity, words, name, _index in found:
            names.setdefault(words, []).append(name)
        says = "; ".join(f"{_owners(some)} to consent {words} ({', '.join(some)})" for words, some in names.items())
        because = tuple(Because(f"{ASSIGNED_AT}/{one[3]}", one[2]) for one in found[1:])
        pointer = f"{ASSIGNED_AT}/{found[0][3]}"
        yield Hit(pointer=pointer, message=f"allows {says}", severity=found[0][0], because=because)


def _owners(names: Iterable[str]) -> str:
    """Whom policies allow to consent, by the ends of their IDs; users where an ID does not say it."""
    kinds = {name.casefold().rpartition("-for-")[2] for name in names}
    if not kinds <= _WHO.keys():
        return "users"
    return " and ".join(_WHO[kind] for kind in _WHO if kind in kinds)


#: Who may consent for what. Source: Microsoft, "Resource-specific consent for your Teams app".
_WHO: Final = {"group": "owners of groups", "team": "owners and members of teams", "chat": "members of chats"}


def _grade(name: str) -> tuple[Severity, str]:
    for start, severity, words in _GRADES:
        if name.casefold().startswith(start):
            return severity, words
    # Graph v1.0 does not say whether a custom policy is for groups, teams or chats.
    return "info", "by a custom policy"
