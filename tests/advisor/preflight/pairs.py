"""Pairs of a request and a registration with what the identity platform answers, and the document that says so.

A registration is a fragment over one of the five clean ones. Parameters that are ``None`` are left out.
"""

import base64
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from rules.model.clean import clean

WEB, SPA, NATIVE, DAEMON, API = (clean(kind)["appId"] for kind in ("web", "spa", "native", "daemon", "api"))
IDS = {"web": WEB, "spa": SPA, "native": NATIVE, "daemon": DAEMON, "api": API}
TENANT = "0f0f0f0f-0000-4000-8000-000000000001"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
GRAPH = "00000003-0000-0000-c000-000000000000"
SECRET = {"keyId": "k", "startDateTime": "2025-12-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
EXPIRED = {"keyId": "k", "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-06-01T00:00:00Z"}
EARLY = {"keyId": "k", "startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
PORTAL, ORDERS = "https://portal.contoso.com/signin-oidc", "https://orders.contoso.com/"

THUMBPRINT = "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334"

ERRORS, URIS = "entra:reference-error-codes", "entra:reply-url#registered"
CODE, IMPLICIT = "entra:v2-oauth2-auth-code-flow", "entra:v2-oauth2-implicit-grant-flow"
CREDS, ROPC, OBO = "entra:v2-oauth2-client-creds-grant-flow", "entra:v2-oauth-ropc", "entra:v2-oauth2-on-behalf-of-flow"
DEVICES, SCOPES = "entra:v2-oauth2-device-code", "entra:scopes-oidc"


def signed(header: dict[str, str]) -> str:
    """A client assertion of the web app for the tenant of the requests."""
    claims = {"iss": WEB, "sub": WEB, "aud": f"https://login.microsoftonline.com/{TENANT}/v2.0", "exp": 1900000000}
    pair = ({"alg": "PS256", **header}, claims)
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in pair)
    return ".".join((*parts, "c2ln"))


class Pair(NamedTuple):
    """What is asked, of which registration, what follows, and which document says so."""

    name: str
    kind: str
    fragment: dict[str, Any]
    request: str
    outcome: str
    code: int
    source: str


def login(kind: str, tenant: str = TENANT, path: str = "v2.0/", **parameters: str | None) -> str:
    """An authorize address: code with PKCE for the kind's own redirect URI, changed by *parameters*."""
    own = {"web": PORTAL, "spa": ORDERS, "native": "http://127.0.0.1"}.get(kind)
    base: dict[str, str | None] = {
        "client_id": IDS[kind], "response_type": "code", "redirect_uri": own,
            "scope": "openid offline_access User.Read",
        "state": "s", **PKCE,
    }  # fmt: skip
    kept = {key: value for key, value in {**base, **parameters}.items() if value is not None}
    return f"https://login.microsoftonline.com/{tenant}/oauth2/{path}authorize?{urlencode(kept)}"


def token(
    kind: str,
    tenant: str = TENANT,
    path: str = "v2.0/token",
    method: str = "POST",
    header: str = "",
    **parameters: str | None,
) -> str:
    """A token request as an .http file."""
    kept = {"client_id": IDS[kind], **{key: value for key, value in parameters.items() if value is not None}}
    head = (
        f"{method} https://login.microsoftonline.com/{tenant}/oauth2/{path} HTTP/1.1\nContent-Type: "
        "application/x-www-form-urlencoded\n"
    )
    return f"{head}{header}\n\n{urlencode(kept)}" if header else f"{head}\n{urlencode(kept)}"


def redeem(kind: str, header: str = "", **parameters: str | None) -> str:
    """The redemption of a code."""
    own = {"web": PORTAL, "spa": ORDERS, "native": "http://127.0.0.1"}.get(kind)
    base: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": own,
        "code_verifier": VERIFIER,
    }
    return token(kind, header=header, **{**base, **parameters})


def app_only(kind: str = "daemon", tenant: str = TENANT, **parameters: str | None) -> str:
    """Client credentials for Microsoft Graph."""
    base: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    return token(kind, tenant, **{**base, **parameters})


def implicit(access: bool = False, ids: bool = False) -> dict[str, Any]:
    """The switches of the sign-in page."""
    return {"implicitGrantSettings": {"enableAccessTokenIssuance": access, "enableIdTokenIssuance": ids}}


