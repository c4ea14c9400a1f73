"""Redirect hosts that are somebody else's, nobody's, or not what they look like."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import is_allowed
from rules.model.finding import Hit, Severity
from rules.model.registration import UNSET, Registration
from rules.model.uri_traits import is_under, shown, traits_of
from rules.primitives.uri import parse

_ALL: Final = ("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris")

#: The role that comes with every template of the gallery for SAML.
_SAML_ROLE: Final = {
    "id": "b9632174-c057-4f7e-951b-be3adc52bfe6", "displayName": "msiam_access", "description": "msiam_access", "value": None,
    "isEnabled": True, "allowedMemberTypes": ["User"],
}  # fmt: skip
_DOMAINS: Final = {"verified-domains": ["contoso.com"]}

#: Sites that show to a developer what was sent to them. Each answers at that name; checked 2026-11-24.
DEBUGGING: Final = (
    "jwt.ms", "jwt.io", "oauth.pstmn.io", "app.getpostman.com", "www.getpostman.com", "oidcdebugger.com", "oauthdebugger.com",
    "openidconnect.net", "oauth.tools", "webhook.site", "httpbin.org",
)  # fmt: skip


@rule(
    "internal-redirect-host",
    severity="info",
    only_if=("internal",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-18",),
    references=("rfc:6762#3", "rfc:9700#4.1.1"),
    bad=(
        Bad({"web": {"redirectUris": ["https://intranet/cb"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://app.corp.local/cb"]}}, at="/web/redirectUris/0"),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://local.contoso.com/cb"]}}, why="a name below a public domain"),
        Good({"web": {"redirectUris": ["https://localhost/cb"]}}, why="the person's own device"),
    ),
    base="web",
)
def internal_redirect_host(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect host is a name inside a network, which nobody can own.

    Why: Outside that network the name means another machine or none, and no public authority vouches for it.
    Fix: Give the client a name below a public domain of yours; it may still be reachable from inside alone.
    """
    for place in app.redirects:
        if "internal" in traits_of(place.uri):
            yield Hit(
                pointer=place.pointer, message=f"redirects to {place.uri.host}, a name that nobody owns in public"
            )


