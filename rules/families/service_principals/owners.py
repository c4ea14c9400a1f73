"""Owners of applications that have power in the tenant, whether or not their registration requests it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import is_own, powers_of
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp

_GLOBAL: Final = [{"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}]
_REQUESTS: Final = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
}


@rule(
    "owner-of-application-with-power",
    on="service principal",
    severity="high",
    needs=(
        "application.owners",
        "appRoleAssignments",
        "roleAssignments",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "servicePrincipal.accountEnabled",
        "tenant.organization",
    ),
    when_set=("application.owners",),
    checks=("OW-03",),
    references=(
        "entra:users-default-permissions#ownership",
        "entra:app-best-practices#owners",
        "entra:overview-assign-app-owners",
    ),
    instead_of=("owner-of-powerful-application",),
    bad=(
        Bad(
            {"roleAssignments": _GLOBAL}, at="/application/owners", expected_rules=("application-with-directory-role",)
        ),
        Bad(
            {"roleAssignments": _GLOBAL, "application": _REQUESTS},
            at="/application/owners",
            expected_rules=("application-with-directory-role", "permission-that-nobody-granted"),
        ),
    ),
    good=(
        Good({}, why="it has no powerful role or permission"),
        Good({"roleAssignments": _GLOBAL, "application": {"owners": []}}, why="only administrators manage it"),
    ),
    base="own",
)
def owner_of_application_with_power(app: TenantApp, _: Context) -> Iterator[Hit]:
    """An application that can take over the tenant has owners.

    Why: Each owner can add a credential and act as the application. Anyone who compromises an owner can take over the
        tenant, although the owner is not an administrator.
    Fix: Remove the owners, and have administrators with the same protection manage the app.
    """
    application = app.application
    if not isinstance(application, Registration) or not is_own(app) or app.blocked:
        return
    powers = powers_of(app)
    if application.owners and powers:
        count = len(application.owners)
        whom = "its owner" if count == 1 else f"its {count} owners"
        says = f"can be taken over by {whom}, and has {powers[0].note}"
        owners = Because("/application/owners", whom)
        yield Hit(pointer="/application/owners", message=says, because=(owners, *powers))
