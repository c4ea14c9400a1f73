"""Redirect URIs whose scheme is not that of a page, or that another app can claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, WEB_0, native, spa, web
from rules.model.registration import Registration
from rules.model.uri_traits import forbidden, is_without_scheme, scheme_of, traits_of
from rules.primitives.uri import Uri

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: The security identifier of a Windows app package.
_PACKAGE_SID: Final = re.compile(r"S-1-15-2(-\d+){7}", re.IGNORECASE)
#: The beginning of a text with something in the place of a scheme.
_SCHEME: Final = re.compile(r"[^\s:/?#]+://")


@rule(
    "script-redirect-uri",
    severity="medium",
    may_be=("low",),
    only_if=("running", "reading"),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-19",),
    references=(
        "thread:whatwg/html#314",
        "thread:whatwg/html#7042",
        "web:mdn-form-action",
        "entra:reply-url#restrictions",
        "entra:v2-oauth2-auth-code-flow",
    ),
    bad=(
        Bad(web("javascript:alert(1)//https://contoso.example"), at=WEB_0),
        # A browser removes the blank in front, and the tab.
        Bad(web(" java\tscript:alert(1)"), at=WEB_0),
        Bad(spa("data:text/html,x"), at=SPA_0, severity="low"),
        Bad(web("about:blank"), at=WEB_0, severity="low"),
        Bad(web("file:///c:/x.html"), at=WEB_0, severity="low"),
        Bad(web("ws://contoso.example/cb"), at=WEB_0, severity="low"),
    ),
    good=Good(web("https://contoso.example/?next=javascript:x"), why="it is in the query"),
    base="web",
)
def script_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has an unsafe or unsuitable scheme, such as javascript.

    Why: Browsers do not run a script from a redirect. With the response mode form_post, the sign-in page submits a form
        to the redirect URI. A script may then run, unless the content security policy of the page (form-action)
        prevents it.
    Acceptable: Never. A page can use https, and a native app can use a scheme that belongs to it.
    Fix: Remove the redirect URI. If a client needs a redirect URI, register its https URL.
    """
    for place in app.redirects:
        odd = traits_of(place.uri)
        if "running" in odd:
            says = f"has a redirect URI with the scheme {scheme_of(place.uri)}, which can run code"
            yield Hit(pointer=place.pointer, message=says, remove=True)
        elif "reading" in odd:
            says = (
                f"has a redirect URI with the scheme {scheme_of(place.uri)}, which is neither https nor the scheme "
                f"of an app"
            )
            yield Hit(pointer=place.pointer, message=says, severity="low", remove=True)


