"""Hosts whose owner a redirect URI alone does not show: shared by clouds, run by a platform, or made for debugging.

``shared_suffixes.tsv`` lists domains below which a cloud or a tunnel gives names to anyone: after a name is released,
someone else can register it. Names that only the cloud can choose are distinguished, because they cannot be registered
again on purpose. ``redirect_endpoints.tsv`` lists hosts that many registrations share by design. Each row has its
source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.primitives.uri import Uri

#: How a name below the suffix is obtained: the customer chooses it (``chosen``), the cloud generates it
#: (``generated``), or it lasts as long as a tunnel (``tunnel``). The customer chooses a name that no one gets a second
#: time (``once``). Names were once chosen, and are now given to existing customers of the service alone (``older``), or
#: are no longer given (``closed``).
Naming = Literal["chosen", "generated", "tunnel", "once", "older", "closed"]

#: What receives the answer: the platform's sign-in page, which shows it to the client on the device (``sign-in``); a
#: service of Microsoft that redeems it for the customer or passes it on (``service``); a browser, for its extension
#: (``browser``).
EndpointKind = Literal["sign-in", "service", "browser"]


class SharedSuffix(msgspec.Struct, frozen=True):
    """A domain below which unrelated customers have hosts, the service it belongs to, and the document that says so.

    With ``kept`` the cloud reserves a deleted name for the tenant that had it, for a while. With ``http_only`` it has
    no certificate for a host of the customer's whose CNAME leads to such a name.
    """

    suffix: str
    service: str
    source: str
    naming: Naming = "chosen"
    kept: bool = False
    http_only: bool = False


class RedirectEndpoint(msgspec.Struct, frozen=True):
    """A host, with what is below it, that receives answers for the applications of many organizations by design."""

    host: str
    service: str
    kind: EndpointKind
    source: str


@cache
def shared_suffixes() -> Mapping[str, SharedSuffix]:
    """The rows of the table by suffix: pages of the providers, and the private part of the Public Suffix List."""
    return {row.suffix: row for row in read_table("rules.knowledge", "shared_suffixes.tsv", SharedSuffix)}


@cache
def _most_labels() -> int:
    """The number of labels of the longest suffix: a host with more of them costs no more."""
    return max(suffix.count(".") + 1 for suffix in shared_suffixes())


@cache
def redirect_endpoints() -> Mapping[str, RedirectEndpoint]:
    """The rows of the table by host."""
    return {row.host: row for row in read_table("rules.knowledge", "redirect_endpoints.tsv", RedirectEndpoint)}


#: ``app-hash.westeurope-01.azurewebsites.net``, ``app-hash.z01.azurefd.net`` and
#: ``app.hash.westus.cloudapp.azure.com``: the cloud adds a hash of the owner, so no other customer is given the name.
#: Sources: Microsoft, "Secure unique default hostname" of App Service, "Endpoints in Azure Front Door", "Public IP
#: addresses: domain name label scope", and the type ``DnsNameLabelReusePolicy`` of Container Instances. That is also so
#: for an S3 bucket that ends in the account ID, the region and ``an``, and for the random name (``eba-``) that Elastic
#: Beanstalk makes where none is chosen: AWS, "Namespaces for general purpose buckets", "CreateEnvironment". Heroku adds
#: 12 random characters: "Heroku App Names, Subdomains, and URLs".
_HASHED: Final = re.compile(
    r".+-[a-z0-9]{6,}\.(?:[a-z]+[a-z0-9]*-\d\d\.azurewebsites\.net|[a-z]\d\d\.azurefd\.net)"
    r"|.+\.[a-z0-9]{16}\.[a-z0-9]+\.(?:cloudapp\.azure\.com|azurecontainer\.io)"
    r"|.+-\d{12}-[a-z0-9-]+-an\.s3[.-].*amazonaws\.com(?:\.cn)?|.+\.eba-[a-z0-9]+\.[a-z0-9-]+\.elasticbeanstalk\.com"
    r"|.+-[0-9a-f]{12}\.(?:[a-z0-9-]+\.)?herokuapp\.com"
)

#: ``bucket.s3.eu-west-1.amazonaws.com`` and ``bucket.s3-website-eu-west-1.amazonaws.com``: a bucket by the name of its
#: region. Source: Public Suffix List.
_REGIONAL_S3: Final = re.compile(
    r".+\.s3(?:-website)?(?:\.dualstack)?[.-][a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?"
)

#: Sites that show to a developer what was sent to them. Each answers at that name; checked 2026-11-24.
_DEBUGGING: Final = (
    "jwt.ms",
    "jwt.io",
    "oauth.pstmn.io",
    "app.getpostman.com",
    "www.getpostman.com",
    "oidcdebugger.com",
    "oauthdebugger.com",
    "openidconnect.net",
    "oauth.tools",
    "webhook.site",
    "httpbin.org",
)


@lru_cache(maxsize=65_536)
def shared_suffix(host: str) -> SharedSuffix | None:
    """The row below whose suffix *host* (lower case) lies, compared label by label; ``None`` for any other host."""
    labels = host.split(".")
    for start in range(max(len(labels) - _most_labels(), 1), len(labels)):
        row = shared_suffixes().get(".".join(labels[start:]))
        if row:
            return None if _HASHED.fullmatch(host) else row
    if ".amazonaws.com" in host and _REGIONAL_S3.fullmatch(host) and not _HASHED.fullmatch(host):
        return shared_suffixes()["s3.amazonaws.com"]
    return None


@lru_cache(maxsize=65_536)
def redirect_endpoint(host: str) -> RedirectEndpoint | None:
    """The row for *host* (lower case) or for a domain above it, compared label by label."""
    rest = host
    while rest:
        row = redirect_endpoints().get(rest)
        if row:
            return row
        rest = rest.partition(".")[2]
    return None


@lru_cache(maxsize=65_536)
def is_debugging(host: str) -> bool:
    """Say whether *host* (lower case) belongs to a public site for debugging sign-ins."""
    return is_allowed(host, _DEBUGGING)


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Say whether *host* is one of the *allowed* names or below one, compared label by label."""
    names = (name.lower().strip(".") for name in allowed)
    return any(host == name or host.endswith(f".{name}") for name in names if name)


def claimable(uri: Uri, allowed: Iterable[str]) -> SharedSuffix | None:
    """Why someone else may get the host of *uri*; ``None`` when no one else can, it is *allowed* or no page."""
    host = uri.host if uri.is_web else None
    row = shared_suffix(host) if host and "*" not in host else None
    return row if row and host and not is_allowed(host, allowed) else None
