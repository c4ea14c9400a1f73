"""How Conditional Access restricts the device code grant, and applications without a user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import UnsetType

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit
from rules.model.policies import (
    ConditionalAccessConditions,
    ConditionalAccessFilter,
    ConditionalAccessPolicy,
    ConditionalAccessUsers,
)
from rules.model.tenant import Tenant

_NEEDS: Final = ("conditionalAccessPolicies",)
_AT: Final = "/conditionalAccessPolicies"
_UNKNOWN: Final = "its state is unknown"
_STATES: Final = frozenset(("enabled", "disabled", "enabledforreportingbutnotenforced"))

_DEVICE: Final[dict[str, Any]] = {
    "displayName": "Block device code",
    "state": "enabled",
    "conditions": {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "authenticationFlows": {"transferMethods": "deviceCodeFlow"},
    },
    "grantControls": {"operator": "OR", "builtInControls": ["block"]},
}
_WORKLOADS: Final[dict[str, Any]] = {
    "displayName": "Block workloads elsewhere",
    "state": "enabled",
    "conditions": {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}},
    "grantControls": {"operator": "OR", "builtInControls": ["block"]},
}
_FILTERED: Final = {
    "includeServicePrincipals": [],
    "servicePrincipalFilter": {"mode": "include", "rule": 'CustomSecurityAttribute.Apps_Kind -eq "batch"'},
}
_ALSO: Final = ("workload-identities-without-conditional-access",)


def _policies(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"conditionalAccessPolicies": list(policies)}


def _over(users: dict[str, Any]) -> dict[str, Any]:
    return {**_DEVICE, "conditions": {**_DEVICE["conditions"], "users": users}}


def _narrowed(**conditions: Any) -> dict[str, Any]:
    return _policies({**_DEVICE, "conditions": {**_DEVICE["conditions"], **conditions}})


_DEVICE_CODE_FLOW_ALLOWED_BAD: Final = (
    Bad(_policies({**_DEVICE, "state": "disabled"}), at=_AT, expected_rules=_ALSO),
    Bad(_policies(), at=_AT, expected_rules=_ALSO),
    Bad(
        _policies({**_DEVICE, "state": "enabledForReportingButNotEnforced"}),
        at=f"{_AT}/0/state",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(users={"includeGroups": ["g"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(applications={"includeApplications": ["Office365"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(applications={"includeApplications": ["All"], "excludeApplications": ["Office365"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(users={"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(users={"includeUsers": ["All"], "excludeRoles": ["62e90394-69f5-4237-9190-012177145e10"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(
        _narrowed(platforms={"includePlatforms": ["all"], "excludePlatforms": ["windows"]}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(_narrowed(insiderRiskLevels="elevated"), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
    Bad(_narrowed(signInRiskLevels=["high"]), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
    Bad(
        _policies({**_DEVICE, "grantControls": {"builtInControls": ["mfa"]}}),
        at=f"{_AT}/0/displayName",
        expected_rules=_ALSO,
    ),
    Bad(
        _policies({**_DEVICE, "grantControls": {"builtInControls": ["compliantDevice"]}}),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
    Bad(_narrowed(users={"includeUsers": ["None"]}), at=_AT, expected_rules=_ALSO),
    Bad(
        _policies(
            _over({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}),
            _over({"includeGroups": ["g"]}),
        ),
        at=f"{_AT}/0/displayName",
        severity="medium",
        expected_rules=_ALSO,
    ),
)

_DEVICE_CODE_FLOW_ALLOWED_GOOD: Final = (
    Good(_narrowed(authenticationFlows={"transferMethods": "deviceCodeFlow,authenticationTransfer"})),
    Good(
        _narrowed(
            users={"includeUsers": ["All"], "excludeGroups": ["break-glass"]},
            locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        ),
        why="Microsoft recommends an exception for emergency accounts",
    ),
    Good(
        _policies(
            _over({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}),
            _over({"includeUsers": ["GuestsOrExternalUsers"]}),
        ),
        why="one policy blocks all users without guests, another one guests",
    ),
)


@rule(
    "device-code-flow-allowed",
    on="tenant",
    severity="high",
    may_be=("medium",),
    needs_all=_NEEDS,
    checks=("TP-15",),
    references=(
        "entra:policy-block-authentication-flows",
        "entra:conditional-access",
        "graph:conditionalaccessauthenticationflows",
        "entra:v2-oauth2-device-code",
        "rfc:8628#5.4",
        "web:scuba-entra#3.9",
    ),
    bad=_DEVICE_CODE_FLOW_ALLOWED_BAD,
    good=_DEVICE_CODE_FLOW_ALLOWED_GOOD,
    base="tenant",
)
def device_code_flow_allowed(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Device code flow is not blocked for all users and resources.

    Why: An attacker starts device code flow and sends the code to a user. The user enters the code on Microsoft's page,
        and signs in with multifactor authentication. The attacker then receives the user's tokens.
    Acceptable: Device code flow is acceptable for users who need it. Exclude only these users from the policy, and
        review the exclusions regularly.
    Fix: Create a Conditional Access policy that blocks device code flow for all users and all resources. Exclude only
        emergency access accounts and users who need device code flow. Start in report-only mode. Conditional Access
        requires Microsoft Entra ID P1.
    """
    parts: list[tuple[int, str]] = []
    unknown: list[Gap] = []
    reported: int | None = None
    for index, policy in enumerate(tenant.conditional_access_policies or ()):
        if not _is_for_device_codes(policy):
            continue
        state = str(policy.state).casefold()
        if state not in _STATES:
            unknown.append(Gap(f"{_AT}/{index}/state", message=_UNKNOWN))
        elif state == "enabledforreportingbutnotenforced":
            reported = index if reported is None else reported
        elif state == "enabled":
            less = next(_shortfalls(policy), "")
            if not less:
                return
            parts.append((index, less))
    if unknown:
        yield from unknown[:1]
    elif parts:
        # Several policies may cover all users and resources together. That depends on groups, which are not read.
        blocking = [index for index, less in parts if less != _NO_BLOCK]
        policies = tenant.conditional_access_policies or ()
        if _is_whole([policies[index] for index in blocking]):
            return
        index, less = next((part for part in parts if part[0] in blocking), parts[0])
        says = (
            f"has no single policy that blocks device code flow for all; {len(blocking)} policies block parts of "
            f"device code flow"
        )
        because = tuple(Because(f"{_AT}/{part}/displayName", why) for part, why in parts if part != index)
        yield Hit(
            pointer=f"{_AT}/{index}/displayName",
            message=says if len(blocking) > 1 else less,
            severity="medium" if blocking or any(_needs_device(policies[part]) for part, _ in parts) else "high",
            because=because,
        )
    elif reported is not None:
        yield Hit(
            pointer=f"{_AT}/{reported}/state",
            message="has a report-only policy for device code flow, which blocks nothing",
        )
    else:
        yield Hit(pointer=_AT, message="has no policy that blocks device code flow")


