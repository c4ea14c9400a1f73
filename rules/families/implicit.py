"""Tokens from the authorization endpoint: the implicit and the hybrid grant.

While a redirect URI is on the spa platform, ``spa-with-implicit`` reports both switches, and the other two rules report
nothing: the missing migration is the mistake then, and it is reported once. Otherwise they report a switch each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from rules.analysis.dns import is_open
from rules.analysis.requested import takeovers
from rules.engine.gaps import unlisted_takeovers
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.hosts import claimable, is_debugging
from rules.model.finding import Because, Hit, Severity
from rules.model.fragments import ACT_AS_USER, spa
from rules.model.registration import UNSET, Redirect, Registration, read_value
from rules.primitives.pointers import pointer_to

_ACCESS: Final = "/web/implicitGrantSettings/enableAccessTokenIssuance"
_ID: Final = "/web/implicitGrantSettings/enableIdTokenIssuance"


def _switched_on(name: str, *uris: str) -> dict[str, Any]:
    """The web platform with a switch of the implicit grant, and with *uris* where there are any."""
    switch = {"implicitGrantSettings": {name: True}}
    return {"web": {**switch, "redirectUris": list(uris)} if uris else switch}


def _access(*uris: str) -> dict[str, Any]:
    return _switched_on("enableAccessTokenIssuance", *uris)


def _id(*uris: str) -> dict[str, Any]:
    return _switched_on("enableIdTokenIssuance", *uris)


def _on(app: Registration, name: str) -> bool:
    settings = app.web.implicit_grant_settings if app.web else None
    return bool(settings) and getattr(settings, name) is True


def _uses_spa(app: Registration) -> bool:
    return bool(app.spa and app.spa.redirect_uris)


def _has_no_receiver(app: Registration) -> bool:
    """Whether no redirect URI can receive a token; true only when both lists were read."""
    lists = (read_value(app, "web.redirectUris"), read_value(app, "spa.redirectUris"))
    return all(uris is None or uris == () for uris in lists)


class _Leak(msgspec.Struct, frozen=True):
    """A redirect URI through which someone else can get a token: how bad that is (0 worst), who, and where it is."""

    rank: int
    reader: str
    because: Because


def _leaks(app: Registration) -> list[_Leak]:
    """Such redirect URIs, worst first. A host of a shared cloud is not one while its owner has it."""
    places = (place for place in app.redirects if place.platform != "publicClient" and place.uri.is_web)
    remote = (
        place for place in places if not place.uri.is_loopback and not (place.uri.ip and place.uri.ip.is_unspecified)
    )
    found = (_leak(place, wildcards=not app.allows_personal_accounts) for place in remote)
    return sorted((leak for leak in found if leak), key=lambda leak: leak.rank)


def _leak(place: Redirect, *, wildcards: bool) -> _Leak | None:
    """The leak through *place*; Entra does not support *wildcards* with personal accounts."""
    host = place.uri.host or ""
    if "*" in host:
        if not wildcards:
            return None
        rank = 0 if is_open(host) else 1
        return _Leak(rank, f"an attacker with a host that matches {host}", Because(place.pointer, "a wildcard host"))
    shared = claimable(place.uri, ())
    if shared and shared.naming == "tunnel":
        return _Leak(2, f"anyone who gets the tunnel {host}", Because(place.pointer, "a development tunnel"))
    if is_debugging(host):
        # With response_mode=form_post the token is posted to the site, not only shown in the browser.
        return _Leak(3, f"the operator of {host}", Because(place.pointer, "a site for debugging"))
    if place.uri.scheme == "http":
        reader = f"an attacker who can tamper with HTTP traffic to {host}"
        return _Leak(4, reader, Because(place.pointer, "an http redirect URI"))
    return None


def _assess(app: Registration, *, access: bool) -> tuple[str, Severity, tuple[Because, ...]]:
    """How bad a switch is, in words, as a severity, and by which redirect URIs.

    Critical only where anyone can have the token sent to a host of their own. An attacker must get a host below the
    domain of one owner, or a tunnel, first. On plain http a token in a fragment is not sent: an attacker must be on the
    network and change the page. Without such a redirect URI, another mistake must come first, and an access token gives
    the data of its user: high only where it may take over the tenant, or where some of this is not known.
    """
    if _has_no_receiver(app):
        return "; the registration has no web or spa redirect URI", "low" if access else "info", ()
    leaks = _leaks(app)
    because = tuple(leak.because for leak in leaks)
    words = f", and {leaks[0].reader} can receive them" if leaks else ""
    if access:
        powerful = takeovers(app)
        words += f"; the registration requests {powerful[0].permission.name}" if powerful else ""
        if leaks and leaks[0].rank == 0:
            return words, "critical", because
        if leaks or powerful:
            return words, "high", because
        unknown = _unknown(app)
        return (
            (f"{words}; not all of its {unknown} are known", "high", because) if unknown else (words, "medium", because)
        )
    return words, "medium" if leaks else "low", because


def _unknown(app: Registration) -> str:
    """What could make an access token more dangerous and is not known, in words; empty where all of it is known."""
    if _is_unread(app, "web.redirectUris") or _is_unread(app, "spa.redirectUris"):
        return "redirect URIs"
    if app.allows_only_personal_accounts:
        return ""  # no permission can take over a tenant
    is_unlisted = any(unlisted_takeovers(app, "Scope"))
    return "permissions" if is_unlisted or _is_unread(app, "requiredResourceAccess") else ""


def _is_unread(app: Registration, path: str) -> bool:
    """Whether the value at a dotted Graph *path*, or a part of it, was not read."""
    return read_value(app, path) is UNSET or any(mark.startswith(pointer_to(path)) for mark in app.unread)


@rule(
    "implicit-access-token",
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=(
        "web.implicitGrantSettings.enableAccessTokenIssuance",
        "web.redirectUris",
        "spa.redirectUris",
        "requiredResourceAccess",
    ),
    when_set=("web.implicitGrantSettings.enableAccessTokenIssuance",),
    checks=("IM-01", "IM-04", "IM-05", "IM-06"),
    references=(
        "rfc:9700#2.1.2",
        "rfc:9700#4.3.2",
        "entra:v2-oauth2-implicit-grant-flow",
        "entra:app-best-practices#implicit-flow",
        "entra:migrate-spa-implicit-to-auth-code",
        "graph:implicitgrantsettings",
    ),
    bad=(
        Bad(_access(), at=_ACCESS),
        Bad(
            _access("https://*.azurewebsites.net/cb"),
            at=_ACCESS,
            severity="critical",
            expected_rules=("wildcard-redirect-uri",),
        ),
        Bad(
            _access("https://*.contoso.com/cb"),
            at=_ACCESS,
            severity="high",
            expected_rules=("wildcard-redirect-uri",),
        ),
        Bad(
            _access("https://webhook.site/x"),
            at=_ACCESS,
            severity="high",
            expected_rules=("debugging-redirect-host",),
        ),
        Bad(
            {**_access(), **ACT_AS_USER},
            at=_ACCESS,
            severity="high",
            expected_rules=("powerful-delegated-permission",),
        ),
        Bad({"web": {**_access()["web"], "redirectUris": []}}, at=_ACCESS, severity="low"),
    ),
    good=(
        Good(_id(), why="implicit-id-token checks that switch"),
        Good({**spa("https://orders.contoso.com/"), **_access()}, why="spa-with-implicit reports this case"),
    ),
    base="web",
)
def implicit_access_token(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The implicit grant for access tokens is enabled.

    Why: An access token in the URL can leak, for example through the browser history. The token is not bound to a
        client, so an attacker who gets it can use it.
    Acceptable: The implicit grant is acceptable while a client cannot use the authorization code grant yet. Microsoft
        recommends a separate registration for a client that needs the implicit grant.
    Fix: Move every client that uses this registration to the authorization code grant with PKCE. Then set
        web.implicitGrantSettings.enableAccessTokenIssuance to false.
    """
    if _on(app, "enable_access_token_issuance") and not _uses_spa(app):
        words, severity, because = _assess(app, access=True)
        says = f"issues access tokens from the authorization endpoint{words}"
        yield Hit(pointer=_ACCESS, message=says, severity=severity, because=because, set_to=False)
        yield from unlisted_takeovers(app, "Scope")


