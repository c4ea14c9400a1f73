"""Redirect hosts that someone else may get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.dns import DnsAnswer, is_missing
from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import Naming, claimable
from rules.model.finding import Hit, Severity
from rules.model.fragments import REDIRECT_URIS, SPA_0, WEB_0, spa, web
from rules.model.registration import Registration

_SEVERITY: Final[dict[Naming, Severity]] = {
    "chosen": "low",
    "generated": "info",
    "tunnel": "medium",
    "once": "info",
    "older": "low",
    "closed": "info",
}
_SAYS: Final[dict[Naming, str]] = {
    "chosen": "a name at {} that others may get later",
    "generated": "a name that {} generated for one resource",
    "tunnel": "a name at {} that others may get after the tunnel ends",
    "once": "a name that {} gives only once",
    "older": "a name at {} that other existing customers may get later",
    "closed": "a name that {} no longer gives to customers",
}


@rule(
    "claimable-redirect-host",
    severity="low",
    may_be=("medium", "info"),
    only_if=("shared",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-04", "RU-05"),
    references=(
        "azure:subdomain-takeover",
        "azure:dangling-subdomain-prevention",
        "entra:app-best-practices#redirect-uris",
        "web:public-suffix-list",
    ),
    settings=("allowed-hosts",),
    bad=(
        Bad(web("https://app.azurewebsites.net/signin-oidc"), at=WEB_0),
        Bad(web("https://APP.AZUREWEBSITES.NET.:443/cb"), at=WEB_0),
        Bad(spa("https://app.eastus.cloudapp.azure.com/cb"), at=SPA_0),
        Bad(web("https://contoso.powerappsportals.com/signin-openid_1"), at=WEB_0),
        Bad(web("https://abc123de-3978.euw.devtunnels.ms/cb"), at=WEB_0, severity="medium"),
        Bad(spa("https://icy-bay-0b3394d10.4.azurestaticapps.net/"), at=SPA_0, severity="info"),
        Bad(web("https://contoso.s3.eu-west-1.amazonaws.com/cb"), at=WEB_0),
        Bad(spa("https://main.d1a2b3c4.amplifyapp.com/"), at=SPA_0, severity="info"),
        Bad(web("https://contoso.azurefd.net/cb"), at=WEB_0, severity="info"),
        Bad(web("https://contoso.ew.r.appspot.com/cb"), at=WEB_0, severity="info"),
        Bad(web("https://app.azurewebsites.net/"), at=WEB_0, dns={"app.azurewebsites.net": DnsAnswer("exists")}),
    ),
    good=(
        Good(web("https://app.contoso.com/azurewebsites.net/cb"), why="the name is in the path"),
        Good(web("https://myazurewebsites.net/"), why="not a name below azurewebsites.net"),
        Good(web("https://x.azurewebsites.net.evil.example/"), why="the host is below evil.example"),
        Good(web("com.contoso.app://app.azurewebsites.net"), why="a custom scheme is not sent to a host"),
        Good(
            web(
                "https://app-b0c1d2e3f4a5.westeurope-01.azurewebsites.net/cb",
                "https://contoso-1234567890ab.herokuapp.com/cb",
            ),
            why="no other customer gets a name with this hash",
        ),
        Good(
            web("https://app.azurewebsites.net/cb"),
            why="the name is missing: unresolvable-redirect-host reports this case",
            dns={"app.azurewebsites.net": DnsAnswer("missing")},
        ),
    ),
    base="web",
)
def claimable_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host is a name that cloud services give to customers.

    Why: The name belongs to its owner while the cloud resource exists. At some services, another customer can get the
        name after the resource is deleted. The other customer can receive codes that are still sent to the name. With
        --resolve-hosts, lint checks in DNS whether the name exists.
    Acceptable: The name is acceptable while your organization has the cloud resource. Remove the redirect URI before
        you delete the resource. Use a development tunnel only in a registration for development.
    Fix: Register a redirect URI below a domain that you own, and configure the client to use this URI. Then remove this
        URI. To keep the host, list it in the setting allowed-hosts.
    """
    names = context.dns or {}
    for place in app.redirects:
        row = claimable(place.uri, context.settings.allowed_hosts)
        # A name that is missing in DNS is reported by unresolvable-redirect-host or dangling-cname.
        if row and not is_missing(names.get(place.uri.host or "")):
            says = f"redirects to {place.uri.host}, {_SAYS[row.naming].format(row.service)}"
            yield Hit(pointer=place.pointer, message=says, severity=_SEVERITY[row.naming])
