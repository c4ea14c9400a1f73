"""Requests that Microsoft Entra ID refuses, or of which no document says that it accepts them: none may be accepted.

Most change one thing of a request that works. ``source`` is the document, or the issue on GitHub, that describes the
answer. A *code* of 0 has no document.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tests.advisor.preflight.questions import (
    BEFORE,
    BEHALF,
    BROKER,
    BROKER_LAST,
    CALLBACK,
    CERTIFICATE,
    CLIENT,
    CRM,
    EXCHANGE,
    GRAPH,
    LATER,
    LEDGER,
    OWN,
    PAGE,
    PERSONAL,
    PKCE,
    SECRET_ID,
    SEVERAL,
    TENANT,
    THUMBPRINT,
    VERIFIER,
    Question,
    api,
    app,
    app_only,
    asserted,
    behalf,
    http,
    jwt,
    native,
    nested,
    redeem,
    refresh,
    sign_in,
    spa,
    token,
    trusts,
    url,
    web,
)

ERRORS, URIS, CODE = "reference-error-codes", "reply-url", "v2-oauth2-auth-code-flow"
CREDS, OBO, ROPC, SCOPES = (
    "v2-oauth2-client-creds-grant-flow",
    "v2-oauth2-on-behalf-of-flow",
    "v2-oauth-ropc",
    "scopes-oidc",
)
PROOF, CLOUDS, OIDC = "certificate-credentials", "authentication-national-cloud", "v2-protocols-oidc"
ALL_ACCOUNTS = {"signInAudience": "AzureADandPersonalMicrosoftAccount"}
MSA = "9188040d-6c67-4c5b-b112-36a304b66dad"
ORIGIN = "Origin: https://planner.larkfield.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
DAEMON = app(**web(), requiredResourceAccess=[{"resourceAppId": GRAPH, "resourceAccess": [{"type": "Role"}]}])
DESK, DEVICES, SPA = app(**native("http://localhost")), app(**native(fallback=True)), app(**spa(PAGE))
STARS = app(**web("https://*.larkfield.example/cb"))
FEDERATED = app(**trusts("s", "https://i.example"))
ENDPOINT = url("oauth2/v2.0/token")


def page(**parameters: str | None) -> str:
    return sign_in(**{"redirect_uri": PAGE, **PKCE, **parameters})


def desk(**parameters: str | None) -> str:
    return sign_in(**{"redirect_uri": "http://localhost:5000", **PKCE, **parameters})


def desk_redeems(verifier: str) -> str:
    return redeem(redirect_uri="http://localhost:5000", code_verifier=verifier)


def at(host: str, request: str) -> str:
    return request.replace("login.microsoftonline.com", host)


def device_code(tenant: str = TENANT, **parameters: str) -> str:
    return token(tenant, **parameters).replace("/token", "/devicecode")


def daemon(**parameters: str) -> str:
    return app_only(**{"client_secret": "x", **parameters})


def password(tenant: str = TENANT, **parameters: str) -> str:
    return token(
        tenant, grant_type="password", **{"username": "a@b", "password": "p", "scope": "User.Read", **parameters}
    )


def on_behalf(**parameters: str) -> str:
    return token(grant_type=BEHALF, client_secret="x", **{
        "assertion": jwt(aud=CLIENT, scp="a"), "requested_token_use": "on_behalf_of", "scope": "User.Read",
        **parameters,
    })  # fmt: skip


def signed(algorithm: str = "RS256", **claims: Any) -> str:
    return asserted({"alg": algorithm, "kid": THUMBPRINT}, **{"iss": CLIENT, "sub": CLIENT, "aud": ENDPOINT, **claims})


def federated(algorithm: str = "RS256", **claims: Any) -> str:
    return asserted({"alg": algorithm, "kid": "k1"}, **{"sub": "s", "iss": "https://i.example", **claims})


def secret(end: str | None, **more: str) -> dict[str, Any]:
    return app(
        passwordCredentials=[{"keyId": SECRET_ID, "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": end, **more}]
    )


#: Source, outcome, code, the name of the parameter, and its values: one change to the sign-in of a web app each.
SIGN_INS: list[tuple[str, str, int, str, list[str]]] = [
    (f"{ERRORS}, caddy-dns/azure#3", "fails", 900023, "tenant", [TENANT[:-1], f"{TENANT}0", f"g{TENANT[1:]}",
        f"{{{TENANT}}}", "commons", "adfs", "organization", "token", "larkfield.onmicrosoft.com."]),
    (ERRORS, "fails", 90002, "tenant", ["00000000-0000-0000-0000-000000000000", CLIENT]),
    (f"{ERRORS}; access-token-claims-reference, tid", "fails", 9002332, "tenant", ["consumers", MSA]),
    (ERRORS, "fails", 50194, "tenant", ["common"]),
    (ERRORS, "fails", 700016, "client_id", [CLIENT[:-1], f"{CLIENT}1", f"{{{CLIENT}}}", CLIENT.replace("-", ""),
        f"api://{CLIENT}", "Larkfield Gate"]),
    (ERRORS, "unknown", 0, "client_id", [f"{CLIENT[:-1]}2"]),
    (ERRORS, "unknown", 700016, "client_id", [f" {CLIENT}"]),
    (f"{URIS}, jasonjoh/dotnet-tutorial#4, gravitee-io/gravitee-access-management#186", "fails", 50011,
        "redirect_uri", [
        CALLBACK.replace("callback", "Callback"), CALLBACK.replace("oauth2", "OAuth2"), f"{CALLBACK}/", f"{CALLBACK}?",
        CALLBACK.replace("oauth2/", "oauth2%2F"), f"{CALLBACK}#", f"{CALLBACK}#x", f"{CALLBACK}?a=b", f"{CALLBACK};x",
        CALLBACK.replace("https", "http"), CALLBACK.replace(".example/", ".example:8443/"),
        CALLBACK.replace(".example/", ".example//"), CALLBACK.replace("callback", "%63allback"),
        CALLBACK.replace("oauth2/", "oauth2/./"), CALLBACK.replace("oauth2/", "oauth2/../oauth2/"),
        CALLBACK.replace("gate.", "user@gate."), CALLBACK.replace(".example/", ".example.evil.example/"),
        "urn:ietf:wg:oauth:2.0:oob", "https://login.microsoftonline.com/common/oauth2/nativeclient"]),
    (ERRORS, "fails", 90102, "redirect_uri", ["gate.larkfield.example/oauth2/callback", f"'{CALLBACK}'",
        CALLBACK.replace("https://", "https:/"), CALLBACK.replace("https://", "https:")]),
    ("AzureAD/azure-activedirectory-library-for-dotnet#121", "unknown", 50011, "redirect_uri", [f" {CALLBACK}",
        f"{CALLBACK}\n", CALLBACK.replace(".example/", ".example./"), CALLBACK.replace(".example/", ".example:/"),
        CALLBACK.replace(".example/", ".example:443/"), CALLBACK.replace("gate", "Gate"),
        CALLBACK.replace("https", "HTTPS")]),
    (CODE, "unknown", 0, "redirect_uri", [""]),
    (ERRORS, "fails", 70005, "response_type", ["Code", "cod", "none", "code+id_token", "code,id_token", "tokens"]),
    (ERRORS, "fails", 700051, "response_type", ["token", "code token"]),
    (ERRORS, "fails", 700054, "response_type", ["id_token", "code id_token"]),
    (ERRORS, "unknown", 70005, "response_type", ["code code"]),
    ("RFC 6749, section 3.1.1", "unknown", 0, "response_type", [" code", "code "]),
    (ERRORS, "fails", 70007, "response_mode", ["Query", "formpost", "form-post", "query.jwt", "web_message",
        "query fragment"]),
    ("msal-js-prompt-behavior", "fails", 90023, "prompt", ["Login", "select-account", "admin_consent", "none login"]),
    (f"{ERRORS}, MicrosoftDocs/azure-docs#67211", "fails", 650053, "scope", ["user.reed", "openid+profile",
        "openid|profile", "openid profle", "offline_acces openid", "User.Read\tMail.Read", "User.Read%20Mail.Read",
        "'User.Read'", "[User.Read]", "access_as_user", "https://management.azure.com/User.Read",
        "https://management.azure.com/user_impersonations", "https://graph.microsoft.com/.defaults"]),
    (SCOPES, "fails", 70011, "scope", ["graph.microsoft.com/.default", "https//graph.microsoft.com/.default",
        "https:///graph.microsoft.com/.default", "User.Read .default"]),
    (SCOPES, "fails", 500011, "scope", ["https://graph.microsoft.com/v1.0/User.Read",
        "https://graph.microsoft.com/beta/.default", "https://graph.microsoft.com/User.Read/.default"]),
    (ERRORS, "fails", 90009, "scope", [f"{OWN}/.default"]),
    (ERRORS, "fails", 650057, "scope", ["https://vault.azure.net/.default", "https://eventhubs.azure.net/.default",
        "https://analysis.windows.net/powerbi/api/.default", "https://storage.azure.com/.default"]),
    (ERRORS, "unknown", 500011, "scope", ["http://graph.microsoft.com/.default", "https://graph.microsoft.con/.default",
        "https://graph.windows.net/.default", "https://graph.microsoft.com:443/User.Read", "api://larkfield/.default",
        "https://larkfield.vault.azure.net/.default", "https://larkfield.openai.azure.com/.default",
        "https://larkfield.crm4.dynamics.com/api/data/v9.2/user_impersonation", "https://api.powerbi.com/.default",
        "https://larkfield.blob.core.windows.net/.default", "https://graph.microsoft.us/User.Read"]),
    (SCOPES, "unknown", 650053, "scope", ["address", "openId User.Read", "openid phone", "XboxLive.signin", GRAPH]),
    ("RFC 6749, section 3.3", "unknown", 0, "scope", ["User.Read  Mail.Read", " User.Read"]),
    ("openid-configuration, request_uri_parameter_supported", "unknown", 0, "request_uri", ["urn:x"]),
    ("OpenID Connect Core, 5.5", "unknown", 0, "claims", ["{broken"]),
    ("Azure AD B2C, user flows", "unknown", 0, "p", ["B2C_1_susi"]),
]  # fmt: skip

#: The same of client credentials, a page's sign-in, and a program's.
APP_ONLY: list[tuple[str, str, int, str, list[str]]] = [
    (CREDS, "fails", 50059, "tenant", ["common"]),
    (CREDS, "fails", 9001023, "tenant", ["consumers"]),
    (CREDS, "fails", 1002012, "scope", ["https://graph.microsoft.com/User.Read.All", "openid", "User.Read",
        "https://graph.microsoft.com/.default openid"]),
    (CREDS, "fails", 70011, "scope", ["graph.microsoft.com/.default", "https://graph.microsoft.com%2F.default",
        "https://graph.microsoft.com/.default https://vault.azure.net/.default"]),
    (CREDS, "fails", 500011, "scope", [f"{OWN}/.default", "https://graph.microsoft.com/v1.0/.default"]),
    (CREDS, "unknown", 500011, "scope", ["https://larkfield.example/.default", "api://x/.default",
        "https://graph.microsoft.us/.default", "https://vault.usgovcloudapi.net/.default"]),
    (ERRORS, "fails", 7000216, "client_secret", [""]),
    (ERRORS, "fails", 7000215, "client_secret", [SECRET_ID]),
    ("RFC 6749, section 2.3", "unknown", 0, "header", ["Authorization: Basic eDp5"]),
    (f"{CODE}#spa, supabase/auth#1387", "fails", 9002326, "header", [ORIGIN]),
]  # fmt: skip
PAGES: list[tuple[str, str, int, str, list[str]]] = [
    (ERRORS, "fails", 50149, "code_challenge_method", ["s256", "SHA256", "Plain", "S512"]),
    ("MicrosoftDocs/azure-docs#42906", "fails", 501491, "code_challenge", [PKCE["code_challenge"][:-1],
        "a" * 129]),
    ("RFC 7636, section 4.2", "unknown", 501481, "code_challenge", ["ab" * 32, PKCE["code_challenge"] + "=",
        *(PKCE["code_challenge"].replace("-", mark) for mark in "+/ %")]),
]  # fmt: skip
PROGRAMS: list[tuple[str, str, int, str, list[str]]] = [
    (URIS, "fails", 50011, "redirect_uri", ["https://localhost:5000", "http://localhost/cb", "http://127.0.0.1:5000",
        "http://[::1]:5000", "http://localhost:5000/#", "http://localhost?x", "http://localhost@evil.example"]),
    (URIS, "unknown", 50011, "redirect_uri", ["http://LOCALHOST:5000", "http://localhost.:5000",
        "http://localhost:99999", "http://localhost:abc"]),
]  # fmt: skip


def _changed() -> Iterator[Question]:
    for rows, registration, request in (
        (SIGN_INS, app(), sign_in), (APP_ONLY, DAEMON, daemon), (PAGES, SPA, page), (PROGRAMS, DESK, desk),
    ):  # fmt: skip
        for source, outcome, code, name, values in rows:
            for value in values:
                about = f"{request.__name__}: {name}={value!r}"
                yield Question(source, about, registration, request(**{name: value}), outcome, code)  # type: ignore[operator]


GRANT_TYPES = ["Authorization_code", "code", "implicit", "client_credential", "client-credentials", "device_code",
    "urn:ietf:params:oauth:grant-type:device-code", "CLIENT_CREDENTIALS", "refresh-token",
    "urn:ietf:params:oauth:grant-type:token-exchange"]  # fmt: skip
TWICE = {"client_id": CLIENT, "redirect_uri": "https://evil.example", "scope": "openid", "response_type": "token"}

Q = Question
REFUSALS: list[Question] = [
    *_changed(),
    *(Q(ERRORS, f"grant_type={name}", DAEMON, token(grant_type=name, client_secret="x",
        scope="https://graph.microsoft.com/.default"), "fails", 70003) for name in GRANT_TYPES),
    *(Q("RFC 6749, section 3.1", f"{name} twice", app(), f"{sign_in()}&{urlencode({name: value})}", "unknown", 0)
        for name, value in TWICE.items()),
    # Where and how
    Q("endpoints of v2-protocols", "http in place of https", app(), sign_in().replace("https://login", "http://login"),
        "unknown", 0),
    Q("endpoints of v2-protocols", "capital letters in the path of the endpoint", app(), sign_in().replace(
        "/oauth2/v2.0/authorize", "/OAuth2/V2.0/Authorize"), "unknown", 0),
    Q("endpoints of v2-protocols", "a slash after the endpoint", app(), sign_in().replace("authorize?", "authorize/?"),
        "unknown", 0),
    Q("endpoints of v2-protocols", "two slashes before the endpoint", app(), sign_in().replace("/oauth2/", "//oauth2/"),
        "unknown", 0),
    Q(ERRORS, "PUT", DAEMON, daemon().replace("POST", "PUT"), "fails", 900561),
    Q(ERRORS, "GET", DAEMON, daemon().replace("POST", "GET"), "fails", 900561),
    *(Q(ERRORS, name, DAEMON, daemon().replace("application/x-www-form-urlencoded", name), "fails", 900144)
        for name in ("text/plain", "application/xml", "application/form-urlencoded")),
    Q(ERRORS, "POST with the parameters in the URL", app(), f"POST {sign_in()}\n", "fails", 900144),
    Q(CREDS, "the secret in the URL", DAEMON, app_only().replace("/token", "/token?client_secret=x", 1), "fails",
        7000216),
    # v1 and v2
    Q(CREDS, "resource in place of scope at v2", DAEMON, token(grant_type="client_credentials", client_secret="x",
        resource="https://graph.microsoft.com"), "fails", 900144),
    Q("v1-oauth2-client-creds-grant-flow", "scope in place of resource at v1", DAEMON, token(v1=True, client_secret="x",
        grant_type="client_credentials", scope="https://graph.microsoft.com/.default"), "fails", 50001),
    Q("v1-oauth2-client-creds-grant-flow", "a path after the resource", DAEMON, token(v1=True, client_secret="x",
        grant_type="client_credentials", resource="https://graph.microsoft.com/v1.0"), "fails", 500011),
    Q("v1-protocols-oauth-code", "a code redeemed without resource", app(), token(v1=True, client_secret="x",
        code="0.A",
        grant_type="authorization_code", redirect_uri=CALLBACK), "unknown", 50001),
    Q("v1-protocols-oauth-code", "a prompt that v1 does not have", app(), sign_in(v1=True, prompt="wrong",
        resource="https://graph.microsoft.com"), "unknown", 90023),
    Q("v1-protocols-oauth-code", "a code of v1 redeemed at v2", app(), http(sign_in(v1=True,
        resource="https://graph.microsoft.com"), redeem(client_secret="x")), "unknown", 70000),
    Q("v1 endpoints", "device code of v1 without resource", DEVICES, device_code(v1=True), "unknown", 50001),
    Q(ERRORS, "personal accounts at v1", app(**ALL_ACCOUNTS), sign_in("consumers", v1=True,
        resource="https://graph.microsoft.com"), "fails", 90027),
    Q("clocked0ne/passport-outlook#16", "only personal accounts at /common", app(**PERSONAL), sign_in("common"),
        "fails",
        9002331),
    # Clouds
    *(Q(CLOUDS, f"{scope} at {host}", DAEMON, at(host, daemon(scope=f"https://{scope}/.default")), "unknown", 500011)
        for host, scope in (("login.microsoftonline.us", "graph.microsoft.com"),
            ("login.partner.microsoftonline.cn", "graph.microsoft.com"), ("login.microsoftonline.us",
            "management.azure.com"), ("login.microsoftonline.us", "vault.azure.net"), ("login.microsoftonline.com",
            "larkfield.crm.microsoftdynamics.us"), ("login.partner.microsoftonline.cn", "larkfield.crm4.dynamics.com"),
            ("login.microsoftonline.us", "servicebus.azure.net"), ("login.microsoftonline.com",
            "database.chinacloudapi.cn"))),
    Q(CLOUDS, "personal accounts in a national cloud", app(**ALL_ACCOUNTS), at("login.microsoftonline.us",
        sign_in("consumers")), "unknown", 0),
    Q("concept-supported-features-customers", "an external tenant", app(), at("larkfield.ciamlogin.com", sign_in()),
        "unknown", 0),
    Q("concept-supported-features-customers", "client credentials of an external tenant", DAEMON,
        at("larkfield.ciamlogin.com", daemon()), "unknown", 0),
    # Redirect URIs
    Q(URIS, "a star with personal accounts", app(**web("https://*.larkfield.example/cb"), **ALL_ACCOUNTS), sign_in(
        redirect_uri="https://a.larkfield.example/cb"), "fails", 50011),
    Q(URIS, "a star covers no empty label", STARS, sign_in(redirect_uri="https://larkfield.example/cb"), "fails",
        50011),
    Q(URIS, "capital letters after a star", STARS, sign_in(redirect_uri="https://a.larkfield.example/CB"), "fails",
        50011),
    Q(URIS, "two labels for a star", STARS, sign_in(redirect_uri="https://a.b.larkfield.example/cb"), "unknown", 50011),
    Q(URIS, "the star itself", STARS, sign_in(redirect_uri="https://*.larkfield.example/cb"), "unknown", 50011),
    Q(CODE, "a code redeemed at another registered URI", app(**web(CALLBACK, "https://gate.larkfield.example/b")),
        http(sign_in(), redeem(client_secret="x", redirect_uri="https://gate.larkfield.example/b")), "fails", 50011),
    Q(CODE, "a code redeemed without redirect URI", app(), redeem(client_secret="x", redirect_uri=""), "fails", 900144),
    Q(CODE, "a code redeemed at another port", DESK, http(desk(), redeem(redirect_uri="http://localhost:5001",
        code_verifier=VERIFIER)), "fails", 50011),
    # PKCE
    Q("GillesZunino/insomnia-plugin-azure-ad-authentication#14", "another verifier", DESK, http(desk(),
        desk_redeems("x" * 43)), "fails", 501481),
    Q("RFC 7636, section 4.6", "another plain verifier", DESK, http(desk(code_challenge=VERIFIER,
        code_challenge_method="plain"), desk_redeems("x" * 43)), "fails", 501481),
    Q("RFC 7636, section 4.6", "a verifier without a challenge", DESK, http(desk(code_challenge=None,
        code_challenge_method=None), desk_redeems(VERIFIER)), "unknown", 501481),
    Q("RFC 7636, section 4.1", "a short verifier", DESK, desk_redeems("abc"), "unknown", 501481),
    Q("RFC 7636, section 4.1", "other characters in the verifier", DESK, desk_redeems("ä" * 50), "unknown", 501481),
    Q("pennersr/django-allauth#2916", "no verifier after a challenge", DESK, http(desk(), redeem(
        redirect_uri="http://localhost:5000")), "fails", 50148),
    # Credentials
    Q(ERRORS, "an expired secret", secret(BEFORE), redeem(client_secret="x"), "fails", 7000222),
    Q("passwordCredential, endDateTime", "a secret without an end", secret(None), redeem(client_secret="x"), "unknown",
        0),
    Q("passwordCredential, endDateTime", "an end that is no date", secret("soon"), redeem(client_secret="x"), "unknown",
        0),
    Q(ERRORS, "no secret in the registration", app(passwordCredentials=[]), redeem(client_secret="x"), "fails",
        7000215),
    Q("passwordCredential, hint", "another secret than the registered one", secret(LATER, hint="q8Q"), redeem(
        client_secret="x1y~abcdef"), "fails", 7000215),
    Q("RFC 6749, section 2.3", "a secret and an assertion", app(), redeem(client_secret="x",
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion=jwt(iss=CLIENT,
        sub=CLIENT, aud=ENDPOINT)), "unknown", 0),
    Q(PROOF, "another client_assertion_type", app(**CERTIFICATE), signed().replace("jwt-bearer", "jwt-bearers"),
        "fails",
        0),
    Q("AzureAD/microsoft-authentication-library-for-java#984, obikuro/Sato#1", "an expired assertion",
        app(**CERTIFICATE), signed(exp=1700000000), "fails", 700024),
    Q("Azure/login#180", "an assertion before its time", app(**CERTIFICATE), signed(nbf=1890000000), "fails", 700024),
    Q(PROOF, "an assertion without exp", app(**CERTIFICATE), signed(exp=None), "unknown", 50027),
    Q(PROOF, "an assertion without sub", app(**CERTIFICATE), signed(sub=None), "unknown", 50027),
    Q(PROOF, "the audience is an API", app(**CERTIFICATE), signed(aud="https://graph.microsoft.com"), "fails", 700023),
    *(Q(PROOF, f"the audience is {aud}", app(**CERTIFICATE), signed(aud=aud), "unknown", 700023) for aud in (
        "https://login.microsoftonline.com", ENDPOINT.replace("https", "http"), ENDPOINT.replace("token",
        "authorize"))),
    *(Q("AADSTS5002738 in MSAL.NET's tests", f"an assertion with {name}", app(**CERTIFICATE), signed(name), "unknown",
        50027) for name in ("none", "HS256", "ES256")),
    Q("federatedIdentityCredential, audiences", "capital letters in the audience", FEDERATED,
        federated(aud=EXCHANGE.lower()), "fails", 700212),
    Q("federatedIdentityCredential, audiences", "two audiences", FEDERATED, federated(aud=[EXCHANGE, "x"]), "unknown",
        700212),
    Q("federatedIdentityCredential, issuer", "http in the issuer", FEDERATED, federated(iss="http://i.example"),
        "fails",
        700211),
    Q("federatedIdentityCredential, subject", "a space after the subject", FEDERATED, federated(sub="s "), "fails",
        700213),
    Q("federatedIdentityCredential", "an unsigned token", FEDERATED, federated("none"), "unknown", 50027),
    # Public clients and browsers
    Q("AzureAD/microsoft-authentication-library-for-js#3032", "a page's code without Origin", SPA, redeem(
        redirect_uri=PAGE, code_verifier=VERIFIER), "fails", 9002327),
    Q(f"{CODE}#spa", "a page's refresh without Origin", SPA, refresh(), "fails", 9002327),
    Q(f"{CODE}#spa", "a server's refresh with Origin", app(), refresh(client_secret="x", header=ORIGIN), "fails",
        9002326),
    Q("umijs/umi-request#299", "a program's code with Origin", DESK, redeem(redirect_uri="http://localhost:5000",
        code_verifier=VERIFIER, header=ORIGIN), "fails", 9002326),
    Q(ERRORS, "a program's secret", DESK, redeem(redirect_uri="http://localhost:5000", code_verifier=VERIFIER,
        client_secret="x"), "fails", 700025),
    Q(ERRORS, "a device's secret", DEVICES, token(grant_type=DEVICE, device_code="x", client_secret="x"), "fails",
        700025),
    Q(ERRORS, "a device code of a confidential client", app(), device_code(scope="User.Read"), "fails", 7000218),
    Q(ERRORS, "a device code at /common of a single tenant", DEVICES, device_code("common", scope="User.Read"), "fails",
        50194),
    Q("v2-oauth2-implicit-grant-flow", "ID tokens for a program", app(**native("http://localhost") | web(ids=True)),
        sign_in(redirect_uri="http://localhost", response_type="id_token", nonce="n"), "unknown", 0),
    # Users and tokens
    *(Q(ROPC, f"password of {name}", DEVICES, password(username=name), "unknown", 50034) for name in ("larkfield",
        "ann_mail.example#EXT#@larkfield.onmicrosoft.com", "ann@outlook.com")),
    Q(ROPC, "password at /consumers", app(**native(fallback=True), **SEVERAL), password("consumers"), "fails", 9001023),
    Q(ROPC, "password of personal accounts", app(**native(fallback=True), **PERSONAL), password(), "fails", 9002331),
    Q(ROPC, "password without username", DEVICES, password(username=""), "fails", 900144),
    Q(OBO, "an app-only token", app(), behalf(aud=CLIENT, roles=["a"], idtyp="app"), "fails", 7000114),
    Q(OBO, "a token of another tenant", app(), behalf(aud=CLIENT, scp="a", iss=f"https://sts.windows.net/{SECRET_ID}/"),
        "unknown", 0),
    Q(OBO, "a token without scp", app(), behalf(aud=CLIENT), "unknown", 50013),
    Q(OBO, "a token without aud", app(), behalf(scp="a"), "unknown", 500131),
    Q("MicrosoftDocs/azure-docs#16399", "an expired token", app(), behalf(aud=CLIENT, scp="a", exp=1700000000), "fails",
        500133),
    Q(OBO, "a token that is no JWT", app(), on_behalf(assertion="opaque"), "unknown", 50027),
    Q(OBO, "requested_token_use in other words", app(), on_behalf(requested_token_use="on_behalf"), "fails", 0),
    Q(OBO, "two APIs", app(), on_behalf(scope="User.Read https://management.azure.com/user_impersonation"), "fails",
        700022),
    Q(OBO, "capital letters in the audience", app(**api("read", uris=("api://Gate",))), behalf(aud="api://gate",
        scp="read"), "fails", 500131),
    Q(CODE, "a refresh for a misspelled permission", app(), refresh(client_secret="x", scope="User.Reed"), "fails",
        650053),
    # The state of the registration
    Q("deactivate-application-portal", "deactivated", app(isDisabled=True), sign_in(), "fails", 7000112),
    Q("deactivate-application-portal", "disabled by Microsoft", app(
        disabledByMicrosoftStatus="DisabledDueToViolationOfServicesAgreement"), sign_in(), "fails", 7000112),
    Q("restore-application", "deleted", DAEMON | {"deletedDateTime": BEFORE}, daemon(), "fails", 700016),
    Q("sjkp/letsencrypt-siteextension#108", "the tenant of another domain", app(
        publisherDomain="larkfield.onmicrosoft.com"), sign_in("larkfeild.onmicrosoft.com"), "unknown", 700016),
    # Brokers, sign-out and admin consent
    *(Q("nested app authentication", f"a broker's {name}", app(**BROKER), nested().replace(old, new), "unknown", 700046)
        for name, old, new in (("redirect URI of another broker", "brk-9199", "brk-9188"),
            ("redirect URI with a slash", "addin.larkfield.example&", "addin.larkfield.example%2F&"))),
    Q(OIDC, "sign-out at a tenant that is none", app(), url("oauth2/v2.0/logout", "comon")
        + f"?{urlencode({'post_logout_redirect_uri': CALLBACK})}", "fails", 900023),
    Q(SCOPES, "capital letters in the scope of an own API", app(**api("read")), sign_in(scope=f"{OWN}/Read"), "unknown",
        650053),
    Q("v2-admin-consent", "/common", app(**BROKER_LAST), url("adminconsent", "common") + f"?client_id={CLIENT}",
        "unknown", 0),
    Q("v2-admin-consent", "no redirect URI at v2", app(), url("v2.0/adminconsent") + f"?client_id={CLIENT}"
        "&scope=https://graph.microsoft.com/.default", "unknown", 0),
    Q("v2-admin-consent", "no scope at v2", app(), url("v2.0/adminconsent") + f"?client_id={CLIENT}&redirect_uri="
        f"{CALLBACK}", "unknown", 0),
    Q("v2-admin-consent", "a misspelled permission", app(), url("v2.0/adminconsent") + f"?client_id={CLIENT}"
        f"&redirect_uri={CALLBACK}&scope=https://graph.microsoft.com/User.Reed", "fails", 650053),
    Q(OIDC, "a page after sign-out that is not registered", app(), url("oauth2/v2.0/logout")
        + "?post_logout_redirect_uri=https%3A%2F%2Fx.example", "fails", 0),
    Q("Dataverse OAuth", "capital letters in the organization", app(**LEDGER), sign_in(
        scope=f"{CRM.replace('lark', 'Lark')}/user_impersonation"), "unknown", 500011),
]  # fmt: skip
