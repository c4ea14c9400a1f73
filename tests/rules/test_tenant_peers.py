"""Applications of a tenant that other tools rate wrongly.

Each row: a fragment over a clean one, and the expected findings.

It is 2026-01-15T10:00Z; the clean web app has a certificate, its own service principal and nothing that was granted.
"""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.tenants import microsoft_tenants
from rules.model.clean import NOW
from rules.model.clean_tenant import GRAPH_PRINCIPAL, app_over, clean_tenant
from rules.model.finding import Finding
from rules.model.registration import UNSET, Registration
from rules.model.settings import Settings
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp, tenant_apps

GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
USER_READ_WRITE = "741f803b-c850-494e-b5df-cde7c675a1ca"
USER_READ = "df021288-bdef-4463-88db-98f22de89214"
FULL_ACCESS = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
OTHER = "88888888-8888-4888-8888-888888888882"

SECRET = {
    "keyId": "k",
    "displayName": "deploy",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
SIGN = {
    "keyId": "s",
    "customKeyIdentifier": "bWFyaw==",
    "usage": "Sign",
    "startDateTime": "2025-01-01T00:00:00Z",
    "endDateTime": "2028-01-01T00:00:00Z",
}
SAML = {
    "preferredSingleSignOnMode": "saml",
    "keyCredentials": [SIGN, {**SIGN, "keyId": "v", "usage": "Verify"}],
    "passwordCredentials": [{name: SIGN[name] for name in ("keyId", "customKeyIdentifier", "endDateTime")}],
}
#: The clean web app has two owners, and asks for nothing powerful.
OWNED = {"owner-of-privileged-application": "high"}
ON_PRINCIPAL = {"credential-of-service-principal": "high"}


def check(app: TenantApp) -> dict[str, str]:
    verdict = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    assert verdict.not_assessed == ()
    return {found.rule: found.severity for found in verdict.findings}


def roles(*ids: str, resource: str = GRAPH_PRINCIPAL) -> dict[str, Any]:
    return {
        "appRoleAssignments": [
            {"id": f"a{number}", "appRoleId": one, "resourceId": resource} for number, one in enumerate(ids)
        ]
    }


def with_resource(app_id: str, name: str, role: dict[str, Any] | None = None) -> dict[str, Any]:
    """A tenant that has another API beside Microsoft Graph, as ``OTHER``."""
    graph = clean_tenant()["servicePrincipals"][0]
    other = {**graph, "id": OTHER, "appId": app_id, "displayName": name, "appRoles": [role] if role else []}
    return {"tenant": {"servicePrincipals": [graph, other]}}


def asks(resource: str, *ids: str, kind: str = "Role") -> dict[str, Any]:
    access = [{"id": one, "type": kind} for one in ids]
    return {"application": {"requiredResourceAccess": [{"resourceAppId": resource, "resourceAccess": access}]}}


OWN_API = "11111111-1111-4111-8111-111111111119"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        # A role of one's own API with the id of Graph's RoleManagement.ReadWrite.Directory, or with a name of Graph's.
        (
            {
                **roles(ROLE_MANAGEMENT, resource=OTHER),
                **with_resource(OWN_API, "Orders"),
                **asks(OWN_API, ROLE_MANAGEMENT),
            },
            {},
        ),
        (
            {
                **roles("r", resource=OTHER),
                **with_resource(OWN_API, "Orders", {"id": "r", "value": "Mail.Send"}),
                **asks(OWN_API, "r"),
            },
            {},
        ),
        # One id on two APIs: SharePoint's opens data, Graph's the tenant.
        (
            {**roles(USER_READ_WRITE, resource=OTHER), **with_resource(SHAREPOINT, "SharePoint")},
            {"granted-application-permission": "medium"},
        ),
        (roles(USER_READ_WRITE), {"granted-application-permission": "high", **OWNED}),
        # Reading groups or applications takes nothing over.
        ({**roles("5b567255-7703-4780-807c-7be8301ae99b"), **asks(GRAPH, "5b567255-7703-4780-807c-7be8301ae99b")}, {}),
        # Every mailbox, by the old protocol: the data of all users, with a certificate.
        (
            {**roles(FULL_ACCESS, resource=OTHER), **with_resource(EXCHANGE, "Office 365 Exchange Online")},
            {"granted-application-permission": "medium"},
        ),
        # The dangerous one is the last of 150, which is far beyond a page and an $expand.
        (
            {**roles(*[USER_READ] * 149, ROLE_MANAGEMENT), **asks(GRAPH, USER_READ)},
            {"granted-application-permission": "high", **OWNED},
        ),
        # Blanks around and between scopes.
        (
            {
                "oauth2PermissionGrants": [
                    {
                        "id": "g",
                        "consentType": "AllPrincipals",
                        "resourceId": GRAPH_PRINCIPAL,
                        "scope": " User.Read  Mail.Send ",
                    }
                ]
            },
            {"granted-delegated-permission": "low"},
        ),
        # Asked for on Graph, granted on another API: that is not granted.
        (
            {**roles(USER_READ, resource=OTHER), **with_resource(SHAREPOINT, "SharePoint"), **asks(GRAPH, USER_READ)},
            {"ungranted-permission": "low", "unrequested-permission-grant": "low"},
        ),
        # Called "Microsoft Graph" by a stranger: names say nothing.
        (
            {
                **roles(ROLE_MANAGEMENT, resource=OTHER),
                **with_resource(OWN_API, "Microsoft Graph"),
                **asks(OWN_API, ROLE_MANAGEMENT),
            },
            {},
        ),
        # SAML: three years, and a password that opens the file of the key.
        ({"servicePrincipal": SAML}, {}),
        # Two secrets on the registration, none on the service principal: rules over registrations say so.
        ({"application": {"passwordCredentials": [SECRET, SECRET]}}, {}),
        # A role, and the secret on the service principal alone.
        (
            {
                "roleAssignments": [
                    {"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}
                ],
                "servicePrincipal": {"passwordCredentials": [SECRET]},
            },
            {"application-with-directory-role": "critical", **ON_PRINCIPAL, **OWNED},
        ),
        # The secret has ended: the role is left, and no secret makes it worse.
        (
            {
                "roleAssignments": [
                    {"id": "r", "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "directoryScopeId": "/"}
                ],
                "application": {"passwordCredentials": [{**SECRET, "endDateTime": "2026-01-02T00:00:00Z"}]},
            },
            {"application-with-directory-role": "high", **OWNED},
        ),
    ],
)
def test_an_application_of_the_tenant(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert check(app_over("own", fragment)) == expected


def test_an_unknown_permission_is_not_harmless_but_not_assessed() -> None:
    unknown = "f00f00f0-0000-4000-8000-000000000000"
    app = app_over("own", {**roles(unknown), **asks(GRAPH, unknown)})
    verdict = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    assert verdict.findings == ()
    assert {gap.rule for gap in verdict.not_assessed} == {
        "granted-application-permission",
        "owner-of-privileged-application",
    }


@pytest.mark.parametrize("owner", sorted(microsoft_tenants()))
def test_what_microsoft_has_is_not_reported_whatever_it_is_called(owner: str) -> None:
    own = {"displayName": "Fabrikam", "appOwnerOrganizationId": owner.upper(), "appRoleAssignmentRequired": False}
    scopes = {
        "id": "g",
        "consentType": "AllPrincipals",
        "resourceId": GRAPH_PRINCIPAL,
        "scope": "Directory.AccessAsUser.All",
    }
    app = app_over("foreign", {**roles(ROLE_MANAGEMENT), "oauth2PermissionGrants": [scopes], "servicePrincipal": own})
    assert check(app) == {}


def test_who_calls_himself_microsoft_is_a_stranger() -> None:
    app = app_over(
        "foreign",
        {**roles(ROLE_MANAGEMENT), "servicePrincipal": {"displayName": "Microsoft Graph", "verifiedPublisher": None}},
    )
    assert check(app) == {"granted-application-permission": "critical"}


def test_the_managed_identity_has_the_platforms_certificate_and_no_key_to_steal() -> None:
    certificate = {**SECRET, "usage": "Verify", "endDateTime": "2026-04-01T00:00:00Z"}
    app = app_over(
        "managed-identity", {**roles(ROLE_MANAGEMENT), "servicePrincipal": {"keyCredentials": [certificate]}}
    )
    assert check(app) == {"granted-application-permission": "high"}


def test_a_consent_for_everybody_is_a_grant_though_it_is_in_no_assignment() -> None:
    wanted = asks(GRAPH, "e383f46e-2787-4529-855e-0e479a3ffac0", kind="Scope")
    scopes = {"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": "Mail.Send"}
    assert check(app_over("own", {**wanted, "oauth2PermissionGrants": [scopes]})) == {
        "granted-delegated-permission": "low"
    }


def test_a_grant_that_another_tool_calls_low_by_its_first_word_is_known_by_its_id() -> None:
    """``User.EnableDisableAccount.All`` begins like ``User.Read`` and disables administrators."""
    app = app_over("own-daemon", {**roles("3011c876-62b7-4ada-afa2-506cbbecc68c"), "application": {"owners": []}})
    assert check(app) == {"granted-application-permission": "high"}


def test_a_permission_that_is_added_to_an_accepted_consent_is_another_finding() -> None:
    def fingerprints(scope: str) -> set[str]:
        grant = {"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": scope}
        app = app_over("own", {"oauth2PermissionGrants": [grant]})
        found = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant)).findings
        return {one.fingerprint for one in found}

    assert fingerprints("Mail.Read") == fingerprints("openid Mail.Read")
    assert fingerprints("Mail.Read").isdisjoint(fingerprints("Mail.Read Mail.Send"))


