"""Agent identities of a tenant with their user accounts, and the principals of their blueprints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.agents import inherited_from
from rules.analysis.principals import DEFAULT_ACCESS, is_external, powers_of
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permission_names import gains
from rules.knowledge.permissions import GRAPH
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Because, Hit, Severity
from rules.model.tenant import Tenant
from rules.model.tenant_app import Granted, TenantApp
from rules.primitives.texts import text_of

_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_CREATE_USERS: Final = "4aa6e624-eee0-40ab-bdd8-f9639038a614"
_CREATING_USERS: Final = ("AgentIdUser.ReadWrite.IdentityParentedBy", "AgentIdUser.ReadWrite.All")
#: RoleAssignmentSchedule.ReadWrite.Directory, which can take over the tenant, and AppRoleAssignment.ReadWrite.All.
_SCHEDULE: Final = "dd199f4a-f148-40a4-a2ec-f0069cc799ec"
_BLOCKED: Final = "06b708a9-e830-4db3-a914-8e69da51d44f"
_GONE: Final = "77777777-7777-4777-8777-777777777799"
_AT: Final = "/appRoleAssignments/0"
_INHERITS: Final[dict[str, Any]] = {
    "inheritablePermissions": [
        {"resourceAppId": GRAPH, "inheritableScopes": {"kind": "none"}, "inheritableRoles": {"kind": "allAllowed"}}
    ]
}
#: Marks of agents on plain service principals: Copilot Studio before agent identities, and Microsoft Foundry. Source:
#: Microsoft, Zero Trust Assessment, ``Add-ZtAgentOverview.ps1``.
_COPILOT_STUDIO: Final = "power-virtual-agents-"
_FOUNDRY: Final = "agenticinstance"


def _agents(count: int) -> dict[str, Any]:
    """A blueprint with agent identities."""
    return {"agents": [{"servicePrincipal": {"displayName": f"Agent {number}"}} for number in range(1, count + 1)]}


def _role(id: str) -> dict[str, Any]:
    """An application permission of Microsoft Graph that was granted."""
    return {"appRoleAssignments": [{"id": "a", "appRoleId": id, "resourceId": GRAPH_PRINCIPAL}]}


@rule(
    "agent-without-sponsor",
    on="service principal",
    kinds=("agent identity",),
    severity="medium",
    may_be=("high", "low"),
    status="preview",
    needs=("appRoleAssignments", "roleAssignments", "servicePrincipal.accountEnabled"),
    needs_all=("servicePrincipal.sponsors",),
    checks=("AG-02",),
    references=("entra:agent-owners-sponsors-managers", "entra:agent-best-practices#design"),
    bad=(
        Bad({"servicePrincipal": {"sponsors": []}}, at="/servicePrincipal/sponsors"),
        Bad(
            {"servicePrincipal": {"sponsors": [], "accountEnabled": False}},
            at="/servicePrincipal/sponsors",
            severity="low",
        ),
    ),
    good=Good({"servicePrincipal": {"owners": []}}, why="a sponsor is accountable for it; owners are optional"),
    base="agent",
)
def agent_without_sponsor(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An agent identity has no sponsor.

    Why: Sponsors decide whether an agent is still needed, and whether its behavior in an incident is expected. Without
        a sponsor, the agent may keep its access after its purpose has ended.
    Acceptable: A disabled agent without a purpose can have no sponsor until it is deleted. Microsoft Entra ID requires
        a sponsor when an agent identity is created.
    Fix: Add the user or group that is accountable for the agent as a sponsor. If the agent has no purpose, disable and
        then delete it.
    """
    if app.service_principal and not app.service_principal.sponsors:
        powers, blocked = powers_of(app) or _inherited_powers(app), app.blocked
        severity: Severity = "low" if blocked else "high" if powers else "medium"
        says = "has no sponsor" + (f"; the agent is {blocked.note}" if blocked else "")
        because = (*powers, *((blocked,) if blocked else ()))
        yield Hit(pointer="/servicePrincipal/sponsors", message=says, because=because, severity=severity)


def _inherited_powers(app: TenantApp) -> tuple[Because, ...]:
    """The permissions that an agent identity inherits and with which it could take over the tenant."""
    rows = inherited_from(app.blueprint)[0] if isinstance(app.blueprint, TenantApp) else ()
    return tuple(
        Because(f"/blueprint{row.pointer}", row.value)
        for row in rows
        if row.kind == "Role" and row.permission and row.permission.tier == "tenant"
    )


