"""The posture of a registration: which grants it allows today, and by which properties.

In: a registration and the moment at which credentials are checked. Out: one fact for each grant, *allowed*, *blocked*
or *unknown*. A grant is unknown only where a property that was not read could change the answer.

Not considered, since a registration does not contain it: Conditional Access, consent, disabled service principals.

Sources: Microsoft, "Application manifest" (``isFallbackPublicClient``), "AADSTS7000218" (how Entra tells the client
type: by the platform of the redirect URI, and by the fallback where a request carries none), "Implicit grant",
"Authorization code" (``spa`` is compatible with implicit), "Resource owner password" (a confidential client sends its
credential too), "Supported features" of External ID (external tenants do not support the password grant),
"Authentication flow support in MSAL" (device code is for public clients; which grants return refresh tokens).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from rules.analysis.federation import federated
from rules.analysis.lifetimes import Life, certificates, secrets
from rules.model.registration import DISABLED, Platform, Registration, disabled_at, read_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.model.registration import Credential

State = Literal["allowed", "blocked", "unknown"]

#: True, false, or ``None`` where a value that decides it was not read.
Known = bool | None


class PostureFact(msgspec.Struct, frozen=True):
    """Whether the registration allows a grant; ``by`` are the JSON pointers that decide it, ``note`` says how."""

    grant: str
    state: State
    by: tuple[str, ...] = ()
    note: str = ""


class _Seen(msgspec.Struct, frozen=True):
    """All that a posture depends on. Few combinations exist, so a tenant's postures are worked out a few times."""

    web: Known
    spa: Known
    native: Known
    federated: Known
    certificate: Known
    secret: Known
    had_credential: bool
    fallback: bool | UnsetType | None
    personal_only: bool
    external: bool
    exposed: Known
    id_token: Known
    access_token: Known
    disabled: str


def posture(app: Registration, now: datetime) -> tuple[PostureFact, ...]:
    """The posture of *app* at *now* (aware), in the order of ``rules.analysis.grants.TOKEN_GRANTS``."""
    platforms = {redirect.platform for redirect in app.redirects}
    return _facts(
        _Seen(
            web=_redirects(app, "web", platforms),
            spa=_redirects(app, "spa", platforms),
            native=_redirects(app, "publicClient", platforms),
            federated=_federated(app),
            certificate=_has_valid(app, "/keyCredentials", app.key_credentials, certificates(app), now),
            secret=_has_valid(app, "/passwordCredentials", app.password_credentials, secrets(app), now),
            had_credential=bool(secrets(app) or certificates(app) or app.federated_identity_credentials),
            fallback=app.is_fallback_public_client,
            # An audience that was not read is taken as one with work or school accounts: all values but one have them.
            personal_only=app.allows_only_personal_accounts,
            external=app.is_in_external_tenant,
            exposed=_exposed(app),
            id_token=_switch(app, "enableIdTokenIssuance"),
            access_token=_switch(app, "enableAccessTokenIssuance"),
            disabled=disabled_at(app),
        ),
        is_blueprint=app.kind == "blueprint",
    )


# Reading: the registration's properties as three-valued answers.


def _partly(app: Registration, pointer: str) -> bool:
    """Say whether the value at *pointer*, or something inside it, was not read."""
    return any(place == pointer or place.startswith(pointer + "/") for place in app.unread)


def _redirects(app: Registration, platform: Platform, seen: set[Platform]) -> Known:
    if platform in seen:
        return True
    unread = read_value(app, f"{platform}.redirectUris") is UNSET or _partly(app, f"/{platform}/redirectUris")
    return None if unread else False


def _switch(app: Registration, name: str) -> Known:
    value = read_value(app, f"web.implicitGrantSettings.{name}")
    return None if value is UNSET else value is True


def _exposed(app: Registration) -> Known:
    """Say whether it exposes delegated permissions, so that callers can have a user's token for it."""
    scopes = read_value(app, "api.oauth2PermissionScopes")
    if scopes is UNSET:
        return None
    states = [scope.is_enabled for scope in scopes or ()]
    if True in states:
        return True
    return None if UNSET in states or _partly(app, "/api/oauth2PermissionScopes") else False


