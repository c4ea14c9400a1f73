"""What members may do with registrations."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.tenant import Tenant


@rule(
    "anybody-may-register-applications", on="tenant",
    severity="medium",
    needs=("authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps",),
    checks=("TP-01",),
    references=("entra:delegate-app-roles", "graph:defaultuserrolepermissions", "web:scuba-entra#5.1"),
    bad=Bad(
        {"authorizationPolicy": {"defaultUserRolePermissions": {"allowedToCreateApps": True}}},
        at="/authorizationPolicy/defaultUserRolePermissions/allowedToCreateApps",
    ),
    good=Good({"authorizationPolicy": {"defaultUserRolePermissions": None}}, why="nothing is said about members"),
    base="tenant",
)  # fmt: skip
def anybody_may_register_applications(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Every member of the tenant may register applications.

    Why: Whoever gets into any account makes a client of his own in your name, and asks your people for consent with it.
    Fix: Set allowedToCreateApps to false, and give the role Application Developer to those who need it.
    """
    policy = tenant.authorization_policy
    members = policy.default_user_role_permissions if policy else None
    if members and members.allowed_to_create_apps is True:
        yield Hit(
            pointer="/authorizationPolicy/defaultUserRolePermissions/allowedToCreateApps",
            message="lets every member register applications",
            set_to=False,
        )
