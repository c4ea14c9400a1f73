"""Redirect hosts of other owners, without an owner, or not what they look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import is_allowed, is_debugging, redirect_endpoint
from rules.model.finding import Hit, Severity
from rules.model.fragments import REDIRECT_URIS, SPA_0, WEB_0, native, spa, web
from rules.model.registration import UNSET, Registration
from rules.model.settings import Settings
from rules.model.uri_traits import is_internal, is_under, latin_lookalike, shown, traits_of
from rules.primitives.uri import Uri, parse

#: The role that comes with every template of the gallery for SAML.
_SAML_ROLE: Final = {
    "id": "b9632174-c057-4f7e-951b-be3adc52bfe6",
    "displayName": "msiam_access",
    "description": "msiam_access",
    "value": None,
    "isEnabled": True,
    "allowedMemberTypes": ["User"],
}
_DOMAINS: Final = {"verified-domains": ["contoso.com"]}
_TENANT: Final = {"verified-domains": ["contoso.com", "contoso.onmicrosoft.com"]}
_SIGN_OUT: Final = "/web/logoutUrl"


@rule(
    "internal-redirect-host",
    severity="low",
    only_if=("internal",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-18",),
    references=(
        "rfc:6762#3",
        "rfc:6761#6",
        "rfc:8375#3",
        "rfc:9476#2",
        "web:public-suffix-list",
        "web:cabforum-baseline-requirements#4.2.2",
    ),
    bad=(
        Bad(web("https://intranet/cb"), at=WEB_0),
        Bad(web("https://app.corp.local/cb"), at=WEB_0),
        Bad(web("https://app.test/cb"), at=WEB_0),
    ),
    good=(
        Good(web("https://local.contoso.com/cb"), why="a name below a public domain"),
        Good(web("https://localhost/cb"), why="the user's own device"),
    ),
    base="web",
)
def internal_redirect_host(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect host is an internal name.

    Why: Outside the network, the name does not resolve, or it can lead to another machine. Public certificate
        authorities must not issue certificates for names outside the public top-level domains.
    Acceptable: An internal name is acceptable if users sign in only inside the network that resolves it.
    Fix: Register a redirect URI with a name below a public domain that you own, and configure the client to use this
        URI. Then remove this URI. A host below a public domain can still be accessible only from your network.
    """
    for place in app.redirects:
        if "internal" in traits_of(place.uri):
            yield Hit(pointer=place.pointer, message=f"redirects to {place.uri.host}, an internal name")


