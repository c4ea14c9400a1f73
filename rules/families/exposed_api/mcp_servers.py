"""APIs of Model Context Protocol (MCP) servers: their URL, tokens, permissions and clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.clients import has_guid_audience
from rules.analysis.mcp import mcp_signs, mcp_urls
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.fragments import NATIVE_0, SPA_0, WEB_0, native, spa, web
from rules.model.registration import Registration
from rules.primitives.uri import parse

#: What says that a registration is that of an MCP server.
_SIGNS: Final = ("identifierUris", "api.oauth2PermissionScopes")
_URL: Final = "https://mcp.contoso.com"
_VERSION: Final = "/api/requestedAccessTokenVersion"
_PLAIN: Final = ("malformed-identifier-uri",)
#: The path to which App Service Authentication has codes sent: the server itself is the client there.
_APP_SERVICE: Final = "/.auth/login/aad/callback"


def _server(*uris: str, **more: Any) -> dict[str, Any]:
    """A fragment of an MCP server with these identifier URIs."""
    return {"identifierUris": list(uris or (_URL,)), **more}


def _scope(value: str, **change: Any) -> dict[str, Any]:
    return {
        "id": "66666666-6666-4666-8666-666666666661",
        "value": value,
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": "Read with tools",
        "adminConsentDescription": "Read with the tools of the server.",
        **change,
    }


_NO_SCOPE: Final[dict[str, Any]] = {"api": {"oauth2PermissionScopes": []}}
_TOOLS: Final[dict[str, Any]] = {"api": {"oauth2PermissionScopes": [_scope("tools.read")]}}
_V1: Final = {"api": {"requestedAccessTokenVersion": None}}
_ROLE: Final = {
    "id": "77777777-7777-4777-8777-777777777771",
    "value": "Tools.Execute.All",
    "displayName": "Execute tools",
    "description": "Execute all tools.",
    "isEnabled": True,
    "allowedMemberTypes": ["Application"],
}


@rule(
    "mcp-server-with-v1-tokens",
    kinds=("application", "blueprint"),
    severity="low",
    status="preview",
    needs=(*_SIGNS, "api.requestedAccessTokenVersion", "optionalClaims.accessToken"),
    when_set=("identifierUris",),
    references=("entra:secure-mcp-server-with-entra-id", "entra:secure-mcp-server-with-entra-id#faq"),
    bad=(
        Bad(_server(**_V1), at=_VERSION, expected_rules=("custom-uri-with-v1-tokens",)),
        Bad(
            {"identifierUris": ["https://tools.contoso.com"], "api": {**_TOOLS["api"], **_V1["api"]}},
            at=_VERSION,
            expected_rules=("custom-uri-with-v1-tokens",),
        ),
    ),
    good=(
        Good(_server()),
        Good(
            _server(
                optionalClaims={"accessToken": [{"name": "aud", "additionalProperties": ["use_guid"]}]},
                **_V1,
            ),
            why="with use_guid, the audience is always the appId",
        ),
        Good({"identifierUris": ["https://orders.contoso.com"]}, why="nothing says that it is an MCP server"),
        Good({"identifierUris": ["api://mcp"], **_V1}, why="the URI is not the URL of a server"),
    ),
    base="api",
)
def mcp_server_with_v1_tokens(app: Registration, _: Context) -> Iterator[Hit]:
    """An MCP server receives v1.0 access tokens.

    Why: The metadata of an MCP server should name the v2.0 issuer, and v1.0 tokens have another issuer. The audience of
        v1.0 tokens can be any identifier URI or the appId. grantlint recognizes an MCP server by its URL, or by scopes
        such as tools.read.
    Acceptable: An existing API that must receive v1.0 tokens can set use_guid on the optional claim aud instead. The
        tokens are also acceptable if the API is not an MCP server.
    Fix: Have the server accept v2.0 tokens first, with only its appId as the audience. Then set
        api.requestedAccessTokenVersion to 2. An API that does not accept v2.0 tokens fails for all clients.
    """
    version = app.api.requested_access_token_version if app.api else app.api
    is_https = any(parse(text).scheme == "https" for text in app.identifier_uris or ())
    if not is_https or version not in (None, 1) or has_guid_audience(app):
        return
    if signs := mcp_signs(app):
        says = "appears to be an MCP server and receives v1.0 access tokens"
        yield Hit(pointer=_VERSION, message=says, because=signs[:3])


@rule(
    "mcp-server-without-permission",
    kinds=("application", "blueprint"),
    severity="low",
    status="preview",
    needs_all=("identifierUris", "api.oauth2PermissionScopes", "appRoles"),
    when_set=("identifierUris",),
    references=("entra:secure-mcp-server-with-entra-id", "web:mcp-authorization#scopes"),
    bad=(
        Bad(_server(**_NO_SCOPE), at="/api/oauth2PermissionScopes"),
        Bad(
            _server(api={"oauth2PermissionScopes": [_scope("tools.read", isEnabled=False)]}),
            at="/api/oauth2PermissionScopes",
            expected_rules=("incomplete-permission-definition",),
        ),
    ),
    good=(
        Good(_server()),
        Good(
            _server(appRoles=[_ROLE], optionalClaims={"accessToken": [{"name": "idtyp"}]}, **_NO_SCOPE),
            why="only agents and other applications call it",
        ),
    ),
    base="api",
)
def mcp_server_without_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """An MCP server defines no scope and no app role for applications.

    Why: Clients cannot request a permission of this server, so users and administrators cannot consent to the access. A
        server that accepts a token without a permission, and checks nothing else, lets every client use all tools.
    Acceptable: A server without permissions is acceptable during its setup, before a client calls it. It is also
        acceptable if the server checks in another way which clients or users may use a tool.
    Fix: Define a scope for each operation in api.oauth2PermissionScopes. For agents without a user, define app roles.
        Check the scope or the role in the token before a tool runs.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    for_apps = (role for role in app.app_roles or () if "Application" in (role.allowed_member_types or ()))
    if any(scope.is_enabled is not False for scope in scopes) or any(role.is_enabled is not False for role in for_apps):
        return
    because = tuple(Because(f"/identifierUris/{index}", "the URL of an MCP server") for index, _ in mcp_urls(app))
    if because:
        says = "appears to be an MCP server and defines no scope and no app role for applications"
        yield Hit(pointer="/api/oauth2PermissionScopes", message=says, because=because)


