"""Azure AD Graph's manifest means the same in Microsoft Graph's vocabulary, and each value knows where it stood."""

import json
from typing import Any

import msgspec
import pytest

from advisor.sources.reading.graph_json import Decoded, decode_application
from advisor.sources.reading.legacy import source_pointer, translate
from rules.model.registration import UNSET, read_value

FULL = {
    "id": "00000000-0000-4000-8000-00000000000a",
    "appId": "11111111-1111-4111-8111-11111111111a",
    "name": "Portal",
    "acceptMappedClaims": True,
    "accessTokenAcceptedVersion": 2,
    "allowPublicClient": True,
    "appRoles": [{"id": "r", "value": "Admin", "isEnabled": True, "allowedMemberTypes": ["User"]}],
    "createdDateTime": "2021-01-01T00:00:00Z",
    "groupMembershipClaims": "SecurityGroup",
    "identifierUris": ["api://portal"],
    "informationalUrls": {"termsOfService": "https://t/", "support": "https://s/", "privacy": None,
        "marketing": "https://m/"},
    "keyCredentials": [{"keyId": "k1", "startDate": "2025-01-01T00:00:00Z", "endDate": "2026-01-01T00:00:00Z",
        "usage": "Verify", "type": "AsymmetricX509Cert"}],
    "knownClientApplications": ["22222222-2222-4222-8222-222222222222"],
    "logoUrl": "https://l/",
    "logoutUrl": "https://portal.contoso.com/out",
    "oauth2AllowIdTokenImplicitFlow": True,
    "oauth2AllowImplicitFlow": True,
    "oauth2Permissions": [{"id": "s", "value": "Read", "isEnabled": True, "type": "User"}],
    "oauth2RequirePostResponse": True,
    "optionalClaims": {"idToken": [{"name": "upn", "essential": False}], "accessToken": [], "saml2Token": []},
    "passwordCredentials": [{"keyId": "p1", "startDate": "2025-01-01T00:00:00Z", "endDate": "2299-12-31T00:00:00Z",
        "displayName": "ci"}],
    "preAuthorizedApplications": [{"appId": "c", "permissionIds": ["s"]}],
    "publisherDomain": "contoso.com",
    "replyUrlsWithType": [
        {"url": "https://portal.contoso.com/", "type": "Web"},
        {"url": "https://portal.contoso.com/app", "type": "spa"},
        {"url": "http://127.0.0.1", "type": "InstalledClient"},
        {"url": "https://portal.contoso.com/cb", "type": "Web"},
    ],
    "requiredResourceAccess": [],
    "samlMetadataUrl": None,
    "signInUrl": "https://portal.contoso.com/home",
    "signInAudience": "AzureADMultipleOrgs",
    "tags": ["a"],
    "tokenEncryptionKeyId": None,
}  # fmt: skip


def decoded(old: dict[str, Any]) -> Decoded:
    return decode_application(translate(old).value)


def value(old: dict[str, Any], path: str) -> Any:
    found = read_value(decoded(old).app, path)
    return UNSET if found is UNSET else json.loads(msgspec.json.encode(found))


