"""The registration of an MCP server as a template: its URL, its scopes, and the clients that it pre-authorizes.

Sources: "Secure a Model Context Protocol server with Microsoft Entra ID", "Register your MCP server"; Azure App
Service, "Configure built-in MCP server authorization" (pre-authorized clients).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from advisor.preflight.recipe import Preferences
from advisor.preflight.template import RegistrationTemplate, make_template
from advisor.templates.plan import permission_id, scope_of_api
from rules.analysis.grants import grant

#: Microsoft's page sets both in this order. Whether one request may set both is not documented.
_ORDER: Final = "set requestedAccessTokenVersion to 2 first; if identifierUris is refused, set it in a second request"
_CONSENT: Final = "the scopes have type Admin: an administrator consents for clients that are not pre-authorized"


def server_template(
    name: str, url: str, scopes: Sequence[str], clients: Sequence[str], *, login: str
) -> RegistrationTemplate:
    """The registration of the MCP server at *url* with *scopes*, which pre-authorizes *clients* for all of them.

    It has no redirect URI and no credential: the server requests no token, it only checks those of its callers.
    """
    plain = make_template(
        grant("none"), Preferences(login=login), name=name, platform=None, redirect_uri="", credential=""
    )
    ids = [permission_id(name, "Scope", value) for value in scopes]
    api = {
        "requestedAccessTokenVersion": 2,
        "oauth2PermissionScopes": [scope_of_api(name, value) for value in scopes],
        "preAuthorizedApplications": [{"appId": client, "delegatedPermissionIds": ids} for client in clients],
    }
    body = {**plain.body, "identifierUris": [url], "api": api, "requiredResourceAccess": []}
    return msgspec.structs.replace(plain, body=body, notes=(_ORDER, _CONSENT))
