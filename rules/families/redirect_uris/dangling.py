"""Redirect hosts that DNS does not know, and who could make it know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from rules.analysis.dns import DnsAnswer, public_hosts, registrable
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.hosts import SharedSuffix, is_allowed, shared_suffix
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_WHERE: Final = ("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris", "web.logoutUrl")
_FIRST: Final = "/web/redirectUris/0"
_GONE: Final = DnsAnswer("missing")


def _to(address: str) -> dict[str, Any]:
    return {"web": {"redirectUris": [address]}}


def _leads_to(name: str) -> DnsAnswer:
    return DnsAnswer("missing", (name,))


class _Gain(msgspec.Struct, frozen=True):
    """Who could have a name that does not exist: how bad that is, and in words. ``unsure`` says what was not answered."""

    severity: Severity
    says: str = ""
    unsure: str = ""


def _gain_of(name: str, context: Context) -> _Gain:
    row = None if is_allowed(name, context.settings.allowed_hosts) else shared_suffix(name)
    if row:
        return _gain_below(row)
    domain = registrable(name)
    said = (context.dns or {}).get(domain or "")
    if said and said.state == "missing":
        also = "" if name == domain else f"the domain {domain} does not exist either, and "
        return _Gain("high", f": {also}anybody may register it")
    return _Gain("low", unsure=said.note if said and said.state == "failed" else "")


def _gain_below(row: SharedSuffix) -> _Gain:
    if row.naming == "generated":
        return _Gain("low", f"; {row.service} makes such names up, so that nobody chooses this one")
    if row.naming == "tunnel":
        return _Gain("high", f": it belongs to whoever opens a tunnel of {row.service} with that name")
    if row.naming == "closed":
        return _Gain("low", f"; {row.service} gives such names to nobody any more")
    if row.naming == "older":
        return _Gain("high", f": whoever had {row.service} before it took no new customers may ask for it")
    if row.kept:
        return _Gain("high", f": {row.service} keeps it for its former tenant for a while, then gives it to anybody")
    return _Gain("critical", f": whoever asks {row.service} for it gets it")


def _gain(host: str, end: str, context: Context) -> _Gain:
    """The gain from the name at the *end* of the CNAME records of *host*, or from *host* where there are none."""
    row = shared_suffix(end)
    if host != end and row is not None and row is shared_suffix(host):
        return _Gain("low")  # what a cloud does between two of its own names is its own business
    return _gain_of(end, context)


class _Unresolved(msgspec.Struct, frozen=True):
    """An address whose host DNS does not lead anywhere, or did not answer for."""

    pointer: str
    host: str
    facts: DnsAnswer

    @property
    def end(self) -> str:
        """The last name that was asked for."""
        return self.facts.chain[-1] if self.facts.chain else self.host

    def hit(self, which: str, severity: Severity) -> Hit:
        """A finding. Of a sign-out nobody gains much, and where it is told to is not an element to take out of a list."""
        if self.pointer == "/web/logoutUrl":
            return Hit(pointer=self.pointer, message=f"has sign-outs told to {self.host}, {which}", severity="low")
        return Hit(pointer=self.pointer, message=f"redirects to {self.host}, {which}", severity=severity, remove=True)

    def gap(self, note: str) -> Gap:
        """What DNS did not answer."""
        return Gap(self.pointer, note, "failed")


def _unresolved(app: Registration, names: Mapping[str, DnsAnswer]) -> Iterator[_Unresolved]:
    for pointer, uri in public_hosts(app) if names else ():
        host = uri.host or ""
        facts = names.get(host)
        if facts is not None and facts.state != "exists":
            yield _Unresolved(pointer, host, facts)


@rule(
    "dangling-cname",
    severity="critical",
    may_be=("high", "low"),
    needs_dns=True,
    needs=_WHERE,
    when_set=_WHERE,
    checks=("RU-07",),
    settings=("allowed-hosts",),
    references=("azure:subdomain-takeover", "azure:dangling-subdomain-prevention", "rfc:1034#3.6.2", "rfc:2308#2.1"),
    bad=(
        Bad(_to("https://login.contoso.com/cb"), at=_FIRST, dns={"login.contoso.com": _leads_to("contoso-login.azure-api.net")}),
        Bad(
            _to("https://contoso.trafficmanager.net/cb"), at=_FIRST, severity="high",
            dns={"contoso.trafficmanager.net": _leads_to("contoso.azurewebsites.net")},
        ),
        Bad(
            _to("https://login.contoso.com/cb"), at=_FIRST, severity="high",
            dns={"login.contoso.com": _leads_to("contoso.oldhost.com"), "oldhost.com": _GONE},
        ),
        Bad(
            {"web": {"logoutUrl": "https://login.contoso.com/out"}}, at="/web/logoutUrl", severity="low",
            dns={"login.contoso.com": _leads_to("contoso-login.azure-api.net")},
        ),
    ),
    good=(
        Good(
            _to("https://login.contoso.com/cb"), why="the name at the end of the chain exists",
            dns={"login.contoso.com": DnsAnswer("exists", ("contoso-login.azure-api.net",))},
        ),
        Good(
            _to("https://login.contoso.com/cb"), why="nobody else can have the name that is missing",
            dns={"login.contoso.com": _leads_to("old.contoso.com"), "contoso.com": DnsAnswer("exists")},
        ),
        Good(
            _to("https://login.contoso.com/cb"), why="Front Door (classic) gives its names to nobody any more",
            dns={"login.contoso.com": _leads_to("contoso.azurefd.net")},
        ),
        Good(
            _to("https://contoso.azureedge.net/cb"), why="a name of the cloud's own, for a name of its own",
            dns={"contoso.azureedge.net": _leads_to("contoso.ec.azureedge.net")},
        ),
    ),
    base="web",
)  # fmt: skip
def dangling_cname(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A redirect host leads by CNAME to a name that does not exist and that others may take.

    Why: Whoever takes the name at the end answers for your host, with a certificate for it, and receives the codes.
    Fix: Remove the redirect URI, then the CNAME record; or make the resource at its end anew, before somebody else does.
    """
    for one in _unresolved(app, context.dns or {}):
        if one.facts.state == "failed":
            yield one.gap(one.facts.note)
        elif one.facts.state == "missing" and one.facts.chain:
            gain = _gain(one.host, one.end, context)
            if gain.severity != "low":
                yield one.hit(f"whose CNAME leads to {one.end}, which does not exist{gain.says}", gain.severity)
            elif gain.unsure:
                yield one.gap(gain.unsure)


