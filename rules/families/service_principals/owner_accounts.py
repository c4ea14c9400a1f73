"""What the accounts of owners say: an account that is disabled, or that cannot use MFA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.principals import powers_of
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit, Severity
from rules.model.registration import UNSET, Owner, Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.texts import text_of

_ADELE: Final = "22222222-2222-4222-8222-222222222221"
_ALEX: Final = "22222222-2222-4222-8222-222222222222"
_OTHER: Final = {"id": "22222222-2222-4222-8222-222222222231", "userPrincipalName": "lee@contoso.com"}
_DISABLED: Final = {"users": [{"id": _ADELE, "accountEnabled": False}, {"id": _ALEX, "accountEnabled": True}]}
_DEPLOYER: Final = {"id": "22222222-2222-4222-8222-222222222228", "servicePrincipalType": "Application"}


def owners_of(app: TenantApp) -> Iterator[tuple[str, Owner]]:
    """The owners of the registration and then of the service principal with their pointers, each once."""
    seen: set[str] = set()
    application = app.application if isinstance(app.application, Registration) else None
    for name, holder in (("application", application), ("servicePrincipal", app.service_principal)):
        for index, owner in enumerate((holder and holder.owners) or ()):
            if owner.id not in seen:
                seen.add(text_of(owner.id))
                yield f"/{name}/owners/{index}", owner


@rule(
    "disabled-owner",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="info",
    may_be=("low",),
    needs=("application.owners", "servicePrincipal.owners", "tenant.users"),
    when_set=("application.owners", "servicePrincipal.owners"),
    checks=("OW-07",),
    references=("graph:user#account-enabled", "entra:overview-assign-app-owners"),
    status="preview",
    bad=(
        Bad({"tenant": _DISABLED}, at="/application/owners/0"),
        Bad(
            {"tenant": _DISABLED, "application": {"owners": [{"id": _ADELE}]}},
            at="/application/owners/0",
            severity="low",
        ),
        Bad(
            {
                "tenant": {"users": [{"id": _OTHER["id"], "accountEnabled": False}]},
                "application": {"owners": []},
                "servicePrincipal": {"owners": [_OTHER]},
            },
            at="/servicePrincipal/owners/0",
            severity="low",
        ),
    ),
    good=(
        Good({"application": {"owners": []}}, why="no-owner reports this case, for example after an owner was deleted"),
        Good({"application": {"owners": [_DEPLOYER]}}, why="application-as-owner reports this case"),
    ),
    base="own",
)
def disabled_owner(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """An owner of an application has a disabled account.

    Why: A disabled owner cannot renew a credential that expires, and cannot answer to an alert. Anyone who enables the
        account again gives its user control of the application. A deleted user is no longer an owner: no-owner and
        single-owner report the application instead.
    Acceptable: The owner can remain while the account is disabled for a short time, for example during parental leave,
        if another owner is active.
    Fix: Assign an active owner, and then remove the disabled one.
    """
    if app.tenant.users is UNSET:
        return
    owners = tuple(owners_of(app))
    states = {pointer: True if owner.is_application else _is_enabled(app, owner) for pointer, owner in owners}
    is_left_alone = not any(is_enabled is not False for is_enabled in states.values())
    for pointer, owner in owners:
        if states[pointer] is False:
            says = f"is owned by {owner.name}, whose account is disabled"
            says += "; no other owner is active" if is_left_alone else ""
            yield Hit(pointer=pointer, message=says, severity="low" if is_left_alone else "info")
        elif states[pointer] is None and "users" not in app.tenant.unread:
            yield Gap(
                pointer,
                f"Microsoft Graph did not say whether the account of {owner.name} is enabled",
                "not-in-file",
                "check whether the user still exists, and read the tenant again",
            )


def _is_enabled(app: TenantApp, owner: Owner) -> bool | None:
    """Whether the account of a user is enabled; ``None`` where that was not read."""
    user = app.tenant.users_by_id.get(text_of(owner.id))
    return user.account_enabled if user is not None and isinstance(user.account_enabled, bool) else None


_WITHOUT: Final = {
    "userRegistrationDetails": [{"id": _ADELE, "isMfaCapable": False}, {"id": _ALEX, "isMfaCapable": True}]
}
_GUEST: Final = {"id": _ADELE, "userPrincipalName": "ann_fabrikam.com#EXT#@contoso.onmicrosoft.com"}
_GLOBAL: Final = [{"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}]

_OWNER_WITHOUT_MFA_GOOD: Final = (
    Good({"tenant": _WITHOUT | _DISABLED}, why="disabled-owner reports this case"),
    Good({"tenant": _WITHOUT, "application": {"owners": [_GUEST]}}, why="guest-owner reports this case"),
    Good(
        {
            "tenant": _WITHOUT,
            "application": None,
            "servicePrincipal": {"servicePrincipalType": "ManagedIdentity", "owners": [{"id": _ADELE}]},
        },
        why="no credential can be added to a managed identity",
    ),
)


@rule(
    "owner-without-mfa",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("high", "low"),
    needs=(
        "application.owners",
        "servicePrincipal.owners",
        "servicePrincipal.accountEnabled",
        "servicePrincipal.servicePrincipalType",
        "appRoleAssignments",
        "roleAssignments",
        "tenant.userRegistrationDetails",
    ),
    when_set=("application.owners", "servicePrincipal.owners"),
    checks=("OW-06",),
    references=(
        "graph:userregistrationdetails",
        "entra:authentication-methods-activity",
        "entra:users-default-permissions#ownership",
    ),
    status="preview",
    bad=(
        Bad({"tenant": _WITHOUT}, at="/application/owners/0"),
        Bad(
            {"tenant": _WITHOUT, "roleAssignments": _GLOBAL},
            at="/application/owners/0",
            severity="high",
            expected_rules=("application-with-directory-role", "owner-of-privileged-application"),
        ),
        Bad(
            {"tenant": _WITHOUT, "servicePrincipal": {"accountEnabled": False}},
            at="/application/owners/0",
            severity="low",
            expected_rules=("credentials-of-disabled-application",),
        ),
    ),
    good=_OWNER_WITHOUT_MFA_GOOD,
    base="own",
)
def owner_without_mfa(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """An owner of an application is not capable of multifactor authentication (MFA).

    Why: The owner has registered no MFA method that the tenant allows. An attacker who learns the password may be able
        to sign in, or to register the first method. As the owner, the attacker can add a credential and act as the
        application.
    Acceptable: The account can remain without a method if another identity provider requires MFA, because the report of
        Microsoft Entra ID does not show it. The report can be some hours old.
    Fix: Have the owner register a phishing-resistant method, such as a passkey. Require MFA with Conditional Access.
    """
    if app.tenant.user_registration_details is UNSET or app.is_managed_identity:
        return
    blocked, powers = app.blocked, powers_of(app)
    for pointer, owner in owners_of(app):
        if owner.is_application or owner.is_guest or _is_enabled(app, owner) is False:
            continue
        found = app.tenant.registrations_by_user.get(text_of(owner.id))
        if found is not None and found.is_mfa_capable is False:
            says = f"is owned by {owner.name}, who is not capable of MFA"
            says += f"; the application can take over the tenant with {powers[0].note}" if powers else ""
            because = (*powers, *((blocked,) if blocked else ()))
            severity: Severity = "low" if blocked else "high" if powers else "medium"
            yield Hit(pointer=pointer, message=says, severity=severity, because=because)
        elif (found is None or found.is_mfa_capable is not True) and "userRegistrationDetails" not in app.tenant.unread:
            yield Gap(
                pointer,
                f"the report of authentication methods does not say whether {owner.name} can use MFA",
                "not-in-file",
                "check the user in the Microsoft Entra admin center, under Authentication methods",
            )
