"""Who is exempt from the tenant's app management policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from rules.analysis.restrictions import NEEDS, SIDES, UNKNOWN_STATE, WORDS, Restriction, Side, of_default, state
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.clean_tenant import clean_tenant
from rules.model.finding import Because, Hit
from rules.model.policies import ActorExemptions, AppManagementPolicy, CredentialRestriction, IdentifierUriRestriction
from rules.model.registration import UNSET
from rules.model.tenant import Tenant
from rules.primitives.dates import day, moment
from rules.primitives.durations import duration
from rules.primitives.texts import counted

_AT: Final = "/defaultAppManagementPolicy"
_LIST: Final = f"{_AT}/applicationRestrictions/passwordCredentials"
_URIS: Final = "applicationRestrictions/identifierUris"
_URI_KINDS: Final = ("nonDefaultUriAddition", "uriAdditionWithoutUniqueTenantIdentifier")
_URI_STATES: Final = tuple(f"defaultAppManagementPolicy.{_URIS.replace('/', '.')}.{kind}.state" for kind in _URI_KINDS)
_URI_ACTORS: Final = tuple(
    f"defaultAppManagementPolicy.{_URIS.replace('/', '.')}.{kind}.excludeActors" for kind in _URI_KINDS
)


def _first(**change: Any) -> dict[str, Any]:
    """The clean default policy with the first of its restrictions changed."""
    first, *others = clean_tenant()["defaultAppManagementPolicy"]["applicationRestrictions"]["passwordCredentials"]
    return {
        "defaultAppManagementPolicy": {
            "applicationRestrictions": {"passwordCredentials": [_stated({**first, **change}), *map(_stated, others)]}
        }
    }


def _stated(entry: dict[str, Any]) -> dict[str, Any]:
    """A restriction without what it says nothing of, for short examples."""
    return {name: value for name, value in entry.items() if value is not None}


@rule(
    "older-applications-exempt", on="tenant",
    severity="low",
    needs=NEEDS,
    checks=("TP-12",),
    references=("graph:applicationauthenticationmethodpolicy", "graph:passwordcredentialconfiguration"),
    bad=Bad(_first(restrictForAppsCreatedAfterDateTime="2024-01-01T00:00:00Z"), at=f"{_LIST}/0/restrictForAppsCreatedAfterDateTime"),
    good=(
        Good({}, why="it holds for all"),
        Good({"defaultAppManagementPolicy": {"isEnabled": False, **_first(restrictForAppsCreatedAfterDateTime="2024-01-01T00:00:00Z")["defaultAppManagementPolicy"]}}, why="nobody is held to it"),
        Good(_first(state="disabled", restrictForAppsCreatedAfterDateTime="2024-01-01T00:00:00Z"), why="nobody is held to it"),
    ),
    base="tenant",
)  # fmt: skip
def older_applications_exempt(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """A restriction of the app management policy holds for new applications alone.

    Why: The applications with the most permissions are the old ones, and to those anybody who owns them still adds what the
        policy forbids.
    Fix: Set restrictForAppsCreatedAfterDateTime to null, or to an early date, when the old ones are ready for it.
    """
    found: list[tuple[Restriction, str]] = []
    for one in _held(tenant):
        date = one.entry.restrict_for_apps_created_after_date_time
        if isinstance(date, str):
            read = moment(date)
            pointer = f"{one.pointer}/restrictForAppsCreatedAfterDateTime"
            if read:
                found.append((one, day(read)))
            else:
                yield Gap(pointer, message="no date stands there")
    if found:
        first, date = found[0]
        kinds = ", ".join(dict.fromkeys(WORDS.get(one.kind, one.kind) for one, _ in found))
        because = tuple(
            Because(f"{one.pointer}/restrictForAppsCreatedAfterDateTime", f"{one.side}, since {when}")
            for one, when in found[1:]
        )
        says = f"restricts {kinds} for no application from before {date}"
        yield Hit(pointer=f"{first.pointer}/restrictForAppsCreatedAfterDateTime", message=says, because=because)


def _held(tenant: Tenant) -> Iterator[Restriction]:
    """The restrictions of credentials that the default policy holds people to."""
    policy = tenant.default_app_management_policy
    if policy and policy.is_enabled is True:
        yield from (one for one in of_default(policy) if one.is_on)


_EXEMPT: Final = {"customSecurityAttributes": [{"id": "Apps_Exempt", "operator": "equals", "value": "true"}]}


@rule(
    "exempt-callers", on="tenant",
    severity="low",
    needs=(*NEEDS, *_URI_STATES, *_URI_ACTORS),
    checks=("TP-12",),
    references=("graph:appmanagementpolicyactorexemptions", "graph:applicationauthenticationmethodpolicy"),
    bad=(
        Bad(_first(excludeActors=_EXEMPT), at=f"{_LIST}/0/excludeActors"),
        Bad({"defaultAppManagementPolicy": {"applicationRestrictions": {"identifierUris": {"nonDefaultUriAddition": {"excludeActors": _EXEMPT}}}}}, at=f"{_AT}/{_URIS}/nonDefaultUriAddition/excludeActors"),
    ),
    good=(
        Good(_first(excludeActors={"customSecurityAttributes": []}), why="an empty list exempts nobody"),
        Good(_first(excludeActors=_EXEMPT, state="disabled"), why="there is nothing to be exempt from"),
    ),
    base="tenant",
)  # fmt: skip
def exempt_callers(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Users or applications with a security attribute are exempt from the app management policy.

    Why: Whoever may set the attribute lifts the restriction, for himself too, and the policy still looks as if it held.
    Fix: Take the exemption away, or see to it that Attribute Assignment Administrators alone set the attribute.
    """
    found = [
        (f"{one.pointer}/excludeActors", WORDS.get(one.kind, one.kind), one.entry.exclude_actors)
        for one in _held(tenant)
    ]
    found += [
        (f"{_AT}/{_URIS}/{kind}/excludeActors", "identifier URIs", entry.exclude_actors)
        for kind, entry in _uris(tenant).items()
    ]
    exempt = [(pointer, words, names) for pointer, words, actors in found if (names := _names(actors))]
    if exempt:
        pointer, names = exempt[0][0], exempt[0][2]
        kinds = ", ".join(dict.fromkeys(words for _, words, _ in exempt))
        because = tuple(Because(other, more) for other, _, more in exempt[1:])
        says = f"exempts who has the attribute {names} from the restriction of {kinds}"
        yield Hit(pointer=pointer, message=says, because=because)


