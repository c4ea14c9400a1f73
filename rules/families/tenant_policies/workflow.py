"""How users request consent from an administrator, and whether risky consent is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.consents import ASSIGNED, EXTERNAL_TENANT, for_themselves, is_wide, may_consent, setting
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.policies import AdminConsentRequestPolicy, AuthorizationPolicy
from rules.model.tenant import Tenant
from rules.primitives.texts import counted

_AT: Final = "/adminConsentRequestPolicy"
_OFF: Final = {"adminConsentRequestPolicy": {"isEnabled": False}}
_OPEN: Final = {
    "authorizationPolicy": {
        "defaultUserRolePermissions": {
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"]
        }
    }
}


@rule(
    "no-admin-consent-workflow",
    on="tenant",
    severity="medium",
    needs=(ASSIGNED,),
    needs_all=("adminConsentRequestPolicy.isEnabled",),
    checks=("TP-03",),
    references=(
        "entra:configure-admin-consent-workflow",
        "entra:concept-supported-features-customers",
        "graph:adminconsentrequestpolicy",
        "web:scuba-entra#5.3",
        "web:zta-21809",
    ),
    bad=(
        Bad(_OFF, at=f"{_AT}/isEnabled"),
        Bad({**_OFF, **_OPEN}, at=f"{_AT}/isEnabled", expected_rules=("unrestricted-user-consent",)),
    ),
    good=Good({}, why="users can request consent from an administrator"),
    base="tenant",
)
def no_admin_consent_workflow(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The admin consent workflow is turned off.

    Why: Users cannot request an application that needs an administrator's consent, so no reviewer evaluates it. Users
        may look for workarounds that are harder to monitor, such as personal accounts.
    Acceptable: The workflow is not needed if users request applications in another way, such as a ticket, and an
        administrator reviews them.
    Fix: Set isEnabled to true, and name reviewers who may grant admin consent. Being a reviewer gives no permission to
        consent.
    """
    policy = tenant.admin_consent_request_policy
    if policy and policy.is_enabled is False and tenant.is_external:
        yield Gap(f"{_AT}/isEnabled", *EXTERNAL_TENANT)
    elif policy and policy.is_enabled is False:
        # Open user consent does not lower it: permissions that need an administrator cannot be requested either way.
        closed = "" if may_consent(tenant) else "; users cannot consent for themselves"
        yield Hit(
            pointer=f"{_AT}/isEnabled",
            message=f"has the admin consent workflow turned off{closed}",
        )


#: Days: what EIDSCA.CR04 recommends, and, by our own choice, the working days of a week.
_LONGEST: Final = 30
_SHORTEST: Final = 5


_CONSENT_REQUESTS_WITHOUT_REVIEWER_BAD: Final = (
    Bad({"adminConsentRequestPolicy": {"reviewers": []}}, at=f"{_AT}/reviewers"),
    Bad({"adminConsentRequestPolicy": {"notifyReviewers": False}}, at=f"{_AT}/notifyReviewers"),
    Bad({"adminConsentRequestPolicy": {"remindersEnabled": False}}, at=f"{_AT}/remindersEnabled", severity="info"),
    Bad(
        {"adminConsentRequestPolicy": {"requestDurationInDays": 60}},
        at=f"{_AT}/requestDurationInDays",
        severity="info",
    ),
    Bad(
        {"adminConsentRequestPolicy": {"requestDurationInDays": 1}},
        at=f"{_AT}/requestDurationInDays",
        severity="info",
    ),
)


