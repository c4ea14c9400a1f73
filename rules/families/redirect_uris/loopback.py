"""Redirect URIs that lead to a developer's own device."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Redirect, Registration


@rule(
    "localhost-beside-production",
    severity="low",
    only_if=("loopback",),
    needs=("web.redirectUris", "spa.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris"),
    checks=("RU-08",),
    references=("entra:reply-url#development", "entra:app-best-practices#redirect-uris", "rfc:8252#8.3"),
    bad=(
        Bad(
            {"web": {"redirectUris": ["https://portal.contoso.com/cb", "https://localhost:44321/cb"]}},
            at="/web/redirectUris/1",
        ),
        Bad(
            {"web": {"redirectUris": ["https://portal.contoso.com/cb", "http://127.0.0.1/cb"]}},
            at="/web/redirectUris/1",
        ),
        Bad({"spa": {"redirectUris": ["http://localhost:4200/"]}}, at="/spa/redirectUris/0"),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://localhost:44321/cb"]}}, why="a registration for development alone"),
        Good({"publicClient": {"redirectUris": ["http://localhost"]}}, why="a program on the device listens there"),
        Good({"web": {"redirectUris": ["https://localhost.contoso.com/cb"]}}, why="a host like any other"),
    ),
    base="web",
)
def localhost_beside_production(app: Registration, _: Context) -> Iterator[Hit]:
    """A web or spa registration for production also redirects to the person's own device.

    Why: Any program that listens there receives codes and tokens of the production client.
    Fix: Give development a registration of its own and remove the localhost redirect URI here.
    """
    places = [place for place in app.redirects if place.platform != "publicClient" and place.uri.is_web]
    if all(place.uri.is_loopback for place in places) or not any(place.uri.is_loopback for place in places):
        return
    if not any(place.uri.scheme == "https" and not place.uri.is_loopback for place in places):
        return
    for place in places:
        # The platform does not support ::1, so nothing is ever sent there; ip-redirect-uri says so.
        if place.uri.is_loopback and ":" not in (place.uri.host or ""):
            says = f"redirects to {place.uri.host} beside production hosts"
            yield Hit(pointer=place.pointer, message=says, remove=True)


@rule(
    "loopback-by-name",
    severity="info",
    only_if=("loopback",),
    needs=("publicClient.redirectUris",),
    when_set=("publicClient.redirectUris",),
    checks=("RU-09",),
    references=("rfc:8252#7.3", "rfc:8252#8.3", "entra:reply-url#loopback-address"),
    bad=Bad({"publicClient": {"redirectUris": ["http://localhost"]}}, at="/publicClient/redirectUris/0"),
    good=(
        Good({"publicClient": {"redirectUris": ["http://127.0.0.1"]}}),
        Good({"web": {"redirectUris": ["http://localhost"]}}, why="localhost-beside-production judges web clients"),
    ),
    base="native",
)
def loopback_by_name(app: Registration, _: Context) -> Iterator[Hit]:
    """A native client listens on the name localhost instead of 127.0.0.1.

    Why: What localhost means is up to the device, and a firewall may stand between; Microsoft prefers the address. Some
        libraries (MSAL.NET) insist on the name.
    Fix: Register http://127.0.0.1 where the client's library can use it.
    """
    for place in app.redirects:
        if place.platform == "publicClient" and place.uri.is_localhost_name and place.uri.scheme == "http":
            yield Hit(pointer=place.pointer, message=f"listens on the name {place.uri.host}")


@rule(
    "loopback-uris-differ-in-port",
    severity="low",
    only_if=("loopback",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-10",),
    references=("entra:reply-url#localhost", "rfc:8252#7.3"),
    bad=Bad({"publicClient": {"redirectUris": ["http://127.0.0.1:1/", "http://127.0.0.1:2/"]}}, at="/publicClient/redirectUris/1"),
    good=(
        Good({"publicClient": {"redirectUris": ["http://127.0.0.1:1/a", "http://127.0.0.1:2/b"]}}, why="the paths differ"),
        Good({"spa": {"redirectUris": ["http://127.0.0.1:1"]}, "publicClient": {"redirectUris": ["http://127.0.0.1:2"]}},
             why="redirect-uri-on-two-platforms judges that"),
    ),
    base="native",
)  # fmt: skip
def loopback_uris_differ_in_port(app: Registration, _: Context) -> Iterator[Hit]:
    """Several loopback redirect URIs of one platform differ in nothing but the port.

    Why: The platform ignores the port there, so they are one; the rest makes the list look as if ports were kept apart.
    Fix: Keep one of them, without a port.
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
            yield Hit(pointer=place.pointer, message=f"has {identity} with several ports", remove=True)
