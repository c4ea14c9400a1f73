"""What applications were granted: how bad it is by who can use it, and what is said where something was not read."""

from typing import Any

import msgspec
import pytest

from rules.analysis.principals import DEFAULT_ACCESS
from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.families.consent._fragments import UNVERIFIED, role, scope
from rules.knowledge.permissions import AZURE, EXCHANGE, GRAPH
from rules.model.clean import NOW
from rules.model.clean_tenant import GRAPH_PRINCIPAL, app_over, tenant_over
from rules.model.registration import AppRole, PermissionScope

CONSENT = tuple(rule for rule in RULES if rule.family == "consent")
MAIL_READ = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
USER_READ_ALL = "df021288-bdef-4463-88db-98f22de89214"
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
UNREAD_API = "77777777-7777-4777-8777-777777777771"
SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333335",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}


def checked(
    kind: str, fragment: dict[str, Any], *, is_whole: bool = True, apis: tuple[str, ...] = (), rule: str = ""
) -> Result:
    """The result of this family for an application; *apis* are client IDs of APIs that the tenant has besides Graph.

    With *rule*, the result of that rule alone. Where the tenant was not read as a whole, APIs may be missing.
    """
    app = app_over(kind, fragment)
    tenant = msgspec.structs.replace(app.tenant, whole=is_whole)
    graph = next(one for one in tenant.service_principals or () if one.id == GRAPH_PRINCIPAL)
    more = tuple(msgspec.structs.replace(graph, id=f"p{n}", app_id=one) for n, one in enumerate(apis))
    tenant = msgspec.structs.replace(tenant, service_principals=(*(tenant.service_principals or ()), *more))
    app = msgspec.structs.replace(app, tenant=tenant)
    rules = [one for one in RULES if one.id == rule] or CONSENT
    return lint([Subject("x", app)], rules, Context(NOW), Subject("t", tenant_over({})))


def said(kind: str, fragment: dict[str, Any], **options: Any) -> dict[str, str]:
    return {found.rule: found.severity for found in checked(kind, fragment, **options).findings}


def test_a_secret_in_this_tenant_is_as_bad_for_an_application_of_a_verified_organization() -> None:
    assert said("foreign", role(MAIL_READ)) == {"granted-application-permission": "medium"}
    secret = {"servicePrincipal": {"passwordCredentials": [SECRET]}}
    assert said("foreign", {**role(MAIL_READ), **secret}) == {"granted-application-permission": "high"}


def test_a_permission_is_named_once_in_whatever_case_it_was_granted() -> None:
    (found,) = checked("own", scope("mail.read Mail.Read", "Principal"), rule="powerful-user-consent").findings
    assert found.message == "has Mail.Read for 1 user"


def test_a_symmetric_key_can_be_copied_like_a_secret() -> None:
    key = {**SECRET, "type": "Symmetric", "usage": "Verify"}
    fragment = {**role(MAIL_READ), "application": {"keyCredentials": [key]}}
    assert said("own", fragment) == {"granted-application-permission": "high"}


def test_secrets_that_were_not_read_are_not_taken_for_none() -> None:
    app = app_over("own", role(MAIL_READ))
    application = msgspec.structs.replace(app.application, password_credentials=msgspec.UNSET)
    app = msgspec.structs.replace(app, application=application)
    result = lint([Subject("x", app)], CONSENT, Context(NOW), Subject("t", tenant_over({})))
    assert [(found.rule, found.severity) for found in result.findings] == [("granted-application-permission", "high")]
    assert "/application/passwordCredentials" in {gap.pointer for gap in result.not_assessed}


@pytest.mark.parametrize(("kind", "severity"), [("Application", "high"), ("Legacy", "medium")])
def test_secrets_of_a_registration_that_is_not_in_the_tenant_were_not_read(kind: str, severity: str) -> None:
    principal = {"appOwnerOrganizationId": None, "servicePrincipalType": kind}
    fragment = {**role(MAIL_READ), "application": None, "servicePrincipal": principal}
    assert said("own", fragment) == {"granted-application-permission": severity}


