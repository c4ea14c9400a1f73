"""Grants: settings whose grants were not seen in use, and risky grants that were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.grants import ACCESS_TOKENS, ID_TOKENS
from rules.analysis.usage import ENOUGH_DAYS, Observed, Trace, issued_use, protocol_use, user_sign_ins
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.usage._evidence import gaps_of, in_use, seen, unseen, use, use_of
from rules.model.finding import Hit
from rules.model.registration import Registration, read_value
from rules.primitives.pointers import pointer_to

_FALLBACK: Final = "isFallbackPublicClient"
_APP_ID: Final = "/appId"
_CODE: Final = use(1, "interactiveUser", "authorizationCodeWithPkce")

#: What each setting allows, and the trace of its use. No log names integrated Windows authentication and refreshes of
#: public clients, so public client flows are without use only where no user signed in.
_SETTINGS: Final[dict[str, tuple[str, Trace]]] = {
    ACCESS_TOKENS: ("access tokens from the authorization endpoint", issued_use("AccessToken")),
    ID_TOKENS: ("ID tokens from the authorization endpoint", issued_use("IdToken")),
    _FALLBACK: ("public client flows", user_sign_ins()),
}


@rule(
    "unused-grant-setting",
    severity="low",
    status="preview",
    needs_usage=True,
    needs=("signInAudience", *_SETTINGS),
    needs_all=("appId",),
    when_set=tuple(_SETTINGS),
    references=(
        "graph:implicitgrantsettings",
        "graph:signin-beta",
        "entra:app-best-practices#implicit-flow",
        "entra:reports-data-retention",
        "rfc:9700#2.1.2",
        "entra:v2-oauth2-auth-code-flow",
    ),
    bad=(
        Bad(
            {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}},
            at="/web/implicitGrantSettings/enableAccessTokenIssuance",
            expected_rules=("implicit-access-token",),
            usage=seen(use(1)),
        ),
        Bad(
            {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}},
            at="/web/implicitGrantSettings/enableIdTokenIssuance",
            expected_rules=("implicit-id-token",),
            usage=seen(use(1)),
        ),
        Bad(
            {"isFallbackPublicClient": True, "keyCredentials": []},
            at="/isFallbackPublicClient",
            expected_rules=("public-client-flows-enabled",),
            usage=seen(use(1)),
        ),
    ),
    good=(
        Good(
            {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}},
            why="the setting was in use",
            usage=seen(use(1, "interactiveUser", "implicitIdTokenAndPostResponseMode"), use(1, "interactiveUser", "")),
        ),
        Good({"isFallbackPublicClient": None}, why="null means false", usage=seen()),
    ),
    base="web",
)
def unused_grant_setting(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A setting allows a grant that was not seen in use.

    Why: An attacker can use a grant that the registration allows, even if no client of yours uses the grant.
    Acceptable: The setting is acceptable if a client uses the grant so rarely that the period of the sign-in logs is
        too short.
    Fix: Ask the owners whether a client still uses the grant. If no client uses the grant, set the property to false. A
        grant that was not seen in the sign-in logs may still be in use outside the period.
    """
    for path, (what, trace) in _SETTINGS.items():
        if read_value(app, path) is not True:
            continue
        found = use_of(app, context, trace)
        if found.days >= ENOUGH_DAYS:
            yield Hit(pointer=pointer_to(path), message=f"allows {what}, {unseen(found)}", set_to=False)
        else:
            yield from gaps_of(app, found, pointer_to(path), ENOUGH_DAYS)


def _reported(app: Registration, found: Observed, message: str) -> Iterator[Hit | Gap]:
    """A finding about a grant that was seen, or why that is not known."""
    if found.state == "seen":
        yield Hit(pointer=_APP_ID, message=f"{message}, {in_use(found)}")
    else:
        yield from gaps_of(app, found, _APP_ID)


