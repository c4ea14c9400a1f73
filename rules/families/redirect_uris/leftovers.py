"""Redirect URIs of sign-in methods that are no longer recommended."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, WEB_0, native, web
from rules.model.registration import Registration


@rule(
    "out-of-band-redirect-uri",
    severity="low",
    only_if=("urn",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-21",),
    references=("entra:app-best-practices#redirect-uris", "entra:reply-url#localhost", "rfc:8252#7.3"),
    bad=(
        Bad(native("urn:ietf:wg:oauth:2.0:oob"), at=NATIVE_0),
        Bad(web("urn:contoso:desktop"), at=WEB_0),
    ),
    good=Good(native("http://127.0.0.1", "com.contoso.desktop://auth"), why="the app receives the code itself"),
    base="native",
)
def out_of_band_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI is a URN, such as urn:ietf:wg:oauth:2.0:oob.

    Why: Microsoft advises against insecure schemes in redirect URIs, and names URN as an insecure scheme.
    Acceptable: The URN is acceptable while an installed version of the client uses it. Without the URN, users of that
        version cannot sign in.
    Fix: Change the client to listen on http://localhost, and add that URI to publicClient.redirectUris. Remove the URN
        when no installed version uses it.
    """
    for place in app.redirects:
        if place.uri.scheme == "urn":
            yield Hit(pointer=place.pointer, message=f"has the URN {place.uri.text} as a redirect URI")
