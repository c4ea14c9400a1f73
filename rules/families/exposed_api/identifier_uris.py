"""Identifier URIs: how clients and tokens name an API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.clients import has_guid_audience
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET, PermissionScope, Registration
from rules.model.uri_traits import is_under
from rules.primitives.uri import parse

#: What a gallery app for SAML has.
_FROM_GALLERY: Final[dict[str, Any]] = {
    "api": {
        "requestedAccessTokenVersion": None,
        "oauth2PermissionScopes": [
            {
                "id": "66666666-6666-4666-8666-666666666669",
                "value": "user_impersonation",
                "type": "User",
                "isEnabled": True,
                "adminConsentDisplayName": "Access Fabrikam",
                "adminConsentDescription": "Access Fabrikam.",
            }
        ],
    },
    "appRoles": [
        {
            "id": "b9632174-c057-4f7e-951b-be3adc52bfe6",
            "displayName": "msiam_access",
            "description": "msiam_access",
            "value": None,
            "isEnabled": True,
            "allowedMemberTypes": ["User"],
        }
    ],
}
#: An API for applications alone: it has a role and no scope.
_FOR_APPLICATIONS: Final[dict[str, Any]] = {
    "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []},
    "appRoles": [
        {
            "id": "77777777-7777-4777-8777-777777777771",
            "value": "Orders.Sync",
            "displayName": "Sync orders",
            "description": "Sync orders.",
            "isEnabled": True,
            "allowedMemberTypes": ["Application"],
        }
    ],
}
_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: What no one else's URI has: a domain or an ID.
_UNIQUE: Final = re.compile(r"[a-z0-9-]\.[a-z]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-", re.IGNORECASE)
_SAML: Final[dict[str, Any]] = {"api": {"oauth2PermissionScopes": []}}
_SAML_V1: Final[dict[str, Any]] = {
    "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []},
    "samlMetadataUrl": "https://contoso.com/m.xml",
}
_VERSION: Final = "/api/requestedAccessTokenVersion"
_V1: Final = {"api": {"requestedAccessTokenVersion": 1}}
_DEFAULT: Final = {"api": {"requestedAccessTokenVersion": None}}
_GUID_AUDIENCE: Final = {
    "optionalClaims": {"accessToken": [{"name": "aud", "additionalProperties": ["use_guid"]}]},
}
_VERIFIED: Final = {"verified-domains": ["contoso.com"]}
_HOME: Final = {"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}
_TENANT: Final = "api://0f0f0f0f-0000-4000-8000-000000000001"
_OTHER: Final = "api://11111111-1111-4111-8111-111111111119"
_OWN_ID: Final = "11111111-1111-4111-8111-111111111115"


@rule(
    "custom-uri-with-v1-tokens",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("medium", "info"),
    checks=("EX-01", "EX-02"),
    when_set=("identifierUris",),
    needs=(
        "identifierUris",
        "api.requestedAccessTokenVersion",
        "api.oauth2PermissionScopes",
        "appId",
        "appRoles",
        "optionalClaims.accessToken",
    ),
    references=(
        "entra:app-best-practices#identifier-uri",
        "entra:app-best-practices#access-token-version",
        "entra:identifier-uri-restrictions#default-uris",
        "entra:secure-mcp-server-with-entra-id#faq",
    ),
    bad=(
        Bad({"identifierUris": ["https://contoso.com/orders"], **_DEFAULT}, at=_VERSION),
        Bad({"identifierUris": ["api://contoso.com/orders"], **_V1}, at=_VERSION),
        Bad({"identifierUris": ["api://orders"], **_V1}, at=_VERSION, severity="medium"),
        Bad({**_FOR_APPLICATIONS, "identifierUris": ["api://orders"]}, at=_VERSION, severity="medium"),
        # No other app has a URI that ends in this appId.
        Bad({"identifierUris": [f"api://orders.contoso.com/{_OWN_ID}"], **_DEFAULT}, at=_VERSION, severity="info"),
    ),
    good=(
        Good(_DEFAULT, why="a default URI is safe with v1.0 tokens"),
        Good(
            {"identifierUris": ["https://mcp.contoso.com"], **_V1, **_GUID_AUDIENCE},
            why="with use_guid, the audience is always the appId",
        ),
        Good({"identifierUris": ["https://contoso.com/orders"]}, why="the audience of v2.0 tokens is the appId"),
        Good(
            {"identifierUris": [f"{_TENANT}/11111111-1111-4111-8111-111111111115"], **_DEFAULT},
            why="the URI is also a default URI",
        ),
        Good({"identifierUris": ["https://contoso.com/saml"], **_SAML_V1}, why="a SAML app, not an API"),
        Good(
            {**_FROM_GALLERY, "identifierUris": ["https://signin.fabrikam.example/saml"]},
            why="a gallery app for SAML has a scope too",
        ),
    ),
    base="api",
)
def custom_uri_with_v1_tokens(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An API with a custom identifier URI receives v1.0 access tokens.

    Why: The audience of a v1.0 access token can be this URI. Errors in audience validation are common, and an API with
        such an error can accept tokens for another app. For v1.0 tokens, Microsoft recommends only the default
        identifier URIs.
    Acceptable: A custom URI that ends in the appId of the API is acceptable, because no other app has it. The API must
        still validate the audience.
    Fix: Have the API accept v2.0 tokens too, and set api.requestedAccessTokenVersion to 2. After that, have the API
        accept only its appId as the audience.
    """
    custom = _custom(app) if _gets_v1_tokens(app) and not has_guid_audience(app) else []
    if custom and not _is_api(app):
        if not app.is_gallery_app and not app.saml_metadata_url:
            says = "the app has no scope and no role for applications, so it may be an API or a SAML app"
            yield Gap(f"/identifierUris/{custom[0]}", says, "unknown", "add its scopes or app roles if it is an API")
    elif custom:
        uris = [(app.identifier_uris or ())[index] for index in custom]
        because = tuple(Because(f"/identifierUris/{index}", "a custom identifier URI") for index in custom)
        unsafe = [uri for uri in uris if not _UNIQUE.search(uri)]
        foreign = [uri for uri in uris if not _ends_in_own_id(app, uri)]
        severity: Severity = "medium" if unsafe else "low" if foreign else "info"
        says = f"receives v1.0 access tokens for the audience {(unsafe or foreign or uris)[0]}"
        yield Hit(pointer=_VERSION, message=says, because=because, severity=severity)


