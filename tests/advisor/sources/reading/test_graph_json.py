"""Graph's JSON becomes a registration whatever it holds; what does not fit costs that value alone."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.reading.graph_json import decode_application
from rules.model.clean import KINDS, clean
from rules.model.registration import UNSET, Registration, Unread, read_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("${{X}}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = [field.encode_name for field in msgspec.structs.fields(Registration)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_application_is_the_same_as_msgspec_makes_it(kind: str) -> None:
    assert decode_application(clean(kind)).app == msgspec.convert(clean(kind), Registration)
    assert decode_application(clean(kind)).complete
    assert decode_application(clean(kind)).unread == {}


def test_keys_are_known_in_any_case() -> None:
    app = decode_application(
        {
            "AppId": "a",
            "Web": {"RedirectUris": ["https://x/"], "ImplicitGrantSettings": {"EnableIdTokenIssuance": True}},
        }
    ).app
    assert app.app_id == "a"
    assert read_value(app, "web.redirectUris") == ("https://x/",)
    assert read_value(app, "web.implicitGrantSettings.enableIdTokenIssuance") is True


@pytest.mark.parametrize(
    "text",
    [
        "${{AAD_APP_CLIENT_ID}}", "https://${{TAB_DOMAIN}}/auth?clientId=${{ID}}", "{{state.fx-resource-aad.id}}",
            "{{{x.y}}}",
        "https://{teamSiteDomain}/", "[parameters('appId')]", "$(APP_ID)", "#{APP_ID}#", "${APP_ID}", "<your-app-id>",
            "__APP_ID__",
    ],
)  # fmt: skip
def test_a_placeholder_is_not_read_and_says_so(text: str) -> None:
    decoded = decode_application({"appId": text, "spa": {"redirectUris": ["https://a/", text]}})
    assert decoded.app.app_id is UNSET
    assert decoded.unread["/appId"].reason == "placeholder"
    assert set(decoded.unread) == {"/appId", "/spa/redirectUris/1"}
    assert read_value(decoded.app, "spa.redirectUris") == ("https://a/", text)


@pytest.mark.parametrize(
    "text", ["https://contoso.com/a{", "api://x", "https://a.example/?q=$filter", "C(1)", "a < b", "snake_case__name"]
)
def test_an_ordinary_text_is_no_placeholder(text: str) -> None:
    assert decode_application({"notes": text, "publisherDomain": text}).app.publisher_domain == text


def test_a_name_with_a_placeholder_is_kept_since_nobody_would_know_what_is_meant() -> None:
    assert decode_application({"displayName": "portal-${{ENV}}"}).app.display_name == "portal-${{ENV}}"


@pytest.mark.parametrize(
    ("value", "pointer", "expected"),
    [
        ({"isFallbackPublicClient": "yes"}, "/isFallbackPublicClient", "true, false or null"),
        ({"isFallbackPublicClient": 1}, "/isFallbackPublicClient", "true, false or null"),
        ({"web": {"redirectUris": "x", "logoutUrl": []}}, "/web/logoutUrl", "a text"),
        ({"web": {"redirectUris": [1]}}, "/web/redirectUris/0", "a text"),
        ({"passwordCredentials": [None]}, "/passwordCredentials/0", "an object"),
        ({"passwordCredentials": 3}, "/passwordCredentials", "a list of objects"),
        ({"api": {"requestedAccessTokenVersion": 1.5}}, "/api/requestedAccessTokenVersion", "a number"),
        ({"api": {"requestedAccessTokenVersion": "two"}}, "/api/requestedAccessTokenVersion", "a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_and_not_read(value: Any, pointer: str, expected: str) -> None:
    decoded = decode_application({"appId": "a", **value})
    assert [(m.pointer, m.expected) for m in decoded.mismatches] == [(pointer, expected)]
    assert decoded.unread[pointer] == Unread("malformed", f"must be {expected}", "fix the value")
    assert decoded.app.app_id == "a"


@pytest.mark.parametrize(
    ("value", "pointer", "expected"),
    [
        ({"web": "Microsoft.Graph.PowerShell.Models.MicrosoftGraphWebApplication"}, "/web", "an object"),
        ({"web": {"redirectUris": "https://a/ https://b/"}}, "/web/redirectUris", "a list of texts"),
        ({"web": {"redirectUris": ""}}, "/web/redirectUris", "a list of texts"),
        ({"keyCredentials": ["@{KeyId=1}"]}, "/keyCredentials/0", "an object"),
    ],
)
def test_what_powershell_cut_is_not_read_and_the_depth_is_the_remedy(value: Any, pointer: str, expected: str) -> None:
    decoded = decode_application(value)
    assert [(m.pointer, m.expected, m.is_cut) for m in decoded.mismatches] == [(pointer, expected, True)]
    assert decoded.unread[pointer].reason == "malformed"
    assert "ConvertTo-Json -Depth 10" in decoded.unread[pointer].remedy


def test_what_is_not_expanded_is_not_read() -> None:
    app = decode_application({"Owners": None, "FederatedIdentityCredentials": None}).app
    assert (app.owners, app.federated_identity_credentials) == (UNSET, UNSET)


def test_additional_properties_are_members_that_replace_nothing() -> None:
    additional = {"spa": {"redirectUris": ["https://x/"]}, "displayName": "other"}
    app = decode_application({"DisplayName": "Portal", "AdditionalProperties": additional}).app
    assert read_value(app, "spa.redirectUris") == ("https://x/",)
    assert app.display_name == "Portal"


def test_az_powershell_writes_lists_in_the_singular() -> None:
    value = {
        "IdentifierUri": ["api://a"],
        "Web": {"RedirectUri": ["https://x/"], "ImplicitGrantSetting": {"EnableIdTokenIssuance": True}},
        "Api": {"Oauth2PermissionScope": [{"Value": "read"}]},
        **{key: [] for key in ("PasswordCredentials", "KeyCredentials", "RequiredResourceAccess")},
        "PublicClient": {"RedirectUri": []},
        "SignInAudience": "AzureADMyOrg",
    }
    decoded = decode_application(value)
    assert decoded.complete
    assert decoded.app.identifier_uris == ("api://a",)
    assert read_value(decoded.app, "web.redirectUris") == ("https://x/",)
    assert read_value(decoded.app, "web.implicitGrantSettings.enableIdTokenIssuance") is True
    assert read_value(decoded.app, "api.oauth2PermissionScopes")[0].value == "read"


def test_numbers_may_be_written_as_texts_or_with_a_point() -> None:
    assert (
        read_value(
            decode_application({"api": {"requestedAccessTokenVersion": "2"}}).app, "api.requestedAccessTokenVersion"
        )
        == 2
    )
    assert (
        read_value(
            decode_application({"api": {"requestedAccessTokenVersion": 2.0}}).app, "api.requestedAccessTokenVersion"
        )
        == 2
    )


def test_powershell_writes_a_list_of_one_as_its_element() -> None:
    decoded = decode_application({"PasswordCredentials": {"KeyId": "k"}, "Spa": {"RedirectUris": "https://x/"}})
    assert read_value(decoded.app, "passwordCredentials")[0].key_id == "k"
    assert read_value(decoded.app, "spa.redirectUris") == ("https://x/",)


def test_null_missing_and_empty_stay_apart() -> None:
    app = decode_application({"tags": None, "identifierUris": []}).app
    assert (app.tags, app.identifier_uris, app.owners) == (None, (), UNSET)


def test_a_full_export_has_defaults_and_its_parts_too() -> None:
    value = clean("web")
    for name in ("isFallbackPublicClient", "spa", "appRoles"):
        del value[name]
    del value["web"]["implicitGrantSettings"]["enableIdTokenIssuance"]
    app = decode_application(value).app
    assert app.is_fallback_public_client is None
    assert read_value(app, "spa.redirectUris") == ()
    assert read_value(app, "web.implicitGrantSettings.enableIdTokenIssuance") is False


def test_owners_and_federated_credentials_have_no_default() -> None:
    value = clean("web")
    del value["owners"], value["federatedIdentityCredentials"]
    assert decode_application(value).app.owners is UNSET
    assert decode_application(value).app.federated_identity_credentials is UNSET


def test_a_lone_surrogate_can_be_stored() -> None:
    name = decode_application({"displayName": "a\ud800b"}).app.display_name
    assert name == "a\\ud800b"
    assert msgspec.json.encode(name)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_nothing_makes_it_raise_and_everything_it_makes_can_be_written(value: dict[str, Any]) -> None:
    decoded = decode_application(value)
    msgspec.json.encode(decoded.app)
    assert decoded.app.redirects is not None
    assert all(pointer.startswith("/") for pointer in decoded.unread)
