"""Applications without use, permissions without use, and use of disabled applications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rules.analysis.clients import is_made_by_entra
from rules.analysis.usage import ENOUGH_DAYS, api_use, application_use, attempts, tokens_within
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.usage._evidence import KEY_VAULT, gaps_of, seen, unseen, use, use_of
from rules.knowledge.permissions import permission, resources
from rules.model.finding import Hit
from rules.model.fragments import READ_SELF, READ_USERS
from rules.model.registration import Registration, ResourceAccess, disabled_at, read_value
from rules.model.tenant_app import TenantApp
from rules.model.usage import Usage
from rules.primitives.texts import is_guid, text_of

_API: Final = ("identifierUris", "api.oauth2PermissionScopes", "appRoles")
#: The kinds of permissions in words, each with the tokens that contain them.
_KINDS: Final = {
    "Role": ("application permissions", "app-only token"),
    "Scope": ("delegated permissions", "token of a user"),
}
#: The permissions that let users sign in. Sources: Microsoft Graph, "Permissions reference" (User.Read); Microsoft
#: Entra, "Scopes and permissions".
_SIGN_IN: Final = frozenset({"openid", "profile", "email", "offline_access", "User.Read"})
_OWN_ID: Final = use(1).app_id
_FEW: Final = seen(use(1))


@rule(
    "unused-application",
    severity="low",
    status="preview",
    needs_usage=True,
    needs=("signInAudience", "displayName"),
    needs_all=("appId", "createdDateTime", *_API),
    checks=("OW-09",),
    settings=("unused-after-days",),
    references=(
        "entra:recommendation-remove-unused-apps",
        "entra:restore-application",
        "entra:reports-data-retention",
        "graph:extensibility-overview#directory-extensions",
        "azure:b2c-extensions-app",
    ),
    bad=Bad({}, at="/appId", usage=seen(use(2))),
    good=(
        Good({}, why="the app signed in", usage=_FEW),
        Good({}, why="a client requested tokens for the app", usage=seen(use(2, resource_id=_OWN_ID))),
        Good({"isDisabled": True}, why="no token is issued for the app", usage=seen()),
        Good(
            {"displayName": "b2c-extensions-app. Do not modify. Used by AADB2C for storing user data."},
            why="Microsoft Entra manages the app, which needs no tokens",
            usage=seen(use(2)),
        ),
    ),
    base="web",
)
def unused_application(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An application was not seen in use as a client or API.

    Why: An unused application increases the attack surface: its credentials, redirect URIs and permissions still work.
    Acceptable: The application is acceptable if it needs no tokens, for example for directory extensions, Application
        Proxy or password-based single sign-on. It is also acceptable if it is needed so rarely that the period of the
        sign-in logs is too short.
    Fix: Ask the owners whether the application is still needed. Check whether the registration defines directory
        extensions: deleting it makes their data undiscoverable. Deactivate the application first, so that you can undo
        the change. Then delete the registration. You can restore a deleted registration for 30 days.
    """
    if disabled_at(app) or is_made_by_entra(app):
        return
    is_api = any(bool(read_value(app, path)) for path in _API)
    found = use_of(app, context, application_use(text_of(app.app_id), is_api=is_api))
    days = max(context.settings.unused_after_days, ENOUGH_DAYS)
    if found.days >= days:
        yield Hit(pointer="/appId", message=f"was {unseen(found)}, neither as a client nor as an API")
    else:
        yield from gaps_of(app, found, "/appId", days)