@pytest.mark.parametrize(
    ("policies", "classified", "requires_assignment", "waits"),
    [
        ([], "low", False, True),
        (
            ["ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"],
            "low",
            False,
            True,
        ),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"], "high", False, False),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], "Low", False, False),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], "high", False, True),
        # An application that requires assignment needs the consent of an administrator.
        (["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"], "low", True, True),
    ],
)
def test_where_users_may_not_consent_every_permission_waits_for_an_administrator(
    policies: list[str], classified: str, requires_assignment: bool, waits: bool
) -> None:
    wanted = {"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "value": "User.Read", "type": "User", "isEnabled": True}
    access = [{"id": wanted["id"], "type": "Scope"}]
    members = {"permissionGrantPoliciesAssigned": policies}
    fragment = {
        "application": {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}]},
        "servicePrincipal": {"appRoleAssignmentRequired": requires_assignment},
        "tenant": {
            "authorizationPolicy": {"defaultUserRolePermissions": members},
            "delegatedPermissionClassifications": [
                {"id": "c", "permissionId": wanted["id"], "permissionName": "User.Read", "classification": classified}
            ],
        },
    }
    result = offering(wanted, fragment)
    assert [found.rule for found in result.findings] == ["ungranted-permission"] * waits
    # Only the registration of an API that is not Microsoft's says whether the client needs consent.
    result = offering(wanted, fragment, owner="0f0f0f0f-0000-4000-8000-000000000001")
    assert result.findings == ()
    assert [gap.reason for gap in result.not_assessed] == ["unknown"] * waits


def offering(scope: dict[str, Any], fragment: dict[str, Any], owner: str = MICROSOFT) -> Result:
    """The result for an application where the API, which the tenant *owner* owns, offers one delegated permission."""
    app = app_over("own-daemon", fragment)
    (graph,) = (one for one in app.tenant.service_principals or () if one.id == GRAPH_PRINCIPAL)
    offered = msgspec.convert([scope], tuple[PermissionScope, ...])
    graph = msgspec.structs.replace(graph, app_owner_organization_id=owner, oauth2_permission_scopes=offered)
    app = msgspec.structs.replace(app, tenant=msgspec.structs.replace(app.tenant, service_principals=(graph,)))
    return lint([Subject("x", app)], CONSENT, Context(NOW), Subject("t", tenant_over({})))


@pytest.mark.parametrize(("secrets", "severity"), [([], "medium"), ([SECRET], "high")])
def test_every_mailbox_is_rated_like_the_data_of_all_users(secrets: list[Any], severity: str) -> None:
    fragment = {**role("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "p0"), "application": {"passwordCredentials": secrets}}
    assert said("own", fragment, apis=(EXCHANGE,)) == {"granted-application-permission": severity}


def azure(kind: str) -> dict[str, Any]:
    """Everything that a user may do in Azure, granted on the first API besides Graph."""
    (grant,) = scope("user_impersonation", kind)["oauth2PermissionGrants"]
    return {"oauth2PermissionGrants": [{**grant, "resourceId": "p0"}]}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("AllPrincipals", "granted-delegated-permission"), ("Principal", "powerful-user-consent")],
)
def test_a_whole_api_is_much_for_an_external_organization_alone(kind: str, rule: str) -> None:
    assert list(said("foreign", {**azure(kind), "servicePrincipal": UNVERIFIED}, apis=(AZURE,))) == [rule]
    assert said("own", azure(kind), apis=(AZURE,)) == {}


@pytest.mark.parametrize(
    ("kind", "fragment", "rules"),
    [
        (
            "own-daemon",
            role(USER_READ_ALL, UNREAD_API),
            {"granted-application-permission", "unrequested-permission-grant"},
        ),
        ("own-daemon", role(DEFAULT_ACCESS, UNREAD_API), set()),
        ("foreign", azure("AllPrincipals"), {"granted-delegated-permission"}),
        ("foreign", azure("Principal"), {"powerful-user-consent"}),
    ],
)
def test_a_grant_on_an_api_that_was_not_read_is_not_assessed(
    kind: str, fragment: dict[str, Any], rules: set[str]
) -> None:
    assert {gap.rule for gap in checked(kind, fragment, is_whole=False).not_assessed} == rules
    assert checked(kind, fragment).not_assessed == ()