def _federated(app: Registration) -> Known:
    """Say whether a token can match a federated credential."""
    answers = [place.accepts_tokens for place in federated(app)]
    if True in answers:
        return True
    is_unread = app.federated_identity_credentials is UNSET or _partly(app, "/federatedIdentityCredentials")
    return None if is_unread or None in answers else False


def _has_valid(
    app: Registration,
    pointer: str,
    credentials: tuple[Credential, ...] | UnsetType | None,
    lives: tuple[Life, ...],
    now: datetime,
) -> Known:
    """Say whether one of the *lives* among *credentials* authenticates the client at *now*."""
    if credentials is UNSET:
        return None
    answers = [_holds(life, now) for life in lives]
    if True in answers:
        return True
    return None if None in answers or _partly(app, pointer) else False


def _holds(life: Life, now: datetime) -> Known:
    if not life.is_valid_at(now):
        return False
    # A start that cannot be read is nearly always in the past; an end may be on either side.
    return True if life.end is not UNSET and life.is_known_to_prove else None


# Checking: what that means for each grant.


class _Need(msgspec.Struct, frozen=True):
    """One condition: met, not met, or not known, with its pointers and the note about it."""

    met: Known
    by: tuple[str, ...] = ()
    note: str = ""


_STATES: Final[dict[Known, State]] = {True: "allowed", False: "blocked", None: "unknown"}

#: Grants whose answer may contain a refresh token, in the order in which one is taken.
REFRESHABLE: Final = (
    "authorization_code",
    "device_code",
    "on_behalf_of",
    "hybrid",
    "integrated_windows",
    "password",
)


#: The grants of an agent identity blueprint, besides ``refresh_token``: it is a confidential client, and no user signs
#: in to it. Source: Microsoft, "Authentication protocols in agents", "Supported grant types" and "Unsupported flows".
_OF_BLUEPRINTS: Final = ("client_credentials", "on_behalf_of")
_NOT_OF_BLUEPRINTS: Final = _Need(
    met=False, by=("/@odata.type",), note="an agent identity blueprint does not support this grant"
)


@lru_cache(maxsize=4096)
def _facts(seen: _Seen, *, is_blueprint: bool = False) -> tuple[PostureFact, ...]:
    web, spa, native = _platform("web", seen.web), _platform("spa", seen.spa), _platform("publicClient", seen.native)
    proof = _proof(seen)
    public = _public(seen.fallback)
    organizations = _organizations(seen)
    id_token = _issues("enableIdTokenIssuance", "ID tokens", seen.id_token)
    access_token = _issues("enableAccessTokenIssuance", "access tokens", seen.access_token)
    no_code = "a code for web is redeemed with a valid credential only" if seen.web else "no redirect URI"
    code = _any(spa, native, _all(web, proof), otherwise=no_code)
    grants = {
        "authorization_code": code,
        "client_credentials": _all(organizations, proof),
        "device_code": public,
        "on_behalf_of": _all(proof, _audience(seen.exposed)),
        "hybrid": _all(id_token, code),
        "integrated_windows": _all(organizations, public),
        "saml_bearer": _all(organizations, proof, _Need(met=True, note="only for users whom AD FS signs in")),
        "password": _all(
            organizations,
            _workforce(seen),
            _any(public, proof, otherwise="not a public client, and no valid credential to send along"),
        ),
        "implicit": _all(
            _any(access_token, id_token, otherwise="implicit grant is turned off for access tokens and ID tokens"),
            _any(web, spa, otherwise="no redirect URI on web or spa"),
        ),
    }
    if is_blueprint:
        grants = {name: need if name in _OF_BLUEPRINTS else _NOT_OF_BLUEPRINTS for name, need in grants.items()}
    if seen.disabled:
        note = f"no token is issued: the application is {DISABLED[seen.disabled]}"
        grants = dict.fromkeys(grants, _Need(met=False, by=(f"/{seen.disabled}",), note=note))
    return tuple(PostureFact(grant, _STATES[need.met], need.by, need.note) for grant, need in _with_refresh(grants))


