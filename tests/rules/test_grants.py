"""The table of grants holds together, and the posture says what a registration allows."""

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.analysis.grants import GRANTS, TOKEN_GRANTS, grant, posture
from rules.analysis.posture import PostureFact
from rules.knowledge.credentials import CREDENTIALS, credential_kind
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.fragments import FEDERATED
from rules.model.registration import Registration, Unread, mark_unread, read_value

SECRET = {"keyId": "k", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
EXPIRED = {"keyId": "k", "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-06-01T00:00:00Z"}
FUTURE = {"keyId": "k", "startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
VERIFYING = {**SECRET, "type": "AsymmetricX509Cert", "usage": "Verify"}
SIGNING = {**VERIFYING, "usage": "Sign"}
SCOPE = {"id": "s", "value": "Orders.Read", "isEnabled": True}


def read(data: dict[str, Any]) -> Registration:
    return msgspec.convert(data, Registration)


def facts(kind: str, fragment: dict[str, Any] | None = None) -> dict[str, PostureFact]:
    return {fact.grant: fact for fact in posture(read(merged_into(kind, fragment or {})), NOW)}


def allowed(kind: str, fragment: dict[str, Any] | None = None) -> set[str]:
    return {name for name, fact in facts(kind, fragment).items() if fact.state == "allowed"}


# The table


def test_the_table_has_every_grant_of_the_vocabulary_once() -> None:
    assert sorted(row.id for row in GRANTS) == sorted(
        (
            "authorization_code",
            "client_credentials",
            "device_code",
            "hybrid",
            "implicit",
            "integrated_windows",
            "none",
            "on_behalf_of",
            "password",
            "refresh_token",
            "saml_bearer",
        )
    )


def test_only_named_grants_are_last_resorts() -> None:
    last = {row.id for row in GRANTS if row.status == "last-resort"}
    assert last == {"password", "implicit", "integrated_windows", "saml_bearer"}


@pytest.mark.parametrize("row", GRANTS, ids=lambda row: row.id)
def test_a_row_is_complete(row: Any) -> None:
    assert grant(row.id) is row
    assert row.title
    assert row.short.endswith(".")
    assert row.references
    assert all(reference.url.startswith("https://") for reference in row.references)
    assert bool(row.request) == bool(row.risks) == (row.id != "none")
    assert row.redirect == bool(row.platforms)
    assert any(step.proves for step in row.request) or row.client != "confidential"


@pytest.mark.parametrize("row", GRANTS, ids=lambda row: row.id)
def test_switches_name_properties_that_exist_and_say_all_three(row: Any) -> None:
    for switch in row.switches:
        read_value(Registration(), switch.path)  # raises KeyError for a name that Graph does not know
    missing = {"password": {"isFallbackPublicClient"}}.get(row.id, set())
    assert {switch.path for switch in row.switches} == {
        "isFallbackPublicClient",
        "web.implicitGrantSettings.enableAccessTokenIssuance",
        "web.implicitGrantSettings.enableIdTokenIssuance",
    } - missing


def test_credentials_stand_best_first() -> None:
    assert [row.id for row in CREDENTIALS] == ["managed_identity", "federated", "certificate", "secret"]
    for row in CREDENTIALS:
        assert credential_kind(row.id) is row
        read_value(Registration(), row.property)


def test_an_unknown_grant_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        grant("authorisation_code")


# The posture of clean registrations


def test_the_posture_names_every_token_grant_in_the_order_of_the_table() -> None:
    assert [fact.grant for fact in posture(read(clean("web")), NOW)] == [row.id for row in TOKEN_GRANTS]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("spa", {"authorization_code", "refresh_token"}),
        ("native", {"authorization_code", "refresh_token"}),
        ("web", {"authorization_code", "client_credentials", "refresh_token", "saml_bearer", "password"}),
        ("daemon", {"client_credentials", "refresh_token", "saml_bearer", "password"}),
        ("api", set()),
    ],
)
def test_what_a_clean_registration_allows(kind: str, expected: set[str]) -> None:
    assert allowed(kind) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_registration_read_as_a_whole_leaves_nothing_unknown(kind: str) -> None:
    assert all(fact.state != "unknown" for fact in facts(kind).values())


