"""Redirect hosts that do not resolve, and who could register their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from rules.analysis.dns import DnsAnswer, public_hosts, registrable
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.hosts import Naming, SharedSuffix, is_allowed, redirect_endpoint, shared_suffix
from rules.model.finding import Hit, Severity
from rules.model.fragments import REDIRECT_URIS, WEB_0, web
from rules.model.registration import Registration
from rules.primitives.uri import parse

_WHERE: Final = (*REDIRECT_URIS, "web.logoutUrl")
_GONE: Final = DnsAnswer("missing")
_THERE: Final = DnsAnswer("exists")
_NO_MORE: Final[Mapping[str, DnsAnswer]] = {}


def _leads_to(name: str) -> DnsAnswer:
    return DnsAnswer("missing", (name,))


def _bad(
    uri: str, answer: DnsAnswer = _GONE, severity: Severity | None = None, more: Mapping[str, DnsAnswer] = _NO_MORE
) -> Bad:
    """A web app with one redirect URI, and the answer for its host, with *more* answers."""
    return Bad(web(uri), at=WEB_0, severity=severity, dns={parse(uri).host or "": answer, **more})


def _good(uri: str, answer: DnsAnswer, why: str, more: Mapping[str, DnsAnswer] = _NO_MORE) -> Good:
    return Good(web(uri), why=why, dns={parse(uri).host or "": answer, **more})


_LOGIN: Final = "https://login.contoso.com/cb"


class _Gain(msgspec.Struct, frozen=True):
    """Who could get a name that does not exist: how bad that is, and in words. ``unsure`` is what was not answered."""

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
        which = "the domain" if name == domain else f"its domain {domain} does not exist, and"
        return _Gain("high", f"; {which} may be free to register")
    return _Gain("low", unsure=said.note if said and said.state == "failed" else "")


#: How bad it is that a name below a shared suffix does not exist, and who can get it from the service.
_GAINS: Final[Mapping[Naming, tuple[Severity, str]]] = {
    "chosen": ("critical", "; the name may be free at {}"),
    "generated": ("low", "; {} generates such names, so no customer can choose this one"),
    "tunnel": ("high", "; the name may be free for another tunnel of {}"),
    "once": ("low", "; {} gives a name only once"),
    "older": ("high", "; the name may be free for existing customers of {}"),
    "closed": ("low", "; {} no longer gives such names to customers"),
}
_KEPT: Final[tuple[Severity, str]] = ("high", "; after a reservation, the name may be free at {}")


def _gain_below(row: SharedSuffix) -> _Gain:
    severity, says = _KEPT if row.kept else _GAINS[row.naming]
    return _Gain(severity, says.format(row.service))


def _gain(host: str, end: str, context: Context) -> _Gain:
    """The gain from the name at the *end* of the CNAME records of *host*, or from *host* where there are none."""
    row = shared_suffix(end)
    if host != end and row is not None and row is shared_suffix(host):
        return _Gain("low")  # both names belong to the same cloud
    return _gain_of(end, context)


class _Unresolved(msgspec.Struct, frozen=True):
    """A redirect URI or logout URL whose host does not resolve, or for which DNS gave no answer."""

    pointer: str
    host: str
    facts: DnsAnswer
    is_https: bool = False

    @property
    def end(self) -> str:
        """The last name in the chain of CNAME records."""
        return self.facts.chain[-1] if self.facts.chain else self.host

    def hit(self, which: str, severity: Severity) -> Hit:
        """A finding. A logout URL receives no code, and is not an element of a list."""
        if self.pointer == "/web/logoutUrl":
            return Hit(pointer=self.pointer, message=f"has a logout URL at {self.host}, {which}", severity="low")
        return Hit(pointer=self.pointer, message=f"redirects to {self.host}, {which}", severity=severity, remove=True)

    def gap(self, note: str) -> Gap:
        """What DNS did not answer."""
        return Gap(self.pointer, note, "failed")


def _unresolved(app: Registration, names: Mapping[str, DnsAnswer]) -> Iterator[_Unresolved]:
    for pointer, uri in public_hosts(app) if names else ():
        host = uri.host or ""
        facts = names.get(host)
        endpoint = redirect_endpoint(host)
        if endpoint and endpoint.kind == "browser":
            continue  # the browser takes the redirect; the name is never in DNS
        if facts is not None and facts.state != "exists":
            yield _Unresolved(pointer, host, facts, uri.scheme == "https")


@rule(
    "dangling-cname",
    severity="critical",
    may_be=("high", "low"),
    needs_dns=True,
    needs=_WHERE,
    when_set=_WHERE,
    checks=("RU-07",),
    settings=("allowed-hosts",),
    references=(
        "azure:subdomain-takeover",
        "azure:dangling-subdomain-prevention",
        "azure:storage-custom-domain",
        "rfc:1034#3.6.2",
        "rfc:2308#2.1",
    ),
    bad=(
        _bad(_LOGIN, _leads_to("contoso-login.azure-api.net")),
        _bad(_LOGIN, _leads_to("contoso.blob.core.windows.net"), "high"),
        _bad(_LOGIN, _leads_to("login.contoso.com.s3-website-eu-west-1.amazonaws.com"), "high"),
        _bad("https://contoso.trafficmanager.net/cb", _leads_to("contoso.azurewebsites.net"), "high"),
        _bad(_LOGIN, _leads_to("contoso.oldhost.com"), "high", {"oldhost.com": _GONE}),
        Bad(
            {"web": {"logoutUrl": "https://login.contoso.com/out"}},
            at="/web/logoutUrl",
            severity="low",
            dns={"login.contoso.com": _leads_to("contoso-login.azure-api.net")},
        ),
    ),
    good=(
        _good(_LOGIN, DnsAnswer("exists", ("contoso-login.azure-api.net",)), "the name at the end of the chain exists"),
        _good(_LOGIN, _leads_to("old.contoso.com"), "no one else can get the missing name", {"contoso.com": _THERE}),
        _good(_LOGIN, _leads_to("contoso.azurefd.net"), "Front Door (classic) no longer gives names to customers"),
        _good(
            "https://contoso.azureedge.net/cb",
            _leads_to("contoso.ec.azureedge.net"),
            "both names belong to the same cloud",
        ),
    ),
    base="web",
)
def dangling_cname(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A redirect or logout host has a dangling CNAME record.

    Why: The CNAME record leads to a name that does not exist, and that others may be able to register. An attacker who
        registers the missing name may be able to answer for your host, with a valid certificate. The codes of a
        redirect URI can then reach the attacker. For App Service, a TXT record asuid.{host} prevents such a takeover.
    Acceptable: Never. An attacker may be able to register the missing name at any time.
    Fix: Remove the redirect URI or web.logoutUrl, and then the CNAME record. If you need the host, create the missing
        name again before an attacker does.
    """
    for one in _unresolved(app, context.dns or {}):
        if one.facts.state == "failed":
            yield one.gap(one.facts.note)
        elif one.facts.state == "missing" and one.facts.chain:
            gain = _gain(one.host, one.end, context)
            row = shared_suffix(one.end)
            if one.is_https and gain.severity == "critical" and row and row.http_only:
                # The browser warns before it sends the code.
                gain = _Gain("high", f"{gain.says}, which has no certificate for your host")
            if gain.severity != "low":
                yield one.hit(f"whose CNAME target {one.end} does not exist{gain.says}", gain.severity)
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
        "rfc:2308#2.2",
        "entra:app-best-practices#redirect-uris",
    ),
    bad=(
        _bad("https://old.contoso.com/cb", more={"contoso.com": _THERE}),
        _bad("https://contoso.azure-api.net/cb", severity="critical"),
        _bad("https://contoso.azureedge.net/cb", severity="high"),
        # "re-use of the DNS will be forbidden EXCEPT for" the tenant, while the name is reserved.
        _bad("https://contoso.chinacloudapp.cn/cb", severity="high"),
        _bad("https://contoso.azurewebsites.net/", severity="high"),
        _bad("https://contoso.azurefd.net/cb"),
        _bad("https://contoso.appspot.com/cb"),
        _bad("https://contosso.com/cb", severity="high"),
        _bad("https://a1b2.ngrok-free.app/cb", severity="high"),
        _bad("https://contoso.com/cb", DnsAnswer("no-address", note="it has no address")),
        Bad(
            {"web": {"logoutUrl": "https://portal.trafficmanager.net/out"}},
            at="/web/logoutUrl",
            dns={"portal.trafficmanager.net": DnsAnswer("no-address", note="it has no address")},
        ),
        Bad(
            web("https://contoso.azure-api.net/cb"),
            at=WEB_0,
            dns={"contoso.azure-api.net": _GONE},
            settings={"allowed-hosts": ["contoso.azure-api.net"]},
        ),
        Bad({"web": {"logoutUrl": "https://a.azure-api.net/out"}}, at="/web/logoutUrl", dns={"a.azure-api.net": _GONE}),
    ),
    good=(
        _good(_LOGIN, _THERE, "the host resolves"),
        _good("https://app.corp.local/cb", _GONE, "internal names are not queried"),
        _good("https://abcdefghijklmnop.chromiumapp.org/", _GONE, "the browser passes the response to its extension"),
    ),
    base="web",
)
def unresolvable_redirect_host(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A redirect or logout host does not exist, or has no address.

    Why: Sign-in or sign-out at the host fails, unless an internal DNS has an address for the host. If an attacker can
        register the missing name, the attacker can receive the codes that are sent to it.
    Acceptable: The host is acceptable if an internal DNS has an address for it, and only you can register the public
        name.
    Fix: Remove the redirect URI or web.logoutUrl. If a client needs the host, create the missing name or address before
        an attacker does.
    """
    for one in _unresolved(app, context.dns or {}):
        if one.facts.state == "failed":
            yield one.gap(one.facts.note)
        elif one.facts.state == "no-address":
            yield one.hit(f"which does not resolve: {one.facts.note}", "low")
        else:
            gain = _gain(one.host, one.end, context)
            if one.facts.chain and gain.severity != "low":
                continue  # dangling-cname
            name = f"whose CNAME target {one.end}" if one.facts.chain else "which"
            yield one.hit(f"{name} does not exist{gain.says}", gain.severity)
            if gain.unsure:
                yield one.gap(gain.unsure)