@rule(
    "mcp-server-as-public-client",
    severity="medium",
    status="preview",
    needs=(*_SIGNS, "isFallbackPublicClient", "publicClient.redirectUris"),
    when_set=("isFallbackPublicClient", "publicClient.redirectUris"),
    references=("entra:secure-mcp-server-with-entra-id", "rfc:6749#2.1"),
    bad=(
        Bad(
            _server(isFallbackPublicClient=True),
            at="/isFallbackPublicClient",
            expected_rules=("public-client-flows-enabled",),
        ),
        Bad(_server(**native("http://127.0.0.1")), at=NATIVE_0),
    ),
    good=(
        Good(_server()),
        Good({"isFallbackPublicClient": True}, why="nothing says that it is an MCP server"),
    ),
    base="api",
)
def mcp_server_as_public_client(app: Registration, _: Context) -> Iterator[Hit]:
    """An MCP server is registered as a public client.

    Why: Anyone can start a sign-in with the client ID of the server, without a credential. The server cannot
        distinguish a token from that sign-in from a token of its own client. grantlint recognizes an MCP server by its
        URL, or by scopes such as tools.read.
    Acceptable: The registration is acceptable for a test server on the machine of its developer, or if the API is not
        an MCP server.
    Fix: Register each MCP client separately, with its own redirect URIs. Configure the clients to use the new client
        IDs. Then remove publicClient.redirectUris from the server, and set isFallbackPublicClient to false.
    """
    signs = mcp_signs(app)
    if not signs:
        return
    if app.is_fallback_public_client is True:
        says = "appears to be an MCP server and allows public client flows"
        yield Hit(pointer="/isFallbackPublicClient", message=says, because=signs[:3])
        return
    place = next((place for place in app.redirects if place.platform == "publicClient"), None)
    if place:
        says = f"appears to be an MCP server and has the public client redirect URI {place.uri.text}"
        yield Hit(pointer=place.pointer, message=says, because=signs[:3])


