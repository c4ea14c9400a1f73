"""Who may sign in to an application, or get a token for it: everybody, unless assignment is required.

By default an application is open to all of the tenant, and for most of an organisation's own applications that is right. So
the rules judge it only where something is behind it: consents that open much, roles that the application decides by, SAML,
or a tool of Microsoft's that acts with all that a person may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.principals import is_own
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Because, Hit
from rules.model.tenant import ServicePrincipal
from rules.model.tenant_app import TenantApp

_AT: Final = "/servicePrincipal/appRoleAssignmentRequired"
_OPEN: Final = {"appRoleAssignmentRequired": False}
_NEEDS: Final = (
    "servicePrincipal.appRoleAssignmentRequired", "servicePrincipal.accountEnabled", "servicePrincipal.appRoles",
    "servicePrincipal.appOwnerOrganizationId", "servicePrincipal.servicePrincipalType", "tenant.organization",
)  # fmt: skip

#: Tools of Microsoft's that anybody can start and that act with all that a person may do. Sources: Microsoft, "Mandatory
#: multifactor authentication for Azure" (Azure CLI, Azure PowerShell); the Graph SDK for PowerShell; Graph Explorer; Zero
#: Trust Assessment 21844 (Azure AD PowerShell); Maester MT.1186 judges the same.
TOOLS: Final = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Graph Command Line Tools",
    "de8bc8b5-d9f9-48b1-a8ad-b748da725064": "Graph Explorer",
    "1b730954-1685-4b74-9bfd-dac224a7b894": "Azure AD PowerShell",
}
_LEGACY: Final = "1b730954-1685-4b74-9bfd-dac224a7b894"
_MICROSOFT: Final = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def _role(*members: str) -> dict[str, Any]:
    return {"id": "66666666-6666-4666-8666-666666666665", "value": "Orders.Write", "isEnabled": True, "allowedMemberTypes": list(members)}  # fmt: skip


_MAIL: Final = {"oauth2PermissionGrants": [{"id": "g", "consentType": "Principal", "resourceId": GRAPH_PRINCIPAL, "scope": "Mail.ReadWrite"}]}  # fmt: skip
_DIRECTORY: Final = {"oauth2PermissionGrants": [{"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": "Directory.ReadWrite.All"}]}  # fmt: skip


@rule(
    "application-open-to-everybody", on="service principal",
    severity="info",
    may_be=("low",),
    needs=(*_NEEDS, "servicePrincipal.replyUrls", "servicePrincipal.preferredSingleSignOnMode", "appRoleAssignments", "oauth2PermissionGrants"),
    checks=("SP-01",),
    references=("entra:restrict-app-to-users", "entra:application-properties"),
    bad=(
        Bad({"servicePrincipal": {**_OPEN, "appRoles": [_role("User")]}}, at=_AT),
        Bad({"servicePrincipal": {**_OPEN, "preferredSingleSignOnMode": "saml"}}, at=_AT),
        Bad({"servicePrincipal": _OPEN, **_MAIL}, at=_AT, severity="low", expected_rules=("powerful-consent-of-single-people",)),
    ),
    good=(
        Good({"servicePrincipal": _OPEN}, why="nothing is behind it that not everybody may have"),
        Good({"servicePrincipal": {**_OPEN, "replyUrls": []}, **_MAIL}, why="it signs nobody in"),
        Good({"servicePrincipal": {**_OPEN, "appRoles": [_role("Application")]}}, why="api-open-to-every-client speaks of that"),
    ),
    base="own",
)  # fmt: skip
def application_open_to_everybody(app: TenantApp, _: Context) -> Iterator[Hit]:
    """Everybody in the tenant may sign in to an application that has something to give or to lose.

    Why: Any account that is taken over gets in, guests too; where roles decide, people without one get in as well, and the
        application must think of that.
    Fix: Require assignment, and assign the groups that use it. Leave it open on purpose where everybody is meant.
    """
    principal = app.service_principal
    if principal is None or not _is_open(app, principal) or not is_own(app):
        return
    mode = str(principal.preferred_single_sign_on_mode).casefold()
    if not principal.reply_urls and mode not in ("saml", "oidc", "password"):
        return
    if _members(app, "Application"):
        return
    powerful = [
        row
        for row in app.granted
        if row.kind == "Scope" and row.permission and row.permission.tier in ("tenant", "data")
    ]
    if any(row.for_all for row in powerful):
        return  # granted-delegated-permission judges both together
    if powerful:
        because = (Because(powerful[0].pointer, powerful[0].value),)
        says = f"is open to everybody, and holds {powerful[0].value} of {powerful[0].resource_name}"
        yield Hit(pointer=_AT, message=says, severity="low", because=because, set_to=True)
    elif _members(app, "User") or mode == "saml":
        what = "decides by roles" if _members(app, "User") else "takes everybody's SAML sign-in"
        yield Hit(pointer=_AT, message=f"is open to everybody, and {what}", set_to=True)


def _is_open(app: TenantApp, principal: ServicePrincipal) -> bool:
    """Whether tokens are issued without an assignment."""
    return principal.app_role_assignment_required is False and app.is_enabled


def _members(app: TenantApp, kind: str) -> bool:
    """Whether the application has an enabled role for people (``User``) or for applications."""
    roles = app.service_principal.app_roles if app.service_principal else None
    return any(role.is_enabled is not False and kind in (role.allowed_member_types or ()) for role in roles or ())


@rule(
    "api-open-to-every-client", on="service principal",
    severity="low",
    needs=_NEEDS,
    when_set=("servicePrincipal.appRoles",),
    checks=("EX-12",),
    references=("entra:protected-web-api-verification", "entra:restrict-app-to-users"),
    bad=Bad({"servicePrincipal": {**_OPEN, "appRoles": [_role("Application")]}}, at=_AT),
    good=(
        Good({"servicePrincipal": {"appRoles": [_role("Application")]}}, why="assignment is required"),
        Good({"servicePrincipal": {**_OPEN, "appRoles": [_role("User")]}}, why="its roles are for people"),
    ),
    base="own-api",
)  # fmt: skip
def api_open_to_every_client(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An API has roles for applications, and issues tokens to applications without one.

    Why: Every client of the tenant gets a token for the API. One that checks the audience and forgets the roles lets it in.
    Fix: Give each client its role, then require assignment; people who call the API need one too from then on. The API must
        check the role all the same.
    """
    principal = app.service_principal
    if principal is None or not _is_open(app, principal) or not is_own(app):
        return
    if _members(app, "Application"):
        says = "has roles for applications, and is open to those without one"
        yield Hit(pointer=_AT, message=says, set_to=True)