@rule(
    "disguised-redirect-host",
    severity="low",
    may_be=("medium",),
    only_if=("disguised",),
    needs=_ALL,
    when_set=_ALL,
    checks=("RU-17",),
    references=("web:unicode-tr39", "rfc:5891#4"),
    settings=("allowed-hosts",),
    bad=(
        Bad({"web": {"redirectUris": ["https://xn--mller-kva.example/cb"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://xn--cntoso-yqf.example/cb"]}}, at="/web/redirectUris/0", severity="medium"),
        Bad({"web": {"redirectUris": ["https://cоntoso.example/cb"]}}, at="/web/redirectUris/0", severity="medium"),
    ),
    good=Good({"web": {"redirectUris": ["https://xn.contoso.example/xn--mller-kva"]}}, why="it stands in the path"),
    base="web",
)  # fmt: skip
def disguised_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host has letters beyond ASCII, which may look like others.

    Why: A host with Cyrillic letters between Latin ones reads like yours and belongs to somebody else.
    Fix: Compare the decoded name with what you meant; list a host that is yours in the setting allowed-hosts, else remove it.
    """
    for place in app.redirects:
        host = place.uri.host or ""
        if "disguised" in traits_of(place.uri) and not is_allowed(host, context.settings.allowed_hosts):
            seen = shown(host)
            mixed = len(seen.scripts) > 1
            words = f", which mixes {' and '.join(seen.scripts).title()} letters" if mixed else ""
            says = f"redirects to {seen.host}{words}"
            yield Hit(pointer=place.pointer, message=says, severity="medium" if mixed else "low")


@rule(
    "debugging-redirect-host",
    severity="medium",
    may_be=("high",),
    needs=(*_ALL, "signInAudience"),
    when_set=_ALL,
    checks=("RU-24",),
    references=("rfc:9700#4.1", "entra:app-best-practices#redirect-uris"),
    bad=(
        Bad({"web": {"redirectUris": ["https://jwt.ms"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["https://oauth.pstmn.io/v1/callback"]}}, at="/web/redirectUris/0"),
        Bad(
            {"web": {"redirectUris": ["https://oidcdebugger.com/debug"]}, "signInAudience": "AzureADMultipleOrgs"},
            at="/web/redirectUris/0", severity="high", expected_rules=("unverified-multi-tenant-publisher",),
        ),
    ),
    good=Good({"web": {"redirectUris": ["https://jwt.ms.contoso.com/cb"]}}, why="a host of one's own"),
    base="web",
)  # fmt: skip
def debugging_redirect_host(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI leads to a public site for debugging.

    Why: Codes and tokens are shown to, and may be kept by, whoever runs that site.
    Fix: Remove the redirect URI. Debug with a registration of its own that has no permissions worth having.
    """
    for place in app.redirects:
        host = place.uri.host
        if host and _shows(host):
            wide = app.is_multi_tenant
            who = ", for people of other organisations too" if wide else ""
            severity: Severity = "high" if wide else "medium"
            yield Hit(
                pointer=place.pointer, message=f"sends codes or tokens to {host}{who}", severity=severity, remove=True
            )


@lru_cache(maxsize=65_536)
def _shows(host: str) -> bool:
    return is_under(host, DEBUGGING)


@rule(
    "foreign-redirect-host",
    severity="low",
    needs=(*_ALL, "appRoles"),
    when_set=_ALL,
    checks=("RU-25",),
    references=("entra:app-best-practices#redirect-uris", "rfc:9700#4.1.1"),
    settings=("verified-domains", "allowed-hosts"),
    bad=Bad(
        {"web": {"redirectUris": ["https://portal.fabrikam.example/cb"]}}, at="/web/redirectUris/0", settings=_DOMAINS
    ),
    good=(
        Good(
            {"web": {"redirectUris": ["https://portal.contoso.com/cb"]}},
            why="below a domain of the tenant",
            settings=_DOMAINS,
        ),
        Good({"web": {"redirectUris": ["https://localhost/cb"]}}, why="the person's own device", settings=_DOMAINS),
        Good(
            {"web": {"redirectUris": ["https://intranet-contoso.msappproxy.net/"]}},
            why="Application Proxy's name for this tenant",
            settings={"verified-domains": ["contoso.com", "contoso.onmicrosoft.com"]},
        ),
        Good(
            {"web": {"redirectUris": ["https://contoso.b2clogin.com/contoso.onmicrosoft.com"]}},
            why="where this tenant signs customers in",
            settings={"verified-domains": ["contoso.onmicrosoft.com"]},
        ),
        Good(
            {"web": {"redirectUris": ["https://sso.fabrikam.example/acs"]}, "appRoles": [_SAML_ROLE]},
            why="of the gallery, which is for other people's applications",
            settings=_DOMAINS,
        ),
    ),
    base="web",
)
def foreign_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host lies outside the domains that the organisation has verified.

    Why: Whoever runs that host receives codes and tokens of your people. Judged once verified-domains is set.
    Fix: Move the client below a domain of yours, or list the host in the setting allowed-hosts.
    """
    domains = context.settings.verified_domains
    if not domains or app.is_gallery_app:  # that of the gallery is somebody else's on purpose
        return
    for place in app.redirects:
        uri = place.uri
        host = uri.host or ""
        if not uri.is_web or uri.is_loopback or uri.ip or "*" in host or is_under(host, domains):
            continue
        known = host in ("login.microsoftonline.com", "login.live.com") or _shows(host) or _is_given(host, domains)
        if not known and "internal" not in traits_of(uri) and not is_allowed(host, context.settings.allowed_hosts):
            yield Hit(pointer=place.pointer, message=f"redirects to {host}, which lies below no verified domain")


def _is_given(host: str, domains: tuple[str, ...]) -> bool:
    """Whether Entra gave the host to the tenant, by the name of its first domain: ``intranet-contoso.msappproxy.net`` for
    Application Proxy, ``contoso.ciamlogin.com`` or ``contoso.b2clogin.com`` to sign customers in.

    Sources: Microsoft Entra, "Configure custom domains with Application Proxy"; Azure AD B2C, "Set redirect URLs to
    b2clogin.com"; Microsoft Entra External ID, "Custom URL domains".
    """
    initial = ".onmicrosoft.com"
    names = [name.lower().removesuffix(initial) for name in domains if name.lower().endswith(initial)]
    return any(
        host in (f"{name}.b2clogin.com", f"{name}.ciamlogin.com") or host.endswith(f"-{name}.msappproxy.net")
        for name in names
    )


@rule(
    "insecure-logout-url",
    severity="low",
    may_be=("info",),
    needs=("web.logoutUrl", "web.redirectUris", "spa.redirectUris"),
    when_set=("web.logoutUrl",),
    checks=("RU-29",),
    settings=("verified-domains",),
    references=("entra:v2-protocols-oidc", "entra:reply-url#schemes"),
    bad=(
        Bad({"web": {"logoutUrl": "http://portal.contoso.com/signout"}}, at="/web/logoutUrl"),
        Bad({"web": {"logoutUrl": "javascript:alert(1)"}}, at="/web/logoutUrl"),
        Bad({"web": {"logoutUrl": "https://localhost:44321/signout"}}, at="/web/logoutUrl", severity="info"),
    ),
    good=(
        Good({"web": {"logoutUrl": "https://login.contoso.com/signout"}}),
        Good({"web": {"redirectUris": ["https://localhost/cb"], "logoutUrl": "https://localhost/out"}}, why="a registration for development alone"),
        Good({"web": {"logoutUrl": ""}}, why="none"),
    ),
    base="web",
)  # fmt: skip
def insecure_logout_url(app: Registration, context: Context) -> Iterator[Hit]:
    """Sign-outs are told over plain http, to the person's own device, or outside the verified domains.

    Why: The request carries the id of the session; and where it leads elsewhere, people stay signed in at the client.
    Fix: Set logoutUrl to an https address of the client.
    """
    text = app.web.logout_url if app.web else None
    if not isinstance(text, str) or not text or "/web/logoutUrl" in app.unread:
        return
    uri = parse(text)
    domains = context.settings.verified_domains
    if uri.is_loopback:
        if any(place.uri.is_web and not place.uri.is_loopback for place in app.redirects):
            yield Hit(
                pointer="/web/logoutUrl", message="is told of sign-outs on the person's own device", severity="info"
            )
    elif uri.scheme != "https":
        # A port serves one of the two schemes, so which one the other has is known to the client's owner alone.
        secure = uri.with_scheme("https") if uri.scheme == "http" and uri.host and uri.port is None else UNSET
        says = f"is told of sign-outs over {uri.scheme or 'no scheme'}"
        yield Hit(pointer="/web/logoutUrl", message=says, set_to=secure)
    elif domains and not is_under(uri.host or "", domains):
        yield Hit(
            pointer="/web/logoutUrl", message=f"has sign-outs told to {uri.host}, which lies below no verified domain"
        )


@rule(
    "query-with-personal-accounts",
    severity="low",
    only_if=("query",),
    needs=(*_ALL, "signInAudience"),
    when_set=_ALL,
    checks=("RU-14",),
    references=("entra:reply-url#query",),
    bad=Bad(
        {"web": {"redirectUris": ["https://portal.contoso.com/cb?x=1"]}, "signInAudience": "AzureADandPersonalMicrosoftAccount"},
        at="/web/redirectUris/0", expected_rules=("unverified-multi-tenant-publisher",),
    ),
    good=Good({"web": {"redirectUris": ["https://portal.contoso.com/cb?x=1"]}}, why="work and school accounts alone"),
    base="web",
)  # fmt: skip
def query_with_personal_accounts(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a query, and personal accounts may sign in.

    Why: The platform refuses such a redirect URI for personal accounts, so the deployment fails.
    Fix: Register the address without a query, and carry what varies in the state parameter.
    """
    for place in app.redirects if app.allows_personal_accounts else ():
        if place.uri.query is not None and place.uri.is_web:
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI with the query ?{place.uri.query} and personal accounts",
            )
