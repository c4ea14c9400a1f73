"""Redirect hosts that may pass into other hands."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.dns import DnsAnswer, is_missing
from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import Naming, claimable
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_SEVERITY: dict[Naming, Severity] = {
    "chosen": "low", "generated": "info", "tunnel": "medium", "older": "low", "closed": "info",
}  # fmt: skip
_SAYS: dict[Naming, str] = {
    "chosen": "whose name anybody may be able to register once it is given up",
    "generated": "whose name is made up by the cloud and lost with the resource",
    "tunnel": "whose name belongs to whoever opens the tunnel",
    "older": "whose name others who had that service before may be able to register once it is given up",
    "closed": "whose name is given to nobody any more, and lost with the resource",
}


@rule(
    "claimable-redirect-host",
    severity="low",
    may_be=("medium", "info"),
    only_if=("shared",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-04", "RU-05"),
    references=(
        "azure:subdomain-takeover",
        "azure:dangling-subdomain-prevention",
        "entra:app-best-practices#redirect-uris",
        "web:public-suffix-list",
    ),
    settings=("allowed-hosts",),
    bad=(
        Bad({"web": {"redirectUris": ["https://app.azurewebsites.net/signin-oidc"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://APP.AZUREWEBSITES.NET.:443/cb"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["https://app.eastus.cloudapp.azure.com/cb"]}}, at="/spa/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://a1b2.ngrok-free.app/cb"]}}, at="/web/redirectUris/0", severity="medium"),
        Bad({"spa": {"redirectUris": ["https://icy-bay-0b3394d10.4.azurestaticapps.net/"]}}, at="/spa/redirectUris/0", severity="info"),
        Bad({"web": {"redirectUris": ["https://contoso.azurefd.net/cb"]}}, at="/web/redirectUris/0", severity="info"),
        Bad({"web": {"redirectUris": ["https://app.azurewebsites.net/cb"]}}, at="/web/redirectUris/0", dns={"app.azurewebsites.net": DnsAnswer("exists")}),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://app.contoso.com/azurewebsites.net/cb"]}}, why="it stands in the path"),
        Good({"web": {"redirectUris": ["https://myazurewebsites.net/"]}}, why="not a name below azurewebsites.net"),
        Good({"web": {"redirectUris": ["https://x.azurewebsites.net.evil.example/"]}}, why="the host lies below evil.example"),
        Good({"web": {"redirectUris": ["https://app-b0c1d2e3f4a5.westeurope-01.azurewebsites.net/cb"]}}, why="nobody else is given a name with this hash"),
        Good(
            {"web": {"redirectUris": ["https://app.azurewebsites.net/cb"]}}, why="given up already: unresolvable-redirect-host",
            dns={"app.azurewebsites.net": DnsAnswer("missing")},
        ),
    ),
    base="web",
)  # fmt: skip
def claimable_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host lies below a name that a cloud hands out to anybody.

    Why: While the resource exists all is well. Once it is deleted and its URI forgotten here, whoever registers the
        name again receives the codes. Nobody can tell from a registration whether that has happened; lint
        --resolve-hosts asks DNS.
    Fix: Use a host below a domain of yours. Until then remove the redirect URI before the cloud resource is deleted, and
        list the host in the setting allowed-hosts.
    """
    names = context.dns or {}
    for place in app.redirects:
        row = claimable(place.uri, context.settings.allowed_hosts)
        if row and not is_missing(names.get(place.uri.host or "")):  # else unresolvable-redirect-host, dangling-cname
            says = f"redirects to {place.uri.host}, a host of {row.service} {_SAYS[row.naming]}"
            yield Hit(pointer=place.pointer, message=says, severity=_SEVERITY[row.naming])