@rule(
    "unexercised-permission",
    severity="low",
    status="preview",
    needs_usage=True,
    needs=("signInAudience", "requiredResourceAccess"),
    needs_all=("appId",),
    when_set=("requiredResourceAccess",),
    checks=("PE-09",),
    references=(
        "entra:secure-least-privileged-access",
        "entra:app-best-practices#permissions",
        "graph:signin-beta",
        "graph:permissions-reference",
        "entra:scopes-oidc",
        "entra:reports-data-retention",
    ),
    bad=(
        Bad(READ_USERS, at="/requiredResourceAccess/0", usage=seen(use(4, resource_id=KEY_VAULT))),
        Bad(READ_SELF, at="/requiredResourceAccess/0", usage=seen(use(4, resource_id=KEY_VAULT))),
    ),
    good=(
        Good(READ_USERS, why="the app received tokens for the API", usage=seen(use(4))),
        Good(READ_USERS, why="the app received no token at all: see unused-application", usage=seen()),
        Good(
            READ_SELF,
            why="users sign in with User.Read, also without a token for Microsoft Graph",
            usage=seen(use(4, "interactiveUser", "authorizationCodeWithPkce", resource_id=KEY_VAULT)),
        ),
    ),
    base="daemon",
)
def unexercised_permission(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """No token was seen for an API whose permissions the app requests.

    Why: Without a token, a client cannot call the API. An attacker who takes over the app can use the permissions, if
        they were granted.
    Acceptable: The permissions are acceptable if a client calls the API so rarely that the period of the sign-in logs
        is too short. The permissions are also acceptable if a new version of the client will call the API.
    Fix: Ask the owners whether a client still calls the API. If no client calls the API, remove the permissions from
        the registration, and revoke the granted permissions. Keep permissions with which users sign in, such as openid
        and User.Read.
    """
    for index, entry in enumerate(app.required_resource_access or ()):
        pointer, api = f"/requiredResourceAccess/{index}", text_of(entry.resource_app_id)
        if not is_guid(api) or pointer in app.unread:
            continue
        access = entry.resource_access or ()
        types = {text_of(one.type).casefold() for one in access}
        silent = []
        for kind in _KINDS:
            if kind.casefold() not in types:
                continue
            found = use_of(app, context, api_use(api, app_only=kind == "Role"))
            if found.days < ENOUGH_DAYS:
                yield from gaps_of(app, found, pointer, ENOUGH_DAYS)
            elif tokens := tokens_within(context.usage or Usage(), text_of(app.app_id), found):
                is_sign_in = kind == "Scope" and _is_for_sign_in(api, access)
                if not (is_sign_in and any(one.kind != "servicePrincipal" for one in tokens)):
                    silent.append((kind, found))
        if silent:
            what = " and ".join(_KINDS[kind][0] for kind, _ in silent)
            token = _KINDS[silent[0][0]][1] if len(silent) == 1 else "token"
            start, end = max(found.start for _, found in silent), min(found.end for _, found in silent)
            says = f"requests {what} for {_title(api)}; no {token} for this API was seen from {start} to {end}"
            yield Hit(pointer=pointer, message=says)


def _is_for_sign_in(api: str, access: Sequence[ResourceAccess]) -> bool:
    """Whether the delegated permissions are only those with which users sign in, also without a token for the API."""
    ids = (text_of(one.id).lower() for one in access if text_of(one.type).casefold() == "scope")
    rows = (permission(api.lower(), one, "Scope") for one in ids)
    return all(row is not None and row.value in _SIGN_IN for row in rows)


def _title(api: str) -> str:
    known = resources().get(api.lower())
    return known.name if known else f"the API {api}"


@rule(
    "disabled-application-in-use",
    on="service principal",
    severity="low",
    status="preview",
    needs_usage=True,
    needs=(
        "servicePrincipal.accountEnabled",
        "servicePrincipal.isDisabled",
        "servicePrincipal.disabledByMicrosoftStatus",
    ),
    references=(
        "entra:deactivate-application-portal",
        "entra:disable-user-sign-in-portal",
        "graph:signin-beta",
    ),
    bad=(
        Bad(
            {"servicePrincipal": {"accountEnabled": False}, "application": {"keyCredentials": []}},
            at="/servicePrincipal/accountEnabled",
            usage=seen(use(1, result="failure")),
        ),
        Bad(
            {"servicePrincipal": {"isDisabled": True}, "application": {"keyCredentials": []}},
            at="/servicePrincipal/isDisabled",
            usage=_FEW,
        ),
    ),
    good=(
        Good({}, why="the application is enabled", usage=_FEW),
        Good({"servicePrincipal": {"accountEnabled": False}}, why="no client tries to sign in", usage=seen()),
    ),
    base="own",
)
def disabled_application_in_use(app: TenantApp, context: Context) -> Iterator[Hit]:
    """Sign-ins of a disabled application were seen.

    Why: A client or a user may still need the application, or an attacker may try a leaked credential. If the
        application is enabled, the client works again. The logs do not say when the application was disabled, so a
        sign-in may be older than that.
    Acceptable: The sign-ins are acceptable if they are from before the application was disabled. They are also
        acceptable if you disabled the application to block users or clients that still try to sign in.
    Fix: Find the clients in the sign-in logs by the application ID. Stop these clients, or move them to another
        application. If you do not know a client of your own application, remove the credentials of the application.
    """
    blocked = app.blocked
    if blocked is None or context.usage is None:
        return
    found = attempts(context.usage, text_of(app.app_id))
    parts = []
    for result, words in (("success", "successful"), ("failure", "failed")):
        mine = [one for one in found if one.result == result]
        if last := max((one.last for one in mine), default=""):
            count = sum(one.count for one in mine if one.unit != "dates")
            number = f"{count:,} " if count else ""
            parts.append(f"{number}{words} sign-in{'' if count == 1 else 's'}, last on {last}")
    if parts:
        yield Hit(pointer=blocked.pointer, message=f"is {blocked.note} and has {' and '.join(parts)}")