@rule(
    "non-ascii-redirect-host",
    severity="low",
    may_be=("medium", "high"),
    only_if=("disguised",),
    needs=REDIRECT_URIS,
    when_set=REDIRECT_URIS,
    checks=("RU-17",),
    references=("web:unicode-tr39", "entra:reply-url#restrictions"),
    settings=("verified-domains", "allowed-hosts"),
    bad=(
        Bad(web("https://xn--mller-kva.example/cb"), at=WEB_0),
        Bad(
            web("https://portal.xn--mller-kva.example/cb"),
            at=WEB_0,
            settings={"verified-domains": ["müller.example", "contoso.com"]},
        ),
        Bad(web("https://東京タワー.example/cb"), at=WEB_0),
        Bad(web("https://xn--cntoso-yqf.example/cb"), at=WEB_0, severity="medium"),
        Bad(web("https://cоntoso.example/cb"), at=WEB_0, severity="medium"),
        # Every letter is Cyrillic, and a browser may show apple.com.
        Bad(web("https://xn--80ak6aa92e.com/cb"), at=WEB_0, severity="medium"),
        Bad(
            web("https://login.cоntoso.com/cb"),
            at=WEB_0,
            severity="high",
            settings=_DOMAINS,
            expected_rules=("foreign-redirect-host",),
        ),
        # The second letter is a small capital O, which is Latin.
        Bad(
            web("https://login.cᴏntoso.com/cb"),
            at=WEB_0,
            severity="high",
            settings=_DOMAINS,
            expected_rules=("foreign-redirect-host",),
        ),
        Bad(
            web("https://*.cоntoso.com/cb"),
            at=WEB_0,
            severity="high",
            settings=_DOMAINS,
            expected_rules=("wildcard-redirect-uri", "foreign-redirect-host"),
        ),
    ),
    good=(
        Good(web("https://xn.contoso.example/xn--mller-kva"), why="the letter is in the path"),
        Good(web("https://old-xn--shop.contoso.example/cb"), why="only a label that begins with xn-- is encoded"),
    ),
    base="web",
)
def non_ascii_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host is an internationalized domain name.

    Why: Microsoft does not support internationalized domain names in redirect URIs. An attacker can register a host
        that looks like yours, with Cyrillic letters in place of Latin letters.
    Acceptable: The host can remain if you own the domain and sign-in works. Microsoft does not support such names, even
        if sign-in works.
    Fix: Compare the decoded name with the host that you intended. If the host is yours, register a redirect URI with a
        name that has only ASCII letters, and configure the client to use this URI. Then remove the URI with the other
        name. Remove a host that is not yours.
    """
    allowed, verified = context.settings.allowed_hosts, context.settings.verified_domains
    for place in app.redirects:
        host = place.uri.host or ""
        if "disguised" in traits_of(place.uri):
            is_yours = is_allowed(host, allowed) or _is_verified(host, verified)
            words, severity = _LOOKS_LIKE_NOTHING if is_yours else _disguise(host, verified)
            yield Hit(pointer=place.pointer, message=f"redirects to {shown(host).host}{words}", severity=severity)


#: What is said of an internationalized host that imitates no other, and its severity.
_LOOKS_LIKE_NOTHING: Final[tuple[str, Severity]] = (", an internationalized domain name", "low")


def _is_verified(host: str, domains: Iterable[str]) -> bool:
    """Whether *host* is one of *domains* or below one, in whichever spelling an internationalized name is written."""
    return is_under(shown(host).host, [shown(domain.lower()).host for domain in domains])


def _disguise(host: str, domains: Iterable[str]) -> tuple[str, Severity]:
    """What *host* imitates, in words and as a severity: a domain of the tenant is worst."""
    decoded = shown(host)
    alike = latin_lookalike(decoded.host)
    if alike and is_under(alike, domains):
        return f", which looks like {alike}", "high"
    if decoded.mixed:
        return f", which mixes {' and '.join(map(str.title, decoded.mixed))} letters", "medium"
    return (f", which looks like {alike}", "medium") if alike else _LOOKS_LIKE_NOTHING


@rule(
    "debugging-redirect-host",
    severity="medium",
    may_be=("high",),
    needs=(*REDIRECT_URIS, "signInAudience"),
    when_set=REDIRECT_URIS,
    checks=("RU-24",),
    references=("rfc:9700#4.1", "entra:app-best-practices#redirect-uris"),
    bad=(
        Bad(web("https://jwt.ms"), at=WEB_0),
        Bad(web("https://oauth.pstmn.io/v1/callback"), at=WEB_0),
        Bad(
            {**web("https://oidcdebugger.com/debug"), "signInAudience": "AzureADMultipleOrgs"},
            at=WEB_0,
            severity="high",
            expected_rules=("unverified-multi-tenant-publisher",),
        ),
    ),
    good=(
        Good(web("https://jwt.ms.contoso.com/cb"), why="a host of your own"),
        Good(web("com.contoso.app://jwt.ms"), why="a custom scheme: the site receives nothing"),
    ),
    base="web",
)
def debugging_redirect_host(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI leads to a public site for debugging.

    Why: The operator of a debugging site can read and store the codes and tokens that are sent to the site.
    Acceptable: A debugging site is acceptable in a test registration where only test accounts sign in. The site then
        receives only codes and tokens of test accounts.
    Fix: Remove the redirect URI. Debug with a separate registration that redirects to localhost.
    """
    for place in app.redirects:
        host = place.uri.host
        if host and place.uri.is_web and is_debugging(host):
            wide = app.is_multi_tenant
            who = ", also for users from outside the organization" if wide else ""
            severity: Severity = "high" if wide else "medium"
            yield Hit(
                pointer=place.pointer, message=f"sends codes or tokens to {host}{who}", severity=severity, remove=True
            )


