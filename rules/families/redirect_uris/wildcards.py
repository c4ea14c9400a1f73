"""Redirect URIs that match many."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.dns import is_open
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit, Severity
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, WEB_0, native, spa, web
from rules.model.registration import Redirect, Registration
from rules.primitives.uri import Uri


@rule(
    "wildcard-redirect-uri",
    severity="critical",
    may_be=("high", "low"),
    only_if=("wildcard",),
    needs=(*REDIRECT_URIS, "signInAudience"),
    when_set=REDIRECT_URIS,
    checks=("RU-02", "RU-03"),
    references=(
        "rfc:9700#4.1.1",
        "rfc:9700#4.1.3",
        "entra:reply-url#wildcards",
        "entra:reply-url#state",
        "thread:MicrosoftDocs/azure-docs#100504",
    ),
    bad=(
        Bad(web("https://*"), at=WEB_0),
        Bad(web("https://*.azurewebsites.net/cb"), at=WEB_0),
        Bad(web("https://*contoso.com/cb"), at=WEB_0),
        Bad(web("https://*.s3.eu-west-1.amazonaws.com/cb"), at=WEB_0),
        Bad(web("https://*.z6.web.core.windows.net/cb"), at=WEB_0),
        Bad(web("https://*.uc.r.appspot.com/cb"), at=WEB_0),
        Bad(web("https://*.contoso.azurewebsites.net/cb"), at=WEB_0, severity="high"),
        Bad(web("https://*.contoso.com/cb"), at=WEB_0, severity="high"),
        Bad(web("https://*.local/cb"), at=WEB_0, severity="high"),
        Bad(spa("https://*.contoso.example/cb"), at=SPA_0, severity="high"),
        Bad(
            native("https://*.contoso.example/cb"),
            at=NATIVE_0,
            severity="high",
            expected_rules=("mixed-client-types",),
        ),
        Bad(web("https://portal.contoso.com:*/cb"), at=WEB_0, severity="high"),
        Bad(web("https://contoso.example/*"), at=WEB_0, severity="high"),
        Bad(web("https://*.localhost/cb"), at=WEB_0, severity="low"),
        Bad(web("*.contoso.com/cb"), at=WEB_0, severity="low"),
        Bad(web("com.contoso.app://*"), at=WEB_0, severity="low"),
        # One other tool gives this the severity of a wildcard host.
        Bad(web("https://contoso.example/cb?x=*"), at=WEB_0, severity="low"),
        Bad(web("https://*@a.example/"), at=WEB_0, severity="low", expected_rules=("redirect-uri-user-info",)),
        Bad(
            {**web("https://*.contoso.com/cb"), "signInAudience": "PersonalMicrosoftAccount"},
            at=WEB_0,
            severity="low",
            expected_rules=("unverified-multi-tenant-publisher",),
        ),
    ),
    good=(
        Good(web("https://portal.contoso.com/cb?tenant=all")),
        Good(web("https://portal.contoso.com/%2A/cb"), why="an encoded asterisk is a character of the path"),
    ),
    base="web",
)
def wildcard_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has a wildcard.

    Why: An attacker who controls a page or host that the wildcard matches can receive codes and tokens. If the wildcard
        covers the domain of a cloud, an attacker can register a matching host there.
    Acceptable: A wildcard is acceptable if you own every host and page that it matches. Microsoft allows wildcards for
        work or school accounts, but strongly recommends URIs without them.
    Fix: Register each redirect URI without a wildcard, and configure the client to use this URI. Then remove this URI.
        Send a key for the variable part in the state parameter.
    """
    for place in app.redirects:
        if "*" in place.uri.text:
            where, severity = _where(place.uri)
            refused = _refused(app, place)
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI with a wildcard {where}{refused}",
                severity="low" if app.allows_personal_accounts else severity,
            )


def _refused(app: Registration, place: Redirect) -> str:
    """What does not support the wildcard, in words."""
    if app.allows_personal_accounts:
        return ", which Entra does not support with personal accounts"
    return "; a report says that wildcards match nothing on the spa platform" if place.platform == "spa" else ""


def _where(uri: Uri) -> tuple[str, Severity]:
    """Where the wildcard is, and how bad that is: other hosts, other pages, or what the platform strips anyway."""
    authority = uri.text.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    host, local = uri.host or "", uri.is_loopback
    if uri.scheme not in ("http", "https"):
        return f"and the scheme {uri.scheme}" if uri.scheme else "and without a scheme", "low"
    if "*" in host:
        return f"in the host {host}", "low" if local else "critical" if is_open(host) else "high"
    if "*" in authority.rpartition("@")[2]:
        return f"in the port of {host}", "low" if local else "high"
    if "*" in authority:
        return f"in the user name before {host}", "low"
    if "*" not in uri.path:
        return ("in the query" if "*" in (uri.query or "") else "in the fragment"), "low"
    return ("in the path, on the user's own device", "low") if local else ("in the path", "high")
