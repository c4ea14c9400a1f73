"""Directory roles that applications have, and those that others have over a single application."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from rules.analysis.principals import (
    EXPOSURE_NEEDS,
    access_of,
    exposure_of,
    is_external,
    is_narrow,
    lowered,
    powers_of,
    unlisted,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.roles import (
    AGENT_ID_ADMINISTRATOR,
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    DIRECTORY_READERS,
    Role,
    role,
)
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration
from rules.model.tenant import RoleDefinition, Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import text_of

_GLOBAL: Final = "62e90394-69f5-4237-9190-012177145e10"
_USER: Final = "fe930be7-5e62-47db-91af-98c3a49a38b1"
_READER: Final = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
_OVER_APPLICATIONS: Final = frozenset((APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR))
_OVER_BLUEPRINTS: Final = frozenset((AGENT_ID_ADMINISTRATOR, *_OVER_APPLICATIONS))
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333339",
    "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
_BASE: Final[dict[str, Severity]] = {"tenant": "critical", "privileged": "high", "reading": "medium", "limited": "low"}
#: A custom role, or a new one of Microsoft's: it may allow what a privileged role allows.
_UNKNOWN: Final[Severity] = "high"
_CUSTOM: Final = "0c0c0c0c-0000-4000-8000-000000000001"
_REPORTS: Final = "4a5d8f65-41da-4de4-8968-e035b65339cf"
_POWER_PLATFORM: Final = "11648597-926c-4cf3-9c36-bcebb0ba8dcc"
_GROUP: Final = "22222222-2222-4222-8222-222222222229"
#: Mail.ReadWrite of Microsoft Graph, as an application permission.
_MAIL: Final = {
    "appRoleAssignments": [
        {"id": "a1", "appRoleId": "e2a3a72e-5f79-4c64-b1b1-878b674786c9", "resourceId": GRAPH_PRINCIPAL}
    ]
}
_ALLOWS: Final = {
    "tenant": "which can take over the tenant",
    "privileged": "a privileged role",
    "reading": "a privileged role that only reads",
    "limited": "a role with few security implications",
}


def _through_group(id: str) -> dict[str, Any]:
    """The role is assigned to a group, and the application is a member of it."""
    assignment = {"id": "r1", "principalId": _GROUP, "roleDefinitionId": id, "directoryScopeId": "/"}
    group = {"id": _GROUP, "displayName": "Administrators", "members": ["77777777-7777-4777-8777-777777777771"]}
    return {"roleAssignments": [assignment], "tenant": {"roleGroups": [group]}}


def _has(id: str, scope: str = "/", name: str = "roleAssignments") -> dict[str, Any]:
    principal = (
        "77777777-7777-4777-8777-777777777771" if name == "roleAssignments" else "22222222-2222-4222-8222-222222222221"
    )
    return {name: [{"id": "r1", "principalId": principal, "roleDefinitionId": id, "directoryScopeId": scope}]}


def _over_it(id: str) -> dict[str, Any]:
    """The role is assigned over the application alone."""
    return _has(id, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments")


def _custom(action: str) -> dict[str, Any]:
    """The same for a custom role that allows an action."""
    definition = {"id": _CUSTOM, "displayName": "Help desk", "rolePermissions": [{"allowedResourceActions": [action]}]}
    return {**_over_it(_CUSTOM), "tenant": {"roleDefinitions": [definition]}}


_APPLICATION_WITH_DIRECTORY_ROLE_BAD: Final = (
    Bad(_has(_GLOBAL), at="/roleAssignments/0", expected_rules=("owner-of-privileged-application",)),
    Bad(
        {**_has(_GLOBAL), "servicePrincipal": {"passwordCredentials": [_SECRET]}},
        at="/roleAssignments/0",
        severity="critical",
        expected_rules=("credential-of-service-principal", "owner-of-privileged-application"),
    ),
    Bad(_has(_USER), at="/roleAssignments/0", expected_rules=("owner-of-privileged-application",)),
    Bad(_has(_POWER_PLATFORM), at="/roleAssignments/0", severity="medium"),
    Bad(_has(_CUSTOM), at="/roleAssignments/0", severity="medium"),
    Bad(
        {**_has(_CUSTOM), "application": {"passwordCredentials": [_SECRET]}},
        at="/roleAssignments/0",
    ),
    Bad(_through_group(_GLOBAL), at="/roleAssignments/0", expected_rules=("owner-of-privileged-application",)),
    Bad(_has(_READER), at="/roleAssignments/0", severity="low"),
    Bad(
        _has(_GLOBAL, "/administrativeUnits/0a0a0a0a-0000-4000-8000-000000000001"),
        at="/roleAssignments/0",
        severity="medium",
    ),
)

_APPLICATION_WITH_DIRECTORY_ROLE_GOOD: Final = (
    Good(_has(DIRECTORY_READERS), why="Directory Readers can read only what members can read by default"),
    Good(_has(_REPORTS), why="the role has few permissions, and your tenant owns the application"),
    Good(
        {
            **_has(DIRECTORY_READERS),
            "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"},
            "application": None,
        },
        why="this is also true of an external application",
    ),
    Good(
        {**_has(_GLOBAL), "servicePrincipal": {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}},
        why="Microsoft owns the application",
    ),
)


@rule(
    "application-with-directory-role",
    on="service principal",
    kinds=("application", "blueprint", "agent identity"),
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=("roleAssignments", "tenant.roleGroups", *EXPOSURE_NEEDS),
    when_set=("roleAssignments",),
    checks=("SP-05", "SP-08", "SP-09", "CR-19"),
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "entra:built-in-roles",
        "entra:privileged-roles-permissions",
        "web:zta-21836",
        "web:azure-tiering",
        "graph:unifiedroleassignment",
    ),
    bad=_APPLICATION_WITH_DIRECTORY_ROLE_BAD,
    good=_APPLICATION_WITH_DIRECTORY_ROLE_GOOD,
    base="own",
)
def application_with_directory_role(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application has a directory role.

    Why: Anyone who can authenticate as the application can use the role, without multifactor authentication. Workload
        identities might not be monitored as closely as users.
    Acceptable: The role is acceptable if no permission of an API allows what the application does. A less privileged
        role, a narrower scope or a managed identity limits the risk.
    Fix: Grant the application the permissions that it needs. Then remove the role assignment, or the application from
        the group that has the role. If the application needs the role, use a managed identity or a certificate, and
        remove the owners.
    """
    if app.is_microsoft:
        return
    is_foreign = is_external(app, context.settings)
    groups = {one.id: one for one in app.tenant.role_groups or ()}
    for index, assignment in enumerate(app.role_assignments or ()):
        known = role(assignment.role_definition_id)
        if str(assignment.role_definition_id).lower() == DIRECTORY_READERS:
            continue
        if known and known.reach == "limited" and not is_foreign:
            continue
        exposure = exposure_of(app, context.settings, context.now)
        narrow = is_narrow(assignment)
        custom = app.tenant.custom_roles.get(str(assignment.role_definition_id).lower())
        name = (
            f"{known.name}, {_ALLOWS[known.reach]}"
            if known
            else f"{assignment.role_definition_id}, which this version of grantlint does not know"
        )
        name = f"{_named(custom)}, a custom role" if custom and not known else name
        group = groups.get(assignment.principal_id)
        words = ", for a part of the directory" if narrow else ""
        words += f", through the group {group.display_name or group.id}" if group else ""
        yield Hit(
            pointer=f"/roleAssignments/{index}",
            message=f"has the directory role {name}{words}{exposure.words}",
            severity=lowered(exposure.adjusted(_BASE[known.reach] if known else _UNKNOWN), 1 if narrow else 0),
            because=exposure.because,
        )


