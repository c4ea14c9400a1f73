"""Traits of a redirect URI or host that several rules use, computed once per text.

Sources: Microsoft, "Redirect URI (reply URL) restrictions and limitations"; RFC 8252, section 7.1; RFC 6762, section 3,
RFC 6761, section 6, RFC 8375 and RFC 9476 (``.local``, ``.test``, ``home.arpa``, ``.alt``); UTS 39, sections 4
(confusable characters) and 5 (mixed scripts).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal

import msgspec

from rules.knowledge.hosts import shared_suffix
from rules.primitives.texts import HIDDEN, is_invisible
from rules.primitives.uri import Uri, parse

#: Schemes that run what follows them, and schemes that read or open something other than a page.
RUNNING: Final = frozenset({"javascript"})
READING: Final = frozenset(
    {"data", "vbscript", "file", "blob", "filesystem", "view-source", "ws", "wss", "ftp", "about", "mailto"}
)

#: Schemes of brokers, of browser extensions, of platforms and of URNs; none is a name that an app made up.
_PLATFORM_SCHEMES: Final = re.compile(
    r"https?|urn|msal[0-9a-f-]{36}|msauth(\..+)?|ms-app|ms-appx|ms-appx-web|brk-.+|x-msauth-.+|broker"
    r"|(chrome|moz|ms-browser|safari-web)-extension",
    re.IGNORECASE,
)
#: ``localhost:3000/cb``: the text before the colon is a host, and the digits after it are a port.
_WITHOUT_SCHEME: Final = re.compile(
    r"[A-Za-z0-9.-]+:\d{1,5}[/?#].*|(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+):\d{1,5}", re.DOTALL
)
#: What a browser removes from a URL: control characters and spaces around it, and tabs and line ends anywhere.
_BLANKS: Final = "".join(map(chr, range(0x21)))
_LINE_ENDS: Final = re.compile(r"[\t\n\r]")
#: What Microsoft does not support in redirect URIs, and what no URI has (RFC 3986, section 2).
_UNSUPPORTED: Final = "!$'(),;" + '\\<>"{}|^`'
_FORBIDDEN: Final = re.compile(rf"[{re.escape(_UNSUPPORTED)}\s\x00-\x1f\x7f]")
#: What only an IPv6 address has, and such an address (RFC 3986, section 3.2.2).
_BRACKETS: Final = "[]"
_LITERAL: Final = re.compile(r"(?<=//)(?:[^/?#@]*@)?\[[^\[\]/?#]*\](?=[:/?#]|\Z)")
_AUTHORITY: Final = re.compile(r"(?<=//)[^/?#]*")
_INTERNAL: Final = (
    "local",
    "internal",
    "corp",
    "lan",
    "home",
    "intranet",
    "private",
    "localdomain",
    "home.arpa",
    "test",
    "invalid",
    "alt",
)

#: Scripts that one language writes together: Japanese, Chinese and Korean, each with Latin letters (UTS 39, section
#: 5.2, "Highly Restrictive").
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
#: Names of characters that belong to several scripts (UAX 24, Script_Extensions), and the script that they go with.
_SCRIPT_OF: Final = {"KATAKANA-HIRAGANA": "", "MODIFIER": "", "IDEOGRAPHIC": "CJK", "HALFWIDTH": "", "FULLWIDTH": ""}

#: Small Cyrillic, Greek, Armenian and Latin letters that look like a letter of ASCII, by the table of confusable
#: characters of UTS 39. The table has ӏ under i; imitations, such as one of apple.com, use it for l.
_LOOKS_LIKE: Final = str.maketrans(
    dict(
        zip(
            "асԁеҽһіӏјорԛгѕѵԝѡхуүαιορσυνγքցհոռօգզսաɑᴄɡıɪɩᴏꜱᴜʋᴠᴡʏᴢ",
            "acdeehiljopqrsvwwxyyaiopouvyfghnnoqquwacgiiiosuuvwyz",
            strict=True,
        )
    )
)

#: The first seven are faults. The others are not: they say which rules apply, such as ``loopback``, ``plain`` (http
#: elsewhere) and ``address`` (an IP address as the host).
UriTrait = Literal[
    "running",
    "reading",
    "malformed",
    "character",
    "internal",
    "disguised",
    "private-scheme",
    "loopback",
    "plain",
    "address",
    "wildcard",
    "user",
    "fragment",
    "urn",
    "query",
    "broker",
    "shared",
    "port",
]
_NONE: Final[frozenset[UriTrait]] = frozenset()


def traits_of(uri: Uri) -> frozenset[UriTrait]:
    """The traits of *uri*; nearly always none."""
    return _traits_of(uri.text)


@lru_cache(maxsize=65_536)
def _traits_of(text: str) -> frozenset[UriTrait]:
    uri = parse(text)
    found = set(_plain_traits(uri))
    scheme = uri.scheme
    wild = "*" in uri.text
    if scheme_of(uri) in RUNNING:
        return frozenset({*found, "running"})
    if scheme_of(uri) in READING:
        return frozenset({*found, "reading"})
    if not wild and (is_without_scheme(uri) or (scheme in ("http", "https") and not uri.host)):
        return frozenset({*found, "malformed"})
    if forbidden(uri.text):
        found.add("character")
    if uri.is_web and uri.host:
        if not wild and is_internal(uri):
            found.add("internal")
        if not uri.host.isascii() or any(label.startswith("xn--") for label in uri.host.split(".")):
            found.add("disguised")
    elif scheme and "." not in scheme and not _PLATFORM_SCHEMES.fullmatch(scheme):
        found.add("private-scheme")
    return frozenset(found) if found else _NONE


def _plain_traits(uri: Uri) -> Iterator[UriTrait]:
    """The traits that are not faults by themselves."""
    scheme = uri.scheme or ""
    shared = bool(uri.host) and shared_suffix(uri.host or "") is not None
    traits: tuple[tuple[UriTrait, bool], ...] = (
        ("loopback", uri.is_loopback),
        ("plain", scheme == "http" and not uri.is_loopback),
        ("address", uri.ip is not None),
        ("wildcard", "*" in uri.text),
        ("user", uri.userinfo is not None),
        ("fragment", uri.fragment is not None),
        ("query", uri.query is not None),
        ("port", uri.port is not None),
        ("urn", scheme == "urn"),
        ("broker", scheme.startswith("msauth") or scheme == "ms-appx-web"),
        ("shared", shared),
    )
    return (name for name, holds in traits if holds)


def scheme_of(uri: Uri) -> str:
    """The scheme of *uri* as a browser reads it: without the blanks that it removes first (WHATWG URL, 4.4)."""
    return parse(_LINE_ENDS.sub("", uri.text.strip(_BLANKS))).scheme or ""


def is_internal(uri: Uri) -> bool:
    """Say whether the host is an internal name: one label, or below a name that cannot be registered."""
    host = uri.host or ""
    if uri.ip is not None or uri.is_loopback or ":" in host:
        return False
    return "." not in host or any(host.endswith("." + name) for name in _INTERNAL)


def is_without_scheme(uri: Uri) -> bool:
    """Say whether *uri* begins with its host, as ``contoso.com/cb`` and ``localhost:3000/cb`` do."""
    return uri.scheme is None or _WITHOUT_SCHEME.fullmatch(uri.text) is not None


def forbidden(text: str) -> tuple[str, ...]:
    """The characters of *text* that no redirect URI may have, or that are invisible, each once.

    Letters beyond ASCII in the host are not among them: see ``shown``. What is not shown as itself is a code point.
    """
    text = text.replace(HIDDEN, "")
    found = dict.fromkeys(_FORBIDDEN.findall(text))
    if "[" in text or "]" in text:
        found |= dict.fromkeys(char for char in _BRACKETS if char in _LITERAL.sub("", text, count=1))
    if not text.isascii():
        beyond = "".join(char for char in text if not char.isascii())
        outside = _AUTHORITY.sub("", text, count=1)
        found |= dict.fromkeys(char for char in beyond if char in outside or is_invisible(char))
    return tuple(char if char in _UNSUPPORTED + _BRACKETS else f"U+{ord(char):04X}" for char in found)


class Shown(msgspec.Struct, frozen=True):
    """An internationalized host as a browser may show it, and the scripts of a label that mixes them, if one does."""

    host: str
    mixed: tuple[str, ...]


@lru_cache(maxsize=4096)
def shown(host: str) -> Shown:
    """*host* decoded. A label that is not valid punycode is kept. Never raises."""
    labels = [_decode(label) for label in host.split(".")]
    return Shown(".".join(labels), next((found for label in labels if are_mixed(found := scripts(label))), ()))


def _decode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    return label if decoded.isascii() else decoded  # what needs no encoding is not encoded


def scripts(text: str) -> tuple[str, ...]:
    """The scripts of the letters in *text*, such as ``LATIN`` and ``CYRILLIC``, by the names of its characters."""
    names = (unicodedata.name(char, "").partition(" ")[0] for char in text if char.isalpha())
    return tuple(dict.fromkeys(name for word in names if (name := _SCRIPT_OF.get(word, word))))


def are_mixed(names: Iterable[str]) -> bool:
    """Say whether no language writes the scripts *names* together, so that a letter may pose as another."""
    found = frozenset(names)
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)


def latin_lookalike(host: str) -> str:
    """What *host*, decoded, looks like in Latin letters; empty unless all its letters look Latin and some are not."""
    seen = host.translate(_LOOKS_LIKE)
    return seen if seen != host and seen.isascii() else ""


def is_under(host: str, domains: Iterable[str]) -> bool:
    """Say whether *host* is one of *domains* or below one, compared label by label."""
    names = (domain.lower().strip(".") for domain in domains)
    return any(host == name or host.endswith(f".{name}") for name in names if name)
