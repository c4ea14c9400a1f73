"""Directory roles that applications have, and those that others have over a single application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.principals import EXPOSURE_NEEDS, exposure_of, is_external, is_narrow, lowered, powers_of
from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.roles import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    DIRECTORY_READERS,
    Role,
    role,
)
from rules.model.finding import Hit, Severity
from rules.model.tenant_app import TenantApp

_GLOBAL: Final = "62e90394-69f5-4237-9190-012177145e10"
_USER: Final = "fe930be7-5e62-47db-91af-98c3a49a38b1"
_READER: Final = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
_OVER_APPLICATIONS: Final = frozenset((APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR))
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333339", "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z",
}  # fmt: skip
_BASE: Final[dict[str, Severity]] = {"tenant": "critical", "privileged": "high", "reading": "medium"}
_GAINS: Final = {
    "tenant": "with which the tenant can be taken over",
    "privileged": "which changes accounts, groups, applications or services",
    "reading": "which sees all of the directory and its settings",
}


def _has(id: str, scope: str = "/", name: str = "roleAssignments") -> dict[str, Any]:
    principal = (
        "77777777-7777-4777-8777-777777777771" if name == "roleAssignments" else "22222222-2222-4222-8222-222222222221"
    )
    return {name: [{"id": "r1", "principalId": principal, "roleDefinitionId": id, "directoryScopeId": scope}]}


@rule(
    "application-with-directory-role", on="service principal",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=("roleAssignments", *EXPOSURE_NEEDS),
    when_set=("roleAssignments",),
    checks=("SP-05", "SP-08", "SP-09", "CR-19"),
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "entra:built-in-roles",
        "entra:privileged-roles-permissions",
        "web:azure-tiering",
        "graph:unifiedroleassignment",
    ),
    bad=(
        Bad(_has(_GLOBAL), at="/roleAssignments/0", expected_rules=("owner-of-application-with-power",)),
        Bad({**_has(_GLOBAL), "servicePrincipal": {"passwordCredentials": [_SECRET]}}, at="/roleAssignments/0", severity="critical", expected_rules=("credential-of-service-principal", "owner-of-application-with-power")),
        Bad(_has(_USER), at="/roleAssignments/0", severity="medium"),
        Bad(_has(_READER), at="/roleAssignments/0", severity="low"),
        Bad(_has(_GLOBAL, "/administrativeUnits/0a0a0a0a-0000-4000-8000-000000000001"), at="/roleAssignments/0", severity="medium"),
    ),
    good=(
        Good(_has(DIRECTORY_READERS), why="Directory Readers, who see what every member sees"),
        Good({**_has(DIRECTORY_READERS), "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"}, "application": None}, why="the same for another organisation's"),
        Good({**_has(_GLOBAL), "servicePrincipal": {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}}, why="Microsoft's own application"),
    ),
    base="own",
)  # fmt: skip
def application_with_directory_role(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application has a directory role that is made for administrators.

    Why: Whoever has the application's key is that administrator, without a second factor, a device or an hour of the day. A
        role opens more than any permission, and nobody sees it among the permissions.
    Fix: Give the application the single permissions that it needs, and take the role away. Where it must stay, use a managed
        identity or a certificate, and no owners.
    """
    if app.is_microsoft:
        return
    stranger = is_external(app, context.settings)
    for index, assignment in enumerate(app.role_assignments or ()):
        known = role(assignment.role_definition_id)
        if known is None and (not stranger or str(assignment.role_definition_id).lower() == DIRECTORY_READERS):
            continue
        holder = exposure_of(app, context.settings, context.now)
        narrow = is_narrow(assignment)
        base: Severity = _BASE[known.reach] if known else "medium"
        name = known.name if known else f"the directory role {assignment.role_definition_id}"
        gains = f", {_GAINS[known.reach]}" if known else ""
        limit = ", over a part of the directory" if narrow else ""
        yield Hit(
            pointer=f"/roleAssignments/{index}",
            message=f"is {name}{gains}{limit}{holder.words}" if known else f"has {name}{limit}{holder.words}",
            severity=lowered(holder.adjusted(base), 1 if narrow else 0),
            because=holder.because,
        )


@rule(
    "administrator-of-single-application", on="service principal",
    severity="low",
    may_be=("medium",),
    needs=("scopedRoleAssignments", "roleAssignments", "appRoleAssignments", "servicePrincipal.appOwnerOrganizationId"),
    when_set=("scopedRoleAssignments",),
    checks=("OW-08",),
    references=("entra:custom-create", "graph:unifiedroleassignment"),
    bad=(
        Bad(_has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"), at="/scopedRoleAssignments/0"),
        Bad({**_has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"), **_has(_GLOBAL)}, at="/scopedRoleAssignments/0", severity="medium", expected_rules=("application-with-directory-role", "owner-of-application-with-power")),
    ),
    good=(
        Good(_has(_READER, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"), why="a role that only reads"),
        Good({}, why="nobody has a role over it alone"),
    ),
    base="own",
)  # fmt: skip
def administrator_of_single_application(app: TenantApp, _: Context) -> Iterator[Hit]:
    """Somebody has a role over this application alone.

    Why: He can add a credential and act as the application, like an owner, and stands in no list of owners.
    Fix: Treat him as an owner: take the role away from whoever does not guard it like what the application may do.
    """
    if app.is_microsoft:
        return
    powers = powers_of(app)
    for index, assignment in enumerate(app.scoped_role_assignments or ()):
        definition = str(assignment.role_definition_id).lower()
        known: Role | None = role(definition)
        if known and definition not in _OVER_APPLICATIONS:
            continue
        who = app.tenant.principals_by_id.get(str(assignment.principal_id))
        whom = f"the application {who.display_name}" if who and who.display_name else "an account or a group"
        words = f", and it holds {powers[0].note}" if powers else ""
        yield Hit(
            pointer=f"/scopedRoleAssignments/{index}",
            message=f"is administered by {whom} as {known.name if known else 'a custom role'} over it alone{words}",
            severity="medium" if powers else "low",
            because=powers,
        )
