"""What an API exposes, and by which tokens it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine import Bad, Context, Good, rule
from rules.finding import Because, Hit, Severity, entra, graph
from rules.oddities import is_under
from rules.permissions import PERMISSIONS
from rules.registration import UNSET, AppRole, PermissionScope, Registration
from rules.uri import parse


@rule(
    "custom-uri-with-v1-tokens",
    severity="low",
    may_be=("medium",),
    checks=("EX-01", "EX-02"),
    judges=("identifierUris",),
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
        Bad({"identifierUris": ["api://orders"], "api": {"requestedAccessTokenVersion": 1}}, at="/api/requestedAccessTokenVersion", severity="medium"),
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
        unsafe = [(app.identifier_uris or ())[index] for index in custom]
        unsafe = [
            text
            for text in unsafe
            if not re.search(r"[a-z0-9-]\.[a-z]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-", text, re.IGNORECASE)
        ]
        says = f"gets v1 tokens for the audience {unsafe[0] if unsafe else uri}"
        severity: Severity = "medium" if unsafe else "low"  # neither a domain nor an id makes it one's own
        yield Hit(pointer="/api/requestedAccessTokenVersion", says=says, because=because, severity=severity)


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


_URIS: Final = entra("identifier-uri-restrictions", "Identifier URI restrictions")
_PERMISSIONS: Final = graph("resources/permissionscope", "permissionScope")
_ROLES: Final = graph("resources/approle", "appRole")
_PRE: Final = graph("resources/preauthorizedapplication", "preAuthorizedApplication")
_SCOPE: Final[dict[str, Any]] = {
    "id": "66666666-6666-4666-8666-666666666662", "value": "Orders.Write", "type": "User", "isEnabled": True,
    "adminConsentDisplayName": "Write orders", "adminConsentDescription": "Write orders.",
}  # fmt: skip
_ROLE: Final[dict[str, Any]] = {
    "id": "77777777-7777-4777-8777-777777777771", "value": "Orders.Sync", "displayName": "Sync", "description": "Sync orders.",
    "isEnabled": True, "allowedMemberTypes": ["Application"],
}  # fmt: skip
_OPEN: Final = ("app-only-tokens-unmarked",)


@rule(
    "malformed-identifier-uri",
    severity="low",
    may_be=("medium",),
    needs=("identifierUris", "appId"),
    judges=("identifierUris",),
    checks=("EX-03",),
    references=(_URIS,),
    bad=(
        Bad({"identifierUris": ["api://*.contoso.com/x"]}, at="/identifierUris/0", severity="medium"),
        Bad({"identifierUris": ["https://contoso.com/orders/"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["http://contoso.com/orders"]}, at="/identifierUris/0"),
        Bad({"identifierUris": ["api://11111111-1111-4111-8111-111111111119"]}, at="/identifierUris/0"),
    ),
    good=(Good({"identifierUris": ["api://11111111-1111-4111-8111-111111111115/orders"]}), Good({"identifierUris": ["urn:contoso:orders"]}, but="SAML has such names")),
    over="api",
)  # fmt: skip
def malformed_identifier_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """An identifier URI has a wildcard, a final slash, plain http, or the id of something else.

    Why: An API that compares audiences loosely takes tokens for a neighbour; an id that is not the application's own may
        one day belong to another.
    Fix: Use api:// with the appId, or https with a verified domain, without a final slash.
    """
    for index, text in enumerate(app.identifier_uris or ()):
        if f"/identifierUris/{index}" in app.unread:
            continue
        what = _fault(text, app.app_id if isinstance(app.app_id, str) else "")
        if what:
            severity: Severity = "medium" if "*" in text else "low"
            yield Hit(pointer=f"/identifierUris/{index}", says=f"has an identifier URI with {what}", severity=severity)


def _fault(text: str, app_id: str) -> str:
    uri = parse(text)
    lone = re.fullmatch(r"api://([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", text, re.IGNORECASE)
    faults = (
        ("a wildcard", "*" in text),
        ("plain http", uri.scheme == "http"),
        ("a fragment", uri.fragment is not None),
        ("a slash at its end", text.endswith("/") and uri.scheme in ("https", "api")),
        ("an id that is not its appId", lone is not None and bool(app_id) and lone[1].lower() != app_id.lower()),
    )
    return next((name for name, holds in faults if holds), "")


@rule(
    "unverified-identifier-domain",
    severity="medium",
    needs=("identifierUris",),
    judges=("identifierUris",),
    checks=("EX-04",),
    references=(_URIS,),
    settings=("verified-domains",),
    bad=Bad({"identifierUris": ["https://fabrikam.example/orders"]}, at="/identifierUris/0", settings={"verified-domains": ["contoso.com"]}),
    good=Good({"identifierUris": ["https://orders.contoso.com/api", "api://orders"]}, settings={"verified-domains": ["contoso.com"]}),
    over="api",
)  # fmt: skip
def unverified_identifier_domain(app: Registration, context: Context) -> Iterator[Hit]:
    """An identifier URI lies on a domain that the organisation has not verified.

    Why: The domain is somebody else's, or free to buy, and names an audience of yours. Judged once verified-domains is set.
    Fix: Verify the domain, or use api:// with the appId.
    """
    domains = context.settings.verified_domains
    for index, text in enumerate(app.identifier_uris or ()) if domains else ():
        uri = parse(text)
        host = uri.host or ""
        if (
            uri.scheme in ("https", "http", "api")
            and re.search(r"[a-z0-9]\.[a-z]", host)
            and not is_under(host, domains)
        ):
            yield Hit(
                pointer=f"/identifierUris/{index}", says=f"has an identifier URI on {host}, which is not verified"
            )


_STRONG: Final = re.compile(
    r"(?:^|[._-])(all|admin|manage|write|readwrite|delete|fullcontrol|full_access)(?:$|[._-])", re.IGNORECASE
)


@rule(
    "scope-that-users-may-grant",
    severity="low",
    needs=("api.oauth2PermissionScopes",),
    judges=("api.oauth2PermissionScopes",),
    checks=("EX-05",),
    references=(_PERMISSIONS, entra("quickstart-configure-app-expose-web-apis", "Expose a web API")),
    bad=Bad({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.ReadWrite.All"}]}}, at="/api/oauth2PermissionScopes/0"),
    good=(Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.ReadWrite.All", "type": "Admin"}]}}), Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "Orders.Read"}]}})),
    over="api",
)  # fmt: skip
def scope_that_users_may_grant(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope that sounds powerful may be granted by every user.

    Why: An application that deceives one person gets it in that person's name, and no administrator is asked.
    Fix: Set the type of the scope to Admin, or make a narrower one for users.
    """
    scopes = app.api.oauth2_permission_scopes if app.api else None
    for index, scope in enumerate(scopes or ()):
        value = scope.value
        if scope.type == "User" and scope.is_enabled is True and isinstance(value, str) and _STRONG.search(value):
            yield Hit(pointer=f"/api/oauth2PermissionScopes/{index}", says=f"lets every user grant {value}")


