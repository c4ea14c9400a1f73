"""How people ask an administrator for consent, and what stops them where an application is risky."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.consents import ASSIGNED, for_themselves, is_wide, setting
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.reference import graph, learn, scuba
from rules.model.finding import Because, Hit, Severity
from rules.model.policies import AuthorizationPolicy
from rules.model.tenant import Tenant
from rules.primitives.texts import counted

_WORKFLOW: Final = learn("entra/identity/enterprise-apps/configure-admin-consent-workflow", "Admin consent workflow")
_REQUESTS: Final = graph("resources/adminconsentrequestpolicy", "adminConsentRequestPolicy")
_AT: Final = "/adminConsentRequestPolicy"
_OFF: Final = {"adminConsentRequestPolicy": {"isEnabled": False}}
_OPEN: Final = {"authorizationPolicy": {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"]}}}  # fmt: skip


@rule(
    "no-admin-consent-workflow",
    on="tenant",
    severity="low",
    may_be=("info",),
    needs_all=("adminConsentRequestPolicy.isEnabled", ASSIGNED),
    checks=("TP-03",),
    references=(_WORKFLOW, _REQUESTS, scuba("5.3")),
    bad=(
        Bad(_OFF, at=f"{_AT}/isEnabled"),
        Bad({**_OFF, **_OPEN}, at=f"{_AT}/isEnabled", severity="info", expected_rules=("open-user-consent",)),
    ),
    good=Good({}, why="they ask, and somebody answers"),
    base="tenant",
)
def no_admin_consent_workflow(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """People cannot ask an administrator for consent to an application.

    Why: Who may not consent and has no way to ask finds one past you, and an administrator who is rung up consents in
        haste, for everybody.
    Fix: Switch admin consent requests on and name reviewers who know applications.
    """
    policy = tenant.admin_consent_request_policy
    if policy and policy.is_enabled is False:
        # Nobody gains anything by it; it hurts most where members may consent to nothing by themselves.
        closed = not for_themselves(tenant)
        says = "gives people no way to ask for consent" + (", and lets them consent to nothing" if closed else "")
        yield Hit(pointer=f"{_AT}/isEnabled", message=says, severity="low" if closed else "info")


#: Days. What CISA's and Microsoft's checklists ask for (EIDSCA.CR04), and a week with a holiday in it.
_LONGEST: Final = 30
_SHORTEST: Final = 5


@rule(
    "unattended-consent-requests", on="tenant",
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
    references=(_WORKFLOW, _REQUESTS),
    bad=(
        Bad({"adminConsentRequestPolicy": {"reviewers": []}}, at=f"{_AT}/reviewers"),
        Bad({"adminConsentRequestPolicy": {"notifyReviewers": False}}, at=f"{_AT}/notifyReviewers"),
        Bad({"adminConsentRequestPolicy": {"remindersEnabled": False}}, at=f"{_AT}/remindersEnabled", severity="info"),
        Bad({"adminConsentRequestPolicy": {"requestDurationInDays": 60}}, at=f"{_AT}/requestDurationInDays", severity="info"),
        Bad({"adminConsentRequestPolicy": {"requestDurationInDays": 1}}, at=f"{_AT}/requestDurationInDays", severity="info"),
    ),
    good=(
        Good({"adminConsentRequestPolicy": {"isEnabled": False, "reviewers": [], "notifyReviewers": False, "requestDurationInDays": 0}}, why="it is off, which no-admin-consent-workflow says"),
        Good({"adminConsentRequestPolicy": {"requestDurationInDays": 5}}),
    ),
    base="tenant",
)  # fmt: skip
def unattended_consent_requests(tenant: Tenant, _: Context) -> Iterator[Hit]:
    """Requests for consent reach nobody, or end before anybody looks, or lie about for long.

    Why: A request that nobody sees is a person who finds another way; one that lies about for months is approved by
        somebody who no longer knows why it was made.
    Fix: Name reviewers, notify and remind them, and let requests end after 5 to 30 days.
    """
    policy = tenant.admin_consent_request_policy
    if not policy or policy.is_enabled is not True:
        return
    if policy.reviewers is None or policy.reviewers == ():
        yield Hit(pointer=f"{_AT}/reviewers", message="names nobody who answers requests for consent")
    if policy.notify_reviewers is False:
        yield Hit(pointer=f"{_AT}/notifyReviewers", message="tells reviewers nothing of new requests for consent")
    if policy.reminders_enabled is False:
        says = "reminds nobody of requests for consent that are about to end"
        yield Hit(pointer=f"{_AT}/remindersEnabled", message=says, severity="info")
    days = policy.request_duration_in_days
    if isinstance(days, int) and not _SHORTEST <= days <= _LONGEST:
        says = f"lets requests for consent end after {counted(days, 'day')}"
        yield Hit(pointer=f"{_AT}/requestDurationInDays", message=says, severity="info")


_RISKY: Final = "/authorizationPolicy/allowUserConsentForRiskyApps"
_VALUE: Final = "/settings/0/values/0/value"


def _blocked(value: str) -> dict[str, object]:
    values = [{"name": "BlockUserConsentForRiskyApps", "value": value}, {"name": "EnableGroupSpecificConsent", "value": "false"}]  # fmt: skip
    return {"settings": [{"id": "s", "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a", "values": values}]}


@rule(
    "risky-consent-not-stopped", on="tenant",
    severity="medium",
    may_be=("low",),
    needs=("authorizationPolicy.allowUserConsentForRiskyApps", "settings"),
    needs_all=(ASSIGNED,),
    checks=("TP-06",),
    references=(
        learn("entra/identity/enterprise-apps/configure-risk-based-step-up-consent", "Risk-based step-up consent"),
        graph("resources/authorizationpolicy", "authorizationPolicy"),
    ),
    bad=(
        Bad({"authorizationPolicy": {"allowUserConsentForRiskyApps": True, **_OPEN["authorizationPolicy"]}}, at=_RISKY, expected_rules=("open-user-consent",)),
        Bad({"authorizationPolicy": {"allowUserConsentForRiskyApps": True}}, at=_RISKY, severity="low"),
        Bad(_blocked("False"), at=_VALUE, severity="low"),
        Bad({**_blocked("false"), "authorizationPolicy": {"allowUserConsentForRiskyApps": True}}, at=_RISKY, severity="low"),
    ),
    good=(
        Good({"authorizationPolicy": {"allowUserConsentForRiskyApps": None}}, why="it is on where nobody set it"),
        Good({"settings": []}, why="it is on where nobody set it"),
        Good(_blocked("True")),
    ),
    base="tenant",
)  # fmt: skip
def risky_consent_not_stopped(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """Members may consent even where Microsoft takes the request for risky.

    Why: A new client without a verified publisher that wants more than a sign-in is how consent is phished; the step
        to an administrator is what stops it.
    Fix: Set allowUserConsentForRiskyApps to false, and BlockUserConsentForRiskyApps to true in the settings for
        consent.
    """
    policy = tenant.authorization_policy
    allowed = isinstance(policy, AuthorizationPolicy) and policy.allow_user_consent_for_risky_apps is True
    found = setting(tenant, "BlockUserConsentForRiskyApps")
    if found is not None and found[0] not in ("true", "false"):
        yield Gap(found[1], message="BlockUserConsentForRiskyApps is neither true nor false")
        found = None
    off = found[1] if found is not None and found[0] == "false" else ""
    if not allowed and not off:
        return
    wide = is_wide(tenant)
    idle = "" if wide else "; members may consent to little today"
    says = f"lets members consent to applications that Microsoft takes for risky{idle}"
    severity: Severity = "medium" if wide else "low"
    if allowed:
        because = (Because(off, "BlockUserConsentForRiskyApps"),) if off else ()
        yield Hit(pointer=_RISKY, message=says, severity=severity, set_to=False, because=because)
    else:
        yield Hit(pointer=off, message=says, severity=severity)
