"""Who is exempt from the tenant's app management policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from rules.analysis.restrictions import (
    NEEDS,
    NOT_A_DATE,
    SIDES,
    UNKNOWN_STATE,
    URI_KINDS,
    URI_WORDS,
    URIS,
    WORDS,
    Restriction,
    Side,
    applies_to_all,
    exempt_before,
    of_default,
    state,
    uri_restrictions,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.clean_tenant import clean_tenant
from rules.model.finding import Because, Hit
from rules.model.policies import ActorExemptions, AppManagementPolicy, CredentialRestriction, IdentifierUriRestriction
from rules.model.tenant import Tenant
from rules.primitives.dates import day
from rules.primitives.durations import duration
from rules.primitives.texts import counted

_AT: Final = "/defaultAppManagementPolicy"
_LIST: Final = f"{_AT}/applicationRestrictions/passwordCredentials"
_URI_PATHS: Final = tuple(f"defaultAppManagementPolicy.{URIS.replace('/', '.')}.{kind}" for kind in URI_KINDS)
_URI_STATES: Final = tuple(f"{path}.state" for path in _URI_PATHS)
_DATE: Final = "restrictForAppsCreatedAfterDateTime"
_2024: Final = "2024-01-01T00:00:00Z"


def _first(**change: Any) -> dict[str, Any]:
    """The clean default policy with the first of its restrictions changed."""
    first, *others = clean_tenant()["defaultAppManagementPolicy"]["applicationRestrictions"]["passwordCredentials"]
    return {
        "defaultAppManagementPolicy": {
            "applicationRestrictions": {"passwordCredentials": [_stated({**first, **change}), *map(_stated, others)]}
        }
    }


def _stated(entry: dict[str, Any]) -> dict[str, Any]:
    """A restriction without its empty members, for short examples."""
    return {name: value for name, value in entry.items() if value is not None}


def _uri(kind: str = URI_KINDS[0], **change: Any) -> dict[str, Any]:
    """The clean default policy with a restriction of identifier URIs changed."""
    uris = {"identifierUris": {kind: change}}
    return {"defaultAppManagementPolicy": {"applicationRestrictions": uris}}


_OLDER_APPLICATIONS_EXEMPT_BAD: Final = (
    Bad(_first(restrictForAppsCreatedAfterDateTime=_2024), at=f"{_LIST}/0/{_DATE}"),
    Bad(_uri(restrictForAppsCreatedAfterDateTime=_2024), at=f"{_AT}/{URIS}/{URI_KINDS[0]}/{_DATE}"),
)

_OLDER_APPLICATIONS_EXEMPT_GOOD: Final = (
    Good({}, why="the restriction applies to all applications"),
    Good(
        _first(restrictForAppsCreatedAfterDateTime="0001-01-01T00:00:00Z"),
        why="Graph returns this date if none was set",
    ),
    Good(
        _first(restrictForAppsCreatedAfterDateTime="/Date(-62135596800000)/"),
        why="this is the same date in an older format",
    ),
    Good(
        {
            "defaultAppManagementPolicy": {
                "isEnabled": False,
                **_first(restrictForAppsCreatedAfterDateTime=_2024)["defaultAppManagementPolicy"],
            }
        },
        why="unrestricted-app-credentials reports a disabled policy",
    ),
    Good(_first(state="disabled", restrictForAppsCreatedAfterDateTime=_2024), why="the restriction is disabled"),
    Good(
        _uri(URI_KINDS[1], restrictForAppsCreatedAfterDateTime=_2024),
        why="nonDefaultUriAddition is stricter, and applies to all applications",
    ),
)


@rule(
    "older-applications-exempt",
    on="tenant",
    severity="low",
    needs=(*NEEDS, *_URI_STATES, *(f"{path}.{_DATE}" for path in _URI_PATHS)),
    checks=("TP-12",),
    references=(
        "graph:applicationauthenticationmethodpolicy",
        "graph:passwordcredentialconfiguration",
        "graph:identifierurirestriction",
        "web:scuba-entra#5.5",
    ),
    bad=_OLDER_APPLICATIONS_EXEMPT_BAD,
    good=_OLDER_APPLICATIONS_EXEMPT_GOOD,
    base="tenant",
)
def older_applications_exempt(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """A restriction of the app management policy exempts older applications.

    Why: Applications that were created before the date of the restriction are exempt, whatever permissions they have.
        An attacker who compromises an owner of an exempt application can still add credentials or identifier URIs that
        the policy forbids.
    Acceptable: The exemption is acceptable while you change the older applications so that they comply. Newer
        applications must already comply.
    Fix: Set restrictForAppsCreatedAfterDateTime to null once the older applications comply.
    """
    dates = [
        (
            f"{one.pointer}/{_DATE}",
            one.entry.restrict_for_apps_created_after_date_time,
            WORDS.get(one.kind, one.kind),
            one.side,
        )
        for one in _enforced(tenant)
        if not _is_pointless(one, tenant)
    ]
    dates += [
        (f"{_AT}/{URIS}/{kind}/{_DATE}", one.restrict_for_apps_created_after_date_time, URI_WORDS, SIDES[0])
        for kind, one in _enforced_uris(tenant).items()
    ]
    found: list[tuple[str, str, str, str]] = []
    for pointer, text, words, side in dates:
        date = exempt_before(text)
        if isinstance(date, datetime):
            found.append((pointer, words, side, day(date)))
        elif date is not None:
            yield Gap(pointer, message=NOT_A_DATE)
    if found:
        kinds = _kinds_by((when, words) for _, words, _, when in found)
        says = "; ".join(f"before {when} from restrictions on {words}" for when, words in kinds.items())
        because = tuple(Because(at, f"{side} created before {when}") for at, _, side, when in found[1:])
        yield Hit(pointer=found[0][0], message=f"exempts applications created {says}", because=because)


def _kinds_by(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The kinds of restrictions by who is exempt from them, from pairs of both."""
    kinds: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for who, words in found:
        kinds[who][words] = None
    return {who: ", ".join(words) for who, words in kinds.items()}


