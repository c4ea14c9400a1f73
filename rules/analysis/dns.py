"""DNS answers for host names, which names are queried, and where a domain begins that can be registered.

Nothing here sends a query: the caller puts each ``DnsAnswer`` into ``Context.dns``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from rules.knowledge.hosts import SharedSuffix, shared_suffix
from rules.model.registration import Registration
from rules.model.uri_traits import is_internal
from rules.primitives.uri import Uri, parse

#: ``no-address``: the name is there and leads to no address. ``missing``: it, or the end of its chain, is not there
#: (NXDOMAIN). ``failed``: there was no answer.
State = Literal["exists", "no-address", "missing", "failed"]

#: Top-level names without public hosts (RFC 6761, RFC 7686, RFC 9476), in addition to the internal ones.
_SPECIAL: Final = frozenset({"alt", "example", "invalid", "localhost", "onion", "test"})

#: Countries below which domains are registered at the third level as well, and the second levels in question.
#: Source: Public Suffix List, its ICANN part, as far as these second levels are in common use.
_COUNTRIES: Final = frozenset(
    {
        "ae",
        "ar",
        "at",
        "au",
        "bd",
        "br",
        "cn",
        "co",
        "cr",
        "cy",
        "do",
        "ec",
        "eg",
        "es",
        "fj",
        "fr",
        "gh",
        "gr",
        "gt",
        "hk",
        "hn",
        "id",
        "il",
        "in",
        "jm",
        "jo",
        "jp",
        "ke",
        "kh",
        "kr",
        "kw",
        "kz",
        "lb",
        "lk",
        "ma",
        "mo",
        "mt",
        "mx",
        "my",
        "mz",
        "na",
        "ng",
        "ni",
        "np",
        "nz",
        "om",
        "pa",
        "pe",
        "pg",
        "ph",
        "pk",
        "pl",
        "pr",
        "pt",
        "py",
        "qa",
        "sa",
        "sg",
        "sv",
        "th",
        "tr",
        "tt",
        "tw",
        "tz",
        "ua",
        "ug",
        "uk",
        "uy",
        "ve",
        "vn",
        "ye",
        "za",
        "zm",
        "zw",
    }
)
_SECOND_LEVELS: Final = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "mil", "ne", "net", "or", "org"})


#: How the note begins about a name for which there was no answer.
NOTHING_SAID: Final = "DNS said nothing of "


class DnsAnswer(msgspec.Struct, frozen=True):
    """The DNS answer for a name: its ``state``, the names that its CNAME records lead to, in order, and why.

    ``note`` says in a few words why a name has no address, or why there was no answer.
    """

    state: State
    chain: tuple[str, ...] = ()
    note: str = ""


def is_missing(facts: DnsAnswer | None) -> bool:
    """Say whether DNS answered that the name, or the end of its chain, does not exist."""
    return facts is not None and facts.state == "missing"


def public_hosts(app: Registration) -> Iterator[tuple[str, Uri]]:
    """JSON pointer and URI of each redirect URI and of the logout URL whose host can have public DNS records."""
    for place in app.redirects:
        if is_public(place.uri):
            yield place.pointer, place.uri
    text = app.web.logout_url if app.web else None
    if isinstance(text, str) and "/web/logoutUrl" not in app.unread:
        uri = parse(text.strip())
        if is_public(uri):
            yield "/web/logoutUrl", uri


def is_public(uri: Uri) -> bool:
    """Say whether the host of *uri* can have public DNS records: no IP address, wildcard, loopback or internal name."""
    host = uri.host or ""
    if not uri.is_web or uri.ip is not None or uri.is_loopback or "*" in host or ":" in host:
        return False
    return not is_internal(uri) and host.rpartition(".")[2] not in _SPECIAL


def registrable(name: str) -> str | None:
    """The part of *name* that is registered as a domain; ``None`` for any other name.

    >>> registrable("www.contoso.com"), registrable("www.contoso.co.uk"), registrable("com")
    ('contoso.com', 'contoso.co.uk', None)
    """
    labels = name.split(".")
    if not all(labels):
        return None
    third = len(labels) > 1 and labels[-1] in _COUNTRIES and labels[-2] in _SECOND_LEVELS
    count = 3 if third else 2
    return ".".join(labels[-count:]) if len(labels) >= count else None


#: Shared suffixes below which the cloud has labels of its own before the names of customers, and how many: a region, as
#: in ``app.eastus.cloudapp.azure.com``, or two, as in ``app.westeurope.2.azurestaticapps.net``.
_LABELS_OF_CLOUD: Final[Mapping[str, int]] = {
    "azurecontainer.io": 1,
    "azurecontainerapps.io": 1,
    "azurestaticapps.net": 2,
    "cloudapp.azure.com": 1,
    "cloudapp.chinacloudapi.cn": 1,
    "cloudapp.usgovcloudapi.net": 1,
    "devtunnels.ms": 1,
    "elasticbeanstalk.com": 1,
    "web.core.usgovcloudapi.net": 1,
    "web.core.windows.net": 1,
}
#: ``westeurope-01`` of App Service and ``z01`` of Front Door, before names with a hash; ``uc.r`` of App Engine and
#: ``eu`` of ngrok are regions.
_REGION: Final = re.compile(
    r"[a-z]+\d?-\d\d|[a-z]\d\d|[a-z]{2}\.r(?=\.appspot\.com$)|(?:us|eu|ap|au|sa|jp|in)(?=\.ngrok\.io$)"
)


def is_open(pattern: str) -> bool:
    """Say whether anyone can get a host that *pattern* matches: no domain of one owner follows its last asterisk.

    ``*contoso.com`` matches ``evilcontoso.com``, and below ``*.azurewebsites.net`` anyone can have a name; the names
    that match ``*.contoso.azurewebsites.net`` belong to one customer, and those that match ``*.local`` to one network.
    """
    labels = pattern.split(".")
    last = max((number for number, label in enumerate(labels) if "*" in label), default=0)
    domain = ".".join(labels[last + 1 :])
    host = f"any.{domain}"
    row = shared_suffix(host)
    if row is None or not domain:
        return registrable(domain) is None and not (domain and is_internal(parse(f"https://{host}")))
    return shared_suffix(domain) is None or _is_of_cloud(domain, row)


def _is_of_cloud(domain: str, row: SharedSuffix) -> bool:
    """Whether the labels of *domain* before the shared suffix of *row* are the cloud's and not a customer's."""
    before = domain.removesuffix(f".{row.suffix}")
    if before.count(".") < _LABELS_OF_CLOUD.get(row.suffix, 0):
        return True
    region = _REGION.match(domain)
    return region is not None and region.end() == len(before)
