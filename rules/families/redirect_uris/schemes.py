"""Redirect URIs whose scheme runs something, or belongs to whoever takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration
from rules.model.uri_traits import forbidden, traits_of
from rules.primitives.uri import Uri

_ALL: Final = ("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris")
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@rule(
    "script-redirect-uri",
    severity="critical",
    may_be=("high",),
    only_if=(
        "running",
        "reading",
    ),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-19",),
    references=("entra:app-best-practices#redirect-uris", "rfc:9700#4.1.1"),
    bad=(
        Bad({"web": {"redirectUris": ["javascript:alert(1)//https://contoso.example"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["data:text/html,x"]}}, at="/spa/redirectUris/0"),
        Bad({"web": {"redirectUris": ["file:///c:/x.html"]}}, at="/web/redirectUris/0", severity="high"),
        Bad({"web": {"redirectUris": ["ws://contoso.example/cb"]}}, at="/web/redirectUris/0", severity="high"),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://contoso.example/?next=javascript:x"]}}, why="it stands in the query"),
    ),
    base="web",
)
def script_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a scheme that runs code or opens something other than a page.

    Why: A browser that follows it runs what stands there, or reads from the device, with the answer of the sign-in in hand.
    Fix: Remove the redirect URI. Register the https address of the client.
    """
    for place in app.redirects:
        odd = traits_of(place.uri)
        if "running" in odd:
            yield Hit(
                pointer=place.pointer,
                message=f"redirects to the scheme {place.uri.scheme}, which runs code",
                remove=True,
            )
        elif "reading" in odd:
            says = f"redirects to the scheme {place.uri.scheme}, which is no page of a client"
            yield Hit(pointer=place.pointer, message=says, severity="high", remove=True)


@rule(
    "claimable-custom-scheme",
    severity="medium",
    only_if=("private-scheme",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-20",),
    references=("rfc:8252#7.1", "rfc:8252#8.4"),
    bad=Bad({"publicClient": {"redirectUris": ["myapp://auth"]}}, at="/publicClient/redirectUris/0"),
    good=(
        Good({"publicClient": {"redirectUris": ["com.contoso.app://auth"]}}, why="the scheme is a domain in reverse"),
        Good({"publicClient": {"redirectUris": ["msal11111111-1111-4111-8111-111111111113://auth"]}}, why="it names the appId"),
        Good({"spa": {"redirectUris": ["brk-multihub://addin.contoso.com"]}}, why="a broker's scheme"),
    ),
    base="native",
)  # fmt: skip
def claimable_custom_scheme(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a scheme of its own that any other app may claim too.

    Why: The device asks nobody whose scheme it is: another app that registers it receives the code.
    Fix: Use a domain of yours in reverse as the scheme, as in com.contoso.app, or better an https address that the app claims.
    """
    for place in app.redirects:
        if "private-scheme" in traits_of(place.uri):
            yield Hit(
                pointer=place.pointer,
                message=f"redirects to the scheme {place.uri.scheme}, which is no domain in reverse",
            )


@rule(
    "malformed-broker-uri",
    severity="low",
    only_if=("broker",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-28",),
    references=("entra:redirect-uris-ios", "entra:msal-android-single-sign-on"),
    bad=(
        Bad({"publicClient": {"redirectUris": ["msauth://com.contoso.app/"]}}, at="/publicClient/redirectUris/0"),
        Bad({"publicClient": {"redirectUris": ["msauth.com.contoso.app://callback"]}}, at="/publicClient/redirectUris/0"),
        Bad({"publicClient": {"redirectUris": ["ms-appx-web://microsoft.aad.brokerplugin/my-app"]}}, at="/publicClient/redirectUris/0"),
    ),
    good=(
        Good({"publicClient": {"redirectUris": ["msauth://com.contoso.app/a%2Bb%3D", "msauth.com.contoso.app://auth"]}}),
        Good({"publicClient": {"redirectUris": ["ms-appx-web://Microsoft.AAD.BrokerPlugin/11111111-1111-4111-8111-111111111113"]}}, why="case makes no difference"),
    ),
    base="native",
)  # fmt: skip
def malformed_broker_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI for a broker has not the shape that the broker uses.

    Why: The broker builds the address from the app itself, so sign-in fails, and people register weaker addresses instead.
    Fix: Register msauth://{package}/{signature hash} for Android, msauth.{bundle}://auth for Apple's systems, and
        ms-appx-web://microsoft.aad.brokerplugin/{appId} for Windows.
    """
    for place in app.redirects:
        want = _broker_shape(place.uri)
        if want:
            yield Hit(pointer=place.pointer, message=f"has a broker's redirect URI that is not of the shape {want}")


def _broker_shape(uri: Uri) -> str:
    """The shape that *uri* should have; empty when it has it or belongs to no broker."""
    scheme = uri.scheme or ""
    if scheme == "msauth":
        return "" if uri.host and len(uri.path) > 1 else "msauth://{package}/{signature hash}"
    if scheme.startswith("msauth."):
        return "" if uri.host == "auth" and uri.path in ("", "/") else "msauth.{bundle}://auth"
    if scheme == "ms-appx-web" and uri.host == "microsoft.aad.brokerplugin" and not _GUID.fullmatch(uri.path[1:]):
        return "ms-appx-web://microsoft.aad.brokerplugin/{appId}"
    return ""


@rule(
    "malformed-redirect-uri",
    severity="low",
    only_if=("malformed",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-19",),
    references=("rfc:6749#3.1.2", "entra:reply-url#restrictions"),
    bad=(
        Bad({"web": {"redirectUris": ["portal.contoso.com/cb"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": [""]}}, at="/spa/redirectUris/0"),
    ),
    good=Good({"publicClient": {"redirectUris": ["com.contoso.app:/cb"]}}, why="a scheme of an app needs no host"),
    base="web",
)
def malformed_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI is no absolute address.

    Why: No request can match it, so the deployment or the sign-in fails; often a variable was not filled in.
    Fix: Register the whole address with scheme and host, or remove the entry.
    """
    for place in app.redirects:
        if "malformed" in traits_of(place.uri):
            missing = "without a scheme" if place.uri.scheme is None else "without a host"
            yield Hit(pointer=place.pointer, message=f"has a redirect URI {missing}")


@rule(
    "forbidden-redirect-character",
    severity="low",
    only_if=("character",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-15",),
    references=("entra:reply-url#restrictions",),
    bad=(
        Bad({"web": {"redirectUris": ["https://portal.contoso.com/cb(1)"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://portal.contoso.com/cb "]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://portal.contoso.com/\u202e\t::error::"]}}, at="/web/redirectUris/0"),
    ),
    good=Good({"web": {"redirectUris": ["https://portal.contoso.com/cb%281%29"]}}, why="encoded"),
    base="web",
)
def forbidden_redirect_character(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a character that the platform refuses, or that nobody can see.

    Why: The address never matches a request; an invisible character makes it read like another one.
    Fix: Remove the character, or write it percent-encoded on both sides.
    """
    for place in app.redirects:
        if "character" in traits_of(place.uri):
            yield Hit(pointer=place.pointer, message=f"has a redirect URI with {' '.join(forbidden(place.uri.text))}")
