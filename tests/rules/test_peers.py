"""Inputs that other tools check wrongly. Each row: what is merged into the clean web app, and the rules that must
speak.

The web app has a certificate until September 2026, and it is 2026-01-15T10:00Z. What such tools check wrongly beside a
registration is in test_tenant_peers (service principals and grants), test_tenant_policies and test_federation here, in
tests/advisor/run/tenant (what could not be read) and in tests/reports/test_escape.py (how it is shown).
"""

from typing import Any

import msgspec
import pytest

from rules.analysis.dns import DnsAnswer
from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.knowledge.permissions import permission, rows_with_id
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings


def check(fragment: dict[str, Any], over: str = "web") -> Result:
    app = msgspec.convert(merged_into(over, fragment), Registration)
    return lint([Subject("x", app)], RULES, Context(NOW))


def said(fragment: dict[str, Any], over: str = "web") -> dict[str, str]:
    verdict = check(fragment, over)
    assert not any(gap.reason == "internal" for gap in verdict.not_assessed)
    return {found.rule: found.severity for found in verdict.findings}


def uris(**lists: list[str]) -> dict[str, Any]:
    """Redirect URIs by the first letter of their platform; a native client has no certificate."""
    names = {"W": "web", "S": "spa", "N": "publicClient"}
    places = {names[key]: {"redirectUris": value} for key, value in lists.items()}
    return {**places, "keyCredentials": []} if lists.get("W") == [] else places


