"""Which credentials the tenant's default app management policy keeps applications from getting.

Tools differ: for some an enabled policy is enough, for some one enabled restriction, and some take a missing entry for
a restriction. These rules check what can still be added: each restriction by its own state, for applications and for
service principals. A policy without any restriction is one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UnsetType

from rules.analysis.restrictions import (
    NEEDS,
    NOT_A_DATE,
    SIDES,
    UNKNOWN_STATE,
    Group,
    Restriction,
    Side,
    by_kind,
    exempt_before,
    of_default,
    place,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.clean_tenant import clean_tenant
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET
from rules.model.tenant import Tenant
from rules.primitives.dates import day, span
from rules.primitives.durations import duration
from rules.primitives.texts import counted

_AT: Final = "/defaultAppManagementPolicy"
_APPLICATIONS: Final = f"{_AT}/applicationRestrictions"
_PRINCIPALS: Final = f"{_AT}/servicePrincipalRestrictions"


def _with(kinds: Mapping[str, Mapping[str, Any] | None], *members: str) -> dict[str, Any]:
    """A fragment in which restrictions of the clean tenant are changed, or left out (``None``), on one side or both."""
    default = clean_tenant()["defaultAppManagementPolicy"]
    changed: dict[str, Any] = {}
    for member in members or ("applicationRestrictions", "servicePrincipalRestrictions"):
        changed[member] = {}
        for group in ("passwordCredentials", "keyCredentials"):
            entries = {entry["restrictionType"]: entry for entry in default[member][group]}
            if not kinds.keys().isdisjoint(entries):
                changed[member][group] = [
                    _stated({**entry, **(kinds.get(kind) or {})})
                    for kind, entry in entries.items()
                    if kinds.get(kind, {}) is not None
                ]
    return {"defaultAppManagementPolicy": changed}


def _stated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A restriction without its empty members, for short examples."""
    return {name: value for name, value in entry.items() if value is not None}


_NOTHING: Final[dict[str, Any]] = {"passwordCredentials": [], "keyCredentials": [], "identifierUris": None}
_DISABLED: Final = {"state": "disabled"}
_NO_ADDITION: Final = {"passwordAddition": _DISABLED}
_PRINCIPALS_ALONE: Final = "servicePrincipalRestrictions"
_ADDED: Final = ("secret-addition-allowed",)


_UNRESTRICTED_APP_CREDENTIALS_BAD: Final = (
    Bad(
        {
            "defaultAppManagementPolicy": {
                "isEnabled": False,
                "applicationRestrictions": {**_NOTHING, "identifierUris": {}},
                "servicePrincipalRestrictions": _NOTHING,
            }
        },
        at=f"{_AT}/isEnabled",
        expected_rules=("any-identifier-uri-allowed",),
    ),
    Bad(
        {"defaultAppManagementPolicy": {"isEnabled": False}},
        at=f"{_AT}/isEnabled",
        expected_rules=("any-identifier-uri-allowed",),
    ),
    Bad(
        {
            "defaultAppManagementPolicy": {
                "applicationRestrictions": {**_NOTHING, "identifierUris": {}},
                "servicePrincipalRestrictions": _NOTHING,
            }
        },
        at=f"{_APPLICATIONS}/passwordCredentials",
    ),
)


