"""What was granted for single users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import is_external, is_verified, owned_by
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.consent._fragments import OF_MICROSOFT, OFF, UNVERIFIED, scope
from rules.families.consent._gaps import gaps
from rules.knowledge.permissions import Tier
from rules.model.finding import Hit, Severity
from rules.model.tenant_app import Granted, TenantApp
from rules.primitives.texts import counted

_POWERFUL_USER_CONSENT_BAD: Final = (
    Bad(scope("Mail.Read", "Principal"), at="/oauth2PermissionGrants"),
    Bad(scope("Directory.AccessAsUser.All", "Principal"), at="/oauth2PermissionGrants", severity="high"),
    Bad(
        {**scope("Mail.Read offline_access", "Principal"), "servicePrincipal": UNVERIFIED},
        at="/oauth2PermissionGrants",
        severity="high",
    ),
    Bad(
        {**scope("Directory.AccessAsUser.All", "Principal"), "servicePrincipal": UNVERIFIED},
        at="/oauth2PermissionGrants",
        severity="critical",
    ),
    Bad(
        {**scope("Directory.AccessAsUser.All", "Principal"), "servicePrincipal": {**UNVERIFIED, **OFF}},
        at="/oauth2PermissionGrants",
    ),
)

_POWERFUL_USER_CONSENT_GOOD: Final = (
    Good(scope("User.Read", "Principal"), why="User.Read is not a powerful permission"),
    Good(scope("Mail.ReadWrite"), why="granted-delegated-permission reports consent for all users"),
    Good({**scope("Mail.Read", "Principal"), "servicePrincipal": OF_MICROSOFT}, why="Microsoft owns the application"),
)


@rule(
    "powerful-user-consent",
    on="service principal",
    kinds=("application", "blueprint", "agent identity"),
    severity="low",
    may_be=("critical", "high"),
    needs=(
        "oauth2PermissionGrants",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.appRoleAssignmentRequired",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.verifiedPublisher",
        "servicePrincipal.servicePrincipalType",
        "tenant.organization",
    ),
    when_set=("oauth2PermissionGrants",),
    checks=("PE-18",),
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "entra:protect-against-consent-phishing",
        "entra:disable-user-sign-in-portal",
        "entra:grant-consent-single-user",
        "entra:refresh-tokens",
        "graph:oauth2permissiongrant",
        "entra:manage-application-permissions",
    ),
    bad=_POWERFUL_USER_CONSENT_BAD,
    good=_POWERFUL_USER_CONSENT_GOOD,
    base="foreign",
)
def powerful_user_consent(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A powerful delegated permission was granted for single users.

    Why: An attacker who tricks a user into consent (consent phishing) gets the permission for that user. A user or an
        administrator can also grant the permission on purpose. If the user changes the password, refresh tokens of a
        confidential client stay valid.
    Acceptable: The consent is acceptable if these users need the application, and an administrator has reviewed it. The
        consent covers only these users.
    Fix: Find out what these users use the application for. If no user needs the application, set accountEnabled to
        false, so that no token is issued. If other users need the application, require assignment, and assign those
        users. Then revoke the consent with Microsoft Graph or PowerShell. Otherwise, replace the permission with a less
        privileged permission, if that permission is enough.
    """
    if app.is_microsoft:
        return
    is_foreign = is_external(app, context.settings)
    tiers: tuple[Tier, ...] = ("tenant", "data", "whole") if is_foreign else ("tenant", "data")
    scopes = [row for row in app.granted if row.kind == "Scope"]
    yield from gaps(app, [row for row in scopes if not row.for_all])
    powerful = [row for row in scopes if row.permission and row.permission.tier in tiers]
    # Required assignment lowers a consent for all users, so it does not replace the finding about a single user.
    is_assigned = app.service_principal is not None and app.service_principal.app_role_assignment_required is True
    for_all = {(row.resource, row.value) for row in powerful if row.for_all and not is_assigned}
    rows = [row for row in powerful if not row.for_all and (row.resource, row.value) not in for_all]
    if not rows:
        return
    values = sorted({row.permission.value for row in rows if row.permission})
    severity, words = _reach(app, rows, is_foreign=is_foreign)
    yield Hit(
        pointer="/oauth2PermissionGrants",
        message=f"has {', '.join(values)} for {_users(app, rows)}{words}",
        severity=severity,
        mark=" ".join(values),
    )


def _reach(app: TenantApp, rows: list[Granted], *, is_foreign: bool) -> tuple[Severity, str]:
    """The severity of consents of single users, and the words for what decides it."""
    if app.blocked:
        return "low", f", while it is {app.blocked.note}"
    takes = any(row.permission and row.permission.tier == "tenant" for row in rows)
    words = f"; {owned_by(app)}" if is_foreign else ""
    if is_foreign and not is_verified(app):
        return "critical" if takes else "high", words
    return "high" if takes else "low", words


def _users(app: TenantApp, rows: list[Granted]) -> str:
    """For how many users these permissions were granted, in words."""
    grants = app.oauth2_permission_grants or ()
    users = len({grants[int(row.pointer.rpartition("/")[2])].principal_id for row in rows})
    return counted(users, "user")