def _gets_v1_tokens(app: Registration) -> bool:
    """Say whether tokens for it are known to have version 1."""
    api = app.api
    return api is not UNSET and api is not None and api.requested_access_token_version in (None, 1)


def _custom(app: Registration) -> list[int]:
    """The indexes of the identifier URIs other than the default ones, ``api://{appId}`` and ``api://{tenantId}/{appId}``.

    Before the first deployment the appId is not known, and any ID may be it.
    """
    own = re.escape(_own_id(app)) or _ID
    default = re.compile(rf"api://(?:{_ID}/)?{own}", re.IGNORECASE)
    return [
        index
        for index, uri in enumerate(app.identifier_uris or ())
        if uri.strip() and f"/identifierUris/{index}" not in app.unread and not default.fullmatch(uri)
    ]


def _ends_in_own_id(app: Registration, uri: str) -> bool:
    """Say whether *uri* ends in the appId or, where that is not known, in any ID, so that it belongs to no other app.

    Microsoft Teams requires ``api://{host}/{appId}``.
    """
    own = re.escape(_own_id(app)) or _ID
    return re.fullmatch(rf"api://(?:.*[/-])?{own}", uri, re.IGNORECASE) is not None


def _own_id(app: Registration) -> str:
    """The appId; empty where it is not known, as before the first deployment."""
    return app.app_id if isinstance(app.app_id, str) and "/appId" not in app.unread else ""


_BY_ID: Final = re.compile(rf"api://({_ID})(?:/(.*))?", re.IGNORECASE)


