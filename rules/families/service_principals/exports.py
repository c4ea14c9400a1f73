"""What exports of Exchange Online and of Azure say about an application, which Microsoft Graph does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.principals import is_external
from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.permissions import GRAPH
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Hit, Severity
from rules.model.registration import UNSET
from rules.model.tenant import ApplicationAccessPolicy
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import text_of

_EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
#: The application permissions that an application access policy restricts, by API (Microsoft Graph, "Limiting
#: application permissions to specific Exchange Online mailboxes").
_COVERED: Final = {
    GRAPH: frozenset(
        (
            "Mail.Read",
            "Mail.ReadBasic",
            "Mail.ReadBasic.All",
            "Mail.ReadWrite",
            "Mail.Send",
            "MailboxSettings.Read",
            "MailboxSettings.ReadWrite",
            "Calendars.Read",
            "Calendars.ReadWrite",
            "Contacts.Read",
            "Contacts.ReadWrite",
        )
    ),
    _EXCHANGE: frozenset(("full_access_as_app",)),
}
_MICROSOFT: Final = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_GRANTED: Final = {
    "appRoleAssignments": [{"id": "a", "appRoleId": _MAIL_READ, "resourceId": GRAPH_PRINCIPAL}],
    "application": {
        "requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": _MAIL_READ, "type": "Role"}]}]
    },
}


def _policies(*rows: dict[str, str]) -> dict[str, Any]:
    return {"tenant": {"applicationAccessPolicies": list(rows)}}


@rule(
    "mailbox-permission-without-restriction",
    on="service principal",
    severity="medium",
    may_be=("low",),
    needs=("appRoleAssignments", "servicePrincipal.accountEnabled", "tenant.applicationAccessPolicies"),
    when_set=("appRoleAssignments",),
    checks=("PE-05",),
    references=("graph:auth-limit-mailbox-access", "learn:application-rbac", "learn:new-applicationaccesspolicy"),
    status="preview",
    bad=(
        Bad(_GRANTED | _policies(), at="/appRoleAssignments/0", expected_rules=("granted-application-permission",)),
        Bad(
            _GRANTED | _policies({"appId": "11111111-1111-4111-8111-111111111111", "accessRight": "DenyAccess"}),
            at="/appRoleAssignments/0",
            expected_rules=("granted-application-permission",),
        ),
    ),
    good=(
        Good(
            _GRANTED | _policies({"appId": "11111111-1111-4111-8111-111111111111", "accessRight": "RestrictAccess"}),
            why="the policy restricts the application to some mailboxes",
        ),
        Good(
            _GRANTED | _policies() | {"servicePrincipal": {"appOwnerOrganizationId": _MICROSOFT}, "application": None},
            why="Microsoft owns the application",
        ),
    ),
    base="own",
)
def mailbox_permission_without_restriction(app: TenantApp, _: Context) -> Iterator[Hit]:
    """No application access policy limits a mailbox permission to some mailboxes.

    Why: Anyone who can authenticate as the application can use the permission on every mailbox that no policy denies.
        RBAC for Applications does not restrict a permission that was granted in Microsoft Entra ID.
    Acceptable: Access to all mailboxes is acceptable for an application that needs it, such as a backup or an archive.
    Fix: Grant the application a role with RBAC for Applications and a scope, and test it. Then revoke the permission in
        Microsoft Entra ID. Microsoft advises against new application access policies, which RBAC for Applications
        replaces.
    """
    policies = app.tenant.application_access_policies
    if policies is UNSET or app.is_microsoft:
        return
    rights = {text_of(one.access_right).casefold() for one in policies if _is_of(app, one)}
    if "restrictaccess" in rights:
        return
    which = "every mailbox that no policy denies" if rights else "every mailbox, without an application access policy"
    for row in app.granted:
        if row.kind == "Role" and row.value in _COVERED.get(row.resource, ()):
            blocked = app.blocked
            says = f"has {row.value} for {which}"
            says += f"; the application is {blocked.note}" if blocked else ""
            because = (blocked,) if blocked else ()
            yield Hit(pointer=row.pointer, message=says, severity="low" if blocked else "medium", because=because)


def _is_of(app: TenantApp, policy: ApplicationAccessPolicy) -> bool:
    return text_of(policy.app_id).lower() == app.app_id.lower()


def _has_role(name: str, scope: str = "/subscriptions/99999999-0000-4000-8000-000000000001") -> dict[str, Any]:
    row = {"principalId": "77777777-7777-4777-8777-777777777776", "roleDefinitionName": name, "scope": scope}
    return {"tenant": {"azureRoleAssignments": [row]}}


@rule(
    "external-application-with-azure-role",
    on="service principal",
    kinds=("application", "agent identity"),
    severity="high",
    may_be=("medium", "low"),
    needs=(
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.accountEnabled",
        "tenant.organization",
        "tenant.azureRoleAssignments",
    ),
    settings=("trusted-tenants", "home-tenants"),
    checks=("SP-06",),
    references=(
        "azure:built-in-roles-privileged",
        "graph:serviceprincipal",
        "entra:agent-service-principals#permissions",
    ),
    status="preview",
    bad=(
        Bad(_has_role("Owner"), at="/servicePrincipal"),
        Bad(_has_role("Contoso Operator"), at="/servicePrincipal"),
        Bad(_has_role("Reader"), at="/servicePrincipal", severity="medium"),
        Bad(
            _has_role("Owner") | {"servicePrincipal": {"accountEnabled": False}}, at="/servicePrincipal", severity="low"
        ),
    ),
    good=(
        Good({}, why="the application has no role in the export"),
        Good(
            _has_role("Owner")
            | {"servicePrincipal": {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}},
            why="the application is a service of Microsoft",
        ),
    ),
    base="foreign",
)
def external_application_with_azure_role(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application of an external organization has a role in Azure.

    Why: Anyone who compromises the external organization can use the role on your resources in Azure. You do not manage
        the credentials of the application. grantlint checks the subscriptions in the export, and roles that are
        assigned to the application itself. Each role counts as privileged, unless its name ends with Reader.
    Acceptable: The role is acceptable for a service that your organization uses, such as a monitoring product. It must
        have only the actions and the scope that the service needs.
    Fix: Replace the role by a role with fewer actions on a smaller scope. If your organization does not use the
        service, remove the role.
    """
    if app.service_principal is None or not is_external(app, context.settings):
        return
    mine = [one for one in app.tenant.azure_role_assignments or () if one.principal_id == app.service_principal.id]
    if not mine:
        return
    names = [text_of(one.role_definition_name) for one in mine]
    worst = next((one for one in mine if _is_privileged(text_of(one.role_definition_name))), mine[0])
    severity: Severity = "high" if any(map(_is_privileged, names)) else "medium"
    says = f"has the Azure role {text_of(worst.role_definition_name) or 'that is not named'} on {text_of(worst.scope)}"
    says += f", and {len(mine) - 1} more" if len(mine) > 1 else ""
    blocked = app.blocked
    says += f"; the application is {blocked.note}" if blocked else ""
    because = (blocked,) if blocked else ()
    yield Hit(pointer="/servicePrincipal", message=says, severity="low" if blocked else severity, because=because)


def _is_privileged(name: str) -> bool:
    """Whether a role may be privileged: a custom role, or one without a name, may allow what Owner allows."""
    return not name.casefold().endswith("reader")
