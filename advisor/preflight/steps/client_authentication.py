"""Client authentication: whether the client is public or confidential for this request, and what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.preflight.prediction import BEHALF, DEVICE, SAML1, SAML2, Check, Client, Fix, Scene, failed, passed, unread
from advisor.preflight.redirects import all_read, match_redirect
from advisor.preflight.steps.credentials import check_assertion, check_secret
from rules.model.registration import UNSET, Registration


def check_client_authentication(scene: Scene) -> Iterator[Check]:
    """Client authentication: whether the client is public or confidential for this request, and what it sends."""
    request = scene.request
    if request.endpoint == "authorize":
        return
    redeems = scene.grant == "authorization_code"
    if scene.grant == "refresh_token" and not request.get("brk_client_id"):
        crossed = tuple(_refreshed(scene))
        yield from crossed
        if crossed:
            return
    elif request.origin and not (redeems and scene.platform in ("spa", None)) and scene.grant != "refresh_token":
        where = f" (the redirect URI is on {scene.platform})" if scene.platform else ""
        yield failed(
            "proof",
            9002326,
            f"the request has an Origin header, like requests of browsers; only spa allows an Origin header{where}",
            parameter="Origin",
            fixes=(Fix("origin"),),
            property="spa.redirectUris" if redeems else "",
            change="move the redirect URI to spa if code in a browser redeems the code" if redeems else "",
        )
        return
    if redeems and scene.platform == "spa" and not request.origin:
        yield failed(
            "proof",
            9002327,
            "the redirect URI is on spa, so a browser must redeem the code; the request has no Origin header",
            parameter="Origin",
            fixes=(Fix("origin", value="yes"),),
            property="web.redirectUris",
            change="move the redirect URI to web for a server, or to publicClient for a desktop app",
        )
    if request.endpoint == "devicecode":
        yield from _device(scene)
        return
    kind, why = _client(scene)
    if kind is None:
        yield unread("proof", why, "isFallbackPublicClient" if "fallback" in why else "")
    elif kind == "public":
        yield from _public(scene, why)
    else:
        yield from _confidential(scene, why)


def _refreshed(scene: Scene) -> Iterator[Check]:
    """A refresh token of spa is for browsers, which send an Origin header, and every other one is not."""
    app, request = scene.app, scene.request
    read = app is not None and all_read(app)
    platforms = {found.platform for found in app.redirects} if app is not None else set()
    if request.origin:
        why = ""
        if request.sends_credential:
            why = "it also has a credential"
        elif read and platforms and "spa" not in platforms:
            why = "the client has no redirect URI on spa"
        if why:
            says = f"the request has an Origin header, like requests of browsers, but {why}"
            yield failed("proof", 9002326, says, _SPA, parameter="Origin", fixes=(Fix("origin"),))
    elif app is not None and read and platforms == {"spa"} and not request.sends_credential:
        says = "all redirect URIs are on spa, so a browser must send the request; the request has no Origin header"
        add = (Fix("origin", value="yes"),)
        if app.is_fallback_public_client in (None, False):
            yield failed("proof", 9002327, says, _SPA, parameter="Origin", fixes=add)
        else:
            says += ". A refresh token from the device code grant does not need an Origin header"
            yield unread("proof", says, "isFallbackPublicClient", code=9002327, parameter="Origin", fixes=add)


_SPA: Final = "entra:v2-oauth2-auth-code-flow#spa"


def _client(scene: Scene) -> tuple[Client | None, str]:
    """The client type for this request and why; ``None`` with the reason when it cannot be said.

    Source: Microsoft, "AADSTS7000218": the platform of the redirect URI decides, and the fallback where a request
    has none.
    """
    if scene.grant in ("client_credentials", BEHALF, SAML2):
        return "confidential", "this grant is only for confidential clients"
    if scene.app is None:
        return None, "no registration was read, so the client type is not known"
    if scene.grant == "authorization_code":
        if scene.platform is None:
            return None, "the client type is not known, because the platform of the redirect URI is not known"
        return ("confidential" if scene.platform == "web" else "public"), f"the redirect URI is on {scene.platform}"
    if scene.grant == "refresh_token":
        return _by_sign_in(scene, scene.app)
    return _by_fallback(scene.app)


def _by_sign_in(scene: Scene, app: Registration) -> tuple[Client | None, str]:
    """The token request of the same input says who got the refresh token, otherwise the registered platforms do."""
    redeemed = {other.get("redirect_uri") for other in scene.others if other.endpoint == "token"} - {""}
    platforms = {found.platform for uri in redeemed for found in match_redirect(app, uri).found}
    if len(platforms) == 1:
        platform = platforms.pop()
        return ("confidential" if platform == "web" else "public"), f"the redirect URI of the code is on {platform}"
    grants = {other.get("grant_type") for other in scene.others if other.endpoint == "token"}
    if grants & {BEHALF, SAML2}:
        return "confidential", "the refresh token is from a grant for confidential clients"
    if grants & {DEVICE, SAML1, "password"}:
        return _by_fallback(app)
    return _by_platforms(scene, app)


def _by_platforms(scene: Scene, app: Registration) -> tuple[Client | None, str]:
    """A refresh token belongs to the client that got it, which only the earlier sign-in names."""
    if not all_read(app):
        return None, "the client type is not known, because not all redirect URIs were read"
    kinds = {"confidential" if redirect.platform == "web" else "public" for redirect in app.redirects}
    if kinds == {"confidential"}:
        return "confidential", "all redirect URIs are on web"
    proves = any(rows or rows is UNSET for rows in (app.password_credentials, app.key_credentials))
    if kinds == {"public"} and scene.request.sends_credential and proves:
        return None, "the client type is not known: the refresh token may be from the on-behalf-of flow"
    if kinds == {"public"}:
        return "public", "no redirect URI is on web"
    if kinds:
        return (
            None,
            "the client has redirect URIs for public and confidential clients, and the sign-in request was not read",
        )
    return _by_fallback(app)


def _by_fallback(app: Registration) -> tuple[Client | None, str]:
    if app.is_fallback_public_client is UNSET:
        return None, "the client type is not known, because the public client fallback was not read"
    if app.is_fallback_public_client:
        return "public", "the public client fallback is on, and the request has no redirect URI"
    return "confidential", "the public client fallback is off, and the request has no redirect URI"


def _device(scene: Scene) -> Iterator[Check]:
    app = scene.app
    if app is None or app.is_fallback_public_client is UNSET:
        yield unread(
            "proof",
            "the public client fallback, which the device code grant needs, was not read",
            "isFallbackPublicClient",
        )
    elif app.is_fallback_public_client:
        yield passed("proof", "the public client fallback is on")
    else:
        yield failed(
            "proof", 7000218, "the public client fallback is off, so the token request would need a credential",
            *scene.page,
            property="isFallbackPublicClient", change="true",
        )  # fmt: skip


def _public(scene: Scene, why: str) -> Iterator[Check]:
    if not scene.request.sends_credential:
        yield passed("proof", f"the client is public ({why}) and sends no credential")
        return
    names = ("client_secret", "client_assertion", "client_assertion_type")
    drop = tuple(Fix("drop", name) for name in names if scene.request.get(name))
    fallback = "fallback" in why
    yield failed(
        "proof",
        700025,
        f"the client is public ({why}) and sends a credential",
        *scene.page,
        parameter="client_secret" if scene.request.get("client_secret") else "client_assertion",
        fixes=(*drop, Fix("basic")) if scene.request.basic else drop,
        property="isFallbackPublicClient" if fallback else "web.redirectUris",
        change="set to false if the client can protect a credential"
        if fallback
        else "move the redirect URI to web if the client can protect a credential",
    )


def _confidential(scene: Scene, why: str) -> Iterator[Check]:
    request = scene.request
    if not request.sends_credential:
        headless = scene.grant in (DEVICE, "password", SAML1)
        redeems = scene.grant == "authorization_code"
        yield failed(
            "proof",
            7000216 if scene.grant == "client_credentials" else 7000218,
            f"the client is confidential ({why}) and sends no credential",
            *scene.page,
            parameter="client_secret",
            reported=scene.grant == "password",
            fixes=() if headless and scene.grant != "password" else (Fix("set", "client_secret", "{client_secret}"),),
            property="isFallbackPublicClient" if headless else "publicClient.redirectUris" if redeems else "",
            change="true"
            if headless
            else "move the redirect URI to publicClient if the client cannot protect a credential"
            if redeems
            else "",
        )
        return
    if scene.app is None:
        yield unread("proof", "the credentials of the registration were not read", "passwordCredentials")
        return
    if scene.grant == DEVICE:
        yield unread(
            "proof",
            "no document says whether a confidential client can use the device code grant",
            "isFallbackPublicClient",
        )
    ways = [request.basic, bool(request.get("client_secret")), bool(request.get("client_assertion"))]
    if sum(ways) > 1:
        says = "the request has more than one credential; RFC 6749, section 2.3, allows only one credential"
        yield unread("proof", says, parameter="client_secret", sources=("rfc:6749#2.3.1",))
    if request.basic or request.get("client_secret"):
        yield from check_secret(scene, scene.app)
    else:
        yield from check_assertion(scene, scene.app)