@pytest.mark.parametrize(
    ("path", "expected", "source"),
    [
        ("id", FULL["id"], "/id"),
        ("appId", FULL["appId"], "/appId"),
        ("displayName", "Portal", "/name"),
        ("isFallbackPublicClient", True, "/allowPublicClient"),
        ("web.implicitGrantSettings.enableAccessTokenIssuance", True, "/oauth2AllowImplicitFlow"),
        ("web.implicitGrantSettings.enableIdTokenIssuance", True, "/oauth2AllowIdTokenImplicitFlow"),
        ("web.logoutUrl", "https://portal.contoso.com/out", "/logoutUrl"),
        ("web.homePageUrl", "https://portal.contoso.com/home", "/signInUrl"),
        ("web.redirectUris", ["https://portal.contoso.com/", "https://portal.contoso.com/cb"], "/replyUrlsWithType"),
        ("spa.redirectUris", ["https://portal.contoso.com/app"], "/replyUrlsWithType"),
        ("publicClient.redirectUris", ["http://127.0.0.1"], "/replyUrlsWithType"),
        ("api.requestedAccessTokenVersion", 2, "/accessTokenAcceptedVersion"),
        ("api.acceptMappedClaims", True, "/acceptMappedClaims"),
        ("api.knownClientApplications", ["22222222-2222-4222-8222-222222222222"], "/knownClientApplications"),
        ("api.oauth2PermissionScopes", FULL["oauth2Permissions"], "/oauth2Permissions"),
        ("api.preAuthorizedApplications", [{"appId": "c", "delegatedPermissionIds": ["s"]}],
            "/preAuthorizedApplications"),
        ("info.termsOfServiceUrl", "https://t/", "/informationalUrls/termsOfService"),
        ("info.supportUrl", "https://s/", "/informationalUrls/support"),
        ("info.privacyStatementUrl", None, "/informationalUrls/privacy"),
        ("info.marketingUrl", "https://m/", "/informationalUrls/marketing"),
        ("info.logoUrl", "https://l/", "/logoUrl"),
        ("oauth2RequirePostResponse", True, "/oauth2RequirePostResponse"),
        ("groupMembershipClaims", "SecurityGroup", "/groupMembershipClaims"),
        ("identifierUris", ["api://portal"], "/identifierUris"),
        ("signInAudience", "AzureADMultipleOrgs", "/signInAudience"),
        ("publisherDomain", "contoso.com", "/publisherDomain"),
        ("createdDateTime", "2021-01-01T00:00:00Z", "/createdDateTime"),
        ("tags", ["a"], "/tags"),
    ],
)  # fmt: skip
def test_every_property_is_mapped_and_knows_its_origin(path: str, expected: Any, source: str) -> None:
    assert value(FULL, path) == expected
    assert source_pointer(translate(FULL).moves, "/" + path.replace(".", "/")) == source


@pytest.mark.parametrize(
    ("pointer", "source"),
    [
        ("/web/redirectUris/1", "/replyUrlsWithType/3/url"),
        ("/spa/redirectUris/0", "/replyUrlsWithType/1/url"),
        ("/passwordCredentials/0/endDateTime", "/passwordCredentials/0/endDate"),
        ("/keyCredentials/0/startDateTime", "/keyCredentials/0/startDate"),
        ("/api/preAuthorizedApplications/0/delegatedPermissionIds/0", "/preAuthorizedApplications/0/permissionIds/0"),
        ("/api/oauth2PermissionScopes/0/value", "/oauth2Permissions/0/value"),
        ("/appRoles/0/value", "/appRoles/0/value"),
    ],
)
def test_values_inside_lists_know_their_origin(pointer: str, source: str) -> None:
    assert source_pointer(translate(FULL).moves, pointer) == source


def test_credentials_keep_their_dates() -> None:
    app = decoded(FULL).app
    assert app.password_credentials[0].end_date_time == "2299-12-31T00:00:00Z"
    assert app.password_credentials[0].display_name == "ci"
    assert app.key_credentials[0].start_date_time == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize("switch", [None, True, False])
def test_null_of_allow_public_client_is_null_and_not_false(switch: bool | None) -> None:
    assert value({**FULL, "allowPublicClient": switch}, "isFallbackPublicClient") is switch


def test_a_full_export_gives_what_it_leaves_out_its_default() -> None:
    left_out = (
        "oauth2AllowIdTokenImplicitFlow",
        "allowPublicClient",
        "oauth2Permissions",
        "accessTokenAcceptedVersion",
        "oauth2RequirePostResponse",
    )
    old = {name: member for name, member in FULL.items() if name not in left_out}
    assert decoded(old).complete
    assert value(old, "web.implicitGrantSettings.enableIdTokenIssuance") is False
    assert value(old, "isFallbackPublicClient") is None
    assert value(old, "api.oauth2PermissionScopes") == []
    assert value(old, "api.requestedAccessTokenVersion") is None
    assert value(old, "oauth2RequirePostResponse") is False


