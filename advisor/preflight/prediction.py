"""What the preflight says about a request: one check after the other, the first failure's code, a corrected request."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Literal

import msgspec

from advisor.preflight.codes import load_codes
from advisor.preflight.redirects import Match, match_redirect
from advisor.preflight.wire import BROWSER, PUBLIC, AuthRequest, Facts, Parameter, Place
from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all
from rules.model.registration import Platform, Registration

State = Literal["passed", "failed", "unread", "note"]
Outcome = Literal["accepted", "fails", "unknown"]
Client = Literal["public", "confidential"]


class Fix(msgspec.Struct, frozen=True):
    """A change to the request: a parameter to set or drop, another tenant, endpoint, version or method, or a header."""

    kind: Literal["set", "drop", "tenant", "endpoint", "version", "method", "origin", "basic", "form"]
    name: str = ""
    value: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the platform.

    ``code`` is the AADSTS code of a failure, or of a possible failure if the answer is not known; 0 without a known
    code. ``property`` and ``change`` say what to set in the registration, ``parameter`` and ``fixes`` what to change
    in the request. A ``note`` does not stop the request. ``reported`` says that lint would report the change to the
    registration. It is not advice then, and only a recipe shows it, because its user chose the grant.
    """

    step: str
    state: State
    says: str
    code: int = 0
    property: str = ""
    change: str = ""
    parameter: str = ""
    fixes: tuple[Fix, ...] = ()
    sources: tuple[Reference, ...] = ()
    reported: bool = False


class Uncertain(msgspec.Struct, frozen=True):
    """What depends on more than a registration, with the codes of its failures."""

    text: str
    codes: tuple[int, ...] = ()


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one request. ``code`` is that of the first failure; where the answer is not known, of the failure
    that is possible. ``corrected`` is a request that was checked again and does not fail.
    """

    request: AuthRequest
    registration: str
    outcome: Outcome
    code: int
    checks: tuple[Check, ...]
    uncertain: tuple[Uncertain, ...]
    corrected: AuthRequest | None = None


class Scene(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a step checks: the request, the registration (``None`` when there is none), the moment, the other requests.

    ``foreign`` says that a registration was given, and that it is another client's. ``registrations`` are all that were
    read: one of them may be the API.
    """

    request: AuthRequest
    app: Registration | None
    now: datetime
    others: tuple[AuthRequest, ...] = ()
    foreign: bool = False
    registrations: tuple[Registration, ...] = ()

    @cached_property
    def match(self) -> Match | None:
        """How the redirect URI matches; ``None`` without a redirect URI or a registration."""
        text = self.request.get("post_logout_redirect_uri" if self.request.endpoint == "logout" else "redirect_uri")
        return match_redirect(self.app, text) if text and self.app is not None else None

    @property
    def platform(self) -> Platform | None:
        """The platform of the redirect URI, where there is exactly one."""
        platforms = {redirect.platform for redirect in self.match.found} if self.match else set()
        return platforms.pop() if len(platforms) == 1 else None

    @property
    def grant(self) -> str:
        """The value of ``grant_type``; a device code request counts as the grant that it begins."""
        if self.request.endpoint == "devicecode":
            return DEVICE
        return self.request.get("grant_type") if self.request.endpoint == "token" else ""

    @property
    def page(self) -> tuple[str, ...]:
        """The page of Microsoft's documentation about this grant."""
        name = _PAGES.get(self.grant, "")
        return (f"entra:{name}",) if name else ()

    @property
    def response_types(self) -> frozenset[str]:
        """The words of ``response_type``."""
        return frozenset(self.request.get("response_type").split())


DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SAML1 = "urn:ietf:params:oauth:grant-type:saml1_1-bearer"
SAML2 = "urn:ietf:params:oauth:grant-type:saml2-bearer"

