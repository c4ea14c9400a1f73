"""Redirect URIs with an IP address as host, or with an unusual port."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, WEB_0, native, spa, web
from rules.model.registration import Registration

#: RFC 1918, section 3, and RFC 4193, section 3.1. ``is_private`` of Python covers reserved addresses as well.
_PRIVATE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


@rule(
    "ip-redirect-uri",
    severity="low",
    only_if=("address",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-11", "RU-16"),
    references=(
        "entra:reply-url#localhost",
        "entra:app-best-practices#redirect-uris",
        "rfc:1918#3",
        "rfc:4193#3.1",
        "rfc:3927#2.1",
        "rfc:4291#2.5",
        "rfc:1122#3.2.1.3",
        "web:whatwg-url#3.5",
    ),
    bad=(
        Bad(web("https://10.0.0.5/cb"), at=WEB_0),
        Bad(web("https://169.254.169.254/"), at=WEB_0),
        Bad(spa("https://[fe80::1]/"), at=SPA_0),
        Bad(web("https://0xcb.0.0x71.7/cb"), at=WEB_0),
        Bad(web("https://[::ffff:10.0.0.5]/cb"), at=WEB_0),
        Bad(web("http://0.0.0.0:8080/cb"), at=WEB_0),
        # Two other tools take this for plain http on a foreign host.
        Bad(native("http://[::1]/cb"), at=NATIVE_0, expected_rules=("mixed-client-types",)),
    ),
    good=(
        Good(native("http://127.0.0.1:8080/"), why="the address that Microsoft prefers"),
        Good(web("https://10.0.0.5.contoso.com/cb"), why="the host is a name"),
        Good(native("myapp://1", "com.contoso.app://10.0.0.5"), why="a custom scheme is not sent to an address"),
    ),
    base="web",
)
def ip_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """The host of a redirect URI is an IP address.

    Why: If a public IP address gets another owner, that owner can receive the codes. In another network, a private or
        link-local address can belong to another machine.
    Acceptable: A public address is acceptable if you own it. A private address is acceptable if users sign in only
        inside its network. The addresses [::1] and 0.0.0.0 are never acceptable.
    Fix: Register a redirect URI with a host name that you own, and configure the client to use this URI. Then remove
        this URI. On the user's own device, use 127.0.0.1 instead of [::1] or 0.0.0.0.
    """
    for place in app.redirects:
        address = place.uri.ip if place.uri.is_web else None
        if address is None:
            continue
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        if address.is_unspecified:
            says = f"redirects to {address}, which is not a valid destination"
            yield Hit(pointer=place.pointer, message=says)
        elif not place.uri.is_loopback:
            yield Hit(pointer=place.pointer, message=f"redirects to {_kind(address)} {address}")
        elif isinstance(address, IPv6Address):
            says = "redirects to the IPv6 loopback address, which Entra does not support"
            yield Hit(pointer=place.pointer, message=says)


def _kind(address: IPv4Address | IPv6Address) -> str:
    if address.is_link_local:
        return "the link-local address"
    return "the private address" if any(address in network for network in _PRIVATE) else "the address"


@rule(
    "unusual-redirect-port",
    severity="info",
    may_be=("low",),
    only_if=("port",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    references=("rfc:9110#4.2.2", "rfc:3986#3.2.3", "web:whatwg-url#4.4", "entra:app-best-practices#redirect-uris"),
    bad=(
        Bad(web("https://portal.contoso.com:8443/cb"), at=WEB_0),
        Bad(web("https://portal.contoso.com:70000/cb"), at=WEB_0, severity="low"),
    ),
    good=(
        Good(web("https://portal.contoso.com:443/cb"), why="the default port of https"),
        Good(web("https://localhost:44321/cb"), why="development servers use any port"),
    ),
    base="web",
)
def unusual_redirect_port(app: Registration, _: Context) -> Iterator[Hit]:
    """An https redirect URI has a port other than 443.

    Why: The default port of https is 443. Another port can be a leftover from a test. grantlint cannot see whether a
        test used the port. Microsoft recommends removing redirect URIs that are not needed.
    Acceptable: Another port is acceptable if the client is served on it. A number above 65535 is never acceptable,
        because it is not a port.
    Fix: Serve the client on port 443, register the URI without a port, and change the client to it. Then remove this
        URI. If the URI was only for a test, remove it.
    """
    for place in app.redirects:
        uri = place.uri
        if uri.port is None or uri.scheme != "https" or not uri.has_unusual_port or uri.is_loopback or not uri.host:
            continue
        if uri.port >= 0:
            yield Hit(pointer=place.pointer, message=f"redirects to port {uri.port} of {uri.host}")
        elif "*" not in uri.text:
            yield Hit(
                pointer=place.pointer,
                message=f"redirects to {uri.host} with a port that is not valid",
                severity="low",
            )
