"""What members and guests may do in the tenant that matters for applications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.tenant import Tenant
from rules.primitives.texts import text_of

_MEMBERS: Final = "/authorizationPolicy/defaultUserRolePermissions"
_NULL: Final = "no document says what null means here"
_USERS: Final = "check User settings in the portal"


def _members(**permissions: Any) -> dict[str, Any]:
    return {"authorizationPolicy": {"defaultUserRolePermissions": permissions}}


@rule(
    "users-can-register-applications",
    on="tenant",
    severity="medium",
    needs=("authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps",),
    checks=("TP-01",),
    references=("entra:delegate-app-roles", "graph:defaultuserrolepermissions", "web:scuba-entra#5.1"),
    bad=Bad(_members(allowedToCreateApps=True), at=f"{_MEMBERS}/allowedToCreateApps"),
    good=Good(
        _members(allowedToCreateApps=False),
        why="only users with a role such as Application Developer can register applications",
    ),
    base="tenant",
)
def users_can_register_applications(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """All members of the tenant may register applications.

    Why: An attacker who compromises any member can register an application in your tenant. The attacker can then ask
        your users for consent.
    Acceptable: Registration by all members is acceptable if most members develop applications, and users cannot consent
        to applications. The application of an attacker then gets no access through user consent.
    Fix: Set allowedToCreateApps to false. Assign the role Application Developer to the users who need it.
    """
    policy = tenant.authorization_policy
    members = policy.default_user_role_permissions if policy else None
    pointer = f"{_MEMBERS}/allowedToCreateApps"
    if members and members.allowed_to_create_apps is True:
        yield Hit(pointer=pointer, message="allows all members to register applications", set_to=False)
    elif members and members.allowed_to_create_apps is None:
        yield Gap(pointer, _NULL, "unknown", _USERS)


@rule(
    "users-can-create-tenants",
    on="tenant",
    severity="low",
    needs=("authorizationPolicy.defaultUserRolePermissions.allowedToCreateTenants",),
    references=(
        "entra:users-default-permissions",
        "graph:defaultuserrolepermissions",
        "web:zta-21787",
    ),
    bad=Bad(_members(allowedToCreateTenants=True), at=f"{_MEMBERS}/allowedToCreateTenants"),
    good=Good(_members(allowedToCreateTenants=False), why="only users with the role Tenant Creator can create tenants"),
    base="tenant",
)
def users_can_create_tenants(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """All members of the tenant may create tenants.

    Why: The creator is Global Administrator of the new tenant, which inherits none of your settings. Your organization
        may not know the tenant or monitor it.
    Acceptable: Creation by all members is acceptable if members need tenants, for example for tests. Audit logs record
        each new tenant as Create Company.
    Fix: Set allowedToCreateTenants to false. Assign the role Tenant Creator to the users who need it.
    """
    policy = tenant.authorization_policy
    members = policy.default_user_role_permissions if policy else None
    pointer = f"{_MEMBERS}/allowedToCreateTenants"
    if members and members.allowed_to_create_tenants is True:
        yield Hit(pointer=pointer, message="allows all members to create tenants", set_to=False)
    elif members and members.allowed_to_create_tenants is None:
        yield Gap(pointer, _NULL, "unknown", _USERS)


#: Values of ``guestUserRoleId``: the same access as members, limited access (the default), access to their own objects.
_LIKE_MEMBERS: Final = "a0b1b346-4d3e-4e8b-98f8-753987be4970"
_LIMITED: Final = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_RESTRICTED: Final = "2af84b1e-32c8-42b7-82bc-daa82404023b"
_GUESTS: Final = "/authorizationPolicy/guestUserRoleId"
_INVITATIONS: Final = "/authorizationPolicy/allowInvitesFrom"
_LOOK: Final = "check External collaboration settings in the portal"


@rule(
    "guests-with-member-access",
    on="tenant",
    severity="medium",
    needs=("authorizationPolicy.guestUserRoleId",),
    references=(
        "entra:users-restrict-guest-permissions",
        "entra:users-default-permissions",
        "graph:authorizationpolicy",
        "web:scuba-entra#8.1",
    ),
    bad=Bad({"authorizationPolicy": {"guestUserRoleId": _LIKE_MEMBERS}}, at="/authorizationPolicy/guestUserRoleId"),
    good=Good({"authorizationPolicy": {"guestUserRoleId": _LIMITED}}, why="limited access is the default"),
    base="tenant",
)
def guests_with_member_access(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Guests have the same access to the directory as members.

    Why: An attacker who compromises a guest can list everything that members can list. By default, members can list all
        users, groups and applications of the tenant.
    Acceptable: The access is acceptable if all guests belong to your organization, and have their accounts in another
        of its tenants. Guests can then list only what other employees can list.
    Fix: Set guestUserRoleId to 10dae51f-b6af-4016-8d66-8c2a99b929b3 (limited access). The stricter value is
        2af84b1e-32c8-42b7-82bc-daa82404023b (their own objects only).
    """
    policy = tenant.authorization_policy
    level = text_of(policy.guest_user_role_id).lower() if policy else ""
    if policy and policy.guest_user_role_id is None:
        yield Gap(_GUESTS, _NULL, "unknown", _LOOK)
    if level == _LIKE_MEMBERS:
        yield Hit(pointer=_GUESTS, message="gives guests the same access as members", set_to=_LIMITED)
    elif level not in ("", _LIMITED, _RESTRICTED):
        yield Gap(_GUESTS, f"this version does not know the guest access level {level}", "unknown", _LOOK)


@rule(
    "open-guest-invitations",
    on="tenant",
    severity="low",
    needs=("authorizationPolicy.allowInvitesFrom",),
    references=(
        "entra:external-collaboration-settings-configure",
        "entra:application-properties",
        "graph:authorizationpolicy",
        "web:scuba-entra#8.2",
        "web:zta-21791",
    ),
    bad=(
        Bad({"authorizationPolicy": {"allowInvitesFrom": "everyone"}}, at="/authorizationPolicy/allowInvitesFrom"),
        Bad(
            {"authorizationPolicy": {"allowInvitesFrom": "adminsGuestInvitersAndAllMembers"}},
            at="/authorizationPolicy/allowInvitesFrom",
        ),
    ),
    good=Good({"authorizationPolicy": {"allowInvitesFrom": "none"}}, why="no user can invite guests"),
    base="tenant",
)
def open_guest_invitations(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """All members of the tenant, or all users, may invite guests.

    Why: An attacker who compromises such a user can invite the attacker's accounts as guests. Guests can sign in to all
        applications that do not require assignment.
    Acceptable: Invitations by members are acceptable if applications with sensitive data require assignment. Guests
        then cannot sign in to these applications.
    Fix: Set allowInvitesFrom to adminsAndGuestInviters. Assign the role Guest Inviter to the users who need it.
    """
    policy = tenant.authorization_policy
    inviters = text_of(policy.allow_invites_from) if policy else ""
    if policy and policy.allow_invites_from is None:
        yield Gap(_INVITATIONS, _NULL, "unknown", _LOOK)
    words = _INVITERS.get(inviters.casefold())
    if words:
        yield Hit(pointer=_INVITATIONS, message=f"allows {words} to invite guests", set_to="adminsAndGuestInviters")
    elif inviters.casefold() not in ("", "none", "adminsandguestinviters"):
        yield Gap(_INVITATIONS, f"this version does not know the value {inviters}", "unknown", _LOOK)


_INVITERS: Final = {
    "everyone": "all users, including guests,",
    "adminsguestinvitersandallmembers": "all members",
}
