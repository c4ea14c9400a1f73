"""What the token is for: v1 resource or v2 scope, one resource, ``.default``, and whether each permission exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from advisor.preflight.known import is_read
from advisor.preflight.prediction import BEHALF, DEVICE, Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.resources import (
    EVERYWHERE,
    OPENID,
    OTHER_ROLES,
    RequestedScope,
    app_id_of,
    cloud_of,
    exchange_audience,
    graph_of,
    offer,
    owned,
    owner,
    split_scope,
)
from advisor.preflight.wire import has_placeholder
from rules.knowledge.permissions import GRAPH, resources
from rules.model.registration import Registration, read_value
from rules.primitives.texts import is_guid
from rules.primitives.uri import parse

#: OpenID Connect has them, the platform does not (Microsoft, "OpenID Connect scopes").
_UNSUPPORTED: Final = frozenset(("address", "phone"))

_MCP: Final = "entra:secure-mcp-server-with-entra-id"
_NOT_READ: Final = "the permissions that the registration requests were not read"


def check_scope(scene: Scene) -> Iterator[Check]:
    """Scope, or resource for v1."""
    request = scene.request
    text = request.get("scope")
    if request.version == 1 and request.endpoint != "adminconsent":
        yield from _v1(scene)
    elif not text:
        yield from _missing(scene)
    else:
        yield from _checked(scene, text)


def _v1(scene: Scene) -> Iterator[Check]:
    resource = scene.request.get("resource")
    if resource:
        yield from _known(scene, (RequestedScope(resource, resource, ".default"),))
    elif scene.grant == "client_credentials" or "token" in scene.response_types:
        yield failed(
            "scope",
            50001,
            "the parameter resource is missing: the v1.0 endpoint requires resource for an access token",
            parameter="resource",
            fixes=(Fix("set", "resource", "{resource}"),),
        )
    elif scene.request.endpoint == "authorize":
        yield note("scope", "the parameter resource is missing; a v1 token request must have this parameter")
    elif not any(other.get("resource") for other in scene.others):
        says = "the parameter resource is missing, and no other request of the input has this parameter"
        yield unread("scope", says, code=50001, parameter="resource")


def _missing(scene: Scene) -> Iterator[Check]:
    request = scene.request
    resource = request.get("resource")
    if request.endpoint == "adminconsent":
        if request.version == 2:
            says = "the parameter scope is missing: Microsoft documents it as required for /v2.0/adminconsent"
            yield unread("scope", says, parameter="scope", fixes=(Fix("set", "scope", ".default"),))
        else:
            yield passed(
                "scope", "the request has no scope, so consent covers all permissions that the registration requests"
            )
    elif request.endpoint in ("authorize", "devicecode"):
        meant = f"{resource.rstrip('/')}/.default" if _may_request_all(scene, resource) else ""
        meant = meant or _own_scope(scene.app, resource) or "openid"
        yield failed("scope", 900144, "the parameter scope is missing", *scene.page, parameter="scope",
            fixes=(Fix("set", "scope", meant),),
        )  # fmt: skip
    elif resource and scene.grant in ("authorization_code", "refresh_token", DEVICE):
        yield from _indicated_before(scene)
    elif scene.grant == "refresh_token":
        yield from _refreshed(scene)
    elif scene.grant in ("authorization_code", "password", DEVICE):
        yield passed(
            "scope",
            "the request has no scope, so the token has the scopes of the sign-in request"
            if scene.grant != "password"
            else "the request has no scope, so the token has the scopes that were consented to",
        )


def _indicated_before(scene: Scene) -> Iterator[Check]:
    """``resource`` without scope: it is compared with the scopes of the sign-in, where the same input has one."""
    words = [word for other in scene.others if other.endpoint != "token" for word in _words(other.get("scope"))]
    scopes = tuple(split_scope(word) for word in words if word.lower() not in OPENID | _UNSUPPORTED)
    if scopes:
        yield from _indicated(scene, scopes, words)
    else:
        says = "the sign-in request was not read, and must contain a scope of the resource"
        yield unread("scope", says, code=9010010, parameter="resource")


def _refreshed(scene: Scene) -> Iterator[Check]:
    """A refresh without scope is for the resource of the sign-in, which must not be the client itself by its URI."""
    app = scene.app
    requested = [split_scope(word) for other in scene.others for word in _words(other.get("scope"))]
    named = [scope for scope in requested if scope.resource]
    own = next((scope for scope in named if owned(app, scope.resource).state == "yes"), None)
    if own is not None and not is_guid(own.resource.rstrip("/")):
        says = f"the token is for the scope of the sign-in request, {own.text}, an API of the client itself"
        yield failed("scope", 90009, says, parameter="scope", fixes=(Fix("set", "scope", own.text),))
    elif named or app is None or not _exposes(app):
        yield passed("scope", "the request has no scope, so the token has the scopes of the sign-in request")
    else:
        scope = f"{app.app_id}/.default"
        says = "the sign-in request, which may request the client's own API by its URI, was not read"
        yield unread("scope", says, "api.oauth2PermissionScopes", code=90009, parameter="scope",
            fixes=(Fix("set", "scope", scope),),
        )  # fmt: skip


def _exposes(app: Registration) -> bool:
    """Whether the client is, or may be, an API that a sign-in can request."""
    paths = ("identifierUris", "api.oauth2PermissionScopes")
    return all(read_value(app, path) or not is_read(app, path) for path in paths)


def _own_scope(app: Registration | None, resource: str) -> str:
    """The first scope that the registration exposes, where *resource* is one of its application ID URIs."""
    exact = _registered(app, resource) if resource else ""
    scopes = app.api.oauth2_permission_scopes if exact and app is not None and app.api else ()
    values = [one.value for one in scopes or () if one.is_enabled is True and isinstance(one.value, str)]
    return f"{exact}/{values[0]}" if values else ""


def _may_request_all(scene: Scene, resource: str) -> bool:
    """Whether the registration lists permissions of *resource*, so that ``.default`` is accepted."""
    app = scene.app
    if not resource or app is None:
        return False
    listed = {str(row.resource_app_id).lower() for row in app.required_resource_access or ()}
    return app_id_of(resource) in listed


def _words(text: str) -> list[str]:
    """The names in a scope parameter: only the space separates them (RFC 6749, section 3.3)."""
    return [word for word in text.split(" ") if word]


def _checked(scene: Scene, text: str) -> Iterator[Check]:
    words = _words(text)
    if not words:
        yield from _missing(scene)
        return
    if "  " in text or text != text.strip(" "):
        yield unread(
            "scope",
            "exactly one space must separate two scopes; Microsoft does not document the result of several spaces",
            parameter="scope",
            fixes=(Fix("set", "scope", " ".join(words)),),
        )
    capital = {word: word.lower() for word in words if word.lower() in OPENID and word not in OPENID}
    if capital:
        says = f"{' and '.join(capital)}: write scopes of OpenID Connect in lower case"
        fix = Fix("set", "scope", _with(words, capital))
        yield unread("scope", says, code=650053, parameter="scope", fixes=(fix,))
    odd = sorted(word for word in words if word.lower() in _UNSUPPORTED)
    if odd:
        says = f"Microsoft Entra ID does not support the scope {' or '.join(odd)}"
        yield unread("scope", says, code=650053, parameter="scope",
            fixes=(Fix("set", "scope", _with(words, dict.fromkeys(odd, ""))),), sources=("entra:scopes-oidc",),
        )  # fmt: skip
    named = [word for word in words if word.lower() not in OPENID | _UNSUPPORTED]
    if any(has_placeholder(word) and not word.endswith("/.default") for word in named):
        yield unread("scope", "the value of scope is a placeholder", parameter="scope")
        return
    if any(map(has_placeholder, named)):
        yield note("scope", "the API of the scope is a placeholder")
        named = [word for word in named if not has_placeholder(word)]
        if not named:
            return
    scopes = tuple(split_scope(word) for word in named)
    steps = (_format(scopes, words), _indicated(scene, scopes, words), _shape(scene, scopes, words))
    for checks in (*steps, _known(scene, scopes)):  # each needs what the one before it accepts
        found = tuple(checks)
        yield from found
        if any(check.state == "failed" for check in found):
            return


def _format(scopes: tuple[RequestedScope, ...], words: list[str]) -> Iterator[Check]:
    """Scopes that the platform cannot split into a resource and a permission."""
    for scope in scopes:
        if scope.is_malformed:
            host = scope.text.partition("/")[0]
            meant = f"https://{scope.text}" if "." in host and ":" not in host else ""
            yield failed(
                "scope",
                70011,
                f"{scope.text} is not a valid scope: write API/permission. API is an https:// or api:// URI or a GUID",
                "entra:scopes-oidc",
                parameter="scope",
                fixes=(Fix("set", "scope", _with(words, {scope.text: meant})),) if meant else (),
            )
            return


def _with(words: list[str], changes: dict[str, str]) -> str:
    """The scopes with some replaced, and left out where the replacement is empty."""
    return " ".join(dict.fromkeys(found for word in words if (found := changes.get(word, word))))


def _indicated(scene: Scene, scopes: tuple[RequestedScope, ...], words: list[str]) -> Iterator[Check]:
    """``resource`` at v2: an MCP client sends it (RFC 8707), and the platform compares it with the scopes.

    Source: Microsoft, "Secure a Model Context Protocol server with Microsoft Entra ID", and reports of AADSTS9010010.
    """
    resource = scene.request.get("resource")
    if not resource or has_placeholder(resource):
        return
    drop = Fix("drop", "resource")
    api = resource.removesuffix("/")
    if not scopes:
        moved = f"{api}/.default"
        fixes = (drop, Fix("set", "scope", " ".join([*words, moved]))) if _may_request_all(scene, resource) else (drop,)
        says = f"the parameter resource is {resource}, but no scope of the request belongs to this API"
        yield failed("scope", 9010010, says, _MCP, parameter="resource", fixes=fixes)
        return
    same = [scope for scope in scopes if _same_api(scene, scope.resource, resource)]
    exact = next(filter(None, (_registered(one, resource) for one in _registrations(scene))), "")
    if exact and exact != resource:
        says = f"the parameter resource is {resource}, but it must be exactly the application ID URI, {exact}"
        yield failed("scope", 9010010, says, _MCP, parameter="resource", fixes=(Fix("set", "resource", exact),))
    elif len(same) == len(scopes):
        if exact or app_id_of(resource) in resources():
            yield passed("scope", f"the scopes belong to {resource}, the API in the parameter resource")
        else:
            says = f"identifierUris of the API, which must have exactly {resource}, was not read"
            yield unread("scope", says, code=9010010, parameter="resource")
    else:
        yield _other_api(scene, resource, [scope for scope in scopes if scope not in same], words)


def _other_api(scene: Scene, resource: str, others: list[RequestedScope], words: list[str]) -> Check:
    """Scopes of another API than *resource*: most often without any, so that they count as those of Graph."""
    api = resource.removesuffix("/")
    bare = [scope for scope in others if "/" not in scope.text]
    exposed = [scope for scope in bare if offer(_moved(scope, api), scene.app, scene.registrations).state == "offered"]
    if exposed and len(exposed) == len(others):
        fixes = (Fix("set", "scope", _with(words, {scope.text: f"{api}/{scope.text}" for scope in exposed})),)
    else:
        fixes = (Fix("drop", "resource"),)
    says = f"the parameter resource is {resource}, but the scope {others[0].text} belongs to {others[0].resource}"
    return failed("scope", 9010010, says, _MCP, parameter="resource", fixes=fixes)


def _registered(app: Registration | None, resource: str) -> str:
    """The application ID URI that *resource* is, or is but for its capital letters or final slash; empty for none."""
    uris = app.identifier_uris or () if app is not None else ()
    if resource in uris:
        return resource
    wanted = resource.rstrip("/").casefold()
    return next((uri for uri in uris if uri.rstrip("/").casefold() == wanted), "")


def _moved(scope: RequestedScope, api: str) -> RequestedScope:
    return RequestedScope(f"{api}/{scope.text}", api, scope.permission)


def _same_api(scene: Scene, one: str, other: str) -> bool:
    if one.rstrip("/").casefold() == other.rstrip("/").casefold():
        return True
    api = owner(_registrations(scene), one)
    if api is not None:
        return api is owner(_registrations(scene), other)
    known = app_id_of(one)
    return bool(known) and known == app_id_of(other)


def _registrations(scene: Scene) -> tuple[Registration, ...]:
    """The client, and all registrations that were read with it."""
    return (*((scene.app,) if scene.app is not None else ()), *scene.registrations)


def _shape(scene: Scene, scopes: tuple[RequestedScope, ...], words: list[str]) -> Iterator[Check]:
    apis = list(dict.fromkeys(app_id_of(s.resource) or s.resource.rstrip("/").lower() for s in scopes))
    defaults = [scope for scope in scopes if scope.is_default]
    if scene.grant == "client_credentials":
        yield from _app_only(scopes, apis, words)
        return
    if defaults and len(defaults) < len(scopes):
        kept = next((scope for scope in scopes if _may_request_all(scene, scope.resource)), scopes[0])
        yield failed(
            "scope", 70011, "the scope .default cannot be combined with individual permissions", "entra:scopes-oidc",
                parameter="scope",
            fixes=(Fix("set", "scope", _only(words, kept.resource, keep_default=_has_default(scopes, kept))),),
        )  # fmt: skip
    elif len(apis) > 1 and _takes_one(scene):
        code = 28000 if scene.grant == "authorization_code" else 700022
        yield failed(
            "scope", code, f"the scopes belong to {len(apis)} resources, but an access token is for one resource",
                parameter="scope",
            fixes=(Fix("set", "scope", _only(words, scopes[0].resource)),),
        )  # fmt: skip
    elif not scopes and (scene.response_types == {"token"} or scene.grant == BEHALF):
        yield failed(
            "scope",
            700023,
            "the request is for an access token, but has only scopes of OpenID Connect",
            parameter="scope",
        )
    elif not scopes and "offline_access" in map(str.lower, words) and "openid" not in map(str.lower, words):
        yield failed(
            "scope",
            70011,
            "the scope offline_access needs openid or a permission of an API in the same request",
            "thread:PrefectHQ/fastmcp#4467",
            parameter="scope",
            fixes=(Fix("set", "scope", " ".join(("openid", *words))),),
        )
    if "id_token" in scene.response_types and "openid" not in (word.lower() for word in words):
        yield failed(
            "scope",
            70005,
            "a request for an ID token needs the scope openid",
            parameter="scope",
            fixes=(Fix("set", "scope", " ".join(("openid", *words))),),
        )
    if scene.app is not None:
        yield from _itself(scene.app, defaults, words)


def _has_default(scopes: tuple[RequestedScope, ...], kept: RequestedScope) -> bool:
    return any(scope.is_default and scope.resource == kept.resource for scope in scopes)


def _takes_one(scene: Scene) -> bool:
    """The sign-in may name several resources for consent, and so may a refresh; a token is for one."""
    if scene.request.endpoint == "authorize":
        return "token" in scene.response_types
    return scene.request.endpoint == "token" and scene.grant != "refresh_token"


def _only(words: list[str], resource: str, *, keep_default: bool = False) -> str:
    kept = [w for w in words if w.lower() in OPENID]
    kept += [
        w
        for w in words
        if w.lower() not in OPENID and split_scope(w).resource == resource and split_scope(w).is_default == keep_default
    ]
    return " ".join(kept)


def _app_only(scopes: tuple[RequestedScope, ...], apis: list[str], words: list[str]) -> Iterator[Check]:
    if len(apis) > 1:
        yield failed(
            "scope", 70011, "a client credentials request must name exactly one resource", parameter="scope",
            fixes=(Fix("set", "scope", f"{scopes[0].resource}/.default"),),
        )  # fmt: skip
    elif len(words) > 1 or not scopes or not scopes[0].is_default:
        meant = f"{scopes[0].resource}/.default" if scopes else "{resource}/.default"
        yield failed(
            "scope",
            1002012,
            "the only scope of a client credentials request must be {resource}/.default",
            parameter="scope",
            fixes=(Fix("set", "scope", meant),),
        )


def _itself(app: Registration, defaults: list[RequestedScope], words: list[str]) -> Iterator[Check]:
    """A client that requests ``.default`` of itself has to name itself by its GUID."""
    for scope in defaults:
        itself = owned(app, scope.resource).state in ("yes", "unset")
        if itself and not is_guid(scope.resource.rstrip("/")):
            meant = {scope.text: f"{app.app_id}/.default"}
            yield failed(
                "scope", 90009, "a client that requests a token for its own API must use its client ID (GUID)",
                parameter="scope",
                fixes=(Fix("set", "scope", _with(words, meant)),),
            )  # fmt: skip


def _known(scene: Scene, scopes: tuple[RequestedScope, ...]) -> Iterator[Check]:
    """Whether each resource and permission exists, and whether the registration lists it."""
    if not scopes:
        yield passed("scope", "the request has only scopes of OpenID Connect")
        return
    if all(scope.is_default and scope.resource == exchange_audience(scene.request.host) for scope in scopes):
        says = "a token that is only exchanged for another one needs no permission"
        yield passed("scope", says, "entra:agent-autonomous-app-oauth-flow")
        return
    wrong = False
    words = _words(scene.request.get("scope"))
    for scope in scopes:
        answer = offer(scope, scene.app, scene.registrations)
        if answer.state == "offered":
            if foreign := _other_cloud(scene, scope):
                wrong = True
                yield unread("scope", foreign, code=500011, parameter="scope")
            continue
        wrong = True
        says = answer.says + (f"; did you mean {answer.near}?" if answer.near else "")
        if answer.state == "not-known" or _may_be_personal(scene):
            yield unread("scope", says, code=answer.code, parameter="scope")
            continue
        fixes = _nearest(scene, scope, answer.near, words)
        yield failed("scope", answer.code, says, parameter="scope", fixes=fixes)
    if not wrong:
        yield from _listed(scene, scopes)


def _other_cloud(scene: Scene, scope: RequestedScope) -> str:
    """Why an API of another cloud than that of the sign-in may not be found; empty where it is the same."""
    host = parse(scope.resource).host or ""
    if "/" not in scope.text or not host or app_id_of(scope.resource) not in resources():
        return ""
    if app_id_of(scope.resource) != GRAPH:
        same = host in EVERYWHERE or cloud_of(host) == cloud_of(scene.request.host)
        return "" if same else f"the API {host} and the sign-in host {scene.request.host} belong to different clouds"
    here = parse(graph_of(scene.request.host)).host or ""
    if host == here or host.endswith(f"-{here}"):
        return ""
    return f"{host} is Microsoft Graph of another cloud; the host for sign-in at {scene.request.host} is {here}"


def _may_be_personal(scene: Scene) -> bool:
    """Personal Microsoft accounts have permissions of their own, such as XboxLive.signin, which no table lists."""
    app = scene.app
    consumers = scene.request.tenant.casefold() == "consumers"
    return consumers or (app is not None and app.sign_in_audience == "PersonalMicrosoftAccount")


def _nearest(scene: Scene, scope: RequestedScope, near: str, words: list[str]) -> tuple[Fix, ...]:
    """The parts of a text that is joined by commas or line feeds, otherwise the scope that was probably meant."""
    if scene.request.version == 1 and scene.request.endpoint != "adminconsent":
        return ()
    parts = [part for part in re.split(r"(?:[,;+\s]|%20|%0[aAdD])+", scope.text) if part]
    joined = " ".join(parts) if parts != [scope.text] else near
    return (Fix("set", "scope", _with(words, {scope.text: joined})),) if joined else ()


def _listed(scene: Scene, scopes: tuple[RequestedScope, ...]) -> Iterator[Check]:
    """Whether the registration lists the resource among its requested permissions."""
    app = scene.app
    if app is None:
        yield unread("scope", _NOT_READ, "requiredResourceAccess")
    elif scene.grant == "client_credentials":
        yield _listed_for_app(scene, app, scopes)
    else:
        yield _listed_for_user(scene, app, scopes)


def _listed_for_app(scene: Scene, app: Registration, scopes: tuple[RequestedScope, ...]) -> Check:
    """The same for a token of the client itself: without an application permission it has no roles."""
    wanted, what = _resources(scene, scopes)
    elsewhere = next((OTHER_ROLES[api] for api in wanted if api in OTHER_ROLES), "")
    if elsewhere:
        return passed("scope", f"the scope requests .default of one resource, {what}. {elsewhere}")
    if not _is_read(app):
        return note("scope", f"{_NOT_READ}; the result depends on consent")
    roles = {
        str(row.resource_app_id).lower()
        for row in app.required_resource_access or ()
        if any(access.type == "Role" for access in row.resource_access or ())
    }
    if not roles.isdisjoint(wanted):
        return passed("scope", f"the scope requests .default of one resource, {what}")
    return note(
        "scope",
        f"the registration requests no application permission of {what}, so the token contains no roles",
        "entra:v2-oauth2-client-creds-grant-flow",
    )


def _listed_for_user(scene: Scene, app: Registration, scopes: tuple[RequestedScope, ...]) -> Check:
    """The same for a token of the signed-in user: ``.default`` needs a listed permission, others can be consented
    to.
    """
    by_default = any(scope.is_default for scope in scopes)
    if not _is_read(app):
        if by_default:
            return unread("scope", _NOT_READ, "requiredResourceAccess")
        return note("scope", f"{_NOT_READ}; the result depends on consent")
    wanted, what = _resources(scene, scopes)
    listed = {str(row.resource_app_id).lower() for row in app.required_resource_access or ()}
    own = str(app.app_id).lower()
    unlisted = [app_id for app_id in wanted if app_id not in {own, *listed}]
    missing = ", ".join(dict.fromkeys(one.resource for one in scopes if _client_id(scene, one) in unlisted))
    if unlisted and by_default:
        return failed(
            "scope", 650057, f"the scope is .default, but the registration requests no permission of {missing}",
                parameter="scope",
            property="requiredResourceAccess",
                change=f'add resourceAppId "{unlisted[0]}" with the permissions that the client needs',
        )  # fmt: skip
    if unlisted:
        return note(
            "scope",
            f"the registration requests no permission of {missing}, so each user must consent",
            "entra:scopes-oidc",
        )
    if wanted == [own]:
        return passed("scope", f"{what} is the API of this registration")
    return passed("scope", f"the registration requests permissions of {what}")


def _resources(scene: Scene, scopes: tuple[RequestedScope, ...]) -> tuple[list[str], str]:
    """The client IDs of the resources, and the resources as one text."""
    wanted = list(dict.fromkeys(_client_id(scene, scope) for scope in scopes))
    return wanted, ", ".join(dict.fromkeys(scope.resource for scope in scopes))


def _client_id(scene: Scene, scope: RequestedScope) -> str:
    api = owner(_registrations(scene), scope.resource)
    return str(api.app_id).lower() if api is not None else app_id_of(scope.resource)


def _is_read(app: Registration) -> bool:
    """Whether all requested permissions of the registration were read."""
    return is_read(app, "requiredResourceAccess")
