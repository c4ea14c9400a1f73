"""Redirect hosts and ports that are no name and no standard port."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "ip-redirect-uri",
    severity="medium",
    may_be=("low",),
    only_if=("address",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-11", "RU-16"),
    references=("entra:reply-url#localhost", "rfc:1918#3", "rfc:3927#2.1"),
    bad=(
        Bad({"web": {"redirectUris": ["https://10.0.0.5/cb"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://169.254.169.254/"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["https://[fe80::1]/"]}}, at="/spa/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://0xcb.0.0x71.7/cb"]}}, at="/web/redirectUris/0"),
        # Two other tools take this for plain http on a foreign host.
        Bad(
            {"publicClient": {"redirectUris": ["http://[::1]/cb"]}},
            at="/publicClient/redirectUris/0",
            severity="low",
            expected_rules=("two-kinds-of-client",),
        ),
    ),
    good=(
        Good(
            {"publicClient": {"redirectUris": ["http://127.0.0.1:8080/"]}}, why="the address that the platform prefers"
        ),
        Good({"web": {"redirectUris": ["https://10.0.0.5.contoso.com/cb"]}}, why="a name"),
    ),
    base="web",
)
def ip_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI names its host by an IP address.

    Why: An address passes to whoever is given it next; a private one leads to another machine in every network.
    Fix: Register a redirect URI with a host name of yours. On the device itself use 127.0.0.1.
    """
    for place in app.redirects:
        address = place.uri.ip
        if address is None:
            continue
        if not place.uri.is_loopback:
            yield Hit(pointer=place.pointer, message=f"redirects to {_kind(address)} {address}")
        elif ":" in (place.uri.host or ""):
            yield Hit(
                pointer=place.pointer,
                message="redirects to the IPv6 loopback address, which Entra does not support",
                severity="low",
            )


def _kind(address: IPv4Address | IPv6Address) -> str:
    if address.is_link_local:
        return "the link-local address"
    return "the private address" if address.is_private else "the address"


@rule(
    "unusual-redirect-port",
    severity="info",
    may_be=("low",),
    only_if=("port",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    references=("rfc:9110#4.2.2", "rfc:3986#3.2.3"),
    bad=(
        Bad({"web": {"redirectUris": ["https://portal.contoso.com:8443/cb"]}}, at="/web/redirectUris/0"),
        Bad(
            {"web": {"redirectUris": ["https://portal.contoso.com:70000/cb"]}}, at="/web/redirectUris/0", severity="low"
        ),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://portal.contoso.com:443/cb"]}}, why="the port of https"),
        Good(
            {"web": {"redirectUris": ["https://localhost:44321/cb"]}}, why="the platform ignores the port on loopback"
        ),
    ),
    base="web",
)
def unusual_redirect_port(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI names a port that https does not use by itself.

    Why: It is often a test instance or an administrator's port, and whoever may open a port on that host can serve it.
    Fix: Serve the address on port 443, or remove it if it was for a test.
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
                message=f"redirects to a port of {uri.host} that is no port number",
                severity="low",
            )