# The truth table: a property, and the grants that it opens or closes

SPA_AND_SWITCH = {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}
ID_SWITCH = {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}


@pytest.mark.parametrize(
    ("kind", "fragment", "name", "state", "by"),
    [
        ("spa", SPA_AND_SWITCH, "implicit", "allowed", "/web/implicitGrantSettings/enableAccessTokenIssuance"),
        ("spa", SPA_AND_SWITCH, "implicit", "allowed", "/spa/redirectUris"),
        ("web", ID_SWITCH, "implicit", "allowed", "/web/implicitGrantSettings/enableIdTokenIssuance"),
        ("web", ID_SWITCH, "hybrid", "allowed", "/web/implicitGrantSettings/enableIdTokenIssuance"),
        ("web", SPA_AND_SWITCH, "hybrid", "blocked", "/web/implicitGrantSettings/enableIdTokenIssuance"),
        ("daemon", SPA_AND_SWITCH, "implicit", "blocked", "/web/redirectUris"),
        ("native", SPA_AND_SWITCH, "implicit", "blocked", "/spa/redirectUris"),
        ("native", {"isFallbackPublicClient": True}, "device_code", "allowed", "/isFallbackPublicClient"),
        ("native", {"isFallbackPublicClient": True}, "password", "allowed", "/isFallbackPublicClient"),
        ("native", {"isFallbackPublicClient": True}, "integrated_windows", "allowed", "/isFallbackPublicClient"),
        ("native", {"isFallbackPublicClient": False}, "device_code", "blocked", "/isFallbackPublicClient"),
        ("native", {"isFallbackPublicClient": None}, "device_code", "blocked", "/isFallbackPublicClient"),
        ("native", {"isFallbackPublicClient": None}, "password", "blocked", "/isFallbackPublicClient"),
        ("web", {"keyCredentials": []}, "authorization_code", "blocked", "/passwordCredentials"),
        ("web", {"keyCredentials": []}, "client_credentials", "blocked", "/keyCredentials"),
        ("spa", {"passwordCredentials": [SECRET]}, "client_credentials", "allowed", "/passwordCredentials"),
        ("spa", {"passwordCredentials": [SECRET]}, "password", "allowed", "/passwordCredentials"),
        ("spa", {"passwordCredentials": [EXPIRED]}, "client_credentials", "blocked", "/passwordCredentials"),
        ("spa", {"passwordCredentials": [FUTURE]}, "client_credentials", "blocked", "/passwordCredentials"),
        ("spa", {"keyCredentials": [SIGNING]}, "client_credentials", "blocked", "/keyCredentials"),
        ("api", {"passwordCredentials": [SECRET]}, "on_behalf_of", "allowed", "/api/oauth2PermissionScopes"),
        ("web", {}, "on_behalf_of", "blocked", "/api/oauth2PermissionScopes"),
        ("api", {}, "on_behalf_of", "blocked", "/keyCredentials"),
        ("daemon", {"signInAudience": "PersonalMicrosoftAccount"}, "client_credentials", "blocked", "/signInAudience"),
        ("daemon", {"signInAudience": "PersonalMicrosoftAccount"}, "password", "blocked", "/signInAudience"),
        ("daemon", {"signInAudience": "personalmicrosoftaccount"}, "password", "blocked", "/signInAudience"),
        ("daemon", {"isDisabled": True}, "client_credentials", "blocked", "/isDisabled"),
        ("native", {"deletedDateTime": "2026-01-10T00:00:00Z"}, "authorization_code", "blocked", "/deletedDateTime"),
        ("daemon", {"nativeAuthenticationApisEnabled": "none"}, "password", "allowed", "/federatedIdentityCredentials"),
        (
            "daemon",
            {"nativeAuthenticationApisEnabled": "all"},
            "password",
            "blocked",
            "/nativeAuthenticationApisEnabled",
        ),
        ("api", {}, "refresh_token", "blocked", "/spa/redirectUris"),
    ],
)
def test_a_property_decides_a_grant(kind: str, fragment: dict[str, Any], name: str, state: str, by: str) -> None:
    fact = facts(kind, fragment)[name]
    assert fact.state == state, fact
    assert by in fact.by, fact
    assert fact.note


