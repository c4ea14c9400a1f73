"""How a code travels to its client."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import is_debugging
from rules.model.finding import Hit
from rules.model.fragments import NATIVE_0, REDIRECT_URIS, SPA_0, WEB_0, native, spa, web
from rules.model.registration import Platform, Registration


@rule(
    "plaintext-redirect-uri",
    severity="high",
    may_be=("low",),
    only_if=("plain", "loopback"),
    needs=REDIRECT_URIS,
    checks=("RU-01",),
    when_set=REDIRECT_URIS,
    references=("rfc:9700#2.6", "entra:reply-url#schemes", "entra:app-best-practices#redirect-uris"),
    bad=(
        Bad(web("http://portal.contoso.com/cb"), at=WEB_0),
        # Two other tools search the text for "localhost" or "127.0.0.1" and let these pass.
        Bad(web("http://localhost.evil.example/cb"), at=WEB_0),
        Bad(web("http://evil.example/?next=http://localhost/"), at=WEB_0),
        Bad(spa("HTTP://CONTOSO.EXAMPLE/cb"), at=SPA_0),
        Bad(native("http://127.0.0.1.evil.example/"), at=NATIVE_0, expected_rules=("mixed-client-types",)),
        Bad(web("http://app.localhost:3000/cb"), at=WEB_0, severity="low"),
    ),
    good=(
        Good(native("http://127.0.0.1:8400/cb", "http://localhost"), why="the request never leaves the device"),
        Good(web("https://portal.contoso.com/cb")),
        Good(web("http://0.0.0.0:8080/cb"), why="ip-redirect-uri reports this case"),
    ),
    base="web",
)
def plaintext_redirect_uri(app: Registration, _: Context) -> Iterator[Hit]:
    """A redirect URI uses http outside the user's own device.

    Why: An attacker on the network can read the authorization code, or change the page that receives it. Entra supports
        http only on the user's own device.
    Acceptable: Never. RFC 9700 allows http only for native apps that use the loopback interface.
    Fix: Register the https URI, and configure the client to use this URI. Then remove the http URI. On the user's own
        device, use http://localhost.
    """
    platforms: dict[str, set[Platform]] = {}
    for place in app.redirects:
        platforms.setdefault(place.uri.text, set()).add(place.platform)
    for place in app.redirects:
        uri = place.uri
        # No network leads to 0.0.0.0; ip-redirect-uri reports it.
        if uri.scheme != "http" or not uri.host or (uri.ip is not None and uri.ip.is_unspecified):
            continue
        if not uri.is_loopback:
            secure = uri.with_scheme("https")
            known = secure in platforms
            debugs = is_debugging(uri.host)  # debugging-redirect-host removes it
            yield Hit(
                pointer=place.pointer,
                message=f"sends codes and tokens to {uri.host} over http",
                replace=None if known or debugs or uri.port is not None else secure,
                remove=debugs or (known and place.platform in platforms[secure]),
            )
        elif uri.host.endswith(".localhost"):
            says = f"redirects to {uri.host} over http; Entra supports only the name localhost"
            yield Hit(pointer=place.pointer, message=says, severity="low")
