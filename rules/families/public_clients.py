"""Clients that cannot protect a credential."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rules.analysis.clients import has_no_server, is_sign_in_page, needs_no_server
from rules.analysis.federation import federated
from rules.analysis.lifetimes import Life, certificates, secrets
from rules.analysis.requested import of_tier, roles, takeovers
from rules.engine.gaps import unlisted_takeovers
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.fragments import (
    ACT_AS_USER,
    CERTIFICATE,
    FEDERATED,
    MANAGE_ROLES,
    NATIVE_0,
    READ_SELF,
    READ_USERS,
    REDIRECT_URIS,
    SECRET,
    native,
    spa,
    web,
)
from rules.model.registration import Redirect, Registration

#: What a program can contain.
_SHIPPED: Final = ("passwordCredentials", "keyCredentials")
_CREDENTIALS: Final = (*_SHIPPED, "federatedIdentityCredentials")
#: What decides whether the registration is also an API, which may need a credential of its own.
_EXPOSED: Final = ("identifierUris", "api.oauth2PermissionScopes", "appRoles")
_FALLBACK: Final = "/isFallbackPublicClient"
#: What isFallbackPublicClient does, by its label in the portal.
_ALLOWS_FLOWS: Final = "allows public client flows"
_FEDERATED: Final = "a federated credential"
_SIGN_IN_PAGE: Final = "https://login.microsoftonline.com/common/oauth2/nativeclient"
_GRANTS_OPEN: Final = ("public-client-flows-enabled",)
_PRESENCE: Final = ("password-credential",)
_API: Final = {"identifierUris": ["api://11111111-1111-4111-8111-111111111112"]}
_CALLED: Final = {
    "id": "66666666-6666-4666-8666-666666666665",
    "value": "Orders.Write",
    "isEnabled": True,
    "allowedMemberTypes": ["Application"],
}
_POWER: Final = ("powerful-application-permission", "owner-of-powerful-application")
_POWER_FOR_ALL: Final = ("powerful-delegated-permission", "unverified-multi-tenant-publisher")


_PUBLIC_CLIENT_WITH_CREDENTIALS_GOOD: Final = (
    Good({"isFallbackPublicClient": True}, why="the app has no credential"),
    Good({"isFallbackPublicClient": None, "keyCredentials": [CERTIFICATE]}, why="null means false"),
    Good(
        {
            "isFallbackPublicClient": True,
            "federatedIdentityCredentials": [{**FEDERATED, "issuer": "https://gitlab.com/"}],
        },
        why="no token matches the federated credential",
    ),
    Good(
        {"isFallbackPublicClient": True, "keyCredentials": [{**CERTIFICATE, "usage": "Encrypt"}]},
        why="the key encrypts SAML assertions and does not authenticate the client",
    ),
)


@rule(
    "public-client-with-credentials",
    severity="medium",
    may_be=("high", "low"),
    needs=("isFallbackPublicClient", "requiredResourceAccess", *_CREDENTIALS),
    when_set=("isFallbackPublicClient",),
    checks=("PC-02",),
    references=(
        "entra:app-best-practices#credentials",
        "entra:app-manifest",
        "entra:reference-native-authentication",
        "rfc:6749#2.1",
        "rfc:8252#8.5",
        "entra:application-proxy-faq",
    ),
    bad=(
        Bad(
            {"isFallbackPublicClient": True, "passwordCredentials": [SECRET]},
            at=_FALLBACK,
            expected_rules=(*_PRESENCE, *_GRANTS_OPEN),
        ),
        Bad(
            {"isFallbackPublicClient": True, "federatedIdentityCredentials": [FEDERATED]},
            at=_FALLBACK,
            severity="low",
            expected_rules=_GRANTS_OPEN,
        ),
        Bad(
            {"isFallbackPublicClient": True, "keyCredentials": [CERTIFICATE]},
            at=_FALLBACK,
            expected_rules=_GRANTS_OPEN,
        ),
        Bad(
            {"isFallbackPublicClient": True, "keyCredentials": [CERTIFICATE], **MANAGE_ROLES},
            at=_FALLBACK,
            severity="high",
            expected_rules=(*_GRANTS_OPEN, "public-client-with-application-permissions", *_POWER),
        ),
    ),
    good=_PUBLIC_CLIENT_WITH_CREDENTIALS_GOOD,
    base="native",
)
def public_client_with_credentials(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A registration has credentials and allows public client flows.

    Why: Anyone who has a copy of an app can extract a secret or private key that the app contains. If two clients share
        the registration, each client has the permissions of the other client.
    Acceptable: The credentials are acceptable if only a service has them, and no installed app contains them. Clients
        that share the registration still share its permissions.
    Fix: Set isFallbackPublicClient to false if no client uses native authentication or public client flows, such as the
        device code grant. Otherwise, create a separate registration for the confidential client, and change the client
        ID and the credential in the client. Then remove the credentials from this registration. Do not change an app
        that application proxy publishes: the change breaks its preauthentication.
    """
    if app.is_fallback_public_client is not True:
        return
    because = _credentials(app, context.now)
    if because:
        what = because[0].note if len(because) == 1 else f"{len(because)} credentials"
        # No program contains a federated credential: only the registration is shared, as in mixed-client-types.
        says, severity = _reach(app)
        which = f", and requests {says}" if says else ""
        is_federated = all(one.note == _FEDERATED for one in because)
        if is_federated:
            severity = "low"
        says = f"{_ALLOWS_FLOWS} and has {what}{which}"
        yield Hit(pointer=_FALLBACK, message=says, severity=severity, because=because)
        if not is_federated:
            yield from unlisted_takeovers(app, "Role")


