"""Applications that may not be in the tenant at all."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.families.consent._fragments import OFF, scope
from rules.model.finding import Hit
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import counted


@rule(
    "forbidden-application", on="service principal",
    severity="high",
    may_be=("critical",),
    needs=("servicePrincipal.accountEnabled", "appRoleAssignments", "oauth2PermissionGrants"),
    checks=("SP-07",),
    settings=("forbidden-applications",),
    references=("learn:investigate-risky-oauth", "entra:disable-user-sign-in-portal"),
    bad=(
        Bad({}, at="/servicePrincipal/appId", settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]}),
        Bad(scope("User.Read"), at="/servicePrincipal/appId", severity="critical", settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]}),
    ),
    good=(
        Good({}, why="nobody forbids it"),
        Good({"servicePrincipal": OFF}, settings={"forbidden-applications": ["11111111-1111-4111-8111-111111111116"]}, why="disabled, which keeps it from coming back"),
    ),
    base="foreign",
)  # fmt: skip
def forbidden_application(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application that the organisation forbids is enabled in the tenant.

    Why: Lists of applications that were used in attacks are of no use unless somebody compares; with a consent it acts already.
    Fix: Disable it rather than delete it, so that nobody consents to it anew, and take its grants away.
    """
    forbidden = context.settings.forbidden_applications
    if not forbidden or app.service_principal is None or not app.is_enabled:
        return
    if app.app_id.casefold() in {one.casefold() for one in forbidden}:
        count = len(app.granted)
        words = f" and was granted {counted(count, 'permission')}" if count else ""
        says = f"is forbidden here, enabled{words}"
        yield Hit(pointer="/servicePrincipal/appId", message=says, severity="critical" if count else "high")
