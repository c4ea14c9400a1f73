"""Redirect URIs of ways to sign in that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "out-of-band-redirect-uri",
    severity="low",
    only_if=("urn",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-21",),
    references=("entra:app-best-practices#redirect-uris", "rfc:8252#7.3"),
    bad=Bad({"publicClient": {"redirectUris": ["urn:ietf:wg:oauth:2.0:oob"]}}, at="/publicClient/redirectUris/0"),
    good=(
        Good(
            {"publicClient": {"redirectUris": ["https://login.microsoftonline.com/common/oauth2/nativeclient"]}},
            why="what took its place",
        ),
        Good({"publicClient": {"redirectUris": ["http://127.0.0.1", "com.contoso.desktop://auth"]}}),
    ),
    base="native",
)
def out_of_band_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """The old out-of-band address is still registered.

    Why: The code is shown to the person for copying, and can be asked for by phone. Microsoft advises against URNs.
    Fix: Let the program listen on http://127.0.0.1 and register that, then remove the URN.
    """
    for place in app.redirects:
        if place.uri.scheme == "urn" and place.uri.text.lower().startswith("urn:ietf:wg:oauth:2.0:oob"):
            yield Hit(pointer=place.pointer, message="still accepts the out-of-band redirect URI")