_FOREIGN_REDIRECT_HOST_GOOD: Final = (
    Good(
        web("https://portal.contoso.com/cb", "https://localhost/cb"),
        why="a verified domain, and the user's own device",
        settings=_DOMAINS,
    ),
    Good(
        web("https://intranet-contoso.msappproxy.net/"),
        why="an Application Proxy name of this tenant",
        settings=_TENANT,
    ),
    Good(
        web("https://intranet-contoso.msappproxy.us/"),
        why="an Application Proxy name in US Government",
        settings={"verified-domains": ["contoso.onmicrosoft.us"]},
    ),
    Good(
        web("https://contoso.b2clogin.com/contoso.onmicrosoft.com"),
        why="the sign-in page of this tenant for customers",
        settings=_TENANT,
    ),
    Good(
        web("https://contoso.sharepoint.com/", "https://contoso-admin.sharepoint.com/_forms/spfxsinglesignon.aspx"),
        why="SharePoint of this tenant",
        settings=_TENANT,
    ),
    Good(
        web("https://contoso-my.sharepoint.us/", "https://contoso.sharepoint-mil.us/"),
        why="SharePoint and OneDrive in US Government",
        settings={"verified-domains": ["contoso.onmicrosoft.us"]},
    ),
    Good(
        web("https://contoso.sharepoint.cn/", "https://contoso.b2clogin.cn/contoso.partner.onmschina.cn"),
        why="SharePoint and Azure AD B2C in China",
        settings={"verified-domains": ["contoso.partner.onmschina.cn"]},
    ),
    Good(
        web(
            "https://token.botframework.com/.auth/web/redirect",
            "https://global.consent.azure-apim.net/redirect",
            "https://teams.microsoft.com/api/platform/v1.0/oAuthRedirect",
        ),
        why="services of Microsoft receive the code for their customers",
        settings=_DOMAINS,
    ),
    Good(
        {
            **spa("https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org/"),
            **native("https://login.microsoftonline.us/common/oauth2/nativeclient"),
        },
        why="a browser extension, and a page of Microsoft for native clients",
        settings=_DOMAINS,
    ),
    Good(
        {**web("https://sso.fabrikam.example/acs"), "appRoles": [_SAML_ROLE]},
        why="a gallery app, which another company runs",
        settings=_DOMAINS,
    ),
)


@rule(
    "foreign-redirect-host",
    severity="low",
    needs=(*REDIRECT_URIS, "appRoles"),
    when_set=REDIRECT_URIS,
    checks=("RU-25",),
    references=(
        "entra:app-best-practices#redirect-uris",
        "rfc:9700#4.1.1",
        "azure:ref-oauth-redirect-urls",
        "learn:change-sharepoint-domain-name",
    ),
    settings=("verified-domains", "allowed-hosts"),
    bad=(
        Bad(web("https://portal.fabrikam.example/cb"), at=WEB_0, settings=_DOMAINS),
        Bad(spa("https://chromiumapp.org.fabrikam.example/"), at=SPA_0, settings=_DOMAINS),
        Bad(web("https://*.fabrikam.example"), at=WEB_0, settings=_DOMAINS, expected_rules=("wildcard-redirect-uri",)),
        Bad(web("https://fabrikam.sharepoint.com/"), at=WEB_0, settings=_TENANT),
    ),
    good=_FOREIGN_REDIRECT_HOST_GOOD,
    base="web",
)
def foreign_redirect_host(app: Registration, context: Context) -> Iterator[Hit]:
    """A redirect host is outside the verified domains of the organization.

    Why: The owner of a redirect host can receive the codes and tokens of your users. The tenant or the setting
        verified-domains says which domains are verified.
    Acceptable: The host is acceptable if you trust its owner, such as a supplier that runs the client. List the host in
        the setting allowed-hosts.
    Fix: Find out who owns the host. If you own or trust the host, list it in the setting allowed-hosts. Otherwise,
        remove the redirect URI.
    """
    if app.is_gallery_app:
        return
    for place in app.redirects:
        uri = place.uri
        if uri.is_web and not is_debugging(uri.host or "") and _is_foreign(uri, context.settings):
            yield Hit(pointer=place.pointer, message=f"redirects to {uri.host}, which is outside the verified domains")


