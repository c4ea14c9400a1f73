"""How an API is called by clients, and in their tokens: identifier URIs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET, PermissionScope, Registration
from rules.model.uri_traits import is_under
from rules.primitives.uri import parse

#: What a template of the gallery for SAML brings along.
_FROM_GALLERY: Final[dict[str, Any]] = {
    "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": [{"id": "66666666-6666-4666-8666-666666666669", "value": "user_impersonation", "type": "User", "isEnabled": True, "adminConsentDisplayName": "Access Fabrikam", "adminConsentDescription": "Access Fabrikam."}]},
    "appRoles": [{"id": "b9632174-c057-4f7e-951b-be3adc52bfe6", "displayName": "msiam_access", "description": "msiam_access", "value": None, "isEnabled": True, "allowedMemberTypes": ["User"]}],
}  # fmt: skip


@rule(
    "custom-uri-with-v1-tokens",
    severity="low",
    may_be=("medium",),
    checks=("EX-01", "EX-02"),
    when_set=("identifierUris",),
    needs=(
        "identifierUris",
        "api.requestedAccessTokenVersion",
        "api.oauth2PermissionScopes",
        "appId",
        "appRoles",
    ),
    references=("entra:app-best-practices#identifier-uri", "entra:identifier-uri-restrictions#default-uris"),
    bad=(
        Bad({"identifierUris": ["https://contoso.com/orders"], "api": {"requestedAccessTokenVersion": None}}, at="/api/requestedAccessTokenVersion"),
        Bad({"identifierUris": ["api://contoso.com/orders"], "api": {"requestedAccessTokenVersion": 1}}, at="/api/requestedAccessTokenVersion"),
        Bad({"identifierUris": ["api://orders"], "api": {"requestedAccessTokenVersion": 1}}, at="/api/requestedAccessTokenVersion", severity="medium"),
    ),
    good=(
        Good({"api": {"requestedAccessTokenVersion": None}}, why="the default URI is safe with v1 tokens"),
        Good({"identifierUris": ["https://contoso.com/orders"]}, why="v2 tokens name the appId"),
        Good({"identifierUris": ["api://orders.contoso.com/11111111-1111-4111-8111-111111111115"], "api": {"requestedAccessTokenVersion": None}}, why="nobody else's URI ends in this appId"),
        Good({"identifierUris": ["https://contoso.com/saml"], "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []}}, why="no API: SAML has such URIs"),
        Good({**_FROM_GALLERY, "identifierUris": ["https://signin.fabrikam.example/saml"]}, why="the gallery gives a scope to what is for SAML, too"),
    ),
    base="api",
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
        unsafe = [(app.identifier_uris or ())[index] for index in custom]
        unsafe = [
            text
            for text in unsafe
            if not re.search(r"[a-z0-9-]\.[a-z]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-", text, re.IGNORECASE)
        ]
        says = f"gets v1 tokens for the audience {unsafe[0] if unsafe else uri}"
        severity: Severity = "medium" if unsafe else "low"  # neither a domain nor an id makes it one's own
        yield Hit(pointer="/api/requestedAccessTokenVersion", message=says, because=because, severity=severity)


def _is_called_with_v1_tokens(app: Registration) -> bool:
    """Say whether people's tokens for it have version 1. A version that nobody read is no version 1."""
    api = app.api
    if not api or api.requested_access_token_version not in (None, 1):
        return False
    return any(scope.is_enabled is True for scope in _scopes(app))


def _custom(app: Registration) -> list[int]:
    """The indexes of the identifier URIs that another registration could resemble.

    Stricter advice knows ``api://{appId}`` and ``api://{tenantId}/{appId}`` alone. What ends in the appId is nobody
    else's either, and Microsoft Teams asks for ``api://{host}/{appId}``.
    """
    own = _own_id(app)
    if not own:
        return []
    default = re.compile(rf"api://(?:.*[/-])?{re.escape(own)}", re.IGNORECASE)
    return [
        index
        for index, uri in enumerate(app.identifier_uris or ())
        if f"/identifierUris/{index}" not in app.unread and not default.fullmatch(uri)
    ]