HTTP = {"plaintext-redirect-uri": "high"}
CLAIMABLE = {"claimable-redirect-host": "low"}
ADDRESS = {"ip-redirect-uri": "low"}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        (uris(W=["http://localhost.evil.example/cb"]), HTTP),
        (uris(W=["http://evil.example/?next=http://localhost/"]), HTTP),
        (uris(W=["http://notlocalhost.example/"]), HTTP),
        (uris(W=[], N=["http://127.0.0.1/cb", "http://127.0.0.1:8080/"]), {}),
        (uris(W=[], N=["http://[::1]/cb"]), {"ip-redirect-uri": "low"}),
        (uris(W=["http://127.0.0.1.evil.example/"]), HTTP),
        (uris(W=["HTTP://CONTOSO.EXAMPLE/cb"]), HTTP),
        (uris(W=["https://contoso.example/docs/azurewebsites.net/cb"]), {}),
        (uris(W=["https://azurewebsites.net.evil.example/", "https://x.azurewebsites.net.evil.example/"]), {}),
        (uris(W=["https://myazurewebsites.net/"]), {}),
        (uris(W=["https://app.azurewebsites.net/signin-oidc"]), CLAIMABLE),
        (uris(W=["https://app.azurewebsites.net"]), CLAIMABLE),
        (uris(W=["https://app.azurewebsites.net:443/cb"]), CLAIMABLE),
        (uris(W=["https://APP.AZUREWEBSITES.NET/cb"]), CLAIMABLE),
        (uris(W=["https://app.azurewebsites.net./cb"]), CLAIMABLE),
        (uris(W=["https://app.scm.azurewebsites.net/"]), CLAIMABLE),
        (uris(W=["https://app-slot.azurewebsites.net/"]), CLAIMABLE),
        (uris(W=["https://app.azurefd.net/cb"]), {"claimable-redirect-host": "info"}),
        (uris(W=["https://app.trafficmanager.net/cb"]), CLAIMABLE),
        (uris(W=["https://app.eastus.cloudapp.azure.com/cb"]), CLAIMABLE),
        (uris(W=["https://app.azureedge.net/cb"]), CLAIMABLE),
        (uris(W=["https://app.azure-api.net/cb"]), CLAIMABLE),
        (uris(W=["https://app.blob.core.windows.net/cb"]), CLAIMABLE),
        (uris(W=["https://*.contoso.example/cb"]), {"wildcard-redirect-uri": "high"}),
        (uris(W=[], N=["https://*.contoso.example/cb"]), {"wildcard-redirect-uri": "high"}),
        (uris(S=["https://*.contoso.example/cb"]), {"wildcard-redirect-uri": "high"}),
        (uris(W=["https://contoso.example/*"]), {"wildcard-redirect-uri": "high"}),
        (uris(W=["https://contoso.example/cb?x=*"]), {"wildcard-redirect-uri": "low"}),
        (uris(W=["not a url", "https://", ""]), {"malformed-redirect-uri": "low"}),
        (uris(W=["https://contoso.com@evil.example/cb"]), {"redirect-uri-user-info": "high"}),
        (uris(W=["https://contoso.example/cb#x"]), {"redirect-uri-fragment": "low"}),
        (uris(W=["javascript:alert(1)//https://contoso.example"]), {"script-redirect-uri": "medium"}),
        (uris(W=[], N=["myapp://auth"]), {"claimable-custom-scheme": "medium"}),
        (uris(W=[], N=["com.contoso.app://auth", "msauth://com.contoso.app/a%2Bb%3D"]), {}),
        (
            uris(W=["https://contoso.example"], S=["https://CONTOSO.example/"]),
            {"redirect-uri-on-two-platforms": "low"},
        ),
        (
            uris(W=[], N=["http://localhost:1", "http://localhost:2"], S=["http://localhost:3000"]),
            {"redirect-uri-on-two-platforms": "low", "loopback-by-name": "info"},
        ),
        (uris(W=["https://intranet/cb", "https://app.corp.local/cb"]), {"internal-redirect-host": "low"}),
        (uris(W=["http://app.azurewebsites.net/"]), {**HTTP, **CLAIMABLE}),
        (uris(W=["https://10.0.0.5/cb"]), ADDRESS),
        (uris(W=["https://169.254.169.254/"]), ADDRESS),
        (uris(W=["https://[fe80::1]/"]), ADDRESS),
        (uris(W=["https://xn--cntoso-yqf.example/"]), {"non-ascii-redirect-host": "medium"}),
        (uris(W=["http://e.example/\u202e\t::error::"]), {**HTTP, "forbidden-redirect-character": "low"}),
    ],
)
def test_redirect_uris(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert said(fragment) == expected


def test_a_query_is_one_fault_more_where_personal_accounts_sign_in() -> None:
    # 20: the wildcard in it is worth as little as anywhere, and the query itself is refused.
    fragment = {**uris(W=["https://contoso.example/cb?x=*"]), "signInAudience": "AzureADandPersonalMicrosoftAccount"}
    found = said(fragment)
    assert (found["wildcard-redirect-uri"], found["query-with-personal-accounts"]) == ("low", "low")


def test_a_registration_without_a_service_principal_is_checked_like_any_other() -> None:
    # 31: no service principal is read at all.
    assert said(uris(W=["http://evil.example"])) == HTTP


def test_a_user_name_never_hides_the_host_that_receives_the_code() -> None:
    (found,) = check(uris(W=["https://contoso.com@evil.example/cb"])).findings
    assert found.message == "has the user name contoso.com before the redirect host evil.example"


def test_a_password_in_a_redirect_uri_is_not_in_the_message() -> None:
    (found,) = check(uris(W=["https://dev:hunter2@portal.contoso.com/cb"])).findings
    assert found.message == "has the user name dev before the redirect host portal.contoso.com"
    assert found.severity == "low"


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("172.31.0.1", "the private address"),
        ("[fd00::1]", "the private address"),
        ("169.254.0.1", "the link-local address"),
        ("203.0.113.5", "the address"),
        ("100.64.0.1", "the address"),
    ],
)
def test_only_addresses_of_private_networks_are_called_private(host: str, kind: str) -> None:
    (found,) = check(uris(W=[f"https://{host}/cb"])).findings
    assert found.message == f"redirects to {kind} {host.strip('[]')}"


def test_two_loopback_uris_and_a_third_on_another_platform_are_one_mistake() -> None:
    fragment = uris(W=[], N=["http://localhost:1", "http://localhost:2"], S=["http://localhost:3000"])
    places = [found.pointer for found in check(fragment).findings if found.rule != "loopback-by-name"]
    assert places == ["/publicClient/redirectUris/0"]


# Credentials


def secret(end: str | None, start: str = "2025-12-15T00:00:00Z", key: str = "a") -> dict[str, Any]:
    return {"keyId": key, "displayName": "deploy", "startDateTime": start, "endDateTime": end}


def certificate(end: str | None, start: str, usage: str = "Verify", mark: str = "q1w2") -> dict[str, Any]:
    return {**secret(end, start), "type": "AsymmetricX509Cert", "usage": usage, "customKeyIdentifier": mark}