@rule(
    "unresolvable-redirect-host",
    severity="low",
    may_be=("critical", "high"),
    needs_dns=True,
    needs=_WHERE,
    when_set=_WHERE,
    checks=("RU-06",),
    settings=("allowed-hosts",),
    references=(
        "azure:subdomain-takeover",
        "azure:dangling-subdomain-prevention",
        "rfc:8020#2",
        "entra:app-best-practices#redirect-uris",
    ),
    bad=(
        Bad(_to("https://old.contoso.com/cb"), at=_FIRST, dns={"old.contoso.com": _GONE, "contoso.com": DnsAnswer("exists")}),
        Bad(_to("https://contoso.azure-api.net/cb"), at=_FIRST, severity="critical", dns={"contoso.azure-api.net": _GONE}),
        Bad(_to("https://contoso.azureedge.net/cb"), at=_FIRST, severity="high", dns={"contoso.azureedge.net": _GONE}),
        Bad(_to("https://contoso.azurefd.net/cb"), at=_FIRST, dns={"contoso.azurefd.net": _GONE}),
        Bad(_to("https://contoso.azurewebsites.net/"), at=_FIRST, severity="high", dns={"contoso.azurewebsites.net": _GONE}),
        Bad(_to("https://contosso.com/cb"), at=_FIRST, severity="high", dns={"contosso.com": _GONE}),
        Bad(_to("https://a1b2.ngrok-free.app/cb"), at=_FIRST, severity="high", dns={"a1b2.ngrok-free.app": _GONE}),
        Bad(_to("https://contoso.com/cb"), at=_FIRST, dns={"contoso.com": DnsAnswer("no-address", note="it has no address")}),
        Bad(
            _to("https://contoso.azure-api.net/cb"), at=_FIRST, dns={"contoso.azure-api.net": _GONE},
            settings={"allowed-hosts": ["contoso.azure-api.net"]},
        ),
        Bad({"web": {"logoutUrl": "https://a.azure-api.net/out"}}, at="/web/logoutUrl", dns={"a.azure-api.net": _GONE}),
    ),
    good=(
        Good(_to("https://login.contoso.com/cb"), why="it resolves", dns={"login.contoso.com": DnsAnswer("exists")}),
        Good(_to("https://app.corp.local/cb"), why="internal names are not asked for", dns={"contoso.com": DnsAnswer("exists")}),
    ),
    base="web",
)  # fmt: skip
def unresolvable_redirect_host(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A redirect host does not exist, or has no address.

    Why: Nobody can sign in there. Whoever can register the name, at a cloud or as a domain, receives the codes that a
        link sends there; else the entry is a leftover that hides such ones. Hosts of providers that answer for every
        name, such as github.io, exist for DNS even when nobody has them.
    Fix: Remove the redirect URI, or register the name again before somebody else does.
    """
    for one in _unresolved(app, context.dns or {}):
        if one.facts.state == "failed":
            yield one.gap(one.facts.note)
        elif one.facts.state == "no-address":
            if shared_suffix(one.host) is None:  # else it may pass into other hands, which claimable-redirect-host says
                yield one.hit(f"which does not resolve: {one.facts.note}", "low")
        else:
            gain = _gain(one.host, one.end, context)
            if one.facts.chain and gain.severity != "low":
                continue  # dangling-cname
            way = f"whose CNAME leads to {one.end}, which" if one.facts.chain else "which"
            yield one.hit(f"{way} does not exist{gain.says}", gain.severity)
            if gain.unsure:
                yield one.gap(gain.unsure)
