"""Redirect URIs that lead to a developer's own device."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import Bad, Context, Good, rule
from rules.finding import Hit, entra, rfc
from rules.registration import Registration


@rule(
    "localhost-beside-production",
    severity="low",
    needs=("web.redirectUris", "spa.redirectUris"),
    references=(
        entra("reply-url", "Redirect URI restrictions"),
        entra("security-best-practices-for-app-registration", "Security best practices"),
        rfc(8252, "8.3"),
    ),
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
        Good({"web": {"redirectUris": ["https://localhost:44321/cb"]}}, but="a registration for development alone"),
        Good({"publicClient": {"redirectUris": ["http://localhost"]}}, but="a program on the device listens there"),
        Good({"web": {"redirectUris": ["https://localhost.contoso.com/cb"]}}, but="a host like any other"),
    ),
    over="web",
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
            yield Hit(pointer=place.pointer, says=says, remove=True)
