"""Redirect URIs that mislead their reader, or that cannot work as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.limits import MAX_REDIRECT_URI_LENGTH
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "redirect-uri-user-info",
    severity="high",
    only_if=("user",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-12",),
    references=("rfc:3986#7.6", "rfc:9700#2.1", "rfc:9110#4.2.4"),
    bad=(
        Bad({"web": {"redirectUris": ["https://contoso.com@evil.example/cb"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["https://login.contoso.com:443@evil.example/"]}}, at="/spa/redirectUris/0"),
    ),
    good=(Good({"web": {"redirectUris": ["https://portal.contoso.com/@contoso/cb"]}}, why="it stands in the path"),),
    base="web",
)
def redirect_uri_user_info(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a user name before its host, which hides where it leads.

    Why: The host that receives the codes is the one after the @; a reviewer reads the one before it.
    Fix: Find out who owns the host after the @. Register the address without a user name, or remove it.
    """
    for place in app.redirects:
        uri = place.uri
        if uri.userinfo is not None and uri.is_web:
            yield Hit(pointer=place.pointer, message=f"redirects to {uri.host}, behind the user name {uri.userinfo}")


@rule(
    "redirect-uri-fragment",
    severity="low",
    only_if=("fragment",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-13",),
    references=("rfc:6749#3.1.2", "entra:reply-url#wildcards"),
    bad=(
        Bad({"web": {"redirectUris": ["https://portal.contoso.com/cb#x"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["https://orders.contoso.com/#/signed-in"]}}, at="/spa/redirectUris/0"),
    ),
    good=(
        Good({"spa": {"redirectUris": ["https://orders.contoso.com/signed-in?tab=%23"]}}, why="an encoded character"),
    ),
    base="web",
)
def redirect_uri_fragment(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a fragment, which OAuth forbids.

    Why: No request can match it as it stands, and answers that come as a fragment would overwrite it.
    Fix: Register the address up to the # and carry the rest in the state parameter.
    """
    for place in app.redirects:
        if place.uri.fragment is not None:
            yield Hit(pointer=place.pointer, message=f"has a redirect URI with the fragment #{place.uri.fragment}")


@rule(
    "overlong-redirect-uri",
    severity="low",
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-15",),
    references=("entra:reply-url#limits",),
    bad=Bad({"web": {"redirectUris": ["https://portal.contoso.com/" + "a" * 230]}}, at="/web/redirectUris/0"),
    good=Good({"web": {"redirectUris": ["https://portal.contoso.com/" + "a" * 229]}}, why="256 characters fit"),
    base="web",
)
def overlong_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI is longer than the platform accepts.

    Why: Entra refuses a redirect URI of more than 256 characters, so the deployment fails.
    Fix: Register a short address and carry what varies in the state parameter.
    """
    for place in app.redirects:
        length = len(place.uri.text)
        if length > MAX_REDIRECT_URI_LENGTH:
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI of {length} characters, where {MAX_REDIRECT_URI_LENGTH} fit",
            )