def _is_foreign(uri: Uri, settings: Settings) -> bool:
    """Whether the host of *uri* is a public name outside the tenant's domains; false where those are not known."""
    domains, host = settings.verified_domains, uri.host or ""
    if not domains or not host or uri.is_loopback or uri.ip or is_internal(uri):
        return False
    return not (
        _is_verified(host, domains)
        or redirect_endpoint(host)
        or _is_given(host, domains)
        or is_allowed(host, settings.allowed_hosts)
    )


def _is_given(host: str, domains: tuple[str, ...]) -> bool:
    """Whether Microsoft gave the host to the tenant, by the name of its first domain:
    ``intranet-contoso.msappproxy.net`` for Application Proxy, ``contoso.ciamlogin.com`` or ``contoso.b2clogin.com`` to
    sign customers in, ``contoso.sharepoint.com`` for SharePoint.

    Sources: Microsoft Entra, "Configure custom domains with Application Proxy"; Azure AD B2C, "Set redirect URLs to
    b2clogin.com" and, for China, "Set redirect URLs to b2clogin.cn"; Microsoft Entra External ID, "Custom URL domains";
    SharePoint, "Change your SharePoint domain name".
    """
    for initial, sharepoint in _SHAREPOINT.items():
        b2c = "b2clogin.cn" if initial.endswith(".cn") else "b2clogin.com"
        for name in (domain.lower().partition(".")[0] for domain in domains if domain.lower().endswith(initial)):
            sites = tuple(f"{name}{site}.{parent}" for site in ("", "-admin", "-my") for parent in sharepoint)
            if host in (f"{name}.{b2c}", f"{name}.ciamlogin.com", *sites):
                return True
            if host.endswith((f"-{name}.msappproxy.net", f"-{name}.msappproxy.us")):
                return True
    return False


#: Where SharePoint of a tenant is, by the parent of its first domain: sites, admin center (-admin) and OneDrive (-my).
#: Sources, read on 30 November 2026: for US Government CISA, ScubaGear, ``Get-SPOSiteHelper``; for China Microsoft,
#: Zero Trust Assessment, ``Connect-ZtAssessment``.
_SHAREPOINT: Final = {
    ".onmicrosoft.com": ("sharepoint.com",),
    ".onmicrosoft.us": ("sharepoint.us", "sharepoint-mil.us"),
    ".partner.onmschina.cn": ("sharepoint.cn",),
}


_INSECURE_LOGOUT_URL_BAD: Final = (
    Bad({"web": {"logoutUrl": "http://portal.contoso.com/signout"}}, at=_SIGN_OUT),
    Bad({"web": {"logoutUrl": "javascript:alert(1)"}}, at=_SIGN_OUT),
    Bad({"web": {"logoutUrl": "https:///signout"}}, at=_SIGN_OUT),
    Bad({"web": {"logoutUrl": "https://portal.fabrikam.example/out"}}, at=_SIGN_OUT, settings=_DOMAINS),
    Bad({"web": {"redirectUris": ["http://localhost/cb"], "logoutUrl": "http://localhost/out"}}, at=_SIGN_OUT),
    Bad({"web": {"logoutUrl": "https://localhost:44321/signout"}}, at=_SIGN_OUT, severity="info"),
)
_INSECURE_LOGOUT_URL_GOOD: Final = (
    Good(
        {"web": {"logoutUrl": " https://login.contoso.com/signout"}}, why="a leading space does not change the scheme"
    ),
    Good(
        {"web": {"redirectUris": ["https://localhost/cb"], "logoutUrl": "https://localhost/out"}},
        why="a registration only for development",
    ),
    Good({"web": {"logoutUrl": ""}}, why="an empty value sets no URL"),
    Good(
        {"web": {"logoutUrl": "https://sso.fabrikam.example/out"}, "appRoles": [_SAML_ROLE]},
        why="a gallery app, which another company runs",
        settings=_DOMAINS,
    ),
    Good(
        {"web": {"logoutUrl": "https://intranet-contoso.msappproxy.net/signout"}},
        why="an Application Proxy name of this tenant",
        settings=_TENANT,
    ),
    Good(
        {"web": {"logoutUrl": "https://portal.fabrikam.example/out"}},
        why="the setting allowed-hosts lists the host",
        settings={**_DOMAINS, "allowed-hosts": ["portal.fabrikam.example"]},
    ),
)


