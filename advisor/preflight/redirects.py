"""Match a redirect URI as the platform does.

Source: Microsoft, "Redirect URI (reply URL) restrictions and limitations". The path is case-sensitive, and a missing
path equals ``/``. The port is ignored on localhost, and ``[::1]`` is not supported. A wildcard works only for work and
school accounts, and ignores query and fragment. Scheme and host are not case-sensitive (RFC 3986, section 3.2.2).
"""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.preflight.known import is_read
from rules.knowledge.limits import MAX_REDIRECT_URI_LENGTH
from rules.model.registration import PLATFORMS, Redirect, Registration
from rules.primitives.uri import Uri, parse

#: Hosts that may have http; the IPv6 address is not supported at all.
_LOOPBACK: Final = ("localhost", "127.0.0.1")

#: The host on which the platform ignores the port. Microsoft's page names loopback, and shows only localhost.
_ANY_PORT: Final = "localhost"

#: Microsoft: redirect URIs do not support these.
_SPECIAL: Final = frozenset("!$'(),;")


class Match(msgspec.Struct, frozen=True):
    """The registered redirect URIs that match, the nearest one when none does, and where that one differs.

    ``by_pattern`` says that only a pattern matches, ``read`` that all lists were read, ``registered`` how many there
    are.
    """

    found: tuple[Redirect, ...]
    near: Redirect | None
    differs: tuple[str, ...]
    by_pattern: bool
    read: bool
    registered: int

    def is_certain(self, text: str) -> bool:
        """Whether *text*, which matches, does so by what the documents say.

        The service compares texts (a Microsoft engineer in AzureAD/azure-activedirectory-library-for-dotnet#121), so
        capital letters or the usual port may count. No document says how many labels a star in a host covers.
        """
        if self.by_pattern:
            labels = (parse(text).host or "").count(".")
            return _is_plain(text) and any((one.uri.host or "").count(".") >= labels for one in self.found)
        texts = [one.uri.text for one in self.found]
        return text in texts or (_is_plain(text) and any(map(_is_plain, texts)))

    @property
    def why(self) -> str:
        """Where the nearest one differs, in words."""
        *first, last = self.differs or ("",)
        return f"{', '.join(first)} and {last}" if first else last


def match_redirect(app: Registration, text: str) -> Match:
    """How the redirect URI *text* of a request matches those of *app*."""
    uri = parse(text)
    exact = tuple(r for r in app.redirects if "*" not in r.uri.text and _identity(r.uri) == _identity(uri))
    patterns = () if app.allows_personal_accounts else tuple(r for r in app.redirects if _fits(r.uri, uri))
    near, differs = (None, ()) if exact or patterns else _nearest(app, uri)
    return Match(
        found=exact or patterns,
        near=near,
        differs=differs,
        by_pattern=bool(patterns) and not exact,
        read=all_read(app),
        registered=len(app.redirects),
    )


def faults(text: str) -> str:
    """Why no registration can have the redirect URI *text*; empty when it may."""
    uri = parse(text)
    if uri.fragment is not None:
        return "it has a fragment (#)"
    if uri.is_web and uri.host == "::1":
        return "the IPv6 loopback address is not supported. Use 127.0.0.1"
    if uri.scheme == "http" and uri.host not in _LOOPBACK:
        return "http is allowed only for localhost and 127.0.0.1"
    if len(text) > MAX_REDIRECT_URI_LENGTH:
        return f"it is longer than {MAX_REDIRECT_URI_LENGTH} characters"
    special = sorted(_SPECIAL & set(text))
    return f"it has characters that are not supported: {' '.join(special)}" if special else ""


def _is_plain(text: str) -> bool:
    """Whether *text* is written as it is compared: small letters in scheme and host, no default port, no star."""
    uri = parse(text)
    port = f":{uri.port}" if uri.has_unusual_port else ""
    start = f"{uri.scheme}://{uri.host}{port}"
    return "*" not in text and text.startswith(start) and text[len(start) : len(start) + 1] in ("", "/", "?", "#")


def _identity(uri: Uri) -> str:
    if not uri.is_web:
        return uri.text
    port = "" if uri.host == _ANY_PORT or not uri.has_unusual_port else f":{uri.port}"
    user = "" if uri.userinfo is None else f"{uri.userinfo}@"
    query = "" if uri.query is None else f"?{uri.query}"
    fragment = "" if uri.fragment is None else f"#{uri.fragment}"
    return f"{uri.scheme}://{user}{uri.host}{port}{uri.path or '/'}{query}{fragment}"


def _fits(pattern: Uri, uri: Uri) -> bool:
    """Say whether a registered *pattern* covers *uri*. A star in the host stays in the host."""
    if "*" not in pattern.text or not pattern.is_web or not uri.is_web or pattern.scheme != uri.scheme:
        return False
    if pattern.port != uri.port and pattern.host != _ANY_PORT:
        return False
    return _covers(pattern.host or "", uri.host or "", least=1) and _covers(
        pattern.path or "/", uri.path or "/", least=0
    )


def _covers(pattern: str, text: str, *, least: int) -> bool:
    """Say whether a *pattern* with stars, each for *least* characters or more, covers a *text*.

    Both are untrusted texts of any length, so each is read once. A regular expression for many stars can be very slow.
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


def all_read(app: Registration) -> bool:
    """Whether the redirect URIs of all platforms were read."""
    return all(is_read(app, f"{platform}.redirectUris") for platform in PLATFORMS)


def _nearest(app: Registration, uri: Uri) -> tuple[Redirect | None, tuple[str, ...]]:
    """The registered redirect URI with the fewest and smallest differences, and all of them."""
    candidates = [(differences(uri, redirect.uri), redirect) for redirect in app.redirects if redirect.uri.text]
    plain = [(found, redirect) for found, redirect in candidates if "*" not in redirect.uri.text]
    if not plain:
        return None, ()
    found, near = min(plain, key=lambda row: sum(_WEIGHTS.get(what, 1) for what in row[0]))
    return near, found


#: The differences that make another URL; the others are typing errors.
_WEIGHTS: Final = {"the host": 5, "the path": 3, "the scheme": 6}


def differences(uri: Uri, registered: Uri) -> tuple[str, ...]:
    """Where two redirect URIs that do not match differ, in the order of their parts."""
    found = [
        (_scheme(uri, registered), uri.scheme != registered.scheme),
        ("the user name", uri.userinfo != registered.userinfo),
        ("the host", uri.host != registered.host),
        ("the port", _port(uri) != _port(registered)),
        (_path(uri, registered), (uri.path or "/") != (registered.path or "/")),
        ("the query", uri.query != registered.query),
        ("the fragment", uri.fragment != registered.fragment),
    ]
    differing = tuple(what for what, differs in found if differs)
    # With a custom scheme, the platform compares the text, and a parsed host is in lower case.
    return differing or ("the case of the host" if uri.host else "the case",)


def _scheme(uri: Uri, registered: Uri) -> str:
    both = {uri.scheme, registered.scheme} == {"http", "https"}
    return f"the scheme ({uri.scheme} instead of {registered.scheme})" if both else "the scheme"


def _port(uri: Uri) -> int | None:
    return uri.port if uri.has_unusual_port and uri.host != _ANY_PORT else None


def _path(uri: Uri, registered: Uri) -> str:
    one, other = uri.path or "/", registered.path or "/"
    if one.rstrip("/") == other.rstrip("/"):
        return "the final slash"
    if one.casefold() == other.casefold():
        return "the case of the path"
    slips = one.casefold().rstrip("/") == other.casefold().rstrip("/")
    return "the case and the final slash of the path" if slips else "the path"