@rule(
    "untidy-permission-definition",
    severity="info",
    may_be=("low",),
    needs=("api.oauth2PermissionScopes", "appRoles"),
    judges=("api.oauth2PermissionScopes", "appRoles"),
    checks=("EX-06",),
    references=(_PERMISSIONS, _ROLES),
    bad=(
        Bad({"api": {"oauth2PermissionScopes": [_SCOPE, {**_SCOPE, "id": "66666666-6666-4666-8666-666666666663"}]}}, at="/api/oauth2PermissionScopes/1", severity="low", also=("scope-that-users-may-grant",)),
        Bad({"appRoles": [{**_ROLE, "isEnabled": False}]}, at="/appRoles/0", also=_OPEN),
        Bad({"appRoles": [{**_ROLE, "description": ""}]}, at="/appRoles/0", also=_OPEN),
    ),
    good=Good({"appRoles": [_ROLE]}),
    over="api",
)  # fmt: skip
def untidy_permission_definition(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope or role is defined twice, is switched off, or says nothing to those who grant it.

    Why: A double is granted in place of the other; who grants what has no text does not know what he does.
    Fix: Give each a value of its own and a text, and remove what is switched off.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    lists: tuple[tuple[str, tuple[PermissionScope | AppRole, ...]], ...] = (
        ("/api/oauth2PermissionScopes", scopes),
        ("/appRoles", app.app_roles or ()),
    )
    for pointer, items in lists:
        seen: set[str] = set()
        for index, item in enumerate(items):
            here = f"{pointer}/{index}"
            keys = {str(key).casefold() for key in (item.value, item.id) if isinstance(key, str) and key}
            if keys & seen:
                yield Hit(pointer=here, says=f"defines {item.value} twice, by value or by id", severity="low")
            elif item.is_enabled is False:
                yield Hit(pointer=here, says=f"still defines {item.value}, which is switched off")
            elif _text(item) in (None, ""):
                yield Hit(pointer=here, says=f"defines {item.value} without a description")
            seen |= keys


def _text(item: PermissionScope | AppRole) -> object:
    return item.admin_consent_description if isinstance(item, PermissionScope) else item.description


@rule(
    "one-scope-for-everything",
    severity="info",
    status="preview",
    needs=("api.oauth2PermissionScopes",),
    judges=("api.oauth2PermissionScopes",),
    checks=("EX-07",),
    references=(entra("scenario-protected-web-api-expose-scopes", "Expose scopes"),),
    bad=Bad({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "user_impersonation"}]}}, at="/api/oauth2PermissionScopes/0"),
    good=(
        Good({}, but="it names what it opens"),
        Good({"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "access_as_user"}]}}, but="Teams asks for that name"),
    ),
    over="api",
)  # fmt: skip
def one_scope_for_everything(app: Registration, _: Context) -> Iterator[Hit]:
    """An API has one scope, which opens everything that the person may do.

    Why: Every client gets all of it, whatever it needs.
    Fix: Define scopes by what they open, such as Orders.Read and Orders.Write.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    if len(scopes) == 1 and str(scopes[0].value).casefold() in (
        "user_impersonation",
        "*",
        "all",
        "api",
        "full_access",
        "default",
    ):
        yield Hit(pointer="/api/oauth2PermissionScopes/0", says=f"has the one scope {scopes[0].value} for everything")


@rule(
    "broken-pre-authorisation",
    severity="low",
    needs=("api.preAuthorizedApplications", "api.oauth2PermissionScopes", "appId"),
    judges=("api.preAuthorizedApplications",),
    checks=("EX-09",),
    references=(_PRE,),
    bad=(
        Bad({"api": {"preAuthorizedApplications": [{"appId": "8", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666669"]}]}}, at="/api/preAuthorizedApplications/0"),
        Bad({"api": {"preAuthorizedApplications": [{"appId": "11111111-1111-4111-8111-111111111115", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}}, at="/api/preAuthorizedApplications/0"),
    ),
    good=Good({"api": {"preAuthorizedApplications": [{"appId": "8", "delegatedPermissionIds": ["66666666-6666-4666-8666-666666666661"]}]}}),
    over="api",
)  # fmt: skip
def broken_pre_authorisation(app: Registration, _: Context) -> Iterator[Hit]:
    """A client is authorised in advance for a scope that does not exist, or it is the API itself.

    Why: It has no effect, or takes effect by surprise once a scope with that id is made.
    Fix: Remove the id, or name a scope of this API.
    """
    api, unread = app.api, app.unread
    own = app.app_id.lower() if isinstance(app.app_id, str) and "/appId" not in unread else ""
    listed = (api.oauth2_permission_scopes if api else None) or ()
    scopes = {str(scope.id).lower() for scope in listed}
    # An id that is a placeholder may be any of those that clients name.
    open_ids = any(pointer.startswith("/api/oauth2PermissionScopes") for pointer in unread)
    for index, client in enumerate(api.pre_authorized_applications or () if api else ()):
        pointer = f"/api/preAuthorizedApplications/{index}"
        unknown = [
            one
            for place, one in enumerate(client.delegated_permission_ids or ())
            if one.lower() not in scopes and f"{pointer}/delegatedPermissionIds/{place}" not in unread
        ]
        if own and isinstance(client.app_id, str) and client.app_id.lower() == own:
            yield Hit(pointer=pointer, says="authorises itself in advance", remove=True)
        elif unknown and pointer not in unread and not open_ids and api and api.oauth2_permission_scopes is not UNSET:
            yield Hit(
                pointer=pointer, says=f"authorises a client in advance for {unknown[0]}, which is none of its scopes"
            )


@rule(
    "role-for-people-and-applications",
    severity="low",
    needs=("appRoles",),
    judges=("appRoles",),
    checks=("EX-11",),
    references=(_ROLES, entra("howto-add-app-roles-in-apps", "App roles")),
    bad=Bad({"appRoles": [{**_ROLE, "allowedMemberTypes": ["User", "Application"]}]}, at="/appRoles/0", also=_OPEN),
    good=Good({"appRoles": [_ROLE]}),
    over="api",
)  # fmt: skip
def role_for_people_and_applications(app: Registration, _: Context) -> Iterator[Hit]:
    """One role is for people and for applications at once.

    Why: Who gives a person the role gives it meaning for programs too, which have no working hours and no second factor.
    Fix: Make a role for each.
    """
    for index, role in enumerate(app.app_roles or ()):
        if {"User", "Application"} <= set(role.allowed_member_types or ()) and role.is_enabled is not False:
            yield Hit(
                pointer=f"/appRoles/{index}", says=f"gives the role {role.value} to people and applications alike"
            )


@rule(
    "scopes-without-identifier-uri",
    severity="info",
    needs=("api.oauth2PermissionScopes",),
    needs_all=("identifierUris",),
    judges=("api.oauth2PermissionScopes",),
    checks=("EX-13",),
    references=(_URIS, entra("quickstart-configure-app-expose-web-apis", "Expose a web API")),
    bad=Bad({"identifierUris": []}, at="/identifierUris"),
    good=Good({"identifierUris": [], "api": {"oauth2PermissionScopes": []}}, but="no API"),
    over="api",
)
def scopes_without_identifier_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """An API defines scopes and has no identifier URI.

    Why: Clients cannot ask for a scope by name, so they ask for everything.
    Fix: Set the identifier URI api://{appId}.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    if not app.identifier_uris and any(scope.is_enabled is not False for scope in scopes):
        yield Hit(pointer="/identifierUris", says="defines scopes and has no identifier URI")


_KNOWN: Final = frozenset(row.value.casefold() for row in PERMISSIONS if "." in row.value)


@rule(
    "name-of-foreign-permission",
    severity="info",
    needs=("api.oauth2PermissionScopes", "appRoles"),
    judges=("api.oauth2PermissionScopes", "appRoles"),
    checks=("EX-14",),
    references=(_PERMISSIONS, _ROLES),
    bad=(
        Bad({"appRoles": [{**_ROLE, "value": "Mail.Send"}]}, at="/appRoles/0", also=_OPEN),
        Bad(
            {"api": {"oauth2PermissionScopes": [{**_SCOPE, "value": "User.Read"}]}}, at="/api/oauth2PermissionScopes/0"
        ),
    ),
    good=Good({"appRoles": [{**_ROLE, "value": "Orders.Send"}]}),
    over="api",
)
def name_of_foreign_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A scope or role of one's own is called like a permission of Microsoft Graph.

    Why: On a consent page, in logs and in other tools it is taken for that permission.
    Fix: Name it after what it opens in this API.
    """
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    values = [(f"/api/oauth2PermissionScopes/{n}", scope.value) for n, scope in enumerate(scopes)]
    values += [(f"/appRoles/{n}", role.value) for n, role in enumerate(app.app_roles or ())]
    for pointer, value in values:
        if isinstance(value, str) and value.casefold() in _KNOWN:
            yield Hit(pointer=pointer, says=f"calls a permission of its own {value}, like one of Microsoft Graph")