@rule(
    "insecure-logout-url",
    severity="low",
    may_be=("info",),
    needs=("web.logoutUrl", "web.redirectUris", "spa.redirectUris", "appRoles"),
    when_set=("web.logoutUrl",),
    checks=("RU-29",),
    settings=("verified-domains", "allowed-hosts"),
    references=(
        "entra:v2-protocols-oidc",
        "entra:supported-accounts-validation#logout-url",
        "thread:MicrosoftDocs/entra-docs#333",
    ),
    bad=_INSECURE_LOGOUT_URL_BAD,
    good=_INSECURE_LOGOUT_URL_GOOD,
    base="web",
)
def insecure_logout_url(app: Registration, context: Context) -> Iterator[Hit]:
    """The logout URL is not https or has an unexpected host.

    Why: Entra sends a sign-out request to the logout URL. If the request does not reach the client, users can stay
        signed in to the client. A report says that the sign-out request contains the session ID. Entra does not allow
        http in a logout URL.
    Acceptable: A logout URL at https://localhost is acceptable while the client is in development. A host outside the
        verified domains is acceptable if you trust its owner. A scheme other than https is never acceptable.
    Fix: Set web.logoutUrl to an https URL of the client. If you trust the host, list it in the setting allowed-hosts.
    """
    text = app.web.logout_url if app.web else None
    if not isinstance(text, str) or not text or "/web/logoutUrl" in app.unread:
        return
    uri = parse(text.strip())
    if uri.scheme != "https" or not uri.host:
        # A port serves one of the two schemes, so which one the other has is known to the client's owner alone.
        known = uri.scheme == "http" and uri.host and uri.port is None and not uri.is_loopback
        missing = "host" if uri.scheme else "scheme"
        how = f"without a {missing}" if uri.scheme in (None, "https") else f"with the scheme {uri.scheme}"
        secure = uri.with_scheme("https") if known else UNSET
        yield Hit(pointer=_SIGN_OUT, message=f"has a logout URL {how}", set_to=secure)
    elif uri.is_loopback:
        web = (place.uri for place in app.redirects if place.platform != "publicClient" and place.uri.is_web)
        if not all(uri.is_loopback for uri in web):
            yield Hit(pointer=_SIGN_OUT, message="has a logout URL on the user's own device", severity="info")
    elif not app.is_gallery_app and _is_foreign(uri, context.settings):
        yield Hit(pointer=_SIGN_OUT, message=f"has a logout URL at {uri.host}, which is outside the verified domains")


@rule(
    "query-with-personal-accounts",
    severity="low",
    only_if=("query",),
    needs=(*REDIRECT_URIS, "signInAudience"),
    when_set=REDIRECT_URIS,
    checks=("RU-14",),
    references=("entra:reply-url#query", "entra:reply-url#state"),
    bad=Bad(
        {**web("https://portal.contoso.com/cb?x=1"), "signInAudience": "AzureADandPersonalMicrosoftAccount"},
        at=WEB_0,
        expected_rules=("unverified-multi-tenant-publisher",),
    ),
    good=Good(web("https://portal.contoso.com/cb?x=1"), why="only work or school accounts may sign in"),
    base="web",
)
def query_with_personal_accounts(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a query, and personal accounts may sign in.

    Why: Microsoft does not allow a query in the redirect URIs of apps for personal accounts. The deployment or the
        sign-in can fail.
    Acceptable: Never. Microsoft allows a query only in apps that support no personal accounts.
    Fix: Register the URI without a query, and use it in the client. In the state parameter, send a key that identifies
        the query. Then remove this URI.
    """
    for place in app.redirects if app.allows_personal_accounts else ():
        if place.uri.query is not None:
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI with the query ?{place.uri.query} and allows personal accounts",
            )