def _is_whole(policies: Sequence[ConditionalAccessPolicy]) -> bool:
    """Whether a policy that blocks all users without guests, or without roles, is completed by one for just these."""
    kinds = [
        (users, frozenset(_lower(users.exclude_users)), _lower(users.exclude_roles))
        for users in (policy.conditions.users for policy in policies if policy.conditions)
        if users
    ]
    if len(kinds) < len(policies) or not all(_differs_in_users_alone(policy) for policy in policies):
        return False
    return any(
        "all" in _lower(users.include_users)
        and not users.exclude_guests_or_external_users
        and any(
            (excluded == {_GUESTS} and not roles and _lower(other.include_users) == {_GUESTS})
            or (not excluded and roles and _lower(other.include_roles) == roles)
            for other, *_ in kinds
            if other is not users and not other.exclude_users and not other.exclude_roles and not other.exclude_groups
        )
        for users, excluded, roles in kinds
    )


def _differs_in_users_alone(policy: ConditionalAccessPolicy) -> bool:
    """Whether a policy blocks device code flow except for some users."""
    conditions = policy.conditions or ConditionalAccessConditions()
    whole = msgspec.structs.replace(conditions, users=ConditionalAccessUsers(include_users=("All",)))
    return next(_shortfalls(msgspec.structs.replace(policy, conditions=whole)), "") == ""


def _needs_device(policy: ConditionalAccessPolicy) -> bool:
    """Whether a policy requires a managed device, which an attacker does not have."""
    controls = policy.grant_controls.built_in_controls if policy.grant_controls else None
    return not _lower(controls).isdisjoint(("compliantdevice", "domainjoineddevice"))


_GUESTS: Final = "guestsorexternalusers"
_NO_BLOCK: Final = "restricts device code flow but does not block it"


def _is_for_device_codes(policy: ConditionalAccessPolicy) -> bool:
    flows = policy.conditions.authentication_flows if policy.conditions else None
    methods = flows.transfer_methods if flows else None
    conditions = policy.conditions or ConditionalAccessConditions()
    users, applications = conditions.users or None, conditions.applications or None
    nothing = {"none"}
    if nothing in (
        _lower(users.include_users if users else None),
        _lower(applications.include_applications if applications else None),
    ):
        return False  # it applies to nothing
    return isinstance(methods, str) and "devicecodeflow" in {one.strip().casefold() for one in methods.split(",")}


def _shortfalls(policy: ConditionalAccessPolicy) -> Iterator[str]:
    """How the policy falls short of blocking the grant for all users and resources.

    Excluded users, groups, locations and devices are accepted: Microsoft recommends excluding emergency access
    accounts, and only the tenant knows which they are. Source: Microsoft, "Block authentication flows with Conditional
    Access policy".
    """
    controls = policy.grant_controls.built_in_controls if policy.grant_controls else None
    if "block" not in _lower(controls):
        yield _NO_BLOCK
    conditions = policy.conditions or ConditionalAccessConditions()
    yield from (f"blocks device code flow only {words}" for words, holds in _limits(conditions).items() if holds)
    excluded = [words for words, holds in _exclusions(conditions).items() if holds]
    if excluded:
        yield f"blocks device code flow, but not for {' and '.join(excluded)}"


