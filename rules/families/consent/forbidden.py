"""Applications that must not be in the tenant."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.principals import DEFAULT_ACCESS
from rules.engine.rule import Bad, Context, Good, rule
from rules.families.consent._fragments import OFF, role, scope
from rules.model.finding import Hit
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import counted


@rule(
    "forbidden-application",
    on="service principal",
    kinds=("application", "blueprint", "agent identity"),
    severity="high",
    may_be=("critical",),
    needs=("servicePrincipal.accountEnabled", "appRoleAssignments", "oauth2PermissionGrants"),
    checks=("SP-07",),
    settings=("forbidden-applications",),
    references=("entra:disable-user-sign-in-portal", "entra:manage-application-permissions"),
    bad=(
        Bad(
            {},
            at="/servicePrincipal/appId",
            settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]},
        ),
        Bad(
            role(DEFAULT_ACCESS),
            at="/servicePrincipal/appId",
            settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]},
        ),
        Bad(
            scope("User.Read"),
            at="/servicePrincipal/appId",
            severity="critical",
            settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]},
        ),
    ),
    good=(
        Good({}, why="the application is not on the list"),
        Good(
            {"servicePrincipal": OFF},
            settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]},
            why="no token is issued to a disabled application",
        ),
    ),
    base="foreign",
)
def forbidden_application(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application that your organization forbids is enabled in the tenant.

    Why: The setting forbidden-applications lists the application, for example because attackers use it. If a permission
        was granted, the application may already access your data.
    Acceptable: Never. If your organization allows the application again, remove it from forbidden-applications.
    Fix: Set accountEnabled to false, so that no token is issued. Revoke its grants too. If you only revoke the
        permissions, users can consent again.
    """
    forbidden = context.settings.forbidden_applications
    if not forbidden or app.service_principal is None or app.blocked:
        return
    if app.app_id.casefold() in {one.casefold() for one in forbidden}:
        # An assignment without a permission grants nothing, and users may have consented to the same permission.
        count = len({(row.kind, row.resource, row.value) for row in app.granted if row.value != DEFAULT_ACCESS})
        words = f", with {counted(count, 'granted permission')}" if count else ""
        says = f"is forbidden but enabled{words}"
        yield Hit(pointer="/servicePrincipal/appId", message=says, severity="critical" if count else "high")