_APPLICATION_SCOPED_ADMINISTRATOR_BAD: Final = (
    Bad(
        _has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"),
        at="/scopedRoleAssignments/0",
    ),
    Bad(
        _has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleEligibilities"),
        at="/scopedRoleEligibilities/0",
    ),
    Bad(_custom("microsoft.directory/applications.myOrganization/credentials/update"), at="/scopedRoleAssignments/0"),
    Bad(_over_it(_CUSTOM), at="/scopedRoleAssignments/0"),
    Bad(
        {
            **_has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"),
            **_has(_GLOBAL),
        },
        at="/scopedRoleAssignments/0",
        severity="high",
        expected_rules=("application-with-directory-role", "owner-of-privileged-application"),
    ),
    Bad(
        {
            **_has(APPLICATION_ADMINISTRATOR, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"),
            **_has(_GLOBAL),
            "servicePrincipal": {"accountEnabled": False},
        },
        at="/scopedRoleAssignments/0",
        expected_rules=(
            "application-with-directory-role",
            "credentials-of-disabled-application",
            "owner-of-privileged-application",
        ),
    ),
    Bad({**_over_it(APPLICATION_ADMINISTRATOR), **_has(DIRECTORY_READERS)}, at="/scopedRoleAssignments/0"),
    Bad(
        {**_over_it(APPLICATION_ADMINISTRATOR), **_MAIL},
        at="/scopedRoleAssignments/0",
        severity="medium",
        expected_rules=("granted-application-permission",),
    ),
    Bad(
        {**_over_it(APPLICATION_ADMINISTRATOR), **_has(_POWER_PLATFORM)},
        at="/scopedRoleAssignments/0",
        severity="medium",
        expected_rules=("application-with-directory-role",),
    ),
    Bad(
        {**_over_it(APPLICATION_ADMINISTRATOR), **_MAIL, "servicePrincipal": {"accountEnabled": False}},
        at="/scopedRoleAssignments/0",
        expected_rules=("granted-application-permission", "credentials-of-disabled-application"),
    ),
)


_APPLICATION_SCOPED_ADMINISTRATOR_GOOD: Final = (
    Good(
        _has(_READER, "/77777777-7777-4777-8777-777777777771", "scopedRoleAssignments"),
        why="the role only reads",
    ),
    Good(
        _has(_READER, "/77777777-7777-4777-8777-777777777771", "scopedRoleEligibilities"),
        why="the role that can be activated only reads",
    ),
    Good(_custom("microsoft.directory/applications/basic/update"), why="the custom role cannot add credentials"),
    Good(
        {
            **_custom("microsoft.directory/applications.myOrganization/credentials/update"),
            "application": {"signInAudience": "AzureADMultipleOrgs"},
        },
        why="the action covers only single-tenant applications",
    ),
    Good(
        {**_over_it(APPLICATION_ADMINISTRATOR), "servicePrincipal": {"servicePrincipalType": "ManagedIdentity"}},
        why="no credential can be added to a managed identity",
    ),
    Good({}, why="no role is assigned for this application alone"),
)


@rule(
    "application-scoped-administrator",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("high", "medium"),
    needs=(
        "scopedRoleAssignments",
        "scopedRoleEligibilities",
        "roleAssignments",
        "appRoleAssignments",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.servicePrincipalType",
        "application.signInAudience",
    ),
    when_set=("scopedRoleAssignments", "scopedRoleEligibilities"),
    checks=("OW-08",),
    references=(
        "entra:custom-create",
        "entra:custom-available-permissions",
        "entra:custom-enterprise-app-permissions",
        "entra:app-instance-property-lock",
        "graph:agentidentityblueprint-addpassword",
        "graph:unifiedroleassignment",
        "graph:unifiedroleeligibilityscheduleinstance",
        "entra:pim-add-role",
    ),
    bad=_APPLICATION_SCOPED_ADMINISTRATOR_BAD,
    good=_APPLICATION_SCOPED_ADMINISTRATOR_GOOD,
    base="own",
)
def application_scoped_administrator(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """A directory role over one application allows others to add credentials.

    Why: Anyone with the role can add a credential and act as the application. The list of owners does not show who has
        the role. A user who is eligible for the role must activate it first. The app instance property lock may protect
        the service principal. grantlint also reports a role whose permissions were not read.
    Acceptable: The role is acceptable if a user or a team must manage only this application, and is protected like an
        administrator. The role is then limited to this application.
    Fix: Remove the role assignment, and have administrators with the same protection manage the application.
    """
    if app.is_microsoft or app.is_managed_identity:
        return
    powers = powers_of(app)
    access = powers or access_of(app)
    # One rank below what the access starts at, as where no secret can be copied: the user has to act first.
    severity: Severity = "low" if app.blocked or not access else "high" if powers else "medium"
    is_reported, is_blueprint = False, app.kind == "blueprint"
    what = "blueprint" if is_blueprint else "application"
    assigned = (("scopedRoleAssignments", "is", one) for one in enumerate(app.scoped_role_assignments or ()))
    eligible = (("scopedRoleEligibilities", "can be", one) for one in enumerate(app.scoped_role_eligibilities or ()))
    for member, verb, (index, assignment) in chain(assigned, eligible):
        definition = str(assignment.role_definition_id).lower()
        known: Role | None = role(definition)
        if known and definition not in (_OVER_BLUEPRINTS if is_blueprint else _OVER_APPLICATIONS):
            continue
        custom = app.tenant.custom_roles.get(definition)
        if custom and custom.role_permissions and not any(_adds_credentials(app, one) for one in custom.actions):
            continue
        unknown = f"the custom role {_named(custom)}" if custom else "a role whose permissions were not read"
        name = f"the role {known.name}" if known else unknown
        holder = _holder(app.tenant, str(assignment.principal_id))
        words = f"; the {what} has {access[0].note}" if access else ""
        words += f", while it is {app.blocked.note}" if app.blocked else ""
        yield Hit(
            pointer=f"/{member}/{index}",
            message=f"{verb} administered by {holder}, with {name} for this {what} alone{words}",
            severity=severity,
            because=access,
        )
        is_reported = True
    if is_reported and not powers:
        # One of them may take over the tenant, and then the finding is high.
        yield from (Gap(*one) for one in unlisted(app.granted, "Role"))


def _named(definition: RoleDefinition) -> str:
    """The name of a custom role; its ID where it has none."""
    return text_of(definition.display_name) or text_of(definition.id)


def _holder(tenant: Tenant, id: str) -> str:
    """Who has a role assignment, as far as the service principals that were read say it."""
    principal = tenant.principals_by_id.get(id)
    if principal:
        return f"the application {text_of(principal.display_name) or text_of(principal.app_id)}"
    return "a user or a group" if tenant.is_whole("servicePrincipals") else "a user, a group or an application"


def _adds_credentials(app: TenantApp, action: str) -> bool:
    """Whether an action changes credentials or owners, which can add credentials, of *app* or its service principal.

    The subtype ``myOrganization`` is for single-tenant registrations. Blueprints have actions of their own.
    Sources: Microsoft, "Application registration permissions for custom roles" and "Enterprise application permissions
    for custom roles".
    """
    namespace, _, rest = action.casefold().partition("/")
    kind, _, what = rest.partition("/")
    is_multi_tenant = isinstance(app.application, Registration) and app.application.is_multi_tenant
    single = () if is_multi_tenant else ("applications.myorganization",)
    of_blueprints = ("agentidentityblueprints",) if app.kind == "blueprint" else ()
    kinds = ("applications", "serviceprincipals", *single, *of_blueprints)
    return (
        namespace == "microsoft.directory"
        and kind in kinds
        and what in ("credentials/update", "owners/update", "allproperties/update", "allproperties/alltasks")
    )