def _with_refresh(grants: dict[str, _Need]) -> Iterator[tuple[str, _Need]]:
    """Add ``refresh_token`` in its place: it is allowed if a grant is allowed that issues refresh tokens."""
    refresh = _any(*(grants[name] for name in REFRESHABLE), otherwise="no allowed grant returns a refresh token")
    if refresh.met:
        sources = [name for name in REFRESHABLE if grants[name].met]
        refresh = _Need(met=True, by=grants[sources[0]].by, note=f"follows from {', '.join(sources)}")
    for name, need in grants.items():
        yield name, need
        if name == "on_behalf_of":
            yield "refresh_token", refresh


def _all(*needs: _Need) -> _Need:
    """Every need must be met: the first one not met decides, else the first one not known."""
    for met in (False, None):
        for need in needs:
            if need.met is met:
                return need
    return _Need(met=True, by=_merge(needs), note=_notes(needs))


def _any(*needs: _Need, otherwise: str) -> _Need:
    """One met need is enough, then one that is not known; otherwise not met, with *otherwise* as the note."""
    for met in (True, None):
        found = [need for need in needs if need.met is met]
        if found:
            return _Need(met=met, by=_merge(found), note=_notes(found))
    return _Need(met=False, by=_merge(needs), note=otherwise)


def _merge(needs: Iterable[_Need]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pointer for need in needs for pointer in need.by))


def _notes(needs: Iterable[_Need]) -> str:
    return "; ".join(dict.fromkeys(need.note for need in needs if need.note))


def _platform(platform: Platform, met: Known) -> _Need:
    notes = {True: "a redirect URI on {}", False: "no redirect URI on {}", None: "redirect URIs on {} were not read"}
    return _Need(met, (f"/{platform}/redirectUris",), notes[met].format(platform))


def _issues(name: str, what: str, met: Known) -> _Need:
    notes = {
        True: "{} from the authorization endpoint",
        False: "{} are turned off",
        None: "the switch for {} was not read",
    }
    return _Need(met, (f"/web/implicitGrantSettings/{name}",), notes[met].format(what))


def _public(fallback: bool | UnsetType | None) -> _Need:  # noqa: FBT001 - a value of the registration
    """Say whether a request without a redirect URI may be one of a public client.

    Null means no, as false does, whatever redirect URIs are registered: Entra uses the platform of the URI in the
    request, and these requests carry none.
    """
    if fallback is UNSET:
        return _Need(None, ("/isFallbackPublicClient",), "the public client fallback was not read")
    notes = {
        True: "public client fallback",
        False: "public client fallback is off",
        None: "public client fallback is not set",
    }
    note = notes[fallback] + ("" if fallback else ": without a redirect URI in the request the client is confidential")
    return _Need(fallback is True, ("/isFallbackPublicClient",), note)


def _organizations(seen: _Seen) -> _Need:
    if seen.personal_only:
        return _Need(met=False, by=("/signInAudience",), note="personal accounts only, and those cannot use this grant")
    return _Need(met=True)


def _workforce(seen: _Seen) -> _Need:
    if seen.external:
        by = ("/nativeAuthenticationApisEnabled",)
        return _Need(met=False, by=by, note="external tenants do not support this grant")
    return _Need(met=True)


def _audience(exposed: Known) -> _Need:
    notes = {
        True: "exposes delegated permissions",
        False: "exposes no delegated permission, so no user's token is issued for it",
        None: "exposed permissions were not read",
    }
    return _Need(exposed, ("/api/oauth2PermissionScopes",), notes[exposed])


def _proof(seen: _Seen) -> _Need:
    """Say whether a credential authenticates the client today."""
    answers = {
        "/federatedIdentityCredentials": seen.federated,
        "/keyCredentials": seen.certificate,
        "/passwordCredentials": seen.secret,
    }
    valid = tuple(pointer for pointer, met in answers.items() if met)
    if valid:
        return _Need(met=True, by=valid, note="a valid credential")
    unread = tuple(pointer for pointer, met in answers.items() if met is None)
    if unread:
        return _Need(met=None, by=unread, note=f"not known: {', '.join(pointer[1:] for pointer in unread)}")
    note = "no credential that is valid today" if seen.had_credential else "no credential"
    return _Need(met=False, by=tuple(answers), note=note)
