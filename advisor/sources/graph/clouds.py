"""Where Microsoft Graph and its sign-in are: the four clouds, and any other place that is named.

Source: Microsoft Graph, "National cloud deployments".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import msgspec

from advisor.errors import UsageError
from rules.knowledge.data import read_table


class Place(msgspec.Struct, frozen=True):
    """A Graph *endpoint* (scheme and host) and the host of the *authority* that issues its tokens."""

    endpoint: str
    authority: str

    @property
    def host(self) -> str:
        """The name of Graph's host, without a port: the only one that gets the token."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def scope(self) -> str:
        """What every permission of Graph that was granted is asked for by."""
        return f"https://{self.host}/.default"

    @property
    def is_custom_authority(self) -> bool:
        """Whether the authority is not one of Microsoft's, so that it cannot be looked up there."""
        return self.authority not in {place.authority for place in clouds().values()}


class Cloud(msgspec.Struct, frozen=True):
    """A cloud of Microsoft: the name that ``--cloud`` takes, Graph's endpoint, and the host of the authority."""

    name: str
    endpoint: str
    authority: str


@cache
def clouds() -> Mapping[str, Place]:
    """Where each of the clouds is, by name."""
    rows = read_table("advisor.sources.graph", "clouds.tsv", Cloud)
    return {row.name: Place(row.endpoint, row.authority) for row in rows}


def find_place(cloud: str, endpoint: str | None = None, authority: str | None = None) -> Place:
    """The place of a *cloud*, with another *endpoint* or *authority* where one is named.

    Raises ``UsageError`` for an unknown cloud and for an address that is not https.
    """
    known = clouds().get(cloud)
    if known is None:
        raise UsageError(f"unknown cloud {cloud!r} in --cloud", hint=f"one of {', '.join(clouds())}")
    return Place(
        f"https://{_host(endpoint, '--graph-endpoint')}" if endpoint else known.endpoint,
        _host(authority, "--authority") if authority else known.authority,
    )


def _host(address: str, option: str) -> str:
    """Host and port of an https *address*; the scheme may be left out."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        port = parts.port
    except ValueError:
        port = None
        parts = parts._replace(netloc="")
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise UsageError(f"{address!r} in {option} is not an https address", hint="write https://host, without a path")
    return parts.hostname + (f":{port}" if port else "")
