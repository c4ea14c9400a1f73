"""Match a redirect URI as the platform does.

Source: Microsoft, "Redirect URI (reply URL) restrictions and limitations": the path is case-sensitive, an address
without a path is one with ``/``, on localhost and the loopback address the port does not count and ``[::1]`` is not
supported, a pattern works for work and school accounts only and ignores query and fragment. Scheme and host have no
case (RFC 3986, section 3.2.2).
"""

from __future__ import annotations

from typing import Final

import msgspec

from rules.knowledge.limits import MAX_REDIRECT_URI_LENGTH
from rules.model.registration import PLATFORMS, UNSET, Redirect, Registration, read_value
from rules.primitives.uri import Uri, parse

#: The platform leaves the port out on these; the IPv6 address is not supported at all.
_LOOPBACK: Final = ("localhost", "127.0.0.1")

#: Microsoft: redirect URIs do not support these.
_SPECIAL: Final = frozenset("!$'(),;")


class Match(msgspec.Struct, frozen=True):
    """The registered redirect URIs that match, the nearest one when none does, and why that one does not.

    ``by_pattern`` says that only a pattern matches, ``read`` that all lists were read, ``registered`` how many there
    are.
    """

    found: tuple[Redirect, ...]
    near: Redirect | None
    why: str
    by_pattern: bool
    read: bool
    registered: int


def match_redirect(app: Registration, text: str) -> Match:
    """How the redirect URI *text* of a request stands to those of *app*."""
    uri = parse(text)
    exact = tuple(r for r in app.redirects if "*" not in r.uri.text and _identity(r.uri) == _identity(uri))
    patterns = () if app.allows_personal_accounts else tuple(r for r in app.redirects if _fits(r.uri, uri))
    near, why = (None, "") if exact or patterns else _nearest(app, uri)
    return Match(
        found=exact or patterns,
        near=near,
        why=why,
        by_pattern=bool(patterns) and not exact,
        read=_all_read(app),
        registered=len(app.redirects),
    )


def faults(text: str) -> str:
    """Why no registration can have the redirect URI *text*; empty when it may."""
    uri = parse(text)
    if uri.fragment is not None:
        return "it has a fragment (#)"
    if uri.is_web and uri.host == "::1":
        return "the IPv6 loopback address is not supported: use 127.0.0.1"
    if uri.scheme == "http" and uri.host not in _LOOPBACK:
        return "http is allowed for localhost and 127.0.0.1 alone"
    if len(text) > MAX_REDIRECT_URI_LENGTH:
        return f"it is longer than {MAX_REDIRECT_URI_LENGTH} characters"
    special = sorted(_SPECIAL & set(text))
    return f"it has characters that are not supported: {' '.join(special)}" if special else ""


def _identity(uri: Uri) -> str:
    if not uri.is_web:
        return uri.text
    port = "" if uri.host in _LOOPBACK or not uri.has_unusual_port else f":{uri.port}"
    user = "" if uri.userinfo is None else f"{uri.userinfo}@"
    query = "" if uri.query is None else f"?{uri.query}"
    fragment = "" if uri.fragment is None else f"#{uri.fragment}"
    return f"{uri.scheme}://{user}{uri.host}{port}{uri.path or '/'}{query}{fragment}"


def _fits(pattern: Uri, uri: Uri) -> bool:
    """Say whether a registered *pattern* covers *uri*. A star in the host stays in the host."""
    if "*" not in pattern.text or not pattern.is_web or not uri.is_web or pattern.scheme != uri.scheme:
        return False
    if pattern.port != uri.port and pattern.host not in _LOOPBACK:
        return False
    return _covers(pattern.host or "", uri.host or "", least=1) and _covers(
        pattern.path or "/", uri.path or "/", least=0
    )


def _covers(pattern: str, text: str, *, least: int) -> bool:
    """Say whether a *pattern* with stars, each for *least* characters or more, covers a *text*.

    Both are strangers' texts of any length, so each is walked once: a regular expression made of stars may take for
    ever.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    if not text.startswith(first):
        return False
    *middle, last = rest
    place = len(first)
    for part in middle:
        found = text.find(part, place + least)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(last) >= place + least and text.endswith(last)


def _all_read(app: Registration) -> bool:
    lists = [read_value(app, f"{platform}.redirectUris") for platform in PLATFORMS]
    return UNSET not in lists and not any("/redirectUris" in pointer for pointer in app.unread)


def _nearest(app: Registration, uri: Uri) -> tuple[Redirect | None, str]:
    """The registered redirect URI that differs in one thing, and that thing."""
    ways = (
        ("the path differs in capital letters", lambda u: _identity(u).casefold()),
        ("the final slash", lambda u: _identity(u).rstrip("/")),
        ("http against https", lambda u: _identity(u).partition(":")[2]),
        ("the port", lambda u: (u.scheme, u.host, u.path or "/", u.query)),
        ("the query", lambda u: _identity(u).partition("?")[0].partition("#")[0]),
        ("capital letters and the final slash", lambda u: _identity(u).casefold().rstrip("/")),
        ("the path", lambda u: (u.scheme, u.host, u.port)),
        ("the host", lambda u: (u.scheme, u.path) if u.path.strip("/") else None),
    )
    for why, key in ways:
        wanted = key(uri)
        for redirect in app.redirects if wanted else ():
            if "*" not in redirect.uri.text and key(redirect.uri) == wanted:
                return redirect, why
    return None, ""
