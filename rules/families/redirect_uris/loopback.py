"""Redirect URIs that lead to the user's own device."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import is_debugging, shared_suffix
from rules.model.finding import Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, native, spa, web
from rules.model.registration import Redirect, Registration
from rules.primitives.uri import Uri


@rule(
    "localhost-beside-production",
    severity="low",
    only_if=("loopback",),
    needs=("web.redirectUris", "spa.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris"),
    checks=("RU-08",),
    references=("entra:reply-url#development", "entra:app-best-practices#redirect-uris", "rfc:8252#8.3"),
    bad=(
        Bad(web("https://portal.contoso.com/cb", "https://localhost:44321/cb"), at="/web/redirectUris/1"),
        Bad(web("https://portal.contoso.com/cb", "http://127.0.0.1/cb"), at="/web/redirectUris/1"),
        Bad(spa("http://localhost:4200/"), at=SPA_0),
    ),
    good=(
        Good(web("https://localhost:44321/cb"), why="a registration for development alone"),
        Good(
            web("https://localhost:44321/cb", "https://jwt.ms", "https://a1b2.ngrok-free.app/cb"),
            why="a site for debugging and a tunnel are not production",
        ),
        Good(native("http://localhost"), why="a program on the device listens there"),
        Good(web("https://localhost.contoso.com/cb"), why="a public host"),
    ),
    base="web",
)
def localhost_beside_production(app: Registration, _: Context) -> Iterator[Hit]:
    """A web or spa registration for production also redirects to the user's own device.

    Why: Any program that listens there can receive codes and tokens of the production client.
    Fix: Create a separate registration for development, and remove the localhost redirect URI here.
    """
    places = [place for place in app.redirects if place.platform != "publicClient" and place.uri.is_web]
    if not any(_is_production(place.uri) for place in places):
        return
    for place in places:
        # Entra does not support ::1, so nothing is ever sent there; ip-redirect-uri reports it.
        if place.uri.is_loopback and ":" not in (place.uri.host or ""):
            says = f"redirects to {place.uri.host} as well as to production hosts"
            yield Hit(pointer=place.pointer, message=says, remove=True)


def _is_production(uri: Uri) -> bool:
    """Whether *uri* is an https host other than the device, a site for debugging and a development tunnel."""
    host = uri.host or ""
    row = shared_suffix(host)
    tunnel = row is not None and row.naming == "tunnel"
    return uri.scheme == "https" and not uri.is_loopback and not is_debugging(host) and not tunnel


@rule(
    "loopback-by-name",
    severity="info",
    only_if=("loopback",),
    needs=("publicClient.redirectUris",),
    when_set=("publicClient.redirectUris",),
    checks=("RU-09",),
    references=(
        "rfc:8252#7.3",
        "rfc:8252#8.3",
        "entra:reply-url#loopback-address",
        "thread:AzureAD/microsoft-authentication-library-for-dotnet#5662",
    ),
    bad=Bad(native("http://localhost"), at=NATIVE_0),
    good=(
        Good(native("http://127.0.0.1")),
        Good(web("http://localhost"), why="localhost-beside-production checks web clients"),
    ),
    base="native",
)
def loopback_by_name(app: Registration, _: Context) -> Iterator[Hit]:
    """A native client listens on the name localhost instead of 127.0.0.1.

    Why: A misconfigured firewall or a renamed network interface can break the name, so Microsoft prefers the address.
        Some libraries require the name, such as MSAL.NET.
    Fix: Register http://127.0.0.1 if the client's library can use it. The portal's text box refuses it: use the
        manifest or Microsoft Graph.
    """
    for place in app.redirects:
        if place.platform == "publicClient" and place.uri.is_localhost_name and place.uri.scheme == "http":
            yield Hit(pointer=place.pointer, message=f"listens on the name {place.uri.host}")


@rule(
    "loopback-uris-differ-in-port",
    severity="low",
    only_if=("loopback",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-10",),
    references=("entra:reply-url#localhost", "rfc:8252#7.3"),
    bad=(
        Bad(web("https://localhost:1/", "https://localhost:2/"), at="/web/redirectUris/1"),
        Bad(native("http://127.0.0.1:1/", "http://127.0.0.1:2/"), at="/publicClient/redirectUris/1"),
    ),
    good=(
        Good(native("http://127.0.0.1:1/a", "http://127.0.0.1:2/b"), why="the paths differ"),
        Good(
            {**spa("http://127.0.0.1:1"), **native("http://127.0.0.1:2")},
            why="redirect-uri-on-two-platforms checks that",
        ),
        Good(native("http://a.localhost:1", "http://a.localhost:2"), why="only localhost itself ignores the port"),
    ),
    base="native",
)
def loopback_uris_differ_in_port(app: Registration, _: Context) -> Iterator[Hit]:
    """Several loopback redirect URIs of one platform differ only in the port.

    Why: Entra ignores the port of localhost, so all of them match the same requests. Its page says the same of loopback
        redirect URIs, but has no example with 127.0.0.1.
    Fix: Keep one of them, without a port. With 127.0.0.1, test sign-in on another port before you remove the others.
    """
    if len(app.redirects) < 2:
        return
    first: dict[str, Redirect] = {}
    loopback = [
        place
        for place in app.redirects
        if place.uri.is_web and place.uri.is_loopback and ":" not in (place.uri.host or "")
    ]
    platforms: dict[str, set[str]] = {}
    for place in loopback:
        platforms.setdefault(place.uri.identity, set()).add(place.platform)
    for place in loopback:
        identity = place.uri.identity
        known = first.setdefault(identity, place)
        if known is not place and len(platforms[identity]) == 1 and known.uri.port != place.uri.port:
            yield Hit(
                pointer=place.pointer, message=f"has {identity} with several ports", remove=place.uri.is_localhost_name
            )