@rule(
    "implicit-id-token",
    severity="low",
    may_be=("medium", "info"),
    needs=("web.implicitGrantSettings.enableIdTokenIssuance", "web.redirectUris", "spa.redirectUris"),
    when_set=("web.implicitGrantSettings.enableIdTokenIssuance",),
    checks=("IM-02", "IM-04", "IM-05"),
    references=(
        "entra:v2-oauth2-implicit-grant-flow",
        "entra:v2-protocols-oidc",
        "azure:configure-authentication-provider-aad",
        "graph:implicitgrantsettings",
    ),
    bad=(
        Bad(_id(), at=_ID),
        Bad(_id("http://portal.contoso.com/cb"), at=_ID, severity="medium", expected_rules=("plaintext-redirect-uri",)),
        Bad(_id("https://webhook.site/x"), at=_ID, severity="medium", expected_rules=("debugging-redirect-host",)),
        Bad({"web": {**_id()["web"], "redirectUris": None}}, at=_ID, severity="info"),
    ),
    good=(
        Good({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": False}}}),
        Good({"web": {"implicitGrantSettings": None}}, why="null means false"),
        Good(
            _id("https://portal.contoso.com/.auth/login/aad/callback"),
            why="App Service sign-in needs ID tokens",
        ),
    ),
    base="web",
)
def implicit_id_token(app: Registration, _: Context) -> Iterator[Hit]:
    """ID tokens for implicit and hybrid flows are enabled.

    Why: Without the response mode form_post, Entra returns the ID token, with the user's identity, in the URL.
    Acceptable: ID tokens are acceptable if a web app requests them from the authorization endpoint, for example with
        hybrid sign-in. For web apps, Microsoft recommends form_post, which keeps the token out of the URL.
    Fix: Set web.implicitGrantSettings.enableIdTokenIssuance to false if every client uses only the authorization code
        grant. Otherwise, keep the setting, because sign-in fails without it. Change web apps to the response mode
        form_post.
    """
    if _on(app, "enable_id_token_issuance") and not _uses_spa(app) and not _is_app_service(app):
        words, severity, because = _assess(app, access=False)
        says = f"issues ID tokens from the authorization endpoint{words}"
        yield Hit(pointer=_ID, message=says, severity=severity, because=because, set_to=False)


def _is_app_service(app: Registration) -> bool:
    """Whether all web redirect URIs are the callback of App Service sign-in, none of them where a token may leak."""
    web = [place.uri for place in app.redirects if place.platform == "web"]
    return bool(web) and not _leaks(app) and all(uri.path == "/.auth/login/aad/callback" for uri in web)


@rule(
    "spa-with-implicit",
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=(
        "spa.redirectUris",
        "web.redirectUris",
        "web.implicitGrantSettings.enableAccessTokenIssuance",
        "web.implicitGrantSettings.enableIdTokenIssuance",
        "requiredResourceAccess",
    ),
    when_set=("spa.redirectUris",),
    checks=("IM-03",),
    references=(
        "entra:migrate-spa-implicit-to-auth-code",
        "entra:v2-oauth2-auth-code-flow#spa",
        "entra:app-best-practices#implicit-flow",
        "rfc:9700#2.1.2",
    ),
    bad=(
        Bad(_access(), at=_ACCESS),
        Bad(_id(), at=_ID, severity="low"),
        Bad(
            {**_access(), **ACT_AS_USER},
            at=_ACCESS,
            severity="high",
            expected_rules=("powerful-delegated-permission",),
        ),
    ),
    good=(
        Good({"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": None}}}),
        Good({"web": None}, why="there is no web platform"),
    ),
    base="spa",
)
def spa_with_implicit(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A client on the spa platform still has the implicit grant enabled.

    Why: Apps on the spa platform can use the authorization code grant. While the implicit grant is enabled, Entra can
        return tokens for this client in the URL, where they can leak.
    Acceptable: The implicit grant is acceptable while an app that uses this registration needs it. Microsoft warns not
        to disable the implicit grant before all apps have moved.
    Fix: Move all apps that use this registration to the authorization code grant. Move a web app that needs hybrid
        sign-in to a separate registration. Then set web.implicitGrantSettings.enableAccessTokenIssuance and
        web.implicitGrantSettings.enableIdTokenIssuance to false.
    """
    if not _uses_spa(app):
        return
    for name, pointer, what in (
        ("enable_access_token_issuance", _ACCESS, "access tokens"),
        ("enable_id_token_issuance", _ID, "ID tokens"),
    ):
        if _on(app, name):
            words, severity, because = _assess(app, access=pointer == _ACCESS)
            says = f"uses the spa platform and still issues {what} from the authorization endpoint{words}"
            yield Hit(pointer=pointer, message=says, severity=severity, because=because, set_to=False)
    if _on(app, "enable_access_token_issuance"):
        yield from unlisted_takeovers(app, "Scope")
