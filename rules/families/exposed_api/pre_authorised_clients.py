"""Clients that an API authorizes in advance, so that users are not asked for consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.clients import preauthorizes_nothing
from rules.analysis.mcp import mcp_signs
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.texts import text_of

_SCOPE: Final = "66666666-6666-4666-8666-666666666661"
_ROLE: Final[dict[str, Any]] = {
    "id": "77777777-7777-4777-8777-777777777771",
    "value": "Orders.Sync",
    "displayName": "Sync orders",
    "description": "Sync orders.",
    "isEnabled": True,
    "allowedMemberTypes": ["Application"],
}

_VS_CODE: Final = "aebc6443-996d-45c2-90f0-388ff96faa56"

#: Public clients of Microsoft that work in every tenant, by client ID.
_PUBLIC_CLIENTS: Final = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1": "Visual Studio",
    _VS_CODE: "Visual Studio Code",
}


def _client(app_id: str, *scopes: str) -> dict[str, Any]:
    """A fragment with one client that is authorized in advance."""
    return {"api": {"preAuthorizedApplications": [{"appId": app_id, "delegatedPermissionIds": list(scopes)}]}}


@rule(
    "invalid-pre-authorization",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("info",),
    needs=("api.preAuthorizedApplications", "api.oauth2PermissionScopes", "appId", "appRoles"),
    when_set=("api.preAuthorizedApplications",),
    checks=("EX-09",),
    references=(
        "graph:preauthorizedapplication",
        "thread:microsoftgraph/microsoft-graph-docs#12675",
        "thread:microsoftgraph/microsoft-graph-docs#20872",
        "thread:microsoftgraph/microsoft-graph-docs-contrib#9538",
    ),
    bad=(
        Bad(
            {**_client("8", _ROLE["id"]), "appRoles": [_ROLE]},
            at="/api/preAuthorizedApplications/0",
            severity="info",
            expected_rules=("app-only-tokens-unmarked",),
        ),
        Bad(_client("8", "66666666-6666-4666-8666-666666666669"), at="/api/preAuthorizedApplications/0"),
        Bad(
            _client("11111111-1111-4111-8111-111111111115", _SCOPE),
            at="/api/preAuthorizedApplications/0",
            severity="info",
        ),
    ),
    good=Good(_client("8", _SCOPE)),
    base="api",
)
def invalid_pre_authorization(app: Registration, _: Context) -> Iterator[Hit]:
    """Pre-authorization names an unknown scope, an app role, or the app itself.

    Why: Reports say that Microsoft Entra ID rejects a permission ID that the API does not define, so a deployment can
        fail. Microsoft Graph documents an app role as a rare case. Reports say that it does not work. An entry for the
        app itself authorizes no other client.
    Acceptable: An entry for the app itself can remain if the API and a client share one registration. No document says
        whether such an entry has an effect. An entry for an app role can remain if the client gets the role with it.
    Fix: Remove the unknown ID from api.preAuthorizedApplications, or use the ID of a scope of this API. Instead of an
        entry for an app role, assign the role to the client. Remove the entry for the app itself, unless its own client
        requests scopes of this API.
    """
    api, unread = app.api, app.unread
    own = app.app_id.lower() if isinstance(app.app_id, str) and "/appId" not in unread else ""
    listed = (api.oauth2_permission_scopes if api else None) or ()
    scopes = {str(scope.id).lower() for scope in listed}
    roles = {str(one.id).lower(): one.value or one.id for one in app.app_roles or ()}
    # An ID that is a placeholder may be any of those that clients name.
    open_ids = any(pointer.startswith("/api/oauth2PermissionScopes") for pointer in unread)
    for index, client in enumerate(api.pre_authorized_applications or () if api else ()):
        pointer = f"/api/preAuthorizedApplications/{index}"
        unknown = [
            one
            for place, one in enumerate(client.delegated_permission_ids or ())
            if one.lower() not in scopes and f"{pointer}/delegatedPermissionIds/{place}" not in unread
        ]
        if own and isinstance(client.app_id, str) and client.app_id.lower() == own:
            # No document says whether users of its own client see a consent prompt without it, so no plan removes it.
            yield Hit(pointer=pointer, message="pre-authorizes itself", severity="info")
        elif unknown and pointer not in unread and not open_ids and api and api.oauth2_permission_scopes is not UNSET:
            undefined = [one for one in unknown if one.lower() not in roles]
            idle = len(undefined) == len(client.delegated_permission_ids or ())
            if undefined:
                says = f"pre-authorizes a client for {undefined[0] or 'an empty ID'}, which is not one of its scopes"
                yield Hit(pointer=pointer, message=says, remove=idle)
            else:
                role = roles[unknown[0].lower()]
                says = f"pre-authorizes a client for the app role {role}; reports say that it does not work"
                yield Hit(pointer=pointer, message=says, severity="info")


@rule(
    "pre-authorized-public-client",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("info",),
    needs=("api.preAuthorizedApplications", "api.oauth2PermissionScopes", "identifierUris"),
    when_set=("api.preAuthorizedApplications",),
    checks=("EX-08",),
    references=(
        "graph:preauthorizedapplication",
        "entra:expose-web-api",
        "learn:verify-first-party-apps-sign-in",
        "file:microsoft/artifacts-credprovider/src/Authentication/AzureArtifacts.cs",
        "file:microsoft/vscode/extensions/microsoft-authentication/src/common/scopeData.ts",
        "entra:v2-oauth2-device-code",
        "azure:configure-authentication-mcp",
    ),
    bad=(
        Bad(_client("04b07795-8ddb-461a-bbee-02f9e1bf7b46", _SCOPE), at="/api/preAuthorizedApplications/0"),
        Bad(
            {"identifierUris": ["https://mcp.contoso.com"], **_client(_VS_CODE, _SCOPE)},
            at="/api/preAuthorizedApplications/0",
            severity="info",
        ),
    ),
    good=(
        Good(_client("8", _SCOPE), why="a client of the organization"),
        Good(_client("04b07795-8ddb-461a-bbee-02f9e1bf7b46"), why="the entry names no scope, so users must consent"),
    ),
    base="api",
)
def pre_authorized_public_client(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An API pre-authorizes a public client of Microsoft, such as Azure CLI.

    Why: Anyone can start a sign-in with a public client of Microsoft, for example with a device code. An attacker who
        deceives one user can get a token for the API, without a consent prompt.
    Acceptable: The entry is acceptable if developers use the client to call a test API that gives access to no
        sensitive data. An MCP server must pre-authorize Visual Studio Code for its users, because it shows no consent
        prompt.
    Fix: Register a client for tests and scripts. Then remove Microsoft's client from api.preAuthorizedApplications.
        After that, Microsoft's client needs the consent of users or of an administrator.
    """
    for index, client in enumerate((app.api.pre_authorized_applications if app.api else None) or ()):
        name = _PUBLIC_CLIENTS.get(client.app_id.lower()) if isinstance(client.app_id, str) else None
        pointer = f"/api/preAuthorizedApplications/{index}"
        if name and client.delegated_permission_ids is UNSET:
            says = f"grantlint did not read which scopes are pre-authorized for {name}"
            yield Gap(f"{pointer}/delegatedPermissionIds", says, "not-in-file", "add the scopes")
        elif name and not preauthorizes_nothing(app, client, pointer):
            is_needed = text_of(client.app_id).lower() == _VS_CODE and mcp_signs(app)
            says = f"pre-authorizes the public client {name} ({client.app_id})"
            yield Hit(pointer=pointer, message=says, severity="info" if is_needed else None)