def test_a_full_export_without_publisher_verification_says_nothing_about_it() -> None:
    assert value(FULL, "verifiedPublisher") is UNSET


def test_a_hand_written_manifest_gives_nothing_a_default() -> None:
    old = {
        "appId": FULL["appId"],
        "name": "Bot",
        "replyUrlsWithType": [{"url": "https://b.contoso.com/", "type": "Web"}],
    }
    assert not decoded(old).complete
    assert value(old, "web.implicitGrantSettings.enableAccessTokenIssuance") is UNSET
    assert value(old, "passwordCredentials") is UNSET
    assert value(old, "isFallbackPublicClient") is UNSET


def test_once_reply_urls_are_listed_the_other_platforms_are_known_to_have_none() -> None:
    old = {"appId": FULL["appId"], "replyUrlsWithType": []}
    assert [value(old, f"{platform}.redirectUris") for platform in ("web", "spa", "publicClient")] == [[], [], []]
    assert value({"appId": FULL["appId"], "oauth2Permissions": []}, "web.redirectUris") is UNSET


@pytest.mark.parametrize(("public", "platform"), [(None, "web"), (False, "web"), (True, "publicClient")])
def test_in_2019_the_switch_says_which_platform_reply_urls_belong_to(public: bool | None, platform: str) -> None:
    old = {"objectId": "o", "appId": "a", "publicClient": public, "replyUrls": ["https://x.contoso.com/"]}
    assert value(old, f"{platform}.redirectUris") == ["https://x.contoso.com/"]
    assert value(old, "isFallbackPublicClient") is public
    assert value(old, "id") == "o"
    assert source_pointer(translate(old).moves, f"/{platform}/redirectUris/0") == "/replyUrls/0"


@pytest.mark.parametrize(("many", "audience"), [(True, "AzureADMultipleOrgs"), (False, "AzureADMyOrg")])
def test_available_to_other_tenants_is_the_audience_where_none_is_stated(many: bool, audience: str) -> None:
    old = {"appId": "a", "availableToOtherTenants": many, "homepage": "https://h/"}
    assert value(old, "signInAudience") == audience
    assert value(old, "web.homePageUrl") == "https://h/"
    assert (
        value({**old, "signInAudience": "AzureADandPersonalMicrosoftAccount"}, "signInAudience")
        == "AzureADandPersonalMicrosoftAccount"
    )


def test_in_a_mixed_file_graphs_spelling_stands_and_redirect_uris_are_joined() -> None:
    mixed = {
        "appId": "a",
        "name": "old",
        "displayName": "new",
        "oauth2AllowImplicitFlow": True,
        "web": {
            "redirectUris": ["https://a.contoso.com/"],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False},
        },
        "replyUrlsWithType": [
            {"url": "https://a.contoso.com/", "type": "Web"},
            {"url": "https://b.contoso.com/", "type": "Web"},
        ],
        "api": {"requestedAccessTokenVersion": 2},
        "oauth2Permissions": [{"id": "s", "value": "Read"}],
    }
    assert value(mixed, "displayName") == "new"
    assert value(mixed, "web.implicitGrantSettings.enableAccessTokenIssuance") is False
    assert value(mixed, "web.redirectUris") == ["https://a.contoso.com/", "https://b.contoso.com/"]
    assert value(mixed, "api.oauth2PermissionScopes") == [{"id": "s", "value": "Read"}]
    moves = translate(mixed).moves
    assert source_pointer(moves, "/web/redirectUris/0") == "/web/redirectUris/0"
    assert source_pointer(moves, "/web/redirectUris/1") == "/replyUrlsWithType/1/url"


def test_the_type_of_a_reply_url_is_known_in_any_case_and_an_unknown_one_is_web() -> None:
    rows = [{"url": f"https://{kind}.contoso.com/", "type": kind} for kind in ("WEB", "spa", "installedclient", "what")]
    old = {"appId": "a", "replyUrlsWithType": rows}
    assert value(old, "web.redirectUris") == ["https://WEB.contoso.com/", "https://what.contoso.com/"]
    assert value(old, "publicClient.redirectUris") == ["https://installedclient.contoso.com/"]