def _enforced(tenant: Tenant) -> Iterator[Restriction]:
    """The restrictions of credentials that the default policy enforces."""
    policy = tenant.default_app_management_policy
    if policy and policy.is_enabled is True:
        yield from (one for one in of_default(policy) if one.is_on)


def _is_pointless(one: Restriction, tenant: Tenant) -> bool:
    """Whether the same policy forbids every caller to add the credential that a restriction is about."""
    return any(not other.entry.exclude_actors for other in _additions(one, _enforced(tenant)))


def _additions(one: Restriction, restrictions: Iterable[Restriction]) -> Iterator[Restriction]:
    """The *restrictions* that forbid, for all applications, to add the credential that *one* is about."""
    addition = _ADDITION_OF.get(one.kind, "")
    return (
        other
        for other in restrictions
        if other.kind == addition and other.side == one.side and applies_to_all(other.entry)
    )


def _enforced_uris(tenant: Tenant) -> dict[str, IdentifierUriRestriction]:
    """The restrictions of identifier URIs that the default policy enforces, without one that the other covers."""
    policy = tenant.default_app_management_policy
    if not policy or policy.is_enabled is not True or not policy.application_restrictions:
        return {}
    uris = uri_restrictions(policy.application_restrictions.identifier_uris)
    enforced = {kind: one for kind, one in uris.items() if state(one.state)}
    stricter, other = (enforced.get(kind) for kind in URI_KINDS)
    if stricter and other and _covers(stricter, other):
        del enforced[URI_KINDS[1]]
    return enforced


def _covers(stricter: IdentifierUriRestriction, other: IdentifierUriRestriction) -> bool:
    """Whether *stricter* applies to each application and caller to which *other* applies.

    It then blocks all that the other one blocks: each default URI contains an ID. What was not read does not count.
    """
    exclusions = (
        (stricter.exclude_saml, other.exclude_saml),
        (stricter.exclude_apps_receiving_v2_tokens, other.exclude_apps_receiving_v2_tokens),
    )
    return (
        exempt_before(stricter.restrict_for_apps_created_after_date_time) is None
        and stricter.exclude_actors is not msgspec.UNSET
        and not _exempt_actors(stricter.exclude_actors)
        and all(mine in (False, None) or theirs is True for mine, theirs in exclusions)
    )


_EXEMPT: Final = {"customSecurityAttributes": [{"id": "Apps_Exempt", "operator": "equals", "value": "true"}]}


