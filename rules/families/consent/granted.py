"""Permissions that were granted.

A request says what a client may get, so ``rules.families.permissions`` rates it one rank lower than a grant that a
secret or an external organization can use. Where the tenant was read, the two are one finding: the rule over grants
reports it, and the one over requests does not report the place that this one names (``instead_of``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import (
    DEFAULT_ACCESS,
    EXPOSURE_NEEDS,
    Exposure,
    exposure_of,
    is_external,
    is_verified,
    lowered,
    owned_by,
    requests,
    unlisted,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.consent._fragments import OF_MICROSOFT, OFF, UNVERIFIED, role, scope
from rules.families.consent._gaps import gaps
from rules.knowledge.permission_names import gains as gains_of
from rules.knowledge.permission_names import narrower
from rules.knowledge.permissions import Tier
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration
from rules.model.tenant_app import Granted, TenantApp

_REPLACES: Final = ("powerful-application-permission", "legacy-mailbox-permission", "powerful-delegated-permission")

_ROLE_MANAGEMENT: Final = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333335",
    "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
_REQUESTED: Final = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": _ROLE_MANAGEMENT, "type": "Role"}],
        }
    ]
}
_ROLE_AT: Final = "/appRoleAssignments/0"
_SCOPE_AT: Final = "/oauth2PermissionGrants/0"


_SOURCES: Final = (
    "entra:secure-least-privileged-access",
    "entra:app-best-practices#credentials",
    "entra:manage-application-permissions",
    "web:azure-tiering",
    "graph:permissions-reference",
    "graph:permissions-selected-overview",
    "learn:application-rbac",
    "learn:teams-resource-specific-permissions",
    "learn:how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
)

_GRANTED_APPLICATION_PERMISSION_BAD: Final = (
    Bad(
        {**role(_ROLE_MANAGEMENT), "application": _REQUESTED},
        at=_ROLE_AT,
        expected_rules=("owner-of-privileged-application",),
    ),
    Bad(
        {**role(_ROLE_MANAGEMENT), "application": {"passwordCredentials": [_SECRET]}},
        at=_ROLE_AT,
        severity="critical",
        expected_rules=("owner-of-privileged-application",),
    ),
    Bad(role(_MAIL_READ), at=_ROLE_AT, severity="medium"),
    Bad({**role(_MAIL_READ), "application": {"passwordCredentials": [_SECRET]}}, at=_ROLE_AT),
    Bad(
        {**role(_ROLE_MANAGEMENT), "servicePrincipal": OFF},
        at=_ROLE_AT,
        severity="low",
        expected_rules=("credentials-of-disabled-application", "owner-of-privileged-application"),
    ),
)


@rule(
    "granted-application-permission",
    on="service principal",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=("appRoleAssignments", "application.requiredResourceAccess", *EXPOSURE_NEEDS),
    when_set=("appRoleAssignments",),
    checks=("PE-03", "SP-03", "SP-09", "PE-06", "PE-08", "AG-07"),
    instead_of=_REPLACES,
    settings=("trusted-tenants", "home-tenants"),
    references=_SOURCES,
    bad=_GRANTED_APPLICATION_PERMISSION_BAD,
    good=(
        Good(
            role(_ROLE_MANAGEMENT, "77777777-7777-4777-8777-777777777771"),
            why="another API has a role with the same ID",
        ),
        Good(
            role("df021288-bdef-4463-88db-98f22de89214"),
            why="User.Read.All reads profiles, which members can read by default",
        ),
        Good({**role(_ROLE_MANAGEMENT), "servicePrincipal": OF_MICROSOFT}, why="Microsoft owns the application"),
    ),
    base="own",
)
def granted_application_permission(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """An application permission allows tenant takeover, or access to data or agents.

    Why: An application permission needs no signed-in user. While the application is enabled, anyone who can
        authenticate as the application has this access. If an external organization owns the application, that
        organization also has this access.
    Acceptable: The permission is acceptable if a service without a signed-in user needs it, and no narrower permission
        is enough. A managed identity, a federated credential or a certificate limits the risk, because there is no
        secret to copy.
    Fix: Replace the permission with a narrower permission, if that permission is enough. Replace secrets with a managed
        identity, a federated credential or a certificate. If the purpose of the permission is unknown, revoke the
        grant. Calls that need the permission then fail.
    """
    if app.is_microsoft:
        return
    yield from (Gap(*one) for one in unlisted(app.granted, "Role"))
    exposure: Exposure | None = None
    for row in app.granted:
        if row.kind != "Role" or row.value == DEFAULT_ACCESS:
            continue
        if not row.resource and not app.tenant.whole:
            yield Gap(row.pointer, "the API of this permission was not read", "failed")
            continue
        if row.permission is None or row.permission.tier not in ("tenant", "data", "mailbox", "assigned"):
            continue
        exposure = exposure or exposure_of(app, context.settings, context.now)
        takes = row.permission.tier == "tenant"
        gains = "which can take over the tenant" if takes else gains_of(row.value)
        instead = "" if takes else narrower(row.kind, row.value)
        drift, requested = _request_of(app, row)
        yield Hit(
            pointer=row.pointer,
            message=f"has the application permission {row.permission.name}, {gains}{exposure.words}{instead}{drift}",
            severity=_severity(row, exposure),
            because=(*exposure.because, *requested),
        )


def _severity(row: Granted, exposure: Exposure) -> Severity:
    """A takeover of the tenant is rated above the data of all users, and that above assigned mailboxes."""
    tier = row.permission.tier if row.permission else "other"
    if tier == "assigned":
        return "low"
    return exposure.adjusted("critical" if tier == "tenant" else "high")


def _request_of(app: TenantApp, row: Granted) -> tuple[str, tuple[Because, ...]]:
    """Whether the registration requests what was granted: words where it does not, the place where it does."""
    if not isinstance(app.application, Registration):
        return "", ()
    if not isinstance(app.application.required_resource_access, tuple | None):
        return "", ()
    pointer = requests(app.application).get((row.resource, row.id, row.kind))
    if pointer is None:
        return "; the registration does not request the permission", ()
    return "", (Because(f"/application{pointer}", "the registration requests it"),)


_GRANTED_DELEGATED_PERMISSION_BAD: Final = (
    Bad({**scope("openid Mail.ReadWrite"), "servicePrincipal": {"appRoleAssignmentRequired": False}}, at=_SCOPE_AT),
    Bad(scope(" Mail.ReadWrite  openid "), at=_SCOPE_AT, severity="low"),
    Bad(
        {**scope("Directory.AccessAsUser.All"), "servicePrincipal": {"appRoleAssignmentRequired": False}},
        at=_SCOPE_AT,
        severity="high",
    ),
    Bad(scope("Directory.AccessAsUser.All"), at=_SCOPE_AT, severity="high"),
    Bad(
        {
            **scope("Directory.AccessAsUser.All"),
            "servicePrincipal": {"appRoleAssignmentRequired": False, **UNVERIFIED},
        },
        at=_SCOPE_AT,
        severity="critical",
    ),
)


@rule(
    "granted-delegated-permission",
    on="service principal",
    kinds=("application", "blueprint", "agent identity"),
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=(
        "oauth2PermissionGrants",
        "application.requiredResourceAccess",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.appRoleAssignmentRequired",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.verifiedPublisher",
        "servicePrincipal.servicePrincipalType",
        "tenant.organization",
    ),
    when_set=("oauth2PermissionGrants",),
    checks=("PE-04", "SP-04", "PE-17"),
    instead_of=_REPLACES,
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "graph:oauth2permissiongrant",
        "entra:manage-application-permissions",
        "entra:secure-least-privileged-access",
        "entra:permissions-consent-overview",
        "entra:restrict-app-to-users",
    ),
    bad=_GRANTED_DELEGATED_PERMISSION_BAD,
    good=(
        Good(scope("User.Read openid profile"), why="User.Read reads only the profile of the signed-in user"),
        Good(scope("Mail.ReadWrite", "Principal"), why="powerful-user-consent reports the consent of one user"),
        Good({**scope("Mail.ReadWrite"), "servicePrincipal": OF_MICROSOFT}, why="Microsoft owns the application"),
    ),
    base="foreign",
)
def granted_delegated_permission(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A powerful delegated permission was granted for all users.

    Why: Users of the application see no consent prompt. An attacker who steals a token can access what its user can
        access with the permission. With some permissions, the token of an administrator can take over the tenant.
    Acceptable: The consent is acceptable if users need the application, and no less privileged permission is enough. A
        token allows only what its user may do.
    Fix: Replace the consent with consent to a less privileged permission, if that permission is enough. Otherwise,
        revoke the consent. The application then fails or prompts users again. To limit who can sign in, assign users,
        then set appRoleAssignmentRequired to true. Global Administrators can still sign in without an assignment.
    """
    if app.is_microsoft:
        return
    is_foreign = is_external(app, context.settings)
    tiers: tuple[Tier, ...] = ("tenant", "data", "whole") if is_foreign else ("tenant", "data")
    consents = [row for row in app.granted if row.kind == "Scope" and row.for_all]
    yield from gaps(app, consents)
    by_grant: dict[str, list[Granted]] = {}
    for row in consents:
        if row.permission and row.permission.tier in tiers:
            by_grant.setdefault(row.pointer, []).append(row)
    for pointer, rows in by_grant.items():
        takes = any(row.permission and row.permission.tier == "tenant" for row in rows)
        severity, words = _reach(app, takes=takes, is_foreign=is_foreign)
        names = ", ".join(row.value for row in rows)
        allows = "with which an administrator can take over the tenant" if takes else "to access data on their behalf"
        yield Hit(
            pointer=pointer,
            message=f"has {names} of {rows[0].resource_name or 'an API'} for all users, {allows}{words}",
            severity=severity,
            because=tuple(because for row in rows for because in _request_of(app, row)[1]),
            mark=" ".join(sorted(row.value for row in rows)),
        )


def _reach(app: TenantApp, *, takes: bool, is_foreign: bool) -> tuple[Severity, str]:
    """The severity of a consent for all users by who owns the application and who may sign in to it.

    A verified external organization is rated as the tenant itself. Required assignment does not lower what a token of
    an administrator allows: Global Administrators are exempt (Microsoft, "Restrict a Microsoft Entra app to a set of
    users"). The agents of a blueprint may inherit the consent, and each has its own assignments.
    """
    if app.blocked:
        return "low", f", while it is {app.blocked.note}"
    severity: Severity = "high" if takes else "medium"
    words = f"; {owned_by(app)}" if is_foreign else ""
    if is_foreign and not is_verified(app):
        severity = "critical" if takes else "high"
    principal = app.service_principal
    if principal and principal.app_role_assignment_required is True and app.kind != "blueprint":
        words += "; only assigned users and Global Administrators may sign in"
        return severity if takes else lowered(severity, 1), words
    return severity, words
