"""Where the permissions that an application requests differ from those that it was granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET

from rules.analysis.consents import EXTERNAL_TENANT, for_themselves, is_wide, may_consent
from rules.analysis.principals import DEFAULT_ACCESS, is_own, requests
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.permissions import (
    GRAPH,
    Kind,
    Permission,
    not_listed,
    permission,
    permission_named,
    resources,
)
from rules.knowledge.tenants import microsoft_tenants
from rules.model.clean_tenant import GRAPH_PRINCIPAL
from rules.model.finding import Because, Hit
from rules.model.registration import PermissionScope, Registration
from rules.model.tenant_app import TenantApp

#: The appId of an API, the ID of one of its permissions, and its kind.
_Key = tuple[str, str, str]
_AT: Final = "/application/requiredResourceAccess"

_USER_READ_ALL: Final = "df021288-bdef-4463-88db-98f22de89214"
_ROLE_MANAGEMENT: Final = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"


#: A tenant in which users may consent for themselves.
_USERS_CONSENT: Final = {
    "authorizationPolicy": {
        "defaultUserRolePermissions": {
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"]
        }
    }
}


def _requested(*ids: str, kind: Kind = "Role") -> dict[str, Any]:
    access = [{"id": one, "type": kind} for one in ids]
    return {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}]}


def _assigned(*ids: str) -> list[dict[str, Any]]:
    return [{"id": f"a{number}", "appRoleId": one, "resourceId": GRAPH_PRINCIPAL} for number, one in enumerate(ids)]


_UNGRANTED_PERMISSION_BAD: Final = (
    Bad({"application": {**_requested(_USER_READ_ALL), "signInAudience": "azureadmyorg"}}, at=_AT),
    Bad({"application": _requested(_ROLE_MANAGEMENT)}, at=_AT, severity="medium"),
    Bad({"application": _requested(_ROLE_MANAGEMENT), "servicePrincipal": {"accountEnabled": False}}, at=_AT),
    Bad(
        {
            "application": _requested(_USER_READ_ALL),
            "appRoleAssignments": [
                {"id": "a", "appRoleId": _USER_READ_ALL, "resourceId": "77777777-7777-4777-8777-777777777771"}
            ],
        },
        at=_AT,
    ),
)

_UNGRANTED_PERMISSION_GOOD: Final = (
    Good({"application": _requested(_USER_READ_ALL), "appRoleAssignments": _assigned(_USER_READ_ALL)}),
    Good(
        {
            "application": _requested("e1fe6dd8-ba31-4d61-89e7-88639da4683d", kind="Scope"),
            "servicePrincipal": {"appRoleAssignmentRequired": False},
            "tenant": _USERS_CONSENT,
        },
        why="each user can consent at sign-in",
    ),
    Good(
        {"application": {**_requested(_USER_READ_ALL), "signInAudience": "AzureADMultipleOrgs"}},
        why="another tenant may grant the permission",
    ),
)


@rule(
    "ungranted-permission",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("medium",),
    needs=(
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.appRoleAssignmentRequired",
        "application.requiredResourceAccess",
        "application.signInAudience",
        "tenant.organization",
        "tenant.authorizationPolicy",
    ),
    needs_all=("appRoleAssignments", "oauth2PermissionGrants"),
    when_set=("application.requiredResourceAccess",),
    checks=("PE-07",),
    instead_of=("powerful-application-permission", "powerful-delegated-permission", "legacy-mailbox-permission"),
    references=(
        "entra:permissions-consent-overview",
        "entra:application-consent-experience",
        "entra:configure-user-consent",
        "entra:concept-supported-features-customers",
        "graph:requiredresourceaccess",
        "graph:apiapplication",
    ),
    bad=_UNGRANTED_PERMISSION_BAD,
    good=_UNGRANTED_PERMISSION_GOOD,
    base="own-daemon",
)
def ungranted_permission(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """Requested permissions were not granted, and users cannot grant them.

    Why: A client that needs such a permission fails without it. An administrator who selects "Grant admin consent"
        grants all requested permissions, even those that the client does not need.
    Acceptable: The request is acceptable while an administrator reviews it. Until the permission is granted, the client
        cannot use it.
    Fix: Remove the permissions that the client does not need from requiredResourceAccess. Grant the other permissions.
    """
    application = app.application
    if (
        not isinstance(application, Registration)
        or not is_own(app)
        or application.sign_in_audience is UNSET
        or application.is_multi_tenant
    ):
        return
    requested = requests(application)
    missing = [(key, pointer) for key, pointer in requested.items() if _waits(app, key)]
    yield from _unknown(app, requested, missing)
    waiting = [(key, pointer) for key, pointer in missing if not _why_unknown(app, key)]
    if not waiting:
        return
    rows = [_row(app, key) for key, _ in waiting]
    names = [row.value if row else _name(app, key) for row, (key, _) in zip(rows, waiting, strict=True)]
    takes = any(row and row.kind == "Role" and row.tier == "tenant" for row in rows)
    if not takes and not app.blocked:
        yield from _unlisted(app, waiting)  # one of them may take over the tenant, and then the finding is medium
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    yield Hit(
        pointer=_AT,
        message=f"requests permissions that were not granted: {shown}"
        + ("; at least one permission can take over the tenant" if takes else ""),
        severity="medium" if takes and not app.blocked else "low",
        because=tuple(
            Because(f"/application{pointer}", name) for (_, pointer), name in zip(waiting, names, strict=True)
        ),
        mark=" ".join(sorted(key[1] for key, _ in waiting)),
    )


def _unknown(app: TenantApp, requested: Mapping[_Key, str], missing: Sequence[tuple[_Key, str]]) -> Iterator[Gap]:
    """Requests of which it is not known whether they wait for a grant."""
    for pointer in _unread_apis(app, requested):
        says = "the delegated permissions of the API were not read"
        yield Gap(f"/application{pointer}", says, "not-in-file", "read the whole tenant")
    for key, pointer in missing:
        if why := _why_unknown(app, key):
            yield Gap(f"/application{pointer}", why[0], "unknown", why[1])


def _why_unknown(app: TenantApp, key: _Key) -> tuple[str, str] | None:
    """Why it is not known whether a permission waits for a grant, and what to do; ``None`` if it does wait."""
    if _may_be_pre_authorized(app, key):
        says = "the permission was not granted, but the API may have pre-authorized the client"
        return says, "check preAuthorizedApplications of the API"
    scope = _scope(app, key)
    if scope and scope.type != "Admin" and app.tenant.is_external and _users_may_consent(app, key[0], scope):
        return EXTERNAL_TENANT[0], EXTERNAL_TENANT[2]
    return None


def _unlisted(app: TenantApp, waiting: Sequence[tuple[_Key, str]]) -> Iterator[Gap]:
    """The application permissions that the table lacks although it lists their API."""
    for key, pointer in waiting:
        if key[2] == "Role" and key[0] in resources() and _row(app, key) is None:
            yield Gap(f"/application{pointer}", *not_listed(key[0], _name(app, key)))


def _unread_apis(app: TenantApp, requested: Mapping[_Key, str]) -> tuple[str, ...]:
    """The first request for a delegated permission of each API that was not read: who may consent is not known."""
    firsts: dict[str, str] = {}
    for (resource, _, kind), pointer in requested.items():
        api = app.tenant.principals_by_app.get(resource)
        unread = api.oauth2_permission_scopes is UNSET if api else not app.tenant.whole
        if kind == "Scope" and unread:
            firsts.setdefault(resource, pointer)
    return tuple(firsts.values())


def _waits(app: TenantApp, key: _Key) -> bool:
    """Whether a requested permission needs an administrator and was not granted, on that very API."""
    resource, wanted, kind = key
    principal = app.tenant.principals_by_app.get(resource)
    if kind == "Role":
        # An API that was not read may be the one, where only some applications were read.
        apis = app.tenant.principals_by_id
        return not any(
            str(one.app_role_id).lower() == wanted
            and (one.resource_id == principal.id if principal else str(one.resource_id) not in apis)
            for one in app.app_role_assignments or ()
        )
    found = _scope(app, key)
    if found is None or not isinstance(found.value, str):
        return False
    if found.type != "Admin" and not app.tenant.is_external and _users_may_consent(app, resource, found):
        return False
    granted = {row.value.casefold() for row in app.granted if row.kind == "Scope" and row.resource == resource}
    return found.value.casefold() not in granted


def _scope(app: TenantApp, key: _Key) -> PermissionScope | None:
    """The scope of a delegated permission that is requested, as its API defines it; ``None`` if that was not read."""
    resource, wanted, kind = key
    principal = app.tenant.principals_by_app.get(resource)
    scopes = principal.oauth2_permission_scopes or () if principal and kind == "Scope" else ()
    return next((one for one in scopes if str(one.id).lower() == wanted), None)


def _users_may_consent(app: TenantApp, resource: str, scope: PermissionScope) -> bool:
    """Whether users may consent to a delegated permission that needs no administrator; true where that is not known.

    Where an application requires assignment, an administrator has to consent, whatever users may consent to. Where
    users may consent to permissions classified low alone, only those of Microsoft Graph are read. Source: Microsoft,
    "Configure how users consent to applications".
    """
    principal, tenant = app.service_principal, app.tenant
    if not may_consent(tenant) or (principal is not None and principal.app_role_assignment_required is True):
        return False
    classified = tenant.delegated_permission_classifications
    if not for_themselves(tenant) or is_wide(tenant) or resource != GRAPH or classified is UNSET:
        return True
    wanted = str(scope.id).lower()
    return any(
        str(one.permission_id).lower() == wanted and str(one.classification).casefold() == "low" for one in classified
    )


def _may_be_pre_authorized(app: TenantApp, key: _Key) -> bool:
    """Whether a delegated permission may need no consent: an API can list clients that need none.

    Only the registration of the API has that list. Microsoft's own APIs list Microsoft's clients.
    """
    resource, _, kind = key
    principal = app.tenant.principals_by_app.get(resource)
    owner = principal.app_owner_organization_id if principal else None
    return kind == "Scope" and not (isinstance(owner, str) and owner.lower() in microsoft_tenants())


def _row(app: TenantApp, key: _Key) -> Permission | None:
    """The row of a requested permission by its ID, or by the value that the API in this cloud gives it."""
    resource, _, kind = key
    return permission(*key) or permission_named(resource, _name(app, key), "Role" if kind == "Role" else "Scope")


def _name(app: TenantApp, key: _Key) -> str:
    """The value of a permission that the table does not know; its ID where the API was not read."""
    principal = app.tenant.principals_by_app.get(key[0])
    values = app.tenant.role_values if key[2] == "Role" else app.tenant.scope_values
    return values.get((str(principal.id), key[1]), key[1]) if principal else key[1]


@rule(
    "unrequested-permission-grant",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    needs=(
        "appRoleAssignments",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "tenant.organization",
    ),
    needs_all=("application.requiredResourceAccess",),
    when_set=("appRoleAssignments",),
    checks=("PE-08",),
    references=("entra:secure-least-privileged-access", "graph:serviceprincipal-list-approleassignments"),
    bad=Bad({"appRoleAssignments": _assigned(_USER_READ_ALL)}, at="/appRoleAssignments"),
    good=(
        Good({"application": _requested(_USER_READ_ALL), "appRoleAssignments": _assigned(_USER_READ_ALL)}),
        Good(
            {"appRoleAssignments": _assigned(_ROLE_MANAGEMENT)},
            why="granted-application-permission reports this powerful permission",
        ),
        Good(
            {"appRoleAssignments": _assigned(DEFAULT_ACCESS)},
            why="the application is assigned to the API without a permission",
        ),
    ),
    base="own-daemon",
)
def unrequested_permission_grant(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """An application has application permissions that its registration does not request.

    Why: Such permissions are leftovers, or were granted without a request. A review of the requested permissions does
        not show them. An attacker who compromises the application can use the permissions.
    Acceptable: Such permissions are acceptable if a deployment grants them through Microsoft Graph without a request,
        and reviews check the grants.
    Fix: Add the permissions that the client uses to requiredResourceAccess. Revoke the other grants.
    """
    application = app.application
    if not isinstance(application, Registration) or not is_own(app):
        return
    requested = requests(application)
    granted = [
        (row, assignment)
        for row, assignment in zip(app.granted, app.app_role_assignments or (), strict=False)
        if assignment.app_role_id != DEFAULT_ACCESS
    ]
    for row, _assignment in granted if not app.tenant.whole else ():
        if not row.resource:
            yield Gap(row.pointer, "the API of this permission was not read", "failed")
    # Powerful ones are reported by granted-application-permission, with who can use them.
    left = [
        (row, assignment)
        for row, assignment in granted
        if (row.permission is None or row.permission.tier == "other")
        and row.resource
        and (row.resource, str(assignment.app_role_id).lower(), "Role") not in requested
    ]
    if left:
        names = [f"{row.value} of {row.resource_name or row.resource}" for row, _ in left]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield Hit(
            pointer="/appRoleAssignments",
            message=f"has permissions that its registration does not request: {shown}",
            because=tuple(Because(row.pointer, row.value) for row, _ in left),
            mark=" ".join(sorted(str(assignment.app_role_id) for _, assignment in left)),
        )
