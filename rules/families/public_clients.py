"""Clients that can keep no credential."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rules.analysis.lifetimes import certificates, secrets
from rules.analysis.requested import of_tier, roles
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import Registration

_SECRET = {
    "displayName": "deploy",
    "keyId": "33333333-3333-4333-8333-333333333332",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}
_FEDERATED = {
    "name": "ci",
    "issuer": "https://gitlab.com",
    "subject": "project_path:contoso/app:ref_type:branch:ref:main",
    "audiences": ["api://AzureADTokenExchange"],
    "claimsMatchingExpression": None,
}


@rule(
    "public-client-with-credentials",
    severity="medium",
    needs=(
        "isFallbackPublicClient",
        "passwordCredentials",
        "keyCredentials",
        "federatedIdentityCredentials",
    ),
    when_set=("isFallbackPublicClient",),
    checks=("PC-02",),
    references=("entra:app-best-practices#credentials", "entra:app-manifest", "rfc:6749#2.1"),
    bad=(
        Bad({"isFallbackPublicClient": True, "passwordCredentials": [_SECRET]}, at="/isFallbackPublicClient", expected_rules=("password-credential",)),
        Bad({"isFallbackPublicClient": True, "federatedIdentityCredentials": [_FEDERATED]}, at="/isFallbackPublicClient"),
        Bad({"isFallbackPublicClient": True, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}, at="/isFallbackPublicClient"),
    ),
    good=(
        Good({"isFallbackPublicClient": True}, why="public, and without a credential"),
        Good({"isFallbackPublicClient": None, "keyCredentials": [{**_SECRET, "usage": "Verify"}]}, why="null is off"),
        Good({"isFallbackPublicClient": True, "keyCredentials": [{**_SECRET, "usage": "Sign"}]}, why="it signs SAML and proves no client"),
    ),
    base="native",
)  # fmt: skip
def public_client_with_credentials(app: Registration, context: Context) -> Iterator[Hit]:
    """A registration is for a public client and keeps credentials all the same.

    Why: Either the credential sits in a program that anybody can open, or two clients share one registration and each
        has the permissions and the weaknesses of the other.
    Fix: Give each client a registration of its own; remove the credentials, or switch isFallbackPublicClient off.
    """
    if app.is_fallback_public_client is not True:
        return
    because = _credentials(app, context.now)
    if because:
        what = because[0].note if len(because) == 1 else f"{len(because)} credentials"
        yield Hit(
            pointer="/isFallbackPublicClient", message=f"counts as a public client and has {what}", because=because
        )


def _credentials(app: Registration, now: datetime) -> tuple[Because, ...]:
    """Every credential that is not known to have ended."""
    lives = (life for life in (*secrets(app), *certificates(app)) if not life.has_ended(now))
    federated = range(len(app.federated_identity_credentials or ()))
    return (
        *(Because(life.pointer, f"a {life.kind}") for life in lives),
        *(Because(f"/federatedIdentityCredentials/{index}", "a federated credential") for index in federated),
    )


_CREDENTIALS: Final = ("passwordCredentials", "keyCredentials", "federatedIdentityCredentials")
_NATIVE: Final = "https://login.microsoftonline.com/common/oauth2/nativeclient"


def _asks(id: str, kind: str) -> list[dict[str, Any]]:
    """Permissions that ask Microsoft Graph for one."""
    access = [{"id": id, "type": kind}]
    return [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": access}]


_AS_USER: Final = _asks("0e263e50-5827-48a4-b97c-d940288653c7", "Scope")


@rule(
    "password-grant-open",
    severity="medium",
    may_be=("high", "low"),
    needs=("isFallbackPublicClient", "publicClient.redirectUris", "requiredResourceAccess", *_CREDENTIALS),
    when_set=("isFallbackPublicClient",),
    checks=("PC-01",),
    references=("rfc:9700#2.4", "entra:v2-oauth-ropc", "entra:v2-oauth2-device-code"),
    bad=(
        Bad({"isFallbackPublicClient": True, "publicClient": {"redirectUris": []}}, at="/isFallbackPublicClient"),
        Bad({"isFallbackPublicClient": True}, at="/isFallbackPublicClient", severity="low"),
        Bad({"isFallbackPublicClient": True, "requiredResourceAccess": _AS_USER}, at="/isFallbackPublicClient", severity="high", expected_rules=("powerful-delegated-permission",)),
    ),
    good=(
        Good({"isFallbackPublicClient": None}, why="null is off"),
        Good({"isFallbackPublicClient": True, "passwordCredentials": [_SECRET]}, why="public-client-with-credentials speaks of it"),
    ),
    base="native",
)  # fmt: skip
def password_grant_open(app: Registration, context: Context) -> Iterator[Hit]:
    """The password and the device code grant are open to whoever knows the appId.

    Why: Both work without a redirect URI and without a credential: passwords can be tried, and people can be talked into
        entering a code for somebody else.
    Fix: Switch isFallbackPublicClient off when no client uses these grants; a redirect URI of a native client works without it.
    """
    if app.is_fallback_public_client is not True or _credentials(app, context.now):
        return
    powerful = of_tier(app, "Scope", "tenant")
    native = bool(app.public_client and app.public_client.redirect_uris)
    words = f", for {powerful[0].permission.name}" if powerful else ""
    yield Hit(
        pointer="/isFallbackPublicClient",
        message=f"has the password and the device code grant open{words}",
        severity="high" if powerful else "low" if native else "medium",
        set_to=False,
    )


@rule(
    "two-kinds-of-client",
    severity="low",
    needs=("web.redirectUris", "publicClient.redirectUris"),
    when_set=("publicClient.redirectUris",),
    checks=("PC-03",),
    references=("entra:app-best-practices#credentials", "rfc:6749#2.1"),
    bad=Bad({"web": {"redirectUris": ["https://desktop.contoso.com/cb"]}}, at="/publicClient/redirectUris/0"),
    good=(Good({}), Good({"web": {"redirectUris": ["http://localhost/cb"]}}, why="for development alone")),
    base="native",
)
def two_kinds_of_client(app: Registration, _: Context) -> Iterator[Hit]:
    """A web app and a native client share one registration.

    Why: Each has the permissions and the weaknesses of the other, and a log cannot tell them apart.
    Fix: Give the native client a registration of its own.
    """
    web = next(
        (
            place
            for place in app.redirects
            if place.platform == "web" and place.uri.is_web and not place.uri.is_loopback
        ),
        None,
    )
    if web and app.public_client and app.public_client.redirect_uris:
        because = (Because(web.pointer, "a web app"),)
        yield Hit(
            pointer="/publicClient/redirectUris/0", message="is a native client and a web app at once", because=because
        )


@rule(
    "public-client-with-application-permissions",
    severity="medium",
    only_if=("Role",),
    needs=("requiredResourceAccess", "isFallbackPublicClient", "spa.redirectUris", "publicClient.redirectUris"),
    needs_all=("web.redirectUris", *_CREDENTIALS),
    when_set=("requiredResourceAccess",),
    checks=("PC-04",),
    references=("rfc:6749#4.4", "entra:app-best-practices#permissions"),
    bad=Bad({"requiredResourceAccess": _asks("df021288-bdef-4463-88db-98f22de89214", "Role")}, at="/requiredResourceAccess"),
    good=(
        Good({"requiredResourceAccess": _asks("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope")}, why="in a person's name"),
        Good({"requiredResourceAccess": _asks("df021288-bdef-4463-88db-98f22de89214", "Role"), "web": {"redirectUris": ["https://a.contoso.com/"]}}, why="a web app is there as well"),
    ),
    base="native",
)  # fmt: skip
def public_client_with_application_permissions(app: Registration, context: Context) -> Iterator[Hit]:
    """A client that can keep no credential asks for permissions that need one.

    Why: Sooner or later somebody adds a credential to a program that anybody can open.
    Fix: Remove the application permissions, or give the part that needs them a registration of its own.
    """
    if not roles(app):
        return
    public = app.is_fallback_public_client is True or any(place.platform != "web" for place in app.redirects)
    web = any(place.platform == "web" for place in app.redirects)
    if public and not web and not _credentials(app, context.now):
        yield Hit(pointer="/requiredResourceAccess", message="is a public client and asks for application permissions")


@rule(
    "open-native-client",
    severity="medium",
    only_if=("Scope:tenant",),
    needs=("publicClient.redirectUris", "signInAudience", "requiredResourceAccess"),
    when_set=("publicClient.redirectUris",),
    checks=("PC-05",),
    references=("rfc:8252#8.4", "entra:app-best-practices#permissions"),
    bad=Bad(
        {"publicClient": {"redirectUris": [_NATIVE]}, "signInAudience": "AzureADMultipleOrgs", "requiredResourceAccess": _AS_USER},
        at="/publicClient/redirectUris/0", expected_rules=("powerful-delegated-permission", "unverified-multi-tenant-publisher"),
    ),
    good=Good({"publicClient": {"redirectUris": [_NATIVE]}, "requiredResourceAccess": _AS_USER}, why="the home tenant alone"),
    base="native",
)  # fmt: skip
def open_native_client(app: Registration, _: Context) -> Iterator[Hit]:
    """A native client for any tenant with powerful permissions shows its code on a page of Microsoft's.

    Why: People can be asked for the address that they land on, and with the code in it somebody else signs in as them.
    Fix: Use http://127.0.0.1 or the broker, and keep powerful permissions out of clients for many tenants.
    """
    powerful = of_tier(app, "Scope", "tenant") if app.is_multi_tenant else []
    for place in app.redirects if powerful else ():
        if place.platform == "publicClient" and place.uri.path.endswith("/oauth2/nativeclient"):
            because = (Because(powerful[0].pointer, powerful[0].permission.value),)
            yield Hit(
                pointer=place.pointer,
                message="shows codes to people of any tenant, for powerful permissions",
                because=because,
            )


@rule(
    "secret-of-single-page-app",
    severity="high",
    needs=("passwordCredentials", "spa.redirectUris"),
    needs_all=("requiredResourceAccess", "web.redirectUris", "publicClient.redirectUris"),
    when_set=("passwordCredentials",),
    checks=("PC-06",),
    references=("entra:app-best-practices#credentials", "rfc:6749#2.1"),
    bad=Bad({"passwordCredentials": [_SECRET]}, at="/passwordCredentials/0", expected_rules=("password-credential",)),
    good=(
        Good({"passwordCredentials": [_SECRET], "web": {"redirectUris": ["https://orders.contoso.com/server"]}}, why="a server may keep it"),
        Good({"passwordCredentials": [_SECRET], "requiredResourceAccess": _asks("df021288-bdef-4463-88db-98f22de89214", "Role")}, why="a service may use it without a person"),
    ),
    base="spa",
)  # fmt: skip
def secret_of_single_page_app(app: Registration, context: Context) -> Iterator[Hit]:
    """A single-page app has a secret.

    Why: To be of use it must be sent to the browser, where anybody reads it.
    Fix: Remove the secret: the spa platform needs none. Where a server uses it, give that a registration of its own.
    """
    if not app.redirects or any(place.platform != "spa" for place in app.redirects):
        return
    if roles(app):
        return
    for life in secrets(app):
        if not life.has_ended(context.now):
            yield Hit(pointer=life.pointer, message="is a single-page app and has a secret", remove=True)
