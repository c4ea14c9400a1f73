"""Whether a grant, a credential, an API or a whole application was used: seen, not seen within a period, or not known.

It is *not seen* only in a period that complete sources cover for every kind of sign-in in which it appears, and only if
no record in this period could hide it.

Sources: Microsoft Graph beta, ``signIn`` and ``protocolType``; "Data retention" and "Log latency" of Microsoft Entra
monitoring. The meaning of members without a description is not assumed: such a record may be of any grant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from rules.model.registration import Registration
from rules.model.usage import KIND_WORDS, Kind, Reach, Usage, Use
from rules.primitives.dates import day, moment
from rules.primitives.texts import text_of

UseState = Literal["seen", "not-seen", "not-known"]

#: The grants that a value of ``authenticationProtocol`` may mean; one value is certain. A value that is not here may
#: mean any grant: ``none`` and ``oAuth2`` name nothing, and the others are not documented.
MEANING: Final[dict[str, tuple[str, ...]]] = {
    "authorizationCodeWithPkce": ("authorization_code",),
    "authorizationCodeWithoutPkce": ("authorization_code",),
    "clientCredentials": ("client_credentials",),
    "deviceCode": ("device_code",),
    "ropc": ("password",),
    "refreshTokenGrant": ("refresh_token",),
    "onBehalfOf": ("on_behalf_of",),
    "samlOnBehalfOf": ("on_behalf_of", "saml_bearer"),
    "implicitAccessTokenAndGetResponseMode": ("implicit",),
    "implicitAccessTokenAndPostResponseMode": ("implicit",),
    "implicitIdTokenAndGetResponseMode": ("implicit", "hybrid"),
    "implicitIdTokenAndPostResponseMode": ("implicit", "hybrid"),
    "saml20": (),
    "wsFederation": (),
}

#: Values that name a grant, behind which another may be: a hybrid request returns an ID token and a code.
_MAY_HIDE: Final = {
    "hybrid": frozenset({"authorizationCodeWithPkce", "authorizationCodeWithoutPkce"}),
    "authorization_code": frozenset({"implicitIdTokenAndGetResponseMode", "implicitIdTokenAndPostResponseMode"}),
}

#: No value of ``authenticationProtocol`` means these grants for certain.
_NOT_NAMED: Final = frozenset({"integrated_windows", "saml_bearer"})

_USERS: Final[tuple[Kind, ...]] = ("interactiveUser", "nonInteractiveUser")
_APP_ONLY: Final[tuple[Kind, ...]] = ("servicePrincipal",)
_CLIENTS: Final = (*_USERS, *_APP_ONLY)

#: The first day of a file may have begun before its oldest record. Records arrive with a delay of up to 3 days, which
#: begin within a day.
_MARGIN_START: Final = timedelta(days=1)
_MARGIN_END: Final = timedelta(days=4)

#: A period of this number of days is enough to remove something: what the margins leave of the 30 days of Entra ID P1.
ENOUGH_DAYS: Final = 25

_BY_QUERY: Final = "run the query of grantlint usage --kql in Log Analytics, and pass its result to --usage"


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether something was used. ``start`` and ``end`` bound the period of *not seen*, in which ``failed`` sign-ins
    did not succeed; ``first``, ``last`` and ``count`` describe what was seen; ``why`` and ``remedy`` what is not known.
    """

    state: UseState
    count: int = 0
    unit: str = ""
    first: str = ""
    last: str = ""
    start: str = ""
    end: str = ""
    failed: int = 0
    sources: tuple[str, ...] = ()
    why: str = ""
    remedy: str = ""

    @property
    def days(self) -> int:
        """The number of days of the period of *not seen*; 0 for other states."""
        return (date.fromisoformat(self.end) - date.fromisoformat(self.start)).days + 1 if self.start else 0