def _credentials(app: Registration, now: datetime) -> tuple[Because, ...]:
    """Every credential of the client that has not expired and can be valid, as far as its dates are known."""
    every = (*secrets(app), *certificates(app))
    lives = (life for life in every if not life.has_ended(now) and not life.is_impossible)
    usable = (place for place in federated(app) if place.accepts_tokens is not False)
    return (
        *(Because(life.pointer, f"a {life.kind}") for life in lives),
        *(Because(place.pointer, _FEDERATED) for place in usable),
    )


@rule(
    "public-client-flows-enabled",
    severity="low",
    may_be=("high", "medium"),
    needs=("isFallbackPublicClient", "requiredResourceAccess", "signInAudience"),
    when_set=("isFallbackPublicClient",),
    checks=("PC-01",),
    references=(
        "rfc:9700#2.4",
        "entra:v2-oauth-ropc",
        "entra:v2-oauth2-device-code",
        "rfc:8628#5.4",
        "entra:app-manifest",
        "entra:reference-native-authentication",
        "entra:concept-supported-features-customers",
        "entra:scenario-desktop-app-registration",
        "entra:application-proxy-faq",
    ),
    bad=(
        Bad({"isFallbackPublicClient": True}, at=_FALLBACK),
        Bad(
            {"isFallbackPublicClient": True, **ACT_AS_USER},
            at=_FALLBACK,
            severity="high",
            expected_rules=("powerful-delegated-permission",),
        ),
        # A credential closes neither grant: both work without it.
        Bad(
            {"isFallbackPublicClient": True, **ACT_AS_USER, "passwordCredentials": [SECRET]},
            at=_FALLBACK,
            severity="high",
            expected_rules=(
                "powerful-delegated-permission",
                "public-client-with-credentials",
                *_PRESENCE,
            ),
        ),
    ),
    good=Good({"isFallbackPublicClient": None}, why="null means false"),
    base="native",
)
def public_client_flows_enabled(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """Public client flows are enabled.

    Why: An attacker needs only the client ID, because public client flows need no redirect URI and no credential. The
        attacker can try passwords, or trick a user into entering a device code. Entra supports the password grant only
        for work or school accounts, and not in external tenants.
    Acceptable: Public client flows are acceptable if a client needs the device code grant, integrated Windows
        authentication or native authentication. Application proxy also uses this setting. Multifactor authentication
        blocks the password grant.
    Fix: Set isFallbackPublicClient to false if no client uses the password or device code grant, integrated Windows
        authentication or native authentication. Redirect URIs of native clients work without this setting. Do not
        change the setting of an app that application proxy publishes: the change breaks its preauthentication.
    """
    if app.is_fallback_public_client is not True:
        return
    powerful = takeovers(app)
    reads = of_tier(app, "Scope", "data", "whole")
    severity: Severity = "high" if powerful else "medium" if reads else "low"
    words = f", and requests {(powerful or reads)[0].permission.name}" if powerful or reads else ""
    # Entra supports the password grant only for work or school accounts, and not in external tenants.
    has_no_password = app.allows_only_personal_accounts or app.is_in_external_tenant
    password = "" if has_no_password else "password grant and the "
    says = f"allows the {password}device code grant{words}"
    yield Hit(pointer=_FALLBACK, message=says, severity=severity, set_to=False)
    yield from unlisted_takeovers(app, "Scope")


@rule(
    "mixed-client-types",
    severity="low",
    needs=("web.redirectUris", "publicClient.redirectUris"),
    when_set=("publicClient.redirectUris",),
    checks=("PC-03",),
    references=("rfc:6749#2.1",),
    bad=Bad(web("https://desktop.contoso.com/cb"), at=NATIVE_0),
    good=(
        Good({}),
        Good(web("http://localhost/cb"), why="the web platform has only a development redirect URI"),
        Good(web(_SIGN_IN_PAGE), why="a page of Microsoft for native clients"),
        Good(web("https://jwt.ms"), why="a public site for debugging"),
    ),
    base="native",
)
def mixed_client_types(app: Registration, _: Context) -> Iterator[Hit]:
    """A web app and a native client share one registration.

    Why: Each client that shares a registration has the permissions of the other client. An attacker who compromises one
        client can use permissions that only the other client needs.
    Acceptable: One registration is acceptable if both clients need the same permissions. Neither client then gains a
        permission from the other client.
    Fix: Create a separate registration for the native client, and change the client ID in the native client. Then
        remove the URIs of the native client from publicClient.redirectUris in this registration.
    """
    places = (place for place in app.redirects if place.platform == "web" and place.uri.is_web)
    web_app = next((place for place in places if not needs_no_server(place)), None)
    if web_app and app.public_client and app.public_client.redirect_uris:
        because = (Because(web_app.pointer, "a redirect URI of a web app"),)
        yield Hit(pointer=NATIVE_0, message="is a web app and a native client", because=because)


@rule(
    "public-client-with-application-permissions",
    severity="medium",
    may_be=("high",),
    only_if=("Role",),
    needs=("requiredResourceAccess", "isFallbackPublicClient", *REDIRECT_URIS[1:], *_EXPOSED),
    needs_all=("web.redirectUris",),
    when_set=("requiredResourceAccess",),
    checks=("PC-04",),
    references=(
        "rfc:6749#4.4",
        "rfc:8252#8.5",
        "entra:scenario-desktop-app-registration",
        "entra:v2-oauth2-on-behalf-of-flow",
        "entra:protected-web-api-verification",
    ),
    bad=(
        Bad(READ_USERS, at="/requiredResourceAccess"),
        Bad(
            {**READ_USERS, "federatedIdentityCredentials": [FEDERATED]},
            at="/requiredResourceAccess",
        ),
        Bad(MANAGE_ROLES, at="/requiredResourceAccess", severity="high", expected_rules=_POWER),
    ),
    good=(
        Good(READ_SELF, why="a public client may use delegated permissions"),
        Good({**READ_USERS, **web("https://a.contoso.com/")}, why="the registration also has a web app"),
        Good({**READ_USERS, **_API}, why="the app is also an API, which can protect a credential"),
        Good({**READ_USERS, "appRoles": [_CALLED]}, why="daemons call the app, so the app is also an API"),
    ),
    base="native",
)
def public_client_with_application_permissions(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A public client requests application permissions.

    Why: Only a confidential client may use application permissions. Anyone who has a copy of an app can extract a
        credential that the app contains.
    Acceptable: Application permissions are acceptable if a service without a redirect URI shares the registration, and
        only that service has the credential.
    Fix: Create a separate registration for the service that needs application permissions, or remove them from
        requiredResourceAccess. If the app is not a public client, remove spa.redirectUris and
        publicClient.redirectUris. For such an app, also set isFallbackPublicClient to false.
    """
    is_public = any(place.platform != "web" for place in app.redirects)
    if roles(app) and has_no_server(app) and (is_public or app.is_fallback_public_client is True):
        what = "is a public client" if is_public else _ALLOWS_FLOWS
        says, severity = _reach(app)
        message = f"{what} and requests {says or 'application permissions'}"
        yield Hit(pointer="/requiredResourceAccess", message=message, severity=severity)
        yield from unlisted_takeovers(app, "Role")


def _reach(app: Registration) -> tuple[str, Severity | None]:
    """The application permission that can take over the tenant, in words and as a severity; nothing where none can."""
    takes = of_tier(app, "Role", "tenant")
    return (f"the application permission {takes[0].permission.name}", "high") if takes else ("", None)


@rule(
    "multitenant-native-client",
    severity="high",
    only_if=("Scope:tenant", "Scope:unlisted"),
    needs=("publicClient.redirectUris", "signInAudience", "requiredResourceAccess"),
    when_set=("publicClient.redirectUris",),
    checks=("PC-05",),
    references=(
        "web:glueckkanja-authcodefix-or-consentfix",
        "rfc:8252#8.6",
        "entra:app-best-practices#permissions",
        "entra:windows-broker",
        "entra:msal-python-linux-broker",
    ),
    bad=(
        Bad(
            {**native(_SIGN_IN_PAGE), "signInAudience": "AzureADMultipleOrgs", **ACT_AS_USER},
            at=NATIVE_0,
            expected_rules=_POWER_FOR_ALL,
        ),
        Bad(
            {**native("http://localhost"), "signInAudience": "AzureADMultipleOrgs", **ACT_AS_USER},
            at=NATIVE_0,
            expected_rules=(*_POWER_FOR_ALL, "loopback-by-name"),
        ),
    ),
    good=(
        Good(
            {**native(_SIGN_IN_PAGE), **ACT_AS_USER},
            why="only the home tenant uses it: powerful-delegated-permission reports this case",
        ),
        Good(
            {**native(_SIGN_IN_PAGE), "signInAudience": "PersonalMicrosoftAccount", **ACT_AS_USER},
            why="personal accounts have no tenant to take over",
        ),
        Good(
            {
                **native("ms-appx-web://microsoft.aad.brokerplugin/11111111-1111-4111-8111-111111111113"),
                "signInAudience": "AzureADMultipleOrgs",
                **ACT_AS_USER,
            },
            why="the broker passes the code to the client",
        ),
    ),
    base="native",
)
def multitenant_native_client(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A powerful multitenant native client shows its authorization code in the browser.

    Why: After sign-in, the code is in the URL of localhost or of a Microsoft page. An attacker who persuades a user to
        send that URL (ConsentFix) can get tokens with the powerful permissions. The client ID is not secret.
    Acceptable: The redirect URI is acceptable if the client must work without a broker. Each tenant can limit the risk
        if it revokes the consent to powerful permissions.
    Fix: Register only redirect URIs of brokers, such as the Windows broker (WAM). Sign-in then needs a broker.
        On other systems, remove the powerful permissions, and have each tenant revoke the consent to them. On Linux,
        the broker itself uses the page oauth2/nativeclient.
    """
    shown = [place for place in app.redirects if place.platform == "publicClient" and _shows_code(place)]
    if not shown or not app.allows_other_organizations:
        return
    powerful = takeovers(app)
    for place in shown if powerful else ():
        because = (Because(powerful[0].pointer, powerful[0].permission.value),)
        whose = "any tenant" if app.allows_any_tenant else "other tenants"
        says = f"shows codes for {powerful[0].permission.name} in the browser, to users of {whose}"
        yield Hit(pointer=place.pointer, message=says, because=because)
    yield from unlisted_takeovers(app, "Scope")


def _shows_code(place: Redirect) -> bool:
    """Whether the code stays in the address bar: on the device itself, or on a page of the sign-in service.

    Entra ID sends no code to the IPv6 loopback address, which it does not support.
    """
    is_local = place.uri.is_loopback and ":" not in (place.uri.host or "")
    return place.uri.is_web and (is_local or is_sign_in_page(place))


@rule(
    "spa-with-secret",
    severity="medium",
    may_be=("high",),
    needs=("passwordCredentials", "isFallbackPublicClient", "requiredResourceAccess", *_EXPOSED),
    needs_all=REDIRECT_URIS,
    when_set=("passwordCredentials",),
    checks=("PC-06",),
    references=("entra:app-best-practices#credentials", "rfc:6749#2.1", "entra:v2-oauth2-on-behalf-of-flow"),
    bad=(
        Bad({"passwordCredentials": [SECRET]}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
        Bad(
            {"passwordCredentials": [SECRET], **READ_USERS},
            at="/passwordCredentials/0",
            expected_rules=(*_PRESENCE, "public-client-with-application-permissions"),
        ),
        Bad(
            {"passwordCredentials": [SECRET], **MANAGE_ROLES},
            at="/passwordCredentials/0",
            severity="high",
            expected_rules=(*_PRESENCE, "public-client-with-application-permissions", *_POWER),
        ),
    ),
    good=(
        Good(
            {"passwordCredentials": [SECRET], **web("https://orders.contoso.com/server")},
            why="a server can protect the credential",
        ),
        Good(
            {"passwordCredentials": [SECRET], **_API},
            why="its API needs a credential for the on-behalf-of flow, and may share the registration",
        ),
        Good(
            {"passwordCredentials": [SECRET], "isFallbackPublicClient": True},
            why="public-client-with-credentials reports this case",
        ),
    ),
    base="spa",
)
def spa_with_secret(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A single-page app has a client secret.

    Why: If the app uses the secret, each visitor can read it in the browser.
    Acceptable: The secret is acceptable if only a service uses it, and the browser never receives it.
    Fix: Remove the secret, because a public client needs none. If a service uses the secret, first create a separate
        registration for the service.
    """
    platforms = {place.platform for place in app.redirects}
    if "spa" in platforms and "publicClient" not in platforms:
        yield from _without_server(app, secrets(app), context, "single-page app")


@rule(
    "native-client-with-credentials",
    severity="medium",
    may_be=("high",),
    needs=(*_SHIPPED, "isFallbackPublicClient", "requiredResourceAccess", *_EXPOSED),
    needs_all=REDIRECT_URIS,
    when_set=_SHIPPED,
    checks=("PC-06",),
    references=("entra:app-best-practices#credentials", "rfc:6749#2.1", "rfc:8252#8.5"),
    bad=(
        Bad({"passwordCredentials": [SECRET]}, at="/passwordCredentials/0", expected_rules=_PRESENCE),
        Bad(
            {"passwordCredentials": [SECRET], **spa("https://orders.contoso.com/")},
            at="/passwordCredentials/0",
            expected_rules=_PRESENCE,
        ),
        Bad(
            {"passwordCredentials": [SECRET], **web(_SIGN_IN_PAGE)},
            at="/passwordCredentials/0",
            expected_rules=_PRESENCE,
        ),
        Bad({"keyCredentials": [CERTIFICATE]}, at="/keyCredentials/0"),
        Bad(
            {"keyCredentials": [CERTIFICATE], **MANAGE_ROLES},
            at="/keyCredentials/0",
            severity="high",
            expected_rules=("public-client-with-application-permissions", *_POWER),
        ),
    ),
    good=(
        Good(
            {"passwordCredentials": [SECRET], **web("https://orders.contoso.com/server")},
            why="a server can protect the credential",
        ),
        Good(
            {"passwordCredentials": [SECRET], "isFallbackPublicClient": True},
            why="public-client-with-credentials reports this case",
        ),
        Good({"passwordCredentials": [SECRET], **_API}, why="the app is also an API, which can protect the secret"),
        Good({"keyCredentials": [{**CERTIFICATE, "usage": "Encrypt"}]}, why="the key does not authenticate the client"),
    ),
    base="native",
)
def native_client_with_credentials(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A native client has a secret or a certificate.

    Why: Anyone who has a desktop or mobile app can extract a secret or private key that the app contains.
    Acceptable: The credential is acceptable if only a service uses it, and no installed app contains it.
    Fix: Remove the credential, because a public client needs none. If a service uses the credential, first create a
        separate registration for the service.
    """
    if any(place.platform == "publicClient" for place in app.redirects):
        yield from _without_server(app, (*secrets(app), *certificates(app)), context, "native client")


def _without_server(app: Registration, lives: tuple[Life, ...], context: Context, what: str) -> Iterator[Hit | Gap]:
    """A hit for each credential of a client that has no server; *what* names the kind of client.

    It is not removed where a service may use it for application permissions.
    """
    if not has_no_server(app) or app.is_fallback_public_client is True:
        return  # public-client-with-credentials reports the latter
    says, severity = _reach(app)
    which = f", and requests {says}" if says else ""
    valid = [life for life in lives if not life.has_ended(context.now) and not life.is_impossible]
    for life in valid:
        removable = life.is_known_to_prove and not roles(app)
        message = f"is a {what} and has a {life.kind}{which}"
        yield Hit(pointer=life.pointer, message=message, severity=severity, remove=removable)
    if valid:
        yield from unlisted_takeovers(app, "Role")
