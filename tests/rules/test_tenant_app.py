"""An application as a tenant knows it: which registration, which service principal, which grants belong together."""

from typing import Any

import msgspec
import pytest

from rules.model.clean import clean
from rules.model.clean_tenant import GRAPH_PRINCIPAL, app_over, clean_app, clean_tenant
from rules.model.registration import UNSET, Registration, Unread
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp, tenant_apps

USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214"
PORTAL = "77777777-7777-4777-8777-777777777771"


def tenant(**changes: Any) -> Tenant:
    data = clean_tenant()
    data["servicePrincipals"] += [
        clean_app(kind)["servicePrincipal"] for kind in ("own", "foreign", "managed-identity")
    ]
    return msgspec.convert({**data, **changes}, Tenant)


def registration(kind: str) -> Registration:
    return msgspec.convert(clean(kind), Registration)


def named(apps: tuple[TenantApp, ...], name: str) -> TenantApp:
    (found,) = [app for app in apps if app.name == name]
    return found


def test_a_registration_and_its_service_principal_are_one_application() -> None:
    web = registration("web")
    apps = tenant_apps(tenant(), [web])
    assert named(apps, "Contoso Portal").application is web
    assert [app.name for app in apps if app.name != "Microsoft tool"] == [
        "Microsoft Graph",
        "Contoso Portal",
        "Fabrikam Calendar",
        "contoso-nightly",
    ]


def test_a_registration_without_a_service_principal_is_an_application_too() -> None:
    apps = tenant_apps(tenant(), [registration("web"), registration("spa")])
    lone = named(apps, "Contoso Orders")
    assert lone.service_principal is None
    assert lone.oauth2_permission_grants == lone.app_role_assignments == ()


def test_where_service_principals_were_read_in_part_none_is_said_to_be_missing() -> None:
    part = msgspec.structs.replace(tenant(), unread={"servicePrincipals": Unread("failed")})
    assert [app for app in tenant_apps(part, [registration("spa")]) if app.service_principal is None] == []


def test_where_no_service_principals_were_read_there_is_nothing_to_check() -> None:
    nothing = msgspec.structs.replace(tenant(), service_principals=UNSET)
    assert tenant_apps(nothing, [registration("web")]) == ()


def test_a_registration_that_is_gone_is_told_from_one_that_was_not_read() -> None:
    gone = named(tenant_apps(tenant(), []), "Contoso Portal")
    assert gone.application is None
    part = msgspec.structs.replace(tenant(), unread={"applications": Unread("failed")})
    assert named(tenant_apps(part, []), "Contoso Portal").application is UNSET


def test_where_single_applications_were_asked_for_those_alone_are_checked() -> None:
    chosen = msgspec.structs.replace(tenant(), whole=False)
    assert [app.name for app in tenant_apps(chosen, [registration("web")])] == ["Contoso Portal"]


def test_an_application_of_another_tenant_has_no_registration_here() -> None:
    part = msgspec.structs.replace(tenant(), unread={"applications": Unread("failed")})
    apps = tenant_apps(part, [])
    assert named(apps, "Fabrikam Calendar").application is None
    assert named(apps, "Fabrikam Calendar").is_foreign
    assert named(apps, "contoso-nightly").application is None
    assert named(apps, "contoso-nightly").is_managed_identity
    assert not named(apps, "contoso-nightly").is_foreign
    assert named(apps, "Microsoft Graph").is_microsoft


def test_who_owns_an_application_is_not_guessed() -> None:
    app = app_over("own", {"servicePrincipal": {"appOwnerOrganizationId": None}})
    assert not app.is_foreign
    assert not app.is_microsoft


def test_grants_belong_to_the_client_that_has_them() -> None:
    granted = tenant(
        oauth2PermissionGrants=[
            {
                "id": "g1",
                "clientId": PORTAL,
                "consentType": "AllPrincipals",
                "resourceId": GRAPH_PRINCIPAL,
                "scope": " User.Read  openid ",
            },
            {
                "id": "g2",
                "clientId": PORTAL,
                "consentType": "Principal",
                "principalId": "p",
                "resourceId": GRAPH_PRINCIPAL,
                "scope": "Mail.Read",
            },
            {
                "id": "g3",
                "clientId": "someone-else",
                "consentType": "AllPrincipals",
                "resourceId": GRAPH_PRINCIPAL,
                "scope": "Mail.Send",
            },
        ],
        appRoleAssignments=[
            {
                "id": "a1",
                "principalId": PORTAL,
                "appRoleId": USER_READ_ALL.upper(),
                "resourceId": GRAPH_PRINCIPAL,
                "resourceDisplayName": "Microsoft Graph",
            },
            {
                "id": "a2",
                "principalId": PORTAL,
                "appRoleId": "unknown",
                "resourceId": "not-read",
                "resourceDisplayName": "Orders",
            },
        ],
    )
    app = named(tenant_apps(granted, [registration("web")]), "Contoso Portal")
    assert [
        (one.pointer, one.kind, one.resource_name, one.value, one.for_all, one.permission is not None)
        for one in app.granted
    ] == [
        ("/appRoleAssignments/0", "Role", "Microsoft Graph", "User.Read.All", True, True),
        ("/appRoleAssignments/1", "Role", "Orders", "unknown", True, False),
        ("/oauth2PermissionGrants/0", "Scope", "Microsoft Graph", "User.Read", True, True),
        ("/oauth2PermissionGrants/0", "Scope", "Microsoft Graph", "openid", True, True),
        ("/oauth2PermissionGrants/1", "Scope", "Microsoft Graph", "Mail.Read", False, True),
    ]


def test_grants_that_were_not_read_are_not_taken_for_none() -> None:
    data = {name: value for name, value in clean_tenant().items() if name != "oauth2PermissionGrants"}
    app = tenant_apps(msgspec.convert(data, Tenant), [])[0]
    assert app.oauth2_permission_grants is UNSET
    assert app.granted == ()


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("servicePrincipal", {"accountEnabled": False}),
        ("servicePrincipal", {"isDisabled": True}),
        ("servicePrincipal", {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}),
        ("servicePrincipal", {"deletedDateTime": "2026-11-01T00:00:00Z"}),
        ("application", {"isDisabled": True}),
        ("application", {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}),
        ("application", {"deletedDateTime": "2026-11-01T00:00:00Z"}),
    ],
)
def test_an_application_is_disabled_in_any_of_four_ways(where: str, change: dict[str, Any]) -> None:
    app = msgspec.convert(app_over("own", {where: change}), TenantApp)
    assert app.disabled_at == f"/{where}/{next(iter(change))}"
    assert not app.is_enabled


@pytest.mark.parametrize(
    "change",
    [
        {"isDisabled": False, "deletedDateTime": None, "disabledByMicrosoftStatus": "NotDisabled"},
        {"isDisabled": None, "disabledByMicrosoftStatus": None},
    ],
)
def test_an_application_that_is_not_disabled_is_enabled(change: dict[str, Any]) -> None:
    both = {"servicePrincipal": {**change, "accountEnabled": True}, "application": change}
    assert msgspec.convert(app_over("own", both), TenantApp).is_enabled
