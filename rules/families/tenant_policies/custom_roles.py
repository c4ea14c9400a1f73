"""What holders of custom directory roles may consent to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rules.analysis.consent_policies import (
    GRADES,
    POLICY_REMEDY,
    allows_application_permissions,
    can_take_over,
    grade_of,
    policy_named,
)
from rules.analysis.consents import LEGACY, LOW
from rules.analysis.principals import lowered
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import GRAPH
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.policies import PermissionGrantPolicy
from rules.model.tenant import RoleDefinition, Tenant
from rules.primitives.texts import text_of

_PREFIX: Final = "microsoft.directory/serviceprincipals/managepermissiongrantsfor"
_FOR_SELF: Final = f"{_PREFIX}self."
_FOR_ALL: Final = f"{_PREFIX}all."
#: The policies by which Microsoft's administrators consent. Source: Microsoft, "Manage app consent policies".
_ADMINISTRATORS: Final[dict[str, tuple[Severity, str]]] = {
    "microsoft-company-admin": ("critical", "to any application, for all permissions"),
    "microsoft-application-admin": (
        "high",
        "to any application, for all but the application permissions of Microsoft Graph",
    ),
}

_ROLE: Final = "0c0c0c0c-0000-4000-8000-000000000002"
_AT: Final = "/roleDefinitions/0/displayName"
_TAKE_OVER: Final = {
    "id": "contoso-desk",
    "includes": [{"permissionType": "application", "resourceApplication": GRAPH, "permissions": ["all"]}],
    "excludes": [],
}


def _allowing(*actions: str, is_assigned: bool = True, **more: Any) -> dict[str, Any]:
    """A tenant with a custom role that allows to manage permission grants for these."""
    permission = {"allowedResourceActions": [f"microsoft.directory/servicePrincipals/{action}" for action in actions]}
    assignment = {"id": "r", "roleDefinitionId": _ROLE, "directoryScopeId": "/", "principalId": "u"}
    return {
        "roleDefinitions": [
            {"id": _ROLE, "displayName": "Consent desk", "isEnabled": True, "rolePermissions": [permission]}
        ],
        "roleAssignments": [assignment] if is_assigned else [],
        **more,
    }


_BAD: Final = (
    Bad(_allowing("managePermissionGrantsForAll.microsoft-company-admin"), at=_AT, severity="high"),
    Bad(
        _allowing("managePermissionGrantsForAll.contoso-desk", permissionGrantPolicies=[_TAKE_OVER]),
        at=_AT,
        severity="high",
    ),
    Bad(_allowing("managePermissionGrantsForAll.microsoft-application-admin"), at=_AT),
    Bad(_allowing("managePermissionGrantsForAll.microsoft-company-admin", is_assigned=False), at=_AT, severity="low"),
    Bad(_allowing(f"managePermissionGrantsForAll.{LOW}"), at=_AT, severity="low"),
    Bad(_allowing(f"managePermissionGrantsForSelf.{LEGACY}"), at=_AT),
)


@rule(
    "consent-by-custom-role",
    on="tenant",
    severity="medium",
    may_be=("high", "low"),
    needs=("roleDefinitions", "roleAssignments", "permissionGrantPolicies"),
    when_set=("roleDefinitions",),
    references=("entra:custom-consent-permissions", "entra:manage-app-consent-policies", "graph:unifiedroledefinition"),
    bad=_BAD,
    good=(
        Good(_allowing("basic/update"), why="it cannot consent"),
        Good(_allowing(f"managePermissionGrantsForSelf.{LOW}"), why="for themselves, and for what is classified low"),
    ),
    base="tenant",
)
def consent_by_custom_role(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """A custom directory role allows its holders to consent to applications.

    Why: The settings for user consent do not show it. Anyone who compromises a holder can give an application the
        permissions that the role's consent policy allows.
    Fix: Remove the permission from the role, or use a consent policy that is limited to verified publishers and to
        permissions classified low. Review who has the role, or can activate it: eligible assignments are not read.
    """
    assigned = {text_of(one.role_definition_id).lower() for one in tenant.role_assignments or ()}
    for index, definition in enumerate(tenant.role_definitions or ()):
        is_assigned = text_of(definition.id).lower() in assigned or not tenant.is_whole("roleAssignments")
        found: list[tuple[Severity, str, str]] = []
        for pointer, action in _actions(index, definition):
            grade = _grade(tenant, action)
            if isinstance(grade, str):
                yield Gap(pointer, grade, "unknown", POLICY_REMEDY)
            elif grade is not None:
                found.append((grade[0] if is_assigned else "low", grade[1], pointer))
        if found:
            yield _hit(index, definition, found, is_assigned=is_assigned)


def _actions(index: int, definition: RoleDefinition) -> Iterator[tuple[str, str]]:
    """The actions of a role that consent, each with its place."""
    for place, permission in enumerate(definition.role_permissions or ()):
        for number, action in enumerate(permission.allowed_resource_actions or ()):
            if action.casefold().startswith((_FOR_SELF, _FOR_ALL)):
                yield f"/roleDefinitions/{index}/rolePermissions/{place}/allowedResourceActions/{number}", action


def _grade(tenant: Tenant, action: str) -> tuple[Severity, str] | str | None:
    """The severity of an action that consents, and what it allows; why that is not known; ``None`` if it is harmless.

    Few users have the role, so it is rated one rank below what the policy allows.
    """
    is_for_all = action.casefold().startswith(_FOR_ALL)
    name = action[len(_FOR_ALL if is_for_all else _FOR_SELF) :]
    grade = GRADES.get(name.casefold()) or _ADMINISTRATORS.get(name.casefold())
    if grade is None:
        policy = policy_named(tenant, name)
        if isinstance(policy, str):
            return policy
        grade = (_of_applications(policy) if is_for_all else None) or grade_of(policy)
    if grade is None or (grade[0] == "info" and not is_for_all):
        return None
    severity: Severity = "low" if grade[0] == "info" else lowered(grade[0], 1)
    return severity, f"{'for all users' if is_for_all else 'for themselves'} {grade[1]} ({name})"


def _of_applications(policy: PermissionGrantPolicy) -> tuple[Severity, str] | None:
    """The grade of a policy that allows application permissions; ``None`` where it allows none."""
    if can_take_over(policy):
        return "critical", "to any application, for application permissions that can take over the tenant"
    return ("high", "to application permissions") if allows_application_permissions(policy) else None


def _hit(
    index: int, definition: RoleDefinition, found: Sequence[tuple[Severity, str, str]], *, is_assigned: bool
) -> Hit:
    """One finding for a role, with the severity of the worst of what it allows."""
    severity, words, _ = min(found, key=lambda one: SEVERITIES.index(one[0]))
    more = "" if is_assigned else "; it has no active assignment"
    return Hit(
        pointer=f"/roleDefinitions/{index}/displayName",
        message=f"has the custom role {definition.display_name or definition.id}, which may consent {words}{more}",
        severity=severity,
        because=tuple(Because(pointer, words) for _, words, pointer in found),
    )
