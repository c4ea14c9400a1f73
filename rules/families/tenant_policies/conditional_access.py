"""What Conditional Access says of single grants: device codes, and clients without a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.reference import graph, learn, rfc, scuba
from rules.model.finding import Hit
from rules.model.policies import ConditionalAccessConditions, ConditionalAccessPolicy
from rules.model.tenant import Tenant

_NEEDS: Final = ("conditionalAccessPolicies",)
_AT: Final = "/conditionalAccessPolicies"
_STATES: Final = frozenset(("enabled", "disabled", "enabledforreportingbutnotenforced"))
_FLOWS: Final = graph("resources/conditionalaccessauthenticationflows", "conditionalAccessAuthenticationFlows")
_BLOCK: Final = learn(
    "entra/identity/conditional-access/policy-block-authentication-flows", "Block authentication flows"
)

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
_ALSO: Final = ("workload-identities-without-conditional-access",)


def _policies(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"conditionalAccessPolicies": list(policies)}


def _narrowed(**conditions: Any) -> dict[str, Any]:
    return _policies({**_DEVICE, "conditions": {**_DEVICE["conditions"], **conditions}})


@rule(
    "device-code-grant-open", on="tenant",
    severity="high",
    may_be=("medium",),
    needs_all=_NEEDS,
    checks=("TP-15",),
    references=(_BLOCK, _FLOWS, rfc(8628, "5.4"), scuba("3.9")),
    bad=(
        Bad(_policies({**_DEVICE, "state": "disabled"}), at=_AT, expected_rules=_ALSO),
        Bad(_policies(), at=_AT, expected_rules=_ALSO),
        Bad(_policies({**_DEVICE, "state": "enabledForReportingButNotEnforced"}), at=f"{_AT}/0/state", expected_rules=_ALSO),
        Bad(_narrowed(users={"includeGroups": ["g"]}), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
        Bad(_narrowed(applications={"includeApplications": ["Office365"]}), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
        Bad(_narrowed(signInRiskLevels=["high"]), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
        Bad(_policies({**_DEVICE, "grantControls": {"builtInControls": ["mfa"]}}), at=f"{_AT}/0/displayName", severity="medium", expected_rules=_ALSO),
    ),
    good=(
        Good(_narrowed(authenticationFlows={"transferMethods": "deviceCodeFlow,authenticationTransfer"})),
        Good(_narrowed(users={"includeUsers": ["All"], "excludeGroups": ["break-glass"]}, locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}), why="exceptions for meeting rooms and emergencies are what Microsoft advises"),
    ),
    base="tenant",
)  # fmt: skip
def device_code_grant_open(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Conditional Access does not block the device code grant.

    Why: An attacker starts the grant and sends his code to a person, who types it in on Microsoft's own page and
        signs in, second factor and all; the tokens go to the attacker. Any public client of Microsoft's will do, so
        no registration can stop it.
    Fix: Block device codes for all users and all resources under Authentication flows, with exceptions for the
        devices that need them. Run the policy in report-only mode first. Conditional Access takes a licence for Entra
        ID P1.
    """
    parts: list[tuple[int, str]] = []
    reported: int | None = None
    for index, policy in enumerate(tenant.conditional_access_policies or ()):
        if not _is_for_device_codes(policy):
            continue
        state = str(policy.state).casefold()
        if state not in _STATES:
            yield Gap(f"{_AT}/{index}/state", message="its state is none that is known")
            return
        if state == "enabledforreportingbutnotenforced":
            reported = index if reported is None else reported
        elif state == "enabled":
            less = next(_shortfalls(policy), "")
            if not less:
                return
            parts.append((index, less))
    if parts:
        index, less = parts[0]
        yield Hit(pointer=f"{_AT}/{index}/displayName", message=less, severity="medium")
    elif reported is not None:
        yield Hit(pointer=f"{_AT}/{reported}/state", message="reports the device code grant, and blocks it for nobody")
    else:
        yield Hit(pointer=_AT, message="lets everybody sign in with a device code")


def _is_for_device_codes(policy: ConditionalAccessPolicy) -> bool:
    flows = policy.conditions.authentication_flows if policy.conditions else None
    methods = flows.transfer_methods if flows else None
    return isinstance(methods, str) and "devicecodeflow" in {one.strip().casefold() for one in methods.split(",")}


def _shortfalls(policy: ConditionalAccessPolicy) -> Iterator[str]:
    """How the policy falls short of blocking for all. Exclusions are somebody's decision, and Microsoft advises some."""
    controls = policy.grant_controls.built_in_controls if policy.grant_controls else None
    if "block" not in _lower(controls):
        yield "asks more of sign-ins with a device code, and does not block them"
    conditions = policy.conditions or ConditionalAccessConditions()
    users, applications = conditions.users or None, conditions.applications or None
    places, platforms = conditions.locations or None, conditions.platforms or None
    chosen = conditions.devices.device_filter if conditions.devices else None
    kinds = _lower(conditions.client_app_types)
    narrow = {
        "for some users": "all" not in _lower(users.include_users if users else None),
        "for some resources": "all" not in _lower(applications.include_applications if applications else None),
        "where a sign-in is risky": bool(conditions.sign_in_risk_levels or conditions.user_risk_levels),
        "from some places": bool(places) and "all" not in _lower(places.include_locations if places else None),
        "on some platforms": bool(platforms)
        and "all" not in _lower(platforms.include_platforms if platforms else None),
        "on some devices": bool(chosen) and str(chosen.mode if chosen else "").casefold() == "include",
        "for some kinds of clients": bool(kinds) and kinds.isdisjoint(("all", "mobileappsanddesktopclients")),
    }
    yield from (f"blocks the device code grant {words} alone" for words, holds in narrow.items() if holds)


def _lower(texts: object) -> frozenset[str]:
    return frozenset(text.casefold() for text in texts) if isinstance(texts, tuple) else frozenset()


@rule(
    "workload-identities-without-conditional-access",
    on="tenant",
    severity="info",
    status="preview",
    needs_all=_NEEDS,
    checks=("TP-16",),
    references=(
        learn("entra/identity/conditional-access/workload-identity", "Conditional Access for workload identities"),
        graph("resources/conditionalaccessclientapplications", "conditionalAccessClientApplications"),
    ),
    bad=(
        Bad(_policies(_DEVICE), at=_AT),
        Bad(_policies(_DEVICE, {**_WORKLOADS, "state": "disabled"}), at=_AT),
    ),
    good=Good(_policies(_DEVICE, _WORKLOADS)),
    base="tenant",
)
def workload_identities_without_conditional_access(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """No Conditional Access policy holds for applications that sign in by themselves.

    Why: A secret that got out works from anywhere. Where from, and how risky, is asked of people alone.
    Fix: With the licence for workload identities, block service principals outside the places that they run in.
    """
    # Tools take any such policy for one that looks at risk. Whether by place or by risk is the organisation's to
    # choose: what is told here is that there is none at all.
    policies = tenant.conditional_access_policies or ()
    if not any(str(policy.state).casefold() == "enabled" and _is_for_workloads(policy) for policy in policies):
        yield Hit(pointer=_AT, message="has no Conditional Access for applications that sign in by themselves")


def _is_for_workloads(policy: ConditionalAccessPolicy) -> bool:
    clients = policy.conditions.client_applications if policy.conditions else None
    included = (clients.include_service_principals if clients else None) or ()
    return any(text.casefold() != "none" for text in included)
