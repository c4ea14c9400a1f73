"""The joint table of grants: one row of facts for the advice, the posture and every report.

A row says what a grant needs from a registration (platform, switches, credential, redirect URI) and what its requests
look like. Names are those of the RFCs, and Entra's own where no RFC names the grant. Everything is data and frozen.

Requests are templates: what is in braces is filled in by the reader. Endpoints are those of the global cloud.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from rules.analysis.posture import PostureFact, posture
from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all
from rules.model.registration import Platform

__all__ = ["GRANTS", "TOKEN_GRANTS", "Grant", "PostureFact", "Step", "Switch", "grant", "posture"]

ClientKind = Literal["public", "confidential", "either", "none"]
UserPlace = Literal["present", "absent", "none"]
GrantStatus = Literal["recommended", "situational", "last-resort", "never"]

Audience = Literal[
    "AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"
]
_ALL: Final[tuple[Audience, ...]] = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
_ORGANISATIONS: Final = _ALL[:3]

LOGIN: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
#: For grants that need one tenant in the URL instead of an alias.
LOGIN_AT_TENANT: Final = LOGIN.replace("{tenant}", "{tenant id}")
FALLBACK: Final = "isFallbackPublicClient"
ACCESS_TOKENS: Final = "web.implicitGrantSettings.enableAccessTokenIssuance"
ID_TOKENS: Final = "web.implicitGrantSettings.enableIdTokenIssuance"


class Switch(msgspec.Struct, frozen=True):
    """A property that the grant needs at one value: its dotted Graph path, the value, why."""

    path: str
    value: bool
    why: str


class Step(msgspec.Struct, frozen=True):
    """One request: method, address, parameters in order. ``proves`` says that the client's credential is added."""

    method: Literal["GET", "POST"]
    url: str
    parameters: tuple[str, ...]
    proves: bool = False


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A method by which a client gets a token.

    ``user`` says where the user is at that moment, ``wire`` what is in ``grant_type`` or ``response_type``.
    ``platforms`` are those that fit; ``redirect`` and ``credential`` say whether the grant needs one. ``audiences`` are
    the values of ``signInAudience`` with which it works.
    """

    id: str
    title: str
    short: str
    status: GrantStatus
    client: ClientKind
    user: UserPlace
    wire: str = ""
    platforms: tuple[Platform, ...] = ()
    switches: tuple[Switch, ...] = ()
    credential: bool = False
    redirect: bool = False
    request: tuple[Step, ...] = ()
    audiences: tuple[Audience, ...] = _ALL
    risks: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


_NO_ACCESS_TOKENS = Switch(
    ACCESS_TOKENS, value=False, why="the grant needs no access token from the authorization endpoint"
)
_NO_ID_TOKENS = Switch(ID_TOKENS, value=False, why="the grant needs no ID token from the authorization endpoint")
_NO_FALLBACK = Switch(
    FALLBACK,
    value=False,
    why="otherwise Entra accepts password and device code requests with this client ID and no credential",
)
_OFF = (_NO_ACCESS_TOKENS, _NO_ID_TOKENS, _NO_FALLBACK)
_FALLBACK_ON = Switch(
    FALLBACK,
    value=True,
    why="the request has no redirect URI, so only this property makes the client public for Entra",
)


def _token(*parameters: str, proves: bool = True, login: str = LOGIN) -> Step:
    """A request to the token endpoint."""
    return Step("POST", f"{login}/token", ("client_id={client_id}", *parameters), proves=proves)


def _authorize(response_type: str, *parameters: str) -> Step:
    """A request to the authorization endpoint."""
    first = ("client_id={client_id}", f"response_type={response_type}", "redirect_uri={redirect_uri}", "state={random}")
    return Step("GET", f"{LOGIN}/authorize", (*first, *parameters))


_SCOPE = "scope=openid offline_access {api}/{permission}"
_PKCE = ("code_challenge={base64url of SHA-256 of code_verifier}", "code_challenge_method=S256")
_AUTHORIZE_CODE = _authorize("code", _SCOPE, *_PKCE)
_REDEEM = _token(
    "grant_type=authorization_code", "code={code}", "redirect_uri={redirect_uri}", "code_verifier={code_verifier}"
)

#: Every grant, in the order in which readers look for one. ``none`` comes last: no token is needed.
GRANTS: Final[tuple[Grant, ...]] = (
    Grant(
        id="authorization_code",
        title="Authorization code with PKCE",
        short=(
            "The user signs in with a browser, and the client redeems a one-time code. The client never sees the "
            "password."
        ),
        status="recommended",
        client="either",
        user="present",
        wire="authorization_code",
        platforms=("web", "spa", "publicClient"),
        switches=_OFF,
        redirect=True,
        request=(_AUTHORIZE_CODE, _REDEEM),
        risks=(
            "Anyone who controls a registered redirect URI can receive codes. Register exact URIs of your own hosts.",
        ),
        references=cite_all(
            "grant authorization_code", "rfc:6749#4.1", "rfc:9700#2.1.1", "entra:v2-oauth2-auth-code-flow"
        ),
    ),
    Grant(
        id="client_credentials",
        title="Client credentials",
        short="The client authenticates with its own credential and gets an app-only token; no user is involved.",
        status="recommended",
        client="confidential",
        user="none",
        wire="client_credentials",
        switches=_OFF,
        credential=True,
        request=(_token("grant_type=client_credentials", "scope={api}/.default", login=LOGIN_AT_TENANT),),
        audiences=_ORGANISATIONS,
        risks=(
            (
                "Application permissions usually cover the whole tenant. Grant few permissions, and limit their scope "
                "where the API supports it."
            ),
            "Anyone with the credential can act as the client, without a second factor.",
        ),
        references=cite_all("grant client_credentials", "rfc:6749#4.4", "entra:v2-oauth2-client-creds-grant-flow"),
    ),
    Grant(
        id="device_code",
        title="Device code",
        short="The user enters a short code in a browser on another device and signs in there.",
        status="situational",
        client="public",
        user="present",
        wire="urn:ietf:params:oauth:grant-type:device_code",
        switches=(_NO_ACCESS_TOKENS, _NO_ID_TOKENS, _FALLBACK_ON),
        request=(
            Step(
                "POST",
                f"{LOGIN}/devicecode",
                ("client_id={client_id}", _SCOPE),
            ),
            _token(
                "grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code={device_code}", proves=False
            ),
        ),
        risks=(
            "Phishing: an attacker starts a sign-in and persuades a user to enter the code at Microsoft's URL.",
            (
                "Microsoft advises tenants to block device code flow wherever possible. A Conditional Access policy "
                "can block device code flow at any time."
            ),
        ),
        references=cite_all(
            "grant device_code", "rfc:8628#5.4", "entra:v2-oauth2-device-code", "entra:concept-authentication-flows"
        ),
    ),
    Grant(
        id="on_behalf_of",
        title="On-behalf-of",
        short="An API exchanges a user's access token for a token for the downstream API.",
        status="recommended",
        client="confidential",
        user="present",
        wire="urn:ietf:params:oauth:grant-type:jwt-bearer",
        switches=_OFF,
        credential=True,
        request=(
            _token(
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion={access token received from the caller}",
                "requested_token_use=on_behalf_of",
                "scope={next api}/{permission}",
                login=LOGIN_AT_TENANT,
            ),
        ),
        risks=(
            "The API can act as each of its users. Request few permissions of the downstream API.",
            "Entra may require a second factor for the downstream API. Return Entra's claims challenge to the caller.",
        ),
        references=cite_all("grant on_behalf_of", "rfc:7523#2.1", "entra:v2-oauth2-on-behalf-of-flow"),
    ),
    Grant(
        id="refresh_token",
        title="Refresh token after one sign-in",
        short="The user signs in once. Later, the client redeems the stored refresh token.",
        status="situational",
        client="either",
        user="absent",
        wire="refresh_token",
        platforms=("web", "publicClient"),
        switches=_OFF,
        redirect=True,
        request=(
            _AUTHORIZE_CODE,
            _REDEEM,
            _token("grant_type=refresh_token", "refresh_token={refresh_token}", "scope={api}/{permission}"),
        ),
        risks=(
            (
                "A stored refresh token gives access as the user for up to 90 days after its last use. Encrypt stored "
                "tokens."
            ),
            (
                "The refresh token can be revoked, or blocked by Conditional Access, at any time. The client must then "
                "request a new sign-in."
            ),
        ),
        references=cite_all("grant refresh_token", "rfc:6749#6", "rfc:9700#2.2.2", "entra:refresh-tokens"),
    ),
    Grant(
        id="hybrid",
        title="Hybrid (code and ID token)",
        short="The authorization endpoint returns an ID token and a code with form_post. The server redeems the code.",
        status="situational",
        client="confidential",
        user="present",
        wire="code id_token",
        platforms=("web",),
        switches=(
            _NO_ACCESS_TOKENS,
            Switch(ID_TOKENS, value=True, why="the middleware requests an ID token from the authorization endpoint"),
            _NO_FALLBACK,
        ),
        credential=True,
        redirect=True,
        request=(
            _authorize("code id_token", "response_mode=form_post", _SCOPE, "nonce={random}", *_PKCE),
            _REDEEM,
        ),
        risks=(
            "The ID token passes through the browser. Use form_post, and check the signature and nonce of the ID "
            "token.",
        ),
        references=cite_all("grant hybrid", "web:openid-connect-core#3.3", "entra:v2-oauth2-auth-code-flow"),
    ),
    Grant(
        id="integrated_windows",
        title="Integrated Windows authentication",
        short="A desktop app gets a token for the Windows user without a prompt. The user signs in at AD FS.",
        status="last-resort",
        client="public",
        user="present",
        wire="urn:ietf:params:oauth:grant-type:saml1_1-bearer",
        switches=(_NO_ACCESS_TOKENS, _NO_ID_TOKENS, _FALLBACK_ON),
        request=(
            _token(
                "grant_type=urn:ietf:params:oauth:grant-type:saml1_1-bearer",
                "assertion={base64 of the SAML assertion that AD FS issued to the Windows user}",
                _SCOPE,
                proves=False,
            ),
        ),
        audiences=_ORGANISATIONS,
        risks=(
            "The grant fails if a second factor is required or consent is missing.",
            (
                "The grant works only for users who sign in at AD FS. MSAL.NET has deprecated this grant in favor "
                "of the Windows broker."
            ),
        ),
        references=cite_all(
            "grant integrated_windows", "entra:msal-authentication-flows", "entra:integrated-windows-authentication"
        ),
    ),
    Grant(
        id="saml_bearer",
        title="SAML bearer assertion",
        short="A server exchanges a SAML assertion of the tenant's AD FS for a token.",
        status="last-resort",
        client="confidential",
        user="present",
        wire="urn:ietf:params:oauth:grant-type:saml2-bearer",
        switches=_OFF,
        credential=True,
        request=(
            _token(
                "grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer",
                "assertion={base64 of the SAML assertion that AD FS issued for urn:federation:MicrosoftOnline}",
                "scope=openid {api}/.default",
            ),
        ),
        audiences=_ORGANISATIONS,
        risks=(
            (
                "The grant works only with assertions of AD FS. The grant fails if Entra requires user interaction, "
                "such as a second factor."
            ),
        ),
        references=cite_all("grant saml_bearer", "rfc:7522#2.1", "entra:v2-saml-bearer-assertion"),
    ),
    Grant(
        id="password",
        title="Password (resource owner password credentials)",
        short="The client collects the user name and password, and sends them to Entra.",
        status="last-resort",
        client="either",
        user="present",
        wire="password",
        request=(
            _token(
                "grant_type=password",
                "username={user}",
                "password={password}",
                _SCOPE,
            ),
        ),
        switches=(_NO_ACCESS_TOKENS, _NO_ID_TOKENS),
        audiences=_ORGANISATIONS,
        risks=(
            "The client receives the password, so an attacker who compromises the client can read it.",
            ("Users who need a second factor or a passkey cannot sign in. Federated users usually cannot sign in."),
            "Microsoft advises against the password grant. Plan the replacement of this grant now.",
        ),
        references=cite_all("grant password", "rfc:9700#2.4", "entra:v2-oauth-ropc"),
    ),
    Grant(
        id="implicit",
        title="Implicit",
        short="The authorization endpoint returns tokens in the URL of the page instead of a code.",
        status="last-resort",
        client="public",
        user="present",
        wire="token",
        platforms=("spa", "web"),
        switches=(
            Switch(
                ACCESS_TOKENS,
                value=True,
                why=(
                    "the older library gets access tokens from the authorization endpoint (portal: Authentication > "
                    "Implicit grant and hybrid flows; old manifest: oauth2AllowImplicitFlow)"
                ),
            ),
            Switch(
                ID_TOKENS,
                value=True,
                why=(
                    "the older library gets ID tokens from the authorization endpoint "
                    "(old manifest: oauth2AllowIdTokenImplicitFlow)"
                ),
            ),
            _NO_FALLBACK,
        ),
        redirect=True,
        request=(
            _authorize("id_token token", "response_mode=fragment", "scope=openid {api}/{permission}", "nonce={random}"),
        ),
        risks=(
            "Tokens are in the URL. The browser history, scripts, extensions and open redirects can expose tokens.",
            "An access token is not bound to a client: another page accepts a token that an attacker has stolen.",
            "There is no refresh token, and silent renewal fails in browsers that block third-party cookies.",
        ),
        references=cite_all(
            "grant implicit", "rfc:9700#2.1.2", "rfc:6749#10.16", "entra:v2-oauth2-implicit-grant-flow"
        ),
    ),
    Grant(
        id="none",
        title="No grant needed",
        short=(
            "The client requests no token. The client only checks the tokens of its callers, or uses the sign-in of "
            "its host application."
        ),
        status="recommended",
        client="none",
        user="none",
        switches=_OFF,
        references=cite_all("grant none", "rfc:6750#2.1", "entra:access-tokens"),
    ),
)

#: The grants that a registration can allow or block.
TOKEN_GRANTS: Final = tuple(row for row in GRANTS if row.id != "none")

_BY_ID: Final = {row.id: row for row in GRANTS}


def grant(id: str) -> Grant:
    """The row of the grant *id*. Raises ``KeyError`` for an unknown name."""
    return _BY_ID[id]
