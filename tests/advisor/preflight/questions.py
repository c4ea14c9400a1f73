"""Public questions about sign-in, rebuilt with other names: the request, the registration, and what Entra answered.

``SHARED`` are those on which the preflight was wrong or right before; ``FURTHER`` were chosen later. ``source`` is an
issue or pull request on GitHub. *outcome* and *code* are those of the last request.
"""

import base64
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

CLIENT = "5d1c0e7a-44b2-4f0e-9a3b-6c2f81e0aa01"
OTHER = "6dae42f8-4368-4678-94ff-3960e28e3630"
TENANT = "3f2a6c1e-8b7d-4e5a-9c40-1d2e3f4a5b6c"
SECRET_ID = "6ad8a6a9-5b61-4b29-8c75-5f3e1ddf8a10"
GRAPH, DATAVERSE = "00000003-0000-0000-c000-000000000000", "00000007-0000-0000-c000-000000000000"
OWN, CRM = f"api://{CLIENT}", "https://larkfield.crm4.dynamics.com"
CALLBACK = "https://gate.larkfield.example/oauth2/callback"
SERVER = "https://tools.larkfield.example/mcp"
#: Both are in the past or future of the NOW of the tests, 2026-01-15.
LATER, BEFORE = "2027-02-01T00:00:00Z", "2025-02-01T00:00:00Z"
PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
GITHUB = "https://token.actions.githubusercontent.com"
EXCHANGE = "api://AzureADTokenExchange"
THUMBPRINT = "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334"
BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPES = "openid profile email"


class Question(NamedTuple):
    """What was asked where, of which registration, and what follows. ``says`` are words of the answer."""

    source: str
    about: str
    registration: dict[str, Any]
    request: str
    outcome: str
    code: int
    says: str = ""
    corrected: str = ""


def app(**more: Any) -> dict[str, Any]:
    """A registration that was read completely: a web app with a secret that requests User.Read of Microsoft Graph."""
    return {
        "appId": CLIENT,
        "displayName": "Larkfield Gate",
        "signInAudience": "AzureADMyOrg",
        "identifierUris": [],
        "isFallbackPublicClient": None,
        "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": []},
        "web": {"redirectUris": [CALLBACK], "implicitGrantSettings": implicit()},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "passwordCredentials": [{"keyId": SECRET_ID, "startDateTime": BEFORE, "endDateTime": LATER}],
        "keyCredentials": [],
        "federatedIdentityCredentials": [],
        "requiredResourceAccess": lists(GRAPH, "e1fe6dd8-ba31-4d61-89e7-88639da4683d"),
        **more,
    }


def implicit(access: bool = False, ids: bool = False) -> dict[str, bool]:
    return {"enableAccessTokenIssuance": access, "enableIdTokenIssuance": ids}


def lists(api: str, scope: str = "78ce3f0f-a1ce-49c2-8cde-64b5c0896db4") -> list[dict[str, Any]]:
    return [{"resourceAppId": api, "resourceAccess": [{"id": scope, "type": "Scope"}]}]


def api(*scopes: str, uris: tuple[str, ...] = (OWN,)) -> dict[str, Any]:
    exposed = [{"id": SECRET_ID, "value": scope, "isEnabled": True, "type": "User"} for scope in scopes]
    return {
        "identifierUris": list(uris),
        "api": {
            "requestedAccessTokenVersion": 2,
            "oauth2PermissionScopes": exposed,
            "preAuthorizedApplications": [],
        },
    }


def web(*uris: str, **settings: bool) -> dict[str, Any]:
    return {"web": {"redirectUris": list(uris), "implicitGrantSettings": implicit(**settings)}}


def spa(*uris: str) -> dict[str, Any]:
    return web() | {"spa": {"redirectUris": list(uris)}, "passwordCredentials": []}


def native(*uris: str, fallback: bool | None = None) -> dict[str, Any]:
    public = {"publicClient": {"redirectUris": list(uris)}, "isFallbackPublicClient": fallback}
    return web() | public | {"passwordCredentials": []}