class GrantUse(Observed, frozen=True, kw_only=True):
    """Whether a grant was used."""

    grant: str


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What a use leaves in records: in which *kinds* of sign-in, which records show it and which may hide it.

    *what* it is that a record names or not. *grouped* are the kinds in which a row that counts several sign-ins may
    hide it. *is_in_activity*: a report of activity shows its absence too. *is_of_client* is false for what other
    applications may have requested.
    """

    kinds: tuple[Kind, ...]
    shows: Callable[[Use], bool]
    may_hide: Callable[[Use], bool]
    what: Literal["grant", "credential", "API"]
    grouped: tuple[Kind, ...] = ()
    is_in_activity: bool = False
    is_of_client: bool = True


class _Period(msgspec.Struct, frozen=True):
    """Days in which complete sources cover the kinds of sign-in that matter, both ends included."""

    start: date
    end: date
    sources: frozenset[str]
    is_grouped: bool


def grants_meant(use: Use) -> tuple[str, ...] | None:
    """The grants that *use* may be: one is certain, an empty list is not a grant, ``None`` is any grant of a user."""
    if use.kind == "servicePrincipal" and MEANING.get(use.protocol) is None:
        return ("client_credentials",)
    return MEANING.get(use.protocol)


def grant_use(usage: Usage, app_id: str, grant: str, *, audience: str = "AzureADMyOrg", created: str = "") -> GrantUse:
    """Whether the application *app_id* used *grant*.

    *audience* is Graph's ``signInAudience`` (empty where it was not read). *created* is the day of registration.
    """
    use = observed(usage, app_id, _grant(grant), audience=audience, created=created)
    if grant in _NOT_NAMED and use.state != "seen" and audience == "AzureADMyOrg" and app_id:
        use = _not_known("sign-in logs do not name this grant", "")
    return GrantUse(grant=grant, **msgspec.structs.asdict(use))


def _grant(grant: str) -> Trace:
    return Trace(
        kinds=kinds_of(grant),
        shows=lambda use: _is_certain(use, grant),
        may_hide=lambda use: _may_hide(use, grant),
        what="grant",
        grouped=("nonInteractiveUser",),
        is_in_activity=True,
    )


def issued_use(what: Literal["AccessToken", "IdToken"]) -> Trace:
    """The trace of tokens from the authorization endpoint. A record names one of the tokens of a request.

    A hybrid request returns a code with an ID token or an access token (Microsoft Entra, "Authorization code flow",
    ``response_type``).
    """
    issued = f"implicit{what}"
    hides = ("implicit", "authorizationCode")
    return Trace(
        kinds=_USERS,
        shows=lambda use: use.protocol.startswith(issued),
        may_hide=lambda use: _is_of_user(use) and (grants_meant(use) is None or use.protocol.startswith(hides)),
        what="grant",
        grouped=("nonInteractiveUser",),
        is_in_activity=True,
    )


def protocol_use(protocol: str) -> Trace:
    """The trace of one member of ``protocolType``, which names a grant of users."""
    grants = MEANING[protocol]
    return Trace(
        kinds=_USERS,
        shows=lambda use: use.protocol == protocol,
        may_hide=lambda use: (
            grants_meant(use) is None
            or any(use.protocol in _MAY_HIDE.get(one, ()) for one in grants)
            or (use.device_code and "device_code" in grants)
        ),
        what="grant",
        grouped=("nonInteractiveUser",),
    )


def user_sign_ins() -> Trace:
    """The trace of any sign-in of a user."""
    return Trace(
        kinds=_USERS,
        shows=_is_of_user,
        may_hide=_is_of_user,
        what="grant",
        is_in_activity=True,
    )


def credential_use(key_id: str) -> Trace:
    """The trace of a secret or certificate. Sign-ins of users do not name the credential of the client."""
    return Trace(
        kinds=_CLIENTS,
        shows=lambda use: use.credential_id == key_id.lower(),
        may_hide=lambda use: (
            _is_of_user(use) or (not use.credential_id and use.credential not in ("federated", "managed-identity"))
        ),
        what="credential",
        grouped=_APP_ONLY,
    )


def secret_use(key_ids: frozenset[str] = frozenset()) -> Trace:
    """The trace of a secret of the client: any secret, or one of the *key_ids* where a record names it."""
    return Trace(
        kinds=_CLIENTS,
        shows=lambda use: (
            use.credential == "secret" and (not key_ids or not use.credential_id or use.credential_id in key_ids)
        ),
        may_hide=lambda use: _is_of_user(use) or not use.credential,
        what="credential",
        grouped=_APP_ONLY,
    )


def api_use(api_id: str, *, app_only: bool) -> Trace:
    """The trace of tokens for an API: those of the application itself, or of its users."""
    is_kind = _is_app_only if app_only else _is_of_user
    return Trace(
        kinds=_APP_ONLY if app_only else _USERS,
        shows=lambda use: use.resource_id == api_id.lower() and is_kind(use),
        may_hide=lambda use: not use.resource_id and is_kind(use),
        what="API",
    )


def application_use(app_id: str, *, is_api: bool) -> Trace:
    """The trace of a whole application as the client, and as the API that others call.

    Managed identities may call an API too. No document says whether the report of activity counts their calls.
    """
    own = app_id.lower()
    return Trace(
        kinds=(*_CLIENTS, "managedIdentity") if is_api else _CLIENTS,
        shows=lambda use: own in (use.app_id, use.resource_id),
        may_hide=lambda use: not use.resource_id and not use.as_resource and use.unit != "dates",
        what="API",
        is_in_activity=True,
        is_of_client=False,
    )


def observed(usage: Usage, app_id: str, trace: Trace, *, audience: str = "AzureADMyOrg", created: str = "") -> Observed:
    """Whether the records of *usage* about the application *app_id* have the *trace*; see ``grant_use``."""
    if not app_id:
        return _not_known("the registration has no client ID yet", "read the registration from the tenant")
    client = app_id.lower()
    own = [use for use in usage.by_client.get(client, ()) if not (use.as_resource and trace.is_of_client)]
    if not trace.is_of_client:
        own += (use for use in usage.by_api.get(client, ()) if use.app_id != client)
        own += usage.without_api
    seen = [use for use in own if use.result == "success" and trace.shows(use)]
    if seen:
        return _seen(seen)
    if audience != "AzureADMyOrg":
        why = "the audience was not read" if not audience else "sign-ins in other tenants are in their logs only"
        return _not_known(why, "" if audience else "read the registration from the tenant")
    reasons = []
    for is_activity in (False, True) if trace.is_in_activity else (False,):
        result = _silence(usage, own, trace, created, is_activity=is_activity)
        if isinstance(result, _Period):
            return Observed(
                state="not-seen",
                start=result.start.isoformat(),
                end=result.end.isoformat(),
                failed=sum(
                    use.count
                    for use in own
                    if use.result == "failure"
                    and use.unit != "dates"
                    and (trace.shows(use) or trace.may_hide(use))
                    and _is_in(use, result)
                ),
                sources=tuple(sorted(result.sources)),
            )
        reasons.append(result)
    return reasons[-1] if len(reasons) > 1 and all(one.is_activity for one in usage.reach) else reasons[0]


def use_by(app: Registration, usage: Usage, trace: Trace) -> Observed:
    """Whether the records of *usage* about the registration *app* have the *trace*."""
    audience = text_of(app.sign_in_audience)
    return observed(usage, text_of(app.app_id), trace, audience=audience, created=created_on(app))


def created_on(app: Registration) -> str:
    """The day on which *app* was created; empty where it is not known."""
    created = moment(app.created_date_time)
    return day(created) if isinstance(created, datetime) else ""


def is_settled(use: Observed) -> bool:
    """Whether something was not seen for long enough to remove it."""
    return use.days >= ENOUGH_DAYS


def attempts(usage: Usage, app_id: str) -> list[Use]:
    """All sign-ins of the client *app_id*, successful or not."""
    return [use for use in usage.by_client.get(app_id.lower(), ()) if not use.as_resource]


def tokens_within(usage: Usage, app_id: str, silent: Observed) -> list[Use]:
    """The successful sign-ins of the application *app_id* in the period of *silent*."""
    return [
        use
        for use in attempts(usage, app_id)
        if use.result == "success"
        and use.unit != "dates"
        and silent.start <= use.last
        and use.first
        and use.first <= silent.end
    ]


def kinds_of(grant: str) -> tuple[Kind, ...]:
    """The kinds of sign-in in which a grant appears."""
    return ("servicePrincipal",) if grant == "client_credentials" else _USERS


def periods(reach: Iterable[Reach], kinds: Sequence[Kind]) -> list[_Period]:
    """The periods in which complete sources cover all *kinds*, the latest last."""
    by_kind = [_joined(one for one in reach if one.kind == kind and one.complete) for kind in kinds]
    found = by_kind[0]
    for others in by_kind[1:]:
        found = [both for one in found for other in others if (both := _overlap(one, other))]
    return sorted(found, key=lambda period: period.end)


def _silence(usage: Usage, own: Sequence[Use], trace: Trace, created: str, *, is_activity: bool) -> _Period | Observed:
    """The latest period in which sources of one sort do not show the *trace*, else why that is not known."""
    reach = [one for one in usage.reach if one.is_activity == is_activity]
    covered = periods(reach, trace.kinds)
    if not covered:
        return _no_reach(reach, trace.kinds)
    period = covered[-1]
    if created and created >= period.start.isoformat():
        return _not_known(f"the registration was created on {created}, within the period", "")
    mine = [use for use in own if use.result != "failure" and (is_activity or use.unit != "dates")]
    hiding = [use for use in mine if (trace.shows(use) or trace.may_hide(use)) and _is_in(use, period)]
    if hiding:
        return _hidden(hiding, trace)
    if period.is_grouped and any(use.kind in trace.grouped for use in mine):
        why = f"rows of a portal download group sign-ins, and each names only one {trace.what}"
        return _not_known(why, _BY_QUERY)
    return period


def _is_of_user(use: Use) -> bool:
    return use.kind in (*_USERS, "user")


def _is_app_only(use: Use) -> bool:
    return use.kind in _APP_ONLY


def _is_certain(use: Use, grant: str) -> bool:
    return grants_meant(use) == (grant,) or (grant == "device_code" and use.device_code)


def _may_hide(use: Use, grant: str) -> bool:
    meant = grants_meant(use)
    if meant is None:
        return grant != "client_credentials" and _is_of_user(use)
    return grant in meant or use.protocol in _MAY_HIDE.get(grant, ())


def _is_in(use: Use, period: _Period) -> bool:
    """Whether one of the sign-ins may be in the *period*; one without a date may be."""
    if not use.first or not use.last:
        return True
    return use.first <= period.end.isoformat() and use.last >= period.start.isoformat()


def _seen(seen: Sequence[Use]) -> Observed:
    units = {use.unit for use in seen} - {"dates"}
    return Observed(
        state="seen",
        count=sum(use.count for use in seen if use.unit != "dates"),
        unit=units.pop() if len(units) == 1 else "rows" if units else "",
        first=min((use.first for use in seen if use.first), default=""),
        last=max((use.last for use in seen if use.last), default=""),
    )


def _hidden(hiding: Sequence[Use], trace: Trace) -> Observed:
    if any(use.result == "unknown" for use in hiding):
        return _not_known("a source shows the last attempt, but not whether it succeeded", _BY_QUERY)
    if all(use.unit == "dates" for use in hiding):
        why = f"the activity report shows a sign-in on {max(use.last for use in hiding)}, but not its {trace.what}"
        return _not_known(why, "read sign-in logs too")
    if trace.what == "credential" and any(map(_is_of_user, hiding)):
        return _not_known("sign-ins of users do not name the credential of the client", "")
    named = sorted({use.protocol for use in hiding if use.protocol in MEANING})
    if named and trace.what == "grant":
        return _not_known(f"sign-ins with the protocol {', '.join(named)} may be this grant", "")
    count = sum(use.count for use in hiding)
    why = f"{count:,} of its records do not name {'an' if trace.what == 'API' else 'a'} {trace.what}"
    return _not_known(why, "read sign-ins from Microsoft Graph beta or Log Analytics")


def _no_reach(reach: Sequence[Reach], kinds: Sequence[Kind]) -> Observed:
    """Why no period is covered: a kind without records, or without a complete source, or for too short a time."""
    for kind in kinds:
        mine = [one for one in reach if one.kind == kind]
        if not mine:
            return _not_known(f"no source has {KIND_WORDS[kind]}", f"add {KIND_WORDS[kind]}")
        if not any(one.complete for one in mine):
            first = next(one for one in mine if not one.complete)
            return _not_known(f"{KIND_WORDS[kind]} from {first.source}: {first.why}", first.remedy)
    why = "the sources cover no common period, without the first day and the last 4 days of each"
    return _not_known(why, "add sources of a longer period")


def _not_known(why: str, remedy: str) -> Observed:
    return Observed(state="not-known", why=why, remedy=remedy)


def _joined(reach: Iterable[Reach]) -> list[_Period]:
    """The periods of one kind, without the margins; periods that touch are one."""
    found: list[_Period] = []
    for one in sorted(_usable(reach), key=lambda period: period.start):
        if found and one.start <= found[-1].end + timedelta(days=1):
            last = found[-1]
            found[-1] = _Period(
                last.start, max(last.end, one.end), last.sources | one.sources, last.is_grouped or one.is_grouped
            )
        else:
            found.append(one)
    return found


def _usable(reach: Iterable[Reach]) -> Iterator[_Period]:
    for one in reach:
        if one.start and one.end:
            start, end = date.fromisoformat(one.start) + _MARGIN_START, date.fromisoformat(one.end) - _MARGIN_END
            if start <= end:
                yield _Period(start, end, frozenset({one.source}), one.is_grouped)


def _overlap(one: _Period, other: _Period) -> _Period | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    if start > end:
        return None
    return _Period(start, end, one.sources | other.sources, one.is_grouped or other.is_grouped)