@rule(
    "powerful-agent",
    on="service principal",
    kinds=("blueprint", "agent identity"),
    severity="medium",
    may_be=("high", "low"),
    status="preview",
    needs=("appRoleAssignments", "application.inheritablePermissions", "servicePrincipal.accountEnabled"),
    when_set=("appRoleAssignments",),
    checks=("AG-05",),
    references=(
        "entra:agent-inheritable-permissions",
        "entra:agent-configure-inheritable-permissions",
        "entra:agent-best-practices#access",
    ),
    bad=(
        Bad({**_role(_MAIL_READ), "application": _INHERITS}, at=_AT),
        Bad(
            {**_role(_SCHEDULE), "application": _INHERITS},
            at=_AT,
            severity="high",
            expected_rules=("owner-of-privileged-application",),
        ),
        Bad(
            {**_role(_MAIL_READ), "application": _INHERITS, "servicePrincipal": {"accountEnabled": False}},
            at=_AT,
            severity="low",
        ),
    ),
    good=(
        Good(_role(_MAIL_READ), why="the blueprint makes no permission inheritable"),
        Good({**_role(_BLOCKED), "application": _INHERITS}, why="agents cannot inherit a blocked permission"),
        Good({**_role("df021288-bdef-4463-88db-98f22de89214"), "application": _INHERITS}, why="it reads profiles only"),
    ),
    base="own-blueprint",
)
def powerful_agent(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """Agents have a powerful application permission.

    Why: An agent acts on the data that it reads. An attacker who controls this data can make the agent use the
        permission. The list of an agent's permissions does not show the permissions that the agent inherits from its
        blueprint.
    Acceptable: The permission is acceptable if the agent needs the access without a signed-in user, and no narrower
        permission is enough.
    Fix: Have the agent act on behalf of the signed-in user, or grant a narrower permission. Then revoke this one. To
        stop the inheritance, set inheritableRoles of the API to none on the blueprint. Agents lose what they inherited.
    """
    if app.is_microsoft:
        return
    is_blueprint = app.kind == "blueprint"
    rows, is_whole = inherited_from(app) if is_blueprint else (app.granted, True)
    powerful = next(filter(_is_powerful, app.granted), None)
    if powerful and not is_whole and app.is_foreign:
        says = "what its agents inherit is set in the tenant that owns the blueprint"
        yield Gap(powerful.pointer, says, "unknown", "ask the owner of the blueprint")
    blocked = app.blocked
    for row in rows:
        if _is_powerful(row) and row.permission:
            takes = row.permission.tier == "tenant"
            what = "which can take over the tenant" if takes else gains(row.value)
            has = "passes on to its agents" if is_blueprint else "has"
            says = f"{has} the application permission {row.permission.name}, {what}"
            says += f", while it is {blocked.note}" if blocked else ""
            severity: Severity = "low" if blocked else "high" if takes else "medium"
            because = (blocked,) if blocked else ()
            yield Hit(pointer=row.pointer, message=says, severity=severity, because=because)


def _is_powerful(row: Granted) -> bool:
    return row.kind == "Role" and row.permission is not None and row.permission.tier in ("tenant", "data", "mailbox")


@rule(
    "foreign-blueprint",
    on="service principal",
    kinds=("blueprint",),
    severity="medium",
    status="preview",
    needs=("servicePrincipal.appOwnerOrganizationId", "servicePrincipal.accountEnabled", "tenant.organization"),
    settings=("trusted-tenants", "home-tenants"),
    checks=("AG-08",),
    references=("entra:agent-id-creation-channels#principals",),
    bad=Bad(
        {
            "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"},
            "application": None,
        },
        at="/servicePrincipal/appOwnerOrganizationId",
    ),
    good=Good(
        {
            "servicePrincipal": {
                "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002",
                "accountEnabled": False,
            },
            "application": None,
        },
        why="a disabled blueprint creates no agents",
    ),
    base="own-blueprint",
)
def foreign_blueprint(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An external organization owns an agent identity blueprint of the tenant.

    Why: The blueprint can create agent identities in the tenant, and no administrator can revoke that. The external
        organization has the credentials of all these agent identities.
    Acceptable: The blueprint is acceptable if your organization uses and trusts the agents of this provider. Add the
        tenant of the provider to trusted-tenants.
    Fix: If you need no agent of the blueprint, disable the principal of the blueprint or remove it from the tenant.
    """
    if is_external(app, context.settings) and app.is_enabled:
        says = "can create agent identities, and is owned by an external organization"
        yield Hit(pointer="/servicePrincipal/appOwnerOrganizationId", message=says)


@rule(
    "blueprint-can-create-users",
    on="service principal",
    kinds=("blueprint",),
    severity="medium",
    may_be=("low",),
    status="preview",
    needs=("appRoleAssignments", "servicePrincipal.accountEnabled"),
    when_set=("appRoleAssignments",),
    checks=("AG-09",),
    references=("entra:agent-id-creation-channels#principals", "entra:agent-users"),
    bad=(
        Bad(_role(_CREATE_USERS), at=_AT, expected_rules=("unrequested-permission-grant",)),
        Bad(
            {**_role(_CREATE_USERS), "servicePrincipal": {"accountEnabled": False}},
            at=_AT,
            severity="low",
            expected_rules=("unrequested-permission-grant",),
        ),
    ),
    good=Good(_role(_MAIL_READ), why="it creates no user accounts"),
    base="own-blueprint",
)
def blueprint_can_create_users(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An agent identity blueprint can create user accounts.

    Why: An attacker who has the credentials of the blueprint can create user accounts for agents, and change these
        accounts. The accounts can have licenses and be members of groups, as users can.
    Acceptable: The permission is acceptable if agents of the blueprint need user accounts, for example for a mailbox.
    Fix: Revoke the permission if no agent of the blueprint needs a user account.
    """
    blocked = app.blocked
    for row in () if app.is_microsoft else app.granted:
        if row.kind == "Role" and row.value in _CREATING_USERS and row.resource == GRAPH:
            says = f"has {row.value}, which can create user accounts"
            says += f", while it is {blocked.note}" if blocked else ""
            because = (blocked,) if blocked else ()
            yield Hit(pointer=row.pointer, message=says, severity="low" if blocked else "medium", because=because)


@rule(
    "disabled-agent-with-grants",
    on="service principal",
    kinds=("agent identity",),
    severity="low",
    status="preview",
    needs=("servicePrincipal.accountEnabled", "appRoleAssignments", "oauth2PermissionGrants"),
    checks=("AG-14",),
    references=("entra:agent-owners-sponsors-managers", "entra:agent-best-practices#access"),
    bad=Bad(
        {**_role("df021288-bdef-4463-88db-98f22de89214"), "servicePrincipal": {"accountEnabled": False}},
        at="/servicePrincipal/accountEnabled",
    ),
    good=Good({"servicePrincipal": {"accountEnabled": False}}, why="it was granted nothing"),
    base="agent",
)
def disabled_agent_with_grants(app: TenantApp, _: Context) -> Iterator[Hit]:
    """A disabled agent identity still has granted permissions.

    Why: As soon as the agent is enabled again, it can use all these permissions.
    Acceptable: The permissions are acceptable if the agent is disabled for a short time, for example for an
        investigation.
    Fix: Revoke the permissions, or delete the agent identity if it is no longer needed.
    """
    principal = app.service_principal
    granted = [row for row in app.granted if row.value != DEFAULT_ACCESS]
    if principal and principal.account_enabled is False and granted:
        because = tuple(Because(row.pointer, row.value) for row in granted[:3])
        says = f"is disabled and still has {granted[0].value}"
        yield Hit(pointer="/servicePrincipal/accountEnabled", message=says, because=because)


@rule(
    "agent-on-plain-registration",
    on="service principal",
    severity="info",
    status="preview",
    needs=("servicePrincipal.tags",),
    checks=("AG-16",),
    references=("entra:agent-service-principals#applications", "entra:agent-best-practices#design"),
    bad=Bad({"servicePrincipal": {"tags": ["AgenticInstance"]}}, at="/servicePrincipal/tags/0"),
    good=Good({"servicePrincipal": {"tags": ["WindowsAzureActiveDirectoryIntegratedApp"]}}),
    base="own",
)
def agent_on_plain_registration(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An agent runs on a plain service principal.

    Why: A plain service principal has no sponsor, and policies for agents do not apply to it.
    Acceptable: The service principal is acceptable until the platform of the agent supports agent identities.
    Fix: Create the agent again with an agent identity, and delete this application after that.
    """
    for index, tag in enumerate((app.service_principal.tags if app.service_principal else None) or ()):
        if tag.casefold().startswith(_COPILOT_STUDIO) or tag.casefold() == _FOUNDRY:
            says = f"runs an agent on a plain service principal, by its tag {tag}"
            yield Hit(pointer=f"/servicePrincipal/tags/{index}", message=says)


@rule(
    "crowded-blueprint",
    on="service principal",
    kinds=("blueprint",),
    severity="info",
    status="preview",
    needs=("servicePrincipal.appId", "servicePrincipal.appOwnerOrganizationId", "tenant.organization"),
    settings=("max-agents-per-blueprint",),
    checks=("AG-13",),
    references=("entra:agent-id-faq#blueprints", "entra:agent-service-principals#impersonation"),
    bad=Bad(_agents(3), at="/servicePrincipal/appId", settings={"max-agents-per-blueprint": 2}),
    good=(
        Good(_agents(2), settings={"max-agents-per-blueprint": 2}),
        Good(
            {
                **_agents(3),
                "servicePrincipal": {"appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"},
                "application": None,
            },
            why="only the organization that owns the blueprint can create another",
            settings={"max-agents-per-blueprint": 2},
        ),
    ),
    base="own-blueprint",
)
def crowded_blueprint(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A blueprint has many agent identities.

    Why: The credentials of a blueprint are those of all its agent identities, so one leak affects all of them. With
        application permissions, a platform that is not Microsoft's can create at most 250.
    Acceptable: The number is acceptable if all these agents do the same work with the same permissions.
    Fix: Create a blueprint of its own for each kind of agent and each environment. Delete agent identities that are no
        longer needed.
    """
    at, most = "/servicePrincipal/appId", context.settings.max_agents_per_blueprint
    count = len(app.agents)
    if app.is_microsoft or app.is_foreign:  # only its owner can divide the agents among several blueprints
        return
    if count > most:
        yield Hit(pointer=at, message=f"has {count} agent identities; the limit is {most}")
    elif count + app.tenant.agents_of_unread_blueprints > most:
        yield Gap(at, "some of its agent identities may not have been read", "unknown", "read the blueprints of agents")
    elif not app.tenant.whole:
        yield Gap(at, "not all agent identities were read", "unknown", "read the whole tenant")


@rule(
    "orphaned-agent-user",
    on="tenant",
    severity="low",
    status="preview",
    needs=("agentUsers",),
    needs_all=("servicePrincipals",),
    when_set=("agentUsers",),
    checks=("AG-15",),
    references=("entra:agent-id-faq#blueprints", "entra:agent-identity-deletion", "entra:agent-users"),
    bad=Bad(
        {"agentUsers": [{"id": "aaaaaaaa-0000-4000-8000-000000000001", "identityParentId": _GONE}]}, at="/agentUsers/0"
    ),
    good=Good(
        {"agentUsers": [{"id": "aaaaaaaa-0000-4000-8000-000000000001", "identityParentId": GRAPH_PRINCIPAL}]},
        why="the service principal that it belongs to is in the tenant",
    ),
    base="tenant",
)
def orphaned_agent_user(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """The user account of a deleted agent identity remains.

    Why: The account cannot authenticate, but it can still have licenses and group memberships. It is not shown as
        disabled, so a review of accounts may not distinguish it from one that is in use.
    Acceptable: The account can remain as long as the deleted agent identity may be restored, or the mailbox of the
        account is needed. Microsoft Entra ID can delete the accounts of a deleted blueprint later.
    Fix: Delete the user account, unless its agent identity will be restored.
    """
    for index, user in enumerate(tenant.agent_users or ()):
        agent = user.identity_parent_id
        if isinstance(agent, str) and agent not in tenant.principals_by_id:
            says = f"has the user account {text_of(user.id)} of an agent identity that was deleted"
            yield Hit(pointer=f"/agentUsers/{index}", message=says)
