"""Redirect URIs on more than one platform."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import Redirect, Registration


@rule(
    "redirect-uri-on-two-platforms",
    severity="medium",
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-22",),
    references=("entra:reply-url#localhost",),
    bad=(
        Bad({"web": {"redirectUris": ["https://contoso.example/cb"]}, "spa": {"redirectUris": ["https://CONTOSO.example:443/cb"]}}, at="/spa/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["http://localhost:3000"]}, "publicClient": {"redirectUris": ["http://localhost:1", "http://localhost:2/"]}}, at="/publicClient/redirectUris/0", expected_rules=("localhost-beside-production", "loopback-by-name", "two-kinds-of-client")),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://contoso.example/cb"]}, "spa": {"redirectUris": ["https://contoso.example/CB"]}}, why="the path has its case"),
        Good({"publicClient": {"redirectUris": ["http://localhost:1", "http://localhost:2"]}}, why="one platform"),
    ),
    base="web",
)  # fmt: skip
def redirect_uri_on_two_platforms(app: Registration, _: Context) -> Iterator[Hit]:
    """One redirect URI is registered on two platforms.

    Why: The platform decides whether a secret is asked for and whether a browser may redeem the code. Entra takes one of
        the two, and nobody can say which. Case of the host, an empty path and the port on loopback make no difference.
    Fix: Keep the address on the platform of the client that listens there, and remove it from the other.
    """
    places = app.redirects
    if len(places) < 2 or places[0].platform == places[-1].platform:
        return
    first: dict[str, Redirect] = {}
    told: set[tuple[str, str]] = set()
    for place in places:
        identity = place.uri.identity
        known = first.setdefault(identity, place)
        if known.platform != place.platform and (identity, place.platform) not in told:
            told.add((identity, place.platform))
            yield Hit(
                pointer=place.pointer,
                message=f"has {identity} on the platforms {known.platform} and {place.platform}",
                because=(Because(known.pointer, "the same address on another platform"),),
            )