@rule(
    "mcp-server-url-not-registered",
    kinds=("application", "blueprint"),
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes",),
    needs_all=("identifierUris",),
    when_set=("identifierUris",),
    references=("entra:secure-mcp-server-with-entra-id#faq", "web:mcp-authorization#canonical-server-uri"),
    bad=(
        Bad(_TOOLS, at="/identifierUris"),
        Bad({"identifierUris": ["http://localhost:3000/mcp"]}, at="/identifierUris", expected_rules=_PLAIN),
    ),
    good=(
        Good({**_TOOLS, "identifierUris": ["https://tools.contoso.com/mcp"]}),
        Good({}, why="nothing says that it is an MCP server"),
    ),
    base="api",
)
def mcp_server_url_not_registered(app: Registration, _: Context) -> Iterator[Hit]:
    """An MCP server has no https identifier URI.

    Why: MCP clients send the URL of the server as the parameter resource. Microsoft Entra ID compares this URL with the
        identifier URIs, character by character. If none is equal, the request fails with AADSTS9010010.
    Acceptable: The registration is acceptable if no client sends the parameter resource, or if the API is not an MCP
        server.
    Fix: Have the server accept v2.0 tokens, and set api.requestedAccessTokenVersion to 2. Then add each URL of the
        server to identifierUris, without a final slash. An API that must receive v1.0 tokens can set use_guid on the
        optional claim aud instead.
    """
    uris = app.identifier_uris or ()
    signs = mcp_signs(app)
    if signs and uris and not any(parse(text).scheme == "https" for text in uris):
        says = "appears to be an MCP server and has no https identifier URI"
        yield Hit(pointer="/identifierUris", message=says, because=signs[:3])


@rule(
    "mcp-server-shared-with-client",
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes", "web.redirectUris", "spa.redirectUris"),
    needs_all=("identifierUris",),
    when_set=("web.redirectUris", "spa.redirectUris"),
    references=("azure:configure-authentication-mcp", "entra:secure-mcp-server-with-entra-id"),
    bad=(
        Bad(_server(**web("https://chat.contoso.com/callback")), at=WEB_0),
        Bad(_server(**spa("https://chat.contoso.com/")), at=SPA_0),
    ),
    good=(
        Good(_server()),
        Good(
            _server(**spa("https://mcp.contoso.com/docs")),
            why="a page of the server itself signs in",
        ),
    ),
    base="api",
)
def mcp_server_shared_with_client(app: Registration, _: Context) -> Iterator[Hit]:
    """An MCP server and a client share one registration.

    Why: The client and the server share credentials and permissions, so the server has all permissions that the client
        needs. For an MCP server on App Service, Microsoft advises not to use the registration of another component.
    Acceptable: The registration is acceptable if the server is part of a web app that is already registered. Microsoft
        allows you to use the registration of the web app for the server.
    Fix: Register the client separately, with its redirect URIs, and configure the client to use the new client ID.
        Pre-authorize the new client in api.preAuthorizedApplications, or have it request consent. Then remove the
        redirect URIs of the client from the server.
    """
    signs = mcp_signs(app)
    hosts = {parse(text).host for text in app.identifier_uris or ()}
    for place in app.redirects if signs else ():
        is_own = place.uri.host in hosts or place.uri.path.casefold() == _APP_SERVICE
        if place.platform in ("web", "spa") and not is_own:
            says = f"appears to be an MCP server and has the redirect URI {place.uri.text} of a client"
            yield Hit(pointer=place.pointer, message=says, because=signs[:3])
            return