@rule(
    "consent-requests-without-reviewer",
    on="tenant",
    severity="low",
    may_be=("info",),
    needs=(
        "adminConsentRequestPolicy.isEnabled",
        "adminConsentRequestPolicy.reviewers",
        "adminConsentRequestPolicy.notifyReviewers",
        "adminConsentRequestPolicy.remindersEnabled",
        "adminConsentRequestPolicy.requestDurationInDays",
    ),
    checks=("TP-04",),
    references=(
        "entra:configure-admin-consent-workflow",
        "graph:adminconsentrequestpolicy",
        "web:maester-eidsca-cr04",
    ),
    bad=_CONSENT_REQUESTS_WITHOUT_REVIEWER_BAD,
    good=(
        Good(
            {
                "adminConsentRequestPolicy": {
                    "isEnabled": False,
                    "reviewers": [],
                    "notifyReviewers": False,
                    "requestDurationInDays": 0,
                }
            },
            why="no-admin-consent-workflow reports a workflow that is turned off",
        ),
        Good({"adminConsentRequestPolicy": {"requestDurationInDays": 5}}),
    ),
    base="tenant",
)
def consent_requests_without_reviewer(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Consent requests may expire or stay without an answer.

    Why: Without reviewers, requests may not be answered. A reviewer who is not notified can miss a request. EIDSCA
        recommends that requests expire after 30 days. grantlint reports requests that expire after more than 30 days or
        less than 5 days.
    Acceptable: Missing notifications are acceptable if reviewers check the list of requests without email. Your
        organization can choose another expiry for consent requests.
    Fix: Name reviewers. Set notifyReviewers and remindersEnabled to true, and requestDurationInDays to a value from 5
        to 30.
    """
    policy = tenant.admin_consent_request_policy
    if not policy or policy.is_enabled is not True:
        return
    hits = tuple(_unanswered(policy))
    if hits and tenant.is_external:
        yield Gap(hits[0].pointer, *EXTERNAL_TENANT)
    else:
        yield from hits


def _unanswered(policy: AdminConsentRequestPolicy) -> Iterator[Hit]:
    """Why requests may stay without an answer, by the settings of a workflow that is turned on."""
    if policy.reviewers is None or policy.reviewers == ():
        yield Hit(pointer=f"{_AT}/reviewers", message="has no reviewers for consent requests")
    if policy.notify_reviewers is False:
        yield Hit(pointer=f"{_AT}/notifyReviewers", message="does not notify reviewers of new consent requests")
    if policy.reminders_enabled is False:
        says = "does not remind reviewers of consent requests that are about to expire"
        yield Hit(pointer=f"{_AT}/remindersEnabled", message=says, severity="info")
    days = policy.request_duration_in_days
    if isinstance(days, int) and not _SHORTEST <= days <= _LONGEST:
        limit = f"the maximum is {_LONGEST}" if days > _LONGEST else f"the minimum is {_SHORTEST}"
        says = f"has consent requests that expire after {counted(days, 'day')}; {limit}"
        yield Hit(pointer=f"{_AT}/requestDurationInDays", message=says, severity="info")


_ALLOW: Final = "allowUserConsentForRiskyApps"
_BLOCK: Final = "BlockUserConsentForRiskyApps"
_RISKY: Final = f"/authorizationPolicy/{_ALLOW}"
_VALUE: Final = "/settings/0/values/0/value"


def _blocked(value: str) -> dict[str, object]:
    values = [
        {"name": _BLOCK, "value": value},
        {"name": "EnableGroupSpecificConsent", "value": "false"},
    ]
    return {"settings": [{"id": "s", "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a", "values": values}]}


_RISKY_BAD: Final = (
    Bad(
        {"authorizationPolicy": {"allowUserConsentForRiskyApps": True, **_OPEN["authorizationPolicy"]}},
        at=_RISKY,
        expected_rules=("unrestricted-user-consent",),
    ),
    Bad({"authorizationPolicy": {"allowUserConsentForRiskyApps": True}}, at=_RISKY, severity="low"),
    Bad(_blocked("False"), at=_VALUE, severity="low"),
    Bad(
        {**_blocked("false"), "authorizationPolicy": {"allowUserConsentForRiskyApps": True}},
        at=_RISKY,
        severity="low",
    ),
    Bad(
        {**_blocked("True"), "authorizationPolicy": {"allowUserConsentForRiskyApps": True}},
        at=_RISKY,
        severity="low",
    ),
)


@rule(
    "risky-consent-allowed",
    on="tenant",
    severity="medium",
    may_be=("low",),
    needs=("authorizationPolicy.allowUserConsentForRiskyApps", "settings"),
    needs_all=(ASSIGNED,),
    checks=("TP-06",),
    references=("entra:configure-risk-based-step-up-consent", "graph:authorizationpolicy"),
    bad=_RISKY_BAD,
    good=(
        Good(
            {"authorizationPolicy": {"allowUserConsentForRiskyApps": None}},
            why="risk-based step-up consent is on by default",
        ),
        Good({"settings": []}, why="risk-based step-up consent is on by default"),
        Good(_blocked("True")),
    ),
    base="tenant",
)
def risky_consent_allowed(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Users may consent to requests that Microsoft detects as risky.

    Why: A request is risky, for example, if a new multitenant application without a verified publisher needs more than
        basic permissions. For a risky request, risk-based step-up consent requires an administrator, unless a setting
        turns it off. No document says which of the two settings decides if they differ.
    Acceptable: The setting is acceptable if users cannot consent for themselves. The setting then changes nothing.
    Fix: Set allowUserConsentForRiskyApps to false. If Consent Policy Settings contain BlockUserConsentForRiskyApps, set
        it to true.
    """
    policy = tenant.authorization_policy
    allowed = isinstance(policy, AuthorizationPolicy) and policy.allow_user_consent_for_risky_apps is True
    found = setting(tenant, _BLOCK)
    if found is not None and found[0] not in ("true", "false"):
        yield Gap(found[1], message=f"{_BLOCK} is neither true nor false")
        found = None
    off = found[1] if found is not None and found[0] == "false" else ""
    if not allowed and not off:
        return
    other = ""
    if allowed and found is not None and not off:
        other = f"{_BLOCK} is true"
    elif not allowed and policy and policy.allow_user_consent_for_risky_apps is False:
        other = f"{_ALLOW} is false"
    wide = is_wide(tenant)
    says = f"{'may allow' if other else 'allows'} users to consent to applications that Microsoft detects as risky"
    says += f"; {other}" if other else ""
    if not wide:
        says += "; user consent is limited today" if for_themselves(tenant) else "; users cannot consent today"
    severity: Severity = "medium" if wide else "low"
    if allowed:
        because = (Because(found[1], f"is {found[0]}"),) if found is not None else ()
        yield Hit(pointer=_RISKY, message=says, severity=severity, set_to=False, because=because)
    else:
        because = (Because(_RISKY, "is false"),) if other else ()
        yield Hit(pointer=off, message=says, severity=severity, because=because)