@rule(
    "unrestricted-app-credentials",
    on="tenant",
    severity="medium",
    needs_all=NEEDS,
    checks=("TP-08",),
    references=("graph:applicationauthenticationmethodpolicy", "graph:tenantappmanagementpolicy"),
    bad=_UNRESTRICTED_APP_CREDENTIALS_BAD,
    good=(
        Good({}),
        Good(
            _with(
                {
                    "passwordAddition": {"state": "enabled"},
                    "customPasswordAddition": None,
                    "passwordLifetime": None,
                    "symmetricKeyAddition": None,
                    "symmetricKeyLifetime": None,
                    "asymmetricKeyLifetime": None,
                }
            ),
            why="one restriction is enabled, and other rules report the missing ones",
        ),
    ),
    base="tenant",
)
def unrestricted_app_credentials(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The tenant's default app management policy restricts no credential.

    Why: The default policy limits neither the credentials that owners add to applications nor their lifetime. An
        attacker who compromises an owner can add a credential to keep access.
    Acceptable: The default policy is acceptable if each application has an assigned app management policy that
        restricts its credentials.
    Fix: Set isEnabled to true, and enable restrictions on adding secrets and on certificate lifetime.
    """
    policy = tenant.default_app_management_policy
    if not policy:
        return
    restrictions = [*of_default(policy)]
    if policy.is_enabled is None:
        yield Gap(f"{_AT}/isEnabled", "null does not say whether the policy is enabled")
    elif policy.is_enabled is not True:
        kept = any(one.is_on for one in restrictions)
        says = "has a disabled default app management policy" + (" that contains restrictions" if kept else "")
        yield Hit(pointer=f"{_AT}/isEnabled", message=says, set_to=True if kept else UNSET)
    elif not any(one.is_on for one in restrictions):
        unknown = [one for one in restrictions if one.is_on is None]
        yield from (Gap(one.state_pointer, UNKNOWN_STATE) for one in unknown)
        if not unknown:
            says = "has a default app management policy that restricts no credential"
            yield Hit(pointer=f"{_APPLICATIONS}/passwordCredentials", message=says)


@rule(
    "secret-addition-allowed",
    on="tenant",
    severity="low",
    needs_all=NEEDS,
    checks=("TP-09",),
    references=(
        "entra:configure-app-management-policies",
        "entra:app-best-practices#credentials",
        "graph:passwordcredentialconfiguration",
        "web:scuba-entra#5.5",
    ),
    bad=(
        Bad(_with(_NO_ADDITION), at=f"{_APPLICATIONS}/passwordCredentials/0/state"),
        Bad(_with({"passwordAddition": None}), at=f"{_APPLICATIONS}/passwordCredentials"),
        Bad(_with(_NO_ADDITION, _PRINCIPALS_ALONE), at=f"{_PRINCIPALS}/passwordCredentials/0/state"),
        Bad(_with({"symmetricKeyAddition": _DISABLED}), at=f"{_APPLICATIONS}/passwordCredentials/2/state"),
    ),
    good=(
        Good(
            {"defaultAppManagementPolicy": {"isEnabled": False, "applicationRestrictions": {"identifierUris": None}}},
            why="unrestricted-app-credentials reports a disabled policy",
        ),
        Good(_with({"customPasswordAddition": None}), why="passwordAddition also blocks custom secrets"),
    ),
    base="tenant",
)
def secret_addition_allowed(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Secrets or symmetric keys can be added to applications or service principals.

    Why: Secrets are often mismanaged, and symmetric keys are effectively secrets. Anyone who finds a secret or a
        symmetric key can authenticate as the application.
    Acceptable: Secrets are acceptable while clients cannot use a managed identity, a federated credential or a
        certificate yet. A short lifetime of secrets limits the risk.
    Fix: Enable passwordAddition and symmetricKeyAddition for applications and service principals. Assign an app
        management policy with an exception to the few applications that need a secret.
    """
    restrictions = by_kind(tenant)
    if restrictions is None:
        return
    found: list[tuple[str, Side, str]] = []
    for kind, what in _ADDITIONS.items():
        for side in SIDES:
            one = restrictions.get((side, kind))
            if one is not None and one.is_on is None:
                yield Gap(one.state_pointer, UNKNOWN_STATE)
            elif one is None or not one.is_on:
                found.append((f"{one.pointer}/state" if one else place(side, "passwordCredentials"), side, what))
    if found:
        pointer = found[0][0]
        others = {at: f"{words} of {side}" for at, side, words in found[1:] if at != pointer}
        because = tuple(Because(at, words) for at, words in others.items())
        yield Hit(pointer=pointer, message=f"allows adding {_kinds_and_sides(found)}", because=because)


def _kinds_and_sides(found: Sequence[tuple[str, Side, str]]) -> str:
    """What can be added to what: kinds that can be added to the same objects are named together."""
    sides = {what: " and ".join(side for _, side, other in found if other == what) for _, _, what in found}
    kinds = {whose: " and ".join(what for what, other in sides.items() if other == whose) for whose in sides.values()}
    return ", and ".join(f"{what} to {whose}" for whose, what in kinds.items())


#: The portal has one switch for both.
_ADDITIONS: Final = {"passwordAddition": "secrets", "symmetricKeyAddition": "symmetric keys"}


def _lifetime(days: str, *members: str) -> dict[str, Any]:
    """Secrets may be added, with this lifetime at most."""
    return _with({**_NO_ADDITION, "passwordLifetime": {"maxLifetime": days}}, *members)


_2025: Final = "2025-12-31T00:00:00Z"
_EXEMPT: Final = ("older-applications-exempt",)
_DATE: Final = "restrictForAppsCreatedAfterDateTime"


_LONG_SECRET_LIFETIME_ALLOWED_BAD: Final = (
    Bad(
        _with({**_NO_ADDITION, "passwordLifetime": None}),
        at=f"{_APPLICATIONS}/passwordCredentials",
        expected_rules=_ADDED,
    ),
    Bad(
        _with({**_NO_ADDITION, "passwordLifetime": _DISABLED}),
        at=f"{_APPLICATIONS}/passwordCredentials/1/state",
        expected_rules=_ADDED,
    ),
    Bad(
        _lifetime("P730D"),
        at=f"{_APPLICATIONS}/passwordCredentials/1/maxLifetime",
        severity="low",
        expected_rules=_ADDED,
    ),
    Bad(
        _lifetime("P1Y", _PRINCIPALS_ALONE),
        at=f"{_PRINCIPALS}/passwordCredentials/1/maxLifetime",
        severity="low",
        expected_rules=_ADDED,
    ),
    Bad(
        _with(
            {
                "passwordAddition": {_DATE: "2026-06-01T00:00:00Z"},
                "passwordLifetime": None,
            }
        ),
        at=f"{_APPLICATIONS}/passwordCredentials",
        expected_rules=("older-applications-exempt",),
    ),
    Bad(
        _with({"symmetricKeyAddition": _DISABLED, "symmetricKeyLifetime": None}),
        at=f"{_APPLICATIONS}/passwordCredentials",
        expected_rules=_ADDED,
    ),
    Bad(
        _with({"symmetricKeyAddition": _DISABLED, "symmetricKeyLifetime": {"maxLifetime": "P730D"}}),
        at=f"{_APPLICATIONS}/passwordCredentials/3/maxLifetime",
        severity="low",
        expected_rules=_ADDED,
    ),
    # Older applications may have secrets for any time, also where a later date makes all of them older.
    Bad(
        _with({**_NO_ADDITION, "passwordLifetime": {_DATE: _2025}}),
        at=f"{_APPLICATIONS}/passwordCredentials/1/{_DATE}",
        expected_rules=(*_ADDED, *_EXEMPT),
    ),
    Bad(
        _with({**_NO_ADDITION, "passwordLifetime": {_DATE: "2027-01-01T00:00:00Z"}}),
        at=f"{_APPLICATIONS}/passwordCredentials/1/{_DATE}",
        expected_rules=(*_ADDED, *_EXEMPT),
    ),
    Bad(
        _with({"passwordAddition": {_DATE: _2025}, "passwordLifetime": {_DATE: _2025}}),
        at=f"{_APPLICATIONS}/passwordCredentials/1/{_DATE}",
        expected_rules=_EXEMPT,
    ),
)


@rule(
    "long-secret-lifetime-allowed",
    on="tenant",
    severity="medium",
    may_be=("low",),
    needs_all=NEEDS,
    checks=("TP-10",),
    settings=("max-secret-days",),
    references=(
        "graph:applicationauthenticationmethodpolicy",
        "graph:passwordcredentialconfiguration",
        "entra:configure-app-management-policies",
        "web:scuba-entra#5.6",
    ),
    bad=_LONG_SECRET_LIFETIME_ALLOWED_BAD,
    good=(
        Good(_lifetime("P6M"), why="a month counts as 30 days"),
        Good(_lifetime("P181D"), why="Entra ID accepts only less than 181 days"),
        Good(_lifetime("P365D"), settings={"max-secret-days": 365}),
        Good(_with({"passwordLifetime": None}), why="no secret can be added"),
        Good(
            _with({"passwordLifetime": {_DATE: "0001-01-01T00:00:00Z"}}), why="no application is older than this date"
        ),
        Good(_with({"symmetricKeyLifetime": None}), why="no symmetric key can be added"),
    ),
    base="tenant",
)
def long_secret_lifetime_allowed(tenant: Tenant, context: Context) -> Iterator[Hit | Gap]:
    """The tenant allows secrets that are valid for too long.

    Why: A leaked secret works until it expires or is removed.
    Acceptable: A longer lifetime is acceptable if your organization has decided to accept it. Set max-secret-days to
        it.
    Fix: Enable passwordLifetime and symmetricKeyLifetime for applications and service principals. Set maxLifetime to at
        most max-secret-days (P180D by default).
    """
    restrictions = by_kind(tenant)
    if restrictions is None:
        return
    limit = context.settings.max_secret_days
    hits: list[Hit] = []
    for what, addition, lifetime in _SECRETS:
        sides = {side: found for side in SIDES if (found := _open_to(restrictions.get((side, addition))))}
        for one in _limited(restrictions, sides, lifetime, "passwordCredentials", limit, what, "medium"):
            if isinstance(one, Gap):
                yield one
            else:
                hits.append(one)
    if hits:
        first, *others = sorted(hits, key=lambda hit: hit.severity != "medium")
        because = [*first.because, *(Because(one.pointer, one.message) for one in others)]
        yield msgspec.structs.replace(first, because=tuple(because))


#: Kinds of secrets: what they are, and the restrictions of their addition and lifetime. Symmetric keys are like
#: passwords (Microsoft, "Configure restrictions on how applications can be configured").
_SECRETS: Final = (
    ("secrets", "passwordAddition", "passwordLifetime"),
    ("symmetric keys", "symmetricKeyAddition", "symmetricKeyLifetime"),
)


@rule(
    "long-certificate-lifetime-allowed",
    on="tenant",
    severity="low",
    needs_all=NEEDS,
    checks=("TP-11",),
    settings=("max-certificate-days",),
    references=(
        "graph:applicationauthenticationmethodpolicy",
        "graph:keycredentialconfiguration",
        "web:scuba-entra#5.7",
    ),
    bad=(
        Bad(_with({"asymmetricKeyLifetime": None}), at=f"{_APPLICATIONS}/keyCredentials"),
        Bad(_with({"asymmetricKeyLifetime": _DISABLED}, _PRINCIPALS_ALONE), at=f"{_PRINCIPALS}/keyCredentials/0/state"),
        Bad(
            _with({"asymmetricKeyLifetime": {"maxLifetime": "P2Y"}}), at=f"{_APPLICATIONS}/keyCredentials/0/maxLifetime"
        ),
        Bad(
            _with({"asymmetricKeyLifetime": {_DATE: _2025}}),
            at=f"{_APPLICATIONS}/keyCredentials/0/{_DATE}",
            expected_rules=_EXEMPT,
        ),
    ),
    good=(
        Good(_with({"asymmetricKeyLifetime": {"maxLifetime": "P1Y"}})),
        Good(
            _with({"asymmetricKeyLifetime": {"maxLifetime": "P366D"}}), why="Entra ID accepts only less than 366 days"
        ),
    ),
    base="tenant",
)
def long_certificate_lifetime_allowed(tenant: Tenant, context: Context) -> Iterator[Hit | Gap]:
    """The tenant allows certificates that are valid for too long.

    Why: A leaked private key works until its certificate expires or is removed.
    Acceptable: A longer lifetime is acceptable if your organization has decided to accept it. Set max-certificate-days
        to it.
    Fix: Enable asymmetricKeyLifetime for applications and service principals. Set maxLifetime to at most
        max-certificate-days (P365D by default).
    """
    restrictions = by_kind(tenant)
    if restrictions is not None:
        limit = context.settings.max_certificate_days
        sides = dict.fromkeys(SIDES, _ALL)
        yield from _limited(
            restrictions, sides, "asymmetricKeyLifetime", "keyCredentials", limit, "certificates", "low"
        )


_UNLIMITED: Final = "of any lifetime"
#: Later than any date: every object was created before it.
_ALL: Final = datetime.max.replace(tzinfo=UTC)


class _Allowed(NamedTuple):
    """How long a credential may be valid on the objects that were created before a date."""

    pointer: str
    length: str
    before: datetime


def _open_to(addition: Restriction | None) -> datetime | Gap | None:
    """The date before which the objects were created to which a credential can be added; ``None`` where to none."""
    if addition is None or addition.is_on is False:
        return _ALL
    return Gap(addition.state_pointer, UNKNOWN_STATE) if addition.is_on is None else _exempt(addition)


def _exempt(one: Restriction) -> datetime | Gap | None:
    """The date before which the objects were created that an enabled restriction exempts; ``None`` where it has none.

    Source: Microsoft Graph, "passwordCredentialConfiguration", restrictForAppsCreatedAfterDateTime.
    """
    date = exempt_before(one.entry.restrict_for_apps_created_after_date_time)
    return Gap(one.date_pointer, NOT_A_DATE) if isinstance(date, UnsetType) else date


def _limited(
    restrictions: Mapping[tuple[Side, str], Restriction],
    sides: Mapping[Side, datetime | Gap],
    kind: str,
    group: Group,
    limit: int,
    what: str,
    unlimited: Severity,
) -> Iterator[Hit | Gap]:
    """One hit where a lifetime on some side is longer than *limit* days, or has no limit.

    *sides* are those where the credential can be added, each with what ``_open_to`` says of it.
    """
    found: list[tuple[Side, _Allowed]] = []
    for side, open_to in sides.items():
        one = restrictions.get((side, kind))
        for allowed in _beyond(one, limit) if one else (_Allowed(place(side, group), _UNLIMITED, _ALL),):
            if isinstance(allowed, Gap):
                yield allowed
            elif isinstance(open_to, Gap):
                yield open_to
                break
            else:
                found.append((side, allowed._replace(before=min(allowed.before, open_to))))
                if allowed.before >= open_to:
                    break  # What follows is about newer objects, to which none can be added.
    if found:
        found.sort(key=lambda row: (row[1].length != _UNLIMITED, row[1].before != _ALL))
        because = tuple(Because(one.pointer, f"{side}{_created(one)}: {one.length}") for side, one in found[1:])
        first = found[0][1]
        severity: Severity = unlimited if first.length == _UNLIMITED else "low"
        says = f"allows {what} {_lengths(found)}"
        says += "" if first.length == _UNLIMITED else f"; the limit is {counted(limit, 'day')}"
        yield Hit(pointer=first.pointer, message=says, severity=severity, because=because)


def _beyond(lifetime: Restriction, limit: int) -> Iterator[_Allowed | Gap]:
    """What a restriction of a lifetime allows beyond *limit* days: on objects that it exempts, then on the others."""
    if not lifetime.is_on:
        unknown = lifetime.is_on is None
        at = lifetime.state_pointer
        yield Gap(at, UNKNOWN_STATE) if unknown else _Allowed(at, _UNLIMITED, _ALL)
        return
    exempt = _exempt(lifetime)
    if isinstance(exempt, Gap):
        yield exempt
    elif exempt:
        yield _Allowed(lifetime.date_pointer, _UNLIMITED, exempt)
    length, at = duration(lifetime.entry.max_lifetime), f"{lifetime.pointer}/maxLifetime"
    if length is None:
        yield Gap(at, message="the value is not a duration such as P180D")
    # Entra ID compares with "less than": a policy of 181 days allows 180, which is how baselines write it.
    elif length > timedelta(days=limit + 1):
        yield _Allowed(at, f"valid for {span(length)}", _ALL)


def _created(one: _Allowed) -> str:
    """Which objects are meant, after the side; empty for all."""
    return "" if one.before == _ALL else f" created before {day(one.before)}"


def _lengths(found: Sequence[tuple[Side, _Allowed]]) -> str:
    """How long, on which objects: sides with the same length and date are named together."""
    sides: dict[tuple[str, str], list[str]] = {}
    for side, one in found:
        sides.setdefault((one.length, _created(one)), []).append(side)
    return " and ".join(f"{length} ({' and '.join(whose)}{created})" for (length, created), whose in sides.items())
