"""Redirect URIs that lead to the user's own device."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import is_debugging, redirect_endpoint, shared_suffix
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
    references=("entra:reply-url#development", "entra:app-best-practices#redirect-uris", "rfc:8252#8.1"),
    bad=(
        Bad(web("https://portal.contoso.com/cb", "https://localhost:44321/cb"), at="/web/redirectUris/1"),
        Bad(web("https://portal.contoso.com/cb", "http://127.0.0.1/cb"), at="/web/redirectUris/1"),
        Bad(spa("http://localhost:4200/"), at=SPA_0),
    ),
    good=(
        Good(web("https://localhost:44321/cb"), why="a registration only for development"),
        Good(
            web("https://localhost:44321/cb", "https://jwt.ms", "https://a1b2.ngrok-free.app/cb"),
            why="debugging sites and tunnels are for development",
        ),
        Good(
            web("https://token.botframework.com/.auth/web/redirect", "https://localhost:53000/cb"),
            why="every bot registers this host, also during development",
        ),
        Good(native("http://localhost"), why="a native client listens on the device"),
        Good(web("https://localhost.contoso.com/cb"), why="a public host"),
    ),
    base="web",
)
def localhost_beside_production(app: Registration, _: Context) -> Iterator[Hit]:
    """A production app also redirects to the user's own device.

    Why: A program on the user's device can listen on the loopback address and receive codes and tokens of the client.
        Microsoft advises against development redirect URIs in the production app.
    Acceptable: The URI is acceptable if the registration is only for development or test, although one of its hosts
        looks like production.
    Fix: Create a separate registration for development, and change the development client to it. Then remove this URI.
    """
    places = [place for place in app.redirects if place.platform != "publicClient" and place.uri.is_web]
    remote = next((place.uri.host for place in places if _is_remote(place.uri)), None)
    if remote is None:
        return
    for place in places:
        # Entra does not support ::1, so nothing is ever sent there; ip-redirect-uri reports it.
        if place.uri.is_loopback and ":" not in (place.uri.host or ""):
            says = f"redirects to {place.uri.host} and to {remote}"
            yield Hit(pointer=place.pointer, message=says, remove=True)


def _is_remote(uri: Uri) -> bool:
    """Whether *uri* is an https host other than the device, a site for debugging, an endpoint that all customers of a
    service register, and a development tunnel.
    """
    host = uri.host or ""
    row = shared_suffix(host)
    tunnel = row is not None and row.naming == "tunnel"
    is_everyones = is_debugging(host) or redirect_endpoint(host) is not None
    return uri.scheme == "https" and not uri.is_loopback and not is_everyones and not tunnel


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
        "entra:reply-url#localhost",
        "entra:reply-url#loopback-address",
        "thread:AzureAD/microsoft-authentication-library-for-dotnet#5662",
    ),
    bad=(Bad(native("http://localhost"), at=NATIVE_0), Bad(native("https://localhost:8443/"), at=NATIVE_0)),
    good=(
        Good(native("http://127.0.0.1")),
        Good(web("http://localhost"), why="localhost-beside-production checks web clients"),
        Good(native("http://app.localhost"), why="plaintext-redirect-uri reports this case"),
    ),
    base="native",
)
def loopback_by_name(app: Registration, _: Context) -> Iterator[Hit]:
    """A native client redirects to the name localhost.

    Why: If a redirect URI has the name localhost, a misconfigured firewall or a renamed network interface can break
        sign-in. Microsoft prefers 127.0.0.1.
    Acceptable: The name is acceptable if the client listens on any free port, because Entra ignores the port only for
        localhost. A report says that MSAL.NET also requires the name.
    Fix: Keep localhost if the client listens on any free port. Otherwise, add the URI with 127.0.0.1 and its port to
        publicClient.redirectUris, and configure the client to use this URI. Then remove the URI with localhost. The
        text box of the portal refuses http://127.0.0.1, so add such a URI in the manifest.
    """
    for place in app.redirects:
        if place.platform == "publicClient" and place.uri.host == "localhost" and place.uri.is_web:
            yield Hit(pointer=place.pointer, message=f"redirects to the name {place.uri.host}")


@rule(
    "loopback-uris-differ-in-port",
    severity="low",
    only_if=("loopback",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-10",),
    references=("entra:reply-url#localhost", "thread:MicrosoftDocs/azure-docs#72695"),
    bad=(
        Bad(web("https://localhost:1/", "https://localhost:2/"), at="/web/redirectUris/1"),
        # The one without a port is kept.
        Bad(web("https://LOCALHOST:1/", "https://localhost"), at="/web/redirectUris/0"),
        Bad(
            native("http://localhost", "http://localhost:8400/"),
            at="/publicClient/redirectUris/1",
            expected_rules=("loopback-by-name",),
        ),
    ),
    good=(
        Good(web("https://localhost:1/a", "https://localhost:2/b"), why="the paths differ"),
        Good(
            {**spa("https://localhost:1"), **web("https://localhost:2")},
            why="redirect-uri-on-two-platforms checks this case",
        ),
        Good(native("http://127.0.0.1:1/", "http://127.0.0.1:2/"), why="Entra ignores only the port of localhost"),
        Good(web("https://a.localhost:1", "https://a.localhost:2"), why="Entra ignores only the port of localhost"),
    ),
    base="native",
)
def loopback_uris_differ_in_port(app: Registration, _: Context) -> Iterator[Hit]:
    """Several localhost redirect URIs differ only in the port.

    Why: Entra ignores the port of localhost, so all these URIs match the same requests. Microsoft advises against
        registering redirect URIs that differ only in the port.
    Acceptable: Several ports are acceptable in Azure AD B2C. According to a report, Azure AD B2C compares the port.
    Fix: Keep only one of these URIs, if possible the URI without a port. In Azure AD B2C, keep every URI that is in
        use.
    """
    if len(app.redirects) < 2:
        return
    first: dict[str, Redirect] = {}
    local = [place for place in app.redirects if place.uri.is_web and place.uri.host == "localhost"]
    local.sort(key=lambda place: place.uri.port is not None)  # the one without a port is kept
    platforms: dict[str, set[str]] = {}
    for place in local:
        platforms.setdefault(place.uri.identity, set()).add(place.platform)
    for place in local:
        identity = place.uri.identity
        known = first.setdefault(identity, place)
        if known is not place and len(platforms[identity]) == 1 and known.uri.port != place.uri.port:
            yield Hit(pointer=place.pointer, message=f"has {identity} with several ports", remove=True)
