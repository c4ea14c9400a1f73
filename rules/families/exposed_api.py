"""What an API exposes, and by which tokens it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.engine import Bad, Context, Good, rule
from rules.finding import Because, Hit, entra
from rules.registration import Registration


@rule(
    "custom-uri-with-v1-tokens",
    severity="low",
    needs=(
        "identifierUris",
        "api.requestedAccessTokenVersion",
        "api.oauth2PermissionScopes",
        "appId",
    ),
    references=(
        entra("security-best-practices-for-app-registration", "Security best practices"),
        entra("identifier-uri-restrictions", "Identifier URI restrictions"),
    ),
    bad=(
        Bad({"identifierUris": ["https://contoso.com/orders"], "api": {"requestedAccessTokenVersion": None}}, at="/api/requestedAccessTokenVersion"),
        Bad({"identifierUris": ["api://contoso.com/orders"], "api": {"requestedAccessTokenVersion": 1}}, at="/api/requestedAccessTokenVersion"),
    ),
    good=(
        Good({"api": {"requestedAccessTokenVersion": None}}, but="the default URI is safe with v1 tokens"),
        Good({"identifierUris": ["https://contoso.com/orders"]}, but="v2 tokens name the appId"),
        Good({"identifierUris": ["api://orders.contoso.com/11111111-1111-4111-8111-111111111115"], "api": {"requestedAccessTokenVersion": None}}, but="nobody else's URI ends in this appId"),
        Good({"identifierUris": ["https://contoso.com/saml"], "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []}}, but="no API: SAML has such URIs"),
    ),
    over="api",
)  # fmt: skip
def custom_uri_with_v1_tokens(app: Registration, _: Context) -> Iterator[Hit]:
    """An API with an identifier URI of its own choice still gets v1 tokens.

    Why: A v1 token names its audience by that URI. An API that checks it by its beginning takes tokens for another one.
    Fix: Teach the API to accept v2 tokens for its appId alone, then set requestedAccessTokenVersion to 2.
    """
    custom = _custom(app) if _is_called_with_v1_tokens(app) else []
    if custom:
        uri = (app.identifier_uris or ())[custom[0]]
        because = tuple(
            Because(f"/identifierUris/{index}", "an identifier URI of one's own choice") for index in custom
        )
        says = f"gets v1 tokens for the audience {uri}"
        yield Hit(pointer="/api/requestedAccessTokenVersion", says=says, because=because)


def _is_called_with_v1_tokens(app: Registration) -> bool:
    """Say whether people's tokens for it have version 1. A version that nobody read is no version 1."""
    api = app.api
    if not api or api.requested_access_token_version not in (None, 1):
        return False
    return any(scope.is_enabled is True for scope in api.oauth2_permission_scopes or ())


def _custom(app: Registration) -> list[int]:
    """The indexes of the identifier URIs that another registration could resemble.

    Stricter advice knows ``api://{appId}`` and ``api://{tenantId}/{appId}`` alone. What ends in the appId is nobody
    else's either, and Microsoft Teams asks for ``api://{host}/{appId}``.
    """
    if not app.app_id:
        return []
    default = re.compile(rf"api://(?:.*[/-])?{re.escape(app.app_id)}", re.IGNORECASE)
    return [
        index
        for index, uri in enumerate(app.identifier_uris or ())
        if f"/identifierUris/{index}" not in app.unread and not default.fullmatch(uri)
    ]
