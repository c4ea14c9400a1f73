"""Which credentials the tenant's default app management policy keeps applications from getting.

Tools differ: for some an enabled policy is enough, for some one enabled restriction, and some take a missing entry for a
restriction. Decided by what somebody can still add: each restriction is judged by itself, by its own state, for applications
and for service principals, and a policy without any is one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from rules.analysis.restrictions import (
    NEEDS,
    SIDES,
    UNKNOWN_STATE,
    Group,
    Restriction,
    Side,
    by_kind,
    of_default,
    place,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.clean_tenant import clean_tenant
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET
from rules.model.tenant import Tenant
from rules.primitives.dates import span
from rules.primitives.durations import duration

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
    """A restriction without what it says nothing of, for short examples."""
    return {name: value for name, value in entry.items() if value is not None}


_NOTHING: Final[dict[str, Any]] = {"passwordCredentials": [], "keyCredentials": [], "identifierUris": None}
_DISABLED: Final = {"state": "disabled"}
_NO_ADDITION: Final = {"passwordAddition": _DISABLED}
_PRINCIPALS_ALONE: Final = "servicePrincipalRestrictions"
_ADDED: Final = ("secrets-may-be-added",)


@rule(
    "unrestricted-app-credentials", on="tenant",
    severity="medium",
    needs_all=NEEDS,
    checks=("TP-08",),
    references=("graph:applicationauthenticationmethodpolicy", "graph:tenantappmanagementpolicy"),
    bad=(
        Bad({"defaultAppManagementPolicy": {"isEnabled": False, "applicationRestrictions": {**_NOTHING, "identifierUris": {}}, "servicePrincipalRestrictions": _NOTHING}}, at=f"{_AT}/isEnabled", expected_rules=("any-identifier-uri-allowed",)),
        Bad({"defaultAppManagementPolicy": {"isEnabled": False}}, at=f"{_AT}/isEnabled", expected_rules=("any-identifier-uri-allowed",)),
        Bad({"defaultAppManagementPolicy": {"applicationRestrictions": {**_NOTHING, "identifierUris": {}}, "servicePrincipalRestrictions": _NOTHING}}, at=f"{_APPLICATIONS}/passwordCredentials"),
    ),
    good=(
        Good({}),
        Good(_with({"passwordAddition": {"state": "enabled"}, "customPasswordAddition": None, "passwordLifetime": None, "symmetricKeyAddition": None, "symmetricKeyLifetime": None, "asymmetricKeyLifetime": None}), why="one restriction is one; the rules for the others speak of those"),
    ),
    base="tenant",
)  # fmt: skip
def unrestricted_app_credentials(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The tenant's default app management policy restricts no credential.

    Why: Owners add secrets and certificates that hold for ever, and whoever gets into one account leaves himself a way back
        in that nobody looks at.
    Fix: Enable the default policy, with restrictions on adding secrets and on the life of certificates.
    """
    policy = tenant.default_app_management_policy
    if not policy:
        return
    restrictions = [*of_default(policy)]
    if policy.is_enabled is not True:
        kept = any(one.is_on for one in restrictions)
        says = "has its default app management policy disabled" + (", with restrictions in it" if kept else "")
        yield Hit(pointer=f"{_AT}/isEnabled", message=says, set_to=True if kept else UNSET)
    elif not any(one.is_on for one in restrictions):
        unknown = [one for one in restrictions if one.is_on is None]
        yield from (Gap(one.state_pointer, UNKNOWN_STATE) for one in unknown)
        if not unknown:
            says = "has a default app management policy that restricts no credential"
            yield Hit(pointer=f"{_APPLICATIONS}/passwordCredentials", message=says)