ORIGIN = "Origin: https://orders.contoso.com"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WITH_SECRET = {"passwordCredentials": [SECRET]}
LISTED = {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "r", "type": "Role"}]}]}
PUBLIC = {"isFallbackPublicClient": True}
MULTI, ALL, PERSONAL = (
    {"signInAudience": name}
    for name in ("AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
)

PAIRS = [
    # Endpoint and method
    Pair("a sign-in of a page with PKCE", "spa", {}, login("spa"), "accepted", 0, CODE),
    Pair("a sign-in of a server with PKCE", "web", {}, login("web"), "accepted", 0, CODE),
    Pair("a sign-in of a program on loopback", "native", {}, login("native"), "accepted", 0, URIS),
    Pair("the token endpoint opened with GET", "daemon", WITH_SECRET, token("daemon", method="GET", path="v2.0/token",
        grant_type="client_credentials"), "fails", 900561, ERRORS),
    Pair("a JSON body", "daemon", WITH_SECRET, token("daemon").replace("x-www-form-urlencoded",
        "json").rpartition("\n")[0] + '\n{"grant_type": "client_credentials"}', "fails", 900144,
        "thread:microsoftgraph/microsoft-graph-docs#20272"),
    Pair("parameters in the address of the token endpoint", "daemon", WITH_SECRET, token("daemon",
        path="v2.0/token?grant_type=client_credentials").rpartition("\n")[0], "fails", 900144,
        "thread:microsoftgraph/microsoft-graph-docs#9207"),
    # Client
    Pair("no client id", "spa", {}, login("spa", client_id=None), "fails", 900144, ERRORS),
    Pair("a client id that is a word", "spa", {}, login("spa", client_id="Enter_the_Application_Id_here"), "fails",
        700016, "thread:AzureADQuickStarts/AppModelv2-WebApp-OpenIDConnect-DotNet#50"),
    Pair("a client id of zeros", "spa", {}, login("spa", client_id="00000000-0000-0000-0000-000000000000"), "fails",
        700038, "thread:Azure/Commercial-Marketplace-SaaS-Accelerator#748"),
    Pair("a client id in capitals", "spa", {}, login("spa", client_id=SPA.upper()), "accepted", 0, ERRORS),
    Pair("the client id of another registration", "spa", {}, login("web", redirect_uri=ORDERS), "unknown", 0, ERRORS),
    Pair("an application that Microsoft disabled", "spa",
        {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}, login("spa"), "fails", 7000112,
        ERRORS),
    # Tenant and account types
    Pair("single tenant at /common", "spa", {}, login("spa", "common"), "fails", 50194, ERRORS),
    Pair("single tenant at /common, made before 2018-10-15", "spa", {"createdDateTime": "2018-01-01T00:00:00Z"},
        login("spa", "common"), "accepted", 0, ERRORS),
    Pair("single tenant at /organizations", "spa", {}, login("spa", "organizations"), "fails", 0,
        "entra:howto-convert-app-to-be-multi-tenant"),
    Pair("single tenant at /consumers", "spa", {}, login("spa", "consumers"), "fails", 9002332, ERRORS),
    Pair("several tenants at /common", "spa", MULTI, login("spa", "common"), "accepted", 0,
        "thread:dotnet/AspNetCore.Docs#19795"),
    Pair("several tenants at /organizations", "spa", MULTI, login("spa", "organizations"), "accepted", 0, CODE),
    Pair("several tenants at /consumers", "spa", MULTI, login("spa", "consumers"), "fails", 9002332, ERRORS),
    Pair("all accounts at /common", "spa", ALL, login("spa", "common"), "accepted", 0, CODE),
    Pair("all accounts at /consumers", "spa", ALL, login("spa", "consumers"), "accepted", 0, CODE),
    Pair("personal accounts at /consumers", "spa", PERSONAL, login("spa", "consumers"), "accepted", 0, CODE),
    Pair("personal accounts at /common", "spa", PERSONAL, login("spa", "common"), "fails", 9002331,
        "thread:dotnet/AspNetCore.Docs#19795"),
    Pair("personal accounts at a tenant", "spa", PERSONAL, login("spa"), "fails", 9002331,
        "thread:dotnet/AspNetCore.Docs#19795"),
    Pair("v1 at /consumers", "spa", ALL, login("spa", "consumers", path=""), "fails", 90027, ERRORS),
    Pair("a tenant that is no domain", "spa", {}, login("spa", "authorize"), "fails", 900023,
        "thread:microsoft/Analysis-Services#194"),
    Pair("a tenant's domain", "spa", {}, login("spa", "contoso.onmicrosoft.com"), "accepted", 0, CODE),
    Pair("an audience that nobody read", "spa", {"signInAudience": ...}, login("spa"), "unknown", 0, CODE),
    Pair("client credentials at /common", "daemon", WITH_SECRET | MULTI, app_only(tenant="common", client_secret="x"),
        "fails", 50059, "thread:AzureAD/microsoft-identity-web#462"),
    Pair("client credentials at /consumers", "daemon", WITH_SECRET | ALL, app_only(tenant="consumers",
        client_secret="x"), "fails", 9001023, CREDS),
    Pair("client credentials at /organizations", "daemon", WITH_SECRET | MULTI, app_only(tenant="organizations",
        client_secret="x"), "fails", 0, CREDS),
    Pair("password at /common", "native", PUBLIC | MULTI, token("native", "common", grant_type="password",
        username="a@b", password="p", scope="User.Read"), "fails", 9001023, ROPC),
    Pair("password at /organizations", "native", PUBLIC | MULTI, token("native", "organizations", grant_type="password",
        username="a@b", password="p", scope="User.Read"), "accepted", 0, ROPC),
    # Response type and mode
    Pair("no response type", "spa", {}, login("spa", response_type=None), "fails", 900144, ERRORS),
    Pair("an unknown response type", "spa", {}, login("spa", response_type="access_token"), "fails", 70005, ERRORS),
    Pair("implicit, switched off", "spa", {}, login("spa", response_type="token"), "fails", 700051,
        "thread:AzureAD/microsoft-authentication-library-for-js#766"),
    Pair("implicit, switched on", "spa", {"web": implicit(access=True)}, login("spa", response_type="token",
        response_mode="fragment"), "accepted", 0, IMPLICIT),
    Pair("implicit, the switch not read", "spa", {"web": ...}, login("spa", response_type="token"), "unknown", 0,
        IMPLICIT),
    Pair("ID token, switched off", "web", {}, login("web", response_type="id_token", nonce="n"), "fails", 700054,
        ERRORS),
    Pair("hybrid, switched off", "web", {}, login("web", response_type="code id_token", nonce="n"), "fails", 700054,
        ERRORS),
    Pair("hybrid, switched on", "web", {"web": implicit(ids=True)}, login("web", response_type="code id_token",
        nonce="n", response_mode="form_post"), "accepted", 0, CODE),
    Pair("hybrid in the query", "web", {"web": implicit(ids=True)}, login("web", response_type="code id_token",
        nonce="n", response_mode="query"), "fails", 70007, "thread:MicrosoftDocs/azure-docs#10191"),
    Pair("a prompt", "web", {}, login("web", prompt="select_account"), "accepted", 0, CODE),
    Pair("two prompts", "web", {}, login("web", prompt="select_account consent"), "fails", 90023,
        "thread:opencloud-eu/desktop#871"),
    Pair("a prompt of Keycloak's", "web", {}, login("web", prompt="unspecified"), "fails", 90023,
        "thread:keycloak/keycloak#15092"),
    Pair("a prompt of v1", "web", {}, login("web", path="", prompt="admin_consent", scope=None), "accepted", 0, CODE),
    Pair("an unknown response mode", "web", {}, login("web", response_mode="post"), "fails", 70007, ERRORS),
    Pair("an ID token without nonce", "web", {"web": implicit(ids=True)}, login("web", response_type="id_token"),
        "fails", 90014, "thread:AzureAD/microsoft-authentication-library-for-python#128"),
    Pair("an ID token without openid", "web", {"web": implicit(ids=True)}, login("web", response_type="id_token",
        nonce="n", scope="User.Read"), "fails", 70005, ERRORS),
    # Redirect URI
    Pair("capital letters in the path", "web", {}, login("web", redirect_uri="https://portal.contoso.com/Signin-OIDC"),
        "fails", 50011, URIS),
    Pair("capital letters in the host", "web", {}, login("web", redirect_uri="https://Portal.Contoso.com/signin-oidc"),
        "unknown", 50011, URIS),
    Pair("a final slash too many", "web", {}, login("web", redirect_uri=PORTAL + "/"), "fails", 50011,
        "thread:AngellusMortis/django_microsoft_auth#427"),
    Pair("no path against a slash", "spa", {}, login("spa", redirect_uri="https://orders.contoso.com"), "accepted", 0,
        URIS),
    Pair("http against https", "web", {}, login("web", redirect_uri="http://portal.contoso.com/signin-oidc"), "fails",
        50011, URIS),
    Pair("another port on a host", "web", {}, login("web", redirect_uri="https://portal.contoso.com:8443/signin-oidc"),
        "fails", 50011, URIS),
    Pair("the usual port written", "web", {}, login("web", redirect_uri="https://portal.contoso.com:443/signin-oidc"),
        "unknown", 50011, URIS),
    Pair("any port on 127.0.0.1", "native", {}, login("native", redirect_uri="http://127.0.0.1:51234"), "unknown",
        50011, URIS),
    Pair("any port on localhost", "native", {"publicClient": {"redirectUris": ["http://localhost/cb"]}}, login("native",
        redirect_uri="http://localhost:8400/cb"), "accepted", 0, URIS),
    Pair("another path on localhost", "native", {"publicClient": {"redirectUris": ["http://localhost/MyNativeApp"]}},
        login("native", redirect_uri="http://localhost/MyWebApp"), "fails", 50011, URIS),
    Pair("localhost against 127.0.0.1", "native", {}, login("native", redirect_uri="http://localhost"), "fails", 50011,
        URIS),
    Pair("IPv6 loopback", "native", {}, login("native", redirect_uri="http://[::1]:5000/"), "fails", 50011, URIS),
    Pair("a host that looks like localhost", "native", {}, login("native",
        redirect_uri="http://localhost.evil.example/"), "fails", 50011, URIS),
    Pair("a scheme of one's own", "native", {}, login("native", redirect_uri="com.contoso.desktop://auth"), "accepted",
        0, CODE),
    Pair("a pattern in the path", "web", {"web": {"redirectUris": ["https://portal.contoso.com/*"]}}, login("web"),
        "accepted", 0, URIS),
    Pair("a pattern in the host", "web", {"web": {"redirectUris": ["https://*.contoso.com/signin-oidc"]}}, login("web"),
        "accepted", 0, URIS),
    Pair("a pattern does not reach into another domain", "web",
        {"web": {"redirectUris": ["https://*.contoso.com/signin-oidc"]}}, login("web",
        redirect_uri="https://evil.example/.contoso.com/signin-oidc"), "fails", 50011, URIS),
    Pair("a pattern with personal accounts", "web", {"web": {"redirectUris": ["https://portal.contoso.com/*"]}} | ALL,
        login("web"), "fails", 50011, URIS),
    Pair("nothing registered", "web", {"web": {"redirectUris": []}}, login("web"), "fails", 500113,
        "thread:KoenZomers/OneDriveAPI#33"),
    Pair("nothing registered and nothing sent", "daemon", {}, login("daemon"), "fails", 900971, ERRORS),
    Pair("a redirect URI that was encoded twice", "web", {}, login("web",
        redirect_uri="https%3A%2F%2Fportal.contoso.com%2Fsignin-oidc"), "fails", 90102, ERRORS),
    Pair("no absolute address", "web", {}, login("web", redirect_uri="/signin-oidc"), "fails", 90102, ERRORS),
    Pair("redirect URIs that nobody read", "web", {"spa": ...}, login("web", redirect_uri="https://other.contoso.com/"),
        "unknown", 0, URIS),
    # PKCE
    Pair("a page without PKCE", "spa", {}, login("spa", code_challenge=None, code_challenge_method=None), "fails",
        9002325, "thread:atinux/nuxt-auth-utils#319"),
    Pair("a server without PKCE", "web", {}, login("web", code_challenge=None, code_challenge_method=None), "accepted",
        0, CODE),
    Pair("a challenge in hexadecimal", "spa", {}, login("spa", code_challenge="ab" * 32), "unknown", 501481, ERRORS),
    Pair("a plain challenge", "native", {}, login("native", code_challenge=VERIFIER, code_challenge_method="plain"),
        "accepted", 0, CODE),
    Pair("a page without a challenge method", "spa", {}, login("spa", code_challenge_method=None), "fails", 0, CODE),
    Pair("a challenge method that is none", "web", {}, login("web", code_challenge_method="SHA256"), "fails", 50149,
        "thread:MicrosoftDocs/entra-docs#1538"),
    Pair("a method without challenge", "web", {}, login("web", code_challenge=None), "fails", 50147, ERRORS),
    # Redemption and client authentication
    Pair("a page redeems its code", "spa", {}, redeem("spa", ORIGIN), "accepted", 0, CODE),
    Pair("a server redeems a code of spa", "spa", {}, redeem("spa"), "fails", 9002327,
        "thread:AzureAD/microsoft-authentication-library-for-js#2482"),
    Pair("a page redeems a code of web", "web", WITH_SECRET, redeem("web", ORIGIN), "fails", 9002326,
        "thread:Azure-Samples/ms-identity-javascript-angular-tutorial#37"),
    Pair("a page sends a secret", "spa", {}, redeem("spa", ORIGIN, client_secret="x"), "fails", 700025, ERRORS),
    Pair("a page redeems without verifier", "spa", {}, redeem("spa", ORIGIN, code_verifier=None), "fails", 9002325,
        CODE),
    Pair("a server redeems with a secret", "web", WITH_SECRET, redeem("web", client_secret="x"), "accepted", 0, CODE),
    Pair("a server redeems with a certificate", "web", {}, redeem("web", client_assertion="{a}",
        client_assertion_type=ASSERTION_TYPE), "accepted", 0, "entra:certificate-credentials"),
    Pair("a server forgets its credential", "web", WITH_SECRET, redeem("web"), "fails", 7000218, ERRORS),
    Pair("a program sends a secret", "native", WITH_SECRET, redeem("native", client_secret="x"), "fails", 700025,
        "thread:harishkrupo/oauth2ms#19"),
    Pair("a program redeems its code", "native", {}, redeem("native"), "accepted", 0, CODE),
    Pair("redeeming without a code", "native", {}, redeem("native", code=None), "fails", 900144, ERRORS),
    Pair("an expired secret", "web", {"passwordCredentials": [EXPIRED]}, redeem("web", client_secret="x"), "fails",
        7000222, ERRORS),
    Pair("one of two secrets has expired", "web", {"passwordCredentials": [EXPIRED, SECRET]}, redeem("web",
        client_secret="x"), "accepted", 0, ERRORS),
    Pair("a secret that is not valid yet", "web", {"passwordCredentials": [EARLY]}, redeem("web", client_secret="x"),
        "fails", 0, ERRORS),
    Pair("no secret at all", "web", {}, redeem("web", client_secret="x"), "fails", 7000215, ERRORS),
    Pair("secrets that nobody read", "web", {"passwordCredentials": ...}, redeem("web", client_secret="x"), "unknown",
        0, ERRORS),
    Pair("an expired certificate", "web", {"keyCredentials": [EXPIRED]}, redeem("web", client_assertion="{a}",
        client_assertion_type=ASSERTION_TYPE), "fails", 700027,
        "thread:AzureAD/microsoft-authentication-library-for-js#8339"),
    Pair("a certificate that the assertion names", "web", {"keyCredentials": [{**SECRET,
        "customKeyIdentifier": THUMBPRINT, "endDateTime": "2026-06-01T00:00:00Z"}]}, redeem("web",
        client_assertion=signed({"kid": THUMBPRINT}), client_assertion_type=ASSERTION_TYPE), "accepted", 0,
        "entra:certificate-credentials"),
    Pair("an assertion without its type", "web", {}, redeem("web", client_assertion="{a}"), "fails", 0,
        "entra:certificate-credentials"),
    # Client credentials
    Pair("client credentials with a secret", "daemon", WITH_SECRET | LISTED, app_only(client_secret="x"), "accepted", 0,
        CREDS),
    Pair("client credentials with a federated credential", "daemon", LISTED, app_only(client_assertion="{a}",
        client_assertion_type=ASSERTION_TYPE), "accepted", 0, CREDS),
    Pair("client credentials without credential", "daemon", {}, app_only(), "fails", 7000216,
        "thread:MicrosoftDocs/azure-docs#30777"),
    Pair("client credentials from a browser", "daemon", WITH_SECRET, token("daemon", header=ORIGIN,
        grant_type="client_credentials", scope="https://graph.microsoft.com/.default", client_secret="x"), "fails",
        9002326, "thread:scalar/scalar#7424"),
    Pair("client credentials with a permission", "daemon", WITH_SECRET, app_only(client_secret="x",
        scope="https://graph.microsoft.com/User.Read.All"), "fails", 1002012,
        "thread:microsoftgraph/microsoft-graph-docs#14323"),
    Pair("client credentials for two resources", "daemon", WITH_SECRET, app_only(client_secret="x",
        scope="https://management.azure.com/.default https://storage.azure.com/.default"), "fails", 70011,
        "thread:Azure/azure-sdk-for-net#9076"),
    Pair("client credentials without scope", "daemon", WITH_SECRET, app_only(client_secret="x", scope=None), "fails",
        900144, ERRORS),
    Pair("client credentials for an API without roles", "daemon", WITH_SECRET, app_only(client_secret="x"), "accepted",
        0, CREDS),
    Pair("client credentials of v1 without resource", "daemon", WITH_SECRET, token("daemon", path="token",
        grant_type="client_credentials", client_secret="x"), "fails", 50001, "thread:OfficeDev/office-js-helpers#64"),
    # Device code, password, refresh, on-behalf-of
    Pair("device code, fallback on", "native", PUBLIC, token("native", path="v2.0/devicecode", scope="User.Read"),
        "accepted", 0, DEVICES),
    Pair("device code, fallback not set", "native", {}, token("native", path="v2.0/devicecode", scope="User.Read"),
        "fails", 7000218, "learn:error-code-aadsts7000218"),
    Pair("device code, fallback not read", "native", {"isFallbackPublicClient": ...}, token("native",
        path="v2.0/devicecode", scope="User.Read"), "unknown", 0, DEVICES),
    Pair("polling with a device code", "native", PUBLIC, token("native", grant_type=DEVICE, device_code="d"),
        "accepted", 0, DEVICES),
    Pair("polling, fallback off", "native", {"isFallbackPublicClient": False}, token("native", grant_type=DEVICE,
        device_code="d"), "fails", 7000218, ERRORS),
    Pair("device code without scope", "native", PUBLIC, token("native", path="v2.0/devicecode"), "fails", 900144,
        DEVICES),
    Pair("password of a public client with a secret", "native", PUBLIC | WITH_SECRET, token("native",
        grant_type="password", username="a@b", password="p", client_secret="x"), "fails", 700025, ROPC),
    Pair("password of a confidential client", "web", WITH_SECRET, token("web", grant_type="password",
        username="a@b", password="p", client_secret="x", scope="User.Read"), "accepted", 0, ROPC),
    Pair("password of a confidential client without secret", "web", WITH_SECRET, token("web", grant_type="password",
        username="a@b", password="p"), "fails", 7000218,
        "thread:Azure-Samples/active-directory-dotnetcore-console-up-v2#10"),
    Pair("refresh of a server", "web", WITH_SECRET, token("web", grant_type="refresh_token", refresh_token="r",
        client_secret="x"), "accepted", 0, CODE),
    Pair("refresh of a server without secret", "web", WITH_SECRET, token("web", grant_type="refresh_token",
        refresh_token="r"), "fails", 7000218, CODE),
    Pair("refresh of a program", "native", {}, token("native", grant_type="refresh_token", refresh_token="r"),
        "accepted", 0, CODE),
    Pair("on-behalf-of with a secret", "api", WITH_SECRET | LISTED, token("api", grant_type=BEHALF, assertion="{t}",
        requested_token_use="on_behalf_of", scope="https://graph.microsoft.com/User.Read", client_secret="x"),
        "accepted", 0, OBO),
    Pair("on-behalf-of without credential", "api", LISTED, token("api", grant_type=BEHALF, assertion="{t}",
        requested_token_use="on_behalf_of", scope="https://graph.microsoft.com/User.Read"), "fails", 7000218, OBO),
    Pair("on-behalf-of without requested_token_use", "api", WITH_SECRET, token("api", grant_type=BEHALF,
        assertion="{t}",
        scope="User.Read", client_secret="x"), "fails", 0, OBO),
    Pair("on-behalf-of for OpenID scopes alone", "api", WITH_SECRET, token("api", grant_type=BEHALF, assertion="{t}",
        requested_token_use="on_behalf_of", scope="openid", client_secret="x"), "fails", 700023, ERRORS),
    Pair("a token request at the sign-in endpoint", "native", {}, token("native", path="v2.0/authorize",
        grant_type="authorization_code", code="c", redirect_uri="http://127.0.0.1"), "fails", 900144, ERRORS),
    Pair("a sign-in at the token endpoint", "web", {}, login("web").replace("authorize?", "token?"), "fails", 900561,
        ERRORS),
    Pair("a redemption without grant_type", "native", {}, token("native", code="c", redirect_uri="http://127.0.0.1"),
        "fails", 900144, ERRORS),
    Pair("an unknown grant type", "native", {}, token("native", grant_type="device_code", device_code="d"), "fails",
        70003, ERRORS),
    Pair("no grant type", "native", {}, token("native", scope="x"), "fails", 900144, ERRORS),
    # Scopes
    Pair("resource at v2 that is another API", "web", {}, login("web", resource="https://management.azure.com"),
        "fails", 9010010, "thread:punkpeye/mcp-remote#217"),
    Pair("resource at v2 that is the API of the scopes", "web", {}, login("web",
        resource="https://graph.microsoft.com"), "accepted", 0, SCOPES),
    Pair("no scope at v2", "web", {}, login("web", scope=None), "fails", 900144, ERRORS),
    Pair("a v1 sign-in with a listed resource", "web", LISTED, login("web", path="", scope=None,
        resource="https://graph.microsoft.com"), "accepted", 0, SCOPES),
    Pair("a v1 sign-in with an unlisted resource", "web", {}, login("web", path="", scope=None,
        resource="https://contoso.crm4.dynamics.com"), "fails", 650057, "thread:Azure/azure-cli#33887"),
    Pair("scopes with commas", "web", {}, login("web", scope="openid,User.Read"), "fails", 650053,
        "thread:O365/python-o365#551"),
    Pair(".default with a permission", "web", LISTED, login("web",
        scope="https://graph.microsoft.com/.default Mail.Read"), "fails", 70011, SCOPES),
    Pair(".default with openid", "web", LISTED, login("web", scope="openid https://graph.microsoft.com/.default"),
        "accepted", 0, SCOPES),
    Pair(".default of an API that is not listed", "web", {}, login("web", scope="https://graph.microsoft.com/.default"),
        "fails", 650057, ERRORS),
    Pair(".default, permissions not read", "web", {"requiredResourceAccess": ...}, login("web",
        scope="https://graph.microsoft.com/.default"), "unknown", 0, SCOPES),
    Pair("a permission of an API that is not listed", "web", {}, login("web",
        scope="https://graph.microsoft.com/Mail.Read"), "accepted", 0, SCOPES),
    Pair("two resources at the sign-in", "web", {}, login("web",
        scope="User.Read https://contoso.crm4.dynamics.com/user_impersonation"), "accepted", 0, CODE),
    Pair("two resources at the redemption", "native", {}, redeem("native",
        scope="https://graph.microsoft.com/User.Read https://contoso.crm4.dynamics.com/user_impersonation"), "fails",
        28000, "thread:Earlybyte/aad_oauth#328"),
    Pair("two resources at a refresh", "native", {}, token("native", grant_type="refresh_token", refresh_token="r",
        scope="User.Read https://contoso.crm4.dynamics.com/user_impersonation"), "accepted", 0, CODE),
    Pair("two resources with an implicit token", "spa", {"web": implicit(access=True)}, login("spa",
        response_type="token", scope="User.Read https://contoso.crm4.dynamics.com/user_impersonation"), "fails", 700022,
        ERRORS),
    Pair("an implicit token for nothing", "spa", {"web": implicit(access=True)}, login("spa", response_type="token",
        scope="openid profile"), "fails", 700023, IMPLICIT),
    Pair("a token for itself by URI", "api", WITH_SECRET | {"publicClient": {"redirectUris": ["http://127.0.0.1"]}},
        login("api", redirect_uri="http://127.0.0.1", scope=f"api://{API}/.default"), "fails", 90009, ERRORS),
    Pair("a token for itself by GUID", "api", WITH_SECRET | {"publicClient": {"redirectUris": ["http://127.0.0.1"]}},
        login("api", redirect_uri="http://127.0.0.1", scope=f"{API}/.default"), "accepted", 0, SCOPES),
]  # fmt: skip