@rule(
    "password-grant-in-use",
    severity="medium",
    status="preview",
    needs_usage=True,
    needs=("signInAudience",),
    needs_all=("appId",),
    references=("rfc:9700#2.4", "entra:v2-oauth-ropc", "entra:v2-oauth-ropc#migrate", "graph:signin-beta"),
    bad=Bad({}, at=_APP_ID, usage=seen(use(3, "nonInteractiveUser", "ropc"))),
    good=(
        Good({}, why="users sign in with the authorization code grant", usage=seen(_CODE)),
        Good({}, why="the sign-ins failed", usage=seen(use(3, "nonInteractiveUser", "ropc", result="failure"))),
    ),
    base="native",
)
def password_grant_in_use(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client of the app uses the password grant (ROPC).

    Why: The client receives the passwords of users. The grant fails where multifactor authentication is required, so
        these sign-ins need no second factor. An attacker who has such a password can sign in the same way.
    Acceptable: Never for users. Test accounts without access to real data can use the grant until the tests use another
        grant.
    Fix: Use the application ID to find the client in the sign-in logs. Move the client to the authorization code grant
        with PKCE, or to client credentials if no user is needed. Then set isFallbackPublicClient to false, if no client
        needs another public client flow. A client with a credential can use the grant even then.
    """
    yield from _reported(app, use_of(app, context, protocol_use("ropc")), "receives tokens with the password grant")


@rule(
    "device-code-in-use",
    severity="low",
    status="preview",
    needs_usage=True,
    needs=("signInAudience",),
    needs_all=("appId",),
    references=(
        "entra:concept-authentication-flows",
        "entra:policy-block-authentication-flows",
        "entra:v2-oauth2-device-code",
        "graph:signin-beta",
    ),
    bad=Bad({}, at=_APP_ID, usage=seen(use(3, "interactiveUser", "deviceCode"))),
    good=Good({}, why="users sign in with the authorization code grant", usage=seen(_CODE)),
    base="native",
)
def device_code_in_use(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client of the app uses the device code grant.

    Why: An attacker can start a device code sign-in and send the user code to a user. If the user enters the code and
        signs in, the attacker receives the tokens. Microsoft recommends blocking the device code flow wherever
        possible.
    Acceptable: The grant is acceptable for devices without a browser or keyboard, such as meeting-room devices. Use
        Conditional Access to allow the device code flow only for such devices.
    Fix: Move clients that can open a browser to the authorization code grant with PKCE. Then block the device code flow
        with Conditional Access.
    """
    found = use_of(app, context, protocol_use("deviceCode"))
    yield from _reported(app, found, "receives tokens with the device code grant")


@rule(
    "code-without-pkce",
    severity="low",
    may_be=("medium",),
    status="preview",
    needs_usage=True,
    needs=("signInAudience", "publicClient.redirectUris"),
    needs_all=("appId",),
    references=("rfc:9700#2.1.1", "rfc:7636#4", "graph:signin-beta", "entra:v2-oauth2-auth-code-flow"),
    bad=(
        Bad({}, at=_APP_ID, usage=seen(use(1, "interactiveUser", "authorizationCodeWithoutPkce"))),
        # Codes for the single-page app need PKCE, so the web app redeemed these.
        Bad(
            {"spa": {"redirectUris": ["https://portal.contoso.com/"]}},
            at=_APP_ID,
            usage=seen(use(1, "interactiveUser", "authorizationCodeWithoutPkce")),
        ),
        Bad(
            {"publicClient": {"redirectUris": ["http://127.0.0.1"]}},
            at=_APP_ID,
            severity="medium",
            expected_rules=("mixed-client-types",),
            usage=seen(use(1, "interactiveUser", "authorizationCodeWithoutPkce")),
        ),
    ),
    good=Good({}, why="the client uses PKCE", usage=seen(_CODE)),
    base="web",
)
def code_without_pkce(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client of the app redeems authorization codes without PKCE.

    Why: An attacker who gets an authorization code can inject it into a session of the client. If the client is
        public, the attacker can also redeem the code. Public clients must use PKCE, and RFC 9700 recommends it for
        confidential clients.
    Acceptable: A confidential client does not need PKCE if it checks the nonce of the ID token.
    Fix: Turn on PKCE in the code of the client. Microsoft recommends PKCE for all types of apps. Microsoft Entra ID
        already requires PKCE for single-page apps.
    """
    found = use_of(app, context, protocol_use("authorizationCodeWithoutPkce"))
    is_public = any(place.platform == "publicClient" for place in app.redirects)
    for one in _reported(app, found, "redeems authorization codes without PKCE"):
        yield (
            Hit(pointer=one.pointer, message=one.message, severity="medium")
            if is_public and isinstance(one, Hit)
            else one
        )
