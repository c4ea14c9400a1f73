"""Whether an application used a grant: seen, not seen within a period, or not known with the reason.

A grant is *not seen* only in a period that complete sources cover for every kind of sign-in in which the grant appears,
and only if no record of the application in this period could hide it.

Sources: Microsoft Graph beta, ``signIn`` and ``protocolType``; "Data retention" and "Log latency" of Microsoft Entra
monitoring. The meaning of members without a description is not assumed: such a record may be of any grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from rules.model.usage import Kind, Reach, Usage, Use

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

#: The first day of a file may have begun before its oldest record. Records arrive with a delay of up to 3 days, which
#: begin within a day.
_MARGIN_START: Final = timedelta(days=1)
_MARGIN_END: Final = timedelta(days=4)

#: A period of this number of days is enough to turn a grant off: what the margins leave of the 30 days of Entra ID P1.
_ENOUGH_DAYS: Final = 25

_BY_QUERY: Final = "run the query of grantlint usage --kql in Log Analytics, and pass its result to --usage"


class GrantUse(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a grant was used. ``start`` and ``end`` bound the period of *not seen*, in which ``failed`` sign-ins did
    not succeed; ``first``, ``last`` and ``count`` describe what was seen. ``why`` and ``remedy`` belong to *not known*.
    """

    grant: str
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
    if not app_id:
        return _not_known(grant, "the registration has no client ID yet", "read the registration from the tenant")
    own = [use for use in usage.uses if use.app_id == app_id.lower() and not use.as_resource]
    seen = [use for use in own if use.result == "success" and _is_certain(use, grant)]
    if seen:
        return _seen(grant, seen)
    if audience != "AzureADMyOrg":
        why = "the audience was not read" if not audience else "sign-ins in other tenants are in their logs only"
        return _not_known(grant, why, "" if audience else "read the registration from the tenant")
    if grant in _NOT_NAMED:
        return _not_known(grant, "sign-in logs do not name this grant", "")
    reasons = []
    for is_activity in (False, True):
        result = _silence(usage, own, grant, created, is_activity=is_activity)
        if isinstance(result, _Period):
            return GrantUse(
                grant=grant,
                state="not-seen",
                start=result.start.isoformat(),
                end=result.end.isoformat(),
                failed=sum(
                    use.count
                    for use in own
                    if use.result == "failure" and use.unit != "dates" and _may_hide(use, grant) and _is_in(use, result)
                ),
                sources=tuple(sorted(result.sources)),
            )
        reasons.append(result)
    return reasons[0] if any(not one.is_activity for one in usage.reach) else reasons[1]


def is_settled(use: GrantUse) -> bool:
    """Whether a grant was not seen for long enough to turn it off."""
    if use.state != "not-seen":
        return False
    return (date.fromisoformat(use.end) - date.fromisoformat(use.start)).days + 1 >= _ENOUGH_DAYS


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


def _silence(usage: Usage, own: Sequence[Use], grant: str, created: str, *, is_activity: bool) -> _Period | GrantUse:
    """The latest period in which the grant was not seen by sources of one sort, else why that is not known."""
    kinds = kinds_of(grant)
    reach = [one for one in usage.reach if one.is_activity == is_activity]
    covered = periods(reach, kinds)
    if not covered:
        return _no_reach(grant, reach, kinds)
    period = covered[-1]
    if created and created >= period.start.isoformat():
        return _not_known(grant, f"the registration was created on {created}, within the period", "")
    mine = [use for use in own if is_activity or use.unit != "dates"]
    hiding = [use for use in mine if use.result != "failure" and _may_hide(use, grant) and _is_in(use, period)]
    if hiding:
        return _hidden(grant, hiding)
    if period.is_grouped and any(use.kind == "nonInteractiveUser" and use.result != "failure" for use in mine):
        return _not_known(grant, "rows of a portal download group sign-ins, and each names only one grant", _BY_QUERY)
    return period


def _is_certain(use: Use, grant: str) -> bool:
    return grants_meant(use) == (grant,) or (grant == "device_code" and use.device_code)


def _may_hide(use: Use, grant: str) -> bool:
    meant = grants_meant(use)
    if meant is None:
        return grant != "client_credentials" and use.kind in (*_USERS, "user")
    return grant in meant or use.protocol in _MAY_HIDE.get(grant, ())


def _is_in(use: Use, period: _Period) -> bool:
    """Whether one of the sign-ins may be in the *period*; one without a date may be."""
    if not use.first or not use.last:
        return True
    return use.first <= period.end.isoformat() and use.last >= period.start.isoformat()


def _seen(grant: str, seen: Sequence[Use]) -> GrantUse:
    units = {use.unit for use in seen} - {"dates"}
    return GrantUse(
        grant=grant,
        state="seen",
        count=sum(use.count for use in seen if use.unit != "dates"),
        unit=units.pop() if len(units) == 1 else "rows" if units else "",
        first=min((use.first for use in seen if use.first), default=""),
        last=max((use.last for use in seen if use.last), default=""),
    )


def _hidden(grant: str, hiding: Sequence[Use]) -> GrantUse:
    if any(use.result == "unknown" for use in hiding):
        return _not_known(grant, "a source shows the last attempt, but not whether it succeeded", _BY_QUERY)
    if all(use.unit == "dates" for use in hiding):
        why = f"the activity report shows a sign-in on {max(use.last for use in hiding)}, but not its grant"
        return _not_known(grant, why, "read sign-in logs too")
    named = sorted({use.protocol for use in hiding if use.protocol in MEANING})
    if named:
        return _not_known(grant, f"sign-ins with the protocol {', '.join(named)} may be this grant", "")
    count = sum(use.count for use in hiding)
    why = f"{count:,} of its records do not name a grant"
    return _not_known(grant, why, "read sign-ins from Microsoft Graph beta or Log Analytics")


def _no_reach(grant: str, reach: Sequence[Reach], kinds: Sequence[Kind]) -> GrantUse:
    """Why no period is covered: a kind without records, or without a complete source, or for too short a time."""
    for kind in kinds:
        mine = [one for one in reach if one.kind == kind]
        if not mine:
            return _not_known(grant, f"no source has records of the kind {kind}", f"add sign-ins of the kind {kind}")
        if not any(one.complete for one in mine):
            first = next(one for one in mine if not one.complete)
            return _not_known(grant, f"{kind} from {first.source}: {first.why}", first.remedy)
    why = "the sources cover no common period, without the first day and the last 4 days of each"
    return _not_known(grant, why, "add sources of a longer period")


def _not_known(grant: str, why: str, remedy: str) -> GrantUse:
    return GrantUse(grant=grant, state="not-known", why=why, remedy=remedy)


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
