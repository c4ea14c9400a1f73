"""What people consented to by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.principals import is_external, is_verified
from rules.engine.rule import Bad, Context, Good, rule
from rules.families.consent._fragments import OFF, UNVERIFIED, scope
from rules.model.finding import Hit, Severity
from rules.model.tenant_app import Granted, TenantApp


@rule(
    "powerful-consent-of-single-people", on="service principal",
    severity="low",
    may_be=("high", "medium"),
    needs=(
        "oauth2PermissionGrants", "servicePrincipal.accountEnabled", "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.verifiedPublisher", "servicePrincipal.servicePrincipalType", "tenant.organization",
    ),
    when_set=("oauth2PermissionGrants",),
    checks=("PE-18",),
    settings=("trusted-tenants", "home-tenants"),
    references=("entra:protect-against-consent-phishing", "graph:oauth2permissiongrant"),
    bad=(
        Bad(scope("Mail.Read", "Principal"), at="/oauth2PermissionGrants"),
        Bad(scope("Directory.AccessAsUser.All", "Principal"), at="/oauth2PermissionGrants", severity="medium"),
        Bad({**scope("Mail.Read offline_access", "Principal"), "servicePrincipal": UNVERIFIED}, at="/oauth2PermissionGrants", severity="high"),
    ),
    good=(
        Good(scope("User.Read", "Principal"), why="nothing powerful"),
        Good({**scope("Mail.Read", "Principal"), "servicePrincipal": OFF}, why="it is disabled, so no token is issued"),
    ),
    base="foreign",
)  # fmt: skip
def powerful_consent_of_single_people(app: TenantApp, context: Context) -> Iterator[Hit]:
    """People consented, each for himself, to what opens all that they have, or the tenant.

    Why: This is what consent phishing looks like afterwards: the application reads on until the grant is taken away, whatever
        happens to the password.
    Fix: Ask those people what they use it for. Take the grants away and disable the application where nobody knows it, and
        let an administrator decide about such permissions.
    """
    if app.is_microsoft or not app.is_enabled:
        return
    powerful = [
        row
        for row in app.granted
        if row.kind == "Scope" and row.permission and row.permission.tier in ("tenant", "data")
    ]
    everybody = {(row.resource, row.value) for row in powerful if row.for_all}
    rows = [row for row in powerful if not row.for_all and (row.resource, row.value) not in everybody]
    if not rows:
        return
    values = sorted({row.value for row in rows})
    whom = _whom(app, rows)
    takes = any(row.permission and row.permission.tier == "tenant" for row in rows)
    severity: Severity = "medium" if takes else "low"
    words = ""
    if is_external(app, context.settings):
        words = "; another organisation keeps it" + ("" if is_verified(app) else ", which nobody has verified")
        severity = severity if is_verified(app) else "high"
    yield Hit(
        pointer="/oauth2PermissionGrants",
        message=f"was granted {', '.join(values)} by {whom}{words}",
        severity=severity,
        mark=" ".join(values),
    )


def _whom(app: TenantApp, rows: list[Granted]) -> str:
    """How many people gave these permissions, in words."""
    grants = app.oauth2_permission_grants or ()
    people = len({grants[int(row.pointer.rpartition("/")[2])].principal_id for row in rows})
    return "one person for himself" if people == 1 else f"{people} people, each for himself"