def _limits(conditions: ConditionalAccessConditions) -> dict[str, bool]:
    """What a policy could be limited to, and whether it is."""
    users, applications = conditions.users or None, conditions.applications or None
    places, platforms = conditions.locations or None, conditions.platforms or None
    kinds = _lower(conditions.client_app_types)
    risks = (conditions.sign_in_risk_levels, conditions.user_risk_levels, conditions.insider_risk_levels)
    return {
        "for some users": "all" not in _lower(users.include_users if users else None),
        "for some resources": "all" not in _lower(applications.include_applications if applications else None)
        or _mode(applications.application_filter if applications else None) == "include",
        "for risky sign-ins": any(risks),
        "from some locations": bool(places) and "all" not in _lower(places.include_locations if places else None),
        "on some platforms": bool(platforms)
        and "all" not in _lower(platforms.include_platforms if platforms else None),
        "on some devices": _mode(conditions.devices.device_filter if conditions.devices else None) == "include",
        "for some kinds of clients": bool(kinds) and kinds.isdisjoint(("all", "mobileappsanddesktopclients")),
    }


def _exclusions(conditions: ConditionalAccessConditions) -> dict[str, bool]:
    """What a policy should not exclude, and whether it does."""
    users, applications, platforms = conditions.users, conditions.applications, conditions.platforms
    return {
        "excluded resources": bool(applications and applications.exclude_applications)
        or _mode(applications.application_filter if applications else None) == "exclude",
        "guests": _GUESTS in _lower(users.exclude_users if users else None)
        or bool(users and users.exclude_guests_or_external_users),
        "excluded roles": bool(users and users.exclude_roles),
        "excluded platforms": bool(platforms and platforms.exclude_platforms),
    }


def _mode(chosen: ConditionalAccessFilter | UnsetType | None) -> str:
    """Whether a filter includes or excludes; empty where there is none."""
    return str(chosen.mode).casefold() if chosen else ""


def _lower(texts: object) -> frozenset[str]:
    return frozenset(text.casefold() for text in texts) if isinstance(texts, tuple) else frozenset()


@rule(
    "workload-identities-without-conditional-access",
    on="tenant",
    severity="info",
    status="preview",
    needs_all=_NEEDS,
    checks=("TP-16",),
    references=("entra:workload-identity", "graph:conditionalaccessclientapplications", "web:zta-21884"),
    bad=(
        Bad(_policies(_DEVICE), at=_AT),
        Bad(_policies(_DEVICE, {**_WORKLOADS, "state": "disabled"}), at=f"{_AT}/1/state"),
    ),
    good=(
        Good(_policies(_DEVICE, _WORKLOADS)),
        Good(
            _policies(_DEVICE, {**_WORKLOADS, "conditions": {"clientApplications": _FILTERED}}),
            why="the policy includes service principals by a filter",
        ),
    ),
    base="tenant",
)
def workload_identities_without_conditional_access(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """No Conditional Access policy applies to service principals.

    Why: An attacker can use a leaked secret of an application from any location. Policies for users do not apply to
        service principals.
    Acceptable: No policy is needed if your tenant has only managed identities and multitenant applications, which such
        policies do not cover. Without a license for Workload Identities Premium, you cannot create such a policy.
    Fix: With Workload Identities Premium, create a policy that blocks service principals outside of the locations where
        they run. If such a policy exists, turn it on. The policy can apply to single-tenant applications that are
        registered in your tenant.
    """
    # Some tools require a policy by risk. Location or risk is for the organization to choose: this rule reports that
    # there is no policy at all.
    policies = enumerate(tenant.conditional_access_policies or ())
    states = {str(policy.state).casefold(): index for index, policy in policies if _is_for_workloads(policy)}
    unknown = [index for state, index in states.items() if state not in _STATES]
    if "enabled" not in states and unknown:
        yield Gap(f"{_AT}/{unknown[0]}/state", message=_UNKNOWN)
    elif "enabled" not in states:
        index = next(iter(states.values()), None)
        message = f"has {'no' if index is None else 'no enabled'} Conditional Access policy for service principals"
        yield Hit(pointer=_AT if index is None else f"{_AT}/{index}/state", message=message)


def _is_for_workloads(policy: ConditionalAccessPolicy) -> bool:
    clients = policy.conditions.client_applications if policy.conditions else None
    if not clients:
        return False
    included = clients.include_service_principals or ()
    chosen = clients.service_principal_filter
    return any(text.casefold() != "none" for text in included) or bool(
        chosen and _mode(chosen) == "include" and chosen.rule
    )