def test_a_role_over_a_single_application_is_found_by_the_id_of_its_registration_or_service_principal() -> None:
    def scoped(scope: str) -> list[str]:
        data = clean_tenant() | {
            "servicePrincipals": [{"id": "sp", "appId": "a", "appOwnerOrganizationId": clean_tenant()["id"]}],
            "roleAssignments": [
                {
                    "id": "r",
                    "principalId": "p",
                    "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
                    "directoryScopeId": scope,
                }
            ],
        }
        (app,) = tenant_apps(msgspec.convert(data, Tenant), [Registration(id="object", app_id="a")])
        return [str(one.id) for one in app.scoped_role_assignments or ()]

    assert scoped("/object") == scoped("/sp") == ["r"]
    assert scoped("/") == scoped("/administrativeUnits/object") == scoped("") == []


def test_of_single_applications_a_request_waits_where_no_grant_could_be_it() -> None:
    """With ``--only`` an API is read when something was granted on it; without any grant it is not."""

    def checked(fragment: dict[str, Any]) -> dict[str, str]:
        app = app_over("own", {**asks(EXCHANGE, USER_READ), **fragment})
        tenant = msgspec.structs.replace(app.tenant, whole=False)
        subjects = [Subject("x", msgspec.structs.replace(app, tenant=tenant))]
        found = lint(subjects, RULES, Context(NOW), Subject("tenant", tenant)).findings
        return {one.rule: one.severity for one in found}

    assert checked({}) == {"ungranted-permission": "low"}
    assert checked(roles(USER_READ, resource="unread")) == {}


