"""Who may sign in to an application, or get a token for it: all users, unless assignment is required.

By default, an application is open to all users of the tenant, which is right for most. The rules report it only where
something depends on it: powerful consents, app roles, SAML, or one of Microsoft's tools for administrators. Global
Administrators are exempt from assignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rules.analysis.principals import is_own, unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Because, Hit
from rules.model.registration import Registration
from rules.model.tenant import ServicePrincipal, Tenant
from rules.model.tenant_app import Granted, TenantApp

_AT: Final = "/servicePrincipal/appRoleAssignmentRequired"
_OPEN: Final = {"appRoleAssignmentRequired": False}
_NEEDS: Final = (
    "servicePrincipal.appRoleAssignmentRequired",
    "servicePrincipal.accountEnabled",
    "servicePrincipal.appRoles",
    "servicePrincipal.appOwnerOrganizationId",
    "servicePrincipal.servicePrincipalType",
    "tenant.organization",
)

#: Microsoft's tools for administrators, which have broad delegated permissions in most tenants. Source: Maester,
#: MT.1186 (IDs and names), read on 30 November 2026.
TOOLS: Final = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Graph Command Line Tools",
    "de8bc8b5-d9f9-48b1-a8ad-b748da725064": "Graph Explorer",
    "1b730954-1685-4b74-9bfd-dac224a7b894": "Azure AD PowerShell",
    "12128f48-ec9e-42f0-b203-ea49fb6af367": "Teams PowerShell",
    "fb78d390-0c51-40cd-8e17-fdbfab77341b": "Exchange Online PowerShell",
    "9bc3ab49-b65d-410a-85ad-de819febfddc": "SharePoint Online Management Shell",
    "9cee029c-6210-4654-90bb-17e6e9d36617": "Power Platform CLI",
}
_LEGACY: Final = "1b730954-1685-4b74-9bfd-dac224a7b894"
_MICROSOFT: Final = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def _role(*members: str) -> dict[str, Any]:
    return {
        "id": "66666666-6666-4666-8666-666666666665",
        "value": "Orders.Write",
        "isEnabled": True,
        "allowedMemberTypes": list(members),
    }


_MAIL: Final = {
    "oauth2PermissionGrants": [
        {"id": "g", "consentType": "Principal", "resourceId": GRAPH_PRINCIPAL, "scope": "Mail.ReadWrite"}
    ]
}
_DIRECTORY: Final = {
    "oauth2PermissionGrants": [
        {"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": "Directory.ReadWrite.All"}
    ]
}


_APPLICATION_OPEN_TO_ALL_USERS_BAD: Final = (
    Bad({"servicePrincipal": {**_OPEN, "appRoles": [_role("User")]}}, at=_AT),
    Bad({"servicePrincipal": {**_OPEN, "preferredSingleSignOnMode": "saml"}}, at=_AT),
    Bad(
        {"servicePrincipal": _OPEN, **_MAIL},
        at=_AT,
        severity="low",
        expected_rules=("powerful-user-consent",),
    ),
    Bad(
        {
            "servicePrincipal": {**_OPEN, "replyUrls": []},
            "application": {"isFallbackPublicClient": True, "web": {"redirectUris": []}},
            **_MAIL,
        },
        at=_AT,
        severity="low",
        expected_rules=("powerful-user-consent",),
    ),
)


@rule(
    "application-open-to-all-users",
    on="service principal",
    severity="info",
    may_be=("low",),
    needs=(
        *_NEEDS,
        "servicePrincipal.replyUrls",
        "servicePrincipal.preferredSingleSignOnMode",
        "application.isFallbackPublicClient",
        "appRoleAssignments",
        "oauth2PermissionGrants",
    ),
    checks=("SP-01",),
    references=("entra:restrict-app-to-users", "entra:application-properties"),
    bad=_APPLICATION_OPEN_TO_ALL_USERS_BAD,
    good=(
        Good({"servicePrincipal": _OPEN}, why="the application has no powerful permission, no app role and no SAML"),
        Good(
            {"servicePrincipal": {**_OPEN, "replyUrls": []}, **_MAIL}, why="users cannot sign in without a redirect URI"
        ),
        Good(
            {"servicePrincipal": {**_OPEN, "replyUrls": [], "preferredSingleSignOnMode": "password"}, **_MAIL},
            why="assignment has no effect on sign-in with stored passwords",
        ),
        Good(
            {"servicePrincipal": {**_OPEN, "appRoles": [_role("Application")]}},
            why="api-open-to-all-clients reports app roles for applications",
        ),
    ),
    base="own",
)
def application_open_to_all_users(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """An application with powerful permissions, app roles or SAML requires no assignment.

    Why: An attacker who compromises any account of the tenant, including a guest account, can sign in. Users without an
        app role can sign in too, so the application must check the role.
    Acceptable: Open access is acceptable if the application is meant for all users of the tenant. An application with
        app roles must then check them.
    Fix: Assign the users or groups that use the application. Grant admin consent, since users cannot consent once
        assignment is required. Then set appRoleAssignmentRequired to true.
    """
    principal = app.service_principal
    if principal is None or not _is_open(app, principal) or not is_own(app):
        return
    mode = str(principal.preferred_single_sign_on_mode).casefold()
    if not principal.reply_urls and mode not in ("saml", "oidc") and not _is_public_client(app):
        return
    if _members(app, "Application"):
        return
    powerful = _powerful(app.granted)
    if any(row.for_all for row in powerful):
        return  # granted-delegated-permission reports both together
    if powerful:
        because = (Because(powerful[0].pointer, powerful[0].value),)
        says = f"is open to all users and has {powerful[0].value} of {powerful[0].resource_name}"
        yield Hit(pointer=_AT, message=says, severity="low", because=because, set_to=True)
        return
    yield from (Gap(*one) for one in unlisted(app.granted, "Scope"))
    if _members(app, "User") or mode == "saml":
        what = "has app roles for users" if _members(app, "User") else "uses SAML"
        yield Hit(pointer=_AT, message=f"is open to all users and {what}", set_to=True)


def _powerful(rows: Iterable[Granted]) -> list[Granted]:
    """The delegated permissions that can take over the tenant or access all data of the user, the former first."""
    powerful = [row for row in rows if row.kind == "Scope" and row.permission and row.permission.tier in _POWERFUL]
    return sorted(powerful, key=lambda row: _POWERFUL.index(row.permission.tier) if row.permission else 0)


#: The tiers of permissions that count as powerful, the worst first.
_POWERFUL: Final = ("tenant", "data")


def _is_public_client(app: TenantApp) -> bool:
    """Whether users can sign in without a redirect URI, as with the device code grant."""
    return isinstance(app.application, Registration) and app.application.is_fallback_public_client is True


def _is_open(app: TenantApp, principal: ServicePrincipal) -> bool:
    """Whether tokens are issued without an assignment."""
    return principal.app_role_assignment_required is False and not app.blocked


def _members(app: TenantApp, kind: str) -> bool:
    """Whether the application has an enabled role for users (``User``) or for applications."""
    roles = app.service_principal.app_roles if app.service_principal else None
    return any(role.is_enabled is not False and kind in (role.allowed_member_types or ()) for role in roles or ())


@rule(
    "api-open-to-all-clients",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    needs=_NEEDS,
    when_set=("servicePrincipal.appRoles",),
    checks=("EX-12",),
    references=(
        "entra:v2-oauth2-client-creds-grant-flow",
        "entra:protected-web-api-verification",
        "entra:restrict-app-to-users",
    ),
    bad=Bad({"servicePrincipal": {**_OPEN, "appRoles": [_role("Application")]}}, at=_AT),
    good=(
        Good({"servicePrincipal": {"appRoles": [_role("Application")]}}, why="assignment is required"),
        Good({"servicePrincipal": {**_OPEN, "appRoles": [_role("User")]}}, why="the app role is for users"),
    ),
    base="own-api",
)
def api_open_to_all_clients(app: TenantApp, _: Context) -> Iterator[Hit]:
    """Clients without an app role can get tokens for an API.

    Why: Every client of the tenant can get a token for the API. If the API checks the audience but not the roles, an
        attacker with any client can call it.
    Acceptable: Open access is acceptable if the API checks the roles of each token, and refuses a client without a
        role.
    Fix: Assign each client its role. Then set appRoleAssignmentRequired to true. Users of the API then also need an
        assignment. The API must still check the role.
    """
    principal = app.service_principal
    if principal is None or not _is_open(app, principal) or not is_own(app):
        return
    if _members(app, "Application"):
        says = "has app roles for applications, and clients without a role can get tokens"
        yield Hit(pointer=_AT, message=says, set_to=True)


_MICROSOFT_TOOL_OPEN_TO_ALL_USERS_BAD: Final = (
    Bad(
        {
            "servicePrincipal": {
                **_OPEN,
                "appId": "14d82eec-204b-4c2f-b7e8-296a70dab67e",
                "appOwnerOrganizationId": _MICROSOFT,
            }
        },
        at=_AT,
    ),
    Bad(
        {
            "servicePrincipal": {
                **_OPEN,
                "appId": "fb78d390-0c51-40cd-8e17-fdbfab77341b",
                "appOwnerOrganizationId": _MICROSOFT,
            }
        },
        at=_AT,
    ),
    Bad({"servicePrincipal": {**_OPEN, "appId": _LEGACY, "appOwnerOrganizationId": _MICROSOFT}}, at=_AT),
    Bad(
        {
            "servicePrincipal": {
                **_OPEN,
                "appId": "de8bc8b5-d9f9-48b1-a8ad-b748da725064",
                "appOwnerOrganizationId": _MICROSOFT,
            },
            **_DIRECTORY,
        },
        at=_AT,
        severity="medium",
    ),
    Bad(
        {
            "servicePrincipal": {
                **_OPEN,
                "appId": "14d82eec-204b-4c2f-b7e8-296a70dab67e",
                "appOwnerOrganizationId": _MICROSOFT,
            },
            "oauth2PermissionGrants": [{**_MAIL["oauth2PermissionGrants"][0], "consentType": "AllPrincipals"}],
        },
        at=_AT,
        severity="medium",
    ),
)


@rule(
    "microsoft-tool-open-to-all-users",
    on="service principal",
    severity="low",
    may_be=("medium",),
    needs=("servicePrincipal.appRoleAssignmentRequired", "servicePrincipal.accountEnabled", "oauth2PermissionGrants"),
    checks=("SP-02", "TP-18"),
    references=("entra:restrict-app-to-users", "web:maester-mt1186", "learn:azure-ad-powershell"),
    bad=_MICROSOFT_TOOL_OPEN_TO_ALL_USERS_BAD,
    good=(
        Good(
            {"servicePrincipal": {"appId": _LEGACY, "appOwnerOrganizationId": _MICROSOFT}}, why="assignment is required"
        ),
        Good(
            {
                "servicePrincipal": {
                    **_OPEN,
                    "accountEnabled": False,
                    "appId": _LEGACY,
                    "appOwnerOrganizationId": _MICROSOFT,
                }
            },
            why="users cannot sign in to a disabled application",
        ),
        Good(
            {"servicePrincipal": {**_OPEN, "appOwnerOrganizationId": _MICROSOFT}},
            why="the application is not on the list of tools",
        ),
    ),
    base="foreign",
)
def microsoft_tool_open_to_all_users(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """All users may sign in to one of Microsoft's tools for administrators.

    Why: In most tenants, the tool needs no further consent prompt. With any account, an attacker can list the
        directory, or administer a service as far as the account may.
    Acceptable: Open access is acceptable if all users need the tool. The tool allows only what the account of its user
        may do.
    Fix: Assign the administrators who use the tool. Then set appRoleAssignmentRequired to true. Only assigned users and
        Global Administrators can then sign in, and an administrator must consent. Protect Global Administrators by
        Conditional Access. Set accountEnabled to false for Azure AD PowerShell, which is deprecated, once no script
        uses it.
    """
    principal = app.service_principal
    name = TOOLS.get(app.app_id.lower())
    if name is None or principal is None or not _is_open(app, principal):
        return
    for_all = [row for row in app.granted if row.for_all]
    powerful = _powerful(for_all)
    if not powerful:
        yield from (Gap(*one) for one in unlisted(for_all, "Scope"))
    deprecated = ", which is deprecated," if app.app_id.lower() == _LEGACY else ""
    words = f"; {powerful[0].value} is consented for all users" if powerful else ""
    yield Hit(
        pointer=_AT,
        message=f"is Microsoft's {name}{deprecated} and is open to all users{words}",
        severity="medium" if powerful else "low",
        because=tuple(Because(row.pointer, row.value) for row in powerful[:1]),
        set_to=True,
    )


@rule(
    "microsoft-tool-without-service-principal",
    on="tenant",
    severity="info",
    needs_all=("servicePrincipals",),
    checks=("TP-18",),
    references=("entra:restrict-app-to-users", "web:maester-mt1186"),
    bad=Bad({"servicePrincipals": []}, at="/servicePrincipals"),
    good=Good({}, why="each tool has a service principal"),
    base="tenant",
)
def microsoft_tool_without_service_principal(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Some Microsoft tools for administrators have no service principal in the tenant.

    Why: Users can still sign in to such a tool. Assignment cannot be required until the service principal of the tool
        exists.
    Acceptable: The missing service principals are acceptable if all users need these tools. The tools allow only what
        the account of their user may do.
    Fix: Create the service principals with New-MgServicePrincipal -AppId. Assign the administrators who use the tools.
        Then set appRoleAssignmentRequired to true. Only assigned users and Global Administrators can then sign in.
    """
    absent = [name for app_id, name in TOOLS.items() if app_id not in tenant.principals_by_app]
    if absent and tenant.is_whole("servicePrincipals"):
        yield Hit(pointer="/servicePrincipals", message=f"has no service principal for {', '.join(absent)}")
