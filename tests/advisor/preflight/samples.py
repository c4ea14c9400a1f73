"""Requests that Microsoft's pages show, with a registration as the page describes it: none of them may be refused.

``source`` is the page; *unknown* is what depends on something that no registration and no table has.
"""

from typing import Any

from tests.advisor.preflight.questions import (
    BEARER,
    CERTIFICATE,
    CLIENT,
    GRAPH,
    LATER,
    OTHER,
    PERSONAL,
    SEVERAL,
    TENANT,
    THUMBPRINT,
    VERIFIER,
    Question,
    api,
    app,
    app_only,
    asserted,
    jwt,
    lists,
    native,
    redeem,
    refresh,
    sign_in,
    spa,
    token,
    trusts,
    url,
    web,
)
from tests.advisor.preflight.refusals import (
    ALL_ACCOUNTS,
    DAEMON,
    DEVICE,
    FEDERATED,
    ORIGIN,
    Q,
    at,
    daemon,
    device_code,
    federated,
    on_behalf,
    password,
    signed,
)

HOME = "http://localhost/myapp/"
#: The challenge of the page about the code flow, which is longer than an S256 challenge.
CHALLENGE = {
    "code_challenge": "YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl",
    "code_challenge_method": "S256",
}
WEB, TOKENS, IDS = app(**web(HOME)), app(**web(HOME, access=True, ids=True)), app(**web(HOME, ids=True))
PAGE, PROGRAM = app(**spa(HOME)), app(**native("http://localhost", fallback=True))
MAIL = "https://graph.microsoft.com/mail.read"


def code(tenant: str = TENANT, **parameters: str | None) -> str:
    return sign_in(tenant, **{"redirect_uri": HOME, "scope": MAIL, "state": "12345", **parameters})


def redeemed(**parameters: str) -> str:
    return redeem(**{"redirect_uri": HOME, "scope": MAIL, "code_verifier": VERIFIER, **parameters})


def requests(resource: str) -> dict[str, Any]:
    return app(requiredResourceAccess=lists(resource))


CODE, IMPLICIT, CREDS = "v2-oauth2-auth-code-flow", "v2-oauth2-implicit-grant-flow", "v2-oauth2-client-creds-grant-flow"
OBO, OIDC, SCOPES, DEVICES = "v2-oauth2-on-behalf-of-flow", "v2-protocols-oidc", "scopes-oidc", "v2-oauth2-device-code"
CONSENT, ROPC, CLOUDS = "v2-admin-consent", "v2-oauth-ropc", "authentication-national-cloud"

#: Hosts of the APIs whose .default people request, as their pages name them.
APIS = (
    "graph.microsoft.com", "management.azure.com", "management.core.windows.net", "vault.azure.net",
    "storage.azure.com", "database.windows.net", "servicebus.azure.net", "eventhubs.azure.net", "api.loganalytics.io",
    "analysis.windows.net/powerbi/api", "cognitiveservices.azure.com", "ossrdbms-aad.database.windows.net",
    "cosmos.azure.com", "search.azure.com", "azconfig.io", "api.applicationinsights.io", "purview.azure.net",
    "outlook.office365.com", "manage.office.com", "api.securitycenter.microsoft.com", "api.security.microsoft.com",
    "service.powerapps.com", "larkfield.crm4.dynamics.com", "larkfield.sharepoint.com",
)  # fmt: skip