def test_of_single_applications_delegated_permissions_of_apis_that_were_not_read_are_not_assessed() -> None:
    consent = {"id": "g", "consentType": "AllPrincipals", "resourceId": "unread", "scope": "Directory.AccessAsUser.All"}
    fragment = {**asks(EXCHANGE, USER_READ, kind="Scope"), "oauth2PermissionGrants": [consent]}

    def gaps(whole: bool) -> list[tuple[str, str, str]]:
        app = app_over("own", fragment)
        tenant = msgspec.structs.replace(app.tenant, whole=whole)
        subjects = [Subject("x", msgspec.structs.replace(app, tenant=tenant))]
        result = lint(subjects, RULES, Context(NOW), Subject("tenant", tenant))
        rules = ("granted-delegated-permission", "ungranted-permission")
        return sorted((gap.rule, gap.reason, gap.pointer) for gap in result.not_assessed if gap.rule in rules)

    assert gaps(whole=True) == []
    assert gaps(whole=False) == [
        ("granted-delegated-permission", "failed", "/oauth2PermissionGrants/0"),
        (
            "ungranted-permission",
            "not-in-file",
            "/application/requiredResourceAccess/0/resourceAccess/0",
        ),
    ]


def test_a_saml_certificate_that_has_not_started_succeeds_no_expired_one() -> None:
    def key(name: str, start: str, end: str) -> dict[str, str]:
        return {
            "keyId": name,
            "customKeyIdentifier": name,
            "startDateTime": start,
            "endDateTime": end,
            "type": "X509CertAndPassword",
            "usage": "Sign",
        }

    def message(start: str) -> str:
        keys = [key("MTIz", "2023-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), key("NDU2", start, "2029-01-01T00:00:00Z")]
        principal = {
            "preferredSingleSignOnMode": "saml",
            "preferredTokenSigningKeyThumbprint": "313233",
            "keyCredentials": keys,
        }
        app = app_over("foreign", {"servicePrincipal": principal})
        result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
        (found,) = (one for one in result.findings if one.rule == "expiring-saml-certificate")
        return found.message

    assert "Entra ID signs with another valid certificate" in message("2025-12-01T00:00:00Z")
    assert "Entra ID signs with another valid certificate" not in message("2026-06-01T00:00:00Z")


def test_a_saml_certificate_that_is_not_valid_yet_hides_no_other() -> None:
    keys = [
        {"keyId": str(start), "startDateTime": f"{start}-06-01T00:00:00Z", "endDateTime": end, "usage": "Sign"}
        for start, end in ((2023, "2026-01-20T00:00:00Z"), (2026, "2029-01-01T00:00:00Z"))
    ]
    app = app_over("foreign", {"servicePrincipal": {"preferredSingleSignOnMode": "saml", "keyCredentials": keys}})
    result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    assert [one.severity for one in result.findings if one.rule == "expiring-saml-certificate"] == ["high"]


def test_a_saml_certificate_without_a_readable_end_is_not_assessed() -> None:
    key = {"keyId": "k", "startDateTime": "2023-06-01T00:00:00Z", "endDateTime": "soon", "usage": "Sign"}
    app = app_over("foreign", {"servicePrincipal": {"preferredSingleSignOnMode": "saml", "keyCredentials": [key]}})
    result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    assert [(gap.rule, gap.note) for gap in result.not_assessed] == [
        ("expiring-saml-certificate", "'soon' is not a date")
    ]


def test_a_mode_that_is_null_does_not_say_whether_an_application_uses_saml() -> None:
    key = {"keyId": "k", "customKeyIdentifier": "MTIz", "endDateTime": "2026-01-20T00:00:00Z", "usage": "Sign"}
    public_half = {**key, "keyId": "v", "usage": "Verify"}
    for mode, noted in ((None, ["unknown"]), ("oidc", []), ("saml", [])):
        principal = {"preferredSingleSignOnMode": mode, "keyCredentials": [key, public_half]}
        app = app_over("foreign", {"servicePrincipal": principal})
        result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
        assert [one.rule for one in result.findings] == ["expiring-saml-certificate"] * (mode == "saml")
        assert [gap.reason for gap in result.not_assessed if gap.rule == "expiring-saml-certificate"] == noted


def test_an_unused_registration_without_a_creation_date_is_not_assessed() -> None:
    registration = {"web": {"redirectUris": [], "logoutUrl": None}, "keyCredentials": [], "createdDateTime": None}
    app = app_over("own", {"application": registration, "servicePrincipal": {"replyUrls": []}})
    result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    assert [(gap.rule, gap.reason, gap.note) for gap in result.not_assessed] == [
        ("unusable-registration", "unknown", "no date says when the registration was created")
    ]


@pytest.mark.parametrize(("mode", "is_named"), [("saml", True), ("oidc", False)])
def test_a_certificate_that_may_verify_saml_requests_is_named_and_stays(mode: str, is_named: bool) -> None:
    key = {"keyId": "k", "endDateTime": "2026-06-01T00:00:00Z", "type": "AsymmetricX509Cert", "usage": "Verify"}
    app = app_over("own", {"servicePrincipal": {"preferredSingleSignOnMode": mode, "keyCredentials": [key]}})
    result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    (found,) = (one for one in result.findings if one.rule == "credential-of-service-principal")
    says = "the certificate may verify signed SAML requests"
    assert (says in found.message, found.patch is None) == (is_named, is_named)


@pytest.mark.parametrize(
    ("permission", "severity", "words"),
    [
        (ROLE_MANAGEMENT, "high", "; the application has RoleManagement.ReadWrite.Directory"),
        ("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "medium", "; the application has Mail.Read"),
        ("df021288-bdef-4463-88db-98f22de89214", "low", " for this application alone"),
    ],
)
def test_an_administrator_of_an_application_has_its_permissions(permission: str, severity: str, words: str) -> None:
    assignment = {"id": "r", "principalId": "x", "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"}
    app = app_over("own", {**roles(permission), "scopedRoleAssignments": [assignment]})
    (found,) = [one for one in findings(app) if one.rule == "application-scoped-administrator"]
    assert (found.severity, found.message.endswith(words)) == (severity, True)


def test_a_custom_role_without_a_name_is_named_by_its_id() -> None:
    role_id = "0c0c0c0c-0000-4000-8000-000000000001"
    roles = [{"id": role_id, "displayName": None, "rolePermissions": []}]
    assignment = {"id": "r", "principalId": "x", "roleDefinitionId": role_id, "directoryScopeId": "/"}
    given = {"roleAssignments": [assignment], "scopedRoleAssignments": [assignment]}
    app = app_over("own", {**given, "tenant": {"roleDefinitions": roles}})
    result = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    messages = [one.message for one in result.findings if one.rule != "consent-by-custom-role"]
    assert [message for message in messages if f"role {role_id}" in message] == messages


def test_a_tenant_at_its_defaults_is_silent() -> None:
    """Applications that all users may use, gallery apps and hundreds of Microsoft's: none of them is reported."""
    graph = clean_tenant()["servicePrincipals"][0]
    sign_in = {"consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": "openid profile User.Read"}
    principals, grants, apps = [graph], [], []
    for number in range(300):
        kind = ("own", "foreign", "managed-identity", "microsoft")[number % 4]
        base = app_over("foreign" if kind == "microsoft" else kind, {})
        principal = msgspec.to_builtins(base.service_principal)
        principal |= {"id": f"sp{number}", "appId": f"app{number}", "appRoleAssignmentRequired": False}
        if kind == "microsoft":
            principal |= {"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "verifiedPublisher": None}
        elif kind == "own" and isinstance(base.application, Registration):
            apps.append(msgspec.structs.replace(base.application, app_id=f"app{number}", id=f"object{number}"))
        principals.append(principal)
        grants.append({**sign_in, "id": f"g{number}", "clientId": f"sp{number}"})
    data = clean_tenant() | {"servicePrincipals": principals, "oauth2PermissionGrants": grants}
    tenant = msgspec.convert(data, Tenant)
    subjects = [Subject(str(number), app) for number, app in enumerate(tenant_apps(tenant, apps))]
    assert len(subjects) == 301
    assert lint(subjects, RULES, Context(NOW), Subject("tenant", tenant)).findings == ()


GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
AI_ADMINISTRATOR = "d2562ede-74db-457e-a7b6-544e236ebb61"
REPORTS_READER = "4a5d8f65-41da-4de4-8968-e035b65339cf"
CUSTOM_ROLE = "abababab-0000-4000-8000-000000000001"
ROLE = "application-with-directory-role"


def has_role(definition: str, principal: str = "77777777-7777-4777-8777-777777777771") -> dict[str, Any]:
    role = {"id": "r", "principalId": principal, "roleDefinitionId": definition, "directoryScopeId": "/"}
    return {"roleAssignments": [role]}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ({"servicePrincipal": {"keyCredentials": [{**SECRET, "usage": "Encrypt"}]}}, {}),
        (
            {"servicePrincipal": {"keyCredentials": [{**SECRET, "usage": "Verify"}]}},
            {"credential-of-service-principal": "medium"},
        ),
        (has_role(AI_ADMINISTRATOR), {ROLE: "high", **OWNED}),
        (has_role(CUSTOM_ROLE), {ROLE: "medium"}),
        (has_role(REPORTS_READER), {}),
        (has_role("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"), {}),
    ],
)
def test_keys_and_roles_by_what_they_are_for(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert check(app_over("own", fragment)) == expected


@pytest.mark.parametrize(
    ("block", "place", "words"),
    [
        ({"servicePrincipal": {"accountEnabled": False}}, "/servicePrincipal/accountEnabled", "disabled"),
        ({"servicePrincipal": {"isDisabled": True}}, "/servicePrincipal/isDisabled", "deactivated"),
        ({"application": {"isDisabled": True}}, "/application/isDisabled", "deactivated"),
        (
            {"application": {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}},
            "/application/disabledByMicrosoftStatus",
            "disabled by Microsoft",
        ),
        (
            {"servicePrincipal": {"deletedDateTime": "2026-01-01T00:00:00Z"}},
            "/servicePrincipal/deletedDateTime",
            "deleted",
        ),
        ({"application": None}, "/servicePrincipal/appId", "without a registration"),
    ],
)
def test_each_way_to_prevent_tokens_lowers_what_an_application_could_do(
    block: dict[str, Any], place: str, words: str
) -> None:
    app = app_over("own", {**has_role(GLOBAL_ADMINISTRATOR), **block})
    assert app.blocked is not None
    assert (app.blocked.pointer, app.blocked.note) == (place, words)
    assert check(app)[ROLE] == "low"


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"accountEnabled": False}, ("disabled", "disabled, but an owner can enable it")),
        ({"isDisabled": True}, ("deactivated, but an owner can enable it", "deactivated")),
        (
            {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"},
            ("disabled by Microsoft", "disabled by Microsoft"),
        ),
    ],
)
def test_owners_of_a_disabled_application_may_enable_it(block: dict[str, Any], words: tuple[str, str]) -> None:
    principal = {"owners": [{"id": "o", "displayName": "Alex Wilber"}], **block}
    app = app_over("own", {**has_role(GLOBAL_ADMINISTRATOR), "servicePrincipal": principal})
    found = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant)).findings
    owned = [one for one in found if one.rule in OWNED]
    assert [(one.pointer, one.severity) for one in owned] == [
        ("/application/owners", "low"),
        ("/servicePrincipal/owners", "low"),
    ]
    assert tuple(one.message.partition("; the application is ")[2] for one in owned) == words