@rule(
    "exempt-callers",
    on="tenant",
    severity="low",
    needs=(*NEEDS, *_URI_STATES, *(f"{path}.excludeActors" for path in _URI_PATHS)),
    checks=("TP-12",),
    references=("graph:appmanagementpolicyactorexemptions", "entra:configure-app-management-policies"),
    bad=(
        Bad(_first(excludeActors=_EXEMPT), at=f"{_LIST}/0/excludeActors"),
        Bad(_uri(excludeActors=_EXEMPT), at=f"{_AT}/{URIS}/nonDefaultUriAddition/excludeActors"),
    ),
    good=(
        Good(
            _first(excludeActors={"customSecurityAttributes": []}), why="an empty list exempts no user or application"
        ),
        Good(_first(excludeActors=_EXEMPT, state="disabled"), why="the restriction is disabled"),
        Good(
            _uri(URI_KINDS[1], excludeActors=_EXEMPT),
            why="nonDefaultUriAddition is stricter, and applies to all callers",
        ),
    ),
    base="tenant",
)
def exempt_callers(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Callers with an attribute are exempt from the app management policy.

    Why: Anyone who can assign the attribute can exempt any user or service principal, including themselves.
    Acceptable: The exemption is acceptable while an automated process needs it and is being changed. Only callers with
        the attribute are exempt.
    Fix: Remove the exemption from excludeActors. While a process needs the exemption, make sure that only trusted
        administrators have the role Attribute Assignment Administrator.
    """
    found = [
        (f"{one.pointer}/excludeActors", WORDS.get(one.kind, one.kind), one.entry.exclude_actors)
        for one in _enforced(tenant)
        if not _is_pointless(one, tenant)
    ]
    found += [
        (f"{_AT}/{URIS}/{kind}/excludeActors", URI_WORDS, one.exclude_actors)
        for kind, one in _enforced_uris(tenant).items()
    ]
    exempt = [
        (pointer, words, ", ".join(names)) for pointer, words, actors in found if (names := _exempt_actors(actors))
    ]
    if exempt:
        kinds = _kinds_by((holders, words) for _, words, holders in exempt)
        says = "; ".join(f"whose attribute {holders} from restrictions on {words}" for holders, words in kinds.items())
        because = tuple(Because(other, more) for other, _, more in exempt[1:])
        yield Hit(pointer=exempt[0][0], message=f"exempts callers {says}", because=because)


def _exempt_actors(actors: object) -> list[str]:
    """The attributes that exempt those who have them, as text."""
    if not isinstance(actors, ActorExemptions):
        return []
    return [
        f"{one.id} {'is' if one.operator == 'equals' else one.operator} {one.value}"
        for one in actors.custom_security_attributes or ()
    ]


_WEAK: Final[dict[str, Any]] = {
    "id": "66666666-6666-4666-8666-666666666660",
    "displayName": "Old build servers",
    "isEnabled": True,
    "restrictions": {
        "passwordCredentials": [{"restrictionType": "passwordAddition", "state": "disabled"}],
        "keyCredentials": [],
        "applicationRestrictions": None,
    },
    "appliesTo": [
        {"@odata.type": "#microsoft.graph.application", "id": "a"},
        {"@odata.type": "#microsoft.graph.application", "id": "b"},
    ],
}
_NAMED: Final = "/appManagementPolicies/0/displayName"


def _custom(**change: Any) -> dict[str, Any]:
    return {"appManagementPolicies": [{**_WEAK, **change}]}


def _keys(**change: Any) -> dict[str, Any]:
    entry = {"restrictionType": "asymmetricKeyLifetime", "state": "enabled", "maxLifetime": "P365D", **change}
    return _custom(restrictions={"passwordCredentials": [], "keyCredentials": [entry], "applicationRestrictions": None})


def _uris(kind: str = URI_KINDS[0], **change: Any) -> dict[str, Any]:
    """A policy for two applications with a restriction of identifier URIs that is enabled."""
    entry = {"state": "enabled", **change}
    return _custom(restrictions={"applicationRestrictions": {"identifierUris": {kind: entry}}})


_WEAKER_NEEDS: Final = (
    "appManagementPolicies",
    *NEEDS,
    *_URI_STATES,
    *(
        f"{path}.{name}"
        for path in _URI_PATHS
        for name in ("excludeActors", "excludeSaml", "excludeAppsReceivingV2Tokens")
    ),
)

_WEAKER_BAD: Final = (
    Bad(_custom(), at=_NAMED),
    Bad(_keys(maxLifetime="P730D"), at=_NAMED),
    Bad(_keys(restrictForAppsCreatedAfterDateTime="2030-01-01T00:00:00Z"), at=_NAMED),
    Bad(_keys(excludeActors=_EXEMPT), at=_NAMED),
    Bad(_uris(excludeActors=_EXEMPT), at=_NAMED),
    Bad({**_uris(excludeSaml=True), **_uri(excludeSaml=False)}, at=_NAMED),
    Bad({**_uris(URI_KINDS[1], state="disabled"), **_uri(URI_KINDS[1], excludeSaml=False)}, at=_NAMED),
    Bad({**_uris(excludeAppsReceivingV2Tokens=True), **_uri(excludeAppsReceivingV2Tokens=False)}, at=_NAMED),
    Bad(
        {"appManagementPolicies": [{name: value for name, value in _WEAK.items() if name != "appliesTo"}]},
        at=_NAMED,
    ),
)

_WEAKER_GOOD: Final = (
    Good(_custom(appliesTo=[]), why="the policy is assigned to no application"),
    Good(_custom(restrictions=None), why="the policy defines no restriction, so it inherits the default"),
    Good(_keys(maxLifetime="P90D"), why="the policy is stricter than the default"),
    Good(_uris(excludeSaml=True, excludeAppsReceivingV2Tokens=True), why="the default has the same exemptions"),
    Good(_uris(URI_KINDS[1], state="disabled"), why="the policy inherits nonDefaultUriAddition, which is stricter"),
    Good(
        {
            **_custom(),
            "defaultAppManagementPolicy": {
                "isEnabled": False,
                "applicationRestrictions": None,
                "servicePrincipalRestrictions": None,
            },
        },
        why="the default policy is disabled",
    ),
)


@rule(
    "weaker-app-management-policy",
    on="tenant",
    severity="low",
    needs=_WEAKER_NEEDS,
    checks=("TP-12",),
    references=(
        "graph:applicationauthenticationmethodpolicy",
        "graph:appmanagementpolicy",
        "graph:identifierurirestriction",
        "web:scuba-entra#5.5",
    ),
    bad=_WEAKER_BAD,
    good=_WEAKER_GOOD,
    base="tenant",
)
def weaker_app_management_policy(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """An assigned app management policy is weaker than the default.

    Why: The policy takes precedence over the default for each restriction that it defines. An attacker who compromises
        an owner of an affected application may add credentials or identifier URIs that the default policy forbids.
    Acceptable: The policy is acceptable while a few applications cannot comply with the default. The exception covers
        only the applications that the policy is assigned to.
    Fix: As soon as the applications need no exception, remove the weaker restrictions from the policy. The applications
        then inherit these restrictions from the default.
    """
    for index, policy in enumerate(tenant.app_management_policies or ()):
        if policy.applies_to is None or policy.applies_to == ():
            continue
        sides = _sides(policy)
        default = [one for one in _enforced(tenant) if one.side in sides]
        uris = _enforced_uris(tenant) if SIDES[0] in sides else {}
        pointer = f"/appManagementPolicies/{index}"
        weaker = [*_weaker(policy, default), *_weaker_uris(policy, uris)]
        words = dict.fromkeys(one for one in weaker if isinstance(one, str))
        if policy.is_enabled is False:
            if words:
                says = "no document says whether a disabled policy still takes precedence over the default"
                yield Gap(f"{pointer}/isEnabled", says, "unknown", "enable the policy, or delete it")
            continue
        yield from (Gap(f"{pointer}{one.pointer}", message=one.message) for one in weaker if isinstance(one, Gap))
        if words:
            says = f"has a policy for {_applications(policy)} that is weaker than the default: {', '.join(words)}"
            yield Hit(pointer=f"{pointer}/displayName", message=says)


def _applications(policy: AppManagementPolicy) -> str:
    if not policy.applies_to:
        return "20 or more applications"  # the list is unread where it may go on
    return counted(len(policy.applies_to), "application")


def _sides(policy: AppManagementPolicy) -> tuple[Side, ...]:
    """The sides of the default over which the policy takes precedence, by what it is assigned to."""
    kinds = {str(one.odata_type).casefold().endswith("serviceprincipal") for one in policy.applies_to or ()}
    return tuple(
        side for side, is_principal in zip(SIDES, (False, True), strict=True) if not kinds or is_principal in kinds
    )


#: Without the addition there is no credential that could be valid for too long.
_ADDITION_OF: Final = {
    "passwordLifetime": "passwordAddition",
    "customPasswordAddition": "passwordAddition",
    "symmetricKeyLifetime": "symmetricKeyAddition",
}


def _weaker(policy: AppManagementPolicy, default: list[Restriction]) -> Iterator[str | Gap]:
    """What the policy defines less strictly than the default; pointers of gaps reach into the policy."""
    own = dict(_own(policy))
    for one in default:
        at, mine = own.get(one.kind, ("", None))
        if mine is None or _is_moot(one, own, default):
            continue
        words = WORDS.get(one.kind, one.kind)
        if state(mine.state) is None:
            yield Gap(f"{at}/state", message=UNKNOWN_STATE)
        elif not state(mine.state):
            yield words
        else:
            yield from _less(mine, one.entry, words, at)


def _own(policy: AppManagementPolicy) -> Iterator[tuple[str, tuple[str, CredentialRestriction]]]:
    """The restrictions of credentials that a policy defines: kind, pointer into the policy, entry."""
    restrictions = policy.restrictions or None
    if restrictions is None:
        return
    groups = {
        "passwordCredentials": restrictions.password_credentials,
        "keyCredentials": restrictions.key_credentials,
    }
    for group, entries in groups.items():
        for index, entry in enumerate(entries or ()):
            yield str(entry.restriction_type), (f"/restrictions/{group}/{index}", entry)


def _is_moot(
    one: Restriction, own: Mapping[str, tuple[str, CredentialRestriction]], default: list[Restriction]
) -> bool:
    """Whether the credential that a restriction is about cannot be added at all."""
    addition = _ADDITION_OF.get(one.kind, "")
    if addition in own:
        return applies_to_all(own[addition][1])
    return any(_additions(one, default))


def _less(mine: CredentialRestriction, default: CredentialRestriction, words: str, at: str) -> Iterator[str | Gap]:
    """How an enabled restriction is weaker than the default's: longer, for fewer applications, with more exemptions."""
    if words.endswith("lifetime"):
        ours, theirs = duration(mine.max_lifetime), duration(default.max_lifetime)
        if ours is None:
            yield Gap(f"{at}/maxLifetime", message="the value is not a duration such as P180D")
        elif ours > (theirs or timedelta.max):
            yield words
    since = exempt_before(mine.restrict_for_apps_created_after_date_time)
    if since is msgspec.UNSET:
        yield Gap(f"{at}/{_DATE}", message=NOT_A_DATE)
    elif isinstance(since, datetime) and _is_later(since, default.restrict_for_apps_created_after_date_time):
        yield f"{words} (only for applications created after {day(since)})"
    if set(_exempt_actors(mine.exclude_actors)) - set(_exempt_actors(default.exclude_actors)):
        yield f"{words} (with more exempt callers)"


def _is_later(date: datetime, default: object) -> bool:
    theirs = exempt_before(default)
    return theirs is None or (isinstance(theirs, datetime) and date > theirs)


def _weaker_uris(policy: AppManagementPolicy, default: dict[str, IdentifierUriRestriction]) -> Iterator[str | Gap]:
    """The same for identifier URIs."""
    own = policy.restrictions.application_restrictions if policy.restrictions else None
    for kind, mine in uri_restrictions(own.identifier_uris if own else None).items():
        theirs = default.get(kind)
        at = f"/restrictions/{URIS}/{kind}"
        if theirs is None:
            continue
        if state(mine.state) is None:
            yield Gap(f"{at}/state", message=UNKNOWN_STATE)
        elif not state(mine.state):
            yield URI_WORDS
        else:
            yield from _less_for_uris(mine, theirs, at)


def _less_for_uris(mine: IdentifierUriRestriction, default: IdentifierUriRestriction, at: str) -> Iterator[str | Gap]:
    """How an enabled restriction of identifier URIs is weaker than the default's."""
    since = exempt_before(mine.restrict_for_apps_created_after_date_time)
    if since is msgspec.UNSET:
        yield Gap(f"{at}/{_DATE}", message=NOT_A_DATE)
    elif isinstance(since, datetime) and _is_later(since, default.restrict_for_apps_created_after_date_time):
        yield f"{URI_WORDS} (only for applications created after {day(since)})"
    if set(_exempt_actors(mine.exclude_actors)) - set(_exempt_actors(default.exclude_actors)):
        yield f"{URI_WORDS} (with more exempt callers)"
    if mine.exclude_saml is True and default.exclude_saml in (False, None):
        yield f"{URI_WORDS} (not for SAML applications)"
    if mine.exclude_apps_receiving_v2_tokens is True and default.exclude_apps_receiving_v2_tokens in (False, None):
        yield f"{URI_WORDS} (not for applications that receive version 2 tokens)"