def trusts(subject: str | None = None, issuer: str = GITHUB, expression: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"name": "ci", "issuer": issuer, "audiences": [EXCHANGE], "subject": subject}
    row["claimsMatchingExpression"] = {"value": expression, "languageVersion": 1} if expression else None
    return {"passwordCredentials": [], "federatedIdentityCredentials": [row]}


CERTIFICATE = {
    "passwordCredentials": [],
    "keyCredentials": [
        {
            "keyId": SECRET_ID,
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "customKeyIdentifier": THUMBPRINT,
            "startDateTime": BEFORE,
            "endDateTime": LATER,
        }
    ],
}
PAGE = "https://planner.larkfield.example/home"
LEDGER = {"requiredResourceAccess": lists(DATAVERSE)}
PERSONAL = {"signInAudience": "PersonalMicrosoftAccount"}
CRM_READER = web("https://localhost", access=True) | LEDGER | {"passwordCredentials": []}
SEVERAL = {"signInAudience": "AzureADMultipleOrgs"}
BROKER = SEVERAL | spa("brk-multihub://addin.larkfield.example", "https://addin.larkfield.example/taskpane.html")
BROKER_LAST = SEVERAL | spa("https://addin.larkfield.example/taskpane.html", "brk-multihub://addin.larkfield.example")
MCP = api("mcp.read", uris=(SERVER,)) | native("http://localhost")


def url(endpoint: str, tenant: str = TENANT, host: str = "login.microsoftonline.com") -> str:
    return f"https://{host}/{tenant}/{endpoint}"


def sign_in(tenant: str = TENANT, v1: bool = False, **parameters: str | None) -> str:
    """The URL of a sign-in: a code for the web app's callback, changed by *parameters*."""
    base: dict[str, str | None] = {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": None if v1 else SCOPES,
    }
    kept = {name: value for name, value in {**base, **parameters}.items() if value is not None}
    return url(f"oauth2/{'' if v1 else 'v2.0/'}authorize", tenant) + "?" + urlencode(kept)


def token(tenant: str = TENANT, v1: bool = False, header: str = "", **parameters: str) -> str:
    """A token request as an .http file."""
    head = f"POST {url('oauth2/token' if v1 else 'oauth2/v2.0/token', tenant)}\n"
    head += "Content-Type: application/x-www-form-urlencoded\n" + (f"{header}\n" if header else "")
    return f"{head}\n{urlencode({'client_id': CLIENT, **parameters})}\n"


def redeem(**parameters: str) -> str:
    return token(**{"grant_type": "authorization_code", "code": "0.A", "redirect_uri": CALLBACK, **parameters})


def refresh(**parameters: str) -> str:
    return token(grant_type="refresh_token", refresh_token="0.A", **parameters)


def app_only(**parameters: str) -> str:
    return token(grant_type="client_credentials", **{"scope": "https://graph.microsoft.com/.default", **parameters})


def behalf(**claims: Any) -> str:
    return token(
        grant_type=BEHALF,
        assertion=jwt(**claims),
        requested_token_use="on_behalf_of",
        scope="https://graph.microsoft.com/user.read",
        client_secret="x",
    )


def asserted(header: dict[str, str] | None = None, **claims: Any) -> str:
    """Client credentials that are proved with a token."""
    proof = jwt(header, **{"aud": EXCHANGE, "iss": GITHUB, **claims})
    return app_only(scope="https://management.azure.com/.default", client_assertion_type=BEARER, client_assertion=proof)


def signed(header: dict[str, str], aud: str = url("oauth2/v2.0/token")) -> str:
    return asserted(header, iss=CLIENT, sub=CLIENT, aud=aud)


def jwt(header: dict[str, str] | None = None, **claims: Any) -> str:
    parts = ({"alg": "RS256", **(header or {"kid": "k1"})}, {"exp": 1900000000, **claims})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c"


def nested() -> str:
    """The refresh of a nested app by Outlook on the web, its broker."""
    broker = "9199bf20-a13f-4107-85dc-02114787ef48"
    return refresh(
        client_id=broker,
        brk_client_id=broker,
        embedded_client_id=CLIENT,
        redirect_uri=f"brk-{broker}://addin.larkfield.example",
        scope="User.Read",
        header="Origin: https://outlook.office.com",
    )