@pytest.mark.parametrize("status", [None, "", "NotDisabled"])
def test_what_microsoft_did_not_disable_is_enabled(status: str | None) -> None:
    app = app_over("own", {"servicePrincipal": {"disabledByMicrosoftStatus": status}})
    assert app.blocked is None


def test_a_role_through_a_group_is_a_role_of_its_members() -> None:
    group = {"id": "group", "displayName": "Administrators", "members": ["sp"]}
    principal = {"id": "sp", "appId": "a", "appOwnerOrganizationId": clean_tenant()["id"]}
    data = clean_tenant() | {"servicePrincipals": [principal], "roleGroups": [group]}
    data |= has_role(GLOBAL_ADMINISTRATOR, "group")
    (app,) = tenant_apps(msgspec.convert(data, Tenant), [])
    assert [one.principal_id for one in app.role_assignments or ()] == ["group"]
    found = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant)).findings
    (message,) = [one.message for one in found if one.rule == ROLE]
    assert "through the group Administrators" in message


def test_groups_whose_members_were_not_read_are_not_assessed() -> None:
    app = app_over("own", {})
    tenant = msgspec.structs.replace(app.tenant, role_groups=msgspec.UNSET)
    verdict = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", tenant))
    assert [(gap.rule, gap.pointer) for gap in verdict.not_assessed] == [(ROLE, "/roleGroups")]


