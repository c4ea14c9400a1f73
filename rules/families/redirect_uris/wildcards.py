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
    """A redirect URI has an asterisk, which Entra can take for a wildcard.

    Why: An attacker who controls a page or host that it matches can receive codes and tokens. Below a domain in which a
        cloud gives names to anyone, the attacker can register such a host.
    Fix: Register each redirect URI without an asterisk. Keep what varies under a key in the state parameter.
    """
    for place in app.redirects:
        if "*" in place.uri.text:
            where, severity = _where(place.uri)
            refused = _refused(app, place)
            yield Hit(
                pointer=place.pointer,
                message=f"has a redirect URI with a wildcard in {where}{refused}",
                severity="low" if app.allows_personal_accounts else severity,
            )


def _refused(app: Registration, place: Redirect) -> str:
    """What does not support the wildcard, in words."""
    if app.allows_personal_accounts:
        return ", which Entra does not support with personal accounts"
    return "; a report says that it matches nothing on the spa platform" if place.platform == "spa" else ""


def _where(uri: Uri) -> tuple[str, Severity]:
    """Where the wildcard is, and how bad that is: other hosts, other pages, or what the platform strips anyway."""
    authority = uri.text.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    host, local = uri.host or "", uri.is_loopback
    if uri.scheme not in ("http", "https"):
        return f"a URI of the scheme {uri.scheme}" if uri.scheme else "a text without a scheme", "low"
    if "*" in host:
        return f"the host ({host})", "low" if local else "critical" if is_open(host) else "high"
    if "*" in authority.rpartition("@")[2]:
        return f"the port of {host}", "low" if local else "high"
    if "*" in authority:
        return f"the user name before {host}", "low"
    if "*" not in uri.path:
        return ("the query" if "*" in (uri.query or "") else "the fragment"), "low"
    return ("the path, on the user's own device", "low") if local else ("the path", "high")