@rule(
    "secrets-may-be-added", on="tenant",
    severity="low",
    needs_all=NEEDS,
    checks=("TP-09",),
    references=(
        "entra:configure-app-management-policies",
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
        Good({"defaultAppManagementPolicy": {"isEnabled": False, "applicationRestrictions": {"identifierUris": None}}}, why="unrestricted-app-credentials speaks of that"),
        Good(_with({"customPasswordAddition": None}), why="who may add no secret adds none of his own making"),
    ),
    base="tenant",
)  # fmt: skip
def secrets_may_be_added(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The tenant lets secrets be added to applications.

    Why: A secret is copied into files, tickets and chats, and works from anywhere for whoever finds it.
    Fix: Enable passwordAddition and symmetricKeyAddition for applications and service principals, and exempt by a policy of
        their own the few that cannot do without.
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
        what, sides = (" and ".join(dict.fromkeys(part[at] for part in found)) for at in (2, 1))
        others = {at: f"{words} of {side}" for at, side, words in found[1:] if at != pointer}
        because = tuple(Because(at, words) for at, words in others.items())
        yield Hit(pointer=pointer, message=f"lets {what} be added to {sides}", because=because)


#: Symmetric keys are passwords by another name; the portal has one switch for both.
_ADDITIONS: Final = {"passwordAddition": "secrets", "symmetricKeyAddition": "symmetric keys"}


def _lifetime(days: str, *members: str) -> dict[str, Any]:
    """Secrets may be added, and hold so long at most."""
    return _with({**_NO_ADDITION, "passwordLifetime": {"maxLifetime": days}}, *members)


@rule(
    "long-secret-lifetime-allowed", on="tenant",
    severity="medium",
    may_be=("low",),
    needs_all=NEEDS,
    checks=("TP-10",),
    settings=("max-secret-days",),
    references=(
        "graph:applicationauthenticationmethodpolicy",
        "graph:passwordcredentialconfiguration",
        "web:scuba-entra#5.6",
    ),
    bad=(
        Bad(_with({**_NO_ADDITION, "passwordLifetime": None}), at=f"{_APPLICATIONS}/passwordCredentials", expected_rules=_ADDED),
        Bad(_with({**_NO_ADDITION, "passwordLifetime": _DISABLED}), at=f"{_APPLICATIONS}/passwordCredentials/1/state", expected_rules=_ADDED),
        Bad(_lifetime("P730D"), at=f"{_APPLICATIONS}/passwordCredentials/1/maxLifetime", severity="low", expected_rules=_ADDED),
        Bad(_lifetime("P1Y", _PRINCIPALS_ALONE), at=f"{_PRINCIPALS}/passwordCredentials/1/maxLifetime", severity="low", expected_rules=_ADDED),
    ),
    good=(
        Good(_lifetime("P6M"), why="180 days, as Graph counts months"),
        Good(_lifetime("P181D"), why="Entra holds secrets to less than it, so to 180 days"),
        Good(_lifetime("P365D"), settings={"max-secret-days": 365}),
        Good(_with({"passwordLifetime": None}), why="no secret may be added"),
    ),
    base="tenant",
)  # fmt: skip
def long_secret_lifetime_allowed(tenant: Tenant, context: Context) -> Iterator[Hit | Gap]:
    """The tenant lets secrets hold for longer than is accepted, or for ever.

    Why: A secret that got out works until it ends, and nobody changes one that does not end.
    Fix: Enable passwordLifetime with a maxLifetime of P180D or less, for applications and service principals.
    """
    restrictions = by_kind(tenant)
    if restrictions is None:
        return
    open_sides = [side for side in SIDES if not _is_on(restrictions, side, "passwordAddition")]
    limit = context.settings.max_secret_days
    yield from _limited(restrictions, open_sides, "passwordLifetime", "passwordCredentials", limit, "secrets", "medium")


@rule(
    "long-certificate-lifetime-allowed", on="tenant",
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
        Bad(_with({"asymmetricKeyLifetime": {"maxLifetime": "P2Y"}}), at=f"{_APPLICATIONS}/keyCredentials/0/maxLifetime"),
    ),
    good=(
        Good(_with({"asymmetricKeyLifetime": {"maxLifetime": "P1Y"}})),
        Good(_with({"asymmetricKeyLifetime": {"maxLifetime": "P366D"}}), why="Entra holds certificates to less than it"),
    ),
    base="tenant",
)  # fmt: skip
def long_certificate_lifetime_allowed(tenant: Tenant, context: Context) -> Iterator[Hit | Gap]:
    """The tenant lets certificates of applications hold for longer than is accepted, or for ever.

    Why: A key that got out works until its certificate ends.
    Fix: Enable asymmetricKeyLifetime with a maxLifetime of P365D or less, for applications and service principals.
    """
    restrictions = by_kind(tenant)
    if restrictions is not None:
        limit = context.settings.max_certificate_days
        yield from _limited(
            restrictions, SIDES, "asymmetricKeyLifetime", "keyCredentials", limit, "certificates", "low"
        )


_FOR_EVER: Final = "for any time"


def _is_on(restrictions: Mapping[tuple[Side, str], Restriction], side: Side, kind: str) -> bool:
    found = restrictions.get((side, kind))
    return found is not None and found.is_on is True


def _limited(
    restrictions: Mapping[tuple[Side, str], Restriction],
    sides: list[Side] | tuple[Side, ...],
    kind: str,
    group: Group,
    limit: int,
    what: str,
    unlimited: Severity,
) -> Iterator[Hit | Gap]:
    """One hit for a lifetime that is longer than *limit* days on some side, or has no limit there."""
    found: list[tuple[str, Side, str]] = []
    for side in sides:
        one = restrictions.get((side, kind))
        if one is None:
            found.append((place(side, group), side, _FOR_EVER))
        elif one.is_on is None:
            yield Gap(one.state_pointer, UNKNOWN_STATE)
        elif not one.is_on:
            found.append((f"{one.pointer}/state", side, _FOR_EVER))
        else:
            length = duration(one.entry.max_lifetime)
            if length is None:
                yield Gap(f"{one.pointer}/maxLifetime", message="no length of time stands there, such as P180D")
            # Entra compares with "less than": a policy of 181 days lets 180 pass, which is how baselines write it.
            elif length > timedelta(days=limit + 1):
                found.append((f"{one.pointer}/maxLifetime", side, f"for {span(length)}"))
    if found:
        found.sort(key=lambda part: part[2] != _FOR_EVER)
        lengths = {length: " and ".join(side for _, side, other in found if other == length) for _, _, length in found}
        says = f"lets {what} hold {' and '.join(f'{length} ({whose})' for length, whose in lengths.items())}"
        because = tuple(Because(pointer, f"{side}: {length}") for pointer, side, length in found[1:])
        severity: Severity = unlimited if found[0][2] == _FOR_EVER else "low"
        yield Hit(pointer=found[0][0], message=says, severity=severity, because=because)
