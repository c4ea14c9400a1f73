"""Redirect URIs on more than one platform."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, native, spa, web
from rules.model.registration import Redirect, Registration


@rule(
    "redirect-uri-on-two-platforms",
    severity="low",
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-22",),
    references=("entra:reply-url#localhost", "entra:v2-oauth2-auth-code-flow", "thread:MicrosoftDocs/azure-docs#89929"),
    bad=(
        Bad(
            {**spa("http://localhost:3000"), **native("http://localhost:1", "http://localhost:2/")},
            at=NATIVE_0,
            expected_rules=("localhost-beside-production", "loopback-by-name", "mixed-client-types"),
        ),
        Bad({**web("https://contoso.example/cb"), **spa("https://contoso.example/cb")}, at=SPA_0),
        Bad({**web("https://contoso.example/cb"), **spa("https://CONTOSO.example:443/cb")}, at=SPA_0),
    ),
    good=(
        Good(
            {**web("https://contoso.example/cb"), **spa("https://contoso.example/CB")}, why="paths are case-sensitive"
        ),
        Good(native("http://localhost:1", "http://localhost:2"), why="both URIs are on one platform"),
        Good(
            {**spa("https://127.0.0.1:1"), **web("https://127.0.0.1:2")},
            why="Entra ignores only the port of localhost",
        ),
    ),
    base="web",
)
def redirect_uri_on_two_platforms(app: Registration, _: Context) -> Iterator[Hit]:
    """One redirect URI is registered on two platforms.

    Why: The platform decides how a client redeems the code: with a credential (web) or from a browser (spa). If two
        URIs differ only in the port of localhost, Entra picks one arbitrarily. A report says that Entra refuses the
        same URI on two platforms.
    Acceptable: Never. A sign-in request does not name the platform, so the client cannot choose the platform.
    Fix: Keep the URI on the platform of the client that uses it, and remove it from the other platform. If clients on
        both platforms use the URI, give each client a separate path.
    """
    places = app.redirects
    if len(places) < 2 or places[0].platform == places[-1].platform:
        return
    first: dict[str, Redirect] = {}
    reported: set[tuple[str, str]] = set()
    for place in places:
        identity = place.uri.identity
        known = first.setdefault(identity, place)
        if known.platform != place.platform and (identity, place.platform) not in reported:
            reported.add((identity, place.platform))
            platforms = f"{known.platform} and {place.platform}"
            yield Hit(
                pointer=place.pointer,
                message=f"has {identity} on the platforms {platforms}{_effect(known, place)}",
                because=(Because(known.pointer, "the same URI on another platform"),),
            )


def _effect(one: Redirect, other: Redirect) -> str:
    """What Entra does with the two."""
    if one.uri.text == other.uri.text:
        return "; a report says that Entra refuses such a URI"
    if one.uri.host == "localhost" and one.uri.port != other.uri.port:
        return "; Entra picks one of the platforms arbitrarily"
    return "; no document says how Entra compares the two spellings"