def http(*requests: str) -> str:
    return "\n###\n".join(text if "\n" in text else f"GET {text}\n" for text in requests)


def curl(*arguments: str) -> str:
    return f"curl -X POST '{url('oauth2/v2.0/token')}' {' '.join(arguments)}"


FORM = [f"client_id={CLIENT}", "client_secret=x", "scope=https://graph.microsoft.com/.default"]
JSON_BODY = json.dumps({"grant_type": "client_credentials", **dict(part.split("=", 1) for part in FORM)})

Q = Question
SHARED: list[Question] = [
    Q("oauth2-proxy/oauth2-proxy#1279", "commas between scopes", app(), sign_in(scope="openid,profile,email"), "fails",
        650053, "openid,profile,email", "scope=openid profile email"),
    Q("TheNetworg/oauth2-azure#48", "commas between full scopes", app(), sign_in(
        scope="https://graph.microsoft.com/User.Read,https://graph.microsoft.com/Files.Read.All"), "fails", 500011,
        corrected="scope=https://graph.microsoft.com/User.Read https://graph.microsoft.com/Files.Read.All"),
    Q("oauth2-proxy/oauth2-proxy#1857", "resource with OpenID scopes at v2", app(), sign_in(scope="openid profile",
        resource=OTHER), "fails", 9010010, corrected="scope=openid profile"),
    Q("oauth2-proxy/oauth2-proxy#2158", ".default with single scopes", app(), sign_in(
        scope="https://aks-aad-server.azure.com/user.read https://graph.microsoft.com/openid "
        "https://graph.microsoft.com/.default"), "fails", 70011),
    Q("pgadmin-org/pgadmin4#9560", "http and a port behind an ingress", app(), sign_in(
        redirect_uri="http://gate.larkfield.example:443/oauth2/callback"), "fails", 50011, CALLBACK,
        f"redirect_uri={CALLBACK}"),
    Q("apache/superset#23036", "http behind a proxy", app(), sign_in(
        redirect_uri="http://gate.larkfield.example/oauth2/callback"), "fails", 50011, "http instead of https",
        f"redirect_uri={CALLBACK}"),
    Q("argoproj/argo-cd#6462", "a CLI redeems on localhost without secret", app(**web("http://localhost:8085/cb")),
        redeem(redirect_uri="http://localhost:8085/cb"), "fails", 7000218),
    Q("canonical/authd#1881", "a device client refreshes with a secret", app(**native(fallback=True)),
        refresh(client_secret="x"), "fails", 700025),
    Q("open-webui/open-webui#22357", "refresh without scope by a client that exposes an API",
        app(**api("app"), **spa(PAGE)), refresh(header="Origin: https://planner.larkfield.example"), "unknown", 90009),
    Q("nextauthjs/next-auth#11602", "a code of /common redeemed at a tenant", app(**SEVERAL),
        http(sign_in("common"), redeem(client_secret="x")), "fails", 700005),
    Q("OfficeDev/office-js#5196", "admin consent with a broker URI first", app(**BROKER),
        url("adminconsent", "organizations") + f"?client_id={CLIENT}", "fails", 7000471,
        corrected="redirect_uri=https://addin.larkfield.example/taskpane.html"),
    Q("OfficeDev/office-js#5196", "a nested app in its broker", app(**BROKER), nested(), "accepted", 0),
    Q("OfficeDev/office-js#5196", "a path in the broker URI", app(**SEVERAL, **spa(
        "https://addin.larkfield.example/x/taskpane.html", "brk-multihub://addin.larkfield.example/x/taskpane.html")),
        nested(), "fails", 700046, "brk-multihub://"),
    Q("microsoft/azuredatastudio#13931", "a double slash before .default", app(**LEDGER), app_only(client_secret="x",
        scope=f"{CRM}//.default"), "accepted", 0),
    Q("Azure/login#453", "another branch than the credential's", app(**trusts("repo:larkfield/barn:pull_request")),
        asserted(sub="repo:larkfield/barn:ref:refs/heads/update"), "fails", 700213, "repo:larkfield/barn:pull_request"),
    Q("Azure/login#515", "capital letters in the subject", app(**trusts("repo:larkfield/barn:pull_request")),
        asserted(sub="repo:Larkfield/barn:pull_request"), "fails", 7002138),
    Q("Azure/login#360", "a slash after the issuer", app(**trusts("repo:larkfield/barn:pull_request")),
        asserted(sub="repo:larkfield/barn:pull_request", iss=GITHUB + "/"), "fails", 700211,
        f"registered issuers: {GITHUB}"),
    Q("Azure/login#619", "numeric IDs in the subject", app(**trusts("repo:larkfield/barn:pull_request")),
        asserted(sub="repo:larkfield@123456/barn@456789:pull_request"), "fails", 700213, "numeric IDs"),
    Q("Azure/login#573", "an expression that matches", app(**trusts(
        expression="claims['sub'] matches 'repo:larkfield/barn:ref:refs/heads/*'")),
        asserted(sub="repo:larkfield/barn:ref:refs/heads/update"), "accepted", 0),
    Q("Azure/login#573", "an expression that does not", app(**trusts(
        expression="claims['sub'] matches 'repo:larkfield/barn:ref:refs/heads/*'")),
        asserted(sub="repo:larkfield/barn:pull_request"), "fails", 700213),
    Q("AthenZ/athenz", "another audience than the credential's", app(**trusts("repo:larkfield/barn:pull_request")),
        asserted(sub="repo:larkfield/barn:pull_request", aud="https://github.com/larkfield"), "fails", 700212),
    Q("MicrosoftDocs/azure-docs#30777", "client credentials without credential", app(**LEDGER),
        app_only(scope=f"{CRM}/.default"), "fails", 7000216),
    Q("MicrosoftDocs/azure-docs#37280", "user_impersonation without its API", app(**LEDGER),
        sign_in(scope="user_impersonation"), "fails", 650053),
    Q("damienbod/AspNetCoreMicrosoftGraph#1", "a permission of SharePoint without its API", app(),
        sign_in(scope="AllSites.Read"), "fails", 650053, "SharePoint"),
    Q("MicrosoftDocs/azure-docs#67211", "a misspelled permission", app(), sign_in(scope="user.read mailread"), "fails",
        650053, "Mail.Read", "scope=user.read Mail.Read"),
    Q("PrefectHQ/fastmcp#2506", "openid behind the URI of an API", app(**api("read")),
        sign_in(scope=f"{OWN}/openid"), "fails", 650053, corrected="scope=openid"),
    Q("PowerBiDevCamp/App-Owns-Data-Starter-Kit#9", "a scope that the own API does not expose", app(**api("read")),
        sign_in(scope=f"openid {OWN}/Reports.Embed"), "fails", 650053, "API exposes read", f"scope=openid {OWN}/read"),
    Q("keycloak/keycloak#19425", "an assertion that names no certificate", app(**CERTIFICATE),
        signed({"kid": "kcRealmKey01"}), "fails", 700027),
    Q("AzureAD/azure-activedirectory-library-for-dotnet#1234", "on-behalf-of with a token of Graph", app(),
        behalf(aud=GRAPH, scp="User.Read"), "fails", 50013),
    Q("AzureAD/azure-activedirectory-library-for-dotnet#1234", "on-behalf-of with an ID token", app(),
        behalf(aud=CLIENT, nonce="a"), "fails", 240002),
    Q("AzureAD/microsoft-authentication-library-for-js#4728", "a page redeems a code of web",
        app(**web("http://localhost:8888/fc/auth")), redeem(redirect_uri="http://localhost:8888/fc/auth",
        header="Origin: http://localhost:8888"), "fails", 9002326),
    Q("grafana/grafana#14357", "Grafana's default scopes", app(), sign_in(scope="user:email,read:org"), "fails",
        650053),
    Q("AzureAD/microsoft-authentication-library-for-python#194", "a personal-only client at /common",
        app(**native("http://localhost"), **PERSONAL), sign_in("common", redirect_uri="http://localhost"), "fails",
        9002331, corrected="/consumers/"),
    Q("AzureAD/microsoft-authentication-library-for-js#2780", "a sign-out page that is not registered",
        app(**spa(PAGE)), url("oauth2/v2.0/logout")
        + "?post_logout_redirect_uri=https%3A%2F%2Fplanner.larkfield.example%2Fbye", "fails",
        0, "stay on the sign-out page"),
    Q("AzureAD/microsoft-authentication-library-for-js#2780", "a sign-out page that is registered", app(**spa(PAGE)),
        url("oauth2/v2.0/logout") + "?post_logout_redirect_uri=https%3A%2F%2Fplanner.larkfield.example%2Fhome",
        "accepted", 0),
    Q("erctechdev/communicator#1035", "ID tokens are turned off", app(), sign_in(response_type="id_token", nonce="n"),
        "fails", 700054),
    Q("Azure-Samples/ms-identity-javascript-angular-tutorial", "a fragment in the redirect URI",
        app(**spa("http://localhost:4200")), sign_in(redirect_uri="http://localhost:4200/#/home", **PKCE), "fails",
        50011, "differs in the fragment"),
    Q("Azure-Samples/dotnet-desktop-msgraph-v2#103", "capital letters in a broker's URI",
        app(**native(f"ms-appx-web://microsoft.aad.brokerplugin/{CLIENT}")), sign_in(
        redirect_uri=f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{CLIENT}"), "fails", 50011, "the case of the host"),
    Q("jkroepke/openvpn-auth-oauth2#103", "http to an IP address", app(), sign_in(
        redirect_uri="http://203.0.113.9:9000/oauth2/callback"), "fails", 50011, "http is allowed only for localhost"),
    Q("postmanlabs/postman-app-support#3685", "a Basic header", app(), redeem(header="Authorization: Basic eDp5"),
        "accepted", 0),
    Q("Postman, code snippet", "quotation marks that curl strips", app(), curl(
        "--form 'grant_type=\"client_credentials\"'",
        *(f"--form '{part.replace('=', '=' + chr(34), 1)}\"'" for part in FORM)), "accepted", 0),
    Q("microsoftgraph/microsoft-graph-docs#20350", "JSON in a form", app(),
        curl("-H 'Content-Type: application/x-www-form-urlencoded'", f"-d '{JSON_BODY}'"), "fails", 900144,
        corrected="grant_type=client_credentials"),
    Q("heartcombo/devise#5350", "a redemption without code", app(), token(grant_type="authorization_code",
        client_secret="x", redirect_uri=CALLBACK), "fails", 900144),
    Q("DefectDojo/Documentation#179", "the ID of a secret in place of its value", app(), redeem(
        client_secret=SECRET_ID), "fails", 7000215, "ID of a secret"),
    Q("anthropics/claude-code#73460", "resource, and a scope of the same API without its URI",
        app(**MCP), sign_in(redirect_uri="http://localhost:43817", scope="mcp.read", resource=SERVER, **PKCE), "fails",
        9010010, corrected=f"scope={SERVER}/mcp.read"),
    Q("anthropics/claude-code#73460", "resource, and the scope of the same API", app(**MCP), sign_in(
        redirect_uri="http://localhost:43817", scope=f"{SERVER}/mcp.read", resource=SERVER, **PKCE), "accepted", 0),
    Q("anthropics/claude-code#73460", "the scope of the server's API alone", app(**MCP), sign_in(
        redirect_uri="http://localhost:43817", scope="mcp.read", **PKCE), "fails", 650053),
    Q("anthropics/claude-code#52871", "a slash after resource", app(**MCP), sign_in(
        redirect_uri="http://localhost:43817", scope=f"{SERVER}/mcp.read", resource=f"{SERVER}/", **PKCE), "fails",
        9010010, corrected=f"resource={SERVER}"),
    Q("Dynamics 365 with Postman", "the registered callback", app(**CRM_READER), sign_in(v1=True, resource=CRM,
        response_type="token", redirect_uri="https://localhost"), "accepted", 0),
    Q("Dynamics 365 with Postman", "a callback that lint reports is not advised", app(**CRM_READER), sign_in(v1=True,
        resource=CRM, response_type="token", redirect_uri="https://oauth.pstmn.io/v1/callback"), "fails", 50011,
        "https://localhost", "redirect_uri=https://localhost"),
    Q("Dynamics 365 with Postman", "no resource", app(**CRM_READER), sign_in(v1=True, response_type="token",
        redirect_uri="https://localhost"), "fails", 50001),
    Q("Dynamics 365 with Postman", "two slashes after the resource", app(**CRM_READER), sign_in(v1=True,
        resource=f"{CRM}//", response_type="token", redirect_uri="https://localhost"), "unknown", 500011),
]  # fmt: skip

FURTHER: list[Question] = [
    Q("Power-Maverick/DataverseDevTools-VSCode#84", "a host without scheme", app(**LEDGER), sign_in(
        scope="larkfield.crm4.dynamics.com/user_impersonation openid profile"), "fails", 70011,
        corrected=f"scope={CRM}/user_impersonation openid profile"),
    Q("microsoft/TinyBlazorAdmin#73", "no slash between host and scope", app(), sign_in(
        scope="user.read openid https://links.larkfield.exampleuser_impersonation"), "fails", 70011),
    Q("vgrem/office365-rest-python-client#751", "a scope without host", app(), sign_in(
        scope="/.default offline_access openid"), "fails", 70011),
    Q("gregtwallace/certwarden-backend#12", "a role as scope", app(), sign_in(scope="openid certwarden:superadmin"),
        "fails", 650053),
    Q("O365/python-o365#551", "a name of a library's own", app(), sign_in(scope="offline_access message_all"), "fails",
        650053),
    Q("WPManageNinja/fluent-smtp#154", "a line feed after a scope", app(), sign_in(scope="openid user.read\n"), "fails",
        650053, corrected="scope=openid user.read"),
    Q("Azure-Samples/active-directory-aspnetcore-webapp-openidconnect-v2#554", "a placeholder of a sample", app(),
        sign_in(scope="openid ScopeDefault"), "fails", 650053),
    Q("PrefectHQ/fastmcp#4839", "the API has another URI than the server", app(**api("mcp.invoke")), sign_in(
        scope="openid email mcp.invoke", resource=SERVER), "fails", 9010010),
    Q("microsoft/azure-devops-mcp#1601", "resource with the organization, scope without", app(), sign_in(
        scope="https://mcp.dev.azure.com/.default", resource="https://mcp.dev.azure.com/larkfield"), "fails", 9010010),
    Q("anthropics/claude-ai-mcp#977", "short scopes of the server's API", app(**MCP), sign_in(
        redirect_uri="http://localhost:43817", scope="openid mcp.read", resource=SERVER, **PKCE), "fails", 9010010,
        corrected=f"scope=openid {SERVER}/mcp.read"),
    Q("CyberDrain/CIPP#159", "the host of a web app as API", app(**api("user_impersonation")), sign_in(
        scope="openid https://larkfield.azurewebsites.net/user_impersonation"), "unknown", 500011),
    Q("github/copilot-cli#4582", "resource, and no scope", app(**MCP), sign_in(redirect_uri="http://localhost:43817",
        scope=None, resource=SERVER, **PKCE), "fails", 900144, corrected=f"scope={SERVER}/mcp.read"),
    Q("punkpeye/mcp-remote#217", "resource with the code alone", app(**MCP), redeem(
        redirect_uri="http://localhost:43817", code_verifier=VERIFIER, resource=SERVER), "unknown", 9010010),
    Q("punkpeye/mcp-remote#217", "resource with the code, after a sign-in for it", app(**MCP), http(
        sign_in(redirect_uri="http://localhost:43817", scope=f"{SERVER}/mcp.read", resource=SERVER, **PKCE),
        redeem(redirect_uri="http://localhost:43817", code_verifier=VERIFIER, resource=SERVER)), "accepted", 0),
    Q("punkpeye/mcp-remote#217", "resource, and .default with a scope of the same API", app(**MCP), sign_in(
        redirect_uri="http://localhost:43817", scope=f"{SERVER}/.default {SERVER}/mcp.read", resource=SERVER, **PKCE),
        "fails", 70011),
    Q("Azure/AzureAuth#5", "client credentials with offline_access", app(), app_only(
        scope="https://graph.microsoft.com/.default offline_access", client_secret="x"), "fails", 1002012),
    Q("Huachao/vscode-restclient#698", "a scope that was cut at its colon", app(), sign_in(scope="https openid"),
        "fails", 650053),
    Q("PrefectHQ/fastmcp#4467", "offline_access alone", app(), redeem(scope="offline_access", client_secret="x"),
        "fails", 70011),
    Q("Softeria/ms-365-mcp-server#502", "refresh after a sign-in to the client's own API",
        app(**api("access_as_user")), http(sign_in(scope=f"openid {OWN}/access_as_user"), refresh(client_secret="x")),
        "fails", 90009),
    Q("Softeria/ms-365-mcp-server#508", "the same by GUID", app(**api("access_as_user")),
        http(sign_in(scope=f"openid {CLIENT}/access_as_user"), refresh(client_secret="x")), "accepted", 0),
    Q("DuendeArchive/IdentityModel#528", "refresh with the scope", app(**api("example"), **spa(PAGE)),
        refresh(scope=f"openid email offline_access {OWN}/example", header="Origin: http://localhost"), "accepted", 0),
    Q("Azure-Samples/ms-identity-msal-java-samples#43", "a server refreshes without scope", app(**api("read")),
        refresh(client_secret="x"), "unknown", 90009),
    Q("Azure/azure-cli#30491", ".default after a scope", app(**api("API.Access")), sign_in(
        scope=f"openid {OWN}/API.Access/.default"), "fails", 500011, corrected=f"scope=openid {OWN}/API.Access"),
    Q("microsoftgraph/microsoft-graph-docs-contrib#6430", "a library that loses the secret", app(), app_only(), "fails",
        7000216),
    Q("joelmeiller/cypress-msal-login#11", "password of a confidential client", app(), token(grant_type="password",
        username="u@a.example", password="p", scope="openid"), "fails", 7000218),
    Q("haystackeditor/haystack-editor#41", "a program redeems a code of web", app(**web("http://localhost/cb")),
        redeem(redirect_uri="http://localhost/cb", code_verifier=VERIFIER), "fails", 7000218),
    Q("microsoftgraph/msgraph-sdk-python#181", "client credentials for User.Read", app(), app_only(scope="User.Read",
        client_secret="x"), "fails", 1002012, corrected="scope=https://graph.microsoft.com/.default"),
    Q("MicrosoftDocs/azure-docs#99862", "client credentials for one scope of an API", app(), app_only(
        scope="6a8b4b39-c021-437c-b060-5a14a3fd65f3/full_access", client_secret="x"), "fails", 1002012),
    Q("microsoft/CollectServiceFabricData#139", "client credentials for user_impersonation", app(), app_only(
        scope="https://cluster.larkfield.example/user_impersonation", client_secret="x"), "fails", 1002012),
    Q("Earlybyte/aad_oauth#328", "a code redeemed for two APIs", app(), redeem(client_secret="x",
        scope="https://analysis.windows.net/powerbi/api/Report.Read.All https://graph.microsoft.com/Sites.Read.All"),
        "fails", 28000),
    Q("jupyterhub/oauthenticator#598", "a JSON body", app(), curl("-H 'Content-Type: application/json'",
        f"-d '{JSON_BODY}'"), "fails", 900144, corrected="grant_type=client_credentials"),
    Q("microsoftgraph/microsoft-graph-docs-contrib#1378", "multipart in the header alone", app(),
        curl("-H 'Content-Type: multipart/form-data'", "-d grant_type=client_credentials",
        *(f"-d '{part}'" for part in FORM)), "fails", 900144),
    Q("MicrosoftDocs/azure-docs#60984", "grant-type for grant_type", app(), token(**{"grant-type":
        "client_credentials", "scope": "https://graph.microsoft.com/.default", "client_secret": "x"}), "fails", 900144),
    Q("Azure/azure-cli#17627", "a multipart form", app(), f"POST {url('oauth2/token')}\nContent-Type: "
        "multipart/form-data; boundary=b\n\n" + "".join(
        f'--b\nContent-Disposition: form-data; name="{name}"\n\n{value}\n' for name, value in (("grant_type",
        "client_credentials"), ("client_id", CLIENT), ("client_secret", "x"),
        ("resource", "https://graph.microsoft.com"))) + "--b--\n", "accepted", 0),
    Q("microsoft/AzureTRE-Deployment#65", "on-behalf-of with a token for another API", app(**api("read")),
        behalf(aud=f"api://{OTHER}", scp="read"), "fails", 500131),
    Q("OfficeDev/microsoft-teams-apps-company-communicator#214", "capital letters in an identifier URI",
        app(**api("read", uris=("api://LarkfieldNews.example",))), behalf(aud="api://larkfieldnews.example",
        scp="read"), "fails", 500131),
    Q("Azure/login#517", "capital letters in the owner", app(**trusts("repo:Larkfield/barn:environment:production")),
        asserted(sub="repo:larkfield/barn:environment:production"), "fails", 7002138),
    Q("Azure/azure-workload-identity#1200", "another service account",
        app(**trusts("system:serviceaccount:apps:orders", "https://oidc.larkfield.example/")), asserted(
        sub="system:serviceaccount:apps:ledger", iss="https://oidc.larkfield.example/"), "fails", 700213),
    Q("Azure/azure-workload-identity#340", "two slashes after the issuer", app(**trusts("repo:larkfield/barn:x",
        GITHUB + "//")), asserted(sub="repo:larkfield/barn:x"), "fails", 700211),
    Q("microsoft/Agents#202", "the subject of a bot", app(**trusts("/eid1/c/pub/t/x/a/y/z",
        "https://login.microsoftonline.com/t/v2.0")), asserted(sub="/eid1/c/pub/t/v/a/w/z",
        iss="https://login.microsoftonline.com/t/v2.0"), "fails", 7002137),
    Q("keycloak/keycloak#25439", "a key ID that is no thumbprint", app(**CERTIFICATE), signed({"kid": "FJ86GcF3jTbNL"}),
        "fails", 700027),
    Q("AzureAD/microsoft-authentication-library-for-js#3741", "a certificate that is not registered",
        app(**CERTIFICATE), signed({"x5t": "O6_95X2tSrqTN0QDxSndhHduaw8"}), "fails", 700027, THUMBPRINT),
    Q("AzureAD/passport-azure-ad#453", "a thumbprint in hexadecimal in place of base64url", app(**CERTIFICATE),
        signed({"x5t": THUMBPRINT}), "fails", 700027),
    Q("AzureAD/microsoft-identity-web#16", "an assertion for /common", app(**CERTIFICATE), signed({"kid": THUMBPRINT},
        url("oauth2/v2.0/token", "common")), "fails", 700023),
    Q("OfficeDev/office-js#5196", "admin consent with a broker URI last", app(**BROKER_LAST),
        url("adminconsent", "organizations") + f"?client_id={CLIENT}", "accepted", 0),
    Q("okieselbach/AutopilotMonitor#37", "admin consent to a page that is not registered", app(),
        url("adminconsent") + f"?client_id={CLIENT}&redirect_uri=https%3A%2F%2Fgate.larkfield.example%2Fsettings",
        "fails", 50011),
    Q("OfficeDev/office-js-docs-pr#4950", "admin consent for single scopes", app(**BROKER_LAST),
        url("v2.0/adminconsent", "organizations") + f"?client_id={CLIENT}&scope=openid+profile+user.read+files.read"
        "&redirect_uri=https%3A%2F%2Faddin.larkfield.example%2Ftaskpane.html", "accepted", 0),
    Q("AzureAD/microsoft-authentication-library-for-js#2957", "the front-channel URL as the page after sign-out",
        app(**spa(PAGE)), url("oauth2/v2.0/logout", "consumers")
        + "?post_logout_redirect_uri=https%3A%2F%2Fplanner.larkfield.example%2Flogout", "fails", 0),
    Q("OneDrive/onedrive-sample-apibrowser-dotnet#27", "no redirect URI", app(**web()), sign_in(), "fails", 500113),
    Q("Azure-Samples/ms-identity-javascript-tutorial#92", "no redirect URI of a page", app(**spa()), sign_in(
        redirect_uri="http://localhost:3000", **PKCE), "fails", 500113),
]  # fmt: skip
