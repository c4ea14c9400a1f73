"""What a recipe takes from a registration: tenant, platform and redirect URI, credential, and the API that it requests.

Of several registered values, it takes one that works now. A redirect URI must fit in a request and be on one platform;
on web it also needs a valid credential. The API is the one whose permissions the registration requests.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from advisor.preflight.known import is_read
from advisor.preflight.redirects import faults, match_redirect
from advisor.preflight.resources import uri_of
from advisor.preflight.steps.credentials import living
from advisor.preflight.wire import has_placeholder
from rules.analysis.federation import federated
from rules.analysis.grants import LOGIN, Grant
from rules.analysis.posture import posture
from rules.knowledge.permissions import DATAVERSE, GRAPH
from rules.model.registration import Platform, Redirect, Registration, RequiredResourceAccess
from rules.primitives.texts import is_guid

#: A redirect URI for a registration that has none: addresses of documentation (RFC 2606), and the loopback one.
SAMPLE: Final[dict[Platform, str]] = {
    "web": "https://app.example.com/signin-oidc",
    "spa": "https://app.example.com/",
    "publicClient": "http://localhost",
}

#: More platforms on which a grant works, without being advised there.
_BESIDES: Final[dict[str, tuple[Platform, ...]]] = {"hybrid": ("spa", "publicClient"), "refresh_token": ("spa",)}

#: Grants whose requests send a credential if their redirect URI is on web.
_BY_CODE: Final = ("authorization_code", "refresh_token", "hybrid")

#: Microsoft Graph's User.Read, which the portal adds to every registration (Microsoft Graph permissions reference).
_USER_READ: Final = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What the user prefers; empty where the registration decides."""

    tenant: str = ""
    api: str = "graph"
    scope: str = ""
    redirect_uri: str = ""
    platform: Platform | None = None
    credential: str = ""
    agent: str = ""
    login: str = "login.microsoftonline.com"


class RequestedApi(msgspec.Struct, frozen=True):
    """The API whose permissions a registration requests, as ``Preferences`` names one, and the scope of a user's token
    for it.
    """

    api: str = "graph"
    scope: str = ""
    listed: bool = False


def choose_client_id(app: Registration | None) -> str:
    """The client ID if it is a GUID, otherwise a placeholder: a recipe is run, so it has no other text of a file."""
    found = app.app_id if app is not None else None
    return found if isinstance(found, str) and is_guid(found) else "{client_id}"


def choose_tenant(row: Grant, app: Registration | None, preferences: Preferences) -> str:
    """The preferred tenant, or the alias for all accounts that the registration allows."""
    if preferences.tenant:
        return preferences.tenant
    audience = app.sign_in_audience if app is not None else None
    one = not all(step.url.startswith(LOGIN) for step in row.request) or not isinstance(audience, str)
    several = {
        "AzureADMultipleOrgs": "organizations",
        "AzureADandPersonalMicrosoftAccount": "common",
        "PersonalMicrosoftAccount": "consumers",
    }
    alias = "{tenant}" if one else several.get(str(audience), "{tenant}")
    work_only = len(row.audiences) < 4
    return "organizations" if work_only and alias in ("common", "consumers") else alias


def usable_redirects(app: Registration) -> tuple[Redirect, ...]:
    """The redirect URIs that fit in a request and are on one platform, those that could be registered again
    first.
    """
    plain = [redirect for redirect in app.redirects if _is_plain(redirect)]
    if len({redirect.platform for redirect in plain}) > 1:
        plain = [redirect for redirect in plain if len({r.platform for r in _same(app, redirect)}) == 1]
    return tuple(sorted(plain, key=lambda redirect: bool(faults(redirect.uri.text))))


def _same(app: Registration, redirect: Redirect) -> tuple[Redirect, ...]:
    return match_redirect(app, redirect.uri.text).found


def _is_plain(redirect: Redirect) -> bool:
    """Say whether a redirect URI is made of visible ASCII, so that it can be in a script, a header, a comment."""
    text = redirect.uri.text
    odd = " " in text or "*" in text or redirect.uri.userinfo is not None or has_placeholder(text)
    return text.isascii() and text.isprintable() and not odd