@pytest.mark.parametrize(
    ("scope", "assigned", "expected"),
    [
        ("Directory.AccessAsUser.All", True, "high"),
        ("Directory.AccessAsUser.All", False, "high"),
        ("Mail.ReadWrite", True, "low"),
        ("Mail.ReadWrite", False, "medium"),
    ],
)
def test_assignment_does_not_protect_administrators(scope: str, assigned: bool, expected: str) -> None:
    grant = {"id": "g", "consentType": "AllPrincipals", "resourceId": GRAPH_PRINCIPAL, "scope": scope}
    app = app_over(
        "own", {"oauth2PermissionGrants": [grant], "servicePrincipal": {"appRoleAssignmentRequired": assigned}}
    )
    (found,) = [one for one in findings(app) if one.rule == "granted-delegated-permission"]
    exempt = "; only assigned users and Global Administrators may sign in"
    assert (found.severity, found.message.endswith(exempt)) == (expected, assigned)


KEY = {
    "keyId": "33333333-3333-4333-8333-333333333341",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
    "usage": "Verify",
}


def findings(app: TenantApp) -> tuple[Finding, ...]:
    return lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant)).findings


@pytest.mark.parametrize("holder", ["application", "servicePrincipal"])
@pytest.mark.parametrize(("kind", "severity"), [("Symmetric", "critical"), ("AsymmetricX509Cert", "high")])
def test_a_symmetric_key_exposes_an_application_like_a_secret(holder: str, kind: str, severity: str) -> None:
    fragment = {**roles(ROLE_MANAGEMENT), holder: {"keyCredentials": [{**KEY, "type": kind}]}}
    assert check(app_over("own", fragment))["granted-application-permission"] == severity


