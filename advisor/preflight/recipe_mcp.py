"""The recipe of an MCP server: its metadata, what it answers without a token, what it checks in a token, and what a
client requests.

Sources: Model Context Protocol 2026-07-28, "Authorization" and "Authorization Server Discovery"; RFC 9728, sections 2,
3.1 and 5.1; "Secure a Model Context Protocol server with Microsoft Entra ID".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from advisor.preflight.choose import Preferences, choose_client_id
from advisor.preflight.recipe import Need, Recipe, RecipeStep, make_recipe
from advisor.preflight.show import Painter
from rules.analysis.grants import grant
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.registration import Registration
from rules.model.settings import Settings
from rules.primitives.texts import is_guid, text_of
from rules.primitives.uri import parse

#: A URL of documentation (RFC 2606), and a scope as Microsoft's page names one.
_URL: Final = "https://mcp.example.com"
_SCOPES: Final = ("tools.read",)
#: Rules about what Entra refuses with AADSTS9010010, as they say.
_REFUSED: Final = ("mcp-server-url-not-registered", "mcp-server-with-v1-tokens")
_WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


class McpServer(msgspec.Struct, frozen=True, kw_only=True):
    """An MCP server: its URL without a final slash, tenant, sign-in host, client ID, and the names of its scopes."""

    url: str
    tenant: str
    login: str
    client_id: str
    scopes: tuple[str, ...]

    @property
    def issuer(self) -> str:
        """The authorization server, by which clients find the endpoints."""
        return f"https://{self.login}/{self.tenant}/v2.0"

    @property
    def full_scopes(self) -> tuple[str, ...]:
        """The scopes as clients request them; Entra reads one without a URL as a scope of Microsoft Graph."""
        return tuple(f"{self.url}/{scope}" for scope in self.scopes)

    @property
    def metadata_url(self) -> str:
        """Where the metadata is published: the well-known path comes before the path of the server.

        >>> McpServer(url="https://a.example/mcp", tenant="", login="", client_id="", scopes=()).metadata_url
        'https://a.example/.well-known/oauth-protected-resource/mcp'
        """
        scheme, _, rest = self.url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host}{_WELL_KNOWN}{slash}{path}"

    @property
    def challenge(self) -> str:
        """The header of a response with status 401."""
        scope = " ".join(self.full_scopes[:1])
        return f'WWW-Authenticate: Bearer resource_metadata="{self.metadata_url}", scope="{scope}"'


def is_server_url(text: str) -> bool:
    """Say whether *text* can be an identifier URI that clients send as ``resource``: https, a host, perhaps a path."""
    uri = parse(text)
    odd = uri.fragment is not None or uri.query is not None or uri.userinfo is not None or not text.isascii()
    return uri.scheme == "https" and bool(uri.host) and not odd and text.isprintable() and not set(text) & set(' "\\{}')


def make_server(app: Registration | None, preferences: Preferences) -> McpServer:
    """The server that *app* registers, or a new one; what the preferences say comes first."""
    uris = [uri for uri in (app.identifier_uris if app else None) or () if is_server_url(uri)]
    listed = (app.api.oauth2_permission_scopes if app and app.api else None) or ()
    values = tuple(text_of(scope.value) for scope in listed if scope.is_enabled is not False and scope.value)
    url = (preferences.api if is_server_url(preferences.api) else (uris or [_URL])[0]).rstrip("/")
    wanted = tuple(word.removeprefix(f"{url}/") for word in preferences.scope.split())
    return McpServer(
        url=url,
        tenant=preferences.tenant or "{tenant}",
        login=preferences.login,
        client_id=choose_client_id(app),
        scopes=wanted or values or _SCOPES,
    )


def client_recipe(server: McpServer, now: datetime, random: Callable[[int], str]) -> Recipe:
    """What a client with a signed-in user requests: the authorization code grant, with ``resource`` in each request."""
    preferences = Preferences(
        tenant=server.tenant,
        api=server.url,
        scope=" ".join(server.full_scopes),
        platform="publicClient",
        login=server.login,
    )
    made = make_recipe(grant("authorization_code"), None, preferences, now, random)
    steps = tuple(
        msgspec.structs.replace(step, parameters=(*step.parameters, ("resource", server.url))) for step in made.steps
    )
    return msgspec.structs.replace(
        made, grant="mcp-server", title="MCP client of this server", steps=(*steps, _call(server))
    )


def _call(server: McpServer) -> RecipeStep:
    return RecipeStep(
        sender="client",
        receiver="resource server",
        says="Send each request with the access token",
        method="POST",
        url=server.url,
        headers=(("Authorization", "Bearer {access_token}"),),
    )


def server_needs(app: Registration, now: datetime) -> tuple[tuple[Need, ...], tuple[str, ...]]:
    """What the registration of the server lacks, and what was not read, as the rules about MCP servers say.

    A registration without a sign of an MCP server lacks its URL as identifier URI.
    """
    rules = tuple(rule for rule in RULES if rule.id.startswith("mcp-server-"))
    result = lint([Subject("server", app)], rules, Context(now, Settings()))
    by_id = {rule.id: rule for rule in rules}
    needs = [
        Need(
            finding.pointer[1:].replace("/", "."),
            by_id[finding.rule].fix,
            9010010 if finding.rule in _REFUSED else 0,
            f"the registration {finding.message}",
        )
        for finding in result.findings
    ]
    unread = tuple(
        dict.fromkeys(f"{gap.pointer[1:].replace('/', '.')} ({gap.note or gap.reason})" for gap in result.not_assessed)
    )
    if not needs and not unread and not any(map(is_server_url, app.identifier_uris or ())):
        says = "the registration has no https identifier URI"
        needs = [Need("identifierUris", "add the URL of the server, without a final slash", 9010010, says)]
    return tuple(needs), unread


def render_metadata(server: McpServer) -> str:
    """The protected resource metadata as JSON."""
    document = {
        "resource": server.url,
        "authorization_servers": [server.issuer],
        "scopes_supported": list(server.full_scopes),
        "bearer_methods_supported": ["header"],
    }
    return json.dumps(document, indent=2) + "\n"


def _checks(server: McpServer) -> Iterator[str]:
    """What a server checks in a token before a tool runs."""
    tenant = server.tenant if is_guid(server.tenant) else "{tenant ID}"
    yield f"signature: a key of jwks_uri in {server.issuer}/.well-known/openid-configuration signed it"
    yield f"iss: exactly https://{server.login}/{tenant}/v2.0"
    yield f"tid: exactly {tenant}"
    known = is_guid(server.client_id)
    yield f"aud: exactly {server.client_id}" if known else "aud: is exactly the client ID of the server's registration"
    yield "exp and nbf: the token is valid now"
    yield f"scp: has the scope of the tool, such as {server.scopes[0]}, in tokens of users"
    yield "roles: has the app role of the tool, in tokens without a user (idtyp is app)"
    yield "oid and tid: identify the user or agent; names and email addresses can change"


def render_server(server: McpServer, client: Recipe) -> str:
    """All in words: registration, metadata, the response without a token, the checks, and the requests of a client."""
    return "\n".join(_server(server, client)) + "\n"


def _server(server: McpServer, client: Recipe) -> Iterator[str]:
    fill = Painter(80, color=False).fill
    yield f"MCP server at {server.url}"
    yield ""
    yield "1. Registration (--as graph-json, az, powershell, terraform or bicep prints it)"
    yield "   api.requestedAccessTokenVersion = 2, before identifierUris"
    yield f"   identifierUris = {server.url}"
    yield from fill("Add each URL that clients use, without a final slash.", "   ")
    yield f"   api.oauth2PermissionScopes = {', '.join(server.scopes)}"
    yield "   api.preAuthorizedApplications = known MCP clients (--client ID)"
    yield from fill(
        "Visual Studio Code shows no consent prompt, so users of Visual Studio Code need this entry.", "   "
    )
    yield ""
    yield f"2. Metadata (RFC 9728) at {server.metadata_url}"
    yield from ("   " + line for line in render_metadata(server).splitlines())
    yield ""
    yield "3. Response to a request without a valid token"
    yield "   HTTP/1.1 401 Unauthorized"
    yield f"   {server.challenge}"
    yield from fill(
        'If the token does not have the scope, respond with status 403, error="insufficient_scope" and the scope.',
        "   ",
    )
    yield ""
    yield "4. Checks of each token, with a token validation library, before a tool runs"
    for check in _checks(server):
        yield from fill(check, "   - ", "     ")
    yield from fill("Never pass the token to another API. Exchange it with the on-behalf-of grant.", "   ")
    yield ""
    yield "5. Requests of a client with a signed-in user (also --as curl, http, postman)"
    for step in client.steps:
        yield f"   {step.method} {step.url}"
        yield from (f"       header {name}: {value}" for name, value in step.headers)
        yield from (f"       {name}={value}" for name, value in step.parameters)