@rule(
    "claimable-custom-scheme",
    severity="medium",
    only_if=("private-scheme",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-20",),
    references=("rfc:8252#7.1", "rfc:8252#7.2", "rfc:8252#8.1", "rfc:8252#8.4", "entra:redirect-uris-ios"),
    bad=Bad(native("myapp://auth"), at=NATIVE_0),
    good=(
        Good(native("com.contoso.app://auth"), why="the scheme is a reversed domain"),
        Good(native("msal11111111-1111-4111-8111-111111111113://auth"), why="MSAL makes the scheme from the appId"),
        Good(spa("brk-multihub://addin.contoso.com"), why="the scheme of a broker"),
        Good(native("chrome-extension://abcdefghijklmnop/cb"), why="the browser passes the URI to one extension"),
        Good(web("localhost:3000/cb"), why="malformed-redirect-uri reports a missing scheme"),
    ),
    base="native",
)
def claimable_custom_scheme(app: Registration, _: Context) -> Iterator[Hit]:
    """A custom scheme in a redirect URI is not a reversed domain.

    Why: Another app on the device can register the same scheme and receive the code. RFC 8252 requires a scheme based
        on a domain of the developer, in reverse order.
    Acceptable: The scheme is acceptable while installed versions use it, and the client uses PKCE. Another app cannot
        redeem a code without the code verifier.
    Fix: Register a redirect URI whose scheme is your domain in reverse order, such as com.contoso.app. RFC 8252 prefers
        an https URL that only the app can claim. Remove the old URI when no installed version uses it.
    """
    for place in app.redirects:
        if "private-scheme" in traits_of(place.uri):
            says = f"has a redirect URI with the scheme {place.uri.scheme}, which is not a reversed domain"
            yield Hit(pointer=place.pointer, message=says)


@rule(
    "malformed-broker-uri",
    severity="low",
    only_if=("broker",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-28",),
    references=(
        "entra:redirect-uris-ios",
        "entra:msal-android-single-sign-on",
        "entra:windows-broker",
        "learn:hybrid-cloud-print",
    ),
    bad=(
        Bad(native("msauth://com.contoso.app/"), at=NATIVE_0),
        Bad(native("msauth.com.contoso.app://callback"), at=NATIVE_0),
        Bad(native("ms-appx-web://microsoft.aad.brokerplugin/my-app"), at=NATIVE_0),
    ),
    good=(
        Good(native("msauth://com.contoso.app/a%2Bb%3D", "msauth.com.contoso.app://auth")),
        Good(native("msauth.com.contoso.app://com.contoso.app"), why="ADAL used this form, and MSAL accepts it"),
        Good(
            native("ms-appx-web://Microsoft.AAD.BrokerPlugin/11111111-1111-4111-8111-111111111113"),
            why="the case of the host makes no difference",
        ),
        Good(
            native("ms-appx-web://Microsoft.AAD.BrokerPlugin/S-1-15-2-1-2-3-4-5-6-7"),
            why="a Windows app package is named by its security identifier",
        ),
    ),
    base="native",
)
def malformed_broker_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI for a broker has the wrong form.

    Why: The broker expects a URI that contains the package, bundle ID or client ID of the app. With another URI,
        sign-in through the broker can fail.
    Acceptable: The URI is acceptable if no client uses it to sign in through a broker.
    Fix: Register msauth://{package}/{signature hash} for Android, or msauth.{bundle}://auth for iOS and macOS. For
        Windows, register ms-appx-web://microsoft.aad.brokerplugin/ with the appId or the package's security identifier.
        Then remove this URI.
    """
    for place in app.redirects:
        form = _broker_form(place.uri)
        if form:
            yield Hit(pointer=place.pointer, message=f"has a broker redirect URI that does not match {form}")


def _broker_form(uri: Uri) -> str:
    """The form that *uri* should have; empty when it has it or belongs to no broker."""
    scheme, name = uri.scheme or "", uri.path[1:]
    if scheme == "msauth":
        return "" if uri.host and name else "msauth://{package}/{signature hash}"
    if scheme.startswith("msauth."):
        known = uri.host in ("auth", scheme.removeprefix("msauth.")) and not name
        return "" if known else "msauth.{bundle}://auth"
    if scheme == "ms-appx-web" and uri.host == "microsoft.aad.brokerplugin":
        known = bool(_GUID.fullmatch(name) or _PACKAGE_SID.fullmatch(name))
        return "" if known else "ms-appx-web://microsoft.aad.brokerplugin/{appId}"
    return ""


@rule(
    "malformed-redirect-uri",
    severity="low",
    only_if=("malformed",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-19",),
    references=("rfc:6749#3.1.2", "entra:reply-url#restrictions"),
    bad=(
        Bad(web("portal.contoso.com/cb"), at=WEB_0),
        Bad(web("my_app://auth"), at=WEB_0),
        Bad(web("contoso.com:8443/cb"), at=WEB_0),
        Bad(web("https://"), at=WEB_0),
        Bad(spa(""), at=SPA_0),
        Bad(web(" https://portal.contoso.com/cb"), at=WEB_0),
    ),
    good=Good(native("com.contoso.app:/cb"), why="the scheme of an app needs no host"),
    base="web",
)
def malformed_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has no valid scheme, or no host.

    Why: OAuth requires an absolute URI, so the deployment or the sign-in can fail.
    Acceptable: Never. RFC 6749 requires an absolute redirect URI.
    Fix: Register the whole URI with scheme and host and without a leading space, or remove the entry.
    """
    for place in app.redirects:
        if "malformed" in traits_of(place.uri):
            missing = "without a scheme" if is_without_scheme(place.uri) else "without a host"
            if place.uri.scheme is None and _SCHEME.match(place.uri.text):
                missing = "with an invalid scheme"
            elif place.uri.text[:1].isspace():
                missing = "that begins with a space"
            yield Hit(pointer=place.pointer, message=f"has a redirect URI {missing}")


@rule(
    "forbidden-redirect-character",
    severity="low",
    only_if=("character",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-15",),
    references=("entra:reply-url#restrictions", "rfc:3986#3.3", "web:whatwg-url#4.4"),
    bad=(
        Bad(web("https://portal.contoso.com/cb(1)"), at=WEB_0),
        Bad(web("https://portal.contoso.com/cb "), at=WEB_0),
        Bad(web("https://portal.contoso.com/cb>"), at=WEB_0),
        Bad(web("https://portal.contoso.com/\u202e\t::error::"), at=WEB_0),
        Bad(web("https://portal.contoso.com/c\u2060b"), at=WEB_0),
        Bad(web("https://portal.contoso.com/c\u3164\ufe0fb"), at=WEB_0),
        Bad(web("https://portal.contoso.com/café"), at=WEB_0),
        Bad(web("https://portal.contoso.com\\@login.contoso.com/cb"), at=WEB_0),
        Bad(web("https://portal.contoso.com/cb[1]"), at=WEB_0),
        Bad(web("https://[portal].contoso.com/cb"), at=WEB_0),
    ),
    good=Good(web("https://portal.contoso.com/cb%281%29"), why="the characters are encoded"),
    base="web",
)
def forbidden_redirect_character(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a character that is not allowed.

    Why: Microsoft does not support the characters ! $ ' ( ) , ; in redirect URIs. RFC 3986 does not allow the other
        characters that grantlint reports. The deployment or the sign-in can fail. In http and https URLs, a browser
        reads a backslash as a slash.
    Acceptable: Never. The character is not supported, even if sign-in works today.
    Fix: Register a redirect URI without the character, and use it in the client. Then remove this URI.
    """
    for place in app.redirects:
        if "character" in traits_of(place.uri):
            found = forbidden(place.uri.text)
            which = f"the character{'s' if len(found) > 1 else ''} {' '.join(found)}"
            yield Hit(pointer=place.pointer, message=f"has a redirect URI with {which}")