#: The page of each grant, below ``learn.microsoft.com/entra/identity-platform/``.
_PAGES = {
    "authorization_code": "v2-oauth2-auth-code-flow",
    "refresh_token": "v2-oauth2-auth-code-flow",
    "client_credentials": "v2-oauth2-client-creds-grant-flow",
    "password": "v2-oauth-ropc",
    DEVICE: "v2-oauth2-device-code",
    BEHALF: "v2-oauth2-on-behalf-of-flow",
    SAML2: "v2-saml-bearer-assertion",
}


def passed(step: str, says: str, *sources: str) -> Check:
    """A step that the request passes."""
    return Check(step=step, state="passed", says=says, sources=_sources(0, sources))


def note(step: str, says: str, *sources: str, parameter: str = "", fixes: tuple[Fix, ...] = ()) -> Check:
    """Something to know that does not stop the request."""
    return Check(step=step, state="note", says=says, parameter=parameter, fixes=fixes, sources=_sources(0, sources))


def unread(
    step: str,
    says: str,
    property: str = "",
    *,
    code: int = 0,
    parameter: str = "",
    fixes: tuple[Fix, ...] = (),
    sources: tuple[str, ...] = (),
) -> Check:
    """A step that cannot be checked, because a value is not known; *code* may follow."""
    return Check(
        step=step,
        state="unread",
        says=says,
        code=code,
        property=property,
        parameter=parameter,
        fixes=fixes,
        sources=_sources(code, sources),
    )


def failed(
    step: str,
    code: int,
    says: str,
    *sources: str,
    property: str = "",
    change: str = "",
    parameter: str = "",
    fixes: tuple[Fix, ...] = (),
    reported: bool = False,
) -> Check:
    """A step at which the platform rejects the request; *code* is 0 if no code is known."""
    return Check(
        step=step,
        state="failed",
        says=says,
        code=code,
        property=property,
        change=change,
        parameter=parameter,
        fixes=fixes,
        sources=_sources(code, sources),
        reported=reported,
    )


def _sources(code: int, names: tuple[str, ...]) -> tuple[Reference, ...]:
    own = cite_all("a check of a request", *names)
    return tuple(dict.fromkeys((*own, *(load_codes()[code].sources if code else ()))))


def corrected(request: AuthRequest, fixes: tuple[Fix, ...]) -> AuthRequest:
    """*request* with the *fixes*, in order."""
    for fix in fixes:
        match fix.kind:
            case "set":
                request = _set(request, fix.name, fix.value)
            case "drop":
                kept = tuple(p for p in request.parameters if p.name != fix.name)
                request = msgspec.structs.replace(request, parameters=kept)
            case "tenant":
                request = msgspec.structs.replace(request, tenant=fix.value)
            case "endpoint":
                signs_in = fix.value == "authorize"
                place: Place = "query" if signs_in else "body"
                moved = tuple(msgspec.structs.replace(p, place=place) for p in request.parameters)
                request = msgspec.structs.replace(
                    request,
                    endpoint="authorize" if signs_in else "token",
                    method="GET" if signs_in else "POST",
                    parameters=moved,
                )
            case "version":
                request = msgspec.structs.replace(request, version=2)
            case "method":
                moved = tuple(msgspec.structs.replace(p, place="body") for p in request.parameters)
                moved = request.parameters if request.endpoint in BROWSER else moved
                request = msgspec.structs.replace(request, method=fix.value, parameters=moved)
            case "origin":
                request = msgspec.structs.replace(request, origin=bool(fix.value))
            case "basic":
                request = msgspec.structs.replace(request, basic=False)
            case "form":
                moved = tuple(msgspec.structs.replace(p, place="body") for p in request.parameters)
                request = msgspec.structs.replace(request, form=True, parameters=moved)
    return request


def _set(request: AuthRequest, name: str, value: str) -> AuthRequest:
    place: Place = "query" if request.endpoint in BROWSER and request.method == "GET" else "body"
    new = Parameter(name, value, place, None if name in PUBLIC else Facts(given=True, template=True))
    if any(p.name == name for p in request.parameters):
        changed = tuple(new if p.name == name else p for p in request.parameters)
    else:
        changed = (*request.parameters, new)
    return msgspec.structs.replace(request, parameters=changed)