SECRET = {"password-credential": "low"}
EXPIRED = {"expired-credential": "low"}
#: Where no credential is valid, the client cannot sign in.
ALL_EXPIRED = {"expired-credential": "medium"}
NONE: dict[str, Any] = {"keyCredentials": []}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        # Ended, and nothing but ended: no secret in use.
        ({**NONE, "passwordCredentials": [secret("2024-01-01T00:00:00Z", "2023-12-01T00:00:00Z")]}, ALL_EXPIRED),
        # Rotated: the old one is to be removed, and nothing is about to end.
        (
            {
                **NONE,
                "passwordCredentials": [
                    secret("2025-12-01T00:00:00Z", "2025-10-01T00:00:00Z"),
                    secret("2026-06-01T00:00:00Z", key="b"),
                ],
            },
            {**EXPIRED, **SECRET},
        ),
        (
            {**NONE, "passwordCredentials": [secret("2026-01-20T00:00:00Z"), secret("2026-06-01T00:00:00Z", key="b")]},
            SECRET,
        ),
        # 22 hours left are not none.
        ({**NONE, "passwordCredentials": [secret("2026-01-16T08:00:00Z")]}, {**SECRET, "expiring-credential": "high"}),
        (
            # Null is no date: whether the second one is valid is not assessed.
            {**NONE, "passwordCredentials": [secret("2025-12-20T00:00:00Z"), secret(None, key="b")]},
            {"expired-credential": "low"},
        ),
        # Ten years in all, four months left.
        (
            {"keyCredentials": [certificate("2026-05-31T00:00:00Z", "2016-06-01T00:00:00Z")]},
            {"long-lived-credential": "low"},
        ),
        ({"keyCredentials": [certificate("2026-11-01T00:00:00Z", "2025-12-01T00:00:00Z")]}, {}),
        (
            {
                "keyCredentials": [
                    certificate("2026-05-01T00:00:00Z", "2025-06-01T00:00:00Z"),
                    certificate("2026-12-01T00:00:00Z", "2026-01-05T00:00:00Z", mark="r"),
                ]
            },
            {},
        ),
        ({"keyCredentials": [certificate("2029-01-01T00:00:00Z", "2025-12-01T00:00:00Z", "Sign")]}, {}),
        (
            {**NONE, "passwordCredentials": [secret("2025-12-01T00:00:00Z", "2026-06-01T00:00:00Z")]},
            {"impossible-credential-dates": "low"},
        ),
        (
            {**NONE, "passwordCredentials": [secret("2299-12-31T00:00:00Z")]},
            {**SECRET, "long-lived-credential": "medium"},
        ),
        ({**NONE, "passwordCredentials": [secret("2026-03-15T12:00:00.1234567+02:00")]}, SECRET),
        ({**NONE, "passwordCredentials": [secret("/Date(1675800895000)/", "/Date(1674800895000)/")]}, ALL_EXPIRED),
    ],
)
def test_credentials(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert said(fragment) == expected


def test_secrets_are_those_of_the_application_whatever_its_service_principal_has() -> None:
    # 46
    two = [secret("2026-05-01T00:00:00Z"), secret("2026-06-01T00:00:00Z", key="b")]
    (found,) = check({**NONE, "passwordCredentials": two}).findings
    assert (found.rule, found.message) == ("password-credential", "has 2 unexpired client secrets")
    assert [one.pointer for one in found.because] == ["/passwordCredentials/0", "/passwordCredentials/1"]


def test_a_certificate_for_sign_and_verify_is_counted_once() -> None:
    both = [certificate("2025-12-31T00:00:00Z", "2025-06-01T00:00:00Z", usage) for usage in ("Sign", "Verify")]
    assert [found.pointer for found in check({"keyCredentials": both}).findings] == ["/keyCredentials/1"]
    twice = [certificate("2025-12-31T00:00:00Z", "2025-06-01T00:00:00Z") for _ in range(2)]
    assert len(check({"keyCredentials": twice}).findings) == 1


def test_a_date_that_nobody_set_is_not_assessed() -> None:
    verdict = check({**NONE, "passwordCredentials": [secret("0001-01-01T00:00:00Z")]})
    assert verdict.findings == ()
    assert {gap.pointer for gap in verdict.not_assessed} == {"/passwordCredentials/0/endDateTime"}


def test_the_message_says_how_long_is_left_and_that_the_successor_is_late() -> None:
    rotation = [secret("2026-01-16T08:00:00Z"), secret("2026-06-01T00:00:00Z", "2026-01-20T00:00:00Z", "b")]
    messages = [found.message for found in check({**NONE, "passwordCredentials": rotation}).findings]
    says = "loses its last valid secret in 22 hours, on 2026-01-16; the next credential becomes valid only later"
    assert says in messages


# Audience, owners


@pytest.mark.parametrize(
    ("audience", "who"),
    [
        ("AzureADandPersonalMicrosoftAccount", "other organizations and personal accounts"),
        ("AzureADAndPersonalMicrosoftAccount", "other organizations and personal accounts"),
        ("PersonalMicrosoftAccount", "personal accounts"),
        ("AzureADMultipleOrgs", "other organizations"),
    ],
)
def test_every_audience_but_one_is_open_to_strangers(audience: str, who: str) -> None:
    (found,) = (
        f for f in check({"signInAudience": audience}).findings if f.rule == "unverified-multi-tenant-publisher"
    )
    assert found.message == f"allows sign-in from {who} and has no verified publisher"


def test_an_app_without_owner_and_one_with_two() -> None:
    assert said({"owners": []}) == {"no-owner": "low"}
    assert said({}) == {}


def test_owners_that_were_not_read_are_neither_none_nor_enough() -> None:
    data = merged_into("web", {})
    del data["owners"], data["passwordCredentials"]
    verdict = lint([Subject("x", msgspec.convert(data, Registration))], RULES, Context(NOW))
    assert verdict.findings == ()
    assert {"/owners", "/passwordCredentials"} == {gap.pointer for gap in verdict.not_assessed}


# Limits of the platform


@pytest.mark.parametrize(
    ("count", "audience", "severity"),
    [
        (50, "AzureADMyOrg", None),
        (51, "AzureADMyOrg", "low"),
        (91, "AzureADMyOrg", "low"),
        (300, "AzureADMyOrg", "low"),
    ],
)
def test_the_number_of_redirect_uris(count: int, audience: str, severity: str | None) -> None:
    fragment = {**uris(W=[f"https://a.example/{n}" for n in range(count)]), "signInAudience": audience}
    assert said(fragment).get("too-many-redirect-uris") == severity


@pytest.mark.parametrize(
    ("count", "audience", "most"),
    [
        (91, "AzureADMyOrg", "the limit is 50"),
        (91, "AzureADandPersonalMicrosoftAccount", "Entra accepts at most 100"),
        (231, "AzureADMyOrg", "Entra accepts at most 256"),
        # No document has a limit for them.
        (91, "PersonalMicrosoftAccount", "the limit is 50"),
    ],
)
def test_near_the_limit_of_entra_that_limit_is_named(count: int, audience: str, most: str) -> None:
    fragment = {**uris(W=[f"https://a.example/{n}" for n in range(count)]), "signInAudience": audience}
    (found,) = (found for found in check(fragment).findings if found.rule == "too-many-redirect-uris")
    assert found.message == f"has {count} redirect URIs; {most}"


# Which rule speaks


BOTH = {"enableAccessTokenIssuance": True, "enableIdTokenIssuance": True}


def test_without_the_spa_platform_each_switch_has_its_own_rule() -> None:
    assert said({"web": {"implicitGrantSettings": BOTH}}) == {
        "implicit-access-token": "medium",
        "implicit-id-token": "low",
    }


def test_with_the_spa_platform_one_rule_speaks_for_both_switches() -> None:
    verdict = check({"web": {"implicitGrantSettings": BOTH}, "spa": {"redirectUris": ["https://a.example/"]}})
    assert [(found.rule, found.pointer.rpartition("/")[2], found.severity) for found in verdict.findings] == [
        ("spa-with-implicit", "enableAccessTokenIssuance", "medium"),
        ("spa-with-implicit", "enableIdTokenIssuance", "low"),
    ]


@pytest.mark.parametrize(
    ("uri", "access", "id_token"),
    [
        ("https://*.ngrok.app/", "critical", "medium"),
        ("https://*.contoso.com/", "high", "medium"),
        ("https://abcd.ngrok.app/", "high", "medium"),
        ("http://0.0.0.0/", "medium", "low"),
        ("https://app.azurewebsites.net/", "medium", "low"),
        ("http://a.example/", "high", "medium"),
        ("https://icy-bay-0b3394d10.4.azurestaticapps.net/", "medium", "low"),
        ("http://localhost/", "medium", "low"),
        ("https://contoso.com/*", "medium", "low"),
    ],
)
def test_a_weak_redirect_uri_raises_what_implicit_is_worth(uri: str, access: str, id_token: str) -> None:
    found = said({"web": {"redirectUris": [uri], "implicitGrantSettings": BOTH}})
    assert (found["implicit-access-token"], found["implicit-id-token"]) == (access, id_token)


def test_a_wildcard_that_entra_does_not_support_raises_nothing() -> None:
    fragment = {
        "web": {"redirectUris": ["https://*.ngrok.app/"], "implicitGrantSettings": BOTH},
        "signInAudience": "AzureADandPersonalMicrosoftAccount",
    }
    assert said(fragment)["implicit-access-token"] == "medium"


@pytest.mark.parametrize(
    ("permission", "severity"),
    [
        (("0e263e50-5827-48a4-b97c-d940288653c7", "Scope"), "high"),
        (("aaaaaaaa-0000-4000-8000-000000000001", "Scope"), "high"),
        (("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope"), "medium"),
    ],
    ids=["Directory.AccessAsUser.All", "in no table", "User.Read"],
)
def test_an_access_token_is_worth_what_its_permissions_reach(permission: tuple[str, str], severity: str) -> None:
    access = [{"resourceAppId": GRAPH, "resourceAccess": [dict(zip(("id", "type"), permission, strict=True))]}]
    fragment = {"web": {"implicitGrantSettings": BOTH}, "requiredResourceAccess": access}
    assert said(fragment)["implicit-access-token"] == severity


@pytest.mark.parametrize("pointer", ["/requiredResourceAccess/0/resourceAccess/0/id", "/web/redirectUris/0"])
def test_an_access_token_whose_reach_is_not_known_is_never_lower(pointer: str) -> None:
    app = msgspec.convert(merged_into("web", {"web": {"implicitGrantSettings": BOTH}}), Registration)
    unread = mark_unread(app, {pointer: Unread("placeholder", note="${SCOPE}")})
    found = lint([Subject("x", unread)], RULES, Context(NOW)).findings
    assert [one.severity for one in found if one.rule == "implicit-access-token"] == ["high"]


@pytest.mark.parametrize(
    ("address", "severity"),
    [
        ("azuread_application_identifier_uri.api", "medium"),
        ("azuread_application_optional_claims.portal", "low"),
        ("module.azuread_application_owner.azuread_application_redirect_uris.portal", "medium"),
    ],
)
def test_an_overwritten_part_is_worth_what_stops_without_it(address: str, severity: str) -> None:
    assert said({"overwrittenResources": [address]})["overwritten-resource"] == severity


# Permissions

GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
OWN = "11111111-1111-4111-8111-111111111119"


def asks(resource: str, id: str, kind: str = "Role") -> dict[str, Any]:
    return {
        "owners": [],
        "requiredResourceAccess": [{"resourceAppId": resource, "resourceAccess": [{"id": id, "type": kind}]}],
    }


APPLICATION = "powerful-application-permission"
DELEGATED = "powerful-delegated-permission"
SHARED = (
    "741f803b-c850-494e-b5df-cde7c675a1ca",
    "df021288-bdef-4463-88db-98f22de89214",
    "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
    "b633e1c5-b582-4048-a93e-9f11b44c7e96",
    "798ee544-9d2d-430c-a058-570e29e34338",
    "ef54d2bf-783f-4e0f-bca1-3210c0444d99",
    "089fe4d0-434a-44c5-8827-41ba8a0b17f5",
    "6918b873-d17a-4dc1-b314-35f528134491",
)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        # 53: an API of one's own whose role has the id of one of Graph's.
        (asks(OWN, "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"), {"no-owner": "low"}),
        # 54: an own role called Mail.Send.
        (
            {
                "appRoles": [
                    {
                        "id": "7",
                        "value": "Mail.Send",
                        "displayName": "m",
                        "description": "m",
                        "isEnabled": True,
                        "allowedMemberTypes": ["User"],
                    }
                ]
            },
            {"borrowed-permission-name": "info"},
        ),
        # 55: one id on two resources.
        (asks(SHAREPOINT, "741f803b-c850-494e-b5df-cde7c675a1ca"), {APPLICATION: "medium", "no-owner": "low"}),
        (asks(GRAPH, "741f803b-c850-494e-b5df-cde7c675a1ca"), {APPLICATION: "high"}),
        # 56: one id for both kinds: the declared one counts.
        (asks(GRAPH, "405a51b5-8d8d-430b-9842-8be4b0e9f324"), {APPLICATION: "medium", "no-owner": "low"}),
        (asks(GRAPH, "405a51b5-8d8d-430b-9842-8be4b0e9f324", "Scope"), {DELEGATED: "low", "no-owner": "low"}),
        # 57: User.EnableDisableAccount.All in a person's name shuts administrators out, whatever else begins with User.
        (asks(GRAPH, "f92e74e7-2563-467f-9dd0-902688cb5863", "Scope"), {DELEGATED: "medium", "no-owner": "low"}),
        # 58: reading groups or applications is not taking the tenant over.
        (asks(GRAPH, "5b567255-7703-4780-807c-7be8301ae99b"), {"no-owner": "low"}),
        (asks(GRAPH, "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"), {"no-owner": "low"}),
        # 59: what is not known is neither low nor high.
        (asks(GRAPH, "0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f"), {"no-owner": "low"}),
        # 60
        (
            asks(EXCHANGE, "dc890d15-9560-4a4c-9b7f-a736ec74ec40"),
            {"legacy-mailbox-permission": "medium", "no-owner": "low"},
        ),
        # 67: a resource is known by its id, so that one of any other name or id is another one.
        (asks("11111111-1111-4111-8111-111111111118", "e2a3a72e-5f79-4c64-b1b1-878b674786c9"), {"no-owner": "low"}),
        # 68: the id that GCC High has for RoleAssignmentSchedule.ReadWrite.Directory, and the one of the global cloud.
        (asks(GRAPH, "f0060247-9e6b-4299-9094-858a175d488b"), {APPLICATION: "high"}),
        (asks(GRAPH, "dd199f4a-f148-40a4-a2ec-f0069cc799ec"), {APPLICATION: "high"}),
        # 71: User.Read and profile are two permissions, and neither opens much.
        (asks(GRAPH, "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope"), {"no-owner": "low"}),
        (asks(GRAPH, "14dad69e-099b-42c9-810b-d002981feec1", "Scope"), {"no-owner": "low"}),
    ],
)
def test_permissions(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert said(fragment) == expected


def test_one_id_is_another_permission_on_another_resource() -> None:
    messages = [
        check(asks(resource, "741f803b-c850-494e-b5df-cde7c675a1ca")).findings for resource in (GRAPH, SHAREPOINT)
    ]
    assert ["Microsoft Graph" in found[0].message or "Microsoft Graph" in found[-1].message for found in messages] == [
        True,
        False,
    ]


@pytest.mark.parametrize("id", SHARED)
def test_an_id_that_two_resources_share_is_the_permission_of_the_one_that_is_asked(id: str) -> None:
    # 55: nine ids that Microsoft Graph shares with Exchange or SharePoint.
    found = [each for one in (GRAPH, EXCHANGE, SHAREPOINT) for each in check(asks(one, id)).findings]
    named = {each.message for each in found if each.rule == APPLICATION}
    rows = {row.resource: row.name for row in rows_with_id(id)}
    assert len(rows) > 1
    for resource, name in rows.items():
        row = permission(resource, id, "Role")
        assert row is not None
        assert any(name in message for message in named) is (row.tier != "other")


def test_what_is_requested_counts_for_the_resource_that_it_is_requested_of() -> None:
    # 65: one id, asked of two resources, is two requests.
    access = [{"id": "e2a3a72e-5f79-4c64-b1b1-878b674786c9", "type": "Role"}]
    both = [{"resourceAppId": resource, "resourceAccess": access} for resource in (GRAPH, OWN)]
    found = [one.pointer for one in check({"requiredResourceAccess": both}).findings if one.rule == APPLICATION]
    assert found == ["/requiredResourceAccess/0/resourceAccess/0"]


def test_a_list_of_any_length_is_read_to_its_end() -> None:
    # 61 and 62, of what is requested: the dangerous one stands last.
    many = [{"id": f"{n:08x}-0000-4000-8000-000000000000", "type": "Role"} for n in range(150)]
    access = [*many, {"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}]
    fragment = {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}]}
    assert said(fragment, "daemon")[APPLICATION] == "high"


def test_a_secret_in_the_input_is_reported_and_never_shown() -> None:
    verdict = check({"passwordCredentials": [{**secret("2026-06-01T00:00:00Z"), "secretText": "abc~hunter2"}]})
    assert "secret-in-file" in {found.rule for found in verdict.findings}
    assert "hunter2" not in repr(verdict)


# The lock


@pytest.mark.parametrize(
    ("lock", "audience", "severity"),
    [
        ({"isEnabled": True, "allProperties": False}, "AzureADMultipleOrgs", "medium"),
        ({"isEnabled": True, "allProperties": False, "credentialsWithUsageVerify": True}, "AzureADMultipleOrgs", "low"),
        (None, "AzureADMyOrg", "info"),
        ({"isEnabled": True, "allProperties": True}, "AzureADMultipleOrgs", None),
    ],
)
def test_a_lock_in_part_is_told_from_a_whole_one_and_from_none(lock: Any, audience: str, severity: str | None) -> None:
    data = merged_into("web", {"signInAudience": audience})
    data["servicePrincipalLockConfiguration"] = lock
    verdict = lint([Subject("x", msgspec.convert(data, Registration))], RULES, Context(NOW))
    assert {f.rule: f.severity for f in verdict.findings}.get("missing-instance-property-lock") == severity


def test_a_lock_that_was_not_read_is_not_assessed() -> None:
    data = merged_into("web", {})
    del data["servicePrincipalLockConfiguration"]
    verdict = lint([Subject("x", msgspec.convert(data, Registration))], RULES, Context(NOW))
    assert {gap.rule for gap in verdict.not_assessed} == {"missing-instance-property-lock"}
    assert verdict.findings == ()


def test_a_saml_application_of_the_gallery_is_somebody_elses_and_no_api() -> None:
    """A template brings a scope and the role msiam_access along; entity id and address are the vendor's."""
    scope = {
        "id": "66666666-6666-4666-8666-666666666669",
        "value": "user_impersonation",
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": "Access Fabrikam",
        "adminConsentDescription": "Access Fabrikam.",
    }
    role = {
        "id": "b9632174-c057-4f7e-951b-be3adc52bfe6",
        "displayName": "msiam_access",
        "description": "msiam_access",
        "value": None,
        "isEnabled": True,
        "allowedMemberTypes": ["User"],
    }
    made = {
        **uris(W=["https://sso.fabrikam.example/acs"]),
        "identifierUris": ["https://sso.fabrikam.example/metadata"],
        "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": [scope]},
        "keyCredentials": [],
    }
    context = Context(NOW, Settings(verified_domains=("contoso.com", "contoso.onmicrosoft.com")))

    def found(fragment: dict[str, Any]) -> set[str]:
        app = msgspec.convert(merged_into("web", fragment), Registration)
        return {one.rule for one in lint([Subject("x", app)], RULES, context).findings}

    assert found({**made, "appRoles": [role]}) == set()
    as_an_api = {"foreign-redirect-host", "unverified-identifier-domain", "custom-uri-with-v1-tokens"}
    assert found({**made, "appRoles": []}) >= as_an_api
    another = {**scope, "id": "66666666-6666-4666-8666-666666666660", "value": "Orders.Read"}
    api = {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": [scope, another]}
    assert "custom-uri-with-v1-tokens" in found({**made, "appRoles": [role], "api": api})


def test_ids_of_rules_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("addresses", "names", "expected", "missed"),
    [
        (["https://intranet/cb", "https://app.corp.local/cb"], {}, {"internal-redirect-host": "low"}, False),
        (["https://app.contoso.com/cb"], {"app.contoso.com": DnsAnswer("failed", note="no network")}, {}, True),
        (
            ["https://app.contoso.com/cb"],
            {"app.contoso.com": DnsAnswer("missing", ("contoso.azure-api.net",))},
            {"dangling-cname": "critical"},
            False,
        ),
    ],
)
def test_names_that_dns_does_not_know_are_told_from_those_it_was_not_asked_for_and_did_not_answer_for(
    addresses: list[str], names: dict[str, DnsAnswer], expected: dict[str, str], missed: bool
) -> None:
    app = msgspec.convert(merged_into("web", uris(W=addresses)), Registration)
    verdict = lint([Subject("x", app)], RULES, Context(NOW, dns=names))
    assert {found.rule: found.severity for found in verdict.findings} == expected
    assert bool(verdict.not_assessed) is missed
