"""The redirect URI: there, absolute, registered, and on which platform."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import msgspec

from advisor.preflight.prediction import Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.redirects import Match, all_read, faults
from advisor.preflight.wire import has_placeholder
from rules.model.registration import Platform, PublicClient, Registration, Spa, Web
from rules.primitives.texts import is_guid
from rules.primitives.uri import Uri, parse

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]")


def check_redirect(scene: Scene) -> Iterator[Check]:
    """The redirect URI against the registered ones, where the request needs one."""
    request = scene.request
    if request.get("brk_client_id"):
        yield _brokered(scene, request.get("redirect_uri"))
    elif request.endpoint == "logout":
        yield from _after_sign_out(scene)
    elif request.endpoint != "devicecode" and (request.endpoint != "token" or scene.grant == "authorization_code"):
        text = request.get("redirect_uri")
        yield from _sent(scene, text) if text else _missing(scene)


def _sent(scene: Scene, text: str) -> Iterator[Check]:
    uri = parse(text)
    if has_placeholder(text):
        yield unread("redirect", "redirect_uri is a placeholder")
    elif text.lower().startswith("brk-"):
        yield failed(
            "redirect",
            7000471,
            "a redirect URI that begins with brk- is only for requests of a broker",
            parameter="redirect_uri",
            fixes=tuple(Fix("set", "redirect_uri", other) for other in _without_broker(scene)[:1]),
        )
    elif not uri.scheme or (uri.scheme in ("http", "https") and not uri.host):
        once = unquote(text)
        twice = bool(_ABSOLUTE.match(once))
        yield failed(
            "redirect",
            90102,
            "redirect_uri is encoded twice, so it is not a URL" if twice else "redirect_uri is not an absolute URL",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", once),) if twice else (),
        )
    else:
        yield from _compared(scene, text, scene.match)
        yield from _same(scene, text)


def _compared(scene: Scene, text: str, found: Match | None) -> Iterator[Check]:
    if found is None:
        yield unread("redirect", "the registered redirect URIs were not read", "web.redirectUris")
    elif found.found:
        yield from _matched(found, text)
    elif not found.read:
        says = "redirect_uri may be registered, because not all registered redirect URIs were read"
        yield unread("redirect", says, "web.redirectUris")
    elif found.near is not None and found.differs == ("the port",) and found.near.uri.host == "127.0.0.1":
        yield unread(
            "redirect",
            f"{found.near.uri.text} is registered with another port; Microsoft's documents disagree on "
            "whether Entra ID ignores the port on 127.0.0.1",
            code=50011,
            parameter="redirect_uri",
        )
    else:
        yield _unmatched(scene, text, found)


def _brokered(scene: Scene, text: str) -> Check:
    """Nested app authentication: a broker names itself in the scheme, and the registration allows brokers of a host.

    Source: Microsoft, "Enable SSO in an Office Add-in using nested app authentication": ``brk-multihub://host`` on spa,
    without a path.
    """
    if scene.app is None or scene.match is None or not scene.match.read:
        return unread("redirect", "the redirect URIs of the nested app were not read", "spa.redirectUris")
    host = parse(text).host
    broker = scene.request.get("brk_client_id")
    if not is_guid(broker) or text.casefold() != f"brk-{broker}://{host}".casefold():
        says = "the redirect URI of a broker must be brk-{brk_client_id}://{host of the app}"
        return unread("redirect", says, code=700046, parameter="redirect_uri")
    brokers = (f"brk-{broker}://{host}".casefold(), f"brk-multihub://{host}".casefold())
    if any(one.platform == "spa" and one.uri.text.casefold().rstrip("/") in brokers for one in scene.app.redirects):
        return passed("redirect", f"the registration allows brokers for {host}")
    return failed(
        "redirect",
        700046,
        f"the registration has no redirect URI on spa for brokers of {host}: brk-multihub://{host}",
        property="spa.redirectUris",
        change=f'add "brk-multihub://{host}"',
    )


def _without_broker(scene: Scene) -> list[str]:
    """The registered redirect URIs that a request of the client itself may name."""
    redirects = scene.app.redirects if scene.app is not None else ()
    return [one.uri.text for one in redirects if not one.uri.text.lower().startswith("brk-")]


def _after_sign_out(scene: Scene) -> Iterator[Check]:
    """Where the sign-out page sends users: a registered redirect URI or no page."""
    text, found = scene.request.get("post_logout_redirect_uri"), scene.match
    if not text:
        says = "post_logout_redirect_uri is missing: users stay on the sign-out page"
        yield note("redirect", says, "entra:v2-protocols-oidc", parameter="post_logout_redirect_uri")
    elif has_placeholder(text):
        yield unread("redirect", "post_logout_redirect_uri is a placeholder")
    elif found is None:
        yield unread("redirect", "the registered redirect URIs were not read", "web.redirectUris")
    elif found.found:
        yield from _matched(found, text)
    elif not found.read:
        says = "post_logout_redirect_uri may be registered, because not all registered redirect URIs were read"
        yield unread("redirect", says, "web.redirectUris")
    else:
        near = found.near.uri.text if found.near else ""
        says = "post_logout_redirect_uri is not registered: users stay on the sign-out page"
        says += f". The nearest registered URI, {near}, differs in {found.why}" if near else ""
        yield failed(
            "redirect", 0, says, "entra:v2-protocols-oidc",
            parameter="post_logout_redirect_uri", property=f"{_platform_for(scene, text)}.redirectUris",
            change=_addition(scene, _platform_for(scene, text), text),
            fixes=(Fix("set", "post_logout_redirect_uri", near),) if near else (),
        )  # fmt: skip


def _missing(scene: Scene) -> Iterator[Check]:
    if scene.request.endpoint == "token":
        return  # the grant step says so
    app = scene.app
    if app is None:
        yield unread("redirect", "redirect_uri is missing, and no registration was read")
        return
    first = app.redirects[0].uri.text if app.redirects else ""
    if not all_read(app):
        says = "redirect_uri is missing, and not all registered redirect URIs were read"
        yield unread("redirect", says, "web.redirectUris", code=900971, parameter="redirect_uri")
    elif scene.request.endpoint == "adminconsent" and first.lower().startswith("brk-"):
        yield failed(
            "redirect",
            7000471,
            f"redirect_uri is missing, so the first registered redirect URI is used: {first}, which is for brokers",
            parameter="redirect_uri",
            fixes=tuple(Fix("set", "redirect_uri", other) for other in _without_broker(scene)[:1]),
        )
    elif first and scene.request.endpoint == "adminconsent" and scene.request.version == 1:
        yield note(
            "redirect",
            "redirect_uri is missing, but Microsoft's documents require it. Entra ID uses a registered redirect URI",
            "thread:OfficeDev/office-js#5196",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", first),),
        )
    elif first:
        says = (
            "redirect_uri is missing, but Microsoft's documents require it. Entra ID may use a registered redirect URI"
        )
        fix = Fix("set", "redirect_uri", first)
        yield unread(
            "redirect", says, parameter="redirect_uri", fixes=(fix,), sources=("entra:v2-oauth2-auth-code-flow",)
        )
    else:
        yield failed(
            "redirect", 900971, "redirect_uri is missing, and no redirect URI is registered", parameter="redirect_uri",
            property="web.redirectUris", change="add the URL that receives the response",
        )  # fmt: skip


def _matched(found: Match, text: str) -> Iterator[Check]:
    platforms = list(dict.fromkeys(redirect.platform for redirect in found.found))
    if not found.is_certain(text):
        says = f"{text} differs from {found.found[0].uri.text} in the case or the final dot of the host, the "
        says += "default port or the labels of a wildcard. Microsoft does not document whether this matters"
        yield unread("redirect", says, code=50011, parameter="redirect_uri")
    elif found.by_pattern:
        yield note(
            "redirect",
            f"only the wildcard {found.found[0].uri.text} on {platforms[0]} matches redirect_uri; Entra ID removes "
            "query and fragment",
            "entra:reply-url#wildcards",
        )
    elif len(platforms) > 1:
        yield note(
            "redirect",
            f"redirect_uri is on {' and '.join(platforms)}. Entra ID picks a platform arbitrarily. Keep one platform",
            "entra:reply-url#localhost",
        )
    else:
        yield passed("redirect", f"redirect_uri is registered on {platforms[0]}", "entra:reply-url#registered")


def _unmatched(scene: Scene, text: str, found: Match) -> Check:
    platform, near = _platform_for(scene, text), found.near
    if not found.registered:
        return failed(
            "redirect", 500113, "no redirect URI is registered", property=f"{platform}.redirectUris",
            change=_addition(scene, platform, text) or "add a URL that is allowed", parameter="redirect_uri",
        )  # fmt: skip
    says = "redirect_uri is not registered"
    fixes: tuple[Fix, ...] = ()
    if near is not None:
        says = f"redirect_uri is not registered. The nearest registered URI, {near.uri.text}, differs in {found.why}"
        platform = near.platform
        # Another host and path is another page: it is right only where the client has no choice.
        if found.registered == 1 or not {"the host", "the scheme"} & set(found.differs):
            fixes = (Fix("set", "redirect_uri", _with_port(near.uri, parse(text))),)
    fault = faults(text)
    if fault:
        says += f". The requested URI, {text}, cannot be registered: {fault}"
    change = _addition(scene, platform, text)
    return failed(
        "redirect",
        50011,
        says,
        "entra:reply-url#registered",
        parameter="redirect_uri",
        fixes=fixes,
        property=f"{platform}.redirectUris" if change else "",
        change=change,
    )


def _with_port(registered: Uri, sent: Uri) -> str:
    """The registered URI, on localhost with the port on which the client listens."""
    if not registered.scheme == sent.scheme == "http" or not registered.host == sent.host == "localhost":
        return registered.text
    return registered.text if sent.port is None else f"http://localhost:{sent.port}{registered.path}"


def _addition(scene: Scene, platform: Platform, text: str) -> str:
    """The advice to register *text*; empty where it cannot be registered, or where lint would report it."""
    return "" if faults(text) or _is_reported(scene, platform, text) else f"add {json.dumps(text)}"


def _is_reported(scene: Scene, platform: Platform, text: str) -> bool:
    """Whether the registration has a finding with *text* among its redirect URIs that it has not now."""
    app = scene.app
    if app is None:
        return False
    from rules.engine.rule import Context, Subject
    from rules.engine.run import lint
    from rules.families import RULES

    field = {"web": "web", "spa": "spa", "publicClient": "public_client"}[platform]
    part = getattr(app, field) or {"web": Web, "spa": Spa, "publicClient": PublicClient}[platform]()
    more = msgspec.structs.replace(part, redirect_uris=(*(part.redirect_uris or ()), text))
    after = msgspec.structs.replace(app, **{field: more})
    vars(after)["unread"] = app.unread
    context = Context(scene.now)

    def found(one: Registration) -> Counter[str]:
        rules = (rule for rule in RULES if rule.on == "registration" and rule.status == "stable")
        return Counter(finding.rule for finding in lint([Subject(app=one, key="x")], rules, context).findings)

    return bool(found(after) - found(app))


def _platform_for(scene: Scene, text: str) -> Platform:
    """The platform on which a new redirect URI most likely belongs."""
    uri = parse(text)
    if not uri.is_web:
        return "publicClient"
    if scene.request.origin:
        return "spa"
    if uri.is_loopback and not scene.request.sends_credential and scene.request.endpoint == "token":
        return "publicClient"
    return scene.app.redirects[0].platform if scene.app and scene.app.redirects else "web"


def _same(scene: Scene, text: str) -> Iterator[Check]:
    """A code is redeemed with the redirect URI with which it was requested."""
    if scene.request.endpoint != "token":
        return
    requested = {other.get("redirect_uri") for other in scene.others if other.endpoint == "authorize"} - {""}
    if requested and text not in requested:
        yield failed(
            "redirect",
            50011,
            "redirect_uri differs from the redirect_uri of the sign-in request",
            "thread:PartnerCenterSamples/Reseller-Web-Application#73",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", sorted(requested)[0]),) if len(requested) == 1 else (),
        )
