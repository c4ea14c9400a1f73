"""The redirect URI: there, absolute, registered, and on which platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from advisor.preflight.prediction import Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.redirects import Match, faults
from advisor.preflight.wire import has_placeholder
from rules.model.registration import Platform
from rules.primitives.uri import parse

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]")


def check_redirect(scene: Scene) -> Iterator[Check]:
    """The redirect URI against the registered ones, where the request needs one."""
    request = scene.request
    if request.endpoint == "devicecode" or (request.endpoint == "token" and scene.grant != "authorization_code"):
        return
    text = request.get("redirect_uri")
    if not text:
        yield from _missing(scene)
        return
    if has_placeholder(text):
        yield unread("redirect", "redirect_uri is still to be filled in")
        return
    uri = parse(text)
    if not uri.scheme or (uri.scheme in ("http", "https") and not uri.host):
        once = unquote(text)
        twice = bool(_ABSOLUTE.match(once))
        yield failed(
            "redirect",
            90102,
            "redirect_uri is encoded twice, so that no address is left"
            if twice
            else "redirect_uri is no absolute address",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", once),) if twice else (),
        )
        return
    found = scene.match
    if found is None:
        yield unread("redirect", "the registered redirect URIs were not read", "web.redirectUris")
    elif found.found:
        yield from _matched(found)
    elif not found.read:
        yield unread(
            "redirect", "it is not one of the redirect URIs that were read, and some were not", "web.redirectUris"
        )
    else:
        yield _unmatched(scene, text, found)
    yield from _same(scene, text)


def _missing(scene: Scene) -> Iterator[Check]:
    if scene.request.endpoint == "token":
        return  # the grant step says so
    app = scene.app
    if app is None:
        yield unread("redirect", "redirect_uri is missing, and no registration tells what is in for it")
        return
    first = app.redirects[0].uri.text if app.redirects else ""
    if first:
        yield note(
            "redirect",
            "redirect_uri is missing: the platform picks a registered one, and the documents call it required",
            "entra:v2-oauth2-auth-code-flow",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", first),),
        )
    else:
        yield failed(
            "redirect", 900971, "redirect_uri is missing, and none is registered", parameter="redirect_uri",
            property="web.redirectUris", change="add the address to which the answer goes",
        )  # fmt: skip


def _matched(found: Match) -> Iterator[Check]:
    platforms = list(dict.fromkeys(redirect.platform for redirect in found.found))
    if found.by_pattern:
        yield note(
            "redirect",
            f"only the pattern {found.found[0].uri.text} on {platforms[0]} covers it; its query and fragment are "
            "dropped",
            "entra:reply-url#wildcards",
        )
    elif len(platforms) > 1:
        yield note(
            "redirect",
            f"it is on {' and '.join(platforms)}: the platform picks one arbitrarily; keep it on one",
            "entra:reply-url#localhost",
        )
    else:
        yield passed("redirect", f"registered on {platforms[0]}", "entra:reply-url#registered")


def _unmatched(scene: Scene, text: str, found: Match) -> Check:
    fault = faults(text)
    platform = _platform_for(scene)
    add = "" if fault else f"add {json.dumps(text)}"
    if not found.registered:
        return failed(
            "redirect", 500113, "no redirect URI is registered", property=f"{platform}.redirectUris",
                change=add or "add an address that is allowed",
            parameter="redirect_uri",
        )  # fmt: skip
    says = "redirect_uri is not one of the registered ones"
    fixes: tuple[Fix, ...] = ()
    if found.near is not None:
        says = f"redirect_uri differs from the registered {found.near.uri.text} in one thing: {found.why}"
        platform = found.near.platform
        if found.why not in ("the host", "the path"):
            fixes = (Fix("set", "redirect_uri", found.near.uri.text),)
    if fault:
        says += f"; and it could not be registered: {fault}"
    return failed(
        "redirect",
        50011,
        says,
        "entra:reply-url#registered",
        parameter="redirect_uri",
        fixes=fixes,
        property=f"{platform}.redirectUris",
        change=add,
    )


def _platform_for(scene: Scene) -> Platform:
    """The platform on which a new redirect URI most likely belongs."""
    uri = parse(scene.request.get("redirect_uri"))
    if not uri.is_web:
        return "publicClient"
    if scene.request.origin:
        return "spa"
    if uri.is_loopback and not scene.request.sends_credential and scene.request.endpoint == "token":
        return "publicClient"
    return scene.app.redirects[0].platform if scene.app and scene.app.redirects else "web"


def _same(scene: Scene, text: str) -> Iterator[Check]:
    """A code is redeemed with the redirect URI with which it was asked for."""
    if scene.request.endpoint != "token":
        return
    requested = {other.get("redirect_uri") for other in scene.others if other.endpoint == "authorize"} - {""}
    if requested and text not in requested:
        yield failed(
            "redirect",
            50011,
            "redirect_uri is not the one of the sign-in request in the same input",
            "thread:PartnerCenterSamples/Reseller-Web-Application#73",
            parameter="redirect_uri",
            fixes=(Fix("set", "redirect_uri", sorted(requested)[0]),) if len(requested) == 1 else (),
        )
