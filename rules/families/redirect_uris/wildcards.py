"""Redirect URIs that stand for many."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration
from rules.primitives.uri import Uri


@rule(
    "wildcard-redirect-uri",
    severity="critical",
    may_be=("high", "low"),
    only_if=("wildcard",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-02", "RU-03"),
    references=("rfc:9700#4.1.1", "rfc:9700#4.1.3", "entra:reply-url#wildcards"),
    bad=(
        Bad({"web": {"redirectUris": ["https://*.contoso.com/cb"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["https://*.contoso.example/cb"]}}, at="/spa/redirectUris/0"),
        Bad(
            {"publicClient": {"redirectUris": ["https://*.contoso.example/cb"]}},
            at="/publicClient/redirectUris/0",
            expected_rules=("two-kinds-of-client",),
        ),
        Bad({"web": {"redirectUris": ["https://contoso.example/*"]}}, at="/web/redirectUris/0", severity="high"),
        # One other tool gives this the severity of a wildcard host.
        Bad({"web": {"redirectUris": ["https://contoso.example/cb?x=*"]}}, at="/web/redirectUris/0", severity="low"),
    ),
    good=(
        Good({"web": {"redirectUris": ["https://portal.contoso.com/cb?tenant=all"]}}),
        Good(
            {"web": {"redirectUris": ["https://portal.contoso.com/%2A/cb"]}},
            why="an encoded asterisk is a character of the path",
        ),
    ),
    base="web",
)
def wildcard_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI has an asterisk that stands for anything.

    Why: One page or subdomain that somebody else controls is enough to receive codes and tokens.
    Fix: Register each redirect URI in full, without asterisk. Carry what varies in the state parameter.
    """
    for place in app.redirects:
        if "*" in place.uri.text:
            where, severity = _where(place.uri)
            note = ", which the spa platform does not support" if place.platform == "spa" else ""
            yield Hit(
                pointer=place.pointer,
                message=f"accepts redirect URIs with a wildcard in {where}{note}",
                severity=severity,
            )


def _where(uri: Uri) -> tuple[str, Severity]:
    """Where the wildcard stands, and what it opens: other hosts, other pages, or what the platform strips anyway."""
    authority = uri.text.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    if "*" in authority or uri.text.startswith("*"):
        return f"the host ({uri.host or uri.text})", "critical"
    if "*" not in uri.path:
        return ("the query" if "*" in (uri.query or "") else "the fragment"), "low"
    if uri.is_loopback:
        return "the path, on the person's own device", "low"
    return "the path", "high"