OWN_API = "11111111-1111-4111-8111-111111111119"
NOT_LISTED = "99999999-9999-4999-8999-999999999999"
POWERFUL = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
OPEN = {"servicePrincipal": {"appRoleAssignmentRequired": False}}
EXPLORER = {"servicePrincipal": {**OPEN["servicePrincipal"], "appId": "de8bc8b5-d9f9-48b1-a8ad-b748da725064"}}
OVER_IT = {
    "scopedRoleAssignments": [
        {
            "id": "r",
            "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            "directoryScopeId": "/77777777-7777-4777-8777-777777777771",
        }
    ]
}


@pytest.mark.parametrize(
    ("kind", "fragment", "grant", "rule"),
    [
        ("foreign", {}, role(NOT_LISTED), "granted-application-permission"),
        ("foreign", {}, scope("Contoso.All"), "granted-delegated-permission"),
        ("foreign", {}, scope("Contoso.All", "Principal"), "powerful-user-consent"),
        ("own", {}, role(NOT_LISTED), "owner-of-privileged-application"),
        ("own", OVER_IT, role(NOT_LISTED), "application-scoped-administrator"),
        (
            "own",
            {"servicePrincipal": {"passwordCredentials": [SECRET]}},
            role(NOT_LISTED),
            "credential-of-service-principal",
        ),
        ("own", OPEN, scope("Contoso.All", "Principal"), "application-open-to-all-users"),
        ("foreign", EXPLORER, scope("Contoso.All"), "microsoft-tool-open-to-all-users"),
    ],
)
def test_a_granted_permission_that_the_table_lacks_is_not_assessed(
    kind: str, fragment: dict[str, Any], grant: dict[str, Any], rule: str
) -> None:
    (gap,) = checked(kind, {**fragment, **grant}, rule=rule).not_assessed
    assert gap.pointer in ("/appRoleAssignments/0", "/oauth2PermissionGrants/0")
    assert "is not in the list of permissions of Microsoft Graph that this version knows" in gap.note
    # The table does not list what your own APIs offer.
    for other in (role(DEFAULT_ACCESS), role(NOT_LISTED, "p0"), scope("User.Read")):
        assert checked(kind, {**fragment, **other}, apis=(OWN_API,), rule=rule).not_assessed == ()


def test_a_permission_that_is_not_listed_adds_nothing_to_one_that_takes_over_the_tenant() -> None:
    both = [*role(NOT_LISTED)["appRoleAssignments"], *role(POWERFUL)["appRoleAssignments"]]
    result = checked("own", {"appRoleAssignments": both}, rule="owner-of-privileged-application")
    assert (len(result.findings), result.not_assessed) == (1, ())


def grants(*rows: tuple[str, str]) -> dict[str, Any]:
    """Delegated permissions: each row has the consent type and the permissions."""
    return {
        "oauth2PermissionGrants": [
            {**scope(values, kind)["oauth2PermissionGrants"][0], "id": f"g{number}", "principalId": f"u{number}"}
            for number, (kind, values) in enumerate(rows)
        ]
    }


@pytest.mark.parametrize("is_assigned", [False, True])
@pytest.mark.parametrize("permission", ["Mail.Read", "Directory.AccessAsUser.All"])
def test_consent_for_all_users_never_lowers_the_severity_of_consent_for_one(permission: str, is_assigned: bool) -> None:
    principal = {"servicePrincipal": {**UNVERIFIED, "appRoleAssignmentRequired": is_assigned}}
    (alone,) = said("foreign", {**grants(("Principal", permission)), **principal}).values()
    both = said("foreign", {**grants(("Principal", permission), ("AllPrincipals", permission)), **principal})
    assert alone in both.values()


def asked(*ids: str, kind: str = "Role") -> dict[str, Any]:
    """An application that requests permissions of Microsoft Graph."""
    access = [{"id": one, "type": kind} for one in ids]
    return {"application": {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}]}}


