"""The resolvers to query: those of the system, or one that the caller names."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final, NamedTuple

import dns.resolver

from advisor.errors import UsageError

_HINT: Final = "name an address: --resolver 192.0.2.53, --resolver 192.0.2.53:5353, --resolver [2001:db8::53]:53"


class Resolver(NamedTuple):
    """The address of a recursive resolver, and its port."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        if self.port == 53:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def named_resolver(text: str) -> Resolver:
    """The resolver that ``--resolver`` names: an IP address, with or without a port. Raises ``UsageError``."""
    address, port = _split(text)
    try:
        ip_address(address)
    except ValueError:
        raise UsageError(f"invalid --resolver value {text!r}: it is not an IP address", hint=_HINT) from None
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 65_535):
        raise UsageError(f"invalid --resolver value {text!r}: the port must be from 1 to 65535", hint=_HINT)
    return Resolver(address, int(port))


def _split(text: str) -> tuple[str, str]:
    """Address and port as they are written; an IPv6 address with a port is in brackets (RFC 3986, section 3.2.2)."""
    if text.startswith("[") and "]" in text:
        address, _, rest = text[1:].partition("]")
        return (address, rest[1:]) if rest.startswith(":") else (address + rest, "53")
    address, colon, port = text.partition(":")
    return (address, port) if colon and ":" not in port else (text, "53")


def system_resolvers() -> tuple[Resolver, ...]:
    """The resolvers of this system: ``/etc/resolv.conf``, on Windows the registry.

    Raises ``UsageError`` without any.
    """
    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError, ValueError):
        found = None
    addresses = [one for one in found.nameservers if isinstance(one, str)] if found else []
    if found is None or not addresses:
        raise UsageError("--resolve-hosts finds no resolver on this system", hint=_HINT)
    return tuple(Resolver(address, found.port) for address in addresses)
