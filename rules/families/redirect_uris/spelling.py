"""Redirect URIs that mislead their reader, or that cannot work as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.limits import MAX_REDIRECT_URI_LENGTH
from rules.model.finding import Hit
from rules.model.fragments import REDIRECT_URIS, SPA_0, WEB_0, spa, web
from rules.model.registration import Registration
from rules.primitives.texts import HIDDEN


@rule(
    "redirect-uri-user-info",
    severity="high",
    may_be=("low",),
    only_if=("user",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-12",),
    references=("rfc:3986#7.6", "rfc:9700#2.1", "rfc:9110#4.2.4"),
    bad=(
        Bad(web("https://contoso.com@evil.example/cb"), at=WEB_0),
        Bad(spa("https://login.contoso.com:443@evil.example/"), at=SPA_0),
        Bad(web("https://(hidden)@evil.example/cb"), at=WEB_0),
        Bad(web("https://localhost:3000@evil.example/cb"), at=WEB_0),
        Bad(web("https://dev@localhost/cb"), at=WEB_0, severity="low"),
        Bad(web("https://dev:x@portal.contoso.com/cb"), at=WEB_0, severity="low"),
    ),
    good=(Good(web("https://portal.contoso.com/@contoso/cb"), why="the @ is in the path"),),
    base="web",
)
def redirect_uri_user_info(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a user name before its host.

    Why: Codes and tokens go to the host after the @. An attacker can write a trusted name before the @, so that a
        reviewer takes it for the host.
    Acceptable: Never. RFC 9110 deprecates user information in http and https URIs.
    Fix: Find out who owns the host after the @. If the host is yours, register the URI without a user name. Then remove
        this URI.
    """
    for place in app.redirects:
        uri = place.uri
        if uri.userinfo is not None and uri.is_web:
            name = uri.userinfo.partition(":")[0]  # a password may follow
            # A user name may be a secret: where it was hidden, it is not known whether it reads like a host.
            unknown = HIDDEN in name
            reads_like_host = name.casefold() == "localhost" or any(mark in name for mark in ".%")
            hides = (unknown or reads_like_host) and not uri.is_loopback
            who = "a user name (hidden here)" if unknown else f"the user name {name}" if name else "an empty user name"
            says = f"has {who} before the redirect host {uri.host}"
            yield Hit(pointer=place.pointer, message=says, severity="high" if hides else "low")


@rule(
    "redirect-uri-fragment",
    severity="low",
    only_if=("fragment",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-13",),
    references=(
        "rfc:6749#3.1.2",
        "entra:reply-url#state",
        "thread:AzureAD/microsoft-authentication-library-for-js#2875",
    ),
    bad=(
        Bad(web("https://portal.contoso.com/cb#x"), at=WEB_0),
        Bad(spa("https://orders.contoso.com/#/signed-in"), at=SPA_0),
    ),
    good=Good(spa("https://orders.contoso.com/signed-in?tab=%23"), why="an encoded character"),
    base="web",
)
def redirect_uri_fragment(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a fragment, which OAuth forbids.

    Why: Entra can return the response in the fragment. Entra then removes the fragment of the redirect URI, so the
        client does not receive that fragment.
    Acceptable: Never. RFC 6749 does not allow a fragment in a redirect URI.
    Fix: Register the URI without the # and the text after it, and use it in the client. In the state parameter, send a
        key that identifies the removed text. Then remove this URI.
    """
    for place in app.redirects:
        if place.uri.fragment is not None:
            yield Hit(pointer=place.pointer, message=f"has a redirect URI with the fragment #{place.uri.fragment}")


@rule(
    "overlong-redirect-uri",
    severity="low",
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-15",),
    references=("entra:reply-url#limits", "entra:reply-url#state"),
    bad=Bad(web("https://portal.contoso.com/" + "a" * 230), at=WEB_0),
    good=Good(web("https://portal.contoso.com/" + "a" * 229), why="256 characters are accepted"),
    base="web",
)
def overlong_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI is longer than Entra accepts.

    Why: Entra accepts at most 256 characters, so the deployment can fail.
    Acceptable: Never. The documented limit is 256 characters.
    Fix: Register a shorter URI, and use it in the client. In the state parameter, send a key that identifies the
        variable part. Then remove this URI.
    """
    for place in app.redirects:
        length = len(place.uri.text)
        if length > MAX_REDIRECT_URI_LENGTH:
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI of {length} characters; the limit is {MAX_REDIRECT_URI_LENGTH}",
            )