@pytest.mark.parametrize(
    ("fallback", "note"),
    [
        (None, "public client fallback is not set: without a redirect URI in the request the client is confidential"),
        (False, "public client fallback is off: without a redirect URI in the request the client is confidential"),
        (True, "public client fallback"),
    ],
)
def test_redirect_uris_of_native_applications_do_not_open_grants_without_one(fallback: bool | None, note: str) -> None:
    found = facts("native", {"isFallbackPublicClient": fallback})
    assert found["authorization_code"].state == "allowed"
    for name in ("device_code", "integrated_windows", "password"):
        assert (found[name].state == "allowed") is (fallback is True)
    assert (found["device_code"].note, found["integrated_windows"].note) == (note, note)


def test_a_disabled_scope_exposes_nothing() -> None:
    fragment = {"passwordCredentials": [SECRET], "api": {"oauth2PermissionScopes": [{**SCOPE, "isEnabled": False}]}}
    assert facts("web", fragment)["on_behalf_of"].state == "blocked"


def test_an_expired_secret_beside_a_valid_certificate_does_not_matter() -> None:
    assert facts("web", {"passwordCredentials": [EXPIRED]})["client_credentials"].by == ("/keyCredentials",)


def test_a_refresh_token_names_the_grants_that_it_follows_from() -> None:
    fact = facts("native", {"isFallbackPublicClient": True})["refresh_token"]
    assert fact.note == "follows from authorization_code, device_code, integrated_windows, password"


def test_a_web_redirect_uri_alone_is_not_enough_for_a_code() -> None:
    assert facts("web", {"keyCredentials": []})["authorization_code"].note == (
        "a code for web is redeemed with a valid credential only"
    )


# Unread


def without(kind: str, *paths: str) -> dict[str, PostureFact]:
    """The posture of a clean registration of which some values were not read."""
    data = clean(kind)
    for path in paths:
        *parents, last = path.split(".")
        part = data
        for name in parents:
            part = part[name]
        del part[last]
    return {fact.grant: fact for fact in posture(read(data), NOW)}


def test_an_unread_fallback_leaves_device_code_unknown_and_the_code_grant_decided() -> None:
    found = without("native", "isFallbackPublicClient")
    assert found["device_code"].state == "unknown"
    assert found["device_code"].by == ("/isFallbackPublicClient",)
    assert found["authorization_code"].state == "allowed"


def test_unread_federated_credentials_matter_only_without_another_credential() -> None:
    assert without("web", "federatedIdentityCredentials")["client_credentials"].state == "allowed"
    assert without("spa", "federatedIdentityCredentials")["client_credentials"].state == "unknown"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "allowed"),
        ({"issuer": "https://gitlab.com/"}, "blocked"),
        ({"subject": "repo:contoso/*:ref:refs/heads/main"}, "blocked"),
        ({"subject": "contoso/app"}, "unknown"),
        ({"subject": None}, "unknown"),
        ({"audiences": []}, "unknown"),
    ],
)
def test_only_a_federated_credential_that_a_token_matches_authenticates_a_client(
    change: dict[str, Any], state: str
) -> None:
    fact = facts("spa", {"federatedIdentityCredentials": [{**FEDERATED, **change}]})["client_credentials"]
    assert fact.state == state


def test_an_unread_switch_matters_only_where_a_page_could_use_it() -> None:
    assert without("spa", "web.implicitGrantSettings")["implicit"].state == "unknown"
    assert without("native", "web.implicitGrantSettings")["implicit"].state == "blocked"


def test_an_unread_redirect_uri_leaves_the_code_grant_unknown_when_no_other_is_there() -> None:
    app = mark_unread(
        read(merged_into("spa", {"spa": {"redirectUris": ["${{URI}}"]}})),
        {"/spa/redirectUris/0": Unread("placeholder")},
    )
    fact = next(fact for fact in posture(app, NOW) if fact.grant == "authorization_code")
    assert (fact.state, fact.by) == ("unknown", ("/spa/redirectUris",))


def test_a_date_that_is_none_leaves_the_credential_unknown() -> None:
    fact = facts("spa", {"passwordCredentials": [{**SECRET, "endDateTime": "soon"}]})["client_credentials"]
    assert (fact.state, fact.note) == ("unknown", "not known: passwordCredentials")