def test_addresses_that_were_not_read_are_not_called_missing() -> None:
    signing = {**KEY, "usage": "Sign", "endDateTime": "2026-01-20T00:00:00Z"}
    app = app_over("foreign", {"servicePrincipal": {"preferredSingleSignOnMode": "saml", "keyCredentials": [signing]}})
    assert app.service_principal is not None
    unread = msgspec.structs.replace(app.service_principal, notification_email_addresses=UNSET)
    for principal, is_missing in ((app.service_principal, True), (unread, False)):
        (found,) = findings(msgspec.structs.replace(app, service_principal=principal))
        assert ("no email address is notified" in found.message) is is_missing


def test_an_owner_of_registration_and_service_principal_is_one_owner() -> None:
    adele = {"id": "22222222-2222-4222-8222-222222222221", "displayName": "Adele Vance"}
    lee = {"id": "22222222-2222-4222-8222-222222222222", "displayName": "Lee Gu"}
    fragment = {
        **roles(ROLE_MANAGEMENT),
        "application": {"owners": [adele]},
        "servicePrincipal": {"owners": [adele, lee]},
    }
    found = findings(app_over("own", fragment))
    said = {one.pointer: one.message for one in found if one.rule == "owner-of-privileged-application"}
    assert said == {
        "/application/owners": "has 1 owner, and can take over the tenant with RoleManagement.ReadWrite.Directory",
        "/servicePrincipal/owners": (
            "has 1 owner of its service principal, and can take over the tenant with RoleManagement.ReadWrite.Directory"
        ),
    }