@rule(
    "malformed-identifier-uri",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("info",),
    needs=("identifierUris", "appId", "api.oauth2PermissionScopes", "appRoles"),
    when_set=("identifierUris",),
    checks=("EX-03",),
    references=(
        "entra:identifier-uri-restrictions#secure-patterns",
        "entra:app-best-practices#identifier-uri",
        "rfc:8707#2",
    ),
    settings=("home-tenants",),
    bad=(
        Bad({"identifierUris": ["api://*.contoso.com/x"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["https://contoso.com/orders/"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["http://contoso.com/orders"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["https://contoso.com/orders#v2"]}, at="/identifierUris/0"),
        Bad({"identifierUris": [_OTHER]}, at="/identifierUris/0", settings=_HOME),
        Bad({"identifierUris": [f"{_OTHER}/orders"]}, at="/identifierUris/0", settings=_HOME),
        Bad({"identifierUris": [_TENANT]}, at="/identifierUris/0", severity="info", settings=_HOME),
    ),
    good=(
        Good({"identifierUris": ["api://11111111-1111-4111-8111-111111111115/orders"]}),
        Good({"identifierUris": [f"{_TENANT}/orders"]}, why="the GUID is the tenant ID", settings=_HOME),
        Good(
            {"identifierUris": [f"{_OTHER}/11111111-1111-4111-8111-111111111115"]},
            why="the URI ends in the appId",
            settings=_HOME,
        ),
        Good({"identifierUris": ["urn:contoso:orders"]}, why="SAML uses URNs"),
        Good(
            {"identifierUris": ["http://adfs.contoso.com/adfs/services/trust/"], **_SAML},
            why="a SAML app, not an API",
        ),
        Good(
            {"identifierUris": ["https://signin.aws.amazon.com/saml#2"], **_SAML},
            why="a SAML app, not an API: the fragment distinguishes instances",
        ),
    ),
    base="api",
)
def malformed_identifier_uri(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An identifier URI is malformed or insecure.

    Why: For identifier URIs, Microsoft recommends the scheme api or https, without wildcards. Microsoft allows no final
        slash. A GUID after api:// must be the appId or the tenant ID (setting home-tenants). RFC 8707 allows no
        fragment in the URI of a resource.
    Acceptable: A URI that is only the tenant ID is acceptable, because no other app can use it. Any other form is
        acceptable only until all clients request a new URI.
    Fix: Set identifierUris to api:// with the appId. With v2.0 tokens, an https URI with a verified domain is also
        possible, without a final slash. Clients must then request the new URI. An API that receives v1.0 tokens must
        accept the new URI as the audience.
    """
    is_api = _is_api(app)
    for index, text in enumerate(app.identifier_uris or ()):
        pointer = f"/identifierUris/{index}"
        if pointer in app.unread:
            continue
        what = _fault(text) if is_api else ""
        if what:
            yield Hit(pointer=pointer, message=f"has an identifier URI with {what}: {text}")
        elif not text.strip():
            yield Hit(pointer=pointer, message="has an empty identifier URI")
        else:
            yield from _of_other_id(text, pointer, app, context.settings.home_tenants)


def _fault(text: str) -> str:
    """What is wrong with an identifier URI of an API; empty if nothing is. SAML uses names of any form."""
    uri = parse(text)
    faults = (
        ("a wildcard", "*" in text),
        ("a fragment", uri.fragment is not None),
        ("plain HTTP", uri.scheme == "http"),
        ("a final slash", text.endswith("/") and uri.scheme in ("https", "api")),
    )
    return next((name for name, is_wrong in faults if is_wrong), "")


def _of_other_id(text: str, pointer: str, app: Registration, tenants: tuple[str, ...]) -> Iterator[Hit | Gap]:
    """What is wrong with the ID that *text* begins with; after the ID of the app itself, any text is allowed."""
    match = _BY_ID.fullmatch(text)
    own = _own_id(app).lower()
    if match is None or not own:
        return
    first, rest = match[1].lower(), (match[2] or "").lower()
    if own in (first, rest.rpartition("/")[2]):
        return
    if not tenants:
        yield Gap(pointer, f"{first} may be the ID of your tenant", "unknown", "set home-tenants")
    elif first not in {tenant.lower() for tenant in tenants}:
        says = f"has an identifier URI with a GUID that is not its appId or tenant ID: {text}"
        yield Hit(pointer=pointer, message=says)
    elif not rest:
        says = f"has the tenant ID as its identifier URI; Microsoft recommends the appId: {text}"
        yield Hit(pointer=pointer, message=says, severity="info")


def _is_api(app: Registration) -> bool:
    """Say whether it is known to be an API: it has a scope, or a role for applications.

    An app without both may be for SAML, which uses names of any kind.
    """
    roles = app.app_roles or ()
    return _has_scopes(app) or any(
        role.is_enabled is not False and "Application" in (role.allowed_member_types or ()) for role in roles
    )


def _has_scopes(app: Registration) -> bool:
    return any(scope.is_enabled is not False for scope in _scopes(app))


def _scopes(app: Registration) -> tuple[PermissionScope, ...]:
    """The scopes that it defines, without the one that a gallery app for SAML has."""
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    return tuple(one for one in scopes if not (app.is_gallery_app and one.value == "user_impersonation"))


#: The ends of the domains that Entra ID gives to a tenant, in the public cloud and the clouds for the US Government and
#: China.
_INITIAL_DOMAINS: Final = (".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn")
_FABRIKAM: Final = {"identifierUris": ["https://fabrikam.example/orders"]}
_FABRIKAM_SAML: Final = {"identifierUris": ["https://signin.fabrikam.example/saml"]}
_TOO: Final = ("custom-uri-with-v1-tokens",)


@rule(
    "unverified-identifier-domain",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=("identifierUris", "api.requestedAccessTokenVersion", "api.oauth2PermissionScopes", "appRoles", "appId"),
    when_set=("identifierUris",),
    checks=("EX-04",),
    references=("entra:identifier-uri-restrictions#secure-patterns", "entra:app-best-practices#identifier-uri"),
    settings=("verified-domains",),
    bad=(
        Bad(_FABRIKAM, at="/identifierUris/0", severity="low", settings=_VERIFIED),
        Bad({**_FABRIKAM, **_V1}, at="/identifierUris/0", settings=_VERIFIED, expected_rules=_TOO),
        Bad({**_FABRIKAM, **_FOR_APPLICATIONS}, at="/identifierUris/0", settings=_VERIFIED, expected_rules=_TOO),
    ),
    good=(
        Good({"identifierUris": ["https://orders.contoso.com/api", "api://orders"]}, settings=_VERIFIED),
        Good(
            {"identifierUris": ["api://orders.fabrikam.example/11111111-1111-4111-8111-111111111115"]},
            why="any text may come before the appId",
            settings=_VERIFIED,
        ),
        Good({**_FABRIKAM_SAML, **_SAML}, why="not an API: SAML uses identifiers of any form", settings=_VERIFIED),
        Good({**_FROM_GALLERY, **_FABRIKAM_SAML}, why="a gallery app for SAML has a scope too", settings=_VERIFIED),
    ),
    base="api",
)
def unverified_identifier_domain(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An identifier URI of an API uses an unverified domain.

    Why: Microsoft recommends a verified domain in identifier URIs. The identifier URI can be the audience of v1.0
        tokens. The owner of the domain may use the same URI for an API in another tenant. In a file, grantlint checks
        the domain only if the setting verified-domains has a value.
    Acceptable: The domain is acceptable if another tenant of your organization has verified it. Add the domain to the
        setting verified-domains.
    Fix: Verify the domain and add it to the setting verified-domains, or use api:// with the appId. If the URI changes,
        clients must request the new URI. An API that receives v1.0 tokens must accept the new URI as the audience.
    """
    domains = context.settings.verified_domains
    if not domains or not _is_api(app):
        return
    version = app.api.requested_access_token_version if app.api else None
    for index, text in enumerate(app.identifier_uris or ()):
        uri = parse(text)
        host = uri.host or ""
        is_domain = uri.scheme in ("https", "http", "api") and re.search(r"[a-z0-9]\.[a-z]", host)
        pointer = f"/identifierUris/{index}"
        if not is_domain or is_under(host, domains) or pointer in app.unread or _ends_in_own_id(app, text):
            continue
        if host.endswith(_INITIAL_DOMAINS):
            # No one can register it: Entra accepts only the initial domain of the tenant.
            says = f"{host} may be the initial domain of your tenant"
            yield Gap(pointer, says, "unknown", "add it to verified-domains")
        else:
            says = f"has an identifier URI on {host}, which is not a verified domain"
            severity: Severity = "medium" if version in (None, 1) else "low"
            yield Hit(pointer=pointer, message=says, severity=severity)


@rule(
    "scopes-without-identifier-uri",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    needs_all=("identifierUris",),
    when_set=("api.oauth2PermissionScopes",),
    checks=("EX-13",),
    references=(
        "entra:identifier-uri-restrictions#secure-patterns",
        "entra:expose-web-api",
        "thread:microsoftgraph/msgraph-bicep-types#239",
    ),
    bad=Bad({"identifierUris": []}, at="/identifierUris"),
    good=Good({"identifierUris": [], "api": {"oauth2PermissionScopes": []}}, why="not an API"),
    base="api",
)
def scopes_without_identifier_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """An API defines scopes and has no identifier URI.

    Why: Clients must request the scopes by the appId of the API. A report says that a request for api:// with the appId
        fails.
    Acceptable: The URI is not needed if all clients request the scopes by the appId of the API.
    Fix: Set identifierUris to api://{appId}.
    """
    if not app.identifier_uris and _has_scopes(app):
        # Before the deployment it has no appId; afterwards this is the URI that the portal proposes.
        own = _own_id(app)
        proposed = [f"api://{own}"] if own else UNSET
        yield Hit(pointer="/identifierUris", message="defines scopes and has no identifier URI", set_to=proposed)
