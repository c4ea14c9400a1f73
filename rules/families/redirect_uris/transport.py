"""How a code travels to its client."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.reference import entra, rfc
from rules.model.finding import Hit
from rules.model.registration import Redirect, Registration


@rule(
    "plaintext-redirect-uri",
    severity="high",
    only_if=("plain",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-01",),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    references=(
        rfc(9700, "2.6"),
        entra("reply-url", "Redirect URI restrictions"),
        entra("security-best-practices-for-app-registration", "Security best practices"),
    ),
    bad=(
        Bad({"web": {"redirectUris": ["http://portal.contoso.com/cb"]}}, at="/web/redirectUris/0"),
        # Two other tools search the text for "localhost" or "127.0.0.1" and let these pass.
        Bad({"web": {"redirectUris": ["http://localhost.evil.example/cb"]}}, at="/web/redirectUris/0"),
        Bad({"web": {"redirectUris": ["http://evil.example/?next=http://localhost/"]}}, at="/web/redirectUris/0"),
        Bad({"spa": {"redirectUris": ["HTTP://CONTOSO.EXAMPLE/cb"]}}, at="/spa/redirectUris/0"),
        Bad(
            {"publicClient": {"redirectUris": ["http://127.0.0.1.evil.example/"]}},
            at="/publicClient/redirectUris/0",
            expected_rules=("two-kinds-of-client",),
        ),
    ),
    good=(
        Good(
            {"publicClient": {"redirectUris": ["http://127.0.0.1:8400/cb", "http://localhost"]}},
            why="it never leaves the device",
        ),
        Good({"web": {"redirectUris": ["https://portal.contoso.com/cb"]}}),
    ),
    base="web",
)
def plaintext_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI uses http on a host that is not the person's own device.

    Why: Whoever is on the network between browser and host reads the authorization code, and can change the page.
    Fix: Serve the redirect URI over https and register that; loopback addresses may stay on http.
    """
    texts = {place.uri.text for place in app.redirects}
    for place in app.redirects:
        uri = place.uri
        if uri.scheme == "http" and uri.host and not uri.is_loopback:
            secure = uri.with_scheme("https")
            known = secure in texts
            yield Hit(
                pointer=place.pointer,
                message=f"has codes and tokens sent to {uri.host} over http",
                replace=None if known or uri.port is not None else secure,
                remove=known and _same_platform(app, place, secure),
            )


def _same_platform(app: Registration, place: Redirect, text: str) -> bool:
    return any(other.uri.text == text and other.platform == place.platform for other in app.redirects)
