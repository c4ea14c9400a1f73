"""Tokens from the authorization endpoint: the implicit and the hybrid grant.

Who speaks: while a redirect URI stands on the spa platform, ``spa-with-implicit`` speaks for both switches and the other
two are silent; the migration is the mistake then, and it is reported once. Without one they speak for a switch each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from rules.analysis.requested import of_tier
from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.hosts import claimable
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration, read_value

_ACCESS: Final = "/web/implicitGrantSettings/enableAccessTokenIssuance"
_ID: Final = "/web/implicitGrantSettings/enableIdTokenIssuance"


def _on(app: Registration, name: str) -> bool:
    settings = app.web.implicit_grant_settings if app.web else None
    return bool(settings) and getattr(settings, name) is True


def _uses_spa(app: Registration) -> bool:
    return bool(app.spa and app.spa.redirect_uris)


def _reaches_nobody(app: Registration) -> bool:
    """Whether no redirect URI could receive a token; said only when both lists were read."""
    lists = (read_value(app, "web.redirectUris"), read_value(app, "spa.redirectUris"))
    return all(uris is None or uris == () for uris in lists)


class _Leak(msgspec.Struct, frozen=True):
    """A redirect URI through which a token reaches somebody else: how bad that is (0 worst), who reads it, where it stands."""

    rank: int
    reader: str
    because: Because


def _leaks(app: Registration) -> list[_Leak]:
    """Find such redirect URIs, worst first. A host of a shared cloud is none while its owner has it."""
    found: list[_Leak] = []
    for place in app.redirects:
        uri = place.uri
        if place.platform == "publicClient" or not uri.is_web or uri.is_loopback:
            continue
        if "*" in (uri.host or ""):
            found.append(_Leak(0, f"any host of {uri.host}", Because(place.pointer, "a wildcard host")))
        elif (shared := claimable(uri, ())) and shared.naming == "tunnel":
            found.append(_Leak(1, f"whoever opens the tunnel {uri.host}", Because(place.pointer, "a tunnel")))
        elif uri.scheme == "http":
            found.append(
                _Leak(2, f"whoever can change pages of {uri.host} on their way", Because(place.pointer, "plain http"))
            )
    return sorted(found, key=lambda leak: leak.rank)


def _judge(app: Registration, *, access: bool) -> tuple[str, Severity, tuple[Because, ...]]:
    """How bad a switch is, in words, as a severity, and by which redirect URIs.

    Critical only where somebody elsewhere can have the token sent to him. On plain http a token that is a fragment is
    not sent: to take it, one must stand on the way and change the page, and ``plaintext-redirect-uri`` says so.
    """
    if _reaches_nobody(app):
        return ", though no redirect URI is left to receive them", "low" if access else "info", ()
    leaks = _leaks(app)
    because = tuple(leak.because for leak in leaks)
    words = f", and {leaks[0].reader} can receive them" if leaks else ""
    if access:
        powerful = of_tier(app, "Scope", "tenant")
        words += f"; they may be good for {powerful[0].permission.name}" if powerful else ""
        return words, "critical" if leaks and leaks[0].rank < 2 else "high", because
    return words, "medium" if leaks else "low", because


@rule(
    "implicit-access-token",
    severity="high",
    may_be=("critical", "low"),
    needs=("web.implicitGrantSettings.enableAccessTokenIssuance", "web.redirectUris", "spa.redirectUris", "requiredResourceAccess"),
    when_set=("web.implicitGrantSettings.enableAccessTokenIssuance",),
    checks=("IM-01", "IM-04", "IM-05", "IM-06"),
    references=("rfc:9700#2.1.2", "entra:v2-oauth2-implicit-grant-flow", "entra:app-best-practices#implicit-flow"),
    bad=(
        Bad({"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, at=_ACCESS),
        Bad(
            {"web": {"redirectUris": ["https://*.contoso.com/cb"], "implicitGrantSettings": {"enableAccessTokenIssuance": True}}},
            at=_ACCESS, severity="critical", expected_rules=("wildcard-redirect-uri",),
        ),
        Bad({"web": {"redirectUris": [], "implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, at=_ACCESS, severity="low"),
    ),
    good=(
        Good({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}, why="implicit-id-token judges that switch"),
        Good({"spa": {"redirectUris": ["https://orders.contoso.com/"]}, "web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}},
             why="with the spa platform in use spa-with-implicit speaks"),
    ),
    base="web",
)  # fmt: skip
def implicit_access_token(app: Registration, _: Context) -> Iterator[Hit]:
    """The authorization endpoint hands access tokens to the browser.

    Why: A token in the address reaches history, scripts and other sites; nothing binds it to its client.
    Fix: Move the client to the authorization code grant with PKCE, then switch enableAccessTokenIssuance off.
    """
    if _on(app, "enable_access_token_issuance") and not _uses_spa(app):
        words, severity, because = _judge(app, access=True)
        yield Hit(
            pointer=_ACCESS,
            message=f"issues access tokens from the authorization endpoint{words}",
            severity=severity,
            because=because,
            set_to=False,
        )


@rule(
    "implicit-id-token",
    severity="low",
    may_be=("medium", "info"),
    needs=("web.implicitGrantSettings.enableIdTokenIssuance", "web.redirectUris", "spa.redirectUris"),
    when_set=("web.implicitGrantSettings.enableIdTokenIssuance",),
    checks=("IM-02", "IM-04", "IM-05"),
    references=("entra:v2-oauth2-implicit-grant-flow", "entra:app-best-practices#implicit-flow", "rfc:9700#2.1.2"),
    bad=(
        Bad({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}, at=_ID),
        Bad(
            {"web": {"redirectUris": ["http://portal.contoso.com/cb"], "implicitGrantSettings": {"enableIdTokenIssuance": True}}},
            at=_ID, severity="medium", expected_rules=("plaintext-redirect-uri",),
        ),
        Bad({"web": {"redirectUris": None, "implicitGrantSettings": {"enableIdTokenIssuance": True}}}, at=_ID, severity="info"),
    ),
    good=(
        Good({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": False}}}),
        Good({"web": {"implicitGrantSettings": None}}, why="null is off"),
    ),
    base="web",
)  # fmt: skip
def implicit_id_token(app: Registration, _: Context) -> Iterator[Hit]:
    """The authorization endpoint hands ID tokens to the browser.

    Why: Rightly on for a web app with hybrid sign-in, which has them posted to its server; else who a person is stands
        in the address.
    Fix: Sign in with the authorization code alone, then switch enableIdTokenIssuance off. A web app with hybrid sign-in
        keeps it, with response mode form_post.
    """
    if _on(app, "enable_id_token_issuance") and not _uses_spa(app):
        words, severity, because = _judge(app, access=False)
        yield Hit(
            pointer=_ID,
            message=f"issues ID tokens from the authorization endpoint{words}",
            severity=severity,
            because=because,
            set_to=False,
        )


@rule(
    "spa-with-implicit",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=(
        "spa.redirectUris", "web.redirectUris", "web.implicitGrantSettings.enableAccessTokenIssuance",
        "web.implicitGrantSettings.enableIdTokenIssuance", "requiredResourceAccess",
    ),
    when_set=("spa.redirectUris",),
    checks=("IM-03",),
    references=("entra:migrate-spa-implicit-to-auth-code", "entra:app-best-practices#implicit-flow", "rfc:9700#2.1.2"),
    bad=(
        Bad({"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, at=_ACCESS),
        Bad({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}, at=_ID, severity="low"),
    ),
    good=(
        Good({"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": None}}}),
        Good({"web": None}, why="no web platform, no switch"),
    ),
    base="spa",
)  # fmt: skip
def spa_with_implicit(app: Registration, _: Context) -> Iterator[Hit]:
    """The spa platform is in use, and a switch of the implicit grant is still on.

    Why: The spa platform was made to replace the implicit grant; the switch left on keeps the old way open to others.
    Fix: Switch enableAccessTokenIssuance and enableIdTokenIssuance off: the spa platform redeems codes. A web app that
        needs hybrid sign-in gets a registration of its own.
    """
    if not _uses_spa(app):
        return
    for name, pointer, what in (
        ("enable_access_token_issuance", _ACCESS, "access tokens"),
        ("enable_id_token_issuance", _ID, "ID tokens"),
    ):
        if _on(app, name):
            words, severity, because = _judge(app, access=what == "access tokens")
            yield Hit(
                pointer=pointer,
                message=f"uses the spa platform and still issues {what} from the authorization endpoint{words}",
                severity=severity,
                because=because,
                set_to=False,
            )
