"""What an audit of the rules against their documents found wrong: each input has its corrected result.

Families: implicit, redirect URIs, public clients, credentials, and several registrations of one run. The table below
rebuilds small inputs on the clean registrations; the last test reads the inputs themselves where they are present.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.analysis.lifetimes import certificate_identity, certificates, secrets
from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.knowledge.hosts import redirect_endpoint, redirect_endpoints, shared_suffix
from rules.model.clean import NOW, clean, merged_into
from rules.model.finding import SEVERITIES
from rules.model.fragments import (
    ACT_AS_USER,
    CERTIFICATE,
    FEDERATED,
    READ_MAIL,
    READ_USERS,
    SECRET,
    native,
    spa,
    web,
)
from rules.model.fragments import certificates as keys
from rules.model.fragments import secrets as passwords
from rules.model.registration import Credential, Registration
from rules.model.settings import Settings
from rules.model.uri_traits import are_mixed, latin_lookalike, scripts, shown

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "rules" / "a"
CALLED = {"id": "r", "value": "Orders.Write", "isEnabled": True, "allowedMemberTypes": ["Application"]}
FAMILIES = frozenset({"implicit", "redirect-uris", "public-clients", "credentials", "across"})
AUDITED = tuple(rule for rule in RULES if rule.family in FAMILIES)
ENCRYPTING = {**CERTIFICATE, "usage": "Encrypt"}
ENDED = {"startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-12-01T00:00:00Z"}
NEVER_VALID = {"startDateTime": "2026-07-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
SOON = {"startDateTime": "2025-09-01T00:00:00Z", "endDateTime": "2026-01-17T00:00:00Z"}
API = {"identifierUris": ["api://11111111-1111-4111-8111-111111111112"]}
PROXY = {"displayName": None, "customKeyIdentifier": "Q1dBUF9BdXRoU2VjcmV0"}
POWERFUL = {**ACT_AS_USER, "isFallbackPublicClient": True}


def check(datas: Iterable[dict[str, Any]], now: datetime = NOW, settings: Settings | None = None) -> Result:
    subjects = [Subject(str(n), msgspec.convert(data, Registration)) for n, data in enumerate(datas)]
    result = lint(subjects, AUDITED, Context(now, settings or Settings()))
    assert [gap for gap in result.not_assessed if gap.reason == "internal"] == []
    return result


def found(fragment: dict[str, Any], base: str = "web", settings: Settings | None = None) -> dict[str, str]:
    """The worst severity by rule."""
    rows: dict[str, str] = {}
    for finding in check([merged_into(base, fragment)], settings=settings).findings:
        rows[finding.rule] = min(rows.get(finding.rule, "info"), finding.severity, key=SEVERITIES.index)
    return rows


CORRECTED = [
    # Credentials: only usage Verify authenticates a client.
    ("web", {"keyCredentials": [{**ENCRYPTING, **ENDED}]}, {}),
    ("web", {"keyCredentials": [{**ENCRYPTING, **SOON}]}, {}),
    ("web", {"keyCredentials": [{**ENCRYPTING, "endDateTime": "2036-01-01T00:00:00Z"}]}, {}),
    (
        "native",
        {"isFallbackPublicClient": True, "keyCredentials": [ENCRYPTING]},
        {"public-client-flows-enabled": "low"},
    ),
    ("api", {"keyCredentials": [ENCRYPTING]}, {}),
    ("web", keys({}, {**ENDED, "usage": "Encrypt"}), {}),
    # A label is no identity: a long one is not hidden by a short one, and a successor is not the same certificate.
    (
        "web",
        keys({"customKeyIdentifier": "cHJvZA=="}, {"customKeyIdentifier": "cHJvZA==", "endDateTime": "2036-01-01"}),
        {"long-lived-credential": "low"},
    ),
    ("web", keys({**SOON, "customKeyIdentifier": "cHJvZA=="}, {"customKeyIdentifier": "cHJvZA=="}), {}),
    # What a leaked secret grants does not depend on other credentials.
    ("web", {**passwords({}), **READ_MAIL, "keyCredentials": []}, {"password-credential": "medium"}),
    ("web", {**passwords({}), **READ_MAIL, "keyCredentials": [ENCRYPTING]}, {"password-credential": "medium"}),
    ("web", {**passwords({}), **READ_MAIL}, {"password-credential": "medium"}),
    # The password of a signing key is not a client secret; Application Proxy manages its own secrets.
    (
        "web",
        {"passwordCredentials": [SECRET], **keys({"usage": "Sign", "keyId": SECRET["keyId"]}, {"usage": "Verify"})},
        {},
    ),
    ("web", {**passwords({**PROXY, **ENDED}, PROXY, PROXY, PROXY)}, {"password-credential": "low"}),
    # A federated credential belongs to one workload; the secret is that of another.
    (
        "web",
        {"keyCredentials": [], **passwords(SOON), "federatedIdentityCredentials": [FEDERATED]},
        {"expiring-credential": "medium", "password-credential": "low"},
    ),
    ("web", {"keyCredentials": [], **passwords(ENDED)}, {"expired-credential": "medium"}),
    ("web", keys({"type": "X509CertAndPassword", "usage": "Sign", "key": "MIIK"}), {"secret-in-file": "critical"}),
    ("web", keys({"type": "Symmetric", "usage": "Sign"}), {"symmetric-key-credential": "low"}),
    ("web", {"displayName": "ConnectSyncProvisioning_DC01_a1b2", **keys({}, {})}, {}),
    # Public clients.
    ("spa", passwords(NEVER_VALID), {"impossible-credential-dates": "low"}),
    ("native", passwords(NEVER_VALID), {"impossible-credential-dates": "low"}),
    (
        "native",
        {"isFallbackPublicClient": True, **passwords(NEVER_VALID)},
        {"public-client-flows-enabled": "low", "impossible-credential-dates": "low"},
    ),
    ("spa", {**API, "passwordCredentials": [SECRET]}, {"password-credential": "low"}),
    (
        "spa",
        {"passwordCredentials": [SECRET]},
        {"password-credential": "low", "spa-with-secret": "medium"},
    ),
    (
        "native",
        {"passwordCredentials": [SECRET]},
        {"password-credential": "low", "native-client-with-credentials": "medium"},
    ),
    (
        "native",
        {"passwordCredentials": [SECRET], **spa("https://spa.contoso.com/")},
        {"password-credential": "low", "native-client-with-credentials": "medium"},
    ),
    ("native", POWERFUL, {"public-client-flows-enabled": "high"}),
    # Personal accounts have no tenant to take over.
    ("native", {**POWERFUL, "signInAudience": "PersonalMicrosoftAccount"}, {"public-client-flows-enabled": "low"}),
    # No program contains a federated credential.
    (
        "native",
        {"isFallbackPublicClient": True, "federatedIdentityCredentials": [FEDERATED]},
        {"public-client-flows-enabled": "low", "public-client-with-credentials": "low"},
    ),
    # It ends before it starts, so no client can use it.
    (
        "native",
        {
            "isFallbackPublicClient": True,
            "passwordCredentials": [{**SECRET, "startDateTime": "2026-08-02T00:00:00Z", "endDateTime": "2026-08-01"}],
        },
        {"public-client-flows-enabled": "low", "impossible-credential-dates": "low"},
    ),
    # A page of the sign-in service is no web app.
    ("native", web("https://login.microsoftonline.com/common/oauth2/nativeclient"), {}),
    (
        "native",
        {**POWERFUL, "passwordCredentials": [SECRET]},
        {
            "password-credential": "low",
            "public-client-flows-enabled": "high",
            "public-client-with-credentials": "medium",
        },
    ),
    (
        "native",
        {**READ_USERS, "federatedIdentityCredentials": [FEDERATED]},
        {"public-client-with-application-permissions": "medium"},
    ),
    # An app role for applications is a permission of an API, which runs on a server.
    ("native", {**READ_USERS, "appRoles": [CALLED]}, {}),
    (
        "native",
        {**READ_USERS, "appRoles": [{**CALLED, "isEnabled": False}, {**CALLED, "allowedMemberTypes": ["User"]}]},
        {"public-client-with-application-permissions": "medium"},
    ),
    ("native", {"passwordCredentials": [SECRET], "appRoles": [CALLED]}, {"password-credential": "low"}),
    ("native", {**keys(ENDED), "appRoles": [CALLED]}, {"expired-credential": "medium"}),
    (
        "native",
        {**ACT_AS_USER, **native("http://localhost"), "signInAudience": "AzureADMultipleOrgs"},
        {"multitenant-native-client": "high", "loopback-by-name": "info"},
    ),
    # Redirect URIs.
    ("web", web("https://*"), {"wildcard-redirect-uri": "critical"}),
    ("web", web("https://*.contoso.com/cb"), {"wildcard-redirect-uri": "high"}),
    ("web", web("https://*.contoso.co.uk/cb"), {"wildcard-redirect-uri": "high"}),
    ("web", web("https://*.co.uk/cb"), {"wildcard-redirect-uri": "critical"}),
    ("web", web("https://*.azurewebsites.net/cb"), {"wildcard-redirect-uri": "critical"}),
    ("web", web("https://*.westeurope.cloudapp.azure.com/cb"), {"wildcard-redirect-uri": "critical"}),
    ("web", web("https://app-*.contoso.com/cb"), {"wildcard-redirect-uri": "high"}),
    ("web", web("https://portal.contoso.com:*/cb"), {"wildcard-redirect-uri": "high"}),
    (
        "web",
        {**web("https://*.contoso.com/cb"), "signInAudience": "AzureADandPersonalMicrosoftAccount"},
        {"wildcard-redirect-uri": "low"},
    ),
    ("web", web("https://ラーメン.example/cb"), {"non-ascii-redirect-host": "low"}),
    ("web", web("https://東京タワー.example/cb"), {"non-ascii-redirect-host": "low"}),
    ("web", web("https://xn--80ak6aa92e.com/cb"), {"non-ascii-redirect-host": "medium"}),
    ("web", web("https://portal.contoso.com/c\u2060b"), {"forbidden-redirect-character": "low"}),
    ("web", web("https://portal.contoso.com/c\ufeffb"), {"forbidden-redirect-character": "low"}),
    ("web", web("https://portal.contoso.com/c\u00adb"), {"forbidden-redirect-character": "low"}),
    ("web", web("localhost:3000/cb", "contoso.com:8443/cb"), {"malformed-redirect-uri": "low"}),
    ("web", web("chrome-extension://abc/cb", "moz-extension://x/cb"), {}),
    ("web", web("javascript:alert(1)"), {"script-redirect-uri": "medium"}),
    ("web", web("about:blank", "mailto:a@contoso.com"), {"script-redirect-uri": "low"}),
    ("web", web("urn:contoso:desktop"), {"out-of-band-redirect-uri": "low"}),
    ("web", web("https://dev@localhost/cb"), {"redirect-uri-user-info": "low"}),
    ("web", web("http://app.localhost:3000/cb"), {"plaintext-redirect-uri": "low"}),
    ("web", web("https://app.test/cb"), {"internal-redirect-host": "low"}),
    ("web", web("https://abc-3978.euw.devtunnels.ms/cb"), {"claimable-redirect-host": "medium"}),
    ("web", web("https://my-bucket.s3.amazonaws.com/cb"), {"claimable-redirect-host": "low"}),
    (
        "web",
        {**web("https://a.contoso.com/cb"), **spa("https://a.contoso.com/cb")},
        {"redirect-uri-on-two-platforms": "low"},
    ),
    ("native", native("ms-appx-web://Microsoft.AAD.BrokerPlugin/S-1-15-2-1-2-3-4-5-6-7"), {}),
    # Implicit.
    (
        "web",
        {
            "web": {
                "redirectUris": ["https://webhook.site/x"],
                "implicitGrantSettings": {"enableIdTokenIssuance": True},
            }
        },
        {"implicit-id-token": "medium", "debugging-redirect-host": "medium"},
    ),
]


@pytest.mark.parametrize(
    ("audience", "message"),
    [
        ("AzureADMyOrg", "allows the password grant and the device code grant"),
        ("AzureADandPersonalMicrosoftAccount", "allows the password grant and the device code grant"),
        # Entra ID supports the password grant for work and school accounts alone.
        ("PersonalMicrosoftAccount", "allows the device code grant"),
    ],
)
def test_the_grants_that_are_open_are_named(audience: str, message: str) -> None:
    result = check([merged_into("native", {"isFallbackPublicClient": True, "signInAudience": audience})])
    assert message in [one.message for one in result.findings if one.rule == "public-client-flows-enabled"]


def test_an_external_tenant_has_no_password_grant() -> None:
    fragment = {"isFallbackPublicClient": True, "nativeAuthenticationApisEnabled": "all"}
    found = check([merged_into("native", fragment)]).findings
    assert [one.message for one in found] == ["allows the device code grant"]


@pytest.mark.parametrize(
    ("audience", "kind", "whose"),
    [
        ("AzureADMultipleOrgs", None, "to users of any tenant"),
        ("AzureADMultipleOrgs", "allowedTenants", "to users of other tenants"),
        ("PersonalMicrosoftAccount", None, None),
        ("AzureADMyOrg", None, None),
    ],
)
def test_whose_code_a_native_client_shows(audience: str, kind: str | None, whose: str | None) -> None:
    fragment = {**native("http://127.0.0.1", "http://[::1]"), **ACT_AS_USER, "signInAudience": audience}
    restrictions = {"kind": kind, "allowedTenantIds": []}
    result = check([merged_into("native", {**fragment, "signInAudienceRestrictions": restrictions})])
    messages = [one.message for one in result.findings if one.rule == "multitenant-native-client"]
    assert [message.rpartition(", ")[2] for message in messages] == ([whose] if whose else [])


@pytest.mark.parametrize(("base", "fragment", "expected"), CORRECTED)
def test_an_audited_input_has_its_corrected_result(
    base: str, fragment: dict[str, Any], expected: dict[str, str]
) -> None:
    assert found(fragment, base) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "https://token.botframework.com/.auth/web/redirect",
        "https://europe.token.botframework.com/.auth/web/redirect",
        "https://token.botframework.azure.us/.auth/web/redirect",
        "https://global.consent.azure-apim.net/redirect/crm",
        "https://logic-apis-westeurope.consent.azure-apim.net/redirect",
        "https://login.microsoftonline.us/common/oauth2/nativeclient",
        "https://login.live.com/oauth20_desktop.srf",
        "https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org/",
    ],
)
def test_an_endpoint_that_many_registrations_share_by_design_is_neither_foreign_nor_shared(uri: str) -> None:
    domains = Settings(verified_domains=("contoso.com",))
    apps = [
        merged_into("web", web(uri)),
        {**merged_into("web", web(uri)), "appId": "11111111-1111-4111-8111-1111111111aa"},
    ]
    rules = {finding.rule for finding in check(apps, settings=domains).findings}
    assert rules.isdisjoint({"foreign-redirect-host", "shared-redirect-uri"})


def test_an_endpoint_is_told_label_by_label() -> None:
    for row in redirect_endpoints().values():
        assert row.source.startswith("https://")
        assert redirect_endpoint(row.host) is row
        assert redirect_endpoint(f"a.{row.host}") is row
        assert redirect_endpoint(f"a{row.host}") is None
        assert redirect_endpoint(f"{row.host}.evil.example") is None
        assert shared_suffix(row.host) is None


def test_a_domain_of_the_tenant_that_is_imitated_comes_first() -> None:
    domains = Settings(verified_domains=("contoso.com",))
    assert found(web("https://login.cоntoso.com/cb"), settings=domains)["non-ascii-redirect-host"] == "high"
    assert found(web("https://login.cоntoso.com/cb"))["non-ascii-redirect-host"] == "medium"


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("東京タワー", False),
        ("ラーメンshop", False),
        ("café", False),
        ("cоntoso", True),
        ("αpple", True),
        ("ひらがな한글", True),
    ],
)
def test_scripts_are_mixed_where_no_language_writes_them_together(text: str, mixed: bool) -> None:
    assert are_mixed(scripts(text)) is mixed
    assert bool(shown(text).mixed) is mixed


def test_a_look_alike_has_only_letters_that_look_latin() -> None:
    assert latin_lookalike("аррӏе.com") == "apple.com"
    assert latin_lookalike("apple.com") == ""
    assert latin_lookalike("москва.com") == ""


# Credentials, one by one


@pytest.mark.parametrize("usage", ["Verify", "verify", None])
def test_a_key_for_verification_authenticates_a_client(usage: str | None) -> None:
    app = msgspec.convert({"keyCredentials": [{**CERTIFICATE, "usage": usage}]}, Registration)
    assert len(certificates(app)) == 1


@pytest.mark.parametrize("usage", ["Sign", "Encrypt", "encrypt", "Decrypt"])
def test_a_key_for_anything_else_does_not(usage: str) -> None:
    app = msgspec.convert({"keyCredentials": [{**CERTIFICATE, "usage": usage}]}, Registration)
    assert certificates(app) == ()


def test_a_key_whose_usage_was_not_read_is_reported_and_not_removed() -> None:
    unread = {name: value for name, value in {**CERTIFICATE, **ENDED}.items() if name != "usage"}
    (row,) = (row for row in check([merged_into("web", {"keyCredentials": [unread]})]).findings)
    assert (row.rule, row.patch) == ("expired-credential", None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"key": "MIIC"}, {"key": "MIIC"}, True),
        ({"key": "MIIC"}, {"key": "MIID"}, False),
        ({"customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E="}, {"customKeyIdentifier": "DA20FCA6" * 5}, False),
        (
            {"customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E="},
            {"customKeyIdentifier": "da20fca696c4f83e8a9aed59be33368ed421f3c1"},
            True,
        ),
        ({"customKeyIdentifier": "cHJvZA=="}, {"customKeyIdentifier": "cHJvZA=="}, False),
        ({"customKeyIdentifier": None}, {"customKeyIdentifier": None}, False),
    ],
)
def test_two_keys_are_one_certificate_by_public_key_or_thumbprint(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    first, second = (certificate_identity(msgspec.convert(key, Credential)) for key in (one, other))
    assert (bool(first) and first == second) is same


def test_no_key_material_is_kept() -> None:
    key = msgspec.convert({**CERTIFICATE, "key": "MIICprivate"}, Credential)
    secret = msgspec.convert({**CERTIFICATE, "type": "Symmetric", "key": "c2VjcmV0"}, Credential)
    for credential in (key, secret):
        assert b"MIIC" not in msgspec.json.encode(credential)
        assert b"c2VjcmV0" not in msgspec.json.encode(credential)
        assert "MIIC" not in repr(credential)
    assert len(key.digest) == 64
    assert secret.digest == ""


def test_a_symmetric_key_is_not_called_a_certificate() -> None:
    app = msgspec.convert(merged_into("web", {"keyCredentials": [{**CERTIFICATE, "type": "Symmetric"}]}), Registration)
    assert [life.kind for life in certificates(app)] == ["symmetric key"]


def test_the_secrets_of_application_proxy_are_told_by_either_name() -> None:
    for name in ({"displayName": "CWAP_AuthSecret"}, PROXY, {**PROXY, "customKeyIdentifier": "CWAP_AuthSecret"}):
        (life,) = secrets(msgspec.convert(merged_into("web", passwords(name)), Registration))
        assert life.is_of_application_proxy


# Severity does not fall when something bad is added

WORSE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("web", {**passwords({}), **READ_MAIL, "keyCredentials": []}, {"keyCredentials": [ENCRYPTING]}),
    ("web", {**passwords({}), **READ_MAIL, "keyCredentials": []}, {"keyCredentials": [CERTIFICATE]}),
    ("native", POWERFUL, {"passwordCredentials": [SECRET]}),
    ("native", POWERFUL, {"federatedIdentityCredentials": [FEDERATED]}),
    ("native", {"isFallbackPublicClient": True, **native()}, native("http://evil.example/")),
    ("native", READ_USERS, {"passwordCredentials": [SECRET]}),
    ("spa", {"passwordCredentials": [SECRET]}, READ_USERS),
    ("spa", {"passwordCredentials": [SECRET]}, native("http://127.0.0.1")),
    ("web", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, spa("https://a.contoso.com/")),
]


@pytest.mark.parametrize(("base", "fragment", "worse"), WORSE)
def test_what_is_worse_is_not_rated_lower(base: str, fragment: dict[str, Any], worse: dict[str, Any]) -> None:
    before, after = found(fragment, base), found({**fragment, **worse}, base)
    assert min(map(SEVERITIES.index, after.values())) <= min(map(SEVERITIES.index, before.values()))
    for rule in before.keys() & after.keys():
        assert SEVERITIES.index(after[rule]) <= SEVERITIES.index(before[rule]), rule


# The inputs themselves

#: The findings of these families on 2026-11-30: rule and severity, for each input or folder of inputs.
RESULTS: dict[str, dict[str, str]] = {
    "b3/broker-mac.json": {},
    "b3/chrome-scheme.json": {"claimable-custom-scheme": "medium"},
    "b3/connect.json": {},
    "b3/gw.json": {"password-credential": "low"},
    "b3/idn-whole.json": {"non-ascii-redirect-host": "medium"},
    "b3/idtok-ok.json": {"implicit-id-token": "low"},
    "b3/implicit-http.json": {"implicit-access-token": "high", "plaintext-redirect-uri": "high"},
    "b3/implicit-mt.json": {"implicit-access-token": "high"},
    "b3/invisible.json": {"forbidden-redirect-character": "low"},
    "b3/longcert-verify.json": {"long-lived-credential": "low"},
    "b3/personal3.json": {"password-credential": "low", "several-valid-credentials": "low"},
    "b3/query-loop.json": {"query-with-personal-accounts": "low"},
    "b3/scheme-typo.json": {"malformed-redirect-uri": "low"},
    "b3/sec2y.json": {"long-lived-credential": "medium", "password-credential": "low"},
    "b3/secretdelegated.json": {"password-credential": "low"},
    "b3/sub-localhost.json": {"plaintext-redirect-uri": "low"},
    "b3/userinfo-local.json": {"redirect-uri-user-info": "low"},
    "b3/x509pwd.json": {"secret-in-file": "critical"},
    "b4/android-native-secret.json": {"password-credential": "low", "native-client-with-credentials": "medium"},
    "b4/api-cred-rbac.json": {"credential-without-use": "low"},
    "b4/api-enc.json": {},
    "b4/appproxy.json": {"password-credential": "low"},
    "b4/secret-noenc.json": {"password-credential": "medium"},
    "b4/secret-with-enc.json": {"password-credential": "medium"},
    "b4/signpwd.json": {"long-lived-credential": "low"},
    "b4/spa-and-native.json": {"password-credential": "low", "native-client-with-credentials": "medium"},
    "b4/spa-cert.json": {},
    "b4/webfallback.json": {
        "password-credential": "low",
        "public-client-flows-enabled": "low",
        "public-client-with-credentials": "medium",
    },
    "b5/sso-hybrid.json": {"spa-with-implicit": "low"},
    "b5/wild-all.json": {"wildcard-redirect-uri": "critical"},
    "b5/wild-own.json": {"wildcard-redirect-uri": "high"},
    "b5/wild-shared.json": {"wildcard-redirect-uri": "critical"},
    "b6/connect3.json": {"entra-connect-secret": "medium", "several-valid-credentials": "low"},
    "b6/encrypt-only-expired.json": {},
    "b6/kindpersonal-wild-path.json": {"wildcard-redirect-uri": "low"},
    "b6/only-cred-with-fic.json": {"password-credential": "medium"},
    "b6/pclient-https-implicit.json": {"implicit-access-token": "low"},
    "b6/pfx.json": {"secret-in-file": "critical"},
    "b6/powerpages.json": {"claimable-redirect-host": "low"},
    "b6/two-platform-native.json": {"redirect-uri-on-two-platforms": "low", "mixed-client-types": "low"},
    "cfg/apps.json": {"shared-redirect-uri": "low"},
    "dnsapp.json": {"claimable-redirect-host": "low"},
    "t/all-expired.json": {"expired-credential": "medium"},
    "t/chrome-ext.json": {},
    "t/devtunnel.json": {"claimable-redirect-host": "medium"},
    "t/encrypt-key.json": {},
    "t/fic-and-expiring-secret.json": {"expiring-credential": "medium", "password-credential": "low"},
    "t/fic-native-https.json": {"internal-redirect-host": "low"},
    "t/idn.json": {"non-ascii-redirect-host": "low"},
    "t/implicit-debug.json": {"debugging-redirect-host": "medium", "implicit-access-token": "high"},
    "t/implicit-native.json": {"implicit-access-token": "low", "wildcard-redirect-uri": "high"},
    "t/implicit-pathwild.json": {"implicit-access-token": "high", "wildcard-redirect-uri": "high"},
    "t/logout.json": {"insecure-logout-url": "low"},
    "t/native-https.json": {},
    "t/open-native-loop.json": {"loopback-by-name": "info", "multitenant-native-client": "high"},
    "t/open-native-nc.json": {"multitenant-native-client": "high"},
    "t/ropc-powerful-secret.json": {
        "password-credential": "low",
        "public-client-flows-enabled": "high",
        "public-client-with-credentials": "medium",
    },
    "t/ropc-powerful.json": {"public-client-flows-enabled": "high"},
    "t/same-label-certs.json": {"long-lived-credential": "low"},
    "t/script.json": {"script-redirect-uri": "medium"},
    "t/spa-obo-secret.json": {"password-credential": "low"},
    "t/sym.json": {"symmetric-key-credential": "low"},
    "t/two-platform-same.json": {"redirect-uri-on-two-platforms": "low"},
    "t/urn.json": {"out-of-band-redirect-uri": "low"},
    "t/wild-port.json": {"wildcard-redirect-uri": "high"},
    "x/enccert": {},
    "x/flexfic": {"shared-federated-subject": "low"},
    "x/govnative": {},
    "x/labels": {},
    "x/spapre": {"pre-authorized-weak-client": "low"},
    "x/v2uri": {"duplicate-identifier-uri": "low"},
}


def _inputs(name: str) -> list[dict[str, Any]]:
    place = CASES / name
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    texts = [json.loads(file.read_text("utf-8")) for file in files]
    return [app for text in texts for app in (text if isinstance(text, list) else [text])]


@pytest.mark.skipif(not CASES.is_dir(), reason="the audited inputs are not present")
@pytest.mark.parametrize("name", RESULTS)
def test_each_audited_file_has_its_corrected_result(name: str) -> None:
    organization = Settings(
        verified_domains=("contoso.com", "contoso.onmicrosoft.com"), allowed_hosts=("portal.fabrikam.example",)
    )
    settings = organization if name.startswith("cfg") else Settings()
    result = check(_inputs(name), datetime(2026, 11, 30, tzinfo=UTC), settings)
    worst: dict[str, str] = {}
    for finding in result.findings:
        worst[finding.rule] = min(worst.get(finding.rule, "info"), finding.severity, key=SEVERITIES.index)
    assert worst == RESULTS[name]


def test_clean_registrations_have_no_finding() -> None:
    assert check([clean("web"), clean("spa"), clean("native"), clean("daemon"), clean("api")]).findings == ()


EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
UNLISTED = "aaaaaaaa-0000-4000-8000-000000000001"
MULTITENANT = {"signInAudience": "AzureADMultipleOrgs"}
PERSONAL = {"signInAudience": "PersonalMicrosoftAccount"}
IMPLICIT = {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}


def _requesting(*listed: tuple[str, str]) -> dict[str, Any]:
    access = [{"id": one, "type": kind} for one, kind in listed]
    return {"requiredResourceAccess": [{"resourceAppId": EXCHANGE, "resourceAccess": access}]}


def _not_assessed(base: str, fragment: dict[str, Any]) -> list[tuple[str, str]]:
    """The rules of public clients and of the implicit grant that do not know what a requested permission allows."""
    found = check([merged_into(base, fragment)]).not_assessed
    ours = {rule.id for rule in RULES if rule.family in ("public-clients", "implicit")}
    return [(gap.rule, gap.pointer) for gap in found if gap.reason == "unknown" and gap.rule in ours]


@pytest.mark.parametrize(
    ("base", "fragment", "kind", "rules"),
    [
        ("web", IMPLICIT, "Scope", ["implicit-access-token"]),
        ("spa", IMPLICIT, "Scope", ["spa-with-implicit"]),
        ("native", {"isFallbackPublicClient": True}, "Scope", ["public-client-flows-enabled"]),
        ("native", {**native("http://127.0.0.1"), **MULTITENANT}, "Scope", ["multitenant-native-client"]),
        ("native", {**native("myapp.contoso.com://a"), **MULTITENANT}, "Scope", []),
        (
            "native",
            {"passwordCredentials": [SECRET]},
            "Role",
            ["native-client-with-credentials", "public-client-with-application-permissions"],
        ),
        (
            "spa",
            {"passwordCredentials": [SECRET]},
            "Role",
            ["public-client-with-application-permissions", "spa-with-secret"],
        ),
        ("web", {**IMPLICIT, **PERSONAL}, "Scope", []),
        ("web", IMPLICIT, "Role", []),
    ],
)
def test_a_requested_permission_that_no_table_lists_is_not_assessed(
    base: str, fragment: dict[str, Any], kind: str, rules: list[str]
) -> None:
    found = _not_assessed(base, {**fragment, **_requesting((UNLISTED, kind))})
    assert sorted(found) == [(rule, "/requiredResourceAccess/0/resourceAccess/0") for rule in rules]


def test_a_permission_that_no_table_lists_changes_nothing_where_another_one_takes_over_the_tenant() -> None:
    access = [*ACT_AS_USER["requiredResourceAccess"], *_requesting((UNLISTED, "Scope"))["requiredResourceAccess"]]
    assert _not_assessed("web", {**IMPLICIT, "requiredResourceAccess": access}) == []


@pytest.mark.parametrize(
    ("fragment", "end"),
    [
        (_requesting((UNLISTED, "Scope")), "; not all of its permissions are known"),
        ({**_requesting((UNLISTED, "Scope")), **PERSONAL}, "from the authorization endpoint"),
    ],
)
def test_an_access_token_is_rated_by_what_is_not_known_and_says_so(fragment: dict[str, Any], end: str) -> None:
    found = check([merged_into("web", {**IMPLICIT, **fragment})]).findings
    (one,) = [one for one in found if one.rule == "implicit-access-token"]
    assert one.message.endswith(end)