def test_a_role_over_an_agent_identity_adds_no_credential() -> None:
    assignment = {"id": "r", "principalId": "x", "roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"}
    for kind, expected in (("agent", []), ("own-blueprint", ["application-scoped-administrator"])):
        app = app_over(kind, {"scopedRoleAssignments": [assignment]})
        assert [one.rule for one in findings(app)] == expected


def test_a_role_over_an_application_that_is_not_known_is_not_called_a_custom_one() -> None:
    assignment = {"id": "r", "principalId": "x", "roleDefinitionId": "0c0c0c0c-0000-4000-8000-000000000009"}
    (found,) = findings(app_over("own", {"scopedRoleAssignments": [assignment]}))
    assert "with a role whose permissions were not read" in found.message


def gaps(app: TenantApp, rule: str) -> list[str]:
    found = lint([Subject("x", app)], RULES, Context(NOW), Subject("tenant", app.tenant))
    return [one.pointer for one in found.not_assessed if one.rule == rule]


def test_whether_a_foreign_registration_accepts_mapped_claims_is_not_known() -> None:
    principal = app_over("foreign", {}).service_principal
    policy = {"id": "p", "displayName": "Department", "appliesTo": [principal and principal.id]}
    app = app_over("foreign", {"tenant": {"claimsMappingPolicies": [policy]}})
    assert gaps(app, "claims-mapping-policy-fails") == ["/servicePrincipal"]
    assert [one for one in findings(app) if one.rule == "claims-mapping-policy-fails"] == []


def test_a_policy_that_denies_mailboxes_is_not_called_missing() -> None:
    own = app_over("own", {}).app_id
    for rows, words in (
        ([], "every mailbox, without an application access policy"),
        ([{"appId": own.upper(), "accessRight": "DenyAccess"}], "every mailbox that no policy denies"),
    ):
        fragment = {**roles("810c84a8-4a9e-49e6-bf7d-12d183f40d01"), "tenant": {"applicationAccessPolicies": rows}}
        found = findings(app_over("own", fragment))
        (message,) = [one.message for one in found if one.rule == "mailbox-permission-without-restriction"]
        assert message == f"has Mail.Read for {words}"


def test_an_application_of_a_trusted_tenant_is_not_external_in_azure() -> None:
    principal = app_over("foreign", {}).service_principal
    row = {"principalId": principal and principal.id, "roleDefinitionName": "Owner", "scope": "/subscriptions/s"}
    app = app_over("foreign", {"tenant": {"azureRoleAssignments": [row]}})
    for trusted, count in (((), 1), ((app.owner_tenant,), 0)):
        context = Context(NOW, Settings(trusted_tenants=trusted))
        found = lint([Subject("x", app)], RULES, context, Subject("tenant", app.tenant)).findings
        assert [one.rule for one in found].count("external-application-with-azure-role") == count
