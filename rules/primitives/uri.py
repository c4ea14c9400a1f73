"""Parse and classify redirect URIs.

A host is checked by parsing, never by searching the text: ``http://localhost.evil.example`` is a remote host and
``http://[::1]/`` is not. The grammar is RFC 3986, appendix B (the five parts) and section 3.2 (the authority).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import msgspec

#: RFC 3986, appendix B, with named groups.
_PARTS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)

#: An IPv6 address in brackets, with a port (RFC 3986, section 3.2.2).
_LITERAL = re.compile(r"\[([^\[\]]*)\](?::(.*))?", re.DOTALL)

#: Ports that a scheme uses when the URI names none (RFC 9110, section 4.2).
_DEFAULT_PORT = {"http": 80, "https": 443}


class Uri(msgspec.Struct, frozen=True, gc=False):
    """A URI in its parts. ``scheme`` and ``host`` are lower case, the host is without brackets and final dot.

    A part that is not there is ``None``; an empty one is ``""``. ``port`` is ``None`` when absent and ``-1`` when it is
    not a number between 0 and 65535.
    """

    text: str
    scheme: str | None
    userinfo: str | None
    host: str | None
    port: int | None
    path: str
    query: str | None
    fragment: str | None

    @property
    def is_web(self) -> bool:
        """Say whether it is an http or https URI with a host."""
        return self.scheme in ("http", "https") and bool(self.host)

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The address when the host is an IP literal, in any spelling that a browser accepts (WHATWG URL, 3.5)."""
        return _ip(self.host) if self.host else None

    @property
    def is_localhost_name(self) -> bool:
        """Say whether the host is the name ``localhost`` or below it (RFC 6761, section 6.3)."""
        return self.host is not None and (self.host == "localhost" or self.host.endswith(".localhost"))

    @property
    def is_loopback(self) -> bool:
        """Say whether the URI leads to the user's own device (RFC 8252, section 7.3)."""
        return self.is_localhost_name or (self.host is not None and _is_loopback(self.host))

    @property
    def has_unusual_port(self) -> bool:
        """Say whether a port is written that the scheme does not use by itself."""
        return self.port is not None and self.port != _DEFAULT_PORT.get(self.scheme or "")

    @property
    def identity(self) -> str:
        """What the platform compares: host without case, no port of ``localhost``, and ``/`` for an empty path.

        Source: Microsoft, "Redirect URI (reply URL) best practices and limitations": case, trailing slash, and that the
        port is ignored for ``localhost`` only.
        """
        return _identity(self.text)

    def with_scheme(self, scheme: str) -> str:
        """The same text with another scheme."""
        return self.text if self.scheme is None else scheme + self.text[len(self.scheme) :]


@lru_cache(maxsize=65_536)
def parse(text: str) -> Uri:
    """Split *text* into the parts of a URI. Never raises: a missing scheme or host is ``None``."""
    match = _PARTS.fullmatch(text)
    if match is None:  # cannot happen: every part may be empty
        return Uri(text, None, None, None, None, text, None, None)
    scheme, authority, path, query, fragment = match.group("scheme", "authority", "path", "query", "fragment")
    userinfo: str | None = None
    host: str | None = None
    port: int | None = None
    if authority is not None:
        if "\\" in authority and scheme and scheme.lower() in _DEFAULT_PORT:
            # A browser ends the host there (WHATWG URL, 4.4): https://evil.example\\@contoso.com leads to evil.example.
            authority, slash, more = authority.partition("\\")
            path = slash + more + path
        before, at, rest = authority.rpartition("@")
        userinfo = before if at else None
        host, port = _host_and_port(rest)
    return Uri(text, scheme.lower() if scheme else None, userinfo, host, port, path, query, fragment)


@lru_cache(maxsize=65_536)
def _identity(text: str) -> str:
    uri = parse(text)
    if not uri.is_web:
        return text
    ignored = uri.host == "localhost" or not uri.has_unusual_port
    port = "" if ignored else f":{uri.port}"
    user = "" if uri.userinfo is None else f"{uri.userinfo}@"
    query = "" if uri.query is None else f"?{uri.query}"
    return f"{uri.scheme}://{user}{uri.host}{port}{uri.path or '/'}{query}"


def _host_and_port(text: str) -> tuple[str, int | None]:
    """Split ``host:port`` (RFC 3986, section 3.2), brackets of an IPv6 literal and the root dot taken off."""
    literal = _LITERAL.fullmatch(text)
    if literal:
        host, rest = literal[1], literal[2] or ""
    else:
        host, _, rest = text.partition(":")
    host = host.lower()
    host = host.removesuffix(".")
    if not rest:
        return host, None
    if rest.isascii() and rest.isdigit() and len(rest) <= 5 and int(rest) <= 65_535:
        return host, int(rest)
    return host, -1


@lru_cache(maxsize=65_536)
def _is_loopback(host: str) -> bool:
    address = _ip(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # what Python makes of it by itself depends on its version
    return address is not None and address.is_loopback


@lru_cache(maxsize=65_536)
def _ip(host: str) -> IPv4Address | IPv6Address | None:
    named = ":" not in host
    if named and not host.rpartition(".")[2][:1].isdigit():
        return None  # nearly every host: the last part of an address is a number (WHATWG URL, 3.5)
    try:
        return ip_address(host if named else host.partition("%")[0])
    except ValueError:
        return _obscure_ipv4(host)


def _obscure_ipv4(host: str) -> IPv4Address | None:
    """An IPv4 address in all spellings that browsers accept, such as ``2130706433``, ``0x7f.1``, ``0177.1``.

    Source: WHATWG URL, section 3.5, "IPv4 parser".
    """
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(parts):
        return None
    numbers: list[int] = []
    for part in parts:
        try:
            if part.startswith("0x"):
                numbers.append(int(part[2:] or "0", 16))
            elif len(part) > 1 and part.startswith("0"):
                numbers.append(int(part, 8))
            elif part.isascii() and part.isdigit():
                numbers.append(int(part))
            else:
                return None
        except ValueError:
            return None
    *leading, last = numbers
    if any(number > 255 for number in leading) or last >= 256 ** (5 - len(numbers)):
        return None
    return IPv4Address(sum(number << (8 * (3 - i)) for i, number in enumerate(leading)) + last)
