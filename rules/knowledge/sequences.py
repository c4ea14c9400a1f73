"""How each grant goes, as a textbook tells it: who plays which role, what travels in which order, what comes back.

Everything is data and frozen; the requests in full stand in ``rules.analysis.grants``.
"""

from __future__ import annotations

from typing import Final

from rules.knowledge.grant_flow import API, CALL, CODE, ENTRA, PERSON, PROGRAM_OWNS, SIGN_IN, Message, Sequence
from rules.knowledge.reference import Reference, learn, rfc

_NEVER_NEW: Final = "Nothing new should be built on it."

SEQUENCES: Final[tuple[Sequence, ...]] = (
    Sequence(
        grant="authorization_code",
        players=(
            PERSON,
            ("browser", "the system browser or broker"),
            ("client", "page, server, desktop or phone application, tool"),
            ENTRA,
            API,
        ),
        messages=(*CODE, *CALL),
        tokens=("access token", "ID token (scope openid)", "refresh token (scope offline_access)"),
        refresh="Yes, with the scope offline_access: up to 90 days for web and publicClient, 24 hours for spa.",
        scopes="openid, profile, offline_access, and delegated permissions of one API, such as {api}/Mail.Read.",
        who="Every client in front of which a person sits: pages (spa), servers (web, with a credential), installed applications (publicClient). The redirect URI has to be registered exactly (AADSTS50011); only on localhost is the port ignored.",
        status="Recommended. RFC 9700 demands PKCE of public clients and recommends it for the others; OAuth 2.1 will require it of nearly all.",
        references=(rfc(6749, "4.1"), rfc(7636, "4"), rfc(9700, "2.1.1")),
    ),
    Sequence(
        grant="client_credentials",
        players=(PROGRAM_OWNS, ("client", "a service that keeps a credential"), ENTRA, API),
        messages=(
            Message(
                "client",
                "server",
                "POST /token",
                (
                    "grant_type=client_credentials",
                    "scope={api}/.default",
                    "client_id",
                    "client_assertion or client_secret",
                ),
            ),
            Message("server", "client", "the token", ("access_token",), back=True),
            *CALL,
        ),
        tokens=("access token",),
        refresh="No, and none is needed: the client simply asks again.",
        scopes="{api}/.default alone: the token holds every application permission that an administrator has granted.",
        who="Confidential clients that act as themselves: services, jobs, pipelines. Not what is installed on people's machines; not for personal accounts.",
        status="Recommended where nobody is present. With a person there it reaches too far.",
        references=(rfc(6749, "4.4"),),
    ),
    Sequence(
        grant="device_code",
        players=(
            PERSON,
            ("browser", "a browser on another device"),
            ("client", "a device or tool without a browser"),
            ENTRA,
            API,
        ),
        messages=(
            Message("client", "server", "POST /devicecode", ("client_id", "scope")),
            Message(
                "server", "client", "two codes", ("device_code", "user_code", "verification_uri", "interval"), back=True
            ),
            Message("client", "owner", "shows the code and the address", ("user_code", "verification_uri")),
            Message("owner", "browser", "types the code, signs in, agrees", ("user_code",)),
            Message("browser", "server", "code, name, second factor"),
            Message(
                "client",
                "server",
                "POST /token, again and again",
                ("grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code", "client_id"),
            ),
            Message(
                "server",
                "client",
                "authorization_pending, then the tokens",
                ("access_token", "id_token", "refresh_token"),
                back=True,
            ),
            *CALL,
        ),
        tokens=("access token", "ID token (scope openid)", "refresh token (scope offline_access)"),
        refresh="Yes, with the scope offline_access.",
        scopes="As with the authorization code: delegated permissions.",
        who="Public clients on devices without browser or keyboard. Not pipelines; not Azure AD B2C.",
        status="For such devices alone: it is phished, and Microsoft advises tenants to block it wherever possible.",
        references=(rfc(8628, "3"), rfc(8628, "5.4")),
    ),
    Sequence(
        grant="on_behalf_of",
        players=(
            PERSON,
            ("elsewhere", "the calling client, to which the person signed in"),
            ("client", "an API: resource to its caller, client to the next"),
            ENTRA,
            ("resource", "the next API"),
        ),
        messages=(
            Message("owner", "elsewhere", "signs in (authorization code)"),
            Message("elsewhere", "client", "calls the API", ("Authorization: Bearer {token for this API}",)),
            Message(
                "client",
                "server",
                "POST /token",
                (
                    "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
                    "assertion={that token}",
                    "requested_token_use=on_behalf_of",
                    "scope={next api}/{permission}",
                    "client_id",
                    "client_assertion or client_secret",
                ),
            ),
            Message("server", "client", "a token for the next API", ("access_token", "refresh_token"), back=True),
            Message("client", "resource", "calls the next API", ("Authorization: Bearer {new token}",)),
            Message("resource", "client", "the data", back=True),
        ),
        tokens=("access token for the next API, naming the same person", "refresh token (scope offline_access)"),
        refresh="Yes, with the scope offline_access, for work that goes on after the call.",
        scopes="Delegated permissions of the next API, or {next api}/.default; never application permissions.",
        who="Confidential clients that are APIs and were handed a person's access token issued for them. Not ID tokens, not tokens of programs, not with a signing key of their own.",
        status="Recommended between APIs.",
        references=(rfc(7523, "2.1"),),
    ),
    Sequence(
        grant="refresh_token",
        players=(
            PERSON,
            ("browser", "the system browser, once"),
            ("client", "a server or application that goes on working"),
            ENTRA,
            API,
        ),
        messages=(
            *CODE,
            Message(
                "client",
                "server",
                "later: POST /token",
                ("grant_type=refresh_token", "refresh_token", "scope", "client_id", "credential if confidential"),
            ),
            Message("server", "client", "new tokens", ("access_token", "refresh_token"), back=True),
            *CALL,
        ),
        tokens=("access token", "a new refresh token in place of the old one"),
        refresh="Yes: each renewal returns a new one; the old one should be forgotten.",
        scopes="offline_access at the first sign-in; later the same delegated permissions or fewer.",
        who="Clients whose person signed in once and is absent now, where the API knows people only.",
        status="For such cases: what is stored is the person's access. Where the API accepts programs, use client credentials.",
        references=(rfc(6749, "6"), rfc(9700, "2.2.2")),
    ),
    Sequence(
        grant="hybrid",
        players=(
            PERSON,
            ("browser", "the system browser"),
            ("client", "a server with older middleware"),
            ENTRA,
            API,
        ),
        messages=(
            Message(
                "client",
                "browser",
                "sends to the sign-in page",
                (
                    "client_id",
                    "response_type=code id_token",
                    "response_mode=form_post",
                    "redirect_uri",
                    "scope=openid …",
                    "nonce",
                    "state",
                    "code_challenge",
                ),
            ),
            Message("browser", "server", "GET /authorize"),
            *SIGN_IN,
            Message("server", "browser", "a form with code and ID token", ("code", "id_token", "state"), back=True),
            Message("browser", "client", "posts the form", ("code", "id_token", "state")),
            Message(
                "client",
                "server",
                "POST /token",
                (
                    "grant_type=authorization_code",
                    "code",
                    "redirect_uri",
                    "code_verifier",
                    "client_assertion or client_secret",
                ),
            ),
            Message("server", "client", "the tokens", ("access_token", "refresh_token"), back=True),
            *CALL,
        ),
        tokens=("ID token from the sign-in page", "access token and refresh token for the code"),
        refresh="Yes, with the scope offline_access, in exchange for the code.",
        scopes="As with the authorization code; openid is required.",
        who="Confidential clients whose middleware insists on an ID token before the code.",
        status="Until the middleware is replaced. The access token's box stays off.",
        references=(
            Reference(
                "OpenID Connect Core 1.0, section 3.3",
                "https://openid.net/specs/openid-connect-core-1_0.html#HybridFlowAuth",
            ),
        ),
    ),
    Sequence(
        grant="integrated_windows",
        players=(PERSON, ("client", "a desktop program on a domain machine"), ("elsewhere", "AD FS"), ENTRA, API),
        messages=(
            Message("client", "elsewhere", "asks with the Windows session (Kerberos)"),
            Message("elsewhere", "client", "a SAML assertion", ("assertion",), back=True),
            Message(
                "client",
                "server",
                "POST /token",
                ("grant_type=urn:ietf:params:oauth:grant-type:saml1_1-bearer", "assertion", "scope", "client_id"),
            ),
            Message("server", "client", "the tokens", ("access_token", "id_token", "refresh_token"), back=True),
            *CALL,
        ),
        tokens=("access token", "ID token", "refresh token"),
        refresh="Yes, with the scope offline_access.",
        scopes="Delegated permissions that were agreed to before; nobody can be asked.",
        who="Public clients on domain machines, for people whom AD FS signs in, without a second factor. Not personal accounts.",
        status=f"Deprecated in MSAL.NET in favour of the broker (WAM), which is as silent. {_NEVER_NEW}",
        instead="Authorization code with PKCE through the broker of Windows (WAM), which signs in as silently.",
        references=(
            learn(
                "entra/msal/dotnet/acquiring-tokens/desktop-mobile/integrated-windows-authentication",
                "MSAL.NET with integrated Windows authentication (deprecated)",
            ),
        ),
    ),
    Sequence(
        grant="saml_bearer",
        players=(
            PERSON,
            ("elsewhere", "the tenant's own AD FS"),
            ("client", "a server that signs people in by SAML"),
            ENTRA,
            API,
        ),
        messages=(
            Message("owner", "elsewhere", "signs in"),
            Message(
                "client",
                "elsewhere",
                "requests an assertion for Entra by WS-Trust, with a password or a Kerberos ticket",
                ("AppliesTo=urn:federation:MicrosoftOnline",),
            ),
            Message("elsewhere", "client", "a SAML assertion for Entra", ("assertion",), back=True),
            Message(
                "client",
                "server",
                "POST /token",
                (
                    "grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer",
                    "assertion={base64}",
                    "scope=openid {api}/.default",
                    "client_id",
                    "client_assertion or client_secret",
                ),
            ),
            Message("server", "client", "the tokens", ("access_token",), back=True),
            *CALL,
        ),
        tokens=("access token", "ID token (scope openid)"),
        refresh="Only with the scope offline_access; better take the next assertion.",
        scopes="Delegated permissions that were agreed to before, as {api}/.default.",
        who="Confidential clients whose sign-in by SAML at AD FS cannot change. Neither the assertion of that sign-in nor one of Entra is accepted.",
        status=f"The right bridge while the federation stands. {_NEVER_NEW}",
        instead="Authorization code with PKCE: sign people in by OpenID Connect, and the code brings the token.",
        references=(rfc(7522, "2.1"),),
    ),
    Sequence(
        grant="password",
        players=(PERSON, ("client", "a program with a form of its own"), ENTRA, API),
        messages=(
            Message("owner", "client", "types name and password", ("username", "password")),
            Message(
                "client",
                "server",
                "POST /token",
                ("grant_type=password", "username", "password", "scope", "client_id", "credential if confidential"),
            ),
            Message(
                "server",
                "client",
                "the tokens, or AADSTS50076 where more is demanded",
                ("access_token", "refresh_token"),
                back=True,
            ),
            *CALL,
        ),
        tokens=("access token", "ID token (scope openid)", "refresh token (scope offline_access)"),
        refresh="Yes, with the scope offline_access: the password is sent in the first request only.",
        scopes="Delegated permissions that were agreed to before; nobody can be asked.",
        who="Nobody any more, but for isolated test accounts and programs that cannot open a page. Not personal accounts, not External ID, no second factor, usually no federation. A public client needs isFallbackPublicClient=true.",
        status=f"RFC 9700 forbids it; OAuth 2.1 has dropped it. {_NEVER_NEW}",
        instead="Authorization code with PKCE where a person is there, client credentials where none is.",
        references=(rfc(6749, "4.3"), rfc(9700, "2.4")),
    ),
    Sequence(
        grant="implicit",
        players=(PERSON, ("browser", "the system browser"), ("client", "a page with an old library"), ENTRA, API),
        messages=(
            Message(
                "client",
                "browser",
                "sends to the sign-in page",
                ("client_id", "response_type=id_token token", "redirect_uri", "scope", "state", "nonce"),
            ),
            Message("browser", "server", "GET /authorize"),
            *SIGN_IN,
            Message(
                "server",
                "browser",
                "redirects with the tokens in the address",
                ("#access_token", "id_token", "state"),
                back=True,
            ),
            Message("browser", "client", "the tokens, read from the address", ("access_token", "id_token")),
            *CALL,
        ),
        tokens=("access token", "ID token (scope openid)"),
        refresh="No: the page visits the sign-in page again, hidden, which browsers without third-party cookies refuse.",
        scopes="openid, profile and delegated permissions.",
        who="Pages whose library cannot be replaced yet. MSAL does not support it in installed applications. The redirect URI has to be registered exactly (AADSTS50011).",
        status=f"RFC 9700 advises against it; OAuth 2.1 has dropped it. {_NEVER_NEW}",
        instead="Authorization code with PKCE: register the redirect URI on spa, and switch both implicit boxes off.",
        references=(rfc(6749, "4.2"), rfc(9700, "2.1.2")),
    ),
    Sequence(
        grant="none",
        players=(("client", "the caller"), ("resource", "an API that checks tokens")),
        messages=(
            Message("client", "resource", "calls the API", ("Authorization: Bearer {access token}",)),
            Message("resource", "client", "the data, or 401", back=True),
        ),
        tokens=("none",),
        refresh="No.",
        scopes="The API names the permissions that it checks; it asks for none.",
        who="APIs that only check their callers' tokens, and code inside a host that is signed in already.",
        status="Recommended: what asks for no token can lose none.",
        references=(rfc(6750, "2.1"),),
    ),
)

_BY_GRANT: Final = {row.grant: row for row in SEQUENCES}


def sequence(grant: str) -> Sequence:
    """The telling of the grant of that id. Raises ``KeyError`` for a name that is none."""
    return _BY_GRANT[grant]