def _own_id(app: Registration) -> str:
    """The appId; empty where it is not known, as before the first deployment."""
    return app.app_id if isinstance(app.app_id, str) and "/appId" not in app.unread else ""


_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BY_ID: Final = re.compile(rf"api://({_ID})(?:/(.*))?", re.IGNORECASE)


@rule(
    "malformed-identifier-uri",
    severity="low",
    may_be=("medium",),
    needs=("identifierUris", "appId", "api.oauth2PermissionScopes", "appRoles"),
    when_set=("identifierUris",),
    checks=("EX-03",),
    references=("entra:identifier-uri-restrictions#secure-patterns",),
    settings=("home-tenants",),
    bad=(
        Bad({"identifierUris": ["api://*.contoso.com/x"]}, at="/identifierUris/0", severity="medium"),
        Bad({"identifierUris": ["https://contoso.com/orders/"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["http://contoso.com/orders"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["https://contoso.com/orders#v2"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["api://11111111-1111-4111-8111-111111111119"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["api://11111111-1111-4111-8111-111111111119/orders"]}, at="/identifierUris/0", settings={"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}),
    ),
    good=(
        Good({"identifierUris": ["api://11111111-1111-4111-8111-111111111115/orders"]}),
        Good({"identifierUris": ["api://0F0F0F0F-0000-4000-8000-000000000001/orders"]}, why="the id of the tenant", settings={"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}),
        Good({"identifierUris": ["api://11111111-1111-4111-8111-111111111119/11111111-1111-4111-8111-111111111115"]}, why="it ends in the appId", settings={"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}),
        Good({"identifierUris": ["urn:contoso:orders"]}, why="SAML has such names"),
        Good({"identifierUris": ["http://adfs.contoso.com/adfs/services/trust/"], "api": {"oauth2PermissionScopes": []}}, why="no API: SAML has such URIs"),
    ),
    base="api",
)  # fmt: skip
def malformed_identifier_uri(app: Registration, context: Context) -> Iterator[Hit]:
    """An identifier URI has a wildcard, a final slash, plain http, or the id of something else.

    Why: An API that compares audiences loosely takes tokens for a neighbour; an id that is not the application's own may
        one day belong to another. The id of a tenant is known by the setting home-tenants.
    Fix: Use api:// with the appId, or https with a verified domain, without a final slash.
    """
    for index, text in enumerate(app.identifier_uris or ()):
        if f"/identifierUris/{index}" in app.unread:
            continue
        what = _fault(text, app) or _strange_id(text, app, context.settings.home_tenants)
        if what:
            severity: Severity = "medium" if "*" in text else "low"
            yield Hit(
                pointer=f"/identifierUris/{index}", message=f"has an identifier URI with {what}", severity=severity
            )


def _fault(text: str, app: Registration) -> str:
    uri = parse(text)
    is_api = _has_scopes(app)
    faults = (
        ("a wildcard", "*" in text),
        ("a fragment", uri.fragment is not None),
        ("plain http", uri.scheme == "http" and is_api),
        ("a slash at its end", text.endswith("/") and uri.scheme in ("https", "api") and is_api),
    )
    return next((name for name, holds in faults if holds), "")


def _strange_id(text: str, app: Registration, tenants: tuple[str, ...]) -> str:
    """What is wrong with the id that *text* begins with; behind it may stand anything once it is one's own."""
    match = _BY_ID.fullmatch(text)
    own = _own_id(app).lower()
    if match is None or not own:
        return ""
    first, rest = match[1].lower(), (match[2] or "").lower()
    if own in (first, rest.rpartition("/")[2]):
        return ""
    if not rest:
        return "an id that is not its appId"
    strange = bool(tenants) and first not in {tenant.lower() for tenant in tenants}
    return "an id that is neither its appId nor a tenant of yours" if strange else ""


def _has_scopes(app: Registration) -> bool:
    """Say whether it is known to be an API. What has no scope may be for SAML, where names are of any kind."""
    return any(scope.is_enabled is not False for scope in _scopes(app))


def _scopes(app: Registration) -> tuple[PermissionScope, ...]:
    """The scopes that it defines, less the one that the gallery gives to what is for SAML and no API."""
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    return tuple(one for one in scopes if not (app.is_gallery_app and one.value == "user_impersonation"))


@rule(
    "unverified-identifier-domain",
    severity="medium",
    may_be=("low",),
    needs=("identifierUris", "api.requestedAccessTokenVersion", "api.oauth2PermissionScopes", "appRoles"),
    when_set=("identifierUris",),
    checks=("EX-04",),
    references=("entra:identifier-uri-restrictions#secure-patterns",),
    settings=("verified-domains",),
    bad=(
        Bad({"identifierUris": ["https://fabrikam.example/orders"]}, at="/identifierUris/0", severity="low", settings={"verified-domains": ["contoso.com"]}),
        Bad({"identifierUris": ["https://fabrikam.example/orders"], "api": {"requestedAccessTokenVersion": 1}}, at="/identifierUris/0", settings={"verified-domains": ["contoso.com"]}, expected_rules=("custom-uri-with-v1-tokens",)),
    ),
    good=(
        Good({"identifierUris": ["https://orders.contoso.com/api", "api://orders"]}, settings={"verified-domains": ["contoso.com"]}),
        Good({"identifierUris": ["https://signin.fabrikam.example/saml"], "api": {"oauth2PermissionScopes": []}}, why="no API: in SAML it is the other side that is named", settings={"verified-domains": ["contoso.com"]}),
        Good({**_FROM_GALLERY, "identifierUris": ["https://signin.fabrikam.example/saml"]}, why="the gallery gives a scope to what is for SAML, too", settings={"verified-domains": ["contoso.com"]}),
    ),
    base="api",
)  # fmt: skip
def unverified_identifier_domain(app: Registration, context: Context) -> Iterator[Hit]:
    """An identifier URI of an API lies on a domain that the organisation has not verified.

    Why: The domain is somebody else's, or free to buy, and names an audience of yours. With v1 tokens that name is in
        every token. Judged once verified-domains is set.
    Fix: Verify the domain, or use api:// with the appId.
    """
    domains = context.settings.verified_domains
    if not domains or not _has_scopes(app):
        return
    version = app.api.requested_access_token_version if app.api else None
    for index, text in enumerate(app.identifier_uris or ()):
        uri = parse(text)
        host = uri.host or ""
        is_domain = uri.scheme in ("https", "http", "api") and re.search(r"[a-z0-9]\.[a-z]", host)
        if is_domain and not is_under(host, domains) and f"/identifierUris/{index}" not in app.unread:
            says = f"has an identifier URI on {host}, which is not verified"
            severity: Severity = "medium" if version in (None, 1) else "low"
            yield Hit(pointer=f"/identifierUris/{index}", message=says, severity=severity)


@rule(
    "scopes-without-identifier-uri",
    severity="info",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    needs_all=("identifierUris",),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-13",),
    references=("entra:identifier-uri-restrictions#secure-patterns", "entra:expose-web-api"),
    bad=Bad({"identifierUris": []}, at="/identifierUris"),
    good=Good({"identifierUris": [], "api": {"oauth2PermissionScopes": []}}, why="no API"),
    base="api",
)
def scopes_without_identifier_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """An API defines scopes and has no identifier URI.

    Why: Clients can name the API by its bare appId alone; a request for api:// with the appId, which samples have, fails.
    Fix: Set the identifier URI api://{appId}.
    """
    if not app.identifier_uris and _has_scopes(app):
        # Until it is deployed it has no appId, and afterwards this is the URI that the portal proposes.
        own = _own_id(app)
        proposed = [f"api://{own}"] if own else UNSET
        yield Hit(pointer="/identifierUris", message="defines scopes and has no identifier URI", set_to=proposed)