def choose_redirect(
    row: Grant, app: Registration | None, preferences: Preferences, now: datetime
) -> tuple[Platform | None, str]:
    """Platform and redirect URI: the preferred ones, otherwise the first that fits the grant, otherwise a sample."""
    if not row.redirect:
        return None, ""
    usable = usable_redirects(app) if app is not None else ()
    if preferences.redirect_uri:
        named = [r.platform for r in app.redirects if r.uri.text == preferences.redirect_uri] if app is not None else []
        known = next((platform for platform in named if platform in platforms_of(row)), None)
        first = usable[0].platform if usable and usable[0].platform in row.platforms else row.platforms[0]
        return preferences.platform or known or first, preferences.redirect_uri
    platforms = (preferences.platform,) if preferences.platform is not None else platforms_of(row)
    fitting = [redirect for redirect in usable if redirect.platform in platforms]
    if app is not None and row.id in _BY_CODE and len({redirect.platform for redirect in fitting}) > 1:
        first_web = row.id == "hybrid"
        proven = _proves(app, now)
        fitting.sort(key=lambda r: (r.platform == "web" and not proven, first_web and r.platform != "web"))
    if fitting:
        return fitting[0].platform, fitting[0].uri.text
    registered = [redirect.platform for redirect in app.redirects] if app is not None else []
    platform = next(
        (platform for platform in (preferences.platform, *registered) if platform in platforms), row.platforms[0]
    )
    return platform, SAMPLE[platform]


def platforms_of(row: Grant) -> tuple[Platform, ...]:
    """The platforms on which the grant *row* works, those on which it is advised first."""
    return (*row.platforms, *_BESIDES.get(row.id, ()))


def _proves(app: Registration, now: datetime) -> bool:
    """Say whether a credential is known to be valid at *now*."""
    return _is_federated(app) or "valid" in (
        living(app.key_credentials, app, now, "/keyCredentials")[0],
        living(app.password_credentials, app, now, "/passwordCredentials")[0],
    )


def _is_federated(app: Registration) -> bool:
    """Say whether a token can match a federated credential."""
    return any(place.accepts_tokens for place in federated(app))


def choose_credential(
    row: Grant, app: Registration | None, preferences: Preferences, platform: Platform | None, now: datetime
) -> str:
    """The credential that the requests send; empty for a public client."""
    proves = row.credential and not (row.id == "hybrid" and platform not in (None, "web"))
    proves = proves or (row.id in _BY_CODE and platform == "web")
    if row.id == "password":
        # The public client fallback makes the client public, and a public client sends no credential (AADSTS700025).
        proves = (
            bool(preferences.credential)
            if app is None
            else any(fact.grant == "device_code" and fact.state == "blocked" for fact in posture(app, now))
        )
    if not proves:
        return ""
    if preferences.credential or app is None:
        return preferences.credential or "certificate"
    if _is_federated(app):
        return "federated"
    keys = living(app.key_credentials, app, now, "/keyCredentials")[0]
    secrets = living(app.password_credentials, app, now, "/passwordCredentials")[0]
    if keys == "valid" or secrets == "valid":
        return "certificate" if keys == "valid" else "secret"
    if app.federated_identity_credentials:
        return "federated"
    return "certificate" if app.key_credentials or not app.password_credentials else "secret"


def requested_api(app: Registration, *, delegated: bool) -> RequestedApi:
    """The API whose delegated (or application) permissions *app* requests, and what a first token may contain.

    An API of the reader's own comes before Microsoft Graph where Graph is requested for the sign-in alone. Where
    nothing was read, it is Microsoft Graph without a scope.
    """
    kind = "Scope" if delegated else "Role"
    found = {
        str(row.resource_app_id).lower(): [str(one.id).lower() for one in row.resource_access or () if one.type == kind]
        for row in _requested(app)
        if is_guid(str(row.resource_app_id))
    }
    found = {api: ids for api, ids in found.items() if ids}
    if not found:
        return RequestedApi()
    only_sign_in = delegated and set(found.get(GRAPH, ())) <= {_USER_READ}
    api = GRAPH if GRAPH in found and not (only_sign_in and len(found) > 1) else next(a for a in found if a != GRAPH)
    if api == GRAPH:
        return RequestedApi("graph", "User.Read" if _USER_READ in found[GRAPH] else ".default", listed=True)
    if api == DATAVERSE:
        return RequestedApi("https://{environment}", ".default", listed=True)
    return RequestedApi(uri_of(api), ".default", listed=True)


def _requested(app: Registration) -> tuple[RequiredResourceAccess, ...]:
    return app.required_resource_access or () if is_read(app, "requiredResourceAccess") else ()
