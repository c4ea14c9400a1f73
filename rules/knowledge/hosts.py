"""Hosts below a name that a cloud or a tunnel gives to anyone: after it is released, someone else can register it.

The table is ``shared_suffixes.tsv``; each row has its source. Names that only the cloud can choose are distinguished,
because nobody can register them again on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.primitives.uri import Uri

#: How a name below the suffix is obtained: the customer chooses it (``chosen``), the cloud generates it (``generated``), or it
#: lasts as long as a tunnel (``tunnel``). Names were once chosen, and are now given to existing customers of the service
#: alone (``older``), or to nobody (``closed``).
Naming = Literal["chosen", "generated", "tunnel", "older", "closed"]


class SharedSuffix(msgspec.Struct, frozen=True):
    """A name below which strangers have their hosts, what it belongs to, and the document that says so.

    With ``kept`` the cloud gives a name that was deleted to nobody but the tenant that had it, for a while.
    """

    suffix: str
    service: str
    source: str
    naming: Naming = "chosen"
    kept: bool = False


@cache
def shared_suffixes() -> Mapping[str, SharedSuffix]:
    """The rows of the table by suffix: Microsoft's pages, and the private part of the Public Suffix List."""
    return {row.suffix: row for row in read_table("rules.knowledge", "shared_suffixes.tsv", SharedSuffix)}


@cache
def _most_labels() -> int:
    """The number of labels of the longest suffix: a host with more of them costs no more."""
    return max(suffix.count(".") + 1 for suffix in shared_suffixes())


#: ``app-hash.westeurope-01.azurewebsites.net``, ``app-hash.z01.azurefd.net`` and ``app.hash.westus.cloudapp.azure.com``: the
#: cloud adds a hash of the owner, so nobody else is given the name. Sources: Microsoft, "Secure unique default hostname" of
#: App Service, "Endpoints in Azure Front Door", "Public IP addresses: domain name label scope", and the type
#: ``DnsNameLabelReusePolicy`` of Container Instances.
_HASHED: Final = re.compile(
    r".+-[a-z0-9]{6,}\.(?:[a-z]+[a-z0-9]*-\d\d\.azurewebsites\.net|[a-z]\d\d\.azurefd\.net)"
    r"|.+\.[a-z0-9]{16}\.[a-z0-9]+\.(?:cloudapp\.azure\.com|azurecontainer\.io)"
)


@lru_cache(maxsize=65_536)
def shared_suffix(host: str) -> SharedSuffix | None:
    """The row below whose suffix *host* (lower case) lies, compared label by label; ``None`` for a name of one's own."""
    labels = host.split(".")
    for start in range(max(len(labels) - _most_labels(), 1), len(labels)):
        row = shared_suffixes().get(".".join(labels[start:]))
        if row:
            return None if _HASHED.fullmatch(host) else row
    return None


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Say whether *host* is one of the *allowed* names or below one, compared label by label."""
    names = (name.lower().strip(".") for name in allowed)
    return any(host == name or host.endswith(f".{name}") for name in names if name)


def claimable(uri: Uri, allowed: Iterable[str]) -> SharedSuffix | None:
    """Why the host of *uri* may pass into other hands; ``None`` when it may not or is *allowed*."""
    host = uri.host
    row = shared_suffix(host) if host and "*" not in host else None
    return row if row and host and not is_allowed(host, allowed) else None
