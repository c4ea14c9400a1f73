"""Permissions that were granted. Here the tenant decides, and not what a registration asks for.

A request says what a client could come to hold, so ``rules.families.permissions`` judges it a step lower than what a secret
or a stranger holds. Where the tenant was read the two are one finding with both facts: the rule over grants speaks, and the
one over the request is silent at the place that this one names (``instead_of``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import EXPOSURE_NEEDS, Exposure, exposure_of, is_external, is_verified, lowered, requests
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.consent._fragments import OFF, UNVERIFIED, role, scope
from rules.knowledge.permission_names import gains as gains_of
from rules.knowledge.permission_names import narrower
from rules.knowledge.permissions import Tier
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration
from rules.model.tenant_app import Granted, TenantApp

_SPEAKS_FOR: Final = ("powerful-application-permission", "legacy-mailbox-permission", "powerful-delegated-permission")

_ROLE_MANAGEMENT: Final = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333335", "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z",
}  # fmt: skip
_ASKED: Final = {
    "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": _ROLE_MANAGEMENT, "type": "Role"}]}]
}  # fmt: skip
_ROLE_AT: Final = "/appRoleAssignments/0"
_SCOPE_AT: Final = "/oauth2PermissionGrants/0"


@rule(
    "granted-application-permission", on="service principal",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=("appRoleAssignments", "application.requiredResourceAccess", *EXPOSURE_NEEDS),
    when_set=("appRoleAssignments",),
    checks=("PE-03", "SP-03", "SP-09", "PE-06", "PE-08"),
    instead_of=_SPEAKS_FOR,
    settings=("trusted-tenants", "home-tenants"),
    references=("entra:secure-least-privileged-access", "entra:manage-application-permissions", "web:azure-tiering"),
    bad=(
        Bad({**role(_ROLE_MANAGEMENT), "application": _ASKED}, at=_ROLE_AT),
        Bad({**role(_ROLE_MANAGEMENT), "application": {"passwordCredentials": [_SECRET]}}, at=_ROLE_AT, severity="critical", expected_rules=("owner-of-application-with-power",)),
        Bad(role(_MAIL_READ), at=_ROLE_AT, severity="medium"),
        Bad({**role(_MAIL_READ), "application": {"passwordCredentials": [_SECRET]}}, at=_ROLE_AT),
        Bad({**role(_ROLE_MANAGEMENT), "servicePrincipal": OFF}, at=_ROLE_AT, severity="low", expected_rules=("credentials-of-disabled-application",)),
    ),
    good=(
        Good(role(_ROLE_MANAGEMENT, "77777777-7777-4777-8777-777777777771"), why="an API of one's own that has a role with the same id"),
        Good(role("df021288-bdef-4463-88db-98f22de89214"), why="User.Read.All opens no more than the directory shows"),
        Good({**role(_ROLE_MANAGEMENT), "servicePrincipal": {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}}, why="Microsoft's own application"),
    ),
    base="own",
)  # fmt: skip
def granted_application_permission(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """An application holds a permission that takes over the tenant, or opens everybody's data.

    Why: It works without a person and without a question. Whoever has the application's key, or is the organisation that
        keeps it, has all of that today.
    Fix: Take the grant away where nobody can say what it is for. Else replace it by a narrower one, and the application's
        secrets by a managed identity, a federated credential or a certificate.
    """
    if app.is_microsoft:
        return
    holder: Exposure | None = None
    for row in app.granted:
        if row.kind != "Role":
            continue
        if not row.resource and not app.tenant.whole:
            yield Gap(row.pointer, "the API that it was granted on was not read")
            continue
        if row.permission is None or row.permission.tier not in ("tenant", "data", "mailbox", "assigned"):
            continue
        holder = holder or exposure_of(app, context.settings, context.now)
        takes = row.permission.tier == "tenant"
        gains = (
            "with which the tenant can be taken over" if takes else gains_of(row.value) + narrower(row.kind, row.value)
        )
        drift, asked = _asked(app, row)
        yield Hit(
            pointer=row.pointer,
            message=f"holds {row.permission.name} as an application, {gains}{holder.words}{drift}",
            severity=_severity(row, holder),
            because=(*holder.because, *asked),
        )


def _severity(row: Granted, holder: Exposure) -> Severity:
    """Every mailbox by an old protocol is as bad as the tenant for whoever holds it, and no takeover of it."""
    tier = row.permission.tier if row.permission else "other"
    if tier == "assigned":
        return "low"
    severity = holder.adjusted("high" if tier == "data" else "critical")
    return "high" if tier == "mailbox" and severity == "critical" else severity


def _asked(app: TenantApp, row: Granted) -> tuple[str, tuple[Because, ...]]:
    """Whether the registration asks for what was granted: words where it does not, the place where it does."""
    if not isinstance(app.application, Registration) or row.permission is None:
        return "", ()
    if not isinstance(app.application.required_resource_access, tuple | None):
        return "", ()
    pointer = requests(app.application).get((row.resource, row.permission.id, row.kind))
    if pointer is None:
        return "; the registration does not ask for it", ()
    return "", (Because(f"/application{pointer}", "the registration asks for it"),)


@rule(
    "granted-delegated-permission", on="service principal",
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=(
        "oauth2PermissionGrants", "application.requiredResourceAccess", "servicePrincipal.accountEnabled",
        "servicePrincipal.appRoleAssignmentRequired", "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.verifiedPublisher", "servicePrincipal.servicePrincipalType", "tenant.organization",
    ),
    when_set=("oauth2PermissionGrants",),
    checks=("PE-04", "SP-04", "PE-17"),
    instead_of=_SPEAKS_FOR,
    settings=("trusted-tenants", "home-tenants"),
    references=(
        "graph:oauth2permissiongrant",
        "entra:manage-application-permissions",
        "entra:secure-least-privileged-access",
    ),
    bad=(
        Bad({**scope("openid Mail.ReadWrite"), "servicePrincipal": {"appRoleAssignmentRequired": False}}, at=_SCOPE_AT),
        Bad(scope(" Mail.ReadWrite  openid "), at=_SCOPE_AT, severity="low"),
        Bad({**scope("Directory.AccessAsUser.All"), "servicePrincipal": {"appRoleAssignmentRequired": False}}, at=_SCOPE_AT, severity="high"),
        Bad({**scope("Directory.AccessAsUser.All"), "servicePrincipal": {"appRoleAssignmentRequired": False, **UNVERIFIED}}, at=_SCOPE_AT, severity="critical"),
    ),
    good=(
        Good(scope("User.Read openid profile"), why="the profile of whoever signs in"),
        Good(scope("Mail.ReadWrite", "Principal"), why="one person's consent, which another rule judges"),
    ),
    base="foreign",
)  # fmt: skip
def granted_delegated_permission(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An administrator consented for everybody to what opens the tenant, or all that a person has.

    Why: Nobody is asked any more. A token that is stolen from an administrator opens the tenant, from anybody else what that
        person can reach; and whoever keeps the application gets one from each person who follows a link.
    Fix: Take the consent for everybody away, require that people are assigned to the application, and let it ask for the
        narrowest permission that does.
    """
    if app.is_microsoft:
        return
    stranger = is_external(app, context.settings)
    tiers: tuple[Tier, ...] = ("tenant", "data", "whole") if stranger else ("tenant", "data")
    by_grant: dict[str, list[Granted]] = {}
    for row in app.granted:
        if row.kind == "Scope" and row.for_all and row.permission and row.permission.tier in tiers:
            by_grant.setdefault(row.pointer, []).append(row)
    for pointer, rows in by_grant.items():
        takes = any(row.permission and row.permission.tier == "tenant" for row in rows)
        severity, words = _reach(app, "high" if takes else "medium", stranger=stranger)
        names = ", ".join(row.value for row in rows)
        opens = "the tenant in an administrator's" if takes else "what each person can reach there"
        yield Hit(
            pointer=pointer,
            message=f"may use {names} of {rows[0].resource_name or 'an API'} in everybody's name, which opens {opens}{words}",
            severity=severity,
            because=tuple(because for row in rows for because in _asked(app, row)[1]),
            mark=" ".join(sorted(row.value for row in rows)),
        )


def _reach(app: TenantApp, severity: Severity, *, stranger: bool) -> tuple[Severity, str]:
    """The severity of a consent for everybody by who keeps the application and who may sign in to it."""
    principal = app.service_principal
    if not app.is_enabled:
        return "low", ", while it is disabled"
    words = ""
    if stranger:
        words = ", and another organisation keeps it" + ("" if is_verified(app) else ", which nobody has verified")
        if not is_verified(app):
            severity = "critical" if severity == "high" else "high"
    if principal and principal.app_role_assignment_required is True:
        return lowered(severity, 1), f"{words}; only people who are assigned may sign in"
    return severity, words