@rule(
    "microsoft-tool-open-to-everybody", on="service principal",
    severity="low",
    may_be=("medium",),
    needs=("servicePrincipal.appRoleAssignmentRequired", "servicePrincipal.accountEnabled", "oauth2PermissionGrants"),
    checks=("SP-02", "TP-18"),
    references=("entra:restrict-app-to-users", "web:maester-mt1186", "graph:serviceprincipal"),
    bad=(
        Bad({"servicePrincipal": {**_OPEN, "appId": "14d82eec-204b-4c2f-b7e8-296a70dab67e", "appOwnerOrganizationId": _MICROSOFT}}, at=_AT),
        Bad({"servicePrincipal": {**_OPEN, "appId": _LEGACY, "appOwnerOrganizationId": _MICROSOFT}}, at=_AT, severity="medium"),
        Bad({"servicePrincipal": {**_OPEN, "appId": "de8bc8b5-d9f9-48b1-a8ad-b748da725064", "appOwnerOrganizationId": _MICROSOFT}, **_DIRECTORY}, at=_AT, severity="medium"),
    ),
    good=(
        Good({"servicePrincipal": {"appId": _LEGACY, "appOwnerOrganizationId": _MICROSOFT}}, why="only people who are assigned get in"),
        Good({"servicePrincipal": {**_OPEN, "accountEnabled": False, "appId": _LEGACY, "appOwnerOrganizationId": _MICROSOFT}}, why="disabled"),
        Good({"servicePrincipal": {**_OPEN, "appOwnerOrganizationId": _MICROSOFT}}, why="another of Microsoft's applications"),
    ),
    base="foreign",
)  # fmt: skip
def microsoft_tool_open_to_everybody(app: TenantApp, _: Context) -> Iterator[Hit]:
    """Everybody may sign in to one of Microsoft's tools for administrators.

    Why: The tool's id is public and needs no secret: whoever deceives a person, or has a password, acts with it at once. What
        was consented for everybody is there for each of them. A tool that nobody has used yet is made at its first sign-in.
    Fix: Require assignment, and assign the administrators. Disable Azure AD PowerShell, which is retired.
    """
    principal = app.service_principal
    name = TOOLS.get(app.app_id.lower())
    if name is None or principal is None or not _is_open(app, principal):
        return
    powerful = [row for row in app.granted if row.for_all and row.permission and row.permission.tier == "tenant"]
    words = ", and is retired" if app.app_id.lower() == _LEGACY else ""
    words += f", with {powerful[0].value} consented for all of them" if powerful else ""
    yield Hit(
        pointer=_AT,
        message=f"is Microsoft's {name}, and open to everybody{words}",
        severity="medium" if words else "low",
        because=tuple(Because(row.pointer, row.value) for row in powerful[:1]),
        set_to=True,
    )
