"""What a report shows of a registration beside its findings; unread stays unread."""

import msgspec

from advisor.run.rows import granted_in, names_of_apis, with_details, with_names
from reports.rows import CredentialRow, Origin, Owner, PermissionRow, RedirectRow, RegistrationRow
from rules.model.registration import Registration
from rules.model.tenant import Tenant

GRAPH = "00000003-0000-0000-c000-000000000000"
ROW = RegistrationRow(
    key="a", name="A", app_id="app-a", object_id=None, audience="", format="", origin=Origin(), complete=True
)
PRINCIPALS = [
    {"id": "sp-a", "appId": "app-a", "displayName": "A"},
    {
        "id": "sp-g",
        "appId": GRAPH,
        "displayName": "Graph",
        "oauth2PermissionScopes": [{"id": "scope-1", "value": "User.Read"}],
        "appRoles": [{"id": "role-1", "value": "Mail.Read"}],
    },
]


def details(**app: object) -> RegistrationRow:
    return with_details(ROW, msgspec.convert(app, Registration), {}, None)


def test_what_nobody_read_is_none_and_what_is_empty_is_empty() -> None:
    row = details()
    assert (row.owners, row.credentials, row.redirects, row.requested, row.granted) == (None,) * 5
    row = details(owners=[], passwordCredentials=[], web={"redirectUris": []}, requiredResourceAccess=[])
    assert (row.owners, row.credentials, row.redirects, row.requested) == ((), (), (), ())


def test_owners_credentials_addresses_and_permissions_are_told() -> None:
    row = details(
        owners=[{"id": "1", "displayName": "Ann", "userPrincipalName": "ann@a.example"}],
        passwordCredentials=[
            {"keyId": "k", "displayName": "CI", "startDateTime": None, "endDateTime": "2027-01-01T00:00:00Z"}
        ],
        federatedIdentityCredentials=[{"id": "f", "name": "main"}],
        web={"redirectUris": ["https://A.example/cb"]},
        publicClient={"redirectUris": ["myapp://auth"]},
        requiredResourceAccess=[
            {
                "resourceAppId": GRAPH,
                "resourceAccess": [{"id": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "type": "Role"}],
            },
            {"resourceAppId": "other", "resourceAccess": [{"id": "x", "type": "Scope"}]},
        ],
        createdDateTime="2021-01-01T00:00:00Z",
    )
    assert row.owners == (Owner(id="1", name="Ann", address="ann@a.example"),)
    assert row.credentials == (
        CredentialRow(kind="secret", id="k", name="CI", ends="2027-01-01T00:00:00Z"),
        CredentialRow(kind="federated", id="f", name="main"),
    )
    assert row.redirects == (
        RedirectRow(uri="https://A.example/cb", platform="web", host="a.example"),
        RedirectRow(uri="myapp://auth", platform="publicClient"),
    )
    assert row.requested == (
        PermissionRow(
            resource=GRAPH,
            id="1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
            reach="application",
            resource_name="Microsoft Graph",
            name="Application.ReadWrite.All",
        ),
        PermissionRow(resource="other", id="x", reach="delegated"),
    )
    assert row.created == "2021-01-01T00:00:00Z"


def tenant(**parts: object) -> Tenant:
    return msgspec.convert({"servicePrincipals": PRINCIPALS, **parts}, Tenant)


def test_grants_are_told_by_the_application_that_holds_them() -> None:
    granted = granted_in(
        tenant(
            oauth2PermissionGrants=[{"clientId": "sp-a", "resourceId": "sp-g", "scope": " User.Read offline_access"}],
            appRoleAssignments=[{"principalId": "sp-a", "resourceId": "sp-g", "appRoleId": "role-1"}],
        )
    )
    assert granted == {
        "app-a": (
            PermissionRow(
                resource=GRAPH, id="scope-1", reach="delegated", resource_name="Microsoft Graph", name="User.Read"
            ),
            PermissionRow(
                resource=GRAPH, id="", reach="delegated", resource_name="Microsoft Graph", name="offline_access"
            ),
            PermissionRow(
                resource=GRAPH, id="role-1", reach="application", resource_name="Microsoft Graph", name="Mail.Read"
            ),
        )
    }
    row = with_details(ROW, Registration(), {}, granted)
    assert row.granted == granted["app-a"]


def test_an_application_without_grants_has_none_but_only_where_all_were_read() -> None:
    assert (
        with_details(
            ROW, Registration(), {}, granted_in(tenant(oauth2PermissionGrants=[], appRoleAssignments=[]))
        ).granted
        == ()
    )
    assert granted_in(tenant(oauth2PermissionGrants=[])) is None


def test_permissions_of_an_api_of_the_same_run_have_its_names() -> None:
    access = [{"resourceAppId": "API-1", "resourceAccess": [{"id": "s", "type": "Scope"}, {"id": "r", "type": "Role"}]}]
    row = details(requiredResourceAccess=access)
    api = {
        "appId": "api-1",
        "displayName": "Orders",
        "api": {"oauth2PermissionScopes": [{"id": "s", "value": "Orders.Read"}]},
        "appRoles": [{"id": "r", "value": "Orders.Write.All"}],
    }
    apps = [msgspec.convert(api, Registration)]
    assert [(one.resource_name, one.name) for one in with_names(row, names_of_apis(apps)).requested or ()] == [
        ("Orders", "Orders.Read"),
        ("Orders", "Orders.Write.All"),
    ]
    other = msgspec.convert({**api, "appRoles": [{"id": "r", "value": "Orders.All"}]}, Registration)
    names = names_of_apis([*apps, other])
    assert [one.name for one in with_names(row, names).requested or ()] == ["Orders.Read", ""]
    assert with_names(row, {}) is row