def _names(actors: object) -> str:
    if not isinstance(actors, ActorExemptions):
        return ""
    return ", ".join(f"{one.id} {one.operator} {one.value}" for one in actors.custom_security_attributes or ())


def _uris(tenant: Tenant) -> dict[str, IdentifierUriRestriction]:
    """The restrictions of identifier URIs that the default policy holds people to."""
    policy = tenant.default_app_management_policy
    if not policy or policy.is_enabled is not True or not policy.application_restrictions:
        return {}
    uris = policy.application_restrictions.identifier_uris
    if not uris:
        return {}
    both = (uris.non_default_uri_addition, uris.uri_addition_without_unique_tenant_identifier)
    return {kind: one for kind, one in zip(_URI_KINDS, both, strict=True) if one and state(one.state)}


_WEAK: Final[dict[str, Any]] = {
    "id": "66666666-6666-4666-8666-666666666660",
    "displayName": "Old build servers",
    "isEnabled": True,
    "restrictions": {"passwordCredentials": [{"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P730D"}], "keyCredentials": [], "applicationRestrictions": None},
    "appliesTo": [{"@odata.type": "#microsoft.graph.application", "id": "a"}, {"@odata.type": "#microsoft.graph.application", "id": "b"}],
}  # fmt: skip
_STRICT: Final = {**clean_tenant()["defaultAppManagementPolicy"]["applicationRestrictions"]}
_NAMED: Final = "/appManagementPolicies/0/displayName"


