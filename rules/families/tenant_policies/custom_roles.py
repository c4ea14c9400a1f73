"""What users with custom directory roles may consent to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rules.analysis.consent_policies import (
    GRADES,
    POLICY_REMEDY,
    allows_any_application,
    allows_application_permissions,
    grade_of,
    policy_named,
)
from rules.analysis.consents import LEGACY, LOW
from rules.analysis.principals import is_narrow, lowered
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import EXCHANGE, GRAPH
from rules.model.finding import SEVERITIES, Because, Hit, Severity
from rules.model.policies import PermissionGrantPolicy
from rules.model.tenant import RoleDefinition, Tenant
from rules.primitives.texts import text_of

_PREFIX: Final = "microsoft.directory/serviceprincipals/managepermissiongrantsfor"
_FOR_SELF: Final = f"{_PREFIX}self."
_FOR_ALL: Final = f"{_PREFIX}all."
#: The policies by which Microsoft's administrators consent, which allow applications to access the data of all users.
#: Source: Microsoft, "Manage app consent policies".
_ADMINISTRATORS: Final[dict[str, tuple[Severity, str]]] = {
    "microsoft-company-admin": ("high", "to any application, for all permissions"),
    "microsoft-application-admin": (
        "high",
        "to any application, for all but the application permissions of Microsoft Graph",
    ),
}

_ROLE: Final = "0c0c0c0c-0000-4000-8000-000000000002"
_AT: Final = "/roleDefinitions/0/displayName"
_OVER_ONE: Final = "/0aa00000-0000-4000-8000-000000000001"


def _policy(resource: str, **conditions: Any) -> dict[str, Any]:
    """A consent policy for the application permissions of a resource."""
    include = {"permissionType": "application", "resourceApplication": resource, **conditions}
    return {"permissionGrantPolicies": [{"id": "contoso-desk", "includes": [include], "excludes": []}]}


def _allowing(*actions: str, scopes: tuple[str, ...] = ("/",), **more: Any) -> dict[str, Any]:
    """A tenant with a custom role that allows to manage permission grants for these, assigned at each scope."""
    permission = {"allowedResourceActions": [f"microsoft.directory/servicePrincipals/{action}" for action in actions]}
    assignment = {"id": "r", "roleDefinitionId": _ROLE, "principalId": "u"}
    return {
        "roleDefinitions": [
            {"id": _ROLE, "displayName": "Consent desk", "isEnabled": True, "rolePermissions": [permission]}
        ],
        "roleAssignments": [{**assignment, "directoryScopeId": scope} for scope in scopes],
        **more,
    }


_BAD: Final = (
    Bad(_allowing("managePermissionGrantsForAll.microsoft-company-admin"), at=_AT, severity="high"),
    Bad(_allowing("managePermissionGrantsForAll.contoso-desk", **_policy(GRAPH)), at=_AT, severity="high"),
    Bad(_allowing("managePermissionGrantsForAll.contoso-desk", **_policy(EXCHANGE)), at=_AT, severity="high"),
    Bad(
        _allowing(
            "managePermissionGrantsForAll.contoso-desk",
            **_policy(GRAPH, clientApplicationsFromVerifiedPublisherOnly=True),
        ),
        at=_AT,
    ),
    Bad(_allowing("managePermissionGrantsForAll.microsoft-application-admin"), at=_AT, severity="high"),
    Bad(_allowing("managePermissionGrantsForAll.microsoft-company-admin", scopes=(_OVER_ONE,)), at=_AT),
    Bad(
        _allowing("managePermissionGrantsForAll.microsoft-company-admin", scopes=(_OVER_ONE, "/")),
        at=_AT,
        severity="high",
    ),
    Bad(_allowing("managePermissionGrantsForAll.microsoft-company-admin", scopes=()), at=_AT, severity="low"),
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
        Good(_allowing("basic/update"), why="the role cannot consent"),
        Good(
            _allowing(f"managePermissionGrantsForSelf.{LOW}"),
            why="users with the role can consent only for themselves, to permissions classified low",
        ),
    ),
    base="tenant",
)
def consent_by_custom_role(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """A custom directory role allows users to consent to applications.

    Why: Anyone who compromises such a user can give an application the permissions that the consent policy allows.
    Acceptable: The role is acceptable if you delegate consent to a few administrators, and the consent policy limits
        what they can grant.
    Fix: Remove the permission from the role, or replace it with managePermissionGrantsForSelf. Choose a consent policy
        that is limited to verified publishers and to permissions classified low. Review who has the role or can
        activate it, because grantlint does not read eligible assignments.
    """
    for index, definition in enumerate(tenant.role_definitions or ()):
        found: list[tuple[Severity, str, str]] = []
        for pointer, action in _actions(index, definition):
            grade = _grade(tenant, action)
            if isinstance(grade, str):
                yield Gap(pointer, grade, "unknown", POLICY_REMEDY)
            elif grade is not None:
                found.append((*grade, pointer))
        if found:
            yield _hit(tenant, index, definition, found)


def _actions(index: int, definition: RoleDefinition) -> Iterator[tuple[str, str]]:
    """The actions of a role that consent, each with its place."""
    for place, permission in enumerate(definition.role_permissions or ()):
        for number, action in enumerate(permission.allowed_resource_actions or ()):
            if action.casefold().startswith((_FOR_SELF, _FOR_ALL)):
                yield f"/roleDefinitions/{index}/rolePermissions/{place}/allowedResourceActions/{number}", action


def _grade(tenant: Tenant, action: str) -> tuple[Severity, str] | str | None:
    """The severity of an action that consents, and what it allows; why that is not known; ``None`` if it is harmless.

    Delegated permissions are rated one rank below what they are for all members, as few users have the role.
    """
    is_for_all = action.casefold().startswith(_FOR_ALL)
    name = action[len(_FOR_ALL if is_for_all else _FOR_SELF) :]
    whom = "for all users" if is_for_all else "for themselves"
    powerful = _ADMINISTRATORS.get(name.casefold()) if is_for_all else None
    grade = GRADES.get(name.casefold())
    if grade is None and powerful is None:
        policy = policy_named(tenant, name)
        if isinstance(policy, str):
            return policy
        powerful = _of_applications(policy) if is_for_all else None
        grade = grade_of(policy)
    if powerful:
        return powerful[0], f"{whom} {powerful[1]} ({name})"
    if grade is None or (grade[0] == "info" and not is_for_all):
        return None
    severity: Severity = "low" if grade[0] == "info" else lowered(grade[0], 1)
    return severity, f"{whom} {grade[1]} ({name})"


def _of_applications(policy: PermissionGrantPolicy) -> tuple[Severity, str] | None:
    """The grade of a policy that allows application permissions; ``None`` where it allows none."""
    if allows_any_application(policy, ("tenant",)):
        return "high", "to any application, for application permissions that can take over the tenant"
    if allows_any_application(policy, ("data", "mailbox")):
        return "high", "to any application, for permissions to the data of all users"
    return ("medium", "to application permissions") if allows_application_permissions(policy) else None


def _hit(tenant: Tenant, index: int, definition: RoleDefinition, found: Sequence[tuple[Severity, str, str]]) -> Hit:
    """One finding for a role, with the severity of the worst of what it allows, and by where the role is assigned."""
    severity, words, _ = min(found, key=lambda one: SEVERITIES.index(one[0]))
    id_ = text_of(definition.id).lower()
    assigned = [one for one in tenant.role_assignments or () if text_of(one.role_definition_id).lower() == id_]
    is_whole = tenant.is_whole("roleAssignments")  # otherwise, one that was not read may be for all of the directory
    more = ""
    if is_whole and not assigned:
        severity, more = "low", "; the role has no active assignment"
    elif is_whole and all(map(is_narrow, assigned)):
        severity, more = lowered(severity, 1), "; the role is assigned for a part of the directory"
    return Hit(
        pointer=f"/roleDefinitions/{index}/displayName",
        message=f"has the custom role {definition.display_name or definition.id}, which may consent {words}{more}",
        severity=severity,
        because=tuple(Because(pointer, words) for _, words, pointer in found),
    )