def test_a_request_that_the_table_lacks_may_take_over_the_tenant() -> None:
    result = checked("own-daemon", asked(NOT_LISTED), rule="ungranted-permission")
    assert [found.severity for found in result.findings] == ["low"]
    assert [gap.reason for gap in result.not_assessed] == ["unknown"]
    result = checked("own-daemon", asked(NOT_LISTED, POWERFUL), rule="ungranted-permission")
    assert ([found.severity for found in result.findings], result.not_assessed) == (["medium"], ())


def in_another_cloud(fragment: dict[str, Any]) -> Result:
    """The result in a cloud whose Microsoft Graph has another ID for RoleManagement.ReadWrite.Directory."""
    app = app_over("own-daemon", fragment)
    (graph,) = (one for one in app.tenant.service_principals or () if one.id == GRAPH_PRINCIPAL)
    offered = msgspec.convert([{"id": NOT_LISTED, "value": "RoleManagement.ReadWrite.Directory"}], tuple[AppRole, ...])
    graph = msgspec.structs.replace(graph, app_roles=offered)
    app = msgspec.structs.replace(app, tenant=msgspec.structs.replace(app.tenant, service_principals=(graph,)))
    return lint([Subject("x", app)], CONSENT, Context(NOW), Subject("t", tenant_over({})))


def test_a_permission_with_another_id_in_a_national_cloud_is_known_by_the_value_that_its_api_gives_it() -> None:
    result = in_another_cloud({**role(NOT_LISTED), **asked(NOT_LISTED)})
    (found,) = result.findings
    assert (found.rule, found.severity) == ("granted-application-permission", "high")
    assert "the registration does not request the permission" not in found.message
    assert result.not_assessed == ()
    assert [found.severity for found in in_another_cloud(asked(NOT_LISTED)).findings] == ["medium"]


def test_who_may_consent_is_not_known_where_the_permissions_of_an_api_were_not_read() -> None:
    app = app_over("own-daemon", asked("e1fe6dd8-ba31-4d61-89e7-88639da4683d", kind="Scope"))
    (graph,) = (one for one in app.tenant.service_principals or () if one.id == GRAPH_PRINCIPAL)
    graph = msgspec.structs.replace(graph, oauth2_permission_scopes=msgspec.UNSET)
    app = msgspec.structs.replace(app, tenant=msgspec.structs.replace(app.tenant, service_principals=(graph,)))
    result = lint([Subject("x", app)], CONSENT, Context(NOW), Subject("t", tenant_over({})))
    assert [gap.note for gap in result.not_assessed] == ["the delegated permissions of the API were not read"]


def test_an_agent_with_a_powerful_delegated_permission_is_reported_like_an_application() -> None:
    assert said("agent", scope("Mail.ReadWrite")) == {"granted-delegated-permission": "medium"}
    # Its agents may inherit the consent, and their assignments are their own.
    required = {"servicePrincipal": {"appRoleAssignmentRequired": True}}
    assert said("own-blueprint", {**scope("Mail.ReadWrite"), **required}) == {"granted-delegated-permission": "medium"}


def test_whether_a_user_can_consent_is_not_assessed_in_an_external_tenant() -> None:
    wanted = {"id": USER_READ_ALL, "value": "Orders.Read", "type": "User"}
    consent = {"permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"]}
    asks = {
        "application": asked(USER_READ_ALL, kind="Scope")["application"],
        "servicePrincipal": {"appRoleAssignmentRequired": False},
        "tenant": {"authorizationPolicy": {"defaultUserRolePermissions": consent}},
    }
    assert (offering(wanted, asks).findings, offering(wanted, asks).not_assessed) == ((), ())
    external = {**asks, "tenant": {**asks["tenant"], "organization": {"tenantType": "CIAM"}}}
    result = offering(wanted, external)
    assert ([gap.rule for gap in result.not_assessed], result.findings) == (["ungranted-permission"], ())
    # An administrator has to consent to this one in every tenant.
    assert len(offering({**wanted, "type": "Admin"}, external).findings) == 1