@rule(
    "weaker-app-management-policy", on="tenant",
    severity="low",
    needs=("appManagementPolicies", *NEEDS, *_URI_STATES),
    checks=("TP-12",),
    references=("graph:applicationauthenticationmethodpolicy", "graph:appmanagementpolicy"),
    bad=(
        Bad({"appManagementPolicies": [_WEAK]}, at=_NAMED),
        Bad({"appManagementPolicies": [{**_WEAK, "isEnabled": False}]}, at=_NAMED),
        Bad({"appManagementPolicies": [{name: value for name, value in _WEAK.items() if name != "appliesTo"}]}, at=_NAMED),
    ),
    good=(
        Good({"appManagementPolicies": [{**_WEAK, "appliesTo": []}]}, why="it is assigned to nothing"),
        Good({"appManagementPolicies": [{**_WEAK, "restrictions": {"passwordCredentials": _STRICT["passwordCredentials"], "keyCredentials": _STRICT["keyCredentials"], "applicationRestrictions": {"identifierUris": _STRICT["identifierUris"]}}}]}, why="it is as strict as the default"),
        Good({"appManagementPolicies": [_WEAK], "defaultAppManagementPolicy": {"isEnabled": False, "applicationRestrictions": None, "servicePrincipalRestrictions": None}}, why="nothing holds that it could be weaker than"),
    ),
    base="tenant",
)  # fmt: skip
def weaker_app_management_policy(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Applications have an app management policy of their own that is weaker than the default.

    Why: It replaces the default for them, whole: what it does not restrict is not restricted.
    Fix: Repeat in it what the default restricts, but for what these applications cannot do without, and review each year
        who still needs it.
    """
    for index, policy in enumerate(tenant.app_management_policies or ()):
        if policy.applies_to is None or policy.applies_to == ():
            continue
        sides = _sides(policy)
        held = [one for one in _held(tenant) if one.side in sides]
        uris = _uris(tenant) if "applications" in sides else {}
        if not held and not uris:
            continue
        pointer = f"/appManagementPolicies/{index}"
        says = f"has a policy for {_applications(policy)} that "
        if policy.is_enabled is False:
            yield Hit(pointer=f"{pointer}/displayName", message=f"{says}is disabled, so that nothing restricts them")
            continue
        lifted = [*_lifted(policy, held), *_lifted_uris(policy, uris)]
        yield from (Gap(f"{pointer}{one.pointer}", message=one.message) for one in lifted if isinstance(one, Gap))
        words = dict.fromkeys(one for one in lifted if isinstance(one, str))
        if words:
            yield Hit(pointer=f"{pointer}/displayName", message=f"{says}lifts restrictions of {', '.join(words)}")


def _applications(policy: AppManagementPolicy) -> str:
    if not policy.applies_to:
        return "20 or more applications"  # the list is unread where it may go on
    return counted(len(policy.applies_to), "application")


def _sides(policy: AppManagementPolicy) -> tuple[Side, ...]:
    """The sides of the default that the policy replaces, by what it is assigned to."""
    kinds = {str(one.odata_type).casefold().endswith("serviceprincipal") for one in policy.applies_to or ()}
    return tuple(
        side for side, is_principal in zip(SIDES, (False, True), strict=True) if not kinds or is_principal in kinds
    )


def _lifted(policy: AppManagementPolicy, held: list[Restriction]) -> Iterator[str | Gap]:
    """What the default restricts and the policy does not, or less; pointers of gaps reach into the policy."""
    own: dict[str, tuple[str, CredentialRestriction]] = {}
    restrictions = policy.restrictions or None
    for group, entries in (
        ("passwordCredentials", restrictions.password_credentials if restrictions else None),
        ("keyCredentials", restrictions.key_credentials if restrictions else None),
    ):
        for index, entry in enumerate(entries or ()):
            own[str(entry.restriction_type)] = f"/restrictions/{group}/{index}", entry
    for one in held:
        if one.kind in ("passwordLifetime", "customPasswordAddition") and _holds(own, "passwordAddition"):
            continue  # who may add no secret has none that is too long
        at, mine = own.get(one.kind, ("", None))
        if mine is not None and state(mine.state) is None:
            yield Gap(f"{at}/state", message=UNKNOWN_STATE)
        elif mine is None or not state(mine.state):
            yield WORDS.get(one.kind, one.kind)
        elif one.kind.endswith("Lifetime"):
            ours, theirs = duration(mine.max_lifetime), duration(one.entry.max_lifetime)
            if ours is None:
                yield Gap(f"{at}/maxLifetime", message="no length of time stands there, such as P180D")
            elif ours > (theirs or timedelta.max):
                yield WORDS.get(one.kind, one.kind)


def _lifted_uris(policy: AppManagementPolicy, uris: dict[str, IdentifierUriRestriction]) -> Iterator[str]:
    """The same for identifier URIs."""
    own = policy.restrictions.application_restrictions if policy.restrictions else None
    if own is UNSET or (own and own.identifier_uris is UNSET):
        return  # nobody read them
    found = own.identifier_uris if own else None
    both = (
        (found.non_default_uri_addition, found.uri_addition_without_unique_tenant_identifier) if found else (None, None)
    )
    for kind, mine in zip(_URI_KINDS, both, strict=True):
        if kind in uris and (not mine or not state(mine.state)):
            yield "identifier URIs"


def _holds(own: dict[str, tuple[str, CredentialRestriction]], kind: str) -> bool:
    return kind in own and state(own[kind][1].state) is True
