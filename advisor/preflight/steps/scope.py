"""What the token is for: v1 resource or v2 scope, one resource, ``.default``, what the registration asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.preflight.prediction import BEHALF, DEVICE, Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.resources import OPENID, RequestedScope, app_id_of, split_scope
from advisor.preflight.wire import has_placeholder
from rules.model.registration import UNSET, Registration

#: OpenID Connect has them, the platform does not (Microsoft, "OpenID Connect scopes").
_UNSUPPORTED: Final = frozenset(("address", "phone"))

_NOT_READ: Final = "the permissions that the registration asks for were not read"


def check_scope(scene: Scene) -> Iterator[Check]:
    """Scope, or resource for v1."""
    request = scene.request
    if request.version == 1:
        yield from _v1(scene)
        return
    if request.get("resource"):
        value = request.get("resource").rstrip("/")
        yield failed(
            "scope",
            901002,
            "resource is a parameter of v1, and the address is v2",
            parameter="resource",
            fixes=(Fix("drop", "resource"), Fix("set", "scope", f"{value}/.default")),
        )
        return
    text = request.get("scope")
    if not text:
        yield from _missing(scene)
        return
    yield from _checked(scene, text)


def _v1(scene: Scene) -> Iterator[Check]:
    resource = scene.request.get("resource")
    if resource:
        yield from _listed(scene, (RequestedScope(resource, resource, ".default"),))
    elif scene.grant == "client_credentials":
        yield failed(
            "scope",
            50001,
            "resource is missing, and v1 needs it",
            parameter="resource",
            fixes=(Fix("set", "resource", "{resource}"),),
        )
    else:
        yield note("scope", "v1 without resource: the token request has to name it")


def _missing(scene: Scene) -> Iterator[Check]:
    if scene.request.endpoint in ("authorize", "devicecode"):
        yield failed(
            "scope", 900144, "scope is missing", *scene.page, parameter="scope", fixes=(Fix("set", "scope", "openid"),)
        )
    elif scene.grant in ("authorization_code", "refresh_token", "password", DEVICE):
        yield passed(
            "scope",
            "no scope: the token is for what was asked before"
            if scene.grant != "password"
            else "no scope: the token is for what was consented",
        )


def _checked(scene: Scene, text: str) -> Iterator[Check]:
    if has_placeholder(text):
        yield note("scope", "scope is still to be filled in")
        return
    if any(mark in text for mark in ",;"):
        spaced = " ".join(text.replace(",", " ").replace(";", " ").split())
        yield failed(
            "scope", 70011, "scopes are separated by spaces", parameter="scope", fixes=(Fix("set", "scope", spaced),)
        )
        return
    words = text.split()
    odd = sorted(word for word in words if word.lower() in _UNSUPPORTED)
    if odd:
        yield note(
            "scope", f"{' and '.join(odd)}: not supported by the platform", "entra:scopes-oidc", parameter="scope"
        )
    scopes = tuple(split_scope(word) for word in words if word.lower() not in OPENID | _UNSUPPORTED)
    refused = [*_shape(scene, scopes, words)]
    yield from refused
    if not refused:
        yield from _listed(scene, scopes)


def _shape(scene: Scene, scopes: tuple[RequestedScope, ...], words: list[str]) -> Iterator[Check]:
    resources = list(dict.fromkeys(scope.resource.rstrip("/").lower() for scope in scopes))
    defaults = [scope for scope in scopes if scope.is_default]
    if scene.grant == "client_credentials":
        yield from _app_only(scopes, resources)
        return
    if defaults and len(defaults) < len(scopes):
        yield failed(
            "scope", 70011, ".default cannot be combined with single permissions", "entra:scopes-oidc",
                parameter="scope",
            fixes=(Fix("set", "scope", _only(words, scopes[0].resource, keep_default=scopes[0].is_default)),),
        )  # fmt: skip
    elif len(resources) > 1 and _takes_one(scene):
        code = 28000 if scene.grant == "authorization_code" else 700022
        yield failed(
            "scope", code, f"the scopes belong to {len(resources)} resources, and a token is for one",
                parameter="scope",
            fixes=(Fix("set", "scope", _only(words, scopes[0].resource)),),
        )  # fmt: skip
    elif not scopes and (scene.response_types == {"token"} or scene.grant == BEHALF):
        yield failed("scope", 700023, "only OpenID scopes, and an access token is asked for", parameter="scope")
    if "id_token" in scene.response_types and "openid" not in (word.lower() for word in words):
        yield failed(
            "scope",
            70005,
            "an ID token needs the scope openid",
            parameter="scope",
            fixes=(Fix("set", "scope", " ".join(("openid", *words))),),
        )
    if scene.app is not None:
        yield from _itself(scene.app, defaults)


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


def _app_only(scopes: tuple[RequestedScope, ...], resources: list[str]) -> Iterator[Check]:
    if len(resources) > 1:
        yield failed(
            "scope", 70011, "client credentials ask for one resource at a time", parameter="scope",
            fixes=(Fix("set", "scope", f"{scopes[0].resource}/.default"),),
        )  # fmt: skip
    elif not scopes or len(scopes) > 1 or not scopes[0].is_default:
        meant = f"{scopes[0].resource}/.default" if scopes else "{resource}/.default"
        yield failed(
            "scope",
            1002012,
            "client credentials take {resource}/.default and nothing else",
            parameter="scope",
            fixes=(Fix("set", "scope", meant),),
        )


def _itself(app: Registration, defaults: list[RequestedScope]) -> Iterator[Check]:
    """A client that asks a token for itself has to name itself by its GUID."""
    uris = app.identifier_uris
    own = {str(uri).casefold().rstrip("/") for uri in uris or ()} if uris is not UNSET else set()
    for scope in defaults:
        resource = scope.resource.casefold().rstrip("/")
        itself = resource in own or resource == f"api://{app.app_id}".casefold()
        if itself and isinstance(app.app_id, str):
            yield failed(
                "scope", 90009, "the client asks a token for itself, and not by its GUID", parameter="scope",
                fixes=(Fix("set", "scope", f"{app.app_id}/.default"),),
            )  # fmt: skip


def _listed(scene: Scene, scopes: tuple[RequestedScope, ...]) -> Iterator[Check]:
    """Whether the registration lists the resource among its requested permissions."""
    app = scene.app
    if not scopes:
        yield passed("scope", "OpenID scopes")
    elif app is None:
        yield unread("scope", _NOT_READ, "requiredResourceAccess")
    elif scene.grant == "client_credentials":
        yield _listed_for_app(app, scopes)
    else:
        yield _listed_for_user(app, scopes)


def _listed_for_app(app: Registration, scopes: tuple[RequestedScope, ...]) -> Check:
    """The same for a token of the client itself: without an application permission it has no roles."""
    if not _is_read(app):
        return note("scope", f"{_NOT_READ}; consent decides")
    wanted, what = _resources(scopes)
    roles = {
        str(row.resource_app_id).lower()
        for row in app.required_resource_access or ()
        if any(access.type == "Role" for access in row.resource_access or ())
    }
    if "" in wanted or not roles.isdisjoint(wanted):
        return passed("scope", f"{what}: one resource with .default")
    return note(
        "scope",
        f"{what}: the registration asks for no application permission of it, so the token will have no roles",
        "entra:v2-oauth2-client-creds-grant-flow",
    )


def _listed_for_user(app: Registration, scopes: tuple[RequestedScope, ...]) -> Check:
    """The same for a token of the signed-in user: ``.default`` needs a listed permission, others can be consented
    to.
    """
    by_default = any(scope.is_default for scope in scopes)
    if not _is_read(app):
        if by_default:
            return unread("scope", _NOT_READ, "requiredResourceAccess")
        return note("scope", f"{_NOT_READ}; consent decides")
    wanted, what = _resources(scopes)
    listed = {str(row.resource_app_id).lower() for row in app.required_resource_access or ()}
    unlisted = [app_id for app_id in wanted if app_id not in {"", str(app.app_id).lower(), *listed}]
    if unlisted and by_default:
        return failed(
            "scope", 650057, f"{what} with .default, and the registration asks for no permission of it",
                parameter="scope",
            property="requiredResourceAccess",
                change=f'add resourceAppId "{unlisted[0]}" with the permissions that the client needs',
        )  # fmt: skip
    if unlisted:
        return note(
            "scope",
            f"{what}: not among the requested permissions of the registration; each person has to consent",
            "entra:scopes-oidc",
        )
    if "" in wanted:
        return passed("scope", f"{what}: a resource of your own, which the registration names by its id")
    return passed("scope", f"{what}: among the requested permissions")


def _resources(scopes: tuple[RequestedScope, ...]) -> tuple[list[str], str]:
    """The application ids of the resources, empty for one that is not known, and the resources as one text."""
    wanted = list(dict.fromkeys(app_id_of(scope.resource) for scope in scopes))
    return wanted, ", ".join(dict.fromkeys(scope.resource for scope in scopes))


def _is_read(app: Registration) -> bool:
    """Whether all requested permissions of the registration were read."""
    return app.required_resource_access is not UNSET and not any(
        pointer.startswith("/requiredResourceAccess") for pointer in app.unread
    )
