"""Owners of applications whose power stands in the tenant, and not in what their registration asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import is_own, powers_of
from rules.analysis.requested import of_tier
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp

_GLOBAL: Final = [{"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}]
_ASKS: Final = {
    "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}]}]
}  # fmt: skip


@rule(
    "owner-of-application-with-power", on="service principal",
    severity="medium",
    needs=(
        "application.owners", "application.requiredResourceAccess", "appRoleAssignments", "roleAssignments",
        "servicePrincipal.appOwnerOrganizationId", "servicePrincipal.servicePrincipalType", "servicePrincipal.accountEnabled",
        "tenant.organization",
    ),
    when_set=("application.owners",),
    checks=("OW-03",),
    references=("entra:app-best-practices#owners", "entra:overview-assign-app-owners"),
    bad=Bad({"roleAssignments": _GLOBAL}, at="/application/owners", expected_rules=("application-with-directory-role",)),
    good=(
        Good({}, why="it holds nothing powerful"),
        Good({"roleAssignments": _GLOBAL, "application": {"owners": []}}, why="administrators alone answer for it"),
        Good({"roleAssignments": _GLOBAL, "application": _ASKS}, why="owner-of-powerful-application speaks of that"),
    ),
    base="own",
)  # fmt: skip
def owner_of_application_with_power(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An application has owners and holds what takes the tenant over, without asking for it.

    Why: Each owner can add a credential and act as the application, without being an administrator and without approval.
    Fix: Take the owners out, and let administrators who are guarded alike answer for it.
    """
    application = app.application
    if not isinstance(application, Registration) or not is_own(app) or not app.is_enabled:
        return
    if not application.owners or of_tier(application, "Role", "tenant"):
        return
    powers = powers_of(app)
    if powers:
        count = len(application.owners)
        whom = "its owner" if count == 1 else f"its {count} owners"
        says = f"can be taken over by {whom}, and holds {powers[0].note}"
        yield Hit(pointer="/application/owners", message=says, because=powers)
