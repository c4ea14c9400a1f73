"""Owners of applications that have power in the tenant, whether or not their registration requests it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import is_own, powers_of, unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import counted

_GLOBAL: Final = [{"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}]
_OWNER: Final = {"id": "22222222-2222-4222-8222-222222222231", "displayName": "Alex Wilber"}
_REQUESTS: Final = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
}


_BAD: Final = (
    Bad({"roleAssignments": _GLOBAL}, at="/application/owners", expected_rules=("application-with-directory-role",)),
    Bad(
        {"roleAssignments": _GLOBAL, "application": _REQUESTS},
        at="/application/owners",
        expected_rules=("application-with-directory-role", "ungranted-permission"),
    ),
    Bad(
        {"roleAssignments": _GLOBAL, "application": {"owners": []}, "servicePrincipal": {"owners": [_OWNER]}},
        at="/servicePrincipal/owners",
        expected_rules=("application-with-directory-role",),
    ),
    Bad(
        {
            "roleAssignments": _GLOBAL,
            "application": None,
            "servicePrincipal": {
                "owners": [_OWNER],
                "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002",
            },
        },
        at="/servicePrincipal/owners",
        expected_rules=("application-with-directory-role",),
    ),
    Bad(
        {
            "roleAssignments": _GLOBAL,
            "application": {"owners": []},
            "servicePrincipal": {"accountEnabled": False, "owners": [_OWNER]},
        },
        at="/servicePrincipal/owners",
        severity="low",
        expected_rules=("application-with-directory-role", "credentials-of-disabled-application"),
    ),
)

_GOOD: Final = (
    Good({}, why="the application has no powerful role or permission"),
    Good({"roleAssignments": _GLOBAL, "application": {"owners": []}}, why="the application has no owner"),
    Good(
        {
            "roleAssignments": _GLOBAL,
            "application": None,
            "servicePrincipal": {"servicePrincipalType": "ManagedIdentity", "owners": [_OWNER]},
        },
        why="no credential can be added to a managed identity",
    ),
)


@rule(
    "owner-of-privileged-application",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="high",
    may_be=("low",),
    needs=(
        "application.owners",
        "servicePrincipal.owners",
        "appRoleAssignments",
        "roleAssignments",
        "servicePrincipal.appOwnerOrganizationId",
        "servicePrincipal.servicePrincipalType",
        "servicePrincipal.accountEnabled",
        "tenant.organization",
    ),
    when_set=("application.owners", "servicePrincipal.owners"),
    checks=("OW-03",),
    references=(
        "entra:users-default-permissions#ownership",
        "entra:app-best-practices#owners",
        "entra:overview-assign-app-owners",
        "entra:app-instance-property-lock",
        "entra:deactivate-application-portal",
        "entra:disable-user-sign-in-portal",
    ),
    instead_of=("owner-of-powerful-application",),
    bad=_BAD,
    good=_GOOD,
    base="own",
)
def owner_of_privileged_application(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """An application that can take over the tenant has owners.

    Why: Each owner of the registration, or of the service principal, can add a credential and act as the application.
        Anyone who compromises an owner can take over the tenant, even if the owner is not an administrator. The app
        instance property lock may protect the service principal.
    Acceptable: Owners are acceptable if each owner already has a role that can take over the tenant, and is protected
        accordingly. Such owners gain no additional access.
    Fix: Remove the owners, and have administrators with the same protection manage the application.
    """
    if app.is_managed_identity:
        return
    powers = powers_of(app)
    blocked = app.blocked
    severity: Severity = "low" if blocked else "high"
    application = app.application if isinstance(app.application, Registration) and is_own(app) else None
    of_registration = (application.owners if application else None) or ()
    known = {one.id for one in of_registration}
    of_principal = [
        one for one in (app.service_principal and app.service_principal.owners) or () if one.id not in known
    ]
    if not powers:
        yield from (Gap(*one) for one in unlisted(app.granted, "Role") if of_registration or of_principal)
        return
    for pointer, count, what in (
        ("/application/owners", len(of_registration), ""),
        ("/servicePrincipal/owners", len(of_principal), " of its service principal"),
    ):
        if count:
            whom = f"{counted(count, 'owner')}{what}"
            says = f"has {whom}, and can take over the tenant with {powers[0].note}"
            because = (Because(pointer, whom), *powers)
            if blocked:
                says += f"; the application is {blocked.note}{_lifted(blocked, pointer)}"
                because = (*because, blocked)
            yield Hit(pointer=pointer, message=says, severity=severity, because=because)


#: Whose owners can undo what keeps tokens from being issued. Deactivation is of the registration, in all tenants.
#: Sources: Microsoft, "Deactivate an enterprise application", "Prevent reactivation by nonadministrators"; Microsoft,
#: "Disable user sign-in for an application", "Prerequisites".
_LIFTED_BY: Final = {"isDisabled": "application", "accountEnabled": "servicePrincipal"}


def _lifted(blocked: Because, owners: str) -> str:
    """What to add to *blocked* where those at the pointer *owners* can undo it."""
    holder = _LIFTED_BY.get(blocked.pointer.rpartition("/")[2])
    return ", but an owner can enable it" if owners == f"/{holder}/owners" else ""