@pytest.mark.parametrize(
    ("usage", "state"), [("Verify", "allowed"), ("verify", "allowed"), ("Encrypt", "blocked"), ("Sign", "blocked")]
)
def test_only_a_key_for_verification_authenticates_a_client(usage: str, state: str) -> None:
    fact = facts("spa", {"keyCredentials": [{**VERIFYING, "usage": usage}]})["client_credentials"]
    assert fact.state == state
    assert fact.note == ("a valid credential" if state == "allowed" else "no credential")


def test_a_key_whose_usage_was_not_read_may_authenticate_a_client() -> None:
    assert facts("spa", {"keyCredentials": [{**SECRET}]})["client_credentials"].state == "unknown"


def test_the_password_of_a_signing_key_is_not_a_client_secret() -> None:
    made = {"keyCredentials": [SIGNING], "passwordCredentials": [SECRET]}
    assert facts("spa", made)["client_credentials"].state == "blocked"


def test_whether_a_credential_without_an_end_is_valid_is_not_known() -> None:
    assert (
        facts("spa", {"passwordCredentials": [{**SECRET, "endDateTime": None}]})["client_credentials"].state
        == "unknown"
    )


def test_a_date_without_a_zone_is_utc() -> None:
    assert (
        facts("spa", {"passwordCredentials": [{**SECRET, "endDateTime": "2026-06-01T00:00:00"}]})[
            "client_credentials"
        ].state
        == "allowed"
    )


FEATURES: dict[str, tuple[Any, ...]] = {
    "web.redirectUris": ([], ["https://a.contoso.com/cb"]),
    "spa.redirectUris": ([], ["https://b.contoso.com/"]),
    "publicClient.redirectUris": ([], ["http://127.0.0.1"]),
    "web.implicitGrantSettings.enableAccessTokenIssuance": (False, True),
    "web.implicitGrantSettings.enableIdTokenIssuance": (False, True),
    "isFallbackPublicClient": (None, False, True),
    "passwordCredentials": ([], [SECRET], [EXPIRED]),
    "keyCredentials": ([],),
    "federatedIdentityCredentials": (
        [],
        [{"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:c/r:ref:refs/heads/main"}],
    ),
    "api.oauth2PermissionScopes": ([], [SCOPE]),
}


def built(values: dict[str, Any]) -> dict[str, str]:
    data: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        part = data
        for name in parents:
            part = part.setdefault(name, {})
        part[last] = value
    return {fact.grant: fact.state for fact in posture(read(data), NOW)}


@given(
    values=st.fixed_dictionaries({name: st.sampled_from(options) for name, options in FEATURES.items()}),
    hidden=st.sets(st.sampled_from(list(FEATURES)), min_size=1, max_size=3),
)
def test_unknown_is_said_exactly_when_an_unread_value_could_change_the_result(
    values: dict[str, Any], hidden: set[str]
) -> None:
    seen = built({name: value for name, value in values.items() if name not in hidden})
    options = [FEATURES[name] if name != "keyCredentials" else ([], [VERIFYING]) for name in hidden]
    fillings = [built({**values, **dict(zip(hidden, chosen, strict=True))}) for chosen in itertools.product(*options)]
    for name, state in seen.items():
        possible = {filling[name] for filling in fillings}
        if state == "unknown":
            assert len(possible) == 2, (name, possible)
        else:
            assert possible == {state}, (name, state, possible)


@pytest.mark.parametrize("name", ["client_credentials", "on_behalf_of"])
def test_what_works_at_one_tenant_alone_names_it(name: str) -> None:
    assert all("/{tenant id}/" in step.url for step in grant(name).request)


def test_implicit_says_where_it_is_turned_on_and_that_a_token_is_bound_to_no_client() -> None:
    row = grant("implicit")
    said = " ".join(switch.why for switch in row.switches)
    assert "oauth2AllowImplicitFlow" in said
    assert "Implicit grant and hybrid flows" in said
    assert any("not bound to a client" in risk for risk in row.risks)


def test_an_assertion_is_sent_as_base64() -> None:
    for name in ("integrated_windows", "saml_bearer"):
        assert any("assertion={base64" in parameter for step in grant(name).request for parameter in step.parameters)