SAMPLES: list[Question] = [
    Q(CODE, "sign-in", WEB, code(response_mode="query", **CHALLENGE), "unknown", 501481),
    Q(CODE, "sign-in with a valid challenge", WEB, code(response_mode="query", code_challenge="b" * 43,
        code_challenge_method="S256"), "accepted", 0),
    Q(CODE, "hybrid", IDS, code(response_type="code id_token", response_mode="fragment", nonce="abcde",
        scope="openid offline_access https://graph.microsoft.com/user.read"), "accepted", 0),
    Q(CODE, "redemption with a secret", WEB, redeemed(client_secret="sampleCredentia1s"), "accepted", 0),
    Q(CODE, "redemption with a certificate", app(**web(HOME), **CERTIFICATE), redeemed(client_assertion_type=BEARER,
        client_assertion=jwt({"kid": THUMBPRINT}, iss=CLIENT, sub=CLIENT, aud=url("oauth2/v2.0/token"))), "accepted",
        0),
    Q(CODE, "redemption by a page", PAGE, redeemed(header=ORIGIN), "accepted", 0),
    Q(CODE, "redemption with a Basic header", WEB, redeemed(header="Authorization: Basic eDp5"), "accepted", 0),
    Q(CODE, "refresh with scope and secret", WEB, refresh(scope=MAIL, client_secret="x"), "accepted", 0),
    Q(OBO, "refresh of an API with a page", app(**web() | {"spa": {"redirectUris": [HOME]}}), refresh(scope=MAIL,
        client_secret="x"), "unknown", 0),
    Q(DEVICES, "refresh of a device with a page", app(**spa(HOME), isFallbackPublicClient=True), refresh(scope=MAIL),
        "unknown", 9002327),
    Q(CODE, "refresh of a page", PAGE, refresh(scope=MAIL, header=ORIGIN), "accepted", 0),
    *(Q(CODE, f"sign-in at {tenant}", app(**web(HOME), **audience), code(tenant), "accepted", 0) for tenant,
        audience in (
        ("common", ALL_ACCOUNTS), ("organizations", SEVERAL), ("consumers", PERSONAL), ("larkfield.onmicrosoft.com",
        {}),
        ("consumers", ALL_ACCOUNTS), ("common", SEVERAL))),
    *(Q(CODE, f"prompt={prompt}", WEB, code(prompt=prompt), "accepted", 0)
        for prompt in ("login", "none", "consent", "select_account")),
    Q(CODE, "login_hint and domain_hint", WEB, code(login_hint="ann@larkfield.example", domain_hint="organizations"),
        "accepted", 0),
    Q("claims-challenge", "claims", WEB, code(claims='{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'),
        "accepted", 0),
    Q("reply-url", "nativeclient", app(**native("https://login.microsoftonline.com/common/oauth2/nativeclient")), code(
        redirect_uri="https://login.microsoftonline.com/common/oauth2/nativeclient"), "accepted", 0),
    Q("reply-url", "a port on localhost", PROGRAM, code(redirect_uri="http://localhost:5000"), "accepted", 0),
    Q(IMPLICIT, "an ID token", IDS, code(response_type="id_token", scope="openid", response_mode="fragment",
        nonce="678910"), "accepted", 0),
    Q(IMPLICIT, "both tokens", TOKENS, code(response_type="id_token token", nonce="678910",
        scope="openid https://graph.microsoft.com/user.read", response_mode="fragment"), "accepted", 0),
    Q(IMPLICIT, "a token without prompt", TOKENS, code(response_type="token", response_mode="fragment", prompt="none",
        scope="https://graph.microsoft.com/user.read", login_hint="ann@larkfield.example"), "accepted", 0),
    Q(OIDC, "an ID token by form_post", IDS, code(response_type="id_token", response_mode="form_post", scope="openid",
        nonce="678910"), "accepted", 0),
    Q(OIDC, "sign-out", WEB, url("oauth2/v2.0/logout") + "?post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F",
        "accepted", 0),
    Q(OIDC, "sign-out with hints", WEB, url("oauth2/v2.0/logout", "common")
        + "?post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F&logout_hint=a&id_token_hint=b", "accepted", 0),
    Q(CREDS, "admin consent", WEB, url("adminconsent") + f"?client_id={CLIENT}&state=12345&redirect_uri={HOME}",
        "accepted", 0),
    *(Q(CONSENT, f"at {tenant}", app(**web(HOME), **SEVERAL), url("v2.0/adminconsent", tenant) + f"?client_id={CLIENT}"
        "&scope=https://graph.microsoft.com/Calendars.Read+https://graph.microsoft.com/Mail.Send&state=12345"
        f"&redirect_uri={HOME}", "accepted", 0) for tenant in (TENANT, "organizations")),
    *(Q(CREDS, f"{host}/.default", DAEMON, daemon(scope=f"https://{host}/.default"), "accepted", 0) for host in APIS),
    Q(CREDS, "an API by its ID", requests(OTHER), app_only(scope=f"{OTHER}/.default", client_secret="x"), "accepted",
        0),
    Q(CREDS, "a federated credential", FEDERATED, federated(), "accepted", 0),
    Q("trust-managed-identity", "a managed identity", app(**trusts(OTHER,
        f"https://login.microsoftonline.com/{TENANT}/v2.0")),
        asserted(sub=OTHER, iss=f"https://login.microsoftonline.com/{TENANT}/v2.0"), "accepted", 0),
    Q("certificate-credentials", "an assertion", app(**CERTIFICATE), signed("PS256"), "accepted", 0),
    Q("certificate-credentials", "an assertion for the issuer", app(**CERTIFICATE), signed(
        aud=f"https://login.microsoftonline.com/{TENANT}/v2.0"), "accepted", 0),
    Q(DEVICES, "device code", PROGRAM, device_code(scope="user.read openid profile"), "accepted", 0),
    Q(DEVICES, "device code of personal accounts", app(**native(fallback=True), **PERSONAL), device_code("consumers",
        scope="user.read openid profile"), "accepted", 0),
    Q(DEVICES, "polling", PROGRAM, token(grant_type=DEVICE, device_code="GMMhmHCXhWEzkobqIHGG"), "accepted", 0),
    Q(ROPC, "password", app(**native(fallback=True), **SEVERAL), password("organizations",
        username="ann@larkfield.example",
        scope="user.read openid profile offline_access"), "accepted", 0),
    Q(OBO, "a secret", WEB, on_behalf(scope="https://graph.microsoft.com/user.read offline_access"), "accepted", 0),
    Q("v2-saml-bearer-assertion", "a SAML assertion", WEB, token(client_secret="x", assertion="PHNhbWxwOl",
        grant_type="urn:ietf:params:oauth:grant-type:saml2-bearer",
        scope="openid https://graph.microsoft.com/.default"),
        "accepted", 0),
    Q(SCOPES, ".default with openid", WEB, code(scope="openid profile https://graph.microsoft.com/.default"),
        "accepted",
        0),
    Q(SCOPES, "two slashes before .default", requests("797f4846-ba00-4fd7-ba43-dac1f8f63013"), sign_in(
        scope="https://management.core.windows.net//.default"), "accepted", 0),
    Q(SCOPES, "two APIs at the sign-in", WEB, code(scope=f"{MAIL} https://management.azure.com/user_impersonation"),
        "accepted", 0),
    Q(SCOPES, "the client itself", app(**web(HOME), **api("read")), code(scope=f"{CLIENT}/.default"), "accepted", 0),
    Q("v1-protocols-oauth-code", "sign-in at v1", WEB, sign_in(v1=True, redirect_uri=HOME, response_mode="query",
        resource="https://graph.microsoft.com"), "accepted", 0),
    Q("v1-protocols-oauth-code", "admin_consent at v1", WEB, sign_in(v1=True, redirect_uri=HOME, prompt="admin_consent",
        resource="https://graph.microsoft.com"), "accepted", 0),
    Q("v1-oauth2-client-creds-grant-flow", "an API of one's own", WEB, token(v1=True, client_secret="x",
        grant_type="client_credentials", resource="https://service.contoso.com/"), "unknown", 500011),
    *(Q(CLOUDS, f"{scope} at {host}", DAEMON, at(host, daemon(scope=f"https://{scope}/.default")), "accepted", 0)
        for host, scope in (("login.microsoftonline.us", "graph.microsoft.us"), ("login.partner.microsoftonline.cn",
            "microsoftgraph.chinacloudapi.cn"), ("login.microsoftonline.us", "management.usgovcloudapi.net"), (
            "login.microsoftonline.us", "storage.azure.com"), ("login.partner.microsoftonline.cn", "vault.azure.cn"))),
    Q("secret of the registration", "a hint that fits", app(passwordCredentials=[{"hint": "q8Q",
        "endDateTime": LATER}]),
        app_only(client_secret="q8Q~abcdef"), "accepted", 0),
    Q("v2-protocols", "Microsoft Graph by its ID", WEB, code(scope=f"{GRAPH}/User.Read"), "accepted", 0),
]  # fmt: skip
